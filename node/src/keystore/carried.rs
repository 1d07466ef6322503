//! A key in a file of its own, away from any node: on a stick in a safe, or on
//! another device.
//!
//! The file is what the keystore writes for a key, under a name that a person
//! chose. It is read by commands, never by a node that runs, so that the node
//! can be taken without the key. Its permissions are the carrier's affair (a
//! stick may know none); its passphrase is what protects it.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use tern_crdt::identity::{PublicKey, SecretKey};
use zeroize::Zeroizing;

use super::record::{KEY_FILE_BYTES_MAX, KeyRecord, Secret};
use super::wrap::Unopened;
use super::{KeystoreError, Passphrase, Purpose, system};
use crate::folder::make_durable;
use crate::hex;

/// See the module.
pub struct CarriedKey {
    record: KeyRecord,
}

impl CarriedKey {
    /// The text of a key file, wrapped if there is a passphrase.
    ///
    /// # Errors
    /// No chance, or too little memory.
    pub fn seal(
        purpose: Purpose,
        owner: &str,
        key: &SecretKey,
        passphrase: Option<&Passphrase>,
    ) -> Result<Zeroizing<String>, KeystoreError> {
        let record = KeyRecord::new(purpose, owner, key.public(), &key.seed(), passphrase)?;
        Ok(record.to_text())
    }

    /// Puts a key file where none is yet: mode 0600, durable when it returns.
    ///
    /// # Errors
    /// There is a file already, or the system's refusal.
    pub fn write_new(path: &Path, text: &str) -> Result<(), KeystoreError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let write = || {
            let mut file = options.open(path)?;
            let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
            if let Err(cause) = written.and_then(|()| make_durable(path)) {
                // Half a key file is none.
                let _ = fs::remove_file(path);
                return Err(cause);
            }
            Ok(())
        };
        write().map_err(|cause| system("write", path, cause))
    }

    /// The text of a file that may be a key file, bounded.
    ///
    /// # Errors
    /// Too long, no text, or the system's refusal.
    pub fn read_text(path: &Path) -> Result<Zeroizing<String>, KeystoreError> {
        let read = || -> io::Result<Zeroizing<Vec<u8>>> {
            let mut bytes = Zeroizing::new(Vec::new());
            fs::File::open(path)?.take(KEY_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|cause| system("read", path, cause))?;
        let other = |why| KeystoreError::Damaged { path: path.to_owned(), why };
        if bytes.len() as u64 > KEY_FILE_BYTES_MAX {
            return Err(other("it is too long for a key"));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| other("it is not text"))?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// The key file at `path`.
    ///
    /// # Errors
    /// Damaged, no key file, or the system's refusal.
    pub fn read(path: &Path) -> Result<Self, KeystoreError> {
        let text = Self::read_text(path)?;
        Self::parse(&text).map_err(|why| KeystoreError::Damaged { path: path.to_owned(), why })
    }

    /// A key file's text.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() as u64 > KEY_FILE_BYTES_MAX {
            return Err("it is too long for a key");
        }
        KeyRecord::parse(text).map(|record| Self { record })
    }

    /// What the key is for.
    pub const fn purpose(&self) -> Purpose {
        self.record.purpose
    }

    /// Whose it is, as a note to people.
    pub fn owner(&self) -> &str {
        &self.record.owner
    }

    /// Its public half.
    pub const fn public(&self) -> PublicKey {
        self.record.public
    }

    /// Whether a passphrase is needed to use it.
    pub const fn is_wrapped(&self) -> bool {
        matches!(self.record.secret, Secret::Wrapped(_))
    }

    /// The key itself.
    ///
    /// # Errors
    /// Locked, another passphrase, or a secret that fits not.
    pub fn open(&self, passphrase: Option<&Passphrase>) -> Result<SecretKey, KeystoreError> {
        let (purpose, owner) = (self.record.purpose, self.record.owner.clone());
        let seed = match (&self.record.secret, passphrase) {
            (Secret::Plain(seed), _) => seed.clone(),
            (Secret::Wrapped(_), None) => return Err(KeystoreError::Locked { purpose, owner }),
            (Secret::Wrapped(wrapped), Some(phrase)) => {
                wrapped.open(phrase, &self.record.bound()).map_err(|why| match why {
                    Unopened::WrongPassphrase => KeystoreError::WrongPassphrase { purpose, owner },
                    Unopened::Resources(why) => KeystoreError::Resources(why),
                })?
            }
        };
        let key = SecretKey::from_seed(&seed);
        if key.public() == self.record.public {
            return Ok(key);
        }
        let why = "its secret does not fit its public half";
        Err(KeystoreError::Damaged { path: "the key file".into(), why })
    }
}

/// A public key as people give it: 64 hexadecimal digits, alone or as the
/// first word of a line; or the public half that a key file names.
pub fn public_key(text: &str) -> Option<PublicKey> {
    if let Ok(file) = CarriedKey::parse(text) {
        return Some(file.public());
    }
    let word = text.split_whitespace().next()?;
    hex::decode(word).map(PublicKey::new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sand() -> Passphrase {
        Passphrase::new("sand over the northern road").expect("a passphrase")
    }

    #[test]
    fn a_key_goes_into_a_file_on_a_stick_and_comes_back_with_its_passphrase_alone() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("chad.key");
        let key = SecretKey::from_seed(&[4; 32]);
        let text = CarriedKey::seal(Purpose::Root, "Chad", &key, Some(&sand())).expect("sealed");
        CarriedKey::write_new(&path, &text).expect("room");
        assert!(CarriedKey::write_new(&path, &text).is_err(), "what is there is never replaced");
        let file = CarriedKey::read(&path).expect("sound");
        assert_eq!(
            (file.purpose(), file.owner(), file.public()),
            (Purpose::Root, "Chad", key.public())
        );
        assert!(file.is_wrapped());
        assert!(matches!(file.open(None), Err(KeystoreError::Locked { .. })));
        let other = Passphrase::new("another one").expect("a passphrase");
        assert!(matches!(file.open(Some(&other)), Err(KeystoreError::WrongPassphrase { .. })));
        assert_eq!(file.open(Some(&sand())).expect("opened").public(), key.public());
        assert_eq!(public_key(&text), Some(key.public()));
        let digits = hex::encode(key.public().as_bytes());
        assert_eq!(public_key(&format!("{digits}\n")), Some(key.public()));
    }

    #[test]
    fn what_is_no_key_file_is_refused_with_what_is_wrong() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("letter.txt");
        fs::write(&path, "a letter".repeat(1000)).expect("room");
        let refused = CarriedKey::read(&path).err().expect("refused").to_string();
        assert!(refused.contains("letter.txt") && refused.contains("too long"), "{refused}");
        assert!(CarriedKey::read(&dir.path().join("absent")).is_err());
        assert_eq!(public_key("a letter"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read(text in "\\PC{0,300}") {
            let _ = CarriedKey::parse(&text);
            let _ = public_key(&text);
        }

        #[test]
        fn a_key_file_with_a_changed_letter_is_refused(at in any::<prop::sample::Index>(), to in "[ -~]") {
            let key = SecretKey::from_seed(&[4; 32]);
            let text = CarriedKey::seal(Purpose::Root, "Chad", &key, None).expect("sealed");
            let at = at.index(text.len());
            let changed = format!("{}{to}{}", &text[..at], &text[at + 1..]);
            prop_assume!(changed != *text);
            prop_assert!(CarriedKey::parse(&changed).is_err());
        }
    }
}
