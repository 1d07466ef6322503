//! The bounded reader of raw changes, and the *hold* stage.
//!
//! Automerge is not a safe judge of its own input: one change can panic it,
//! make a saved document unloadable, or make two nodes that received the same
//! two changes in different order differ for ever. So foreign bytes do not
//! reach it. [`read`] parses one raw change chunk by itself, and [`hold`]
//! decides on the chunk and the remembered past alone, without loading a
//! document, whether it is stored, counted and passed on. A change that passed
//! once has the same verdict on every node and in every order of arrival; only
//! the bounds of a whole document depend on what else is held.
//!
//! Holding is not accepting. What is held names only operations that its
//! author could have seen, in bounded numbers; it may still say nonsense, such
//! as a field inside a letter. That is found when the content is looked at, in
//! [`document`](crate::document).
//!
//! Work is linear in the length of the chunk, whatever its run lengths claim.
//! The rules are numbered in section 4 of the specification.

mod meta;
mod past;
mod refused;

pub use meta::ChangeMeta;
pub use past::Past;
pub use refused::ChunkRefused;

use crate::identity::ActorId;

/// A change has at most this many bytes.
pub const CHANGE_BYTES_MAX: usize = 256 * 1024;
/// The message of a change has at most this many bytes.
pub const MESSAGE_BYTES_MAX: usize = 256;
/// A change follows at most this many others.
pub const DEPS_MAX: usize = 64;
/// A change has at most this many operations; one character is one.
pub const OPERATIONS_MAX: u64 = 200_000;
/// A change names at most this many predecessors.
pub const PREDECESSORS_MAX: u64 = 200_000;
/// The counters of operations stay below this.
pub const COUNTER_MAX: u64 = 1 << 31;
/// A document has at most this many changes.
pub const DOCUMENT_CHANGES_MAX: usize = 10_000;
/// A document has at most this many operations.
pub const DOCUMENT_OPERATIONS_MAX: u64 = 500_000;
/// The changes of a document have at most this many bytes together.
pub const DOCUMENT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// One raw change whose bytes keep the rules that need no past: it is intact,
/// bounded, and written as Automerge writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    bytes: &'a [u8],
    hash: [u8; 32],
    deps: &'a [[u8; 32]],
    actor: ActorId,
    seq: u64,
    start_op: u64,
    time: i64,
    ops: u64,
}

impl<'a> Chunk<'a> {
    /// SHA-256 of the chunk without its first eight bytes, as in Automerge.
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The changes it follows, strictly ascending, at most 64.
    pub const fn deps(&self) -> &'a [[u8; 32]] {
        self.deps
    }

    /// Who wrote it.
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// The number that its actor gave it, from 1.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The counter of its first operation.
    pub const fn start_op(&self) -> u64 {
        self.start_op
    }

    /// How many operations it has, at most 200,000.
    pub const fn ops(&self) -> u64 {
        self.ops
    }

    /// When it was written, in seconds since 1970 by its author's clock. Not
    /// to be relied on.
    pub const fn time(&self) -> i64 {
        self.time
    }

    /// The whole chunk.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// Reads one raw change that fills `bytes` exactly.
pub fn read(bytes: &[u8]) -> Result<Chunk<'_>, ChunkRefused> {
    if bytes.len() > CHANGE_BYTES_MAX {
        return Err(ChunkRefused::TooLong { bytes: bytes.len(), max: CHANGE_BYTES_MAX });
    }
    Err(ChunkRefused::Magic)
}

/// Decides whether a change is held on top of `past`, and what is then to be
/// remembered of it; `expected_actor` is the actor that its signature covers.
/// A change that is held already passes again.
pub fn hold(
    chunk: &Chunk<'_>,
    past: &Past,
    expected_actor: Option<&ActorId>,
) -> Result<ChangeMeta, ChunkRefused> {
    let _ = (past.ancestry(chunk.deps)?.depth(), expected_actor);
    Err(ChunkRefused::Actor)
}
