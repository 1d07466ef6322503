//! Files by their hash, in `{data}/blobs/`.
//!
//! | name | what |
//! |---|---|
//! | `H` | a blob that is whole; `H` is its hash in 64 hexadecimal digits |
//! | `H.lists` | the hashes inside it ([`Tree`](tern_protocol::blobs::Tree)), made again where they are missing |
//! | `H.pin` | stands while somebody wants to keep it; empty |
//! | `H.elsewhere` | stands once somebody else was known to have it whole; empty |
//! | `H.unnamed` | since when nothing names it, in milliseconds |
//! | `H.part`, `H.part-lists` | a blob that is being fetched |
//! | `H.have` | its size and which groups of it are there |
//! | `new-…` | a file that is being added; removed at the next start |
//!
//! Names are made of hashes alone, never of what anybody calls a file. What is
//! no regular file, or has another name, is not looked at; nothing is followed
//! out of the folder.
//!
//! What this is not: it knows no practice, no peer and no rule about which
//! blobs to keep. Every call here waits for the disk.
//!
//! Invariants: a blob is whole on disk, and durable, before its name is there;
//! a group is durable before it is counted.

mod adding;
mod error;
mod mending;
mod partial;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tern_crdt::practice::BlobHash;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::blobs::serving::Chunk;
use tern_protocol::blobs::{GROUP_BYTES, Groups, Hashing, Part, Shape};

pub use adding::Adding;
pub use error::BlobError;
pub use partial::Partial;

use crate::folder::{make_durable, make_private_folder};

const LISTS: &str = ".lists";
const PIN: &str = ".pin";
const ELSEWHERE: &str = ".elsewhere";
const UNNAMED: &str = ".unnamed";
const PART: &str = ".part";
const PART_LISTS: &str = ".part-lists";
const HAVE: &str = ".have";
const NEW: &str = "new-";

/// The folder of blobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BlobStore {
    folder: PathBuf,
}

/// A blob of which something is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// Its size, if it is whole.
    pub whole: Option<u64>,
    /// Its size and how many bytes of it are here, while it is being fetched.
    pub part: Option<(u64, u64)>,
    /// Whether somebody wants to keep it.
    pub pinned: bool,
}

impl Entry {
    /// How many bytes of it are here.
    pub fn bytes(&self) -> u64 {
        self.whole.unwrap_or(0) + self.part.map_or(0, |(_, have)| have)
    }
}

impl BlobStore {
    /// Over a folder, which need not be there. Removes what an earlier process
    /// began to add; so no other may have it open.
    pub fn open(folder: PathBuf) -> Self {
        let store = Self { folder };
        for name in store.names().unwrap_or_default() {
            if name.starts_with(NEW) {
                // Tried again at the next start.
                let _ = fs::remove_file(store.folder.join(name));
            }
        }
        store
    }

    /// Over a folder that another process may have open: to read it alone.
    pub const fn beside(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, hash: &BlobHash, suffix: &str) -> PathBuf {
        self.folder.join(format!("{hash}{suffix}"))
    }

    fn made(&self) -> Result<(), BlobError> {
        make_private_folder(&self.folder)
            .map_err(|cause| error::refused("make", &self.folder, cause))
    }

    /// Names of regular files; none if there is no folder.
    fn names(&self) -> Result<Vec<String>, BlobError> {
        let refused = |cause| error::refused("read", &self.folder, cause);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(refused(cause)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(refused)?;
            if entry.file_type().is_ok_and(|kind| kind.is_file()) {
                names.extend(entry.file_name().into_string().ok());
            }
        }
        Ok(names)
    }

