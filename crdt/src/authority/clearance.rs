//! What an organisation asks for before a practice of it is published.

use super::fold::Ending;
use super::holding::{Entry, Said};
use super::{Authority, ClearanceNeed};
use crate::identity::{EditionId, OrgId, RecordId};

impl Authority {
    /// What an organisation needs before one of its practices is published. Of entries
    /// of its log that did not know of each other the strictest stands.
    pub fn clearance_need(&self, org: &OrgId) -> ClearanceNeed {
        let needs =
            self.clearance_policies(org).filter_map(|id| match self.holding.entry(&id)? {
                Entry { said: Said::Clearance(policy), .. } => Some(policy.need),
                _ => None,
            });
        needs.max_by_key(|need| need.strictness()).unwrap_or(ClearanceNeed::Nothing)
    }

    /// The entries of its log that say so: one, or several that did not know of each other.
    pub fn clearance_policies(&self, org: &OrgId) -> impl Iterator<Item = RecordId> + '_ {
        self.organisation(org).into_iter().flat_map(|org| org.log.clearance.iter().copied())
    }

    /// Whether an edition was there before its organisation asked for what it asks for now.
    pub fn is_before_clearance(&self, org: &OrgId, edition: &EditionId) -> bool {
        let mut policies = self.clearance_policies(org).map(|by| Ending { by });
        policies.any(|policy| policy.lists(&self.holding, edition.as_bytes()))
    }
}
