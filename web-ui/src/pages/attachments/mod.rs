//! The files of a draft: what is attached, and what is said of it.
//!
//! Every form carries the heads that its reader saw and is saved on top of
//! those, as the form of the practice is. What is taken out can be put back: the
//! page after it offers that, from the heads before.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::address::{encode, with_query};
use crate::failure::Failure;
use crate::form::{Errors, Typed, heads};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Attachment, Draft, FieldError, FileLimits, FileState, Phrase, Refusal, Save, Vocabularies,
};
use crate::site::{Shared, Site};

pub(super) mod sending;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    /// The language to write in.
    #[serde(rename = "in")]
    language: String,
    /// The hash of a file that was just taken out.
    removed: String,
    /// The heads before that.
    before: String,
}

/// A file, with what its hash and codes mean.
struct Entry {
    file: Attachment,
    state: FileState,
    lang: Option<String>,
    licence: Option<String>,
    alt: Option<Phrase>,
}

/// A file that was just taken out, and the heads at which it was there.
struct Removed {
    hash: String,
    name: String,
    before: String,
}

#[derive(Template)]
#[template(path = "attachments.html")]
struct Attachments {
    c: Chrome,
    draft: Draft,
    heads: String,
    lang: String,
    lists: Arc<Vocabularies>,
    limits: FileLimits,
    entries: Vec<Entry>,
    removed: Option<Removed>,
    typed: Typed,
    errors: Errors,
}

impl Attachments {
    fn full(&self) -> bool {
        self.entries.len() >= self.limits.files
    }
}

/// One file: its texts, or another in its place.
#[derive(Template)]
#[template(path = "attachment.html")]
struct One {
    c: Chrome,
    id: String,
    heads: String,
    lang: String,
    lists: Arc<Vocabularies>,
    limits: FileLimits,
    file: Attachment,
    /// Another is to take its place.
    replace: bool,
    typed: Typed,
    errors: Errors,
}

fn of<'a>(draft: &'a Draft, hash: &str) -> Result<&'a Attachment, Refusal> {
    draft.fields.attachments.iter().find(|file| file.hash == hash).ok_or(Refusal::NotFound)
}

/// Where the files of a draft are listed.
fn list_of(id: &str, lang: &str) -> String {
    format!("/drafts/{}/files?in={}", encode(id), encode(lang))
}

/// What the node refused, beside its field or over the form.
fn refused(c: &Chrome, refusal: Refusal) -> Result<Errors, Failure> {
    match refusal {
        Refusal::Invalid(found) => Ok(wrong(c, found)),
        Refusal::Conflict(sentence) | Refusal::Unavailable(sentence) => {
            let mut errors = Errors::default();
            errors.add("main", sentence);
            Ok(errors)
        }
        other => Err(other.into()),
    }
}

/// What the node found wrong, in words, each beside its field.
fn wrong(c: &Chrome, found: Vec<FieldError>) -> Errors {
    let mut errors = Errors::default();
    for error in found {
        let limit = error.limit.as_deref().and_then(|limit| limit.parse::<u64>().ok());
        let code = if error.field == "file" { error.code.as_str() } else { "" };
        let message = match (code, limit) {
            ("too-large", Some(limit)) => {
                c.t1("attach-refused-too-large", "limit", c.bytes(&limit))
            }
            ("too-many", Some(limit)) => c.t1("attach-refused-too-many", "count", limit),
            ("over-quota", Some(limit)) => {
                c.t1("attach-refused-over-quota", "limit", c.bytes(&limit))
            }
            ("disk-full", _) => c.t("attach-refused-disk-full"),
            ("kind", _) => c.t("attach-refused-kind"),
            ("damaged", _) => c.t("attach-refused-damaged"),
            _ => error.message,
        };
        // `attachments[2].alt.en` is the field `alt` of this form.
        let place = error.field.split_once("].").map_or(error.field.as_str(), |(_, rest)| rest);
        errors.add(place.split('.').next().unwrap_or(place), message);
    }
    errors
}

async fn page(
    site: &Site,
    c: Chrome,
    draft: Draft,
    asked: &Asked,
    typed: Typed,
    errors: Errors,
) -> Result<Attachments, Failure> {
    let reader = c.reader();
    let lists = site.service.vocabularies(c.words.lang).await?;
    let limits = site.service.file_limits().await?;
    let lang = super::edit::language(&c, &draft, &asked.language);
    let removed = removed(site, &c, &draft, asked).await;
    let files = draft.fields.attachments.clone();
    let hashes: Vec<String> = files.iter().map(|file| file.hash.clone()).collect();
    let states = site.service.files(&reader, &hashes).await?;
    let entries = files.into_iter().zip(states).map(|(file, state)| {
        let label = |list: &[_], code: &Option<String>| {
            code.as_deref().map(|code| Vocabularies::label(list, code).to_owned())
        };
        Entry {
            lang: label(&lists.languages, &file.lang),
            licence: label(&lists.licences, &file.licence),
            alt: file.alt.phrase(&[lang.as_str(), c.words.lang]),
            file,
            state,
        }
    });
    Ok(Attachments {
        entries: entries.collect(),
        heads: draft.heads.join(","),
        c,
        draft,
        lang,
        lists,
        limits,
        removed,
        typed,
        errors,
    })
}

/// What was taken out, unless it is there again.
async fn removed(site: &Site, c: &Chrome, draft: &Draft, asked: &Asked) -> Option<Removed> {
    if asked.removed.is_empty() || of(draft, &asked.removed).is_ok() {
        return None;
    }
    let before = heads(&asked.before);
    // An address that was made up offers nothing.
    let then = site.service.draft(&c.reader(), &draft.id, Some(&before)).await.ok()?;
    let name = of(&then, &asked.removed).ok()?.name.clone();
    Some(Removed { hash: asked.removed.clone(), name, before: asked.before.clone() })
}

