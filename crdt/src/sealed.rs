//! Sealed bytes: carried by anybody, read by those they were sealed for.
//!
//! The content is encrypted once, under a key drawn for it alone
//! (ChaCha20-Poly1305, RFC 8439), and that key is encrypted to each reader
//! with HPKE (RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! ChaCha20-Poly1305). `info`, a public text on which all readers agree, binds
//! both: what was sealed about one thing does not open about another.
//!
//! A carrier learns how many readers there are and which of four sizes the
//! content fits, and nothing of who they are: the readers' keys are not named,
//! and whoever holds a key tries it. It does not say who sealed it: that is
//! for the signed records inside.
//!
//! Chance comes in as an argument. Equal chance with equal arguments gives
//! equal bytes; chance that is used for two contents gives both away.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use minicbor::bytes::{ByteArray, ByteVec};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::identity::SecretKey;

mod long;

pub use long::{PART_TAG_BYTES, Parts, SealedKey};

/// Something is sealed for at most this many readers.
pub const READERS_MAX: usize = 32;
/// Content has at most this many bytes before it is padded.
pub const CONTENT_BYTES_MAX: usize = SIZES[SIZES.len() - 1] - 4;
/// Sealed bytes are at most this long: the content, its readers and the frame.
pub const SEALED_BYTES_MAX: usize = SIZES[SIZES.len() - 1] + 16 + READERS_MAX * 90 + 16;

/// Content is padded to one of these sizes, in bytes.
const SIZES: [usize; 4] = [1_024, 4_096, 16_384, 57_344];
/// HPKE takes this as its `info` before that of the caller.
const CONTEXT: &[u8] = b"tern/sealed/v1";

type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// An X25519 public key, 32 bytes: to whom something is encrypted.
pub type EncryptionKey = [u8; 32];

