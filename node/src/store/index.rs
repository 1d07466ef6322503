//! The index: where in the journal the value of each key stands.
//!
//! It answers reads and is never trusted. It can be made anew from the journal
//! at any time, is made anew after every unclean stop, and each entry carries
//! a check over key and value, so that a wrong answer is noticed. A value of
//! up to [`INLINE_BYTES_MAX`] bytes stands in its entry itself.
//!
//! ```text
//! entry   = value length u32 ‖ check[8] ‖ (value | place in the journal u64)
//! check   = BLAKE3(key length u16 ‖ key ‖ value)[..8]
//! ```

use thiserror::Error;

/// Longer values stay in the journal, so that the index is small, quickly
/// rebuilt and quickly checked.
pub const INLINE_BYTES_MAX: usize = 1024;

const FACTS_BYTES: usize = 12;

/// Why an index did not answer. It takes no more calls after that.
#[derive(Debug, Error)]
pub enum IndexFault {
    /// It found no room on the disk.
    #[error("the disk is full")]
    Full,
    /// It failed, panicked, or said something that cannot be.
    #[error("{0}")]
    Broken(String),
}

/// Keys with their entries, in the order of the keys.
pub type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// A sorted map from keys to entries, both bytes.
pub trait Index: Send {
    /// The entry of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault>;

    /// Up to `limit` entries whose keys begin with `prefix`, ascending, those
    /// behind `after` if given.
    fn page(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Entries, IndexFault>;

    /// Sets an entry and answers the one it replaced.
    fn put(&mut self, key: &[u8], entry: Vec<u8>) -> Result<Option<Vec<u8>>, IndexFault>;

    /// Removes an entry and answers it.
    fn delete(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault>;
}

/// A digest over everything an index keeps on disk.
pub type Seal = [u8; 32];

/// How a new index begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fresh {
    /// In place of one that was in order, only out of date.
    Replacing,
    /// In place of one that failed, which is kept aside for whoever wants to
    /// know why.
    SettingAside,
    /// In memory, because the disk has no room; what it takes up there is
    /// given back.
    InMemory,
}

/// Where an index lives between two runs.
pub trait Shelf: Send {
    /// The index.
    type Index: Index;

    /// A new empty index in place of whatever is there.
    fn fresh(&mut self, how: Fresh) -> Result<Self::Index, IndexFault>;

    /// The index exactly as it was when it was sealed.
    fn sealed(&mut self, seal: &Seal) -> Result<Self::Index, IndexFault>;

    /// Puts the index away for the next run, durably; `None` if it lives in
    /// memory only.
    fn seal(&mut self, index: Self::Index) -> Result<Option<Seal>, IndexFault>;
}

/// What the index knows of one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    /// How long the value is.
    pub length: u32,
    check: [u8; 8],
    /// Where it is.
    pub kept: Kept<'a>,
}

/// Where a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept<'a> {
    /// In the entry.
    Inline(&'a [u8]),
    /// In the journal, from this byte on.
    At(u64),
}

fn check(key: &[u8], value: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u16).to_le_bytes());
    hasher.update(key);
    hasher.update(value);
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    [a, b, c, d, e, f, g, h]
}

/// The entry of a value that stands at byte `at` of the journal.
pub fn entry(key: &[u8], value: &[u8], at: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FACTS_BYTES + value.len().min(INLINE_BYTES_MAX));
    bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&check(key, value));
    if value.len() <= INLINE_BYTES_MAX {
        bytes.extend_from_slice(value);
    } else {
        bytes.extend_from_slice(&at.to_le_bytes());
    }
    bytes
}

impl<'a> Entry<'a> {
    /// Reads an entry.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (facts, kept) = bytes.split_first_chunk::<FACTS_BYTES>()?;
        let [l0, l1, l2, l3, check @ ..] = *facts;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let kept = if length as usize <= INLINE_BYTES_MAX {
            (kept.len() == length as usize).then_some(Kept::Inline(kept))?
        } else {
            Kept::At(u64::from_le_bytes(kept.try_into().ok()?))
        };
        Some(Self { length, check, kept })
    }

    /// Whether this is the value it was made for.
    pub fn holds(&self, key: &[u8], value: &[u8]) -> bool {
        check(key, value) == self.check
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_stand_in_the_entry_and_large_ones_in_the_journal() {
        for length in [0, 1, INLINE_BYTES_MAX, INLINE_BYTES_MAX + 1, 70_000] {
            let value = vec![7; length];
            let bytes = entry(b"\x01chad", &value, 99);
            let read = Entry::read(&bytes).expect("an own entry");
            assert_eq!(read.length as usize, length);
            assert!(read.holds(b"\x01chad", &value) && !read.holds(b"\x01niger", &value));
            match read.kept {
                Kept::Inline(kept) => assert!(kept == value && length <= INLINE_BYTES_MAX),
                Kept::At(at) => assert!(at == 99 && length > INLINE_BYTES_MAX),
            }
            for cut in 0..bytes.len() {
                assert_eq!(Entry::read(&bytes[..cut]), None, "{length} bytes cut at {cut}");
            }
        }
    }
}
