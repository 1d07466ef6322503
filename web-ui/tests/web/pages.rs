//! Every page, for every kind of reader: well formed, labelled, complete in
//! its sentences, within its budget, with links that lead somewhere.

use std::collections::BTreeSet;

use crate::desk::{Desk, Page};
use crate::fake::Fake;
use axum::http::StatusCode;
use scraper::Selector;

const HTML_BYTES_MAX: usize = 14 * 1024;
const CSS_BYTES_MAX: usize = 8 * 1024;

/// Pages that guests can read.
const PUBLIC: [&str; 22] = [
    "/collections",
    "/collections/tern1lcollection0000",
    "/resources",
    "/resources/tern1lresource000000",
    "/discussions",
    "/discussions/tern1tsample00000000",
    "/discussions/tern1p1",
    "/data-protection",
    "/",
    "/practices",
    "/practices?q=teams",
    "/practices?q=nothing%20fits&objective=3",
    "/practices?objective=15&country=NE&kind=service&language=fr",
    "/practices?q=a&topic=health&place=011&since=5",
    "/practices/tern1p1",
    "/practices/tern1p1?in=ne",
    "/practices/tern1p1/editions/1",
    "/practices/tern1p1/history",
    "/practices/tern1p1/compare?from=1&to=3",
    "/practices/tern1p1/provenance",
    "/help",
    "/sign-in",
];

/// Pages that ask for a session.
const MEMBERS: [&str; 23] = [
    "/collections/add?thing=tern1p1",
    "/resources/new",
    "/discussions/new",
    "/network/links",
    "/network/charter",
    "/network/approvals",
    "/drafts",
    "/practices/new",
    "/network",
    "/network/members",
    "/account",
    "/practices/tern1p5",
    "/experts",
    "/experts?q=vargas&objective=7&country=CR&language=es&support=question",
    "/experts?q=nobody",
    "/experts/tern1ca1",
    "/experts/card",
    "/requests",
    "/inbox",
    "/searches",
    "/searches?q=teams&country=NE",
    "/requests/new",
    "/requests/new?expert=tern1ca1&objective=21",
];

const ERRORS: [(&str, u16); 3] =
    [("/nowhere", 404), ("/practices/tern1nothere", 404), ("/sign-in/link/spent", 404)];

fn ids(path: &str) -> String {
    let known = [
        ("tern1p1", "tern1p14hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn1"),
        ("tern1p5", "tern1p54hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn5"),
    ];
    known.iter().fold(path.to_owned(), |path, (short, long)| path.replace(short, long))
}

/// What every page promises.
pub fn well_formed(path: &str, page: &Page) {
    let html = page.html();
    let all = |selector: &str| {
        let selector = Selector::parse(selector).expect("a selector");
        html.select(&selector).collect::<Vec<_>>()
    };
    assert_eq!(all("h1").len(), 1, "{path}: one h1");
    assert_eq!(all("html[lang][dir]").len(), 1, "{path}: language and direction");
    assert_eq!(all("a.skip[href='#main']").len(), 1, "{path}: skip link");
    assert!(!page.text.contains('\u{27E6}'), "{path}: a sentence is missing");
    assert!(!page.text.contains(" style="), "{path}: inline style");
    for script in all("script") {
        let of_ours = script.attr("src").is_some_and(|src| src.starts_with("/assets/"));
        assert!(of_ours && script.inner_html().is_empty(), "{path}: script");
    }
    assert!(!page.text.contains(" onclick"), "{path}: script");
    assert!(!page.texts("title")[0].starts_with('–'), "{path}: a title");

    let ids: Vec<_> = all("[id]").iter().filter_map(|e| e.attr("id")).collect();
    let unique: BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{path}: ids are unique: {ids:?}");
    for element in all("[aria-describedby], [aria-labelledby]") {
        for name in ["aria-describedby", "aria-labelledby"] {
            for id in element.attr(name).unwrap_or("").split_whitespace() {
                assert!(ids.contains(&id), "{path}: {name} of {id}");
            }
        }
    }
    let labelled: BTreeSet<_> = all("label[for]").iter().filter_map(|e| e.attr("for")).collect();
    for field in all("input:not([type=hidden]), select, textarea") {
        let inside = field
            .ancestors()
            .any(|node| node.value().as_element().is_some_and(|element| element.name() == "label"));
        let id = field.attr("id").unwrap_or("");
        assert!(inside || labelled.contains(id), "{path}: a label for {id}");
    }
    for button in all("button, a[href], summary") {
        let name: String = button.text().collect();
        assert!(!name.trim().is_empty(), "{path}: a name for {}", button.html());
    }
}

/// What a page may cost, in the language people read: pseudo-locales are
/// longer by design.
fn within_budget(path: &str, page: &Page) {
    let bytes = page.compressed();
    assert!(bytes <= HTML_BYTES_MAX, "{path}: {bytes} bytes, budget {HTML_BYTES_MAX}");
}

async fn check(desk: &mut Desk, path: &str) -> Page {
    let path = ids(path);
    let page = desk.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}");
    well_formed(&path, &page);
    if desk.lang == "en" && !path.ends_with("/edit") {
        within_budget(&path, &page);
    }
    page
}

