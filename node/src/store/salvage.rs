//! Salvage: what can be read of a journal that is damaged, as a generation
//! that is in order.
//!
//! A frame that does not read takes its batch with it: what it changed is as
//! it was before, or missing. So what comes out is *a* state and none that
//! ever was; whoever opens it has to look for what does not fit together, and
//! to treat the node as one that was restored from a backup.
//!
//! The damaged journal is kept beside under another name, for whoever can do
//! more with it.

use std::cell::RefCell;

use tern_protocol::store::{Batch, StoreError};
use tracing::warn;

use super::catalogue::Catalogue;
use super::change::write_batch;
use super::engine::{Engine, ROTATE_BYTES};
use super::files::{Files, refused};
use super::frame;
use super::index::Shelf;
use super::journal::{Journal, UNFINISHED, file_name, generation_of};
use super::mark::NAME;

/// Ends the name of a journal that was given up.
const DAMAGED: &str = ".damaged";

impl<F: Files, S: Shelf> Engine<F, S> {
    /// See the module. Where anything is lost, `mark` is committed with what is
    /// left. Leaves the store closed; how many bytes are lost.
    ///
    /// # Errors
    /// There is no journal, no room for a second one, or the system's refusal.
    pub fn salvaged(mut files: F, shelf: S, mark: &Batch) -> Result<u64, StoreError> {
        let names = files.list().map_err(|error| refused("list", "the store's folder", &error))?;
        let newest = names.iter().filter_map(|name| generation_of(name)).max();
        let generation = newest.ok_or_else(|| {
            StoreError::Damaged("there is no journal: restore a backup into an empty folder".into())
        })?;
        let in_order = Journal::open(&mut files, generation)
            .and_then(|journal| journal.walk(|_, _| Ok::<_, StoreError>(())));
        match in_order {
            Ok(_) => return Ok(0),
            Err(StoreError::Damaged(why)) => warn!(why, "saving what can be read"),
            Err(other) => return Err(other),
        }
        // The index will be another one than at the last stop.
        if names.iter().any(|name| name == NAME) {
            files.unlink(NAME).map_err(|error| refused("remove", NAME, &error))?;
        }
        let journal = Journal::doubtful(&mut files, generation)?;
        let (catalogue, lost) = Catalogue::salvaged(shelf, &journal)?;
        let catalogue = RefCell::new(catalogue);
        let (rotate_bytes, rotate_at) = (ROTATE_BYTES, ROTATE_BYTES);
        let (unknown, commits) = (false, 0);
        let mut engine =
            Self { files, journal, catalogue, rotate_bytes, rotate_at, unknown, commits };
        let mut next = engine.snapshot(generation + 1)?;
        let mut frame = frame::start();
        write_batch(mark, &mut frame);
        next.commit(&mut frame)?;
        let (name, old) = (next.name(), file_name(generation));
        drop(next);
        let files = &mut engine.files;
        files
            .rename(&(name.clone() + UNFINISHED), &name)
            .and_then(|()| files.sync_folder())
            .and_then(|()| files.rename(&old, &format!("{generation:08}{DAMAGED}")))
            .and_then(|()| files.sync_folder())
            .map_err(|error| refused("name", &name, &error))?;
        Ok(lost.max(1))
    }
}
