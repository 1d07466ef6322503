//! Why a change is not shown.

use thiserror::Error;

use crate::chunk::ChunkRefused;

/// What is wrong with a change that passed the hold stage. It stays held and
/// is passed on; it is shown nowhere, and nothing that builds on it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unsound {
    /// It would not have passed the hold stage.
    #[error("it is not readable: {0}")]
    Chunk(#[from] ChunkRefused),
    /// It builds on a change that is unsound, or that was not given.
    #[error("it builds on a change that is unsound or missing")]
    Dep,
    /// Its actor gave its number to another change as well, which comes first.
    #[error("its actor numbered two changes {seq}")]
    Repeated {
        /// The number.
        seq: u64,
    },
    /// It changes something that is no object.
    #[error("operation {counter} changes something that is no object")]
    NoObject {
        /// The operation.
        counter: u64,
    },
    /// It names an element that is not in that object.
    #[error("operation {counter} names an element that its object does not have")]
    NoElement {
        /// The operation.
        counter: u64,
    },
    /// It replaces something that stands elsewhere or does not stand at all.
    #[error("operation {counter} replaces what does not stand there")]
    NotReplaced {
        /// The operation.
        counter: u64,
    },
    /// It makes objects that are nested too deep.
    #[error("operation {counter} nests objects deeper than {max}")]
    Depth {
        /// The operation.
        counter: u64,
        /// The limit it met.
        max: usize,
    },
    /// An operation of a sort that documents do not have, or in a place where
    /// it means nothing.
    #[error("operation {counter} {what}")]
    Operation {
        /// The operation.
        counter: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A name or word that is too long.
    #[error("operation {counter} has a {what} of {bytes} bytes, and at most {max} fit")]
    TooLong {
        /// The operation.
        counter: u64,
        /// A name or a word.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit it met.
        max: usize,
    },
    /// Automerge refused it, or could not load what it had saved.
    #[error("it cannot be put together: {0}")]
    Refused(String),
    /// Automerge panicked. Not a verdict: another node may be able to show it.
    #[error("it cannot be shown here: the document's engine panicked")]
    Panicked,
}

impl Unsound {
    /// Whether this holds on this node only and says nothing about the change.
    pub const fn is_local(&self) -> bool {
        matches!(self, Self::Panicked)
    }
}
