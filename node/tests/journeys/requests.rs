//! Requests: Niger asks, Nepal answers, and Moldova between them carries what
//! it cannot read. Niger and Nepal never connect.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::federation::invite;
use super::patience::until;
use super::practices::practice;
use super::tern::{Desk, Served, text};

/// Nodes dial again after growing pauses.
pub const REACHED: Duration = Duration::from_secs(120);
const NEED: &str = "zebra-need";
const TITLE: &str = "zebra-title of a request";
const ANSWER: &str = "quagga-answer";
const NOTE: &str = "okapi-note";

/// An organisation whose node is killed and comes back at the same place.
pub struct Office {
    pub desk: Desk,
    pub served: Option<Served>,
    pub addresses: Vec<String>,
}

impl Office {
    pub fn open(desk: Desk) -> Self {
        // A killed peer is noticed at once over TCP.
        let served = desk.serve_at(&["/ip4/127.0.0.1/tcp/0".to_owned()]);
        let addresses = vec![served.tcp()];
        Self { desk, served: Some(served), addresses }
    }

    pub fn joining(steward: &Self, org: &str, country: &str, person: &str) -> Self {
        let desk = Desk::empty();
        let invitation = invite(&steward.desk);
        let words = ["join", &invitation, "--org", org, "--country", country, "--person", person];
        assert_eq!(desk.ask(&words)["state"], "member");
        Self::open(desk)
    }

    pub fn kill(&mut self) {
        if let Some(served) = self.served.take() {
            served.kill();
        }
    }

    pub fn comes_back(&mut self) {
        let addresses: Vec<String> = self
            .addresses
            .iter()
            .map(|address| address.split("/p2p/").next().unwrap_or_default().to_owned())
            .collect();
        self.served = Some(self.desk.serve_at(&addresses));
    }

    fn restart(&mut self) {
        self.kill();
        self.comes_back();
    }

    pub fn shows_card(&self, name: &str) {
        let card = json!({
            "name": name, "objectives": [4], "support_types": ["question"],
            "languages": [{ "tag": "en", "can": "write" }],
        });
        let file = self.desk.file("card.json", card.to_string());
        self.desk.ask(&["expert", "card", &file]);
    }

    pub fn knows_experts(&self, count: usize) {
        until("the expert is known", REACHED, || {
            (self.desk.ask(&["expert", "list"])["total"] == count).then_some(())
        });
    }

    pub fn asks(&self, more: Value) -> String {
        let mut request = json!({
            "title": TITLE, "need": format!("{NEED} {}", "is what we want to know. ".repeat(14)),
            "support_types": ["question"], "objectives": [4],
            "languages_in": ["en"], "languages_out": ["en"], "needed_by": in_a_month(),
        });
        for (key, value) in more.as_object().expect("fields") {
            request[key] = value.clone();
        }
        let file = self.desk.file("request.json", request.to_string());
        text(&self.desk.ask(&["request", "ask", &file])["id"])
    }

    pub fn answers(&self, id: &str, practices: &[&str]) -> Value {
        let answer = json!({ "text": ANSWER, "practices": practices });
        let file = self.desk.file("answer.json", answer.to_string());
        self.desk.ask(&["request", "answer", id, &file])
    }

    pub fn show(&self, id: &str) -> Value {
        self.desk.ask(&["request", "show", id])
    }

    /// Waits until a request is in this state here.
    pub fn sees(&self, id: &str, state: &str) -> Value {
        self.sees_that(id, state, |request| request["state"] == state)
    }

    pub fn sees_that(&self, id: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let look = || {
            let ran = self.desk.run(&["request", "show", id, "--json"]);
            if ran.code != Some(0) {
                return None;
            }
            Some(ran.json()).filter(|request| fits(request))
        };
        until(&format!("the request is {what}"), REACHED, look).0
    }
}

