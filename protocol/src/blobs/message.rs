//! What is said about one blob on one stream, and its bytes.
//!
//! Whoever opens the stream asks, the other end answers: [`Question::Want`]
//! first, which [`Answer::Have`] or [`Answer::Lack`] follows; then
//! [`Question::Ask`] as often as it likes, and [`Answer::Data`] for it: the
//! bytes of the parts, in the order in which they were asked for, cut at will.
//! A source sends no more bytes than it was told to ([`Question::Ask`], `go`).
//!
//! CBOR arrays that begin with a number. Every list is counted, and a message
//! is at most [`BLOB_MESSAGE_BYTES_MAX`] before it comes here.

use minicbor::{Decoder, Encoder};
use tern_crdt::practice::BlobHash;
use thiserror::Error;

use super::{Groups, Part, Shape};
use crate::limits::{
    BLOB_ASKED_PARTS_MAX, BLOB_DATA_BYTES_MAX, BLOB_MESSAGE_BYTES_MAX, BLOB_PARTS_MAX,
    BLOB_WINDOW_BYTES_MAX,
};

/// The version of these messages. Another one is answered as not held.
pub const VERSION: u16 = 1;

/// What the end that wants a blob says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// Which blob; the first message, and said once.
    Want {
        /// The version that the asker speaks.
        version: u16,
        /// The blob.
        hash: BlobHash,
    },
    /// Further parts, behind those asked for before.
    Ask {
        /// Up to [`BLOB_PARTS_MAX`]; none if only `go` is said.
        parts: Vec<Part>,
        /// So many bytes more may be sent.
        go: u32,
    },
}

/// What a source says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The blob is here.
    Have {
        /// Its size.
        shape: Shape,
        /// Which groups; `None` if all.
        groups: Option<Groups>,
    },
    /// It is not to be had here.
    Lack(Lack),
    /// The next bytes of what was asked for, up to [`BLOB_DATA_BYTES_MAX`].
    Data(Vec<u8>),
}

/// Why a blob is not to be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Lack {
    /// The source does not hold it, or no practice that it holds names it.
    #[error("does not hold it")]
    Unknown,
    /// It gives as many blobs as it can; later perhaps.
    #[error("gives as many files as it can at present")]
    Busy,
    /// Its links cost money, and it gives nothing over them.
    #[error("gives no files over links that cost money")]
    Costly,
}

/// Bytes that are no message: the sender does not keep to the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a message about a file that cannot be read")]
pub struct Malformed;

impl From<minicbor::decode::Error> for Malformed {
    fn from(_: minicbor::decode::Error) -> Self {
        Self
    }
}

/// Writing into a Vec cannot fail.
fn written(
    write: impl FnOnce(
        &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = write(&mut Encoder::new(&mut bytes));
    bytes
}

/// Reads a message that fills the bytes: an array of the length that its number
/// says.
fn read<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut Decoder<'_>, u64, u8) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    if bytes.len() > BLOB_MESSAGE_BYTES_MAX {
        return Err(Malformed);
    }
    let mut d = Decoder::new(bytes);
    let length = d.array()?.ok_or(Malformed)?;
    let number = d.u8()?;
    let message = read(&mut d, length, number)?;
    if d.position() == bytes.len() { Ok(message) } else { Err(Malformed) }
}

