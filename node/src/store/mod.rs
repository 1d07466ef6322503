//! Storage: the [`Store`](tern_protocol::store::Store) of a node on its disk.
//!
//! A [`JournalStore`] is an append-only [`journal`] with a sled [`index`].
//! The journal makes commits durable; the index answers reads, holds no truth
//! and is made anew whenever it is in doubt, because sled neither syncs what
//! it flushes nor survives a flipped bit, and the people Tern is for lose power
//! eleven times a month.
//!
//! ```text
//! store/lock                 held by the process that has it open
//! store/00000007.journal     the generation in force; another number only in passing
//! store/clean                after a clean stop, until the next opening
//! store/index/               sled; can be deleted when no node runs
//! store/index.aside/         the last index that failed, if any; can be deleted
//! store/00000007.damaged     a journal from which what could be read was saved; can be deleted
//! ```
//!
//! What each part must never know: [`engine`], [`opening`] and [`rotation`]
//! name no file system and no database, [`journal`] knows nothing of keys,
//! [`index`] nothing of durability, and only [`sled_index`] names sled.
//! [`catalogue`] keeps index and journal in agreement. [`faulty`] is the same
//! folder as a model that loses power, fills up and rots, for tests and
//! simulations.

use std::path::Path;

use tern_protocol::store::{Batch, StoreError};

pub mod beside;
pub mod catalogue;
pub mod change;
pub mod disk;
pub mod engine;
pub mod faulty;
pub mod files;
pub mod folder;
pub mod frame;
pub mod index;
pub mod journal;
pub mod live;
pub mod mark;
pub mod memory_index;
pub mod opening;
pub mod rotation;
pub mod salvage;
pub mod sled_index;
#[cfg(test)]
mod tests;
pub mod weights;

use disk::Disk;
pub use engine::Figures;
use engine::{Engine, INDEX_FOLDER, ROTATE_BYTES};
use sled_index::SledShelf;
pub use weights::{Weighed, Weights};

/// The store of a node: a journal and a sled index in one locked folder.
pub type JournalStore = Engine<Disk, SledShelf>;

// The driver's thread owns it.
const fn is_send<T: Send>() {}
const _: () = is_send::<JournalStore>();

impl JournalStore {
    /// Opens the store in `folder`, which is made if need be and belongs to
    /// this process until the store is closed or dropped.
    ///
    /// [`StoreError::InUse`]: another process has it. [`StoreError::Damaged`]:
    /// confirmed data cannot be read; the message says where and what to do.
    /// [`StoreError::Full`]: there was no room to begin.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_rotating(folder, ROTATE_BYTES)
    }

    /// Saves what can be read of a damaged store, and commits `mark` with it;
    /// see [`salvage`]. How many bytes of its journal are lost: 0 if it is in
    /// order, and then nothing was changed.
    ///
    /// # Errors
    /// As [`open`](Self::open); there is no journal at all.
    pub fn salvage(folder: &Path, mark: &Batch) -> Result<u64, StoreError> {
        let disk = Disk::open(folder)?;
        Engine::salvaged(disk, SledShelf::new(folder.join(INDEX_FOLDER)), mark)
    }

    /// As [`open`](Self::open), beginning a new generation as soon as
    /// `rotate_bytes` (and as much as is alive) are dead in the old one.
    pub fn open_rotating(folder: &Path, rotate_bytes: u64) -> Result<Self, StoreError> {
        let disk = Disk::open(folder)?;
        let shelf = SledShelf::new(folder.join(INDEX_FOLDER));
        Self::on(disk, shelf, rotate_bytes)
    }
}