/// A day that is neither too soon nor too late, YYYY-MM-DD.
pub fn in_a_month() -> String {
    let now = tern_node::driver::now();
    tern_crdt::practice::Date::of(now.plus(30 * 86_400_000)).to_string()
}

/// Whether a file under a folder holds any of these words.
pub fn holds(folder: &Path, words: &[&str]) -> Option<String> {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if let Some(found) = holds(&path, words) {
                return Some(found);
            }
            continue;
        }
        let bytes = fs::read(&path).unwrap_or_default();
        let found = words
            .iter()
            .find(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()));
        if let Some(word) = found {
            return Some(format!("{word} in {}", path.display()));
        }
    }
    None
}

/// Moldova in the middle, Niger and Nepal at the ends.
pub fn three() -> [Office; 3] {
    let moldova = Office::open(Desk::founded("Moldova", "MD", "Bea"));
    let niger = Office::joining(&moldova, "Niger", "NE", "Hama Tou");
    let nepal = Office::joining(&moldova, "Nepal", "NP", "Maya Rai");
    [niger, moldova, nepal]
}

#[test]
fn a_request_finds_its_expert_though_each_node_is_killed_at_each_step() {
    let [mut niger, mut moldova, mut nepal] = three();
    let restart = |offices: [&mut Office; 3]| offices.into_iter().for_each(Office::restart);
    let cited = nepal.desk.publish(&practice("Births are registered at consulates"));
    nepal.shows_card("Maya");
    restart([&mut niger, &mut moldova, &mut nepal]);
    niger.knows_experts(1);
    let id = niger.asks(json!({}));
    restart([&mut niger, &mut moldova, &mut nepal]);
    nepal.sees(&id, "proposed");
    niger.sees(&id, "proposed");
    nepal.desk.ask(&["request", "accept", &id, "--note", NOTE]);
    restart([&mut nepal, &mut moldova, &mut niger]);
    // The first who accepted is chosen by the node of the asker itself.
    let request = nepal.sees(&id, "in_progress");
    let may = json!(["answer", "progress", "question", "refer", "decline"]);
    assert_eq!(request["may"], may, "what furthers it comes first");
    restart([&mut moldova, &mut nepal, &mut niger]);
    assert_eq!(nepal.answers(&id, &[&cited])["state"], "delivered");
    restart([&mut nepal, &mut niger, &mut moldova]);
    let request = niger.sees(&id, "delivered");
    assert_eq!(request["answer"]["text"], ANSWER);
    assert_eq!(request["answer"]["practices"], json!([cited]));
    assert_eq!(niger.desk.ask(&["request", "confirm", &id])["state"], "confirmed");
    restart([&mut niger, &mut moldova, &mut nepal]);
    nepal.sees(&id, "confirmed");
    // The way it went, as the holders signed it.
    let request = niger.sees_that(&id, "told of", |request| {
        let stages = request["receipts"].as_array().into_iter().flatten();
        stages.filter(|receipt| receipt["stage"] == "arrived").count() == 1
    });
    let way: Vec<(Value, Value)> = request["receipts"]
        .as_array()
        .expect("receipts")
        .iter()
        .map(|step| (step["stage"].clone(), step["org"].clone()))
        .collect();
    let step = |stage: &str, org: &str| (json!(stage), json!(org));
    for step in [step("made", "Niger"), step("carried", "Moldova"), step("opened", "Nepal")] {
        assert!(way.contains(&step), "{way:?}");
    }
    // One of each, whatever was repeated.
    let events: Vec<String> =
        request["events"].as_array().expect("events").iter().map(|e| text(&e["type"])).collect();
    for kind in ["submit", "received", "accept", "award", "answer", "confirm"] {
        assert_eq!(events.iter().filter(|event| *event == kind).count(), 1, "{events:?}");
    }
    assert_eq!(request["refused"], json!([]));
    // Who carried it holds it, and cannot show a word of it.
    assert!(moldova.desk.ask(&["status"])["parcels"].as_u64() > Some(0));
    let refused = moldova.desk.refused(&["request", "show", &id]);
    assert_eq!(refused["code"], "not-found");
    assert_eq!(moldova.desk.ask(&["request", "list"])["total"], 0);
    let words = [NEED, TITLE, ANSWER, NOTE];
    moldova.kill();
    assert_eq!(holds(&moldova.desk.data(), &words), None);
    assert!(holds(&nepal.desk.data(), &words).is_some(), "the search finds what is there");
    moldova.comes_back();
    // It ends, and what was carried is let go of.
    niger.desk.ask(&["request", "close", &id, "--outcome", "met", "--rating", "4"]);
    nepal.sees(&id, "closed");
    until("the parcels have ended", REACHED, || {
        (moldova.desk.ask(&["status"])["parcels"].as_u64() <= Some(1)).then_some(())
    });
}

