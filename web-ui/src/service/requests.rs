//! Asking for support, and following what becomes of it.
//!
//! A request can be read by its asker, by the experts it was sent to and by
//! the desks of both organisations; every other node carries it unread. What
//! is told here of a request is what the reader's own keys on this node open.
//!
//! Its state is worked out, on each node alike, from the signed events held
//! there. Times are two: the one a signer claims, and the one at which this
//! node received it. Nothing here says that somebody was silent where the
//! truth is that nobody heard from them: see [`Request::unreachable`].

use serde::{Deserialize, Serialize};

use super::{Choice, Expert, FieldError, Hit, Seconds};

/// A request as it is written, in the shape of request files. Texts are in
/// one language. Which codes exist, what is required and how long a text may
/// be is the node's to judge.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// How it is sent: `routed` or `directed` (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The language it is written in (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What is asked for, in a line; 10 to 120 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The asking organisation, where it is not the asker's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The country it is for (ISO 3166-1 alpha-2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Kinds of support, one or more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub support_types: Vec<String>,
    /// Objectives of the Global Compact, 1 to 23, one or more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<u8>,
    /// Cross-cutting topics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// What is needed, and why; 300 to 3,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// What one has to know beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// What should be there in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_result: Option<String>,
    /// Ids of practices that were tried already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<String>,
    /// Languages the asker reads and speaks (BCP 47).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages_in: Vec<String>,
    /// Languages the answer can be in (BCP 47), one or more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages_out: Vec<String>,
    /// The day by which an answer is needed, YYYY-MM-DD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<String>,
    /// How urgent it is (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<String>,
    /// How long the support would last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// At a distance, on a visit, or both (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modality: Option<String>,
    /// Whether there is money for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Whether the state has to agree, and who did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endorsement: Option<Endorsement>,
    /// Whether experts were taken as matched or chosen by hand (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidentiality: Option<String>,
    /// Keys of fields that everybody may see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stub: Vec<String>,
    /// Whether the answer may be used again, without names.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reuse_consent: bool,
    /// Whether the first acceptance is awarded by itself: `auto` or `manual`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award: Option<String>,
    /// The experts of a request that is sent to some by hand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub experts: Vec<String>,
}

/// Whether there is money.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Whether there is (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding: Option<String>,
    /// How much, from whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The word of a state for a request.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Endorsement {
    /// Whether it is required.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Who gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// An answer, in the shape of answer files.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reply {
    /// The answer; 1 to 8,000 characters, in one language.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Ids of the practices it cites.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub practices: Vec<String>,
    /// The language of its text (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// What this node makes of a request before it is sent. Nothing leaves the
/// node for it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Matching {
    /// Rules it breaks, field by field; with any of these it cannot be sent.
    pub problems: Vec<FieldError>,
    /// Experts who can be asked, best first; at most
    /// [`super::LIST_ITEMS_MAX`].
    pub candidates: Vec<Candidate>,
    /// Experts who cannot, with the reason; at most ten.
    pub excluded: Vec<Excluded>,
    /// Practices like this one, best first; at most ten.
    pub comparable: Vec<Hit>,
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
    /// At most this many, 1 to [`super::LIST_ITEMS_MAX`].
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

/// A request, whole, as this reader may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// From which end the reader sees it.
    pub side: Side,
    /// Its state.
    pub state: RequestState,
    /// What is asked.
    pub ask: Ask,
    /// The practices of [`Ask::tried`], with their titles.
    pub tried: Vec<Cited>,
    /// The language it is written in (BCP 47), empty when unknown.
    pub lang: String,
    /// Who asks.
    pub asker: Party,
    /// When it was signed, by the asker's clock.
    pub sent: Seconds,
    /// When the step it is in runs out, if it does.
    pub due: Option<Seconds>,
    /// Who holds it now: whoever has to do something next.
    pub holder: Option<Party>,
    /// Since when.
    pub since: Option<Seconds>,
    /// Who can read it, one by one.
    pub readers: Vec<RequestReader>,
    /// The paths it and its answers took, oldest first.
    pub trails: Vec<Trail>,
    /// What happened, in the order of causes.
    pub events: Vec<RequestEvent>,
    /// Events that do not count, with the reason.
    pub refused: Vec<RefusedEvent>,
    /// Whom it was sent to, and what each said. An expert sees only what
    /// concerns that expert and who was chosen.
    pub candidates: Vec<Invited>,
    /// The answer, if there is one that the reader can open.
    pub answer: Option<Answered>,
    /// How it ended, once it is closed.
    pub closure: Option<Closure>,
    /// Organisations this node has not heard from, with the time of the last
    /// word. Clocks pause for them.
    pub unreachable: Vec<Unreachable>,
    /// The organisation that was chosen in the reader's place: the reader
    /// accepted, and nothing more is asked.
    pub superseded_by: Option<Party>,
    /// What this reader may do now.
    pub acts: Vec<ActKind>,
    /// Whether this person's key is locked with a passphrase.
    pub passphrase: bool,
}

