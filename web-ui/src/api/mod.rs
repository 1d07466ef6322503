//! The library, discussions, experts and requests for programs: JSON to read, in the
//! shapes of the command line.
//!
//! Refusals are problem documents (RFC 9457). Lists page by a cursor. Other
//! sites' pages may not read it: there is no CORS header.

use std::sync::Arc;

use axum::http::header::LINK;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::address::with_query;
use crate::failure::Failure;
use crate::service::{FieldError, LIST_ITEMS_MAX, Refusal};
use crate::site::Site;

mod annotations;
mod discussions;
mod experts;
mod exports;
mod listings;
mod practices;
pub mod problem;
mod requests;
mod searches;
mod status;

/// The routes of the API.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/v1/practices", get(practices::list))
        .route("/api/v1/practices/export", get(exports::found))
        .route("/api/v1/practices/template", get(exports::template))
        .route("/api/v1/practices/{id}", get(practices::one))
        .route("/api/v1/practices/{id}/alike", get(searches::alike))
        .route("/api/v1/searches", get(searches::list))
        .route("/api/v1/practices/{id}/export", get(exports::one))
        .route("/api/v1/practices/{id}/discussion", get(discussions::one))
        .route("/api/v1/discussions", get(discussions::list))
        .route("/api/v1/discussions/{id}", get(discussions::one))
        .route("/api/v1/collections", get(listings::collections))
        .route("/api/v1/collections/{id}", get(listings::collection))
        .route("/api/v1/collections/{id}/export", get(exports::collection))
        .route("/api/v1/resources", get(listings::resources))
        .route("/api/v1/resources/{id}", get(listings::resource))
        .route("/api/v1/resources/{id}/export", get(exports::resource))
        .route("/api/v1/experts", get(experts::list))
        .route("/api/v1/experts/{id}", get(experts::one))
        .route("/api/v1/requests", get(requests::list))
        .route("/api/v1/requests/{id}", get(requests::one))
        .route("/api/v1/status", get(status::status))
}

/// One page of a list.
#[derive(Serialize)]
struct List<T, M = Nothing> {
    total: u64,
    items: Vec<T>,
    /// Where the next page begins, if there is one.
    next: Option<String>,
    /// What stands beside it.
    #[serde(flatten)]
    more: M,
}

/// Nothing stands beside a list.
#[derive(Serialize, Default)]
struct Nothing {}

impl<T: Serialize, M: Serialize> List<T, M> {
    /// The page as an answer, with the address of the next one in its `Link`
    /// header: that of this one, further on.
    fn answer(self, path: &str, asked: &[(&str, Option<&str>)], limit: usize) -> Response {
        let limit = limit.to_string();
        let link = self.next.as_deref().map(|after| {
            let more = [("limit", Some(limit.as_str())), ("after", Some(after))];
            let pairs = [asked, &more].concat();
            format!("<{}>; rel=\"next\"", with_query(path, &pairs))
        });
        let mut answer = Json(self).into_response();
        if let Some(link) = link.and_then(|link| link.parse().ok()) {
            answer.headers_mut().insert(LINK, link);
        }
        answer
    }
}

/// How long a list may be: what was asked for, 50 by itself.
fn bounded(asked: Option<usize>) -> Result<usize, Failure> {
    let limit = asked.unwrap_or(50);
    if (1..=LIST_ITEMS_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Refusal::Invalid(vec![FieldError {
        field: "limit".to_owned(),
        code: "out-of-range".to_owned(),
        message: format!("is {limit}, and lies between 1 and {LIST_ITEMS_MAX}"),
        limit: Some(LIST_ITEMS_MAX.to_string()),
    }])
    .into())
}
