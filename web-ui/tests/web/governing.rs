//! A federation that governs itself: what a steward reads, decides and signs.

use crate::desk::{Desk, Page};
use crate::fake::{
    AMENDMENT, AMINA, AUTHORITY, BIKASH, CENTRE, INSTITUTE, NEWCOMER, REGISTRY, RIVAL,
};
use crate::fake::{Fake, PASSPHRASE};
use crate::pages::well_formed;
use axum::http::StatusCode;

async fn at(person: &str) -> Desk {
    Desk::at(Fake::new()).signed_in(person).await
}

fn links(page: &Page) -> Vec<String> {
    page.attributes("a", "href")
}

#[tokio::test]
async fn the_pages_of_governing_are_whole_in_every_language() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut amina = at("amina").await;
        amina.lang = lang;
        for path in [
            "/network/charter".to_owned(),
            "/network/charter/propose".to_owned(),
            "/network/approvals".to_owned(),
            format!("/network/approvals/{AMENDMENT}"),
            format!("/network/approvals/{RIVAL}"),
            format!("/network/approvals/{NEWCOMER}"),
            "/network/members".to_owned(),
            format!("/network/members/{INSTITUTE}"),
            format!("/network/members/{AUTHORITY}"),
            format!("/network/members/{REGISTRY}/suspend"),
            format!("/network/members/{REGISTRY}/remove"),
            format!("/network/members/{AUTHORITY}/lift"),
            format!("/network/members/{CENTRE}/admit"),
            format!("/network/members/{INSTITUTE}/leave"),
            format!("/network/certificates/{INSTITUTE}/{BIKASH}/revoke"),
            "/data-protection".to_owned(),
        ] {
            let page = amina.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            well_formed(&path, &page);
        }
        let mut guest = Desk::at(Fake::new());
        guest.lang = lang;
        well_formed("/data-protection", &guest.get("/data-protection").await);
    }
}

#[tokio::test]
async fn what_waits_is_counted_for_stewards_and_decided_by_nobody_else() {
    let mut amina = at("amina").await;
    let home = amina.get("/").await;
    assert!(home.texts("nav .count").concat().contains('3'), "{:?}", home.texts("nav .count"));
    let mut bikash = at("bikash").await;
    let home = bikash.get("/").await;
    assert!(!links(&home).contains(&"/network/approvals".to_owned()));
    let page = bikash.get("/network/approvals").await;
    assert_eq!(page.status, StatusCode::OK, "members may read what waits");
    assert!(page.texts("main .btn.main").is_empty());
    let path = format!("/network/approvals/{AMENDMENT}");
    assert!(bikash.get(&path).await.says("does not speak for a steward"));
    let form = [("passphrase", PASSPHRASE)];
    assert_eq!(bikash.post(&path, &form).await.status, StatusCode::FORBIDDEN);
    let act = format!("/network/members/{REGISTRY}/suspend");
    assert_eq!(bikash.get(&act).await.status, StatusCode::FORBIDDEN);
    let reason = [("reason", "x"), ("passphrase", PASSPHRASE)];
    assert_eq!(bikash.post(&act, &reason).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bikash.get("/network/charter/propose").await.status, StatusCode::FORBIDDEN);
    let revoke = format!("/network/certificates/{INSTITUTE}/{AMINA}/revoke");
    assert_eq!(bikash.get(&revoke).await.status, StatusCode::FORBIDDEN);
    let left = [("reason", "left"), ("passphrase", PASSPHRASE)];
    assert_eq!(bikash.post(&revoke, &left).await.status, StatusCode::FORBIDDEN);
    let mut guest = Desk::at(Fake::new());
    for path in ["/network/charter", "/network/approvals", &path] {
        assert!(guest.get(path).await.location().is_some_and(|to| to.starts_with("/sign-in")));
    }
}

