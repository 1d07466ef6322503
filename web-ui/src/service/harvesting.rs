//! Practices as other catalogues gather them: by when they changed here.

use super::{Answer, Fields, Seconds, Signer};

/// Items of one page of a harvest, at most.
pub const HARVEST_ITEMS_MAX: usize = 100;

/// What is gathered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Harvest {
    /// Only what changed here at this moment or later.
    pub from: Option<Seconds>,
    /// Only what changed here at this moment or earlier.
    pub until: Option<Seconds>,
    /// Only practices that serve this objective first of all; and what is gone,
    /// of which nobody knows what it served.
    pub objective: Option<u8>,
    /// Only what stands behind this id.
    pub after: Option<String>,
    /// At most this many, 1 to [`HARVEST_ITEMS_MAX`].
    pub limit: usize,
}

/// A page of a harvest, ascending by id.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Harvested {
    /// What was found; nothing only at the end.
    pub items: Vec<Gathered>,
    /// Behind which id the next page begins, if there is one.
    pub next: Option<String>,
}

/// A practice that everybody may read, or the fact that it is gone.
#[derive(Clone, PartialEq, Debug)]
pub struct Gathered {
    /// The practice's id.
    pub id: String,
    /// When it, or whether it may be read, changed on this node last.
    pub changed: Seconds,
    /// Its latest edition; `None` of one that was erased or withdrawn, does not
    /// count, or is not for everybody.
    pub record: Option<Box<Record>>,
}

/// The latest edition of a practice, for a catalogue.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// The edition's id.
    pub edition: String,
    /// Its number.
    pub number: u32,
    /// Hash of the canonical content (hex).
    pub content_hash: String,
    /// The organisation that it comes from.
    pub organisation: String,
    /// The content.
    pub fields: Fields,
    /// Who signed it.
    pub signers: Vec<Signer>,
    /// When its signer says it was published.
    pub published: Seconds,
}

/// Gathering practices.
pub trait Harvesting: Send + Sync {
    /// A page of all that everybody may read, and of all that is gone.
    /// `Invalid` with field `after` for what is no id.
    fn harvest<'a>(&'a self, harvest: &'a Harvest) -> Answer<'a, Harvested>;

    /// One practice by its whole id, or the fact that it is gone. `NotFound`
    /// for one that was never here.
    fn gathered<'a>(&'a self, id: &'a str) -> Answer<'a, Gathered>;
}
