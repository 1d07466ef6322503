//! Bundles: a meeting by hand, in a file on a stick or in a letter.
//!
//! A bundle is one node's word at one moment: who wrote it, what it holds, and
//! what it holds *of*. Whoever reads one judges every piece as if a peer had
//! sent it, so a bundle needs no trust and its writer need not be known: what
//! counts is what is signed inside.
//!
//! 1. A writer asks its library what there is, in the order in which each piece
//!    builds only on those before it ([`Library::bundled`](crate::library::Library::bundled)),
//!    packs it ([`Packer`]) and turns it into frames ([`Framer`]), behind a signed
//!    [`Header`].
//! 2. It ends with its [`Frontier`], by which another writer finds out what it
//!    has, and a signed [`End`]. One for a single node tells that in a row instead
//!    ([`Library::tell`](crate::library::Library::tell)), and leaves out what is
//!    [`Known`] of its reader.
//! 3. A reader ([`Reader`]) takes frames one by one. A frame that is damaged
//!    ends the file, and what came before stands: nothing that is needed to
//!    read stands behind what it is about.
//!
//! What is not here: files and folders (the shell's), and a second gate. What
//! a bundle brings goes the way of [`gate`](crate::gate), by
//! [`Command::TakeIn`](crate::step::Command::TakeIn).
//!
//! Invariants: a frame is bounded before it is held, checked before it is
//! decoded, and bounded again before it is unpacked; its check names its place and
//! its file, so that pieces of two files do not make one; a draft is in no frame
//! that is not encrypted; no byte of the file makes this panic; the bytes of section
//! 20 of the specification.

mod codes;
mod contents;
mod frame;
mod frontier;
mod header;
mod packer;
mod part;
mod reading;
mod rows;

pub use codes::{CodesRefused, codes, read_codes};
pub use contents::{Listed, Listing, Place};
pub use frame::{BadFrame, FRAME_HEAD_BYTES, Framer};
pub use frontier::{Element, Frontier, Told, element};
pub use header::{Addressee, Header, HeaderRefused, MAGIC, VERSION};
pub use packer::Packer;
pub use part::{Counts, End, Part};
pub use reading::{Broken, Read, Reader};
pub(crate) use rows::forget_rows;
pub use rows::{Hearing, Known, TOLD_ELEMENTS_MAX, Telling};

#[cfg(test)]
mod tests;
