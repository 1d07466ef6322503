//! What is asked, and what is answered.

use super::entry::Card;

/// A query has at most this many characters; what is longer is cut.
pub const QUERY_CHARS_MAX: usize = 400;
/// At most this many hits on a page.
pub const HITS_MAX: usize = 200;

/// What somebody looks for. Where a list of codes is empty everything fits,
/// else whatever has one of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// Words, of which a practice has to have all; those in quotation marks
    /// next to each other. Without words all practices fit, latest first.
    pub text: String,
    /// Primary objectives.
    pub objectives: Vec<u8>,
    /// Codes of countries.
    pub countries: Vec<String>,
    /// Codes of kinds.
    pub kinds: Vec<String>,
    /// Language tags; `pt` fits `pt-BR`.
    pub languages: Vec<String>,
    /// At most this many hits, 1 to [`HITS_MAX`].
    pub limit: usize,
    /// Continue after this place, as answered in [`Results::next`].
    pub after: Option<String>,
}

/// One page of what was found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Results {
    /// All that fit, on all pages.
    pub total: u64,
    /// This page of them, best first.
    pub hits: Vec<Hit>,
    /// How all practices with the words divide.
    pub facets: Facets,
    /// Where the next page begins, if there is one. Means nothing elsewhere.
    pub next: Option<String>,
    /// Nothing has the words as they were typed: these have similar ones.
    pub similar: bool,
}

/// A practice that was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// How well it fits, to compare within one list; 0 without words.
    pub score: f32,
    /// What a list shows of it.
    pub card: Card,
}

/// How practices divide, each list counted as if its own filter were not set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facets {
    /// By primary objective, in their order.
    pub objectives: Vec<(u8, u64)>,
    /// By country, most first, then by code.
    pub countries: Vec<(String, u64)>,
    /// By kind, most first, then by code.
    pub kinds: Vec<(String, u64)>,
    /// By language, most first, then by tag.
    pub languages: Vec<(String, u64)>,
}
