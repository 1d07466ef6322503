//! The form of a practice.
//!
//! The form carries the heads that its writer saw; a save is made on top of
//! those and merged with whatever others wrote since. Where two people changed
//! one passage, the form comes back with the joined text and says who.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::comments::{Thread, threads, writer};
use super::held::Held;
use crate::address::encode;
use crate::failure::Failure;
use crate::form::layout::{Body, Part, Sheet};
use crate::form::schema::PRACTICE;
use crate::form::{Errors, Typed, file, heads};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Attachment, Choice, Clash, Draft, DraftComment, FileState, HeldWay, Refusal, Save, Vocabularies,
};
use crate::site::{Shared, Site};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    /// The language to write in.
    #[serde(rename = "in")]
    language: String,
}

#[derive(Template)]
#[template(path = "edit.html")]
struct Edit {
    c: Chrome,
    draft: Draft,
    heads: String,
    lang: String,
    lang_name: String,
    languages: Vec<Choice>,
    parts: Vec<Part>,
    wrong: Vec<(String, String)>,
    merged: bool,
    missing: Vec<(String, String)>,
    held: Vec<Held>,
}

impl Edit {
    /// Open comments on a field, each with its answers.
    fn comments(&self, control: &str) -> Vec<Thread<'_>> {
        let key = control.split('.').next().unwrap_or(control);
        let open = |one: &DraftComment| one.field == key && !one.resolved;
        if !self.draft.comments.iter().any(open) {
            return Vec::new();
        }
        let all = threads(&self.draft).into_iter();
        all.filter(|thread| thread.first.field == key && !thread.first.resolved).collect()
    }

    fn writer(&self, one: &DraftComment) -> String {
        writer(&self.c, one)
    }

    fn offered(&self) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(|held| held.is_offered())
    }
}

/// What happened before the form is shown again.
#[derive(Default)]
struct After {
    typed: Option<Typed>,
    errors: Errors,
    clashes: Vec<Clash>,
    merged: bool,
}

/// `GET /drafts/{id}/edit`
pub(super) async fn form(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let draft = site.service.draft(&c.reader(), &id, None).await?;
    let lang = language(&c, &draft, &asked.language);
    show(&sheet(&site, c, draft, lang, After::default()).await?)
}

/// `POST /drafts/{id}/edit`
pub(super) async fn save(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let reader = c.reader();
    let typed = Typed(typed);
    let heads = heads(&typed.get("heads"));
    let seen = site.service.draft(&reader, &id, Some(&heads)).await?;
    let lang = language(&c, &seen, &typed.get("in"));

    let fields = match file::gather(&PRACTICE, &typed, &lang, &seen.fields, &c.words) {
        Ok(fields) => fields,
        Err(errors) => return again(&site, c, seen, lang, typed, errors).await,
    };
    let saved = match site.service.save_draft(&reader, &id, &Save { heads, fields }).await {
        Ok(saved) => saved,
        Err(refusal) => {
            let errors = match refusal {
                Refusal::Invalid(found) => Errors::from_node(found),
                Refusal::Conflict(sentence) | Refusal::Unavailable(sentence) => {
                    let mut errors = Errors::default();
                    errors.add("main", sentence);
                    errors
                }
                other => return Err(other.into()),
            };
            return again(&site, c, seen, lang, typed, errors).await;
        }
    };
    if !saved.clashes.is_empty() {
        let draft = site.service.draft(&reader, &id, None).await?;
        let after = After { clashes: saved.clashes, merged: true, ..After::default() };
        return show(&sheet(&site, c, draft, lang, after).await?);
    }
    let then = typed.get("then");
    if then == "files" {
        return Ok(
            Redirect::to(&format!("/drafts/{id}/files?in={}", encode(&lang))).into_response()
        );
    }
    if then == "comments" {
        let to = format!("/drafts/{id}/comments?in={}", encode(&lang));
        return Ok(Redirect::to(&to).into_response());
    }
    if then == "sign" {
        return Ok(Redirect::to(&format!("/drafts/{id}/sign")).into_response());
    }
    c.leave_notice(&site, if saved.merged { "edit-saved-merged" } else { "edit-saved" });
    Ok(Redirect::to(&format!("/drafts/{id}/edit?in={}", encode(&lang))).into_response())
}

/// The form as typed, with what is wrong.
async fn again(
    site: &Site,
    c: Chrome,
    draft: Draft,
    lang: String,
    typed: Typed,
    errors: Errors,
) -> Shown {
    let after = After { typed: Some(typed), errors, ..After::default() };
    let page: Response = show(&sheet(site, c, draft, lang, after).await?)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The language to write in: the one asked for, else that of the original.
pub(super) fn language(c: &Chrome, draft: &Draft, asked: &str) -> String {
    let sane = |tag: &&str| {
        tag.len() <= 35 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    Some(asked)
        .filter(|tag| !tag.is_empty())
        .filter(sane)
        .or(draft.fields.original_language.as_deref())
        .unwrap_or(&c.standing.lang)
        .to_owned()
}

/// A file in one line: what it is called, what it is, whether it is here.
fn told(c: &Chrome, file: &Attachment, state: &FileState) -> String {
    let size = file.bytes.as_ref().map(|bytes| c.bytes(bytes)).unwrap_or_default();
    let here = c.t(if state.is_here() { "file-here" } else { "attach-not-here" });
    let parts = [file.name.as_str(), &file.media_type, &size, &here];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

async fn sheet(
    site: &Site,
    c: Chrome,
    draft: Draft,
    lang: String,
    after: After,
) -> Result<Edit, Failure> {
    let lists = site.service.vocabularies(c.words.lang).await?;
    let typed = after.typed.unwrap_or_else(|| file::spread(&PRACTICE, &draft.fields, &lang));
    let hashes: Vec<String> =
        draft.fields.attachments.iter().map(|file| file.hash.clone()).collect();
    let states = site.service.files(&c.reader(), &hashes).await?;
    let files = |key: &str| match key {
        "images" => draft.fields.images.iter().map(|file| file.name.clone()).collect(),
        _ => {
            let files = draft.fields.attachments.iter().zip(&states);
            files.map(|(file, state)| told(&c, file, state)).collect()
        }
    };
    let sheet = Sheet {
        book: &PRACTICE,
        typed: &typed,
        lang: &lang,
        errors: &after.errors,
        clashes: &after.clashes,
        lists: &lists,
        words: &c.words,
        files: &files,
    };
    let missing = draft.missing.iter().map(|key| (key.clone(), c.t(&format!("field-{key}"))));
    Ok(Edit {
        parts: sheet.parts(),
        wrong: sheet.summary(),
        heads: draft.heads.join(","),
        lang_name: Vocabularies::label(&lists.languages, &lang).to_owned(),
        languages: lists.languages.clone(),
        missing: missing.collect(),
        merged: after.merged,
        held: Held::all(&draft, &lists, &c),
        lang,
        draft,
        c,
    })
}