/// The content key, encrypted to one reader.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, minicbor::Encode, minicbor::Decode)]
struct Slot {
    #[n(0)]
    encapsulated: ByteArray<32>,
    #[n(1)]
    wrapped: ByteArray<48>,
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Sealed {
    /// Ascending, so that their order says nothing about the readers.
    #[n(0)]
    slots: Vec<Slot>,
    #[n(1)]
    body: ByteVec,
}

/// Why something cannot be sealed, or bytes are not sealed content.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SealRefused {
    /// No readers, or too many.
    #[error("something is sealed for 1 to {READERS_MAX} readers, not {0}")]
    Readers(usize),
    /// Too long.
    #[error("{0} bytes are more than the {CONTENT_BYTES_MAX} that one parcel holds")]
    TooLong(usize),
    /// A key that is no point to encrypt to.
    #[error("one of the readers' keys is not a key that can be encrypted to")]
    Key,
    /// Not the layout.
    #[error("sealed bytes are malformed: {0}")]
    Malformed(&'static str),
}

fn info_of(info: &[u8]) -> Vec<u8> {
    [CONTEXT, info].concat()
}

/// Length, content, zeros.
fn padded(content: &[u8]) -> Result<Vec<u8>, SealRefused> {
    let too_long = || SealRefused::TooLong(content.len());
    let length = u32::try_from(content.len()).map_err(|_| too_long())?;
    let size = SIZES.into_iter().find(|size| content.len() + 4 <= *size).ok_or_else(too_long)?;
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(content);
    bytes.resize(size, 0);
    Ok(bytes)
}

/// Encrypts a key to each of `readers`; the slots in ascending order.
fn wrap_for(
    key: &[u8; 32],
    readers: &[EncryptionKey],
    info: &[u8],
    chance: &mut ChaCha20Rng,
) -> Result<Vec<Slot>, SealRefused> {
    let mut readers = readers.to_vec();
    readers.sort_unstable();
    readers.dedup();
    if readers.is_empty() || readers.len() > READERS_MAX {
        return Err(SealRefused::Readers(readers.len()));
    }
    let mut slots = Vec::with_capacity(readers.len());
    for reader in readers {
        slots.push(wrap(key, &reader, info, chance)?);
    }
    slots.sort_unstable();
    Ok(slots)
}

/// Encrypts a key to one reader.
fn wrap(
    key: &[u8; 32],
    reader: &EncryptionKey,
    info: &[u8],
    chance: &mut ChaCha20Rng,
) -> Result<Slot, SealRefused> {
    type K = X25519HkdfSha256;
    let reader = <K as Kem>::PublicKey::from_bytes(reader).map_err(|_| SealRefused::Key)?;
    let (encapsulated, wrapped) = hpke::single_shot_seal_with_rng::<
        hpke::aead::ChaCha20Poly1305,
        HkdfSha256,
        K,
    >(&OpModeS::Base, &reader, info, key, &[], chance)
    .map_err(|_| SealRefused::Key)?;
    let encapsulated: [u8; 32] = encapsulated.to_bytes().into();
    let wrapped: [u8; 48] = wrapped.try_into().map_err(|_| SealRefused::Key)?;
    Ok(Slot { encapsulated: encapsulated.into(), wrapped: wrapped.into() })
}

/// The key in one of the slots, if `secret` is that of its reader.
fn unwrap(slots: &[Slot], secret: &SecretKey, info: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    type K = X25519HkdfSha256;
    let secret = <K as Kem>::PrivateKey::from_bytes(&*secret.decryption_scalar()).ok()?;
    slots.iter().find_map(|slot| {
        let encapsulated = Encapsulated::from_bytes(&slot.encapsulated[..]).ok()?;
        let key = hpke::single_shot_open::<hpke::aead::ChaCha20Poly1305, HkdfSha256, K>(
            &OpModeR::Base,
            &secret,
            &encapsulated,
            info,
            &slot.wrapped[..],
            &[],
        );
        Some(Zeroizing::new(<[u8; 32]>::try_from(key.ok()?).ok()?))
    })
}

impl Sealed {
    /// Seals `content` for `readers`. `chance` is used for nothing else.
    pub fn seal(
        content: &[u8],
        readers: &[EncryptionKey],
        info: &[u8],
        chance: &[u8; 32],
    ) -> Result<Self, SealRefused> {
        let padded = Zeroizing::new(padded(content)?);
        let info = info_of(info);
        let mut chance = ChaCha20Rng::from_seed(*chance);
        let mut key = Zeroizing::new([0; 32]);
        chance.fill_bytes(&mut *key);
        let slots = wrap_for(&key, readers, &info, &mut chance)?;
        // A key of its own for each content: the nonce need not change.
        let cipher = ChaCha20Poly1305::new((&*key).into());
        let body = cipher
            .encrypt(&Nonce::default(), Payload { msg: &padded, aad: &info })
            .map_err(|_| SealRefused::TooLong(content.len()))?;
        Ok(Self { slots, body: body.into() })
    }

    /// What was sealed, if `secret` is the key of one of the readers; `None`
    /// for everybody else, and for bytes that were tampered with.
    pub fn open(&self, secret: &SecretKey, info: &[u8]) -> Option<Vec<u8>> {
        let info = info_of(info);
        let key = unwrap(&self.slots, secret, &info)?;
        let cipher = ChaCha20Poly1305::new((&*key).into());
        let payload = Payload { msg: &self.body, aad: &info };
        let mut padded = cipher.decrypt(&Nonce::default(), payload).ok()?;
        let length = u32::from_le_bytes(*padded.first_chunk()?) as usize;
        padded.drain(..4);
        (length <= padded.len()).then(|| {
            padded.truncate(length);
            padded
        })
    }

    /// How many readers it has.
    pub const fn readers(&self) -> usize {
        self.slots.len()
    }

