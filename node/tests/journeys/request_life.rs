//! The life of a request beyond one answer, between nodes that never connect: what is
//! asked back, what is missing, who is named by somebody whom nobody asked.

use serde_json::{Value, json};

use super::patience::until;
use super::practices::practice;
use super::requests::{Office, REACHED, holds, in_a_month, three};
use super::tern::text;

fn shows(office: &Office, file: &str, card: &Value) {
    let file = office.desk.file(file, card.to_string());
    office.desk.ask(&["expert", "card", &file]);
}

fn said(item: &Value, key: &str) -> String {
    text(&item[key])
}

#[test]
fn an_expert_asks_back_answers_twice_and_hears_what_became_of_it() {
    let [niger, _moldova, nepal] = three();
    nepal.shows_card("Maya");
    niger.knows_experts(1);
    let id = niger.asks(json!({}));
    nepal.sees(&id, "proposed");
    nepal.desk.ask(&["request", "question", &id, "How many consulates are there?"]);
    let request = niger.sees_that(&id, "asked back", |request| {
        request["questions"].as_array().is_some_and(|all| all.len() == 1)
    });
    assert_eq!(said(&request["questions"][0], "text"), "How many consulates are there?");
    assert_eq!(request["state"], "proposed");
    let list = niger.desk.ask(&["request", "list"]);
    assert_eq!(list["items"][0]["waits"], true, "the turn is the asker's");
    niger.desk.ask(&["request", "reply", &id, "Forty."]);
    nepal.sees_that(&id, "replied to", |request| {
        request["questions"][0]["replies"][0]["text"] == "Forty."
    });
    nepal.desk.ask(&["request", "accept", &id]);
    nepal.sees(&id, "in_progress");
    nepal.desk.ask(&["request", "progress", &id, "Half of it is written"]);
    niger.sees_that(&id, "half done", |request| {
        request["progress"][0]["text"] == "Half of it is written"
    });
    nepal.answers(&id, &[]);
    niger.sees(&id, "delivered");
    niger.desk.ask(&["request", "dispute", &id, "It says nothing of the costs."]);
    let request = nepal.sees(&id, "disputed");
    assert_eq!(said(&request["disputed"], "text"), "It says nothing of the costs.");
    nepal.answers(&id, &[]);
    niger.sees(&id, "delivered");
    niger.desk.ask(&["request", "confirm", &id]);
    niger.desk.ask(&["request", "close", &id, "--outcome", "met"]);
    nepal.sees(&id, "closed");
    assert!(niger.show(&id)["follow_up"].is_string(), "half a year later");
    niger.desk.ask(&["request", "follow-up", &id, "used", "--note", "Two consulates began"]);
    let request = nepal.sees_that(&id, "followed up", |request| request["became"].is_object());
    assert_eq!(request["became"]["outcome"], "used");
    assert_eq!(said(&request["became"], "text"), "Two consulates began");
    assert_eq!(request["refused"], json!([]));
}

#[test]
fn a_request_that_nobody_takes_is_brought_before_a_desk_which_names_somebody() {
    let [niger, moldova, nepal] = three();
    nepal.shows_card("Maya");
    // Of another subject, and known to the steward.
    let tonga = Office::joining(&moldova, "Tonga", "TO", "Sione");
    shows(
        &tonga,
        "card.json",
        &json!({
            "name": "Sione", "objectives": [7], "support_types": ["question"],
        }),
    );
    niger.knows_experts(2);
    moldova.knows_experts(2);
    let id = niger.asks(json!({}));
    nepal.sees(&id, "proposed");
    nepal.desk.ask(&["request", "decline", &id, "--reason", "no-time"]);
    let request = niger.sees(&id, "unmet");
    assert_eq!(request["step"], "next");
    assert_eq!(moldova.desk.ask(&["request", "list"])["total"], 0);
    niger.desk.ask(&["request", "escalate", &id, "--desk", "Moldova"]);
    assert_eq!(niger.show(&id)["step"], "desks");
    let request = moldova.sees(&id, "submitted");
    assert_eq!(request["may"], json!(["refer"]), "a desk names somebody, and no more");
    assert_eq!(moldova.desk.ask(&["request", "list"])["items"][0]["waits"], true);
    assert_eq!(moldova.desk.refused(&["request", "accept", &id])["code"], "not-allowed");
    moldova.desk.ask(&["request", "refer", &id, "Sione", "--note", "He wrote their law"]);
    let request = niger.sees_that(&id, "somebody was named", |request| {
        request["named"].as_array().is_some_and(|all| all.len() == 1)
    });
    let named = &request["named"][0];
    assert_eq!((said(named, "name"), said(named, "by_org")), ("Sione".into(), "Moldova".into()));
    assert_eq!(tonga.desk.ask(&["request", "list"])["total"], 0, "nobody is asked by being named");
    niger.desk.ask(&["request", "offer", &id, &said(named, "expert")]);
    tonga.sees(&id, "proposed");
    tonga.desk.ask(&["request", "accept", &id]);
    let request = niger.sees(&id, "in_progress");
    assert!(said(&request, "holder").starts_with("Sione"), "{request}");
    // It ends for the desk as well.
    niger.desk.ask(&["request", "withdraw", &id]);
    moldova.sees(&id, "withdrawn");
    until("the desk is not waited for", REACHED, || {
        (moldova.desk.ask(&["request", "list"])["items"][0]["waits"] == false).then_some(())
    });
}

