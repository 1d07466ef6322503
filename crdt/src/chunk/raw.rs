//! One raw change chunk: its layout, and the rules that its bytes keep by
//! themselves.

use sha2::{Digest, Sha256};

use super::columns::Columns;
use super::reader::Reader;
use super::{CHANGE_BYTES_MAX, ChunkRefused, DEPS_MAX, MESSAGE_BYTES_MAX, rows};
use crate::identity::ActorId;

pub(super) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The chunk type of a change that is not deflated.
pub(super) const CHANGE: u8 = 1;

/// One raw change whose bytes keep the rules that need no past: it is intact,
/// bounded, and written as Automerge writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    bytes: &'a [u8],
    hash: [u8; 32],
    deps: &'a [[u8; 32]],
    actor: ActorId,
    seq: u64,
    start_op: u64,
    time: i64,
    /// Each preceded by its length, 16.
    other_actors: &'a [[u8; 17]],
    pub(super) columns: Columns<'a>,
    ops: u64,
}

impl<'a> Chunk<'a> {
    /// SHA-256 of the chunk without its first eight bytes, as in Automerge.
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The changes it follows, strictly ascending, at most 64.
    pub const fn deps(&self) -> &'a [[u8; 32]] {
        self.deps
    }

    /// Who wrote it.
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// The number that its actor gave it, from 1.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The counter of its first operation.
    pub const fn start_op(&self) -> u64 {
        self.start_op
    }

    /// How many operations it has, at most 200,000.
    pub const fn ops(&self) -> u64 {
        self.ops
    }

    /// When it was written, in seconds since 1970 by its author's clock. Not
    /// to be relied on.
    pub const fn time(&self) -> i64 {
        self.time
    }

    /// Whom its operation ids name beside its author, ascending.
    pub(super) fn other_actors(&self) -> impl Iterator<Item = ActorId> + 'a {
        self.other_actors.iter().map(|[_, actor @ ..]| *actor)
    }

    /// The whole chunk.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// The hash of a raw change, whatever else is true of it; `None` if it is
/// shorter than the head that is left out.
pub fn hash_of(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.get(8..).map(|hashed| Sha256::digest(hashed).into())
}

/// Reads one raw change that fills `bytes` exactly, by the rules that need no
/// past (1 to 11).
pub fn read(bytes: &[u8]) -> Result<Chunk<'_>, ChunkRefused> {
    let mut body = framed(bytes)?;
    let hash: [u8; 32] = Sha256::digest(&bytes[8..]).into();
    if bytes[4..8] != hash[..4] {
        return Err(ChunkRefused::Checksum);
    }
    let deps = deps(&mut body)?;
    let actor = actor(body.within("actor"))?;
    let seq = body.within("sequence number").unsigned()?;
    let start_op = body.within("first operation number").unsigned()?;
    let time = body.within("time").signed()?;
    check_message(body.within("message"))?;
    let other_actors = other_actors(body.within("other actors"), &actor)?;
    let columns = Columns::read(&mut body)?;
    let ops = rows::operations(&columns)?;
    rows::predecessors(&columns)?;
    Ok(Chunk { bytes, hash, deps, actor, seq, start_op, time, other_actors, columns, ops })
}

/// What follows the frame: magic, checksum, type and length.
pub(super) fn framed(bytes: &[u8]) -> Result<Reader<'_>, ChunkRefused> {
    if bytes.len() > CHANGE_BYTES_MAX {
        return Err(ChunkRefused::TooLong { bytes: bytes.len(), max: CHANGE_BYTES_MAX });
    }
    let mut chunk = Reader::new(bytes, "frame");
    if chunk.array()? != &MAGIC {
        return Err(ChunkRefused::Magic);
    }
    let _checksum: &[u8; 4] = chunk.array()?;
    match chunk.array()? {
        [CHANGE] => {}
        [kind] => return Err(ChunkRefused::Kind { kind: *kind }),
    }
    let announced = chunk.unsigned()?;
    let found = chunk.rest().len();
    if usize::try_from(announced) != Ok(found) {
        return Err(ChunkRefused::Length { announced, found });
    }
    Ok(chunk)
}

fn deps<'a>(body: &mut Reader<'a>) -> Result<&'a [[u8; 32]], ChunkRefused> {
    let count = body.within("deps").unsigned()?;
    if count > DEPS_MAX as u64 {
        return Err(ChunkRefused::Deps { deps: count, max: DEPS_MAX });
    }
    let (deps, _) = body.take(count * 32)?.as_chunks();
    if deps.is_sorted_by(|a, b| a < b) { Ok(deps) } else { Err(ChunkRefused::DepsOrder) }
}

fn actor(body: &mut Reader<'_>) -> Result<ActorId, ChunkRefused> {
    match body.unsigned()? {
        16 => body.array().copied(),
        bytes => Err(ChunkRefused::ActorLength { bytes }),
    }
}

fn check_message(body: &mut Reader<'_>) -> Result<(), ChunkRefused> {
    let bytes = body.unsigned()?;
    if bytes > MESSAGE_BYTES_MAX as u64 {
        return Err(ChunkRefused::Message { bytes, max: MESSAGE_BYTES_MAX });
    }
    std::str::from_utf8(body.take(bytes)?).map(|_| ()).map_err(|_| ChunkRefused::MessageText)
}

fn other_actors<'a>(
    body: &mut Reader<'a>,
    author: &ActorId,
) -> Result<&'a [[u8; 17]], ChunkRefused> {
    let count = body.unsigned()?;
    let start = body.rest();
    let mut before = None;
    for _ in 0..count {
        let other = actor(body)?;
        if before >= Some(other) || other == *author {
            return Err(ChunkRefused::ActorsOrder);
        }
        before = Some(other);
    }
    // A length of 16 is one byte, so that each took 17.
    let (others, _) = start[..start.len() - body.rest().len()].as_chunks();
    Ok(others)
}
