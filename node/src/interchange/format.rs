//! The formats that practices are taken away in.

use serde_json::Value;
use tern_web_ui::words::Words;

use super::columns::Table;
use super::entry::Entry;
use super::{bibtex, csv, docx, jsonld, practice_as_markdown, ris, xlsx};
use crate::ops::{ErrorCode, OpError};

/// One file takes at most this many practices.
pub const EXPORT_ITEMS_MAX: usize = 20_000;
/// The practices of one file have at most this many bytes of JSON together.
pub const EXPORT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Practice files with their provenance: can be imported and verified.
    Json,
    /// Linked data in the terms of schema.org.
    JsonLd,
    /// For reference managers.
    Ris,
    /// For LaTeX and reference managers.
    Bibtex,
    /// A table as text: can be imported.
    Csv,
    /// A workbook: can be imported.
    Xlsx,
    /// A document to read and edit.
    Docx,
    /// Markdown, to read.
    Markdown,
}

impl Format {
    /// Every format, as lists offer them.
    pub const ALL: [Self; 8] = [
        Self::Docx,
        Self::Xlsx,
        Self::Csv,
        Self::Ris,
        Self::Bibtex,
        Self::JsonLd,
        Self::Json,
        Self::Markdown,
    ];

    /// Its name in commands and addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLd => "jsonld",
            Self::Ris => "ris",
            Self::Bibtex => "bibtex",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Docx => "docx",
            Self::Markdown => "md",
        }
    }

    /// The format of that name.
    ///
    /// # Errors
    /// There is none; says which there are.
    pub fn of(code: &str) -> Result<Self, OpError> {
        Self::ALL.into_iter().find(|format| format.code() == code).ok_or_else(|| {
            let all = Self::ALL.map(Self::code).join(", ");
            let what = format!("there is no format `{}`: there are {all}", super::shortened(code));
            OpError::new(ErrorCode::Invalid, what).in_field("format")
        })
    }

    /// How names of its files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Bibtex => "bib",
            other => other.code(),
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLd => "application/ld+json",
            Self::Ris => "application/x-research-info-systems",
            Self::Bibtex => "application/x-bibtex; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }

    /// Whether it is no text.
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::Xlsx | Self::Docx)
    }
}

/// One practice, as `practice show` answered it, as a file.
///
/// # Errors
/// The file cannot be put together.
pub fn export_one(format: Format, shown: &Value, words: &Words) -> Result<Vec<u8>, OpError> {
    match format {
        Format::Json => Ok(format!("{shown:#}\n").into_bytes()),
        Format::JsonLd => Ok(pretty(&jsonld::one(Entry::new(shown, words)))),
        _ => export_all(format, std::slice::from_ref(shown), words),
    }
}

/// Practices as one file.
///
/// # Errors
/// Too many for one file; the file cannot be put together.
pub fn export_all(format: Format, shown: &[Value], words: &Words) -> Result<Vec<u8>, OpError> {
    if shown.len() > EXPORT_ITEMS_MAX {
        let what = format!(
            "{} practices are too many for one file: {EXPORT_ITEMS_MAX} go into it",
            shown.len()
        );
        return Err(OpError::new(ErrorCode::TooLarge, what).over(EXPORT_ITEMS_MAX as u64));
    }
    let entries: Vec<Entry<'_>> = shown.iter().map(|one| Entry::new(one, words)).collect();
    let joined = |tell: fn(Entry<'_>) -> String| {
        let told: Vec<String> = entries.iter().copied().map(tell).collect();
        told.concat().into_bytes()
    };
    Ok(match format {
        Format::Json => format!("{:#}\n", Value::from(shown.to_vec())).into_bytes(),
        Format::JsonLd => pretty(&jsonld::all(&entries)),
        Format::Ris => joined(ris::reference),
        Format::Bibtex => joined(bibtex::reference),
        Format::Csv => csv::write(&Table::of(&entries, usize::MAX)?).into_bytes(),
        Format::Xlsx => xlsx::write(&Table::of(&entries, xlsx::CELL_UNITS_MAX)?)?,
        Format::Docx => docx::practices(&entries)?,
        Format::Markdown => {
            let texts: Vec<String> = shown.iter().map(practice_as_markdown).collect();
            texts.join("\n---\n\n").into_bytes()
        }
    })
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_name_and_an_unknown_one_is_told_the_others() {
        for format in Format::ALL {
            assert_eq!(Format::of(format.code()), Ok(format));
        }
        let refused = Format::of("pdf").expect_err("there is none");
        assert_eq!(refused.field.as_deref(), Some("format"));
        assert!(refused.message.contains("there are docx, xlsx, csv"), "{refused}");
        let long = Format::of(&"x".repeat(5_000)).expect_err("there is none");
        assert!(long.message.len() < 300, "what was typed is not repeated whole");
    }
}
