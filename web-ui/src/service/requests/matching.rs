//! A request before it is sent: who could help, with the score explained, and
//! what it takes to send it.

use super::Ask;
use crate::service::{Alike, Choice, Expert, FieldError};

/// What this node makes of a request before it is sent. Nothing leaves the
/// node for it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Matching {
    /// Rules it breaks, field by field; with any of these it cannot be sent.
    pub problems: Vec<FieldError>,
    /// Experts who can be asked, best first; at most
    /// [`crate::service::LIST_ITEMS_MAX`].
    pub candidates: Vec<Candidate>,
    /// Experts who cannot, with the reason; at most ten.
    pub excluded: Vec<Excluded>,
    /// Practices like this one, best first; at most ten.
    pub comparable: Vec<Alike>,
    /// Whether this person's key is locked with a passphrase.
    pub passphrase: bool,
    /// Why this person cannot send a request, as a sentence; `None` if they
    /// can.
    pub refused: Option<String>,
}

/// An expert who can be asked, with the score explained.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The expert, as known here.
    pub expert: Expert,
    /// The sum of the parts, 0 to 100.
    pub score: u32,
    /// What the score is made of, in the order in which it is explained.
    pub parts: Vec<ScorePart>,
    /// Whether this is one of those whom the mode `routed` would ask.
    pub best: bool,
}

/// One part of a score.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScorePart {
    /// What was weighed (code): `objectives`, `support`, `languages`,
    /// `country`, `topics`, `availability`, `load` …
    pub part: String,
    /// Points given.
    pub points: u32,
    /// Points that could be given.
    pub of: u32,
    /// What was found (code): `speaks`, `knows-country`, `in-hand` …; empty
    /// when `data` says it.
    pub detail: String,
    /// What it was found in, labelled: the shared objectives, the languages.
    pub data: Vec<Choice>,
}

/// An expert who cannot be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excluded {
    /// The name shown, if any.
    pub name: Option<String>,
    /// The organisation's name.
    pub organisation: String,
    /// Why (code): `cannot-answer`, `no-objective`, `paused`, `ended` …
    pub reason: String,
    /// What is missing, labelled.
    pub data: Vec<Choice>,
}

/// A request to sign and send.
#[derive(Clone, PartialEq, Eq)]
pub struct SendAsk {
    /// What is asked.
    pub ask: Ask,
    /// Ids of the experts who get it, one or more.
    pub chosen: Vec<String>,
    /// Opens the person's key, where it is locked.
    pub passphrase: Option<String>,
    /// Made with the form: the same key sends one request, however often the
    /// form arrives. At most 64 characters.
    pub key: String,
}
