//! Writing a bundle beside its place, and moving it there.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::refused;
use crate::folder::make_durable;
use crate::ops::OpError;

/// See the module. Dropped before [`finish`](Self::finish) it leaves nothing.
#[derive(Debug)]
pub struct Sink {
    path: PathBuf,
    beside: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Sink {
    /// Begins a file that takes the place of `path`.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn create(path: &Path) -> Result<Self, OpError> {
        let beside = path.with_added_extension("new");
        // What stands there was interrupted, or is a trap: it is not followed.
        match fs::remove_file(&beside) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                return Err(refused("write", &beside, &cause));
            }
            _ => {}
        }
        let opened = OpenOptions::new().write(true).create_new(true).open(&beside);
        let file = opened.map_err(|cause| refused("write", &beside, &cause))?;
        let file = Some(BufWriter::with_capacity(256 * 1024, file));
        Ok(Self { path: path.to_owned(), beside, file })
    }

    /// Writes on.
    ///
    /// # Errors
    /// No room, or a stick that is gone.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), OpError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(bytes).map_err(|cause| refused("write", &self.path, &cause))
    }

    /// Makes it durable, moves it to its place, and makes that durable.
    ///
    /// # Errors
    /// The system's refusal; what stood there before stands.
    pub fn finish(mut self) -> Result<(), OpError> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let done = file
            .flush()
            .and_then(|()| file.get_ref().sync_all())
            .and_then(|()| fs::rename(&self.beside, &self.path))
            .and_then(|()| make_durable(&self.path));
        done.map_err(|cause| {
            let _ = fs::remove_file(&self.beside);
            refused("write", &self.path, &cause)
        })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // Nobody waits for what was given up; the stick may be gone.
            let _ = file.into_parts();
            let _ = fs::remove_file(&self.beside);
        }
    }
}
