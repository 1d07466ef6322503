//! What came of reading: counted, with what was refused and why.

use serde_json::{Value, json};
use tern_protocol::limits::DEFERRALS_MAX;

use crate::ops::OpError;

/// Refusals that are told one by one.
const REFUSALS_TOLD_MAX: usize = 1_000;
/// What is kept in memory to be tried again.
const DEFERRED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A piece that was refused for now.
pub(super) struct Deferred {
    pub(super) header: String,
    pub(super) piece: String,
    pub(super) refused: Value,
}

/// What came of all files.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) new: u64,
    pub(super) known: u64,
    pub(super) refused: Vec<Value>,
    pub(super) refused_more: u64,
    pub(super) deferred: Vec<Deferred>,
    pub(super) deferred_bytes: usize,
    pub(super) knocks: Vec<Value>,
    pub(super) files: Vec<Value>,
    /// Volumes that were not read yet.
    pub(super) volumes: Vec<Value>,
    /// The node's state after what was read.
    pub(super) state: Option<Value>,
    /// Why the first file that is not whole is not.
    pub(super) trouble: Option<OpError>,
}

impl Tally {
    pub(super) fn refuse(&mut self, refused: &Value) {
        if self.refused.len() < REFUSALS_TOLD_MAX {
            self.refused.push(json!({ "id": refused["id"], "reason": refused["reason"] }));
        } else {
            self.refused_more += 1;
        }
    }

    /// Nothing more comes: what was refused for now is refused.
    pub(super) fn give_up(&mut self) {
        for deferred in std::mem::take(&mut self.deferred) {
            self.refuse(&deferred.refused);
        }
    }

    /// Takes in what the node answered about these pieces of a bundle.
    pub(super) fn add(&mut self, header: &str, pieces: &[String], answer: &Value) {
        self.new += answer["new"].as_u64().unwrap_or(0);
        self.known += answer["known"].as_u64().unwrap_or(0);
        for refused in answer["refused"].as_array().into_iter().flatten() {
            let at = refused["at"].as_u64().and_then(|at| usize::try_from(at).ok());
            match at.and_then(|at| pieces.get(at)) {
                Some(piece)
                    if refused["later"] == true
                        && self.deferred.len() < DEFERRALS_MAX
                        && self.deferred_bytes + piece.len() <= DEFERRED_BYTES_MAX =>
                {
                    self.deferred_bytes += piece.len();
                    let (header, piece) = (header.to_owned(), piece.clone());
                    self.deferred.push(Deferred { header, piece, refused: refused.clone() });
                }
                _ => self.refuse(refused),
            }
        }
    }
}
