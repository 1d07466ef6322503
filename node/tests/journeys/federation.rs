//! Organisations that found, join, publish, read and verify.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tern_crdt::identity::FederationId;
use tern_protocol::membership::Invitation;

use super::patience::{PATIENCE, output, until};
use super::practices::practice;
use super::tern::{Desk, Ran, Served, text};

/// A practice that was published is readable at every other node so soon.
const READABLE: Duration = Duration::from_secs(2);
/// And is found by search so soon after that.
const FOUND: Duration = Duration::from_secs(1);
/// Nodes come into step in this time, whatever became of their links: a peer
/// that fell silent is given up after half a minute, and dialled again with
/// growing pauses.
const IN_STEP: Duration = Duration::from_secs(120);

/// Asks for an invitation at a node.
pub fn invite(desk: &Desk) -> String {
    text(&desk.ask(&["invite"])["invitation"])
}

/// An organisation that joins by invitation, and serves.
pub fn joined(steward: &Desk, org: &str, country: &str, person: &str) -> (Desk, Served) {
    let desk = Desk::empty();
    let invitation = invite(steward);
    let words = ["join", &invitation, "--org", org, "--country", country, "--person", person];
    let answer = desk.ask(&words);
    assert_eq!(answer["state"], "member", "{answer}");
    let served = desk.serve();
    (desk, served)
}

/// Waits until all nodes hold the same; returns its root.
pub fn in_step(nodes: &[&Served]) -> String {
    let same = || {
        let roots: Vec<Value> =
            nodes.iter().map(|node| node.status()["public_root"].clone()).collect();
        roots.iter().all(|root| *root == roots[0]).then(|| text(&roots[0]))
    };
    until("all nodes hold the same", IN_STEP, same).0
}

/// Waits until a node shows an edition of a practice.
fn shows(node: &Served, practice: &str, edition: u64, patience: Duration) -> Duration {
    let shown = || {
        let answer =
            node.get(&format!("/api/v1/practices/{practice}")).expect("a node that answers");
        let shown: Value = serde_json::from_str(&answer.body).ok()?;
        (answer.status == 200 && shown["edition"] == json!(edition)).then_some(())
    };
    until(&format!("edition {edition} is shown at {}", node.http()), patience, shown).1
}

/// Waits until a node finds a practice by words.
fn finds(node: &Served, words: &str, practice: &str, patience: Duration) -> Duration {
    let found = || {
        let found = node.answer(&json!({ "op": "search", "query": words }));
        let items = found["items"].as_array().expect("items");
        items.iter().any(|item| item["id"] == practice).then_some(())
    };
    until(&format!("`{words}` finds it at {}", node.http()), patience, found).1
}

#[test]
fn what_one_publishes_the_others_read_find_and_verify() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let (moldova, at_moldova) = joined(&niger, "Coalition of Registries", "MD", "Corina Example");
    let others = [&at_niger, &at_moldova];

    let id = nepal.publish(&practice("Checking contracts before departure"));
    for node in others {
        let read = shows(node, &id, 1, READABLE);
        let found = finds(node, "contracts departure", &id, FOUND);
        println!("{}: readable after {read:?}, found after {found:?} more", node.http());
    }
    let verified = moldova.ask(&["practice", "verify", &id]);
    assert_eq!(verified["verdict"], "accepted", "{verified}");
    let signer = &verified["signers"][0];
    assert_eq!(
        (&signer["person"], &signer["org"]),
        (&json!("Bina Example"), &json!("Upland Labour Office"))
    );

    let draft = text(
        &nepal.ask(&["practice", "edit", &id, "--set", "title=Checking every contract"])["id"],
    );
    let second = nepal.ask(&["practice", "publish", &draft, "--note", "Every contract, not some"]);
    assert_eq!((&second["id"], &second["edition"]), (&json!(id), &json!(2)));
    for node in others {
        shows(node, &id, 2, READABLE);
    }
    let history = moldova.ask(&["practice", "history", &id]);
    let notes: Vec<&Value> =
        history["items"].as_array().expect("editions").iter().map(|e| &e["note"]).collect();
    assert_eq!(notes, ["Every contract, not some", "First"]);
    let diff = moldova.ask(&["practice", "diff", &id, "1", "2"]);
    assert_eq!(diff["items"][0]["after"], "Checking every contract", "{diff}");

    let root = in_step(&[&at_niger, &at_nepal, &at_moldova]);
    assert_eq!(at_niger.status()["practices"], 1);
    let met = moldova.ask(&["meet", "Ministry of Arrivals"]);
    assert_eq!(
        (&met["settled"], &met["objects_sent"], &met["objects_received"]),
        (&json!(true), &json!(0), &json!(0))
    );
    assert_eq!(at_moldova.status()["public_root"], json!(root), "a meeting adds nothing");
    for node in [at_niger, at_nepal, at_moldova] {
        node.stop();
    }
}

