//! The latest editions as an Atom feed (RFC 4287), of the whole library or of
//! what the filters of the list leave.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::{document, guest, place, when, xml};
use crate::failure::Failure;
use crate::markdown;
use crate::pages::listing::Asked;
use crate::service::{self, Refusal, Seconds};
use crate::site::Shared;

/// Entries of a feed.
const ENTRIES: usize = 30;

/// One thing that is told.
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) link: String,
    pub(super) title: String,
    pub(super) lang: String,
    pub(super) summary: String,
    pub(super) updated: String,
    /// Who tells it.
    pub(super) organisation: String,
    pub(super) rights: String,
}

#[derive(Template)]
#[template(path = "feed.xml")]
pub(super) struct Feed {
    /// Where the feed is, and the list that it follows.
    pub(super) own: String,
    pub(super) list: String,
    pub(super) title: String,
    pub(super) updated: String,
    pub(super) entries: Vec<Entry>,
}

/// `GET /feed.atom`
pub(super) async fn feed(
    State(site): Shared,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let place = place(&site, &headers);
    let query = service::Query { after: None, ..asked.query(ENTRIES) };
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
    let standing = site.service.standing().await?;
    let feed = Feed {
        own: format!("{place}{}", asked.feed()),
        list: format!("{place}{}", asked.with("after", None)),
        title: xml(&standing.federation),
        updated: when::told(latest),
        entries,
    };
    document(&feed, "application/atom+xml; charset=utf-8")
}
