//! Clearance before publishing: what an organisation asks for, where a draft lies, by whom an
//! edition was cleared.

use super::{Answer, Fields, Party, Phrase, Reader, Seconds};

/// What an organisation can ask for, by code.
pub const CLEARANCE_NEEDS: [&str; 4] = ["none", "publisher", "sheet", "either"];

/// One thing that was said about the clearance of a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClearanceStep {
    /// What: `asked`, `taken`, `returned`, `approved`, `sheet`, `confirmed`.
    pub what: String,
    /// Who said it.
    pub by: Party,
    /// When, as is claimed.
    pub at: Seconds,
    /// In their words; may be empty.
    pub words: String,
    /// Whether it is about what the draft says now.
    pub current: bool,
}

/// Where a draft lies.
#[derive(Clone, PartialEq, Debug)]
pub struct Clearance {
    /// What the organisation asks for: one of [`CLEARANCE_NEEDS`].
    pub need: String,
    /// Where it lies: `not-asked`, `asked`, `taken`, `returned`, `cleared`, `changed`.
    pub state: String,
    /// What was said, by time.
    pub steps: Vec<ClearanceStep>,
    /// The step on which the state rests.
    pub last: Option<ClearanceStep>,
    /// Keys of fields that changed since it was asked for.
    pub changed: Vec<String>,
    /// Who can give it.
    pub can: Vec<Party>,
    /// Whether the reader may ask.
    pub may_ask: bool,
    /// Whether the reader may take it, return it and approve it.
    pub may_answer: bool,
    /// Whether the reader may confirm the scan that is attached.
    pub may_confirm: bool,
    /// The hash of the scan that is attached for what was asked (hex).
    pub sheet: Option<String>,
    /// Whether nothing of it stands between the draft and its publication by the reader.
    pub publishes: bool,
    /// The hash of what it says now (hex).
    pub content_hash: String,
    /// What was asked for, to be read before it is answered.
    pub asked: Option<Fields>,
    /// Whether the reader's key is locked with a passphrase.
    pub passphrase: bool,
    /// The title.
    pub title: Phrase,
    /// The name of the organisation.
    pub organisation: String,
}

/// What a person does about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClearanceAct {
    /// Asks for clearance of what the draft says now.
    Ask {
        /// For whoever clears; may be empty.
        note: String,
    },
    /// Says that it lies with them.
    Take,
    /// Gives it back.
    Return {
        /// Why.
        reason: String,
    },
    /// Approves what was asked for.
    Approve,
    /// Says that the scan that is attached is the signed sheet of what was asked for.
    Confirm,
}

/// A draft whose clearance waits for the reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClearanceEntry {
    /// The draft.
    pub draft: String,
    /// Its title.
    pub title: String,
    /// Where it lies.
    pub state: String,
    /// Who said the last word.
    pub by: Party,
    /// When, as is claimed.
    pub since: Seconds,
}

/// What the organisation asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClearancePolicy {
    /// One of [`CLEARANCE_NEEDS`].
    pub need: String,
    /// Whether the reader may change it.
    pub may_change: bool,
    /// Whether the root key is locked with a passphrase.
    pub passphrase: bool,
}

/// What is to be said of the clearance of an edition.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EditionClearance {
    /// `not-asked`, `before`, `cleared`, `without`.
    pub state: String,
    /// How it was cleared, or what is missing: one of [`CLEARANCE_NEEDS`]; may be empty.
    pub way: String,
    /// Who cleared it, or confirmed the sheet.
    pub by: Option<Party>,
    /// When, as is claimed.
    pub at: Seconds,
}

impl EditionClearance {
    /// Whether there is something to tell of it.
    pub fn is_told(&self) -> bool {
        matches!(self.state.as_str(), "cleared" | "without")
    }
}

/// What the pages need for clearance.
pub trait Clearing: Send + Sync {
    /// Where a draft lies.
    fn clearance<'a>(&'a self, reader: &'a Reader, draft: &'a str) -> Answer<'a, Clearance>;

    /// Does something about it. `Invalid` with field `note`, `reason` or `passphrase`;
    /// `Conflict` where there is nothing to answer; `Forbidden` for the reader's own.
    fn clear<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        act: &'a ClearanceAct,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;

    /// Drafts whose clearance waits for the reader.
    fn clearances<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ClearanceEntry>>;

    /// What the organisation asks for.
    fn clearance_policy<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ClearancePolicy>;

    /// Changes that. Needs the role `operator`. `Invalid` with field `need` or `passphrase`.
    fn set_clearance_policy<'a>(
        &'a self,
        reader: &'a Reader,
        need: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;
}
