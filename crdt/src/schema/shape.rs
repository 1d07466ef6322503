//! How a typed field stands in JSON and in a tree of values.
//!
//! Two forms, one trait: the JSON that people and programs write, read
//! strictly and refused by name; and the tree of a document, read leniently,
//! so that what a later version wrote is kept and not lost. [`record`] makes
//! a typed record of a table of fields, each named once.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::refused::{At, FieldRefused};
use crate::taxonomy::nearest;
use crate::value::Value;

/// A value that can stand in a form.
pub(crate) trait Shape: Sized {
    /// What stands for a field that is not given; `None` if it must be given.
    fn absent() -> Option<Self> {
        None
    }

    /// Reads what somebody wrote.
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused>;

    /// Changes the field as somebody asks, which by default replaces it.
    fn amend(&mut self, json: &Json, at: At<'_>) -> Result<(), FieldRefused> {
        *self = Self::read_json(json, at)?;
        Ok(())
    }

    /// The JSON form; `None` when there is nothing to write.
    fn write_json(&self) -> Option<Json>;

    /// Reads the form in a document; `None` when it has another shape.
    fn read_value(value: &Value) -> Option<Self>;

    /// The form in a document; `None` when there is nothing to write.
    fn write_value(&self) -> Option<Value>;
}

impl<T: Shape> Shape for Option<T> {
    fn absent() -> Option<Self> {
        Some(None)
    }

    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        if is_blank(json) { Ok(None) } else { T::read_json(json, at).map(Some) }
    }

    fn write_json(&self) -> Option<Json> {
        self.as_ref().and_then(T::write_json)
    }

    fn read_value(value: &Value) -> Option<Self> {
        T::read_value(value).map(Some)
    }

    fn write_value(&self) -> Option<Value> {
        self.as_ref().and_then(T::write_value)
    }
}

/// A list. One value where a list is meant is a list of one; what is listed
/// twice is kept once.
impl<T: Shape + PartialEq> Shape for Vec<T> {
    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        let entries = match json {
            Json::Array(entries) => entries.as_slice(),
            blank if is_blank(blank) => &[],
            one => std::slice::from_ref(one),
        };
        if entries.len() as u64 > at.limit {
            let (count, limit) = (entries.len(), at.limit);
            return Err(at.beyond(format!("has {count} entries, and at most {limit} fit")));
        }
        let mut list = Self::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let entry = T::read_json(entry, at.index(index))?;
            if !list.contains(&entry) {
                list.push(entry);
            }
        }
        Ok(list)
    }

    fn write_json(&self) -> Option<Json> {
        (!self.is_empty()).then(|| self.iter().filter_map(T::write_json).collect())
    }

    fn read_value(value: &Value) -> Option<Self> {
        let Value::List(entries) = value else { return None };
        let mut list = Self::with_capacity(entries.len());
        for entry in entries {
            let entry = T::read_value(entry)?;
            if !list.contains(&entry) {
                list.push(entry);
            }
        }
        Some(list)
    }

    fn write_value(&self) -> Option<Value> {
        (!self.is_empty()).then(|| Value::List(self.iter().filter_map(T::write_value).collect()))
    }
}

