//! Why a submission, or what happened to it, counts for nothing: each says by
//! which rule.

use thiserror::Error;

use crate::authority::Forbidden;

/// Why a submission cannot be reviewed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SubmissionRefused {
    /// Its signer, or that of its policy, may not do it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// More than one signature.
    #[error("it has more than one signature")]
    Signatures,
    /// What it names is not held here; it may come later.
    #[error("it names {0}, which is not here yet")]
    NotYet(&'static str),
    /// The edition is of another practice.
    #[error("the edition that it names is of another practice")]
    OtherPractice,
    /// Only who published an edition submits it.
    #[error("its signer is not of the organisation that published the edition")]
    NotPublisher,
    /// The policy is not by somebody of its board.
    #[error("its policy is not signed by one of the organisations that it names as its board")]
    NotTheBoard,
    /// The call is under another policy, or not by the board.
    #[error("the call that it answers is under another policy, or not by its board")]
    OtherCall,
    /// A listed entry.
    #[error(
        "the practice is listed from a public source and not written by those who did the work: such an entry is not reviewed"
    )]
    Listed,
}

/// Why an event or a decision changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ReviewRefused {
    /// Its signer may not do it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// More than one signature.
    #[error("it has more than one signature")]
    Signatures,
    /// It is about another submission.
    #[error("it is about another submission")]
    OtherSubmission,
    /// A decision that names another edition than was submitted.
    #[error("it names another edition than the one that was submitted: a seal does not move")]
    OtherEdition,
    /// The submission itself cannot be reviewed.
    #[error("the submission cannot be reviewed")]
    NoSubmission,
    /// Its signer, or who is invited, is of the organisation of the authors.
    #[error("nobody of the authors' organisation reviews, invites or decides")]
    Authors,
    /// Only the authors' organisation can.
    #[error("its signer is not a publisher of the organisation that submitted the edition")]
    NotAuthors,
    /// Only the board can.
    #[error("its signer is not of an organisation of the policy's board")]
    NotTheBoard,
    /// Who is invited has no certificate as a reviewer that is known here.
    #[error("who is invited has no certificate with the role of a reviewer")]
    NotAReviewer,
    /// It was not invited, or by another invitation.
    #[error("its signer was not invited by that invitation")]
    NotInvited,
    /// Who reviews declares first that there is no conflict of interest.
    #[error("its signer did not accept the invitation, which declares that there is no conflict")]
    NotAccepted,
    /// Its signer declared a conflict of interest.
    #[error("its signer declared a conflict of interest")]
    Conflict,
    /// It does not answer what the policy asks.
    #[error("{0}")]
    Criteria(String),
    /// Another review of the same person counts.
    #[error("another review of the same person counts in this round")]
    Twice,
    /// An appeal is reviewed by others.
    #[error("the first decision rests on a review by that person: an appeal has new reviewers")]
    Again,
    /// There is no second round.
    #[error("there is no second round: no appeal stands")]
    NoAppeal,
    /// The policy lets nobody appeal.
    #[error("the policy lets nobody appeal")]
    NoAppeals,
    /// A seal is not appealed against.
    #[error("what it appeals against is no decision of the first round that stands against a seal")]
    NothingToAppeal,
    /// Another appeal stands.
    #[error("another appeal stands: there is one")]
    Appealed,
    /// A review that it counts does not count.
    #[error("it counts a review that does not count, or two of one person")]
    Uncounted,
    /// Not enough reviews.
    #[error(
        "it rests on {internal} internal and {external} external reviews, and the policy asks for {internal_least} and {external_least}"
    )]
    Quorum {
        /// Internal reviews that it counts.
        internal: u64,
        /// External ones.
        external: u64,
        /// How many internal ones the policy asks for.
        internal_least: u64,
        /// How many external ones.
        external_least: u64,
    },
    /// The reviewers do not agree, and no further one was heard.
    #[error("its reviews do not agree: the policy asks for {0} in all then")]
    TieBreak(u64),
    /// The reviews say otherwise.
    #[error("its reviews do not speak for that outcome")]
    Outcome,
    /// The charter names others who may seal.
    #[error("the charter's policy `seals` names others who may seal")]
    NotSealing,
    /// Other decisions stand, or not enough of the board decided alike.
    #[error("another decision stands, or too few of the board decided alike")]
    NotStanding,
    /// What it names is not held, or does not count.
    #[error("it names {0}, which is not here yet or does not count")]
    NotYet(&'static str),
    /// Of one signer no more is looked at.
    #[error("its signer said more about this submission than is looked at")]
    TooMany,
}
