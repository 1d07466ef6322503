//! The tree of values that stands after all changes of a fold.

use std::collections::BTreeMap;

use super::replaced::Replaced;
use super::said::{Kind, Piece, Place};
use super::values::Values;
use super::{Fold, ROOT, sequence};
use crate::chunk::OpId;
use crate::identity::ActorId;
use crate::value::Value;

/// What to show where several values stand at one entry of a map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::document) enum Several {
    /// The latest, as every tool for Automerge does.
    Latest,
    /// All: maps and lists joined, texts one below the other. Of other values
    /// the latest.
    Joined,
}

/// A value that stands, with the operation that set it.
#[derive(Clone, Copy)]
struct Standing<'f> {
    id: OpId,
    values: &'f Values,
    at: u64,
}

impl Fold {
    /// What the document says.
    pub(in crate::document) fn content(&self, several: Several) -> BTreeMap<String, Value> {
        let mut objects: BTreeMap<OpId, Vec<(ActorId, &Piece)>> = BTreeMap::new();
        for said in &self.said {
            for piece in &said.pieces {
                objects.entry(piece.within).or_default().push((said.actor, piece));
            }
        }
        Reader { objects, replaced: Replaced::by(self), several }.map(&[ROOT])
    }
}

impl Fold {
    /// For a map of maps at an entry of the root: by the name of each inner map and
    /// of what stands in it, whose change set that.
    pub(in crate::document) fn setters(
        &self,
        entry: &str,
    ) -> BTreeMap<String, BTreeMap<String, ActorId>> {
        let mut objects: BTreeMap<OpId, Vec<(ActorId, &Piece)>> = BTreeMap::new();
        for said in &self.said {
            for piece in &said.pieces {
                objects.entry(piece.within).or_default().push((said.actor, piece));
            }
        }
        let reader = Reader { objects, replaced: Replaced::by(self), several: Several::Joined };
        let maps = |standing: Vec<Standing<'_>>| -> Vec<OpId> {
            let map = |one: &&Standing<'_>| matches!(one.values, Values::Object(Kind::Map, _));
            standing.iter().filter(map).map(|one| one.id).collect()
        };
        let outer = reader.entries(&[ROOT]).remove(entry).map(maps).unwrap_or_default();
        let inner = reader.entries(&outer).into_iter();
        let set = |standing: Vec<Standing<'_>>| standing.iter().map(|one| one.id).max();
        inner
            .map(|(name, standing)| {
                let within = reader.entries(&maps(standing)).into_iter();
                let set = within.filter_map(|(key, all)| Some((key.to_owned(), set(all)?.actor)));
                (name.to_owned(), set.collect())
            })
            .collect()
    }
}

struct Reader<'f> {
    objects: BTreeMap<OpId, Vec<(ActorId, &'f Piece)>>,
    replaced: Replaced,
    several: Several,
}

impl<'f> Reader<'f> {
    fn pieces(&self, object: OpId) -> &[(ActorId, &'f Piece)] {
        self.objects.get(&object).map_or(&[], Vec::as_slice)
    }

    /// What stands at each entry of one map, or of several together.
    fn entries(&self, objects: &[OpId]) -> BTreeMap<&'f str, Vec<Standing<'f>>> {
        let mut entries: BTreeMap<&str, Vec<Standing<'f>>> = BTreeMap::new();
        for &(actor, piece) in objects.iter().flat_map(|object| self.pieces(*object)) {
            let id = OpId { counter: piece.first, actor };
            if let Place::Entry(name) = &piece.place
                && !self.replaced.contains(id)
            {
                let standing = Standing { id, values: &piece.values, at: 0 };
                entries.entry(name).or_default().push(standing);
            }
        }
        entries
    }

    /// One map, or several that stand at one entry.
    fn map(&self, objects: &[OpId]) -> BTreeMap<String, Value> {
        let values = self.entries(objects).into_iter().filter_map(|(name, standing)| {
            self.value(standing).map(|value| (name.to_owned(), value))
        });
        values.collect()
    }

    /// The value of an entry or element.
    fn value(&self, mut standing: Vec<Standing<'f>>) -> Option<Value> {
        standing.sort_unstable_by_key(|one| std::cmp::Reverse(one.id));
        let latest = standing.first()?;
        let kind = match latest.values {
            Values::Object(kind, _) => *kind,
            Values::Scalars(values) => return values.get(latest.at as usize).cloned(),
            Values::Characters(..) => return None,
        };
        let alike = standing.iter().filter(|one| match one.values {
            Values::Object(other, _) => *other == kind,
            _ => false,
        });
        let shown = if self.several == Several::Joined { usize::MAX } else { 1 };
        let objects: Vec<OpId> = alike.map(|one| one.id).take(shown).collect();
        Some(match kind {
            Kind::Map => Value::Map(self.map(&objects)),
            Kind::List => Value::List(self.lists(&objects)),
            Kind::Text => Value::Text(self.texts(&objects)),
        })
    }

    fn lists(&self, objects: &[OpId]) -> Vec<Value> {
        let mut joined = self.list(objects[0]);
        for object in &objects[1..] {
            for value in self.list(*object) {
                if !joined.contains(&value) {
                    joined.push(value);
                }
            }
        }
        joined
    }

    fn list(&self, object: OpId) -> Vec<Value> {
        let pieces = self.pieces(object);
        let mut instead = self.instead(pieces);
        let mut list = Vec::new();
        for run in sequence::ordered(pieces) {
            for step in 0..run.count {
                let id = OpId { counter: run.first.counter + step, ..run.first };
                let mut standing = instead.remove(&id).unwrap_or_default();
                if !self.replaced.contains(id) {
                    let at = run.offset + step;
                    standing.push(Standing { id, values: &run.piece.values, at });
                }
                list.extend(self.value(standing));
            }
        }
        list
    }

    /// What was set in place of elements, and still stands.
    fn instead(&self, pieces: &[(ActorId, &'f Piece)]) -> BTreeMap<OpId, Vec<Standing<'f>>> {
        let mut instead: BTreeMap<OpId, Vec<Standing<'f>>> = BTreeMap::new();
        for &(actor, piece) in pieces {
            let id = OpId { counter: piece.first, actor };
            if let Place::Element(element) = piece.place
                && !self.replaced.contains(id)
            {
                let standing = Standing { id, values: &piece.values, at: 0 };
                instead.entry(element).or_default().push(standing);
            }
        }
        instead
    }

    fn texts(&self, objects: &[OpId]) -> String {
        let mut joined = self.text(objects[0]);
        for object in &objects[1..] {
            let text = self.text(*object);
            if text.contains(joined.trim()) {
                joined = text;
            } else if !joined.contains(text.trim()) {
                joined.push_str("\n\n");
                joined.push_str(&text);
            }
        }
        joined
    }

    fn text(&self, object: OpId) -> String {
        let pieces = self.pieces(object);
        let mut text = String::new();
        for run in sequence::ordered(pieces) {
            if let Values::Characters(written) = &run.piece.values {
                self.passage(&run, written, &mut text);
            }
        }
        text
    }

    /// What stands of a run, passage by passage.
    fn passage(&self, run: &sequence::Run<'f>, written: &[char], text: &mut String) {
        let mut step = 0;
        while step < run.count {
            let id = OpId { counter: run.first.counter + step, ..run.first };
            let (replaced, alike) = self.replaced.alike(id);
            let alike = alike.min(run.count - step);
            if !replaced {
                let start = (run.offset + step) as usize;
                text.extend(&written[start..start + alike as usize]);
            }
            step += alike;
        }
    }
}
