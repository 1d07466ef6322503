//! The searches that somebody keeps, and what is new in them.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::listing::Asked;
use crate::form::Errors;
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Refusal, SavedSearch, Vocabularies};
use crate::site::{Shared, Site};

/// One kept search.
struct Row {
    one: SavedSearch,
    /// What it looks for, in words.
    told: Vec<String>,
    /// The list of what is new.
    fresh: String,
    /// The list of everything that fits.
    all: String,
}

#[derive(Template)]
#[template(path = "searches.html")]
struct Searches {
    c: Chrome,
    rows: Vec<Row>,
    /// What is about to be kept.
    asked: Asked,
    told: Vec<String>,
    name: String,
    errors: Errors,
}

/// What a search looks for, one thing after the other.
fn told(c: &Chrome, asked: &Asked, lists: &Vocabularies) -> Vec<String> {
    let words = Some(asked.q.trim()).filter(|words| !words.is_empty());
    let words = words.map(|words| c.t1("saved-words", "words", words));
    let codes = [
        ("filter-objective", &asked.objective, &lists.objectives),
        ("filter-topic", &asked.topic, &lists.topics),
        ("filter-place", &asked.place, &lists.places),
        ("filter-country", &asked.country, &lists.countries),
        ("filter-kind", &asked.kind, &lists.kinds),
        ("filter-language", &asked.language, &lists.languages),
    ];
    let fresh = Some(asked.valid.as_str()).filter(|code| !code.is_empty()).map(|code| {
        c.t2("filter-set", "filter", c.t("filter-valid"), "chosen", c.word("valid", code))
    });
    let others = [
        (!asked.origin.is_empty(), "list-one-organisation"),
        (asked.withdrawn == "yes", "saved-withdrawn"),
    ];
    let others = others.into_iter().filter(|(said, _)| *said).map(|(_, key)| c.t(key));
    let codes =
        codes.into_iter().filter(|(_, code, _)| !code.is_empty()).map(|(of, code, list)| {
            c.t2("filter-set", "filter", c.t(of), "chosen", Vocabularies::label(list, code))
        });
    words.into_iter().chain(codes).chain(fresh).chain(others).collect()
}

/// `GET /searches`, with the query of a list to keep it.
pub async fn list(State(site): Shared, member: Member, Query(asked): Query<Asked>) -> Shown {
    let asked = Asked { since: String::new(), after: String::new(), ..asked };
    let name = asked.q.trim().chars().take(80).collect();
    page(&site, member.chrome, asked, name, Errors::default()).await
}

async fn page(site: &Site, c: Chrome, asked: Asked, name: String, errors: Errors) -> Shown {
    let c = c.at(Section::Practices);
    let kept = site.service.saved_searches(&c.reader()).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let rows = kept.into_iter().map(|one| {
        let fresh = Asked::of(&one.query);
        let all = Asked { since: String::new(), ..fresh.clone() };
        Row { told: told(&c, &all, &lists), fresh: fresh.address(), all: all.address(), one }
    });
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let rows = rows.collect();
    let told = told(&c, &asked, &lists);
    Ok((status, show(&Searches { rows, told, asked, name, errors, c })?).into_response())
}

/// A search to keep: its name beside the parts of a query.
#[derive(Deserialize)]
pub struct Keeping {
    name: String,
    #[serde(flatten)]
    asked: Asked,
}

/// `POST /searches`
pub async fn keep(State(site): Shared, member: Member, Form(keeping): Form<Keeping>) -> Shown {
    let Keeping { name, asked } = keeping;
    let c = member.chrome;
    match site.service.save_search(&c.reader(), &name, &asked.query(1)).await {
        Ok(_) => {
            c.leave_notice(&site, "saved-kept");
            Ok(Redirect::to("/searches").into_response())
        }
        Err(Refusal::Invalid(found)) => page(&site, c, asked, name, Errors::from_node(found)).await,
        Err(Refusal::Conflict(sentence)) => {
            let mut errors = Errors::default();
            errors.add("name", sentence);
            page(&site, c, asked, name, errors).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /searches/{id}/seen`
pub async fn seen(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    site.service.look_at_search(&member.chrome.reader(), &id).await?;
    Ok(Redirect::to("/searches").into_response())
}

/// `POST /searches/{id}/remove`
pub async fn remove(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    site.service.forget_search(&member.chrome.reader(), &id).await?;
    member.chrome.leave_notice(&site, "saved-removed");
    Ok(Redirect::to("/searches").into_response())
}
