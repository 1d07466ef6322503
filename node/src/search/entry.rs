//! What is indexed of a practice, and what is kept to show it in a list.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::taxonomy::{Term, Vocabulary, regions_of};

/// The beginning of a summary that is kept has at most this many characters.
pub const SUMMARY_CHARS: usize = 350;

/// A practice as it enters the index.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// Its id. One that is in the index already is replaced.
    pub id: String,
    /// What it was made from: a practice whose state is another is stale.
    pub state: [u8; 32],
    /// What it says, by language tag (BCP 47).
    pub texts: BTreeMap<String, EntryText>,
    /// What is known of it besides.
    pub facts: Facts,
}

/// What a practice says in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EntryText {
    /// Its title; counts most.
    pub title: String,
    /// Its summary; counts more than the rest.
    pub summary: String,
    /// All further text, in any order.
    pub body: String,
}

/// What is known of a practice besides its texts: what lists show, filter by
/// and count.
#[derive(Clone, PartialEq, Eq, Debug, Default, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Facts {
    /// Primary objectives, 1 to 23.
    #[n(0)]
    pub objectives: Vec<u8>,
    /// Related objectives, 1 to 23.
    #[n(1)]
    pub related_objectives: Vec<u8>,
    /// Codes of its countries.
    #[n(2)]
    pub countries: Vec<String>,
    /// The code of its kind.
    #[n(3)]
    pub kind: Option<String>,
    /// The tags of the languages that it can be read in.
    #[n(4)]
    pub languages: Vec<String>,
    /// The tag of the language that it was written in.
    #[n(5)]
    pub original_language: Option<String>,
    /// The id of the organisation that it comes from.
    #[n(6)]
    pub origin: String,
    /// That organisation's name; searched as well.
    #[n(7)]
    pub organisation: String,
    /// Number of the latest edition.
    #[n(8)]
    pub edition: u32,
    /// When that was published, in seconds since 1970 by its publisher's
    /// clock. Lists without words are in this order, latest first.
    #[n(9)]
    pub published: i64,
    /// Listed from a public source, not written by those who did the work.
    #[n(10)]
    pub listed: bool,
    /// The year in which it began.
    #[n(11)]
    pub start: Option<i32>,
    /// The year in which it ended.
    #[n(12)]
    pub end: Option<i32>,
    /// Whether it goes on.
    #[n(13)]
    pub ongoing: bool,
    /// How many signed its latest edition.
    #[n(14)]
    pub signatures: u32,
    /// Codes of its topics.
    #[n(15)]
    pub topics: Vec<String>,
    /// Codes of those whom it is for.
    #[n(16)]
    pub groups: Vec<String>,
    /// Codes of its M49 subregions, besides those of its countries.
    #[n(17)]
    pub subregions: Vec<String>,
    /// When this node received its latest edition, in seconds since 1970.
    #[n(18)]
    pub arrived: i64,
    /// For members alone: guests do not find it.
    #[n(19)]
    pub members_only: bool,
    /// Withdrawn by those it comes from: found by whoever asks for such.
    #[n(20)]
    pub withdrawn: bool,
    /// When it was confirmed last, or published if that was later, in seconds since
    /// 1970.
    #[n(21)]
    pub renewed: i64,
    /// How many organisations say that they use it too.
    #[n(22)]
    pub adaptations: u32,
}

impl Facts {
    /// The regions, groupings and subregions that it is in, each once.
    pub fn places(&self) -> BTreeSet<String> {
        let subregions = self.subregions.iter().flat_map(|code| {
            let within = Vocabulary::Subregions.term(code).and_then(Term::group);
            [Some(code.as_str()), within].into_iter().flatten()
        });
        let countries = self.countries.iter().flat_map(|country| regions_of(country));
        countries.chain(subregions).map(str::to_owned).collect()
    }
}

/// A practice as an entry of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Card {
    /// Titles by language tag.
    #[n(0)]
    pub titles: BTreeMap<String, String>,
    /// Beginnings of summaries by language tag, each at most
    /// [`SUMMARY_CHARS`] long.
    #[n(1)]
    pub summaries: BTreeMap<String, String>,
    /// What is known of it besides.
    #[n(2)]
    pub facts: Facts,
}
