//! Where a key is that was moved off this node.
//!
//! Beside the keys stands, for each that was moved, `….key.away`: not a key,
//! but a line that tells people where they put it. What it says is a note; the
//! file it names may have moved on.

use std::fs;
use std::io;
use std::path::PathBuf;

use tern_crdt::identity::PublicKey;

use super::{Keystore, KeystoreError, Purpose, checked, read_text, system};
use crate::folder::{make_durable, write_private};

/// A place is at most this long, in bytes.
const PLACE_BYTES_MAX: usize = 1024;
/// A note is at most this long.
const NOTE_BYTES_MAX: u64 = 2048;
const FIRST_LINE: &str = "tern key away 1";

impl Keystore {
    /// Notes where a key was moved to. Durable when it returns.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn note_away(
        &self,
        purpose: Purpose,
        public: PublicKey,
        place: &str,
    ) -> Result<(), KeystoreError> {
        let calm: String = place.chars().filter(|letter| !letter.is_control()).collect();
        let end = calm.floor_char_boundary(PLACE_BYTES_MAX);
        let text = checked::seal(&format!("{FIRST_LINE}\nplace {}\n", &calm[..end]));
        let path = self.away_file(purpose, public);
        write_private(&path, text.as_bytes()).map_err(|cause| system("write", &path, cause))
    }

    /// Where a key was moved to, if it was.
    ///
    /// # Errors
    /// The note is damaged, or the system's refusal.
    pub fn away(
        &self,
        purpose: Purpose,
        public: PublicKey,
    ) -> Result<Option<String>, KeystoreError> {
        let path = self.away_file(purpose, public);
        if !path.exists() {
            return Ok(None);
        }
        let text = read_text(&path, NOTE_BYTES_MAX)?;
        let damaged = |why| KeystoreError::Damaged { path: path.clone(), why };
        let lines = checked::open(&text, FIRST_LINE).map_err(damaged)?;
        let [place] = lines[..] else { return Err(damaged("it has too few or too many lines")) };
        let place = place.strip_prefix("place ").ok_or("its line is no place").map_err(damaged)?;
        Ok(Some(place.to_owned()))
    }

    /// Takes the note away: the key is back, or has ended.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn forget_away(&self, purpose: Purpose, public: PublicKey) -> Result<(), KeystoreError> {
        let path = self.away_file(purpose, public);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed
                .and_then(|()| make_durable(&path))
                .map_err(|cause| system("remove", &path, cause)),
        }
    }

    fn away_file(&self, purpose: Purpose, public: PublicKey) -> PathBuf {
        self.path(purpose, public).with_added_extension("away")
    }
}

#[cfg(test)]
mod tests {
    use tern_crdt::identity::SecretKey;

    use super::*;

    #[test]
    fn where_chad_put_its_root_key_is_remembered_until_it_is_back() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let keystore = Keystore::open(dir.path().join("keys")).expect("made");
        let root = SecretKey::from_seed(&[1; 32]).public();
        assert_eq!(keystore.away(Purpose::Root, root).expect("readable"), None);
        keystore.note_away(Purpose::Root, root, "/media/stick\n/chad.key").expect("room");
        let place = keystore.away(Purpose::Root, root).expect("readable");
        assert_eq!(place.as_deref(), Some("/media/stick/chad.key"));
        assert!(keystore.list().expect("readable").entries.is_empty(), "a note is no key");
        keystore.note_away(Purpose::Root, root, &"é".repeat(2000)).expect("cut, not refused");
        assert!(keystore.away(Purpose::Root, root).expect("readable").is_some());
        keystore.forget_away(Purpose::Root, root).expect("gone");
        keystore.forget_away(Purpose::Root, root).expect("gone already");
        assert_eq!(keystore.away(Purpose::Root, root).expect("readable"), None);
    }
}