#[test]
fn a_newcomer_joins_from_a_machine_where_another_node_has_its_port() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let nepal = Desk::empty();
    let invitation = invite(&niger);
    let words = ["join", &invitation, "--org", "Upland Labour Office", "--country", "NP", "--json"];
    let mut join = nepal.command(&words);
    join.env("TERN_NET_LISTEN", at_niger.tcp());
    let answer = Ran::from(output(&mut join)).json();
    assert_eq!(answer["state"], "member", "{answer}");
}

#[test]
fn an_invitation_names_the_address_that_a_node_behind_a_router_announces() {
    let chad = Desk::founded("Ministère du Travail du Tchad", "TD", "Issa Example");
    let announced = "/dns4/hub.example.org/udp/4480/quic-v1";
    let mut invite = chad.command(&["invite", "--json"]);
    let ran = Ran::from(output(invite.env("TERN_NET_ANNOUNCE", announced)));
    let invitation =
        Invitation::from_text(&text(&ran.json()["invitation"])).expect("an invitation");
    assert_eq!(invitation.addresses, [announced]);
}

#[test]
fn only_the_organisation_of_a_practice_publishes_its_editions() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let id = niger.publish(&practice("Registering every birth"));
    shows(&at_nepal, &id, 1, READABLE);
    let refused = nepal.refused(&["practice", "edit", &id, "--set", "title=Forged"]);
    assert_eq!(refused["code"], "not-allowed");
    assert_eq!(refused["message"], "only Ministry of Arrivals publishes editions of this practice");
    assert_eq!(nepal.ask(&["practice", "list", "--drafts"])["total"], 0);
    drop(at_niger);
}

#[test]
fn a_person_without_the_role_is_refused_until_it_is_granted() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let _at_chad = chad.serve();
    let file = chad.file("births.json", practice("Registering every birth").to_string());
    chad.ask(&["account", "add", "moussa", "--person", "Moussa Example"]);
    let draft = ["practice", "draft", &file, "--as", "moussa"];
    let refused = chad.refused(&draft);
    assert_eq!(refused["code"], "not-allowed");
    assert!(
        text(&refused["message"]).contains("tern cert grant moussa --role contributor"),
        "{refused}"
    );

    chad.ask(&["cert", "grant", "moussa", "--role", "contributor"]);
    let id = text(&chad.ask(&draft)["id"]);
    let publish = ["practice", "publish", &id, "--note", "First", "--as", "moussa"];
    let refused = chad.refused(&publish);
    assert_eq!(refused["code"], "not-allowed");
    assert!(text(&refused["message"]).contains("does not have the role publisher"), "{refused}");
    let import = ["practice", "import", &file, "--publish", "--note", "x", "--as", "moussa"];
    assert_eq!(chad.refused(&import)["code"], "not-allowed");
    assert_eq!(chad.ask(&["status"])["practices"], 0);

    chad.ask(&["cert", "grant", "moussa", "--role", "publisher"]);
    assert_eq!(chad.ask(&publish)["edition"], 1);
}

#[test]
fn a_draft_is_published_once_however_often_it_is_asked_for() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let at_chad = chad.serve();
    let draft = chad.draft(&practice("Registering every birth"));
    let publish = json!({ "op": "practice-publish", "id": draft, "note": "First" });
    let status = std::thread::scope(|scope| {
        let asks =
            [(); 4].map(|()| scope.spawn(|| at_chad.operate(&publish).expect("answers").status));
        asks.map(|ask| ask.join().expect("asked"))
    });
    assert_eq!(status.iter().filter(|status| **status == 200).count(), 1, "{status:?}");
    assert_eq!(at_chad.status()["practices"], 1);
}

