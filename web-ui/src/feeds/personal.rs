//! What waits for one person, as an Atom feed (RFC 4287) at an address that only
//! they know.
//!
//! An entry says of what kind a thing is, and leads to the page where things of that
//! kind wait; nothing else, so that who reads over somebody's shoulder, or gets hold
//! of the address, learns no more. No cache and no search engine keeps it.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

use super::atom::{Entry, Feed};
use super::{document, place, when, xml};
use crate::failure::Failure;
use crate::service::Seconds;
use crate::site::Shared;

/// Who says so, in every entry: a program.
const AUTHOR: &str = "Tern";

/// Where things of a kind wait.
pub(crate) fn page_of(kind: &str) -> &'static str {
    match kind {
        "asked" => "/inbox",
        "own" => "/requests",
        "review" => "/reviews",
        "clearance" => "/clearance",
        "approval" => "/network/approvals",
        "report" => "/discussions/reports",
        "practice" => "/#due",
        "card" => "/experts/card",
        _ => "/",
    }
}

/// `GET /waiting/{token}/feed.atom`
pub(super) async fn feed(
    State(site): Shared,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let found = site.service.personal_feed(&token).await?;
    let place = place(&site, &headers);
    let words = site.catalogue.choose([found.lang.as_str()]);
    let latest: Seconds = found.entries.iter().map(|(_, _, since)| *since).max().unwrap_or(0);
    let entries = found.entries.into_iter().filter_map(|(id, kind, since)| {
        let key = format!("feed-{kind}");
        words.has(&key).then(|| Entry {
            id: format!("urn:tern:waits:{}", xml(&id)),
            link: xml(&format!("{place}{}", page_of(&kind))),
            title: xml(&words.t(&key)),
            lang: words.lang.to_owned(),
            summary: String::new(),
            updated: when::told(since),
            organisation: AUTHOR.to_owned(),
            rights: String::new(),
        })
    });
    let feed = Feed {
        own: xml(&format!("{place}/waiting/{token}/feed.atom")),
        list: format!("{place}/"),
        title: xml(&words.t("feed-title")),
        updated: when::told(latest),
        entries: entries.collect(),
    };
    let mut answer = document(&feed, "application/atom+xml; charset=utf-8")?;
    let mut say = |name: HeaderName, value| {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    };
    say(header::CACHE_CONTROL, "no-store");
    say(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    Ok(answer)
}
