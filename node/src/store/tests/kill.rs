//! `kill -9` at random moments of a real process that commits.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use tern_protocol::store::{Space, Store};

use super::folder::open;
use super::{has_numbered, numbered};

const FOLDER: &str = "TERN_TEST_KILLED_FOLDER";
const ROUNDS: u64 = 12;
const KEYS: u32 = 5;
/// Numbers repeat, so that generations are replaced all the while.
const NUMBERS: u32 = 16;

/// The process that is killed: commits one batch after the other, and says so.
#[test]
#[ignore = "the other half of a_killed_process_loses_nothing_it_reported"]
fn commits_until_killed() {
    let folder = env::var(FOLDER).expect("a folder to commit to");
    let mut store = open(Path::new(&folder));
    let last = store.get(Space::Meta, b"turn").expect("sound");
    let from = last.and_then(|bytes| Some(u32::from_be_bytes(*bytes.first_chunk()?) + 1));
    for turn in from.unwrap_or(0).. {
        let mut batch = numbered(turn % NUMBERS, KEYS);
        batch.put(Space::Meta, &b"turn"[..], turn.to_be_bytes().to_vec());
        store.commit(batch).expect("room");
        let mut out = std::io::stdout().lock();
        writeln!(out, "committed {turn}").and_then(|()| out.flush()).expect("a listening parent");
    }
}

fn run_and_kill(folder: &Path, reports: u64) -> u32 {
    let mut child = Command::new(env::current_exe().expect("this program"))
        .args(["store::tests::kill::commits_until_killed", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child process");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let mut reported = out.lines().map_while(Result::ok).filter_map(|line| {
        // The test harness begins a line of its own.
        line.split_once("committed ")?.1.parse::<u32>().ok()
    });
    let mut last = reported.by_ref().take(reports as usize).last();
    child.kill().expect("a living child");
    child.wait().expect("a child");
    last = reported.last().or(last);
    last.expect("a report before the kill")
}

#[test]
fn a_killed_process_loses_nothing_it_reported() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let mut rotated = false;
    for round in 0..ROUNDS {
        let last = run_and_kill(folder.path(), 1 + chance.next_u64() % 60);
        let store = open(folder.path());
        let turn = store.get(Space::Meta, b"turn").expect("sound").expect("a turn");
        let turn = u32::from_be_bytes(*turn.first_chunk().expect("four bytes"));
        assert!(turn == last || turn == last + 1, "round {round}: {last} reported, {turn} found");
        for number in 0..NUMBERS.min(turn + 1) {
            assert!(has_numbered(&store, number, KEYS), "round {round}: batch {number} is gone");
        }
        rotated |= store.figures().expect("figures").generation > 1;
        if round.is_multiple_of(3) {
            store.close().expect("a clean stop");
        }
    }
    assert!(rotated, "no round met a new generation");
}
