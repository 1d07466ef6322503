//! What stands between the network and a handler.
//!
//! From the outside in: headers that tell the browser to allow next to
//! nothing; compression; pages for whatever goes wrong further in; panics
//! caught; only hosts of this node (against DNS rebinding); only
//! forms of this node's own pages (against cross-site requests); a time limit; a
//! limit on bodies. Forms with a file have other limits than these two: they may
//! go on for long, but not without a sign of life, and how much is read of them
//! their pages decide.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::site::Site;

mod headers;
mod hosts;
mod language;

pub use language::COOKIE as LANGUAGE_COOKIE;

/// No body is longer: a practice form at its limits, four times over.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// No answer takes longer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// No form with a file takes longer: 25 MB at 64 kbit/s, …
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(60 * 60);
/// … and none is waited for that sends nothing for so long.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(60);

/// Puts every guard around the pages.
pub fn around(pages: Router<Arc<Site>>, uploads: Router<Arc<Site>>, site: &Arc<Site>) -> Router {
    let late = |time| TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time);
    let uploads = uploads
        .with_state(site.clone())
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyTimeoutLayer::new(UPLOAD_PATIENCE))
        .layer(late(UPLOAD_TIME_MAX));
    pages
        .with_state(site.clone())
        .layer(from_fn_with_state(site.clone(), language::switch))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(late(ANSWER_TIME_MAX))
        .merge(uploads)
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(site.clone(), hosts::only_ours))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(site.clone(), crate::failure::as_pages))
        .layer(CompressionLayer::new())
        .layer(from_fn(headers::deny_by_default))
}

/// Puts around routes for programs what has to be around them too.
pub fn beside(further: Router, site: &Arc<Site>) -> Router {
    further.layer(from_fn_with_state(site.clone(), hosts::only_ours))
}
