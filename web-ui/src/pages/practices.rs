//! The library as a list with search and filters.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Redirect;

use super::listing::{Asked, Filter, HITS_ON_A_PAGE, filters};
use crate::page::{Chrome, Section, Shown, show};
use crate::service::{Alike, AlikePart, EXPORT_FORMATS, EXPORT_PRACTICES_MAX, Found, Like};
use crate::site::Shared;

/// Practices from places like ours beside a list.
const ALIKE_BESIDE: usize = 3;

#[derive(Template)]
#[template(path = "practices.html")]
struct Practices {
    c: Chrome,
    asked: Asked,
    found: Found,
    filters: Vec<Filter>,
    alike: Vec<Alike>,
    /// The list for what was meant, where words were mistaken.
    meant: Option<(String, String)>,
    /// The list of everything that fits, where only what is new is shown.
    all: Option<String>,
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
    let reader = c.reader();
    let found = site.service.search(&reader, &asked.query(HITS_ON_A_PAGE)).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    // Words say more than places: whoever types them is answered by them. At
    // the end of the world nothing is near, and nothing is shown.
    let alike = if asked.q.trim().is_empty() && asked.after.is_empty() {
        let objective = Some(asked.objective.clone()).filter(|code| !code.is_empty());
        site.service.alike(&reader, &Like::Here(objective), ALIKE_BESIDE).await?
    } else {
        Vec::new()
    };
    let meant = found.meant.clone().map(|meant| {
        let link = asked.with("q", Some(&meant));
        (meant, link)
    });
    show(&Practices {
        next: found.next.as_deref().map(|next| asked.with("after", Some(next))),
        first: (!asked.after.is_empty()).then(|| asked.with("after", None)),
        all: (!asked.since.is_empty()).then(|| asked.with("since", None)),
        filters: filters(&c, &asked, &found, &lists),
        alike,
        meant,
        asked,
        found,
        c: c.at(Section::Practices),
    })
}

/// What is alike, as a sentence.
pub fn likeness(c: &Chrome, part: &AlikePart) -> String {
    let data: Vec<&str> = part.data.iter().map(|choice| choice.label.as_str()).collect();
    c.t1(&format!("near-{}", part.part), "data", data.join(", "))
}

/// `GET /objectives/{number}`: the list of its practices.
pub async fn objective(Path(number): Path<u8>) -> Redirect {
    Redirect::permanent(&format!("/practices?objective={number}"))
}
