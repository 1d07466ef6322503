//! Practices as JSON and as JSON Lines.

use serde_json::Value;

use super::rows::practice_of;
use crate::ops::Fields;

/// A row: where it stands, counted from 1, and its practice, or what is wrong.
pub(super) type JsonRow = (u64, Result<Fields, String>);

/// The practices of one document: one, or a list of them.
pub(super) fn document(text: &str) -> Result<Vec<JsonRow>, String> {
    let value: Value = serde_json::from_str(text).map_err(|why| format!("it is no JSON: {why}"))?;
    match value {
        Value::Array(items) => Ok((1..).zip(items.into_iter().map(practice_of)).collect()),
        one => Ok(vec![(1, practice_of(one))]),
    }
}

/// The practices of a file with one document on each line.
pub(super) fn lines(text: &str) -> Vec<JsonRow> {
    let filled = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    filled
        .map(|(row, line)| {
            let value =
                serde_json::from_str(line).map_err(|why| format!("this line is no JSON: {why}"));
            (row, value.and_then(practice_of))
        })
        .collect()
}
