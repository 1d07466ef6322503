//! The pages of a real node in a real browser: in English and in a language
//! written from right to left, with scripts and without, narrow and wide.

mod accounts;
mod annotations;
mod attaching;
mod browser;
mod discussions;
mod erasing;
mod files;
mod governing;
mod held;
mod links;
mod notices;
mod recovering;
mod requests;
mod reviews;
mod sharing;

use browser::{Browser, Eyes};

use super::federation::{in_step, joined};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

const ENGLISH: Eyes = Eyes { lang: "en", dir: "ltr", scripts: true };
const BACKWARDS: Eyes = Eyes { lang: "ar-XB", dir: "rtl", scripts: true };
const LONGER: Eyes = Eyes { lang: "en-XA", dir: "ltr", scripts: false };

/// A node that also speaks the languages that test layouts.
fn serve(desk: &Desk) -> Served {
    let mut command = desk.command(&["serve", "--json"]);
    command.env("TERN_PSEUDO_LOCALES", "1");
    Served::start(desk, command)
}

/// Signs in by a link that works once; returns the link.
async fn sign_in(browser: &Browser, desk: &Desk) -> String {
    let link = text(&desk.ask(&["account", "link"])["link"]);
    browser.open(&link).await;
    browser.text(".who").await;
    link
}

/// Writes, signs and publishes; returns the path of the practice.
async fn publish_first(browser: &Browser, home: &str) -> String {
    browser.open(&format!("{home}/practices/new")).await;
    browser.follow("main form button.main").await;
    browser.text(".errors").await;
    browser.look("new-refused").await;
    browser.fill("#title", "Checking contracts before departure").await;
    browser.follow("main form button.main").await;
    browser.text("form[action$='/edit'] #summary").await;
    browser.look("edit").await;
    browser.fill("#summary", "Workers read their contract with somebody they trust.").await;
    browser.choose("#kind", "service").await;
    browser.follow("form[method=post][action$='/edit'] .acts button.main").await;
    browser.text(".note.done").await;
    browser.follow("form[method=post][action$='/edit'] .acts button[value=sign]").await;
    browser.text("#promise-people").await;
    browser.look("sign").await;
    sign(browser, "First edition").await;
    browser.look("practice").await;
    browser.path().await
}

/// Ticks every promise and signs.
async fn sign(browser: &Browser, note: &str) {
    for promise in ["people", "pictures", "organisation", "risks"] {
        browser.press(&format!("#promise-{promise}")).await;
    }
    browser.fill("#note", note).await;
    browser.follow("form[action$='/sign'] button.main").await;
    browser.text(".people").await;
}

async fn publish_second(browser: &Browser, practice: &str) {
    browser.follow(&format!("form[action='{practice}/edit'] button")).await;
    browser.fill("#title", "Checking every contract before departure").await;
    browser.follow("form[method=post][action$='/edit'] .acts button[value=sign]").await;
    browser.text("#promise-people").await;
    sign(browser, "Every contract, not some").await;
    assert_eq!(browser.path().await, practice);
    assert_eq!(browser.text("h1").await, "Checking every contract before departure");
}

