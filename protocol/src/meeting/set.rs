//! A set: what two nodes compare to find out what the other lacks.
//!
//! A sorted map from object id to state, in 256 buckets by the first byte of
//! the id. The hash of a bucket is BLAKE3 over its entries, the root is
//! BLAKE3 over the bucket hashes and the count: never a sum or an XOR, which
//! a member could forge into a collision. Hashes are computed when asked for
//! and kept until the bucket changes.

use std::cell::Cell;
use std::collections::BTreeMap;

/// Which set. The number is on the wire: never reuse one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum SetId {
    /// Who may say what. Always made equal first.
    Authority = 0,
    /// Practices with their editions, and public records.
    Public = 1,
    /// Parcels: carried by all, read by some.
    Parcels = 2,
    /// Drafts that the organisations of both sides may see: another set for each
    /// two of them.
    Drafts = 3,
}

impl SetId {
    /// Those that everybody holds alike, in the order in which they are made
    /// equal.
    pub const ALL: [Self; 3] = [Self::Authority, Self::Parcels, Self::Public];
    /// Those that a meeting is about, in that order.
    pub const MET: [Self; 4] = [Self::Authority, Self::Parcels, Self::Public, Self::Drafts];

    /// The set with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::MET.into_iter().find(|set| *set as u8 == number)
    }
}

/// What is compared at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Range {
    /// The objects whose ids begin with this byte.
    Bucket(u8),
    /// All objects.
    Whole,
}

impl Range {
    /// Its number on the wire: that of the bucket, or 256.
    pub fn number(self) -> u16 {
        match self {
            Self::Bucket(bucket) => bucket.into(),
            Self::Whole => 256,
        }
    }

    /// The range with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        match u8::try_from(number) {
            Ok(bucket) => Some(Self::Bucket(bucket)),
            Err(_) => (number == 256).then_some(Self::Whole),
        }
    }
}

/// The id of an object, whatever its kind.
pub type ObjectId = [u8; 32];
/// The id of a part of an object, of which one side may hold some and the other
/// others: of an edition of a practice, of an audience of a draft, or the hash of
/// the last change of one of its segments.
pub type PartId = [u8; 32];
/// What is held of an object: equal states mean equal content.
pub type State = [u8; 32];
/// The hash of a bucket, or the root of a set.
pub type Root = [u8; 16];

/// Number of buckets.
pub const BUCKETS: usize = 256;
/// The hash of a bucket that holds nothing.
pub const EMPTY: Root = [0; 16];

#[derive(Default, Debug, Clone)]
struct Bucket {
    entries: BTreeMap<ObjectId, State>,
    hash: Cell<Option<Root>>,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Set {
    buckets: Vec<Bucket>,
    count: u64,
    root: Cell<Option<Root>>,
}

impl Default for Set {
    fn default() -> Self {
        Self { buckets: vec![Bucket::default(); BUCKETS], count: 0, root: Cell::new(None) }
    }
}

fn first16(hash: &blake3::Hash) -> Root {
    let mut root = [0; 16];
    root.copy_from_slice(&hash.as_bytes()[..16]);
    root
}

impl Set {
    /// Sets the state of an object, and returns the one before.
    pub fn insert(&mut self, id: ObjectId, state: State) -> Option<State> {
        let bucket = &mut self.buckets[usize::from(id[0])];
        let before = bucket.entries.insert(id, state);
        self.count += u64::from(before.is_none());
        if before != Some(state) {
            bucket.hash.set(None);
            self.root.set(None);
        }
        before
    }

    /// Takes an object out, and returns the state that it had.
    pub fn remove(&mut self, id: &ObjectId) -> Option<State> {
        let bucket = &mut self.buckets[usize::from(id[0])];
        let before = bucket.entries.remove(id)?;
        bucket.hash.set(None);
        self.root.set(None);
        self.count -= 1;
        Some(before)
    }

    /// The state of an object.
    pub fn get(&self, id: &ObjectId) -> Option<&State> {
        self.buckets[usize::from(id[0])].entries.get(id)
    }

    /// How many objects.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// All objects, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectId, &State)> {
        self.range(Range::Whole)
    }

    /// The objects of a range, ascending.
    pub fn range(&self, range: Range) -> impl Iterator<Item = (&ObjectId, &State)> {
        let buckets = match range {
            Range::Whole => &self.buckets[..],
            Range::Bucket(number) => std::slice::from_ref(&self.buckets[usize::from(number)]),
        };
        buckets.iter().flat_map(|bucket| &bucket.entries)
    }

