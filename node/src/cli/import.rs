//! `practice import`: reads the files here, and sends their rows to the node
//! in pieces. Each piece that is answered is durable, and a row that was
//! imported before is known again, so an import that was cut is repeated and
//! nothing is lost or doubled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tern_crdt::practice::Practice;

use super::answers;
use super::console::Console;
use super::session::Session;
use crate::interchange::{ReadRow, UnreadableFile, read_file, read_folder, row_key};
use crate::node::Audience;
use crate::ops::{ErrorCode, IMPORT_ROWS_MAX, ImportRow, OPERATION_BYTES_MAX, Op, OpError};

/// A piece holds at most this many bytes of JSON, unless one row alone has
/// more.
const PIECE_BYTES_MAX: usize = 1024 * 1024;
/// A row with more bytes of JSON than this is no practice that could be
/// published, and is refused by itself.
const ROW_BYTES_MAX: usize = 2 * 1024 * 1024;
const _: () = assert!(ROW_BYTES_MAX + PIECE_BYTES_MAX < OPERATION_BYTES_MAX);

/// What there is to import.
pub(super) struct Rows {
    rows: Vec<ReadRow>,
    unreadable: Vec<UnreadableFile>,
    /// Whether rows come from more than one file, and so are told with it.
    folder: bool,
}

/// Reads a file, or every file of a folder.
pub(super) fn read(path: &Path) -> Result<Rows, OpError> {
    if path.is_dir() {
        let (rows, unreadable) = read_folder(path)?;
        return Ok(Rows { rows, unreadable, folder: true });
    }
    Ok(Rows { rows: read_file(path)?, unreadable: Vec::new(), folder: false })
}

