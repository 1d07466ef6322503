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
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;
use crate::value::Tree;

mod deed;
pub mod fold;

pub use deed::{DeclineReason, Deed, FOLLOW_UP_MAX, Outcome, Step, Use};

/// A request is sent to at most this many experts at once.
pub const EXPERTS_MAX: usize = 8;
/// An event follows at most this many others.
pub const AFTER_MAX: usize = 16;
/// A note in an event has at most this many bytes.
pub const NOTE_BYTES_MAX: usize = 2_000;
/// A question, or what is missing of an answer, has at least this many characters.
pub const TEXT_CHARACTERS_MIN: usize = 10;
/// A question, a reply to one, word of progress, or what is missing of an answer has
/// at most this many characters.
pub const TEXT_CHARACTERS_MAX: usize = 2_000;
/// A request is brought before the desks of at most this many organisations at once.
pub const DESKS_MAX: usize = 8;

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

impl Statement for RequestEvent {
    const KIND: Kind = Kind::known("request-event");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.request.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.after.len() > AFTER_MAX || !self.after.is_sorted_by(|a, b| a < b) {
            return Err("an event follows at most 16 others, listed in ascending order");
        }
        self.deed.check(self.by, self.claimed_at)
    }
}

#[cfg(test)]
mod tests;
