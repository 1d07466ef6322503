//! Files beside practices: which are named, which are here, who gives them.
//!
//! - [`named`]: what practices that are held name, kept up to date; `drafted`:
//!   what drafts name, looked at when somebody asks;
//! - [`fetching`]: one blob, from whoever has it, because a person asked;
//! - [`giving`]: to members, what a practice names, or a draft that they see;
//! - [`attaching`]: a file of this node, with what it tells of its maker taken
//!   out ([`picture`]), under a practice's draft, if there is room; [`kind`]
//!   sniffs what it is, [`sides`] how large a picture is shown;
//! - [`tidying`]: what nothing names any more goes, but never the last copy.
//!
//! What is asked of whom is decided by [`tern_protocol::blobs`], what lies on
//! the disk is the [`BlobStore`]'s. Nothing is fetched unless a person asked
//! for it, and files wait while anything else moves.

pub mod attaching;
mod drafted;
pub mod estimate;
pub mod fetching;
pub mod giving;
pub mod kind;
pub mod named;
pub mod picture;
mod room;
pub mod sides;
pub mod tidying;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tern_crdt::practice::BlobHash;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::blob_store::{Adding, BlobStore};
use crate::net::Net;

use drafted::Drafted;
use fetching::Fetching;
use named::Named;
use room::Room;

/// Files wait until no frame has moved on any link for so long, …
pub(crate) const QUIET: Duration = Duration::from_millis(1_000);
/// … but something of them moves at least so often.
const TRICKLE: Duration = Duration::from_secs(5);
/// How often to look whether links are quiet.
const QUIET_AGAIN: Duration = Duration::from_millis(100);
/// Whoever asks what is named waits for all practices so long.
const NAMED_PATIENCE: Duration = Duration::from_secs(10);
/// A peer that takes or sends nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a node keeps for its files.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: BlobStore,
    named: Arc<Mutex<Named>>,
    /// Whether every practice was looked at.
    complete: watch::Sender<bool>,
    /// What drafts name.
    drafted: Arc<tokio::sync::Mutex<Drafted>>,
    fetching: Arc<Mutex<BTreeMap<BlobHash, Fetching>>>,
    adding: Arc<Mutex<BTreeMap<u64, Upload>>>,
    /// Bytes a second of the last file that came from far; 0 if none did.
    rate: Arc<AtomicU64>,
}

/// A file that comes in operations.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) adding: Adding,
    /// The room that there was when it was begun.
    pub(crate) room: Room,
    pub(crate) since: Instant,
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is done under these locks leaves anything half changed.
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Blobs {
    /// Over the folder of blobs.
    pub fn open(store: BlobStore) -> Self {
        Self {
            store,
            named: Arc::default(),
            complete: watch::Sender::new(false),
            drafted: Arc::default(),
            fetching: Arc::default(),
            adding: Arc::default(),
            rate: Arc::default(),
        }
    }

    /// The folder.
    pub const fn store(&self) -> &BlobStore {
        &self.store
    }

    /// What practices name.
    pub fn named(&self) -> MutexGuard<'_, Named> {
        locked(&self.named)
    }

    /// Waits a while until every practice was looked at, as a node does that was
    /// just opened.
    pub async fn all_named(&self) {
        let mut complete = self.complete.subscribe();
        // Then what is known already has to do.
        let _ = timeout(NAMED_PATIENCE, complete.wait_for(|complete| *complete)).await;
    }

    pub(crate) fn fetching(&self) -> MutexGuard<'_, BTreeMap<BlobHash, Fetching>> {
        locked(&self.fetching)
    }

    /// How fast the last file came that came from far.
    pub fn rate(&self) -> Option<u64> {
        Some(self.rate.load(Ordering::Relaxed)).filter(|rate| *rate > 0)
    }

    pub(crate) fn note_rate(&self, rate: u64) {
        self.rate.store(rate, Ordering::Relaxed);
    }

    pub(crate) fn adding(&self) -> MutexGuard<'_, BTreeMap<u64, Upload>> {
        locked(&self.adding)
    }
}

/// Waits until nothing else moves, at the longest for a [`TRICKLE`].
async fn quiet(net: &Net) {
    let late = Instant::now() + TRICKLE;
    while net.is_busy(QUIET) && Instant::now() < late {
        tokio::time::sleep(QUIET_AGAIN).await;
    }
}
