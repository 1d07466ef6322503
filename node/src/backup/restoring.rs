//! Restoring: an empty folder becomes the node again.
//!
//! The whole file is read and checked before anything is written. Then the
//! journal is put in place, opened, and marked: the node is catching up until
//! it has met another member. `identity.json` comes last, so that a restoring
//! that was killed leaves a folder that holds no node, and is simply repeated.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use tern_crdt::practice::BlobHash;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::catching_up::mark;
use tern_protocol::library::Library;

use super::layout::{Blob, SmallFile};
use super::reading::{Piece, Whole, walk};
use super::writing::from_store;
use super::{note, refused, small_files};
use crate::blob_store::{Adding, BlobStore};
use crate::driver::now;
use crate::folder::{OpenFolder, make_private_folder};
use crate::identity::Identity;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::process::beginning::{clear, make_way};
use crate::store::journal::file_name;
use crate::store::{JournalStore, folder as disk_folder};

/// A node that was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Who it is.
    pub identity: Identity,
    /// When the backup was made, by the clock of the machine of then.
    pub made: Timestamp,
    /// Records, practices and parcels.
    pub objects: u64,
    /// Practices.
    pub practices: u64,
    /// Files beside them, and their bytes.
    pub files: (u64, u64),
    /// Bytes at the end of the file that could not be used: a later part that
    /// was interrupted or is damaged.
    pub behind: u64,
}

/// Makes an empty folder the node that a backup holds. Settings that are there
/// already stay. Tells `progress` of bytes done and to do.
///
/// # Errors
/// A folder that is not empty; no backup, or its passphrase; a damaged one; the
/// system's refusal. The folder is as it was then.
pub fn restore(
    folder: &OpenFolder,
    file: &Path,
    passphrase: Option<&Passphrase>,
    progress: impl Fn(u64, u64),
) -> Result<Restored, OpError> {
    make_way(folder)?;
    refuse_if_used(folder)?;
    let whole = walk(file, passphrase, |_, _| Ok(()))?;
    folder.mark_unfinished()?;
    match put_back(folder, file, passphrase, &whole, progress) {
        Ok(restored) => {
            folder.mark_finished()?;
            Ok(restored)
        }
        Err(error) => {
            clear(folder)?;
            Err(error)
        }
    }
}

/// Refuses a folder in which there is more than a node that was never set up
/// leaves, or an administrator prepares.
fn refuse_if_used(folder: &OpenFolder) -> Result<(), OpError> {
    const FREE: [&str; 3] = ["lock", "tern.toml", "api-token"];
    let root = folder.paths().root();
    let entries = fs::read_dir(root).map_err(|cause| refused("read", root, &cause))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    match names.into_iter().find(|name| !FREE.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let what = format!(
                "{} is not empty, there is {name}: a backup is restored into an empty or absent folder; name one with --data",
                root.display()
            );
            Err(OpError::new(ErrorCode::Conflict, what))
        }
    }
}

fn put_back(
    folder: &OpenFolder,
    file: &Path,
    passphrase: Option<&Passphrase>,
    whole: &Whole,
    progress: impl Fn(u64, u64),
) -> Result<Restored, OpError> {
    let last = whole.last();
    let store = folder.paths().store();
    let failed = |cause: std::io::Error| refused("write", &store, &cause);
    make_private_folder(&store).map_err(failed)?;
    let journal = store.join(file_name(last.start.generation));
    let mut options = OpenOptions::new();
    let mut out: File = options.write(true).create_new(true).open(&journal).map_err(failed)?;
    let (mut small, mut done): (Vec<SmallFile>, u64) = (Vec::new(), 0);
    let mut blobs = Blobs::of(folder.paths().blobs(), whole);
    let all = last.end.length + blobs.bytes;
    let mut told = |length: usize| {
        done += length as u64;
        progress(done, all);
    };
    walk(file, passphrase, |part, piece| {
        match piece {
            // The rest of an interrupted part belongs to nothing.
            _ if part > last.start.number => {}
            Piece::Journal(bytes) => {
                out.write_all(bytes).map_err(failed)?;
                told(bytes.len());
            }
            Piece::Blob(blob) => blobs.begin(blob)?,
            Piece::Bytes(bytes) => {
                if blobs.push(bytes)? {
                    told(bytes.len());
                }
            }
            Piece::File(file) if part == last.start.number => small.push(file),
            Piece::File(_) => {}
        }
        Ok(())
    })?;
    out.sync_all().and_then(|()| disk_folder::sync(&store)).map_err(failed)?;
    drop(out);
    let files = blobs.finish(whole)?;
    let identity = who(&small, file)?;
    let practices = open_and_mark(&store, &identity, last.start.made)?;
    let settings = folder.paths().settings_file();
    for file in &small {
        let kept = file.name == "tern.toml" && settings.exists();
        if file.name != IDENTITY && !kept {
            small_files::put(folder.paths().root(), file)?;
        }
    }
    identity.save(folder)?;
    let made = last.start.made;
    note(folder.paths(), made, file, whole.end)?;
    Ok(Restored {
        identity,
        made,
        objects: last.end.objects,
        practices,
        files,
        behind: whole.behind,
    })
}

