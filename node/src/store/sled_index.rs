//! The index in sled 0.34, the only file that names it.
//!
//! sled is given little to go wrong with: one tree, entries of about 1 kB at
//! most, no trust in its `flush`, and only folders that are empty or exactly,
//! byte for byte, as they were when a digest was taken over them. So its
//! recovery never meets a page that was late, lost or rotten. Any panic within
//! it is an error here.

use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use super::files::is_full;
use super::folder;
use super::index::{Entries, Fresh, Index, IndexFault, Seal, Shelf};
use super::memory_index::MemoryIndex;

const CACHE_BYTES: u64 = 32 * 1024 * 1024;
const DATABASE: &str = "db";

/// The folder of a sled index.
#[derive(Debug)]
pub struct SledShelf {
    folder: PathBuf,
}

impl SledShelf {
    /// The index in `folder`, which need not exist.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn aside(&self) -> PathBuf {
        self.folder.with_extension("aside")
    }

    fn open(&self) -> Result<NodeIndex, IndexFault> {
        let config = sled::Config::new()
            .path(&self.folder)
            .cache_capacity(CACHE_BYTES)
            // It writes when its buffers are full and when it is put away.
            .flush_every_ms(None);
        let panicked = Cell::new(false);
        let db = guarded(&panicked, || config.open())?;
        Ok(NodeIndex::Sled(SledIndex { db: Some(db), panicked }))
    }

    fn clear(&self, how: Fresh) -> io::Result<()> {
        if how == Fresh::SettingAside && self.folder.exists() {
            folder::remove(&self.aside())?;
            return fs::rename(&self.folder, self.aside());
        }
        if how == Fresh::InMemory {
            folder::remove(&self.aside())?;
        }
        folder::remove(&self.folder)
    }
}

impl Shelf for SledShelf {
    type Index = NodeIndex;

    fn fresh(&mut self, how: Fresh) -> Result<NodeIndex, IndexFault> {
        self.clear(how).map_err(|error| failed("clear", &error))?;
        if how == Fresh::InMemory {
            return Ok(NodeIndex::Memory(MemoryIndex::default()));
        }
        self.open()
    }

    fn sealed(&mut self, seal: &Seal) -> Result<NodeIndex, IndexFault> {
        let found = folder::digest(&self.folder).map_err(|error| failed("read", &error))?;
        if found != *seal {
            return Err(IndexFault::Broken("its files are not as they were put away".into()));
        }
        self.open()
    }

    fn seal(&mut self, index: NodeIndex) -> Result<Option<Seal>, IndexFault> {
        let NodeIndex::Sled(index) = index else {
            return Ok(None);
        };
        index.close()?;
        // sled's own threads hold its lock until they are done with the files.
        let database = File::open(self.folder.join(DATABASE));
        database.and_then(|file| file.lock()).map_err(|error| failed("close", &error))?;
        let put_away = folder::digest(&self.folder).and_then(|seal| {
            folder::sync_below(&self.folder)?;
            folder::sync(self.folder.parent().unwrap_or(&self.folder))?;
            Ok(Some(seal))
        });
        put_away.map_err(|error| failed("put away", &error))
    }
}

/// The index of a node: in sled, or in memory while the disk is full.
pub enum NodeIndex {
    /// On disk.
    Sled(SledIndex),
    /// In memory.
    Memory(MemoryIndex),
}

impl NodeIndex {
    fn index(&self) -> &dyn Index {
        match self {
            Self::Sled(index) => index,
            Self::Memory(index) => index,
        }
    }

    fn index_mut(&mut self) -> &mut dyn Index {
        match self {
            Self::Sled(index) => index,
            Self::Memory(index) => index,
        }
    }
}

impl Index for NodeIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        self.index().get(key)
    }

    fn page(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Entries, IndexFault> {
        self.index().page(prefix, after, limit)
    }

    fn put(&mut self, key: &[u8], entry: Vec<u8>) -> Result<Option<Vec<u8>>, IndexFault> {
        self.index_mut().put(key, entry)
    }

    fn delete(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        self.index_mut().delete(key)
    }
}

/// An open sled tree.
pub struct SledIndex {
    /// None once it is being closed.
    db: Option<sled::Db>,
    panicked: Cell<bool>,
}

impl Drop for SledIndex {
    fn drop(&mut self) {
        let db = self.db.take();
        if self.panicked.get() {
            // Its destructor waits for work that will never be done. What it
            // holds is lost memory, of which the cache is the most.
            std::mem::forget(db);
        } else {
            // An error here is one of an index that is being thrown away.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(db)));
        }
    }
}

