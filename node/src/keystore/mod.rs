//! The keystore: secret keys and password verifiers on disk.
//!
//! `{data}/keys/` (0700) holds one file (0600) per key, named after its purpose
//! and its public half, and `accounts` with the password verifiers. A key that
//! nobody acts with any more is set aside under another name. A secret is
//! kept wrapped under a passphrase, or plain where none was given; the file
//! says which. Whoever can read a plain file is the key's owner as far as the
//! federation can tell.
//!
//! Invariants: nothing here is ever written to the store, to a journal or to a
//! log; a file is replaced whole or not at all; one changed bit anywhere in a
//! file is noticed; secrets are wiped from memory once used. Unwrapping takes
//! tens of milliseconds by intent: call it off the async threads.

mod aside;
mod away;
mod carried;
pub(crate) mod checked;
mod file_key;
mod passphrase;
mod record;
mod verifiers;
mod wrap;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tern_crdt::identity::{PublicKey, SecretKey};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::folder::{make_private_folder, write_private};
use crate::ops::{ErrorCode, OpError};
pub use carried::{CarriedKey, public_key};
pub use file_key::{FileKey, FileKeyRefused, PartKey};
pub use passphrase::{PASSPHRASE_BYTES_MAX, Passphrase};
pub use record::Purpose;
use record::{KEY_FILE_BYTES_MAX, KeyRecord, Secret};
pub use verifiers::{AccountName, Verifiers};
use wrap::Unopened;

/// The text naming a key's owner has at most this many bytes.
pub const OWNER_BYTES_MAX: usize = 200;

/// All keys of one node.
#[derive(Clone, Debug)]
pub struct Keystore {
    folder: PathBuf,
}

/// One key as its file describes it, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is, as a note to people.
    pub owner: String,
    /// Its public half: Ed25519, or X25519 where the purpose is to decrypt.
    pub public: PublicKey,
    /// Whether a passphrase is needed to use it.
    pub wrapped: bool,
}

/// The keys that can be read, and the files that cannot.
#[derive(Debug, Default)]
pub struct Listing {
    /// Sorted by purpose, then by public key.
    pub entries: Vec<Entry>,
    /// One for each damaged file: the others are usable all the same.
    pub damaged: Vec<KeystoreError>,
}

/// Why the keystore did not do what was asked.
#[derive(Debug, Error)]
pub enum KeystoreError {
    /// A passphrase that fits not.
    #[error("the passphrase does not open the {purpose} key of {owner}")]
    WrongPassphrase {
        /// What the key is for.
        purpose: Purpose,
        /// Whose it is.
        owner: String,
    },
    /// No passphrase, and one is needed.
    #[error(
        "the {purpose} key of {owner} is wrapped: give its passphrase with --passphrase-file, TERN_PASSPHRASE_FILE or at the prompt"
    )]
    Locked {
        /// What the key is for.
        purpose: Purpose,
        /// Whose it is.
        owner: String,
    },
    /// A file that is not as it was written.
    #[error("{} is damaged ({why}); put back a copy from a backup", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// In what way.
        why: &'static str,
    },
    /// No such key.
    #[error("there is no {purpose} key {public:?} in the keystore")]
    Absent {
        /// What it would be for.
        purpose: Purpose,
        /// Its public half.
        public: PublicKey,
    },
    /// A key that is there already.
    #[error("the keystore has a {purpose} key {public:?} already")]
    Exists {
        /// What it is for.
        purpose: Purpose,
        /// Its public half.
        public: PublicKey,
    },
    /// An owner that no line can hold.
    #[error(
        "the owner of a key is 1 to {OWNER_BYTES_MAX} bytes of text without control characters"
    )]
    Owner,
    /// An account name that no line can hold.
    #[error(
        "`{0}` cannot be an account name: 3 to 32 of a-z, 0-9, dot, dash and underscore are allowed"
    )]
    AccountName(String),
    /// A passphrase or a password that is empty or too long.
    #[error("{0}")]
    Passphrase(String),
    /// The system refuses.
    #[error("cannot {what} {}: {cause}", .path.display())]
    System {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The system gives no chance, or too little memory to derive a key.
    #[error("cannot wrap or open a key: {0}")]
    Resources(String),
}

