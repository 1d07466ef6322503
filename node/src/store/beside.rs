//! The journal of a store, read beside the process that has the store open.
//!
//! A journal only grows, a frame at a time, and a generation that is replaced
//! stays readable through an open file. So whatever was confirmed before the
//! file is opened here is read whole, without asking the node or holding it
//! up. Nothing is written, and no lock is taken.

use std::fs;
use std::io;
use std::path::Path;

use tern_protocol::store::StoreError;

use super::disk::DiskFile;
use super::files::refused;
use super::journal::{Journal, file_name, generation_of};

/// How often a generation may be replaced between looking and opening.
const LOOKS: usize = 8;

/// The generation in force of the store in `folder`.
///
/// # Errors
/// There is none, or the system's refusal.
pub fn journal(folder: &Path) -> Result<Journal<DiskFile>, StoreError> {
    let shown = folder.display().to_string();
    for _ in 0..LOOKS {
        let names = fs::read_dir(folder).map_err(|error| refused("read", &shown, &error))?;
        let names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let Some(newest) = names.filter_map(|name| generation_of(&name)).max() else { break };
        match DiskFile::reading(&folder.join(file_name(newest))) {
            Ok(file) => return Journal::over(file, newest),
            // Replaced meanwhile: the next one has its name already.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(refused("open", &file_name(newest), &error)),
        }
    }
    Err(StoreError::Damaged(format!("there is no journal in {shown}")))
}
