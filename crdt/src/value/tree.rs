//! A tree of values inside a signed statement.
//!
//! The bytes of a [`Tree`] are its [`canonical`] form and no others: what is
//! read is written again and compared, so that a tree has one byte string, and
//! a reader in another language needs no rules but those of the form. Reading
//! is bounded before it is exact: no memory is taken in proportion to a number
//! that the bytes claim, nothing nests deeper than [`TREE_LEVELS_MAX`], and a
//! tree has at most [`TREE_ENTRIES_MAX`] entries.
//!
//! This is not the content of a document: that is read from its changes.

use std::collections::BTreeMap;

use minicbor::data::Type;
use minicbor::{Decoder, Encoder, decode, encode};
use thiserror::Error;

use super::{Value, canonical};

/// Maps and lists nest at most this deep; the tree itself is level 1.
pub const TREE_LEVELS_MAX: usize = 8;
/// A tree has at most this many entries of maps and lists, counted together.
pub const TREE_ENTRIES_MAX: u64 = 4_096;

/// Values by name, as they stand inside a signed statement.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tree(pub BTreeMap<String, Value>);

/// Why bytes, or values, are no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TreeRefused {
    /// Something that a tree does not hold, or less than was claimed.
    #[error("is no map of values in CBOR")]
    Malformed,
    /// Nested too deep.
    #[error("nests deeper than {TREE_LEVELS_MAX} levels")]
    TooDeep,
    /// Too many entries.
    #[error("has more than {TREE_ENTRIES_MAX} entries")]
    TooMany,
    /// A number without an end, or that is none.
    #[error("holds a number that is not finite")]
    NotFinite,
    /// The values could be written in fewer bytes, or in another order.
    #[error("is not in canonical form")]
    NotCanonical,
    /// More bytes follow.
    #[error("has bytes after its end")]
    Trailing,
}

impl Tree {
    /// The [`canonical`] form.
    pub fn to_bytes(&self) -> Vec<u8> {
        canonical(&self.0)
    }

    /// Reads a tree that fills `bytes` exactly.
    ///
    /// # Errors
    /// What [`TreeRefused`] names; never a panic, whatever the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TreeRefused> {
        let mut d = Decoder::new(bytes);
        let tree = read(&mut d)?;
        if d.position() == bytes.len() { Ok(tree) } else { Err(TreeRefused::Trailing) }
    }

    /// Whether what [`to_bytes`](Self::to_bytes) writes can be read again.
    ///
    /// # Errors
    /// `TooDeep`, `TooMany` or `NotFinite`.
    pub fn check(&self) -> Result<(), TreeRefused> {
        let mut entries = TREE_ENTRIES_MAX;
        let mut room = Room { levels: TREE_LEVELS_MAX, entries: &mut entries };
        let mut inside = room.enter(self.0.len() as u64)?;
        self.0.values().try_for_each(|value| within(value, &mut inside))
    }
}

/// How much may still come: levels here, entries everywhere.
struct Room<'a> {
    levels: usize,
    entries: &'a mut u64,
}

impl Room<'_> {
    /// The room inside a map or list of so many entries.
    fn enter(&mut self, count: u64) -> Result<Room<'_>, TreeRefused> {
        let levels = self.levels.checked_sub(1).ok_or(TreeRefused::TooDeep)?;
        *self.entries = self.entries.checked_sub(count).ok_or(TreeRefused::TooMany)?;
        Ok(Room { levels, entries: self.entries })
    }
}

fn within(value: &Value, room: &mut Room<'_>) -> Result<(), TreeRefused> {
    match value {
        Value::Float(number) if !number.is_finite() => Err(TreeRefused::NotFinite),
        Value::List(entries) => {
            let mut inside = room.enter(entries.len() as u64)?;
            entries.iter().try_for_each(|entry| within(entry, &mut inside))
        }
        Value::Map(entries) => {
            let mut inside = room.enter(entries.len() as u64)?;
            entries.values().try_for_each(|entry| within(entry, &mut inside))
        }
        _ => Ok(()),
    }
}

/// Reads one tree, and compares what was read with how it is written.
fn read(d: &mut Decoder<'_>) -> Result<Tree, TreeRefused> {
    let start = d.position();
    let mut entries = TREE_ENTRIES_MAX;
    let mut room = Room { levels: TREE_LEVELS_MAX, entries: &mut entries };
    let tree = Tree(map(d, &mut room)?);
    let bytes = d.input().get(start..d.position()).ok_or(TreeRefused::Malformed)?;
    if tree.to_bytes() == bytes { Ok(tree) } else { Err(TreeRefused::NotCanonical) }
}

fn malformed(_: decode::Error) -> TreeRefused {
    TreeRefused::Malformed
}

fn map(d: &mut Decoder<'_>, room: &mut Room<'_>) -> Result<BTreeMap<String, Value>, TreeRefused> {
    let count = d.map().map_err(malformed)?.ok_or(TreeRefused::NotCanonical)?;
    let mut inside = room.enter(count)?;
    let mut map = BTreeMap::new();
    for _ in 0..count {
        let key = d.str().map_err(malformed)?;
        // Of a key that stands twice one entry stays, and the bytes differ.
        map.insert(key.to_owned(), value(d, &mut inside)?);
    }
    Ok(map)
}

fn list(d: &mut Decoder<'_>, room: &mut Room<'_>) -> Result<Vec<Value>, TreeRefused> {
    let count = d.array().map_err(malformed)?.ok_or(TreeRefused::NotCanonical)?;
    let mut inside = room.enter(count)?;
    // Grown as values come, not by what was claimed.
    let mut list = Vec::new();
    for _ in 0..count {
        list.push(value(d, &mut inside)?);
    }
    Ok(list)
}

fn value(d: &mut Decoder<'_>, room: &mut Room<'_>) -> Result<Value, TreeRefused> {
    Ok(match d.datatype().map_err(malformed)? {
        Type::Bool => Value::Bool(d.bool().map_err(malformed)?),
        Type::F64 => match d.f64().map_err(malformed)? {
            number if number.is_finite() => Value::Float(number),
            _ => return Err(TreeRefused::NotFinite),
        },
        Type::Bytes => {
            let word = std::str::from_utf8(d.bytes().map_err(malformed)?);
            Value::Word(word.map_err(|_| TreeRefused::Malformed)?.to_owned())
        }
        Type::String => Value::Text(d.str().map_err(malformed)?.to_owned()),
        Type::Array => Value::List(list(d, room)?),
        Type::Map => Value::Map(map(d, room)?),
        Type::ArrayIndef | Type::MapIndef | Type::BytesIndef | Type::StringIndef => {
            return Err(TreeRefused::NotCanonical);
        }
        // Everything that is no integer of 64 bits is refused there.
        _ => Value::Int(d.i64().map_err(malformed)?),
    })
}

impl<C> minicbor::Encode<C> for Tree {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.writer_mut().write_all(&self.to_bytes()).map_err(encode::Error::write)
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Tree {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        read(d).map_err(decode::Error::message)
    }
}
