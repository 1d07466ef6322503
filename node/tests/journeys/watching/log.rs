//! The log tells of no person and of nothing that somebody wrote, at any level.

use serde_json::{Value, json};

use super::super::requests::in_a_month;
use super::*;

/// What is written, searched, asked and given here, and nowhere else.
const WORDS: [&str; 12] = [
    "quagga-title",
    "quagga-draft",
    "okapi-search",
    "okapi-page",
    "zebra-need",
    "zebra-request",
    "numbat-answer",
    "harmattan-passphrase",
    "Hama Tou",
    "Maya Rai",
    "hamatou",
    "Issa Garba",
];

fn serves_telling_all(desk: &Desk) -> Served {
    let mut command = desk.command(&["serve", "--json"]);
    command.env("TERN_LOG_LEVEL", "trace").env("TERN_LOG_FORMAT", "json");
    Served::start(desk, command)
}

/// Everything that a person does in a day.
fn a_day(niger: &Desk, at_niger: &Served, nepal: &Desk) -> Vec<String> {
    let phrase = niger.file("phrase", "harmattan-passphrase\n");
    let add = ["account", "add", "hamatou", "--person", "Issa Garba", "--passphrase-file", &phrase];
    niger.ask(&add);
    let wrong = niger.file("wrong", "another harmattan-passphrase\n");
    niger.run(&["request", "open", "--as", "hamatou", "--passphrase-file", &wrong]);
    niger.publish(&practice("quagga-title"));
    niger.draft(&practice("quagga-draft"));
    niger.ask(&["search", "okapi-search"]);
    at_niger.get("/practices?q=okapi-page").expect("answers");
    at_niger.get("/api/v1/practices?q=okapi-page").expect("answers");
    let link = text(&niger.ask(&["account", "link"])["link"]);
    let token = link.rsplit('/').next().expect("a token").to_owned();
    at_niger.get(&format!("/sign-in/link/{token}")).expect("answers");
    let card = json!({ "objectives": [4], "support_types": ["question"], "name": "Maya Rai" });
    nepal.ask(&["expert", "card", &nepal.file("card.json", card.to_string())]);
    until("Niger knows the expert", REACHED, || {
        (niger.ask(&["expert", "list"])["total"] == 1).then_some(())
    });
    let request = json!({
        "title": "zebra-request", "need": "zebra-need is what we want to know. ".repeat(12),
        "support_types": ["question"], "objectives": [4], "needed_by": in_a_month(),
    });
    let file = niger.file("request.json", request.to_string());
    let id = text(&niger.ask(&["request", "ask", &file])["id"]);
    until("Nepal is asked", REACHED, || {
        (nepal.run(&["request", "accept", &id, "--json"]).code == Some(0)).then_some(())
    });
    until("Nepal is chosen", REACHED, || {
        let answer = json!({ "text": "numbat-answer", "practices": [] });
        let file = nepal.file("answer.json", answer.to_string());
        (nepal.run(&["request", "answer", &id, &file, "--json"]).code == Some(0)).then_some(())
    });
    until("the answer has come", REACHED, || {
        (niger.ask(&["request", "show", &id])["state"] == "delivered").then_some(())
    });
    let invitation = text(&niger.ask(&["invite"])["invitation"]);
    vec![token, invitation, at_niger.bearer().trim_start_matches("Bearer ").to_owned()]
}

#[test]
fn the_log_of_a_whole_day_at_its_loudest_names_nobody_and_repeats_nothing() {
    let niger = Desk::founded("Civil registry of Niger", "NE", "Hama Tou");
    let at_niger = serves_telling_all(&niger);
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Maya Rai");
    at_nepal.stop();
    let at_nepal = serves_telling_all(&nepal);
    let secrets = a_day(&niger, &at_niger, &nepal);
    let logs = format!("{}{}", at_niger.log(), at_nepal.log());
    at_niger.stop();
    at_nepal.stop();
    let lines: Vec<Value> =
        logs.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let deep = lines.iter().filter(|line| line["level"] == "DEBUG").count();
    assert!(deep > 10, "the log is at its loudest: {logs}");
    for word in WORDS.into_iter().chain(secrets.iter().map(String::as_str)) {
        let told = logs.lines().find(|line| line.contains(word.trim()));
        assert_eq!(told, None, "{word}");
    }
}
