//! The roster: who belongs.

use super::{Cut, TIPS_MAX, check_reason};
use crate::identity::{OrgId, RecordId};
use crate::signed::{Kind, Statement};

fn check_after(after: &[RecordId]) -> Result<(), &'static str> {
    if after.len() > TIPS_MAX {
        return Err("a statement about a member follows more than 16 others");
    }
    Ok(())
}

/// The stewards admit an organisation: counts once a majority has signed.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Admit {
    /// Who is admitted.
    #[n(0)]
    pub org: OrgId,
    /// Earlier roster records about the same organisation.
    #[n(1)]
    pub after: Vec<RecordId>,
}

impl Statement for Admit {
    const KIND: Kind = Kind::known("admit");

    fn check(&self) -> Result<(), &'static str> {
        check_after(&self.after)
    }
}

/// The stewards suspend a member: it connects to nobody and is sent nothing
/// until it is let in again. What it signed stays.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Suspend {
    /// Who.
    #[n(0)]
    pub org: OrgId,
    /// Earlier roster records about the same organisation.
    #[n(1)]
    pub after: Vec<RecordId>,
    /// Why, for people; at most 1,000 bytes.
    #[n(2)]
    pub reason: String,
}

impl Statement for Suspend {
    const KIND: Kind = Kind::known("suspend");

    fn check(&self) -> Result<(), &'static str> {
        check_after(&self.after)?;
        check_reason(&self.reason)
    }
}

/// The stewards lift a suspension.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Lift {
    /// Who.
    #[n(0)]
    pub org: OrgId,
    /// Earlier roster records about the same organisation.
    #[n(1)]
    pub after: Vec<RecordId>,
}

impl Statement for Lift {
    const KIND: Kind = Kind::known("lift");

    fn check(&self) -> Result<(), &'static str> {
        check_after(&self.after)
    }
}

/// The stewards remove a member. What it signed and the cut lists stays.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Remove {
    /// Who.
    #[n(0)]
    pub org: OrgId,
    /// Earlier roster records about the same organisation.
    #[n(1)]
    pub after: Vec<RecordId>,
    /// Why, for people; at most 1,000 bytes.
    #[n(2)]
    pub reason: String,
    /// What of its people's and nodes' work stands.
    #[n(3)]
    pub cut: Cut,
}

impl Statement for Remove {
    const KIND: Kind = Kind::known("remove");

    fn check(&self) -> Result<(), &'static str> {
        check_after(&self.after)?;
        check_reason(&self.reason)?;
        self.cut.check()
    }
}

/// A member leaves, by its own signature. What it signed stays.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Leave {
    /// Who.
    #[n(0)]
    pub org: OrgId,
    /// Earlier roster records about the same organisation.
    #[n(1)]
    pub after: Vec<RecordId>,
}

impl Statement for Leave {
    const KIND: Kind = Kind::known("leave");

    fn check(&self) -> Result<(), &'static str> {
        check_after(&self.after)
    }
}
