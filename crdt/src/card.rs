//! Name cards: the only place where a person's name stands in class A.
//!
//! A certificate names a key. The name that readers see is this separate
//! record, given with a dated consent or as a role, and taken back with an
//! [erase](crate::authority::Erase); signatures then read "a person of ORG".

use crate::identity::CertificateId;
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;

/// A name has at most this many bytes.
pub const CARD_NAME_BYTES_MAX: usize = 200;

/// Why a name may be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Basis {
    /// The person agreed, on this day by their own clock.
    #[n(0)]
    Consent(#[n(0)] Timestamp),
    /// It names a role, such as "Migration Desk", not a person.
    #[n(1)]
    RoleName,
}

/// The name shown for a certificate. Signed by that certificate's own key.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct NameCard {
    /// Whose name this is, and who signs.
    #[n(0)]
    pub by: CertificateId,
    /// The name.
    #[n(1)]
    pub name: String,
    /// Why it may be shown.
    #[n(2)]
    pub basis: Basis,
}

impl Statement for NameCard {
    const KIND: Kind = Kind::known("name-card");

    fn check(&self) -> Result<(), &'static str> {
        if self.name.trim().is_empty() || self.name.len() > CARD_NAME_BYTES_MAX {
            return Err("a name is empty or longer than 200 bytes");
        }
        Ok(())
    }
}
