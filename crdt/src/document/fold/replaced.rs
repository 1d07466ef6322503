//! Which operations were replaced by others.

use std::collections::BTreeMap;

use super::Fold;
use crate::chunk::OpId;
use crate::identity::ActorId;

/// All that was replaced, as ranges of counters that do not touch.
pub(super) struct Replaced(BTreeMap<ActorId, Vec<(u64, u64)>>);

impl Replaced {
    /// What the changes of a fold replaced.
    pub(super) fn by(fold: &Fold) -> Self {
        let mut actors: BTreeMap<ActorId, Vec<(u64, u64)>> = BTreeMap::new();
        for span in fold.said.iter().flat_map(|said| &said.replaced) {
            actors.entry(span.actor).or_default().push((span.first, span.last));
        }
        for spans in actors.values_mut() {
            spans.sort_unstable();
            let mut joined: Vec<(u64, u64)> = Vec::with_capacity(spans.len());
            for &(first, last) in spans.iter() {
                match joined.last_mut() {
                    Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
                    _ => joined.push((first, last)),
                }
            }
            *spans = joined;
        }
        Self(actors)
    }

    /// Whether an operation was replaced.
    pub(super) fn contains(&self, id: OpId) -> bool {
        self.alike(id).0
    }

    /// Whether an operation was replaced, and for how many counters from
    /// there on, at least one, the answer is the same.
    pub(super) fn alike(&self, id: OpId) -> (bool, u64) {
        let spans = self.0.get(&id.actor).map_or(&[][..], Vec::as_slice);
        let after = spans.partition_point(|span| span.0 <= id.counter);
        match after.checked_sub(1).map(|at| spans[at]) {
            Some((_, last)) if id.counter <= last => (true, last - id.counter + 1),
            _ => (false, spans.get(after).map_or(u64::MAX, |span| span.0 - id.counter)),
        }
    }
}
