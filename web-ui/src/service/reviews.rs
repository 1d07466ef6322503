//! Reviews: what was submitted, who holds it, what was decided; and doing
//! something about it.
//!
//! All of it is public, so that anybody can check a seal: guests may read.

use super::{Answer, Party, Phrase, Reader, Seconds};

/// What pages need to show reviews and to take part in them.
pub trait Reviewing: Send + Sync {
    /// What was submitted, the last moved first; at most
    /// [`LIST_ITEMS_MAX`](super::LIST_ITEMS_MAX).
    fn reviews<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ReviewEntry>>;

    /// One submission, by its id or an unambiguous prefix of at least eight
    /// characters.
    fn review<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Review>;

    /// The policies under which something can be submitted.
    fn policies<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ReviewPolicy>>;

    /// Submits the latest edition of a practice; answers the submission's id.
    /// `Conflict` when it cannot be reviewed, `Invalid` with the first field that
    /// a review asks for and that is missing, or with `passphrase`. Needs the
    /// role `publisher` in the organisation that published it.
    fn submit<'a>(
        &'a self,
        reader: &'a Reader,
        practice: &'a str,
        submit: &'a Submit,
    ) -> Answer<'a, String>;

    /// Does something in a review. `Conflict` when it cannot be done any more,
    /// `Forbidden` when it would count for nothing, `Invalid` names a field of
    /// the form or `passphrase`.
    fn take_part<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        part: &'a Part,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;

    /// The seals of one edition of a practice.
    fn seals<'a>(&'a self, practice: &'a str, edition: &'a str) -> Answer<'a, Vec<Seal>>;
}

/// Codes of the marks of a criterion, as they are shown.
pub const MARKS: [&str; 4] = ["met", "partly", "no", "n/a"];
/// Codes of recommendations.
pub const RECOMMENDATIONS: [&str; 4] = ["accept", "minor", "major", "reject"];
/// Codes of reasons not to review.
pub const NO_REVIEW: [&str; 4] = ["conflict", "time", "language", "topic"];
/// Codes of what can be decided.
pub const DECISIONS: [&str; 3] = ["sealed", "returned", "rejected"];

/// What can be done in a review, as it stands in addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartKind {
    /// Ask somebody to review.
    Invite,
    /// Will review.
    Accept,
    /// Will not.
    Decline,
    /// Review.
    Score,
    /// Decide, for the board.
    Decide,
    /// Answer, for the authors.
    Reply,
    /// Appeal.
    Appeal,
    /// Take it back.
    Withdraw,
}

impl PartKind {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Accept,
        Self::Score,
        Self::Decline,
        Self::Decide,
        Self::Invite,
        Self::Appeal,
        Self::Reply,
        Self::Withdraw,
    ];

    /// The word in addresses and in the names of sentences.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Score => "score",
            Self::Decide => "decide",
            Self::Reply => "reply",
            Self::Appeal => "appeal",
            Self::Withdraw => "withdraw",
        }
    }

    /// The one of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == word)
    }
}

/// Something that is done in a review.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    /// Ask this person (a certificate) to review.
    Invite(String),
    /// Will review; with interests to declare, which may be empty.
    Accept(String),
    /// Will not: a code of [`NO_REVIEW`], and words.
    Decline(String, String),
    /// Review, in the shape of review files.
    Score(serde_json::Value),
    /// Decide: a code of [`DECISIONS`], and reasons.
    Decide(String, String),
    /// Answer.
    Reply(String),
    /// Appeal, with reasons.
    Appeal(String),
    /// Take it back, with words.
    Withdraw(String),
}

/// Submitting an edition.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Submit {
    /// Under which policy.
    pub policy: String,
    /// To the board; may be empty.
    pub note: String,
    /// Opens the key.
    pub passphrase: Option<String>,
}

