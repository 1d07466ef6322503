//! From Automerge's objects to a tree of values: what stands, where several
//! stand the one that Automerge prefers, as any tool for it would show.

use std::collections::BTreeMap;

use automerge::{ObjId, ObjType, ROOT, ReadDoc, ScalarValueRef, ValueRef};

use super::{DEPTH_MAX, DocumentError};
use crate::value::Value;

/// What a document says.
pub(super) fn content(document: &impl ReadDoc) -> Result<BTreeMap<String, Value>, DocumentError> {
    map(document, &ROOT, 1)
}

/// The content of one value; `level` is that of the object that holds it.
pub(super) fn value(
    document: &impl ReadDoc,
    value: ValueRef<'_>,
    id: impl FnOnce() -> ObjId,
    level: usize,
) -> Result<Value, DocumentError> {
    let kind = match value {
        ValueRef::Scalar(value) => return scalar(value),
        ValueRef::Object(kind) => kind,
    };
    if level == DEPTH_MAX {
        return Err(DocumentError::Unfit { what: "an object nested too deep" });
    }
    match kind {
        ObjType::Map => map(document, &id(), level + 1).map(Value::Map),
        ObjType::List => list(document, &id(), level + 1).map(Value::List),
        ObjType::Text => Ok(Value::Text(document.text(id())?)),
        ObjType::Table => Err(DocumentError::Unfit { what: "a table" }),
    }
}

fn map(
    document: &impl ReadDoc,
    object: &ObjId,
    level: usize,
) -> Result<BTreeMap<String, Value>, DocumentError> {
    let entries = document.map_range(object, ..);
    entries
        .map(|entry| {
            let value = value(document, entry.value.clone(), || entry.id(), level)?;
            Ok((entry.key.into_owned(), value))
        })
        .collect()
}

fn list(
    document: &impl ReadDoc,
    object: &ObjId,
    level: usize,
) -> Result<Vec<Value>, DocumentError> {
    let entries = document.list_range(object, ..);
    entries.map(|entry| value(document, entry.value.clone(), || entry.id(), level)).collect()
}

fn scalar(value: ScalarValueRef<'_>) -> Result<Value, DocumentError> {
    match value {
        ScalarValueRef::Str(word) => Ok(Value::Word(word.into_owned())),
        ScalarValueRef::Int(number) => Ok(Value::Int(number)),
        ScalarValueRef::F64(number) if number.is_finite() => Ok(Value::Float(number)),
        ScalarValueRef::Boolean(yes) => Ok(Value::Bool(yes)),
        _ => Err(DocumentError::Unfit { what: "a value of an unknown type" }),
    }
}
