//! The engine that forgets when it is dropped: for tests and simulations.
//!
//! It keeps the contract of [`Store`] but for durability, which it has none
//! of. A clone is an independent copy, as a disk image is.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;

use super::{Batch, Op, Page, SCAN_BYTES, SCAN_ENTRIES_MAX, Space, Store, StoreError};

/// Sorted keys in memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MemoryStore {
    entries: BTreeMap<(Space, Bytes), Bytes>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many keys have a value.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no key has a value.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Store for MemoryStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        Ok(self.entries.get(&(space, Bytes::copy_from_slice(key))).cloned())
    }

    fn scan(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let from = match after {
            Some(after) if after >= prefix => {
                Bound::Excluded((space, Bytes::copy_from_slice(after)))
            }
            _ => Bound::Included((space, Bytes::copy_from_slice(prefix))),
        };
        let mut page = Page::default();
        let mut bytes = 0;
        for ((found, key), value) in self.entries.range((from, Bound::Unbounded)) {
            if *found != space || !key.starts_with(prefix) {
                break;
            }
            if page.entries.len() >= limit.min(SCAN_ENTRIES_MAX) || bytes > SCAN_BYTES {
                page.more = true;
                break;
            }
            bytes += key.len() + value.len();
            page.entries.push((key.clone(), value.clone()));
        }
        Ok(page)
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        batch.check()?;
        for op in batch.0 {
            match op {
                Op::Put { space, key, value } => self.entries.insert((space, key), value),
                Op::Delete { space, key } => self.entries.remove(&(space, key)),
            };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance::{self, Subject};
    use super::*;

    struct Memory;

    impl Subject for Memory {
        type Store = MemoryStore;
        fn fresh(&mut self) -> MemoryStore {
            MemoryStore::new()
        }
        fn reopen(&mut self, store: MemoryStore) -> MemoryStore {
            store
        }
    }

    #[test]
    fn the_memory_engine_keeps_the_contract() {
        conformance::run(&mut Memory, 20);
    }
}
