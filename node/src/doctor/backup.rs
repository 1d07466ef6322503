//! What `tern backup` notes down of the last backup: `{data}/backup.json`.

use std::fs;
use std::io;

use serde::Deserialize;
use tern_crdt::timestamp::Timestamp;

use crate::folder::DataFolder;

/// The note is at most this long.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// The last backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backup {
    /// When it was made, by this machine's clock.
    pub at: Timestamp,
    /// How long its file is, where that was noted.
    pub bytes: Option<u64>,
}

#[derive(Deserialize)]
struct Note {
    /// Seconds since 1970.
    at: i64,
    #[serde(default)]
    bytes: Option<u64>,
}

impl Backup {
    /// The last backup of a folder; `None` if there was none.
    ///
    /// # Errors
    /// The note is there and cannot be read: why.
    pub fn read(folder: &DataFolder) -> Result<Option<Self>, String> {
        let path = folder.backup_file();
        let length = match fs::metadata(&path) {
            Ok(facts) => facts.len(),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(cause.to_string()),
        };
        if length > NOTE_BYTES_MAX {
            return Err(format!("it has {length} bytes"));
        }
        let text = fs::read(&path).map_err(|cause| cause.to_string())?;
        let note: Note = serde_json::from_slice(&text).map_err(|why| why.to_string())?;
        let at = Timestamp(note.at.saturating_mul(1_000));
        Ok(Some(Self { at, bytes: note.bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_of_a_backup_is_read_and_one_that_is_no_note_is_told() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path());
        assert_eq!(Backup::read(&folder), Ok(None));
        let write = |text: &str| fs::write(dir.path().join("backup.json"), text).expect("room");
        write(r#"{"at": 1795426200, "file": "/mnt/stick/niger.backup", "bytes": 4096}"#);
        let backup = Backup { at: Timestamp(1_795_426_200_000), bytes: Some(4096) };
        assert_eq!(Backup::read(&folder), Ok(Some(backup)));
        write("never");
        assert!(Backup::read(&folder).is_err());
    }
}
