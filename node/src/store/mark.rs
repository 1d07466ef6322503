//! The mark of a clean stop: that the index on its shelf is the journal's.
//!
//! ```text
//! clean   = "tern clean 1" ‖ generation u64 ‖ journal length u64 ‖
//!           live entries u64 ‖ live bytes u64 ‖ seal[32] ‖ BLAKE3(all before)[..8]
//! ```
//! It is written last of all and removed, durably, before anything else
//! changes. A mark that does not read is no mark.

use tern_protocol::store::StoreError;

use super::files::{Files, LogFile, read_exact, refused};
use super::index::Seal;
use super::journal::UNFINISHED;
use super::live::Live;

/// The name of the file.
pub const NAME: &str = "clean";
const MARK: &[u8; 12] = b"tern clean 1";
const BYTES: usize = 12 + 4 * 8 + 32 + 8;

/// What a clean stop leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// The generation in force.
    pub generation: u64,
    /// The length of its file.
    pub length: u64,
    /// What the index counted.
    pub live: Live,
    /// The digest of the index on its shelf.
    pub seal: Seal,
}

impl Mark {
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        for number in [self.generation, self.length, self.live.entries, self.live.bytes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.seal);
        let check = blake3::hash(&bytes);
        bytes.extend_from_slice(&check.as_bytes()[..8]);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (facts, check) = bytes.split_at_checked(BYTES - 8)?;
        if blake3::hash(facts).as_bytes()[..8] != *check || !facts.starts_with(MARK) {
            return None;
        }
        let (numbers, seal) = facts[MARK.len()..].split_at(4 * 8);
        let number = |i: usize| Some(u64::from_le_bytes(*numbers[i * 8..].first_chunk()?));
        Some(Self {
            generation: number(0)?,
            length: number(1)?,
            live: Live { entries: number(2)?, bytes: number(3)? },
            seal: *seal.first_chunk()?,
        })
    }

    /// The mark in a folder, if there is one that reads.
    pub fn read(files: &mut impl Files) -> Option<Self> {
        let file = files.open(NAME).ok()?;
        let bytes = read_exact(&file, 0, BYTES).ok()?;
        (file.length().ok()? == BYTES as u64).then(|| Self::from_bytes(&bytes))?
    }

    /// Writes the mark, durably.
    pub fn write(self, files: &mut impl Files) -> Result<(), StoreError> {
        let unfinished = format!("{NAME}{UNFINISHED}");
        let written = files
            .create(&unfinished)
            .and_then(|mut file| file.append(&self.to_bytes()).and_then(|()| file.sync()))
            .and_then(|()| files.rename(&unfinished, NAME))
            .and_then(|()| files.sync_folder());
        written.map_err(|error| refused("write", NAME, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_and_one_with_a_flipped_bit_is_none() {
        let live = Live { entries: 3, bytes: 4 };
        let mark = Mark { generation: 1, length: 2, live, seal: [5; 32] };
        let bytes = mark.to_bytes();
        assert_eq!(Mark::from_bytes(&bytes), Some(mark));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Mark::from_bytes(&damaged), None, "bit {bit}");
        }
    }
}
