//! The library as a list with search and filters.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Redirect;

use super::listing::{Asked, Filter, HITS_ON_A_PAGE, filters};
use crate::page::{Chrome, Section, Shown, show};
use crate::service::{EXPORT_FORMATS, EXPORT_PRACTICES_MAX, Found};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "practices.html")]
struct Practices {
    c: Chrome,
    asked: Asked,
    found: Found,
    filters: Vec<Filter>,
    next: Option<String>,
    first: Option<String>,
}

impl Practices {
    /// The address of the feed that follows this list.
    fn feed(&self) -> String {
        self.asked.feed()
    }

    /// The address of the whole list in a format.
    fn taken_as(&self, format: &str) -> String {
        self.asked.export(format)
    }
}

/// `GET /practices`
pub async fn list(State(site): Shared, c: Chrome, Query(asked): Query<Asked>) -> Shown {
    let found = site.service.search(&c.reader(), &asked.query(HITS_ON_A_PAGE)).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    show(&Practices {
        next: found.next.as_deref().map(|next| asked.with("after", Some(next))),
        first: (!asked.after.is_empty()).then(|| asked.with("after", None)),
        filters: filters(&c, &asked, &found, &lists),
        asked,
        found,
        c: c.at(Section::Practices),
    })
}

/// `GET /objectives/{number}`: the list of its practices.
pub async fn objective(Path(number): Path<u8>) -> Redirect {
    Redirect::permanent(&format!("/practices?objective={number}"))
}