/// Somebody who can read a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestReader {
    /// Who.
    pub party: Party,
    /// As what.
    pub role: ReaderRole,
}

/// Why somebody can read a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReaderRole {
    /// Wrote it.
    Asker,
    /// Was chosen to get it.
    Expert,
    /// The desk of an organisation, so that nothing is lost with a person.
    Desk,
}

/// The path of one parcel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trail {
    /// What was carried.
    pub what: Carried,
    /// For whom.
    pub to: Party,
    /// What is known of its way, oldest first.
    pub steps: Vec<Step>,
}

/// What a parcel holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carried {
    /// The request.
    Request,
    /// A word about it: an acceptance, an award, a confirmation.
    Word,
    /// The answer.
    Answer,
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What happened there.
    pub stage: Stage,
    /// The node's id.
    pub node: String,
    /// Its organisation's name; empty when unknown.
    pub organisation: String,
    /// When, by that node's clock.
    pub at: Seconds,
}

/// What happens to a parcel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// It was made and encrypted.
    Made,
    /// A node holds it that cannot read it.
    Carried,
    /// It reached a node that can.
    Arrived,
    /// Its reader opened it.
    Opened,
}

impl Stage {
    /// Its word in receipts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Carried => "carried",
            Self::Arrived => "arrived",
            Self::Opened => "opened",
        }
    }
}

/// A signed event that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestEvent {
    /// What happened.
    pub kind: EventKind,
    /// Who signed it.
    pub actor: Party,
    /// When, by the signer's clock.
    pub claimed: Seconds,
    /// When it reached this node.
    pub received: Seconds,
    /// A note or a reason in words, if there is one.
    pub note: Option<String>,
    /// A reason (code), if there is one.
    pub reason: Option<Choice>,
    /// Whom it is about, such as the expert of an award.
    pub about: Option<Party>,
}

/// What can happen to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventKind {
    /// Somebody asked.
    Submit,
    /// It was sent to an expert.
    Offer,
    /// An expert took it.
    Accept,
    /// An expert did not take it.
    Decline,
    /// An expert passed it on to another.
    Refer,
    /// An expert asked back.
    Question,
    /// The asker chose among those who accepted.
    Award,
    /// The chosen expert told how far it is.
    Progress,
    /// The chosen expert answered.
    Answer,
    /// The asker says that the answer helps.
    Confirm,
    /// The asker says that the answer does not help.
    Dispute,
    /// The asker closed it.
    Close,
    /// The asker took it back.
    Withdraw,
    /// The asker's side widened the search.
    Escalate,
    /// Its time ran out.
    Expire,
}

impl EventKind {
    /// Its word in the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Offer => "offer",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Refer => "refer",
            Self::Question => "ask",
            Self::Award => "award",
            Self::Progress => "progress",
            Self::Answer => "answer",
            Self::Confirm => "confirm",
            Self::Dispute => "dispute",
            Self::Close => "close",
            Self::Withdraw => "withdraw",
            Self::Escalate => "escalate",
            Self::Expire => "expire",
        }
    }
}

/// An event that does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedEvent {
    /// What it says it is (word of the contract).
    pub kind: String,
    /// Who it says signed it.
    pub actor: Party,
    /// When it reached this node.
    pub received: Seconds,
    /// Why it does not count, as a sentence in the reader's language.
    pub reason: String,
}