#[test]
fn two_experts_accept_while_cut_off_and_the_other_is_told_kindly() {
    let [niger, mut moldova, nepal] = three();
    let tonga = Office::joining(&moldova, "Tonga", "TO", "Sione");
    nepal.shows_card("Maya");
    tonga.shows_card("Sione");
    niger.knows_experts(2);
    let id = niger.asks(json!({}));
    nepal.sees(&id, "proposed");
    tonga.sees(&id, "proposed");
    // Without the node between, nobody hears from anybody.
    moldova.kill();
    for office in [&nepal, &tonga] {
        assert_eq!(office.desk.ask(&["request", "accept", &id])["state"], "accepted");
    }
    moldova.comes_back();
    let chosen = |request: &Value| request["holder"].as_str().map(str::to_owned);
    let request = niger.sees(&id, "in_progress");
    let holder = chosen(&request).expect("somebody");
    for office in [&nepal, &tonga] {
        let request = office.sees(&id, "in_progress");
        assert_eq!(chosen(&request).as_ref(), Some(&holder), "one award everywhere");
    }
    let awards = |request: &Value| {
        let events = request["events"].as_array().into_iter().flatten();
        events.filter(|event| event["type"] == "award").count()
    };
    assert_eq!(awards(&niger.show(&id)), 1);
    let (winner, loser) =
        if holder.starts_with("Maya") { (&nepal, &tonga) } else { (&tonga, &nepal) };
    assert_eq!(loser.show(&id)["superseded"], true);
    assert_eq!(winner.show(&id)["superseded"], false);
    let file = loser.desk.file("answer.json", json!({ "text": "Too late" }).to_string());
    let refused = loser.desk.refused(&["request", "answer", &id, &file]);
    assert_eq!(refused["code"], "conflict");
    let message = text(&refused["message"]);
    assert!(message.contains("nothing more is asked of you, thank you"), "{message}");
    assert_eq!(winner.answers(&id, &[])["state"], "delivered");
    niger.sees(&id, "delivered");
}

