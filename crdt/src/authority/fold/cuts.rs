//! How a certificate ended, and what of its work stands.

use crate::authority::holding::{Body, Entry, Holding, Said};
use crate::authority::statements::{Cut, CutRun, Prefix, prefix};
use crate::identity::RecordId;

/// Why what a certificate signed counts only where a cut lists it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::authority) struct Ending {
    /// The revocation, or the removal of the organisation.
    pub(in crate::authority) by: RecordId,
}

impl Ending {
    fn cuts<'h>(&self, holding: &'h Holding) -> impl Iterator<Item = &'h Cut> {
        let cut = match holding.records.get(&self.by).map(|held| &held.body) {
            Some(Body::Roster(roster)) => roster.cut.as_ref(),
            Some(Body::Entry(Entry { said: Said::Revoke(revoke), .. })) => Some(&revoke.cut),
            Some(Body::Entry(Entry { said: Said::Clearance(policy), .. })) => Some(&policy.cut),
            _ => None,
        };
        let part = |id: &RecordId| match &holding.records.get(id)?.body {
            Body::CutPart(part) => Some(&part.cut),
            _ => None,
        };
        cut.into_iter().chain(cut.into_iter().flat_map(|cut| &cut.parts).filter_map(part))
    }

    /// Whether the cut lists this id.
    pub(in crate::authority) fn lists(&self, holding: &Holding, id: &[u8; 32]) -> bool {
        let wanted: Prefix = prefix(id);
        self.cuts(holding).any(|cut| cut.listed.as_chunks::<20>().0.binary_search(&wanted).is_ok())
    }

    /// How far runs of this actor stand: the number and the hash of the last
    /// change. There may be several.
    pub(in crate::authority) fn runs<'h>(
        &self,
        holding: &'h Holding,
        actor: &[u8; 16],
    ) -> impl Iterator<Item = &'h CutRun> {
        let actor = *actor;
        self.cuts(holding).flat_map(|cut| &cut.runs).filter(move |run| run.actor == actor)
    }
}
