//! Writing a backup: a new file, or one more part of one that is there.
//!
//! Continued is a file whose journal is the beginning of the node's own, which
//! is compared byte for byte by its digest. After the node rewrote its journal
//! the file is made anew beside and takes the old one's place at the end. A
//! file that knows what the node does not is never touched: the node was
//! restored from something older, and the file may be all that is left of the
//! rest.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use minicbor::Encode;
use tern_crdt::practice::BlobHash;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::store::{Space, StoreError};

use super::blobs::Chosen;
use super::layout::{
    BLOB_PIECE_BYTES, Blob, End, HEADER_SEAT, Header, JOURNAL_BYTES, Kind, Start, VERSION,
};
use super::reading::{Whole, walk};
use super::{note, refused, small_files};
use crate::blob_store::{BlobStore, Held};
use crate::driver::now;
use crate::folder::{DataFolder, make_durable};
use crate::identity::Identity;
use crate::keystore::{FileKey, PartKey, Passphrase};
use crate::ops::{ErrorCode, OpError};
use crate::running::draw;
use crate::store::beside;
use crate::store::change::{Change, Changes};
use crate::store::disk::DiskFile;
use crate::store::frame::{self, Seat};
use crate::store::journal::{Ending, Journal};

/// A backup that was made and checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// Where.
    pub file: PathBuf,
    /// When, by this machine's clock.
    pub made: Timestamp,
    /// The length of the file.
    pub bytes: u64,
    /// How much of it was written now.
    pub added: u64,
    /// Records, practices and parcels in it.
    pub objects: u64,
    /// Files beside practices in it, and their bytes.
    pub files: (u64, u64),
    /// Files that stayed out because they were not wanted, and their bytes.
    pub left: (u64, u64),
    /// Files that stayed out because the disk spoiled them.
    pub damaged: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// What a backup is to be.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Encrypts it.
    pub passphrase: Option<&'a Passphrase>,
    /// Whether files beside practices go along. What an earlier part of the
    /// file has stays in any case.
    pub files: bool,
}

/// Saves the node of a data folder in `file`. Tells `progress` of bytes done and
/// to do.
///
/// # Errors
/// No node there; a file that is something else, another node's, or knows more
/// than this node; a damaged journal; the system's refusal.
pub fn write(
    folder: &DataFolder,
    file: &Path,
    wanted: Wanted<'_>,
    progress: impl Fn(u64, u64),
) -> Result<Saved, OpError> {
    let passphrase = wanted.passphrase;
    let identity = Identity::load(folder)?.ok_or_else(|| {
        let what = format!("there is no node in {} to back up", folder.root().display());
        OpError::new(ErrorCode::NotFound, what)
    })?;
    let node = identity.node.node().to_string();
    let earlier = earlier(file, &node, passphrase)?;
    let journal = beside::journal(&folder.store()).map_err(from_store)?;
    let (ending, objects) = look_through(&journal)?;
    let goes_on = match &earlier {
        Some(whole) => goes_on(&journal, whole, file)?,
        None => false,
    };
    let small = small_files::collect(folder)?;
    let earlier = earlier.filter(|_| goes_on);
    // After the journal, which names them: none that it needs can be missing.
    let store = BlobStore::beside(folder.blobs());
    let none = HashSet::new();
    let carried = earlier.as_ref().map_or(&none, |whole| &whole.carried);
    let chosen = Chosen::of(&store, carried, wanted.files)?;
    let made = now();
    let job = Job {
        journal: &journal,
        ending,
        objects,
        small: &small,
        store: &store,
        chosen: &chosen,
        made,
        progress: &progress,
    };
    let (added, target) = match earlier {
        Some(whole) => (job.go_on(file, &whole)?, file.to_owned()),
        None => job.anew(file, node, passphrase)?,
    };
    let read = walk(&target, passphrase, |_, _| Ok(()))?;
    if read.behind > 0
        || read.last().end.length != ending.end
        || read.last().start.made != made
        || read.blobs.len() != chosen.blobs.len()
    {
        let what = format!(
            "{} does not read back as it was written: the disk is failing; use another one",
            target.display()
        );
        return Err(OpError::new(ErrorCode::Damaged, what));
    }
    if target != file {
        fs::rename(&target, file)
            .and_then(|()| make_durable(file))
            .map_err(|cause| refused("write", file, &cause))?;
    }
    let encrypted = read.header.key.is_some();
    let files = (read.blobs.len() as u64, read.blobs.iter().map(|blob| blob.bytes).sum());
    let saved = Saved {
        file: file.to_owned(),
        made,
        bytes: read.end,
        added,
        objects,
        files,
        left: chosen.left,
        damaged: chosen.damaged,
        encrypted,
    };
    note(folder, made, file, saved.bytes)?;
    Ok(saved)
}

