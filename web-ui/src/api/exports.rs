//! Practices as files to take away, one or all that fit a query.
//!
//! A file is a download and never shown by the browser as a page of this node.

use axum::extract::{Path, Query, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::annotations;
use crate::address;
use crate::failure::Failure;
use crate::page::Chrome;
use crate::service::{self, Exported};
use crate::site::Shared;

/// Nothing that is in a file may do anything.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// As what one practice is taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct One {
    format: String,
    edition: Option<String>,
    #[serde(default)]
    withdrawn: String,
}

/// `GET /api/v1/practices/{id}/export`
pub async fn one(
    State(site): Shared,
    c: Chrome,
    Path(id): Path<String>,
    Query(asked): Query<One>,
) -> Result<Response, Failure> {
    let edition = asked.edition.as_deref();
    let said = site.service.said(&c.reader(), &id, edition).await?;
    if let Some(withdrawal) = said.withdrawal.as_ref().filter(|_| asked.withdrawn != "yes") {
        return Ok(annotations::gone(withdrawal));
    }
    let made = site.service.export_practice(&c.reader(), &id, edition, &asked.format).await?;
    Ok(file(made))
}

/// As what something is taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct As {
    format: String,
}

/// `GET /api/v1/collections/{id}/export`
pub async fn collection(
    State(site): Shared,
    c: Chrome,
    Path(id): Path<String>,
    Query(asked): Query<As>,
) -> Result<Response, Failure> {
    Ok(file(site.service.export_collection(&c.reader(), &id, &asked.format).await?))
}

/// `GET /api/v1/resources/{id}/export`
pub async fn resource(
    State(site): Shared,
    c: Chrome,
    Path(id): Path<String>,
    Query(asked): Query<As>,
) -> Result<Response, Failure> {
    Ok(file(site.service.export_resource(&c.reader(), &id, &asked.format).await?))
}

/// For text in which language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    #[serde(rename = "in")]
    language: String,
}

/// `GET /api/v1/practices/template`
pub async fn template(
    State(site): Shared,
    c: Chrome,
    Query(asked): Query<Form>,
) -> Result<Response, Failure> {
    Ok(file(site.service.submission_form(&c.reader(), &asked.language).await?))
}

/// What is taken, and as what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    format: String,
    #[serde(default)]
    q: String,
    objective: Option<String>,
    country: Option<String>,
    kind: Option<String>,
    lang: Option<String>,
    topic: Option<String>,
    place: Option<String>,
    since: Option<service::Seconds>,
    origin: Option<String>,
    valid: Option<String>,
    withdrawn: Option<String>,
    sort: Option<String>,
}

/// `GET /api/v1/practices/export`
pub async fn found(
    State(site): Shared,
    c: Chrome,
    Query(asked): Query<Found>,
) -> Result<Response, Failure> {
    let query = service::Query {
        text: asked.q.chars().take(400).collect(),
        objective: asked.objective,
        country: asked.country,
        kind: asked.kind,
        lang: asked.lang,
        topic: asked.topic,
        place: asked.place,
        since: asked.since,
        origin: asked.origin,
        freshness: asked.valid,
        withdrawn: asked.withdrawn.as_deref() == Some("yes"),
        by_freshness: asked.sort.as_deref() == Some("valid"),
        after: None,
        limit: service::LIST_ITEMS_MAX,
    };
    Ok(file(site.service.export_found(&c.reader(), &query, &asked.format).await?))
}

fn file(made: Exported) -> Response {
    // RFC 6266 with the name of RFC 8187: nothing of it can end the value.
    let name = address::encode(&made.name);
    let headers = [
        (CONTENT_TYPE, made.media_type),
        (CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
        (CONTENT_SECURITY_POLICY, SANDBOX.to_owned()),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    (headers, made.bytes).into_response()
}
