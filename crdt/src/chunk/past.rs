//! The changes of a document that are held, and what lies in the past of a
//! change that follows some of them.
//!
//! *In the past* means reachable by deps, not merely held: an operation that
//! names something its author could not have seen makes two nodes that apply
//! the same changes in different order differ for ever.
//!
//! Nothing is kept per pair of change and actor, since a document may have as
//! many actors as changes. A change that follows all heads, as an honest one
//! nearly always does, has everything held in its past; for any other a walk
//! down the deps fills one bit per change. The walk is bounded by the
//! document: 10,000 changes, and 131,000 deps in 4 MiB.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{ChangeMeta, ChunkRefused};
use crate::identity::ActorId;

/// The changes of one document that are held.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Deps stand before what follows them.
    changes: Vec<ChangeMeta>,
    /// The places of the deps of each change.
    deps: Vec<Vec<usize>>,
    places: BTreeMap<[u8; 32], usize>,
    /// The places of each actor's changes, ascending by sequence number.
    actors: BTreeMap<ActorId, Vec<usize>>,
    /// The actors of whom two changes have one sequence number.
    forked: BTreeSet<ActorId>,
    heads: BTreeSet<[u8; 32]>,
    ops: u64,
    bytes: u64,
}

impl Past {
    /// The past that these changes make, in whatever order they come. Each
    /// was returned by [`hold`](super::hold) for this document, and so were
    /// its deps, which are among them.
    pub fn from_metas(mut metas: Vec<ChangeMeta>) -> Self {
        metas.sort_unstable_by(|a, b| (a.depth, &a.hash).cmp(&(b.depth, &b.hash)));
        let mut past = Self::default();
        metas.into_iter().for_each(|meta| past.push(meta));
        past
    }

    /// Adds what [`hold`](super::hold) returned for this past. A change that
    /// is there already changes nothing.
    pub fn push(&mut self, meta: ChangeMeta) {
        if self.places.contains_key(&meta.hash) {
            return;
        }
        let place = self.changes.len();
        self.places.insert(meta.hash, place);
        self.deps.push(meta.deps.iter().filter_map(|dep| self.places.get(dep).copied()).collect());
        meta.deps.iter().for_each(|dep| {
            self.heads.remove(dep);
        });
        self.heads.insert(meta.hash);
        self.ops = self.ops.saturating_add(meta.ops);
        self.bytes = self.bytes.saturating_add(u64::from(meta.bytes));

        let chain = self.actors.entry(meta.actor).or_default();
        let after = chain.partition_point(|&at| self.changes[at].seq <= meta.seq);
        if after.checked_sub(1).is_some_and(|at| self.changes[chain[at]].seq == meta.seq) {
            self.forked.insert(meta.actor);
        }
        chain.insert(after, place);
        self.changes.push(meta);
    }

    /// The changes that no other follows, ascending.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        self.heads.iter().copied().collect()
    }

    /// The change of this hash, if it is held.
    pub fn get(&self, hash: &[u8; 32]) -> Option<&ChangeMeta> {
        self.places.get(hash).map(|&place| &self.changes[place])
    }

    /// All changes, deps before what follows them.
    pub fn metas(&self) -> &[ChangeMeta] {
        &self.changes
    }

    /// The operations of all changes together.
    pub const fn ops(&self) -> u64 {
        self.ops
    }

    /// The length of all changes together.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What lies in the past of a change that follows `deps`, which are
    /// strictly ascending.
    pub(super) fn ancestry(&self, deps: &[[u8; 32]]) -> Result<Ancestry<'_>, ChunkRefused> {
        let deps_at = deps
            .iter()
            .map(|dep| self.places.get(dep).copied().ok_or(ChunkRefused::Missing { dep: *dep }))
            .collect::<Result<Vec<usize>, _>>()?;
        let members = if deps.iter().eq(&self.heads) {
            Members::All
        } else {
            Members::These(self.closure(&deps_at))
        };
        Ok(Ancestry { past: self, deps: deps_at, members })
    }

    /// One bit for each change that is reachable from `from`.
    fn closure(&self, from: &[usize]) -> Vec<u64> {
        let Some(&last) = from.iter().max() else { return Vec::new() };
        let mut bits = vec![0_u64; last / 64 + 1];
        from.iter().for_each(|&at| bits[at / 64] |= 1 << (at % 64));
        for at in (0..=last).rev() {
            if bits[at / 64] >> (at % 64) & 1 == 1 {
                self.deps[at].iter().for_each(|&dep| bits[dep / 64] |= 1 << (dep % 64));
            }
        }
        bits
    }
}

