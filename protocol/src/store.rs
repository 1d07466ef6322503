//! The one seam to storage: sorted keys in a few spaces, three operations.
//!
//! What a key or a value means is the [ledger](crate)'s business; an engine
//! knows bytes. Every engine passes the same [conformance] suite. The promise
//! that the whole of Tern stands on: **a commit is atomic, and durable when
//! it returns**. "Durable" means that neither `kill -9` nor a power cut can
//! take it back.

use bytes::Bytes;
use thiserror::Error;

pub mod conformance;
pub mod memory;

/// A value is at most this long: the largest change (256 KiB) with its signed
/// statement. How an engine lays out a large value is its own affair.
pub const VALUE_BYTES_MAX: usize = 320 * 1024;
/// A key is at most this long.
pub const KEY_BYTES_MAX: usize = 256;
/// One page of a scan has at most this many entries.
pub const SCAN_ENTRIES_MAX: usize = 4096;
/// A page of a scan ends early with the entry by which its keys and values
/// grow past this, so that scanning large values needs no large memory.
pub const SCAN_BYTES: usize = 16 * 1024 * 1024;

/// A family of keys. The number is stored: never reuse one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Space {
    /// Format version and facts about this store itself.
    Meta = 0,
    /// Signed records of the authority set.
    Authority = 1,
    /// Signed records of the other sets.
    Record = 2,
    /// Per document: what is needed to judge a change without loading it.
    Document = 3,
    /// Editions of practices, each with its change.
    Edition = 4,
    /// Changes and segments of drafts.
    Draft = 5,
    /// What only this node knows: accounts, peers, settings, tallies.
    Local = 6,
}

impl Space {
    /// All spaces, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Meta,
        Self::Authority,
        Self::Record,
        Self::Document,
        Self::Edition,
        Self::Draft,
        Self::Local,
    ];
}

/// One change of one key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// The key has this value from now on.
    Put {
        /// The family of the key.
        space: Space,
        /// At most [`KEY_BYTES_MAX`], not empty.
        key: Bytes,
        /// At most [`VALUE_BYTES_MAX`].
        value: Bytes,
    },
    /// The key has no value from now on; no error if it had none.
    Delete {
        /// The family of the key.
        space: Space,
        /// The key.
        key: Bytes,
    },
}

/// Changes that happen all or not at all. Absolute puts and deletes, so that
/// applying a batch twice is applying it once. Of two changes of one key the
/// later one stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Batch(pub Vec<Op>);

impl Batch {
    /// Adds a put.
    pub fn put(&mut self, space: Space, key: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.0.push(Op::Put { space, key: key.into(), value: value.into() });
    }

    /// Adds a delete.
    pub fn delete(&mut self, space: Space, key: impl Into<Bytes>) {
        self.0.push(Op::Delete { space, key: key.into() });
    }

    /// Whether committing it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Some entries of a scan, in ascending order of their keys.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// Keys (whole, with the prefix) and values.
    pub entries: Vec<(Bytes, Bytes)>,
    /// Whether more entries follow: scan again after the last key.
    pub more: bool,
}

/// Why the store did not do it. After [`Full`](Self::Full) and
/// [`TooLarge`](Self::TooLarge) nothing of the batch was kept and the next
/// commit may be tried. After any other `Err` from `commit` the engine takes no
/// more commits until it is opened anew: whether the batch survived is not
/// known, and saying either would be a lie.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The disk is full. Nothing of the batch was kept.
    #[error("the disk is full: free some space, nothing that was confirmed is lost")]
    Full,
    /// The folder is in use by another process.
    #[error("the data folder is in use by another process{0}")]
    InUse(String),
    /// Stored bytes are not what was stored.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// A later version of this software wrote what is stored.
    #[error(
        "a newer tern wrote what is stored: it has layout {layout}, and this one reads up to {known}; install that version again, or restore a backup that was made before the upgrade"
    )]
    Newer {
        /// The layout found.
        layout: u32,
        /// The last one that is known here.
        known: u32,
    },
    /// The system refused a file operation.
    #[error("storage failed: {0}")]
    Failed(String),
    /// A key or value beyond the bounds; a bug of the caller.
    #[error("a {what} of {bytes} bytes is larger than {max}")]
    TooLarge {
        /// `key` or `value`.
        what: &'static str,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        max: usize,
    },
}

impl Batch {
    /// Whether every key and value keeps its bound: engines ask this before
    /// they do anything.
    pub fn check(&self) -> Result<(), StoreError> {
        let check = |what, bytes: &Bytes, max| {
            let bytes = bytes.len();
            if bytes > max { Err(StoreError::TooLarge { what, bytes, max }) } else { Ok(()) }
        };
        self.0.iter().try_for_each(|op| match op {
            Op::Put { key, value, .. } => check("key", key, KEY_BYTES_MAX)
                .and_then(|()| check("value", value, VALUE_BYTES_MAX)),
            Op::Delete { key, .. } => check("key", key, KEY_BYTES_MAX),
        })
    }
}

/// Sorted keys in spaces. See the module for the promise.
pub trait Store {
    /// The value of `key`, if it has one.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// Up to `limit` (at most [`SCAN_ENTRIES_MAX`]) entries whose key begins
    /// with `prefix`, ascending, beginning after the key `after` if given.
    /// Fewer than `limit` entries do not mean that none follow (see
    /// [`SCAN_BYTES`]); [`Page::more`] does.
    fn scan(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Page, StoreError>;

    /// Makes all of `batch` true and durable, or none of it. An empty batch
    /// costs nothing.
    fn commit(&mut self, batch: Batch) -> Result<(), StoreError>;
}

impl<S: Store + ?Sized> Store for Box<S> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        (**self).get(space, key)
    }
    fn scan(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        (**self).scan(space, prefix, after, limit)
    }
    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        (**self).commit(batch)
    }
}
