//! What of a bundle would be new to a node, asked before it is read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tern_protocol::message::Piece;

use super::{BATCH_BYTES, digits, strange};
use crate::cli::answers::count;
use crate::cli::session::Session;
use crate::hex;
use crate::ops::{BUNDLE_PIECES_MAX, Op, OpError};

/// Titles that are told.
const TITLES_MAX: usize = 10;
/// What is counted.
const COUNTED: [&str; 7] =
    ["authority", "records", "editions", "parcels", "requests", "changes", "refused"];

/// See the module. What the node cannot answer keeps nobody from being shown the
/// rest.
pub(super) struct Preview {
    session: Session,
    pieces: Vec<String>,
    bytes: usize,
    counts: [u64; COUNTED.len()],
    titles: Vec<String>,
    /// In which something is new.
    drafts: BTreeSet<String>,
    trouble: Option<OpError>,
}

impl Preview {
    pub(super) fn begin(session: Session) -> Self {
        Self {
            session,
            pieces: Vec::new(),
            bytes: 0,
            counts: [0; COUNTED.len()],
            titles: Vec::new(),
            drafts: BTreeSet::new(),
            trouble: None,
        }
    }

    /// The key of what is encrypted in the bundle, if this node has it.
    pub(super) async fn frames(&mut self, signed: &[u8]) -> Option<[u8; 32]> {
        match self.session.ask(Op::BundleLook { header: hex::encode(signed) }).await {
            Ok(answer) => {
                answer["frames"].as_str()?;
                digits(&answer, "frames").ok()?.try_into().ok()
            }
            Err(trouble) => {
                self.trouble = Some(trouble);
                None
            }
        }
    }

    pub(super) async fn add(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            let piece = piece.to_bytes();
            self.bytes += piece.len();
            self.pieces.push(hex::encode(&piece));
            if self.bytes >= BATCH_BYTES || self.pieces.len() >= BUNDLE_PIECES_MAX {
                self.ask().await;
            }
        }
    }

    async fn ask(&mut self) {
        self.bytes = 0;
        let pieces = std::mem::take(&mut self.pieces);
        if pieces.is_empty() || self.trouble.is_some() {
            return;
        }
        let answered = self.session.ask(Op::BundlePreview { pieces }).await;
        if let Err(trouble) = answered.and_then(|answer| self.count(&answer)) {
            self.trouble = Some(trouble);
        }
    }

    fn count(&mut self, answer: &Value) -> Result<(), OpError> {
        for (sum, name) in self.counts.iter_mut().zip(COUNTED) {
            *sum += answer[name].as_u64().ok_or_else(|| strange(name))?;
        }
        let titles = answer["titles"].as_array().into_iter().flatten();
        for title in titles.filter_map(Value::as_str) {
            if self.titles.len() < TITLES_MAX && !self.titles.iter().any(|known| known == title) {
                self.titles.push(title.to_owned());
            }
        }
        let drafts = answer["drafts"].as_array().into_iter().flatten();
        self.drafts.extend(drafts.filter_map(Value::as_str).map(str::to_owned));
        Ok(())
    }

    /// What is new, of each kind, and titles of practices.
    pub(super) async fn end(mut self) -> Result<Value, OpError> {
        self.ask().await;
        self.session.close().await;
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        let mut new = json!({ "titles": self.titles, "drafts": self.drafts.len() });
        for (sum, name) in self.counts.into_iter().zip(COUNTED) {
            new[name] = json!(sum);
        }
        Ok(new)
    }
}

/// In a sentence; empty if nobody was asked.
pub(super) fn told(new: &Value) -> String {
    let number = |member: &str| new[member].as_u64().unwrap_or(0);
    if new.is_null() {
        return String::new();
    }
    let kinds = [
        (number("editions"), "edition", "editions"),
        (number("records"), "card", "cards"),
        (number("parcels"), "parcel", "parcels"),
        (number("drafts"), "draft", "drafts"),
        (number("changes"), "change of drafts", "changes of drafts"),
        (number("authority"), "record on who may do what", "records on who may do what"),
    ];
    let some = kinds.into_iter().filter(|(number, ..)| *number > 0);
    let mut told = some.map(|(n, one, many)| count(n, one, many)).collect::<Vec<_>>().join(", ");
    if told.is_empty() {
        told = "nothing".into();
    }
    if number("requests") > 0 {
        told +=
            &format!("; {} for this node", count(number("requests"), "parcel is", "parcels are"));
    }
    if number("refused") > 0 {
        told += &format!("; {} would be refused", count(number("refused"), "piece", "pieces"));
    }
    told
}

/// Titles, a line for each.
pub(super) fn titles(new: &Value) -> String {
    let titles = new["titles"].as_array().into_iter().flatten().filter_map(Value::as_str);
    titles.map(|title| format!("  {}\n", crate::cli::table::plain(title))).collect()
}
