//! An edition is judged by people of other organisations, by commands at four
//! nodes: a conflict, a disagreement, a seal that does not move; what is given
//! back, and one appeal.

use serde_json::{Value, json};

use super::federation::joined;
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

const UN: &str = "Office of Crossings";
const NIGER: &str = "Ministry of Arrivals";
const NEPAL: &str = "Upland Labour Office";
const MOLDOVA: &str = "Coalition of Registries";

/// A practice with all that a review asks for.
pub fn whole(title: &str) -> Value {
    let more = json!({
        "summary": "Families that return find one desk for papers, school and work. ".repeat(6),
        "principles": ["human-rights"],
        "geographic_level": "national",
        "start": "2024-03",
        "implementer_kind": "government-national",
        "aims": "That nobody who returns is sent from office to office.",
        "activities": "One desk in each region, with a list of what every office asks for.",
        "results": "In the first year 4,200 families were served within a week.",
        "recommendations": "Agree first on one form that all offices take.",
        "original_language": "en",
    });
    let mut whole = practice(title);
    for (key, value) in more.as_object().expect("fields") {
        whole[key] = value.clone();
    }
    whole
}

pub struct Hub {
    pub un: (Desk, Served),
    pub niger: (Desk, Served),
    pub nepal: (Desk, Served),
    pub moldova: (Desk, Served),
}

impl Hub {
    /// The UN office founds; it decides, and its people are internal.
    pub fn begin() -> Self {
        Self::begin_at(Desk::serve)
    }

    /// The same, where the founder serves like this.
    pub fn begin_at(serve: impl Fn(&Desk) -> Served) -> Self {
        let desk = Desk::founded(UN, "CH", "Ines Example");
        let served = serve(&desk);
        let niger = joined(&desk, NIGER, "NE", "Awa Example");
        let nepal = joined(&desk, NEPAL, "NP", "Bina Example");
        let moldova = joined(&desk, MOLDOVA, "MD", "Corina Example");
        Self { un: (desk, served), niger, nepal, moldova }
    }

    /// The UN office signs the policy, which arrives at Niger.
    pub fn agree(&self) {
        self.un.0.ask(&["review", "policy", &policy(&self.un.0, UN)]);
        let known = || (self.niger.0.ask(&["review", "policies"])["total"] == 1).then_some(());
        until("Niger knows the policy", PATIENCE, known);
    }
}

/// A file with a policy by which an organisation decides alone.
fn policy(desk: &Desk, name: &str) -> String {
    let members = desk.ask(&["members"]);
    let items = members["items"].as_array().expect("members");
    let org = items.iter().find(|item| item["name"] == name).expect("itself");
    let policy = json!({
        "name": "Practices of the Hub",
        "criteria": [
            { "code": "evidence", "question": "Is it shown that it works?", "required": true },
            { "code": "rights", "question": "Does it keep to the rights of people?" },
        ],
        "board": [org["id"]],
        "internal": [org["id"]],
        "appeal": true,
    });
    desk.file("policy.json", policy.to_string())
}

/// Waits until a desk sees that something is so of a submission.
pub fn sees(desk: &Desk, id: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    let look = || {
        let ran = desk.run(&["review", "show", id, "--json"]);
        (ran.code == Some(0)).then(|| ran.json()).filter(|told| so(told))
    };
    until(what, PATIENCE, look).0
}

pub fn waits(desk: &Desk, account: &str, id: &str) {
    let look = || {
        let told = desk.ask(&["--as", account, "review", "list"]);
        let mut items = told["items"].as_array()?.clone().into_iter();
        items.find(|item| item["id"] == id && item["waits"] == true).map(drop)
    };
    until(&format!("{id} waits for {account}"), PATIENCE, look);
}

fn assessment(desk: &Desk, recommendation: &str) -> String {
    let assessment = json!({
        "scores": [
            { "criterion": "evidence", "mark": "met", "comment": "The figures are there." },
            { "criterion": "rights", "mark": "partly" },
        ],
        "comments": [{ "field": "results", "lang": "en", "text": "Counted by whom?" }],
        "recommendation": recommendation,
        "to_authors": "Say who counted.",
    });
    desk.file("assessment.json", assessment.to_string())
}

/// Somebody who is invited accepts and reviews.
pub fn reviews(desk: &Desk, account: &str, id: &str, recommendation: &str) {
    waits(desk, account, id);
    desk.ask(&["--as", account, "review", "accept", id]);
    let file = assessment(desk, recommendation);
    desk.ask(&["--as", account, "review", "score", id, &file]);
}

