//! Opening what a passphrase keeps closed: until then nobody here can read
//! the requests that wait.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::Refusal;
use crate::site::Shared;

#[derive(Template)]
#[template(path = "open.html")]
struct Open {
    c: Chrome,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /requests/open`
pub async fn form(member: Member) -> Shown {
    let c = member.chrome.at(Section::Requests);
    show(&Open { c, errors: Errors::default(), wrong: Vec::new() })
}

/// `POST /requests/open`
pub async fn post(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let passphrase = Typed(typed).passphrase().unwrap_or_default();
    match site.service.open_requests(&c.reader(), &passphrase).await {
        Ok(()) => {
            c.leave_notice(&site, "open-done");
            Ok(Redirect::to("/inbox").into_response())
        }
        Err(Refusal::Invalid(found)) => {
            let errors = Errors::from_node(found);
            let page = Open { wrong: errors.summary(), errors, c };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}