/// An invitation as a text, changed.
fn forged(invitation: &str, change: impl FnOnce(&mut Invitation)) -> String {
    let mut read = Invitation::from_text(invitation).expect("an invitation");
    change(&mut read);
    read.to_text()
}

#[test]
fn an_invitation_works_once_in_time_and_in_its_own_federation() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let used = invite(&niger);
    let nepal = Desk::empty();
    let upland = ["--org", "Upland Labour Office", "--country", "NP"];
    assert_eq!(nepal.ask(&[&["join", &used], &upland[..]].concat())["state"], "member");

    let fresh = invite(&niger);
    let refusals = [
        (used, "the invitation was used already: ask for a new one"),
        (forged(&fresh, |i| i.federation = FederationId::new([9; 32])), "another federation"),
        (forged(&fresh, |i| i.secret = [9; 32]), "this node did not write that invitation"),
        (
            forged(&fresh, |i| i.expires = tern_node::driver::now().plus(-86_400_000)),
            "has expired: ask for a new one",
        ),
        (fresh[..fresh.len() - 1].to_owned(), "a character is missing or mistyped"),
    ];
    let moldova = Desk::empty();
    let registries = ["--org", "Coalition of Registries", "--country", "MD"];
    for (invitation, reason) in refusals {
        let refused = moldova.refused(&[&["join", &invitation], &registries[..]].concat());
        assert!(text(&refused["message"]).contains(reason), "{refused}");
        let refused = moldova.refused(&["status"]);
        assert_eq!(refused["code"], "not-found", "what was refused leaves no node: {refused}");
    }
    // The same folder, with a good invitation.
    assert_eq!(moldova.ask(&[&["join", &fresh], &registries[..]].concat())["state"], "member");
    assert_eq!(at_niger.status()["members"], 3);
}

#[test]
fn where_a_steward_has_to_approve_a_newcomer_waits_and_then_is_a_member() {
    let niger = Desk::empty();
    let phrase = niger.file("phrase", "harmattan over the lake");
    let with_phrase = ["--passphrase-file", &phrase];
    niger.ask(
        &[&["init", "--org", "Ministry of Arrivals", "--country", "NE"], &with_phrase[..]].concat(),
    );
    let at_niger = niger.serve();
    let nepal = Desk::empty();
    let invitation = invite(&niger);
    let begun = Instant::now();
    let answer =
        nepal.ask(&["join", &invitation, "--org", "Upland Labour Office", "--country", "NP"]);
    assert_eq!(answer["state"], "waiting", "{answer}");
    assert!(text(&answer["reason"]).contains("the stewards have to approve"), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());

    let at_nepal = nepal.serve();
    let file = nepal.file("births.json", practice("Registering every birth").to_string());
    let refused = nepal.refused(&["practice", "draft", &file]);
    assert!(text(&refused["message"]).contains("a steward has to approve"), "{refused}");
    assert_eq!(niger.refused(&["approve"])["code"], "locked");
    let approved = niger.ask(&[&["approve"], &with_phrase[..]].concat());
    assert_eq!(approved["approved"].as_array().map(Vec::len), Some(1), "{approved}");
    let member = || (at_nepal.status()["state"] == "member").then_some(());
    until("the newcomer is a member", IN_STEP, member);
    let id = nepal.publish(&practice("Registering every birth"));
    shows(&at_niger, &id, 1, READABLE);
    assert_eq!(niger.ask(&["approve"])["approved"], json!([]));
}

#[test]
fn a_node_of_another_federation_is_not_met() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    niger.publish(&practice("Registering every birth"));
    let before = at_niger.status();

    let outsider = Desk::founded("Harbour Cities Forum", "TG", "Dela Example");
    outsider.publish(&practice("A practice of nobody here"));
    let at_outsider = outsider.serve();
    outsider.ask(&["peers", "add", &at_niger.tcp()]);
    let answered = || {
        let peers = outsider.ask(&["peers", "list"]);
        peers["items"][0]["node"].as_str().map(str::to_owned)
    };
    let (node, _) = until("the address is answered", PATIENCE, answered);
    let refused = outsider.refused(&["meet", &node]);
    println!("{refused}");
    assert_eq!(refused["code"], "unreachable");
    let after = at_niger.status();
    assert_eq!(after["public_root"], before["public_root"]);
    assert_eq!(at_outsider.status()["practices"], 1);
}
