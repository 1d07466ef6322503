//! The *accept* stage: which held changes are sound.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change, ChangeHash, ReadDoc};

use super::fold::{Fold, Several};
use super::history::{History, parsed};
use super::{DocumentError, Unsound};
use crate::chunk::Chunk;
use crate::value::Value;

/// What the accept stage found.
pub struct Accepted<'a> {
    sound: History<'a>,
    unsound: BTreeMap<[u8; 32], Unsound>,
    fold: Fold,
}

impl Accepted<'_> {
    /// The sound changes, deps before what follows them.
    pub fn sound(&self) -> impl Iterator<Item = [u8; 32]> {
        self.sound.chunks().iter().map(Chunk::hash)
    }

    /// The other changes, with the reason.
    pub const fn unsound(&self) -> &BTreeMap<[u8; 32], Unsound> {
        &self.unsound
    }

    /// What the document says after all sound changes.
    pub fn content(&self) -> BTreeMap<String, Value> {
        self.fold.content(Several::Latest)
    }

    /// What the document says at some sound changes.
    pub fn content_at(&self, heads: &[[u8; 32]]) -> Result<BTreeMap<String, Value>, DocumentError> {
        Ok(self.sound.up_to(heads)?.fold()?.content(Several::Latest))
    }
}

/// Decides which of the changes of a document are sound.
///
/// The changes were held, in whatever order they come here; of two that one
/// actor numbered alike, only the one that stands is given. A change is sound
/// if it and all that it builds on keep the schema (types, sizes, depth, names
/// of operations that mean something where they stand) and if Automerge,
/// given them in the order (depth, hash), can apply, save and load them again.
///
/// Runs on a thread with a stack of [`STACK_BYTES`](super::STACK_BYTES).
/// Refused as a whole only if some bytes are no readable change.
pub fn accept<'a>(changes: &[&'a [u8]]) -> Result<Accepted<'a>, DocumentError> {
    let history = History::read(changes)?;
    let mut sieve = Sieve::default();
    let mut fold = Fold::default();
    let mut numbers = BTreeSet::new();
    let mut keeping_schema = Vec::new();
    for chunk in history.chunks() {
        let verdict = if !sieve.has_deps_of(chunk) {
            Err(Unsound::Dep)
        } else if !numbers.insert((chunk.actor(), chunk.seq())) {
            Err(Unsound::Repeated { seq: chunk.seq() })
        } else {
            fold.take(chunk)
        };
        match verdict {
            Ok(()) => {
                sieve.sound.insert(chunk.hash());
                keeping_schema.push(chunk);
            }
            Err(reason) => sieve.reject(chunk, reason),
        }
    }
    let rejected = sieve.unsound.len();
    sieve.sound.clear();
    sieve.pass(Automerge::new(), &keeping_schema);
    let sound = history.only(&sieve.sound);
    if sieve.unsound.len() > rejected {
        fold = sound.fold()?;
    }
    Ok(Accepted { sound, unsound: sieve.unsound, fold })
}

/// Changes as they pass Automerge or do not.
#[derive(Default)]
struct Sieve {
    sound: BTreeSet<[u8; 32]>,
    unsound: BTreeMap<[u8; 32], Unsound>,
}

impl Sieve {
    fn has_deps_of(&self, chunk: &Chunk<'_>) -> bool {
        chunk.deps().iter().all(|dep| self.sound.contains(dep))
    }

    fn reject(&mut self, chunk: &Chunk<'_>, reason: Unsound) {
        self.unsound.insert(chunk.hash(), reason);
    }

    /// Adds to `document` those of the changes that it can take: all at once
    /// if possible, else by halves, so that one bad change among many costs
    /// few attempts. Gives back the document.
    fn pass(&mut self, document: Automerge, chunks: &[&Chunk<'_>]) -> Automerge {
        let chunks =
            if self.unsound.is_empty() { chunks.to_vec() } else { self.without_dependents(chunks) };
        if chunks.is_empty() {
            return document;
        }
        match extended(&document, &chunks) {
            Ok(longer) => {
                self.sound.extend(chunks.iter().map(|chunk| chunk.hash()));
                longer
            }
            Err(reason) if chunks.len() == 1 => {
                self.reject(chunks[0], reason);
                document
            }
            Err(_) => {
                let (first, second) = chunks.split_at(chunks.len() / 2);
                let document = self.pass(document, first);
                self.pass(document, second)
            }
        }
    }

    /// Rejects the changes that build on rejected ones, and gives the others.
    fn without_dependents<'c, 'a>(&mut self, chunks: &[&'c Chunk<'a>]) -> Vec<&'c Chunk<'a>> {
        let mut rest = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            if chunk.deps().iter().any(|dep| self.unsound.contains_key(dep)) {
                self.reject(chunk, Unsound::Dep);
            } else {
                rest.push(*chunk);
            }
        }
        rest
    }
}

/// The document with more changes, if they can be applied, saved and loaded.
fn extended(document: &Automerge, chunks: &[&Chunk<'_>]) -> Result<Automerge, Unsound> {
    let attempt = || {
        let refused = |error: &dyn std::fmt::Display| Unsound::Refused(error.to_string());
        let changes: Result<Vec<Change>, _> = chunks.iter().map(|chunk| parsed(chunk)).collect();
        let mut longer = document.clone();
        longer.apply_changes(changes.map_err(|error| refused(&error))?).map_err(|e| refused(&e))?;
        let missing = chunks
            .iter()
            .find(|chunk| !longer.get_missing_deps(&[ChangeHash(chunk.hash())]).is_empty());
        if missing.is_some() {
            return Err(Unsound::Refused("the engine left it out".to_owned()));
        }
        let loaded = Automerge::load(&longer.save_nocompress()).map_err(|error| refused(&error))?;
        if loaded.get_heads() != longer.get_heads() {
            return Err(Unsound::Refused("it is not the same after it was saved".to_owned()));
        }
        Ok(longer)
    };
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or(Err(Unsound::Panicked))
}
