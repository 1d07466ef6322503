//! Erasing in a browser: a practice that tells of persons, then a name.

use serde_json::json;

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign_in};
use crate::practices::practice;
use crate::tern::Desk;

async fn a_practice_and_a_name_are_erased(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let niger = Desk::empty();
    let phrase = niger.file("phrase", "harmattan over the lake");
    let founds = ["init", "--org", "Ministry of Arrivals", "--country", "NE"];
    niger.ask(&[&founds[..], &["--person", "Awa Example", "--passphrase-file", &phrase]].concat());
    let publish = |title: &str| {
        let file = niger.file("practice.json", practice(title).to_string());
        let draft = niger.ask(&["practice", "draft", &file]);
        let draft = draft["id"].as_str().expect("an id").to_owned();
        let words =
            ["practice", "publish", &draft, "--note", "First", "--passphrase-file", &phrase];
        niger.ask(&words)["id"].as_str().expect("an id").to_owned()
    };
    let (erased, kept) = (publish("Ferry timetable"), publish("Registering every birth"));
    let served = serve(&niger);
    let home = served.http();
    browser.open(&format!("{home}/practices/{erased}?lang={}", eyes.lang)).await;
    assert!(!browser.has(&format!("a[href='/practices/{erased}/erase']")).await, "not a reader's");
    sign_in(&browser, &niger).await;

    browser.open(&format!("{home}/practices/{erased}")).await;
    browser.follow(&format!("a[href='/practices/{erased}/erase']")).await;
    browser.look("erase").await;
    browser.follow("main form button.main").await;
    browser.text(".errors").await;
    browser.press("input[name=reason][value=personal-data]").await;
    browser.follow("main form button.main").await;
    browser.text("#sure").await;
    browser.look("erase-again").await;
    browser.fill("#passphrase", "harmattan over the lake").await;
    browser.follow("main form button.main").await;
    browser.text("#sure-error").await;
    browser.look("erase-refused").await;
    assert_eq!(niger.ask(&["practice", "show", &erased])["id"], json!(erased), "not yet");
    browser.press("#sure").await;
    browser.fill("#passphrase", "harmattan over the lake").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    assert_eq!(browser.path().await, "/practices");
    assert_eq!(niger.refused(&["practice", "show", &erased])["code"], "not-found");

    browser.open(&format!("{home}/account")).await;
    browser.follow("a[href='/account/name']").await;
    browser.look("name").await;
    browser.follow("main form button.main").await;
    browser.text("#sure").await;
    browser.look("name-again").await;
    browser.press("#sure").await;
    browser.fill("#passphrase", "harmattan over the lake").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    assert!(!browser.has("a[href='/account/name']").await, "there is no name any more");
    let shown = niger.ask(&["practice", "show", &kept]);
    assert_eq!(shown["signers"][0]["person"], "a person of Ministry of Arrivals");
    assert_eq!(niger.ask(&["practice", "verify", &kept])["verdict"], "accepted");
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_and_a_name_are_erased_in_a_browser() {
    a_practice_and_a_name_are_erased(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_and_a_name_are_erased_from_right_to_left() {
    a_practice_and_a_name_are_erased(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_and_a_name_are_erased_in_long_words_without_scripts() {
    a_practice_and_a_name_are_erased(LONGER).await;
}
