//! What happened, each after what it follows: by causality, never by clocks
//! where that says something.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::RecordId;
use crate::review::{AFTER_MAX, Deed};
use crate::timestamp::Timestamp;

/// An event or a decision, as one thing that happened.
#[derive(Clone, Copy, Debug)]
pub struct Happened<'a> {
    pub after: &'a [RecordId],
    pub claimed_at: Timestamp,
    /// Whether it moves the submission from hand to hand.
    pub moves: bool,
}

/// What no other of these follows.
pub fn tips(all: &BTreeMap<RecordId, Happened<'_>>) -> Vec<RecordId> {
    let followed: BTreeSet<&RecordId> = all.values().flat_map(|one| one.after).collect();
    all.keys().filter(|id| !followed.contains(id)).copied().take(AFTER_MAX).collect()
}

/// All, each after those that it follows; else by claimed time, then id. What
/// claims to follow itself, which no honest hash does, keeps its place by time.
pub fn in_order(all: &BTreeMap<RecordId, Happened<'_>>) -> Vec<RecordId> {
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

/// Whether an event hands the submission on.
pub const fn moves(deed: &Deed) -> bool {
    !matches!(deed, Deed::Reply { .. } | Deed::Accept { .. })
}
