//! The board: needs for which nobody was found, for everybody of the federation to read.
//!
//! A need says what those who posted it chose to say, and nothing of the request behind it.
//! Who can help says so to them alone.

use super::{Answer, Choice, Reader, Seconds};

/// Needs that somebody looks for. Empty is all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BoardQuery {
    /// Only those that serve this objective (code).
    pub objective: Option<String>,
    /// Only those in this region (code).
    pub region: Option<String>,
}

/// What is on the board, what is needed soonest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Needs {
    /// All that fit.
    pub total: u64,
    /// At most [`super::LIST_ITEMS_MAX`] of them.
    pub items: Vec<Need>,
    /// The regions by which they can be looked for.
    pub regions: Vec<Choice>,
}

/// A need on the board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// Its id.
    pub id: String,
    /// What is needed, on one line.
    pub title: String,
    /// The language of its title (BCP 47), empty when unknown.
    pub lang: String,
    /// Who needs it, if they are named.
    pub organisation: Option<String>,
    /// The country or region, if one is named.
    pub place: Option<Choice>,
    /// Kinds of support.
    pub support: Vec<Choice>,
    /// Objectives of the Global Compact.
    pub objectives: Vec<Choice>,
    /// Languages in which help is wanted.
    pub languages: Vec<Choice>,
    /// The day by which it is needed, YYYY-MM-DD.
    pub needed_by: Option<String>,
    /// When it was signed, by the signer's clock.
    pub signed: Seconds,
    /// Until when it stands.
    pub expires: Seconds,
    /// Whether the reader's own organisation posted it.
    pub ours: bool,
    /// Whether the reader may take it down.
    pub may_take_down: bool,
    /// Whether the reader can offer help: an expert with a card.
    pub may_help: bool,
    /// Whether the reader's key is locked with a passphrase.
    pub passphrase: bool,
}

/// Whom a need names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    /// The organisation and its country.
    Organisation,
    /// The country alone.
    Country,
    /// Its region alone.
    Region,
    /// Nobody and no place.
    Nothing,
}

impl Naming {
    /// All, the least telling but one first: what is offered first is chosen most.
    pub const ALL: [Self; 4] = [Self::Region, Self::Country, Self::Organisation, Self::Nothing];

    /// Its word in the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Country => "country",
            Self::Region => "region",
            Self::Nothing => "nothing",
        }
    }
}

/// What is put on the board of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct PostNeed {
    /// What is needed, on one line of 10 to 120 characters.
    pub title: String,
    /// Whom it names.
    pub naming: Naming,
    /// Opens the person's key, where it is locked.
    pub passphrase: Option<String>,
}

/// The board. Everything needs a signed-in member.
pub trait Boarding: Send + Sync {
    /// What is on it.
    fn board<'a>(&'a self, reader: &'a Reader, query: &'a BoardQuery) -> Answer<'a, Needs>;

    /// One need that is shown.
    fn need<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Need>;

    /// Puts a need on it for a request. `Conflict` when that is not possible now; `Invalid`
    /// names `title` or `passphrase`.
    fn post_need<'a>(
        &'a self,
        reader: &'a Reader,
        request: &'a str,
        post: &'a PostNeed,
    ) -> Answer<'a, ()>;

    /// Takes a need down.
    fn take_down<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;

    /// Offers help, to those who posted the need alone. `Invalid` names `text` (10 to 2,000
    /// characters) or `passphrase`.
    fn offer_help<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        text: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;
}
