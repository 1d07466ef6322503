//! What links cost: told on every page to those who are signed in, and said by
//! whoever operates the node.

use crate::desk::Desk;
use crate::fake::{CODE, Fake, PASSWORD};
use crate::pages::well_formed;
use axum::http::StatusCode;

#[tokio::test]
async fn every_page_tells_members_what_this_month_came_to_and_guests_nothing() {
    let mut guest = Desk::at(Fake::new());
    assert!(!guest.get("/").await.says("This month"));
    let mut amina = guest.signed_in("amina").await;
    for path in ["/", "/practices", "/requests", "/account", "/network"] {
        let page = amina.get(path).await;
        assert!(page.says("This month: 13 MB of 50 MB") && page.says("About 105 USD"), "{path}");
        assert!(!page.says("used up"), "{path}");
    }
    let mut amina = Desk::at(Fake::used_up()).signed_in("amina").await;
    for lang in ["en", "en-XA", "ar-XB"] {
        amina.lang = lang;
        let page = amina.get("/practices").await;
        well_formed("/practices", &page);
        assert!(page.attributes("main .note a", "href").contains(&"/network/links".to_owned()));
    }
    amina.lang = "en";
    let told = "requests and answers still move, everything else waits until";
    assert!(amina.get("/").await.says(told));
    assert!(!Desk::at(Fake::used_up()).get("/").await.says(told));
}

#[tokio::test]
async fn the_page_tells_where_the_bytes_went_and_what_waits() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut gita = Desk::at(Fake::new()).signed_in("gita").await;
        gita.lang = lang;
        well_formed("/network/links", &gita.get("/network/links").await);
    }
    let mut gita = Desk::at(Fake::new()).signed_in("gita").await;
    let page = gita.get("/network/links").await;
    for told in ["1 request or answer", "3 practices and records", "About 14 KB", "12 MB", "9 KB"] {
        assert!(page.says(told), "{told}");
    }
    assert_eq!(
        page.attributes("main form", "action"),
        ["/network/contact"],
        "she operates nothing"
    );
    assert!(page.says("Whoever operates this node can say"));
    let refused = gita.post("/network/links", &[("link_class", "metered")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = gita.post("/network/contact", &[]).await;
    assert_eq!(page.location().as_deref(), Some("/network/links"));
    assert!(gita.get("/network/links").await.says("Contact is being made"));
}

#[tokio::test]
async fn an_operator_says_what_links_cost_and_nothing_typed_is_lost() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let page = amina.get("/network/links").await;
    assert_eq!(page.attributes("#link_price", "value"), ["8.50"], "as it was said before");
    assert_eq!(page.attributes("input[name=link_class][checked]", "value"), ["satellite"]);
    let class = ("link_class", "metered");
    for (typed, wrong) in [
        (vec![("link_price", "9")], "#link_class"),
        (vec![class, ("link_price", "9")], "#link_currency"),
    ] {
        let page = amina.post("/network/links", &typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        well_formed("links, refused", &page);
        assert_eq!(page.attributes(".errors a", "href"), [wrong]);
        assert_eq!(page.attributes("#link_price", "value"), ["9"]);
    }
    let page = amina.post("/network/links", &[("link_class", "broadband")]).await;
    assert_eq!(page.location().as_deref(), Some("/network/links"));
    let page = amina.get("/network/links").await;
    assert!(page.says("Noted.") && page.says("Links cost nothing: they stay open."));
    assert!(!page.attributes("main form", "action").contains(&"/network/contact".to_owned()));
}

#[tokio::test]
async fn set_up_asks_for_it_and_takes_no_answer_too() {
    let form = [
        ("code", CODE),
        ("organisation", "Example Labour Institute"),
        ("person", "Amina Saleh"),
        ("account", "amina"),
        ("password", PASSWORD),
        ("start", "found"),
    ];
    let mut fresh = Desk::at(Fake::fresh());
    assert!(fresh.get("/setup").await.says("You can leave this out"));
    let half = [&form[..], &[("link_price", "8.50"), ("link_currency", "USD")]].concat();
    let page = fresh.post("/setup", &half).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    well_formed("set-up, refused", &page);
    assert_eq!(page.attributes(".errors a", "href"), ["#link_class"]);
    assert_eq!(page.attributes("#link_price", "value"), ["8.50"]);
    let whole = [&half[..], &[("link_class", "satellite")]].concat();
    assert_eq!(fresh.post("/setup", &whole).await.status, StatusCode::SEE_OTHER);
    let mut fresh = Desk::at(Fake::fresh());
    assert_eq!(fresh.post("/setup", &form).await.status, StatusCode::SEE_OTHER);
}
