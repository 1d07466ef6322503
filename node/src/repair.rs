//! Repairing a store: what can be read stays, what cannot is dropped, and the
//! node fetches it again.
//!
//! Because something that the node said may be among what is gone, it is
//! treated as one that was restored from a backup: it signs nothing until it
//! has met another member. That mark becomes durable together with what is
//! left, so that no power cut comes between. A spoiled file beside a practice
//! says nothing of that kind: what is sound of it stays, the rest is fetched.

use tern_crdt::practice::BlobHash;
use tern_protocol::catching_up::mark;
use tern_protocol::mending::{Mended, mend};

use crate::backup::from_store;
use crate::blob_store::BlobStore;
use crate::driver::now;
use crate::folder::OpenFolder;
use crate::identity::Identity;
use crate::ops::{ErrorCode, OpError};
use crate::store::JournalStore;

/// What came of a repair.
#[derive(Debug)]
pub struct Repaired {
    /// Bytes of the journal that could not be read.
    pub lost: u64,
    /// What fits together of the rest, and what was dropped.
    pub mended: Mended,
    /// Files beside practices that the disk spoiled, and how many bytes of each
    /// stay; the rest is fetched again.
    pub files: Vec<(BlobHash, u64)>,
}

/// Repairs the store of a node that does not run.
///
/// # Errors
/// There is no journal; the disk is full or fails.
pub fn repair(folder: &OpenFolder) -> Result<Repaired, OpError> {
    let identity = Identity::load(folder.paths())?.ok_or_else(|| {
        let what = format!("there is no node in {}", folder.paths().root().display());
        OpError::new(ErrorCode::NotFound, what)
    })?;
    let path = folder.paths().store();
    let at = now();
    let mark = mark(at, at);
    let lost = JournalStore::salvage(&path, &mark.clone().into_batch()).map_err(from_store)?;
    let store = JournalStore::open(&path).map_err(from_store)?;
    let (store, mended) = mend(store, identity.federation, mark).map_err(from_store)?;
    store.close().map_err(from_store)?;
    let blobs = BlobStore::open(folder.paths().blobs());
    let mut files = Vec::new();
    for (hash, entry) in blobs.list()? {
        if entry.whole.is_some()
            && let Some(kept) = blobs.set_back(&hash)?
        {
            files.push((hash, kept));
        }
    }
    Ok(Repaired { lost, mended, files })
}
