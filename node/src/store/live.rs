//! How much of a store is alive, counted commit by commit.

use super::change::PUT_BYTES;
use super::index::IndexFault;

/// How much is alive: what the store would be without its history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Live {
    /// How many keys have a value.
    pub entries: u64,
    /// The bytes of keys and values.
    pub bytes: u64,
}

impl Live {
    /// What it takes up in a journal, but for the heads of frames.
    pub const fn journal_bytes(&self) -> u64 {
        self.bytes + self.entries * PUT_BYTES
    }

    /// Counts that the value of `key` had one length and has another.
    pub fn changed(
        &mut self,
        key: &[u8],
        old: Option<u64>,
        new: Option<u64>,
    ) -> Result<(), IndexFault> {
        let size = |value: Option<u64>| value.map_or(0, |length| key.len() as u64 + length);
        let after = |total: u64, gone: u64, come: u64| total.checked_sub(gone)?.checked_add(come);
        let counted = after(self.bytes, size(old), size(new)).zip(after(
            self.entries,
            u64::from(old.is_some()),
            u64::from(new.is_some()),
        ));
        let Some((bytes, entries)) = counted else {
            return Err(IndexFault::Broken("it counts less than nothing".into()));
        };
        *self = Self { entries, bytes };
        Ok(())
    }
}
