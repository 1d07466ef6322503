//! The operations of a change as they stand, for those who look at what they
//! say: alike ones in a row come as one stretch, so that a paragraph is a few
//! steps and not a thousand.

use super::columns::{Column, Columns};
use super::reader::Reader;
use super::runs::{Counters, Cursor, Differences};
use super::{Chunk, ChunkRefused};
use crate::identity::ActorId;

/// The id of an operation. In this order Automerge prefers the later one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OpId {
    /// Its counter.
    pub counter: u64,
    /// Who wrote it.
    pub actor: ActorId,
}

/// Ids of one actor whose counters grow or shrink by the same step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ids {
    actor: ActorId,
    counters: Counters,
}

impl Ids {
    /// The id after `steps` steps, which is below the count of its stretch.
    pub const fn at(&self, steps: u64) -> OpId {
        OpId { counter: self.counters.at(steps as i64) as u64, actor: self.actor }
    }
}

/// What the operations of a stretch are about, inside their object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key<'a> {
    /// The entry of a map; not necessarily UTF-8.
    Name(&'a [u8]),
    /// The beginning of a sequence.
    Head,
    /// One element of a sequence each.
    Elements(Ids),
}

/// The operations that those of a stretch replace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Replaced {
    /// None.
    Nothing,
    /// One each.
    OneEach(Ids),
    /// Several, by the only operation of its stretch.
    Several(Vec<OpId>),
}

/// Operations in a row, alike but for their counters, keys and values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch<'a> {
    /// The id of the first; the counters of the others follow.
    pub first: OpId,
    /// How many there are, at least one.
    pub count: u64,
    /// The object that they change; `None` is the root.
    pub object: Option<OpId>,
    /// What they are about in it.
    pub key: Key<'a>,
    /// Whether each makes a new element after its key.
    pub insert: bool,
    /// What they do, by Automerge's number, 0 to 7.
    pub action: u64,
    /// The type of each value, by Automerge's number, 0 to 15.
    pub kind: u64,
    /// The bytes of each value.
    pub length: u64,
    /// The values, one after another.
    pub values: &'a [u8],
    /// What they replace.
    pub replaced: Replaced,
}

/// The operations of a change that is held, from its first to its last.
pub struct Operations<'a> {
    actors: Vec<ActorId>,
    at: u64,
    start_op: u64,
    ops: u64,
    objects: (Cursor<'a, u64>, Cursor<'a, u64>),
    keys: (Cursor<'a, u64>, Differences<'a>, Cursor<'a, &'a [u8]>),
    inserts: Booleans<'a>,
    actions: Cursor<'a, u64>,
    kinds: Cursor<'a, u64>,
    values: Reader<'a>,
    numbers: Cursor<'a, u64>,
    predecessors: (Cursor<'a, u64>, Differences<'a>),
}

impl<'a> Operations<'a> {
    /// The operations of a change.
    pub fn of(chunk: &Chunk<'a>) -> Self {
        let columns = &chunk.columns;
        Self {
            actors: std::iter::once(chunk.actor()).chain(chunk.other_actors()).collect(),
            at: 0,
            start_op: chunk.start_op(),
            ops: chunk.ops(),
            objects: (
                Cursor::new(columns, Column::ObjectActors),
                Cursor::new(columns, Column::ObjectCounters),
            ),
            keys: (
                Cursor::new(columns, Column::KeyActors),
                Differences::new(columns, Column::KeyCounters),
                Cursor::new(columns, Column::KeyNames),
            ),
            inserts: Booleans::new(columns),
            actions: Cursor::new(columns, Column::Actions),
            kinds: Cursor::new(columns, Column::ValueKinds),
            values: columns.get(Column::Values),
            numbers: Cursor::new(columns, Column::PredecessorCounts),
            predecessors: (
                Cursor::new(columns, Column::PredecessorActors),
                Differences::new(columns, Column::PredecessorCounters),
            ),
        }
    }

