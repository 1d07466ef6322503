//! What is to be written, for whom and into which files, and how far it is.

use std::path::PathBuf;

use serde_json::Value;
use tern_crdt::identity::NodeId;
use tern_protocol::bundle::{Header, Part};
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;

use super::room::END_BYTES;
use super::volume::Volume;
use super::{digits, read_part, strange};
use crate::bundle::stick;
use crate::ops::{BundleReader, OpError};

/// An object to be written.
pub(super) struct Object {
    pub(super) set: SetId,
    pub(super) id: [u8; 32],
    pub(super) state: [u8; 32],
}

impl Object {
    pub(super) fn read(bytes: &[u8; 65]) -> Option<Self> {
        let (set, rest) = bytes.split_first()?;
        let (id, state) = rest.split_first_chunk::<32>()?;
        Some(Self { set: SetId::from_number(*set)?, id: *id, state: state.try_into().ok()? })
    }
}

/// What is to be written.
#[derive(Default)]
pub(in crate::cli) struct Wanted {
    /// Where to: a file, or a stick.
    pub(in crate::cli) path: PathBuf,
    /// For whom alone, as people call them.
    pub(in crate::cli) reader: Option<String>,
    pub(in crate::cli) bytes_max: Option<u64>,
    /// Whether what has no room in one file goes into further ones.
    pub(in crate::cli) volumes: bool,
    /// Only this collection, with what is needed to verify it.
    pub(in crate::cli) collection: Option<String>,
}

/// A header, and what the node said with it.
pub(super) struct Begun {
    pub(super) header: Header,
    pub(super) signed: Vec<u8>,
    pub(super) frames: Option<[u8; 32]>,
    pub(super) knock: Option<Part>,
    /// Whom it is for, as people know it.
    pub(super) reader: Option<String>,
    /// To which organisation's key it is encrypted.
    pub(super) org: Option<String>,
}

impl Begun {
    pub(super) fn read(answer: &Value) -> Result<Self, OpError> {
        let signed = digits(answer, "header")?;
        let frames = answer["frames"].as_str().map(|_| digits(answer, "frames")).transpose()?;
        let knock = answer["knock"].as_str().map(|_| read_part(answer, "knock")).transpose()?;
        Ok(Self {
            header: Header::read(&signed).map_err(|_| strange("header"))?,
            signed,
            frames: frames.map(|key| key.try_into().map_err(|_| strange("frames"))).transpose()?,
            knock,
            reader: answer["reader"].as_str().map(str::to_owned),
            org: answer["org"].as_str().map(str::to_owned),
        })
    }

    /// For which node it is, if not for all.
    pub(super) fn for_node(&self) -> Option<BundleReader> {
        let node = self.header.reader.as_ref()?.node.node().to_string();
        Some(BundleReader { node, org: self.org.clone()? })
    }
}

/// What is written, volume by volume.
pub(super) struct Writing {
    pub(super) wanted: Wanted,
    pub(super) on_stick: bool,
    /// Of the reader alone.
    pub(super) reader: Option<NodeId>,
    /// The same as the node is asked for what is for it.
    pub(super) for_node: Option<BundleReader>,
    /// Ended last.
    pub(super) volumes: Vec<Volume>,
    /// Who may say what: it begins every volume, unless it takes too much of it.
    pub(super) authority: Vec<Vec<Piece>>,
    pub(super) authority_bytes: u64,
    /// Objects that had no room.
    pub(super) left_out: u64,
    /// Objects that could not be read, or are too large to travel.
    pub(super) unfit: u64,
    pub(super) damaged: Vec<Value>,
    /// Of the first volume.
    pub(super) own: Header,
}

impl Writing {
    pub(super) fn place(&self, node: &NodeId) -> Result<PathBuf, OpError> {
        let path = &self.wanted.path;
        if self.on_stick {
            stick::place(path, node, self.reader.as_ref())
        } else if self.wanted.volumes {
            Ok(path.with_added_extension((self.volumes.len() + 1).to_string()))
        } else {
            Ok(path.clone())
        }
    }

    /// Where the pieces of a further volume have to end.
    pub(super) fn end_of_pieces(&self) -> Option<u64> {
        self.wanted.bytes_max.map(|most| most.saturating_sub(END_BYTES))
    }

    pub(super) fn current(&mut self) -> Result<&mut Volume, OpError> {
        self.volumes.last_mut().ok_or_else(|| strange("volume"))
    }
}
