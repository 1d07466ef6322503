//! Why the index did not answer.

use std::path::PathBuf;

use thiserror::Error;

/// Why a search or a change of the index came to nothing.
#[derive(Debug, Error)]
pub enum SearchError {
    /// Another process writes to the index.
    #[error("the search index in {0} is in use by another process")]
    InUse(PathBuf),
    /// The folder cannot be made, emptied or written.
    #[error("cannot use {path} for the search index: {cause}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A place to continue from that this index did not give.
    #[error("`{0}` is not a place in a list: begin at its first page")]
    Place(String),
    /// The engine failed, for want of disk or because files were changed
    /// below it.
    #[error(
        "the search index failed: {0}; it is safe to stop the node, delete its index folder and start again"
    )]
    Failed(String),
}