#[test]
fn nobody_does_what_is_not_theirs_to_do() {
    let [niger, moldova, nepal] = three();
    nepal.shows_card("Maya");
    niger.knows_experts(1);
    let id = niger.asks(json!({ "award": "manual" }));
    nepal.sees(&id, "proposed");
    let refused = |office: &Office, words: &[&str], code: &str| {
        let refused = office.desk.refused(words);
        assert_eq!(refused["code"], code, "{words:?}: {refused}");
    };
    refused(&moldova, &["request", "accept", &id], "not-found");
    refused(&niger, &["request", "accept", &id], "not-allowed");
    refused(&nepal, &["request", "award", &id, "Maya"], "not-allowed");
    refused(&nepal, &["request", "confirm", &id], "not-allowed");
    refused(&niger, &["request", "award", &id, "Maya"], "conflict");
    refused(&niger, &["request", "confirm", &id], "conflict");
    let file = nepal.desk.file("answer.json", json!({ "text": "Already" }).to_string());
    refused(&nepal, &["request", "answer", &id, &file], "conflict");
    let empty = nepal.desk.file("empty.json", "{}");
    nepal.desk.ask(&["request", "accept", &id]);
    niger.sees(&id, "accepted");
    refused(&niger, &["request", "award", &id, "Nobody"], "invalid");
    niger.desk.ask(&["request", "award", &id, "Maya"]);
    nepal.sees(&id, "in_progress");
    refused(&nepal, &["request", "answer", &id, &empty], "invalid");
    niger.desk.ask(&["request", "withdraw", &id, "--reason", "solved"]);
    nepal.sees(&id, "withdrawn");
    refused(&nepal, &["request", "answer", &id, &file], "conflict");
    // Forms are refused by the field at fault.
    for (change, field) in [
        (json!({ "title": "Short" }), "title"),
        (json!({ "needed_by": "2020-01-01" }), "needed_by"),
        (json!({ "needed_by": null }), "needed_by"),
        (json!({ "objectives": [99] }), "objectives[0]"),
        (json!({ "wish": "x" }), "wish"),
        (json!({ "objectives": [7] }), "experts"),
    ] {
        let mut request = json!({
            "title": TITLE, "need": "word ".repeat(80), "support_types": ["question"],
            "objectives": [4], "languages_in": ["en"], "languages_out": ["en"],
            "needed_by": in_a_month(),
        });
        for (key, value) in change.as_object().expect("fields") {
            request[key] = value.clone();
        }
        let file = niger.desk.file("bad.json", request.to_string());
        let refused = niger.desk.refused(&["request", "ask", &file]);
        assert_eq!(refused["field"], field, "{refused}");
    }
    assert_eq!(niger.desk.ask(&["request", "list"])["total"], 1, "nothing was sent");
}

#[test]
fn requests_behind_a_locked_key_wait_and_are_told_of() {
    let moldova = Office::open(Desk::founded("Moldova", "MD", "Bea"));
    let desk = Desk::empty();
    let passphrase = desk.file("passphrase", "a long walk to the border");
    let invitation = invite(&moldova.desk);
    let words = [
        "join",
        &invitation,
        "--org",
        "Nepal",
        "--country",
        "NP",
        "--person",
        "Maya Rai",
        "--passphrase-file",
        &passphrase,
    ];
    assert_eq!(desk.ask(&words)["state"], "member");
    let mut nepal = Office::open(desk);
    let card = json!({ "objectives": [4], "support_types": ["question"] });
    let card = nepal.desk.file("card.json", card.to_string());
    assert_eq!(nepal.desk.refused(&["expert", "card", &card])["code"], "locked");
    nepal.desk.ask(&["expert", "card", &card, "--passphrase-file", &passphrase]);
    moldova.knows_experts(1);
    let id = moldova.asks(json!({}));
    until("the parcel has come", REACHED, || {
        (nepal.desk.ask(&["status"])["parcels"].as_u64() > Some(0)).then_some(())
    });
    nepal.restart();
    let list = nepal.desk.ask(&["request", "list"]);
    assert_eq!((&list["total"], &list["locked"]), (&json!(0), &json!(true)));
    assert_eq!(nepal.desk.refused(&["request", "open"])["code"], "locked");
    let other = nepal.desk.file("other", "not this one at all");
    let refused = nepal.desk.refused(&["request", "open", "--passphrase-file", &other]);
    assert_eq!(refused["code"], "wrong-passphrase");
    nepal.desk.ask(&["request", "open", "--passphrase-file", &passphrase]);
    let list = nepal.desk.ask(&["request", "list"]);
    assert_eq!((&list["total"], &list["locked"]), (&json!(1), &json!(false)));
    nepal.desk.ask(&["request", "accept", &id, "--passphrase-file", &passphrase]);
    moldova.sees(&id, "in_progress");
}
