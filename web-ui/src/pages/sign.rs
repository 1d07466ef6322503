//! Check a draft, then sign and publish it.
//!
//! Before a signature there are answers to read through, what is missing, and
//! four promises about the people a practice is about. The form carries the
//! heads that were read: a draft that moved on since is not signed.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::form::told::{Told, told};
use crate::form::{Errors, Typed, heads};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Basis, Publish, Readiness, Refusal};
use crate::site::{Shared, Site};

/// What a person promises before signing; each is a box to tick, its sentence
/// under the same key.
const PROMISES: [&str; 4] =
    ["promise-people", "promise-pictures", "promise-organisation", "promise-risks"];
/// A change note has at most this many characters.
const NOTE_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "sign.html")]
struct Sign {
    c: Chrome,
    r: Readiness,
    heads: String,
    told: Vec<Told>,
    required: Vec<(String, String)>,
    missing: Vec<(String, String)>,
    promises: Vec<(&'static str, bool)>,
    note: String,
    listed: bool,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /drafts/{id}/sign`
pub async fn check(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Work);
    show(&page(&site, c, &id, &Typed::default(), Errors::default()).await?)
}

/// `POST /drafts/{id}/sign`
pub async fn publish(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let typed = Typed(typed);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut errors = Errors::default();
    for promise in PROMISES.iter().filter(|promise| !typed.has(promise, "yes")) {
        errors.add(*promise, c.t("sign-promise-missing"));
    }
    let note = typed.get("note");
    if note.is_empty() {
        errors.add("note", c.t("sign-note-missing"));
    } else if note.chars().count() > NOTE_CHARS_MAX {
        errors.add("note", c.t1("form-too-long", "limit", NOTE_CHARS_MAX));
    }
    if errors.is_empty() {
        let publish = Publish {
            heads: heads(&typed.get("heads")),
            note,
            passphrase: Some(typed.exactly("passphrase")).filter(|phrase| !phrase.is_empty()),
        };
        match site.service.publish(&c.reader(), &id, &publish).await {
            Ok(published) => {
                c.leave_notice(&site, "sign-published");
                let target = format!("/practices/{}", published.practice);
                return Ok(Redirect::to(&target).into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(Refusal::Conflict(sentence)) => {
                status = StatusCode::CONFLICT;
                errors.add("answers", sentence);
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = page(&site, c, &id, &typed, errors).await?;
    Ok((status, show(&page)?).into_response())
}

async fn page(
    site: &Site,
    c: Chrome,
    id: &str,
    typed: &Typed,
    errors: Errors,
) -> Result<Sign, crate::failure::Failure> {
    let r = site.service.readiness(&c.reader(), id).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let named = |keys: &[String]| {
        keys.iter().map(|key| (key.clone(), c.t(&format!("field-{key}")))).collect()
    };
    Ok(Sign {
        told: told(&r.draft.fields, &lists, &c.words),
        heads: r.draft.heads.join(","),
        required: named(&r.required),
        missing: named(&r.draft.missing),
        promises: PROMISES.map(|promise| (promise, typed.has(promise, "yes"))).to_vec(),
        note: typed.get("note"),
        listed: matches!(r.draft.fields.basis, Some(Basis::Listed(_))),
        wrong: errors.iter().map(|wrong| (wrong.id.clone(), wrong.message.clone())).collect(),
        errors,
        r,
        c,
    })
}