fn says(desk: &Desk, words: &[&str], sentence: &str) {
    let refused = desk.refused(words);
    assert!(text(&refused["message"]).contains(sentence), "{words:?}: {refused}");
}

/// Waits until somebody can be invited, by name, and does.
pub fn invites(desk: &Desk, id: &str, name: &str) {
    let known = |told: &Value| told["candidates"].to_string().contains(name);
    sees(desk, id, &format!("{name} can be invited"), known);
    desk.ask(&["review", "invite", id, name]);
}

#[test]
fn an_edition_is_sealed_by_others_and_the_next_edition_is_not() {
    let hub = Hub::begin();
    let [(un, _), (niger, _), (nepal, _), (moldova, _)] =
        [&hub.un, &hub.niger, &hub.nepal, &hub.moldova];
    says(niger, &["review", "submit", "tern1pqqqqqqqq"], "no practice");
    let short = niger.publish(&practice("A desk for those who return"));
    says(niger, &["review", "submit", &short], "fill in");
    let id = niger.publish(&whole("One desk for those who return"));
    says(niger, &["review", "submit", &id], "no policy says");
    hub.agree();
    let mut listed = whole("Seen elsewhere");
    listed["basis"] = json!({ "listed": { "url": "https://example.org/desks" } });
    let listed = niger.publish(&listed);
    says(niger, &["review", "submit", &listed], "such an entry is not reviewed");
    let told = niger.ask(&["review", "submit", &id, "--note", "Three years of work"]);
    assert_eq!((&told["state"], &told["holder"]), (&json!("submitted"), &json!([UN])));
    let review = text(&told["id"]);
    says(niger, &["review", "submit", &id], "submitted under this policy already");
    waits(un, "admin", &review);

    // Nobody of Niger can be invited, and nothing is decided without a quorum.
    says(un, &["review", "invite", &review, "Awa Example"], "nobody who can be chosen");
    says(un, &["review", "decide", &review, "seal"], "rests on 0 internal and 0 external");
    says(niger, &["review", "invite", &review, "Bina Example"], "authors' organisation");
    invites(un, &review, "Bina Example");
    waits(nepal, "admin", &review);
    let told = nepal.ask(&[
        "review",
        "decline",
        &review,
        "--reason",
        "conflict",
        "--note",
        "I advised them",
    ]);
    assert_eq!(told["holder"], json!([UN]));
    says(nepal, &["review", "accept", &review], "nothing in this review waits for you");

    // A colleague stands in; the others do not agree.
    let role = ["--role", "reviewer"];
    nepal.ask(&[&["account", "add", "chandra", "--person", "Chandra Example"], &role[..]].concat());
    moldova.ask(&[&["account", "add", "doru", "--person", "Doru Example"], &role[..]].concat());
    for name in ["Ines Example", "Chandra Example", "Corina Example"] {
        invites(un, &review, name);
    }
    un.ask(&["review", "accept", &review, "--interests", "We fund another desk"]);
    un.ask(&["review", "score", &review, &assessment(un, "accept")]);
    reviews(nepal, "chandra", &review, "minor");
    reviews(moldova, "admin", &review, "major");
    let told = sees(un, &review, "they do not agree", |told| told["state"] == "divided");
    assert_eq!(told["quorum"]["divided_least"], 4, "{told}");
    says(un, &["review", "decide", &review, "seal"], "do not agree");
    invites(un, &review, "Doru Example");
    reviews(moldova, "doru", &review, "accept");
    sees(un, &review, "enough is said", |told| told["state"] == "ready");
    let told = un.ask(&["review", "decide", &review, "seal"]);
    assert_eq!((&told["state"], &told["holder"]), (&json!("sealed"), &json!([])));

    // Everybody sees the seal and what it rests on, at every node.
    for desk in [niger, nepal, moldova] {
        let told = sees(desk, &review, "it is sealed", |told| told["state"] == "sealed");
        assert_eq!(told["reviewers"].as_array().map(Vec::len), Some(5), "{told}");
        assert_eq!(told["dissent"].as_array().map(Vec::len), Some(1), "{told}");
        assert_eq!(told["refused"], json!([]));
        let verified = desk.ask(&["practice", "verify", &id]);
        assert_eq!(verified["seals"][0]["org"], UN, "{verified}");
        assert_eq!(verified["seals"][0]["reviews"], 4);
    }
    let told = niger.run(&["practice", "verify", &id]);
    assert!(told.out.contains("Practices of the Hub, 4 reviews"), "{told:?}");
    let told = niger.run(&["review", "show", &review]);
    assert!(told.out.contains("Chandra Example, Upland Labour Office"), "{told:?}");

    // Lists say it of the edition that they show.
    let listed = |sealed: bool| {
        let look = || {
            let page = hub.niger.1.get("/practices?q=return").expect("it answers").body;
            (page.contains(&id) && page.contains("class=\"tag ok\"") == sealed).then_some(())
        };
        until("a list says whether the edition is sealed", PATIENCE, look);
    };
    listed(true);
    // What is taken away says it too, by command and from a page.
    let said = format!("{UN} sealed edition 1.");
    let taken = niger.run(&["practice", "export", &id, "--format", "ris"]);
    assert!(taken.out.contains(&said), "{taken:?}");
    let path = format!("/api/v1/practices/{id}/export?format=ris");
    let taken = hub.niger.1.get(&path).expect("it answers").body;
    assert!(taken.contains(&said), "{taken}");

    // Another edition of the same practice has no seal.
    let edit = text(&niger.ask(&["practice", "edit", &id, "--set", "acronyms=OD"])["id"]);
    niger.ask(&["practice", "publish", &edit, "--note", "A short name"]);
    listed(false);
    let ran = niger.run(&["review", "verify", &id, "--json"]);
    assert_eq!(ran.code, Some(1));
    let told = ran.json();
    assert_eq!((&told["edition"], &told["sealed"]), (&json!(2), &json!(false)), "{told}");
    assert!(text(&told["reason"]).contains("does not move"), "{told}");
    assert_eq!(niger.ask(&["practice", "verify", &id])["seals"], json!([]));
    let told = niger.ask(&["review", "verify", &id, "--edition", "1"]);
    assert_eq!((&told["sealed"], &told["seals"][0]["reviews"]), (&json!(true), &json!(4)));
}

