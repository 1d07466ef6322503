//! Why a record is not held, and why somebody may not do something: each says
//! who, by which rule, and what can be done.

use thiserror::Error;

use super::Role;
use crate::identity::{CertificateId, OrgId, PublicKey, RecordId};
use crate::signed::RecordRefused;

/// Why a record is not in the authority set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthorityRefused {
    /// Something that it builds on is not held. It may come later.
    #[error("{record:?} builds on {missing}, which is not here yet")]
    NotYet {
        /// The record.
        record: RecordId,
        /// What is missing, in words.
        missing: &'static str,
    },
    /// It breaks a rule, and always will.
    #[error("{record:?} is refused: {rule}")]
    Rule {
        /// The record.
        record: RecordId,
        /// The rule, in words.
        rule: &'static str,
    },
    /// It cannot be read.
    #[error(transparent)]
    Record(#[from] RecordRefused),
}

/// Why somebody may not do something.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Forbidden {
    /// No grant of this certificate counts.
    #[error(
        "certificate {0:?} is not known here: its organisation has not granted it, or word of that has not arrived"
    )]
    UnknownCertificate(CertificateId),
    /// The signature is of another key than the certificate's.
    #[error("the signing key {key:?} is not the key of certificate {certificate:?}")]
    OtherKey {
        /// The certificate named.
        certificate: CertificateId,
        /// The key that signed.
        key: PublicKey,
    },
    /// Its organisation does not belong to the federation, or not any more.
    #[error("organisation {0:?} is not a member of this federation")]
    NotAMember(OrgId),
    /// The certificate was granted up to a beacon that is over.
    #[error(
        "certificate {0:?} was granted for a time that is over: its organisation can grant another"
    )]
    Over(CertificateId),
    /// Its organisation is suspended.
    #[error("organisation {0:?} is suspended: the stewards can lift that")]
    Suspended(OrgId),
    /// The certificate lacks the role.
    #[error(
        "certificate {certificate:?} does not have the role {role}: its organisation can grant it"
    )]
    WithoutRole {
        /// The certificate.
        certificate: CertificateId,
        /// The role asked for.
        role: Role,
    },
    /// The certificate has the role for some objects alone, and this is about none of
    /// them.
    #[error(
        "certificate {certificate:?} has the role {role} only for what its scope names, and this is not about that: its organisation can grant another"
    )]
    OutOfScope {
        /// The certificate.
        certificate: CertificateId,
        /// The role asked for.
        role: Role,
    },
    /// The certificate ended, and the cut does not list what it signed.
    #[error(
        "certificate {certificate:?} was revoked by {by:?}, which does not list this among what stands: its organisation or a steward can adopt it"
    )]
    Revoked {
        /// The certificate.
        certificate: CertificateId,
        /// The revocation, or the removal of its organisation.
        by: RecordId,
    },
}
