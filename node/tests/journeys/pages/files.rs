//! A file beside a practice, fetched in a browser.

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign_in};
use crate::blobs::{knows, published, report};
use crate::federation::{in_step, joined};
use crate::tern::Desk;

async fn a_file_is_fetched(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    at_nepal.stop();
    let at_nepal = serve(&nepal);
    let (id, hash) = published(&niger, "evaluation of the first year.pdf", &report(300_000));
    in_step(&[&at_niger, &at_nepal]);
    knows(&at_nepal, &hash);

    let home = at_nepal.http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    browser.open(&format!("{home}/practices/{id}")).await;
    let fetch = format!("form[action='/files/{hash}/fetch']");
    assert!(!browser.has(&fetch).await, "a guest has nothing fetched");
    sign_in(&browser, &nepal).await;
    browser.open(&format!("{home}/practices/{id}")).await;
    browser.look("file-there").await;
    browser.follow(&format!("{fetch} button")).await;
    let here = format!("a[href='/files/{hash}']");
    // It comes while the page is open, or is looked for again.
    while !browser.has(&here).await {
        browser.open(&format!("{home}/practices/{id}")).await;
    }
    browser.look("file-here").await;
    browser.quit().await;
    at_nepal.stop();
    at_niger.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_fetched_in_a_browser() {
    a_file_is_fetched(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_fetched_from_right_to_left() {
    a_file_is_fetched(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_fetched_in_long_words_without_scripts() {
    a_file_is_fetched(LONGER).await;
}