impl Question {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        written(|e| {
            match self {
                Self::Want { version, hash } => {
                    e.array(3)?.u8(0)?.u16(*version)?.bytes(&hash.0)?;
                }
                Self::Ask { parts, go } => {
                    let runs = runs(parts);
                    e.array(3)?.u8(1)?.u32(*go)?.array(runs.len() as u64 * 3)?;
                    for (kind, first, count) in runs {
                        e.u8(kind)?.u32(first)?.u32(count)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Reads a message.
    ///
    /// # Errors
    /// It is none, or longer or with more parts than is allowed.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        read(bytes, |d, length, number| match (number, length) {
            (0, 3) => {
                let version = d.u16()?;
                let hash = d.bytes()?.try_into().map_err(|_| Malformed)?;
                Ok(Self::Want { version, hash: BlobHash(hash) })
            }
            (1, 3) => {
                let go = d.u32()?;
                let numbers = d.array()?.ok_or(Malformed)?;
                if go > BLOB_WINDOW_BYTES_MAX
                    || numbers % 3 != 0
                    || numbers / 3 > BLOB_PARTS_MAX as u64
                {
                    return Err(Malformed);
                }
                let mut parts = Vec::new();
                for _ in 0..numbers / 3 {
                    let (kind, first, count) = (d.u8()?, d.u32()?, d.u32()?);
                    if count as usize > BLOB_PARTS_MAX - parts.len() {
                        return Err(Malformed);
                    }
                    let last = first.checked_add(count).ok_or(Malformed)?;
                    for index in first..last {
                        parts.push(part(kind, index).ok_or(Malformed)?);
                    }
                }
                Ok(Self::Ask { parts, go })
            }
            _ => Err(Malformed),
        })
    }
}

const fn part(kind: u8, index: u32) -> Option<Part> {
    match (kind, index) {
        (0, 0) => Some(Part::Sections),
        (1, section) => Some(Part::Groups(section)),
        (2, group) => Some(Part::Bytes(group)),
        _ => None,
    }
}

/// Parts as runs of neighbours: kind, first and how many.
fn runs(parts: &[Part]) -> Vec<(u8, u32, u32)> {
    let mut runs: Vec<(u8, u32, u32)> = Vec::new();
    for part in parts {
        let (kind, index) = match part {
            Part::Sections => (0, 0),
            Part::Groups(section) => (1, *section),
            Part::Bytes(group) => (2, *group),
        };
        match runs.last_mut() {
            Some((last, first, count)) if *last == kind && *first + *count == index => *count += 1,
            _ => runs.push((kind, index, 1)),
        }
    }
    runs
}

impl Answer {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        written(|e| {
            match self {
                Self::Have { shape, groups } => {
                    e.array(3)?.u8(0)?.u64(shape.bytes())?;
                    match groups {
                        Some(groups) => e.bytes(&groups.to_bytes())?,
                        None => e.null()?,
                    };
                }
                Self::Lack(lack) => {
                    let reason = match lack {
                        Lack::Unknown => 0,
                        Lack::Busy => 1,
                        Lack::Costly => 2,
                    };
                    e.array(2)?.u8(1)?.u8(reason)?;
                }
                Self::Data(data) => {
                    e.array(2)?.u8(2)?.bytes(data)?;
                }
            }
            Ok(())
        })
    }

    /// Reads a message.
    ///
    /// # Errors
    /// It is none, or longer than is allowed, or about a blob that is larger
    /// than one may be.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        read(bytes, |d, length, number| match (number, length) {
            (0, 3) => {
                let shape = Shape::of(d.u64()?).ok_or(Malformed)?;
                if d.datatype()? == minicbor::data::Type::Null {
                    d.null()?;
                    return Ok(Self::Have { shape, groups: None });
                }
                let groups = Groups::read(shape, d.bytes()?).ok_or(Malformed)?;
                Ok(Self::Have { shape, groups: Some(groups) })
            }
            (1, 2) => Ok(Self::Lack(match d.u8()? {
                1 => Lack::Busy,
                2 => Lack::Costly,
                // A later version may know further reasons.
                _ => Lack::Unknown,
            })),
            (2, 2) => {
                let data = d.bytes()?;
                if data.is_empty() || data.len() > BLOB_DATA_BYTES_MAX {
                    return Err(Malformed);
                }
                Ok(Self::Data(data.to_vec()))
            }
            _ => Err(Malformed),
        })
    }
}

const _: () = assert!(BLOB_PARTS_MAX < BLOB_ASKED_PARTS_MAX);
