//! The index in its folder.

use std::collections::BTreeMap;
use std::path::Path;

use super::entry::Entry;
use super::error::SearchError;
use super::query::{Query, Results};

/// See the [module](super).
#[derive(Debug)]
pub struct Index {}

/// An index that is open.
#[derive(Debug)]
pub struct Opened {
    /// The index.
    pub index: Index,
    /// Why what was there before was thrown away, if it was.
    pub started_anew: Option<String>,
}

impl Index {
    /// Opens the index of a folder, which is made if need be.
    ///
    /// # Errors
    /// In use, or the folder cannot be used. Damage is none: see
    /// [`Opened::started_anew`].
    pub fn open(dir: &Path) -> Result<Opened, SearchError> {
        Err(SearchError::InUse(dir.to_owned()))
    }

    /// Adds a practice or replaces it; seen by searches after the next
    /// [`commit`](Self::commit).
    ///
    /// # Errors
    /// The engine's.
    pub fn put(&self, _entry: &Entry) -> Result<(), SearchError> {
        Ok(())
    }

    /// Removes a practice; one that is not there is no error.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete(&self, _id: &str) -> Result<(), SearchError> {
        Ok(())
    }

    /// Makes all changes so far durable and visible.
    ///
    /// # Errors
    /// The engine's; what was not committed is lost, as after a crash.
    pub fn commit(&self) -> Result<(), SearchError> {
        Ok(())
    }

    /// The practices that are in it, each with the state it was made from.
    ///
    /// # Errors
    /// The engine's.
    pub fn states(&self) -> Result<BTreeMap<String, [u8; 32]>, SearchError> {
        Ok(BTreeMap::new())
    }

    /// Searches what was committed.
    ///
    /// # Errors
    /// The engine's, or a place to continue from that is none.
    pub fn search(&self, _query: &Query) -> Result<Results, SearchError> {
        Ok(Results::default())
    }
}