/// What `file` holds already of this node; `None` if there is nothing to go on
/// from.
fn earlier(
    file: &Path,
    node: &str,
    passphrase: Option<&Passphrase>,
) -> Result<Option<Whole>, OpError> {
    match fs::metadata(file) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(refused("read", file, &cause)),
        Ok(facts) if !facts.is_file() => {
            let what = format!("{} is no file: name one", file.display());
            return Err(OpError::new(ErrorCode::Invalid, what));
        }
        Ok(_) => {}
    }
    let whole = match walk(file, passphrase, |_, _| Ok(())) {
        Ok(whole) => whole,
        // The rest of a first one that was interrupted.
        Err(error) if error.code == ErrorCode::Damaged => return Ok(None),
        Err(error) if error.code == ErrorCode::Invalid => {
            let what = format!("{}: it is left as it is; name another file", error.message);
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        Err(error) => return Err(error),
    };
    if whole.header.node != node {
        let what = format!("{} is a backup of another node: name another file", file.display());
        return Err(OpError::new(ErrorCode::Conflict, what));
    }
    Ok((whole.key.is_some() == passphrase.is_some()).then_some(whole))
}

/// Reads all of the journal: how it ends, and how many objects are alive in it.
fn look_through(journal: &Journal<DiskFile>) -> Result<(Ending, u64), OpError> {
    const COUNTED: [u8; 3] = [Space::Authority as u8, Space::Record as u8, Space::Document as u8];
    let mut alive: HashSet<Vec<u8>> = HashSet::new();
    let counted = |key: &[u8]| key.first().is_some_and(|space| COUNTED.contains(space));
    let ending = journal.walk(|payload, _| {
        for change in Changes::new(payload) {
            match change {
                Change::Put { key, .. } if counted(key) => drop(alive.insert(key.to_vec())),
                Change::Delete { key } => drop(alive.remove(key)),
                Change::Put { .. } => {}
            }
        }
        Ok::<_, StoreError>(())
    });
    Ok((ending.map_err(from_store)?, alive.len() as u64))
}

/// Whether the journal continues what a backup holds.
fn goes_on(journal: &Journal<DiskFile>, whole: &Whole, file: &Path) -> Result<bool, OpError> {
    let last = whole.last();
    let (held, now) = (last.start.generation, journal.generation());
    if held < now {
        return Ok(false);
    }
    let same = held == now
        && last.end.length <= journal.end()
        && digest(journal, last.end.length)? == last.end.digest;
    if same {
        // An older layout takes no blobs.
        return Ok(whole.header.version == VERSION);
    }
    let what = format!(
        "{} holds what this node does not know: the node was restored from an older backup since. It is left as it is; name another file",
        file.display()
    );
    Err(OpError::new(ErrorCode::Conflict, what))
}

fn digest(journal: &Journal<DiskFile>, length: u64) -> Result<[u8; 32], OpError> {
    let mut hasher = blake3::Hasher::new();
    each_chunk(journal, 0, length, |chunk| {
        hasher.update(chunk);
        Ok(())
    })?;
    Ok(*hasher.finalize().as_bytes())
}

