//! The bytes of a backup.
//!
//! ```text
//! file    = header frame ‖ part*
//! part    = start ‖ (journal | file | blob piece*)* ‖ end    each a frame
//! payload = kind u8 ‖ body
//! body    = CBOR, or of `journal` and `piece` the bytes themselves
//! ```
//! Frames are those of the [journal](crate::store::frame): checked, and bound
//! to their place and to a number that is drawn for each backup. Under a
//! passphrase every body but the header's is encrypted, piece by piece, in a
//! key of its part; before the start's body stands the salt of that key.
//!
//! A part holds what was new since the part before: the journal's bytes from
//! where that one ended, all small files anew, and which blobs there are, each
//! with its bytes unless a part before has them. Its end names the length of
//! the journal and the BLAKE3 of all of it, so that parts cannot be left out,
//! exchanged or repeated. What stands behind the last whole part is the rest
//! of a backup that was interrupted, and means nothing.
//!
//! Layout 1 knew no blobs, and is still read.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use tern_crdt::timestamp::Timestamp;

/// Of every frame but the header's, the payload is at most this long.
pub const PAYLOAD_BYTES_MAX: u32 = 2 * 1024 * 1024;
/// Journal bytes in one frame.
pub const JOURNAL_BYTES: usize = 1024 * 1024;
/// The header is at most this long.
pub const HEADER_BYTES_MAX: u32 = 4 * 1024;
/// A small file is at most this long: the password verifiers are the largest.
pub const SMALL_FILE_BYTES_MAX: u64 = 1024 * 1024;
/// A part has at most this many small files.
pub const FILES_MAX: usize = 20_000;
/// A part names at most this many blobs.
pub const BLOBS_MAX: usize = 1_000_000;
/// Bytes of a blob in one frame.
pub const BLOB_PIECE_BYTES: usize = 1024 * 1024;
/// The number to which the header's frame is bound.
pub const HEADER_SEAT: u64 = u64::from_le_bytes(*b"ternback");
/// The layout written here.
pub const VERSION: u32 = 2;

/// What a frame holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// [`Header`].
    Header = 0,
    /// [`Start`].
    Start = 1,
    /// [`SmallFile`].
    File = 2,
    /// Bytes of the journal.
    Journal = 3,
    /// [`End`].
    End = 4,
    /// [`Blob`].
    Blob = 5,
    /// Bytes of the blob before it.
    Piece = 6,
}

impl Kind {
    /// The kind with this number.
    pub const fn of(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Header),
            1 => Some(Self::Start),
            2 => Some(Self::File),
            3 => Some(Self::Journal),
            4 => Some(Self::End),
            5 => Some(Self::Blob),
            6 => Some(Self::Piece),
            _ => None,
        }
    }
}

/// Whose backup it is, and how it is encrypted. In clear.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Header {
    /// At most [`VERSION`].
    #[n(0)]
    pub version: u32,
    /// The node's id, as text.
    #[n(1)]
    pub node: String,
    /// To what the frames that follow are bound.
    #[n(2)]
    pub seat: u64,
    /// The wrapped key, if it is encrypted.
    #[n(3)]
    pub key: Option<String>,
}

/// The beginning of a part.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Start {
    /// 0 for the first, then one more each.
    #[n(0)]
    pub number: u32,
    /// When it was made, by the clock of the machine.
    #[n(1)]
    pub made: Timestamp,
    /// The generation of the journal.
    #[n(2)]
    pub generation: u64,
    /// How much of the journal the parts before hold.
    #[n(3)]
    pub from: u64,
}

/// A small file of the data folder.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SmallFile {
    /// Its path in the data folder.
    #[n(0)]
    pub name: String,
    /// What it holds.
    #[n(1)]
    pub bytes: ByteVec,
}

/// A blob that the node has whole, or that a part before has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Blob {
    /// The BLAKE3 of its bytes.
    #[n(0)]
    pub hash: [u8; 32],
    /// How many they are.
    #[n(1)]
    pub bytes: u64,
    /// Whether they follow; else a part before has them.
    #[n(2)]
    pub follows: bool,
    /// Whether somebody wants to keep it.
    #[n(3)]
    pub pinned: bool,
    /// Whether somebody else was known to have it.
    #[n(4)]
    pub elsewhere: bool,
}

/// The end of a part.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct End {
    /// How much of the journal this part and those before hold.
    #[n(0)]
    pub length: u64,
    /// BLAKE3 of all of it.
    #[n(1)]
    pub digest: [u8; 32],
    /// Records, practices and parcels in it.
    #[n(2)]
    pub objects: u64,
    /// Small files of this part.
    #[n(3)]
    pub files: u32,
    /// Blobs that this part names: all that there are.
    #[n(4)]
    #[cbor(default)]
    pub blobs: u64,
}

/// The folder of the keys, as small files name it.
pub const KEYS: &str = "keys/";
/// Files at the top of the data folder that go with a backup.
pub const TOP: [&str; 4] = ["identity.json", "tern.toml", "join.tern", "recover.tern"];

/// Whether a small file may have this name: nothing else is ever read or
/// written for a backup.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    match name.strip_prefix(KEYS) {
        Some(key) => {
            (1..=120).contains(&key.len()) && !key.starts_with('.') && key.bytes().all(plain)
        }
        None => TOP.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_names_its_own_files_and_nothing_beyond() {
        for good in ["identity.json", "tern.toml", "keys/root-00ff.key", "keys/accounts"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["keys/../tern.toml", "keys/", "keys/a/b", "keys/.a", "/etc/passwd", "lock", ""]
        {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
