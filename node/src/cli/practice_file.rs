//! The one practice, or form, in a file that a command names.

use std::path::Path;

use serde_json::Value;

use crate::interchange::{read_document, read_file};
use crate::ops::{ErrorCode, Fields, OpError};

/// The fields of the one practice in `path`.
pub(super) fn read(path: &Path) -> Result<Fields, OpError> {
    let mut rows = read_file(path)?;
    let one = rows.pop().filter(|_| rows.is_empty());
    let Some(one) = one else {
        let message = format!(
            "{} does not hold one practice: `tern practice import` reads files of many",
            path.display()
        );
        return Err(OpError::new(ErrorCode::Invalid, message));
    };
    one.practice.map_err(|why| {
        OpError::new(ErrorCode::Invalid, format!("{} row {}: {why}", path.display(), one.row))
    })
}

/// The one form in `path`: a request, an answer or an expert card.
pub(super) fn read_form(path: &Path) -> Result<Fields, OpError> {
    match read_document(path)? {
        Value::Object(fields) => Ok(fields),
        _ => {
            let message = format!("{} holds no form: an object, like {{…}}", path.display());
            Err(OpError::new(ErrorCode::Invalid, message))
        }
    }
}

/// The document in `path` that `export` or `show --json` wrote, with its id.
pub(super) fn read_exported(path: &Path) -> Result<(String, Fields), OpError> {
    let document = read_document(path)?;
    let id = document.get("id").and_then(Value::as_str).map(str::to_owned);
    match (id, document) {
        (Some(id), Value::Object(document)) if document.contains_key("fields") => {
            Ok((id, document))
        }
        _ => {
            let message = format!(
                "{} names no practice: verify takes what `practice export --format json` wrote",
                path.display()
            );
            Err(OpError::new(ErrorCode::Invalid, message))
        }
    }
}
