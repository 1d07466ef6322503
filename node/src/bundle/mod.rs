//! Bundles as files: on a stick, or one by itself.
//!
//! What stands in a bundle is the protocol's
//! ([`tern_protocol::bundle`]); here are the files. [`Source`] reads one and
//! never more of it than a frame at a time; [`Sink`] writes one beside its
//! place and moves it there when it is whole and durable; [`stick`] finds those
//! in a folder.
//!
//! Invariants: nothing in a file decides where something is read or written;
//! only regular files are opened; a file that was there stands until another
//! takes its place whole.

mod sink;
mod source;
pub mod stick;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use sink::Sink;
pub use source::{Ended, Source, open};

use crate::ops::{ErrorCode, OpError};

/// The error that the system refuses to do `what` with `path`.
fn refused(what: &str, path: &Path, cause: &std::io::Error) -> OpError {
    let advice = match cause.kind() {
        std::io::ErrorKind::StorageFull
        | std::io::ErrorKind::FileTooLarge
        | std::io::ErrorKind::QuotaExceeded => {
            ": there is no room for it; make some, or write less with --max-bytes"
        }
        _ => "",
    };
    let what = format!("cannot {what} {}: {cause}{advice}", path.display());
    OpError::new(ErrorCode::Failed, what)
}