/// `GET /drafts/{id}/files`
pub(super) async fn list(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let draft = site.service.draft(&c.reader(), &id, None).await?;
    show(&page(&site, c, draft, &asked, Typed::default(), Errors::default()).await?)
}

async fn one(
    site: &Site,
    c: Chrome,
    draft: &Draft,
    hash: &str,
    asked: &str,
    replace: bool,
) -> Result<One, Failure> {
    let file = of(draft, hash)?.clone();
    let lang = super::edit::language(&c, draft, asked);
    let mut typed = Typed::default();
    typed.put("name", file.name.as_str());
    typed.put("lang", file.lang.as_deref().unwrap_or_default());
    typed.put("alt", file.alt.0.get(&lang).map(String::as_str).unwrap_or_default());
    typed.put("licence", file.licence.as_deref().unwrap_or_default());
    Ok(One {
        id: draft.id.clone(),
        heads: draft.heads.join(","),
        lists: site.service.vocabularies(c.words.lang).await?,
        limits: site.service.file_limits().await?,
        errors: Errors::default(),
        c,
        lang,
        file,
        replace,
        typed,
    })
}

/// `GET /drafts/{id}/files/{hash}`, and `…/replace`
pub(super) async fn ask<const REPLACE: bool>(
    State(site): Shared,
    member: Member,
    Path((id, hash)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let draft = site.service.draft(&c.reader(), &id, None).await?;
    show(&one(&site, c, &draft, &hash, &asked.language, REPLACE).await?)
}

/// `POST /drafts/{id}/files/{hash}`
pub(super) async fn say(
    State(site): Shared,
    member: Member,
    Path((id, hash)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let typed = Typed(typed);
    let seen = site.service.draft(&c.reader(), &id, Some(&heads(&typed.get("heads")))).await?;
    let mut page = one(&site, c, &seen, &hash, &typed.get("in"), false).await?;
    let (file, lang) = (&mut page.file, &page.lang);
    file.name = typed.get("name");
    file.lang = typed.some("lang");
    file.licence = typed.some("licence");
    match typed.some("alt") {
        Some(alt) => file.alt.0.insert(lang.clone(), alt),
        None => file.alt.0.remove(lang),
    };
    let said = if file.name.is_empty() {
        let mut errors = Errors::default();
        errors.add("name", page.c.t("attach-name-missing"));
        Err(errors)
    } else {
        let mut fields = seen.fields;
        let before = fields.attachments.iter_mut().find(|file| file.hash == hash);
        *before.ok_or(Refusal::NotFound)? = file.clone();
        let save = Save { heads: seen.heads, fields };
        match site.service.save_draft(&page.c.reader(), &id, &save).await {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refused(&page.c, refusal)?),
        }
    };
    match said {
        Ok(()) => {
            page.c.leave_notice(&site, "attach-said");
            Ok(Redirect::to(&list_of(&id, &page.lang)).into_response())
        }
        Err(errors) => {
            (page.errors, page.typed) = (errors, typed);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
    }
}

/// `POST /drafts/{id}/files/{hash}/remove`
pub(super) async fn remove(
    State(site): Shared,
    member: Member,
    Path((id, hash)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let Draft { heads, mut fields, .. } =
        site.service.draft(&c.reader(), &id, Some(&heads(&typed.get("heads")))).await?;
    let before = heads.join(",");
    let all = fields.attachments.len();
    fields.attachments.retain(|file| file.hash != hash);
    if fields.attachments.len() == all {
        return Err(Refusal::NotFound.into());
    }
    site.service.save_draft(&c.reader(), &id, &Save { heads, fields }).await?;
    let list = format!("/drafts/{}/files", encode(&id));
    let lang = typed.get("in");
    let told = [
        ("in", Some(lang.as_str())),
        ("removed", Some(hash.as_str())),
        ("before", Some(before.as_str())),
    ];
    Ok(Redirect::to(&with_query(&list, &told)).into_response())
}

/// `POST /drafts/{id}/files/{hash}/back`
pub(super) async fn put_back(
    State(site): Shared,
    member: Member,
    Path((id, hash)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome.at(Section::Work), Typed(typed));
    let reader = c.reader();
    let then = site.service.draft(&reader, &id, Some(&heads(&typed.get("before")))).await?;
    let at = then.fields.attachments.iter().position(|file| file.hash == hash);
    let at = at.ok_or(Refusal::NotFound)?;
    let seen = site.service.draft(&reader, &id, Some(&heads(&typed.get("heads")))).await?;
    let limit = site.service.file_limits().await?.files;
    let asked = Asked { language: typed.get("in"), ..Asked::default() };
    let Draft { heads, mut fields, .. } = seen;
    let files = &mut fields.attachments;
    if files.len() >= limit {
        let mut errors = Errors::default();
        errors.add("files", c.t1("attach-refused-too-many", "count", limit));
        let draft = site.service.draft(&reader, &id, None).await?;
        let page = page(&site, c, draft, &asked, Typed::default(), errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
    }
    if files.iter().all(|file| file.hash != hash) {
        files.insert(at.min(files.len()), then.fields.attachments[at].clone());
        site.service.save_draft(&reader, &id, &Save { heads, fields }).await?;
    }
    c.leave_notice(&site, "attach-put-back");
    Ok(Redirect::to(&list_of(&id, &asked.language)).into_response())
}