impl SledIndex {
    fn close(mut self) -> Result<(), IndexFault> {
        self.ask(|db| db.flush())?;
        let db = self.db.take();
        guarded(&self.panicked, || {
            drop(db);
            Ok(())
        })
    }

    fn ask<T>(&self, ask: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T, IndexFault> {
        let db = self.db.as_ref().filter(|_| !self.panicked.get());
        let db = db.ok_or_else(|| IndexFault::Broken("sled is closed".into()))?;
        guarded(&self.panicked, || ask(db))
    }
}

impl Index for SledIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        self.ask(|db| db.get(key)).map(|entry| entry.map(|entry| entry.to_vec()))
    }

    fn page(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Entries, IndexFault> {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let from = after.filter(|after| *after >= prefix).map_or(Included(prefix), Excluded);
        self.ask(|db| {
            db.range::<&[u8], _>((from, Unbounded))
                .take(limit)
                .take_while(|found| !found.as_ref().is_ok_and(|(key, _)| !key.starts_with(prefix)))
                .map(|found| found.map(|(key, entry)| (key.to_vec(), entry.to_vec())))
                .collect()
        })
    }

    fn put(&mut self, key: &[u8], entry: Vec<u8>) -> Result<Option<Vec<u8>>, IndexFault> {
        self.ask(|db| db.insert(key, entry)).map(|old| old.map(|old| old.to_vec()))
    }

    fn delete(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        self.ask(|db| db.remove(key)).map(|old| old.map(|old| old.to_vec()))
    }
}

/// Runs a call into sled, of which a panic is an answer like any other.
fn guarded<T>(
    panicked: &Cell<bool>,
    call: impl FnOnce() -> sled::Result<T>,
) -> Result<T, IndexFault> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(sled::Error::Io(error))) if is_full(&error) => Err(IndexFault::Full),
        Ok(Err(error)) => Err(IndexFault::Broken(format!("sled failed: {error}"))),
        Err(panic) => {
            panicked.set(true);
            Err(IndexFault::Broken(said(&*panic)))
        }
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("sled panicked: {}", text.unwrap_or("without a word"))
}

fn failed(what: &str, error: &io::Error) -> IndexFault {
    if is_full(error) {
        IndexFault::Full
    } else {
        IndexFault::Broken(format!("could not {what} its folder: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: u64 = 5_000;

    fn key(number: u64) -> Vec<u8> {
        blake3::hash(&number.to_le_bytes()).as_bytes().to_vec()
    }

    fn put_away(shelf: &mut SledShelf) -> Seal {
        let mut index = shelf.fresh(Fresh::Replacing).expect("a new index");
        for number in 0..ENTRIES {
            index.put(&key(number), vec![number as u8; 200]).expect("room");
        }
        shelf.seal(index).expect("room").expect("an index on disk")
    }

    #[test]
    fn an_index_opens_as_it_was_put_away_and_only_so() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut shelf = SledShelf::new(folder.path().join("index"));
        let seal = put_away(&mut shelf);
        assert!(shelf.sealed(&[0; 32]).is_err());
        let index = shelf.sealed(&seal).expect("as it was put away");
        for number in 0..ENTRIES {
            let entry = index.get(&key(number)).expect("a sound index");
            assert_eq!(entry, Some(vec![number as u8; 200]));
        }
    }

    /// What would happen without the seal: sled panics, and that is an answer.
    #[test]
    fn a_panic_of_sled_is_an_error_of_the_index() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut shelf = SledShelf::new(folder.path().join("index"));
        let mut panics = 0;
        for trial in 0..8 {
            put_away(&mut shelf);
            let path = shelf.folder.join(DATABASE);
            let mut bytes = fs::read(&path).expect("a file");
            let used = bytes.iter().rposition(|byte| *byte != 0).expect("some data");
            bytes[used * (trial + 1) / 10] ^= 1;
            fs::write(&path, bytes).expect("room");
            let seal = folder::digest(&shelf.folder).expect("a folder");
            let read = shelf.sealed(&seal).and_then(|index| index.page(&[], None, 1_000));
            if let Err(IndexFault::Broken(why)) = read {
                panics += usize::from(why.starts_with("sled panicked"));
            }
        }
        assert!(panics > 0, "no flipped bit made sled panic");
    }
}
