//! From a file, or a folder of them, to rows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use super::{docx, json, table, xlsx};
use crate::ops::{ErrorCode, Fields, OpError};

/// A file to import is at most this long.
pub const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// A workbook or document to import is at most this long.
pub const PACKAGE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// A file holds at most this many rows.
pub const ROWS_MAX: usize = 1_000_000;

/// One row of a file.
#[derive(Clone, PartialEq, Debug)]
pub struct ReadRow {
    /// Which file, as it was named.
    pub file: PathBuf,
    /// Where in it: the item of a list, the line of JSON Lines, or the row as
    /// a spreadsheet shows it (the headings are row 1).
    pub row: u64,
    /// Its practice, or why there is none.
    pub practice: Result<Fields, String>,
}

/// Why a file as a whole could not be read.
#[derive(Debug, Error)]
pub enum UnreadableFile {
    /// The system refuses.
    #[error("cannot read {}: {cause}", .path.display())]
    System {
        /// What.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Too long.
    #[error("{} has {bytes} bytes; such a file to import has at most {bytes_max}", .path.display())]
    TooLong {
        /// Which.
        path: PathBuf,
        /// Its length.
        bytes: u64,
        /// How long it may be.
        bytes_max: u64,
    },
    /// A format that is not read.
    #[error("{} is not read: save it as XLSX, CSV (UTF-8), JSON or JSON Lines, or use the form that `tern practice template` writes", .0.display())]
    Format(PathBuf),
    /// Not what its name says.
    #[error("{}: {why}", .path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// In what way.
        why: String,
    },
}

/// The rows of one file, by the ending of its name.
pub fn read_file(path: &Path) -> Result<Vec<ReadRow>, UnreadableFile> {
    let content = |why| UnreadableFile::Content { path: path.to_owned(), why };
    let read = match ending(path).as_deref() {
        Some("json") => json::document(&text(path)?).map_err(content)?,
        Some("jsonl" | "ndjson") => json::lines(&text(path)?),
        Some("csv" | "tsv") => table::of_text(&text(path)?).map_err(content)?,
        Some("xlsx") => xlsx::rows(&package(path)?).and_then(table::practices).map_err(content)?,
        Some("docx") => {
            vec![(1, Ok(docx::practice(&package(path)?).map_err(content)?))]
        }
        _ => return Err(UnreadableFile::Format(path.to_owned())),
    };
    if read.len() > ROWS_MAX {
        return Err(content(format!("it has {} rows, more than {ROWS_MAX}", read.len())));
    }
    let named = |(row, practice)| ReadRow { file: path.to_owned(), row, practice };
    Ok(read.into_iter().map(named).collect())
}

/// The rows of every file directly in a folder that can be read, in the order
/// of their names, and the files that cannot.
pub fn read_folder(folder: &Path) -> Result<(Vec<ReadRow>, Vec<UnreadableFile>), UnreadableFile> {
    let system = |cause| UnreadableFile::System { path: folder.to_owned(), cause };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(system)? {
        let path = entry.map_err(system)?.path();
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !hidden {
            paths.push(path);
        }
    }
    paths.sort();
    let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths {
        match read_file(&path) {
            Ok(read) => rows.extend(read),
            Err(why) => unreadable.push(why),
        }
    }
    Ok((rows, unreadable))
}

/// The one JSON document in a file.
pub fn read_document(path: &Path) -> Result<Value, UnreadableFile> {
    serde_json::from_str(&text(path)?).map_err(|why| {
        let why = format!("it is no JSON: {why}");
        UnreadableFile::Content { path: path.to_owned(), why }
    })
}

/// The fields in one JSON value: a practice file, or what `practice show` and
/// `practice export` write, of which the fields are taken.
pub fn practice_of(value: Value) -> Result<Fields, String> {
    match value {
        Value::Object(mut members) => match members.remove("fields") {
            Some(Value::Object(fields)) if members.contains_key("id") => Ok(fields),
            Some(other) => {
                members.insert("fields".into(), other);
                Ok(members)
            }
            None => Ok(members),
        },
        Value::Array(_) => Err("a list stands where a practice should".into()),
        _ => Err("a practice is an object, like {\"title\": …}".into()),
    }
}

/// Names a practice by its content: equal for equal fields, whatever the order
/// of their keys.
pub fn row_key(practice: &Fields) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"tern/import-row/v1");
    hash_members(practice, &mut hasher);
    hasher.finalize().to_hex().to_string()
}