    /// The first object whose id begins with these bytes.
    pub fn beginning(&self, prefix: [u8; 4]) -> Option<&ObjectId> {
        let mut from = [0; 32];
        from[..4].copy_from_slice(&prefix);
        let entries = &self.buckets[usize::from(prefix[0])].entries;
        entries.range(from..).map(|(id, _)| id).next().filter(|id| id.starts_with(&prefix))
    }

    /// The hash of one bucket: [`EMPTY`] or BLAKE3 of its entries, 16 bytes.
    pub fn bucket_hash(&self, number: u8) -> Root {
        let bucket = &self.buckets[usize::from(number)];
        if bucket.entries.is_empty() {
            return EMPTY;
        }
        if let Some(hash) = bucket.hash.get() {
            return hash;
        }
        let mut hasher = blake3::Hasher::new();
        for (id, state) in &bucket.entries {
            hasher.update(id);
            hasher.update(state);
        }
        let hash = first16(&hasher.finalize());
        bucket.hash.set(Some(hash));
        hash
    }

    /// All bucket hashes in order.
    pub fn bucket_hashes(&self) -> Vec<Root> {
        (0..=u8::MAX).map(|number| self.bucket_hash(number)).collect()
    }

    /// The root, if anybody asked for it since the set changed last.
    pub(crate) const fn known_root(&self) -> Option<Root> {
        self.root.get()
    }

    /// What two nodes compare: equal roots mean equal sets.
    pub fn root(&self) -> Root {
        if let Some(root) = self.root.get() {
            return root;
        }
        let mut hasher = blake3::Hasher::new();
        for number in 0..=u8::MAX {
            hasher.update(&self.bucket_hash(number));
        }
        hasher.update(&self.count.to_le_bytes());
        let root = first16(&hasher.finalize());
        self.root.set(Some(root));
        root
    }
}

/// The state of a practice: BLAKE3 over its sorted heads and edition ids.
pub fn practice_state(heads: &[[u8; 32]], editions: &[[u8; 32]]) -> State {
    let sorted = |ids: &[[u8; 32]]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.concat()
    };
    tern_crdt::identity::digest("tern/practice-state/v1", &[&sorted(heads), &sorted(editions)])
}

/// The state of a record: BLAKE3 over the sorted keys that signed it, so that
/// a record with more signatures is a newer state of the same object.
pub fn record_state(signers: impl Iterator<Item = tern_crdt::identity::PublicKey>) -> State {
    let keys: Vec<u8> = signers.flat_map(|key| *key.as_bytes()).collect();
    tern_crdt::identity::digest("tern/record-state/v1", &[&keys])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_set_has_the_root_that_the_specification_names() {
        let root = Set::default().root();
        let hex: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "071982ff9d0ae3bf4c8f9ca4d25647c7");
    }

    /// The vectors of section 10 of the specification.
    #[test]
    fn states_and_roots_are_what_the_specification_names() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let key = tern_crdt::identity::PublicKey::new;
        let record = record_state([key([1; 32]), key([2; 32])].into_iter());
        let practice = practice_state(&[[4; 32], [3; 32]], &[[6; 32], [5; 32]]);
        let mut set = Set::default();
        set.insert([7; 32], record);
        set.insert([8; 32], practice);
        assert_eq!(
            hex(&record),
            "1e1f58f4a1434254d15b5eeb8a97363e90f5dd6a38add6f55305e15fd42b101d"
        );
        assert_eq!(
            hex(&practice),
            "00c6a95234ef2026bbfca4d741620d6fbd6e07397e2f409902e96ad09883d3d4"
        );
        assert_eq!(hex(&set.bucket_hash(7)), "9151a5d710cc384965d9a9e923255fc4");
        assert_eq!(hex(&set.root()), "0dbc2767cd0b1fa9fe8a37d2c2f9b89c");
    }

    proptest! {
        #[test]
        fn the_root_tells_the_set_and_nothing_of_its_history(
            kept in prop::collection::btree_map(any::<[u8; 32]>(), any::<[u8; 32]>(), 0..60),
            removed in prop::collection::vec(any::<[u8; 32]>(), 0..20),
        ) {
            let mut one = Set::default();
            for (id, state) in &kept { one.insert(*id, *state); }
            let mut other = Set::default();
            for id in &removed { other.insert(*id, [0; 32]); }
            other.root();
            for (id, state) in kept.iter().rev() { other.insert(*id, [1; 32]); other.insert(*id, *state); }
            for id in &removed { if !kept.contains_key(id) { other.remove(id); } }
            prop_assert_eq!(one.root(), other.root());
            prop_assert_eq!(other.count(), kept.len() as u64);
            if let Some((id, _)) = kept.iter().next() {
                other.insert(*id, [9; 32]);
                prop_assert!(one.root() != other.root());
            }
        }
    }
}
