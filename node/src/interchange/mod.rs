//! Files that people bring and take away: practice files in JSON, JSON Lines
//! and CSV, and a practice as Markdown.
//!
//! Reading turns bytes into rows of practice fields and tells what cannot be
//! read by its row. Whether the fields make sense is not asked here: that is
//! the practice schema's (`tern_crdt::practice`), where rows are imported.
//!
//! Invariants: a file is bounded before it is read; a broken row never hides
//! the rows after it, where the format lets one go on; equal content has an
//! equal [`row_key`] in any file and any order of keys.

mod cell;
mod csv;
mod json;
mod markdown;
mod rows;

pub use cell::{Cell, cell, merge};
pub use markdown::practice_as_markdown;
pub use rows::{
    FILE_BYTES_MAX, ROWS_MAX, ReadRow, UnreadableFile, practice_of, read_document, read_file,
    read_folder, row_key,
};
