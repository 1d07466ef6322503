//! Shared drafts that go through others: letters to nodes with which this one has
//! not been in step by a link of their own for a while, and letters that come.
//!
//! What there is to do is found by [`tern_protocol::letters`]; here are the keys, and
//! when it is looked: now and then, and when a letter or news of who is a member
//! comes. A letter that builds on what is not here is tried again then.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Value, json};
use tern_crdt::identity::{OrgId, ParcelId, SecretKey};
use tern_crdt::parcel::LetterRefused;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::gate::Examined;
use tern_protocol::ledger::Private;
use tern_protocol::letters::{Arrived, DraftLetter, Opened, Tending, open};
use tern_protocol::routing::desk::Sender;
use tern_protocol::step::{Command, Done, Event};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use crate::accounts::failed;
use crate::announcing::node_certificate;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::{Keystore, Purpose};
use crate::operator::moment;
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, draw, stopping};

/// How often it is looked whether something is to be written, at most and at least:
/// a look may read whole drafts.
const LOOKS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(15 * 60)];
/// Between them, so many times within the time after which a letter is written.
const LOOKS_WITHIN: i64 = 96;
/// What came is dealt with so much later, with what came beside it.
const SETTLES: Duration = Duration::from_millis(500);
/// One thing leads to the next, never round in a circle.
const TURNS_MAX: usize = 16;

/// How an organisation that sees drafts with this one is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    /// Whether a link of one of its nodes is open.
    pub linked: bool,
    /// When one of its nodes was last heard of by letter.
    pub heard: Option<Timestamp>,
    /// When a letter was written that no node of its has taken in yet.
    pub sent: Option<Timestamp>,
}

impl Reach {
    /// For JSON.
    pub(crate) fn to_json(self) -> Value {
        json!({
            "linked": self.linked, "heard": self.heard.map(moment), "sent": self.sent.map(moment),
        })
    }
}

/// How the nodes of an organisation are reached.
pub(crate) fn reach_of(replica: &NodeReplica, org: &OrgId) -> Result<Reach, OpError> {
    let own = replica.node();
    let reached = replica.library().reached(&own, org).map_err(failed)?;
    let peers = replica.peers();
    let linked = peers.iter().any(|peer| peer.connected && peer.org == Some(*org));
    Ok(Reach {
        linked,
        heard: reached.iter().filter_map(|(_, reached)| reached.heard).max(),
        sent: reached.iter().filter_map(|(_, reached)| reached.sent).min(),
    })
}

impl Node {
    /// Does what there is to do about letters. Those in `tried` are not opened again;
    /// what is opened joins them.
    ///
    /// # Errors
    /// The store's or the keystore's, or the node is stopping.
    pub(crate) async fn tend_letters(&self, tried: &mut BTreeSet<ParcelId>) -> Result<(), OpError> {
        let (after, writes) = (self.settings().letters_after, self.settings().letters);
        for _ in 0..TURNS_MAX {
            let look = move |replica: &NodeReplica| {
                let idle = replica.is_catching_up()
                    || replica.is_joining()
                    || replica.copied().is_some()
                    || node_certificate(replica).is_none();
                let writes = writes && !replica.outlook().frugal;
                let own = replica.node();
                let found = || replica.library().tend_letters(&own, now(), after, writes);
                if idle { Ok(Tending::default()) } else { found() }
            };
            let found = self.handle().read(look).await?.map_err(failed)?;
            let Tending { private, endings, arrived, due } = found;
            if !(private.is_empty() && endings.is_empty()) {
                self.write_letters(endings, private).await?;
                continue;
            }
            let new: Vec<Arrived> =
                arrived.into_iter().filter(|letter| tried.insert(letter.parcel.id())).collect();
            if new.is_empty() && due.is_empty() {
                return Ok(());
            }
            let news = !new.is_empty();
            for letter in new {
                self.take_in_letter(letter).await?;
            }
            // What was taken in may leave less to say.
            for letter in due.into_iter().filter(|_| !news) {
                self.post_letter(letter).await?;
            }
        }
        Ok(())
    }

    async fn write_letters(
        &self,
        pieces: Vec<Examined>,
        private: Vec<Private>,
    ) -> Result<(), OpError> {
        self.handle().command(Command::Write { pieces, private }).await?;
        Ok(())
    }

