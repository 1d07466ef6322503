//! The library, experts and requests for programs: JSON to read, in the
//! shapes of the command line.
//!
//! Refusals are problem documents (RFC 9457). Lists page by a cursor. Other
//! sites' pages may not read it: there is no CORS header.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::failure::Failure;
use crate::service::{FieldError, LIST_ITEMS_MAX, Refusal};
use crate::site::Site;

mod experts;
mod practices;
pub mod problem;
mod requests;
mod status;

/// The routes of the API.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/v1/practices", get(practices::list))
        .route("/api/v1/practices/{id}", get(practices::one))
        .route("/api/v1/experts", get(experts::list))
        .route("/api/v1/experts/{id}", get(experts::one))
        .route("/api/v1/requests", get(requests::list))
        .route("/api/v1/requests/{id}", get(requests::one))
        .route("/api/v1/status", get(status::status))
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
