//! The root key on a stick: daily work goes on without it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::super::patience::output;
use super::super::tern::{Desk, text};
use super::{beside, key_files, phrase, publishes};

fn level<'a>(told: &'a Value, purpose: &str) -> &'a Value {
    let items = told["items"].as_array().expect("items");
    items.iter().find(|item| item["purpose"] == purpose).expect("a key")
}

#[test]
fn daily_work_goes_on_while_the_root_key_is_on_a_stick() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let (stick, sand) = (beside(&niger, "root.key"), phrase(&niger, "sand"));
    let refused = niger.refused(&["key", "move", &stick]);
    assert_eq!(refused["field"], "new-passphrase-file", "{refused}");
    assert_eq!(key_files(&niger, "root").len(), 1, "and the key is where it was");
    let served = niger.serve();
    niger.ask(&["key", "move", &stick, "--new-passphrase-file", &sand]);
    assert_eq!(key_files(&niger, "root"), Vec::<std::path::PathBuf>::new());
    let mode = fs::metadata(&stick).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let root = level(&niger.ask(&["key", "list"]), "root").clone();
    assert_eq!((&root["level"], &root["place"]), (&json!("away"), &json!(stick)), "{root}");

    let id = publishes(&niger, "Registering every birth", &[]);
    let verified = niger.ask(&["practice", "verify", &id]);
    assert_eq!(verified["verdict"], "accepted");
    assert_eq!(verified["signers"][0]["key"], "plain", "how Awa's key is kept: {verified}");
    niger.ask(&["invite"]);

    let add = ["account", "add", "issa", "--role", "publisher"];
    let refused = niger.refused(&add);
    assert_eq!(refused["code"], "key-away");
    let message = text(&refused["message"]);
    assert!(message.contains(&stick) && message.contains("--key-file"), "{message}");
    let with = |words: &[&str], phrase: &str| {
        [words, &["--key-file", &stick, "--key-passphrase-file", phrase]].concat().join("\u{1f}")
    };
    let wrong = phrase(&niger, "wrong");
    let line = with(&add, &wrong);
    let refused = niger.refused(&line.split('\u{1f}').collect::<Vec<_>>());
    assert_eq!(refused["code"], "wrong-passphrase", "{refused}");
    let line = with(&add, &sand);
    niger.ask(&line.split('\u{1f}').collect::<Vec<_>>());
    // What came along was for that command alone.
    let refused = niger.refused(&["cert", "grant", "issa", "--role", "reviewer"]);
    assert_eq!(refused["code"], "key-away");
    let mut by_environment =
        niger.command(&["cert", "grant", "issa", "--role", "reviewer", "--json"]);
    by_environment.env("TERN_KEY_FILE", &stick).env("TERN_KEY_PASSPHRASE_FILE", &sand);
    let granted = output(&mut by_environment);
    assert_eq!(granted.status.code(), Some(0), "{granted:?}");
    served.stop();

    // And on a node that does not run.
    let refused = niger.refused(&["cert", "grant", "issa", "--role", "expert"]);
    assert_eq!(refused["code"], "key-away");
    let line = with(&["cert", "grant", "issa", "--role", "expert"], &sand);
    niger.ask(&line.split('\u{1f}').collect::<Vec<_>>());
    niger.ask(&["key", "return", &stick, "--key-passphrase-file", &sand]);
    assert_eq!(key_files(&niger, "root").len(), 1);
    niger.ask(&["cert", "grant", "issa", "--role", "moderator"]);
}

#[test]
fn a_key_file_of_somebody_else_opens_no_door() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let nepal = Desk::founded("Upland Labour Office", "NP", "Bina Example");
    let sand = phrase(&niger, "sand");
    let (own, other) = (beside(&niger, "own.key"), beside(&niger, "other.key"));
    niger.ask(&["key", "move", &own, "--new-passphrase-file", &sand]);
    nepal.ask(&["key", "move", &other, "--new-passphrase-file", &sand]);
    let grant = ["cert", "grant", "admin", "--role", "steward", "--key-passphrase-file", &sand];
    let refused = niger.refused(&[&grant[..], &["--key-file", &other]].concat());
    assert_eq!((&refused["code"], &refused["field"]), (&json!("invalid"), &json!("key-file")));
    let refused = niger.refused(&["key", "return", &other, "--key-passphrase-file", &sand]);
    assert_eq!(refused["field"], "file", "{refused}");
    let text_file = niger.file("letter.txt", "Dear colleague");
    let refused = niger.refused(&[&grant[..], &["--key-file", &text_file]].concat());
    assert!(text(&refused["message"]).contains("letter.txt"), "{refused}");
    niger.ask(&[&grant[..], &["--key-file", &own]].concat());
}

#[test]
fn a_spare_root_key_on_another_machine_signs_like_the_root_key() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let (sand, spare) = (phrase(&niger, "sand"), beside(&niger, "spare.key"));
    let made = niger.ask(&["key", "new", &spare, "--root", "--new-passphrase-file", &sand]);
    niger.ask(&["key", "rotate", "--spare", made["public"].as_str().expect("digits")]);
    for file in key_files(&niger, "root") {
        fs::remove_file(file).expect("lost");
    }
    let grant = ["cert", "grant", "admin", "--role", "steward"];
    assert_eq!(niger.refused(&grant)["code"], "key-away");
    let with = ["--key-file", &spare, "--key-passphrase-file", &sand];
    niger.ask(&[&grant[..], &with].concat());
}
