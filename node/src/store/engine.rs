//! The engine: a journal that makes commits durable, and an index that answers.
//!
//! Everything it promises rests on the journal alone. Opening it is one of two
//! things. After a clean stop the mark says which index belongs to the journal
//! and nothing is read through. After any other stop the index is thrown away
//! and made anew from the whole generation; no position is trusted, and no
//! index that was not put away in order is ever read.
//!
//! A generation is replaced when what is dead in it outweighs what is alive
//! (and the configured minimum): see [`Engine::rotate`].

use std::cell::RefCell;

use bytes::Bytes;
use tern_protocol::store::{Batch, Page, SCAN_ENTRIES_MAX, Space, Store, StoreError};
use tracing::{info, warn};

use super::catalogue::{Catalogue, Live};
use super::change::{index_key, write_batch, write_put};
use super::files::{Files, refused};
use super::frame::{self, HEAD_BYTES};
use super::index::{Old, Shelf};
use super::journal::{Ending, Journal, UNFINISHED, file_name, generation_of};
use super::mark::{self, Mark};

/// The folder of the index beside the journal.
pub const INDEX_FOLDER: &str = "index";
/// A generation is not replaced before this much in it is dead.
pub const ROTATE_BYTES: u64 = 64 * 1024 * 1024;
/// A payload is shorter than this, frames counting their length in 32 bits.
const BATCH_BYTES_MAX: usize = u32::MAX as usize;
const SNAPSHOT_FRAME_BYTES: usize = 1024 * 1024;
const SNAPSHOT_ENTRIES: usize = 512;

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
}

/// See the module.
pub struct Engine<F: Files, S: Shelf> {
    files: F,
    journal: Journal<F::File>,
    catalogue: RefCell<Catalogue<S>>,
    rotate_bytes: u64,
    /// Not before this much is dead; grows when a rotation fails.
    rotate_at: u64,
    /// Whether an earlier commit ended in an unknown state.
    unknown: bool,
}

impl<F: Files, S: Shelf> Engine<F, S> {
    /// Opens what the folder holds, or begins an empty store.
    pub fn on(mut files: F, shelf: S, rotate_bytes: u64) -> Result<Self, StoreError> {
        let names = files.list().map_err(|error| refused("list", "the store's folder", &error))?;
        let mark = take_mark(&mut files, &names)?;
        let mut generations: Vec<u64> = names.iter().filter_map(|n| generation_of(n)).collect();
        generations.sort_unstable();
        let journal = match generations.pop() {
            Some(newest) => Journal::open(&mut files, newest)?,
            None => begin_empty(&mut files, &names)?,
        };
        let (journal, catalogue) = recover(journal, shelf, mark)?;
        // The newest generation is in order and its name durable: no other is
        // needed, nor what was never finished.
        for name in names.iter().filter(|name| {
            name.ends_with(UNFINISHED)
                || generation_of(name).is_some_and(|g| g != journal.generation())
        }) {
            if let Err(error) = files.unlink(name) {
                warn!(%error, name, "a file that is not needed any more could not be removed");
            }
        }
        let catalogue = RefCell::new(catalogue);
        let rotate_at = rotate_bytes;
        Ok(Self { files, journal, catalogue, rotate_bytes, rotate_at, unknown: false })
    }

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
        })
    }

    fn live(&self) -> Live {
        self.catalogue.borrow().live()
    }

    /// Replaces the journal's generation by a snapshot of what is alive, and
    /// the index by a new one, so that what was deleted or overwritten is on
    /// the disk no more. Takes as long as writing and reading all that is
    /// alive, and holds up commits meanwhile; memory is bounded.
    ///
    /// The order is what makes it safe: written beside, synced, read back,
    /// renamed, the folder synced; only then commits go to the new generation,
    /// and the old one is removed last. A power cut leaves one of the two.
    pub fn rotate(&mut self) -> Result<(), StoreError> {
        self.usable()?;
        let generation = self.journal.generation() + 1;
        let (name, unfinished) = (file_name(generation), file_name(generation) + UNFINISHED);
        let next = match self.write_snapshot(generation) {
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
        let rebuilt = self.catalogue.get_mut().rebuild(Old::Removed, &self.journal);
        if let Err(error) = self.files.unlink(&old.name()) {
            warn!(%error, name = old.name(), "an old generation could not be removed");
        }
        info!(generation, bytes = self.journal.end(), "the journal begins a new generation");
        // The index is made anew at the next call if it could not be now.
        rebuilt.map(|_| ())
    }

    fn write_snapshot(&mut self, generation: u64) -> Result<Journal<F::File>, StoreError> {
        let mut next = Journal::begin(&mut self.files, generation)?;
        let name = next.name();
        let catalogue = self.catalogue.get_mut();
        let mut frame = frame::start();
        let mut after: Option<Bytes> = None;
        loop {
            let page = catalogue.scan(&self.journal, b"", after.as_deref(), SNAPSHOT_ENTRIES)?;
            for (key, value) in &page.entries {
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
        let whole = Ending { end: next.end(), sealed: true, torn: 0 };
        if ending == whole {
            Ok(next)
        } else {
            Err(next.damaged(ending.end, "not what was written"))
        }
    }

    fn rotate_if_due(&mut self) {
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

    fn usable(&self) -> Result<(), StoreError> {
        if self.unknown {
            let why = "an earlier write failed, so the store must be opened anew";
            return Err(StoreError::Failed(why.into()));
        }
        Ok(())
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
fn recover<F: super::files::LogFile, S: Shelf>(
    mut journal: Journal<F>,
    shelf: S,
    mark: Option<Mark>,
) -> Result<(Journal<F>, Catalogue<S>), StoreError> {
    let mark = mark.filter(|mark| mark.generation == journal.generation());
    if mark.is_some_and(|mark| mark.length > journal.end()) {
        return Err(journal.damaged(journal.end(), "it was longer when it was closed"));
    }
    let mark = mark.filter(|mark| mark.length == journal.end());
    let (shelf, old) = match mark {
        None => (shelf, Old::Removed),
        Some(mark) => match Catalogue::sealed(shelf, &mark.seal, mark.live) {
            Ok(catalogue) => return Ok((journal, catalogue)),
            Err((shelf, fault)) => {
                warn!(%fault, "the index is not as it was put away: it is set aside and rebuilt");
                (shelf, Old::SetAside)
            }
        },
    };
    journal.sync()?;
    let (catalogue, ending) = Catalogue::rebuilt(shelf, old, &journal)?;
    if ending.torn > 0 {
        if mark.is_some() && ending.torn > HEAD_BYTES as u64 {
            return Err(journal.damaged(ending.end, "a confirmed frame does not match its check"));
        }
        warn!(
            journal = journal.name(),
            at = ending.end,
            bytes = ending.torn,
            "the last write was unfinished when the node stopped; it was never confirmed and is cut off"
        );
        journal.cut(ending)?;
    }
    Ok((journal, catalogue))
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
        // Durable from here on: nothing below may fail the commit.
        self.catalogue.get_mut().apply(&self.journal, &frame[HEAD_BYTES..], at);
        self.rotate_if_due();
        Ok(())
    }
}
