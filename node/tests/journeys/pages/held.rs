//! Held work of a draft in a browser: adopted with one button, and a lost branch
//! taken over with one.

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, sign_in};
use crate::held::{Forked, HeldBack, WROTE, holds, says};

async fn held_work_is_adopted(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let story = HeldBack::begin();
    let [_, nepal, chad] = &story.desks;
    let draft = &story.draft;
    let name = holds(nepal, draft)["change"].as_str().expect("a name").to_owned();
    let home = story.nodes[1].http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, nepal).await;

    let edit = format!("/drafts/{draft}/edit");
    browser.open(&format!("{home}{edit}")).await;
    let note = browser.text("section.held").await;
    assert!(note.contains("Bina Example") && note.contains("Doru Example"), "{note}");
    browser.press("section.held summary").await;
    assert!(browser.text("section.held details").await.contains("Two towns on the river"));
    browser.look("held").await;

    // Read in full, put away and brought back.
    let one = format!("/drafts/{draft}/held/{name}");
    browser.follow(&format!("section.held a[href='{one}']")).await;
    browser.text("#reason").await;
    browser.look("held-one").await;
    browser.follow(&format!("form[action='{one}'] button[value=put-away]")).await;
    assert_eq!(browser.path().await, edit);
    assert!(!browser.has("section.held").await);
    browser.follow(&format!("aside a[href='/drafts/{draft}/held']")).await;
    browser.look("held-all").await;
    browser.follow(&format!("form[action='{one}'] button[value=bring-back]")).await;
    browser.text("section.held").await;

    // One button, and it is shown, here and elsewhere, with a label.
    browser.follow("section.held button[value=adopt]").await;
    assert_eq!(browser.path().await, edit);
    browser.text(".note.done").await;
    assert!(!browser.has("section.held").await);
    assert!(browser.text("form #context").await.contains("Two towns on the river"));
    let label = browser.text("#adopted ~ dl").await;
    assert!(label.contains("Doru Example") && label.contains("Bina Example"), "{label}");
    browser.look("held-adopted").await;
    says(chad, draft, "context", "Two towns on the river");
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn held_work_is_adopted_in_a_browser() {
    held_work_is_adopted(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn held_work_is_adopted_from_right_to_left() {
    held_work_is_adopted(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn held_work_is_adopted_in_long_words_without_scripts() {
    held_work_is_adopted(LONGER).await;
}

async fn what_lost_is_taken_over(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let Some(story) = Forked::begin() else { return };
    let draft = &story.draft;
    let loser = story.loser();
    let (field, words) = WROTE[loser];
    let home = story.at_chads[loser].http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &story.chads[loser]).await;
    browser.open(&format!("{home}/drafts/{draft}/edit")).await;
    browser.press("section.held summary").await;
    assert!(browser.text("section.held ins").await.contains(words));
    browser.look("held-lost").await;
    browser.follow("section.held button[value=take-over]").await;
    browser.text(".note.done").await;
    assert!(!browser.has("section.held").await);
    assert!(browser.text(&format!("form #{field}")).await.contains(words));
    says(&story.niger, draft, field, words);
    browser.quit().await;
    story.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lost_is_taken_over_in_a_browser() {
    what_lost_is_taken_over(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lost_is_taken_over_from_right_to_left() {
    what_lost_is_taken_over(BACKWARDS).await;
}
