//! What is alive in a store, by what it is for: for operators who wonder what
//! fills their disk. Values are not read, only their lengths, and a little at a
//! time: whoever weighs holds up no commit for long.

use bytes::Bytes;
use tern_protocol::store::{Space, StoreError};

use super::engine::Engine;
use super::files::Files;
use super::index::Shelf;

/// Keys of one go.
const KEYS_MAX: usize = 4096;
/// The class of parcels among the records.
const PARCEL: u8 = b'C';

/// Bytes of keys and values that are alive, by what they are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weights {
    /// Signed records: who may say what, name cards, expert cards.
    pub records: u64,
    /// Practices with their editions.
    pub practices: u64,
    /// Drafts.
    pub drafts: u64,
    /// Sealed parcels that are carried.
    pub parcels: u64,
    /// What only this node knows: accounts, addresses, its own requests.
    pub local: u64,
}

/// Some of what is alive, weighed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Weighed {
    /// What was weighed this time.
    pub weights: Weights,
    /// Where to go on; `None` at the end.
    pub next: Option<Bytes>,
}

impl Weights {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            practices: self.practices + other.practices,
            drafts: self.drafts + other.drafts,
            parcels: self.parcels + other.parcels,
            local: self.local + other.local,
        }
    }

    /// Everything together.
    pub const fn sum(&self) -> u64 {
        self.records + self.practices + self.drafts + self.parcels + self.local
    }

    /// Adds an entry by its key of the index.
    fn add(&mut self, key: &[u8], length: u64) {
        let space = key
            .first()
            .and_then(|first| Space::ALL.into_iter().find(|space| *space as u8 == *first));
        let kind = match space {
            Some(Space::Record) if key.get(1) == Some(&PARCEL) => &mut self.parcels,
            Some(Space::Authority | Space::Record) => &mut self.records,
            Some(Space::Document | Space::Edition) => &mut self.practices,
            Some(Space::Draft) => &mut self.drafts,
            Some(Space::Meta | Space::Local) | None => &mut self.local,
        };
        *kind += key.len() as u64 + length;
    }
}

impl<F: Files, S: Shelf> Engine<F, S> {
    /// Weighs the entries behind `after`, a few thousand of them.
    ///
    /// # Errors
    /// The index cannot be read, nor made anew.
    pub fn weigh(&self, after: Option<&[u8]>) -> Result<Weighed, StoreError> {
        let found = self.catalogue.borrow_mut().lengths(&self.journal, after, KEYS_MAX)?;
        let mut weights = Weights::default();
        found.iter().for_each(|(key, length)| weights.add(key, *length));
        let more = found.len() == KEYS_MAX;
        let next = found.into_iter().next_back().filter(|_| more).map(|(key, _)| key.into());
        Ok(Weighed { weights, next })
    }
}

#[cfg(test)]
mod tests {
    use tern_protocol::store::{Batch, Store};

    use super::*;
    use crate::store::JournalStore;

    #[test]
    fn the_weights_of_all_kinds_are_what_is_alive_together() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut store = JournalStore::open(folder.path()).expect("a new store");
        let mut batch = Batch::default();
        batch.put(Space::Authority, &b"Achad"[..], vec![1; 10]);
        batch.put(Space::Record, &b"Aniger"[..], vec![1; 20]);
        batch.put(Space::Record, &b"Cnepal"[..], vec![1; 3_000]);
        batch.put(Space::Draft, &b"Bmoldova"[..], vec![1; 40]);
        batch.put(Space::Local, &b"Dmali"[..], vec![1; 50]);
        for number in 0..KEYS_MAX as u32 {
            batch.put(Space::Edition, number.to_be_bytes().to_vec(), vec![1; 60]);
        }
        store.commit(batch).expect("room");
        let first = store.weigh(None).expect("a sound index");
        let next = first.next.expect("there is more than fits in one go");
        let second = store.weigh(Some(&next)).expect("a sound index");
        assert_eq!(second.next, None);
        let weights = first.weights.and(second.weights);
        assert_eq!((weights.records, weights.parcels), (6 + 10 + 7 + 20, 7 + 3_000));
        assert_eq!((weights.drafts, weights.local), (9 + 40, 6 + 50));
        assert_eq!(weights.practices, KEYS_MAX as u64 * (5 + 60));
        assert_eq!(weights.sum(), store.figures().expect("measured").live_bytes);
        assert_eq!(store.figures().expect("measured").commits, 1);
        assert!(store.figures().expect("measured").syncs.count() >= 2, "the seal and the batch");
    }
}