#[test]
fn what_is_given_back_with_reasons_is_appealed_against_once() {
    let hub = Hub::begin();
    let [(un, _), (niger, _), (nepal, _), (moldova, _)] =
        [&hub.un, &hub.niger, &hub.nepal, &hub.moldova];
    hub.agree();
    // Another organisation's policy cannot be replaced by one's own.
    let agreed = text(&niger.ask(&["review", "policies"])["items"][0]["id"]);
    let own = policy(niger, NIGER);
    says(
        niger,
        &["review", "policy", &own, "--replaces", &agreed],
        "only one of those that decide",
    );
    let id = niger.publish(&whole("Papers before departure"));
    let review = text(&niger.ask(&["review", "submit", &id])["id"]);
    waits(un, "admin", &review);
    says(un, &["review", "decide", &review, "return"], "gives no reasons");
    let reasons = ["--reasons", "Say what it cost"];
    let told = un.ask(&[&["review", "decide", &review, "return"], &reasons[..]].concat());
    assert_eq!((&told["state"], &told["holder"]), (&json!("returned"), &json!([NIGER])));
    let told = sees(niger, &review, "it came back", |told| told["state"] == "returned");
    assert_eq!(
        (&told["decision"]["note"], &told["decision"]["org"]),
        (&json!("Say what it cost"), &json!(UN))
    );
    assert!(told["may"].to_string().contains("appeal"), "{told}");
    niger.ask(&["review", "reply", &review, "It is in the second table"]);
    let appeal = ["review", "appeal", &review, "--reasons", "The cost is in the second table"];
    let told = niger.ask(&appeal);
    assert_eq!((&told["state"], &told["round"]), (&json!("submitted"), &json!(2)));
    says(niger, &appeal, "nothing to appeal against");
    sees(un, &review, "there is an appeal", |told| told["round"] == 2);
    for name in ["Ines Example", "Bina Example", "Corina Example"] {
        invites(un, &review, name);
    }
    un.ask(&["review", "accept", &review]);
    un.ask(&["review", "score", &review, &assessment(un, "reject")]);
    reviews(nepal, "admin", &review, "reject");
    reviews(moldova, "admin", &review, "major");
    sees(un, &review, "enough is said", |told| told["state"] == "ready");
    says(un, &["review", "decide", &review, "seal"], "do not speak for that outcome");
    un.ask(&["review", "decide", &review, "reject", "--reasons", "Nobody counted"]);
    let told = sees(niger, &review, "it is rejected", |told| told["state"] == "rejected");
    assert!(!told["may"].to_string().contains("appeal"), "one appeal: {told}");
    let ran = niger.run(&["review", "verify", &id, "--json"]);
    assert_eq!((ran.code, &ran.json()["sealed"]), (Some(1), &json!(false)));
}
