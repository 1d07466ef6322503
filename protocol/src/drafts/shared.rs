//! One shared draft, as a node holds it, and the states by which it is compared.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tern_crdt::audience::{Audience, Circle};
use tern_crdt::identity::{CertificateId, OrgId, RecordId, digest};
use tern_crdt::segment::brief::{Prefix, prefix};
use tern_crdt::verdict::{Hash, Signature};

use crate::limits::EARLIER_STATES_MAX;
use crate::meeting::set::{PartId, State};

/// What is remembered of a shared draft.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The certificate that began it.
    pub founder: CertificateId,
    /// The organisation of that certificate.
    pub owner: OrgId,
    /// Those that stand.
    pub audiences: BTreeMap<RecordId, Audience>,
    /// What follows from them.
    pub circle: Circle,
    /// What is signed: whole segments of which none covers another.
    pub segments: BTreeMap<RecordId, Signature>,
    /// Segments that count, or on which something builds that does.
    pub members: BTreeSet<RecordId>,
    /// States that it had since this node started, each with its parts, the
    /// last first: whoever shows one of them lacks what came after.
    pub(super) earlier: VecDeque<(State, Vec<PartId>)>,
}

impl Shared {
    /// Whether an organisation sees the draft.
    pub fn sees(&self, org: &OrgId) -> bool {
        *org == self.owner || self.circle.sees(org)
    }

    /// Whether an organisation sees it, or saw it once.
    pub fn knows_of(&self, org: &OrgId) -> bool {
        *org == self.owner || self.circle.knows_of(org)
    }

    pub(super) fn audience_state(&self) -> State {
        let ids: Vec<u8> = self.audiences.keys().flat_map(|id| *id.as_bytes()).collect();
        digest("tern/audience-state/v1", &[&ids])
    }

    /// Audiences, and of each segment that counts the run that it covers: who
    /// signed it follows from that.
    pub(super) fn state(&self) -> State {
        let runs: BTreeSet<(Hash, u64)> = self.runs().collect();
        let runs: Vec<u8> = runs
            .into_iter()
            .flat_map(|(head, first)| head.into_iter().chain(first.to_be_bytes()))
            .collect();
        digest("tern/draft-state/v1", &[&self.audience_state(), &runs])
    }

    /// What stands for it where two say what they hold of it: its audiences, and
    /// the last change of each segment.
    pub fn parts(&self) -> Vec<PartId> {
        let audiences = self.audiences.keys().map(|id| *id.as_bytes());
        audiences.chain(self.runs().map(|(head, _)| head)).collect()
    }

    /// The same between the nodes of two organisations: to one that does not see
    /// it any more, and by one, its audiences alone are told.
    pub(super) fn parts_between(&self, one: &OrgId, other: &OrgId) -> Vec<PartId> {
        if self.sees(one) && self.sees(other) {
            return self.parts();
        }
        self.audiences.keys().map(|id| *id.as_bytes()).collect()
    }

    /// Whether a segment ends in a change that begins so, or one did that was
    /// replaced since.
    pub fn ended_in(&self, head: &Prefix) -> bool {
        let begins = |hash: &Hash| prefix(hash) == *head;
        self.segments.values().any(|signature| begins(&signature.head))
            || self.earlier.iter().any(|(_, parts)| parts.iter().any(begins))
    }

    /// Earlier states, each with its parts.
    pub fn earlier(&self) -> impl Iterator<Item = &(State, Vec<PartId>)> {
        self.earlier.iter()
    }

    /// Remembers the state that it has now, before it gets another one.
    pub(super) fn remember(&mut self) {
        let state = self.state();
        self.earlier.retain(|(earlier, _)| *earlier != state);
        self.earlier.push_front((state, self.parts()));
        self.earlier.truncate(EARLIER_STATES_MAX);
    }

    pub(super) fn runs(&self) -> impl Iterator<Item = (Hash, u64)> + '_ {
        let members = self.segments.iter().filter(|(id, _)| self.members.contains(*id));
        members.map(|(_, signature)| (signature.head, signature.first))
    }

    /// What is compared of it between the nodes of one organisation and others;
    /// `None` where one of the two never saw it.
    pub(super) fn states_with(
        &self,
        one: &OrgId,
        others: BTreeSet<OrgId>,
    ) -> Vec<(OrgId, Option<State>)> {
        let (all, told) = (self.state(), self.audience_state());
        let between = |other: OrgId| {
            let state = if self.sees(one) && self.sees(&other) {
                Some(all)
            } else if self.knows_of(one) && self.knows_of(&other) {
                Some(told)
            } else {
                None
            };
            (other, state)
        };
        others.into_iter().map(between).collect()
    }

    /// Everybody who sees it or saw it.
    pub(super) fn everybody(&self) -> BTreeSet<OrgId> {
        let others = self.circle.orgs.iter().chain(&self.circle.left).copied();
        others.chain([self.owner]).collect()
    }
}
