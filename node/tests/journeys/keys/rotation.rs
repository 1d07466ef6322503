//! A root key is stolen, or lost: the recovery sheet replaces it.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};

use super::super::federation::{in_step, joined};
use super::super::http;
use super::super::kills::random_moment;
use super::super::patience::{output_of, until};
use super::super::requests::in_a_month;
use super::super::tern::{Desk, refusal, text};
use super::{key_files, publishes, sheet};

#[test]
fn the_sheet_is_taken_once_and_then_the_node_has_forgotten_its_words() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let told = niger.ask(&["key", "list"]);
    assert_eq!(told["recovery_sheet"], "to-take", "{told}");
    assert_eq!(niger.ask(&["status"])["recovery_sheet"], "to-take");
    let printed = niger.run(&["key", "sheet"]);
    assert!(printed.out.contains("RECOVERY SHEET") && printed.out.contains("Ministry of Arrivals"));
    let page = sheet(&niger, "sheet.html");
    let html = fs::read_to_string(&page).expect("a page");
    assert!(html.starts_with("<!doctype html>") && html.contains("<li><b>24</b>"), "{html}");
    let again = niger.refused(&["key", "sheet", "--out", &page]);
    assert!(text(&again["message"]).contains("sheet.html"), "nothing is written over: {again}");

    niger.ask(&["key", "sheet", "--done"]);
    assert_eq!(key_files(&niger, "next-root"), Vec::<std::path::PathBuf>::new());
    assert_eq!(niger.ask(&["key", "list"])["recovery_sheet"], "kept");
    let refused = niger.refused(&["key", "sheet"]);
    assert!(text(&refused["message"]).contains("tern key rotate"), "{refused}");
    let refused = niger.refused(&["key", "rotate"]);
    assert_eq!((&refused["code"], &refused["field"]), (&json!("key-away"), &json!("words")));
}

#[test]
fn a_stolen_folder_and_a_lost_root_key_are_answered_with_the_words_alone() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let before = nepal.publish(&super::practice("Checking contracts before departure"));
    in_step(&[&at_niger, &at_nepal]);

    // The sheet of both is taken; then Niger's root key is gone.
    let words = sheet(&niger, "sheet.txt");
    niger.ask(&["key", "sheet", "--done"]);
    let [stolen] = &key_files(&niger, "root")[..] else { panic!("one root key") };
    fs::remove_file(stolen).expect("lost");
    let lost = niger.refused(&["account", "add", "issa", "--role", "publisher"]);
    assert_eq!(lost["code"], "key-away", "{lost}");
    assert!(text(&lost["message"]).contains("tern key rotate"), "{lost}");
    assert_eq!(niger.ask(&["account", "list"])["items"].as_array().map(Vec::len), Some(1));

    let slip = niger.file("slip", "abandon ".repeat(24));
    let refused = niger.refused(&["key", "rotate", "--words-file", &slip]);
    assert_eq!((&refused["code"], &refused["field"]), (&json!("invalid"), &json!("words")));
    let rotated = niger.ask(&["key", "rotate", "--words-file", &words]);
    assert!(rotated["stands_by"].as_u64() >= Some(1), "Nepal's admission stands: {rotated}");
    let refused = niger.refused(&["key", "rotate", "--words-file", &words]);
    assert_eq!(refused["field"], "words", "a sheet is used up: {refused}");

    // Everything works as before: members, grants, admissions, publishing.
    assert_eq!(niger.ask(&["members"])["items"].as_array().map(Vec::len), Some(2));
    niger.ask(&["account", "add", "issa", "--person", "Issa Example", "--role", "publisher"]);
    let after = publishes(&niger, "Registering every birth", &["--as", "issa"]);
    let (moldova, at_moldova) = joined(&niger, "Coalition of Registries", "MD", "Corina Example");
    in_step(&[&at_niger, &at_nepal, &at_moldova]);
    for desk in [&niger, &nepal, &moldova] {
        for id in [&before, &after] {
            let verified = desk.ask(&["practice", "verify", id]);
            assert_eq!(verified["verdict"], "accepted", "{verified}");
        }
    }
    assert_eq!(niger.ask(&["key", "list"])["recovery_sheet"], "to-take", "there is a new sheet");
    for node in [at_niger, at_nepal, at_moldova] {
        node.stop();
    }
}

