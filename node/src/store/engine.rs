//! The engine: a journal that makes commits durable, and an index that answers.
//!
//! Everything it promises rests on the journal alone; [`opening`](super::opening)
//! and [`rotation`](super::rotation) say how. A generation is replaced when what
//! is dead in it outweighs what is alive, and the configured minimum.

use std::cell::RefCell;

use bytes::Bytes;
use tern_protocol::store::{Batch, Page, SCAN_ENTRIES_MAX, Space, Store, StoreError};

use super::catalogue::Catalogue;
use super::change::{index_key, write_batch};
use super::files::{Files, refused};
use super::frame::{self, HEAD_BYTES};
use super::index::Shelf;
use super::journal::Journal;
use super::live::Live;
use super::mark::Mark;
use crate::metrics::Timed;

/// The folder of the index beside the journal.
pub const INDEX_FOLDER: &str = "index";
/// A generation is not replaced before this much in it is dead.
pub const ROTATE_BYTES: u64 = 64 * 1024 * 1024;
/// A payload is shorter than this, frames counting their length in 32 bits.
const BATCH_BYTES_MAX: usize = u32::MAX as usize;

/// What `status` tells of a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Figures {
    /// What the folder takes up.
    pub disk_bytes: u64,
    /// Keys and values that are alive.
    pub live_bytes: u64,
    /// How many keys have a value.
    pub entries: u64,
    /// The generation of the journal.
    pub generation: u64,
    /// The length of the journal.
    pub journal_bytes: u64,
    /// Batches made durable since the store was opened.
    pub commits: u64,
    /// How often files were made durable since then, and how long that took.
    pub syncs: Timed,
    /// Whether commits are taken.
    pub usable: bool,
}

/// See the module.
pub struct Engine<F: Files, S: Shelf> {
    pub(super) files: F,
    pub(super) journal: Journal<F::File>,
    pub(super) catalogue: RefCell<Catalogue<S>>,
    pub(super) rotate_bytes: u64,
    /// Not before this much is dead; grows when a rotation fails.
    pub(super) rotate_at: u64,
    /// Whether an earlier write ended in an unknown state.
    pub(super) unknown: bool,
    /// Batches made durable since the opening.
    pub(super) commits: u64,
}

impl<F: Files, S: Shelf> Engine<F, S> {
    /// A clean stop: the next opening will be quick. Nothing is lost without.
    pub fn close(mut self) -> Result<(), StoreError> {
        if self.unknown {
            return Ok(());
        }
        self.journal.seal()?;
        let sealed = self.catalogue.into_inner().seal().map_err(|fault| {
            StoreError::Failed(format!("the index could not be put away: {fault}"))
        })?;
        let Some((seal, live)) = sealed else {
            return Ok(());
        };
        let (generation, length) = (self.journal.generation(), self.journal.end());
        Mark { generation, length, live, seal }.write(&mut self.files)
    }

    /// What `status` tells.
    pub fn figures(&self) -> Result<Figures, StoreError> {
        let live = self.live();
        let used = self.files.used();
        Ok(Figures {
            disk_bytes: used.map_err(|error| refused("measure", "the store's folder", &error))?,
            live_bytes: live.bytes,
            entries: live.entries,
            generation: self.journal.generation(),
            journal_bytes: self.journal.end(),
            commits: self.commits,
            syncs: self.files.syncs(),
            usable: !self.unknown,
        })
    }

    pub(super) fn live(&self) -> Live {
        self.catalogue.borrow().live()
    }

    pub(super) fn usable(&self) -> Result<(), StoreError> {
        if self.unknown {
            let why = "an earlier write failed, so the store must be opened anew";
            return Err(StoreError::Failed(why.into()));
        }
        Ok(())
    }
}

impl<F: Files, S: Shelf> Store for Engine<F, S> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.catalogue.borrow_mut().get(&self.journal, &index_key(space, key))
    }

    fn scan(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let (prefix, after) = (index_key(space, prefix), after.map(|key| index_key(space, key)));
        let limit = limit.min(SCAN_ENTRIES_MAX);
        let mut catalogue = self.catalogue.borrow_mut();
        let mut page = catalogue.scan(&self.journal, &prefix, after.as_deref(), limit)?;
        for (key, _) in &mut page.entries {
            *key = key.slice(1..);
        }
        Ok(page)
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        batch.check()?;
        if batch.is_empty() {
            return Ok(());
        }
        self.usable()?;
        self.catalogue.get_mut().ready(&self.journal)?;
        let mut frame = frame::start();
        write_batch(&batch, &mut frame);
        drop(batch);
        let (bytes, max) = (frame.len() - HEAD_BYTES, BATCH_BYTES_MAX);
        if bytes > max {
            return Err(StoreError::TooLarge { what: "batch", bytes, max });
        }
        let at = self.journal.next_payload();
        if let Err(error) = self.journal.commit(&mut frame) {
            self.unknown = !matches!(error, StoreError::Full);
            return Err(error);
        }
        self.commits += 1;
        // Durable from here on: nothing below may fail the commit.
        self.catalogue.get_mut().apply(&self.journal, &frame[HEAD_BYTES..], at);
        self.rotate_if_due();
        Ok(())
    }
}
