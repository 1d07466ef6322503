//! One key at two places: Chad's folder is copied and both copies run, or an
//! older copy of it is put back by hand.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::federation::in_step;
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::requests::Office;
use super::tern::{Desk, Served, text};

/// As `cp -r` does it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("room");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).expect("room");
        }
    }
}

/// Niger, and Chad, which has met it and is stopped in order.
fn niger_and_chad() -> (Office, Desk) {
    let niger = Office::open(Desk::founded("Ministry of Arrivals", "NE", "Awa Example"));
    let mut chad = Office::joining(&niger, "Civil Registry of Chad", "TD", "Amina Example");
    chad.desk.publish(&practice("Registering every birth"));
    let served = chad.served.take().expect("it serves");
    in_step(&[niger.served.as_ref().expect("it serves"), &served]);
    served.stop();
    (niger, chad.desk)
}

/// Waits until a node says that two run with its key.
fn is_told(node: &Served) -> Value {
    let told = || {
        let copied = node.status()["copied"].clone();
        (copied.is_object() && copied["cleared_at"].is_null()).then_some(copied)
    };
    until(&format!("{} knows of its copy", node.http()), PATIENCE * 4, told).0
}

/// Waits until a node has exchanged with another in this life.
fn has_met(node: &Served) {
    let met = || {
        let status = node.status();
        let mut peers = status["peers"].as_array().expect("peers").iter();
        (peers.any(|peer| peer["last_met"].is_string()) && status["state"] == "member")
            .then_some(())
    };
    until(&format!("{} has met somebody", node.http()), PATIENCE * 4, met);
}

#[test]
fn two_copies_that_run_at_one_time_are_told_go_on_working_and_are_told_apart() {
    let (niger, chad) = niger_and_chad();
    let other = Desk::empty();
    copy(&chad.data(), &other.data());
    let at_niger = niger.served.as_ref().expect("it serves");
    let (at_chad, at_other) = (chad.serve(), other.serve());
    for (desk, node) in [(&chad, &at_chad), (&other, &at_other)] {
        let told = is_told(node);
        assert_eq!(told["by"], "Ministry of Arrivals", "{told}");
        let status = desk.run(&["status"]);
        assert!(status.out.contains("two nodes run with this node's key"), "{status:?}");
        assert!(desk.run(&["copied"]).out.contains("tern copied --cleared"));
        let doctor = desk.run(&["doctor"]);
        assert!(doctor.out.contains("Ministry of Arrivals noticed it today"), "{doctor:?}");
        has_met(node);
    }
    // Both go on working, and what both say is everywhere.
    let mine = chad.publish(&practice("Mobile teams"));
    let theirs = other.publish(&practice("Fixed offices"));
    in_step(&[at_niger, &at_chad, &at_other]);
    for desk in [&niger.desk, &chad, &other] {
        for id in [&mine, &theirs] {
            assert_eq!(desk.ask(&["practice", "show", id])["edition"], 1);
        }
        assert_eq!(desk.ask(&["check"])["bad"], json!([]));
    }
    let log = at_niger.log();
    assert!(log.contains("two nodes run with the key of this peer"), "{log}");
    assert!(niger.desk.ask(&["status"])["copied"].is_null(), "Niger is one");

    // Both are needed: the other becomes a node of its own.
    let refused = other.refused(&["copied", "--new-key"]);
    assert!(text(&refused["message"]).contains("stop it"), "{refused}");
    at_other.stop();
    let changed = other.ask(&["copied", "--new-key"]);
    assert_ne!(changed["node"], changed["before"], "{changed}");
    let cleared = chad.ask(&["copied", "--cleared"]);
    assert!(cleared["copied"]["cleared_at"].is_string(), "{cleared}");
    let at_other = other.serve();
    assert_eq!(other.ask(&["status"])["node"], changed["node"]);
    other.publish(&practice("Offices of their own"));
    in_step(&[at_niger, &at_chad, &at_other]);
    let nodes = |desk: &Desk| {
        let status = desk.ask(&["status"]);
        status["peers"].as_array().expect("peers").iter().map(|p| p["node"].clone()).collect()
    };
    let known: Vec<Value> = nodes(&niger.desk);
    assert!(known.contains(&changed["node"]) && known.contains(&changed["before"]), "{known:?}");
    for node in [&at_chad, &at_other] {
        assert!(node.status()["copied"]["cleared_at"].is_string(), "nobody noticed anything more");
    }
    for node in [at_chad, at_other] {
        node.stop();
    }
}

