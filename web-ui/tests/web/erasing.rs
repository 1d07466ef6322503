//! What is gone for ever: asked twice, with what it does and cannot do.

use crate::desk::Desk;
use crate::fake::{Fake, PASSPHRASE};
use crate::pages::well_formed;
use axum::http::StatusCode;

#[tokio::test]
async fn a_practice_is_erased_for_a_reason_and_after_it_was_asked_twice() {
    let practice = "/practices/tern1p74hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn7";
    let erase = format!("{practice}/erase");
    let mut bikash = Desk::at(Fake::new()).signed_in("bikash").await;
    let links = |page: &crate::desk::Page| page.attributes("main a", "href");
    assert!(!links(&bikash.get(practice).await).contains(&erase), "a contributor may not");
    for page in [bikash.get(&erase).await, bikash.post(&erase, &[("reason", "safety")]).await] {
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    let mut publisher = Desk::at(Fake::new()).signed_in("amina").await;
    assert!(links(&publisher.get(practice).await).contains(&erase));
    let page = publisher.get(&erase).await;
    well_formed(&erase, &page);
    assert!(page.says("backups and sticks made before"), "what it cannot do is told");
    let page = publisher.post(&erase, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#reason"]);
    let reason = ("reason", "personal-data");
    let page = publisher.post(&erase, &[reason]).await;
    well_formed("erase, again", &page);
    assert!(page.says("Erase it for ever?") && page.says("It tells of persons"));
    assert_eq!(publisher.get(practice).await.status, StatusCode::OK, "nothing is erased yet");
    let (again, sure) = (("again", "yes"), ("sure", "yes"));
    for (typed, wrong) in
        [(vec![reason, again], "#sure"), (vec![reason, again, sure], "#passphrase")]
    {
        let page = publisher.post(&erase, &typed).await;
        well_formed("erase, refused", &page);
        assert_eq!(page.attributes(".errors a", "href"), [wrong]);
    }
    let typed = [reason, again, sure, ("passphrase", PASSPHRASE)];
    let page = publisher.post(&erase, &typed).await;
    assert_eq!(page.location().as_deref(), Some("/practices"));
    assert!(publisher.get("/practices").await.says("Erased here."));
    assert_eq!(publisher.get(practice).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_name_is_taken_back_after_it_was_asked_twice_and_once() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let links = |page: &crate::desk::Page| page.attributes("main a", "href");
    assert!(links(&amina.get("/account").await).contains(&"/account/name".to_owned()));
    let page = amina.get("/account/name").await;
    well_formed("/account/name", &page);
    assert!(page.says("a person of Example Labour Institute"));
    let page = amina.post("/account/name", &[]).await;
    well_formed("name, again", &page);
    assert!(page.says("Take your name back for ever?"));
    let (again, sure) = (("again", "yes"), ("sure", "yes"));
    for (typed, wrong) in [(vec![again], "#sure"), (vec![again, sure], "#passphrase")] {
        let page = amina.post("/account/name", &typed).await;
        well_formed("name, refused", &page);
        assert_eq!(page.attributes(".errors a", "href"), [wrong]);
    }
    let page = amina.post("/account/name", &[again, sure, ("passphrase", PASSPHRASE)]).await;
    assert_eq!(page.location().as_deref(), Some("/account"));
    let page = amina.get("/account").await;
    assert!(page.says("Your name is taken back") && !page.says("Amina Saleh"));
    assert!(!links(&page).contains(&"/account/name".to_owned()));
    assert_eq!(amina.get("/account/name").await.status, StatusCode::CONFLICT);
}
