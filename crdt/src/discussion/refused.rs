//! Why a discussion is none, or what was said in it counts for nothing.

use thiserror::Error;

use crate::authority::Forbidden;

/// Why nothing can be said in a discussion.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum OpeningRefused {
    /// Its signer may not open one.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// More than one signature.
    #[error("it has more than one signature")]
    Signatures,
}

/// Why something that was said changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum DiscussionRefused {
    /// Its signer may not say it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// More than one signature.
    #[error("it has more than one signature")]
    Signatures,
    /// It is said in another discussion.
    #[error("it is said in another discussion")]
    OtherDiscussion,
    /// The discussion itself does not count.
    #[error("the discussion itself does not count")]
    NoDiscussion,
    /// Its author knew that the discussion was closed.
    #[error("the discussion is closed: its moderators summed it up")]
    Closed,
    /// It answers a question that is not asked.
    #[error("the discussion has no question of that number")]
    NoQuestion,
    /// What it names is not held, or does not count.
    #[error("it names {0}, which is not here or does not count")]
    NotYet(&'static str),
    /// Somebody else's text.
    #[error("only who wrote a text gives it another wording")]
    NotTheAuthor,
    /// A translation into the language of the text.
    #[error("it translates into the language in which the text is written")]
    SameLanguage,
    /// Only moderators of the discussion close it.
    #[error("its signer is no moderator of this discussion: only those close it")]
    NotModerating,
    /// Of one signer no more is looked at.
    #[error("its signer said more in this discussion than is looked at")]
    TooMany,
}
