//! What somebody does to a request.

use super::{Outcome, Reach, Reply, Used};

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
        /// Why: a code of [`crate::service::Vocabularies::decline_reasons`].
        reason: String,
        /// More about it; at most 1,000 characters.
        note: Option<String>,
    },
    /// The asker asks more experts.
    Offer {
        /// Their ids; one at least.
        experts: Vec<String>,
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
        /// The day on which the asker will say what became of it (YYYY-MM-DD), or
        /// `never`; half a year later if it is not said and something of use came.
        follow_up: Option<String>,
    },
    /// The asker takes it back.
    Withdraw {
        /// A word to those who have it; at most 1,000 characters.
        note: Option<String>,
    },
    /// An expert asks back.
    Question {
        /// The question; 10 to 2,000 characters.
        text: String,
    },
    /// The asker replies to a question.
    Reply {
        /// The question's id.
        question: String,
        /// At most 2,000 characters.
        text: String,
    },
    /// The chosen expert says how far it is.
    Progress {
        /// At most 2,000 characters.
        text: String,
    },
    /// Somebody who knows of it names an expert; the asker decides.
    Refer {
        /// The expert's id, or the name on their card.
        expert: String,
        /// Why; at most 1,000 characters.
        note: Option<String>,
    },
    /// The asker says what is missing of the answer.
    Dispute {
        /// What; 10 to 2,000 characters.
        text: String,
    },
    /// The asker says what became of it after the end.
    FollowUp {
        /// Whether the answer was used.
        used: Used,
        /// In words; at most 1,000 characters.
        note: Option<String>,
    },
    /// The asker looks further for somebody.
    Escalate {
        /// How far: [`Reach::Wider`] or [`Reach::Desks`].
        reach: Reach,
        /// At desks: the organisations, by id or name; the stewards if none is named.
        desks: Vec<String>,
    },
}

/// An [`Act`] without its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActKind {
    /// [`Act::Accept`].
    Accept,
    /// [`Act::Decline`].
    Decline,
    /// [`Act::Offer`].
    Offer,
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
    /// [`Act::Question`].
    Question,
    /// [`Act::Reply`].
    Reply,
    /// [`Act::Progress`].
    Progress,
    /// [`Act::Refer`].
    Refer,
    /// [`Act::Dispute`].
    Dispute,
    /// [`Act::FollowUp`].
    FollowUp,
    /// [`Act::Escalate`].
    Escalate,
}

impl ActKind {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Accept,
        Self::Decline,
        Self::Offer,
        Self::Award,
        Self::Answer,
        Self::Confirm,
        Self::Close,
        Self::Withdraw,
        Self::Question,
        Self::Reply,
        Self::Progress,
        Self::Refer,
        Self::Dispute,
        Self::FollowUp,
        Self::Escalate,
    ];

    /// Its word in addresses and keys of sentences.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Offer => "offer",
            Self::Award => "award",
            Self::Answer => "answer",
            Self::Confirm => "confirm",
            Self::Close => "close",
            Self::Withdraw => "withdraw",
            Self::Question => "question",
            Self::Reply => "reply",
            Self::Progress => "progress",
            Self::Refer => "refer",
            Self::Dispute => "dispute",
            Self::FollowUp => "follow-up",
            Self::Escalate => "escalate",
        }
    }

    /// The act of this word.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
