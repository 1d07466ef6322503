//! Files beside practices: attached here, fetched there, because somebody asks.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::federation::{in_step, joined};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

/// Bytes that nothing makes smaller.
pub fn report(length: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut state = 7_u64;
    while bytes.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Attaches a file to a new practice and publishes it: the practice and the
/// file's hash.
pub fn published(desk: &Desk, name: &str, bytes: &[u8]) -> (String, String) {
    let draft = desk.draft(&practice("Checking contracts before departure"));
    let file = desk.file(name, bytes);
    let attached = desk.ask(&["attach", &draft, &file, "--lang", "en"]);
    assert_eq!(attached["id"], json!(draft));
    let id = text(&desk.ask(&["practice", "publish", &draft, "--note", "First"])["id"]);
    (id, text(&attached["hash"]))
}

fn blob(desk: &Desk, hash: &str, suffix: &str) -> PathBuf {
    desk.data().join("blobs").join(format!("{hash}{suffix}"))
}

/// Waits until a node knows that a practice names the file.
pub fn knows(node: &Served, hash: &str) {
    let named = || {
        let listed = node.answer(&json!({ "op": "blob-list" }));
        let items = listed["items"].as_array().expect("items").clone();
        items
            .iter()
            .any(|item| item["hash"] == hash && item["practices"] != json!([]))
            .then_some(())
    };
    until("the file is named", PATIENCE, named);
}

#[test]
fn a_file_attached_at_one_member_is_fetched_at_another_when_somebody_asks() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let bytes = report(3_000_000);
    let (id, hash) = published(&niger, "rapport.pdf", &bytes);
    in_step(&[&at_niger, &at_nepal]);
    knows(&at_nepal, &hash);

    let shown = nepal.ask(&["practice", "show", &id]);
    let attachment = &shown["attachments"][0];
    assert_eq!(
        (&attachment["media_type"], &attachment["bytes"], &attachment["name"]),
        (&json!("application/pdf"), &json!(3_000_000), &json!("rapport.pdf"))
    );
    assert!(!blob(&nepal, &hash, "").exists(), "nobody asked for it");
    let told = nepal.ask(&["blob", "get", &hash[..10], "--dry-run"]);
    assert_eq!((&told["state"], &told["bytes"]), (&json!("lacking"), &json!(3_000_000)));
    assert!(told["travels"].as_u64() > Some(3_000_000));

    let out = nepal.data().with_file_name("fetched.pdf");
    let got = nepal.ask(&["blob", "get", &hash, "--out", out.to_str().expect("text")]);
    assert_eq!(got["state"], "whole", "{got}");
    assert_eq!(fs::read(&out).expect("written"), bytes);
    assert_eq!(fs::read(blob(&nepal, &hash, "")).expect("kept"), bytes);
    assert!(!blob(&nepal, &hash, ".part").exists() && !blob(&nepal, &hash, ".have").exists());
    // Niger's node knows now that somebody else has it.
    until("the giver knows", PATIENCE, || blob(&niger, &hash, ".elsewhere").exists().then_some(()));
    let spent = at_nepal.status()["link"]["spent"]["free"]["files"].clone();
    assert!(spent.as_u64() > Some(3_000_000), "{spent}");
}

#[test]
fn a_fetch_goes_on_where_a_killed_node_left_it() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let bytes = report(24_000_000);
    let (_, hash) = published(&niger, "rapport.pdf", &bytes);
    in_step(&[&at_niger, &at_nepal]);
    knows(&at_nepal, &hash);
    at_nepal.answer(&json!({ "op": "blob-get", "hash": hash, "begin": true }));
    // Two ask at once for one file: one fetch.
    at_nepal.answer(&json!({ "op": "blob-get", "hash": hash, "begin": true }));
    until("some of it is counted", PATIENCE, || {
        blob(&nepal, &hash, ".have").exists().then_some(())
    });
    at_nepal.kill();
    let at_nepal = nepal.serve();
    let whole = || {
        let told: Value = at_nepal.answer(&json!({ "op": "blob-get", "hash": hash }));
        assert_ne!(told["state"], "failed", "{told}");
        (told["state"] == "whole").then_some(())
    };
    until("it goes on by itself", Duration::from_secs(120), whole);
    assert_eq!(fs::read(blob(&nepal, &hash, "")).expect("kept"), bytes);
}

#[test]
fn a_photo_is_attached_without_the_place_where_it_was_taken() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let draft = niger.draft(&practice("Checking contracts before departure"));
    let mut photo = b"\xff\xd8\xff\xe1\0\x1fExif\0\0GPS 16.97N 7.99E Agadez".to_vec();
    photo.extend_from_slice(b"\xff\xda\0\x06scanpixels\xff\xd9");
    let file = niger.file("photo.jpg", &photo);
    let ran = niger.run(&["attach", &draft, &file, "--alt", "The counter"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("Place, time and device were taken out"), "{ran:?}");
    for entry in fs::read_dir(niger.data().join("blobs")).expect("a folder") {
        let kept = fs::read(entry.expect("an entry").path()).expect("readable");
        assert!(!kept.windows(6).any(|window| window == b"Agadez"));
    }
    let heic = niger.file("photo.heic", b"\0\0\0\x18ftypheic....");
    let refused = niger.refused(&["attach", &draft, &heic]);
    assert!(text(&refused["message"]).contains("save it as JPEG or PNG"), "{refused}");
    let shown = niger.ask(&["practice", "show", &draft]);
    assert_eq!(shown["fields"]["attachments"].as_array().map(Vec::len), Some(1), "{shown}");
}

