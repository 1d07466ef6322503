//! All editions of a practice.

use askama::Template;
use axum::extract::{Path, State};

use crate::page::{Chrome, Section, Shown, show};
use crate::service::{EditionEntry, Phrase, Verdict};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "history.html")]
struct History {
    c: Chrome,
    id: String,
    title: Phrase,
    editions: Vec<EditionEntry>,
}

impl History {
    /// The edition that was the latest before the one at this place.
    fn before(&self, at: &usize) -> Option<&EditionEntry> {
        self.editions.get(at + 1)
    }
}

/// `GET /practices/{id}/history`
pub async fn list(State(site): Shared, c: Chrome, Path(id): Path<String>) -> Shown {
    let reader = c.reader();
    let practice = site.service.practice(&reader, &id, None).await?;
    let editions = site.service.history(&reader, &practice.id).await?;
    show(&History {
        title: practice.fields.title.phrase(&[c.words.lang]).unwrap_or_default(),
        id: practice.id,
        editions,
        c: c.at(Section::Practices),
    })
}
