//! Requests for support: what is asked, what became of it, who may say so.
//!
//! A [`Request`] is a signed statement; its record id is the request's id.
//! What happens afterwards is a set of signed [`RequestEvent`]s. Both travel
//! in [parcels](crate::parcel) and stand nowhere in class A.
//!
//! [`fold`](fold::fold) makes the state of a request from the *set* of its
//! events, whatever the order in which they came: nobody who holds the same
//! events sees another state. An event that is forged, made by the wrong
//! person, or overtaken, is refused by name and changes nothing.
//!
//! No clock decides anything here: times are claims of those who signed.

use crate::identity::{CertificateId, Nonce, RecordId, RequestId};
use crate::numbered::numbered;
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;
use crate::value::Tree;

pub mod fold;

/// A request is sent to at most this many experts at once.
pub const EXPERTS_MAX: usize = 8;
/// An event follows at most this many others.
pub const AFTER_MAX: usize = 16;
/// A note in an event has at most this many bytes.
pub const NOTE_BYTES_MAX: usize = 2_000;

/// What is asked, of whom. Signed by the person who asks.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Request {
    /// The certificate that asks and signs.
    #[n(0)]
    pub by: CertificateId,
    /// Chance, so that the id tells nothing of the content.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// The form.
    #[n(2)]
    pub ask: Tree,
    /// The experts that are asked first, the best first.
    #[n(3)]
    pub to: Vec<CertificateId>,
    /// When, by the asker's clock.
    #[n(4)]
    pub claimed_at: Timestamp,
}

impl Statement for Request {
    const KIND: Kind = Kind::known("request");

    fn check(&self) -> Result<(), &'static str> {
        experts(&self.to)
    }
}

fn experts(to: &[CertificateId]) -> Result<(), &'static str> {
    if to.is_empty() || to.len() > EXPERTS_MAX {
        return Err("a request goes to 1 to 8 experts at once");
    }
    let mut sorted = to.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() == to.len() { Ok(()) } else { Err("an expert is asked twice") }
}

/// Something that happened to a request, said by who did it.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct RequestEvent {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The request.
    #[n(1)]
    pub request: RequestId,
    /// The events that the signer knew and that no other of them follows,
    /// ascending.
    #[n(2)]
    pub after: Vec<RecordId>,
    /// What happened.
    #[n(3)]
    pub deed: Deed,
    /// When, by the signer's clock.
    #[n(4)]
    pub claimed_at: Timestamp,
}

/// What can happen to a request.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Deed {
    /// A node of an expert's organisation, or the expert, opened it.
    #[n(0)]
    Received,
    /// The asker asks more experts.
    #[n(1)]
    Offer {
        /// Whom.
        #[n(0)]
        to: Vec<CertificateId>,
    },
    /// An expert is ready to answer.
    #[n(2)]
    Accept {
        /// In the expert's words; may be empty.
        #[n(0)]
        note: String,
    },
    /// An expert will not answer.
    #[n(3)]
    Decline {
        /// Why.
        #[n(0)]
        reason: DeclineReason,
        /// In the expert's words; may be empty.
        #[n(1)]
        note: String,
    },
    /// The asker gives it to one expert, who starts on this.
    #[n(4)]
    Award {
        /// 1, then one more each time it is given to another.
        #[n(0)]
        round: u32,
        /// The expert's [`Accept`](Self::Accept).
        #[n(1)]
        accept: RecordId,
        /// The expert.
        #[n(2)]
        expert: CertificateId,
        /// The award that this one replaces; none in round 1.
        #[n(3)]
        previous: Option<RecordId>,
    },
    /// The expert answers.
    #[n(5)]
    Answer {
        /// The award under which.
        #[n(0)]
        award: RecordId,
        /// The form.
        #[n(1)]
        reply: Tree,
    },
    /// The asker takes the answer as one.
    #[n(6)]
    Confirm {
        /// Which [`Answer`](Self::Answer).
        #[n(0)]
        answer: RecordId,
    },
    /// The asker ends it.
    #[n(7)]
    Close {
        /// What came of it.
        #[n(0)]
        outcome: Outcome,
        /// From 1 (no use) to 4 (very useful).
        #[n(1)]
        rating: Option<u8>,
        /// In the asker's words; may be empty.
        #[n(2)]
        note: String,
    },
    /// The asker needs nothing any more.
    #[n(8)]
    Withdraw {
        /// In the asker's words; may be empty.
        #[n(0)]
        reason: String,
    },
}

impl Deed {
    /// The code of JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Offer { .. } => "offer",
            Self::Accept { .. } => "accept",
            Self::Decline { .. } => "decline",
            Self::Award { .. } => "award",
            Self::Answer { .. } => "answer",
            Self::Confirm { .. } => "confirm",
            Self::Close { .. } => "close",
            Self::Withdraw { .. } => "withdraw",
        }
    }

    /// The words that go with it; empty if there are none.
    pub fn note(&self) -> &str {
        match self {
            Self::Accept { note } | Self::Decline { note, .. } | Self::Close { note, .. } => note,
            Self::Withdraw { reason } => reason,
            _ => "",
        }
    }
}

numbered! {
    /// Why an expert will not answer. The number is signed.
    DeclineReason {
        /// No time.
        NoTime 0 "no-time";
        /// Another's subject.
        NotMyField 1 "not-my-field";
        /// A conflict of interest.
        Conflict 2 "conflict";
        /// Something else: see the note.
        Other 3 "other";
    }
}

numbered! {
    /// What came of a request. The number is signed.
    Outcome {
        /// What was needed.
        Met 0 "met";
        /// Part of it.
        Partly 1 "partly";
        /// Nothing that helped.
        Unmet 2 "unmet";
        /// It was dealt with elsewhere.
        Moved 3 "moved";
    }
}

impl Statement for RequestEvent {
    const KIND: Kind = Kind::known("request-event");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.request.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.after.len() > AFTER_MAX || !self.after.is_sorted_by(|a, b| a < b) {
            return Err("an event follows at most 16 others, listed in ascending order");
        }
        if self.deed.note().len() > NOTE_BYTES_MAX {
            return Err("a note is longer than 2,000 bytes");
        }
        match &self.deed {
            Deed::Offer { to } => experts(to),
            Deed::Award { round, previous, .. } => {
                if *round == 0 || (*round == 1) != previous.is_none() {
                    return Err("the first award replaces none, every other replaces one");
                }
                Ok(())
            }
            Deed::Close { rating: Some(rating), .. } if !(1..=4).contains(rating) => {
                Err("a rating is a number from 1 to 4")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
