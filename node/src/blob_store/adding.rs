//! A file that is being added: written beside, hashed on the way, and given its
//! name once it is whole and durable.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::PathBuf;

use tern_crdt::practice::BlobHash;
use tern_protocol::blobs::{Hashing, Shape};

use super::error::refused;
use super::{BlobError, BlobStore, LISTS, NEW};
use crate::folder::{make_durable, write_private};
use crate::running::draw;

/// See the module. Dropped before its end, it leaves nothing behind.
#[derive(Debug)]
pub struct Adding {
    store: BlobStore,
    path: PathBuf,
    file: Option<File>,
    hashing: Hashing,
    bytes: u64,
}

impl Adding {
    pub(super) fn begin(store: &BlobStore) -> Result<Self, BlobError> {
        let chance: [u8; 8] = draw().unwrap_or_default();
        let path = store.folder.join(format!("{NEW}{}", crate::hex::encode(&chance)));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|cause| refused("write", &path, cause))?;
        let store = store.clone();
        Ok(Self { store, path, file: Some(file), hashing: Hashing::default(), bytes: 0 })
    }

    /// How many bytes came.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What came, up to so many bytes from its beginning.
    ///
    /// # Errors
    /// The disk fails.
    pub fn begins(&self, bytes_max: u64) -> Result<Vec<u8>, BlobError> {
        let mut bytes = Vec::new();
        File::open(&self.path)
            .and_then(|file| file.take(bytes_max).read_to_end(&mut bytes))
            .map_err(|cause| refused("read", &self.path, cause))?;
        Ok(bytes)
    }

    /// The next bytes.
    ///
    /// # Errors
    /// The disk is full or fails, or it is longer than `limit`.
    pub fn push(&mut self, bytes: &[u8], limit: u64) -> Result<(), BlobError> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > limit {
            return Err(BlobError::TooLong(limit));
        }
        self.hashing.push(bytes);
        let file = self.file.as_mut();
        file.map_or(Ok(()), |file| file.write_all(bytes))
            .map_err(|cause| refused("write", &self.path, cause))
    }

    /// It is all there: durable under its hash when this returns.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn finish(mut self) -> Result<(BlobHash, Shape), BlobError> {
        let hashing = std::mem::take(&mut self.hashing);
        let limit = tern_protocol::limits::BLOB_BYTES_MAX;
        let (hash, shape, lists) = hashing.finish().ok_or(BlobError::TooLong(limit))?;
        if self.store.whole(&hash).is_some() {
            return Ok((hash, shape));
        }
        if let Some(file) = self.file.take() {
            file.sync_all().map_err(|cause| refused("write", &self.path, cause))?;
        }
        let place = self.store.path(&hash, "");
        let beside = self.store.path(&hash, LISTS);
        if !lists.is_empty() {
            write_private(&beside, &lists).map_err(|cause| refused("write", &beside, cause))?;
        }
        fs::rename(&self.path, &place)
            .and_then(|()| make_durable(&place))
            .map_err(|cause| refused("write", &place, cause))?;
        Ok((hash, shape))
    }
}

impl Drop for Adding {
    fn drop(&mut self) {
        // It is not there any more if it was given its name.
        let _ = fs::remove_file(&self.path);
    }
}
