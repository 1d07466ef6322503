//! What catalogues, readers of news and search engines follow; read by a
//! parser of XML that is not ours.

use axum::http::StatusCode;
use roxmltree::Document;

use crate::desk::Desk;
use crate::fake::reviews::SEALED;
use crate::fake::{ERASED, Fake};

const OAI: &str = "http://www.openarchives.org/OAI/2.0/";

fn code(text: &str) -> String {
    let read = Document::parse(text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let error = read.descendants().find(|node| node.has_tag_name((OAI, "error")));
    error.and_then(|error| error.attribute("code")).unwrap_or("none").to_owned()
}

fn texts(text: &str, name: &str) -> Vec<String> {
    let read = Document::parse(text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let named = read.descendants().filter(|node| node.tag_name().name() == name);
    named.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_catalogue_turns_all_pages_and_learns_what_is_gone() {
    let mut desk = Desk::at(Fake::new());
    let mut path = "/oai?verb=ListRecords&metadataPrefix=oai_dc".to_owned();
    let (mut ids, mut gone) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let page = desk.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.headers["content-type"], "text/xml; charset=utf-8");
        assert_eq!(code(&page.text), "none");
        let read = Document::parse(&page.text).expect("XML");
        for header in read.descendants().filter(|node| node.has_tag_name((OAI, "header"))) {
            let id = header.children().find(|node| node.has_tag_name((OAI, "identifier")));
            let id = id.and_then(|id| id.text()).expect("an identifier").to_owned();
            if header.attribute("status") == Some("deleted") {
                gone.push(id.clone());
                assert!(header.next_sibling().is_none(), "nothing is told of {id}");
            }
            ids.push(id);
        }
        match texts(&page.text, "resumptionToken").as_slice() {
            [token] if !token.is_empty() => {
                path = format!("/oai?verb=ListRecords&resumptionToken={token}")
            }
            [_] => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(ids.len() > 4, "several pages: {ids:?}");
    assert!(ids.is_sorted(), "and none twice");
    assert!(gone.contains(&format!("urn:tern:{ERASED}")));
}

#[tokio::test]
async fn a_record_says_in_dublin_core_what_its_page_says() {
    let mut desk = Desk::at(Fake::new());
    let list = desk.get("/api/v1/practices?limit=1").await;
    let list: serde_json::Value = serde_json::from_str(&list.text).expect("JSON");
    let id = list["items"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:tern:{id}");
    let page = desk.get(&path).await;
    assert_eq!(code(&page.text), "none");
    let titles = texts(&page.text, "title");
    assert!(titles.contains(&list["items"][0]["title"].as_str().expect("text").to_owned()));
    assert!(titles.len() > 1 && page.text.contains("xml:lang=\"ne\""), "in each language");
    let identifiers = texts(&page.text, "identifier");
    assert!(identifiers.iter().any(|text| text.ends_with(&format!("/practices/{id}"))));
    assert!(identifiers.iter().any(|text| text.starts_with("blake3:")));
    let described = texts(&page.text, "description");
    let stands =
        described.iter().any(|text| text == "Not reviewed" || text.starts_with("Listed by "));
    assert!(stands, "{described:?}");
    let sealed = format!("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:tern:{SEALED}");
    let page = desk.get(&sealed).await;
    assert_eq!(code(&page.text), "none");
    let described = texts(&page.text, "description");
    let by = |text: &String| text.starts_with("Office of <Crossings> sealed edition ");
    assert!(described.iter().any(by), "{described:?}");
    let erased = format!("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:tern:{ERASED}");
    assert!(desk.get(&erased).await.text.contains("status=\"deleted\""));
}

#[tokio::test]
async fn every_wrong_question_is_refused_by_its_code() {
    let mut desk = Desk::at(Fake::new());
    let long = "x".repeat(301);
    for (query, expected) in [
        ("", "badVerb"),
        ("verb=Frobnicate", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&x=1", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-01", "badArgument"),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-03T00:00:00Z",
            "badArgument",
        ),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=objective:99", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=..4.x&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&resumptionToken=%3Cscript%3E", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=1", "badResumptionToken"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&identifier=urn:tern:x", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:tern:x", "idDoesNotExist"),
        (
            "verb=GetRecord&metadataPrefix=oai_dc&identifier=http://x/%22%3E%3Cscript%3E%01",
            "idDoesNotExist",
        ),
        ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
    ] {
        let page = desk.get(&format!("/oai?{query}")).await;
        assert_eq!(code(&page.text), expected, "{query}\n{}", page.text);
        assert!(!page.text.contains("<script"), "{query}");
    }
    let page = desk.get(&format!("/oai?verb=Identify&x={long}")).await;
    assert_eq!(code(&page.text), "badArgument");
    let many: String = (0..9_000).map(|name| format!("&{name}")).collect();
    let page = desk.get(&format!("/oai?verb=Identify{many}")).await;
    assert_eq!(code(&page.text), "badArgument");
    assert!(page.text.contains("no verb takes more than"), "{}", page.text);
    for (query, name, count) in [
        ("verb=Identify", "deletedRecord", 1),
        ("verb=ListMetadataFormats", "metadataPrefix", 1),
        ("verb=ListIdentifiers&metadataPrefix=oai_dc&from=2000-01-01", "datestamp", 2),
    ] {
        let page = desk.get(&format!("/oai?{query}")).await;
        assert_eq!(texts(&page.text, name).len(), count, "{query}\n{}", page.text);
    }
}

#[tokio::test]
async fn news_and_the_map_of_the_site_are_whole_and_lead_to_pages_that_are_there() {
    let mut desk = Desk::at(Fake::new());
    let feed = desk.get("/feed.atom?country=NE").await;
    assert_eq!(feed.headers["content-type"], "application/atom+xml; charset=utf-8");
    let ids = texts(&feed.text, "id");
    assert_eq!(ids.len(), 2, "the feed and what there is of Niger: {}", feed.text);
    assert!(ids[1].starts_with("urn:tern:tern1p"), "{ids:?}");
    let all = texts(&desk.get("/feed.atom").await.text, "entry").len();
    assert!(all > 1);
    // Another topic is another feed, with a name of its own.
    let feed = desk.get("/feed.atom?topic=labour&place=011&after=x").await;
    let own = &texts(&feed.text, "id")[0];
    assert!(own.ends_with("/feed.atom?topic=labour&place=011"), "{own}");
    let map = desk.get("/sitemap.xml").await;
    let places = texts(&map.text, "loc");
    assert!(places.len() >= 3 + all, "{places:?}");
    for place in places {
        let path = place
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
        let path = path.expect("a whole address");
        assert_eq!(desk.get(&path).await.status, StatusCode::OK, "{place}");
    }
    let page = desk.get("/practices?country=NE").await;
    let links = page.attributes("link[rel=alternate]", "href");
    assert_eq!(links, ["/feed.atom?country=NE"]);
}
