//! Changes put together byte by byte, with a right checksum.

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ObjType, ScalarValue};
use sha2::{Digest, Sha256};

/// An unsigned number in LEB128.
pub(crate) fn unsigned(mut number: u64) -> Vec<u8> {
    let mut bytes = vec![];
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A signed number in LEB128.
pub(crate) fn signed(mut number: i64) -> Vec<u8> {
    let mut bytes = vec![];
    while !(-0x40..0x40).contains(&number) {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8 & 0x7f);
    bytes
}

/// A run: the same value so many times.
pub(crate) fn times(count: i64, value: &[u8]) -> Vec<u8> {
    [&signed(count), value].concat()
}

/// A run-length column of these values.
pub(crate) fn runs<T: PartialEq>(values: &[Option<T>], encode: impl Fn(&T) -> Vec<u8>) -> Vec<u8> {
    let run = |alike: &[Option<T>]| match &alike[0] {
        Some(value) => times(alike.len() as i64, &encode(value)),
        None => times(0, &unsigned(alike.len() as u64)),
    };
    values.chunk_by(|a, b| a == b).flat_map(run).collect()
}

/// A column of differences of these values.
pub(crate) fn differences(values: &[Option<i64>]) -> Vec<u8> {
    let mut before = 0;
    let mut step = |value: i64| value - std::mem::replace(&mut before, value);
    let steps: Vec<Option<i64>> = values.iter().map(|value| value.map(&mut step)).collect();
    runs(&steps, |step| signed(*step))
}

/// The chunk of this type and body.
pub(crate) fn sealed(kind: u8, body: &[u8]) -> Vec<u8> {
    let frame = [&[0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, kind][..], &unsigned(body.len() as u64)];
    let mut chunk = [&frame.concat(), body].concat();
    mend(&mut chunk);
    chunk
}

/// Puts a right checksum into a chunk that was tampered with.
pub(crate) fn mend(chunk: &mut [u8]) {
    if chunk.len() >= 8 {
        let hash = Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&hash[..4]);
    }
}

/// The hash of a whole chunk.
pub(crate) fn hash(chunk: &[u8]) -> [u8; 32] {
    Sha256::digest(&chunk[8..]).into()
}

/// A change, field by field.
#[derive(Clone)]
pub(crate) struct Forged {
    pub(crate) deps: Vec<[u8; 32]>,
    pub(crate) actor: Vec<u8>,
    pub(crate) seq: Vec<u8>,
    pub(crate) start_op: u64,
    pub(crate) message: Vec<u8>,
    pub(crate) others: Vec<[u8; 16]>,
    pub(crate) columns: Vec<(u64, Vec<u8>)>,
    pub(crate) extra: Vec<u8>,
}

impl Forged {
    /// A first change of `count` operations that put nothing under "k".
    pub(crate) fn puts(actor: [u8; 16], count: i64) -> Self {
        let columns = vec![
            (0x15, times(count, b"\x01k")),
            (0x34, unsigned(count as u64)),
            (0x42, times(count, &[1])),
            (0x56, times(count, &[0])),
            (0x70, times(count, &[0])),
        ];
        Self {
            deps: vec![],
            actor: actor.to_vec(),
            seq: vec![1],
            start_op: 1,
            message: vec![],
            others: vec![],
            columns,
            extra: vec![],
        }
    }

    /// The same with this column instead of its own, or besides.
    pub(crate) fn with(mut self, number: u64, bytes: impl Into<Vec<u8>>) -> Self {
        self.columns.retain(|column| column.0 != number);
        self.columns.push((number, bytes.into()));
        self.columns.sort_by_key(|column| column.0);
        self
    }

    /// The same without this column.
    pub(crate) fn without(mut self, number: u64) -> Self {
        self.columns.retain(|column| column.0 != number);
        self
    }

    /// The same with this change to a field.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The chunk.
    pub(crate) fn sealed(&self) -> Vec<u8> {
        let mut body = unsigned(self.deps.len() as u64);
        body.extend(self.deps.as_flattened());
        body.extend(unsigned(self.actor.len() as u64));
        body.extend(&self.actor);
        body.extend(&self.seq);
        body.extend(unsigned(self.start_op));
        body.push(0);
        body.extend(unsigned(self.message.len() as u64));
        body.extend(&self.message);
        body.extend(unsigned(self.others.len() as u64));
        for other in &self.others {
            body.push(16);
            body.extend(other);
        }
        body.extend(unsigned(self.columns.len() as u64));
        for (number, bytes) in &self.columns {
            body.extend(unsigned(*number));
            body.extend(unsigned(bytes.len() as u64));
        }
        self.columns.iter().for_each(|(_, bytes)| body.extend(bytes));
        body.extend(&self.extra);
        sealed(1, &body)
    }
}

/// A change as Automerge itself writes it, from operations that it would
/// never make.
pub(crate) fn written(
    actor: [u8; 16],
    seq: u64,
    start_op: u64,
    deps: &[&[u8]],
    operations: Vec<Op>,
) -> ExpandedChange {
    let mut deps: Vec<ChangeHash> = deps.iter().map(|dep| ChangeHash(hash(dep))).collect();
    deps.sort_unstable();
    ExpandedChange {
        operations,
        actor_id: ActorId::from(actor),
        hash: None,
        seq,
        start_op: start_op.try_into().expect("operations are numbered from 1"),
        time: 0,
        message: None,
        deps,
        extra_bytes: vec![],
        author: None,
    }
}

/// Its bytes.
pub(crate) fn raw(change: ExpandedChange) -> Vec<u8> {
    Change::from(change).raw_bytes().to_vec()
}

/// An operation id.
pub(crate) fn id(counter: u64, actor: [u8; 16]) -> OpId {
    OpId(counter, ActorId::from(actor))
}

/// The letter "z" after an element of a text.
pub(crate) fn letter(text: OpId, after: OpId) -> Op {
    Op {
        action: OpType::Put(ScalarValue::Str("z".into())),
        obj: ObjectId::Id(text),
        key: Key::Seq(ElementId::Id(after)),
        pred: SortedVec::new(),
        insert: true,
    }
}

/// A number under "n" in a map, in place of what `over` put there.
pub(crate) fn put(object: ObjectId, over: Vec<OpId>) -> Op {
    Op {
        action: OpType::Put(ScalarValue::Uint(1)),
        obj: object,
        key: Key::Map("n".into()),
        pred: over.into(),
        insert: false,
    }
}

/// An object under "n" in a map.
pub(crate) fn made(kind: ObjType, object: ObjectId) -> Op {
    Op { action: OpType::Make(kind), ..put(object, vec![]) }
}
