//! The charter: who the stewards are, and by which rules.

use std::collections::BTreeMap;

use super::NAME_BYTES_MAX;
use crate::identity::{OrgId, RecordId};
use crate::signed::{Kind, Statement};

/// A charter has at most this many policies.
pub const POLICIES_MAX: usize = 64;
/// A statement lists at most this many other records.
pub const RECORDS_LISTED_MAX: usize = 1_500;

/// What the federation agreed on, by code: who may seal, how reviews go,
/// quotas. Codes that a version does not know are kept and shown as they are.
pub type Policies = BTreeMap<String, String>;

/// The founding agreement of a federation (n = 0), or an amendment, which
/// replaces the one before as a whole.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Charter {
    /// 0 for the founding charter, then one more each time.
    #[n(0)]
    pub n: u32,
    /// The charter that this one amends.
    #[n(1)]
    pub prev: Option<RecordId>,
    /// The federation's name.
    #[n(2)]
    pub name: String,
    /// One, three, five or seven organisations.
    #[n(3)]
    pub stewards: Vec<OrgId>,
    /// How many members can replace the stewards by the next charter: two
    /// thirds of those that there are when it is written. Below 2, nobody can.
    #[n(4)]
    pub recall: u32,
    /// Roster records and rekeyings signed under earlier charters that this
    /// one recognises.
    #[n(5)]
    pub roster: Vec<RecordId>,
    /// Other proposals for the same n that this one replaces.
    #[n(6)]
    pub supersedes: Vec<RecordId>,
    /// The version of the rules by which the federation judges.
    #[n(7)]
    pub rules: u32,
    /// Chance that keeps two federations of one founder apart.
    #[cbor(n(8), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    /// What was agreed on.
    #[n(9)]
    pub policies: Option<Policies>,
}

impl Charter {
    /// How many stewards make a majority.
    pub fn majority(&self) -> usize {
        self.stewards.len() / 2 + 1
    }

    /// What two thirds of so many members are, rounded up.
    pub fn recall_of(members: usize) -> u32 {
        u32::try_from((2 * members).div_ceil(3)).unwrap_or(u32::MAX)
    }
}

impl Statement for Charter {
    const KIND: Kind = Kind::known("charter");

    fn check(&self) -> Result<(), &'static str> {
        if self.name.is_empty() || self.name.len() > NAME_BYTES_MAX {
            return Err("the name of the federation is empty or longer than 400 bytes");
        }
        if !matches!(self.stewards.len(), 1 | 3 | 5 | 7) {
            return Err("a charter names 1, 3, 5 or 7 stewards");
        }
        let mut stewards = self.stewards.clone();
        stewards.sort_unstable();
        stewards.dedup();
        if stewards.len() != self.stewards.len() {
            return Err("a charter names a steward twice");
        }
        if (self.n == 0) != self.prev.is_none() {
            return Err("the founding charter amends none, every other amends one");
        }
        if self.roster.len() + self.supersedes.len() > RECORDS_LISTED_MAX {
            return Err("a charter lists more than 1,500 records");
        }
        if self.policies.as_ref().is_some_and(|policies| policies.len() > POLICIES_MAX) {
            return Err("a charter has more than 64 policies");
        }
        Ok(())
    }
}
