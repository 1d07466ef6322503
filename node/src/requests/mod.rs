//! Requests for support on this node: what is asked here, what is asked of
//! people here, and what this node does by itself.
//!
//! What is true of a request is the fold's ([`tern_crdt::request::fold`]), who
//! may read it the desk's ([`tern_protocol::routing::desk`]). Here are the
//! keys: they open parcels (`attending`), sign what people say (`acting`), and
//! decide to whom on this node a request is shown (`viewing`).
//!
//! A request is shown to the person who asked, to the experts who are asked,
//! and to focal points of the organisations of both, who hold the desk. To
//! everybody else on this node, the operator included, it is not there.
//!
//! Everything is restart-safe: what is to be done is worked out anew from what
//! is held, whenever the node opens.

mod acting;
mod attending;
mod counting;
mod further;
pub(crate) mod next;
mod saying;
mod translating;
mod turns;
mod viewing;
mod ways;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tern_crdt::identity::{PublicKey, RequestId, SecretKey};
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::{broadcast, watch};

use crate::driver::now;
use counting::States;

pub use acting::{Act, Asking};
pub use saying::Later;
pub use translating::{CameRead, TranslateRead};
pub use turns::Doing;
pub(crate) use turns::Turn;
pub use viewing::{EventView, HelpView, Named, Person, RefusedView, Seen, Sendable};
pub use ways::{Receipt, Stage, Way};

/// Changes that a slow page may be behind before it is told so.
const CHANGES_MAX: usize = 256;

/// What the node keeps in memory for its requests.
#[derive(Debug)]
pub struct Requests {
    /// Keys that read, opened since the start.
    keys: Mutex<BTreeMap<PublicKey, SecretKey>>,
    /// One step at a time: what is decided on is what is signed.
    deciding: AsyncMutex<()>,
    changes: broadcast::Sender<RequestId>,
    /// Grows with every change: what was worked out before is old.
    generation: AtomicU64,
    notices: AtomicU64,
    ended: watch::Sender<bool>,
    /// How many requests wait for an account, in which generation that was worked
    /// out, and on which day: some wait from a day on.
    waiting: Mutex<BTreeMap<String, (u64, i64, u32)>>,
    /// How many are in each state, and in which generation that was counted.
    states: Mutex<Option<(u64, States)>>,
}

impl Default for Requests {
    fn default() -> Self {
        let (changes, _) = broadcast::channel(CHANGES_MAX);
        Self {
            keys: Mutex::default(),
            deciding: AsyncMutex::new(()),
            changes,
            generation: AtomicU64::new(0),
            notices: AtomicU64::new(0),
            ended: watch::Sender::new(false),
            waiting: Mutex::default(),
            states: Mutex::default(),
        }
    }
}

impl Requests {
    /// The requests whose state, or what is known of their way, changes from
    /// now on.
    pub fn changes(&self) -> broadcast::Receiver<RequestId> {
        self.changes.subscribe()
    }

    /// Nobody is told of anything any more: the node stops.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }

    /// Whether the node stops.
    pub fn is_over(&self) -> bool {
        *self.ended.borrow()
    }

    /// Waits until the node stops.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut ended = self.ended.subscribe();
        async move {
            // The sender goes with the node.
            let _ = ended.wait_for(|ended| *ended).await;
        }
    }

    /// Waits for the turn to decide: what is decided on is what is signed.
    pub(crate) async fn deciding(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.deciding.lock().await
    }

    /// A number for a notice of a change: larger than all before.
    pub fn next_notice(&self) -> u64 {
        self.notices.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn changed(&self, id: RequestId) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        // Nobody may be looking.
        let _ = self.changes.send(id);
    }

    /// Grows with every change.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    fn waiting(&self, account: &str) -> Result<u32, u64> {
        let generation = self.generation();
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.get(account) {
            Some((of, day, count)) if *of == generation && *day == today() => Ok(*count),
            _ => Err(generation),
        }
    }

    fn note_waiting(&self, account: &str, generation: u64, count: u32) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert(account.to_owned(), (generation, today(), count));
    }

    fn keys(&self) -> Vec<SecretKey> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.values().cloned().collect()
    }

    /// Whether this key is open and reads what comes.
    pub(crate) fn reads_with(&self, key: &PublicKey) -> bool {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key)
    }

    /// Keeps a key that reads; whether it is new.
    fn keep(&self, key: SecretKey) -> bool {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.public(), key).is_none()
    }
}

/// The day by this node's clock, since 1970.
fn today() -> i64 {
    now().0.div_euclid(86_400_000)
}

#[cfg(test)]
mod tests;
