//! What a data folder takes up, by what it is for, and what is left.

use std::path::Path;

use crate::folder::DataFolder;
use crate::store::engine::INDEX_FOLDER;
use crate::store::folder::bytes;

/// Free space on the disk of a folder, in bytes, if the system tells.
pub fn free_space(folder: &Path) -> Option<u64> {
    fs4::available_space(folder).ok()
}

/// Bytes on the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DiskUse {
    /// The journal, with what else is in the store's folder beside its index.
    pub journal: u64,
    /// The index of the store.
    pub store_index: u64,
    /// The index of searches.
    pub search_index: u64,
    /// Files that are attached.
    pub blobs: u64,
    /// Keys.
    pub keys: u64,
}

impl DiskUse {
    /// Measures; what is not there takes up nothing.
    pub fn of(folder: &DataFolder) -> Self {
        let measured = |path: &Path| bytes(path).unwrap_or(0);
        let store_index = measured(&folder.store().join(INDEX_FOLDER));
        Self {
            journal: measured(&folder.store()).saturating_sub(store_index),
            store_index,
            search_index: measured(&folder.index()),
            blobs: measured(&folder.blobs()),
            keys: measured(&folder.keys()),
        }
    }

    /// Every kind with its name.
    pub const fn kinds(&self) -> [(&'static str, u64); 5] {
        [
            ("journal", self.journal),
            ("store_index", self.store_index),
            ("search_index", self.search_index),
            ("blobs", self.blobs),
            ("keys", self.keys),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_what_its_files_take_up() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path());
        assert_eq!(DiskUse::of(&folder), DiskUse::default());
        for (path, length) in [
            (folder.store().join("00000001.journal"), 100),
            (folder.store().join("index/db"), 20),
            (folder.index().join("meta.json"), 3),
            (folder.blobs().join("aa/bb"), 4_000),
            (folder.keys().join("node.key"), 50),
        ] {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("room");
            std::fs::write(path, vec![0; length]).expect("room");
        }
        let found = DiskUse::of(&folder);
        let kinds = found.kinds().map(|(_, bytes)| bytes);
        assert_eq!(kinds, [100, 20, 3, 4_000, 50]);
    }
}
