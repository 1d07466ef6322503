//! Equivocation: two changes of one actor with one number.
//!
//! Groups of such changes are decided one after another, in the order of their
//! shallowest member, so that a branch which has lost already does not fight on
//! at its next change. Of a group that branch stands which has the most
//! *support*: organisations, then persons, other than the author's own, that
//! have not equivocated in this document and signed, in full, something that
//! builds on it, or adopted it; then the smaller hash. Support is counted on
//! signatures alone, not on acceptance, so that nothing refers back.

use std::collections::{BTreeMap, BTreeSet};

use super::Order;
use super::covering::Covering;
use crate::authority::Authority;
use crate::identity::{ActorId, CertificateId, OrgId};

/// The changes that lose, each with that which stands instead.
pub(super) fn losing(
    authority: &Authority,
    order: &Order<'_>,
    covering: &Covering,
    members: &[bool],
) -> BTreeMap<usize, usize> {
    let mut groups: BTreeMap<(ActorId, u64), Vec<usize>> = BTreeMap::new();
    for (place, change) in order.changes.iter().enumerate().filter(|(place, _)| members[*place]) {
        groups.entry((change.actor, change.seq)).or_default().push(place);
    }
    let mut forks: Vec<Vec<usize>> =
        groups.into_values().filter(|places| places.len() > 1).collect();
    forks.sort_unstable();
    let mut losing = BTreeMap::new();
    if forks.is_empty() {
        return losing;
    }
    let equivocators: BTreeSet<CertificateId> =
        forks.iter().flatten().flat_map(|place| covering.authors(*place)).copied().collect();
    let weigh = Scales { authority, order, covering, members, equivocators };
    for fork in forks {
        let lost = lost_so_far(order, &losing);
        let standing: Vec<usize> = fork.iter().copied().filter(|place| !lost[*place]).collect();
        let winner = standing.iter().copied().max_by_key(|place| {
            let (orgs, persons) = weigh.support(*place);
            (orgs, persons, std::cmp::Reverse(order.changes[*place].hash))
        });
        let Some(winner) = winner else { continue };
        losing.extend(standing.into_iter().filter(|p| *p != winner).map(|place| (place, winner)));
    }
    losing
}

/// Those that lost already and all that builds on them.
fn lost_so_far(order: &Order<'_>, losing: &BTreeMap<usize, usize>) -> Vec<bool> {
    let mut lost = vec![false; order.changes.len()];
    for place in 0..order.changes.len() {
        lost[place] = losing.contains_key(&place) || order.deps[place].iter().any(|dep| lost[*dep]);
    }
    lost
}

struct Scales<'a> {
    authority: &'a Authority,
    order: &'a Order<'a>,
    covering: &'a Covering,
    members: &'a [bool],
    equivocators: BTreeSet<CertificateId>,
}

impl Scales<'_> {
    /// How many organisations, and how many persons, support a branch.
    fn support(&self, place: usize) -> (usize, usize) {
        let org = |id: &CertificateId| self.authority.certificate(id).map(|granted| granted.org);
        let own: BTreeSet<&CertificateId> = self.covering.authors(place).collect();
        let own_orgs: BTreeSet<Option<OrgId>> = own.iter().map(|id| org(id)).collect();
        let after = self.order.with_followers(place);
        let mut persons: BTreeSet<CertificateId> = BTreeSet::new();
        for at in (0..after.len()).filter(|at| after[*at] && self.members[*at]) {
            persons.extend(self.covering.signers(at));
        }
        let adopters = self.covering.adoptions.iter().filter(|(_, head)| after[*head]);
        persons.extend(adopters.map(|(by, _)| *by));
        persons.retain(|id| !own.contains(id) && !self.equivocators.contains(id));
        let orgs: BTreeSet<Option<OrgId>> =
            persons.iter().map(org).filter(|org| !own_orgs.contains(org)).collect();
        (orgs.len(), persons.len())
    }
}
