//! Files beside practices, as the pages ask for them.

use super::{Answer, Reader};

/// No answer of [`Files::file_bytes`] is longer.
pub const FILE_PIECE_BYTES_MAX: usize = 64 * 1024;

/// What pages need of files. A file is known by its hash, 64 hexadecimal
/// digits in lower case; whatever else is asked for is `NotFound`.
pub trait Files: Send + Sync {
    /// How files stand, in the order in which they were asked for.
    fn files<'a>(&'a self, reader: &'a Reader, hashes: &'a [String]) -> Answer<'a, Vec<FileState>>;

    /// Begins to fetch a file that a practice names. Needs somebody who is
    /// signed in, as it may cost money.
    fn fetch_file<'a>(&'a self, reader: &'a Reader, hash: &'a str) -> Answer<'a, ()>;

    /// A file that is whole here and that a practice names.
    fn file<'a>(&'a self, reader: &'a Reader, hash: &'a str) -> Answer<'a, FileHead>;

    /// Bytes of it from `at` on, up to [`FILE_PIECE_BYTES_MAX`]; none at the end.
    fn file_bytes<'a>(&'a self, hash: &'a str, at: u64) -> Answer<'a, Vec<u8>>;
}

/// What a download is told to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileHead {
    /// What it is called.
    pub name: String,
    /// What it is, by its first bytes.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
}

/// How a file stands on this node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileState {
    /// It is here.
    Here,
    /// It can be fetched.
    Lacking(FileCost),
    /// It comes.
    Coming {
        /// Bytes that are here, and in all.
        have: u64,
        /// In all.
        bytes: u64,
        /// Who gives it; nobody yet if none.
        from: Vec<String>,
    },
    /// It did not come; the sentence says why.
    Failed(String, FileCost),
    /// What is named is no file that could be fetched.
    Unknown,
}

/// What fetching would take.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileCost {
    /// Bytes that travel.
    pub bytes: u64,
    /// About how long.
    pub seconds: u64,
    /// Whether bytes cost money.
    pub costly: bool,
    /// What it costs, as people write it, with the currency; where it is known.
    pub cost: Option<String>,
    /// Whether this reader may begin it.
    pub may_fetch: bool,
}
