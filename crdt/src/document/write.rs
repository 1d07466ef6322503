//! From a tree of values to Automerge's operations, as few as the difference
//! needs. What is equal is not touched; where several values stand side by
//! side, one is written anew and settles it.

use std::collections::BTreeMap;

use automerge::transaction::{Transactable, Transaction};
use automerge::{ObjId, ObjType, Prop, ROOT, ReadDoc, ScalarValue};

use super::lists::{Step, steps};
use super::texts::splices;
use super::{DEPTH_MAX, DocumentError};
use crate::value::Value;

/// How a text that differs is changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Manner {
    /// Word by word.
    Words,
    /// As a whole: smaller when nearly every word differs.
    Whole,
    /// Word by word, and leaving emptied objects where they are: for drafts.
    Gentle,
}

/// Turns a document that says `now` into one that says `content`.
pub(super) fn update(
    tx: &mut Transaction<'_>,
    now: &BTreeMap<String, Value>,
    content: &BTreeMap<String, Value>,
    manner: Manner,
) -> Result<(), DocumentError> {
    Writer { tx, manner }.map(&ROOT, now, content, 1)
}

/// Writes into a document.
pub(super) struct Writer<'t, 'd> {
    pub(super) tx: &'t mut Transaction<'d>,
    pub(super) manner: Manner,
}

impl Writer<'_, '_> {
    fn map(
        &mut self,
        map: &ObjId,
        now: &BTreeMap<String, Value>,
        wanted: &BTreeMap<String, Value>,
        level: usize,
    ) -> Result<(), DocumentError> {
        for key in now.keys().filter(|key| !wanted.contains_key(*key)) {
            self.tx.delete(map, key.as_str())?;
        }
        let entries = self.tx.map_range(map, ..);
        let standing: BTreeMap<String, (ObjId, bool)> =
            entries.map(|entry| (entry.key.to_string(), (entry.id(), entry.conflict))).collect();
        for (key, value) in wanted {
            match (now.get(key), standing.get(key)) {
                (Some(before), Some((id, false)))
                    if before == value || self.become_in_place(id, before, value, level)? => {}
                _ => self.put(map, key.as_str(), value, level)?,
            }
        }
        Ok(())
    }

    fn list(
        &mut self,
        list: &ObjId,
        now: &[Value],
        wanted: &[Value],
        level: usize,
    ) -> Result<(), DocumentError> {
        let entries = self.tx.list_range(list, ..);
        let standing: Vec<(ObjId, bool)> =
            entries.map(|entry| (entry.id(), entry.conflict)).collect();
        let (mut old, mut at) = (0, 0);
        for step in steps(now, wanted) {
            match step {
                Step::Keep => {}
                Step::Remove => self.tx.delete(list, at)?,
                Step::Insert(new) => self.insert(list, at, &wanted[new], level)?,
                Step::Become(new) => {
                    let became = match standing.get(old) {
                        Some((id, false)) => {
                            self.become_in_place(id, &now[old], &wanted[new], level)?
                        }
                        _ => false,
                    };
                    if !became {
                        self.put(list, at, &wanted[new], level)?;
                    }
                }
            }
            old += usize::from(!matches!(step, Step::Insert(_)));
            at += usize::from(step != Step::Remove);
        }
        Ok(())
    }

    /// Changes an object into another of its kind; whether it could.
    pub(super) fn become_in_place(
        &mut self,
        id: &ObjId,
        now: &Value,
        wanted: &Value,
        level: usize,
    ) -> Result<bool, DocumentError> {
        match (now, wanted) {
            (Value::Map(now), Value::Map(wanted)) if self.manner == Manner::Gentle => {
                self.gentle_map(std::slice::from_ref(id), now, wanted, level + 1)?;
            }
            (Value::Map(now), Value::Map(wanted)) => self.map(id, now, wanted, level + 1)?,
            (Value::List(now), Value::List(wanted)) => self.list(id, now, wanted, level + 1)?,
            (Value::Text(now), Value::Text(wanted)) if self.manner != Manner::Whole => {
                // From the end, so that places before stay what they are.
                for splice in splices(now, wanted).into_iter().rev() {
                    self.tx.splice_text(id, splice.at, splice.delete as isize, &splice.insert)?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn put(
        &mut self,
        within: &ObjId,
        at: impl Into<Prop>,
        value: &Value,
        level: usize,
    ) -> Result<(), DocumentError> {
        match made_of(value)? {
            Part::Scalar(scalar) => self.tx.put(within, at, scalar)?,
            Part::Object(kind) => {
                let object = self.tx.put_object(within, at, kind)?;
                self.fill(&object, value, level)?;
            }
        }
        Ok(())
    }

    fn insert(
        &mut self,
        list: &ObjId,
        at: usize,
        value: &Value,
        level: usize,
    ) -> Result<(), DocumentError> {
        match made_of(value)? {
            Part::Scalar(scalar) => self.tx.insert(list, at, scalar)?,
            Part::Object(kind) => {
                let object = self.tx.insert_object(list, at, kind)?;
                self.fill(&object, value, level)?;
            }
        }
        Ok(())
    }

    /// Fills an object that is new and empty.
    fn fill(&mut self, object: &ObjId, value: &Value, level: usize) -> Result<(), DocumentError> {
        if level == DEPTH_MAX {
            return Err(DocumentError::Unfit { what: "an object nested too deep" });
        }
        match value {
            Value::Map(entries) => {
                for (key, entry) in entries {
                    self.put(object, key.as_str(), entry, level + 1)?;
                }
            }
            Value::List(entries) => {
                for (at, entry) in entries.iter().enumerate() {
                    self.insert(object, at, entry, level + 1)?;
                }
            }
            Value::Text(text) => self.tx.splice_text(object, 0, 0, text)?,
            _ => {}
        }
        Ok(())
    }
}

enum Part {
    Scalar(ScalarValue),
    Object(ObjType),
}

fn made_of(value: &Value) -> Result<Part, DocumentError> {
    Ok(match value {
        Value::Bool(yes) => Part::Scalar(ScalarValue::Boolean(*yes)),
        Value::Int(number) => Part::Scalar(ScalarValue::Int(*number)),
        Value::Float(number) if number.is_finite() => Part::Scalar(ScalarValue::F64(number + 0.0)),
        Value::Float(_) => return Err(DocumentError::Unfit { what: "a number without end" }),
        Value::Word(word) => Part::Scalar(ScalarValue::Str(word.as_str().into())),
        Value::Text(_) => Part::Object(ObjType::Text),
        Value::List(_) => Part::Object(ObjType::List),
        Value::Map(_) => Part::Object(ObjType::Map),
    })
}
