//! Editions: the signed statements by which an organisation publishes.
//!
//! A practice is a document of class A whose changes are editions, one change
//! each. The signed edition *is* the signature over its one change: it names
//! the change by hash and the content by its canonical hash, and it travels
//! with its change as one piece. Immutable. Two concurrent editions are both
//! kept and shown as such until a later one follows both.

use minicbor::bytes::ByteVec;

use crate::clearance::CLEARANCE_BYTES_MAX;
use crate::identity::{CertificateId, DocumentId, EditionId, Nonce};
use crate::signed::{Kind, Record, Statement};
use crate::timestamp::Timestamp;

/// A change note has at most this many bytes.
pub const NOTE_BYTES_MAX: usize = 2_000;
/// An edition follows at most this many others.
pub const PREVIOUS_MAX: usize = 16;
/// An edition names at most this many contributors.
pub const CONTRIBUTORS_MAX: usize = 64;

/// One edition of a practice, as it is signed by a publisher of the
/// organisation that founded the practice.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Edition {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The practice. For number 1 it is
    /// [`document_id`](crate::identity::document_id) of federation, `by` and
    /// `nonce`: so edition 1 is the founding statement.
    #[n(1)]
    pub practice: DocumentId,
    /// 1, then one more than the largest number among `previous`.
    #[n(2)]
    pub number: u32,
    /// The editions that this one follows, ascending; none for number 1.
    #[n(3)]
    pub previous: Vec<EditionId>,
    /// Makes the actor of the change, once only.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// The hash of the change that carries the content.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub change: [u8; 32],
    /// The hash of the content's canonical form at that change.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub content: [u8; 32],
    /// Who else wrote it.
    #[n(7)]
    pub contributors: Vec<CertificateId>,
    /// What changed, in the publisher's words; may be empty.
    #[n(8)]
    pub note: String,
    /// When, by the publisher's clock.
    #[n(9)]
    pub claimed_at: Timestamp,
    /// The record of the [clearance](crate::clearance) of this content, as it was signed,
    /// where one was asked for.
    #[n(10)]
    pub cleared: Option<ByteVec>,
}

impl Edition {
    /// The record of its clearance, unverified and whatever it says.
    pub fn clearance(&self) -> Option<Record> {
        Record::from_bytes(self.cleared.as_ref()?).ok()
    }
}

impl Statement for Edition {
    const KIND: Kind = Kind::known("edition");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.practice.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if (self.number == 1) != self.previous.is_empty() {
            return Err("edition 1 follows nothing, every other follows an earlier one");
        }
        if self.number == 0 || self.number > 1_000_000 {
            return Err("an edition has a number from 1 to 1,000,000");
        }
        if self.previous.len() > PREVIOUS_MAX || !self.previous.is_sorted_by(|a, b| a < b) {
            return Err("an edition follows at most 16 others, listed in ascending order");
        }
        if self.contributors.len() > CONTRIBUTORS_MAX {
            return Err("an edition names more than 64 contributors");
        }
        if self.note.len() > NOTE_BYTES_MAX {
            return Err("a change note is longer than 2,000 bytes");
        }
        if self.cleared.as_ref().is_some_and(|record| record.len() > CLEARANCE_BYTES_MAX) {
            return Err("the clearance of an edition is longer than 2,000 bytes");
        }
        Ok(())
    }
}
