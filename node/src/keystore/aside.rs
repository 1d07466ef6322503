//! Keys that nobody acts with any more: set aside when a person gets others or
//! leaves, or discarded.
//!
//! A key that is set aside keeps its file, wrapped as it was, under the name
//! `….key.aside`. It is no longer listed among the keys in use; with its
//! passphrase it opens as before.

use std::fs;
use std::io;
use std::path::PathBuf;

use tern_crdt::identity::PublicKey;

use super::record::KeyRecord;
use super::{Entry, Keystore, KeystoreError, Listing, Purpose, system};
use crate::folder::make_durable;

const ASIDE: &str = "aside";

impl Keystore {
    /// Takes a key out of use and keeps its file. Whether there is one now;
    /// durable when it returns, and done twice it is done once.
    pub fn set_aside(&self, purpose: Purpose, public: PublicKey) -> Result<bool, KeystoreError> {
        let (path, aside) = (self.path(purpose, public), self.aside(purpose, public));
        match fs::rename(&path, &aside) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(aside.exists()),
            renamed => renamed.map_err(|cause| system("set aside", &path, cause))?,
        }
        make_durable(&aside).map_err(|cause| system("set aside", &path, cause))?;
        Ok(true)
    }

    /// Removes a key for good. Durable when it returns.
    pub fn discard(&self, purpose: Purpose, public: PublicKey) -> Result<(), KeystoreError> {
        for path in [self.path(purpose, public), self.aside(purpose, public)] {
            match fs::remove_file(&path) {
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                removed => removed.map_err(|cause| system("remove", &path, cause))?,
            }
            make_durable(&path).map_err(|cause| system("remove", &path, cause))?;
        }
        Ok(())
    }

    /// The keys that were set aside, without their secrets.
    pub fn list_aside(&self) -> Result<Vec<Entry>, KeystoreError> {
        Ok(self.list_as(ASIDE)?.entries)
    }

    /// Every key whose file has this extension.
    pub(super) fn list_as(&self, extension: &str) -> Result<Listing, KeystoreError> {
        let mut listing = Listing::default();
        let unread = |cause| system("read", &self.folder, cause);
        for entry in fs::read_dir(&self.folder).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            if path.extension().is_none_or(|found| found != extension) {
                continue;
            }
            match self.read(&path) {
                Ok(record) => listing.entries.push(record.entry()),
                Err(damaged @ KeystoreError::Damaged { .. }) => listing.damaged.push(damaged),
                Err(other) => return Err(other),
            }
        }
        listing.entries.sort_by_key(|entry| (entry.purpose, entry.public));
        Ok(listing)
    }

    /// The key's file, in use or set aside.
    pub(super) fn find(
        &self,
        purpose: Purpose,
        public: PublicKey,
    ) -> Result<KeyRecord, KeystoreError> {
        for path in [self.path(purpose, public), self.aside(purpose, public)] {
            match self.read(&path) {
                Err(KeystoreError::System { cause, .. })
                    if cause.kind() == io::ErrorKind::NotFound => {}
                read => return read,
            }
        }
        Err(KeystoreError::Absent { purpose, public })
    }

    pub(super) fn aside(&self, purpose: Purpose, public: PublicKey) -> PathBuf {
        self.path(purpose, public).with_added_extension(ASIDE)
    }
}
