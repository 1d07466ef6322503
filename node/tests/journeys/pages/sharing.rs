//! A draft is shown to another organisation in a browser, and written there.

use serde_json::json;

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign_in};
use crate::federation::{in_step, joined};
use crate::patience::{PATIENCE, until};
use crate::practices::practice;
use crate::tern::Desk;

async fn a_draft_is_shared(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let nepal = Desk::founded("Upland Labour Office", "NP", "Bina Example");
    let at_nepal = serve(&nepal);
    let (niger, at_niger) = joined(&nepal, "Ministry of Arrivals", "NE", "Awa Example");
    at_niger.stop();
    let at_niger = serve(&niger);
    in_step(&[&at_nepal, &at_niger]);
    let draft = nepal.draft(&practice("Desks for people who return"));
    let home = at_nepal.http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &nepal).await;

    browser.open(&format!("{home}/drafts/{draft}/edit")).await;
    browser.follow(&format!("aside a[href='/drafts/{draft}/share']")).await;
    browser.look("share").await;
    let form = format!("form[action='/drafts/{draft}/share']");
    browser.follow(&format!("{form} button.main")).await;
    browser.text(".errors").await;
    browser.look("share-refused").await;
    browser.press(&format!("{form} input[name=org]")).await;
    browser.follow(&format!("{form} button.main")).await;
    browser.text(".note.done").await;
    assert!(browser.text("aside").await.contains("Ministry of Arrivals"));
    browser.look("edit-shared").await;

    // The other writes in it, and this page shows both.
    let there =
        || (niger.ask(&["practice", "list", "--drafts"])["total"] == json!(1)).then_some(());
    until("Niger has the draft", PATIENCE, there);
    niger.ask(&["practice", "edit", &draft, "--set", "context.en=Two towns on the river"]);
    let here = || {
        let told = nepal.ask(&["practice", "show", &draft]);
        (told["fields"]["context"]["en"] == "Two towns on the river").then_some(())
    };
    until("Nepal reads what Niger wrote", PATIENCE, here);
    browser.open(&format!("{home}/drafts/{draft}/edit")).await;
    assert!(browser.text("form #context").await.contains("Two towns on the river"));
    browser.open(&format!("{home}/drafts")).await;
    browser.look("drafts-shared").await;

    // At the other it stands among the drafts, with nobody to choose.
    let guest = at_niger.http();
    browser.open(&format!("{guest}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &niger).await;
    browser.open(&format!("{guest}/drafts")).await;
    browser.follow(&format!("a[href='/drafts/{draft}/edit']")).await;
    browser.follow(&format!("aside a[href='/drafts/{draft}/share']")).await;
    assert!(!browser.has(&format!("{form} input[name=org]")).await);
    browser.look("share-guest").await;

    // Taken back, it is put away, and found again.
    nepal.ask(&["practice", "share", &draft, "--without", "Ministry of Arrivals"]);
    let away = format!("form[action='/drafts/{draft}/away'] button");
    let taken = || {
        let shared = niger.ask(&["practice", "list", "--drafts"])["items"][0]["shared"].clone();
        (shared["orgs"] == json!([])).then_some(())
    };
    until("Niger heard that it was taken out", PATIENCE, taken);
    browser.open(&format!("{guest}/drafts")).await;
    browser.look("drafts-over").await;
    browser.follow(&format!("{away}[value=put-away]")).await;
    browser.text(".note.done").await;
    assert_eq!(niger.ask(&["practice", "list", "--drafts"])["away"], json!(1));
    browser.press("details.panel summary").await;
    browser.look("drafts-away").await;
    browser.follow(&format!("{away}[value=bring-back]")).await;
    assert!(browser.has(&format!("a[href='/drafts/{draft}/edit']")).await);
    browser.quit().await;
    at_nepal.stop();
    at_niger.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_shared_in_a_browser() {
    a_draft_is_shared(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_shared_from_right_to_left() {
    a_draft_is_shared(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_shared_in_long_words_without_scripts() {
    a_draft_is_shared(LONGER).await;
}