    /// CBOR: `[[[encapsulated, wrapped] …], body]`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.body.len() + self.slots.len() * 90 + 16);
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// Reads sealed content that fills `bytes` exactly.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealRefused> {
        if bytes.len() > SEALED_BYTES_MAX {
            return Err(SealRefused::TooLong(bytes.len()));
        }
        let mut d = minicbor::Decoder::new(bytes);
        let sealed: Self = d.decode().map_err(|_| SealRefused::Malformed("not its layout"))?;
        if d.position() != bytes.len() {
            return Err(SealRefused::Malformed("bytes after its end"));
        }
        if sealed.slots.is_empty() || sealed.slots.len() > READERS_MAX {
            return Err(SealRefused::Readers(sealed.slots.len()));
        }
        if !sealed.slots.is_sorted_by(|a, b| a < b) {
            return Err(SealRefused::Malformed("its readers are not sorted"));
        }
        if !SIZES.iter().any(|size| size + 16 == sealed.body.len()) {
            return Err(SealRefused::Malformed("its content has none of the four sizes"));
        }
        Ok(sealed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(number: u8) -> SecretKey {
        SecretKey::from_seed(&[number; 32])
    }

    const NEED: &[u8] = b"Niger asks how birth certificates reach its citizens abroad";

    fn sealed() -> Sealed {
        let readers = [key(1).encryption_public(), key(2).encryption_public()];
        Sealed::seal(NEED, &readers, b"request 7", &[9; 32]).expect("two readers")
    }

    #[test]
    fn each_reader_opens_it_and_a_carrier_does_not() {
        let sealed = sealed();
        assert_eq!(sealed.open(&key(1), b"request 7").as_deref(), Some(NEED));
        assert_eq!(sealed.open(&key(2), b"request 7").as_deref(), Some(NEED));
        assert_eq!(sealed.open(&key(3), b"request 7"), None, "a carrier");
        assert_eq!(sealed.open(&key(1), b"request 8"), None, "about something else");
    }

    #[test]
    fn a_carrier_sees_neither_the_content_nor_its_length_nor_the_readers() {
        let bytes = sealed().to_bytes();
        for part in NEED.windows(6) {
            assert!(!bytes.windows(6).any(|window| window == part));
        }
        let reader = key(1).encryption_public();
        assert!(!bytes.windows(32).any(|window| window == reader));
        let readers = [key(1).encryption_public()];
        let length = |content: &[u8]| {
            Sealed::seal(content, &readers, b"", &[1; 32]).expect("fits").to_bytes().len()
        };
        assert_eq!(length(b"no"), length(&[b'y'; 900]));
        assert!(length(&[0; 1_021]) > length(&[0; 1_020]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let reader = [key(1).encryption_public()];
        let seal = |content: &[u8], readers: &[EncryptionKey]| {
            Sealed::seal(content, readers, b"", &[1; 32]).map(|sealed| sealed.to_bytes().len())
        };
        assert_eq!(seal(b"", &[]), Err(SealRefused::Readers(0)));
        let long = vec![0; CONTENT_BYTES_MAX + 1];
        assert_eq!(seal(&long, &reader), Err(SealRefused::TooLong(long.len())));
        assert_eq!(seal(b"", &[[0; 32]]), Err(SealRefused::Key), "a point of small order");
        let readers: Vec<_> = (1..=33).map(|number| key(number).encryption_public()).collect();
        assert_eq!(seal(b"", &readers), Err(SealRefused::Readers(33)));
        let most = seal(&long[1..], &readers[1..]).expect("the most that fits");
        assert!(most <= SEALED_BYTES_MAX, "{most}");
    }

    #[test]
    fn one_flipped_bit_anywhere_closes_it_for_somebody_and_shows_nothing_else() {
        let bytes = sealed().to_bytes();
        for at in (0..bytes.len() * 8).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            let Ok(damaged) = Sealed::from_bytes(&damaged) else { continue };
            let opened = [1, 2].map(|reader| damaged.open(&key(reader), b"request 7"));
            assert!(opened.contains(&None), "bit {at}");
            assert!(opened.iter().flatten().all(|content| content == NEED), "bit {at}");
        }
    }

    proptest! {
        #[test]
        fn whatever_fits_comes_back(
            content in prop::collection::vec(any::<u8>(), 0..5_000),
            chance in any::<[u8; 32]>(),
        ) {
            let readers = [key(1).encryption_public()];
            let sealed = Sealed::seal(&content, &readers, b"x", &chance).expect("fits");
            let read = Sealed::from_bytes(&sealed.to_bytes()).expect("own bytes");
            prop_assert_eq!(&read, &sealed);
            prop_assert_eq!(read.open(&key(1), b"x"), Some(content));
        }

        #[test]
        fn no_bytes_panic_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(sealed) = Sealed::from_bytes(&bytes) {
                sealed.open(&key(1), b"");
            }
        }
    }
}
