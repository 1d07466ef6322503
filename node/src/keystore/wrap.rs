//! A secret under a passphrase: Argon2id (RFC 9106) makes a key of the
//! passphrase, XChaCha20-Poly1305 encrypts the secret under it and binds it to
//! what the caller names.
//!
//! The costs stand beside each secret, so that they can rise without making
//! old files unreadable; what is read is bounded, so that a forged file cannot
//! take all memory.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::{KeystoreError, Passphrase, draw};
use crate::hex;

/// What Argon2id costs, and with which salt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Kdf {
    /// Memory in KiB.
    memory: u32,
    /// Passes over it.
    passes: u32,
    /// Lanes.
    lanes: u32,
    salt: [u8; 16],
}

/// Bounds of what is read: {memory in KiB, passes, lanes}.
const MEMORY_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;

impl Kdf {
    /// The costs in use (19 MiB, 2 passes, 1 lane: RFC 9106 and OWASP's
    /// floor) with a salt of chance.
    pub(super) fn draw() -> Result<Self, KeystoreError> {
        let mut salt = [0; 16];
        draw(&mut salt)?;
        Ok(Self::with_salt(salt))
    }

    pub(super) const fn with_salt(salt: [u8; 16]) -> Self {
        Self { memory: 19 * 1024, passes: 2, lanes: 1, salt }
    }

    /// 32 bytes from a passphrase; fails only for want of memory.
    pub(super) fn derive(&self, passphrase: &Passphrase) -> Result<Zeroizing<[u8; 32]>, String> {
        let params = Params::new(self.memory, self.passes, self.lanes, Some(32))
            .map_err(|why| why.to_string())?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, &mut *key)
            .map_err(|why| why.to_string())?;
        Ok(key)
    }

    /// Reads what [`fmt::Display`] writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        if words.next() != Some("argon2id") {
            return None;
        }
        let mut value = |name: &str| words.next()?.strip_prefix(name);
        let kdf = Self {
            memory: number(value("m=")?, MEMORY_MAX)?,
            passes: number(value("t=")?, PASSES_MAX)?,
            lanes: number(value("p=")?, LANES_MAX)?,
            salt: hex::decode(value("salt=")?)?,
        };
        (words.next().is_none() && kdf.memory >= 8 * kdf.lanes).then_some(kdf)
    }
}

/// A positive number up to `max`, in its one decimal writing.
fn number(text: &str, max: u32) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    ((1..=max).contains(&number) && number.to_string() == text).then_some(number)
}

impl fmt::Display for Kdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, passes, lanes, salt } = self;
        write!(f, "argon2id m={memory} t={passes} p={lanes} salt={}", hex::encode(salt))
    }
}

/// A secret of 32 bytes, encrypted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wrapped {
    pub(super) kdf: Kdf,
    pub(super) nonce: [u8; 24],
    /// The secret and its 16-byte tag.
    pub(super) sealed: [u8; 48],
}

/// Why a wrapped secret did not open.
pub(super) enum Unopened {
    WrongPassphrase,
    Resources(String),
}

impl Wrapped {
    /// Encrypts `secret`, bound to `bound`.
    pub(super) fn seal(
        secret: &[u8; 32],
        bound: &[u8],
        passphrase: &Passphrase,
    ) -> Result<Self, KeystoreError> {
        let kdf = Kdf::draw()?;
        let mut nonce = [0; 24];
        draw(&mut nonce)?;
        let key = kdf.derive(passphrase).map_err(KeystoreError::Resources)?;
        let payload = Payload { msg: secret, aad: bound };
        let sealed = cipher(&key)
            .encrypt(&XNonce::from(nonce), payload)
            .ok()
            .and_then(|sealed| sealed.try_into().ok())
            .ok_or_else(|| KeystoreError::Resources("the cipher refused 32 bytes".into()))?;
        Ok(Self { kdf, nonce, sealed })
    }

    /// Decrypts, if passphrase and `bound` fit.
    pub(super) fn open(
        &self,
        passphrase: &Passphrase,
        bound: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, Unopened> {
        let key = self.kdf.derive(passphrase).map_err(Unopened::Resources)?;
        let payload = Payload { msg: &self.sealed, aad: bound };
        let opened = cipher(&key)
            .decrypt(&XNonce::from(self.nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| Unopened::WrongPassphrase)?;
        let mut secret = Zeroizing::new([0; 32]);
        secret.copy_from_slice(&opened);
        Ok(secret)
    }
}

pub(super) fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}
