//! Fetching one file, because a person asked for it.
//!
//! One task for each file asks every member that is linked, and whoever is
//! linked later, and stops once it is whole or nobody who is there has it. What
//! came stays, and the next time goes on from there. Two who ask for one file
//! wait for one task.

mod source;
mod task;

use std::sync::Arc;

use tern_crdt::identity::PublicKey;
use tern_crdt::practice::BlobHash;
use tern_protocol::blobs::Shape;
use tern_protocol::step::Command;
use tokio::sync::watch;

use self::task::Task;
use super::estimate::Estimate;
use super::room::Room;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// How a fetch stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It looks for somebody who has it, or waits for a link.
    Looking,
    /// It comes.
    Coming,
    /// It is here.
    Whole,
    /// It came to nothing, in words; what came is kept.
    Failed(String),
}

/// How far it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Progress {
    /// How it stands.
    pub state: State,
    /// The size of the file.
    pub bytes: u64,
    /// How many of them are here.
    pub have: u64,
    /// Who gives it now.
    pub sources: Vec<PublicKey>,
    /// Bytes a second, of the last seconds.
    pub rate: u64,
}

/// A task that fetches.
#[derive(Debug)]
pub struct Fetching {
    progress: watch::Receiver<Progress>,
    task: tokio::task::AbortHandle,
}

impl Fetching {
    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    pub(crate) fn stop(&self) {
        self.task.abort();
    }
}

impl Node {
    /// Fetches a file that a practice or draft names, if it is not here; returns at once.
    ///
    /// # Errors
    /// Nothing names it, it is larger than is allowed here, there is no room or
    /// no network.
    pub async fn fetch_file(self: &Arc<Self>, hash: BlobHash) -> Result<(), OpError> {
        let Some(net) = self.net().cloned() else {
            return Err(OpError::new(ErrorCode::Unreachable, "this node has no network"));
        };
        self.blobs().all_named().await;
        let mention = self.mention_of(&hash).await?.ok_or_else(|| {
            let what = format!("no practice or draft that is held here names a file {hash}");
            OpError::new(ErrorCode::NotFound, what).in_field("hash")
        })?;
        let shape = mention.bytes.and_then(Shape::of).ok_or_else(|| {
            let what = format!("nobody says how large {hash} is, so it is not fetched");
            OpError::new(ErrorCode::Invalid, what)
        })?;
        let (store, quota) = (self.blobs().store().clone(), self.settings().blobs_quota);
        let root = self.folder().paths().root().to_owned();
        let begun = tokio::task::spawn_blocking(move || {
            if store.whole(&hash).is_some() {
                return Ok(None);
            }
            let have = store.part(&hash).map_or(0, |(shape, groups)| groups.bytes(shape));
            Room::of(&store, &root, quota)?.fits(shape.bytes().saturating_sub(have))?;
            Ok::<_, OpError>(Some(store.fetch(hash, shape)?))
        });
        let Some(partial) = begun.await.map_err(|_| crate::running::stopping())?? else {
            return Ok(());
        };
        let mut fetching = self.blobs().fetching();
        if fetching.get(&hash).is_some_and(|other| !other.task.is_finished()) {
            return Ok(());
        }
        let begins = Progress {
            state: State::Looking,
            bytes: shape.bytes(),
            have: 0,
            sources: Vec::new(),
            rate: 0,
        };
        let (told, progress) = watch::channel(begins);
        let task = tokio::spawn(Task::run(Arc::downgrade(self), net, hash, partial, told));
        fetching.insert(hash, Fetching { progress, task: task.abort_handle() });
        Ok(())
    }

    /// How far a fetch is, since this node started.
    pub fn file_progress(&self, hash: &BlobHash) -> Option<Progress> {
        Some(self.blobs().fetching().get(hash)?.progress())
    }

    /// What it would take to fetch so many bytes.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn estimate_file(&self, lacks: u64) -> Result<Estimate, OpError> {
        Ok(Estimate::of(lacks, &self.glance_at_links().await?, self.blobs().rate()))
    }

    /// Goes on with what an earlier process of this node was fetching.
    pub(crate) async fn resume_files(self: &Arc<Self>) {
        let store = self.blobs().store().clone();
        let listed = tokio::task::spawn_blocking(move || store.list()).await;
        let Ok(Ok(entries)) = listed else { return };
        for (hash, _) in entries.iter().filter(|(_, entry)| entry.part.is_some()) {
            if let Err(error) = self.fetch_file(*hash).await {
                tracing::info!(%hash, error = error.for_log(), "a file is not fetched further");
            }
        }
    }

    /// Bytes of files went over a link.
    pub(crate) async fn note_file_bytes(&self, near: bool, bytes: u64) {
        let noted = self.handle().command(Command::NoteFiles { near, bytes }).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "bytes of a file are not in this month's sum");
        }
    }
}
