//! A federation governs itself: stewards are appointed, a policy is amended, a
//! member is halted, let in again and put out, a look-alike is noticed, a person
//! is revoked. One key alone can do none of it.

use serde_json::{Value, json};

use super::federation::{in_step, invite, joined};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

/// Waits until a node says something of the charter.
fn charter(node: &Served, number: u64) {
    let what = format!("charter {number} is in force at {}", node.http());
    until(&what, PATIENCE, || {
        (node.answer(&json!({ "op": "charter-show" }))["n"] == json!(number)).then_some(())
    });
}

/// Waits until a proposal has arrived and is for the organisation of a node to
/// approve; its id.
fn proposed(node: &Served, kind: &str) -> String {
    let what = format!("{kind} is proposed at {}", node.http());
    let look = || {
        let told = node.answer(&json!({ "op": "proposals" }));
        let items = told["items"].as_array()?.clone();
        let found = items.iter().find(|item| item["kind"] == kind && item["for_us"] == true);
        found.map(|item| text(&item["id"]))
    };
    until(&what, PATIENCE, look).0
}

/// A member as a node lists it.
fn member(node: &Served, org: &str) -> Option<Value> {
    let told = node.answer(&json!({ "op": "members" }));
    told["items"].as_array()?.iter().find(|item| item["name"] == org).cloned()
}

fn stands(node: &Served, org: &str, state: &str) {
    let what = format!("{org} is {state} at {}", node.http());
    until(&what, PATIENCE, || member(node, org).filter(|m| m["state"] == state));
}

const NIGER: &str = "Ministry of Arrivals";
const NEPAL: &str = "Upland Labour Office";
const MOLDOVA: &str = "Coalition of Registries";
const TOGO: &str = "Harbour Cities Forum";

struct Hub {
    niger: (Desk, Served),
    nepal: (Desk, Served),
    moldova: (Desk, Served),
    togo: (Desk, Served),
}

impl Hub {
    /// Niger founds and admits the others; nobody but Niger is a steward.
    fn begin() -> Self {
        let desk = Desk::founded(NIGER, "NE", "Awa Example");
        let served = desk.serve();
        let nepal = joined(&desk, NEPAL, "NP", "Bina Example");
        let moldova = joined(&desk, MOLDOVA, "MD", "Corina Example");
        let togo = joined(&desk, TOGO, "TG", "Dela Example");
        Self { niger: (desk, served), nepal, moldova, togo }
    }

    fn all(&self) -> [&Served; 4] {
        [&self.niger.1, &self.nepal.1, &self.moldova.1, &self.togo.1]
    }

    /// Niger proposes three stewards; those whom it appoints agree.
    fn appoint(&self) {
        let words =
            ["charter", "propose", "--steward", NIGER, "--steward", NEPAL, "--steward", MOLDOVA];
        let told = self.niger.0.ask(&words);
        assert_eq!((&told["n"], &told["in_force"]), (&json!(1), &json!(false)), "{told}");
        let needs = told["needs"].to_string();
        assert!(needs.contains(NEPAL) && needs.contains(MOLDOVA), "{told}");
        for (desk, node) in [&self.nepal, &self.moldova] {
            let id = proposed(node, "charter");
            let refused = desk.refused(&["approve", &id]);
            assert!(text(&refused["message"]).contains("--role steward"), "{refused}");
            desk.ask(&["cert", "grant", "admin", "--role", "steward"]);
            assert_eq!(desk.ask(&["approve", &id])["approved"], json!([id]));
        }
        self.all().into_iter().for_each(|node| charter(node, 1));
    }
}