#[test]
fn two_copies_that_run_in_turns_are_told_once_each_was_there_twice() {
    let (niger, chad) = niger_and_chad();
    let other = Desk::empty();
    copy(&chad.data(), &other.data());
    let at_chad = chad.serve();
    has_met(&at_chad);
    // Niger is out of reach of Chad, which runs on, while the other is there.
    let at_other = other.serve();
    has_met(&at_other);
    is_told(&at_chad);
    at_other.stop();
    let put_back = other.ask(&["status"])["restored"].clone();
    assert_eq!(put_back["found"]["by"], "Ministry of Arrivals", "{put_back}");
    assert!(put_back["caught_up"].is_object(), "{put_back}");
    chad.ask(&["copied", "--cleared"]);
    at_chad.stop();
    let (again, at_niger) = (chad.serve(), niger.served.as_ref().expect("it serves"));
    has_met(&again);
    in_step(&[at_niger, &again]);
    assert!(again.status()["copied"]["cleared_at"].is_string(), "one that runs alone is one");
}

#[test]
fn a_folder_that_was_put_back_by_hand_is_in_step_again_by_itself_and_says_so() {
    let (niger, chad) = niger_and_chad();
    let old = chad.data().with_file_name("old");
    copy(&chad.data(), &old);
    let served = chad.serve();
    let offices = chad.publish(&practice("Fixed offices"));
    let at_niger = niger.served.as_ref().expect("it serves");
    in_step(&[at_niger, &served]);
    served.stop();

    fs::remove_dir_all(chad.data()).expect("it is gone");
    copy(&old, &chad.data());
    let served = chad.serve();
    let noticed = || {
        let status = served.status();
        let restored = status["restored"].clone();
        (status["state"] == "member" && restored["caught_up"].is_object()).then_some(restored)
    };
    let (noticed, _) = until("Chad is in step again", PATIENCE * 4, noticed);
    assert_eq!(noticed["found"]["by"], "Ministry of Arrivals", "{noticed}");
    let told = chad.run(&["status"]).out;
    assert!(told.contains("Ministry of Arrivals had met a later state of this node"), "{told}");
    in_step(&[at_niger, &served]);
    assert_eq!(chad.ask(&["practice", "show", &offices])["edition"], 1, "it came back");
    assert!(served.status()["copied"].is_null(), "it is no copy");
    let log = served.log();
    assert!(log.contains("a peer met a later state of this node"), "{log}");
    chad.publish(&practice("Mobile teams"));
    in_step(&[at_niger, &served]);
}

#[test]
fn a_node_that_was_put_back_finds_its_own_later_bundle_and_does_not_write_over_it() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let stick = tempfile::tempdir().expect("a folder");
    let stick = stick.path().to_str().expect("text");
    niger.ask(&["bundle", "write", stick]);
    let old = niger.data().with_file_name("old");
    copy(&niger.data(), &old);
    let births = niger.publish(&practice("Registering every birth"));
    niger.ask(&["bundle", "write", stick]);

    fs::remove_dir_all(niger.data()).expect("it is gone");
    copy(&old, &niger.data());
    let refused = niger.refused(&["bundle", "write", stick]);
    assert_eq!(refused["code"], "conflict");
    assert!(text(&refused["message"]).contains("a later state of this node"), "{refused}");
    let status = niger.ask(&["status"]);
    assert_eq!(status["state"], "catching-up", "{status}");
    assert!(status["restored"]["found"]["by"].is_null(), "{status}");
    niger.ask(&["bundle", "read", stick]);
    assert_eq!(niger.ask(&["practice", "show", &births])["edition"], 1, "it came back");
    niger.ask(&["resume"]);
    niger.ask(&["bundle", "write", stick]);
    niger.publish(&practice("Mobile teams"));
}