fn each_chunk(
    journal: &Journal<DiskFile>,
    from: u64,
    to: u64,
    mut visit: impl FnMut(&[u8]) -> Result<(), OpError>,
) -> Result<(), OpError> {
    let mut at = from;
    while at < to {
        let length = usize::try_from(to - at).unwrap_or(usize::MAX).min(JOURNAL_BYTES);
        visit(&journal.read(at, length).map_err(from_store)?)?;
        at += length as u64;
    }
    Ok(())
}

/// One backup that is being made.
struct Job<'a> {
    journal: &'a Journal<DiskFile>,
    ending: Ending,
    objects: u64,
    small: &'a [super::layout::SmallFile],
    store: &'a BlobStore,
    chosen: &'a Chosen,
    made: Timestamp,
    progress: &'a dyn Fn(u64, u64),
}

impl Job<'_> {
    /// Adds a part to a file; the bytes of it. What stood behind its last whole
    /// part is cut off.
    fn go_on(&self, path: &Path, whole: &Whole) -> Result<u64, OpError> {
        let opened = OpenOptions::new().write(true).open(path).and_then(|mut file| {
            file.set_len(whole.end)?;
            file.seek(SeekFrom::Start(whole.end)).map(|_| file)
        });
        let file = opened.map_err(|cause| refused("write", path, &cause))?;
        let mut out = Out::new(path, file, whole.header.seat, whole.end);
        let last = whole.last();
        let number = last.start.number.saturating_add(1);
        self.part(&mut out, whole.key.as_ref(), number, last.end.length)?;
        out.finish().map(|end| end - whole.end)
    }

    /// Writes a file beside; the bytes of it, and where it is.
    fn anew(
        &self,
        file: &Path,
        node: String,
        passphrase: Option<&Passphrase>,
    ) -> Result<(u64, PathBuf), OpError> {
        let beside = file.with_added_extension("new");
        let (key, line) = passphrase.map(FileKey::draw).transpose()?.unzip();
        let header =
            Header { version: VERSION, node, seat: u64::from_le_bytes(draw()?), key: line };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let _ = fs::remove_file(&beside);
        let opened = options.open(&beside).map_err(|cause| refused("write", &beside, &cause))?;
        let mut out = Out::new(&beside, opened, HEADER_SEAT, 0);
        let written = out.plain(Kind::Header, &header).and_then(|()| {
            out.seat = header.seat;
            self.part(&mut out, key.as_ref(), 0, 0)?;
            out.finish()
        });
        match written {
            Ok(end) => Ok((end, beside)),
            Err(error) => {
                // The one before it stands where it stood.
                let _ = fs::remove_file(&beside);
                Err(error)
            }
        }
    }

    fn part(
        &self,
        out: &mut Out<'_>,
        key: Option<&FileKey>,
        number: u32,
        from: u64,
    ) -> Result<(), OpError> {
        let start = Start { number, made: self.made, generation: self.journal.generation(), from };
        let salt: [u8; 16] = draw()?;
        let mut part = PartOut { out, key: key.map(|key| key.part(&salt)), number: 0 };
        part.begin(&salt, &start)?;
        let (to, mut done) = (self.ending.end, 0);
        let all = to - from + self.chosen.bytes();
        let mut told = |length: usize| {
            done += length as u64;
            (self.progress)(done, all);
        };
        each_chunk(self.journal, from, to, |chunk| {
            part.bytes(Kind::Journal, chunk)?;
            told(chunk.len());
            Ok(())
        })?;
        for blob in &self.chosen.blobs {
            part.record(Kind::Blob, blob)?;
            if blob.follows {
                self.blob(&mut part, blob, &mut told)?;
            }
        }
        for file in self.small {
            part.record(Kind::File, file)?;
        }
        let end = End {
            length: to,
            digest: digest(self.journal, to)?,
            objects: self.objects,
            files: self.small.len() as u32,
            blobs: self.chosen.blobs.len() as u64,
        };
        part.record(Kind::End, &end)
    }

    fn blob(
        &self,
        part: &mut PartOut<'_, '_>,
        blob: &Blob,
        told: &mut impl FnMut(usize),
    ) -> Result<(), OpError> {
        let hash = BlobHash(blob.hash);
        let held: Option<Held> = self.store.read(&hash)?;
        let Some(mut held) = held.filter(|held| held.shape().bytes() == blob.bytes) else {
            let what = format!("the file {hash} was removed meanwhile: run the backup again");
            return Err(OpError::new(ErrorCode::Conflict, what));
        };
        let mut at = 0;
        while at < blob.bytes {
            let piece = held.bytes(at, BLOB_PIECE_BYTES)?;
            part.bytes(Kind::Piece, &piece)?;
            told(piece.len());
            at += piece.len() as u64;
        }
        Ok(())
    }
}

