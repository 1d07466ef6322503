//! Looks what waits for whom, and sends what there is to send, for as long as the
//! node runs: one mail at a time.
//!
//! Whether a mail may go is asked anew each time: the node is in step again, links
//! that cost money allow it, the person still wants it, something still waits. A way
//! that is broken holds up all mail and is tried ever more rarely; one address that
//! is refused for now holds up only itself.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use lettre::Message;
use tern_protocol::step::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

use super::cost::held;
use super::letter::{self, Envelope, Places};
use super::post::{self, NotSent};
use super::record::{Pending, Record};
use super::waiting::Key;
use super::{Notices, Often, locked};
use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::running::{Node, draw};

/// What changed is looked at so much later, with what changed beside it.
const SETTLES: Duration = Duration::from_secs(2);
/// After a look that took long, a pause of so many times as long, …
const PAUSE: u32 = 20;
/// … and no longer than this, so that looking never keeps the node busy.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// And without a change now and then: some things wait from a day on.
const LOOKS: Duration = Duration::from_secs(15 * 60);

/// Whether something else may wait for somebody after it.
const fn matters(event: &Event) -> bool {
    matches!(
        event,
        Event::Practice(_)
            | Event::Members
            | Event::Expert(_)
            | Event::Review(_)
            | Event::Parcel(_)
            | Event::Knocked(_)
            | Event::Joined
            | Event::CaughtUp(_)
    )
}

/// Notes every change after which something else may wait. Holds no node, so that
/// whoever closes one is the last who does.
pub(crate) async fn note_changes(node: Weak<Node>) {
    let Some(open) = node.upgrade() else { return };
    let (mut events, mut requests) = (open.handle().events(), open.requests().changes());
    let notices = Arc::clone(open.notices());
    drop(open);
    loop {
        let matters = tokio::select! {
            event = events.recv() => match event {
                Ok(event) => matters(&event),
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return,
            },
            request = requests.recv() => match request {
                Ok(_) | Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return,
            },
        };
        if matters {
            notices.changed();
        }
    }
}

/// Sends mail for as long as the node runs, if the operator named a server.
pub(crate) async fn keep(node: Weak<Node>) {
    match node.upgrade() {
        Some(open) if open.settings().mail.server.is_some() => {}
        _ => return,
    }
    loop {
        let Some(open) = node.upgrade() else { return };
        let begun = Instant::now();
        let next = match open.tend_notices().await {
            Ok(next) => next,
            Err(_) if open.requests().is_over() => return,
            Err(error) => {
                tracing::error!(error = error.for_log(), "could not look whom to tell by mail");
                LOOKS
            }
        };
        let pause = begun.elapsed().saturating_mul(PAUSE).clamp(SETTLES, PAUSE_MAX);
        let (ended, notices) = (open.requests().ended(), Arc::clone(open.notices()));
        drop(open);
        let until = Instant::now() + next.clamp(SETTLES, LOOKS);
        let goes_on = tokio::select! {
            () = ended => false,
            () = sleep_until(until) => true,
            () = notices.nudged.notified() => true,
        };
        if !goes_on {
            return;
        }
        // With what changes beside it.
        tokio::time::sleep(pause).await;
    }
}

/// One mail that is to go.
struct Due {
    message: Message,
    /// The code that confirms an address; without, it says that something waits.
    code: Option<String>,
    waits: Vec<Key>,
}

impl Node {
    /// Sends what may go now; returns after how long there may be more.
    ///
    /// # Errors
    /// The store's, or the node is stopping.
    async fn tend_notices(&self) -> Result<Duration, OpError> {
        let idle = |replica: &NodeReplica| replica.is_catching_up() || replica.is_copied();
        // Pages have an address once they answer.
        let Some(http) = self.http() else { return Ok(SETTLES) };
        if self.handle().read(idle).await? {
            return Ok(LOOKS);
        }
        let held = held(&self.settings().mail, &self.glance_at_links().await?, now());
        *locked(&self.notices().held) = held;
        if held.is_some() {
            return Ok(LOOKS);
        }
        let places = Places { home: self.settings().own_address(http) };
        let accounts = self.handle().read(|replica| Account::all(replica.library())).await??;
        let mut next = LOOKS;
        for account in accounts {
            let way = locked(&self.notices().way).retry();
            let ran = self.started().elapsed();
            if ran < way {
                return Ok(next.min(way - ran));
            }
            let (due, wait) = self.due(&account, &places).await?;
            next = next.min(wait);
            if let Some(due) = due {
                self.post(&account, due).await?;
                next = SETTLES;
            }
        }
        Ok(next)
    }

