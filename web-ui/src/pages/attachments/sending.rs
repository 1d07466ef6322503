//! A file that is sent from a browser: one more, or in the place of another.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use super::{Asked, list_of, of, one, page, refused};
use crate::failure::Failure;
use crate::form::sent::{self, Sent};
use crate::form::{Errors, Typed, heads};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{AttachFile, AttachedFile, Phrase};
use crate::site::{Shared, Site};

/// What became of a form with a file.
enum Outcome {
    Attached(AttachedFile),
    Wrong(Errors),
}

/// `POST /drafts/{id}/files`
pub(in crate::pages) async fn add(
    State(site): Shared,
    member: Result<Member, Failure>,
    Path(id): Path<String>,
    request: Request,
) -> Shown {
    let (c, typed, outcome) = taken(&site, member, &id, None, request).await?;
    match outcome {
        Outcome::Attached(AttachedFile { already: true, .. }) => {
            c.leave_notice(&site, "attach-already");
        }
        Outcome::Attached(AttachedFile { cleaned, .. }) => {
            c.leave_notice(&site, if cleaned { "attach-added-cleaned" } else { "attach-added" });
        }
        Outcome::Wrong(errors) => {
            let draft = site.service.draft(&c.reader(), &id, None).await?;
            let asked = Asked { language: typed.get("in"), ..Asked::default() };
            let page = page(&site, c, draft, &asked, typed, errors).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
        }
    }
    Ok(Redirect::to(&list_of(&id, &typed.get("in"))).into_response())
}

/// `POST /drafts/{id}/files/{hash}/replace`
pub(in crate::pages) async fn replace(
    State(site): Shared,
    member: Result<Member, Failure>,
    Path((id, hash)): Path<(String, String)>,
    request: Request,
) -> Shown {
    let (c, typed, outcome) = taken(&site, member, &id, Some(&hash), request).await?;
    match outcome {
        Outcome::Attached(AttachedFile { already: true, .. }) => {
            c.leave_notice(&site, "attach-already");
        }
        Outcome::Attached(AttachedFile { cleaned, .. }) => {
            let key = if cleaned { "attach-replaced-cleaned" } else { "attach-replaced" };
            c.leave_notice(&site, key);
        }
        Outcome::Wrong(errors) => {
            let draft = site.service.draft(&c.reader(), &id, None).await?;
            let page = one(&site, c, &draft, &hash, &typed.get("in"), true).await?;
            let page = super::One { errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
        }
    }
    Ok(Redirect::to(&list_of(&id, &typed.get("in"))).into_response())
}

/// Takes the form and attaches its file. Whoever may not gets the answer when
/// all was sent: a browser shows none before.
async fn taken(
    site: &Arc<Site>,
    member: Result<Member, Failure>,
    id: &str,
    instead_of: Option<&str>,
    request: Request,
) -> Result<(Chrome, Typed, Outcome), Failure> {
    let c = match member {
        Ok(member) => member.chrome.at(Section::Work),
        Err(failure) => {
            sent::discard(request.into_body()).await;
            return Err(failure);
        }
    };
    let Sent { typed, file } =
        sent::take(site, &c.reader(), id, instead_of.is_some(), request).await?;
    let file = match file {
        Ok(Some(file)) => file,
        Ok(None) => {
            let mut errors = Errors::default();
            errors.add("file", c.t("attach-file-missing"));
            return Ok((c, typed, Outcome::Wrong(errors)));
        }
        Err(refusal) => {
            let errors = refused(&c, refusal)?;
            return Ok((c, typed, Outcome::Wrong(errors)));
        }
    };
    let seen = site.service.draft(&c.reader(), id, Some(&heads(&typed.get("heads")))).await?;
    if let Some(hash) = instead_of {
        of(&seen, hash)?;
    }
    let alt_lang = crate::pages::edit::language(&c, &seen, &typed.get("in"));
    let attach = AttachFile {
        upload: file.upload().to_owned(),
        heads: seen.heads,
        instead_of: instead_of.map(str::to_owned),
        name: typed.some("name").filter(|_| instead_of.is_none()).unwrap_or(file.name.clone()),
        lang: typed.some("lang"),
        alt: typed.some("alt").map(|text| Phrase { text, lang: alt_lang }),
        licence: typed.some("licence"),
    };
    let attached = site.service.attach_file(&c.reader(), id, attach).await;
    drop(file);
    let outcome = match attached {
        Ok(attached) => Outcome::Attached(attached),
        Err(refusal) => Outcome::Wrong(refused(&c, refusal)?),
    };
    Ok((c, typed, outcome))
}