#[tokio::test]
async fn a_newcomer_is_approved_once_the_fingerprint_was_compared_and_the_key_opens() {
    let mut amina = at("amina").await;
    let path = format!("/network/approvals/{NEWCOMER}");
    let page = amina.get(&path).await;
    assert!(page.says("Careful:") && page.says("Example Labour Institute"), "a look-alike");
    assert!(page.says("It was a member before"), "one that comes back is told apart");
    assert!(page.says("4hq7 9dvt 2mxa kp3e") && page.says("0fzn 9dvt 2mxa kp3e"), "both sides");
    let page = amina.post(&path, &[("passphrase", PASSPHRASE)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    well_formed(&path, &page);
    assert_eq!(page.attributes(".errors a", "href"), ["#compared"]);
    let page = amina.post(&path, &[("compared", "yes"), ("passphrase", "wrong")]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#passphrase"]);
    let page = amina.post(&path, &[("compared", "yes"), ("passphrase", PASSPHRASE)]).await;
    assert_eq!(page.location().as_deref(), Some("/network/approvals"));
    let page = amina.get("/network/approvals").await;
    assert!(page.says("Approved.") && !page.says("Ministry of Labour of Example"));
    assert_eq!(amina.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_charter_is_read_with_its_history_and_what_would_change_before_it_is_signed() {
    let mut amina = at("amina").await;
    let page = amina.get("/network/charter").await;
    assert!(page.says("2 of 3 stewards decide") && page.says("How practices are reviewed"));
    assert!(page.says("Civil Registry Service becomes a steward"), "what changed is told");
    assert!(page.says("can replace the stewards (before, nobody could)"), "one recalls nobody");
    assert!(!page.text.contains("<b>Not</b>"), "a policy is text, not markup");
    let path = "/network/charter/propose";
    let stewards = [("steward", INSTITUTE), ("steward", REGISTRY), ("steward", AUTHORITY)];
    let page = amina.post(path, &[&stewards[..2], &[("step", "check")]].concat()).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    well_formed(path, &page);
    assert_eq!(page.attributes(".errors a", "href"), ["#steward"]);
    assert_eq!(page.attributes("input[name=steward][checked]", "value").len(), 2, "as typed");
    let seals = [("name", "Knowledge Exchange"), ("code.0", "seals"), ("text.0", "The board.")];
    let form = [&stewards[..], &seals[..], &[("step", "check")]].concat();
    let page = amina.post(path, &form).await;
    assert_eq!(page.status, StatusCode::OK);
    well_formed(path, &page);
    assert!(page.says("New: Who may seal a practice") && page.says("The board."));
    let mut kept = page.form(path);
    let send = |kept: &[(String, String)], more: &[(&str, &str)]| {
        let pairs: Vec<(String, String)> = kept
            .iter()
            .cloned()
            .chain(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
            .filter(|(name, value)| name != "passphrase" || !value.is_empty())
            .collect();
        pairs
    };
    kept.retain(|(name, _)| name != "step");
    for (more, status) in [
        (vec![("step", "sign"), ("passphrase", "wrong")], StatusCode::UNPROCESSABLE_ENTITY),
        (vec![("step", "form")], StatusCode::OK),
        (vec![("step", "sign"), ("passphrase", PASSPHRASE)], StatusCode::SEE_OTHER),
    ] {
        let pairs = send(&kept, &more);
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let page = amina.post(path, &pairs).await;
        assert_eq!(page.status, status, "{more:?}");
    }
    let page = amina.get("/network/charter").await;
    assert!(page.says("The charter is in force.") && page.says("The board."));
}

#[tokio::test]
async fn a_member_is_halted_with_a_reason_and_let_in_again() {
    let mut amina = at("amina").await;
    let path = format!("/network/members/{REGISTRY}/suspend");
    assert!(amina.get(&path).await.says("keeps its say until a charter names others"));
    let page = amina.post(&path, &[("passphrase", PASSPHRASE)]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#reason"]);
    let form = [("reason", "Silent for months."), ("passphrase", PASSPHRASE)];
    let page = amina.post(&path, &form).await;
    assert_eq!(page.location(), Some(format!("/network/members/{REGISTRY}")));
    assert!(amina.get(&format!("/network/members/{REGISTRY}")).await.says("Suspended"));
    let lift = format!("/network/members/{REGISTRY}/lift");
    let page = amina.post(&lift, &[("passphrase", PASSPHRASE)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert!(amina.get("/network/members").await.says("Member"));
    let page = amina.get(&format!("/network/members/{REGISTRY}/frobnicate")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let page = amina.get(&format!("/network/members/{AUTHORITY}")).await;
    assert!(page.says("Nobody answers its <telephone>."), "the reason, as text");
}

#[tokio::test]
async fn a_certificate_is_revoked_with_a_reason_and_the_last_operators_with_a_warning() {
    let mut amina = at("amina").await;
    let org = format!("/network/members/{INSTITUTE}");
    let page = amina.get(&org).await;
    assert!(page.says("entry 4") && page.says("Contributor"), "an order, not a clock");
    let path = format!("/network/certificates/{INSTITUTE}/{BIKASH}/revoke");
    let page = amina.get(&format!("/network/members/{INSTITUTE}")).await;
    assert!(page.says("Ends with beacon 31, about 14 weeks from now") && page.says("stays valid"));
    assert!(!page.says("No beacon has been made yet"));
    assert!(page.says("Only for the draft tern1d<valley>") && page.says("40 things"));
    let page = amina.post(&path, &[("passphrase", PASSPHRASE)]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#reason"]);
    let page = amina.post(&path, &[("reason", "left"), ("passphrase", PASSPHRASE)]).await;
    assert_eq!(page.location().as_deref(), Some(org.as_str()));
    let page = amina.get(&org).await;
    assert!(page.says("Revoked") && page.says("The person left"), "ended by what");
    assert!(!links(&page).contains(&path), "once is enough");
    let own = format!("/network/certificates/{INSTITUTE}/{AMINA}/revoke");
    let page = amina.get(&own).await;
    assert!(page.says("your own certificate") && page.says("Nobody else operates a node"));
}

#[tokio::test]
async fn whoever_asks_what_becomes_of_their_data_is_told_without_signing_in() {
    let mut guest = Desk::at(Fake::new());
    let page = guest.get("/data-protection").await;
    assert!(page.says("no central controller") && page.says("answers within a month"));
    assert!(page.says("What cannot be erased, and why"));
    assert!(links(&guest.get("/").await).contains(&"/data-protection".to_owned()), "on every page");
    assert!(links(&page).contains(&"/experts/card".to_owned()), "what can be taken back");
}
