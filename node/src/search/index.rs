//! The index in its folder: its one writer, and searches beside it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tantivy::columnar::Dictionary;
use tantivy::query::{AllQuery, Query as EngineQuery};
use tantivy::{IndexReader, IndexWriter, Searcher, TantivyDocument};

use super::directory::UnhurriedDirectory;
use super::entry::Entry;
use super::error::SearchError;
use super::facets::facets;
use super::finding::{Finding, Found};
use super::folder;
use super::matching::Matching;
use super::paging::{Place, Placed, page};
use super::query::{HITS_MAX, Hit, Query, Results};
use super::schema::{Fields, column};
use super::shown::Showing;
use super::sought::Typed;
use super::spelling;

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
            let columns = segment.fast_fields();
            let (ids, kept) = (columns.str(column::ID)?, columns.bytes(column::STATE)?);
            let (Some(ids), Some(kept)) = (ids, kept) else { continue };
            let names = all(ids.dictionary()).map_err(tantivy::TantivyError::from)?;
            let values = all(kept.dictionary()).map_err(tantivy::TantivyError::from)?;
            for doc in segment.doc_ids_alive() {
                let id = ids.ords().first(doc).and_then(|at| names.get(usize::try_from(at).ok()?));
                let state =
                    kept.ords().first(doc).and_then(|at| values.get(usize::try_from(at).ok()?));
                if let (Some(id), Some(state)) = (id, state) {
                    let state = state.as_slice().try_into().ok();
                    states.extend(String::from_utf8(id.clone()).ok().zip(state));
                }
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
        let typed = Typed::read(&query.text);
        let Answer { found, matching, fit } = self.find(&searcher, query, &typed)?;
        let limit = query.limit.clamp(1, HITS_MAX);
        let (placed, more) = page(&found, after, limit).map_err(tantivy::TantivyError::from)?;
        let next = placed.last().filter(|_| more).map(|placed| placed.place.to_text());
        let mut showing = Showing::new(&query.reads, &typed, &matching);
        let mut hits = Vec::with_capacity(placed.len());
        for placed in &placed {
            hits.push(self.hit(&searcher, &mut showing, placed)?);
        }
        Ok(Results {
            total: found.iter().map(|found| found.matches.len() as u64).sum(),
            next,
            similar: fit == Fit::Similar,
            meant: (fit == Fit::Similar).then(|| showing.meant(&typed, &matching, &hits)).flatten(),
            partly: fit == Fit::Partly,
            hits,
            facets: facets(found.into_iter().map(|found| found.counts)),
        })
    }

    /// What a list shows of a practice that was found.
    pub(super) fn hit(
        &self,
        searcher: &Searcher,
        showing: &mut Showing<'_>,
        placed: &Placed,
    ) -> Result<Hit, SearchError> {
        let document: TantivyDocument = searcher.doc(placed.address)?;
        let kept = (self.fields.card(&document), self.fields.texts_kept(&document));
        let (Some(card), Some(texts)) = kept else {
            let what = format!("what it keeps of {} cannot be read", placed.id());
            return Err(SearchError::Failed(what));
        };
        Ok(showing.hit(placed, card, &texts))
    }

    /// What was committed, as of now.
    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Its fields.
    pub(super) const fn fields(&self) -> &Fields {
        &self.fields
    }

    /// All that fits, as closely as anything does: with the words as they were
    /// typed, else with similar ones for those that nothing has, else for any,
    /// else with most of the words.
    fn find<'t>(
        &self,
        searcher: &Searcher,
        query: &Query,
        typed: &'t Typed,
    ) -> Result<Answer<'t>, SearchError> {
        let fields = &self.fields;
        let mut matching = Matching::typed(typed);
        let find = |engine: &dyn EngineQuery| {
            searcher.search(engine, &Finding::new(query, !typed.is_empty()))
        };
        let any = |found: &[Found]| found.iter().any(|found| found.with_words > 0);
        if typed.is_empty() {
            return Ok(Answer { found: find(&AllQuery)?, matching, fit: Fit::Typed });
        }
        let nothing = find(&matching.whole(fields))?;
        if any(&nothing) {
            return Ok(Answer { found: nothing, matching, fit: Fit::Typed });
        }
        matching.loose = true;
        let mut unknown = Vec::new();
        for at in matching.needed().collect::<Vec<_>>() {
            if matching.is_unknown(searcher, fields, at)? {
                unknown.push(at);
            }
        }
        matching.anywhere = unknown.is_empty();
        let tried: Vec<usize> =
            if unknown.is_empty() { matching.needed().collect() } else { unknown };
        for at in tried {
            matching.meant[at] = spelling::meant(searcher, fields, &typed.0[at])?;
        }
        let found = find(&matching.whole(fields))?;
        if any(&found) {
            return Ok(Answer { found, matching, fit: Fit::Similar });
        }
        if let Some(most) = matching.most(fields) {
            let found = find(&most)?;
            if any(&found) {
                return Ok(Answer { found, matching, fit: Fit::Partly });
            }
        }
        Ok(Answer { found: nothing, matching, fit: Fit::Typed })
    }
}

/// How closely what was found fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fit {
    Typed,
    Similar,
    Partly,
}

struct Answer<'t> {
    found: Vec<Found>,
    matching: Matching<'t>,
    fit: Fit,
}

/// Everything in a column's dictionary, by its ordinal: one pass, where asking
/// for one after the other would be a search each.
fn all(dictionary: &Dictionary) -> std::io::Result<Vec<Vec<u8>>> {
    let mut all = Vec::with_capacity(dictionary.num_terms());
    let mut terms = dictionary.stream()?;
    while terms.advance() {
        all.push(terms.key().to_vec());
    }
    Ok(all)
}
