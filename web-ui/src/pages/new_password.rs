//! Setting a new password by a one-time link.
//!
//! Looking at the page does not spend the link, so that a browser or a mail
//! program that looks ahead does no harm; the form does.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;

use super::sign_in::{TRIES, begin};
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Section, Shown, show};
use crate::service::Refusal;
use crate::site::{Shared, Site};

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPassword {
    c: Chrome,
    token: String,
    name: String,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

fn page(c: Chrome, token: String, name: String, errors: Errors) -> NewPassword {
    NewPassword { token, name, wrong: errors.summary(), errors, c: c.at(Section::Elsewhere) }
}

/// The name of the account that the link is for. Guesses have to wait.
async fn named(site: &Site, token: &str) -> Result<String, Failure> {
    let wait = site.backoff.wait(TRIES, site.uptime());
    if wait > 0 {
        return Err(Failure::Wait(wait));
    }
    let name = site.service.password_link(token).await?;
    name.ok_or_else(|| {
        site.backoff.failed(TRIES, site.uptime());
        Failure::Plain(StatusCode::NOT_FOUND, "password-link-spent")
    })
}

/// `GET /sign-in/password/{token}`
pub(super) async fn form(State(site): Shared, c: Chrome, Path(token): Path<String>) -> Shown {
    let name = named(&site, &token).await?;
    show(&page(c, token, name, Errors::default()))
}

/// `POST /sign-in/password/{token}`
pub(super) async fn set(
    State(site): Shared,
    c: Chrome,
    headers: HeaderMap,
    Path(token): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let name = named(&site, &token).await?;
    let password = Typed(typed).exactly("password");
    match site.service.set_password(&token, &password).await {
        Ok(Some(account)) => {
            site.backoff.succeeded(TRIES);
            site.backoff.succeeded(&name);
            begin(&site, &headers, account, "/")
        }
        Ok(None) => Err(Failure::Plain(StatusCode::NOT_FOUND, "password-link-spent")),
        Err(Refusal::Invalid(found)) => {
            let page = page(c, token, name, Errors::from_node(found));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}