/// Whether JSON says that there is nothing.
pub(crate) fn is_blank(json: &Json) -> bool {
    json.is_null() || json.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Refuses keys that no field has.
pub(crate) fn only_known(
    object: &Map<String, Json>,
    fields: &[(&'static str, u64)],
    at: At<'_>,
) -> Result<(), FieldRefused> {
    let keys = || fields.iter().map(|(key, _)| *key);
    match object.keys().find(|key| !keys().any(|known| known == *key)) {
        None => Ok(()),
        Some(key) => Err(at.key(key, 0).refuse(match nearest(key, keys()) {
            Some(known) => format!("is no known field; did you mean `{known}`?"),
            None => "is no known field".to_owned(),
        })),
    }
}

/// Reads one member of an object.
pub(crate) fn member<T: Shape>(
    object: &Map<String, Json>,
    key: &str,
    limit: u64,
    at: At<'_>,
) -> Result<T, FieldRefused> {
    let here = at.key(key, limit);
    match (object.get(key), T::absent()) {
        (None | Some(Json::Null), Some(absent)) => Ok(absent),
        (None, None) => Err(here.refuse("is missing here")),
        (Some(json), _) => T::read_json(json, here),
    }
}

/// Reads one member of a map; one of another shape goes to `other`.
pub(crate) fn entry<T: Shape>(
    map: &BTreeMap<String, Value>,
    key: &str,
    other: &mut BTreeMap<String, Value>,
) -> Option<T> {
    let Some(value) = map.get(key) else { return T::absent() };
    T::read_value(value).or_else(|| {
        other.insert(key.to_owned(), value.clone());
        T::absent()
    })
}

/// The key of a field: its name, unless it says another.
macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}

/// A typed record of a table of fields: `name: type, bound;`, or
/// `name = "key": type, bound;` where the key is no legal name. `bare` is the
/// field meant by a value that is no object.
macro_rules! record {
    (
        $(#[$doc:meta])*
        $name:ident $(bare $bare:ident)? {
            $($(#[$field_doc:meta])* $field:ident $(= $key:literal)?: $type:ty, $limit:expr;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// What a later version wrote here, kept as it is.
            pub other: std::collections::BTreeMap<String, crate::value::Value>,
        }

        impl $name {
            /// The keys in order, each with its bound: characters of a text in
            /// one language, entries of a list, the largest number; 0 if none.
            pub const FIELDS: &[(&'static str, u64)] =
                &[$(($crate::schema::shape::key!($field $($key)?), $limit)),*];

            /// Reads the entries of a map; `None` when one that must be given
            /// is not there.
            fn read_entries(
                map: &std::collections::BTreeMap<String, crate::value::Value>,
            ) -> Option<Self> {
                let known = |key: &str| Self::FIELDS.iter().any(|(known, _)| *known == key);
                let mut other: std::collections::BTreeMap<_, _> = map
                    .iter()
                    .filter(|(key, _)| !known(key))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                Some(Self {
                    $($field: $crate::schema::shape::entry(
                        map,
                        $crate::schema::shape::key!($field $($key)?),
                        &mut other,
                    )?,)*
                    other,
                })
            }
        }

        impl $crate::schema::shape::Shape for $name {
            fn read_json(
                json: &serde_json::Value,
                at: $crate::schema::At<'_>,
            ) -> Result<Self, $crate::schema::FieldRefused> {
                $(
                    let wrapped;
                    let json = if json.is_object() {
                        json
                    } else {
                        wrapped = serde_json::json!({ stringify!($bare): json });
                        &wrapped
                    };
                )?
                let object = json.as_object().ok_or_else(|| at.refuse("is not an object"))?;
                $crate::schema::shape::only_known(object, Self::FIELDS, at)?;
                Ok(Self {
                    $($field: $crate::schema::shape::member(
                        object,
                        $crate::schema::shape::key!($field $($key)?),
                        $limit,
                        at,
                    )?,)*
                    other: std::collections::BTreeMap::new(),
                })
            }

            fn amend(
                &mut self,
                json: &serde_json::Value,
                at: $crate::schema::At<'_>,
            ) -> Result<(), $crate::schema::FieldRefused> {
                let object = json.as_object().ok_or_else(|| at.refuse("is not an object"))?;
                $crate::schema::shape::only_known(object, Self::FIELDS, at)?;
                $({
                    let key = $crate::schema::shape::key!($field $($key)?);
                    if let Some(json) = object.get(key) {
                        self.$field.amend(json, at.key(key, $limit))?;
                        self.other.remove(key);
                    }
                })*
                Ok(())
            }

            fn write_json(&self) -> Option<serde_json::Value> {
                let mut object = serde_json::Map::new();
                $(if let Some(json) = self.$field.write_json() {
                    let key = $crate::schema::shape::key!($field $($key)?);
                    object.insert(key.to_owned(), json);
                })*
                Some(object.into())
            }

            fn read_value(value: &crate::value::Value) -> Option<Self> {
                let crate::value::Value::Map(map) = value else { return None };
                Self::read_entries(map)
            }

            fn write_value(&self) -> Option<crate::value::Value> {
                let mut map = self.other.clone();
                $(if let Some(value) = self.$field.write_value() {
                    let key = $crate::schema::shape::key!($field $($key)?);
                    // A default does not take the place of what a later
                    // version wrote there.
                    if !map.contains_key(key)
                        || <$type as $crate::schema::Shape>::absent().as_ref() != Some(&self.$field)
                    {
                        map.insert(key.to_owned(), value);
                    }
                })*
                Some(crate::value::Value::Map(map))
            }
        }
    };
}

/// What every record has that is signed as a [`Tree`](crate::value::Tree):
/// its two forms, and being empty. All its fields can be absent.
macro_rules! form {
    ($name:ident) => {
        impl Default for $name {
            fn default() -> Self {
                Self::from_tree(&crate::value::Tree::default())
            }
        }

        impl $name {
            /// The form as a file.
            pub fn to_json(&self) -> serde_json::Value {
                let json = $crate::schema::Shape::write_json(self);
                json.unwrap_or_else(|| serde_json::json!({}))
            }

            /// The form as it is signed.
            pub fn to_tree(&self) -> crate::value::Tree {
                match $crate::schema::Shape::write_value(self) {
                    Some(crate::value::Value::Map(map)) => crate::value::Tree(map),
                    _ => crate::value::Tree::default(),
                }
            }

            /// Reads a form as it was signed. Never refuses: what has another
            /// shape than this version knows is kept in `other`.
            pub fn from_tree(tree: &crate::value::Tree) -> Self {
                Self::read_entries(&tree.0).expect("every field of a form can be absent")
            }
        }
    };
}

pub(crate) use {form, key, record};
