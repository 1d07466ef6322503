//! The library as programs read it.

use crate::desk::Desk;
use crate::fake::Fake;
use axum::http::{Request, StatusCode, header};
use serde_json::Value as Json;

fn json(page: &crate::desk::Page) -> Json {
    serde_json::from_str(&page.text).expect("JSON")
}

#[tokio::test]
async fn a_list_pages_by_its_cursor_without_gap_or_repetition() {
    let mut desk = Desk::at(Fake::new());
    let mut path = "/api/v1/practices?limit=2".to_owned();
    let mut ids = Vec::new();
    loop {
        let page = desk.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        let list = json(&page);
        assert_eq!(list["total"], 6);
        let items = list["items"].as_array().expect("items");
        ids.extend(items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()));
        assert!(items.iter().all(|item| item["title"].is_string()));
        if list["next"].is_null() {
            break;
        }
        let link = page.headers["link"].to_str().expect("ASCII").to_owned();
        path = link.split(['<', '>']).nth(1).expect("an address").to_owned();
    }
    assert_eq!(ids.len(), 6);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    let list = json(&desk.get("/api/v1/practices?country=NE&objective=4").await);
    assert_eq!(list["total"], 1);
}

#[tokio::test]
async fn a_practice_has_the_shape_of_the_command_line() {
    let mut desk = Desk::at(Fake::new());
    let page = desk.get("/api/v1/practices/tern1p14hq7").await;
    let practice = json(&page);
    for key in [
        "id",
        "title",
        "edition",
        "heads",
        "content_hash",
        "origin",
        "fields",
        "signers",
        "verdict",
        "seals",
        "withdrawn",
        "attachments",
        "stale_since",
    ] {
        assert!(practice.get(key).is_some(), "{key}");
    }
    assert_eq!(practice["edition"], 3);
    assert_eq!(practice["verdict"], "accepted");
    assert_eq!(practice["signers"][0]["person"], "Sunita Maharjan");
    assert_eq!(practice["signers"][1]["person"], Json::Null);
    assert_eq!(practice["fields"]["donors"][0]["amount"], 182_000);
    assert_eq!(practice["fields"]["basis"], "own");
    let tag = page.headers["etag"].to_str().expect("ASCII").to_owned();
    let again = Request::get("/api/v1/practices/tern1p14hq7").header(header::IF_NONE_MATCH, tag);
    assert_eq!(desk.send(again, String::new()).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(practice["seals"], serde_json::json!([]));
    let page = desk.get("/api/v1/practices/tern1p34hq7").await;
    let sealed = json(&page);
    assert_eq!(sealed["seals"][0]["edition_id"], sealed["edition_id"], "bound to this edition");
    assert_eq!(sealed["seals"][0]["reviews"], 4);
    let tag = page.headers["etag"].to_str().expect("ASCII");
    assert!(tag.contains("tern1rseal"), "a seal that comes later is another answer: {tag}");
}

#[tokio::test]
async fn a_refusal_is_a_problem_document_with_field_and_limit() {
    let mut desk = Desk::at(Fake::new());
    for (path, status, code) in [
        ("/api/v1/practices/tern1nothere", 404, "not-found"),
        ("/api/v1/nothing", 404, "not-found"),
        ("/api/v1/practices?limit=5000", 422, "invalid"),
        ("/api/v1/practices?colour=red", 400, "bad-request"),
    ] {
        let page = desk.get(path).await;
        assert_eq!(page.status.as_u16(), status, "{path}");
        assert_eq!(page.headers["content-type"], "application/problem+json", "{path}");
        let problem = json(&page);
        assert_eq!(problem["status"], status, "{path}");
        assert_eq!(problem["code"], code, "{path}");
    }
    let problem = json(&desk.get("/api/v1/practices?limit=0").await);
    assert_eq!(problem["errors"][0]["field"], "limit");
    assert_eq!(problem["errors"][0]["limit"], "200");
}

#[tokio::test]
async fn partners_are_told_to_members_only() {
    let mut desk = Desk::at(Fake::new());
    let status = json(&desk.get("/api/v1/status").await);
    assert_eq!(status["public_count"], 1_284);
    assert!(status.get("peers").is_none() && status.get("disk_bytes").is_none());
    let mut desk = desk.signed_in("gita").await;
    let status = json(&desk.get("/api/v1/status").await);
    assert_eq!(status["peers"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_watcher_learns_whether_the_node_can_serve() {
    let mut desk = Desk::at(Fake::new());
    assert_eq!(desk.get("/healthz").await.text, "ok\n");
    let page = desk.get("/readyz").await;
    assert_eq!((page.status, &json(&page)["status"]), (StatusCode::OK, &"ready".into()));
    let mut fresh = Desk::at(Fake::fresh());
    assert_eq!(fresh.get("/healthz").await.status, StatusCode::OK);
    let page = fresh.get("/readyz").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let told = json(&page);
    assert_eq!(told["status"], "not ready");
    assert_eq!(told["checks"][0]["hint"], "This node is not set up.");
    let page = fresh.get("/api/v1/status").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "programs are not sent to a form");
    assert_eq!(json(&page)["code"], "unavailable");
}

#[tokio::test]
async fn practices_are_taken_away_as_downloads_in_every_format() {
    let mut desk = Desk::at(Fake::new());
    for format in tern_web_ui::service::EXPORT_FORMATS {
        let path = format!("/api/v1/practices/tern1p14hq7/export?format={format}");
        let page = desk.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let told = |name: &str| page.headers[name].to_str().expect("ASCII").to_owned();
        assert!(told("content-disposition").starts_with("attachment; filename*=UTF-8''"));
        assert!(told("content-security-policy").contains("sandbox"), "{path}");
        assert!(page.text.ends_with("latest"));
    }
    let page = desk.get("/api/v1/practices/tern1p14hq7/export?format=pdf").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(json(&page)["errors"][0]["field"], "format");
    let page = desk.get("/api/v1/practices/tern1p14hq7/export").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "a format is asked for");
    let form = desk.get("/api/v1/practices/template?in=fr").await;
    assert_eq!((form.status, form.text.as_str()), (StatusCode::OK, "fr"));
    let page = desk.get("/api/v1/practices/export?format=ris&q=births&country=NE").await;
    assert_eq!(page.text, "births Some(\"NE\")", "a list is what its filters say");
}

#[tokio::test]
async fn a_page_offers_what_is_on_it_in_every_format() {
    let mut desk = Desk::at(Fake::new());
    let latest = desk.get("/practices/tern1p14hq7").await;
    let links = latest.attributes("a", "href");
    let taken: Vec<_> = links.iter().filter(|link| link.contains("/export?format=")).collect();
    assert_eq!(taken.len(), tern_web_ui::service::EXPORT_FORMATS.len());
    assert!(taken.iter().all(|link| !link.contains("edition=")), "{taken:?}");
    for link in taken {
        assert_eq!(desk.get(link).await.status, StatusCode::OK, "{link}");
    }
    let first = desk.get("/practices/tern1p14hq7/editions/1").await;
    let links = first.attributes("a", "href");
    let of_this = links.iter().find(|link| link.contains("/export?format=docx")).expect("a link");
    assert!(of_this.contains("&edition=tern1e"), "{of_this}");
    let list = desk.get("/practices?country=NE").await;
    let links = list.attributes("a", "href");
    assert!(links.contains(&"/api/v1/practices/export?country=NE&format=xlsx".to_owned()));
    let none = desk.get("/practices?q=nothingatall").await;
    assert!(!none.attributes("a", "href").iter().any(|link| link.contains("/export?")));
}
