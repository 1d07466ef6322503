//! A blob that the disk spoiled: set back to one that is being fetched, with
//! the groups that are still what their lists say.

use std::fs;

use tern_crdt::practice::BlobHash;
use tern_protocol::blobs::{Groups, Part, Tree};

use super::error::refused;
use super::{BlobError, BlobStore, HAVE, LISTS, PART, PART_LISTS};
use crate::folder::{make_durable, write_private};

impl BlobStore {
    /// Hashes a blob that is whole. If it is not what its hash says, it is one
    /// that is being fetched from now on; returns how many bytes of it stay.
    /// `None` if nothing had to be done. After a power cut in between nothing of
    /// it is counted.
    ///
    /// # Errors
    /// The disk fails.
    pub fn set_back(&self, hash: &BlobHash) -> Result<Option<u64>, BlobError> {
        let Some(mut held) = self.read(hash)? else { return Ok(None) };
        // What cannot be read is no better than what was changed.
        if self.check(hash).unwrap_or(false) {
            return Ok(None);
        }
        let shape = held.shape();
        let lists = fs::read(self.path(hash, LISTS)).unwrap_or_default();
        let tree = Tree::read(*hash, shape, &lists);
        let mut sound = Groups::none(shape);
        for group in 0..shape.groups() {
            let length = shape.length(Part::Bytes(group)).unwrap_or(0);
            // What the disk does not give back is lost as what it changed.
            let bytes = held.bytes(shape.begins(group), length).unwrap_or_default();
            if tree.fits(group, &bytes) {
                sound.insert(group);
            }
        }
        for (from, to) in [("", PART), (LISTS, PART_LISTS)] {
            let (from, to) = (self.path(hash, from), self.path(hash, to));
            match fs::rename(&from, &to) {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                    return Err(refused("rename", &from, cause));
                }
                _ => make_durable(&to).map_err(|cause| refused("write", &to, cause))?,
            }
        }
        let have = self.path(hash, HAVE);
        let bytes = [&shape.bytes().to_le_bytes()[..], &sound.to_bytes()].concat();
        write_private(&have, &bytes).map_err(|cause| refused("write", &have, cause))?;
        Ok(Some(sound.bytes(shape)))
    }
}