    /// Everything of which something is here.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> Result<BTreeMap<BlobHash, Entry>, BlobError> {
        let mut entries: BTreeMap<BlobHash, Entry> = BTreeMap::new();
        for name in self.names()? {
            let (digits, suffix) = name.split_at_checked(64).unwrap_or((&name, ""));
            let Ok(hash) = digits.parse::<BlobHash>() else { continue };
            // Upper case is no name of ours.
            if hash.to_string() != digits {
                continue;
            }
            let entry = entries.entry(hash).or_default();
            match suffix {
                "" => entry.whole = Some(length(&self.path(&hash, ""))?),
                PIN => entry.pinned = true,
                HAVE => {
                    entry.part = partial::progress(&self.path(&hash, HAVE))
                        .map(|(shape, groups)| (shape.bytes(), groups.bytes(shape)));
                }
                _ => {}
            }
        }
        entries.retain(|_, entry| entry.whole.is_some() || entry.part.is_some());
        Ok(entries)
    }

    /// The size of a blob that is here and whole.
    pub fn whole(&self, hash: &BlobHash) -> Option<Shape> {
        let facts = fs::symlink_metadata(self.path(hash, "")).ok()?;
        facts.is_file().then(|| Shape::of(facts.len())).flatten()
    }

    /// The size of a blob that is being fetched, and which groups are here.
    pub fn part(&self, hash: &BlobHash) -> Option<(Shape, Groups)> {
        partial::progress(&self.path(hash, HAVE))
    }

    /// Opens a blob that is whole; `None` if it is not here.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, hash: &BlobHash) -> Result<Option<Held>, BlobError> {
        let Some(shape) = self.whole(hash) else { return Ok(None) };
        let path = self.path(hash, "");
        let data = File::open(&path).map_err(|cause| error::refused("open", &path, cause))?;
        Ok(Some(Held { hash: *hash, store: self.clone(), shape, data, lists: None }))
    }

    /// Begins to add a file.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn add(&self) -> Result<Adding, BlobError> {
        self.made()?;
        Adding::begin(self)
    }

    /// Goes on fetching a blob, or begins.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn fetch(&self, hash: BlobHash, shape: Shape) -> Result<Partial, BlobError> {
        self.made()?;
        Partial::open(self, hash, shape)
    }

    /// Wants to keep a blob, or not any more. Durable when it returns.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn pin(&self, hash: &BlobHash, keep: bool) -> Result<(), BlobError> {
        let path = self.path(hash, PIN);
        if keep {
            self.made()?;
            File::create(&path).map_err(|cause| error::refused("write", &path, cause))?;
            make_durable(&path).map_err(|cause| error::refused("write", &path, cause))
        } else {
            remove(&path)
        }
    }

    /// Whether somebody wants to keep it.
    pub fn is_pinned(&self, hash: &BlobHash) -> bool {
        self.path(hash, PIN).exists()
    }

    /// Somebody else has it whole.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn elsewhere(&self, hash: &BlobHash) -> Result<(), BlobError> {
        let path = self.path(hash, ELSEWHERE);
        if path.exists() {
            return Ok(());
        }
        File::create(&path).map(drop).map_err(|cause| error::refused("write", &path, cause))
    }

    /// Whether somebody else was known to have it whole.
    pub fn is_elsewhere(&self, hash: &BlobHash) -> bool {
        self.path(hash, ELSEWHERE).exists()
    }

    /// Since when nothing names it, if that was noted.
    pub fn marked(&self, hash: &BlobHash) -> Option<Timestamp> {
        let path = self.path(hash, UNNAMED);
        let facts = fs::symlink_metadata(&path).ok()?;
        let text = (facts.is_file() && facts.len() < 32).then(|| fs::read_to_string(&path));
        text?.ok()?.trim().parse().ok().map(Timestamp)
    }

    /// Notes since when nothing names it, or that something does.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn mark(&self, hash: &BlobHash, since: Option<Timestamp>) -> Result<(), BlobError> {
        let path = self.path(hash, UNNAMED);
        let Some(since) = since else { return remove(&path) };
        crate::folder::write_private(&path, since.0.to_string().as_bytes())
            .map_err(|cause| error::refused("write", &path, cause))
    }

    /// Removes a blob, whole or in part; how many bytes that freed.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn remove(&self, hash: &BlobHash) -> Result<u64, BlobError> {
        let files = ["", PART].map(|suffix| length(&self.path(hash, suffix)).unwrap_or(0));
        // The whole one first, so that its lists never stand alone.
        for suffix in ["", LISTS, HAVE, PART, PART_LISTS, PIN, ELSEWHERE, UNNAMED] {
            remove(&self.path(hash, suffix))?;
        }
        Ok(files.iter().sum())
    }

    /// Whether a blob that is whole still has the bytes of its hash.
    ///
    /// # Errors
    /// It is not here, or the disk fails.
    pub fn check(&self, hash: &BlobHash) -> Result<bool, BlobError> {
        let path = self.path(hash, "");
        Ok(hashed(&path)?.is_some_and(|(found, _, _)| found == *hash))
    }
}