/// The changes in the past of one change.
pub(super) struct Ancestry<'p> {
    past: &'p Past,
    deps: Vec<usize>,
    members: Members,
}

enum Members {
    All,
    These(Vec<u64>),
}

impl<'p> Ancestry<'p> {
    fn deps(&self) -> impl Iterator<Item = &'p ChangeMeta> {
        self.deps.iter().map(|&at| &self.past.changes[at])
    }

    /// The depth of a change with this past.
    pub(super) fn depth(&self) -> u32 {
        self.deps().map(|dep| dep.depth).max().unwrap_or(0).saturating_add(1)
    }

    /// The counter of the first operation of a change with this past. The
    /// deps alone tell, as each was held to the same rule.
    pub(super) fn next_op(&self) -> u64 {
        self.deps().map(ChangeMeta::end_op).max().unwrap_or(1)
    }

    fn contains(&self, place: usize) -> bool {
        match &self.members {
            Members::All => true,
            Members::These(bits) => {
                bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
            }
        }
    }

    /// A sequence number that one actor gave to two of these changes.
    pub(super) fn equivocation(&self) -> Option<u64> {
        self.past.forked.iter().find_map(|actor| self.chain(actor).repeated())
    }

    /// What `actor` wrote in this past.
    pub(super) fn chain(&self, actor: &ActorId) -> Chain<'p> {
        let places = self.past.actors.get(actor).map_or(&[][..], Vec::as_slice);
        let places = if self.past.forked.contains(actor) {
            places.iter().copied().filter(|&at| self.contains(at)).collect()
        } else {
            // Each follows the one before, so those in the past come first.
            Cow::Borrowed(&places[..places.partition_point(|&at| self.contains(at))])
        };
        Chain { changes: &self.past.changes, places }
    }
}

/// The changes that one actor wrote in the past of one change.
pub(super) struct Chain<'p> {
    changes: &'p [ChangeMeta],
    places: Cow<'p, [usize]>,
}

