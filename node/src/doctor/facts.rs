//! What was found, as plain values.

use std::time::Duration;

use tern_crdt::timestamp::Timestamp;

use super::{Backup, Endings, RecoveryFacts};
use crate::indexer::Progress;
use crate::links::Links;
use crate::notices::Standing;
use crate::relaying::Reaching;

/// Everything that the checks look at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// This machine's clock.
    pub now: Timestamp,
    /// Free space for the data folder, in bytes; `None` if the system does not
    /// tell.
    pub free: Option<u64>,
    /// How long it took to write a small file and make it durable, or why that
    /// was refused.
    pub written: Result<Duration, String>,
    /// What others than the owner may enter or read, by its name in the data
    /// folder.
    pub exposed: Vec<String>,
    /// Where the node listens, or could.
    pub ports: Ports,
    /// What the settings left to say, one sentence each.
    pub warnings: Vec<String>,
    /// The layout of the newest journal; `None` if none is there or it cannot
    /// be read.
    pub layout: Option<u32>,
    /// Keys, or why they cannot be listed.
    pub keys: Result<KeyFacts, String>,
    /// The last backup, or why what is noted of it cannot be read.
    pub backup: Result<Option<Backup>, String>,
    /// Whether an index of the store was set aside because it failed.
    pub aside: bool,
    /// What only an open node knows.
    pub inside: Inside,
}

/// An open node, or why it is not.
#[derive(Clone, Debug)]
pub enum Inside {
    /// It answered.
    Open(Box<Opened>),
    /// It does not open, or does not answer.
    Closed(String),
}

/// What only an open node knows.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Whether it serves pages and peers, rather than one command.
    pub serving: bool,
    /// Whether the store takes commits.
    pub usable: bool,
    /// Stored things that could not be read since the start.
    pub damaged: u64,
    /// How far the search index is.
    pub progress: Progress,
    /// Whether the search index is kept and answers.
    pub index_open: bool,
    /// Whether it was thrown away and made anew at the start.
    pub index_rebuilt: bool,
    /// Whether the organisation has a practice of its own here.
    pub own_practice: bool,
    /// Keys that read requests and wait for a passphrase.
    pub locked: u64,
    /// The latest moment at which somebody of another organisation says to
    /// have signed an expert card.
    pub claimed: Option<Timestamp>,
    /// Other nodes that are known here.
    pub peers: Vec<PeerFacts>,
    /// What links cost, and what was spent on them.
    pub links: Links,
    /// How mail stands.
    pub mail: Standing,
    /// How others reach it.
    pub reaching: Reaching,
    /// Memory that is used, and that may be before nobody else is let in, in bytes,
    /// as far as the system tells.
    pub memory: (Option<u64>, Option<u64>),
    /// What ends soon.
    pub endings: Endings,
    /// Whether the organisation could replace a lost root key.
    pub recovery: RecoveryFacts,
    /// While it was put back and has met nobody since: when that was done, or
    /// noticed.
    pub catching_up: Option<Timestamp>,
    /// Whether it was noticed, and not done here by restoring a backup.
    pub found_later: bool,
    /// While two nodes run with its key, as far as is known: since when, and
    /// who noticed it.
    pub copied: Option<(Timestamp, String)>,
}

/// Another node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerFacts {
    /// Its organisation, or the beginning of its id.
    pub name: String,
    /// When it was last met or answered, if ever.
    pub last: Option<Timestamp>,
}

/// Files of keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KeyFacts {
    /// Opened by a passphrase.
    pub wrapped: u64,
    /// People's and the organisation's keys that whoever reads the file has.
    pub plain: u64,
    /// Damaged files.
    pub damaged: u64,
}

/// Where the node listens, or could.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ports {
    /// It serves: on how many addresses, of how many that were asked for.
    Serving {
        /// Where pages answer.
        http: String,
        /// Addresses on which peers are awaited.
        listening: u64,
        /// Those that the settings ask for.
        asked: u64,
    },
    /// It is stopped: whether each address of the settings is free.
    Stopped(Vec<(String, PortState)>),
    /// Nobody looked.
    Unknown,
}

/// Whether somebody could listen on an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PortState {
    /// Yes.
    Free,
    /// Something else does.
    Taken,
    /// The system refuses, in its words.
    Refused(String),
}
