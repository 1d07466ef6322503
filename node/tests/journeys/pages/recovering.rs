//! Recovery in a browser: an office burnt down, and a steward gives it new keys
//! from the page of approvals.

use serde_json::json;

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign_in};
use crate::federation::{in_step, invite, joined};
use crate::patience::{PATIENCE, until};
use crate::practices::practice;
use crate::tern::{Desk, text};

async fn from_a_burnt_office_to_new_keys(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = serve(&niger);
    let home = at_niger.http();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let id = nepal.publish(&practice("Checking contracts before departure"));
    in_step(&[&at_niger, &at_nepal]);
    let org = text(&at_nepal.told["org"]);
    at_nepal.kill();
    let again = Desk::empty();
    let request = again.data().with_file_name("request.tern");
    let request = request.to_str().expect("text");
    again.ask(&["recover", &org, "--invitation", &invite(&niger), "--out", request]);
    let at_again = again.serve();
    let asked = || {
        let told = at_niger.answer(&json!({ "op": "proposals" }));
        let asked = told["items"].as_array()?.iter().find(|item| item["kind"] == "rekey")?.clone();
        Some(text(&asked["id"]))
    };
    let (asked, _) = until("the request is seen", PATIENCE, asked);

    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &niger).await;
    browser.follow("nav a[href='/network/approvals']").await;
    browser.follow(&format!("a[href='/network/approvals/{asked}']")).await;
    browser.look("approve-rekey").await;
    browser.follow("main form button.main").await;
    browser.text("#compared-error").await;
    browser.press("#compared").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    // Nobody types anything at the new machine.
    let member = || (at_again.status()["state"] == "member").then_some(());
    until("it hears of its keys and certifies itself", PATIENCE, member);
    in_step(&[&at_niger, &at_again]);
    assert_eq!(again.ask(&["practice", "verify", &id])["verdict"], "accepted");
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_burnt_office_to_new_keys_in_a_browser() {
    from_a_burnt_office_to_new_keys(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_burnt_office_to_new_keys_from_right_to_left() {
    from_a_burnt_office_to_new_keys(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_burnt_office_to_new_keys_in_long_words_without_scripts() {
    from_a_burnt_office_to_new_keys(LONGER).await;
}
