//! Notices: a person is told that something waits for them, on the pages, by mail
//! and by a feed of their own.
//!
//! What waits is one list (`waiting`); what of it was told, and where mail goes, is
//! a value of the account (`record`) that never leaves this node. Mail is sent through the server that the operator names, one thing at a
//! time (`keep`): written down first, then sent, then noted as told. How often it
//! goes is decided by running time (`pace`). A mail and a feed say that something
//! waits and of what kind, never what (`letter`).
//!
//! Not here: what waits, which each part of the node decides for itself; words,
//! which are those of the pages.

mod address;
mod changing;
mod cost;
mod keep;
mod letter;
mod pace;
mod post;
mod record;
mod waiting;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::Uri;
use serde_json::{Value, json};
use tokio::sync::{Mutex as AsyncMutex, Notify, watch};

use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::running::Node;

pub use address::{ADDRESS_BYTES_MAX, MailAddress, NoAddress};
pub use changing::{Change, Told, feed_path};
pub(crate) use keep::{keep, note_changes};
pub use pace::Often;
pub use record::{Failure, Record};
pub use waiting::{Key, Kind, WAITING_MAX, Waits, by_kind};

use pace::Pace;

/// Mails since the start, by what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Taken by the mail server.
    pub sent: u64,
    /// Attempts after which it is tried again.
    pub delayed: u64,
    /// Refused for good.
    pub refused: u64,
}

/// What is kept in memory: the rest is durable.
#[derive(Debug, Default)]
pub struct Notices {
    /// Grows with every change after which something else may wait.
    generation: watch::Sender<u64>,
    /// What was worked out, by account: in which generations (of notices, of
    /// requests), on which day.
    known: Mutex<BTreeMap<String, (Stand, Vec<Waits>)>>,
    /// One change of a record at a time.
    changing: AsyncMutex<()>,
    /// There may be something to send.
    nudged: Notify,
    paces: Mutex<BTreeMap<String, Pace>>,
    /// Of the way to the mail server.
    way: Mutex<Pace>,
    /// When codes were asked for, by running time.
    codes: Mutex<BTreeMap<String, Vec<Duration>>>,
    trouble: Mutex<Option<String>>,
    held: Mutex<Option<&'static str>>,
    sent: AtomicU64,
    delayed: AtomicU64,
    refused: AtomicU64,
}

/// What was so when something was worked out.
type Stand = (u64, u64, i64);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash(token: &[u8; 32]) -> [u8; 32] {
    *blake3::hash(token).as_bytes()
}

impl Notices {
    /// Something else may wait for somebody than before.
    pub(crate) fn changed(&self) {
        self.generation.send_modify(|generation| *generation = generation.wrapping_add(1));
        self.nudged.notify_one();
    }

    /// Tells of every such change from now on; of several in a moment once.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// Held while a record is read and written.
    pub(crate) async fn changing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    /// Mails since the start.
    pub fn counts(&self) -> Counts {
        Counts {
            sent: self.sent.load(Ordering::Relaxed),
            delayed: self.delayed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Why no mail goes now, if it does not: something is wrong on the way.
    pub fn trouble(&self) -> Option<String> {
        locked(&self.trouble).clone()
    }

    /// Why mail waits, if it does and nothing is wrong.
    pub fn held(&self) -> Option<&'static str> {
        *locked(&self.held)
    }
}

/// How mail stands, for the operator.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// The server, if one is named.
    pub server: Option<String>,
    /// Why no mail goes, if so.
    pub trouble: Option<String>,
    /// Why mail waits though nothing is wrong.
    pub held: Option<&'static str>,
    /// People with a confirmed address who want mail.
    pub people: u64,
    /// People to whom a mail waits to be sent.
    pub queued: u64,
    /// People whose address the mail server refuses.
    pub refused: u64,
    /// Where mail sends people, if that is on this machine alone.
    pub nowhere: Option<String>,
    /// Mails since the start.
    pub counts: Counts,
}

impl Standing {
    /// As `tern status` tells it.
    pub fn to_json(&self) -> Value {
        json!({
            "server": self.server, "trouble": self.trouble, "held": self.held,
            "people": self.people, "queued": self.queued, "refused_addresses": self.refused,
            "sent": self.counts.sent, "delayed": self.counts.delayed,
            "refused": self.counts.refused,
        })
    }
}

impl Node {
    /// How mail stands.
    ///
    /// # Errors
    /// The store's, or the node is stopping.
    pub async fn mail_standing(&self) -> Result<Standing, OpError> {
        let mail = &self.settings().mail;
        let Some(server) = &mail.server else { return Ok(Standing::default()) };
        let records = self.handle().read(|replica| Record::all(replica.library())).await??;
        let settings = mail.clone();
        let files = tokio::task::spawn_blocking(move || {
            settings.password().map(drop).and_then(|()| settings.authorities().map(drop))
        });
        let files = files.await.map_err(|_| crate::running::stopping())?;
        let count = |is: fn(&Record) -> bool| {
            records.iter().filter(|(_, record)| is(record)).count() as u64
        };
        let home = self.http().map(|http| self.settings().own_address(http));
        let here = |home: &String| {
            home.parse::<Uri>().is_ok_and(|home| home.host().is_some_and(crate::config::is_here))
        };
        Ok(Standing {
            server: Some(server.to_string()),
            trouble: files.err().or_else(|| self.notices().trouble()),
            held: self.notices().held(),
            people: count(|record| record.often() != Often::Never),
            queued: count(|record| {
                let code = record.pending.as_ref().is_some_and(|pending| !pending.mailed);
                code || record.queued.is_some()
            }),
            refused: count(|record| record.failure.is_some()),
            nowhere: home.filter(here),
            counts: self.notices().counts(),
        })
    }

    fn stand(&self) -> Stand {
        let generation = *self.notices().generation.borrow();
        (generation, self.requests().generation(), now().0.div_euclid(86_400_000))
    }

    /// What was worked out already, or what is so now.
    fn waits_known(&self, account: &Account) -> Result<Vec<Waits>, Stand> {
        let stand = self.stand();
        match locked(&self.notices().known).get(&account.name) {
            Some((of, waits)) if *of == stand => Ok(waits.clone()),
            _ => Err(stand),
        }
    }

    fn note_waits(&self, account: &Account, stand: Stand, waits: Vec<Waits>) {
        locked(&self.notices().known).insert(account.name.clone(), (stand, waits));
    }

    /// How a person is told.
    ///
    /// # Errors
    /// The store's, or the node is stopping.
    pub async fn notice_record(&self, account: &str) -> Result<Record, OpError> {
        let account = account.to_owned();
        let look = move |replica: &NodeReplica| Record::of(replica.library(), &account);
        self.handle().read(look).await?
    }
}
