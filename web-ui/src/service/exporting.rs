//! Practices as files to take away.

use super::{Answer, Query, Reader};

/// The formats, by the codes that addresses name them with, as lists offer
/// them.
pub const EXPORT_FORMATS: [&str; 8] =
    ["docx", "xlsx", "csv", "ris", "bibtex", "jsonld", "json", "md"];
/// A list that is taken away as one file has at most this many practices.
pub const EXPORT_PRACTICES_MAX: usize = 1_000;

/// A file that was made for the reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exported {
    /// What to call it.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Practices as files.
pub trait Exporting: Send + Sync {
    /// One edition of a practice, named as in [`practice`](super::Service::practice).
    /// `Invalid` with field `format` for one that is none of [`EXPORT_FORMATS`].
    fn export_practice<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
        format: &'a str,
    ) -> Answer<'a, Exported>;

    /// The submission form for word processors, for text in the language
    /// `lang` (BCP 47). `Invalid` with field `in` for what is no tag.
    fn submission_form<'a>(&'a self, reader: &'a Reader, lang: &'a str) -> Answer<'a, Exported>;

    /// The latest editions of all practices that fit a query, whose place and
    /// limit do not matter. `Invalid` with field `q` where they are more than
    /// [`EXPORT_PRACTICES_MAX`].
    fn export_found<'a>(
        &'a self,
        reader: &'a Reader,
        query: &'a Query,
        format: &'a str,
    ) -> Answer<'a, Exported>;
}
