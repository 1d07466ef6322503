//! What somebody does to a request.

use super::{Outcome, Reply};

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
}

impl ActKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Accept,
        Self::Decline,
        Self::Offer,
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
            Self::Offer => "offer",
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