fn hash_members(members: &Fields, hasher: &mut blake3::Hasher) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    hasher.update(b"{");
    for (key, value) in sorted {
        hash_text(key, hasher);
        hash_value(value, hasher);
    }
    hasher.update(b"}");
}

fn hash_value(value: &Value, hasher: &mut blake3::Hasher) {
    match value {
        Value::Object(members) => hash_members(members, hasher),
        Value::Array(items) => {
            hasher.update(b"[");
            items.iter().for_each(|item| hash_value(item, hasher));
            hasher.update(b"]");
        }
        Value::String(text) => hash_text(text, hasher),
        plain => {
            hasher.update(b"=");
            hash_text(&plain.to_string(), hasher);
        }
    }
}

/// A text behind its length, so that no two lists of texts are alike.
fn hash_text(text: &str, hasher: &mut blake3::Hasher) {
    hasher.update(b"\"").update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
}

fn ending(path: &Path) -> Option<String> {
    path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase())
}

/// A file of at most so many bytes.
fn bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, UnreadableFile> {
    let system = |cause| UnreadableFile::System { path: path.to_owned(), cause };
    let bytes = fs::metadata(path).map_err(system)?.len();
    if bytes > bytes_max {
        return Err(UnreadableFile::TooLong { path: path.to_owned(), bytes, bytes_max });
    }
    fs::read(path).map_err(system)
}

fn package(path: &Path) -> Result<Vec<u8>, UnreadableFile> {
    bytes(path, PACKAGE_BYTES_MAX)
}

fn text(path: &Path) -> Result<String, UnreadableFile> {
    let text = String::from_utf8(bytes(path, FILE_BYTES_MAX)?).map_err(|broken| {
        let at = broken.utf8_error().valid_up_to();
        let line = 1 + broken.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let why = format!("line {line} is not UTF-8 text: save the file as UTF-8");
        UnreadableFile::Content { path: path.to_owned(), why }
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    })
}

