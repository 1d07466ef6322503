//! A stick: a folder in whose `tern` each writer has one file.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tern_crdt::identity::NodeId;
use tern_protocol::limits::BUNDLE_FILES_MAX;

use super::refused;
use crate::ops::{ErrorCode, OpError};

/// The folder in which bundles are.
const FOLDER: &str = "tern";
/// Behind the name of the writer's node.
const ENDING: &str = "bundle";

/// The place of a node's bundle on a stick, for all or for one reader. Makes the
/// folder if need be.
///
/// # Errors
/// The folder is none, or cannot be made.
pub fn place(stick: &Path, node: &NodeId, reader: Option<&NodeId>) -> Result<PathBuf, OpError> {
    let folder = stick.join(FOLDER);
    match fs::symlink_metadata(&folder) {
        Ok(facts) if facts.is_dir() => {}
        Ok(_) => return Err(no_folder(&folder)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let made = fs::create_dir(&folder).and_then(|()| crate::folder::make_durable(&folder));
            made.map_err(|cause| refused("make", &folder, &cause))?;
        }
        Err(cause) => return Err(refused("read", &folder, &cause)),
    }
    Ok(folder.join(match reader {
        Some(reader) => format!("{node}.{reader}.{ENDING}"),
        None => format!("{node}.{ENDING}"),
    }))
}

/// The place of the bundle for all that another node may have written to a stick.
pub fn of(stick: &Path, node: &NodeId) -> PathBuf {
    stick.join(FOLDER).join(format!("{node}.{ENDING}"))
}

/// The bundles on a stick by name, at most [`BUNDLE_FILES_MAX`], and how many
/// more there are.
///
/// # Errors
/// It holds none, or cannot be read.
pub fn bundles(stick: &Path) -> Result<(Vec<PathBuf>, usize), OpError> {
    let folder = stick.join(FOLDER);
    match fs::symlink_metadata(&folder) {
        Ok(facts) if facts.is_dir() => {}
        Ok(_) => return Err(no_folder(&folder)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let what = format!(
                "no bundle is in {}: `tern bundle write` makes one there, in a folder `{FOLDER}`",
                stick.display()
            );
            return Err(OpError::new(ErrorCode::NotFound, what));
        }
        Err(cause) => return Err(refused("read", &folder, &cause)),
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|cause| refused("read", &folder, &cause))? {
        let entry = entry.map_err(|cause| refused("read", &folder, &cause))?;
        // Of the entry itself: what it may point to is not looked at.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_named_after_nodes(&entry.path()) {
            found.push(entry.path());
        }
    }
    // Those for all first: they are not crowded out by those for others.
    found.sort_by_cached_key(|path| (path.file_stem().is_some_and(is_for_one), path.clone()));
    let more = found.len().saturating_sub(BUNDLE_FILES_MAX);
    found.truncate(BUNDLE_FILES_MAX);
    Ok((found, more))
}

fn is_for_one(stem: &OsStr) -> bool {
    stem.to_str().is_some_and(|stem| stem.contains('.'))
}

fn is_named_after_nodes(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let nodes = name.and_then(|name| name.strip_suffix(ENDING)?.strip_suffix('.'));
    let are_nodes = |nodes: &str| {
        let mut nodes = nodes.splitn(3, '.');
        nodes.by_ref().take(2).all(|node| node.parse::<NodeId>().is_ok()) && nodes.next().is_none()
    };
    nodes.is_some_and(are_nodes)
}

fn no_folder(path: &Path) -> OpError {
    let what = format!("{} is no folder: it is left as it is", path.display());
    OpError::new(ErrorCode::Invalid, what)
}