impl Keystore {
    /// The keystore in `folder`, made (0700) where it is absent. A folder that
    /// others may enter is closed to them, with a warning.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, KeystoreError> {
        let folder = folder.into();
        make_private_folder(&folder).map_err(|cause| system("make", &folder, cause))?;
        close_to_others(&folder, 0o700)?;
        Ok(Self { folder })
    }

    /// Draws a new signing key and keeps it.
    pub fn create(
        &self,
        purpose: Purpose,
        owner: &str,
        passphrase: Option<&Passphrase>,
    ) -> Result<SecretKey, KeystoreError> {
        let mut seed = Zeroizing::new([0; 32]);
        draw(&mut *seed)?;
        let key = SecretKey::from_seed(&seed);
        self.keep(purpose, owner, key.public(), &seed, passphrase)?;
        Ok(key)
    }

    /// Keeps a secret that was made elsewhere. Durable when it returns.
    pub fn keep(
        &self,
        purpose: Purpose,
        owner: &str,
        public: PublicKey,
        seed: &[u8; 32],
        passphrase: Option<&Passphrase>,
    ) -> Result<(), KeystoreError> {
        let path = self.path(purpose, public);
        if path.exists() {
            return Err(KeystoreError::Exists { purpose, public });
        }
        let legal = (1..=OWNER_BYTES_MAX).contains(&owner.len())
            && owner.trim() == owner
            && !owner.chars().any(char::is_control);
        if !legal {
            return Err(KeystoreError::Owner);
        }
        self.write(purpose, owner, public, seed, passphrase)
    }

    /// Every key in use, without its secret.
    pub fn list(&self) -> Result<Listing, KeystoreError> {
        self.list_as("key")
    }

    /// The signing key with this public half.
    pub fn unlock(
        &self,
        purpose: Purpose,
        public: PublicKey,
        passphrase: Option<&Passphrase>,
    ) -> Result<SecretKey, KeystoreError> {
        let seed = self.unlock_seed(purpose, public, passphrase)?;
        let key = SecretKey::from_seed(&seed);
        if key.public() != public {
            let why = "its secret does not fit its public half";
            return Err(KeystoreError::Damaged { path: self.path(purpose, public), why });
        }
        Ok(key)
    }

    /// The 32 secret bytes with this public half, of any purpose.
    pub fn unlock_seed(
        &self,
        purpose: Purpose,
        public: PublicKey,
        passphrase: Option<&Passphrase>,
    ) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
        let record = self.find(purpose, public)?;
        let owner = record.owner.clone();
        match (&record.secret, passphrase) {
            (Secret::Plain(seed), _) => Ok(seed.clone()),
            (Secret::Wrapped(_), None) => Err(KeystoreError::Locked { purpose, owner }),
            (Secret::Wrapped(wrapped), Some(passphrase)) => {
                wrapped.open(passphrase, &record.bound()).map_err(|why| match why {
                    Unopened::WrongPassphrase => KeystoreError::WrongPassphrase { purpose, owner },
                    Unopened::Resources(why) => KeystoreError::Resources(why),
                })
            }
        }
    }

    /// Wraps a key under another passphrase, or under none.
    pub fn rewrap(
        &self,
        purpose: Purpose,
        public: PublicKey,
        old: Option<&Passphrase>,
        new: Option<&Passphrase>,
    ) -> Result<(), KeystoreError> {
        let seed = self.unlock_seed(purpose, public, old)?;
        let owner = self.read(&self.path(purpose, public))?.owner;
        self.write(purpose, &owner, public, &seed, new)
    }

    fn write(
        &self,
        purpose: Purpose,
        owner: &str,
        public: PublicKey,
        seed: &[u8; 32],
        passphrase: Option<&Passphrase>,
    ) -> Result<(), KeystoreError> {
        let path = self.path(purpose, public);
        let text = KeyRecord::new(purpose, owner, public, seed, passphrase)?.to_text();
        write_private(&path, text.as_bytes()).map_err(|cause| system("write", &path, cause))
    }

    fn read(&self, path: &Path) -> Result<KeyRecord, KeystoreError> {
        let text = read_text(path, KEY_FILE_BYTES_MAX)?;
        let damaged = |why| KeystoreError::Damaged { path: path.to_owned(), why };
        let record = KeyRecord::parse(&text).map_err(damaged)?;
        let (purpose, public) = (record.purpose, record.public);
        if self.path(purpose, public) != path && self.aside(purpose, public) != path {
            return Err(damaged("it holds another key than its name says"));
        }
        Ok(record)
    }

    fn path(&self, purpose: Purpose, public: PublicKey) -> PathBuf {
        self.folder.join(format!("{purpose}-{}.key", crate::hex::encode(public.as_bytes())))
    }
}

/// A bounded file of ours, which is closed to others first.
fn read_text(path: &Path, bytes_max: u64) -> Result<Zeroizing<String>, KeystoreError> {
    close_to_others(path, 0o600)?;
    let length = fs::metadata(path).map_err(|cause| system("read", path, cause))?.len();
    let damaged = |why| KeystoreError::Damaged { path: path.to_owned(), why };
    if length > bytes_max {
        return Err(damaged("it is too long"));
    }
    let bytes = fs::read(path).map_err(|cause| system("read", path, cause))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(_) => Err(damaged("it is not text")),
    }
}

/// Takes from others what permissions they have, and says so: what was open
/// may have been read.
#[cfg(unix)]
fn close_to_others(path: &Path, mode: u32) -> Result<(), KeystoreError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).map_err(|cause| system("read", path, cause))?;
    let found = metadata.permissions().mode() & 0o777;
    if found & !mode == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|cause| system("close to others", path, cause))?;
    tracing::warn!(
        path = %path.display(),
        "was open to others (mode {found:03o}, now {mode:03o}): if somebody may have read it, replace the keys"
    );
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_: &Path, _: u32) -> Result<(), KeystoreError> {
    Ok(())
}

fn draw(bytes: &mut [u8]) -> Result<(), KeystoreError> {
    getrandom::fill(bytes).map_err(|cause| KeystoreError::Resources(cause.to_string()))
}

fn system(what: &'static str, path: &Path, cause: io::Error) -> KeystoreError {
    KeystoreError::System { what, path: path.to_owned(), cause }
}

impl From<KeystoreError> for OpError {
    fn from(error: KeystoreError) -> Self {
        let code = match &error {
            KeystoreError::WrongPassphrase { .. } => ErrorCode::WrongPassphrase,
            KeystoreError::Locked { .. } => ErrorCode::Locked,
            KeystoreError::Damaged { .. } => ErrorCode::Damaged,
            KeystoreError::Absent { .. } => ErrorCode::NotFound,
            KeystoreError::Exists { .. } => ErrorCode::Conflict,
            KeystoreError::Owner | KeystoreError::AccountName(_) | KeystoreError::Passphrase(_) => {
                ErrorCode::Invalid
            }
            KeystoreError::System { .. } | KeystoreError::Resources(_) => ErrorCode::Failed,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests;
