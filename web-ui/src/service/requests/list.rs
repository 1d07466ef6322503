//! Requests as lists, and their states.

use crate::service::{Choice, Seconds};

/// The states of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestState {
    /// Being written.
    Draft,
    /// Signed here; nobody has it yet.
    Submitted,
    /// Experts are being looked for.
    Matching,
    /// Experts have it and have not decided.
    Proposed,
    /// Somebody accepted; nobody is awarded.
    Accepted,
    /// An expert is at work.
    InProgress,
    /// The answer is there.
    Delivered,
    /// The asker has confirmed the answer.
    Confirmed,
    /// The asker says that the answer does not help.
    Disputed,
    /// Done.
    Closed,
    /// Nobody could be found.
    Unmet,
    /// The asker took it back.
    Withdrawn,
    /// Its time ran out.
    Expired,
}

impl RequestState {
    /// Its word in the contract: `in_progress`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Matching => "matching",
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::InProgress => "in_progress",
            Self::Delivered => "delivered",
            Self::Confirmed => "confirmed",
            Self::Disputed => "disputed",
            Self::Closed => "closed",
            Self::Unmet => "unmet",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// From which end a reader sees a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The reader's organisation asked.
    Asker,
    /// The reader, or the reader's organisation, is asked.
    Expert,
}

/// Which list of requests is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestQuery {
    /// What we asked, or what we are asked.
    pub side: Side,
    /// Continue after this place, as answered in [`Requests::next`].
    pub after: Option<String>,
    /// At most this many, 1 to [`crate::service::LIST_ITEMS_MAX`].
    pub limit: usize,
}

/// One page of requests: first what waits for the reader, then the last
/// changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Requests {
    /// All there are, on all pages.
    pub total: u64,
    /// This page of them.
    pub items: Vec<RequestEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// Whether the reader may ask for support.
    pub may_ask: bool,
    /// Whether the reader has a card in the directory.
    pub has_card: bool,
    /// Whether a key that reads requests is locked: some may wait unread.
    pub locked: bool,
}

/// A request as one entry of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestEntry {
    /// The request's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The language it is written in (BCP 47), empty when unknown.
    pub lang: String,
    /// The organisation that asks.
    pub organisation: String,
    /// The country it is for.
    pub country: Option<Choice>,
    /// Its state.
    pub state: RequestState,
    /// Who holds it now, if known.
    pub holder: Option<Party>,
    /// The day by which an answer is needed, YYYY-MM-DD.
    pub needed_by: Option<String>,
    /// When something last became of it, as received here.
    pub changed: Seconds,
    /// Whether something about it waits for this reader.
    pub waits: bool,
    /// The other expert was chosen: nothing more is asked of the reader.
    pub superseded: bool,
}

/// Somebody in a story: a person, a desk, or the organisation alone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Party {
    /// The person's name, where it is shown.
    pub person: Option<String>,
    /// The organisation's name; empty when unknown.
    pub organisation: String,
}
