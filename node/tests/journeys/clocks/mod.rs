//! Machines whose clocks stand in 1970 and in 2036: they found and join,
//! approve, publish, adopt and meet as others do, every node comes to the same
//! verdicts, and each machine is told that its clock is wrong.
//!
//! The clocks are set by a small library that is preloaded into the real
//! program; where no C compiler is found to make it, that is said aloud.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::federation::{in_step, invite};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

/// The second day of 1970, and the morning after 32 bits of NTP run over.
const LATE: i64 = 86_400;
const FAST: i64 = 2_085_978_497;

/// Makes the library; `None` where nothing can.
pub fn library() -> Option<PathBuf> {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/journeys/clocks/ahead.c");
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("clock-ahead.so");
    let ran = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&made).arg(source).status();
    if ran.is_ok_and(|ran| ran.success()) {
        return Some(made);
    }
    // Past the test's capture, so that it is read.
    let _ = writeln!(std::io::stderr(), "wrong clocks were NOT tried: no C compiler `cc`");
    None
}

/// A desk whose clock shows this now, in seconds since 1970.
fn desk(library: &std::path::Path, shows: i64) -> Desk {
    Desk::with_clock(library, shows - tern_node::driver::now().0 / 1_000)
}

fn joins(desk: Desk, steward: &Desk, org: &str, country: &str, person: &str) -> Desk {
    let invitation = invite(steward);
    let words = ["join", &invitation, "--org", org, "--country", country, "--person", person];
    let answer = desk.ask(&words);
    assert_eq!(answer["state"], "member", "{answer}");
    desk
}

fn clock_of(desk: &Desk) -> Value {
    let told = desk.run(&["doctor", "--json"]).json();
    let items = told["items"].as_array().expect("items").clone();
    items.into_iter().find(|item| item["check"] == "clock").expect("a line on the clock")
}

/// One federation: whoever founds it, and one of the two that join, have a
/// clock that is wrong.
fn three_nodes_agree(founder: i64, newcomer: i64) {
    let Some(library) = library() else { return };
    let niger = desk(&library, founder).founds("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let nepal = joins(Desk::empty(), &niger, "Upland Labour Office", "NP", "Bina Example");
    let at_nepal = nepal.serve();
    let moldova = desk(&library, newcomer);
    let moldova = joins(moldova, &niger, "Coalition of Registries", "MD", "Corina Example");
    let at_moldova = moldova.serve();
    let nodes: [&Served; 3] = [&at_niger, &at_nepal, &at_moldova];
    let desks = [&niger, &nepal, &moldova];
    in_step(&nodes);

    // Each publishes, and each takes part in deciding: with three stewards two
    // have to agree, whatever their clocks say.
    let mut ids: Vec<String> =
        desks.iter().map(|desk| desk.publish(&practice("Registering every birth"))).collect();
    let stewards = ["Ministry of Arrivals", "Upland Labour Office", "Coalition of Registries"];
    let stewards = stewards.iter().flat_map(|org| ["--steward", *org]);
    let propose: Vec<&str> = ["charter", "propose"].into_iter().chain(stewards).collect();
    niger.ask(&propose);
    for desk in [&nepal, &moldova] {
        let grant = ["cert", "grant", "admin", "--role", "steward"];
        desk.ask(&grant);
        let proposed = || {
            let waits = desk.ask(&["proposals"])["items"].as_array().cloned().unwrap_or_default();
            waits.into_iter().find(|item| item["kind"] == "charter").map(|item| text(&item["id"]))
        };
        let (id, _) = until("the charter waits for approval", PATIENCE, proposed);
        desk.ask(&["approve", &id]);
    }
    let charters = || {
        let n = desks.map(|desk| desk.ask(&["charter", "show"])["n"].clone());
        n.iter().all(|n| *n == json!(1)).then_some(())
    };
    until("the charter is in force everywhere", PATIENCE, charters);

    // A second edition by the founder, and a key that is revoked with its cut.
    let draft = niger.ask(&["practice", "edit", &ids[0], "--set", "title=Every birth counts"]);
    niger.ask(&["practice", "publish", &text(&draft["id"]), "--note", "Second"]);
    moldova.ask(&["account", "add", "doru", "--role", "publisher"]);
    let file = moldova.file("practice.json", practice("Counting returns").to_string());
    let draft = text(&moldova.ask(&["practice", "draft", &file, "--as", "doru"])["id"]);
    let words = ["practice", "publish", &draft, "--note", "First", "--as", "doru"];
    ids.push(text(&moldova.ask(&words)["id"]));
    moldova.ask(&["account", "remove", "doru", "--to", "admin", "--yes"]);

    in_step(&nodes);
    let same = || {
        let told = nodes.map(|node| node.status()["public_count"].clone());
        told.iter().all(|count| *count == told[0]).then_some(())
    };
    until("all count the same", PATIENCE, same);
    for id in &ids {
        for desk in desks {
            let readable = || desk.run(&["practice", "show", id, "--json"]).code == Some(0);
            until("it is held", PATIENCE, || readable().then_some(()));
            let verified = desk.ask(&["practice", "verify", id]);
            assert_eq!(verified["verdict"], "accepted", "{verified}");
        }
        let told = desks.map(|desk| {
            let history = desk.ask(&["practice", "history", id]);
            let items = history["items"].as_array().expect("editions").clone();
            items.iter().map(|e| (e["id"].clone(), e["verdict"].clone())).collect::<Vec<_>>()
        });
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    }
    for (desk, shows) in [(&niger, founder), (&moldova, newcomer)] {
        let clock = clock_of(desk);
        let level = if shows == LATE { "red" } else { "attention" };
        assert_eq!(clock["level"], level, "{clock}");
        assert!(text(&clock["advice"]).contains("Set the machine's clock"), "{clock}");
    }
}

#[test]
fn a_founder_in_1970_and_a_newcomer_in_2036_change_no_verdict() {
    three_nodes_agree(LATE, FAST);
}

#[test]
fn a_founder_in_2036_and_a_newcomer_in_1970_change_no_verdict() {
    three_nodes_agree(FAST, LATE);
}
