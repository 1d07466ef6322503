//! Accounts in a browser: a password is forgotten, somebody leaves.

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign_in};
use crate::practices::practice;
use crate::tern::Desk;

async fn from_a_new_password_to_the_end_of_an_account(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    niger.ask(&["account", "add", "issa", "--person", "Issa Example", "--role", "contributor"]);
    let file = niger.file("practice.json", practice("Registering every birth").to_string());
    niger.ask(&["practice", "draft", &file, "--as", "issa"]);
    let served = serve(&niger);
    let home = served.http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &niger).await;
    browser.open(&format!("{home}/account")).await;
    browser.follow("a[href='/accounts']").await;
    browser.look("accounts").await;
    browser.follow("tbody tr:nth-child(2) form button").await;
    let link = browser.text("#link").await;
    browser.look("accounts-reset").await;

    browser.open(&format!("{home}/account")).await;
    browser.follow("form[action='/sign-out'] button").await;
    browser.open(link.trim()).await;
    browser.look("new-password").await;
    browser.fill("#password", "too short").await;
    browser.follow("main form button.main").await;
    browser.text(".errors").await;
    browser.look("new-password-refused").await;
    browser.fill("#password", "harmattan over the lake").await;
    browser.follow("main form button.main").await;
    browser.text(".who").await;
    browser.open(&format!("{home}/accounts")).await;
    assert!(!browser.has("tbody").await, "accounts are the operator's");

    sign_in(&browser, &niger).await;
    browser.open(&format!("{home}/accounts")).await;
    browser.follow("a[href='/accounts/issa/remove']").await;
    browser.look("account-remove").await;
    browser.follow("main form button.main").await;
    browser.text("#to-error").await;
    browser.look("account-remove-refused").await;
    browser.choose("#to", "admin").await;
    assert!(browser.has("#keep").await, "who only moves is not revoked");
    browser.follow("main form button.main").await;
    browser.text("#gone").await;
    browser.look("account-removed").await;
    let accounts = niger.ask(&["account", "list"]);
    assert_eq!(accounts["items"].as_array().map(Vec::len), Some(1), "{accounts}");
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_new_password_to_the_end_of_an_account_in_a_browser() {
    from_a_new_password_to_the_end_of_an_account(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_new_password_to_the_end_of_an_account_from_right_to_left() {
    from_a_new_password_to_the_end_of_an_account(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_new_password_to_the_end_of_an_account_in_long_words_without_scripts() {
    from_a_new_password_to_the_end_of_an_account(LONGER).await;
}
