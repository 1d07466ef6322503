//! A real folder, locked for as long as it is open.
//!
//! The lock is the operating system's, on the file `lock`, and is freed by the
//! end of the process however it ends. The process id in that file is for the
//! error message only.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tern_protocol::store::StoreError;

use super::files::{Files, LogFile, refused};
use super::folder;
use crate::metrics::{Timed, Timings};

const LOCK: &str = "lock";
/// A lock that this process has freed may live on in a child of it that has not
/// begun its own program yet: it is tried again so often, with such a pause.
const PATIENCE: u32 = 100;
const PAUSE: Duration = Duration::from_millis(5);

/// A folder that belongs to this process until dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    _lock: File,
    syncs: Arc<Timings>,
}

impl Disk {
    /// Makes the folder if need be and locks it.
    /// [`StoreError::InUse`] names the process that holds it, where known.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |what, error| refused(what, &path.display().to_string(), &error);
        folder::create(path).map_err(|error| failed("make the folder", error))?;
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join(LOCK))
            .map_err(|error| failed("lock", error))?;
        let mut patience = PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(failed("lock", error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let holder = holder(&lock);
            if holder != Some(std::process::id()) || patience == 0 {
                let holder = holder.map_or_else(String::new, |process| format!(" ({process})"));
                return Err(StoreError::InUse(holder));
            }
            patience -= 1;
            std::thread::sleep(PAUSE);
        }
        // Only the error message of another process reads it.
        let told = lock.set_len(0).and_then(|()| (&lock).rewind());
        let _ = told.and_then(|()| writeln!(&lock, "{}", std::process::id()));
        Ok(Self { folder: path.to_owned(), _lock: lock, syncs: Arc::default() })
    }
}

impl Disk {
    fn file(&self, file: File) -> DiskFile {
        DiskFile { file, syncs: Arc::clone(&self.syncs) }
    }
}

fn holder(mut lock: &File) -> Option<u32> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

impl Files for Disk {
    type File = DiskFile;

    fn list(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.folder)?.map(|entry| entry.map(|entry| entry.file_name()));
        // A name that is not UTF-8 is none of ours.
        names.filter_map(|name| name.map(|name| name.into_string().ok()).transpose()).collect()
    }

    fn create(&mut self, name: &str) -> io::Result<DiskFile> {
        // The file is new even where the name is not: an open handle on the
        // old one must not see it change.
        match fs::remove_file(self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        options.open(self.folder.join(name)).map(|file| self.file(file))
    }

    fn open(&mut self, name: &str) -> io::Result<DiskFile> {
        let opened = OpenOptions::new().read(true).write(true).open(self.folder.join(name));
        opened.map(|file| self.file(file))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.folder.join(from), self.folder.join(to))
    }

    fn unlink(&mut self, name: &str) -> io::Result<()> {
        fs::remove_file(self.folder.join(name))
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        folder::sync(&self.folder)
    }

    fn used(&self) -> io::Result<u64> {
        folder::bytes(&self.folder)
    }

    fn syncs(&self) -> Timed {
        self.syncs.read()
    }
}

/// A file opened for reading and for writing at its end.
#[derive(Debug)]
pub struct DiskFile {
    file: File,
    syncs: Arc<Timings>,
}

impl DiskFile {
    /// A file opened for reading alone.
    pub fn reading(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { file, syncs: Arc::default() })
    }
}

impl LogFile for DiskFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(io::SeekFrom::End(0))?;
        self.file.write_all(bytes)
    }

    #[cfg(unix)]
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, into, at)
    }

    #[cfg(not(unix))]
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        // One thread owns a store, and appending moves the cursor first.
        (&self.file).seek(io::SeekFrom::Start(at))?;
        (&self.file).read(into)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.syncs.time(|| self.file.sync_data())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_never_opened_twice() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = Disk::open(folder.path()).expect("a free folder");
        let process = format!(" ({})", std::process::id());
        match Disk::open(folder.path()) {
            Err(StoreError::InUse(holder)) => assert_eq!(holder, process),
            other => panic!("a folder in use gave {other:?}"),
        }
        drop(first);
        Disk::open(folder.path()).expect("a folder given back");
    }

    #[test]
    fn a_file_made_anew_leaves_the_open_one_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut disk = Disk::open(folder.path()).expect("a free folder");
        let mut old = disk.create("niger").expect("a new file");
        old.append(b"old").expect("room");
        disk.create("niger").expect("a newer file").append(b"new one").expect("room");
        assert_eq!(old.length().ok(), Some(3));
        assert_eq!(disk.open("niger").and_then(|file| file.length()).ok(), Some(7));
    }
}
