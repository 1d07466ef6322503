//! How a person is told of what waits: on the first page, by mail, by a feed.

use axum::http::{Request, StatusCode};
use roxmltree::Document;

use crate::desk::Desk;
use crate::fake::Fake;
use crate::fake::notices::{MAILED, SECRET};
use crate::pages::well_formed;

#[tokio::test]
async fn the_first_page_says_what_waits_by_kind_and_a_guest_is_told_nothing() {
    let mut guest = Desk::at(Fake::new());
    assert!(guest.get("/").await.texts("#waits").is_empty());
    let mut gita = guest.signed_in("gita").await;
    let page = gita.get("/").await;
    well_formed("/", &page);
    let leads = page.attributes("section[aria-labelledby=waits] a", "href");
    assert!(leads.contains(&"/reviews".to_owned()), "{leads:?}");
    assert!(page.says("One review waits for you."));
    assert!(!page.text.contains("later"), "a kind without a word is not told");
    assert_eq!(page.attributes("main [data-live]", "data-live"), ["tasks requests"]);
}

#[tokio::test]
async fn an_address_is_entered_confirmed_and_forgotten() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
        amina.lang = lang;
        well_formed("/account/notices", &amina.get("/account/notices").await);
    }
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let path = "/account/notices";
    assert!(
        amina.get("/account").await.attributes("main a", "href").contains(&path.to_owned()),
        "the account leads there"
    );
    assert!(amina.get(path).await.says("no mail goes to you"));
    let wrong = [("do", "mail"), ("address", "amina@example.org\nBcc: all"), ("often", "day")];
    let page = amina.post(path, &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#address"]);
    assert_eq!(page.attributes("input[name=often][checked]", "value"), ["day"], "as it was chosen");
    let right = [("do", "mail"), ("address", "amina@example.org"), ("often", "day")];
    assert_eq!(amina.post(path, &right).await.location().as_deref(), Some(path));
    let page = amina.get(path).await;
    well_formed(path, &page);
    assert!(page.says("A code was mailed to amina@example.org"));
    let page = amina.post(path, &[("do", "confirm"), ("code", "1")]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#code"]);
    assert_eq!(
        amina.post(path, &[("do", "confirm"), ("code", MAILED)]).await.location().as_deref(),
        Some(path)
    );
    let page = amina.get(path).await;
    assert!(page.says("Mail goes to amina@example.org") && page.says("Your address is confirmed"));
    amina.post(path, &[("do", "forget")]).await;
    assert!(!amina.get(path).await.text.contains("amina@example.org"));
    let mut guest = amina.beside();
    assert!(guest.get(path).await.location().is_some_and(|to| to.starts_with("/sign-in")));
}

#[tokio::test]
async fn mail_is_stopped_without_signing_in_and_never_by_looking() {
    let mut gita = Desk::at(Fake::new()).signed_in("gita").await;
    let mail = [("do", "mail"), ("address", ""), ("often", "hour")];
    gita.post("/account/notices", &mail).await;
    let often = |page: &crate::desk::Page| page.attributes("input[name=often][checked]", "value");
    let mut guest = gita.beside();
    let path = format!("/notices/stop/{SECRET}");
    let page = guest.get(&path).await;
    well_formed(&path, &page);
    assert_eq!(page.attributes("main form", "action"), [path.as_str()]);
    // A mail program says neither where it comes from nor who it is for.
    let click = Request::post(&path).header("content-type", "application/x-www-form-urlencoded");
    let page = guest.send(click, "List-Unsubscribe=One-Click".to_owned()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("No more mail goes to you"));
    assert_eq!(guest.get("/notices/stop/00").await.status, StatusCode::NOT_FOUND);
    assert_eq!(often(&gita.get("/account/notices").await), ["hour"], "offered anew");
}

#[tokio::test]
async fn a_feed_says_the_kinds_and_its_address_is_shown_once() {
    let mut gita = Desk::at(Fake::new()).signed_in("gita").await;
    let mut guest = gita.beside();
    let path = format!("/waiting/{SECRET}/feed.atom");
    assert_eq!(guest.get(&path).await.status, StatusCode::NOT_FOUND);
    let page = gita.post("/account/notices", &[("do", "feed")]).await;
    well_formed("a new feed", &page);
    assert!(page.texts("#feed-address")[0].trim().ends_with(&path));
    assert!(!gita.get("/account/notices").await.text.contains(SECRET), "once");
    let feed = guest.get(&path).await;
    assert_eq!(feed.headers["content-type"], "application/atom+xml; charset=utf-8");
    assert_eq!(feed.headers["cache-control"], "no-store");
    let read = Document::parse(&feed.text).unwrap_or_else(|why| panic!("{why}\n{}", feed.text));
    let atom = |name| ("http://www.w3.org/2005/Atom", name);
    let entries: Vec<_> =
        read.descendants().filter(|node| node.has_tag_name(atom("entry"))).collect();
    let child = |entry: &roxmltree::Node<'_, '_>, name| {
        let found = entry.children().find(|node| node.has_tag_name(atom(name)));
        found.and_then(|node| node.text()).map(str::to_owned)
    };
    let titles: Vec<_> = entries.iter().filter_map(|entry| child(entry, "title")).collect();
    assert_eq!(titles, ["A request waits for your decision", "A review waits for you"]);
    assert!(entries.iter().all(|entry| child(entry, "id").is_some_and(|id| id.len() > 16)));
    assert!(feed.text.contains("/inbox\""), "{}", feed.text);
    gita.post("/account/notices", &[("do", "no-feed")]).await;
    assert_eq!(guest.get(&path).await.status, StatusCode::NOT_FOUND);
}
