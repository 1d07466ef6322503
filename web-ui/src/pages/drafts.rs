//! What a person is writing, and how to begin.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::form::{Errors, Typed};
use crate::page::Chrome;
use crate::page::{Member, Section, Shown, show};
use crate::service::{DraftEntry, Refusal, Vocabularies};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "drafts.html")]
struct Drafts {
    c: Chrome,
    drafts: Vec<DraftEntry>,
}

impl Drafts {
    fn open(&self) -> impl Iterator<Item = &DraftEntry> {
        self.drafts.iter().filter(|draft| !draft.away)
    }

    fn away(&self) -> impl Iterator<Item = &DraftEntry> {
        self.drafts.iter().filter(|draft| draft.away)
    }
}

/// `GET /drafts`
pub async fn list(State(site): Shared, member: Member) -> Shown {
    let drafts = site.service.drafts(&member.chrome.reader()).await?;
    show(&Drafts { drafts, c: member.chrome.at(Section::Work) })
}

#[derive(Template)]
#[template(path = "new.html")]
struct New {
    c: Chrome,
    title: String,
    lang: String,
    lists: Arc<Vocabularies>,
    errors: Errors,
}

impl New {
    fn summary(&self) -> Vec<(String, String)> {
        self.errors.iter().map(|wrong| (wrong.id.clone(), wrong.message.clone())).collect()
    }
}

/// `GET /practices/new`
pub async fn new(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Work);
    let lists = site.service.vocabularies(c.words.lang).await?;
    let lang = c.standing.lang.clone();
    show(&New { c, title: String::new(), lang, lists, errors: Errors::default() })
}

/// `POST /practices/new`
pub async fn create(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let typed = Typed(typed);
    let (title, lang) = (typed.get("title"), typed.get("original_language"));
    let mut errors = Errors::default();
    if title.is_empty() {
        errors.add("title", c.t("new-title-missing"));
    }
    if lang.is_empty() {
        errors.add("original_language", c.t("new-language-missing"));
    }
    if errors.is_empty() {
        match site.service.new_draft(&c.reader(), &title, &lang).await {
            Ok(id) => return Ok(Redirect::to(&format!("/drafts/{id}/edit")).into_response()),
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let lists = site.service.vocabularies(c.words.lang).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&New { c, title, lang, lists, errors })?)
        .into_response())
}

/// `POST /practices/{id}/edit`: opens a draft from the latest edition.
pub async fn open(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let draft = site.service.draft_of(&member.chrome.reader(), &id).await?;
    Ok(Redirect::to(&format!("/drafts/{draft}/edit")).into_response())
}
