//! Files that changed on the disk: what can be made anew is, and what cannot
//! is named; nothing is passed over and nothing thrown away.

use std::fs;
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::practices::rows;
use super::tern::{Desk, Served, contents, text};

/// An organisation with a few practices, stopped in order.
fn library() -> Desk {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let file = chad.file("rows.jsonl", rows(8));
    let imported = chad.ask(&["practice", "import", &file, "--publish", "--note", "First"]);
    assert_eq!(imported["imported"], 8);
    chad.serve().stop();
    chad
}

fn reads_right(desk: &Desk, node: &Served, ids: &[String]) {
    for id in ids {
        let shown = node.answer(&json!({ "op": "practice-show", "id": id }));
        assert_eq!(shown["verdict"], "accepted", "{shown}");
    }
    let checked = desk.ask(&["check"]);
    assert_eq!((&checked["bad"], node.status()["practices"].clone()), (&json!([]), json!(8)));
}

/// Changes a bit of a file; returns what it was before.
fn flip(path: &Path, byte: usize, bit: usize) -> Vec<u8> {
    let sound = fs::read(path).expect("a file");
    let mut bytes = sound.clone();
    bytes[byte] ^= 1 << bit;
    fs::write(path, bytes).expect("room");
    sound
}

fn files(folder: &Path) -> Vec<PathBuf> {
    contents(folder)
        .into_iter()
        .filter(|(_, bytes)| !bytes.is_empty())
        .map(|(path, _)| path)
        .collect()
}

fn journal(desk: &Desk) -> PathBuf {
    let mut journals = files(&desk.data().join("store"));
    journals.retain(|path| path.extension().is_some_and(|ending| ending == "journal"));
    assert_eq!(journals.len(), 1, "{journals:?}");
    journals.remove(0)
}

fn ids(desk: &Desk) -> Vec<String> {
    let node = desk.serve();
    let listed = super::kills::listed(&node);
    node.stop();
    listed.into_iter().map(|item| text(&item["id"])).collect()
}

#[test]
fn a_flipped_bit_in_the_stores_index_is_mended_at_the_next_start() {
    let chad = library();
    let ids = ids(&chad);
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let mut pick = |count: usize| chance.next_u64() as usize % count;
    for _ in 0..4 {
        let index = files(&chad.data().join("store/index"));
        let path = &index[pick(index.len())];
        let length = fs::metadata(path).expect("a file").len() as usize;
        let (byte, bit) = (pick(length), pick(8));
        flip(path, byte, bit);
        let node = chad.serve();
        reads_right(&chad, &node, &ids);
        let aside = chad.data().join("store/index.aside");
        assert!(aside.is_dir(), "bit {bit} of byte {byte} of {} was noticed", path.display());
        fs::remove_dir_all(aside).expect("removed");
        node.stop();
    }
}

#[test]
fn a_flipped_bit_in_the_search_index_loses_nothing_that_is_found() {
    let chad = library();
    ids(&chad);
    let mut chance = ChaCha8Rng::seed_from_u64(2);
    let mut pick = |count: usize| chance.next_u64() as usize % count;
    for _ in 0..4 {
        let index = files(&chad.data().join("index"));
        let path = &index[pick(index.len())];
        let length = fs::metadata(path).expect("a file").len() as usize;
        flip(path, pick(length), pick(8));
        let node = chad.serve();
        assert_eq!(
            super::kills::titles(&node).len(),
            8,
            "after a flipped bit in {}",
            path.display()
        );
        node.stop();
    }
}

#[test]
fn a_flipped_bit_in_the_journal_is_named_and_nothing_is_thrown_away() {
    let chad = library();
    let ids = ids(&chad);
    let path = journal(&chad);
    let name = path.file_name().and_then(|name| name.to_str()).expect("text").to_owned();
    let length = fs::metadata(&path).expect("a file").len() as usize;
    let (mut named, trials) = (0, 6);
    for trial in 1..=trials {
        let sound = flip(&path, length * trial / (trials + 1), trial % 8);
        let damaged = fs::read(&path).expect("a file");
        // A start that trusts no index reads the journal through.
        fs::remove_dir_all(chad.data().join("store/index")).expect("removed");
        for words in [&["serve"][..], &["status"], &["check"]] {
            let error = chad.refused(words);
            let message = text(&error["message"]);
            assert_eq!(error["code"], "damaged", "{error}");
            assert!(message.contains(&name) && message.contains("at byte"), "{message}");
            named += 1;
        }
        assert!(fs::read(&path).expect("a file") == damaged, "the journal is left as it is");
        fs::write(&path, sound).expect("room");
        let node = chad.serve();
        reads_right(&chad, &node, &ids);
        node.stop();
    }
    assert_eq!(named, 3 * trials);
}

#[test]
fn a_flipped_bit_in_the_journal_that_a_clean_start_passes_over_is_never_shown() {
    let chad = library();
    let ids = ids(&chad);
    let path = journal(&chad);
    let length = fs::metadata(&path).expect("a file").len() as usize;
    let mut noticed = 0;
    for trial in 1..=6 {
        let sound = flip(&path, length * trial / 7, trial % 8);
        let ran = chad.run(&["check", "--json"]);
        let bad = ran.json()["bad"].as_array().map_or(0, Vec::len);
        noticed += usize::from(bad > 0 || ran.code == Some(1));
        let node = chad.run(&["status", "--json"]);
        if node.code == Some(0) {
            for id in &ids {
                let shown = chad.run(&["practice", "show", id, "--json"]);
                let right = shown.code == Some(1) || shown.json()["verdict"] == "accepted";
                assert!(right, "{shown:?}");
            }
        }
        fs::write(&path, sound).expect("room");
    }
    assert!(noticed > 0, "some of what changed has to matter");
    let node = chad.serve();
    reads_right(&chad, &node, &ids);
}

