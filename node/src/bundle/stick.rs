//! A stick: a folder in whose `tern` each writer has one file.

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

/// The place of a node's bundle on a stick. Makes the folder if need be.
///
/// # Errors
/// The folder is none, or cannot be made.
pub fn place(stick: &Path, node: &NodeId) -> Result<PathBuf, OpError> {
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
    Ok(folder.join(format!("{node}.{ENDING}")))
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
        if is_file && is_named_after_a_node(&entry.path()) {
            found.push(entry.path());
        }
    }
    found.sort();
    let more = found.len().saturating_sub(BUNDLE_FILES_MAX);
    found.truncate(BUNDLE_FILES_MAX);
    Ok((found, more))
}

fn is_named_after_a_node(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let node = name.and_then(|name| name.strip_suffix(ENDING)?.strip_suffix('.'));
    node.is_some_and(|node| node.parse::<NodeId>().is_ok())
}

fn no_folder(path: &Path) -> OpError {
    let what = format!("{} is no folder: it is left as it is", path.display());
    OpError::new(ErrorCode::Invalid, what)
}