#[test]
fn a_translation_is_asked_for_made_and_shown_to_whoever_asked() {
    let [niger, moldova, nepal] = three();
    let mut written = practice("Mobile desks");
    written["original_language"] = json!("en");
    let id = niger.desk.publish(&written);
    let held = |office: &Office| {
        until("the practice is held", REACHED, || {
            (office.desk.run(&["practice", "said", &id]).code == Some(0)).then_some(())
        });
    };
    held(&moldova);
    held(&nepal);
    // Whom the languages leave out is not asked: Sione writes no French.
    let tonga = Office::joining(&moldova, "Tonga", "TO", "Sione");
    let objectives = written["primary_objectives"].clone();
    for (office, name, languages) in
        [(&nepal, "Maya", ["en", "fr"]), (&tonga, "Sione", ["en", "to"])]
    {
        let speaks = languages.map(|tag| json!({ "tag": tag, "can": "write" }));
        let card = json!({ "name": name, "objectives": objectives, "languages": speaks,
            "support_types": ["question"] });
        shows(office, "card.json", &card);
    }
    moldova.knows_experts(2);
    let day = in_a_month();
    let ask = |lang: &str| {
        let words = ["request", "translate", &id, "--lang", lang, "--by", &day];
        words.map(str::to_owned)
    };
    let refused = |words: &[String]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        text(&moldova.desk.refused(&words)["message"])
    };
    assert!(refused(&ask("en")).contains("written already"));
    let asked = ask("fr");
    let other = [&asked[..], &["--edition".to_owned(), "7".to_owned()]].concat();
    assert!(refused(&other).contains("no edition 7"));
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let sent = moldova.desk.ask(&asked);
    assert_eq!(sent["to"].as_array().map(Vec::len), Some(1), "{sent}");
    assert_eq!(sent["to"][0]["org"], "Nepal");
    let request = text(&sent["id"]);
    let shown = nepal.sees(&request, "proposed");
    let wanted = &shown["translate"];
    assert_eq!((&wanted["practice"], &wanted["number"]), (&json!(id), &json!(1)), "{shown}");
    assert_eq!((&wanted["language"], &wanted["translated"]), (&json!("fr"), &Value::Null));
    assert_eq!(shown["request"]["languages_in"], json!(["en"]));
    nepal.desk.ask(&["request", "accept", &request]);
    nepal.sees(&request, "in_progress");
    let file = nepal.desk.file("fr.json", json!({ "title": "Guichets mobiles" }).to_string());
    nepal.desk.ask(&["practice", "translate", &id, "--lang", "fr", &file]);
    nepal.answers(&request, &[&id]);
    let shown = moldova.sees_that(&request, "answered, and translated", |request| {
        request["state"] == "delivered" && request["translate"]["translated"].is_object()
    });
    assert_eq!(shown["translate"]["translated"]["org"], "Nepal", "{shown}");
    assert_eq!(shown["answer"]["practices"], json!([id]));
    // Nobody needs to be asked for what is there.
    assert!(refused(&ask("fr")).contains("Nepal translated edition 1 into fr"));
}

#[test]
fn a_need_on_the_board_finds_help_from_somebody_whom_nobody_asked() {
    let [niger, mut moldova, nepal] = three();
    nepal.shows_card("Maya");
    let tonga = Office::joining(&moldova, "Tonga", "TO", "Sione");
    shows(
        &tonga,
        "card.json",
        &json!({
            "name": "Sione", "objectives": [7], "support_types": ["question"],
        }),
    );
    niger.knows_experts(2);
    let id = niger.asks(json!({}));
    nepal.sees(&id, "proposed");
    nepal.desk.ask(&["request", "decline", &id, "--reason", "no-time"]);
    niger.sees(&id, "unmet");
    let title = "Registering births abroad";
    let posted = niger.desk.ask(&["request", "post", &id, "--title", title, "--naming", "region"]);
    let need = said(&posted, "need");
    let board = || tonga.desk.ask(&["request", "board", "--objective", "4"]);
    until("it is on the board", REACHED, || (board()["total"] == 1).then_some(()));
    let shown = &board()["items"][0];
    assert_eq!((said(shown, "title"), said(shown, "id")), (title.to_owned(), need.clone()));
    assert!(shown["country"].is_null() && shown["organisation"].is_null(), "{shown}");
    let how = "okapi-help: we wrote such a law";
    tonga.desk.ask(&["request", "offer-help", &need, how]);
    let request = niger.sees_that(&id, "help was offered", |request| {
        request["helps"].as_array().is_some_and(|all| all.len() == 1)
    });
    let help = &request["helps"][0];
    assert_eq!((said(help, "name"), said(help, "text")), ("Sione".into(), how.to_owned()));
    // Who carried the offer cannot read it, nor tell to what it is.
    moldova.kill();
    assert_eq!(holds(&moldova.desk.data(), &["okapi-help"]), None);
    moldova.comes_back();
    niger.desk.ask(&["request", "offer", &id, &said(help, "expert")]);
    tonga.sees(&id, "proposed");
    tonga.desk.ask(&["request", "accept", &id]);
    niger.sees(&id, "in_progress");
    niger.desk.ask(&["request", "withdraw", &id]);
    until("it is taken down", REACHED, || (board()["total"] == 0).then_some(()));
}
