//! Why the index did not answer.

use std::path::PathBuf;

use tantivy::TantivyError;
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
    /// The engine failed: no room on the disk, or its files were changed
    /// while it was open.
    #[error(
        "the search index failed: {0}; nothing is lost if its folder is deleted while the node is stopped"
    )]
    Failed(String),
}

impl From<TantivyError> for SearchError {
    fn from(error: TantivyError) -> Self {
        Self::Failed(error.to_string())
    }
}
