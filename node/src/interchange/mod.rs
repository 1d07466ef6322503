//! Files that people bring and take away: practices as JSON, tables, documents,
//! references and linked data.
//!
//! Writing takes what `practice show` answers and adds nothing to it: who
//! signed, whether it counts and under which licence stands in every format.
//! Reading turns bytes into rows of practice fields and tells what cannot be
//! read by its row. Whether the fields make sense is not asked here: that is
//! the practice schema's (`tern_crdt::practice`), where rows are imported.
//!
//! Invariants: a file is bounded before it is read; a broken row never hides
//! the rows after it, where the format lets one go on; equal content has an
//! equal [`row_key`] in any file and any order of keys; no text of a practice is
//! a formula, a tag or a command in what is written.

mod archive;
mod bibtex;
mod cell;
mod columns;
mod csv;
mod docx;
mod entry;
mod format;
mod json;
mod jsonld;
mod markdown;
mod resource;
mod ris;
mod rows;
mod table;
mod xlsx;

pub use cell::{Cell, cell, merge};
pub use docx::form;
pub use entry::words;
pub use format::{EXPORT_BYTES_MAX, EXPORT_ITEMS_MAX, Format, export_all, export_one};
pub use markdown::practice_as_markdown;
pub use resource::export_resource;
pub use rows::{
    FILE_BYTES_MAX, ROWS_MAX, ReadRow, UnreadableFile, practice_of, read_document, read_file,
    read_folder, row_key,
};

/// The beginning of what somebody typed, to be repeated in a sentence.
fn shortened(text: &str) -> String {
    const CHARS: usize = 40;
    match text.char_indices().nth(CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
