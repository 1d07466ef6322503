//! Erasing a practice: asked on one page for the reason, on the next whether it
//! is meant. Nothing is erased before the second answer.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{ERASE_REASONS, Erasure, Refusal};
use crate::site::{Shared, Site};

#[derive(Template)]
#[template(path = "erase.html")]
struct Erasing {
    c: Chrome,
    id: String,
    title: String,
    editions: usize,
    reasons: [&'static str; 4],
    chosen: String,
    /// Whether this is the second time that it is asked.
    again: bool,
    /// Whether the reader's key needs its passphrase.
    passphrase: bool,
    errors: Errors,
}

/// `GET /practices/{id}/erase`
pub(super) async fn ask(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    show(&page(&site, member.chrome, &id, String::new(), false, Errors::default()).await?)
}

/// `POST /practices/{id}/erase`: with a reason asks again, with `sure` erases.
pub(super) async fn erase(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let reason = typed.get("reason");
    let mut errors = Errors::default();
    if !ERASE_REASONS.contains(&reason.as_str()) {
        errors.add("reason", c.t("erase-reason-missing"));
        let page = page(&site, c, &id, reason, false, errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
    }
    if !typed.has("again", "yes") {
        return show(&page(&site, c, &id, reason, true, errors).await?);
    }
    if !typed.has("sure", "yes") {
        errors.add("sure", c.t("erase-sure-missing"));
    } else {
        let erasure = Erasure { reason: reason.clone(), passphrase: typed.passphrase() };
        match site.service.erase_practice(&c.reader(), &id, &erasure).await {
            Ok(()) => {
                c.leave_notice(&site, "erase-done");
                return Ok(Redirect::to("/practices").into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = page(&site, c, &id, reason, true, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn page(
    site: &Site,
    c: Chrome,
    id: &str,
    chosen: String,
    again: bool,
    errors: Errors,
) -> Result<Erasing, Failure> {
    let c = c.at(Section::Practices);
    let practice = site.service.practice(&c.reader(), id, None).await?;
    if !practice.may_erase {
        return Err(Refusal::Forbidden(c.t("erase-forbidden")).into());
    }
    let history = site.service.history(&c.reader(), &practice.id).await?;
    let title = practice.fields.title.best(&[c.words.lang]);
    Ok(Erasing {
        title: title.map(|(_, text)| text.to_owned()).unwrap_or_default(),
        passphrase: c.account.as_ref().is_some_and(|account| account.passphrase),
        id: practice.id,
        editions: history.len(),
        reasons: ERASE_REASONS,
        chosen,
        again,
        errors,
        c,
    })
}
