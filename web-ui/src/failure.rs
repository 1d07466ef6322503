//! Why there is no page, and the page that says so.
//!
//! Handlers and guards answer with a [`Failure`]; [`as_pages`], further out,
//! turns it, and any bare refusal of a layer in between, into a page with a
//! way forward, or into a problem document (RFC 9457) below `/api/`.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::address::with_query;
use crate::api::problem;
use crate::page::{Chrome, Section};
use crate::service::{FieldError, Refusal};
use crate::site::Site;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The node refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody has to sign in before reading this path.
    #[error("sign in first")]
    SignInFirst(String),
    /// A form was sent without a session.
    #[error("signed out")]
    SignedOut,
    /// The node is not set up.
    #[error("not set up")]
    SetUpFirst,
    /// Too many tries; seconds to wait.
    #[error("wait {0} seconds")]
    Wait(u64),
    /// A status with the key of its sentence.
    #[error("{0}: {1}")]
    Plain(StatusCode, &'static str),
    /// The page could not be written.
    #[error(transparent)]
    Template(#[from] askama::Error),
}

/// What an error page is made of; travels in the response's extensions.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Key of the sentence, where ours.
    key: Option<&'static str>,
    /// The sentence, where the node's.
    pub sentence: Option<String>,
    /// Fields that are not right.
    pub fields: Vec<FieldError>,
    /// Seconds to wait.
    wait: Option<u64>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let said = Said::default();
        let (status, said) = match self {
            Self::SignInFirst(path) => {
                let target = with_query("/sign-in", &[("next", Some(&path))]);
                return Redirect::to(&target).into_response();
            }
            Self::SetUpFirst => return Redirect::to("/setup").into_response(),
            Self::SignedOut => {
                (StatusCode::FORBIDDEN, Said { key: Some("error-signed-out"), ..said })
            }
            Self::Wait(seconds) => {
                (StatusCode::TOO_MANY_REQUESTS, Said { wait: Some(seconds), ..said })
            }
            Self::Plain(status, key) => (status, Said { key: Some(key), ..said }),
            Self::Template(error) => {
                tracing::error!(%error, "a page could not be written");
                (StatusCode::INTERNAL_SERVER_ERROR, said)
            }
            Self::Refused(refusal) => refused(refusal),
        };
        let mut response = status.into_response();
        if let Some(seconds) = said.wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(said);
        response
    }
}

fn refused(refusal: Refusal) -> (StatusCode, Said) {
    let said = |sentence| Said { sentence: Some(sentence), ..Said::default() };
    match refusal {
        Refusal::NotFound => (StatusCode::NOT_FOUND, Said::default()),
        Refusal::Forbidden(sentence) => (StatusCode::FORBIDDEN, said(sentence)),
        Refusal::Invalid(fields) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Said { fields, ..Said::default() })
        }
        Refusal::Conflict(sentence) => (StatusCode::CONFLICT, said(sentence)),
        Refusal::Unavailable(sentence) => (StatusCode::SERVICE_UNAVAILABLE, said(sentence)),
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    c: Chrome,
    title: String,
    text: String,
    fields: Vec<FieldError>,
    back: bool,
}

/// The page of a failure when not even the frame can be made.
#[derive(Template)]
#[template(path = "broken.html")]
struct BrokenPage {
    title: String,
    text: String,
    css: &'static str,
}

/// Puts a page where a response is a bare refusal.
pub async fn as_pages(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let frame = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let said = response.extensions_mut().remove::<Said>();
    let failed = status.is_client_error() || status.is_server_error();
    let written = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().starts_with(b"text/html")
            || kind.as_bytes().starts_with(b"application/problem+json")
    });
    if !failed || (written && said.is_none()) || matches!(frame.uri.path(), "/healthz" | "/readyz")
    {
        return response;
    }
    let said = said.unwrap_or_default();
    let shown = if frame.uri.path().starts_with("/api/") {
        problem::document(status, &said)
    } else {
        match Chrome::of(&site, &frame).await {
            Ok(chrome) => page(&site, chrome, status, said),
            Err(_) => broken(&site),
        }
    };
    let mut answer = (status, shown).into_response();
    for (name, value) in response.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}

fn broken(site: &Site) -> Response {
    let words = site.catalogue.choose([]);
    let page = BrokenPage {
        title: words.t("error-broken-title"),
        text: words.t("error-broken-text"),
        css: crate::assets::css(),
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => ().into_response(),
    }
}

fn page(site: &Site, chrome: Chrome, status: StatusCode, said: Said) -> Response {
    let name = match status.as_u16() {
        403 => "forbidden",
        404 | 405 => "missing",
        409 => "conflict",
        413 => "large",
        422 => "invalid",
        429 => "wait",
        503 => "unavailable",
        status if status < 500 => "request",
        _ => "broken",
    };
    let title = chrome.t(&format!("error-{name}-title"));
    let text = match (said.sentence, said.key, said.wait) {
        (Some(sentence), ..) => sentence,
        (None, Some(key), _) => chrome.t(key),
        (None, None, Some(seconds)) => chrome.t1("error-wait-for", "minutes", seconds.div_ceil(60)),
        (None, None, None) => chrome.t(&format!("error-{name}-text")),
    };
    let back = matches!(status.as_u16(), 403 | 409 | 413 | 422 | 429 | 503);
    let page =
        ErrorPage { c: chrome.at(Section::Elsewhere), title, text, fields: said.fields, back };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "an error page could not be written");
            broken(site)
        }
    }
}
