//! The index in sled 0.34, the only file that names it.
//!
//! sled is given little to go wrong with: one tree, entries of about 1 kB at
//! most, no trust in its `flush`, and only folders that are empty or exactly,
//! byte for byte, as they were when a digest was taken over them. So its
//! recovery never meets a page that was late, lost or rotten. Any panic within
//! it is an error here.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tracing::warn;

use super::disk::sync_folder;
use super::files::is_full;
use super::index::{Index, IndexFault, Old, Seal, Shelf};

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

    fn open(&self) -> Result<SledIndex, IndexFault> {
        let config = sled::Config::new()
            .path(&self.folder)
            .cache_capacity(CACHE_BYTES)
            // It writes when its buffers are full and when it is put away.
            .flush_every_ms(None);
        let panicked = Cell::new(false);
        guarded(&panicked, || config.open()).map(|db| SledIndex { db: Some(db), panicked })
    }
}

impl Shelf for SledShelf {
    type Index = SledIndex;

    fn fresh(&mut self, old: Old) -> Result<SledIndex, IndexFault> {
        let cleared = if old == Old::SetAside && self.folder.exists() {
            warn!(to = %self.aside().display(), "a failed index is set aside; it can be deleted");
            remove(&self.aside()).and_then(|()| fs::rename(&self.folder, self.aside()))
        } else {
            remove(&self.folder)
        };
        cleared.map_err(|error| failed("clear", &error))?;
        self.open()
    }

    fn sealed(&mut self, seal: &Seal) -> Result<SledIndex, IndexFault> {
        let found = digest(&self.folder).map_err(|error| failed("read", &error))?;
        if found != *seal {
            return Err(IndexFault::Broken("the files of the index have changed".into()));
        }
        self.open()
    }

    fn seal(&mut self, mut index: SledIndex) -> Result<Seal, IndexFault> {
        index.ask(|db| db.flush())?;
        let db = index.db.take();
        guarded(&index.panicked, || {
            drop(db);
            Ok(())
        })?;
        // sled's own threads hold its lock until they are done with the files.
        let database = File::open(self.folder.join(DATABASE));
        database.and_then(|file| file.lock()).map_err(|error| failed("close", &error))?;
        let put_away = digest(&self.folder).and_then(|seal| {
            sync_all(&self.folder)?;
            sync_folder(self.folder.parent().unwrap_or(&self.folder))?;
            Ok(seal)
        });
        put_away.map_err(|error| failed("put away", &error))
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
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, IndexFault> {
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

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Every file and folder below `folder`, in the order of their names.
fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![];
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = entries?.iter().map(fs::DirEntry::path).collect();
    paths.sort_unstable();
    for path in paths {
        let inner = if path.is_dir() { below(&path)? } else { vec![] };
        found.push(path);
        found.extend(inner);
    }
    Ok(found)
}

/// A digest over the names and contents of all files.
fn digest(folder: &Path) -> io::Result<Seal> {
    let mut all = blake3::Hasher::new();
    for path in below(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).as_os_str().as_encoded_bytes();
        all.update(blake3::hash(name).as_bytes());
        if path.is_file() {
            let mut hasher = blake3::Hasher::new();
            let mut file = File::open(&path)?;
            let mut buffer = vec![0; 256 * 1024];
            loop {
                match file.read(&mut buffer)? {
                    0 => break,
                    length => hasher.update(&buffer[..length]),
                };
            }
            all.update(hasher.finalize().as_bytes());
        }
    }
    Ok(*all.finalize().as_bytes())
}

fn sync_all(folder: &Path) -> io::Result<()> {
    for path in below(folder)? {
        if path.is_dir() {
            sync_folder(&path)?;
        } else {
            // Some systems sync only what could be written.
            File::options().read(true).write(true).open(&path)?.sync_all()?;
        }
    }
    sync_folder(folder)
}
