//! What one change says, checked against what was said before.

use super::values::{self, Values};
use super::{Fold, KEY_BYTES_MAX, Known, ROOT};
use crate::chunk::{Chunk, Ids, Key, OpId, Operations, Replaced, Stretch};
use crate::document::DEPTH_MAX;
use crate::document::unsound::Unsound;
use crate::identity::ActorId;

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Map,
    List,
    Text,
}

/// Where a value stands in its object.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Place {
    /// The entry of a map.
    Entry(String),
    /// In place of what an element said before.
    Element(OpId),
    /// New elements: the first after this one, or at the beginning, each
    /// further one after the one before.
    After(Option<OpId>),
}

/// Operations that set values: one, or several that follow each other as
/// elements of a sequence.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) first: u64,
    pub(super) within: OpId,
    pub(super) place: Place,
    pub(super) values: Values,
}

impl Piece {
    /// How many operations it is made of.
    pub(super) fn count(&self) -> u64 {
        self.values.count()
    }

    /// The object that it makes, and its level.
    pub(super) const fn made(&self) -> Option<(Kind, usize)> {
        match self.values {
            Values::Object(kind, level) => Some((kind, level)),
            _ => None,
        }
    }
}

/// Operations that are replaced, of one actor, from one counter to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) actor: ActorId,
    pub(super) first: u64,
    pub(super) last: u64,
}

/// What a change says.
pub(super) struct Said {
    pub(super) actor: ActorId,
    pub(super) start_op: u64,
    pub(super) ops: u64,
    /// Ascending by their first operation.
    pub(super) pieces: Vec<Piece>,
    pub(super) replaced: Vec<Span>,
}

