//! What a link costs, said in a browser and shown on every page.

use serde_json::json;

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign_in};
use crate::tern::Desk;

const FORM: &str = "form[action='/network/links']";

async fn a_cost_is_said(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let served = serve(&chad);
    let home = served.http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &chad).await;

    browser.open(&format!("{home}/network")).await;
    browser.look("network-links").await;
    browser.follow("main a[href='/network/links']").await;
    browser.look("links").await;
    browser.press("input[name=link_class][value=satellite]").await;
    browser.fill("#link_price", "8,50").await;
    browser.fill("#link_monthly_mb", "many").await;
    browser.follow(&format!("{FORM} button.main")).await;
    browser.text("#link_monthly_mb-error").await;
    browser.look("links-refused").await;
    assert_eq!(chad.ask(&["link", "show"])["said"], json!(false), "not yet");
    browser.fill("#link_monthly_mb", "50").await;
    browser.follow(&format!("{FORM} button.main")).await;
    browser.text("#link_currency-error").await;
    browser.fill("#link_currency", "FCFA").await;
    browser.fill("#link_from", "22").await;
    browser.fill("#link_to", "5").await;
    browser.follow(&format!("{FORM} button.main")).await;
    browser.text(".note.done").await;
    browser.look("links-said").await;

    let said = chad.ask(&["link", "show"]);
    assert_eq!((&said["class"], &said["monthly_bytes"]), (&json!("satellite"), &json!(50_000_000)));
    assert_eq!(said["price"], json!({ "per_mb": "8.50", "currency": "FCFA" }));
    assert_eq!((&said["hours"], &said["every_minutes"]), (&json!("22-05"), &json!(240)));
    for page in ["/", "/practices", "/account"] {
        browser.open(&format!("{home}{page}")).await;
        let strip = browser.text(".sync").await;
        assert!(strip.contains("FCFA"), "{page}: {strip}");
    }

    // Nothing is left of this month: every page says so, calmly.
    chad.ask(&["link", "set", "--monthly-mb", "0"]);
    browser.open(&home).await;
    assert!(browser.has("main .note a[href='/network/links']").await);
    browser.look("links-used-up").await;
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_link_costs_is_said_in_a_browser() {
    a_cost_is_said(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_link_costs_is_said_from_right_to_left() {
    a_cost_is_said(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_link_costs_is_said_in_long_words_without_scripts() {
    a_cost_is_said(LONGER).await;
}
