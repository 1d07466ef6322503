//! Searching, and searches that somebody keeps.

use crate::desk::Desk;
use crate::fake::Fake;
use crate::pages::well_formed;
use axum::http::StatusCode;

#[tokio::test]
async fn what_is_chosen_is_taken_away_one_by_one() {
    let mut desk = Desk::at(Fake::new());
    let page = desk.get("/practices?q=teams&country=NE&since=5").await;
    well_formed("/practices", &page);
    assert_eq!(
        page.attributes(".chosen a", "href"),
        [
            "/practices?country=NE&since=5",
            "/practices?q=teams&country=NE",
            "/practices?q=teams&since=5",
        ]
    );
}

#[tokio::test]
async fn words_that_were_found_are_marked_and_what_stands_around_them_is_only_text() {
    let mut desk = Desk::at(Fake::new());
    let page = desk.get("/practices?q=a").await;
    well_formed("/practices", &page);
    assert!(page.text.contains("<mark>a</mark>"), "{}", page.text);
    assert!(!page.text.contains("&lt;mark"), "marks are marks");
}

#[tokio::test]
async fn a_list_and_a_practice_offer_what_was_done_in_places_like_ours() {
    let mut desk = Desk::at(Fake::new());
    for path in ["/practices", "/practices/tern1p14hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn1"] {
        let page = desk.get(path).await;
        well_formed(path, &page);
        assert!(page.says("The same country:"), "{path}: it says why");
    }
    let page = desk.get("/practices?q=teams").await;
    assert!(!page.says("From places like yours"), "whoever types words is answered by them");
}

#[tokio::test]
async fn programs_are_told_how_what_was_found_divides_and_who_kept_what() {
    let mut desk = Desk::at(Fake::new());
    let json = |page: &crate::desk::Page| -> serde_json::Value {
        serde_json::from_str(&page.text).expect("JSON")
    };
    let list = json(&desk.get("/api/v1/practices?country=NE").await);
    assert_eq!(list["facets"]["countries"][0]["code"], "NE");
    assert_eq!((&list["similar"], &list["partly"]), (&false.into(), &false.into()));
    let alike = json(&desk.get("/api/v1/practices/tern1p14hq7/alike").await);
    assert_eq!(alike["items"][0]["parts"][0]["part"], "country");
    assert_eq!(desk.get("/api/v1/searches").await.status, StatusCode::UNAUTHORIZED);
    let mut desk = Desk::at(Fake::new()).signed_in("bikash").await;
    desk.post("/searches", &[("name", "Niger"), ("q", "teams")]).await;
    let kept = json(&desk.get("/api/v1/searches").await);
    assert_eq!((&kept["items"][0]["name"], &kept["items"][0]["new"]), (&"Niger".into(), &1.into()));
}

#[tokio::test]
async fn a_search_is_saved_and_tells_what_is_new_until_it_was_looked_at() {
    let guest = Desk::at(Fake::new()).get("/searches").await;
    assert!(guest.location().is_some_and(|to| to.starts_with("/sign-in")), "guests keep nothing");
    let mut desk = Desk::at(Fake::new()).signed_in("bikash").await;
    let page = desk.get("/searches").await;
    well_formed("/searches", &page);
    assert!(page.says("You keep no search yet."));
    let page = desk.get("/searches?q=teams&country=NE").await;
    well_formed("/searches?q", &page);
    assert!(page.says("“teams”") && page.says("Country: Niger"));
    let page = desk.post("/searches", &[("name", " "), ("q", "teams")]).await;
    well_formed("/searches, refused", &page);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#name"]);
    let typed = [("name", "Niger"), ("q", "teams"), ("country", "NE")];
    let page = desk.post("/searches", &typed).await;
    assert_eq!(page.location().as_deref(), Some("/searches"));
    let page = desk.get("/searches").await;
    well_formed("/searches, with one", &page);
    assert!(page.says("Niger") && page.says("1 new"));
    let seen = page.attributes("main form", "action");
    assert_eq!(seen, ["/searches/0000000000000001/seen", "/searches/0000000000000001/remove"]);
    assert_eq!(desk.post(&seen[0], &[]).await.location().as_deref(), Some("/searches"));
    assert!(desk.get("/searches").await.says("Nothing new"));
    assert_eq!(desk.post(&seen[1], &[]).await.location().as_deref(), Some("/searches"));
    assert!(desk.get("/searches").await.says("You keep no search yet."));
}