/// An expert to whom a request was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invited {
    /// The expert's id.
    pub expert: String,
    /// Who it is.
    pub party: Party,
    /// The score at the time of sending, if the reader may know it.
    pub score: Option<u32>,
    /// What the score was made of.
    pub parts: Vec<ScorePart>,
    /// What the expert said.
    pub said: Said,
    /// A reason (code), if the expert declined.
    pub reason: Option<Choice>,
    /// A note of the expert.
    pub note: Option<String>,
    /// When this was said, as received here.
    pub at: Option<Seconds>,
}

/// What an invited expert said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// Nothing yet.
    Nothing,
    /// Accepted.
    Accepted,
    /// Declined.
    Declined,
    /// Accepted and was chosen.
    Awarded,
    /// Accepted, and another was chosen.
    Superseded,
}

impl Said {
    /// Its word, for sentences and programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Awarded => "awarded",
            Self::Superseded => "superseded",
        }
    }
}

/// An answer that arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// The text.
    pub text: String,
    /// Its language (BCP 47), empty when unknown.
    pub lang: String,
    /// Who wrote it.
    pub by: Party,
    /// When, by the writer's clock.
    pub claimed: Seconds,
    /// When it reached this node.
    pub received: Seconds,
    /// The practices it cites.
    pub practices: Vec<Cited>,
}

/// A practice that a request or an answer names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cited {
    /// Its id.
    pub id: String,
    /// Its title, if this node holds it.
    pub title: Option<super::Phrase>,
}

/// How a request ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closure {
    /// How far the need was met.
    pub outcome: Outcome,
    /// How useful the answer was, 1 to 4.
    pub rating: Option<u8>,
    /// In words.
    pub comment: Option<String>,
    /// When, as received here.
    pub at: Seconds,
}

/// How far a need was met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// In full.
    Met,
    /// In part.
    Partly,
    /// Not at all.
    Unmet,
}

impl Outcome {
    /// All, in the order in which they are asked.
    pub const ALL: [Self; 3] = [Self::Met, Self::Partly, Self::Unmet];

    /// Its word in the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Partly => "partly",
            Self::Unmet => "unmet",
        }
    }
}

/// Somebody this node has not heard from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreachable {
    /// The organisation's name.
    pub organisation: String,
    /// When this node last heard from it.
    pub since: Seconds,
}

/// What somebody does to a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// An expert takes it.
    Accept {
        /// A word to the asker; at most 1,000 characters.
        note: Option<String>,
    },
    /// An expert does not take it.
    Decline {
        /// Why: a code of [`super::Vocabularies::decline_reasons`].
        reason: String,
        /// More about it; at most 1,000 characters.
        note: Option<String>,
    },
    /// The asker chooses among those who accepted.
    Award {
        /// The expert's id.
        expert: String,
    },
    /// The chosen expert answers.
    Answer(Reply),
    /// The asker says that the answer helps.
    Confirm,
    /// The asker closes it.
    Close {
        /// How far the need was met.
        outcome: Outcome,
        /// How useful the answer was, 1 to 4.
        rating: Option<u8>,
        /// In words; at most 1,000 characters.
        comment: Option<String>,
    },
    /// The asker takes it back.
    Withdraw {
        /// A word to those who have it; at most 1,000 characters.
        note: Option<String>,
    },
}

/// An [`Act`] without its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActKind {
    /// [`Act::Accept`].
    Accept,
    /// [`Act::Decline`].
    Decline,
    /// [`Act::Award`].
    Award,
    /// [`Act::Answer`].
    Answer,
    /// [`Act::Confirm`].
    Confirm,
    /// [`Act::Close`].
    Close,
    /// [`Act::Withdraw`].
    Withdraw,
}

impl ActKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Accept,
        Self::Decline,
        Self::Award,
        Self::Answer,
        Self::Confirm,
        Self::Close,
        Self::Withdraw,
    ];

    /// Its word in addresses and keys of sentences.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Award => "award",
            Self::Answer => "answer",
            Self::Confirm => "confirm",
            Self::Close => "close",
            Self::Withdraw => "withdraw",
        }
    }

    /// The act of this word.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
