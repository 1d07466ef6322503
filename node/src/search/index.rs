//! The index in its folder: its one writer, and searches beside it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tantivy::query::{AllQuery, Query as EngineQuery};
use tantivy::{IndexReader, IndexWriter, Searcher, TantivyDocument};

use super::directory::UnhurriedDirectory;
use super::entry::Entry;
use super::error::SearchError;
use super::facets::facets;
use super::finding::{Finding, Found};
use super::folder;
use super::matching::{Closeness, Typed};
use super::paging::{Place, Placed, page};
use super::query::{HITS_MAX, Hit, Query, Results};
use super::schema::Fields;

/// See the [module](super).
pub struct Index {
    fields: Fields,
    directory: UnhurriedDirectory,
    reader: IndexReader,
    /// Always there until the index is dropped.
    writer: Mutex<Option<IndexWriter>>,
}

impl Drop for Index {
    /// Waits for merges under way, so that nobody writes to the folder after.
    fn drop(&mut self) {
        if let Some(writer) = self.writer().take() {
            // What was not committed or merged is so the next time.
            let _ = writer.wait_merging_threads();
        }
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("practices", &self.len()).finish_non_exhaustive()
    }
}

/// An index that is open.
#[derive(Debug)]
pub struct Opened {
    /// The index.
    pub index: Index,
    /// Why what was there before was thrown away, if it was.
    pub started_anew: Option<String>,
}

impl Index {
    /// Opens the index of a folder, which is made if need be. Reads all of it
    /// once, to see that it is whole.
    ///
    /// # Errors
    /// In use, or the folder cannot be used. Damage is none: see
    /// [`Opened::started_anew`].
    pub fn open(dir: &Path) -> Result<Opened, SearchError> {
        let fields = Fields::new();
        let (opened, started_anew) = folder::open(dir, &fields)?;
        let folder::Opened { directory, writer, reader } = opened;
        let index = Self { fields, directory, reader, writer: Mutex::new(Some(writer)) };
        Ok(Opened { index, started_anew })
    }

    /// How many practices searches find.
    pub fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Whether searches find none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a practice is, or until lately was, among what was committed.
    ///
    /// # Errors
    /// The engine's.
    pub fn holds(&self, id: &str) -> Result<bool, SearchError> {
        Ok(self.reader.searcher().doc_freq(&self.fields.id_term(id))? > 0)
    }

    /// Adds a practice or replaces it; searches see it after the next
    /// [`commit`](Self::commit).
    ///
    /// # Errors
    /// The engine's; what was not committed is forgotten, as after a crash.
    pub fn put(&self, entry: &Entry) -> Result<(), SearchError> {
        let document = self.fields.document(entry)?;
        self.write(|writer| {
            writer.delete_term(self.fields.id_term(&entry.id));
            writer.add_document(document)?;
            Ok(())
        })
    }

    /// Removes a practice; it is no error if it is not there.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn delete(&self, id: &str) -> Result<(), SearchError> {
        self.write(|writer| {
            writer.delete_term(self.fields.id_term(id));
            Ok(())
        })
    }

    /// Makes all changes so far visible to searches, and to whoever opens the
    /// folder next.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn commit(&self) -> Result<(), SearchError> {
        self.write(|writer| {
            writer.commit()?;
            self.reader.reload()
        })
    }

    /// Puts everything on the disk and lets go of files that merging replaced.
    /// For when nothing else is to be done: without it nothing is lost but by
    /// a power cut, and then only the index.
    ///
    /// # Errors
    /// The engine's.
    pub fn rest(&self) -> Result<(), SearchError> {
        self.write(|writer| {
            self.reader.reload()?;
            writer.garbage_collect_files().wait()?;
            Ok(self.directory.settle()?)
        })
    }

    fn write(
        &self,
        change: impl FnOnce(&mut IndexWriter) -> tantivy::Result<()>,
    ) -> Result<(), SearchError> {
        let mut writer = self.writer();
        let Some(writer) = writer.as_mut() else { return Ok(()) };
        change(writer).map_err(|error| {
            // After an error the engine's writer takes nothing more; rolled
            // back it is as good as new, or fails again at the next change.
            let _ = writer.rollback();
            error.into()
        })
    }

    fn writer(&self) -> MutexGuard<'_, Option<IndexWriter>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The practices that are in it, each with the state it was made from.
    ///
    /// # Errors
    /// The engine's.
    pub fn states(&self) -> Result<BTreeMap<String, [u8; 32]>, SearchError> {
        let mut states = BTreeMap::new();
        for segment in self.reader.searcher().segment_readers() {
            let stored = segment.get_store_reader(1).map_err(tantivy::TantivyError::from)?;
            for document in stored.iter::<TantivyDocument>(segment.alive_bitset()) {
                states.extend(self.fields.state(&document?));
            }
        }
        Ok(states)
    }

    /// Searches what was committed. Takes no lock and waits for nothing but
    /// the disk; meant for a thread that may be kept for some milliseconds.
    ///
    /// # Errors
    /// The engine's, or a place to continue from that is none.
    pub fn search(&self, query: &Query) -> Result<Results, SearchError> {
        let after = query.after.as_deref().map(Place::read).transpose()?;
        let searcher = self.reader.searcher();
        let (found, similar) = self.find(&searcher, query)?;
        let limit = query.limit.clamp(1, HITS_MAX);
        let (placed, more) = page(&found, after, limit).map_err(tantivy::TantivyError::from)?;
        let next = placed.last().filter(|_| more).map(|placed| placed.place.to_text());
        let hits: Result<Vec<Hit>, SearchError> =
            placed.iter().map(|placed| self.hit(&searcher, placed)).collect();
        Ok(Results {
            total: found.iter().map(|found| found.matches.len() as u64).sum(),
            hits: hits?,
            next,
            similar,
            facets: facets(found.into_iter().map(|found| found.counts)),
        })
    }

    /// All that fits; and whether words with a mistake had to be taken for
    /// what was meant, because nothing at all has them as they were typed.
    fn find(&self, searcher: &Searcher, query: &Query) -> Result<(Vec<Found>, bool), SearchError> {
        let typed = Typed::read(&query.text);
        let find = |engine: &dyn EngineQuery| {
            searcher.search(engine, &Finding::new(query, !typed.is_empty()))
        };
        if typed.is_empty() {
            return Ok((find(&AllQuery)?, false));
        }
        let found = find(&typed.query(&self.fields, Closeness::Typed))?;
        if found.iter().any(|found| found.with_words > 0) {
            return Ok((found, false));
        }
        let found = find(&typed.query(&self.fields, Closeness::Similar))?;
        let similar = found.iter().any(|found| found.with_words > 0);
        Ok((found, similar))
    }

    fn hit(&self, searcher: &Searcher, placed: &Placed) -> Result<Hit, SearchError> {
        let document: TantivyDocument = searcher.doc(placed.address)?;
        let card = self.fields.card(&document).ok_or_else(|| {
            SearchError::Failed(format!("what it keeps of {} cannot be read", placed.id()))
        })?;
        Ok(Hit { id: placed.id().to_owned(), score: placed.score(), card })
    }
}