#[test]
fn what_rotted_is_fetched_again_from_a_member_that_holds_it() {
    let chad = library();
    let ids = ids(&chad);
    let at_chad = chad.serve();
    let addresses = at_chad.addresses();
    let (nepal, at_nepal) =
        super::federation::joined(&chad, "Upland Labour Office", "NP", "Bina Example");
    super::federation::in_step(&[&at_chad, &at_nepal]);
    at_chad.stop();
    // The bytes of one practice's edition, in the middle of the journal.
    let path = journal(&chad);
    let length = fs::metadata(&path).expect("a file").len() as usize;
    flip(&path, length * 6 / 10, 3);
    fs::remove_dir_all(chad.data().join("store/index")).expect("removed");
    let refused = text(&chad.refused(&["status"])["message"]);
    assert!(refused.contains("tern check --repair"), "{refused}");

    let told = chad.run(&["check", "--repair", "--json"]);
    let told = told.json();
    assert!(told["lost_bytes"].as_u64() > Some(0), "{told}");
    let at_chad = chad.serve_at(&addresses);
    super::federation::in_step(&[&at_chad, &at_nepal]);
    super::patience::until("it signs again", super::patience::PATIENCE, || {
        (at_chad.status()["state"] == "member").then_some(())
    });
    reads_right(&chad, &at_chad, &ids);
    chad.publish(&super::practices::practice("Written after the repair"));
    at_chad.stop();
    let again = chad.ask(&["check", "--repair"]);
    assert_eq!((&again["lost_bytes"], &again["bad"]), (&json!(0), &json!([])), "{again}");
    assert_eq!(nepal.ask(&["check"])["bad"], json!([]));
}

#[test]
fn a_flipped_bit_in_a_key_or_in_the_identity_is_named() {
    let chad = library();
    let refuse = |path: PathBuf, words: &[&str]| {
        let length = fs::metadata(&path).expect("a file").len() as usize;
        for byte in [3, length / 2, length - 5] {
            let sound = flip(&path, byte, byte % 7);
            let before = fs::read(&path).expect("a file");
            let error = chad.refused(words);
            assert_eq!(error["code"], "damaged", "{error}");
            let name = path.file_name().and_then(|name| name.to_str()).expect("text");
            assert!(text(&error["message"]).contains(name), "{error}");
            assert!(fs::read(&path).expect("a file") == before, "left as it is");
            fs::write(&path, sound).expect("room");
        }
    };
    refuse(chad.data().join("identity.json"), &["serve"]);
    refuse(chad.data().join("identity.json"), &["status"]);
    let key = |purpose: &str| {
        let keys = files(&chad.data().join("keys"));
        // `node-` and the key, not `node-encrypt-`.
        let name = |path: &PathBuf| {
            let name = path.file_stem().expect("a name").to_string_lossy();
            let key = name.strip_prefix(purpose);
            key.is_some_and(|key| key.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        keys.into_iter().find(name).expect("a key")
    };
    refuse(key("node-"), &["serve"]);
    refuse(key("node-"), &["status"]);
    let file = chad.file("births.json", super::practices::practice("A ninth").to_string());
    let import = ["practice", "import", &file, "--publish", "--note", "First"];
    refuse(key("person-sign-"), &import);
    refuse(key("root-"), &["account", "add", "moussa", "--role", "publisher"]);
    assert_eq!(chad.ask(&["status"])["practices"], 8);
    assert_eq!(chad.ask(&import)["imported"], 1, "whole again");
}

#[test]
fn a_folder_that_lost_its_identity_is_not_founded_anew() {
    let chad = library();
    let path = chad.data().join("identity.json");
    let identity = fs::read(&path).expect("a file");
    fs::remove_file(&path).expect("removed");
    let before = contents(&chad.data().join("store"));
    let found = ["init", "--org", "Somebody else", "--country", "NE"];
    for words in [&found[..], &["serve"]] {
        let error = chad.refused(words);
        assert_eq!(error["code"], "damaged");
        assert!(text(&error["message"]).contains("put it back from a backup"), "{error}");
    }
    assert!(contents(&chad.data().join("store")) == before, "nothing was touched");
    fs::write(path, identity).expect("room");
    assert_eq!(chad.ask(&["status"])["practices"], 8);
}

/// What is told of a folder in which founding was killed.
#[test]
fn founding_that_was_killed_is_simply_repeated() {
    let chad = Desk::empty();
    let found = ["init", "--org", "Civil registry of Chad", "--country", "TD"];
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let mut unfinished = 0;
    for _ in 0..6 {
        let mut child = chad
            .command(&found)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it runs");
        super::kills::random_moment(&mut chance, std::time::Duration::from_millis(120));
        child.kill().expect("killed");
        child.wait().expect("ended");
        if chad.data().join("identity.json").exists() {
            break;
        }
        unfinished += usize::from(chad.data().join("unfinished").exists());
    }
    println!("{unfinished} beginnings were cut off in the middle");
    let answer: Value = if chad.data().join("identity.json").exists() {
        chad.ask(&["status"])
    } else {
        chad.ask(&found);
        chad.ask(&["status"])
    };
    assert_eq!((&answer["org"], &answer["members"]), (&json!("Civil registry of Chad"), &json!(1)));
    chad.serve().stop();
    assert!(!chad.data().join("unfinished").exists());
}
