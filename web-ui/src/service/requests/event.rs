//! What happened to a request: the events that count, and those that do not.

use super::Party;
use crate::service::{Choice, Seconds};

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
    /// The asker replied to what an expert asked back.
    Reply,
    /// The asker said what became of it.
    FollowUp,
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
            Self::Reply => "reply",
            Self::FollowUp => "follow-up",
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
