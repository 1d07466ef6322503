//! What changes say, read by our own code alone.
//!
//! A [`Fold`] takes held changes one after another, deps first, and refuses
//! those that break the schema: it knows every object with its depth, every
//! element with its object, every value with its place. Nothing here recurses
//! deeper than [`DEPTH_MAX`](super::DEPTH_MAX), works in proportion to a claimed count beyond
//! what the hold stage bounds, or calls Automerge. Since each operation is
//! judged by what it names in its own past, the order of changes that do not
//! build on each other makes no difference.
//!
//! What stands is computed when asked for, by the rules of Automerge: an entry
//! has the value of the latest operation that nobody replaced; elements follow
//! the element after which they were inserted, later ones first.

use std::collections::BTreeMap;

use super::unsound::Unsound;
use super::{KEY_BYTES_MAX, WORD_BYTES_MAX};
use crate::chunk::{Chunk, OpId};
use crate::identity::ActorId;

mod content;
mod replaced;
mod said;
mod sequence;
mod values;

pub(super) use content::Several;
use said::{Kind, Piece, Place, Said};

/// The root map, which no operation made.
const ROOT: OpId = OpId { counter: 0, actor: [0; 16] };

/// Sound changes and what each said.
#[derive(Default)]
pub(super) struct Fold {
    said: Vec<Said>,
    /// The changes of each actor, ascending by their first operation.
    actors: BTreeMap<ActorId, Vec<usize>>,
}

impl Fold {
    /// Takes one more change, whose deps were all taken. If it is unsound,
    /// nothing has changed.
    pub(super) fn take(&mut self, chunk: &Chunk<'_>) -> Result<(), Unsound> {
        let said = Said::read(chunk, self)?;
        let places = self.actors.entry(said.actor).or_default();
        // Empty changes may share the counter of the one that follows.
        let start = |&at: &usize| self.said[at].start_op <= said.start_op;
        places.insert(places.partition_point(start), self.said.len());
        self.said.push(said);
        Ok(())
    }

    /// What the change that holds an operation said.
    fn said(&self, id: OpId) -> Option<&Said> {
        let places = self.actors.get(&id.actor)?;
        let after = places.partition_point(|&at| self.said[at].start_op <= id.counter);
        let said = &self.said[places[after.checked_sub(1)?]];
        (id.counter < said.start_op + said.ops).then_some(said)
    }
}

/// The sound changes, and those of the change that is being read.
#[derive(Clone, Copy)]
struct Known<'f> {
    fold: &'f Fold,
    own: &'f Said,
}

impl<'f> Known<'f> {
    fn piece(&self, id: OpId) -> Option<&'f Piece> {
        let own = id.actor == self.own.actor && id.counter >= self.own.start_op;
        let said = if own { self.own } else { self.fold.said(id)? };
        said.piece(id.counter)
    }

    /// The kind and level of an object.
    fn object(&self, id: Option<OpId>) -> Option<(Kind, usize)> {
        match id {
            None => Some((Kind::Map, 1)),
            Some(id) => self.piece(id)?.made(),
        }
    }

    /// How many ids from this one, counting upwards, are elements of one
    /// sequence; 0 if it is none.
    fn elements(&self, object: OpId, id: OpId) -> u64 {
        let piece = self.piece(id).filter(|piece| piece.within == object);
        let piece = piece.filter(|piece| matches!(piece.place, Place::After(_)));
        piece.map_or(0, |piece| piece.first + piece.count() - id.counter)
    }

    /// Whether an operation set a value at this entry or element.
    fn stands(&self, id: OpId, object: OpId, place: &Place) -> bool {
        self.piece(id).is_some_and(|piece| {
            piece.within == object
                && match (&piece.place, place) {
                    // An insertion is the first value of its own element.
                    (Place::After(_), Place::Element(element)) => *element == id,
                    (there, here) => there == here,
                }
        })
    }
}

#[cfg(test)]
mod tests;
