//! Files beside practices, as the pages ask for them.
//!
//! A file that is attached comes in pieces under a name that
//! [`Files::begin_file`] drew; whatever ends before [`Files::attach_file`] is to
//! be [forgotten](Files::forget_file), so that nothing of it stays.

use super::{Answer, Reader};

/// No answer of [`Files::file_bytes`] is longer.
pub const FILE_PIECE_BYTES_MAX: usize = 64 * 1024;
/// A larger picture is not shown on a page, but linked to.
pub const PICTURE_BYTES_MAX: u64 = 300_000;

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

    /// How much may be attached.
    fn file_limits(&self) -> Answer<'_, FileLimits>;

    /// Begins to take in a file for a draft; returns the name under which its
    /// pieces come.
    ///
    /// Here and below, what is wrong with the file is [`Invalid`] in the field
    /// `file`, with the code `too-large` (than the limit of one file), `too-many`
    /// (files for one practice), `over-quota` (of this node), `disk-full`, `kind`
    /// (a picture from which its place cannot be taken out) or `damaged`.
    ///
    /// [`Invalid`]: super::Refusal::Invalid
    fn begin_file<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        file: BeginFile,
    ) -> Answer<'a, String>;

    /// The next piece of it. After a refusal it is forgotten.
    fn put_file<'a>(&'a self, upload: &'a str, piece: Vec<u8>) -> Answer<'a, ()>;

    /// Nobody goes on with it.
    fn forget_file(&self, upload: &str);

    /// It is all there, and the draft is to name it.
    fn attach_file<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        file: AttachFile,
    ) -> Answer<'a, AttachedFile>;
}

/// How much may be attached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileLimits {
    /// Bytes of one file.
    pub bytes: u64,
    /// Files of one practice.
    pub files: usize,
}

/// What is known of a file before it comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BeginFile {
    /// It has about so many bytes; 0 if that is not said.
    pub bytes: u64,
    /// It takes the place of another.
    pub replaces: bool,
}

/// A file that came, and what is said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttachFile {
    /// The name under which its pieces came.
    pub upload: String,
    /// The heads that the form was opened at.
    pub heads: Vec<String>,
    /// The hash of the file whose place it takes, and whose texts it keeps.
    pub instead_of: Option<String>,
    /// What it is called.
    pub name: String,
    /// Its language.
    pub lang: Option<String>,
    /// What it shows, with the language of that.
    pub alt: Option<super::Phrase>,
    /// Its licence.
    pub licence: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AttachedFile {
    /// Place, time and device were taken out.
    pub cleaned: bool,
    /// The draft named it before, and nothing was changed.
    pub already: bool,
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

impl FileHead {
    /// Whether a browser may show it on a page: a picture of a kind that can do
    /// nothing, and not a large one.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "image/gif"];
        self.bytes <= PICTURE_BYTES_MAX && SHOWN.contains(&self.media_type.as_str())
    }
}

/// How a file stands on this node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileState {
    /// It is here.
    Here,
    /// It is here, and a picture that a page may show.
    Picture {
        /// How wide and high it is in pixels, if that is known.
        sides: Option<(u32, u32)>,
    },
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

impl FileState {
    /// Whether it is on this node.
    #[must_use]
    pub const fn is_here(&self) -> bool {
        matches!(self, Self::Here | Self::Picture { .. })
    }
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
