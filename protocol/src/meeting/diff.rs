//! What two copies of a set have apart, found without holding the other copy.
//!
//! The peer's entries of the differing buckets come in ascending order, and
//! each is laid against our own as it comes. What is kept is about our own
//! objects alone, so that a peer cannot make us hold more than we have.

use std::collections::BTreeMap;
use std::ops::Bound;

use tern_crdt::identity::{DocumentId, EditionId};

use super::set::{ObjectId, Root, Set, State};

/// See the module.
#[derive(Debug, Default)]
pub struct Diff {
    /// Numbers of the buckets that differ, ascending.
    differing: Vec<u8>,
    /// Buckets at and before this place in `differing` were begun.
    at: usize,
    /// The last id laid against ours in the bucket at `at`.
    last: Option<ObjectId>,
    /// Objects that the peer lacks, ascending.
    pub they_lack: Vec<ObjectId>,
    /// Objects that both hold in different states, with the editions that
    /// the peer said it has of them.
    pub differ: BTreeMap<ObjectId, Vec<EditionId>>,
    /// How many objects the peer holds and we lack, or hold otherwise.
    pub we_lack: u64,
    /// The last practice of which it said the editions.
    last_practice: Option<DocumentId>,
}

impl Diff {
    /// Begins with the bucket hashes that both sides said: so both find the
    /// same buckets to differ, whatever has come in since.
    pub fn new(ours: &[Root], theirs: &[u8]) -> Self {
        let (theirs, _) = theirs.as_chunks::<16>();
        let hashes = ours.iter().zip(theirs);
        let differing = (0..=u8::MAX)
            .zip(hashes)
            .filter(|(_, (ours, theirs))| ours != theirs)
            .map(|(number, _)| number)
            .collect();
        Self { differing, ..Self::default() }
    }

    /// The buckets whose entries both sides now say.
    pub fn differing(&self) -> &[u8] {
        &self.differing
    }

    /// Lays the peer's entries of one bucket against ours. `Err` says in
    /// words what rule the peer broke.
    pub fn entries(
        &mut self,
        ours: &Set,
        bucket: u8,
        entries: &[[u8; 64]],
    ) -> Result<(), &'static str> {
        let place =
            self.differing.binary_search(&bucket).map_err(|_| "entries of an equal bucket")?;
        if place < self.at {
            return Err("entries of buckets out of order");
        }
        self.close_before(ours, place);
        for entry in entries {
            let (id, state) = split(entry);
            if id[0] != bucket || self.last.is_some_and(|last| last >= id) {
                return Err("entries of a bucket out of order");
            }
            self.pass_over(ours, bucket, Some(&id));
            match ours.get(&id) {
                Some(own) if *own == state => {}
                Some(_) => {
                    self.differ.insert(id, Vec::new());
                    self.we_lack += 1;
                }
                None => self.we_lack += 1,
            }
            self.last = Some(id);
        }
        Ok(())
    }

    /// The peer has said all its entries.
    pub fn finish(&mut self, ours: &Set) {
        self.close_before(ours, self.differing.len());
    }

    /// Ends the buckets before `place`: what of ours was not named, the peer
    /// lacks.
    fn close_before(&mut self, ours: &Set, place: usize) {
        while self.at < place {
            self.pass_over(ours, self.differing[self.at], None);
            self.at += 1;
            self.last = None;
        }
    }

    /// Notes our entries of a bucket after the last one named and before `id`.
    fn pass_over(&mut self, ours: &Set, bucket: u8, id: Option<&ObjectId>) {
        let after = self.last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let before = id.map_or(Bound::Unbounded, Bound::Excluded);
        let passed = ours.bucket(bucket).range::<ObjectId, _>((after, before)).map(|(id, _)| *id);
        self.they_lack.extend(passed);
    }

    /// The peer says which editions it has of a practice that it found to
    /// differ; in ascending order of the practices. If ours has changed since
    /// then it is passed over.
    pub fn editions(
        &mut self,
        practice: DocumentId,
        editions: impl Iterator<Item = EditionId>,
    ) -> Result<(), &'static str> {
        if self.last_practice.is_some_and(|last| last >= practice) {
            return Err("editions of practices out of order");
        }
        self.last_practice = Some(practice);
        if let Some(held) = self.differ.get_mut(practice.as_bytes()) {
            held.extend(editions);
        }
        Ok(())
    }
}

fn split(entry: &[u8; 64]) -> (ObjectId, State) {
    let mut id = [0; 32];
    let mut state = [0; 32];
    id.copy_from_slice(&entry[..32]);
    state.copy_from_slice(&entry[32..]);
    (id, state)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Entries = BTreeMap<ObjectId, State>;

    fn set(entries: &Entries) -> Set {
        let mut set = Set::default();
        entries.iter().for_each(|(id, state)| set.insert(*id, *state));
        set
    }

    fn hashes(set: &Set) -> Vec<u8> {
        set.bucket_hashes().concat()
    }

    fn small() -> impl Strategy<Value = Entries> {
        let id = (0..4u8, 0..6u8).prop_map(|(bucket, low)| {
            let mut id = [low; 32];
            id[0] = bucket * 80;
            id
        });
        prop::collection::btree_map(id, (0..3u8).prop_map(|s| [s; 32]), 0..20)
    }

    proptest! {
        #[test]
        fn the_difference_is_found_exactly(ours in small(), theirs in small(), cut in 1..4usize) {
            let (own, other) = (set(&ours), set(&theirs));
            let mut diff = Diff::new(&own.bucket_hashes(), &hashes(&other));
            for bucket in diff.differing().to_vec() {
                let entries: Vec<[u8; 64]> = other.bucket(bucket).iter().map(|(id, state)| {
                    let mut entry = [0; 64];
                    entry[..32].copy_from_slice(id);
                    entry[32..].copy_from_slice(state);
                    entry
                }).collect();
                for part in entries.chunks(cut) { prop_assert_eq!(diff.entries(&own, bucket, part), Ok(())); }
            }
            diff.finish(&own);
            let lack: Vec<_> = ours.keys().filter(|id| !theirs.contains_key(*id)).copied().collect();
            let differ: Vec<_> = ours.iter()
                .filter(|(id, state)| theirs.get(*id).is_some_and(|other| other != *state))
                .map(|(id, _)| *id).collect();
            let missing = theirs.iter().filter(|(id, state)| ours.get(*id) != Some(state)).count();
            prop_assert_eq!(diff.they_lack, lack);
            prop_assert_eq!(diff.differ.keys().copied().collect::<Vec<_>>(), differ);
            prop_assert_eq!(diff.we_lack, missing as u64);
        }
    }

    #[test]
    fn entries_out_of_order_or_of_equal_buckets_are_refused() {
        let own = set(&[([1; 32], [0; 32])].into());
        let other = set(&[([2; 32], [0; 32]), ([3; 32], [0; 32])].into());
        let mut diff = Diff::new(&own.bucket_hashes(), &hashes(&other));
        assert_eq!(diff.differing(), [1, 2, 3]);
        assert!(diff.entries(&own, 9, &[]).is_err());
        assert_eq!(diff.entries(&own, 3, &[[3; 64]]), Ok(()));
        assert!(diff.entries(&own, 3, &[[3; 64]]).is_err(), "the same again");
        assert!(diff.entries(&own, 2, &[[2; 64]]).is_err(), "an earlier bucket");
    }
}
