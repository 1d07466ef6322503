//! Raw changes in the one order in which every node applies them.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, Change};

use super::fold::Fold;
use super::{DocumentError, Unsound};
use crate::chunk::{self, Chunk};

/// Changes with all that they build on, ascending by (depth, hash), each once.
#[derive(Clone)]
pub(super) struct History<'a>(Vec<Chunk<'a>>);

impl<'a> History<'a> {
    /// Reads raw changes that come in any order. A dep that is not among them
    /// counts as nothing.
    pub(super) fn read(changes: &[&'a [u8]]) -> Result<Self, DocumentError> {
        let mut waiting = BTreeMap::new();
        for bytes in changes {
            let chunk = chunk::read(bytes)?;
            waiting.insert(chunk.hash(), chunk);
        }
        let mut depths: BTreeMap<[u8; 32], usize> = BTreeMap::new();
        // Deps first: each change stays on the stack until they are known.
        let mut stack: Vec<[u8; 32]> = waiting.keys().copied().collect();
        while let Some(&hash) = stack.last() {
            let Some(chunk) = waiting.get(&hash) else {
                depths.insert(hash, 0);
                stack.pop();
                continue;
            };
            let unknown = chunk.deps().iter().filter(|dep| !depths.contains_key(*dep));
            let before = stack.len();
            stack.extend(unknown);
            if stack.len() == before {
                let deepest = chunk.deps().iter().filter_map(|dep| depths.get(dep)).max();
                depths.insert(hash, deepest.map_or(1, |depth| depth + 1));
                stack.pop();
            }
        }
        let mut chunks: Vec<_> = waiting.into_values().collect();
        chunks.sort_by_key(|chunk| (depths.get(&chunk.hash()).copied(), chunk.hash()));
        Ok(Self(chunks))
    }

    /// The changes that `heads` build on, with `heads`.
    pub(super) fn up_to(&self, heads: &[[u8; 32]]) -> Result<Self, DocumentError> {
        let mut wanted: BTreeSet<[u8; 32]> = heads.iter().copied().collect();
        let mut chunks = Vec::new();
        for chunk in self.0.iter().rev() {
            if wanted.remove(&chunk.hash()) {
                wanted.extend(chunk.deps());
                chunks.push(chunk.clone());
            }
        }
        if let Some(&hash) = wanted.first() {
            return Err(DocumentError::Missing { hash });
        }
        chunks.reverse();
        Ok(Self(chunks))
    }

    /// Those of these hashes.
    pub(super) fn only(mut self, hashes: &BTreeSet<[u8; 32]>) -> Self {
        self.0.retain(|chunk| hashes.contains(&chunk.hash()));
        self
    }

    /// The changes in order.
    pub(super) fn chunks(&self) -> &[Chunk<'a>] {
        &self.0
    }

    /// What these changes say, if all are sound.
    pub(super) fn fold(&self) -> Result<Fold, Unsound> {
        let mut fold = Fold::default();
        self.0.iter().try_for_each(|chunk| fold.take(chunk))?;
        Ok(fold)
    }

    /// The document that these changes make.
    pub(super) fn document(&self) -> Result<Automerge, DocumentError> {
        let mut document = Automerge::new();
        document.apply_changes(self.0.iter().map(parsed).collect::<Result<Vec<_>, _>>()?)?;
        Ok(document)
    }
}

/// The change as Automerge knows it.
pub(super) fn parsed(chunk: &Chunk<'_>) -> Result<Change, DocumentError> {
    Change::try_from(chunk.bytes()).map_err(|error| DocumentError::Automerge(error.to_string()))
}
