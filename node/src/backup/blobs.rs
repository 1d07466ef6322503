//! Blobs in a backup: which of them a part takes along, and whether what is
//! read of one is it.

use std::collections::HashSet;

use tern_protocol::limits::BLOB_BYTES_MAX;

use super::layout::{BLOBS_MAX, Blob};
use crate::blob_store::BlobStore;
use crate::ops::OpError;

/// What a part is to say about blobs.
#[derive(Default)]
pub struct Chosen {
    /// All that go along, in the order of their hashes.
    pub blobs: Vec<Blob>,
    /// How many are not what their hash says any more, and stay out.
    pub damaged: u64,
    /// How many stay out because nobody wanted them, and their bytes.
    pub left: (u64, u64),
}

impl Chosen {
    /// Looks at every blob that is whole, or was. What `carried` names is in a part
    /// before; of the rest, those that are sound are to follow, if files are
    /// wanted at all.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn of(
        store: &BlobStore,
        carried: &HashSet<[u8; 32]>,
        wanted: bool,
    ) -> Result<Self, OpError> {
        let mut chosen = Self::default();
        for (hash, entry) in store.list()? {
            let carries = carried.contains(&hash.0);
            // One that was set back here is whole in a part before.
            let set_back = entry.part.filter(|_| carries).map(|(bytes, _)| bytes);
            let Some(bytes) = entry.whole.or(set_back) else { continue };
            let follows = !carries;
            if follows && !wanted {
                chosen.left = (chosen.left.0 + 1, chosen.left.1 + bytes);
                continue;
            }
            if follows && !store.check(&hash).unwrap_or(false) {
                // One that was dropped meanwhile is not damaged.
                chosen.damaged += u64::from(store.whole(&hash).is_some());
                continue;
            }
            chosen.blobs.push(Blob {
                hash: hash.0,
                bytes,
                follows,
                pinned: entry.pinned,
                elsewhere: store.is_elsewhere(&hash),
            });
        }
        Ok(chosen)
    }

    /// How many bytes are to follow.
    pub fn bytes(&self) -> u64 {
        self.blobs.iter().filter(|blob| blob.follows).map(|blob| blob.bytes).sum()
    }
}

/// The blobs of one part as it is read.
#[derive(Default)]
pub struct Reading {
    /// Those that it names.
    pub named: Vec<Blob>,
    /// Hashes whose bytes were read in it.
    pub read: HashSet<[u8; 32]>,
    open: Option<Open>,
}

struct Open {
    blob: Blob,
    hasher: blake3::Hasher,
    left: u64,
}

impl Reading {
    /// Whether a blob may be named here; `carried` are those of parts before.
    pub fn name(&mut self, blob: Blob, carried: &HashSet<[u8; 32]>) -> bool {
        let known = carried.contains(&blob.hash) || self.read.contains(&blob.hash);
        if self.open.is_some()
            || self.named.len() >= BLOBS_MAX
            || blob.bytes > BLOB_BYTES_MAX
            || (!blob.follows && !known)
        {
            return false;
        }
        self.named.push(blob);
        if blob.follows {
            self.open = Some(Open { blob, hasher: blake3::Hasher::new(), left: blob.bytes });
            return self.close_if_whole();
        }
        true
    }

    /// Whether these are the next bytes of the blob that was named last.
    pub fn piece(&mut self, bytes: &[u8]) -> bool {
        let Some(open) = &mut self.open else { return false };
        let Some(left) = open.left.checked_sub(bytes.len() as u64) else { return false };
        open.left = left;
        open.hasher.update(bytes);
        self.close_if_whole()
    }

    /// Whether no blob waits for more.
    pub const fn is_between(&self) -> bool {
        self.open.is_none()
    }

    /// `false` if all of it is there and it is not what its hash says.
    fn close_if_whole(&mut self) -> bool {
        match self.open.take_if(|open| open.left == 0) {
            None => true,
            Some(open) => {
                self.read.insert(open.blob.hash);
                *open.hasher.finalize().as_bytes() == open.blob.hash
            }
        }
    }
}