#[tokio::test]
async fn every_public_page_is_whole_for_a_guest_in_every_language() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut desk = Desk::at(Fake::new());
        desk.lang = lang;
        for path in PUBLIC {
            let page = check(&mut desk, path).await;
            assert_eq!(page.attributes("html", "lang"), [lang], "{path}");
            let dir = if lang == "ar-XB" { "rtl" } else { "ltr" };
            assert_eq!(page.attributes("html", "dir"), [dir], "{path}");
        }
    }
}

#[tokio::test]
async fn every_page_is_whole_for_every_role() {
    for person in ["amina", "bikash", "gita", "rosa"] {
        for lang in ["en", "ar-XB"] {
            let mut desk = Desk::at(Fake::new()).signed_in(person).await;
            desk.lang = lang;
            for path in PUBLIC.iter().filter(|path| **path != "/sign-in").chain(&MEMBERS) {
                check(&mut desk, path).await;
            }
        }
    }
}

#[tokio::test]
async fn the_form_and_the_signing_page_are_whole() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut desk = Desk::at(Fake::new()).signed_in("amina").await;
        desk.lang = lang;
        let opened = desk.post(&ids("/practices/tern1p1/edit"), &[]).await;
        let edit = opened.location().expect("a draft");
        let page = check(&mut desk, &edit).await;
        assert!(page.texts("fieldset").len() > 10);
        check(&mut desk, &format!("{edit}?in=ar")).await;
        check(&mut desk, &edit.replace("/edit", "/sign")).await;
        check(&mut desk, "/drafts").await;
    }
}

#[tokio::test]
async fn a_lone_node_and_a_new_one_say_what_to_do_next() {
    let mut lone = Desk::at(Fake::empty());
    for path in ["/", "/practices", "/practices?q=x"] {
        check(&mut lone, path).await;
    }
    let home = lone.get("/").await;
    assert!(home.says("Write the first one"), "the first page says how to begin");
    let mut lone = lone.signed_in("amina").await;
    assert!(check(&mut lone, "/drafts").await.says("Nothing waits for you"));
    assert!(check(&mut lone, "/network").await.says("no partners yet"));

    let mut fresh = Desk::at(Fake::fresh());
    assert_eq!(fresh.get("/").await.location().as_deref(), Some("/setup"));
    for lang in ["en", "ar-XB"] {
        fresh.lang = lang;
        check(&mut fresh, "/setup?code=7KQ4").await;
    }
}

#[tokio::test]
async fn what_goes_wrong_is_a_page_with_a_way_forward() {
    let mut desk = Desk::at(Fake::new());
    for (path, status) in ERRORS {
        let page = desk.get(path).await;
        assert_eq!(page.status.as_u16(), status, "{path}");
        well_formed(path, &page);
        assert!(page.attributes("main a", "href").contains(&"/practices".to_owned()), "{path}");
    }
    let page = desk.send(axum::http::Request::put("/practices"), String::new()).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    well_formed("PUT", &page);
    let mut desk = desk.signed_in("gita").await;
    let page =
        desk.post("/practices/new", &[("title", "A title"), ("original_language", "en")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    well_formed("forbidden", &page);
    let page = desk.post("/practices/new", &[("title", &"x".repeat(2_000_000))]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    well_formed("too large", &page);
}

#[tokio::test]
async fn every_link_on_every_page_leads_to_a_page() {
    let mut desk = Desk::at(Fake::new()).signed_in("amina").await;
    desk.post(&ids("/practices/tern1p1/edit"), &[]).await;
    let mut waiting: Vec<String> = vec!["/".into()];
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        let (bare, _) = path.split_once('#').unwrap_or((&path, ""));
        if !seen.insert(bare.to_owned()) || seen.len() > 400 {
            continue;
        }
        let page = desk.follow(bare).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        if bare.starts_with("/api/") || bare.starts_with("/assets/") {
            continue;
        }
        let targets = page.attributes("[id]", "id");
        let links = page.attributes("a[href], link[href]", "href");
        for link in links.into_iter().filter(|link| !link.contains("lang=")) {
            match link.strip_prefix('#') {
                Some(id) => assert!(targets.iter().any(|known| known == id), "{bare}: #{id}"),
                None if link.starts_with('/') => waiting.push(link),
                None => {}
            }
        }
    }
    assert!(seen.len() > 40, "{} pages were walked", seen.len());
}

#[tokio::test]
async fn an_empty_form_is_within_the_budget_of_a_page() {
    let mut desk = Desk::at(Fake::new()).signed_in("amina").await;
    let form = [("title", "Night school"), ("original_language", "en")];
    let edit = desk.post("/practices/new", &form).await.location().expect("the form");
    within_budget(&edit, &desk.get(&edit).await);
}

#[tokio::test]
async fn the_style_sheet_is_small_and_kept_for_ever() {
    let mut desk = Desk::at(Fake::new());
    let home = desk.get("/").await;
    let css = home.attributes("link[rel=stylesheet]", "href");
    let page = desk.get(&css[0]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.headers["cache-control"].to_str().expect("ASCII").contains("immutable"));
    assert_eq!(page.headers["content-type"], "text/css; charset=utf-8");
    assert!(page.compressed() <= CSS_BYTES_MAX, "{} bytes", page.compressed());
    let old = desk.get("/assets/00000000/hub.css").await;
    assert_eq!(old.status, StatusCode::NOT_FOUND);
}
