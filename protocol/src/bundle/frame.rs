//! Frames: what stands in a bundle, length by length, each checked by itself.
//!
//! The check of a frame covers the bundle's key and the frame's number, so
//! what a failing stick has left of an older file, or of another frame, is
//! never taken for this one. It finds damage, not malice: that is found by the
//! signatures inside, and by the one at the end over everything before it.

use tern_crdt::identity::digest;
use tern_crdt::sealed::Parts;
use thiserror::Error;

use super::header::{Header, MAGIC, VERSION};
use super::part::Part;
use crate::limits::BUNDLE_FRAME_BYTES_MAX;
use crate::packing::PackRefused;

/// What precedes the body of a frame: its length and its check.
pub const FRAME_HEAD_BYTES: usize = 12;
/// The key of the first frame, which says the key of the others.
pub(super) const NO_KEY: [u8; 32] = [0; 32];

/// Why bytes are not the next frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadFrame {
    /// Its length is beyond the bound.
    #[error("it claims {0} bytes, more than {BUNDLE_FRAME_BYTES_MAX}")]
    TooLong(u32),
    /// It is not what was written there.
    #[error("its bytes are not those that were written")]
    Check,
    /// It is whole, and says nothing that can be read.
    #[error("it cannot be read")]
    Malformed,
    /// It is whole, and is not what was encrypted there.
    #[error("it does not open: it was encrypted otherwise")]
    Sealed,
    /// It is whole, and its pieces cannot be unpacked.
    #[error("{0}")]
    Packed(#[from] PackRefused),
}

pub(super) fn check(key: &[u8; 32], number: u64, body: &[u8]) -> [u8; 8] {
    let whole = digest("tern/bundle-frame/v1", &[key, &number.to_le_bytes(), body]);
    let mut check = [0; 8];
    check.copy_from_slice(&whole[..8]);
    check
}

/// Makes the bytes of a bundle, frame by frame.
#[derive(Debug)]
pub struct Framer {
    key: [u8; 32],
    /// Where it is for one node alone.
    cipher: Option<Parts>,
    number: u64,
    chain: blake3::Hasher,
    bytes: u64,
}

impl Framer {
    /// Begins a bundle with its signed header; its first bytes.
    pub fn begin(header: &Header, signed: &[u8]) -> (Self, Vec<u8>) {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        let chain = blake3::Hasher::new();
        let mut framer = Self { key: NO_KEY, cipher: None, number: 0, chain, bytes: 0 };
        framer.note(&bytes);
        bytes.extend(framer.frame(signed));
        framer.key = header.key;
        (framer, bytes)
    }

    fn note(&mut self, bytes: &[u8]) {
        self.chain.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Encrypts the parts from here on under the key of the frames.
    pub fn encrypt(&mut self, frames: &[u8; 32]) {
        self.cipher = Some(Parts::new(frames));
    }

    /// The frame of a part, encrypted if the bundle is; the end never is, so that
    /// whoever passes it on sees that it is whole. No bytes for a part with drafts
    /// in a bundle that is not encrypted: what few may read is never in it.
    pub fn part(&mut self, part: &Part) -> Vec<u8> {
        let body = part.to_bytes();
        match &self.cipher {
            Some(cipher) if !matches!(part, Part::End(_)) => {
                // Never in the open: what cannot be encrypted is lost to its reader.
                let sealed = cipher.seal(self.number, &body).unwrap_or_default();
                self.frame(&Part::Sealed(sealed.into()).to_bytes())
            }
            None if part.is_for_few() => Vec::new(),
            _ => self.frame(&body),
        }
    }

    /// The next frame. `body` is at most
    /// [`BUNDLE_FRAME_BYTES_MAX`] long: a longer one would end the file for
    /// every reader.
    pub fn frame(&mut self, body: &[u8]) -> Vec<u8> {
        debug_assert!(body.len() <= BUNDLE_FRAME_BYTES_MAX);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut frame = Vec::with_capacity(FRAME_HEAD_BYTES + body.len());
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&check(&self.key, self.number, body));
        frame.extend_from_slice(body);
        self.number += 1;
        self.note(&frame);
        frame
    }

    /// A hash over everything so far: what the end signs.
    pub fn chain(&self) -> [u8; 32] {
        *self.chain.finalize().as_bytes()
    }

    /// How many bytes so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}
