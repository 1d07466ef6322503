//! Opening a store: which generation is in force, and whether the index is the
//! one that belongs to it.
//!
//! After a clean stop the mark says which index belongs to the journal, and
//! nothing is read through. After any other stop the index is thrown away and
//! made anew from the whole generation: no position is trusted, and no index
//! that was not put away in order is ever read.

use std::cell::RefCell;

use tern_protocol::store::StoreError;
use tracing::warn;

use super::catalogue::{self, Catalogue};
use super::engine::{Engine, INDEX_FOLDER};
use super::files::{Files, LogFile, refused};
use super::frame::HEAD_BYTES;
use super::index::{Fresh, Shelf};
use super::journal::{Journal, UNFINISHED, generation_of};
use super::mark::{self, Mark};

impl<F: Files, S: Shelf> Engine<F, S> {
    /// Opens what the folder holds, or begins an empty store.
    pub fn on(mut files: F, shelf: S, rotate_bytes: u64) -> Result<Self, StoreError> {
        let names = files.list().map_err(|error| refused("list", "the store's folder", &error))?;
        let mark = take_mark(&mut files, &names)?;
        let journal = match names.iter().filter_map(|name| generation_of(name)).max() {
            Some(newest) => Journal::open(&mut files, newest)?,
            None => begin_empty(&mut files, &names)?,
        };
        let (journal, catalogue) = recover(journal, shelf, mark)?;
        // The newest generation is in order and its name durable: no other is
        // needed, nor what was never finished.
        let in_force = journal.name();
        let ours = |name: &str| name.ends_with(UNFINISHED) || generation_of(name).is_some();
        for name in names.iter().filter(|name| ours(name) && **name != in_force) {
            if let Err(error) = files.unlink(name) {
                warn!(%error, name, "a file that is not needed any more could not be removed");
            }
        }
        let catalogue = RefCell::new(catalogue);
        let rotate_at = rotate_bytes;
        Ok(Self { files, journal, catalogue, rotate_bytes, rotate_at, unknown: false, commits: 0 })
    }
}

/// Reads the mark of a clean stop and removes it, durably, so that it stands
/// for this opening only.
fn take_mark(files: &mut impl Files, names: &[String]) -> Result<Option<Mark>, StoreError> {
    let mark = Mark::read(files);
    if names.iter().any(|name| name == mark::NAME) {
        files.unlink(mark::NAME).map_err(|error| refused("remove", mark::NAME, &error))?;
    }
    // Also makes sure of the newest generation's name, before an older one
    // goes or a commit relies on it: its rename may be all that was done.
    files.sync_folder().map_err(|error| refused("sync", "the store's folder", &error))?;
    Ok(mark)
}

fn begin_empty<F: Files>(files: &mut F, names: &[String]) -> Result<Journal<F::File>, StoreError> {
    if let Some(left) = names.iter().find(|name| [mark::NAME, INDEX_FOLDER].contains(&&***name)) {
        return Err(StoreError::Damaged(format!(
            "there is no journal beside {left:?}, and the journal is what the data is in: put the \
             missing file back, or restore a backup into an empty folder"
        )));
    }
    let mut journal = Journal::begin(files, 1)?;
    journal.seal()?;
    let name = journal.name();
    let named =
        files.rename(&(name.clone() + UNFINISHED), &name).and_then(|()| files.sync_folder());
    named.map_err(|error| refused("name", &name, &error))?;
    Ok(journal)
}

/// The journal without a torn end, and its index.
fn recover<F: LogFile, S: Shelf>(
    mut journal: Journal<F>,
    shelf: S,
    mark: Option<Mark>,
) -> Result<(Journal<F>, Catalogue<S>), StoreError> {
    let mark = mark.filter(|mark| mark.generation == journal.generation());
    if mark.is_some_and(|mark| mark.length > journal.end()) {
        return Err(journal.damaged(journal.end(), "it was longer when it was closed"));
    }
    let mark = mark.filter(|mark| mark.length == journal.end());
    let (shelf, how) = match mark {
        None => (shelf, Fresh::Replacing),
        Some(mark) => match Catalogue::sealed(shelf, &mark.seal, mark.live) {
            Ok(catalogue) => return Ok((journal, catalogue)),
            Err((shelf, fault)) => {
                let how = catalogue::after(&fault);
                (shelf, how)
            }
        },
    };
    journal.sync()?;
    let (catalogue, ending) = Catalogue::rebuilt(shelf, how, &journal)?;
    if ending.torn > 0 {
        if mark.is_some() && ending.torn > HEAD_BYTES as u64 {
            return Err(journal.damaged(ending.end, "a confirmed frame does not match its check"));
        }
        warn!(
            journal = journal.name(),
            at = ending.end,
            bytes = ending.torn,
            "the last write was unfinished and never confirmed: it is cut off"
        );
        journal.cut(ending)?;
    }
    Ok((journal, catalogue))
}
