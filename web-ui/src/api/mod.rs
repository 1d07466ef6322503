//! The library for programs: JSON to read, in the shapes of the command line.
//!
//! Refusals are problem documents (RFC 9457). Lists page by a cursor. Other
//! sites' pages may not read it: there is no CORS header.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

mod practices;
pub mod problem;
mod status;

/// The routes of the API.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/v1/practices", get(practices::list))
        .route("/api/v1/practices/{id}", get(practices::one))
        .route("/api/v1/status", get(status::status))
}