/// The blobs of the last part, as they come from all parts.
struct Blobs {
    store: BlobStore,
    /// Those that did not come yet.
    missing: HashSet<[u8; 32]>,
    /// How many bytes they are.
    bytes: u64,
    coming: Option<(Adding, Blob)>,
}

impl Blobs {
    fn of(place: PathBuf, whole: &Whole) -> Self {
        let missing = whole.blobs.iter().map(|blob| blob.hash).collect();
        let bytes = whole.blobs.iter().map(|blob| blob.bytes).sum();
        Self { store: BlobStore::open(place), missing, bytes, coming: None }
    }

    fn begin(&mut self, blob: Blob) -> Result<(), OpError> {
        if blob.follows && self.missing.remove(&blob.hash) {
            self.coming = Some((self.store.add()?, blob));
            self.close_if_whole()?;
        }
        Ok(())
    }

    /// Whether the bytes are wanted.
    fn push(&mut self, bytes: &[u8]) -> Result<bool, OpError> {
        let Some((adding, blob)) = &mut self.coming else { return Ok(false) };
        adding.push(bytes, blob.bytes)?;
        self.close_if_whole()?;
        Ok(true)
    }

    fn close_if_whole(&mut self) -> Result<(), OpError> {
        let whole = self.coming.take_if(|(adding, blob)| adding.bytes() == blob.bytes);
        let Some((adding, blob)) = whole else { return Ok(()) };
        let hash = BlobHash(blob.hash);
        let (found, _) = adding.finish()?;
        if found == hash {
            return Ok(());
        }
        let what = format!(
            "the backup was changed while it was read: the file {hash} is not in it any more; restore again"
        );
        Err(OpError::new(ErrorCode::Damaged, what))
    }

    /// What else is known of them; how many they are, and their bytes.
    fn finish(self, whole: &Whole) -> Result<(u64, u64), OpError> {
        for blob in &whole.blobs {
            let hash = BlobHash(blob.hash);
            if blob.pinned {
                self.store.pin(&hash, true)?;
            }
            if blob.elsewhere {
                self.store.elsewhere(&hash)?;
            }
        }
        Ok((whole.blobs.len() as u64, self.bytes))
    }
}

const IDENTITY: &str = "identity.json";

fn who(small: &[SmallFile], file: &Path) -> Result<Identity, OpError> {
    let stored = small.iter().find(|small| small.name == IDENTITY);
    stored.and_then(|stored| Identity::read(&stored.bytes)).ok_or_else(|| {
        let what = format!("{} does not say whose node it holds: use another", file.display());
        OpError::new(ErrorCode::Damaged, what)
    })
}

/// Opens the journal as a node would, leaves the mark in it, and closes it in
/// order. How many practices it holds.
fn open_and_mark(store: &Path, identity: &Identity, made: Timestamp) -> Result<u64, OpError> {
    let store = JournalStore::open(store).map_err(from_store)?;
    let mut library = Library::open(store, identity.federation).map_err(from_store)?;
    let practices = library.practices();
    library.write(mark(made, now()));
    library.commit().map_err(from_store)?;
    library.into_store().close().map_err(from_store)?;
    Ok(practices)
}
