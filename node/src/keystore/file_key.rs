//! A key of chance that encrypts one file, wrapped under a passphrase.
//!
//! The file is written in parts, at different times. Each part is encrypted
//! under a key of its own, made of the file's key and a salt of chance
//! (BLAKE3 in its mode for deriving keys), so that no two parts ever share a
//! nonce, also when one was cut short and another took its place; within a
//! part the number and the kind of a piece are its nonce (XChaCha20-Poly1305),
//! so that no piece passes for another.

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::Aead;
use zeroize::Zeroizing;

use super::wrap::{Kdf, Unopened, Wrapped, cipher};
use super::{KeystoreError, Passphrase, draw};
use crate::hex;

/// What a file's key is bound to when it is wrapped.
const BOUND: &[u8] = b"tern file key 1";
const PART: &str = "tern 2026 key of one part of an encrypted file";

/// See the module.
pub struct FileKey(Zeroizing<[u8; 32]>);

/// The key of one part.
pub struct PartKey(Zeroizing<[u8; 32]>);

/// Why a wrapped key was not opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileKeyRefused {
    /// The line is none that this version wrote.
    Damaged,
    /// The passphrase is another one.
    WrongPassphrase,
    /// Too little memory to derive a key.
    Resources(String),
}

impl FileKey {
    /// Draws a key; the line opens it again, with the passphrase.
    ///
    /// # Errors
    /// No chance, or too little memory.
    pub fn draw(passphrase: &Passphrase) -> Result<(Self, String), KeystoreError> {
        let mut secret = Zeroizing::new([0; 32]);
        draw(&mut *secret)?;
        let Wrapped { kdf, nonce, sealed } = Wrapped::seal(&secret, BOUND, passphrase)?;
        let line = format!("{kdf} {} {}", hex::encode(&nonce), hex::encode(&sealed));
        Ok((Self(secret), line))
    }

    /// Opens a wrapped key.
    ///
    /// # Errors
    /// See [`FileKeyRefused`].
    pub fn open(line: &str, passphrase: &Passphrase) -> Result<Self, FileKeyRefused> {
        let read = || {
            let (rest, sealed) = line.rsplit_once(' ')?;
            let (kdf, nonce) = rest.rsplit_once(' ')?;
            let (nonce, sealed) = (hex::decode(nonce)?, hex::decode(sealed)?);
            Some(Wrapped { kdf: Kdf::parse(kdf)?, nonce, sealed })
        };
        let wrapped = read().ok_or(FileKeyRefused::Damaged)?;
        wrapped.open(passphrase, BOUND).map(Self).map_err(|why| match why {
            Unopened::WrongPassphrase => FileKeyRefused::WrongPassphrase,
            Unopened::Resources(why) => FileKeyRefused::Resources(why),
        })
    }

    /// The key of the part with this salt.
    pub fn part(&self, salt: &[u8; 16]) -> PartKey {
        let mut material = Zeroizing::new([0; 48]);
        material[..32].copy_from_slice(&*self.0);
        material[32..].copy_from_slice(salt);
        PartKey(Zeroizing::new(blake3::derive_key(PART, &*material)))
    }
}

impl PartKey {
    /// Encrypts piece `number` of this kind: 16 bytes more than it was. `None`
    /// only for a piece beyond what the cipher takes, 256 GiB.
    pub fn seal(&self, number: u64, kind: u8, bytes: &[u8]) -> Option<Vec<u8>> {
        cipher(&self.0).encrypt(&nonce(number, kind), bytes).ok()
    }

    /// Decrypts piece `number`, if it is what was written there as this kind.
    pub fn open(&self, number: u64, kind: u8, bytes: &[u8]) -> Option<Vec<u8>> {
        cipher(&self.0).decrypt(&nonce(number, kind), bytes).ok()
    }
}

fn nonce(number: u64, kind: u8) -> XNonce {
    let mut nonce = [0; 24];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    nonce[8] = kind;
    XNonce::from(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text).expect("not empty")
    }

    #[test]
    fn a_file_opens_with_its_passphrase_and_no_other() {
        let (key, line) = FileKey::draw(&passphrase("two rivers")).expect("chance");
        let sealed = key.part(&[1; 16]).seal(7, 1, b"terraces").expect("short");
        let again = FileKey::open(&line, &passphrase("two rivers")).expect("opens");
        assert_eq!(again.part(&[1; 16]).open(7, 1, &sealed).as_deref(), Some(&b"terraces"[..]));
        let refused = FileKey::open(&line, &passphrase("two river")).err();
        assert_eq!(refused, Some(FileKeyRefused::WrongPassphrase));
        let refused = FileKey::open(&line[1..], &passphrase("two rivers")).err();
        assert_eq!(refused, Some(FileKeyRefused::Damaged));
    }

    #[test]
    fn a_piece_is_read_in_its_own_place_kind_and_part_only() {
        let (key, _) = FileKey::draw(&passphrase("two rivers")).expect("chance");
        let part = key.part(&[1; 16]);
        let sealed = part.seal(7, 1, b"terraces").expect("short");
        assert_eq!(part.open(8, 1, &sealed), None, "another place");
        assert_eq!(part.open(7, 2, &sealed), None, "another kind");
        assert_eq!(key.part(&[2; 16]).open(7, 1, &sealed), None, "another part");
        let mut flipped = sealed.clone();
        flipped[0] ^= 1;
        assert_eq!(part.open(7, 1, &flipped), None, "another byte");
    }
}
