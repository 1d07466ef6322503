//! Content of any length: in parts under one key, which is encrypted to the
//! readers as that of a parcel is.
//!
//! What is not hidden: how many parts there are, how long each is, and how many
//! readers. Whoever passes it on can leave out its last parts: that nothing is
//! missing is for a signature to say.

use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::Nonce;
use chacha20poly1305::aead::{Aead, KeyInit};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use super::{EncryptionKey, READERS_MAX, SealRefused, Slot, info_of, unwrap, wrap_for};
use crate::identity::SecretKey;

/// The key of a long content, encrypted to its readers.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct SealedKey(#[n(0)] Vec<Slot>);

impl SealedKey {
    /// Encrypts `key` to `readers`. `chance` is used for nothing else.
    ///
    /// # Errors
    /// No readers, too many, or one with a key that cannot be encrypted to.
    pub fn seal(
        key: &[u8; 32],
        readers: &[EncryptionKey],
        info: &[u8],
        chance: &[u8; 32],
    ) -> Result<Self, SealRefused> {
        let mut chance = ChaCha20Rng::from_seed(*chance);
        wrap_for(key, readers, &info_of(info), &mut chance).map(Self)
    }

    /// The key, if `secret` is that of one of the readers.
    pub fn open(&self, secret: &SecretKey, info: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let slots = Some(&self.0).filter(|slots| slots.len() <= READERS_MAX)?;
        unwrap(slots, secret, &info_of(info))
    }
}

/// Encrypts and opens the parts of one content (ChaCha20-Poly1305, the number of
/// a part as its nonce). One key is for one content: two parts of one number
/// under it would give both away.
pub struct Parts(ChaCha20Poly1305);

/// What a part is longer by when it is encrypted.
pub const PART_TAG_BYTES: usize = 16;

impl Parts {
    /// Under this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(ChaCha20Poly1305::new(key.into()))
    }

    fn nonce(number: u64) -> Nonce {
        let mut nonce = Nonce::default();
        nonce[..8].copy_from_slice(&number.to_le_bytes());
        nonce
    }

    /// Encrypts the part with this number; `None` for one beyond what the cipher
    /// takes, 256 GiB.
    pub fn seal(&self, number: u64, part: &[u8]) -> Option<Vec<u8>> {
        self.0.encrypt(&Self::nonce(number), part).ok()
    }

    /// Opens the part with this number; `None` if it is another, or was changed.
    pub fn open(&self, number: u64, sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.decrypt(&Self::nonce(number), sealed).ok()
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key of parts")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> SecretKey {
        SecretKey::from_seed(&[number; 32])
    }

    #[test]
    fn each_reader_opens_the_key_and_nobody_else_nor_about_anything_else() {
        let readers = [1, 2].map(|reader| key(reader).encryption_public());
        let sealed = SealedKey::seal(&[5; 32], &readers, b"bundle 7", &[9; 32]).expect("two");
        let opens = |reader, info: &[u8]| sealed.open(&key(reader), info).map(|key| *key);
        assert_eq!((opens(1, b"bundle 7"), opens(2, b"bundle 7")), (Some([5; 32]), Some([5; 32])));
        assert_eq!((opens(3, b"bundle 7"), opens(1, b"bundle 8")), (None, None));
        let bytes = minicbor::to_vec(&sealed).expect("a vector takes it");
        assert_eq!(minicbor::decode::<SealedKey>(&bytes).expect("own bytes"), sealed);
        assert!(bytes.len() < 180, "{}", bytes.len());
        assert!(SealedKey::seal(&[5; 32], &[[0; 32]], b"", &[9; 32]).is_err());
    }

    #[test]
    fn a_part_opens_in_its_place_alone_and_unchanged() {
        let parts = Parts::new(&[5; 32]);
        let sealed = parts.seal(3, b"Births are registered").expect("short");
        assert_eq!(sealed.len(), 21 + PART_TAG_BYTES);
        assert_eq!(parts.open(3, &sealed).as_deref(), Some(&b"Births are registered"[..]));
        assert_eq!((parts.open(4, &sealed), Parts::new(&[6; 32]).open(3, &sealed)), (None, None));
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(parts.open(3, &changed), None);
        }
        assert_eq!(parts.open(3, b"short"), None);
    }
}
