//! A new generation: what is alive, written anew, and nothing else.
//!
//! The order is what makes it safe: written beside, synced, read back, named,
//! the folder synced; only then commits go to the new generation, and the old
//! one is removed last. A power cut leaves one of the two.
//!
//! What is alive comes from the index, which is not to be trusted. Entries that
//! are wrong are noticed by their checks, and entries that are missing because
//! what was written does not add up to what was counted, commit by commit.

use bytes::Bytes;
use tern_protocol::store::StoreError;
use tracing::{info, warn};

use super::change::write_put;
use super::engine::Engine;
use super::files::{Files, refused};
use super::frame::{self, HEAD_BYTES};
use super::index::{Fresh, IndexFault, Shelf};
use super::journal::{Ending, Journal, UNFINISHED, file_name};
use super::live::Live;

const SNAPSHOT_FRAME_BYTES: usize = 1024 * 1024;
const SNAPSHOT_ENTRIES: usize = 512;

impl<F: Files, S: Shelf> Engine<F, S> {
    /// Replaces the journal's generation by a snapshot of what is alive, and
    /// the index by a new one, so that what was deleted or overwritten is on
    /// the disk no more. Takes as long as writing and reading all that is
    /// alive, and holds up commits meanwhile; memory is bounded.
    pub fn rotate(&mut self) -> Result<(), StoreError> {
        self.usable()?;
        let generation = self.journal.generation() + 1;
        let (name, unfinished) = (file_name(generation), file_name(generation) + UNFINISHED);
        let next = match self.snapshot(generation) {
            Ok(next) => next,
            Err(error) => {
                // Never named, never read: removed now or at the next opening.
                let _ = self.files.unlink(&unfinished);
                return Err(error);
            }
        };
        let named = self.files.rename(&unfinished, &name).and_then(|()| self.files.sync_folder());
        named.map_err(|error| {
            self.unknown = true;
            refused("name", &name, &error)
        })?;
        let old = std::mem::replace(&mut self.journal, next);
        let rebuilt = self.catalogue.get_mut().rebuild(Fresh::Replacing, &self.journal);
        if let Err(error) = self.files.unlink(&old.name()) {
            warn!(%error, name = old.name(), "an old generation could not be removed");
        }
        info!(generation, bytes = self.journal.end(), "the journal begins a new generation");
        // The index is made anew at the next call if it could not be now.
        rebuilt.map(|_| ())
    }

    /// The next generation, complete, under its unfinished name.
    pub(super) fn snapshot(&mut self, generation: u64) -> Result<Journal<F::File>, StoreError> {
        let (next, written) = self.write_snapshot(generation)?;
        let counted = self.live();
        if written == counted {
            return Ok(next);
        }
        let lost = IndexFault::Broken(format!("it lists {written:?} and not {counted:?}"));
        self.catalogue.get_mut().heal(&lost, &self.journal)?;
        let (next, written) = self.write_snapshot(generation)?;
        if written == self.live() {
            Ok(next)
        } else {
            Err(StoreError::Failed("the index does not list what the journal holds".into()))
        }
    }

    fn write_snapshot(&mut self, generation: u64) -> Result<(Journal<F::File>, Live), StoreError> {
        let mut next = Journal::begin(&mut self.files, generation)?;
        let name = next.name();
        let catalogue = self.catalogue.get_mut();
        let mut frame = frame::start();
        let mut written = Live::default();
        let mut after: Option<Bytes> = None;
        loop {
            let page = catalogue.scan(&self.journal, b"", after.as_deref(), SNAPSHOT_ENTRIES)?;
            for (key, value) in &page.entries {
                written.entries += 1;
                written.bytes += (key.len() + value.len()) as u64;
                write_put(key, value, &mut frame);
                if frame.len() >= SNAPSHOT_FRAME_BYTES {
                    next.append(&mut frame).map_err(|error| refused("write", &name, &error))?;
                    frame.truncate(HEAD_BYTES);
                }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                break;
            }
        }
        if frame.len() > HEAD_BYTES {
            next.append(&mut frame).map_err(|error| refused("write", &name, &error))?;
        }
        next.seal()?;
        let ending = next.walk(|_, _| Ok::<_, StoreError>(()))?;
        if ending != (Ending { end: next.end(), sealed: true, torn: 0 }) {
            return Err(next.damaged(ending.end, "it does not read as it was written"));
        }
        Ok((next, written))
    }

    /// Rotates if enough is dead; a failure is no failure of the commit before.
    pub(super) fn rotate_if_due(&mut self) {
        let live = self.live();
        let dead = self.journal.end().saturating_sub(live.journal_bytes());
        if dead < self.rotate_at.max(live.bytes) {
            return;
        }
        match self.rotate() {
            Ok(()) => self.rotate_at = self.rotate_bytes,
            Err(error) => {
                self.rotate_at = dead.saturating_add(self.rotate_bytes);
                warn!(%error, "the journal keeps its generation for now");
            }
        }
    }
}
