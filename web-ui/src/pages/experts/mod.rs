//! The directory of experts, and one card of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use crate::address::with_query;
use crate::form::schema::CARD;
use crate::form::told::{Told, told_of};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{CardState, Choice, Expert, ExpertQuery, Experts, Vocabularies};
use crate::site::Shared;

pub mod card;

/// Cards on one page of the directory.
const CARDS_ON_A_PAGE: usize = 30;

/// What is looked for, as it stands in an address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    objective: String,
    country: String,
    language: String,
    support: String,
    after: String,
}

impl Asked {
    fn query(&self) -> ExpertQuery {
        let some = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        ExpertQuery {
            text: self.q.trim().chars().take(400).collect(),
            objective: some(&self.objective),
            country: some(&self.country),
            lang: some(&self.language),
            support: some(&self.support),
            after: some(&self.after),
            limit: CARDS_ON_A_PAGE,
        }
    }

    fn page(&self, after: Option<&str>) -> String {
        let some = |text: &'_ str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let parts = [
            ("q", some(&self.q)),
            ("objective", some(&self.objective)),
            ("country", some(&self.country)),
            ("language", some(&self.language)),
            ("support", some(&self.support)),
            ("after", after.map(str::to_owned)),
        ];
        let pairs: Vec<_> = parts.iter().map(|(key, value)| (*key, value.as_deref())).collect();
        with_query("/experts", &pairs)
    }

    fn is_everything(&self) -> bool {
        [&self.q, &self.objective, &self.country, &self.language, &self.support]
            .iter()
            .all(|part| part.trim().is_empty())
    }
}

/// A card as one entry of a list.
pub(super) struct Row {
    pub expert: Expert,
    pub objectives: Vec<Choice>,
    pub countries: Vec<String>,
    pub languages: Vec<Choice>,
    pub support: Vec<String>,
}

impl Row {
    /// A card with its codes in words.
    pub fn of(expert: Expert, lists: &Vocabularies) -> Self {
        let label = |list: &[Choice], code: &str| Vocabularies::label(list, code).to_owned();
        let choice = |list: &[Choice], code: &str| Choice {
            code: code.to_owned(),
            label: label(list, code),
        };
        let card = &expert.card;
        Self {
            objectives: card
                .objectives
                .iter()
                .map(|number| choice(&lists.objectives, &number.to_string()))
                .collect(),
            countries: card
                .country_experience
                .iter()
                .map(|code| label(&lists.countries, code))
                .collect(),
            languages: card
                .languages
                .iter()
                .map(|speaks| choice(&lists.languages, &speaks.tag))
                .collect(),
            support: card
                .support_types
                .iter()
                .map(|code| label(&lists.support_types, code))
                .collect(),
            expert,
        }
    }
}

#[derive(Template)]
#[template(path = "experts.html")]
struct Directory {
    c: Chrome,
    asked: Asked,
    found: Experts,
    rows: Vec<Row>,
    lists: Arc<Vocabularies>,
    next: Option<String>,
    first: Option<String>,
}

/// `GET /experts`
pub async fn list(State(site): Shared, member: Member, Query(asked): Query<Asked>) -> Shown {
    let c = member.chrome.at(Section::Experts);
    let mut found = site.service.experts(&c.reader(), &asked.query()).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let items = std::mem::take(&mut found.items);
    show(&Directory {
        rows: items.into_iter().map(|expert| Row::of(expert, &lists)).collect(),
        next: found.next.as_deref().map(|next| asked.page(Some(next))),
        first: (!asked.after.is_empty()).then(|| asked.page(None)),
        asked,
        found,
        lists,
        c,
    })
}

#[derive(Template)]
#[template(path = "expert.html")]
struct One {
    c: Chrome,
    e: Expert,
    told: Vec<Told>,
}

/// `GET /experts/{id}`
pub async fn one(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Experts);
    let e = site.service.expert(&c.reader(), &id).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let told = told_of(&CARD, &e.card, &lists, &c.words);
    show(&One { told: told.into_iter().filter(|told| told.key != "name").collect(), e, c })
}
