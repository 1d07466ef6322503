//! Clearance before publishing: asked for, returned, given, and asked for by rule.

use axum::http::StatusCode;

use crate::desk::Desk;
use crate::fake::{Fake, PASSPHRASE};
use crate::pages::well_formed;

async fn begun(desk: &mut Desk) -> String {
    let form = [("title", "Night <school>"), ("original_language", "en")];
    let edit = desk.post("/practices/new", &form).await.location().expect("the form");
    edit.split('/').nth(2).expect("an id").to_owned()
}

#[tokio::test]
async fn an_author_asks_and_cannot_publish_before_somebody_else_cleared_it() {
    let mut amina = Desk::at(Fake::clearing("either")).signed_in("amina").await;
    let draft = begun(&mut amina).await;
    let place = format!("/drafts/{draft}/clearance");
    let edit = amina.get(&format!("/drafts/{draft}/edit")).await;
    assert!(edit.attributes("a", "href").contains(&place), "the form leads there");
    let sign = amina.get(&format!("/drafts/{draft}/sign")).await;
    well_formed("sign without clearance", &sign);
    assert!(sign.says("nobody has cleared what the draft says now"));
    let page = amina.get(&place).await;
    well_formed("clearance", &page);
    assert!(page.says("Nobody has asked for clearance yet.") && page.says("Rosa <Example>"));
    assert!(!page.says("Approve"), "nothing is there to approve");

    let locked = [("act", "ask"), ("note", "For <Monday>")];
    let wrong = amina.post(&place, &locked).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.attributes(".errors a", "href"), ["#passphrase"]);
    assert!(wrong.says("For <Monday>"), "what was typed comes back");
    let asked = amina.post(&place, &[&locked[..], &[("passphrase", PASSPHRASE)]].concat()).await;
    assert_eq!(asked.location(), Some(place.clone()));
    let page = amina.get(&place).await;
    well_formed("clearance asked for", &page);
    assert!(page.says("For <Monday>") && page.says("nobody has taken it yet"));
    let sheet = amina.get(&format!("{place}/sheet")).await;
    well_formed("the sheet", &sheet);
    assert!(sheet.says("Signature") && sheet.says("91c27f3ae0445d18") && sheet.says(&draft));
    assert_eq!(amina.post(&place, &[("act", "fly")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_second_publisher_reads_what_was_asked_for_returns_it_and_approves_it() {
    let fake = std::sync::Arc::new(Fake::clearing("publisher"));
    let mut amina = Desk::at_shared(fake.clone()).signed_in("amina").await;
    let draft = begun(&mut amina).await;
    fake.asks_for_clearance(&draft);
    let place = format!("/drafts/{draft}/clearance");
    let list = amina.get("/clearance").await;
    well_formed("drafts that wait", &list);
    assert!(list.attributes("a", "href").contains(&place) && list.says("Rosa <Example>"));
    let page = amina.get(&place).await;
    well_formed("clearance to give", &page);
    assert!(page.says("Read the <numbers>, please.") && page.says("What was asked for"));
    assert!(page.says("Night <school>"), "what was asked for is read there");
    let key = ("passphrase", PASSPHRASE);
    let why = amina.post(&place, &[("act", "return"), ("reason", ""), key]).await;
    assert_eq!(why.attributes(".errors a", "href"), ["#reason"]);
    well_formed("a return without a reason", &why);
    amina.post(&place, &[("act", "return"), ("reason", "Which <year>?"), key]).await;
    let page = amina.get(&place).await;
    assert!(page.says("Returned, with a reason, by") && page.says("Which <year>?"));
    amina.post(&place, &[("act", "approve"), key]).await;
    let page = amina.get(&place).await;
    assert!(page.says("Cleared by"));
    let sign = amina.get(&format!("/drafts/{draft}/sign")).await;
    assert!(!sign.says("nobody has cleared"), "it stands in nobody's way any more");
}

#[tokio::test]
async fn the_rule_is_shown_to_all_and_changed_by_who_runs_the_node() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let page = amina.get("/network/clearance").await;
    well_formed("the rule", &page);
    assert!(page.says("Your organisation asks for no clearance"));
    let wrong = amina.post("/network/clearance", &[("need", "everybody")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    well_formed("no such rule", &wrong);
    assert_eq!(wrong.attributes(".errors a", "href"), ["#need"]);
    let set = amina.post("/network/clearance", &[("need", "publisher")]).await;
    assert_eq!(set.location(), Some("/network/clearance".to_owned()));
    let page = amina.get("/network/clearance").await;
    assert!(page.says("a second publisher approves a practice before it is published"));
}