impl<'p> Chain<'p> {
    /// The latest of them.
    pub(super) fn last(&self) -> Option<&'p ChangeMeta> {
        self.places.last().map(|&at| &self.changes[at])
    }

    /// A sequence number that two of them have.
    fn repeated(&self) -> Option<u64> {
        let seq = |at: usize| self.changes[at].seq;
        self.places.windows(2).find(|two| seq(two[0]) == seq(two[1])).map(|two| seq(two[0]))
    }

    /// The one that contains the operation `counter`.
    pub(super) fn find(&self, counter: u64) -> Option<&'p ChangeMeta> {
        let after = self.places.partition_point(|&at| self.changes[at].start_op <= counter);
        let change = &self.changes[self.places[after.checked_sub(1)?]];
        (counter < change.end_op()).then_some(change)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The places from which `deps` are reached, by following every way.
    fn reachable(metas: &[ChangeMeta], deps: &[[u8; 32]]) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        let mut behind = deps.to_vec();
        while let Some(hash) = behind.pop() {
            let at = metas.iter().position(|meta| meta.hash == hash).expect("held");
            if seen.insert(at) {
                behind.extend(&metas[at].deps);
            }
        }
        seen.into_iter().collect()
    }

    fn hashes(metas: &[ChangeMeta], chosen: &[usize]) -> Vec<[u8; 32]> {
        let distinct: BTreeSet<[u8; 32]> =
            chosen.iter().filter_map(|at| Some(metas.get(at % metas.len().max(1))?.hash)).collect();
        distinct.into_iter().collect()
    }

    /// A history as *hold* lets it through, written by few actors of whom some
    /// equivocate: each change follows some chosen ones, and its actor's last.
    fn history(choices: &[(u8, Vec<usize>, u64)]) -> Vec<ChangeMeta> {
        let mut metas: Vec<ChangeMeta> = vec![];
        for (n, (actor, follows, ops)) in choices.iter().enumerate() {
            let actor = [*actor; 16];
            let mut deps = hashes(&metas, follows);
            let behind = reachable(&metas, &deps);
            let own: Vec<usize> =
                behind.iter().copied().filter(|&at| metas[at].actor == actor).collect();
            let last = own.iter().map(|&at| metas[at].seq).max().unwrap_or(0);
            if let Some(&at) = own.iter().find(|&&at| metas[at].seq == last) {
                deps.push(metas[at].hash);
                deps.sort_unstable();
                deps.dedup();
            }
            let of = |get: fn(&ChangeMeta) -> u64| behind.iter().map(|&at| get(&metas[at])).max();
            let hash = crate::identity::digest("test", &[&n.to_le_bytes()]);
            let (seq, depth) = (last + 1, of(|meta| u64::from(meta.depth)).unwrap_or(0) as u32 + 1);
            let start_op = of(ChangeMeta::end_op).unwrap_or(1);
            metas.push(ChangeMeta { hash, actor, seq, start_op, ops: *ops, deps, bytes: 1, depth });
        }
        metas
    }

    fn choices() -> impl Strategy<Value = Vec<(u8, Vec<usize>, u64)>> {
        let follows = proptest::collection::vec(any::<usize>(), 0..4);
        proptest::collection::vec((0..5_u8, follows, 0..4_u64), 1..80)
    }

    proptest! {
        #[test]
        fn a_past_is_what_is_reached_by_deps(
            choices in choices(),
            follows in proptest::collection::vec(any::<usize>(), 0..5),
            newest: bool,
        ) {
            let metas = history(&choices);
            let mut past = Past::default();
            metas.iter().for_each(|meta| past.push(meta.clone()));
            let deps = if newest { past.heads() } else { hashes(&metas, &follows) };
            let behind = reachable(&metas, &deps);
            let ancestry = past.ancestry(&deps).expect("held");

            let mut numbers = BTreeSet::new();
            let once = behind.iter().all(|&at| numbers.insert((metas[at].actor, metas[at].seq)));
            prop_assert_eq!(ancestry.equivocation().is_none(), once);
            let depth = behind.iter().map(|&at| metas[at].depth).max().unwrap_or(0) + 1;
            prop_assert_eq!(ancestry.depth(), depth);
            let next = behind.iter().map(|&at| metas[at].end_op()).max().unwrap_or(1);
            prop_assert_eq!(ancestry.next_op(), next);
            if !once {
                return Ok(());
            }
            for actor in (0..5).map(|actor| [actor; 16]) {
                let own = || behind.iter().map(|&at| &metas[at]).filter(|meta| meta.actor == actor);
                let chain = ancestry.chain(&actor);
                prop_assert_eq!(chain.last(), own().max_by_key(|meta| meta.seq));
                for counter in 0..next + 2 {
                    let found = own().find(|meta| (meta.start_op..meta.end_op()).contains(&counter));
                    prop_assert_eq!(chain.find(counter), found);
                }
            }
        }

        #[test]
        fn a_past_is_the_same_from_changes_in_any_order(choices in choices(), turn in any::<usize>()) {
            let metas = history(&choices);
            let mut turned = metas.clone();
            turned.rotate_left(turn % metas.len());
            turned.reverse();
            let (one, other) = (Past::from_metas(metas), Past::from_metas(turned));
            prop_assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
    }
}