#[test]
fn what_nobody_else_has_is_not_dropped_by_mistake_and_a_rotten_file_is_found() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let (_, hash) = published(&niger, "rapport.pdf", &report(100_000));
    let refused = niger.refused(&["blob", "drop", &hash]);
    assert!(text(&refused["message"]).contains("knows of nobody else"), "{refused}");
    niger.ask(&["blob", "pin", &hash[..12]]);
    let refused = niger.refused(&["blob", "drop", &hash, "--last"]);
    assert!(text(&refused["message"]).contains("is pinned"), "{refused}");
    niger.ask(&["blob", "pin", &hash, "--undo"]);
    let checked = niger.ask(&["check"]);
    assert_eq!(checked["bad"], json!([]));

    let mut rotten = report(100_000);
    rotten[77_777] ^= 1;
    fs::write(blob(&niger, &hash, ""), rotten).expect("room");
    let ran = niger.run(&["check", "--json"]);
    assert_eq!(ran.json()["bad"][0]["id"], json!(hash), "{ran:?}");
    niger.ask(&["blob", "drop", &hash, "--last"]);
    assert_eq!(niger.ask(&["blob", "list"])["items"][0]["state"], "lacking");
    let refused = niger.refused(&["blob", "get", &hash]);
    assert_eq!(refused["code"], "unreachable", "{refused}");
    let refused = niger.refused(&["blob", "get", "../../keys/node"]);
    assert_eq!(refused["code"], "invalid", "{refused}");
}

#[test]
fn a_rotten_file_is_mended_with_what_a_peer_has_and_keeps_what_was_sound() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let bytes = report(3_000_000);
    let (_, hash) = published(&niger, "rapport.pdf", &bytes);
    in_step(&[&at_niger, &at_nepal]);
    knows(&at_nepal, &hash);
    nepal.ask(&["blob", "get", &hash]);
    at_nepal.kill();
    let mut rotten = bytes.clone();
    rotten[1_777_777] ^= 1;
    fs::write(blob(&nepal, &hash, ""), rotten).expect("room");

    let told = nepal.ask(&["check", "--repair"]);
    assert_eq!((&told["bad"], &told["lost_bytes"]), (&json!([]), &json!(0)));
    let kept = 3_000_000 - 16 * 1024;
    assert_eq!(told["files"], json!([{ "hash": hash, "kept_bytes": kept }]));
    let at_nepal = nepal.serve();
    until("the node fetches what it lacks by itself", PATIENCE, || {
        blob(&nepal, &hash, "").exists().then_some(())
    });
    assert_eq!(fs::read(blob(&nepal, &hash, "")).expect("kept"), bytes);
    let files = at_nepal.status()["link"]["spent"]["free"]["files"].as_u64();
    assert!(files < Some(3_200_000), "one group came again, not all: {files:?}");
    assert_eq!(nepal.ask(&["check"])["bad"], json!([]));
}

#[test]
fn a_file_of_a_shared_draft_is_given_to_those_who_see_it_and_to_nobody_else() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let (chad, at_chad) = joined(&niger, "Civil Registry of Chad", "TD", "Amina Example");
    let draft = niger.draft(&practice("Checking contracts before departure"));
    let bytes = report(200_000);
    let file = niger.file("contract.pdf", &bytes);
    let hash = text(&niger.ask(&["attach", &draft, &file, "--lang", "en"])["hash"]);
    niger.ask(&["practice", "share", &draft, "--with", "Upland Labour Office"]);
    in_step(&[&at_niger, &at_nepal, &at_chad]);
    until("the draft came with its file's name", PATIENCE, || {
        let items = nepal.ask(&["blob", "list"])["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .any(|item| item["hash"] == hash && item["drafts"] == json!([draft]))
            .then_some(())
    });
    assert_eq!(nepal.ask(&["blob", "get", &hash])["state"], "whole");
    assert_eq!(fs::read(blob(&nepal, &hash, "")).expect("kept"), bytes);
    // Whoever knows its hash, and even names it, has no right to it by that.
    let mut own = practice("Checking contracts before departure");
    own["attachments"] = json!([{
        "name": "contract.pdf", "media_type": "application/pdf",
        "hash": hash, "bytes": bytes.len(),
    }]);
    chad.draft(&own);
    let refused = chad.refused(&["blob", "get", &hash]);
    assert_eq!(refused["code"], "unreachable", "{refused}");
    assert!(!blob(&chad, &hash, "").exists());
}
