//! One request, whole, as its reader may see it.

use super::{
    ActKind, Ask, Party, RefusedEvent, RequestEvent, RequestState, ScorePart, Side, Talk, Trail,
};
use crate::service::{Choice, Phrase, Seconds};

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
    /// What [`Ask::translate`] wants, with its names.
    pub translate: Option<ToTranslate>,
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
    /// What was said beside: questions, who was named, what became of it.
    pub talk: Talk,
    /// Organisations this node has not heard from, with the time of the last
    /// word. Clocks pause for them.
    pub unreachable: Vec<Unreachable>,
    /// The organisation that was chosen in the reader's place: the reader
    /// accepted, and nothing more is asked.
    pub superseded_by: Option<Party>,
    /// Whether something about it waits for this reader.
    pub waits: bool,
    /// What this reader may do now.
    pub acts: Vec<ActKind>,
    /// Whether this person's key is locked with a passphrase.
    pub passphrase: bool,
}

/// What is to be translated, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToTranslate {
    /// The practice.
    pub practice: Cited,
    /// The edition's id.
    pub edition: String,
    /// Its number, if this node holds it.
    pub number: Option<u32>,
    /// Into which language.
    pub language: Choice,
    /// The translation that is there: of which edition, and since when.
    pub came: Option<(Party, u32, Seconds)>,
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
    pub title: Option<Phrase>,
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
    /// It was dealt with elsewhere.
    Moved,
}

impl Outcome {
    /// All, in the order in which they are asked.
    pub const ALL: [Self; 4] = [Self::Met, Self::Partly, Self::Unmet, Self::Moved];

    /// Its word in the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Partly => "partly",
            Self::Unmet => "unmet",
            Self::Moved => "moved",
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