async fn the_whole_way(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = serve(&niger);
    let home = at_niger.http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    browser.look("home-empty").await;
    let link = sign_in(&browser, &niger).await;
    let practice = publish_first(&browser, &home).await;

    let listed = format!("a[href='{practice}']");
    let searchable = || (at_niger.status()["searchable"] == 1).then_some(());
    until("the practice is searchable", PATIENCE, searchable);
    browser.open(&home).await;
    browser.text(&listed).await;
    browser.look("home").await;
    browser.fill("#q", "contracts").await;
    browser.follow("form[role=search] button").await;
    browser.text(&listed).await;
    browser.look("found").await;
    browser.fill("#q", "nothingatall").await;
    browser.follow("form[role=search] button").await;
    assert!(!browser.has(&listed).await);
    browser.look("found-nothing").await;

    browser.open(&format!("{home}{practice}")).await;
    publish_second(&browser, &practice).await;
    for page in ["history", "provenance"] {
        browser.open(&format!("{home}{practice}")).await;
        browser.follow(&format!("a[href='{practice}/{page}']")).await;
        browser.look(page).await;
    }
    browser.open(&format!("{home}{practice}/history")).await;
    browser.follow("a[href*='/compare?']").await;
    browser.text("del").await;
    browser.look("compare").await;

    let (_nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    in_step(&[&at_niger, &at_nepal]);
    for page in ["network", "network/members", "drafts", "help", "account"] {
        browser.open(&format!("{home}/{page}")).await;
        browser.look(&page.replace('/', "-")).await;
    }
    browser.follow("form[action='/sign-out'] button").await;
    browser.text(".signin").await;
    browser.open(&link).await;
    assert!(!browser.has(".who").await, "the link works once");
    browser.look("spent-link").await;
    browser.open(&format!("{home}/drafts")).await;
    assert!(browser.has("form[action='/sign-in']").await, "drafts are for who is signed in");
    browser.look("sign-in").await;
    browser.open(&format!("{home}/practices/nothing")).await;
    browser.look("not-found").await;
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_from_the_first_word_to_its_second_edition() {
    the_whole_way(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_from_the_first_word_to_its_second_edition_from_right_to_left() {
    the_whole_way(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_from_the_first_word_to_its_second_edition_in_long_words_without_scripts() {
    the_whole_way(LONGER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_never_set_up_is_set_up_in_the_browser() {
    let Some(browser) = Browser::start(ENGLISH).await else { return };
    let chad = Desk::empty();
    let served = chad.serve();
    let address = text(&served.told["setup"]);
    let home = address.trim_end_matches("/setup").to_owned();
    browser.open(&home).await;
    assert_eq!(browser.path().await, "/setup");
    browser.look("set-up").await;
    for (field, value) in [
        ("#code", "not the code"),
        ("#organisation", "Civil registry of Chad"),
        ("#person", "Amina Example"),
        ("#account", "amina"),
    ] {
        browser.fill(field, value).await;
    }
    browser.fill("#password", "harmattan over the lake").await;
    browser.follow("form[action='/setup'] button.main").await;
    browser.text(".errors").await;
    browser.look("set-up-refused").await;
    browser.fill("#code", &text(&served.told["code"])).await;
    browser.fill("#password", "harmattan over the lake").await;
    browser.choose("#country", "TD").await;
    browser.press("input[name=link_class][value=satellite]").await;
    browser.fill("#link_price", "8.50").await;
    browser.fill("#link_currency", "USD").await;
    browser.follow("form[action='/setup'] button.main").await;
    browser.text(".who").await;
    browser.look("home-after-set-up").await;
    let link = chad.ask(&["link", "show"]);
    assert_eq!((&link["class"], &link["price"]["per_mb"]), (&"satellite".into(), &"8.50".into()));
    assert_eq!(chad.ask(&["status"])["org"], "Civil registry of Chad");

    browser.open(&format!("{home}/account")).await;
    browser.follow("form[action='/sign-out'] button").await;
    browser.open(&format!("{home}/sign-in")).await;
    for (password, lets_in) in
        [("harmattan over the sea", false), ("harmattan over the lake", true)]
    {
        browser.fill("#name", "amina").await;
        browser.fill("#password", password).await;
        browser.follow("form[action='/sign-in'] button.main").await;
        browser.text(if lets_in { ".who" } else { ".errors" }).await;
    }
    browser.open(&address).await;
    assert!(!browser.has("form[action='/setup']").await, "set-up happens once");
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_joins_in_the_browser_and_is_told_why_if_it_cannot() {
    let Some(browser) = Browser::start(ENGLISH).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    niger.publish(&practice("Registering every birth"));
    let used = super::federation::invite(&niger);
    let nepal = Desk::empty();
    nepal.ask(&["join", &used, "--org", "Upland Labour Office", "--country", "NP"]);

    let moldova = Desk::empty();
    let served = moldova.serve();
    browser.open(&text(&served.told["setup"])).await;
    for (field, value) in [
        ("#code", text(&served.told["code"])),
        ("#organisation", "Coalition of Registries".to_owned()),
        ("#person", "Corina Example".to_owned()),
        ("#account", "corina".to_owned()),
        ("#invitation", used),
    ] {
        browser.fill(field, &value).await;
    }
    browser.fill("#password", "harmattan over the lake").await;
    browser.press("input[name=start][value=join]").await;
    browser.follow("form[action='/setup'] button.main").await;
    let told = browser.text("#invitation-error").await;
    assert!(told.contains("used already"), "{told}");
    browser.fill("#invitation", &super::federation::invite(&niger)).await;
    browser.fill("#password", "harmattan over the lake").await;
    browser.follow("form[action='/setup'] button.main").await;
    browser.text(".who").await;
    let members = || (at_niger.status()["members"] == 3).then_some(());
    until("there are three members", PATIENCE, members);
    let received = || (moldova.ask(&["status"])["practices"] == 1).then_some(());
    until("the practice has arrived", PATIENCE, received);
    browser.quit().await;
}
