//! From a tree of values to Automerge's operations, as few as the difference
//! needs. What is equal is not touched; where several values stand side by
//! side, one is written anew and settles it.

use std::collections::BTreeMap;

use automerge::transaction::{Transactable, Transaction};
use automerge::{ObjId, ObjType, Prop, ROOT, ReadDoc, ScalarValue};

use super::lists::{Step, steps};
use super::{DocumentError, read};
use crate::value::Value;

/// How a text that differs is changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Manner {
    /// Letter by letter.
    Letters,
    /// As a whole: smaller when nearly every letter differs.
    Whole,
}

/// Makes the document say `content` and nothing else.
pub(super) fn update(
    tx: &mut Transaction<'_>,
    content: &BTreeMap<String, Value>,
    manner: Manner,
) -> Result<(), DocumentError> {
    Writer { tx, manner }.map(&ROOT, content, 1)
}

struct Writer<'t, 'd> {
    tx: &'t mut Transaction<'d>,
    manner: Manner,
}

/// What stands at a place now.
struct Standing {
    value: Value,
    id: ObjId,
    /// Whether other values stand beside it.
    contested: bool,
}

impl Writer<'_, '_> {
    fn map(
        &mut self,
        map: &ObjId,
        wanted: &BTreeMap<String, Value>,
        level: usize,
    ) -> Result<(), DocumentError> {
        let mut standing = BTreeMap::new();
        for entry in self.tx.map_range(map, ..) {
            let (id, contested) = (entry.id(), entry.conflict);
            let value = read::value(self.tx, entry.value.clone(), || id.clone(), level)?;
            standing.insert(entry.key.into_owned(), Standing { value, id, contested });
        }
        for key in standing.keys().filter(|key| !wanted.contains_key(*key)) {
            self.tx.delete(map, key.as_str())?;
        }
        for (key, value) in wanted {
            match standing.get(key) {
                Some(now) if !now.contested && now.value == *value => {}
                Some(now) if !now.contested && self.become_in_place(now, value, level)? => {}
                _ => self.put(map, key.as_str(), value, level)?,
            }
        }
        Ok(())
    }

    fn list(&mut self, list: &ObjId, wanted: &[Value], level: usize) -> Result<(), DocumentError> {
        let mut standing = Vec::new();
        for entry in self.tx.list_range(list, ..) {
            let (id, contested) = (entry.id(), entry.conflict);
            let value = read::value(self.tx, entry.value.clone(), || id.clone(), level)?;
            standing.push(Standing { value, id, contested });
        }
        let values: Vec<Value> = standing.iter().map(|now| now.value.clone()).collect();
        let mut standing = standing.iter();
        let mut at = 0;
        for step in steps(&values, wanted) {
            match step {
                Step::Keep => {
                    standing.next();
                }
                Step::Remove => {
                    standing.next();
                    self.tx.delete(list, at)?;
                    continue;
                }
                Step::Become(new) => {
                    let now = standing.next().filter(|now| !now.contested);
                    let value = &wanted[new];
                    let became = match now {
                        Some(now) => self.become_in_place(now, value, level)?,
                        None => false,
                    };
                    if !became {
                        self.put(list, at, value, level)?;
                    }
                }
                Step::Insert(new) => self.insert(list, at, &wanted[new], level)?,
            }
            at += 1;
        }
        Ok(())
    }

    /// Changes an object into another of its kind; whether it could.
    fn become_in_place(
        &mut self,
        now: &Standing,
        wanted: &Value,
        level: usize,
    ) -> Result<bool, DocumentError> {
        match (&now.value, wanted) {
            (Value::Map(_), Value::Map(wanted)) => self.map(&now.id, wanted, level + 1)?,
            (Value::List(_), Value::List(wanted)) => self.list(&now.id, wanted, level + 1)?,
            (Value::Text(_), Value::Text(wanted)) if self.manner == Manner::Letters => {
                self.tx.update_text(&now.id, wanted)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn put(
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
        if level == super::DEPTH_MAX {
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
