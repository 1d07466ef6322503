//! Governing in a browser: three stewards are appointed, a look-alike is
//! refused a hurried approval, a member is halted, a certificate revoked.

use serde_json::json;

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign_in};
use crate::federation::invite;
use crate::patience::{PATIENCE, until};
use crate::tern::{Desk, text};

async fn from_the_first_charter_to_a_revoked_certificate(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let niger = Desk::empty();
    let phrase = niger.file("phrase", "harmattan over the lake");
    let founds = ["init", "--org", "Ministry of Arrivals", "--country", "NE"];
    niger.ask(&[&founds[..], &["--person", "Awa Example", "--passphrase-file", &phrase]].concat());
    let at_niger = serve(&niger);
    let home = at_niger.http();
    let mut others = Vec::new();
    for (org, country) in [("Upland Labour Office", "NP"), ("Ministry of Arivals", "NE")] {
        let desk = Desk::empty();
        let invitation = invite(&niger);
        desk.ask(&["join", &invitation, "--org", org, "--country", country]);
        others.push((desk, org));
    }
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &niger).await;

    // Two wait; one of them has almost the ministry's own name.
    browser.follow("nav a[href='/network/approvals']").await;
    browser.text("main .note.bad").await;
    browser.look("approvals").await;
    let told = at_niger.answer(&json!({ "op": "proposals" }));
    let nepal = told["items"]
        .as_array()
        .and_then(|items| items.iter().find(|item| item["org"]["name"] == "Upland Labour Office"));
    let nepal = text(&nepal.expect("it waits")["id"]);
    browser.follow(&format!("a[href='/network/approvals/{nepal}']")).await;
    browser.look("approve").await;
    browser.follow("main form button.main").await;
    browser.text("#compared-error").await;
    browser.look("approve-refused").await;
    browser.press("#compared").await;
    browser.fill("#passphrase", "harmattan over the sea").await;
    browser.follow("main form button.main").await;
    browser.text("#passphrase-error").await;
    browser.press("#compared").await;
    browser.fill("#passphrase", "harmattan over the lake").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;

    // A policy, read through before it is signed.
    browser.open(&format!("{home}/network/charter")).await;
    browser.look("charter-founding").await;
    browser.follow("a[href='/network/charter/propose']").await;
    browser.look("charter-form").await;
    browser.follow("main form button[value=check]").await;
    browser.text(".errors").await;
    browser.fill("textarea[name='text.0']", "Two stewards call each newcomer.").await;
    browser.follow("main form button[value=check]").await;
    browser.text("main ins").await;
    browser.look("charter-sign").await;
    browser.fill("#passphrase", "harmattan over the lake").await;
    browser.follow("main form button[value=sign]").await;
    assert_eq!(browser.path().await, "/network/charter");
    browser.look("charter").await;
    assert_eq!(at_niger.answer(&json!({ "op": "charter-show" }))["n"], 1);

    // The new member is halted, with a reason that all read.
    browser.open(&format!("{home}/network/members")).await;
    browser.look("members").await;
    let page = format!("/network/members/{nepal}");
    browser.follow(&format!("a[href='{page}']")).await;
    browser.look("organisation").await;
    browser.follow(&format!("a[href='{page}/suspend']")).await;
    browser.fill("#reason", "Nobody answers their telephone.").await;
    browser.fill("#passphrase", "harmattan over the lake").await;
    browser.look("member-act").await;
    browser.follow("main form button.main").await;
    browser.text("main .note.bad").await;
    browser.look("organisation-suspended").await;

    // A person of the ministry leaves.
    niger.ask(&[
        "account",
        "add",
        "issa",
        "--person",
        "Issa Example",
        "--role",
        "contributor",
        "--passphrase-file",
        &phrase,
    ]);
    let own = text(&at_niger.answer(&json!({ "op": "status" }))["org_id"]);
    browser.open(&format!("{home}/network/members/{own}")).await;
    browser.follow("tbody tr:last-child a[href$='/revoke']").await;
    browser.press("input[value=left]").await;
    browser.fill("#passphrase", "harmattan over the lake").await;
    browser.look("revoke").await;
    browser.follow("main form button.main").await;
    browser.look("organisation-own").await;
    let revoked = || {
        let told = at_niger.answer(&json!({ "op": "cert-list" }));
        let items = told["items"].as_array()?.clone();
        items.iter().any(|item| item["state"] == "revoked").then_some(())
    };
    until("the certificate is revoked", PATIENCE, revoked);
    browser.open(&format!("{home}/data-protection")).await;
    browser.look("data-protection").await;
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_charter_to_a_revoked_certificate_in_a_browser() {
    from_the_first_charter_to_a_revoked_certificate(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_charter_to_a_revoked_certificate_from_right_to_left() {
    from_the_first_charter_to_a_revoked_certificate(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_charter_to_a_revoked_certificate_in_long_words_without_scripts() {
    from_the_first_charter_to_a_revoked_certificate(LONGER).await;
}
