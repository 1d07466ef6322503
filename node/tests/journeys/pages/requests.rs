//! Asking for support and answering, in two browsers at two nodes: the page of
//! whoever waits changes by itself.

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, serve, sign_in};
use crate::federation::joined;
use crate::patience::{PATIENCE, until};
use crate::requests::in_a_month;
use crate::reviews::whole;
use crate::tern::{Desk, Served};

const NEED: &str = "Our consulates register a birth only when both parents travel to the capital. \
    We want to know how another country lets its consulates register births at a distance, which \
    law it changed for that, what the first year cost, how people heard of it, and how the \
    register is kept free of double entries when two offices write into it on the same day.";

/// Signs the first card of an expert.
async fn shows_card(browser: &Browser, home: &str) {
    browser.open(&format!("{home}/experts/card")).await;
    browser.look("card").await;
    browser.press("input[name=objectives][value='4']").await;
    browser.press("input[name=support_types][value='question']").await;
    browser.follow("main form button.main").await;
    browser.look("card-sign").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
}

/// Asks in three steps; the path of the request.
async fn asks(browser: &Browser, home: &str) -> String {
    browser.open(&format!("{home}/requests/new")).await;
    browser.follow("main form button[value=choose]").await;
    browser.text(".errors").await;
    browser.look("ask-refused").await;
    browser.fill("#title", "Registering births abroad").await;
    browser.fill("#need", NEED).await;
    browser.choose("#language", "en").await;
    browser.press("input[name=objectives][value='4']").await;
    browser.press("input[name=support_types][value='question']").await;
    browser.press("input[name=languages_out][value='en']").await;
    browser.fill("#needed_by", &in_a_month()).await;
    browser.follow("main form button[value=choose]").await;
    browser.text("main form button[value=check]").await;
    browser.look("ask-choose").await;
    browser.follow("main form button[value=check]").await;
    browser.look("ask-sign").await;
    browser.press("main form input[type=checkbox]").await;
    browser.follow("main form button.main[value=send]").await;
    browser.text(".note.done").await;
    browser.path().await
}

fn holds_parcels(served: &Served) {
    let carried = || (served.status()["parcels"].as_u64() > Some(0)).then_some(());
    until("the parcel has come", PATIENCE, carried);
}

async fn from_asking_to_the_answer(eyes: Eyes) {
    let Some(at_niger) = Browser::start(eyes).await else { return };
    let Some(at_nepal) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let niger_serves = serve(&niger);
    let (nepal, joined) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    joined.stop();
    let nepal_serves = serve(&nepal);
    for (browser, served, desk) in
        [(&at_niger, &niger_serves, &niger), (&at_nepal, &nepal_serves, &nepal)]
    {
        browser.open(&format!("{}/?lang={}", served.http(), eyes.lang)).await;
        sign_in(browser, desk).await;
    }
    let (here, there) = (niger_serves.http(), nepal_serves.http());
    at_niger.open(&format!("{here}/requests")).await;
    at_niger.look("requests-none").await;
    shows_card(&at_nepal, &there).await;
    let known = || (niger.ask(&["expert", "list"])["total"] == 1).then_some(());
    until("the expert is known", PATIENCE, known);
    at_niger.open(&format!("{here}/experts")).await;
    at_niger.look("experts").await;
    let request = asks(&at_niger, &here).await;
    at_niger.look("request-sent").await;
    holds_parcels(&nepal_serves);
    let listed = || (nepal.ask(&["request", "list"])["total"] == 1).then_some(());
    until("the request is open", PATIENCE, listed);
    at_nepal.open(&format!("{there}/inbox")).await;
    at_nepal.look("inbox").await;
    at_nepal.follow(&format!("a[href='{request}']")).await;
    // One question first; the asker's page shows it by itself.
    at_nepal.follow(&format!("a[href='{request}/question']")).await;
    at_nepal.look("question").await;
    at_nepal.fill("#text", "How many consulates are there?").await;
    at_nepal.follow("main form button.main").await;
    at_nepal.text(".note.done").await;
    at_niger.text("a[href*='/reply?question=']").await;
    at_niger.open(&format!("{here}{request}/reply")).await;
    at_niger.look("reply").await;
    at_niger.fill("#text", "Forty, of which ten are honorary.").await;
    at_niger.follow("main form button.main").await;
    at_niger.text(".note.done").await;
    at_niger.look("request-asked-back").await;
    at_nepal.follow(&format!("a[href='{request}/accept']")).await;
    at_nepal.look("accept").await;
    at_nepal.follow("main form button.main").await;
    at_nepal.text(".note.done").await;
    // The asker touches nothing, and sees who was chosen.
    at_niger.text(".tag.ok").await;
    let chosen =
        || (niger.ask(&["request", "list"])["items"][0]["state"] == "in_progress").then_some(());
    until("the expert was chosen", PATIENCE, chosen);
    at_nepal.open(&format!("{there}{request}/answer")).await;
    at_nepal.look("answer").await;
    at_nepal.fill("#text", "One parent declares with a witness; the register checks names.").await;
    at_nepal.follow("main form button.main").await;
    at_nepal.text(".note.done").await;
    at_niger.text(&format!("a[href='{request}/confirm']")).await;
    at_niger.look("request-answered").await;
    at_niger.open(&format!("{here}{request}/dispute")).await;
    at_niger.look("dispute").await;
    at_niger.fill("#text", "It says nothing of what the first year cost.").await;
    at_niger.follow("main form button.main").await;
    at_niger.text(".note.done").await;
    at_niger.look("request-disputed").await;
    at_niger.follow(&format!("a[href='{request}/confirm']")).await;
    at_niger.follow("main form button.main").await;
    at_niger.text(".note.done").await;
    at_niger.look("request-confirmed").await;
    at_niger.open(&format!("{here}{request}/receipt")).await;
    at_niger.look("receipt").await;
    at_niger.open(&format!("{here}{request}/close")).await;
    at_niger.press("input[name=outcome][value=met]").await;
    at_niger.look("close").await;
    at_niger.follow("main form button.main").await;
    at_niger.follow(&format!("a[href='{request}/follow-up']")).await;
    at_niger.press("input[name=used][value=used]").await;
    at_niger.look("follow-up").await;
    at_niger.follow("main form button.main").await;
    at_niger.text(".note.done").await;
    at_niger.look("request-followed-up").await;
    at_niger.quit().await;
    at_nepal.quit().await;
}

