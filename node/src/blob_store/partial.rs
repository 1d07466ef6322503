//! A blob that is being fetched: its groups as they come, and which are there.
//!
//! Groups are written at their place. Which are there is written only after
//! their bytes and lists are durable ([`Partial::flush`]), and whole: beside,
//! then renamed. So after a power cut everything that is counted is there, and
//! of the rest some is fetched again. At the end the whole is hashed once more
//! before it gets its name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use tern_crdt::practice::BlobHash;
use tern_protocol::blobs::{Groups, Kept, Part, Shape, Tree};

use super::error::refused;
use super::{BlobError, BlobStore, HAVE, LISTS, PART, PART_LISTS, hashed};
use crate::folder::{make_durable, write_private};

/// See the module.
#[derive(Debug)]
pub struct Partial {
    store: BlobStore,
    hash: BlobHash,
    shape: Shape,
    data: File,
    lists: File,
    /// What is known and here, until it is taken.
    found: Option<(Tree, Groups)>,
}

/// The size of a blob and the groups of it that are here.
pub(super) fn progress(path: &Path) -> Option<(Shape, Groups)> {
    let facts = fs::symlink_metadata(path).ok()?;
    if !facts.is_file() || facts.len() > tern_protocol::limits::BLOB_MESSAGE_BYTES_MAX as u64 {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let (size, groups) = bytes.split_first_chunk()?;
    let shape = Shape::of(u64::from_le_bytes(*size))?;
    Some((shape, Groups::read(shape, groups)?))
}

fn open(path: &Path) -> Result<File, BlobError> {
    // A link somewhere else is none of ours.
    if fs::symlink_metadata(path).is_ok_and(|facts| !facts.is_file()) {
        fs::remove_file(path).map_err(|cause| refused("replace", path, cause))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|cause| refused("open", path, cause))
}

impl Partial {
    pub(super) fn open(store: &BlobStore, hash: BlobHash, shape: Shape) -> Result<Self, BlobError> {
        let (part, beside) = (store.path(&hash, PART), store.path(&hash, PART_LISTS));
        let (data, lists) = (open(&part)?, open(&beside)?);
        let have = progress(&store.path(&hash, HAVE)).filter(|(known, _)| *known == shape);
        let have = have.map_or_else(|| Groups::none(shape), |(_, have)| have);
        let kept = fs::read(&beside).unwrap_or_default();
        let found = Some((Tree::read(hash, shape, &kept), have));
        Ok(Self { store: store.clone(), hash, shape, data, lists, found })
    }

    /// What is known of it and which groups are here; once.
    pub fn found(&mut self) -> (Tree, Groups) {
        let nothing = || (Tree::unknown(self.hash, self.shape), Groups::none(self.shape));
        self.found.take().unwrap_or_else(nothing)
    }

    /// Writes a part that was verified.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn keep(&mut self, kept: &Kept) -> Result<(), BlobError> {
        let (file, at, suffix) = match kept.part {
            Part::Bytes(group) => (&mut self.data, self.shape.begins(group), PART),
            list => {
                let at = self.shape.list_begins(list).unwrap_or(0);
                (&mut self.lists, at, PART_LISTS)
            }
        };
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.write_all(&kept.bytes))
            .map_err(|cause| refused("write", &self.store.path(&self.hash, suffix), cause))
    }

    /// Makes durable what was kept, and then that these groups are here.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn flush(&mut self, have: &Groups) -> Result<(), BlobError> {
        let path = self.store.path(&self.hash, HAVE);
        let synced = self.lists.sync_data().and_then(|()| self.data.sync_data());
        let bytes = [&self.shape.bytes().to_le_bytes()[..], &have.to_bytes()].concat();
        synced
            .and_then(|()| write_private(&path, &bytes))
            .map_err(|cause| refused("write", &path, cause))
    }

    /// Everything came: hashes it once more, and gives it its name. Durable
    /// when it returns.
    ///
    /// # Errors
    /// The disk fails; or has changed what was written, and then all of it is
    /// forgotten.
    pub fn finish(self) -> Result<(), BlobError> {
        let Self { store, hash, data, lists, .. } = self;
        let part = store.path(&hash, PART);
        let found = hashed(&part)?;
        let Some((_, _, lists_now)) = found.filter(|(found, _, _)| *found == hash) else {
            for suffix in [HAVE, PART, PART_LISTS] {
                super::remove(&store.path(&hash, suffix))?;
            }
            return Err(BlobError::Damaged(hash));
        };
        let place = store.path(&hash, "");
        let write = || -> io::Result<()> {
            data.sync_all()?;
            if !lists_now.is_empty() {
                write_private(&store.path(&hash, LISTS), &lists_now)?;
            }
            fs::rename(&part, &place)?;
            make_durable(&place)
        };
        write().map_err(|cause| refused("write", &place, cause))?;
        drop(lists);
        for suffix in [HAVE, PART_LISTS] {
            super::remove(&store.path(&hash, suffix))?;
        }
        Ok(())
    }
}
