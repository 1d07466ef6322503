//! Writing into a draft without taking anything away from others: objects
//! stay, also when they are emptied; where several stand at one entry, the
//! latest takes all and the others are emptied.

use std::collections::BTreeMap;

use automerge::transaction::Transactable;
use automerge::{ObjId, ObjType, ReadDoc, Value as Shown};

use super::super::DocumentError;
use super::super::write::Writer;
use crate::value::Value;

impl Writer<'_, '_> {
    /// Makes the map that these objects are together say what is wanted.
    pub(in crate::document) fn gentle_map(
        &mut self,
        maps: &[ObjId],
        now: &BTreeMap<String, Value>,
        wanted: &BTreeMap<String, Value>,
        level: usize,
    ) -> Result<(), DocumentError> {
        for key in now.keys().filter(|key| !wanted.contains_key(*key)) {
            self.clear_entry(maps, key)?;
        }
        for (key, value) in wanted {
            let before = now.get(key);
            if before == Some(value) {
                continue;
            }
            let kind = match value {
                Value::Map(_) => ObjType::Map,
                Value::List(_) => ObjType::List,
                Value::Text(_) => ObjType::Text,
                _ => {
                    self.put(&maps[0], key.as_str(), value, level)?;
                    continue;
                }
            };
            let objects = self.objects_at(maps, key, kind)?;
            match (objects.split_first(), before, value) {
                (Some(_), before, Value::Map(wanted)) => {
                    let none = BTreeMap::new();
                    let before = if let Some(Value::Map(map)) = before { map } else { &none };
                    self.gentle_map(&objects, before, wanted, level + 1)?;
                }
                (Some((latest, others)), _, Value::Text(_)) => {
                    let alone = Value::Text(self.tx.text(latest)?);
                    self.become_in_place(latest, &alone, value, level)?;
                    others.iter().try_for_each(|other| self.clear(other, ObjType::Text))?;
                }
                (Some((latest, [])), Some(before @ Value::List(_)), _) => {
                    self.become_in_place(latest, before, value, level)?;
                }
                (Some((latest, others)), ..) => {
                    self.clear(latest, kind)?;
                    let none = Value::List(Vec::new());
                    self.become_in_place(latest, &none, value, level)?;
                    others.iter().try_for_each(|other| self.clear(other, kind))?;
                }
                (None, ..) => self.put(&maps[0], key.as_str(), value, level)?,
            }
        }
        Ok(())
    }

    /// The objects of a kind that stand at an entry, the latest first.
    fn objects_at(
        &self,
        maps: &[ObjId],
        key: &str,
        kind: ObjType,
    ) -> Result<Vec<ObjId>, DocumentError> {
        let mut objects = Vec::new();
        for map in maps {
            let standing = self.tx.get_all(map, key)?;
            let of_kind = standing.into_iter().filter(|(value, _)| *value == Shown::Object(kind));
            objects.extend(of_kind.map(|(_, id)| id));
        }
        let key = |id: &ObjId| match id {
            ObjId::Root => None,
            ObjId::Id(counter, actor, _) => Some((*counter, actor.clone())),
        };
        objects.sort_by_cached_key(|id| std::cmp::Reverse(key(id)));
        Ok(objects)
    }

    /// Empties what stands at an entry, or takes it away if it is no object.
    fn clear_entry(&mut self, maps: &[ObjId], key: &str) -> Result<(), DocumentError> {
        for map in maps {
            let standing = self.tx.get_all(map, key)?;
            let objects: Vec<(ObjType, ObjId)> = standing
                .iter()
                .filter_map(|(value, id)| Some((value.to_objtype()?, id.clone())))
                .collect();
            if objects.is_empty() && !standing.is_empty() {
                self.tx.delete(map, key)?;
            }
            objects.iter().try_for_each(|(kind, object)| self.clear(object, *kind))?;
        }
        Ok(())
    }

    fn clear(&mut self, object: &ObjId, kind: ObjType) -> Result<(), DocumentError> {
        match kind {
            ObjType::Text => {
                let length = self.tx.length(object);
                self.tx.splice_text(object, 0, length as isize, "")?;
            }
            ObjType::List => {
                for at in (0..self.tx.length(object)).rev() {
                    self.tx.delete(object, at)?;
                }
            }
            ObjType::Map | ObjType::Table => {
                let keys: Vec<String> = self.tx.keys(object).map(|key| key.to_string()).collect();
                let map = std::slice::from_ref(object);
                keys.iter().try_for_each(|key| self.clear_entry(map, key))?;
            }
        }
        Ok(())
    }
}
