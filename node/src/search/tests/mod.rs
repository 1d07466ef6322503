//! What the index promises, on a small library of named practices.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Entry, EntryText, Facts, Index, Opened, Query, Results, SearchError};

mod alike;
mod damage;
mod labelled;
mod lists;
mod words;

/// A practice with an id, and a text in one language.
pub fn practice(id: &str, tag: &str, title: &str, body: &str) -> Entry {
    let text = EntryText { title: title.into(), summary: String::new(), body: body.into() };
    let facts = Facts { languages: vec![tag.into()], edition: 1, ..Facts::default() };
    let state = [u8::try_from(id.len()).unwrap_or(0); 32];
    Entry { id: id.into(), state, texts: [(tag.into(), text)].into(), facts }
}

/// Opens an index that was closed just now. A process that another test starts
/// holds every open file for a moment, its lock too, between its fork and its
/// exec.
pub fn reopen(folder: &Path) -> Opened {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        match Index::open(folder) {
            Err(SearchError::InUse(_)) if Instant::now() < patience => thread::yield_now(),
            opened => return opened.expect("opens"),
        }
    }
}

/// An index in a folder of its own.
pub struct Shelf {
    pub index: Index,
    folder: TempDir,
}

impl Shelf {
    pub fn with(entries: &[Entry]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let Opened { index, started_anew } = Index::open(folder.path()).expect("a new index");
        assert_eq!(started_anew, None);
        let shelf = Self { index, folder };
        shelf.put(entries);
        shelf
    }

    pub fn put(&self, entries: &[Entry]) {
        for entry in entries {
            self.index.put(entry).expect("taken");
        }
        self.index.commit().expect("committed");
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the index and opens it again.
    pub fn reopened(self) -> (Self, Option<String>) {
        let Self { index, folder } = self;
        drop(index);
        let Opened { index, started_anew } = reopen(folder.path());
        (Self { index, folder }, started_anew)
    }

    pub fn search(&self, query: &Query) -> Results {
        self.index.search(query).expect("a search never fails")
    }

    /// The ids that a text finds, best first.
    pub fn find(&self, text: &str) -> Vec<String> {
        ids(&self.search(&Query { text: text.into(), limit: 20, ..Query::default() }))
    }
}

/// The ids of a page.
pub fn ids(results: &Results) -> Vec<String> {
    results.hits.iter().map(|hit| hit.id.clone()).collect()
}