    fn read(&mut self) -> Result<Stretch<'a>, ChunkRefused> {
        let (count, replaces) = self.alike()?;
        let object = match (self.objects.0.take(count), self.objects.1.take(count)) {
            (None, None) => None,
            (Some(actor), Some(counter)) => Some(OpId { counter, actor: self.actor(actor)? }),
            _ => return Err(Column::ObjectCounters.unfit("half an id")),
        };
        let keys = (self.keys.0.take(count), self.keys.1.take(count)?, self.keys.2.take(count));
        let key = match keys {
            (None, None, Some(name)) => Key::Name(name),
            (None, Some(_), None) => Key::Head,
            (Some(actor), Some(counters), None) => {
                Key::Elements(Ids { actor: self.actor(actor)?, counters })
            }
            _ => return Err(Column::KeyCounters.unfit("an operation with no key, or two")),
        };
        let kind = self.kinds.take(count).unwrap_or(0);
        let length = kind >> 4;
        let stretch = Stretch {
            first: OpId { counter: self.start_op + self.at, actor: self.actor(0)? },
            count,
            object,
            key,
            insert: self.inserts.take(count),
            action: self.actions.take(count).unwrap_or(0),
            kind: kind & 0x0f,
            length,
            values: self.values.take(count.saturating_mul(length))?,
            replaced: self.replaced(count, replaces)?,
        };
        self.at += count;
        Ok(stretch)
    }

    /// How many operations from here are alike, and how many predecessors
    /// each has.
    fn alike(&mut self) -> Result<(u64, u64), ChunkRefused> {
        let mut count = self.ops - self.at;
        for left in [
            self.objects.0.left()?,
            self.objects.1.left()?,
            self.keys.0.left()?,
            self.keys.1.left()?,
            self.keys.2.left()?,
            self.inserts.left()?,
            self.actions.left()?,
            self.kinds.left()?,
            self.numbers.left()?,
        ] {
            count = count.min(left);
        }
        let replaces = self.numbers.value().unwrap_or(0);
        if replaces == 1 {
            count = count.min(self.predecessors.0.left()?).min(self.predecessors.1.left()?);
        } else if replaces > 1 {
            count = 1;
        }
        Ok((count, replaces))
    }

    fn replaced(&mut self, count: u64, each: u64) -> Result<Replaced, ChunkRefused> {
        self.numbers.take(count);
        match each {
            0 => Ok(Replaced::Nothing),
            1 => self.ids(count).map(Replaced::OneEach),
            several => {
                let ids = (0..several).map(|_| {
                    self.predecessors.0.left()?;
                    self.predecessors.1.left()?;
                    self.ids(1).map(|ids| ids.at(0))
                });
                ids.collect::<Result<_, _>>().map(Replaced::Several)
            }
        }
    }

    fn ids(&mut self, count: u64) -> Result<Ids, ChunkRefused> {
        match (self.predecessors.0.take(count), self.predecessors.1.take(count)?) {
            (Some(actor), Some(counters)) => Ok(Ids { actor: self.actor(actor)?, counters }),
            _ => Err(Column::PredecessorCounts.unfit("half an id")),
        }
    }

    fn actor(&self, index: u64) -> Result<ActorId, ChunkRefused> {
        let actor = usize::try_from(index).ok().and_then(|index| self.actors.get(index));
        actor.copied().ok_or(Column::KeyActors.unfit("an actor that it does not list"))
    }
}

impl<'a> Iterator for Operations<'a> {
    type Item = Result<Stretch<'a>, ChunkRefused>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.at < self.ops).then(|| {
            let stretch = self.read();
            if stretch.is_err() {
                self.at = self.ops;
            }
            stretch
        })
    }
}

/// A boolean column: how many are false, then how many are true, and so on.
struct Booleans<'a> {
    reader: Reader<'a>,
    left: u64,
    value: bool,
}

impl<'a> Booleans<'a> {
    fn new(columns: &Columns<'a>) -> Self {
        Self { reader: columns.get(Column::Inserts), left: 0, value: true }
    }

    fn left(&mut self) -> Result<u64, ChunkRefused> {
        while self.left == 0 {
            self.left = self.reader.unsigned()?;
            self.value = !self.value;
        }
        Ok(self.left)
    }

    fn take(&mut self, count: u64) -> bool {
        self.left -= count;
        self.value
    }
}