    async fn take_in_letter(&self, arrived: Arrived) -> Result<(), OpError> {
        let (keys, federation) = (self.letter_keys().await?, self.identity().federation);
        let writer = arrived.writer.node();
        let opening = move || {
            let tried = keys.iter().map(|key| open(&arrived, key, federation));
            let read = tried.reduce(|one, other| if one.is_ok() { one } else { other });
            (read.unwrap_or(Err(LetterRefused::ForOthers)), arrived)
        };
        let (read, arrived): (Result<Opened, LetterRefused>, Arrived) =
            self.acceptor().run(opening).await?;
        let opened = match read {
            Ok(opened) => opened,
            Err(refused) => {
                tracing::warn!(%writer, %refused, "a letter for this node cannot be read");
                let unread = move |r: &NodeReplica| r.library().letter_unread(&arrived, now());
                let unread = self.handle().read(unread).await?.map_err(failed)?;
                return self.write_letters(Vec::new(), vec![unread]).await;
            }
        };
        for reason in &opened.refused {
            tracing::warn!(%writer, %reason, "refused a part of a letter");
        }
        let command = Command::TakeIn { pieces: opened.pieces.clone(), writer: arrived.writer };
        let taken = match self.handle().command(command).await? {
            Done::TakenIn(taken) => taken,
            other => {
                return Err(OpError::new(ErrorCode::Failed, format!("answered {other:?}")));
            }
        };
        for reason in taken.iter().filter_map(|taken| taken.as_ref().err()) {
            tracing::warn!(%writer, %reason, "refused a part of a letter");
        }
        let follows = move |replica: &NodeReplica| {
            // A peer's word may have put it back meanwhile: it looks again later.
            let back = replica.is_catching_up();
            let library = replica.library();
            let follows = || library.letter_taken(&arrived, &opened, &taken, now());
            (!back).then(follows).transpose()
        };
        let Some((pieces, private)) = self.handle().read(follows).await?.map_err(failed)? else {
            return Ok(());
        };
        tracing::info!(%writer, whole = !pieces.is_empty(), "took in a letter with parts of drafts");
        self.write_letters(pieces, private).await
    }

    async fn post_letter(&self, letter: DraftLetter) -> Result<(), OpError> {
        let federation = self.identity().federation;
        let Some(node) = self.handle().read(node_certificate).await? else { return Ok(()) };
        let (key, chance, now) = (self.key().clone(), draw()?, now());
        let (reader, bytes) = (letter.reader().node(), letter.bytes());
        let sealing = move || letter.seal(federation, &Sender { node, key: &key, chance, now });
        let sent = match self.acceptor().run(sealing).await? {
            Ok(sent) => sent,
            Err(refused) => {
                tracing::warn!(%reader, %refused, "a letter cannot be encrypted");
                return Ok(());
            }
        };
        self.write_letters(vec![sent.parcel], sent.private).await?;
        tracing::info!(%reader, bytes, "wrote a letter with parts of drafts");
        Ok(())
    }

    /// The keys that read what is for this node.
    async fn letter_keys(&self) -> Result<Vec<SecretKey>, OpError> {
        let keystore = self.keystore().clone();
        let opened = tokio::task::spawn_blocking(move || node_keys(&keystore));
        opened.await.map_err(|_| stopping())?
    }
}

fn node_keys(keystore: &Keystore) -> Result<Vec<SecretKey>, OpError> {
    let entries = keystore.list()?.entries.into_iter();
    let read = entries.filter(|entry| entry.purpose == Purpose::NodeEncrypt);
    read.map(|entry| Ok(keystore.unlock(entry.purpose, entry.public, None)?)).collect()
}

/// Whether something came after which there may be more to do, and whether letters
/// that could not be taken in are worth another look.
fn matters(event: &Event, at_once: bool) -> (bool, bool) {
    match event {
        Event::Parcel(_) | Event::Joined => (true, false),
        // What was opened while this node caught up was not taken in.
        Event::Members | Event::Settled(_) | Event::CaughtUp(_) => (true, true),
        // Where nothing is waited for, what was saved is told.
        Event::Draft(_) => (at_once, false),
        _ => (false, false),
    }
}

/// Looks after letters for as long as the node runs.
pub(crate) async fn keep(node: Weak<Node>) {
    let Some(open) = node.upgrade() else { return };
    let after = open.settings().letters_after;
    let [often, rarely] = LOOKS;
    let within = Duration::from_millis((after / LOOKS_WITHIN).max(0).unsigned_abs());
    let (at_once, looks) = (after < often.as_millis() as i64, within.clamp(often, rarely));
    let mut events = open.handle().events();
    drop(open);
    let mut tried = BTreeSet::new();
    loop {
        let mut until = Instant::now() + looks;
        let soon = |until: Instant| until.min(Instant::now() + SETTLES);
        loop {
            match timeout_at(until, events.recv()).await {
                Err(_) => break,
                Ok(Ok(event)) => {
                    let (more, again) = matters(&event, at_once);
                    if again {
                        tried.clear();
                    }
                    until = if more { soon(until) } else { until };
                }
                Ok(Err(RecvError::Lagged(_))) => {
                    tried.clear();
                    until = soon(until);
                }
                Ok(Err(RecvError::Closed)) => return,
            }
        }
        let Some(node) = node.upgrade() else { return };
        tend(&node, &mut tried).await;
    }
}

async fn tend(node: &Arc<Node>, tried: &mut BTreeSet<ParcelId>) {
    if let Err(error) = node.tend_letters(tried).await
        && !node.requests().is_over()
    {
        tracing::warn!(error = error.for_log(), "could not look after letters");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_caught_up_opens_again_what_it_could_not_take_in_meanwhile() {
        assert_eq!(matters(&Event::CaughtUp(None), false), (true, true));
        assert_eq!(matters(&Event::Joined, false), (true, false));
    }
}
