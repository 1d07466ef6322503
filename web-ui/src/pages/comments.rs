//! Comments on the fields of a draft: reading, writing, answering, and saying that
//! one is done with.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::address::encode;
use crate::failure::Failure;
use crate::form::schema::PRACTICE;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::pages::refused_at;
use crate::service::{Choice, CommentAct, Draft, DraftComment, Refusal};
use crate::site::{Shared, Site};

/// What a comment is to be about, in the address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct About {
    field: String,
    #[serde(rename = "in")]
    language: String,
}

/// A comment with what answers it.
pub(super) struct Thread<'a> {
    pub first: &'a DraftComment,
    pub answers: Vec<&'a DraftComment>,
}

/// Comments with their answers, those that are open first. An answer to something
/// that is not here stands by itself.
pub(super) fn threads(draft: &Draft) -> Vec<Thread<'_>> {
    let all = &draft.comments;
    let places: HashMap<&str, usize> =
        all.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect();
    let answered: Vec<Option<usize>> =
        all.iter().map(|one| places.get(one.answers.as_deref()?).copied()).collect();
    // The comment that began it; whoever answers in a circle begins it.
    let root = |begun: usize| {
        let (mut at, mut steps) = (begun, 0);
        while let Some(next) = answered[at].filter(|_| steps < all.len()) {
            (at, steps) = (next, steps + 1);
        }
        if steps == all.len() { begun } else { at }
    };
    let roots: Vec<usize> = (0..all.len()).map(root).collect();
    let under = |first: usize| {
        let others = (0..all.len()).filter(|at| *at != first && roots[*at] == first);
        others.map(|at| &all[at]).collect()
    };
    let firsts = (0..all.len()).filter(|at| roots[*at] == *at);
    let mut threads: Vec<Thread<'_>> =
        firsts.map(|at| Thread { first: &all[at], answers: under(at) }).collect();
    threads.sort_by_key(|thread| thread.first.resolved);
    threads
}

#[derive(Template)]
#[template(path = "comments.html")]
struct Comments {
    c: Chrome,
    draft: Draft,
    fields: Vec<Choice>,
    languages: Vec<Choice>,
    typed: Typed,
    errors: Errors,
}

impl Comments {
    fn threads(&self) -> Vec<Thread<'_>> {
        threads(&self.draft)
    }

    fn field(&self, key: &str) -> String {
        let name = format!("field-{key}");
        if self.c.words.has(&name) { self.c.t(&name) } else { key.to_owned() }
    }

    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    /// What was typed to answer this comment.
    fn answer(&self, id: &str) -> String {
        if self.is("comment", id) { self.value("answer") } else { String::new() }
    }
}

/// Somebody behind a comment, by the name that may be shown.
pub(super) fn writer(c: &Chrome, one: &DraftComment) -> String {
    one.by.as_ref().map_or_else(|| c.t("comment-unsigned"), |by| c.party(by))
}

/// `GET /drafts/{id}/comments`
pub async fn list(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Query(about): Query<About>,
) -> Shown {
    let mut typed = Typed::default();
    typed.put("field", about.field);
    typed.put("lang", about.language);
    show(&page(&site, member.chrome, &id, typed, Errors::default()).await?)
}

async fn page(
    site: &Site,
    c: Chrome,
    id: &str,
    typed: Typed,
    errors: Errors,
) -> Result<Comments, Failure> {
    let c = c.at(Section::Work);
    let draft = site.service.draft(&c.reader(), id, None).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let fields = PRACTICE
        .fields()
        .map(|field| field.key)
        .map(|key| Choice { label: c.t(&format!("field-{key}")), code: key.to_owned() });
    let (fields, languages) = (fields.collect(), lists.languages.clone());
    Ok(Comments { c, draft, fields, languages, typed, errors })
}

/// `POST /drafts/{id}/comments`
pub async fn write(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let act = match typed.some("comment") {
        Some(comment) => CommentAct::Answer { comment, text: typed.get("answer") },
        None => CommentAct::Add {
            field: typed.get("field"),
            lang: typed.get("lang"),
            quote: typed.get("quote"),
            text: typed.get("text"),
        },
    };
    match site.service.comment(&c.reader(), &id, &act).await {
        Ok(comment) => {
            c.leave_notice(&site, "comment-written");
            let place = format!("/drafts/{}/comments#comment-{comment}", encode(&id));
            Ok(Redirect::to(&place).into_response())
        }
        Err(Refusal::Invalid(found)) => {
            let answers = matches!(act, CommentAct::Answer { .. });
            let mut errors = Errors::default();
            for error in found {
                let id = match error.field.as_str() {
                    "text" if answers => format!("answer-{}", typed.get("comment")),
                    "field" | "lang" | "quote" | "text" if !answers => error.field,
                    _ => "main".to_owned(),
                };
                errors.add(id, error.message);
            }
            let page = page(&site, c, &id, typed, errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(refusal) => {
            let (status, errors) = refused_at(refusal, "main")?;
            let page = page(&site, c, &id, typed, errors).await?;
            Ok((status, show(&page)?).into_response())
        }
    }
}

/// `POST /drafts/{id}/comments/{comment}/resolve`
pub async fn resolve(
    State(site): Shared,
    member: Member,
    Path((id, comment)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome;
    let done = !Typed(typed).has("again", "yes");
    let act = CommentAct::Resolve { comment, done };
    site.service.comment(&c.reader(), &id, &act).await?;
    c.leave_notice(&site, if done { "comment-resolved" } else { "comment-reopened" });
    Ok(Redirect::to(&format!("/drafts/{}/comments", encode(&id))).into_response())
}
