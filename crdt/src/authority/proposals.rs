//! What waits for approvals, and whose are missing.

use std::collections::BTreeSet;

use super::holding::{Body, Entry, RosterChange, Said};
use super::{Authority, Charter, Standing};
use crate::identity::{OrgId, RecordId};

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// The next charter.
    Charter(Box<Charter>),
    /// A change of the roster.
    Roster {
        /// About whom.
        org: OrgId,
        /// What would happen.
        change: RosterChange,
        /// Why, in words.
        reason: Option<String>,
    },
    /// New keys for an organisation.
    Rekey {
        /// Which.
        org: OrgId,
        /// Why, in words.
        reason: String,
    },
}

/// Something that the stewards have not decided yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The record that is to be signed.
    pub id: RecordId,
    /// What it says.
    pub what: Proposed,
    /// Stewards that approved.
    pub approved: BTreeSet<OrgId>,
    /// Those who can approve and have not.
    pub missing: BTreeSet<OrgId>,
    /// How many approvals of stewards make it count. A charter counts only with
    /// those of the stewards that it adds too.
    pub needed: usize,
    /// Stewards that a charter adds and that have not agreed.
    pub to_agree: BTreeSet<OrgId>,
}

impl Authority {
    /// Whether an organisation approved a record of the set, with a key that
    /// has a say: one in force, or one whose successor stands by the record.
    pub fn approved(&self, org: &OrgId, id: &RecordId) -> bool {
        self.fold().approved(&self.holding, org, id)
    }

    /// What waits for approvals, ascending by id. A charter waits while it
    /// amends the one in force; a change of the roster while it is not
    /// recognised and the organisation is not where it leads already.
    pub fn proposals(&self) -> Vec<Proposal> {
        let Some(head) = self.charter() else { return Vec::new() };
        let head_id = self.fold().chain.last();
        let mut found = Vec::new();
        for (id, held) in &self.holding.records {
            let (what, added) = match &held.body {
                Body::Charter(charter) if charter.prev.as_ref() == head_id => {
                    let added = charter.stewards.iter().filter(|org| !head.stewards.contains(org));
                    (Proposed::Charter(Box::new(charter.clone())), added.copied().collect())
                }
                Body::Roster(roster) if self.waits(id, roster.org, roster.change) => {
                    let (org, change, reason) = (roster.org, roster.change, roster.reason.clone());
                    (Proposed::Roster { org, change, reason }, BTreeSet::new())
                }
                Body::Entry(Entry { org, said: Said::Rekey(reason), .. })
                    if !self.fold().rekeyed.contains(id) =>
                {
                    (Proposed::Rekey { org: *org, reason: reason.clone() }, BTreeSet::new())
                }
                _ => continue,
            };
            let (approved, missing) =
                head.stewards.iter().copied().partition(|org| self.approved(org, id));
            let to_agree = added.into_iter().filter(|org| !self.approved(org, id)).collect();
            let needed = head.majority();
            found.push(Proposal { id: *id, what, approved, missing, needed, to_agree });
        }
        found
    }

    /// Roster records and rekeyings that count by the word of the stewards in
    /// force alone, ascending by id: what the next charter lists in `roster`,
    /// so that they stay when the stewards change.
    pub fn to_recognise(&self) -> Vec<RecordId> {
        let charters: Vec<&Charter> = self.charters().map(|(_, charter)| charter).collect();
        let recognised = |id: &RecordId| {
            (1..charters.len()).any(|at| {
                let before = charters[at - 1];
                let approvals = before.stewards.iter().filter(|org| self.approved(org, id)).count();
                approvals >= before.majority()
                    && charters[at..].iter().any(|charter| charter.roster.contains(id))
            })
        };
        let leaves = |id: &RecordId| match self.holding.records.get(id).map(|held| &held.body) {
            Some(Body::Roster(roster)) => roster.change == RosterChange::Leave,
            _ => false,
        };
        let fold = self.fold();
        let all: BTreeSet<RecordId> = fold.decided.union(&fold.rekeyed).copied().collect();
        all.into_iter().filter(|id| !leaves(id) && !recognised(id)).collect()
    }

    fn waits(&self, id: &RecordId, org: OrgId, change: RosterChange) -> bool {
        if change == RosterChange::Leave || self.fold().decided.contains(id) {
            return false;
        }
        let followed = self.fold().decided.iter().any(|decided| {
            let held = self.holding.records.get(decided).map(|held| &held.body);
            matches!(held, Some(Body::Roster(roster)) if roster.after.contains(id))
        });
        let standing = self.standing(&org);
        !followed
            && match change {
                RosterChange::Admit => standing != Some(Standing::Member),
                RosterChange::Suspend => standing == Some(Standing::Member),
                RosterChange::Lift => standing == Some(Standing::Suspended),
                RosterChange::Remove => standing != Some(Standing::Removed),
                RosterChange::Leave => false,
            }
    }
}
