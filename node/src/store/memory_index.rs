//! The index in memory: for a disk without room for one, and for models.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::index::{Entries, Index, IndexFault};

/// Keys and entries, with nothing of them on a disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryIndex(pub BTreeMap<Vec<u8>, Vec<u8>>);

impl Index for MemoryIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        Ok(self.0.get(key).cloned())
    }

    fn page(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Entries, IndexFault> {
        let from = after.filter(|after| *after >= prefix);
        let from = from.map_or(Bound::Included(prefix), Bound::Excluded);
        let found = self.0.range::<[u8], _>((from, Bound::Unbounded));
        let found = found.take_while(|(key, _)| key.starts_with(prefix)).take(limit);
        Ok(found.map(|(key, entry)| (key.clone(), entry.clone())).collect())
    }

    fn put(&mut self, key: &[u8], entry: Vec<u8>) -> Result<Option<Vec<u8>>, IndexFault> {
        Ok(self.0.insert(key.to_vec(), entry))
    }

    fn delete(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        Ok(self.0.remove(key))
    }
}
