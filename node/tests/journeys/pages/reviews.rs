//! An edition is sent for review, reviewed, decided and shown as sealed, in
//! browsers at the authors' node and at the board's.

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, serve, sign_in};
use crate::patience::{PATIENCE, until};
use crate::reviews::{Hub, invites, reviews, sees, waits, whole};
use crate::tern::text;

async fn from_submission_to_seal(eyes: Eyes) {
    let Some(authors) = Browser::start(eyes).await else { return };
    let Some(board) = Browser::start(eyes).await else { return };
    let mut hub = Hub::begin_at(serve);
    hub.niger.1.stop();
    hub.niger.1 = serve(&hub.niger.0);
    hub.agree();
    let id = hub.niger.0.publish(&whole("One desk for those who return"));
    let (here, there) = (hub.niger.1.http(), hub.un.1.http());
    for (browser, home, desk) in [(&authors, &here, &hub.niger.0), (&board, &there, &hub.un.0)] {
        browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
        sign_in(browser, desk).await;
    }
    board.open(&format!("{there}/reviews")).await;
    board.look("reviews-none").await;
    authors.open(&format!("{here}/practices/{id}")).await;
    authors.follow(&format!("a[href='/practices/{id}/review']")).await;
    authors.look("review-submit").await;
    authors.fill("#note", "Three years of work").await;
    authors.follow("main form button.main").await;
    authors.text(".note.done").await;
    let path = authors.path().await;
    authors.look("review-submitted").await;
    let review = path.trim_start_matches("/reviews/").to_owned();

    // The board is told that it is its turn.
    waits(&hub.un.0, "admin", &review);
    board.open(&format!("{there}/reviews")).await;
    board.look("reviews-mine").await;
    board.follow(&format!("a[href='{path}']")).await;
    let known = |told: &serde_json::Value| told["candidates"].to_string().contains("Ines Example");
    let told = sees(&hub.un.0, &review, "Ines can be invited", known);
    let ines = told["candidates"].as_array().and_then(|all| {
        all.iter().find(|one| one["name"] == "Ines Example").map(|one| text(&one["certificate"]))
    });
    board.follow(&format!("a[href='{path}/invite']")).await;
    board.look("review-invite").await;
    board.press(&format!("input[value='{}']", ines.expect("listed"))).await;
    board.follow("main form button.main").await;
    board.text(".note.done").await;
    for name in ["Bina Example", "Corina Example"] {
        invites(&hub.un.0, &review, name);
    }
    board.open(&format!("{there}{path}")).await;
    board.follow(&format!("a[href='{path}/accept']")).await;
    board.follow("main form button.main").await;
    board.text(".errors").await;
    board.look("review-accept-refused").await;
    board.press("input[name=none]").await;
    board.follow("main form button.main").await;
    board.text(".note.done").await;
    board.follow(&format!("a[href='{path}/score']")).await;
    board.press("input[name=mark-evidence][value=met]").await;
    board.press("input[name=recommendation][value=minor]").await;
    board.press("main details summary").await;
    board.choose("#on-1", "results").await;
    board.fill("#text-1", "Counted by whom?").await;
    board.look("review-score").await;
    board.follow("main form button.main").await;
    board.text(".note.done").await;
    for (desk, word) in [(&hub.nepal.0, "accept"), (&hub.moldova.0, "accept")] {
        reviews(desk, "admin", &review, word);
    }
    sees(&hub.un.0, &review, "enough is said", |told| told["state"] == "ready");
    board.open(&format!("{there}{path}")).await;
    board.look("review-ready").await;
    board.follow(&format!("a[href='{path}/decide']")).await;
    board.look("review-decide").await;
    board.press("input[name=outcome][value=sealed]").await;
    board.follow("main form button.main").await;
    board.text(".note.done").await;
    board.look("review-sealed").await;

    // The authors see the seal, and to which edition it is bound.
    sees(&hub.niger.0, &review, "it is sealed", |told| told["state"] == "sealed");
    authors.open(&format!("{here}/practices/{id}")).await;
    let edition = text(&hub.niger.0.ask(&["practice", "show", &id])["edition_id"]);
    authors.text(&format!("aside span[title='{edition}']")).await;
    authors.look("practice-sealed").await;
    authors.follow(&format!("aside a[href='{path}']")).await;
    authors.look("review-of-a-seal").await;
    let verified = || {
        let told = hub.moldova.0.ask(&["practice", "verify", &id]);
        (told["seals"].as_array().map(Vec::len) == Some(1)).then_some(())
    };
    until("Moldova verifies the seal", PATIENCE, verified);
    authors.quit().await;
    board.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_from_submission_to_its_seal() {
    from_submission_to_seal(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_from_submission_to_its_seal_from_right_to_left() {
    from_submission_to_seal(BACKWARDS).await;
}