#[test]
fn three_stewards_govern_by_two_and_one_alone_can_do_nothing() {
    let hub = Hub::begin();
    let (niger, nepal, moldova, togo) = (&hub.niger, &hub.nepal, &hub.moldova, &hub.togo);
    hub.appoint();
    let shown = togo.0.ask(&["charter", "show"]);
    assert_eq!((&shown["majority"], &shown["recall"]), (&json!(2), &json!(3)), "{shown}");
    assert_eq!(shown["fingerprint"], niger.0.ask(&["status"])["federation_fingerprint"]);
    for org in [NIGER, NEPAL, MOLDOVA, TOGO] {
        assert_eq!(member(&togo.1, org).expect("known")["state"], "member", "{org} stays");
    }

    // A policy, by two of three.
    let policy = ["charter", "propose", "--policy", "reviews=Two reviewers of other countries."];
    let told = moldova.0.ask(&policy);
    assert_eq!(told["in_force"], false, "{told}");
    let id = proposed(&niger.1, "charter");
    assert_eq!(niger.1.answer(&json!({ "op": "charter-show" }))["n"], 1, "one of three is none");
    // Niger would rather have three; the other steward sees both.
    let rather = niger.0.ask(&["charter", "propose", "--policy", "reviews=Three."]);
    let refused = niger.0.refused(&["approve", &id]);
    assert!(text(&refused["message"]).contains("does not supersede"), "{refused}");
    let both = || {
        let told = nepal.1.answer(&json!({ "op": "proposals" }));
        told["items"].as_array().is_some_and(|items| items.len() == 2).then_some(())
    };
    until("Nepal sees both", PATIENCE, both);
    assert_eq!(nepal.0.ask(&["approve"])["others"], 2, "a bare approval is for newcomers alone");
    nepal.0.ask(&["approve", &id]);
    hub.all().into_iter().for_each(|node| charter(node, 2));
    assert_eq!(togo.0.ask(&["charter", "show"])["policies"][0]["code"], "reviews");
    let log = togo.0.ask(&["charter", "log"]);
    let log = log["items"].as_array().expect("charters");
    assert_eq!(log[2]["signed"].as_array().map(Vec::len), Some(2), "{log:?}");
    let refused = moldova.0.refused(&["approve", &text(&rather["id"])]);
    assert_eq!(refused["code"], "not-found", "it was overtaken: {refused}");

    // Togo is halted and let in again, each by two.
    let published = togo.0.publish(&practice("Counselling at the harbour"));
    in_step(&hub.all());
    let refused = togo.0.refused(&["suspend", NIGER, "--reason", "revenge"]);
    assert!(text(&refused["message"]).contains("--role steward"), "{refused}");
    let told = niger.0.ask(&["suspend", TOGO, "--reason", "Nobody answers its telephone."]);
    assert_eq!((&told["state"], &told["in_force"]), (&json!("member"), &json!(false)), "{told}");
    let id = proposed(&nepal.1, "suspend");
    let again = nepal.0.refused(&["suspend", TOGO, "--reason", "Me too."]);
    assert!(text(&again["message"]).contains("tern approve"), "{again}");
    nepal.0.ask(&["approve", &id]);
    for node in [&niger.1, &nepal.1, &moldova.1] {
        stands(node, TOGO, "suspended");
    }
    let listed = member(&moldova.1, TOGO).expect("known");
    assert_eq!(listed["reason"], "Nobody answers its telephone.");
    niger.0.ask(&["lift", TOGO]);
    moldova.0.ask(&["approve", &proposed(&moldova.1, "lift")]);
    for node in [&niger.1, &nepal.1, &moldova.1] {
        stands(node, TOGO, "member");
    }

    // It is put out; what it published and the stewards hold stays.
    let told = moldova.0.ask(&["remove", TOGO, "--reason", "It was bought."]);
    assert_eq!(told["in_force"], false, "{told}");
    niger.0.ask(&["approve", &proposed(&niger.1, "remove")]);
    for node in [&niger.1, &nepal.1, &moldova.1] {
        stands(node, TOGO, "removed");
    }
    let verified = nepal.0.ask(&["practice", "verify", &published]);
    assert_eq!(verified["verdict"], "accepted", "{verified}");
    let refused = niger.0.refused(&["suspend", TOGO, "--reason", "Twice."]);
    assert!(text(&refused["message"]).contains("only a member is suspended"), "{refused}");
}

