//! The library as lists: the header of every page, the first page, search.

use super::{Choice, LinkMonth, Phrase, Seconds};

/// Who this node is and whether it is in touch.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// Whether set-up is done. While it is not, every page leads to set-up.
    pub set_up: bool,
    /// The name of the federation, shown as the name of the site.
    pub federation: String,
    /// The organisation that runs this node.
    pub organisation: String,
    /// The node's own default language (BCP 47).
    pub lang: String,
    /// Partner nodes that are connected now.
    pub connected: u32,
    /// Partner nodes that are known.
    pub peers: u32,
    /// When this node last finished an exchange, if ever.
    pub last_exchange: Option<Seconds>,
    /// Changes made here that no partner has yet.
    pub waiting: u64,
    /// While the node was restored from a backup and has met nobody since:
    /// of when that backup is. It signs nothing until it has.
    pub restored_to: Option<Seconds>,
    /// While the node found out that it was put back and has met nobody since:
    /// when it did.
    pub put_back_at: Option<Seconds>,
    /// What links cost this month; `None` where they cost nothing, and while
    /// nobody said what they cost and nothing was spent.
    pub link: Option<LinkMonth>,
    /// Version of the software.
    pub version: String,
}

/// The first page's own figures; its list is a [`Found`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overview {
    /// Published practices held here.
    pub practices: u64,
    /// Organisations of the federation.
    pub organisations: u64,
    /// Practices by objective, for all objectives, in their order.
    pub by_objective: Vec<Count>,
    /// Practices by country, most first, only those with any.
    pub by_country: Vec<Count>,
    /// What others published lately, latest first; at most ten.
    pub arrivals: Vec<Arrival>,
}

/// How often something to choose occurs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// What is counted.
    pub choice: Choice,
    /// How many practices have it.
    pub count: u64,
}

/// An edition that another organisation published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// The practice.
    pub id: String,
    /// Its title.
    pub title: Phrase,
    /// Who published it.
    pub organisation: String,
    /// Number of the edition; 1 is a new practice.
    pub edition: u32,
    /// When it was published, or arrived here, whichever was earlier.
    pub at: Seconds,
}

/// What a person looks for. Empty is everything, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// Words; at most 400 characters.
    pub text: String,
    /// Only practices that serve this objective (code).
    pub objective: Option<String>,
    /// Only practices of this country.
    pub country: Option<String>,
    /// Only practices of this kind.
    pub kind: Option<String>,
    /// Only practices with text in this language.
    pub lang: Option<String>,
    /// Only practices on this topic.
    pub topic: Option<String>,
    /// Only practices in this M49 region, grouping or subregion.
    pub place: Option<String>,
    /// Only practices whose latest edition this node received later.
    pub since: Option<Seconds>,
    /// Only practices that come from this organisation (id).
    pub origin: Option<String>,
    /// Only practices whose word is `fresh` or `stale`.
    pub freshness: Option<String>,
    /// Also those that were withdrawn.
    pub withdrawn: bool,
    /// Those first that were confirmed or published last, whatever the words.
    pub by_freshness: bool,
    /// Continue after this place, as answered in [`Found::next`].
    pub after: Option<String>,
    /// At most this many hits, 1 to [`super::LIST_ITEMS_MAX`].
    pub limit: usize,
}

/// One page of what was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// All that fit, on all pages.
    pub total: u64,
    /// This page of them.
    pub hits: Vec<Hit>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// How the hits divide, for the filters.
    pub facets: Facets,
    /// Nothing has the words as they were typed: the hits have similar ones.
    pub similar: bool,
    /// What was taken for meant, where single words were mistaken.
    pub meant: Option<String>,
    /// Nothing has all the words: the hits have most of them.
    pub partly: bool,
    /// Whether the index is still being built, so that more may be found
    /// later.
    pub indexing: bool,
}

/// How the hits divide. Each list holds only what occurs, most first, and is
/// counted as if its own filter were not set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facets {
    /// By objective, in the order of objectives.
    pub objectives: Vec<Count>,
    /// By country.
    pub countries: Vec<Count>,
    /// By kind.
    pub kinds: Vec<Count>,
    /// By language.
    pub languages: Vec<Count>,
    /// By topic.
    pub topics: Vec<Count>,
    /// By M49 region, grouping and subregion.
    pub places: Vec<Count>,
    /// Those that were published or confirmed within twelve months, and those that
    /// were not.
    pub freshness: (u64, u64),
}

/// A practice as one entry of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// The practice's id.
    pub id: String,
    /// Its title in the language that fits the reader best.
    pub title: Phrase,
    /// The beginning of its summary, about 350 characters, if it has one.
    pub summary: Option<Phrase>,
    /// The organisation that published it.
    pub organisation: String,
    /// Kind of practice.
    pub kind: Option<Choice>,
    /// Countries.
    pub countries: Vec<Choice>,
    /// Primary objectives.
    pub objectives: Vec<Choice>,
    /// Languages it can be read in.
    pub languages: Vec<Choice>,
    /// First year, if known.
    pub start: Option<i32>,
    /// Last year, if known.
    pub end: Option<i32>,
    /// Whether it goes on.
    pub ongoing: bool,
    /// Number of the latest edition.
    pub edition: u32,
    /// How many people and organisations signed it.
    pub signatures: u32,
    /// Listed from a public source, not written by those who did the work.
    pub listed: bool,
    /// What was looked for in it.
    pub marks: Marks,
    /// Whether the latest edition is sealed.
    pub sealed: bool,
    /// Whether it is withdrawn.
    pub withdrawn: bool,
    /// When it was published or confirmed last.
    pub renewed: Seconds,
    /// Whether that was twelve months ago or more.
    pub stale: bool,
    /// How many organisations say that they use it too.
    pub adapted: u32,
}

/// Where in a practice the words stand that were looked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    /// The title, in pieces; empty where nothing was looked for.
    pub title: Vec<Piece>,
    /// The summary or the passage where the words stand, to be shown in place
    /// of the summary.
    pub passage: Option<Marked>,
    /// Codes by whose names it was found, labelled: an objective, a country.
    pub by: Vec<Choice>,
}

/// A text in one language, in pieces.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marked {
    /// Its language (BCP 47).
    pub lang: String,
    /// All of it.
    pub pieces: Vec<Piece>,
}

/// A part of a text, unescaped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it was looked for.
    pub marked: bool,
}

/// What practices are to be like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Like {
    /// On what this practice (by its id) is about, from places like that of
    /// the organisation that runs this node.
    Practice(String),
    /// From such places, on an objective (code) if one is given.
    Here(Option<String>),
}

/// A practice that is like something, with the likeness explained.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alike {
    /// The practice.
    pub hit: Hit,
    /// The sum of the parts' points, to compare within one list.
    pub points: u32,
    /// What is alike, most telling first.
    pub parts: Vec<AlikePart>,
}

/// One thing that is alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlikePart {
    /// What (code): `country`, `place`, `objectives`, `topics`, `groups`,
    /// `kind`, `words`.
    pub part: String,
    /// Points for it.
    pub points: u32,
    /// What both have, labelled.
    pub data: Vec<Choice>,
}

/// A search that somebody keeps on this node, for themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedSearch {
    /// Its id, within the account.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// What is looked for, without a place to continue from and a limit.
    pub query: Query,
    /// How many practices fit it.
    pub total: u64,
    /// How many of them, or of their editions, arrived since it was last
    /// looked at.
    pub fresh: u64,
    /// When it was last looked at.
    pub looked: Seconds,
}
