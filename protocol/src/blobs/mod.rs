//! Blobs: files beside practices, asked for in parts and verified part by part.
//!
//! A blob is known by the BLAKE3 hash of its bytes. BLAKE3 is a tree, so that
//! with a few hashes of its inside every [group](GROUP_BYTES) of bytes can be
//! verified by itself, in any order and from any source ([`tree`]). Whoever
//! wants a blob asks each source on a stream of its own ([`message`]), a part
//! at a time: [`fetch`] decides which part of whom, [`pace`] how much may be
//! under way, [`serving`] what the source sends next.
//!
//! What this is not: discovery (who may hold a blob is the shell's guess, and
//! everybody may be asked), permission (the shell answers only for what a held
//! practice names, and only members), and storage.
//!
//! Invariants:
//! - nothing is counted as held that was not verified against the hash;
//! - what was verified is not asked for again, whoever else offers it;
//! - of what was asked and did not come whole, at most one part for each
//!   source is lost by a cut ([`PART_BYTES_MAX`]);
//! - a source that sends what does not fit is asked for nothing more.

pub mod fetch;
pub mod groups;
pub mod message;
pub mod pace;
pub mod serving;
#[cfg(test)]
mod tests;
pub mod tree;

pub use fetch::{Fetch, Kept, Lie, OfferRefused, Standing};
pub use groups::Groups;
pub use message::{Answer, Lack, Malformed, Question};
pub use serving::Serving;
pub use tree::{GROUP_BYTES, Hashing, PART_BYTES_MAX, Part, SECTION_GROUPS, Shape, Tree};