/// A blob that is open for reading. Stays readable when it is removed.
#[derive(Debug)]
pub struct Held {
    hash: BlobHash,
    store: BlobStore,
    shape: Shape,
    data: File,
    /// Read when they are first asked for.
    lists: Option<Vec<u8>>,
}

impl Held {
    /// Its size.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Up to `length` bytes that stand at `at`: fewer at the end.
    ///
    /// # Errors
    /// The disk fails.
    pub fn bytes(&mut self, at: u64, length: usize) -> Result<Vec<u8>, BlobError> {
        let rest = self.shape.bytes().saturating_sub(at);
        let length = usize::try_from(rest).map_or(length, |rest| rest.min(length));
        let mut bytes = vec![0; length];
        self.data
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.data.read_exact(&mut bytes))
            .map_err(|cause| error::refused("read", &self.store.path(&self.hash, ""), cause))?;
        Ok(bytes)
    }

    /// What to send of a part.
    ///
    /// # Errors
    /// The disk fails.
    pub fn chunk(&mut self, chunk: Chunk) -> Result<Vec<u8>, BlobError> {
        if let Part::Bytes(group) = chunk.part {
            return self.bytes(self.shape.begins(group) + chunk.begins as u64, chunk.length);
        }
        if self.lists.is_none() {
            self.lists = Some(self.read_lists()?);
        }
        let lists = self.lists.as_deref().unwrap_or_default();
        let begins = self.shape.list_begins(chunk.part).and_then(|at| usize::try_from(at).ok());
        let list =
            begins.and_then(|begins| lists.get(begins + chunk.begins..)?.get(..chunk.length));
        let damaged = || BlobError::Damaged(self.hash);
        Ok(list.ok_or_else(damaged)?.to_vec())
    }

    fn read_lists(&self) -> Result<Vec<u8>, BlobError> {
        let length = self.shape.lists_length();
        let path = self.store.path(&self.hash, LISTS);
        if let Ok(lists) = fs::read(&path)
            && lists.len() as u64 == length
        {
            return Ok(lists);
        }
        let (found, _, lists) =
            hashed(&self.store.path(&self.hash, ""))?.ok_or(BlobError::Damaged(self.hash))?;
        if found != self.hash {
            return Err(BlobError::Damaged(self.hash));
        }
        // They spare the work next time; without them it is done again.
        let _ = crate::folder::write_private(&path, &lists);
        Ok(lists)
    }
}

/// The hash of a file, its shape and its lists; `None` if it is too long.
fn hashed(path: &Path) -> Result<Option<(BlobHash, Shape, Vec<u8>)>, BlobError> {
    let refused = |cause| error::refused("read", path, cause);
    let mut file = File::open(path).map_err(refused)?;
    let mut hashing = Hashing::default();
    let mut buffer = vec![0; 16 * GROUP_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hashing.finish()),
            Ok(more) => hashing.push(&buffer[..more]),
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(refused(cause)),
        }
    }
}

fn length(path: &Path) -> Result<u64, BlobError> {
    let facts = fs::symlink_metadata(path).map_err(|cause| error::refused("read", path, cause))?;
    Ok(facts.len())
}

fn remove(path: &Path) -> Result<(), BlobError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(error::refused("remove", path, cause))
        }
        _ => Ok(()),
    }
}