/// What was submitted, as one entry of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReviewEntry {
    /// Its id.
    pub id: String,
    /// The practice.
    pub practice: String,
    /// Its title; empty if the edition cannot be read here.
    pub title: Phrase,
    /// The id of the edition.
    pub edition: String,
    /// The number of the edition, if it is held.
    pub number: Option<u32>,
    /// The organisation that submitted it.
    pub organisation: String,
    /// The code of its state.
    pub state: String,
    /// 1, or 2 after an appeal.
    pub round: u8,
    /// Who has to act, in names.
    pub holders: Vec<String>,
    /// Since when, as who brought it there claims.
    pub since: Seconds,
    /// Whether it waits for the reader.
    pub waits: bool,
}

/// A policy under which practices are reviewed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReviewPolicy {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Phrase,
    /// The organisations that decide.
    pub board: Vec<String>,
    /// How many internal and external reviewers it asks for.
    pub reviewers: (u64, u64),
}

/// A question of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Criterion {
    /// Its code.
    pub code: String,
    /// The question.
    pub question: Phrase,
    /// Whether it has to be answered.
    pub required: bool,
}

/// Something that happened in a review.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReviewStep {
    /// The code of what.
    pub kind: String,
    /// Who did it.
    pub actor: Party,
    /// Whom it is about.
    pub whom: Option<Party>,
    /// The code of what was decided, or of the reason.
    pub detail: Option<String>,
    /// In words; may be empty.
    pub note: String,
    /// When, by their clock.
    pub claimed: Seconds,
    /// Why it does not count, if so.
    pub refused: Option<String>,
}

/// A criterion as one reviewer answered it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scored {
    /// The question, or the code where the policy has none.
    pub question: Phrase,
    /// The code of the mark.
    pub mark: String,
    /// Why; may be empty.
    pub comment: String,
}

/// What one reviewer said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assessed {
    /// Criterion by criterion.
    pub scores: Vec<Scored>,
    /// Comments, each with the key of its field.
    pub comments: Vec<(String, String)>,
    /// The code of the recommendation.
    pub recommendation: String,
    /// To the authors; may be empty.
    pub to_authors: String,
    /// The language in which it is written; may be empty.
    pub lang: String,
    /// Whether the decision counts it; `None` while there is none.
    pub counted: Option<bool>,
}

/// Somebody who is invited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReviewerLine {
    /// Who.
    pub party: Party,
    /// The code of the side: `internal` or `external`.
    pub side: String,
    /// In which round.
    pub round: u8,
    /// The code of what they said last.
    pub said: String,
    /// The code of the reason, if they declined.
    pub reason: Option<String>,
    /// Their review that counts.
    pub assessed: Option<Assessed>,
}

/// A submission, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Review {
    /// What a list shows of it.
    pub entry: ReviewEntry,
    /// Why it cannot be reviewed, if so.
    pub flaw: Option<String>,
    /// The policy's name.
    pub policy: Phrase,
    /// Its questions.
    pub criteria: Vec<Criterion>,
    /// Internal reviews, and how many are asked for.
    pub internal: (u64, u64),
    /// External ones.
    pub external: (u64, u64),
    /// Those who are invited.
    pub reviewers: Vec<ReviewerLine>,
    /// What happened and counts, in order.
    pub steps: Vec<ReviewStep>,
    /// What was said and does not count.
    pub refused: Vec<ReviewStep>,
    /// What the reader can do now.
    pub parts: Vec<PartKind>,
    /// Whether the reader may seal or reject now; giving back is possible.
    pub ready: bool,
    /// Those who may be invited: certificate and who.
    pub candidates: Vec<(String, Party)>,
    /// Whether it is sealed.
    pub sealed: bool,
    /// Whether the reader's key needs its passphrase.
    pub passphrase: bool,
}

/// A seal of one edition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seal {
    /// The decision.
    pub id: String,
    /// The submission.
    pub submission: String,
    /// The edition to which it is bound.
    pub edition: String,
    /// Under which policy, by name.
    pub policy: String,
    /// The organisation that decided.
    pub organisation: String,
    /// How many reviews it counts.
    pub reviews: u64,
    /// How many of them speak against it.
    pub dissent: u64,
    /// When it was decided, by that organisation's clock.
    pub claimed: Seconds,
}
