//! The order of what people signed about one thing: each after what it follows.
//!
//! Causality decides, and clocks only where it says nothing: claimed times order
//! what was said without knowing of each other, ids what claims the same time. A
//! function of the set, so that every node tells the same story.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::RecordId;
use crate::timestamp::Timestamp;

/// A record follows at most this many others.
pub(crate) const AFTER_MAX: usize = 16;

/// Something that was signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happened<'a> {
    /// What it follows.
    pub after: &'a [RecordId],
    /// When, by the signer's clock.
    pub claimed_at: Timestamp,
}

/// What no other of these follows, as far as one record can name it.
pub(crate) fn tips(all: &BTreeMap<RecordId, Happened<'_>>) -> Vec<RecordId> {
    let followed: BTreeSet<&RecordId> = all.values().flat_map(|one| one.after).collect();
    all.keys().filter(|id| !followed.contains(id)).copied().take(AFTER_MAX).collect()
}

/// Whether ids stand in ascending order, each once.
pub(crate) fn ascending(ids: &[RecordId]) -> bool {
    ids.is_sorted_by(|a, b| a < b)
}

/// All, each after those that it follows; else by claimed time, then id. What
/// claims to follow itself, which no honest hash does, keeps its place by time.
pub(crate) fn in_order(all: &BTreeMap<RecordId, Happened<'_>>) -> Vec<RecordId> {
    let mut missing: BTreeMap<RecordId, usize> = BTreeMap::new();
    let mut next: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
    for (id, one) in all {
        let before: BTreeSet<&RecordId> =
            one.after.iter().filter(|id| all.contains_key(id)).collect();
        missing.insert(*id, before.len());
        for earlier in before {
            next.entry(*earlier).or_default().push(*id);
        }
    }
    let mut ready: BTreeSet<(Timestamp, RecordId)> = BTreeSet::new();
    let at = |id: &RecordId| all.get(id).map_or(Timestamp(0), |one| one.claimed_at);
    ready.extend(missing.iter().filter(|(_, n)| **n == 0).map(|(id, _)| (at(id), *id)));
    let mut line = Vec::with_capacity(all.len());
    while let Some((_, id)) = ready.pop_first() {
        line.push(id);
        for later in next.remove(&id).into_iter().flatten() {
            if let Some(n) = missing.get_mut(&later) {
                *n -= 1;
                if *n == 0 {
                    ready.insert((at(&later), later));
                }
            }
        }
    }
    line
}
