//! What is done with a whole folder of a real disk.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const READ_BYTES: usize = 256 * 1024;

/// Makes a folder whose name survives a power cut.
pub fn create(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync(parent),
    }
}

/// Makes the names in a folder durable. Windows has no such call and writes
/// them through.
pub fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(windows) { Ok(()) } else { File::open(folder)?.sync_all() }
}

/// Makes everything below a folder durable, and its names.
pub fn sync_below(folder: &Path) -> io::Result<()> {
    for path in below(folder)? {
        if path.is_dir() {
            sync(&path)?;
        } else {
            // Some systems sync only what could be written.
            File::options().read(true).write(true).open(&path)?.sync_all()?;
        }
    }
    sync(folder)
}

/// Removes a folder with all that is in it, if there is one.
pub fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What the files below a folder take up, in bytes.
pub fn bytes(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for path in below(folder)? {
        match fs::symlink_metadata(path) {
            Ok(facts) if facts.is_dir() => {}
            Ok(facts) => bytes += facts.len(),
            // Removed while being counted.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

/// BLAKE3 over the names and contents of all files below a folder.
pub fn digest(folder: &Path) -> io::Result<[u8; 32]> {
    let mut all = blake3::Hasher::new();
    for path in below(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).as_os_str().as_encoded_bytes();
        all.update(blake3::hash(name).as_bytes());
        if path.is_file() {
            all.update(file_digest(&path)?.as_bytes());
        }
    }
    Ok(*all.finalize().as_bytes())
}

fn file_digest(path: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize()),
            length => hasher.update(&buffer[..length]),
        };
    }
}

/// Every file and folder below one, parents first, in the order of their names.
fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = entries?.iter().map(fs::DirEntry::path).collect();
    paths.sort_unstable();
    let mut found = vec![];
    for path in paths {
        let inner = if path.is_dir() && !path.is_symlink() { below(&path)? } else { vec![] };
        found.push(path);
        found.extend(inner);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_notices_contents_names_and_what_is_missing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let inner = folder.path().join("a/b");
        create(&inner).expect("a new folder");
        fs::write(inner.join("chad"), b"desk").expect("room");
        sync_below(folder.path()).expect("a sound folder");
        assert_eq!(bytes(folder.path()).ok(), Some(4));
        let before = digest(folder.path()).expect("a sound folder");
        fs::write(inner.join("chad"), b"disk").expect("room");
        assert_ne!(digest(folder.path()).ok(), Some(before));
        fs::write(inner.join("chad"), b"desk").expect("room");
        assert_eq!(digest(folder.path()).ok(), Some(before));
        fs::rename(inner.join("chad"), inner.join("niger")).expect("renamed");
        assert_ne!(digest(folder.path()).ok(), Some(before));
        remove(folder.path()).expect("removed");
        remove(folder.path()).expect("nothing to remove");
    }
}
