//! A passphrase or a password, as a person gives it.

use std::fmt;
use std::fs;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{KeystoreError, system};

/// A passphrase has at most this many bytes.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;

/// Text that opens a key or a session: composed (NFC, as RFC 8265 asks), so
/// that one phrase typed on two keyboards is one phrase. Wiped when dropped,
/// never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase in `text`.
    pub fn new(text: &str) -> Result<Self, KeystoreError> {
        let refused = |why: String| Err(KeystoreError::Passphrase(why));
        match text.len() {
            0 => refused("a passphrase cannot be empty".into()),
            1..=PASSPHRASE_BYTES_MAX => Ok(Self(Zeroizing::new(text.nfc().collect()))),
            _ => refused(format!("a passphrase has at most {PASSPHRASE_BYTES_MAX} bytes")),
        }
    }

    /// The passphrase in a file: its text without one newline at the end.
    pub fn from_file(path: &Path) -> Result<Self, KeystoreError> {
        let length = fs::metadata(path).map_err(|cause| system("read", path, cause))?.len();
        let refused = |why: &str| {
            KeystoreError::Passphrase(format!("the passphrase file {} {why}", path.display()))
        };
        if length > PASSPHRASE_BYTES_MAX as u64 + 2 {
            return Err(refused("is too long to hold one"));
        }
        let bytes = Zeroizing::new(fs::read(path).map_err(|cause| system("read", path, cause))?);
        let text = std::str::from_utf8(&bytes).map_err(|_| refused("is not UTF-8 text"))?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(refused("is empty"));
        }
        Self::new(text)
    }

    /// The text, to be sent to the node that uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a passphrase")
    }
}