impl From<UnreadableFile> for OpError {
    fn from(error: UnreadableFile) -> Self {
        let message = error.to_string();
        match error {
            UnreadableFile::System { cause, .. } if cause.kind() == io::ErrorKind::NotFound => {
                Self::new(ErrorCode::NotFound, message)
            }
            UnreadableFile::System { .. } => Self::new(ErrorCode::Failed, message),
            UnreadableFile::TooLong { bytes_max, .. } => {
                Self::new(ErrorCode::TooLarge, message).over(bytes_max)
            }
            UnreadableFile::Format(_) => Self::new(ErrorCode::Unsupported, message),
            UnreadableFile::Content { .. } => Self::new(ErrorCode::Invalid, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Row = (u64, Result<Value, String>);

    /// The rows of a file of this name and content, without the file's name.
    fn read(name: &str, content: &[u8]) -> Result<Vec<Row>, String> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join(name);
        fs::write(&path, content).expect("written");
        let rows = read_file(&path).map_err(|why| why.to_string())?;
        Ok(rows.into_iter().map(|read| (read.row, read.practice.map(Value::Object))).collect())
    }

    #[test]
    fn a_table_is_read_by_its_headings_whatever_wrote_it() {
        let expected = Ok(vec![
            (2, Ok(json!({ "title": "Birth registration", "countries": ["TD", "NE"] }))),
            (4, Ok(json!({ "title": "Skills passports" }))),
        ]);
        let plain = "title,countries\nBirth registration,TD; NE\n\nSkills passports,\n";
        assert_eq!(read("plain.csv", plain.as_bytes()), expected);
        let excel = "\u{feff}title;countries\r\nBirth registration;\"TD; NE\"\r\n;\r\nSkills passports;\r\n";
        assert_eq!(read("excel.CSV", excel.as_bytes()), expected);
    }

    #[test]
    fn a_bad_row_is_told_by_its_number_and_hides_no_other() {
        let text = "title,ongoing\nA,perhaps\nB,\"yes\"x\nC,no,5\nD,no\n";
        let rows = read("rows.csv", text.as_bytes()).expect("read");
        let told = |row: usize| rows[row].1.as_ref().expect_err("refused").as_str();
        assert_eq!(told(0), "`ongoing` is true or false, not `perhaps`");
        assert_eq!(told(1), "column 2: text stands after a closing quote");
        assert_eq!(told(2), "it has 3 cells, and the headings name 2 fields");
        assert_eq!(rows[3], (5, Ok(json!({ "title": "D", "ongoing": false }))));
    }

    #[test]
    fn json_holds_one_practice_or_a_list_of_them() {
        let one = json!({ "title": "Skills passports" });
        assert_eq!(read("one.json", one.to_string().as_bytes()), Ok(vec![(1, Ok(one.clone()))]));
        let list = json!([one, 7, [one]]).to_string();
        let rows = read("list.json", list.as_bytes()).expect("read");
        assert_eq!(rows[0], (1, Ok(one)));
        assert_eq!(rows[1], (2, Err("a practice is an object, like {\"title\": …}".into())));
        assert_eq!(rows[2], (3, Err("a list stands where a practice should".into())));
    }

    #[test]
    fn a_broken_line_of_json_lines_is_told_and_the_next_is_read() {
        let rows = read("rows.jsonl", b"{\"title\": \"A\"}\n\n{broken\n{\"title\": \"B\"}\n")
            .expect("read");
        assert_eq!(rows[0], (1, Ok(json!({ "title": "A" }))));
        assert!(rows[1].1.as_ref().is_err_and(|why| why.starts_with("this line is no JSON")));
        assert_eq!(rows[1].0, 3);
        assert_eq!(rows[2], (4, Ok(json!({ "title": "B" }))));
    }

    #[test]
    fn what_was_exported_can_be_imported() {
        let exported = json!({ "id": "tern1p", "edition": 2, "fields": { "title": "A" } });
        assert_eq!(
            practice_of(exported),
            Ok(json!({ "title": "A" }).as_object().cloned().expect("an object"))
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why_and_what_to_do() {
        for (name, content, why) in [
            ("a.xls", &b"PK"[..], "a.xls is not read: save it as XLSX, CSV (UTF-8), JSON or"),
            ("a.xlsx", b"PK", "a.xlsx: it is no such file, or damaged"),
            ("a.docx", b"PK", "a.docx: it is no such file, or damaged"),
            ("a", b"", "a is not read"),
            ("a.csv", b"title\nA\xff\n", "a.csv: line 2 is not UTF-8 text: save the file as UTF-8"),
            ("a.csv", b"", "a.csv: it is empty: its first row names the fields"),
            ("a.json", b"{\"title\"", "a.json: it is no JSON: "),
        ] {
            let told = read(name, content).expect_err("refused");
            assert!(told.contains(why), "{told}");
        }
    }

    #[test]
    fn a_folder_gives_its_files_in_order_and_names_those_it_cannot_read() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for (name, content) in [
            ("b.json", "{\"title\": \"B\"}"),
            ("a.csv", "title\nA\n"),
            ("c.odt", "PK"),
            (".hidden", ""),
        ] {
            fs::write(dir.path().join(name), content).expect("written");
        }
        let (rows, unreadable) = read_folder(dir.path()).expect("read");
        let titles: Vec<_> =
            rows.iter().map(|row| row.practice.as_ref().expect("read")["title"].clone()).collect();
        assert_eq!(titles, ["A", "B"]);
        assert_eq!(unreadable.len(), 1);
        assert!(unreadable[0].to_string().contains("c.odt is not read"));
    }

    #[test]
    fn a_row_is_known_by_its_content_and_not_by_the_order_of_its_keys() {
        let key = |text: &str| {
            row_key(
                serde_json::from_str::<Value>(text).expect("JSON").as_object().expect("an object"),
            )
        };
        let one = key(r#"{"title": {"en": "A", "fr": "B"}, "countries": ["TD"]}"#);
        assert_eq!(one, key(r#"{"countries": ["TD"], "title": {"fr": "B", "en": "A"}}"#));
        assert_eq!(one.len(), 64);
        for other in [
            r#"{"title": {"en": "A", "fr": "B"}, "countries": ["NE"]}"#,
            r#"{"title": {"en": "A", "fr": "B"}, "countries": "TD"}"#,
            r#"{"title": {"en": "A", "fr": "B"}, "countries": []}"#,
            r#"{"title": {"en": "A", "fr": "B"}, "countries": ["T", "D"]}"#,
            r#"{"title": {"en": "Af", "r": "B"}, "countries": ["TD"]}"#,
        ] {
            assert_ne!(one, key(other), "{other}");
        }
        assert_ne!(key(r#"{"ongoing": true}"#), key(r#"{"ongoing": "true"}"#));
    }
}
