//! Reading a bundle, a frame at a time.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use tern_protocol::bundle::{Broken, Header, Read, Reader};
use thiserror::Error;

use super::refused;
use crate::ops::{ErrorCode, OpError};

/// At least as much is fetched at once.
const FETCH_BYTES: usize = 64 * 1024;

/// Opens a file that may hold a bundle; its length.
///
/// # Errors
/// It is no regular file, or the system refuses.
pub fn open(path: &Path) -> Result<(File, u64), OpError> {
    // Looked at before it is opened: opening a pipe would wait for ever.
    let facts = fs::metadata(path).map_err(|cause| {
        let mut error = refused("read", path, &cause);
        if cause.kind() == io::ErrorKind::NotFound {
            error.code = ErrorCode::NotFound;
        }
        error
    })?;
    let what = format!("{} is no file: name a bundle", path.display());
    let no_file = OpError::new(ErrorCode::Invalid, what);
    if !facts.is_file() {
        return Err(no_file);
    }
    let opened = File::open(path).and_then(|file| file.metadata().map(|facts| (file, facts)));
    let (file, facts) = opened.map_err(|cause| refused("read", path, &cause))?;
    if facts.is_file() { Ok((file, facts.len())) } else { Err(no_file) }
}

/// Why a file gives nothing more.
#[derive(Debug, Error)]
pub enum Ended {
    /// What comes next is not what was written there.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// It has no more bytes, and its end is not reached.
    #[error("it ends in the middle: it was not written or copied whole")]
    Cut,
    /// The system gives nothing more.
    #[error("it cannot be read any further: {0}")]
    System(#[from] io::Error),
}

/// See the module.
#[derive(Debug)]
pub struct Source<R> {
    from: R,
    reader: Reader,
    buffer: Vec<u8>,
    /// What of the buffer was taken.
    taken: usize,
}

impl<R: io::Read> Source<R> {
    /// Reads from the beginning of something.
    pub fn new(from: R) -> Self {
        Self { from, reader: Reader::default(), buffer: Vec::new(), taken: 0 }
    }

    /// The header, once it was read.
    pub const fn header(&self) -> Option<&Header> {
        self.reader.header()
    }

    /// Opens what is encrypted in the frames from here on.
    pub fn unlock(&mut self, frames: &[u8; 32]) {
        self.reader.unlock(frames);
    }

    /// The header as it was signed, once it was read.
    pub fn signed(&self) -> &[u8] {
        self.reader.signed()
    }

    /// How many bytes were read and in order.
    pub const fn bytes(&self) -> u64 {
        self.reader.bytes()
    }

    /// Reads up to the header.
    ///
    /// # Errors
    /// It is no bundle.
    pub fn begin(&mut self) -> Result<Header, Ended> {
        loop {
            if let Read::Header(header) = self.read_on()? {
                return Ok(header);
            }
        }
    }

    /// What comes next; never [`Read::More`]. After [`Read::Whole`] there is
    /// nothing.
    ///
    /// # Errors
    /// The file ends here.
    pub fn read_on(&mut self) -> Result<Read, Ended> {
        loop {
            match self.reader.next(&self.buffer[self.taken..])? {
                (_, Read::More(needed)) => self.fetch(needed)?,
                (taken, read) => {
                    self.taken += taken;
                    return Ok(read);
                }
            }
        }
    }

    /// Has `needed` bytes in the buffer that were not taken.
    fn fetch(&mut self, needed: usize) -> Result<(), Ended> {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        let missing = needed.saturating_sub(self.buffer.len()).max(FETCH_BYTES);
        let most = u64::try_from(missing).unwrap_or(u64::MAX);
        let fetched = self.from.by_ref().take(most).read_to_end(&mut self.buffer);
        match fetched {
            // What was fetched before it failed is enough for now.
            _ if self.buffer.len() >= needed => Ok(()),
            Ok(_) => Err(Ended::Cut),
            Err(cause) => Err(Ended::System(cause)),
        }
    }
}
