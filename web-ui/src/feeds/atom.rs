//! The latest editions as an Atom feed (RFC 4287), of the whole library or of
//! what the filters of the list leave.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::{document, guest, place, when, xml};
use crate::address::with_query;
use crate::failure::Failure;
use crate::markdown;
use crate::service::{self, Refusal, Seconds};
use crate::site::Shared;

/// Entries of a feed.
const ENTRIES: usize = 30;

/// What is followed, as in the address of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    objective: String,
    country: String,
    kind: String,
    language: String,
    topic: String,
    place: String,
    since: String,
}

struct Entry {
    id: String,
    link: String,
    title: String,
    lang: String,
    summary: String,
    updated: String,
    organisation: String,
    rights: String,
}

#[derive(Template)]
#[template(path = "feed.xml")]
struct Feed {
    /// Where the feed is, and the list that it follows.
    own: String,
    list: String,
    title: String,
    updated: String,
    entries: Vec<Entry>,
}

/// `GET /feed.atom`
pub(super) async fn feed(
    State(site): Shared,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let place = place(&site, &headers);
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let query = service::Query {
        text: asked.q.trim().chars().take(400).collect(),
        objective: some(&asked.objective),
        country: some(&asked.country),
        kind: some(&asked.kind),
        lang: some(&asked.language),
        topic: some(&asked.topic),
        place: some(&asked.place),
        since: asked.since.trim().parse().ok(),
        after: None,
        limit: ENTRIES,
    };
    let found = site.service.search(&guest(), &query).await?;
    let mut entries = Vec::new();
    let mut latest: Seconds = 0;
    for hit in found.hits {
        let practice = match site.service.practice(&guest(), &hit.id, None).await {
            Ok(practice) => practice,
            // Erased since it was found.
            Err(Refusal::NotFound) => continue,
            Err(other) => return Err(other.into()),
        };
        if !practice.fields.is_for_everybody() {
            continue;
        }
        latest = latest.max(practice.published);
        let summary = hit.summary.map(|summary| markdown::plain(&summary.text));
        entries.push(Entry {
            link: xml(&format!("{place}/practices/{}", practice.id)),
            title: xml(&hit.title.text),
            lang: xml(&hit.title.lang),
            summary: xml(&summary.unwrap_or_default()),
            updated: when::told(practice.published),
            organisation: xml(&practice.origin_name),
            rights: xml(practice.fields.licence.as_deref().unwrap_or_default()),
            id: xml(&format!("urn:tern:{}", practice.id)),
        });
    }
    let pairs = [
        ("q", some(&asked.q)),
        ("objective", query.objective),
        ("country", query.country),
        ("kind", query.kind),
        ("language", query.lang),
    ];
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| (*key, value.as_deref())).collect();
    let standing = site.service.standing().await?;
    let feed = Feed {
        own: format!("{place}{}", with_query("/feed.atom", &pairs)),
        list: format!("{place}{}", with_query("/practices", &pairs)),
        title: xml(&standing.federation),
        updated: when::told(latest),
        entries,
    };
    document(&feed, "application/atom+xml; charset=utf-8")
}
