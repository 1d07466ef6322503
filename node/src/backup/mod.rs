//! Backups: everything that a node needs to live again elsewhere, in one file.
//!
//! [`write()`] saves a node that runs or not: it reads the journal beside the
//! node, so that nothing stops and all that was confirmed before is in it. A
//! file that holds a backup of the same node already is continued with what is
//! new; what was just written is read back and checked before the backup
//! counts. [`restore`] makes an empty folder the node again, as one that is
//! [catching up](tern_protocol::catching_up).
//!
//! What a backup holds: the journal (all that the node stores, drafts, accounts
//! and requests too), the keys as they are kept, settings, who the node is, and
//! the files beside practices that it has whole, unless they are not wanted.
//! What it does not: indexes, which are made anew; the token of the local API and
//! sign-in links, which are drawn anew; files that are only begun; logs.
//!
//! Invariants: a backup that was interrupted leaves the one before it whole;
//! nothing in a file decides where something is written; whoever has a file
//! without passphrase has the node's keys.

mod blobs;
mod layout;
mod reading;
mod restoring;
mod small_files;
mod writing;

#[cfg(test)]
mod tests;

use std::path::Path;

use serde::Serialize;
use tern_crdt::timestamp::Timestamp;

use crate::folder::{DataFolder, write_private};
use crate::ops::{ErrorCode, OpError};
pub use restoring::{Restored, restore};
pub(crate) use writing::from_store;
pub use writing::{Saved, Wanted, write};

/// Progress is told after this many bytes.
pub const STEP_BYTES: u64 = layout::JOURNAL_BYTES as u64;

/// `{data}/backup.json`: the last backup, for those who watch its age.
#[derive(Serialize)]
struct Last<'a> {
    /// When it was made, in seconds since 1970.
    at: i64,
    file: &'a Path,
    bytes: u64,
}

/// Notes in the data folder that a backup of this state is there.
fn note(folder: &DataFolder, made: Timestamp, file: &Path, bytes: u64) -> Result<(), OpError> {
    let last = Last { at: made.0.div_euclid(1_000), file, bytes };
    let path = folder.backup_file();
    let text = serde_json::to_vec_pretty(&last).map_err(std::io::Error::from);
    text.and_then(|text| write_private(&path, &text))
        .map_err(|cause| refused("write", &path, &cause))
}

/// The error that the system refuses to do `what` with `path`.
fn refused(what: &str, path: &Path, cause: &std::io::Error) -> OpError {
    OpError::new(ErrorCode::Failed, format!("cannot {what} {}: {cause}", path.display()))
}
