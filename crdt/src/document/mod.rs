//! Documents: what their raw changes say, and the one place that knows
//! Automerge.
//!
//! A document is a tree of [`Value`]s with a history of changes. Two sorts:
//!
//! - A **practice** has one change per edition. [`next_change`] makes the
//!   change of the next one, as small as the difference; [`read_at`] tells
//!   what an edition says.
//! - A **draft** has many changes by many hands; [`Draft`] edits it.
//!
//! Foreign changes come here only after they were *held*
//! ([`chunk`](crate::chunk)). [`accept`] then decides which of them are sound:
//! first by our own walk over their operations, so that nothing deep or odd
//! ever reaches code that recurses, then by letting Automerge apply, save and
//! load them inside `catch_unwind`. Limits are counted, never timed, so every
//! node comes to the same answer. What accepts or reads foreign changes runs
//! on a thread with a stack of [`STACK_BYTES`].
//!
//! Not here: who may write (the authority), whether a change is stored (the
//! gate), and what the fields mean (the practice).

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::{CommitOptions, Transaction};
use automerge::{AutomergeError, ChangeHash};
use thiserror::Error;

use crate::chunk::{CHANGE_BYTES_MAX, ChunkRefused, OPERATIONS_MAX};
use crate::identity::ActorId;
use crate::value::Value;

mod accept;
mod difference;
mod draft;
mod fold;
mod history;
mod lists;
mod texts;
mod unsound;
mod write;

pub use accept::{Accepted, accept};
pub use draft::{Clash, Draft};
pub use unsound::Unsound;

use fold::Several;
use history::History;
use write::Manner;

/// Objects are nested at most this deep; the root is the first level.
pub const DEPTH_MAX: usize = 8;
/// The name of an entry has at most this many bytes.
pub const KEY_BYTES_MAX: usize = 64;
/// A word has at most this many bytes.
pub const WORD_BYTES_MAX: usize = 4_096;
/// The stack of a thread that accepts or reads foreign changes (64 MiB).
pub const STACK_BYTES: usize = 64 * 1024 * 1024;

/// A raw change that was just made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewChange {
    /// The chunk, never deflated.
    pub bytes: Vec<u8>,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Why a document cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// A change that the hold stage would not have passed.
    #[error("a change of the document is not readable: {0}")]
    Chunk(#[from] ChunkRefused),
    /// A change that was not given and that others build on.
    #[error("change {} of the document is missing", hex(.hash))]
    Missing {
        /// Its hash.
        hash: [u8; 32],
    },
    /// A change that is not sound.
    #[error("a change of the document is not sound: {0}")]
    Unsound(#[from] Unsound),
    /// Something that no document of ours contains.
    #[error("the document contains {what}, which does not belong there")]
    Unfit {
        /// What was met.
        what: &'static str,
    },
    /// The difference does not fit one change.
    #[error(
        "the change has {bytes} bytes and {operations} operations, and at most \
             {CHANGE_BYTES_MAX} and {OPERATIONS_MAX} fit: shorten the longest texts"
    )]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// How many operations it has.
        operations: u64,
    },
    /// Automerge refused, or panicked and was stopped.
    #[error("the document cannot be put together: {0}")]
    Automerge(String),
}

impl From<AutomergeError> for DocumentError {
    fn from(error: AutomergeError) -> Self {
        Self::Automerge(error.to_string())
    }
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The change that turns what the document says at `heads` into `content`.
///
/// `past` holds the raw changes up to `heads` (more do no harm; order does not
/// matter). `actor` is new in this document, so the change is its first.
/// Equal arguments make equal bytes. Text is changed word by word, unless
/// the change would be too large; then whole texts are replaced. If nothing
/// differs the change has no operations.
pub fn next_change(
    past: &[&[u8]],
    heads: &[[u8; 32]],
    content: &BTreeMap<String, Value>,
    actor: &ActorId,
    time_secs: i64,
) -> Result<NewChange, DocumentError> {
    guarded(|| {
        let history = History::read(past)?.up_to(heads)?;
        let mut fold = history.fold()?;
        let now = fold.content(Several::Latest);
        let attempt = |manner| {
            let mut document = history.document()?.with_actor((&actor[..]).into());
            change(&mut document, &now, content, manner, time_secs)
        };
        let change = match attempt(Manner::Words) {
            Err(DocumentError::TooLarge { .. }) => attempt(Manner::Whole)?,
            other => other?,
        };
        // What would not be read like this elsewhere is not published.
        fold.take(&crate::chunk::read(&change.bytes)?)?;
        if fold.content(Several::Latest) != *content {
            return Err(DocumentError::Unfit { what: "something else than was written" });
        }
        Ok(change)
    })
}

/// One change of `document`, which says `now`, to `content` by its actor.
fn change(
    document: &mut automerge::Automerge,
    now: &BTreeMap<String, Value>,
    content: &BTreeMap<String, Value>,
    manner: Manner,
    time_secs: i64,
) -> Result<NewChange, DocumentError> {
    let mut transaction = document.transaction();
    write::update(&mut transaction, now, content, manner)?;
    let hash = commit(transaction, time_secs);
    let empty = CommitOptions::default().with_time(time_secs);
    let hash = hash.unwrap_or_else(|| document.empty_commit(empty));
    made(document, hash)
}

/// Ends a transaction; gives the change, if it has operations.
fn commit(transaction: Transaction<'_>, time_secs: i64) -> Option<ChangeHash> {
    transaction.commit_with(CommitOptions::default().with_time(time_secs)).0
}

/// The change of this hash as bytes, if it is within the bounds.
fn made(document: &automerge::Automerge, hash: ChangeHash) -> Result<NewChange, DocumentError> {
    use automerge::ReadDoc;
    let change = document
        .get_change_by_hash(&hash)
        .ok_or(DocumentError::Unfit { what: "a change that was not made" })?;
    let (bytes, operations) = (change.raw_bytes().to_vec(), change.len() as u64);
    if bytes.len() > CHANGE_BYTES_MAX || operations > OPERATIONS_MAX {
        return Err(DocumentError::TooLarge { bytes: bytes.len(), operations });
    }
    Ok(NewChange { bytes, hash: hash.0 })
}

/// What the document says at `heads`, given raw changes that were accepted.
pub fn read_at(
    changes: &[&[u8]],
    heads: &[[u8; 32]],
) -> Result<BTreeMap<String, Value>, DocumentError> {
    Ok(History::read(changes)?.up_to(heads)?.fold()?.content(Several::Latest))
}

/// Runs what calls Automerge, and turns a panic of it into an error.
fn guarded<T>(work: impl FnOnce() -> Result<T, DocumentError>) -> Result<T, DocumentError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(DocumentError::Automerge("it panicked".to_owned())))
}

#[cfg(test)]
mod tests;
