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

pub mod brief;
mod columns;
mod form;
mod hold;
mod ids;
mod meta;
mod operations;
mod past;
mod raw;
mod reader;
mod refused;
mod rows;
mod runs;

pub use hold::hold;
pub use meta::ChangeMeta;
pub use operations::{Ids, Key, OpId, Operations, Replaced, Stretch};
pub use past::Past;
pub use raw::{Chunk, hash_of, read};
pub use refused::ChunkRefused;

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

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod honest;
#[cfg(test)]
pub(crate) mod hostile;
#[cfg(test)]
mod tests;
