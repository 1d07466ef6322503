//! The doctor at real folders and processes.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use tern_node::doctor::CHECKS;

use super::super::patience::output;
use super::super::tern::Ran;
use super::*;

const DAY: u64 = 24 * 3_600;

/// The doctor's lines, whose exit code fits them.
fn doctor(desk: &Desk) -> Value {
    told(desk.run(&["doctor", "--json"]))
}

fn told(ran: Ran) -> Value {
    let told = ran.json();
    let items = told["items"].as_array().expect("lines");
    assert_eq!(items.len(), CHECKS.len(), "{told}");
    let red = items.iter().any(|item| item["level"] == "red");
    assert_eq!(ran.code, Some(i32::from(red)), "{ran:?}");
    for item in items {
        assert_eq!(item["advice"].is_string(), item["level"] != "ok", "{item}");
    }
    told
}

/// Asserts how a line stands, and what it says.
fn line(told: &Value, check: &str, level: &str, says: &str) {
    let items = told["items"].as_array().expect("lines");
    let item = items.iter().find(|item| item["check"] == check).expect("a line");
    assert_eq!(item["level"], level, "{item}");
    assert!(text(&item["message"]).contains(says), "`{says}`: {item}");
}

#[test]
fn a_node_that_is_well_is_told_so_running_and_stopped() {
    let desk = Desk::empty();
    let phrase = desk.file("phrase", "harmattan\n");
    let words = ["init", "--org", "Chad", "--country", "TD", "--passphrase-file", &phrase];
    desk.ask(&words);
    note_backup(&desk.data(), seconds());
    let stopped = doctor(&desk);
    line(&stopped, "node", "ok", "is stopped");
    line(&stopped, "ports", "ok", "are free");
    line(&stopped, "keys", "ok", "have a passphrase");
    let served = desk.serve();
    let running = doctor(&desk);
    line(&running, "node", "ok", "runs and answers");
    line(&running, "ports", "ok", &served.http());
    // After a start the keys that read requests wait for their passphrase.
    line(&running, "keys", "attention", "unread");
    for told in [&stopped, &running] {
        for check in ["clock", "disk", "writing", "permissions", "settings", "format", "store"] {
            line(told, check, "ok", "");
        }
        for check in ["index", "backup", "peers", "endings"] {
            line(told, check, "ok", "");
        }
    }
    served.stop();
}

#[test]
fn each_thing_that_is_wrong_with_a_folder_has_its_line() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let data = chad.data();
    line(&doctor(&chad), "backup", "attention", "No backup was ever made");
    line(&doctor(&chad), "keys", "attention", "no passphrase");
    chad.publish(&practice("Registering every birth"));
    line(&doctor(&chad), "backup", "red", "practices of this organisation");
    note_backup(&data, seconds() - 31 * DAY);
    line(&doctor(&chad), "backup", "red", "31 days ago");
    note_backup(&data, seconds() - DAY);
    line(&doctor(&chad), "backup", "ok", "1 day ago");

    let open = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    };
    open(&data, 0o755);
    line(&doctor(&chad), "permissions", "red", "the data folder");
    open(&data, 0o700);
    line(&doctor(&chad), "permissions", "ok", "");

    let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = other.local_addr().expect("bound").to_string();
    let mut command = chad.command(&["doctor", "--json"]);
    let ran = output(command.env("TERN_HTTP", &taken));
    line(&told(ran.into()), "ports", "red", &format!("{taken} is in use by something else"));

    let mut command = chad.command(&["doctor", "--json"]);
    let ran = output(command.env("TERN_NET_DAIL", "saved"));
    line(&told(ran.into()), "settings", "attention", "TERN_NET_DIAL");
    fs::write(data.join("tern.toml"), "[net]\ndail = \"lan\"\n").expect("room");
    line(&doctor(&chad), "settings", "attention", "did you mean `net.dial`?");
    fs::remove_file(data.join("tern.toml")).expect("removed");

    fs::create_dir(data.join("store/index.aside")).expect("room");
    line(&doctor(&chad), "store", "attention", "set aside");
    fs::remove_dir(data.join("store/index.aside")).expect("removed");
    fs::write(data.join("keys/node-00.key"), "no key").expect("room");
    line(&doctor(&chad), "keys", "red", "1 file of a key is damaged");
}

#[test]
fn a_node_that_does_not_open_is_told_with_everything_else() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let journal = journal(&chad);
    let sound = fs::read(&journal).expect("a journal");
    let mut newer = sound.clone();
    newer[12] = 9;
    fs::write(&journal, newer).expect("room");
    let told = doctor(&chad);
    line(&told, "node", "red", "does not open");
    line(&told, "format", "red", "has layout 9");
    line(&told, "store", "attention", "Not looked at");
    line(&told, "disk", "ok", "");
    let mut damaged = sound.clone();
    damaged[40] ^= 1;
    fs::write(&journal, damaged).expect("room");
    line(&doctor(&chad), "node", "red", "does not open");
    fs::write(&journal, sound).expect("room");
    line(&doctor(&chad), "node", "ok", "");
}

#[test]
fn a_peer_that_was_never_met_is_named() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let at_chad = chad.serve();
    let (nepal, served) = joined(&chad, "Upland Labour Office", "NP", "Bina Example");
    line(&doctor(&nepal), "peers", "ok", "1 other node known");
    served.stop();
    at_chad.stop();
    line(&doctor(&nepal), "peers", "ok", "met within the last 7 days");
    let never = format!("/ip4/127.0.0.1/tcp/1/p2p/{}", peer_id());
    nepal.ask(&["peers", "add", &never]);
    line(&doctor(&nepal), "peers", "attention", "never");
}

/// The id of a node that nobody has met.
fn peer_id() -> String {
    let key = tern_crdt::identity::SecretKey::from_seed(&[7; 32]);
    tern_node::net::peer_id_text(key.public())
}
