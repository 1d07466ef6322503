//! Seven organisations, all of them stewards, govern themselves by files alone:
//! their nodes never connect. They found, join, amend a policy with four
//! approvals, put one out, and give new keys to one that lost all it had. No
//! single key does any of it.

use serde_json::{Value, json};

use super::bundles::{Stick, far_away};
use super::practices::practice;
use super::tern::{Desk, text};

const OTHERS: [(&str, &str, &str); 6] = [
    ("Upland Labour Office", "NP", "Bina Example"),
    ("Diaspora Bureau", "MD", "Corina Example"),
    ("Harbour Cities Forum", "TG", "Dela Example"),
    ("Island Registries", "FJ", "Eroni Example"),
    ("Andean Passage", "PE", "Flor Example"),
    ("Border Health Council", "TD", "Goni Example"),
];
const FIRST: &str = "Ministry of Arrivals";

/// The stick goes round, so often that what each says reaches all.
fn round(stick: &Stick, desks: &[&Desk]) {
    for _ in 0..2 {
        for desk in desks {
            stick.visits(desk);
        }
    }
}

fn charter(desk: &Desk) -> Value {
    desk.ask(&["charter", "show"])
}

fn state(desk: &Desk, org: &str) -> String {
    let told = desk.ask(&["members"]);
    let items = told["items"].as_array().expect("members");
    let found = items.iter().find(|item| item["name"] == org);
    found.map(|item| text(&item["state"])).unwrap_or_default()
}

/// The desks approve a proposal one after another, each once it has read the
/// stick; `counts` says after how many it is in force, and is asked after each.
fn approved(stick: &Stick, id: &str, by: &[&Desk], in_force: impl Fn(&Desk) -> bool) {
    for (number, desk) in by.iter().enumerate() {
        stick.read_by(desk);
        assert!(
            !in_force(desk),
            "it counts after {number} further approvals already: {} {} {}",
            charter(desk),
            desk.ask(&["members"]),
            desk.ask(&["proposals"])
        );
        assert_eq!(desk.ask(&["approve", id])["approved"], json!([id]));
        stick.written_by(desk);
    }
    let last = by.last().expect("somebody");
    assert!(in_force(last), "all who are needed approved");
}

fn public(desk: &Desk) -> Value {
    desk.ask(&["status"])["public_root"].clone()
}

#[test]
fn seven_who_never_connect_found_amend_expel_and_recover_one_of_them() {
    let niger = Desk::founded(FIRST, "NE", "Awa Example");
    let others = far_away(&niger, &OTHERS);
    let stick = Stick::new();
    let all: Vec<&Desk> = std::iter::once(&niger).chain(&others).collect();

    // Found and join: six knocks on one stick, and back.
    others.iter().for_each(|desk| drop(stick.written_by(desk)));
    round(&stick, &all);
    for desk in &all {
        assert_eq!(desk.ask(&["status"])["members"], 7);
    }

    // All seven become stewards; each that is new has to agree.
    for desk in &others {
        desk.ask(&["cert", "grant", "admin", "--role", "steward"]);
    }
    let mut words = vec!["charter", "propose"];
    let names: Vec<&str> =
        std::iter::once(FIRST).chain(OTHERS.iter().map(|(name, ..)| *name)).collect();
    names.iter().for_each(|name| words.extend(["--steward", name]));
    let proposed = niger.ask(&words);
    assert_eq!(proposed["in_force"], false, "Niger alone appoints nobody: {proposed}");
    stick.written_by(&niger);
    let agree: Vec<&Desk> = others.iter().collect();
    approved(&stick, &text(&proposed["id"]), &agree, |desk| charter(desk)["n"] == 1);
    round(&stick, &all);
    for desk in &all {
        assert_eq!(
            (&charter(desk)["n"], &charter(desk)["majority"], &charter(desk)["recall"]),
            (&json!(1), &json!(4), &json!(5))
        );
    }

    // A policy, with four approvals: the proposer's and three.
    let policy = ["charter", "propose", "--policy", "reviews=Two reviewers of other countries."];
    let amended = others[1].ask(&policy);
    stick.written_by(&others[1]);
    let three = [&niger, &others[0], &others[2]];
    approved(&stick, &text(&amended["id"]), &three, |desk| charter(desk)["n"] == 2);
    round(&stick, &all);
    for desk in &all {
        assert_eq!(charter(desk)["policies"][0]["code"], "reviews");
    }

    // One is put out by four. What it published before stays; what it
    // publishes after, on a stick of its own, counts nowhere.
    let goni = &others[5];
    let before = goni.publish(&practice("Screening at the border"));
    round(&stick, &all);
    let removed = others[3].ask(&["remove", OTHERS[5].0, "--reason", "It sold what it was told."]);
    stick.written_by(&others[3]);
    let three = [&niger, &others[0], &others[1]];
    let gone = |desk: &Desk| state(desk, OTHERS[5].0) == "removed";
    approved(&stick, &text(&removed["id"]), &three, gone);
    let after = goni.publish(&practice("Screening for money"));
    let second = Stick::new();
    second.written_by(goni);
    let six: Vec<&Desk> = all.iter().copied().filter(|desk| !std::ptr::eq(*desk, goni)).collect();
    round(&stick, &six);
    let stands = public(&niger);
    for desk in &six {
        desk.ask(&["bundle", "read", second.path()]);
        assert_eq!(state(desk, OTHERS[5].0), "removed");
        assert_eq!(desk.ask(&["practice", "verify", &before])["verdict"], "accepted");
        let refused = desk.refused(&["practice", "show", &after]);
        assert_eq!(refused["code"], "not-found", "{refused}");
        assert_eq!(public(desk), stands, "what it said later is in no set");
    }

    // One burns down with all its keys: four give it new ones.
    let flor = &others[4];
    let published = flor.publish(&practice("Counselling over the pass"));
    round(&stick, &six);
    let org = text(&flor.ask(&["status"])["org_id"]);
    let federation = text(&flor.ask(&["status"])["federation_id"]);
    let again = Desk::empty();
    let request = again.data().with_file_name("request.tern");
    let request = request.to_str().expect("text");
    again.ask(&["recover", &org, "--federation", &federation, "--out", request]);
    let told = niger.ask(&["rekey", request, "--reason", "Fire in the office", "--yes"]);
    assert_eq!(told["counts"], false, "Niger alone gives nobody keys: {told}");
    stick.written_by(&niger);
    let recovered = |desk: &Desk| {
        let told = desk.ask(&["proposals"]);
        told["items"].as_array().is_some_and(Vec::is_empty)
    };
    let three = [&others[0], &others[1], &others[2]];
    approved(&stick, &text(&told["id"]), &three, recovered);
    again.ask(&["bundle", "read", stick.path()]);
    assert_eq!(again.ask(&["recover"])["state"], "done");
    stick.written_by(&again);
    let five: Vec<&Desk> = six.iter().copied().filter(|desk| !std::ptr::eq(*desk, flor)).collect();
    let six: Vec<&Desk> = five.iter().copied().chain([&again]).collect();
    round(&stick, &six);
    let draft = again.ask(&["practice", "edit", &published, "--set", "title=Over the pass"]);
    let words = ["practice", "publish", &text(&draft["id"]), "--note", "After the fire"];
    assert_eq!(again.ask(&words)["edition"], 2);
    round(&stick, &six);
    let stands = public(&again);
    for desk in &six {
        assert_eq!(public(desk), stands);
        let shown = desk.ask(&["practice", "show", &published]);
        assert_eq!((&shown["edition"], &shown["verdict"]), (&json!(2), &json!("accepted")));
    }
}
