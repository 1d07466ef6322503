//! The directory of experts. Cards are public among members: it asks for a
//! session.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{List, Nothing, bounded};
use crate::failure::Failure;
use crate::page::Member;
use crate::service::{Card, CardState, Expert, ExpertQuery, Seconds};
use crate::site::Shared;
use crate::words::Civil;

/// Whom a program looks for.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    q: Option<String>,
    objective: Option<String>,
    country: Option<String>,
    lang: Option<String>,
    support: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// A card: its own fields, and beside them who signed it.
#[derive(Serialize)]
struct One {
    id: String,
    org: String,
    country: Option<String>,
    state: &'static str,
    claimed_at: String,
    expires: String,
    load: u32,
    card: Card,
}

/// A moment as programs read it.
pub(super) fn moment(at: Seconds) -> String {
    Civil::of(at).iso()
}

impl From<Expert> for One {
    fn from(expert: Expert) -> Self {
        let mut card = expert.card;
        card.name = card.name.or(expert.name);
        Self {
            id: expert.id,
            org: expert.organisation,
            country: expert.country.map(|country| country.code),
            state: match expert.state {
                CardState::Listed => "listed",
                CardState::Paused => "paused",
                CardState::Due => "due",
                CardState::Lapsed => "lapsed",
            },
            claimed_at: moment(expert.signed),
            expires: moment(expert.expires),
            load: expert.load,
            card,
        }
    }
}

/// `GET /api/v1/experts`
pub async fn list(
    State(site): Shared,
    member: Member,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let limit = bounded(asked.limit)?;
    let query = ExpertQuery {
        text: asked.q.clone().unwrap_or_default().chars().take(400).collect(),
        objective: asked.objective.clone(),
        country: asked.country.clone(),
        lang: asked.lang.clone(),
        support: asked.support.clone(),
        after: asked.after.clone(),
        limit,
    };
    let found = site.service.experts(&member.chrome.reader(), &query).await?;
    let items = found.items.into_iter().map(One::from).collect();
    let list = List { total: found.total, items, next: found.next, more: Nothing {} };
    let asked = [
        ("q", asked.q.as_deref()),
        ("objective", asked.objective.as_deref()),
        ("country", asked.country.as_deref()),
        ("lang", asked.lang.as_deref()),
        ("support", asked.support.as_deref()),
    ];
    Ok(list.answer("/api/v1/experts", &asked, limit))
}

/// `GET /api/v1/experts/{id}`
pub async fn one(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let expert = site.service.expert(&member.chrome.reader(), &id).await?;
    Ok(Json(One::from(expert)).into_response())
}
