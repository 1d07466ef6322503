//! Keeps the [search](crate::search) index in step with what the replica
//! holds.

use std::path::Path;

use crate::acceptor::Acceptor;
use crate::handle::Handle;
use crate::ops::{ErrorCode, OpError};
use crate::search::{Query, Results};

/// How far the index is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Practices that are held.
    pub held: u64,
    /// Practices that searches find.
    pub indexed: u64,
    /// Whether more will be found soon.
    pub building: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Indexer {}

impl Indexer {
    /// Opens the index of a folder and starts to keep it. Needs a Tokio
    /// runtime.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn start(_dir: &Path, _handle: Handle, _acceptor: Acceptor) -> Result<Self, OpError> {
        Err(OpError::new(ErrorCode::Unsupported, "the index is being built"))
    }

    /// Stops; what is not committed yet is indexed at the next start.
    pub async fn stop(&self) {}

    /// Searches what is indexed.
    ///
    /// # Errors
    /// A place to continue from that is none, or the index failed.
    pub async fn search(&self, _query: Query) -> Result<Results, OpError> {
        Err(OpError::new(ErrorCode::Unsupported, "the index is being built"))
    }

    /// How far the index is.
    pub fn progress(&self) -> Progress {
        Progress::default()
    }
}
