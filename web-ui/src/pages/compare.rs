//! Two editions of a practice, field by field and word by word.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use crate::diff::{self, Piece};
use crate::form::told::{Told, told};
use crate::page::{Chrome, Section, Shown, show};
use crate::service::{EditionEntry, Phrase, Practice, Refusal};
use crate::site::Shared;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    from: String,
    to: String,
}

/// A field that differs.
pub(super) struct Change {
    pub(super) label: String,
    pub(super) lang: String,
    pub(super) pieces: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare {
    c: Chrome,
    title: Phrase,
    from: Practice,
    to: Practice,
    editions: Vec<EditionEntry>,
    changes: Vec<Change>,
}

/// `GET /practices/{id}/compare?from=&to=`
pub(super) async fn compare(
    State(site): Shared,
    c: Chrome,
    Path(id): Path<String>,
    Query(mut asked): Query<Asked>,
) -> Shown {
    let reader = c.reader();
    let editions = site.service.history(&reader, &id).await?;
    let newest = editions.first().ok_or(Refusal::NotFound)?;
    if asked.to.is_empty() {
        asked.to.clone_from(&newest.id);
    }
    if asked.from.is_empty() {
        asked.from.clone_from(&editions.get(1).unwrap_or(newest).id);
    }
    let from = site.service.practice(&reader, &id, Some(&asked.from)).await?;
    let to = site.service.practice(&reader, &id, Some(&asked.to)).await?;
    let lists = site.service.vocabularies(&reader.lang).await?;
    let (before, after) =
        (told(&from.fields, &lists, &c.words), told(&to.fields, &lists, &c.words));
    show(&Compare {
        title: to.fields.title.phrase(&[c.words.lang]).unwrap_or_default(),
        changes: changes(&before, &after),
        from,
        to,
        editions,
        c: c.at(Section::Practices),
    })
}

/// What differs, in the order of the form. Texts are compared language by
/// language; everything else as one text with a line for each entry.
pub(super) fn changes(before: &[Told], after: &[Told]) -> Vec<Change> {
    let mut changes = Vec::new();
    for field in crate::form::schema::PRACTICE.fields() {
        let (old, new) = (find(before, field.key), find(after, field.key));
        let Some(label) = new.or(old).map(|told| told.label.clone()) else { continue };
        let mut langs: Vec<&str> = [old, new]
            .into_iter()
            .flatten()
            .flat_map(|told| &told.texts)
            .map(|t| t.lang.as_str())
            .collect();
        langs.sort_unstable();
        langs.dedup();
        for lang in langs {
            let (old, new) = (text(old, lang), text(new, lang));
            if old != new {
                let pieces = diff::words(&old, &new);
                changes.push(Change { label: label.clone(), lang: lang.to_owned(), pieces });
            }
        }
    }
    changes
}

fn find<'a>(told: &'a [Told], key: &str) -> Option<&'a Told> {
    told.iter().find(|told| told.key == key)
}

fn text(told: Option<&Told>, lang: &str) -> String {
    let texts = told.into_iter().flat_map(|told| &told.texts);
    texts.filter(|t| t.lang == lang).map(|t| t.text.as_str()).collect::<Vec<_>>().join("\n")
}
