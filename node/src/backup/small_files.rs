//! The small files of a data folder: read for a backup, put back from one.

use std::fs;
use std::io;
use std::path::Path;

use super::layout::{FILES_MAX, KEYS, SMALL_FILE_BYTES_MAX, SmallFile, TOP, is_name};
use super::refused;
use crate::folder::{DataFolder, make_private_folder, write_private};
use crate::ops::{ErrorCode, OpError};

/// All that there are: those at the top, then the keys in the order of their
/// names.
///
/// # Errors
/// One is too large to be what it should be, or the system's refusal.
pub fn collect(folder: &DataFolder) -> Result<Vec<SmallFile>, OpError> {
    let mut names: Vec<String> = TOP.map(str::to_owned).to_vec();
    let keys = folder.keys();
    let entries = fs::read_dir(&keys).map_err(|cause| refused("read", &keys, &cause))?;
    let mut inner: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .map(|name| format!("{KEYS}{name}"))
        // What a crash left half written.
        .filter(|name| is_name(name) && !name.ends_with(".new"))
        .collect();
    inner.sort_unstable();
    names.append(&mut inner);
    if names.len() > FILES_MAX {
        let what = format!("{} has more than {FILES_MAX} files", keys.display());
        return Err(OpError::new(ErrorCode::TooLarge, what).over(FILES_MAX as u64));
    }
    let read = names.into_iter().map(|name| read(folder.root(), name));
    read.filter_map(Result::transpose).collect()
}

fn read(root: &Path, name: String) -> Result<Option<SmallFile>, OpError> {
    let path = root.join(&name);
    let bytes = fs::metadata(&path).and_then(|facts| {
        if facts.len() > SMALL_FILE_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::read(&path)
    });
    match bytes {
        Ok(bytes) => Ok(Some(SmallFile { name, bytes: bytes.into() })),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(refused("read", &path, &cause)),
    }
}

/// Puts a file in its place, durably, for its owner alone.
///
/// # Errors
/// A name that no backup gives, or the system's refusal.
pub fn put(root: &Path, file: &SmallFile) -> Result<(), OpError> {
    if !is_name(&file.name) {
        let what = format!("the backup names a file `{}` that belongs to no node", file.name);
        return Err(OpError::new(ErrorCode::Damaged, what));
    }
    let path = root.join(&file.name);
    let folder = if file.name.starts_with(KEYS) { root.join(KEYS) } else { root.to_owned() };
    make_private_folder(&folder)
        .and_then(|()| write_private(&path, &file.bytes))
        .map_err(|cause| refused("write", &path, &cause))
}
