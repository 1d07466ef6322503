//! The map of the site for search engines (sitemaps.org, 0.9): the pages that
//! lead on, and the latest practices.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::{document, guest, place, xml};
use crate::failure::Failure;
use crate::service::{LIST_ITEMS_MAX, Query};
use crate::site::Shared;

/// Practices in the map; a map may name 50,000 pages.
const PRACTICES_MAX: usize = 10_000;
/// Pages that lead on.
const PAGES: [&str; 3] = ["/", "/practices", "/help"];

#[derive(Template)]
#[template(path = "sitemap.xml")]
struct Map {
    places: Vec<String>,
}

/// `GET /sitemap.xml`
pub(super) async fn map(State(site): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    let place = place(&site, &headers);
    let mut places: Vec<String> = PAGES.iter().map(|page| format!("{place}{page}")).collect();
    let mut query = Query { limit: LIST_ITEMS_MAX, ..Query::default() };
    while places.len() < PAGES.len() + PRACTICES_MAX {
        let found = site.service.search(&guest(), &query).await?;
        places.extend(found.hits.iter().map(|hit| xml(&format!("{place}/practices/{}", hit.id))));
        match found.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    document(&Map { places }, "application/xml; charset=utf-8")
}
