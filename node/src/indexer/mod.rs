//! Keeps the [search](crate::search) index in step with what the replica
//! holds.
//!
//! At the start the states of all practices are compared with those in the
//! index, and again whenever facts were missed; in between it follows the
//! facts. What differs is looked at, accepted on the acceptor's threads and
//! put, so that only what counts is found: a practice whose latest edition is
//! quarantined is absent. Searches go on meanwhile over what was committed.
//!
//! It is a reader like any other: it asks the replica for a few practices at
//! a time, holds up no commit, and what it has not done when the node stops
//! it does at the next start.

use std::convert::Infallible;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::acceptor::Acceptor;
use crate::driver::now;
use crate::handle::Handle;
use crate::metrics::{Timed, Timings};
use crate::ops::{ErrorCode, OpError};
use crate::search::{Alike, Index, Opened, Profile, Query, Results, SearchError};

mod entry;
mod keeper;
#[cfg(test)]
mod tests;

use keeper::Keeper;

/// How far the index is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Practices that are held.
    pub held: u64,
    /// Practices that searches find.
    pub indexed: u64,
    /// Whether more will be found soon.
    pub building: bool,
    /// Practices that wait to be looked at.
    pub waiting: u64,
    /// Practices that are held and do not count: nobody finds them.
    pub quarantined: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Indexer {
    /// Until it is stopped.
    running: Mutex<Option<Running>>,
    progress: watch::Receiver<Progress>,
    commits: Arc<Timings>,
    rebuilt: bool,
}

#[derive(Debug)]
struct Running {
    index: Arc<InUse>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    /// Ends when nobody uses the index any more.
    closed: oneshot::Receiver<Infallible>,
}

/// The index for as long as anybody uses it: work on a thread of its own
/// outlives the task that asked for it.
#[derive(Debug)]
struct InUse {
    index: Index,
    /// Dropped after the index is closed.
    _open: oneshot::Sender<Infallible>,
}

impl Deref for InUse {
    type Target = Index;

    fn deref(&self) -> &Index {
        &self.index
    }
}

impl Indexer {
    /// Opens the index of a folder and starts to keep it. Needs a Tokio
    /// runtime.
    ///
    /// # Errors
    /// The folder is in use or cannot be used.
    pub fn start(dir: &Path, handle: Handle, acceptor: Acceptor) -> Result<Self, OpError> {
        let Opened { index, started_anew } = Index::open(dir)?;
        if let Some(why) = &started_anew {
            tracing::warn!(why, "the search index is built anew");
        }
        let rebuilt = started_anew.is_some();
        let (open, closed) = oneshot::channel();
        let index = Arc::new(InUse { index, _open: open });
        let commits = Arc::new(Timings::default());
        let beginning = Progress {
            held: index.len(),
            indexed: index.len(),
            building: true,
            ..Progress::default()
        };
        let (sender, progress) = watch::channel(beginning);
        let (stop, stopped) = oneshot::channel();
        // From now on, so that nothing falls between this and the comparison.
        let events = handle.events();
        let keeper =
            Keeper::new(Arc::clone(&index), handle, acceptor, sender, Arc::clone(&commits));
        let task = tokio::spawn(async move {
            tokio::select! {
                _ = stopped => {}
                () = keeper.keep(events) => {}
            }
        });
        Ok(Self {
            running: Mutex::new(Some(Running { index, stop, task, closed })),
            progress,
            commits,
            rebuilt,
        })
    }

    /// Stops and closes the index; searches are refused from now on. Returns
    /// when the folder is free for the next who opens it.
    pub async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { index, stop, task, closed }) = running else { return };
        // The task may have ended by itself, when the replica did.
        let _ = stop.send(());
        let _ = task.await;
        // Closing waits for the disk.
        let _ = tokio::task::spawn_blocking(move || drop(index)).await;
        // A search or a commit that was under way has the index still.
        let _ = closed.await;
    }

    /// Searches what is indexed.
    ///
    /// # Errors
    /// A place to continue from that is none, or the index failed.
    pub async fn search(&self, query: Query) -> Result<Results, OpError> {
        let query = Query { now: now().0.div_euclid(1_000), ..query };
        self.ask(move |index| index.search(&query)).await
    }

    /// The practices that are most like a profile.
    ///
    /// # Errors
    /// The index failed.
    pub async fn alike(&self, profile: Profile, limit: usize) -> Result<Vec<Alike>, OpError> {
        self.ask(move |index| index.alike(&profile, limit)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Index) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, OpError> {
        let index = {
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.as_ref().map(|running| Arc::clone(&running.index))
        };
        let index = index.ok_or_else(|| OpError::new(ErrorCode::Failed, "the node is stopping"))?;
        let answer = tokio::task::spawn_blocking(move || question(&index)).await;
        let panicked = |_| SearchError::Failed("a search panicked".into());
        Ok(answer.map_err(panicked)??)
    }

    /// Waits until all that is held is looked at.
    pub async fn built(&self) {
        // It ends early when the node stops.
        let _ = self.progress.clone().wait_for(|progress| !progress.building).await;
    }

    /// Whether searches are answered and the index is kept.
    pub fn is_open(&self) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().is_some_and(|running| !running.task.is_finished())
    }

    /// How often changes were put where searches find them, and how long that
    /// took.
    pub fn commits(&self) -> Timed {
        self.commits.read()
    }

    /// Whether what the folder held at the start was thrown away.
    pub const fn was_rebuilt(&self) -> bool {
        self.rebuilt
    }

    /// How far the index is.
    pub fn progress(&self) -> Progress {
        *self.progress.borrow()
    }
}

impl From<SearchError> for OpError {
    fn from(error: SearchError) -> Self {
        let message = error.to_string();
        match error {
            SearchError::InUse(_) => Self::new(ErrorCode::InUse, message),
            SearchError::Place(_) => Self::new(ErrorCode::Invalid, message).in_field("after"),
            SearchError::Folder { .. } | SearchError::Failed(_) => {
                Self::new(ErrorCode::Failed, message)
            }
        }
    }
}
