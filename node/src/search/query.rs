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
    /// Codes of topics.
    pub topics: Vec<String>,
    /// Codes of M49 regions, groupings and subregions.
    pub places: Vec<String>,
    /// Only what this node received later, in seconds since 1970.
    pub arrived_after: Option<i64>,
    /// Ids of the organisations that practices come from.
    pub origins: Vec<String>,
    /// Only what everybody may read.
    pub guest: bool,
    /// Also what was withdrawn.
    pub withdrawn: bool,
    /// Only those whose word is so fresh, as of [`now`](Self::now).
    pub freshness: Option<Freshness>,
    /// The moment of asking, in seconds since 1970.
    pub now: i64,
    /// Those first that were confirmed or published last, whatever the words.
    pub by_freshness: bool,
    /// Languages in which somebody reads, best first: in the first of them
    /// that a practice has it is shown.
    pub reads: Vec<String>,
    /// At most this many hits, 1 to [`HITS_MAX`].
    pub limit: usize,
    /// Continue after this place, as answered in [`Results::next`].
    pub after: Option<String>,
}

/// A practice whose word was not renewed for so long, in seconds, is stale: twelve
/// months.
pub const FRESH_FOR: i64 = 365 * 24 * 3_600;

/// Whether those a practice comes from stood for it lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Freshness {
    /// It was published or confirmed within twelve months.
    Fresh,
    /// It was not.
    Stale,
}

impl Freshness {
    /// Of something that was renewed at a moment, now.
    pub const fn of(renewed: i64, now: i64) -> Self {
        if renewed >= now.saturating_sub(FRESH_FOR) { Self::Fresh } else { Self::Stale }
    }

    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Fresh, Self::Stale].into_iter().find(|one| one.code() == code)
    }
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
    /// The words that were taken for what was meant, if single words were
    /// mistaken: to be shown, and to be looked for instead.
    pub meant: Option<String>,
    /// Nothing has all the words: these have most of them.
    pub partly: bool,
}

/// A part of a text, and whether it is what somebody looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The text, which comes from elsewhere and is not escaped.
    pub text: String,
    /// Whether it was looked for.
    pub marked: bool,
}

/// A text in one language with what was found in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marked {
    /// Its language tag; empty if there is no text.
    pub lang: String,
    /// All of it.
    pub pieces: Vec<Piece>,
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
    /// Its title, in a language of the reader if there is one.
    pub title: Marked,
    /// The beginning of its summary, or the passage in which the words were
    /// found; in another language than the title if they are only there.
    pub passage: Marked,
    /// Codes by whose names it was found, each with the letter of its
    /// vocabulary: `o` objective, `c` country, `p` place, `k` kind, `t` topic,
    /// `g` target group.
    pub by: Vec<(char, String)>,
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
    /// By topic, most first, then by code.
    pub topics: Vec<(String, u64)>,
    /// By region, grouping and subregion, most first, then by code.
    pub places: Vec<(String, u64)>,
    /// Those whose word is fresh, and those whose is stale.
    pub freshness: [u64; 2],
}
