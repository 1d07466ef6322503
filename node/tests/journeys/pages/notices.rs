//! How somebody is told of what waits, in a browser: the first page changes by
//! itself, an address is entered and confirmed, mail is stopped, a feed is made.

use serde_json::json;

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, sign_in};
use crate::federation::joined;
use crate::notifying::{MailServer, Mails, code, mailed};
use crate::patience::{PATIENCE, until};
use crate::requests::in_a_month;
use crate::tern::{Desk, Served, text};

const AWA: &str = "awa.example@mail.example.net";
const FORM: &str = "form[action='/account/notices']";

fn serve(desk: &Desk, mail: &MailServer) -> Served {
    let mut command = desk.command(&["serve", "--json"]);
    command
        .env("TERN_PSEUDO_LOCALES", "1")
        .env("TERN_MAIL_SERVER", format!("127.0.0.1:{}", mail.port()))
        .env("TERN_MAIL_TLS", "none")
        .env("TERN_MAIL_FROM", "tern@ministry.example.org");
    Served::start(desk, command)
}

/// Nepal asks whoever is an expert at Niger's node.
fn is_asked(niger: &Desk, nepal: &Desk) {
    let card = json!({ "name": "Awa", "objectives": [4], "support_types": ["question"] });
    niger.ask(&["expert", "card", &niger.file("card.json", card.to_string())]);
    let known = || (nepal.ask(&["expert", "list"])["total"] == 1).then_some(());
    until("the expert is known", PATIENCE, known);
    let request = json!({
        "title": "Registering births abroad", "need": "How do consulates do it? ".repeat(20),
        "support_types": ["question"], "objectives": [4], "needed_by": in_a_month(),
    });
    nepal.ask(&["request", "ask", &nepal.file("request.json", request.to_string())]);
}

async fn somebody_says_how_they_are_told(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let mails = Mails::default();
    let server = MailServer::open(0, &mails);
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let served = serve(&niger, &server);
    let (nepal, _at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let home = served.http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &niger).await;
    browser.open(&home).await;
    assert!(!browser.has("#waits").await, "nothing waits yet");
    is_asked(&niger, &nepal);
    if !eyes.scripts {
        let waits = || {
            let told = niger.ask(&["account", "notices"]);
            told["waiting"].as_array().is_some_and(|all| !all.is_empty()).then_some(())
        };
        until("the request waits", PATIENCE, waits);
        browser.open(&home).await;
    }
    browser.text("section[aria-labelledby=waits] a[href='/inbox']").await;
    browser.look("home-waits").await;

    browser.open(&format!("{home}/account")).await;
    browser.follow("a[href='/account/notices']").await;
    browser.look("notices").await;
    browser.fill("#address", "awa.example").await;
    browser.follow(&format!("{FORM} button.main")).await;
    browser.text("#address-error").await;
    browser.look("notices-refused").await;
    browser.fill("#address", AWA).await;
    browser.press("input[name=often][value=day]").await;
    browser.follow(&format!("{FORM} button.main")).await;
    browser.text("#code").await;
    let mail = mailed(&mails, 0, AWA);
    browser.open(&format!("{home}/account/notices")).await;
    browser.look("notices-confirm").await;
    browser.fill("#code", "12").await;
    browser.follow(&format!("{FORM} button.main")).await;
    browser.text("#code-error").await;
    browser.fill("#code", &code(&mail)).await;
    browser.follow(&format!("{FORM} button.main")).await;
    browser.text(".note.done").await;
    browser.look("notices-confirmed").await;
    let told = niger.ask(&["account", "notices"]);
    assert_eq!((&told["address"], &told["often"]), (&json!(AWA), &json!("day")));

    browser.follow(&format!("{FORM}:has(input[value=feed]) button")).await;
    let feed = browser.text("#feed-address").await;
    browser.look("notices-feed").await;
    let path = feed.trim().strip_prefix(&home).expect("at this node").to_owned();
    let told = served.get(&path).expect("a feed");
    assert!(told.status == 200 && told.body.contains("<entry"), "{}", told.body);
    browser.follow(&format!("{FORM}:has(input[value=no-feed]) button")).await;
    assert_eq!(served.get(&path).expect("an answer").status, 404);
    browser.follow(&format!("{FORM}:has(input[value=forget]) button")).await;
    browser.text(".note.done").await;
    assert_eq!(niger.ask(&["account", "notices"])["address"], json!(null));
    for item in niger.ask(&["account", "list"])["items"].as_array().expect("items") {
        assert!(item["mail"].is_null(), "{}", text(&item["name"]));
    }
    browser.open(&format!("{home}/data-protection")).await;
    browser.look("data-protection").await;
    browser.quit().await;
    server.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_says_in_a_browser_how_they_are_told() {
    somebody_says_how_they_are_told(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_says_from_right_to_left_how_they_are_told() {
    somebody_says_how_they_are_told(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_says_in_long_words_without_scripts_how_they_are_told() {
    somebody_says_how_they_are_told(LONGER).await;
}
