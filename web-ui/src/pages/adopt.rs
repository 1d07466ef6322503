//! Standing for an edition that is held back because a key was revoked.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Adoption, HeldBack, Refusal};
use crate::site::{Shared, Site};

/// A reason has at most this many characters.
const REASON_CHARS_MAX: usize = 300;

#[derive(Template)]
#[template(path = "adopt.html")]
struct Adopting {
    c: Chrome,
    id: String,
    title: String,
    held: HeldBack,
    reason: String,
    /// The node asked for the passphrase of the key.
    passphrase: bool,
    errors: Errors,
}

/// `GET /practices/{id}/editions/{edition}/adopt`
pub(super) async fn ask(
    State(site): Shared,
    member: Member,
    Path((id, edition)): Path<(String, String)>,
) -> Shown {
    let c = member.chrome.at(Section::Practices);
    show(&page(&site, c, &id, &edition, String::new(), Errors::default()).await?)
}

/// `POST /practices/{id}/editions/{edition}/adopt`
pub(super) async fn adopt(
    State(site): Shared,
    member: Member,
    Path((id, edition)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Practices);
    let typed = Typed(typed);
    let reason = typed.get("reason");
    let mut errors = Errors::default();
    if reason.chars().count() > REASON_CHARS_MAX {
        errors.add("reason", c.t1("form-too-long", "limit", REASON_CHARS_MAX));
    }
    if errors.is_empty() {
        let passphrase = typed.passphrase();
        let adoption = Adoption { edition: edition.clone(), reason: reason.clone(), passphrase };
        match site.service.adopt(&c.reader(), &id, &adoption).await {
            Ok(()) => {
                c.leave_notice(&site, "adopt-done");
                return Ok(Redirect::to(&format!("/practices/{id}")).into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = page(&site, c, &id, &edition, reason, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn page(
    site: &Site,
    c: Chrome,
    id: &str,
    edition: &str,
    reason: String,
    errors: Errors,
) -> Result<Adopting, Failure> {
    let practice = site.service.practice(&c.reader(), id, None).await?;
    let held = practice.held_back.iter().find(|held| held.edition == edition);
    let held = held.cloned().ok_or(Refusal::NotFound)?;
    let title = practice.fields.title.best(&[c.words.lang]);
    Ok(Adopting {
        title: title.map(|(_, text)| text.to_owned()).unwrap_or_default(),
        passphrase: errors.iter().any(|wrong| wrong.id == "passphrase"),
        id: practice.id,
        held,
        reason,
        errors,
        c,
    })
}
