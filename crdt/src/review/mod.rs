//! Reviews: by which criteria an edition is judged, by whom, and what was
//! decided.
//!
//! A [`CriteriaPolicy`] is data in a signed record: questions, how many
//! reviewers of which side, and the organisations that invite and decide, its
//! *board*. A [`Call`] asks for practices under one. The organisation of an
//! edition *submits* it under a policy ([`Submission`]); what then happens is a
//! set of signed [`ReviewEvent`]s and [`Decision`]s. A decision that accepts is
//! a *seal*: it binds to the one edition that was submitted and never moves.
//!
//! All of them are public. A seal is worth what anybody can check, offline and
//! for ever: that who reviewed was invited, is not of the authors' organisation,
//! declared no conflict, and that enough of them spoke for it. So what that
//! rests on has to be as public as the seal is. What nobody should read stands
//! in no review. A draft is not public, so it is an edition that is submitted.
//!
//! [`fold`](fold::fold) makes the state of a submission from the *set* of its
//! records, whatever the order in which they came. What is by the wrong person
//! or breaks a rule counts for nothing, and the [reason](ReviewRefused) is told.
//! No clock decides anything here: times are claims of those who signed.

use crate::causality::{self, ascending};
use crate::identity::{CertificateId, DocumentId, EditionId, Nonce, RecordId, SubmissionId};
use crate::numbered::numbered;
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;
use crate::value::Tree;

pub mod fold;
mod form;
mod parties;
mod refused;
mod rounds;

pub use form::{
    Assessment, BOARD_MAX, COMMENTS_MAX, CRITERIA_MAX, CallForm, Comment, Criterion, DAYS_MAX,
    Days, FORM_BYTES_MAX, Mark, Policy, REVIEWERS_MAX, Recommendation, Reviewers, Score,
};
pub use refused::{ReviewRefused, SubmissionRefused};

/// An event or a decision follows at most this many others.
pub const AFTER_MAX: usize = causality::AFTER_MAX;
/// A note, reasons or a reply has at most this many bytes.
pub const NOTE_BYTES_MAX: usize = 8_000;
/// A decision counts at most this many reviews.
pub const COUNTED_MAX: usize = 32;

/// Criteria, and who judges by them; signed by somebody of the board.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct CriteriaPolicy {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// Chance, so that two policies of the same words are two.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// What it says: a [`Policy`].
    #[n(2)]
    pub policy: Tree,
    /// The policy that it is meant to replace for what is submitted later.
    #[n(3)]
    pub replaces: Option<RecordId>,
    /// When, by the signer's clock.
    #[n(4)]
    pub claimed_at: Timestamp,
}

impl Statement for CriteriaPolicy {
    const KIND: Kind = Kind::known("criteria-policy");

    fn check(&self) -> Result<(), &'static str> {
        fits(&self.policy)?;
        match Policy::from_tree(&self.policy).flaw() {
            None => Ok(()),
            Some(_) => Err("a policy that nothing can be judged by"),
        }
    }
}

fn fits(tree: &Tree) -> Result<(), &'static str> {
    if tree.check().is_err() || tree.to_bytes().len() > FORM_BYTES_MAX {
        return Err("a form of a review is longer than 48 KiB, or nested too deep");
    }
    Ok(())
}

/// A call for practices; signed by somebody of the policy's board.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Call {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// Chance.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// The policy by which what is submitted is judged.
    #[n(2)]
    pub policy: RecordId,
    /// What it says: a [`CallForm`].
    #[n(3)]
    pub call: Tree,
    /// When, by the signer's clock.
    #[n(4)]
    pub claimed_at: Timestamp,
}

impl Statement for Call {
    const KIND: Kind = Kind::known("call");

    fn check(&self) -> Result<(), &'static str> {
        fits(&self.call)
    }
}

/// An edition is submitted for review; signed by a publisher of the
/// organisation that published it.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Submission {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// Chance: an edition that was taken back can be submitted again.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// The practice.
    #[n(2)]
    pub practice: DocumentId,
    /// The one edition of it that is to be judged.
    #[n(3)]
    pub edition: EditionId,
    /// The policy by which.
    #[n(4)]
    pub policy: RecordId,
    /// The call to which it answers, if it does.
    #[n(5)]
    pub call: Option<RecordId>,
    /// To the board, in the authors' words; may be empty.
    #[n(6)]
    pub note: String,
    /// When, by the signer's clock.
    #[n(7)]
    pub claimed_at: Timestamp,
}

impl Statement for Submission {
    const KIND: Kind = Kind::known("submission");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.practice.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        short(&self.note)
    }
}

fn short(note: &str) -> Result<(), &'static str> {
    if note.len() > NOTE_BYTES_MAX { Err("a note is longer than 8,000 bytes") } else { Ok(()) }
}

/// Something that happened to a submission, said by who did it.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct ReviewEvent {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The submission.
    #[n(1)]
    pub submission: SubmissionId,
    /// The events and decisions that the signer knew and that no other of them
    /// follows, ascending.
    #[n(2)]
    pub after: Vec<RecordId>,
    /// What happened.
    #[n(3)]
    pub deed: Deed,
    /// When, by the signer's clock.
    #[n(4)]
    pub claimed_at: Timestamp,
}

