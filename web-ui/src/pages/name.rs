//! Taking one's name back: what it does is told on one page, and it is asked
//! on the next whether it is meant.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Account, Refusal};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "name.html")]
struct TakingBack {
    c: Chrome,
    account: Account,
    /// Whether this is the second time that it is asked.
    again: bool,
    errors: Errors,
}

fn page(c: Chrome, again: bool, errors: Errors) -> Result<TakingBack, Refusal> {
    let account = c.account.clone().ok_or(Refusal::NotFound)?;
    if !account.named {
        return Err(Refusal::Conflict(c.t("name-none")));
    }
    Ok(TakingBack { account, again, errors, c: c.at(Section::Account) })
}

/// `GET /account/name`
pub(super) async fn ask(member: Member) -> Shown {
    show(&page(member.chrome, false, Errors::default())?)
}

/// `POST /account/name`: asks again, and with `sure` takes it back.
pub(super) async fn take_back(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let mut errors = Errors::default();
    if !typed.has("again", "yes") {
        return show(&page(c, true, errors)?);
    }
    if !typed.has("sure", "yes") {
        errors.add("sure", c.t("name-sure-missing"));
    } else {
        match site.service.take_name_back(&c.reader(), typed.passphrase().as_deref()).await {
            Ok(()) => {
                c.leave_notice(&site, "name-done");
                return Ok(Redirect::to("/account").into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page(c, true, errors)?)?).into_response())
}