    /// What is to go to a person now, written down; and after how long there may be
    /// something.
    async fn due(
        &self,
        account: &Account,
        places: &Places,
    ) -> Result<(Option<Due>, Duration), OpError> {
        let record = self.notice_record(&account.name).await?;
        let pace = locked(&self.notices().paces).get(&account.name).copied().unwrap_or_default();
        let ran = self.started().elapsed();
        if let Some(pending) = record.pending.as_ref().filter(|pending| !pending.mailed) {
            let wait = pace.retry().saturating_sub(ran);
            if !wait.is_zero() {
                return Ok((None, wait));
            }
            let Some(envelope) = self.envelope(account, &pending.address, draw()?) else {
                return Ok((None, LOOKS));
            };
            let message = letter::confirming(&envelope, &pending.code, places)?;
            let code = Some(pending.code.clone());
            return Ok((Some(Due { message, code, waits: Vec::new() }), SETTLES));
        }
        let Some(from) = pace.next(record.often(), record.mailed, self.opened_at()) else {
            return Ok((None, LOOKS));
        };
        let wait = from.saturating_sub(ran);
        if !wait.is_zero() {
            return Ok((None, wait));
        }
        let waits: Vec<Key> = self.waits_for(account).await?.iter().map(|one| one.key).collect();
        let fresh = record.fresh(&waits);
        if record.queued.is_none() && fresh.is_empty() {
            return Ok((None, LOOKS));
        }
        let id = draw()?;
        let record = self
            .change_record(&account.name, |record| {
                if record.is_moot(&waits) {
                    record.queued = None;
                }
                let fresh = record.fresh(&waits);
                if record.queued.is_none() && !fresh.is_empty() && record.often() != Often::Never {
                    record.queue(id, &fresh);
                }
            })
            .await?;
        Ok((self.word(account, &record, waits, places)?, LOOKS))
    }

    fn word(
        &self,
        account: &Account,
        record: &Record,
        waits: Vec<Key>,
        places: &Places,
    ) -> Result<Option<Due>, OpError> {
        let (Some(queued), Some(to), Some(stop)) = (&record.queued, &record.address, record.stop)
        else {
            return Ok(None);
        };
        let Some(envelope) = self.envelope(account, to, *queued.id) else { return Ok(None) };
        let message = letter::waiting(&envelope, &stop, places)?;
        Ok(Some(Due { message, code: None, waits }))
    }

    fn envelope(&self, account: &Account, to: &str, id: [u8; 16]) -> Option<Envelope> {
        let from = self.settings().mail.from.clone()?;
        Some(Envelope { from, to: to.parse().ok()?, lang: account.lang.clone(), id })
    }

    /// Sends a mail, and notes what became of it.
    async fn post(&self, account: &Account, due: Due) -> Result<(), OpError> {
        let Due { message, code: sent_code, waits } = due;
        let confirms = sent_code.is_some();
        let to = message.envelope().to().first().map(ToString::to_string).unwrap_or_default();
        let sent = tokio::select! {
            sent = post::send(&self.settings().mail, message) => sent,
            () = self.requests().ended() => return Ok(()),
        };
        let (notices, ran) = (self.notices(), self.started().elapsed());
        let pace = |change: &dyn Fn(&mut super::Pace)| {
            change(locked(&notices.paces).entry(account.name.clone()).or_default());
        };
        match &sent {
            Ok(()) => {
                notices.sent.fetch_add(1, Ordering::Relaxed);
                notices.way_is_open();
                pace(&|pace| if confirms { pace.renewed() } else { pace.sent(ran) });
            }
            Err(NotSent::Way(why)) => {
                notices.delayed.fetch_add(1, Ordering::Relaxed);
                locked(&notices.way).failed(ran);
                if locked(&notices.trouble).replace(why.clone()).as_ref() != Some(why) {
                    tracing::warn!(%why, "no mail goes; it is tried again");
                }
            }
            Err(NotSent::Later(code)) => {
                notices.delayed.fetch_add(1, Ordering::Relaxed);
                notices.way_is_open();
                pace(&|pace| pace.failed(ran));
                tracing::info!(code, "the mail server takes a mail later");
            }
            Err(NotSent::Never(code)) => {
                notices.refused.fetch_add(1, Ordering::Relaxed);
                notices.way_is_open();
                tracing::warn!(code, "the mail server refuses a mail for good");
            }
        }
        let at = now();
        let noted = self.change_record(&account.name, move |record| {
            // Another address was entered meanwhile, or the same with another code, or
            // none is wanted.
            let same = |pending: &&mut Pending| Some(&pending.code) == sent_code.as_ref();
            let pending = record.pending.as_mut().filter(same);
            match (sent, confirms) {
                (Ok(()), true) => pending.into_iter().for_each(|pending| pending.mailed = true),
                (Ok(()), false) => record.mailed(&waits, at),
                (Err(NotSent::Never(code)), true) if pending.is_some() => {
                    record.pending = None;
                    record.refused(code, at);
                }
                (Err(NotSent::Never(code)), false) if record.address.as_deref() == Some(&to) => {
                    record.refused(code, at);
                }
                _ => {}
            }
        });
        noted.await.map(drop)
    }
}

impl Notices {
    fn way_is_open(&self) {
        locked(&self.way).renewed();
        *locked(&self.trouble) = None;
    }
}