/// What can happen to a submission beside a decision.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Deed {
    /// The board asks somebody to review.
    #[n(0)]
    Invite {
        /// Whom.
        #[n(0)]
        reviewer: CertificateId,
        /// 1, or 2 after an appeal.
        #[n(1)]
        round: u8,
    },
    /// The board waits for an invited person no longer.
    #[n(1)]
    Release {
        /// The invitation.
        #[n(0)]
        invite: RecordId,
        /// Why; may be empty.
        #[n(1)]
        note: String,
    },
    /// The invited person will review, and declares that there is no conflict
    /// of interest.
    #[n(2)]
    Accept {
        /// The invitation.
        #[n(0)]
        invite: RecordId,
        /// Interests that others may want to know of; may be empty.
        #[n(1)]
        interests: String,
    },
    /// The invited person will not review. A conflict of interest is for good.
    #[n(3)]
    Decline {
        /// The invitation.
        #[n(0)]
        invite: RecordId,
        /// Why.
        #[n(1)]
        reason: NoReview,
        /// In the reviewer's words; may be empty.
        #[n(2)]
        note: String,
    },
    /// The review.
    #[n(4)]
    Review {
        /// The invitation.
        #[n(0)]
        invite: RecordId,
        /// What it says: an [`Assessment`].
        #[n(1)]
        assessment: Tree,
    },
    /// The authors answer what was said.
    #[n(5)]
    Reply {
        /// The answer.
        #[n(0)]
        text: String,
    },
    /// The authors ask for one more round, with new reviewers.
    #[n(6)]
    Appeal {
        /// Against which decision.
        #[n(0)]
        decision: RecordId,
        /// Why.
        #[n(1)]
        reasons: String,
    },
    /// The authors take the submission back.
    #[n(7)]
    Withdraw {
        /// Why; may be empty.
        #[n(0)]
        note: String,
    },
}

impl Deed {
    /// The code of JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invite { .. } => "invite",
            Self::Release { .. } => "release",
            Self::Accept { .. } => "accept",
            Self::Decline { .. } => "decline",
            Self::Review { .. } => "review",
            Self::Reply { .. } => "reply",
            Self::Appeal { .. } => "appeal",
            Self::Withdraw { .. } => "withdraw",
        }
    }

    /// The words that go with it; empty if there are none.
    pub fn note(&self) -> &str {
        match self {
            Self::Release { note, .. } | Self::Decline { note, .. } | Self::Withdraw { note } => {
                note
            }
            Self::Accept { interests, .. } => interests,
            Self::Reply { text } => text,
            Self::Appeal { reasons, .. } => reasons,
            Self::Invite { .. } | Self::Review { .. } => "",
        }
    }
}

numbered! {
    /// Why somebody does not review. The number is signed.
    NoReview {
        /// A conflict of interest.
        Conflict 0 "conflict";
        /// No time.
        Time 1 "time";
        /// Does not read the language well enough.
        Language 2 "language";
        /// Another's subject.
        Topic 3 "topic";
    }
}

numbered! {
    /// What was decided, the strictest first. The number is signed.
    Outcome {
        /// This edition is not sealed.
        Rejected 0 "rejected";
        /// Given back with reasons: another edition can be submitted.
        Returned 1 "returned";
        /// Sealed.
        Sealed 2 "sealed";
    }
}

impl Statement for ReviewEvent {
    const KIND: Kind = Kind::known("review-event");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.submission.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.after.len() > AFTER_MAX || !ascending(&self.after) {
            return Err("an event follows at most 16 others, listed in ascending order");
        }
        short(self.deed.note())?;
        match &self.deed {
            Deed::Invite { round, .. } if !(1..=2).contains(round) => {
                Err("a review has round 1 and, after an appeal, round 2")
            }
            Deed::Reply { text } | Deed::Appeal { reasons: text, .. } if text.trim().is_empty() => {
                Err("a reply or an appeal says nothing")
            }
            Deed::Review { assessment, .. } => {
                fits(assessment)?;
                let assessment = Assessment::from_tree(assessment);
                if assessment.recommendation.is_none() || assessment.answers_twice() {
                    return Err("a review recommends nothing, or answers a criterion twice");
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What the board decided of a submission. One that accepts is the seal of the
/// edition that it names.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Decision {
    /// The certificate that signs; of the board.
    #[n(0)]
    pub by: CertificateId,
    /// The submission.
    #[n(1)]
    pub submission: SubmissionId,
    /// The edition that was submitted, and no other.
    #[n(2)]
    pub edition: EditionId,
    /// 1, or 2 after an appeal.
    #[n(3)]
    pub round: u8,
    /// What was decided.
    #[n(4)]
    pub outcome: Outcome,
    /// The reviews on which it rests, ascending.
    #[n(5)]
    pub counted: Vec<RecordId>,
    /// Why; not empty unless it seals.
    #[n(6)]
    pub reasons: String,
    /// What the signer knew, as in an event.
    #[n(7)]
    pub after: Vec<RecordId>,
    /// When, by the signer's clock.
    #[n(8)]
    pub claimed_at: Timestamp,
}

impl Statement for Decision {
    const KIND: Kind = Kind::known("decision");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.submission.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.after.len() > AFTER_MAX || !ascending(&self.after) {
            return Err("a decision follows at most 16 others, listed in ascending order");
        }
        if self.counted.len() > COUNTED_MAX || !ascending(&self.counted) {
            return Err("a decision counts at most 32 reviews, listed in ascending order");
        }
        if !(1..=2).contains(&self.round) {
            return Err("a review has round 1 and, after an appeal, round 2");
        }
        short(&self.reasons)?;
        if self.outcome != Outcome::Sealed && self.reasons.trim().is_empty() {
            return Err("a decision that does not seal gives no reasons");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
