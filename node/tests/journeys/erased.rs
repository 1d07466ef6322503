//! A name taken back and a practice erased are gone from every honest node's
//! disk and traffic after one meeting.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::federation::{in_step, joined};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::Desk;

/// Whether these bytes are in any file of a folder.
fn on_disk(folder: &Path, words: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return on_disk(&path, words);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    })
}

fn gone(desks: &[&Desk], words: &str) {
    for desk in desks {
        let store = desk.data().join("store");
        let what = format!("`{words}` is gone from {}", store.display());
        until(&what, PATIENCE, || (!on_disk(&store, words)).then_some(()));
    }
}

#[test]
fn a_name_taken_back_and_a_practice_erased_are_gone_after_one_meeting() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awadia Quillfeather");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let kept = niger.publish(&practice("Registering every birth"));
    let erased = niger.publish(&practice("Zanzibarquartz ferry timetable"));
    in_step(&[&at_niger, &at_nepal]);
    let shown = nepal.ask(&["practice", "show", &kept]);
    assert_eq!(shown["signers"][0]["person"], "Awadia Quillfeather");
    // Search keeps its own folder; the store is what is looked at here.
    for desk in [&niger, &nepal] {
        assert!(on_disk(&desk.data().join("store"), "Quillfeather"));
    }

    let refused = nepal.refused(&["practice", "erase", &erased, "--reason", "safety", "--yes"]);
    assert_eq!(refused["code"], "not-allowed", "{refused}");
    let told = niger.ask(&["practice", "erase", &erased, "--reason", "personal-data", "--yes"]);
    assert_eq!(told["id"], json!(erased));
    let meet = |at: &super::tern::Served| at.status()["public_root"].clone();
    let same = || (meet(&at_niger) == meet(&at_nepal)).then_some(());
    until("both hold the same", PATIENCE, same);
    assert_eq!(nepal.refused(&["practice", "show", &erased])["code"], "not-found");
    gone(&[&niger, &nepal], "Zanzibarquartz");

    // The second erasure within the hour waits for the next start, at the latest.
    assert_eq!(niger.ask(&["account", "take-name-back", "--yes"])["erased"], 1);
    let unnamed = || {
        let shown = nepal.ask(&["practice", "show", &kept]);
        (shown["signers"][0]["person"] == "a person of Ministry of Arrivals").then_some(())
    };
    until("the name is gone from the page", PATIENCE, unnamed);
    at_niger.stop();
    at_nepal.stop();
    let (at_niger, at_nepal) = (niger.serve(), nepal.serve());
    gone(&[&niger, &nepal], "Quillfeather");
    assert_eq!(niger.ask(&["practice", "verify", &kept])["verdict"], "accepted");
    at_niger.stop();
    at_nepal.stop();
}
