//! Pieces packed for the wire, and for bundles.
//!
//! The pieces of one message, or of one frame, are compressed together, with a
//! dictionary that every node carries: so one practice alone is packed as well as
//! many, each message can be unpacked by itself, and nothing has to be remembered
//! of a link that was cut. The dictionary was trained on practices of the corpora that
//! Tern is measured with; it changes what is sent in bytes alone, and its version
//! with the wire version.
//!
//! What is packed is what a peer says: its size is bounded before it is
//! unpacked, it is unpacked where waiting holds nobody up, and whatever comes
//! out is verified as if it had come so.

use std::cell::RefCell;
use std::sync::OnceLock;

use minicbor::bytes::ByteVec;
use thiserror::Error;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::stream::raw::CParameter;

use crate::limits::{MESSAGE_BYTES_MAX, PIECES_MAX};
use crate::message::Piece;

/// Dictionary 1, with its header: see section 11 of the specification.
pub const DICTIONARY: &[u8] = include_bytes!("dictionary-1.zdict");
/// More effort is not worth its time: a tenth of the bytes for three times it.
const LEVEL: i32 = 3;

thread_local! {
    /// Working memory, which is dear to make.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Packed {
    /// The size that it unpacks to; 0 if it is not compressed.
    #[n(0)]
    size: u32,
    /// One zstd frame of the pieces as a CBOR list, or that list.
    #[n(1)]
    bytes: ByteVec,
}

/// Why something cannot be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PackRefused {
    /// More than a message may hold, packed or not.
    #[error("pieces of {0} bytes are more than {MESSAGE_BYTES_MAX}")]
    TooLong(usize),
    /// It does not unpack to what it says.
    #[error("packed pieces cannot be unpacked")]
    Malformed,
    /// Too many in one message.
    #[error("a message holds more than {PIECES_MAX} pieces")]
    TooMany,
}

impl Packed {
    /// Packs pieces that fit a message.
    pub fn of(pieces: &[Piece]) -> Self {
        let mut plain = Vec::new();
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(pieces, &mut plain);
        match compressed(&plain).filter(|packed| packed.len() < plain.len()) {
            Some(packed) => {
                let size = u32::try_from(plain.len()).unwrap_or(u32::MAX);
                Self { size, bytes: packed.into() }
            }
            // Sealed bytes are none the smaller for it.
            None => Self { size: 0, bytes: plain.into() },
        }
    }

    /// How many bytes it takes in memory once it is unpacked, about.
    pub fn size(&self) -> usize {
        self.bytes.len().max(self.size as usize)
    }

    /// How many bytes it takes on the wire.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is packed.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The pieces. Takes some microseconds for each.
    ///
    /// # Errors
    /// It is not what it says, or too much.
    pub fn unpack(&self) -> Result<Vec<Piece>, PackRefused> {
        if self.size() > MESSAGE_BYTES_MAX {
            return Err(PackRefused::TooLong(self.size()));
        }
        if self.size == 0 {
            return read(&self.bytes);
        }
        let plain = decompressed(&self.bytes, self.size as usize).ok_or(PackRefused::Malformed)?;
        read(&plain)
    }
}

/// `None` if there is no memory for it.
fn compressed(plain: &[u8]) -> Option<Vec<u8>> {
    static PREPARED: OnceLock<EncoderDictionary<'static>> = OnceLock::new();
    let dictionary = PREPARED.get_or_init(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
    COMPRESSOR.with_borrow_mut(|compressor| {
        if compressor.is_none() {
            let mut new = Compressor::with_prepared_dictionary(dictionary).ok()?;
            // The message says both.
            new.set_parameter(CParameter::ContentSizeFlag(false)).ok()?;
            new.set_parameter(CParameter::DictIdFlag(false)).ok()?;
            *compressor = Some(new);
        }
        compressor.as_mut()?.compress(plain).ok()
    })
}

fn decompressed(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    static PREPARED: OnceLock<DecoderDictionary<'static>> = OnceLock::new();
    let dictionary = PREPARED.get_or_init(|| DecoderDictionary::copy(DICTIONARY));
    DECOMPRESSOR.with_borrow_mut(|decompressor| {
        if decompressor.is_none() {
            *decompressor = Some(Decompressor::with_prepared_dictionary(dictionary).ok()?);
        }
        let plain = decompressor.as_mut()?.decompress(packed, size).ok()?;
        (plain.len() == size).then_some(plain)
    })
}

fn read(plain: &[u8]) -> Result<Vec<Piece>, PackRefused> {
    let mut decoder = minicbor::Decoder::new(plain);
    let malformed = |_| PackRefused::Malformed;
    let mut pieces = Vec::new();
    for piece in decoder.array_iter().map_err(malformed)? {
        if pieces.len() == PIECES_MAX {
            return Err(PackRefused::TooMany);
        }
        pieces.push(piece.map_err(malformed)?);
    }
    if decoder.position() == plain.len() { Ok(pieces) } else { Err(PackRefused::Malformed) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece() -> impl Strategy<Value = Piece> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..200).prop_map(ByteVec::from);
        prop_oneof![
            bytes().prop_map(Piece::Record),
            (bytes(), bytes()).prop_map(|(statement, change)| Piece::Edition { statement, change }),
            (bytes(), any::<[u8; 32]>()).prop_map(|(label, secret)| Piece::Ended { label, secret }),
            Just(Piece::Record(vec![7; 3_000].into())),
        ]
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(pieces in prop::collection::vec(piece(), 0..8)) {
            let packed = Packed::of(&pieces);
            prop_assert_eq!(packed.unpack(), Ok(pieces));
        }

        #[test]
        fn other_bytes_are_refused_or_read_and_never_grow_beyond_their_size(
            size in 0..3_000_u32, bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = Packed { size, bytes: bytes.into() }.unpack();
        }

        #[test]
        fn one_changed_bit_is_survived(
            pieces in prop::collection::vec(piece(), 1..4), at in any::<prop::sample::Index>(),
        ) {
            let mut packed = Packed::of(&pieces);
            let at = at.index(packed.bytes.len() * 8);
            packed.bytes[at / 8] ^= 1 << (at % 8);
            let _ = packed.unpack();
        }
    }

    #[test]
    fn what_says_to_be_larger_or_smaller_than_it_is_is_refused() {
        let packed = Packed::of(&[Piece::Record(vec![7; 3_000].into())]);
        assert!(packed.bytes.len() < 100, "{}", packed.bytes.len());
        let says = |size| Packed { size, ..packed.clone() }.unpack();
        assert_eq!(says(packed.size - 1), Err(PackRefused::Malformed));
        assert_eq!(says(packed.size + 1), Err(PackRefused::Malformed));
        assert_eq!(says(u32::MAX), Err(PackRefused::TooLong(u32::MAX as usize)));
    }

    #[test]
    fn more_pieces_than_the_bound_are_refused_before_they_fill_the_memory() {
        let many = vec![Piece::Record(vec![].into()); PIECES_MAX + 1];
        assert_eq!(Packed::of(&many).unpack(), Err(PackRefused::TooMany));
    }

    #[test]
    fn the_dictionary_is_the_one_that_the_specification_names() {
        let hash = blake3::hash(DICTIONARY).to_hex();
        assert!(include_str!("../SPEC.md").contains(hash.as_str()), "{hash}");
    }
}
