//! The one practice, or form, in a file that a command names, or in the code
//! on a printed page.

use std::path::Path;

use serde_json::{Value, json};

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

/// The practice in the text of a printed code, with what it says of the edition:
/// `tern:ID/EDITION/HASH`, in letters of either case, or the address of a page
/// `…/practices/ID/editions/EDITION#HASH`. `None` for any other text.
pub(super) fn read_printed(text: &str) -> Option<(String, Fields)> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let (id, edition, hash) = if let Some(code) = lower.strip_prefix("tern:") {
        let (id, rest) = code.split_once('/')?;
        let (edition, hash) = rest.split_once('/')?;
        (id.to_owned(), edition.to_owned(), hash.to_owned())
    } else if lower.starts_with("http://") || lower.starts_with("https://") {
        let (_, code) = text.split_once("/practices/")?;
        let (id, rest) = code.split_once("/editions/")?;
        let (edition, hash) = rest.split_once('#')?;
        (id.to_owned(), edition.to_owned(), hash.to_owned())
    } else {
        return None;
    };
    let said = json!({ "edition_id": edition, "content_hash": hash });
    said.as_object().cloned().map(|said| (id, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_code_is_read_in_both_its_forms_and_no_path_is_one() {
        let (hash, said) =
            ("ab".repeat(32), json!({ "edition_id": "tern1e2", "content_hash": "ab".repeat(32) }));
        for code in [
            format!("TERN:TERN1P1/TERN1E2/{}", hash.to_uppercase()),
            format!("tern:tern1p1/tern1e2/{hash}"),
            format!(" https://tern.example.org/practices/tern1p1/editions/tern1e2#{hash}\n"),
        ] {
            let (id, read) = read_printed(&code).expect("a code");
            assert_eq!((id.as_str(), Value::Object(read)), ("tern1p1", said.clone()), "{code}");
        }
        for other in ["tern1p54hq79", "file.json", "tern:", "https://example.org/", ""] {
            assert_eq!(read_printed(other), None, "{other}");
        }
    }
}
