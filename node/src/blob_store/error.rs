//! Why the folder of blobs does not do what it was asked.

use std::io;
use std::path::{Path, PathBuf};

use tern_crdt::practice::BlobHash;
use thiserror::Error;

use crate::ops::{ErrorCode, OpError};
use crate::store::files::is_full;

/// For the operator.
#[derive(Debug, Error)]
pub enum BlobError {
    /// No room.
    #[error(
        "the disk of {} is full: free some space, or drop files with `tern blob drop`",
        .0.display()
    )]
    Full(PathBuf),
    /// The system refuses.
    #[error("cannot {what} {}: {cause}", .path.display())]
    System {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file is not any more what its name says.
    #[error(
        "the file {0} is damaged on this disk: `tern blob drop {0}` and `tern blob get {0}` fetch it again"
    )]
    Damaged(BlobHash),
    /// A file that is added is longer than is allowed.
    #[error("a file has at most {0} bytes here")]
    TooLong(u64),
}

/// The system refused to do `what`.
pub(super) fn refused(what: &'static str, path: &Path, cause: io::Error) -> BlobError {
    if is_full(&cause) {
        BlobError::Full(path.parent().unwrap_or(path).to_owned())
    } else {
        BlobError::System { what, path: path.to_owned(), cause }
    }
}

impl From<BlobError> for OpError {
    fn from(error: BlobError) -> Self {
        let message = error.to_string();
        match error {
            BlobError::Damaged(_) => Self::new(ErrorCode::Damaged, message),
            BlobError::TooLong(limit) => Self::new(ErrorCode::TooLarge, message).over(limit),
            BlobError::Full(_) => Self::new(ErrorCode::Failed, message).in_field("disk"),
            BlobError::System { .. } => Self::new(ErrorCode::Failed, message),
        }
    }
}