/// Nobody takes it; what is posted of it finds somebody.
async fn from_the_board(eyes: Eyes) {
    let Some(at_niger) = Browser::start(eyes).await else { return };
    let Some(at_nepal) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let niger_serves = serve(&niger);
    let (nepal, joined) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    joined.stop();
    let nepal_serves = serve(&nepal);
    for (browser, served, desk) in
        [(&at_niger, &niger_serves, &niger), (&at_nepal, &nepal_serves, &nepal)]
    {
        browser.open(&format!("{}/?lang={}", served.http(), eyes.lang)).await;
        sign_in(browser, desk).await;
    }
    let (here, there) = (niger_serves.http(), nepal_serves.http());
    shows_card(&at_nepal, &there).await;
    let known = || (niger.ask(&["expert", "list"])["total"] == 1).then_some(());
    until("the expert is known", PATIENCE, known);
    let request = asks(&at_niger, &here).await;
    let listed = || (nepal.ask(&["request", "list"])["total"] == 1).then_some(());
    until("the request is open", PATIENCE, listed);
    let id = request.rsplit('/').next().expect("an id").to_owned();
    nepal.ask(&["request", "decline", &id, "--reason", "no-time"]);
    at_niger.text(&format!("a[href='{request}/escalate']")).await;
    at_niger.look("request-unmet").await;
    // Opened anew: the page behind a link may just be brought up to date.
    at_niger.open(&format!("{here}{request}/escalate")).await;
    at_niger.look("escalate").await;
    at_niger.open(&format!("{here}{request}/board")).await;
    at_niger.look("post").await;
    at_niger.follow("main form button.main").await;
    at_niger.text(".note.done").await;
    let posted = || (nepal.ask(&["request", "board"])["total"] == 1).then_some(());
    until("it is on the board", PATIENCE, posted);
    at_nepal.open(&format!("{there}/requests/board")).await;
    at_nepal.look("board").await;
    at_nepal.follow(".list h3 a").await;
    at_nepal.look("need").await;
    at_nepal.fill("#text", "A colleague of mine has time after all: ask me again.").await;
    at_nepal.follow("main form button.main").await;
    at_nepal.text(".note.done").await;
    let offered =
        || (niger.ask(&["request", "show", &id])["helps"].as_array()?.len() == 1).then_some(());
    until("help was offered", PATIENCE, offered);
    at_niger.open(&format!("{here}{request}")).await;
    at_niger.look("request-on-the-board").await;
    at_niger.quit().await;
    at_nepal.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_takes_goes_to_the_board() {
    from_the_board(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_takes_goes_to_the_board_from_right_to_left() {
    from_the_board(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_from_asking_to_the_answer() {
    from_asking_to_the_answer(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_from_asking_to_the_answer_from_right_to_left() {
    from_asking_to_the_answer(BACKWARDS).await;
}

/// Niger reads one of Nepal's practices and wants it in French; Nepal translates it.
async fn from_a_practice_to_its_translation(eyes: Eyes) {
    let Some(at_niger) = Browser::start(eyes).await else { return };
    let Some(at_nepal) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let niger_serves = serve(&niger);
    let (nepal, joined) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    joined.stop();
    let nepal_serves = serve(&nepal);
    let written = whole("One desk for those who return");
    let id = nepal.publish(&written);
    let speaks = ["en", "fr"].map(|tag| serde_json::json!({ "tag": tag, "can": "write" }));
    let card = serde_json::json!({ "name": "Bina", "support_types": ["question"],
        "objectives": written["primary_objectives"], "languages": speaks });
    let file = nepal.file("card.json", card.to_string());
    nepal.ask(&["expert", "card", &file]);
    let known = || {
        let held = niger.run(&["practice", "said", &id]).code == Some(0);
        (held && niger.ask(&["expert", "list"])["total"] == 1).then_some(())
    };
    until("Niger holds the practice, and the card", PATIENCE, known);
    let (home, there) = (niger_serves.http(), nepal_serves.http());
    for (browser, home, desk) in [(&at_niger, &home, &niger), (&at_nepal, &there, &nepal)] {
        browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
        sign_in(browser, desk).await;
    }
    at_niger.open(&format!("{home}/practices/{id}")).await;
    at_niger.choose("#ask-into", "fr").await;
    at_niger.look("practice-ask-translation").await;
    at_niger.follow("form[action='/requests/new'] button").await;
    at_niger.text("#translate").await;
    at_niger.look("ask-translation").await;
    at_niger.follow("main form button[value=choose]").await;
    at_niger.follow("main form button[value=check]").await;
    at_niger.text("#translate").await;
    at_niger.look("ask-translation-sign").await;
    at_niger.press("main form input[type=checkbox]").await;
    at_niger.follow("main form button.main[value=send]").await;
    at_niger.text(".note.done").await;
    let request = at_niger.path().await;

    let number = request.rsplit('/').next().unwrap_or_default().to_owned();
    let came = || (nepal.run(&["request", "show", &number]).code == Some(0)).then_some(());
    until("Nepal is asked", PATIENCE, came);
    nepal.ask(&["request", "accept", &number]);
    let chosen = || {
        let shown = nepal.ask(&["request", "show", &number]);
        (shown["state"] == "in_progress").then_some(())
    };
    until("Nepal has it", PATIENCE, chosen);
    at_nepal.open(&format!("{there}{request}")).await;
    at_nepal.look("request-translation").await;
    at_nepal.follow(&format!("a[href^='/translate/{id}/fr?edition=']")).await;
    at_nepal.fill("#title", "Un guichet pour le retour").await;
    at_nepal.follow("main form button.main").await;
    at_nepal.text(".note.done").await;
    at_nepal.open(&format!("{there}{request}/answer")).await;
    at_nepal.look("answer-translation").await;
    at_nepal.follow("main form button.main").await;
    at_nepal.text("#answer").await;
    let answered = || {
        let shown = niger.ask(&["request", "show", &number]);
        let came = shown["translate"]["translated"].is_object();
        (came && shown["state"] == "delivered").then_some(())
    };
    until("Niger has both", PATIENCE, answered);
    at_niger.open(&format!("{home}{request}")).await;
    at_niger.text("#translated").await;
    at_niger.look("request-translated").await;
    at_niger.follow("#translated a").await;
    assert_eq!(at_niger.text("h1").await, "Un guichet pour le retour");
    assert!(!at_niger.has("#ask-into option[value=fr]").await, "it is there");
    at_niger.quit().await;
    at_nepal.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_translation_is_asked_for_from_the_page_of_a_practice() {
    from_a_practice_to_its_translation(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_translation_is_asked_for_from_right_to_left() {
    from_a_practice_to_its_translation(BACKWARDS).await;
}