/// A file that grows by frames.
struct Out<'a> {
    path: &'a Path,
    file: BufWriter<File>,
    seat: u64,
    at: u64,
}

impl<'a> Out<'a> {
    fn new(path: &'a Path, file: File, seat: u64, at: u64) -> Self {
        Self { path, file: BufWriter::new(file), seat, at }
    }

    fn frame(&mut self, kind: Kind, parts: &[&[u8]]) -> Result<(), OpError> {
        let mut frame = frame::start();
        frame.push(kind as u8);
        parts.iter().for_each(|part| frame.extend_from_slice(part));
        frame::finish(Seat { generation: self.seat, at: self.at }, &mut frame);
        self.file.write_all(&frame).map_err(|cause| refused("write", self.path, &cause))?;
        self.at += frame.len() as u64;
        Ok(())
    }

    fn plain(&mut self, kind: Kind, record: &impl Encode<()>) -> Result<(), OpError> {
        self.frame(kind, &[&encoded(record)])
    }

    /// Makes all of it durable; the length of the file.
    fn finish(mut self) -> Result<u64, OpError> {
        let flushed = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        flushed.map_err(|cause| refused("write", self.path, &cause))?;
        Ok(self.at)
    }
}

/// A part that is being written.
struct PartOut<'o, 'a> {
    out: &'o mut Out<'a>,
    key: Option<PartKey>,
    number: u64,
}

impl PartOut<'_, '_> {
    fn begin(&mut self, salt: &[u8; 16], start: &Start) -> Result<(), OpError> {
        let body = encoded(start);
        match &self.key {
            None => self.out.frame(Kind::Start, &[&body]),
            Some(key) => {
                let sealed = sealed(key, 0, Kind::Start, &body)?;
                self.out.frame(Kind::Start, &[salt, &sealed])
            }
        }
    }

    fn record(&mut self, kind: Kind, record: &impl Encode<()>) -> Result<(), OpError> {
        self.bytes(kind, &encoded(record))
    }

    fn bytes(&mut self, kind: Kind, body: &[u8]) -> Result<(), OpError> {
        self.number += 1;
        match &self.key {
            None => self.out.frame(kind, &[body]),
            Some(key) => self.out.frame(kind, &[&sealed(key, self.number, kind, body)?]),
        }
    }
}

fn sealed(key: &PartKey, number: u64, kind: Kind, body: &[u8]) -> Result<Vec<u8>, OpError> {
    key.seal(number, kind as u8, body)
        .ok_or_else(|| OpError::new(ErrorCode::Failed, "the cipher refused a piece of the backup"))
}

fn encoded(record: &impl Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(record, &mut bytes);
    bytes
}

/// A store's error, as one of a backup.
pub(crate) fn from_store(error: StoreError) -> OpError {
    let code = match &error {
        StoreError::InUse(_) => ErrorCode::InUse,
        StoreError::Damaged(_) => ErrorCode::Damaged,
        _ => ErrorCode::Failed,
    };
    OpError::new(code, error.to_string())
}
