//! Reading a bundle, frame by frame, from bytes that somebody else fetches.

use tern_crdt::sealed::Parts;
use thiserror::Error;

use super::frame::{BadFrame, FRAME_HEAD_BYTES, NO_KEY, check};
use super::header::{Header, HeaderRefused, MAGIC, VERSION};
use super::part::{End, Part};
use crate::limits::BUNDLE_FRAME_BYTES_MAX;
use crate::message::Piece;

const BEGINNING: usize = MAGIC.len() + 1;

/// Why a file is read no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Broken {
    /// It does not begin as bundles do.
    #[error("it is no bundle")]
    NotABundle,
    /// A version that is not known.
    #[error("it has version {0} of bundles and this program reads version {VERSION}: upgrade it")]
    Version(u8),
    /// Its header.
    #[error("it is damaged at its beginning: {0}")]
    Header(#[from] HeaderRefused),
    /// A frame, counted from the first after the header.
    #[error("it is damaged in frame {0}: {1}")]
    Frame(u64, BadFrame),
    /// Its end was signed over something else.
    #[error("it was changed after it was written: its writer did not sign it so")]
    Changed,
}

/// What the next bytes are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Read {
    /// More bytes are needed: at least so many, counted from the first that
    /// was not taken.
    More(usize),
    /// The bytes with which every bundle begins.
    Begun,
    /// The header: see [`Reader::header`].
    Header(Header),
    /// Pieces of a set, in order.
    Pieces(u8, Vec<Piece>),
    /// Another part.
    Part(Part),
    /// A part that is encrypted to somebody else.
    Sealed,
    /// A part of a later version.
    Unknown,
    /// The end, signed by the writer over all before it: the file is whole.
    Whole(End),
}

/// See the module.
#[derive(Debug, Default)]
pub struct Reader {
    begun: bool,
    header: Option<Header>,
    cipher: Option<Parts>,
    signed: Vec<u8>,
    number: u64,
    chain: blake3::Hasher,
    bytes: u64,
}

impl Reader {
    /// The header, once it was read.
    pub const fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The header as it was signed, once it was read: the body of its frame.
    pub fn signed(&self) -> &[u8] {
        &self.signed
    }

    /// Opens what is encrypted in the frames from here on.
    pub fn unlock(&mut self, frames: &[u8; 32]) {
        self.cipher = Some(Parts::new(frames));
    }

    /// How many bytes were taken.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads on in `bytes`, which begin with the first byte that was not
    /// taken. Says how many are taken with what was read: none with
    /// [`Read::More`].
    ///
    /// # Errors
    /// Why the file ends here; asking again gives nothing better.
    pub fn next(&mut self, bytes: &[u8]) -> Result<(usize, Read), Broken> {
        if self.begun {
            return self.frame(bytes);
        }
        let Some((beginning, _)) = bytes.split_at_checked(BEGINNING) else {
            let alike = bytes.iter().zip(MAGIC).all(|(byte, magic)| byte == magic);
            return if alike { Ok((0, Read::More(BEGINNING))) } else { Err(Broken::NotABundle) };
        };
        match beginning.split_at(MAGIC.len()) {
            (magic, [VERSION]) if magic == MAGIC => {}
            (magic, [version]) if magic == MAGIC => return Err(Broken::Version(*version)),
            _ => return Err(Broken::NotABundle),
        }
        self.begun = true;
        self.note(beginning);
        Ok((BEGINNING, Read::Begun))
    }

    fn note(&mut self, bytes: &[u8]) {
        self.chain.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    fn frame(&mut self, bytes: &[u8]) -> Result<(usize, Read), Broken> {
        let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
            return Ok((0, Read::More(FRAME_HEAD_BYTES)));
        };
        let bad = |bad| Broken::Frame(self.number, bad);
        let claimed = u32::from_le_bytes(*length);
        let length = usize::try_from(claimed).unwrap_or(usize::MAX);
        if length > BUNDLE_FRAME_BYTES_MAX {
            return Err(bad(BadFrame::TooLong(claimed)));
        }
        let whole = FRAME_HEAD_BYTES + length;
        let Some((stated, rest)) = rest.split_first_chunk::<8>() else {
            return Ok((0, Read::More(whole)));
        };
        let Some((body, _)) = rest.split_at_checked(length) else {
            return Ok((0, Read::More(whole)));
        };
        let key = self.header.as_ref().map_or(NO_KEY, |header| header.key);
        if *stated != check(&key, self.number, body) {
            return Err(bad(BadFrame::Check));
        }
        let read = if self.header.is_none() {
            let header = Header::read(body)?;
            self.header = Some(header.clone());
            self.signed = body.to_vec();
            Read::Header(header)
        } else {
            self.part(Part::from_bytes(body).map_err(bad)?)?
        };
        self.note(&bytes[..whole]);
        self.number += 1;
        Ok((whole, read))
    }

    fn part(&self, part: Option<Part>) -> Result<Read, Broken> {
        let bad = |bad| Broken::Frame(self.number, bad);
        Ok(match part {
            None => Read::Unknown,
            Some(Part::End(end)) => {
                let chain = self.chain.finalize();
                if !self.header.as_ref().is_some_and(|h| end.is_of(chain.as_bytes(), &h.node)) {
                    return Err(Broken::Changed);
                }
                Read::Whole(end)
            }
            Some(Part::Pieces { set, packed }) => {
                Read::Pieces(set, packed.unpack().map_err(|refused| bad(refused.into()))?)
            }
            Some(Part::Sealed(sealed)) => {
                let Some(cipher) = &self.cipher else { return Ok(Read::Sealed) };
                let body = cipher.open(self.number, &sealed).ok_or(bad(BadFrame::Sealed))?;
                match Part::from_bytes(&body).map_err(bad)? {
                    // Hidden once, and an end is never.
                    Some(Part::Sealed(_) | Part::End(_)) => return Err(bad(BadFrame::Malformed)),
                    part => self.part(part)?,
                }
            }
            Some(part) => Read::Part(part),
        })
    }
}
