//! The file operations that a store is made of, as a trait, so that the same
//! engine runs on a disk and on a model of one that fails.
//!
//! The promises are those of POSIX and no more. What was appended or truncated
//! is certain to survive a power cut only after `sync` of that file returned;
//! a name that was created, replaced or removed only after `sync_folder`.
//! Until then any part of it may be there or not, in any order. Whoever gets
//! an error knows nothing about what happened.

use std::io;

use tern_protocol::store::StoreError;

use crate::metrics::Timed;

/// One folder of flat files.
pub trait Files: Send {
    /// An open file.
    type File: LogFile;

    /// The names in the folder, in no particular order.
    fn list(&self) -> io::Result<Vec<String>>;

    /// A new empty file, in place of whatever had that name.
    fn create(&mut self, name: &str) -> io::Result<Self::File>;

    /// A file that exists.
    fn open(&mut self, name: &str) -> io::Result<Self::File>;

    /// Gives a file another name, in place of whatever had that.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;

    /// Takes a name away.
    fn unlink(&mut self, name: &str) -> io::Result<()>;

    /// Makes the names durable.
    fn sync_folder(&mut self) -> io::Result<()>;

    /// What the folder takes up, subfolders included, in bytes.
    fn used(&self) -> io::Result<u64>;

    /// How often files were made durable, and how long that took; nothing
    /// where nobody counts.
    fn syncs(&self) -> Timed {
        Timed::default()
    }
}

/// A file that grows at its end.
pub trait LogFile: Send {
    /// Its length in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Writes at the end. After an error any part may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Reads up to `into.len()` bytes that stand at `at`; 0 at the end.
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize>;

    /// Makes contents and length durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts off what stands behind `length`.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// Exactly `length` bytes that stand at `at`.
pub fn read_exact(file: &impl LogFile, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut have = 0;
    while have < length {
        match file.read_at(at + have as u64, &mut bytes[have..]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(more) => have += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

/// A part of a file as a stream.
pub struct Stream<'a, F> {
    file: &'a F,
    at: u64,
    end: u64,
}

impl<'a, F: LogFile> Stream<'a, F> {
    /// From `at` up to `end`.
    pub const fn new(file: &'a F, at: u64, end: u64) -> Self {
        Self { file, at, end }
    }
}

impl<F: LogFile> io::Read for Stream<'_, F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.at);
        let wanted = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let got = self.file.read_at(self.at, &mut into[..wanted])?;
        self.at += got as u64;
        Ok(got)
    }
}

/// Whether an error says that there is no room left.
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// The error of a store whose system refused to do `what` with `name`.
pub fn refused(what: &str, name: &str, error: &io::Error) -> StoreError {
    if is_full(error) {
        StoreError::Full
    } else {
        StoreError::Failed(format!("could not {what} {name}: {error}"))
    }
}
