//! What is said about a practice, in browsers at the node that it comes from and at
//! another: used too, translated, confirmed, withdrawn and taken back.

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, serve, sign_in};
use crate::federation::joined;
use crate::patience::{PATIENCE, until};
use crate::reviews::whole;
use crate::tern::Desk;

async fn said_and_taken_back(eyes: Eyes) {
    let Some(ours) = Browser::start(eyes).await else { return };
    let Some(theirs) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = serve(&niger);
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    at_nepal.stop();
    let at_nepal = serve(&nepal);
    let id = niger.publish(&whole("One desk for those who return"));
    let here = || nepal.run(&["practice", "said", &id]).code == Some(0);
    until("Nepal holds it", PATIENCE, || here().then_some(()));
    let (home, there) = (at_niger.http(), at_nepal.http());
    for (browser, home, desk) in [(&ours, &home, &niger), (&theirs, &there, &nepal)] {
        browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
        sign_in(browser, desk).await;
    }

    // Nepal uses it too, and translates it.
    let path = format!("/practices/{id}");
    theirs.open(&format!("{there}{path}")).await;
    assert!(!theirs.has(&format!("a[href='{path}/say/withdraw']")).await, "not theirs");
    theirs.follow(&format!("a[href='{path}/say/adapt']")).await;
    theirs.follow("main form button.main").await;
    theirs.text(".errors").await;
    theirs.choose("#countries", "NP").await;
    theirs.fill("#since", "2025-03").await;
    theirs.fill("#changed", "On foot, from valley to valley").await;
    theirs.press("input[name=outcome][value=partly]").await;
    theirs.look("say-adapt").await;
    theirs.follow("main form button.main").await;
    theirs.text(".note.done").await;
    theirs.choose("#into", "fr").await;
    theirs.follow(&format!("form[action='/translate/{id}'] button")).await;
    theirs.fill("#title", "Un guichet pour le retour").await;
    theirs.fill("#summary", "Un guichet pour les papiers, l'école et le travail.").await;
    theirs.look("translate").await;
    theirs.follow("main form button.main").await;
    theirs.text(".note.done").await;
    assert_eq!(theirs.text("h1").await, "Un guichet pour le retour");
    theirs.look("practice-translated").await;
    theirs.open(&format!("{there}{path}/say/same")).await;
    theirs.fill("#alias", "10.1000/182").await;
    theirs.look("say-same").await;
    theirs.follow("main form button.main").await;
    theirs.text(".note.done").await;
    // One that is likely the same is named at one press.
    let other = nepal.publish(&whole("One desk for families who return"));
    let likely = || {
        let told = nepal.ask(&["practice", "duplicates", &id]);
        (told["items"][0]["id"] == other.as_str()).then_some(())
    };
    until("the other is likely the same", PATIENCE, likely);
    theirs.open(&format!("{there}{path}/say/same")).await;
    theirs.look("say-same-likely").await;
    theirs.follow("button[form='same-1']").await;
    theirs.text(".note.done").await;
    let told = nepal.ask(&["practice", "said", &other]);
    assert_eq!(told["same_as"][0]["said_there"], true, "{told}");
    let known = || {
        let told = niger.ask(&["practice", "said", &id]);
        let all = ["adaptations", "translations", "same_as"];
        all.iter().all(|kind| told[kind][0].is_object()).then_some(())
    };
    until("Niger knows all of it", PATIENCE, known);

    // Niger confirms it, then withdraws it.
    ours.open(&format!("{home}{path}")).await;
    ours.text("#used").await;
    ours.follow(&format!("a[href='{path}/say/confirm']")).await;
    ours.press("input[name=looked]").await;
    ours.look("say-confirm").await;
    ours.follow("main form button.main").await;
    ours.text(".note.done").await;
    ours.look("practice-said").await;
    ours.follow(&format!("a[href='{path}/say/withdraw']")).await;
    ours.press("input[name=reason][value=outdated]").await;
    ours.fill("#text", "The desks are closed").await;
    ours.look("say-withdraw").await;
    ours.follow("main form button.main").await;
    ours.text(".note.warn").await;
    assert!(!ours.has("article").await, "its text is behind a link");
    ours.look("practice-withdrawn").await;
    ours.follow("a[href$='withdrawn=show']").await;
    ours.text("article").await;
    ours.look("practice-withdrawn-shown").await;
    let withdrawn = || (nepal.ask(&["practice", "said", &id])["withdrawn"] == true).then_some(());
    until("Nepal knows", PATIENCE, withdrawn);
    theirs.open(&format!("{there}{path}")).await;
    assert!(!theirs.has("article").await, "there too");
    theirs.open(&format!("{there}/practices?withdrawn=yes")).await;
    theirs.look("practices-withdrawn").await;
    ours.open(&format!("{home}{path}")).await;
    ours.follow(&format!("a[href^='{path}/say/take-back']")).await;
    ours.look("say-take-back").await;
    ours.follow("main form button.main").await;
    ours.text("article").await;
    ours.quit().await;
    theirs.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_is_spoken_of_at_two_nodes() {
    said_and_taken_back(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_is_spoken_of_at_two_nodes_from_right_to_left() {
    said_and_taken_back(BACKWARDS).await;
}