#[test]
fn a_request_to_the_desk_opens_whichever_desk_key_it_was_encrypted_to() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve_at(&["/ip4/127.0.0.1/tcp/0".to_owned()]);
    let address = at_niger.tcp().split("/p2p/").next().unwrap_or_default().to_owned();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let card = json!({ "objectives": [4], "support_types": ["question"] });
    let card = niger.file("card.json", card.to_string());
    niger.ask(&["expert", "card", &card]);
    in_step(&[&at_niger, &at_nepal]);
    at_niger.stop();
    // Awa's own reading key is lost: what is asked of her opens at the desk,
    // or nowhere.
    for file in key_files(&niger, "person-encrypt") {
        fs::remove_file(file).expect("lost");
    }
    let ask = |title: &str| {
        let request = json!({
            "title": title, "need": "What we need to know, and why. ".repeat(10),
            "support_types": ["question"], "objectives": [4], "needed_by": in_a_month(),
        });
        let file = nepal.file("request.json", request.to_string());
        text(&nepal.ask(&["request", "ask", &file])["id"])
    };
    let to_the_key_before = ask("Asked before word of the new key arrived");
    niger.ask(&["key", "rotate"]);
    assert_eq!(key_files(&niger, "desk").len(), 2);
    let at_niger = niger.serve_at(&[address]);
    opens(&niger, &to_the_key_before);
    assert_eq!(nepal.ask(&["meet", "Ministry of Arrivals"])["settled"], true);
    let to_the_new_key = ask("Asked after it arrived");
    opens(&niger, &to_the_new_key);
    at_niger.stop();
    at_nepal.stop();
}

#[test]
fn two_who_change_the_keys_at_once_do_not_freeze_the_organisation() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let words = sheet(&niger, "sheet.txt");
    let served = niger.serve();
    let rotate = ["key", "rotate", "--words-file", &words, "--json"];
    let both = [0, 1].map(|_| {
        let mut command = niger.command(&rotate);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("runs")
    });
    let codes = both.map(|one| output_of(one, "a rotation").status.code());
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    niger.ask(&["account", "add", "issa", "--role", "publisher"]);
    served.stop();
}

#[test]
fn an_operator_takes_the_sheet_in_a_browser() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let served = niger.serve();
    let link = text(&niger.ask(&["account", "link"])["link"]);
    let path = link.strip_prefix(&served.http()).expect("a path");
    let session = served.get(path).expect("an answer").cookie.expect("signed in");
    let page = served.page("/network/sheet", &session).expect("a page");
    assert!(page.body.contains("has not been taken"), "{}", page.body);
    let send = |path: &str, body: &str| {
        let host = served.http().trim_start_matches("http://").to_owned();
        let headers = [
            ("origin", served.http()),
            ("cookie", session.clone()),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        http::ask(&host, "POST", path, &headers, body).expect("an answer")
    };
    let sheet = send("/network/sheet", "");
    let words: Vec<String> = niger.ask(&["key", "sheet"])["words"]
        .as_array()
        .expect("words")
        .iter()
        .map(|word| format!("<li>{}</li>", text(word)))
        .collect();
    assert!(sheet.status == 200 && sheet.body.contains(&words.concat()), "{}", sheet.body);
    assert_eq!(served.get("/network/sheet").expect("an answer").status, 303, "not for guests");
    assert_eq!(send("/network/sheet/kept", "sure=yes").status, 303);
    assert_eq!(niger.ask(&["key", "list"])["recovery_sheet"], "kept");
    assert_eq!(send("/network/sheet", "").status, 409, "there is nothing left to show");
    served.stop();
}

/// Waits until a request can be opened here.
fn opens(desk: &Desk, id: &str) {
    let opened = || (desk.run(&["request", "show", id]).code == Some(0)).then_some(());
    until("the request is opened", Duration::from_secs(120), opened);
}

#[test]
fn a_node_that_is_killed_while_its_keys_change_has_the_old_ones_or_the_new_ones() {
    let mut chance = ChaCha8Rng::seed_from_u64(24);
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    for round in 0..6 {
        let words = sheet(&niger, &format!("sheet-{round}.txt"));
        niger.ask(&["key", "sheet", "--done"]);
        let served = niger.serve();
        let rotate = ["key", "rotate", "--words-file", &words, "--json"];
        let mut command = niger.command(&rotate);
        let asked = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs");
        random_moment(&mut chance, Duration::from_millis(200));
        served.kill();
        // It may have been answered, or lost its node.
        let _ = output_of(asked, "the rotation");
        let ran = niger.run(&rotate);
        if ran.code != Some(0) {
            let error = refusal(ran, &rotate);
            assert_eq!(error["field"], "words", "it was done before the kill: {error}");
        }
        let told = niger.ask(&["key", "list"]);
        let items = told["items"].as_array().expect("items");
        let in_force = |item: &&Value| item["purpose"] == "root" && item["state"] == "in-force";
        assert_eq!(items.iter().filter(in_force).count(), 1, "round {round}: {told}");
        assert_eq!(told["recovery_sheet"], "to-take", "round {round}: {told}");
        let name = format!("issa{round}");
        niger.ask(&["account", "add", &name, "--role", "publisher"]);
    }
}
