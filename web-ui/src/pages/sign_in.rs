//! Signing in, with a name and a password or by a one-time link, and out.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::address::local;
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Section, Shown, show};
use crate::service::AccountId;
use crate::session;
use crate::site::{Shared, Site};

/// Under what guesses at one-time links are counted.
pub(super) const TRIES: &str = "one-time link";

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    c: Chrome,
    next: String,
    name: String,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /sign-in`
pub(super) async fn form(c: Chrome, Query(asked): Query<Asked>) -> Shown {
    let next = local(&asked.next).to_owned();
    if c.account.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    show(&page(c, next, String::new(), Errors::default()))
}

fn page(c: Chrome, next: String, name: String, errors: Errors) -> SignIn {
    let wrong = errors.iter().map(|wrong| (wrong.id.clone(), wrong.message.clone())).collect();
    SignIn { next, name, wrong, errors, c: c.at(Section::Elsewhere) }
}

/// `POST /sign-in`
pub(super) async fn enter(
    State(site): Shared,
    c: Chrome,
    headers: HeaderMap,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let typed = Typed(typed);
    let (name, password) = (typed.get("name"), typed.exactly("password"));
    let next = local(&typed.get("next")).to_owned();
    let wait = site.backoff.wait(&name, site.uptime());
    if wait > 0 {
        return Err(Failure::Wait(wait));
    }
    let account = match (name.is_empty(), password.len() > 512) {
        (false, false) => site.service.sign_in(&name, &password).await?,
        _ => None,
    };
    let Some(account) = account else {
        site.backoff.failed(&name, site.uptime());
        let mut errors = Errors::default();
        errors.add("name", c.t("sign-in-wrong"));
        let page = show(&page(c, next, name, errors))?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    site.backoff.succeeded(&name);
    begin(&site, &headers, account, &next)
}

/// `GET /sign-in/link/{token}`: spends a one-time link. A browser that only
/// looks ahead must not spend it.
pub(super) async fn link(
    State(site): Shared,
    method: Method,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Shown {
    let ahead = ["sec-purpose", "purpose"].iter().any(|name| headers.contains_key(*name));
    if ahead || method != Method::GET {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let wait = site.backoff.wait(TRIES, site.uptime());
    if wait > 0 {
        return Err(Failure::Wait(wait));
    }
    match site.service.redeem_link(&token).await? {
        Some(account) => {
            site.backoff.succeeded(TRIES);
            begin(&site, &headers, account, "/")
        }
        None => {
            site.backoff.failed(TRIES, site.uptime());
            Err(Failure::Plain(StatusCode::NOT_FOUND, "sign-in-link-spent"))
        }
    }
}

/// Begins a session, ending the one the browser came with.
pub(super) fn begin(
    site: &Site,
    headers: &HeaderMap,
    account: AccountId,
    next: &str,
) -> Result<Response, Failure> {
    let https = site.settings.https;
    if let Some(old) = session::token(headers, https) {
        site.sessions.end(&old);
    }
    let token = site.sessions.begin(account, site.uptime()).map_err(|error| {
        tracing::error!(%error, "the system gives no randomness for a session");
        Failure::Plain(StatusCode::SERVICE_UNAVAILABLE, "error-unavailable-text")
    })?;
    let cookie = session::carry(headers, https, &token);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response())
}

/// `POST /sign-out`
pub(super) async fn leave(State(site): Shared, headers: HeaderMap) -> Response {
    let https = site.settings.https;
    if let Some(token) = session::token(&headers, https) {
        site.sessions.end(&token);
    }
    let cookie = session::drop_cookie(&headers, https);
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}