#[test]
fn a_second_ministry_of_that_name_is_noticed_and_waits_for_two() {
    let hub = Hub::begin();
    hub.appoint();
    let (niger, nepal) = (&hub.niger, &hub.nepal);
    let fraud = Desk::empty();
    let invitation = invite(&niger.0);
    let words = ["join", &invitation, "--org", "Ministry of Arivals", "--country", "NE"];
    let told = fraud.ask(&words);
    assert_eq!(told["state"], "waiting", "one steward admits nobody: {told}");
    let id = proposed(&niger.1, "admit");
    let waits = niger.0.ask(&["proposals"]);
    let item = &waits["items"][0];
    assert_eq!(item["fingerprint"], told["fingerprint"], "the same at both ends");
    assert_eq!(item["alike"][0]["like"], "spelling", "{item}");
    assert!(text(&item["warnings"][0]).contains(NIGER), "{item}");
    let shown = niger.0.run(&["proposals"]).out;
    assert!(shown.contains("WARNING: Ministry of Arivals is spelled almost like"), "{shown}");
    assert_eq!(item["invited_here"], true);

    let approved = niger.0.ask(&["approve", &id]);
    assert!(text(&approved["warnings"][0]).contains("compare the fingerprint"), "{approved}");
    proposed(&nepal.1, "admit");
    assert_eq!(member(&nepal.1, "Ministry of Arivals").expect("heard of")["state"], "waiting");
    let seen = nepal.0.ask(&["proposals"]);
    assert_eq!(seen["items"][0]["approved"][0]["name"], NIGER, "who vouches is told: {seen}");
    assert_eq!(seen["items"][0]["alike"][0]["name"], NIGER);
}

#[test]
fn a_member_leaves_by_its_own_word_and_is_asked_for_no_more() {
    let hub = Hub::begin();
    let refused = hub.niger.0.refused(&["leave"]);
    assert!(text(&refused["message"]).contains("the only steward"), "{refused}");
    let published = hub.togo.0.publish(&practice("Counselling at the harbour"));
    in_step(&hub.all());
    let told = hub.togo.0.ask(&["leave"]);
    assert_eq!(told["state"], "left");
    assert!(text(&told["warning"]).contains("connects to nobody"), "{told}");
    for node in [&hub.niger.1, &hub.nepal.1, &hub.moldova.1] {
        stands(node, TOGO, "left");
    }
    let verified = hub.nepal.0.ask(&["practice", "verify", &published]);
    assert_eq!(verified["verdict"], "accepted", "{verified}");
    let file = hub.togo.0.file("another.json", practice("Another").to_string());
    let refused = hub.togo.0.refused(&["practice", "draft", &file]);
    assert!(text(&refused["message"]).contains("has left the federation"), "{refused}");
    let told = hub.niger.0.ask(&["admit", TOGO]);
    assert_eq!((&told["state"], &told["in_force"]), (&json!("member"), &json!(true)), "{told}");
}

#[test]
fn a_revoked_person_acts_no_more_and_others_go_on_reading_what_they_published() {
    let niger = Desk::founded(NIGER, "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, NEPAL, "NP", "Bina Example");
    let roles = ["--role", "contributor", "--role", "publisher"];
    niger.ask(&[&["account", "add", "moussa", "--person", "Moussa Example"], &roles[..]].concat());
    let file = niger.file("births.json", practice("Registering every birth").to_string());
    let draft = ["practice", "draft", &file, "--as", "moussa"];
    let id = text(&niger.ask(&draft)["id"]);
    let publish = ["practice", "publish", &id, "--note", "First", "--as", "moussa"];
    let published = text(&niger.ask(&publish)["id"]);
    in_step(&[&at_niger, &at_nepal]);

    let told = niger.ask(&["cert", "revoke", "moussa", "--reason", "left"]);
    assert_eq!(told["stands"], 2, "the edition and the name card: {told}");
    let refused = niger.refused(&draft);
    assert!(text(&refused["message"]).contains("was revoked"), "{refused}");
    let ended = || {
        let told = at_nepal.answer(&json!({ "op": "cert-list", "all": true }));
        let items = told["items"].as_array()?.clone();
        items
            .into_iter()
            .find(|item| item["person"] == "Moussa Example" && item["state"] == "revoked")
    };
    let (ended, _) = until("Nepal knows of the revocation", PATIENCE, ended);
    assert_eq!(ended["ended"]["reason"], "left", "{ended}");
    let verified = nepal.ask(&["practice", "verify", &published]);
    assert_eq!(verified["verdict"], "accepted", "{verified}");
    assert_eq!(verified["signers"][0]["person"], "Moussa Example", "{verified}");
}
