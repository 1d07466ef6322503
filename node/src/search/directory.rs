//! Files of the index, written without waiting for the disk.
//!
//! The engine would have every commit wait for some fifteen files to reach
//! the disk, one after the other, next to the journal that people's words wait
//! for. Nothing here is worth that: what a power cut tears is noticed at the
//! next start by its checksum, and made again. So files are handed to the
//! system as they are written, and put on the disk in
//! [`UnhurriedDirectory::settle`], when there is nothing else to do. Killing
//! the process loses nothing either way.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::directory::error::{
    DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError,
};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UnhurriedDirectory {
    files: MmapDirectory,
    root: PathBuf,
    /// Written since they were last settled.
    unsettled: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl UnhurriedDirectory {
    /// A folder that is there.
    pub fn open(root: &Path) -> Result<Self, OpenDirectoryError> {
        let files = MmapDirectory::open(root)?;
        Ok(Self { files, root: root.to_owned(), unsettled: Arc::default() })
    }

    /// Waits until everything that was written so far is on the disk.
    pub fn settle(&self) -> io::Result<()> {
        for path in std::mem::take(&mut *self.unsettled()) {
            match File::open(self.root.join(path)) {
                Ok(file) => file.sync_data()?,
                // Merged into another by now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        self.files.sync_directory()
    }

    fn unsettled(&self) -> std::sync::MutexGuard<'_, BTreeSet<PathBuf>> {
        self.unsettled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is complete once its bytes are handed to the system.
struct Unhurried(File);

impl Write for Unhurried {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl TerminatingWrite for Unhurried {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.0.flush()
    }
}

impl Directory for UnhurriedDirectory {
    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = File::create_new(self.root.join(path)).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_owned()),
            _ => OpenWriteError::wrap_io_error(error, path.to_owned()),
        })?;
        self.unsettled().insert(path.to_owned());
        Ok(BufWriter::new(Box::new(Unhurried(file))))
    }

    /// One writer at a time, as the engine's lock has it.
    fn atomic_write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let path = path.to_owned();
        let (whole, begun) =
            (self.root.join(&path), self.root.join(path.with_added_extension("new")));
        fs::write(&begun, bytes)?;
        fs::rename(begun, whole)?;
        self.unsettled().insert(path);
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.files.atomic_read(path)
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.files.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}