impl Said {
    /// The piece that an operation is in.
    pub(super) fn piece(&self, counter: u64) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.first <= counter);
        let piece = &self.pieces[after.checked_sub(1)?];
        (counter < piece.first + piece.count()).then_some(piece)
    }

    /// Reads a change on top of `fold`.
    pub(super) fn read(chunk: &Chunk<'_>, fold: &Fold) -> Result<Self, Unsound> {
        chunk.check_form()?;
        let mut said = Self {
            actor: chunk.actor(),
            start_op: chunk.start_op(),
            ops: chunk.ops(),
            pieces: Vec::new(),
            replaced: Vec::new(),
        };
        for stretch in Operations::of(chunk) {
            said.add(&stretch?, fold)?;
        }
        Ok(said)
    }

    fn add(&mut self, stretch: &Stretch<'_>, fold: &Fold) -> Result<(), Unsound> {
        let counter = stretch.first.counter;
        let known = Known { fold, own: self };
        let (kind, level) = known.object(stretch.object).ok_or(Unsound::NoObject { counter })?;
        let within = stretch.object.unwrap_or(ROOT);
        let deletes = values::deletes(stretch)?;
        let values = if deletes { None } else { Some(values::read(stretch, kind, level)?) };
        match (kind, stretch.key) {
            (Kind::Map, Key::Name(name)) if !stretch.insert => {
                self.entries(stretch, within, name, values, fold)
            }
            (Kind::List | Kind::Text, Key::Head) if stretch.insert => {
                self.insert(stretch, within, None, values, fold)
            }
            (Kind::List | Kind::Text, Key::Elements(ids)) if stretch.insert => {
                self.insert(stretch, within, Some(ids), values, fold)
            }
            // Automerge never does it, and panics where two do it at once.
            (Kind::Text, Key::Elements(_)) if !deletes => {
                Err(Unsound::Operation { counter, what: "sets a character instead of inserting" })
            }
            (Kind::List | Kind::Text, Key::Elements(ids)) => {
                self.elements(stretch, within, ids, values, fold)
            }
            _ => Err(Unsound::Operation { counter, what: "has a key of another sort of object" }),
        }
    }

    /// One entry of a map, set or deleted; several times in a row if somebody
    /// is odd.
    fn entries(
        &mut self,
        stretch: &Stretch<'_>,
        within: OpId,
        name: &[u8],
        values: Option<Values>,
        fold: &Fold,
    ) -> Result<(), Unsound> {
        let counter = stretch.first.counter;
        let (bytes, max) = (name.len(), KEY_BYTES_MAX);
        if bytes > max {
            return Err(Unsound::TooLong { counter, what: "name", bytes, max });
        }
        let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty());
        let what = "has a name that is empty or not UTF-8";
        let place = Place::Entry(name.ok_or(Unsound::Operation { counter, what })?.to_owned());
        for step in 0..stretch.count {
            self.replace(stretch, step, within, &place, fold)?;
            if let Some(values) = &values {
                self.push(counter + step, within, place.clone(), values.one(step));
            }
        }
        Ok(())
    }

    /// New elements of a sequence.
    fn insert(
        &mut self,
        stretch: &Stretch<'_>,
        within: OpId,
        after: Option<Ids>,
        values: Option<Values>,
        fold: &Fold,
    ) -> Result<(), Unsound> {
        let (counter, actor) = (stretch.first.counter, self.actor);
        let Some(values) = values.filter(|_| stretch.replaced == Replaced::Nothing) else {
            let what = "inserts and replaces at once";
            return Err(Unsound::Operation { counter, what });
        };
        let mut step = 0;
        while step < stretch.count {
            let key = after.map(|ids| ids.at(step));
            let own = OpId { counter: counter + step, actor };
            let known = Known { fold, own: self };
            if key.is_some_and(|key| known.elements(within, key) == 0) {
                return Err(Unsound::NoElement { counter: own.counter });
            }
            // How many from here each follow the one before; an object is a
            // piece of its own.
            let follows = |at: &u64| {
                let before = OpId { counter: counter + at - 1, actor };
                after.is_some_and(|ids| ids.at(*at) == before)
            };
            let last = if matches!(values, Values::Object(..)) { step + 1 } else { stretch.count };
            let more = (step + 1..last).take_while(follows).count() as u64;
            let part = values.part(step, more + 1);
            if !self.prolong(own, within, key, &part) {
                self.push(own.counter, within, Place::After(key), part);
            }
            step += more + 1;
        }
        Ok(())
    }

    /// Elements that are set or deleted.
    fn elements(
        &mut self,
        stretch: &Stretch<'_>,
        within: OpId,
        ids: Ids,
        values: Option<Values>,
        fold: &Fold,
    ) -> Result<(), Unsound> {
        let counter = stretch.first.counter;
        let mut step = 0;
        while step < stretch.count {
            let id = ids.at(step);
            let known = Known { fold, own: self };
            let run = known.elements(within, id);
            if run == 0 {
                return Err(Unsound::NoElement { counter: counter + step });
            }
            let rest = stretch.count - step;
            let alike = |at: u64| {
                let expected = OpId { counter: id.counter + at, ..id };
                ids.at(step + at) == expected
                    && matches!(&stretch.replaced, Replaced::OneEach(preds) if preds.at(step + at) == expected)
            };
            // A passage that is deleted: as long as ids and what they replace
            // count upwards together, one look tells.
            let passage = match values {
                None => (0..rest.min(run)).take_while(|&at| alike(at)).count() as u64,
                Some(_) => 0,
            };
            if passage > 0 {
                let last = id.counter + passage - 1;
                self.replaced.push(Span { actor: id.actor, first: id.counter, last });
                step += passage;
                continue;
            }
            let place = Place::Element(id);
            self.replace(stretch, step, within, &place, fold)?;
            if let Some(values) = &values {
                self.push(counter + step, within, place, values.one(step));
            }
            step += 1;
        }
        Ok(())
    }

    /// Notes what one operation of a stretch replaces.
    fn replace(
        &mut self,
        stretch: &Stretch<'_>,
        step: u64,
        within: OpId,
        place: &Place,
        fold: &Fold,
    ) -> Result<(), Unsound> {
        let one;
        let ids = match &stretch.replaced {
            Replaced::Nothing => &[][..],
            Replaced::OneEach(ids) => {
                one = [ids.at(step)];
                &one
            }
            Replaced::Several(ids) => ids,
        };
        for id in ids {
            if !(Known { fold, own: self }).stands(*id, within, place) {
                return Err(Unsound::NotReplaced { counter: stretch.first.counter + step });
            }
            self.replaced.push(Span { actor: id.actor, first: id.counter, last: id.counter });
        }
        Ok(())
    }

    /// Adds elements to the last piece, if they go on where it ends.
    fn prolong(&mut self, own: OpId, within: OpId, after: Option<OpId>, part: &Values) -> bool {
        let before = OpId { counter: own.counter - 1, ..own };
        let Some(last) = self.pieces.last_mut() else { return false };
        let goes_on = after == Some(before)
            && last.within == within
            && last.first + last.count() == own.counter
            && matches!(last.place, Place::After(_));
        goes_on && last.values.prolong(part)
    }

    fn push(&mut self, first: u64, within: OpId, place: Place, values: Values) {
        self.pieces.push(Piece { first, within, place, values });
    }
}

/// The level of an object that is made inside one of level `level`.
pub(super) const fn deeper(level: usize, counter: u64) -> Result<usize, Unsound> {
    if level < DEPTH_MAX { Ok(level + 1) } else { Err(Unsound::Depth { counter, max: DEPTH_MAX }) }
}
