//! Work that is held back in a draft: told, adopted, taken over, put away.

use axum::http::StatusCode;

use crate::desk::Desk;
use crate::fake::{Fake, PASSPHRASE};
use crate::pages::well_formed;

async fn drafting(fake: Fake) -> (Desk, String) {
    let mut amina = Desk::at(fake).signed_in("amina").await;
    let new = [("title", "Desks"), ("original_language", "en")];
    let edit = amina.post("/practices/new", &new).await.location().expect("a draft");
    (amina, edit.replace("/edit", ""))
}

fn held(draft: &str, letters: &str) -> String {
    format!("{draft}/held/{}", letters.repeat(32))
}

#[tokio::test]
async fn held_work_says_who_and_why_and_what_and_is_adopted_with_one_button() {
    let (mut amina, draft) = drafting(Fake::holding()).await;
    let page = amina.get(&format!("{draft}/edit")).await;
    well_formed("edit, with held work", &page);
    assert!(page.says("Bina <Example>"), "names are told as they are");
    assert!(page.says("A person of Ministry of <Arrivals>"));
    assert!(page.says("Somebody else may have the key"));
    assert!(page.says("How much"));
    assert!(page.says("Learnt at sea."));
    let to = held(&draft, "aa");
    assert!(page.attributes("form", "action").contains(&to));

    let check = amina.get(&format!("{draft}/sign")).await;
    well_formed("sign, with held work", &check);
    assert!(check.says("It is not published either."));

    // The key is locked: the same page asks for the passphrase, and keeps the reason.
    let page = amina.post(&to, &[("act", "adopt"), ("reason", "we were there")]).await;
    well_formed("held work, again", &page);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#passphrase"]);
    assert_eq!(page.attributes("#reason", "value"), ["we were there"]);
    let typed = [("act", "adopt"), ("reason", "we were there"), ("passphrase", PASSPHRASE)];
    let page = amina.post(&to, &typed).await;
    assert_eq!(page.location().as_deref(), Some(format!("{draft}/edit").as_str()));
    let page = amina.get(&format!("{draft}/edit")).await;
    well_formed("edit, adopted", &page);
    assert!(page.says("Adopted. It is shown here"));
    assert!(page.says("Adopted by") && page.says("we were there"));
    assert!(!page.attributes("form", "action").contains(&to));
}

#[tokio::test]
async fn what_lost_is_taken_over_and_what_is_put_away_is_found_again() {
    let (mut amina, draft) = drafting(Fake::holding()).await;
    let (lost, read) = (held(&draft, "bb"), held(&draft, "cc"));
    let page = amina.get(&lost).await;
    well_formed("held work that lost", &page);
    assert!(page.says("as happens when a machine is copied"));
    assert_eq!(page.attributes("main button[value]", "value"), ["take-over", "put-away"]);
    assert!(amina.post(&lost, &[("act", "take-over")]).await.location().is_some());
    assert!(amina.get(&format!("{draft}/edit")).await.says("It is a change of yours now"));

    let page = amina.get(&read).await;
    assert!(page.says("cannot be put together on this node"));
    assert_eq!(page.attributes("main button[value]", "value"), ["put-away"]);
    amina.post(&read, &[("act", "put-away")]).await;
    let page = amina.get(&format!("{draft}/edit")).await;
    assert!(!page.attributes("form", "action").contains(&read));
    assert!(page.attributes("aside a", "href").contains(&format!("{draft}/held")));
    let page = amina.get(&format!("{draft}/held")).await;
    well_formed("all held work", &page);
    assert!(page.attributes("form", "action").contains(&read));
    amina.post(&read, &[("act", "bring-back")]).await;
    let page = amina.get(&format!("{draft}/edit")).await;
    assert!(page.attributes("form", "action").contains(&read));
}

#[tokio::test]
async fn what_is_nothing_to_do_with_held_work_is_no_page() {
    let (mut amina, draft) = drafting(Fake::holding()).await;
    for (path, act) in [(held(&draft, "aa"), "burn"), (held(&draft, "dd"), "adopt")] {
        let page = amina.post(&path, &[("act", act), ("passphrase", PASSPHRASE)]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}: {act}");
    }
    let long = "x".repeat(301);
    let page = amina.post(&held(&draft, "aa"), &[("act", "adopt"), ("reason", &long)]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#reason"]);
    let mut nobody = Desk::at(Fake::holding());
    let page = nobody.get(&format!("{draft}/held")).await;
    assert!(page.location().is_some_and(|to| to.starts_with("/sign-in")));
}

#[tokio::test]
async fn a_draft_that_is_over_is_put_away_and_brought_back() {
    let (mut amina, draft) = drafting(Fake::as_guest()).await;
    let page = amina.get("/drafts").await;
    well_formed("drafts, one over", &page);
    let away = format!("{draft}/away");
    assert!(page.attributes("main form", "action").contains(&away));
    assert!(amina.post(&away, &[("act", "put-away")]).await.location().is_some());
    let page = amina.get("/drafts").await;
    well_formed("drafts, one put away", &page);
    assert!(page.says("Nothing was deleted") && page.says("Nothing waits for you"));
    assert_eq!(page.attributes("details button", "value"), ["bring-back"]);
    amina.post(&away, &[("act", "bring-back")]).await;
    assert!(amina.get("/drafts").await.says("is not shared with your organisation any more"));
}
