//! What certificates say about what was signed.

use super::check_reason;
use crate::identity::CertificateId;
use crate::signed::{Kind, Statement};

/// Why an object is erased. The number is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum EraseReason {
    /// Its author took it back.
    #[n(0)]
    TakenBack,
    /// It holds personal data.
    #[n(1)]
    PersonalData,
    /// It is unlawful to keep.
    #[n(2)]
    Unlawful,
    /// It endangers somebody.
    #[n(3)]
    Safety,
}

/// Removes an object from every node, for ever: a name card, or a practice
/// with all its editions.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Erase {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The record or document.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub object: [u8; 32],
    /// The certificate of the object's author (of a practice: its founder).
    /// Stated, so that the erase can be judged by a node that never saw the
    /// object; an erase that states it wrongly has no effect.
    #[n(2)]
    pub author: CertificateId,
    /// Why.
    #[n(3)]
    pub reason: EraseReason,
}

impl Statement for Erase {
    const KIND: Kind = Kind::known("erase");
}

/// What is adopted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Adopted {
    /// One record.
    #[n(0)]
    Record(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]),
    /// A change of a document, with its past there.
    #[n(1)]
    Change {
        /// The document.
        #[cbor(n(0), with = "minicbor::bytes")]
        document: [u8; 32],
        /// The hash of the change.
        #[cbor(n(1), with = "minicbor::bytes")]
        change: [u8; 32],
    },
}

/// Somebody who may stands for what a certificate signed and a cut leaves out.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Adopt {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// Whose work is adopted.
    #[n(1)]
    pub certificate: CertificateId,
    /// What.
    #[n(2)]
    pub what: Adopted,
    /// Why, for people; at most 1,000 bytes.
    #[n(3)]
    pub reason: String,
}

impl Statement for Adopt {
    const KIND: Kind = Kind::known("adopt");

    fn check(&self) -> Result<(), &'static str> {
        check_reason(&self.reason)
    }
}
