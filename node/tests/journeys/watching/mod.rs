//! Watching a node: figures, health, the doctor, what is sent to somebody who
//! helps, and what the log never tells.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::federation::{in_step, joined};
use super::patience::until;
use super::practices::practice;
use super::tern::{Desk, Served, text};

mod doctor;
mod figures;
mod health;
mod log;
mod status;
mod support;

/// Nodes dial again after growing pauses.
const REACHED: Duration = Duration::from_secs(120);

/// The journal of a node that is stopped.
fn journal(desk: &Desk) -> PathBuf {
    let listed = fs::read_dir(desk.data().join("store")).expect("a store");
    let mut paths = listed.map(|entry| entry.expect("an entry").path());
    paths.find(|path| path.extension().is_some_and(|end| end == "journal")).expect("a journal")
}

/// Notes a backup that was made at a second since 1970.
fn note_backup(data: &Path, at: u64) {
    let note = serde_json::json!({ "at": at, "file": "/mnt/stick/node.backup", "bytes": 4096 });
    fs::write(data.join("backup.json"), note.to_string()).expect("room");
}

/// Seconds since 1970.
fn seconds() -> u64 {
    (tern_node::driver::now().0 / 1_000) as u64
}