/// Says what would be imported, row by row, without a node: what the fields of
/// practices can hold is known here too. What is here already is not.
pub(super) fn preview(rows: Rows, console: &Console) -> ExitCode {
    let mut tally = Tally { folder: rows.folder, ..Tally::default() };
    for file in &rows.unreadable {
        tally.skip(file_of(file), 0, &file.to_string());
    }
    let mut fields: BTreeMap<String, u64> = BTreeMap::new();
    for ReadRow { file, row, practice } in rows.rows {
        let read = practice.and_then(|practice| {
            let keys: Vec<String> = practice.keys().cloned().collect();
            let read = Practice::from_json(&Value::Object(practice), "en");
            read.map(|_| keys).map_err(|refused| refused.to_string())
        });
        match read {
            Ok(keys) => {
                tally.imported += 1;
                keys.into_iter().for_each(|key| *fields.entry(key).or_default() += 1);
            }
            Err(why) => tally.skip(&file, row, &why),
        }
    }
    for skipped in tally.refused() {
        console.say(&answers::skipped(skipped));
    }
    let refused = tally.refused().count() as u64;
    let told = tally.outcome();
    let outcome = json!({
        "rows": told["imported"], "skipped": told["skipped"], "fields": fields,
    });
    console.answer_with(&outcome, || {
        let fields = fields.iter().map(|(key, rows)| format!("  {key}: {rows}\n"));
        format!(
            "{} can be imported, {refused} cannot. Fields that say something, and in how many:\n{}",
            answers::count(told["imported"].as_u64().unwrap_or(0), "row", "rows"),
            fields.collect::<String>()
        )
    });
    if refused > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Rows that stand next to each other in one file.
#[derive(Default)]
struct Piece {
    file: PathBuf,
    rows: Vec<ImportRow>,
    bytes: usize,
}

impl Piece {
    /// Whether a row of `bytes` goes into this piece. A second row of the same
    /// content goes into a later one, where the first is known.
    fn takes(&self, file: &Path, row: &ImportRow, bytes: usize) -> bool {
        self.file == file
            && self.rows.len() < IMPORT_ROWS_MAX
            && self.bytes + bytes <= PIECE_BYTES_MAX
            && self.rows.iter().all(|other| other.key != row.key)
    }
}

/// How far an import has come.
#[derive(Default)]
struct Tally {
    folder: bool,
    imported: u64,
    known: u64,
    ids: Vec<Value>,
    skipped: Vec<Value>,
}

impl Session {
    /// Imports, telling how many rows are durable.
    pub(super) async fn import(
        mut self,
        rows: Rows,
        publish: bool,
        note: Option<String>,
    ) -> Result<ExitCode, OpError> {
        let mut tally = Tally { folder: rows.folder, ..Tally::default() };
        for file in &rows.unreadable {
            tally.skip(file_of(file), 0, &file.to_string());
        }
        let pieces = pieces(rows.rows, &mut tally);
        let (total, mut done) = (pieces.iter().map(|piece| piece.rows.len()).sum(), 0);
        for piece in pieces {
            let count = piece.rows.len();
            let op = Op::PracticeImport { rows: piece.rows, publish, note: note.clone() };
            match self.ask(op).await {
                Ok(answer) => tally.add(&piece.file, &answer),
                Err(refused) => {
                    self.close().await;
                    return Err(cut_off(refused, done, total));
                }
            }
            done += count;
            self.console.progress(&format!("{done} of {total} rows durable"), done == total);
        }
        let console = self.console.clone();
        self.close().await;
        let refused = tally.refusal();
        for skipped in tally.refused() {
            console.say(&answers::skipped(skipped));
        }
        let mut outcome = tally.outcome();
        if let Some(refused) = &refused {
            outcome["error"] = refused.to_json();
        }
        console.answer_with(&outcome, || answers::imported(&outcome));
        Ok(if refused.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// The rows that could be read, in pieces; the others go to the tally.
fn pieces(rows: Vec<ReadRow>, tally: &mut Tally) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut piece = Piece::default();
    for ReadRow { file, row, practice } in rows {
        let practice = match practice {
            Ok(practice) => practice,
            Err(why) => {
                tally.skip(&file, row, &why);
                continue;
            }
        };
        let key = row_key(&practice);
        let row = ImportRow { row, key, practice };
        let bytes = serde_json::to_vec(&row).map_or(0, |json| json.len());
        if bytes > ROW_BYTES_MAX {
            let why = format!("it has {bytes} bytes, and a practice has at most {ROW_BYTES_MAX}");
            tally.skip(&file, row.row, &why);
            continue;
        }
        if !piece.rows.is_empty() && !piece.takes(&file, &row, bytes) {
            pieces.push(std::mem::take(&mut piece));
        }
        piece.file = file;
        piece.bytes += bytes;
        piece.rows.push(row);
    }
    if !piece.rows.is_empty() {
        pieces.push(piece);
    }
    pieces
}

impl Tally {
    fn add(&mut self, file: &Path, answer: &Value) {
        self.imported += answer["imported"].as_u64().unwrap_or(0);
        self.ids.extend(answer["ids"].as_array().into_iter().flatten().cloned());
        for skipped in answer["skipped"].as_array().into_iter().flatten() {
            let (row, reason) = (skipped["row"].as_u64(), skipped["reason"].as_str());
            self.skip(file, row.unwrap_or(0), reason.unwrap_or_default());
        }
    }

    fn skip(&mut self, file: &Path, row: u64, reason: &str) {
        self.known += u64::from(reason == "known");
        let mut skipped = json!({ "row": row, "reason": reason });
        if self.folder {
            skipped["file"] = json!(file);
        }
        self.skipped.push(skipped);
    }

    fn refused(&self) -> impl Iterator<Item = &Value> {
        self.skipped.iter().filter(|skipped| skipped["reason"] != "known")
    }

    /// An import of which nothing is here, now or before, has failed.
    fn refusal(&self) -> Option<OpError> {
        let first = self.refused().next()?;
        if self.imported + self.known > 0 {
            return None;
        }
        let message = format!("nothing was imported: {}", answers::skipped(first));
        Some(OpError::new(ErrorCode::Invalid, message))
    }

    fn outcome(&mut self) -> Value {
        let (ids, mut skipped) = (std::mem::take(&mut self.ids), std::mem::take(&mut self.skipped));
        let place = |skipped: &Value| (skipped["file"].to_string(), skipped["row"].as_u64());
        skipped.sort_by_cached_key(place);
        json!({ "imported": self.imported, "ids": ids, "skipped": skipped })
    }
}

fn file_of(unreadable: &UnreadableFile) -> &Path {
    match unreadable {
        UnreadableFile::System { path, .. }
        | UnreadableFile::TooLong { path, .. }
        | UnreadableFile::Format(path)
        | UnreadableFile::Content { path, .. } => path,
    }
}

fn cut_off(mut refused: OpError, done: usize, total: usize) -> OpError {
    refused.message = format!(
        "{}; {done} of {total} rows are durable, and the same command goes on from there",
        refused.message
    );
    refused
}
