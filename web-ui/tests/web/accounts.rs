//! Accounts, as whoever runs the node meets them: a password is forgotten,
//! somebody leaves.

use crate::desk::Desk;
use crate::fake::{Fake, PASSWORD};
use crate::pages::well_formed;
use axum::http::StatusCode;

#[tokio::test]
async fn the_pages_of_accounts_are_whole_and_the_operators_alone() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
        amina.lang = lang;
        for path in ["/accounts", "/accounts/bikash/remove"] {
            let page = amina.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            well_formed(path, &page);
        }
        assert_eq!(amina.get("/accounts/nobody/remove").await.status, StatusCode::NOT_FOUND);
    }
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let names = amina.get("/accounts").await.attributes("tbody input[name=name]", "value");
    assert_eq!(names, ["bikash", "gita", "rosa"], "her own password she changes elsewhere");
    let page = amina.post("/accounts/reset", &[("name", "amina")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let mut bikash = Desk::at(Fake::new()).signed_in("bikash").await;
    assert_eq!(bikash.get("/accounts").await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        bikash.post("/accounts/reset", &[("name", "amina")]).await.status,
        StatusCode::FORBIDDEN
    );
    let links = |page: &crate::desk::Page| page.attributes("main a", "href");
    assert!(!links(&bikash.get("/account").await).contains(&"/accounts".to_owned()));
    let mut guest = bikash.beside();
    assert!(guest.get("/accounts").await.location().is_some_and(|to| to.starts_with("/sign-in")));
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_link_that_looking_does_not_spend() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let page = amina.post("/accounts/reset", &[("name", "gita")]).await;
    well_formed("reset", &page);
    assert!(page.says("gita has no password now"));
    let link = page.texts("#link")[0].trim().to_owned();
    let path = link.strip_prefix("http://127.0.0.1:8490").expect("the name by which she came");

    let mut gita = amina.beside();
    for _ in 0..2 {
        let page = gita.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        well_formed(path, &page);
        assert!(page.says("You sign in as gita"));
    }
    let page = gita.post(path, &[("password", "short")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#password"]);
    let page = gita.post(path, &[("password", PASSWORD)]).await;
    assert_eq!(page.location().as_deref(), Some("/"));
    assert!(gita.get("/account").await.says("You sign in as gita"), "and is signed in by it");
    let page = amina.beside().get(path).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.says("Ask whoever runs this node for a new one"));
}

#[tokio::test]
async fn somebody_who_left_is_removed_once_a_successor_is_named() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let page = amina.post("/accounts/bikash/remove", &[("to", "")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    well_formed("remove", &page);
    assert_eq!(page.attributes(".errors a", "href"), ["#to"]);
    let page = amina.post("/accounts/bikash/remove", &[("to", "gita"), ("passphrase", "?")]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#passphrase"], "the root key's");
    let typed = [("to", "gita"), ("passphrase", PASSWORD)];
    let page = amina.post("/accounts/bikash/remove", &typed).await;
    assert_eq!(page.status, StatusCode::OK);
    well_formed("removed", &page);
    assert!(page.says("2 drafts") && page.says("1 open request"), "what went over is told");
    assert!(page.says("The certificate is revoked") && page.says("5 pieces"), "what stands too");
    assert!(!page.texts("tbody").concat().contains("bikash"));
    let page = amina.post("/accounts/amina/remove", &[("to", "gita")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.says("last operator"));
}

#[tokio::test]
async fn where_the_root_key_is_on_a_stick_a_certificate_is_kept_or_the_command_is_told() {
    let mut amina = Desk::at(Fake::with_the_root_key_away()).signed_in("amina").await;
    let page = amina.get("/accounts/rosa/remove").await;
    well_formed("remove", &page);
    assert!(page.says("tern account remove rosa --key-file FILE"));
    assert!(page.attributes("#passphrase", "name").is_empty(), "no page can use a stick");
    let page = amina.post("/accounts/rosa/remove", &[("to", "gita")]).await;
    well_formed("remove", &page);
    assert_eq!(page.attributes(".errors a", "href"), ["#keep"]);
    let page = amina.post("/accounts/rosa/remove", &[("to", "gita"), ("keep", "yes")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("valid until it is revoked") && !page.says("is revoked. "), "and what stays");
}

#[tokio::test]
async fn the_recovery_sheet_is_shown_to_operators_who_ask_and_kept_by_no_browser() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
        amina.lang = lang;
        let page = amina.get("/network/sheet").await;
        well_formed("/network/sheet", &page);
        assert!(page.texts(".words").is_empty(), "no word before somebody asks");
        let page = amina.post("/network/sheet", &[("passphrase", "another")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.attributes(".errors a", "href"), ["#passphrase"]);
        let page = amina.post("/network/sheet", &[("passphrase", PASSWORD)]).await;
        well_formed("the sheet", &page);
        assert_eq!(page.texts(".words li").len(), 24);
        assert_eq!(page.headers["cache-control"], "no-store");
    }
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    amina.post("/network/sheet/kept", &[]).await;
    let shows = amina.post("/network/sheet", &[("passphrase", PASSWORD)]).await;
    assert_eq!(shows.status, StatusCode::OK, "nothing is forgotten by mistake");
    let done = amina.post("/network/sheet/kept", &[("sure", "yes")]).await;
    assert_eq!(done.location().as_deref(), Some("/network/sheet"));
    let page = amina.get("/network/sheet").await;
    assert!(page.says("The sheet is kept"));
    assert!(page.attributes("main form", "action").is_empty(), "there is nothing left to show");
    let mut bikash = Desk::at(Fake::new()).signed_in("bikash").await;
    for page in [bikash.get("/network/sheet").await, bikash.post("/network/sheet", &[]).await] {
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
}
