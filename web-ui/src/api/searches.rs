//! Searches that an account keeps, and practices that are alike.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{List, Nothing};
use crate::failure::Failure;
use crate::page::{Chrome, Member};
use crate::service::{Alike, Like, SavedSearch};
use crate::site::Shared;

/// Practices that are alike, at most.
const ALIKE_MAX: usize = 20;

#[derive(Serialize)]
struct Kept {
    id: String,
    name: String,
    q: String,
    objective: Option<String>,
    country: Option<String>,
    kind: Option<String>,
    lang: Option<String>,
    topic: Option<String>,
    place: Option<String>,
    total: u64,
    new: u64,
    /// Seconds since 1970.
    looked_at: i64,
}

impl From<SavedSearch> for Kept {
    fn from(saved: SavedSearch) -> Self {
        let query = saved.query;
        Self {
            id: saved.id,
            name: saved.name,
            q: query.text,
            objective: query.objective,
            country: query.country,
            kind: query.kind,
            lang: query.lang,
            topic: query.topic,
            place: query.place,
            total: saved.total,
            new: saved.fresh,
            looked_at: saved.looked,
        }
    }
}

/// `GET /api/v1/searches`: those of whoever is signed in.
pub async fn list(State(site): Shared, member: Member) -> Result<Response, Failure> {
    let kept = site.service.saved_searches(&member.chrome.reader()).await?;
    let items: Vec<Kept> = kept.into_iter().map(Kept::from).collect();
    let list = List { total: items.len() as u64, items, next: None, more: Nothing {} };
    Ok(Json(list).into_response())
}

#[derive(Serialize)]
struct Similar {
    id: String,
    title: String,
    origin: String,
    points: u32,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    part: String,
    points: u32,
    shared: Vec<String>,
}

impl From<Alike> for Similar {
    fn from(one: Alike) -> Self {
        let parts = one.parts.into_iter().map(|part| Part {
            part: part.part,
            points: part.points,
            shared: part.data.into_iter().map(|choice| choice.code).collect(),
        });
        Self {
            points: one.points,
            parts: parts.collect(),
            id: one.hit.id,
            title: one.hit.title.text,
            origin: one.hit.organisation,
        }
    }
}

/// `GET /api/v1/practices/{id}/alike`: on the same, from places like that of
/// the organisation that runs this node.
pub async fn alike(
    State(site): Shared,
    c: Chrome,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let alike = site.service.alike(&c.reader(), &Like::Practice(id), ALIKE_MAX).await?;
    let items: Vec<Similar> = alike.into_iter().map(Similar::from).collect();
    let list = List { total: items.len() as u64, items, next: None, more: Nothing {} };
    Ok(Json(list).into_response())
}
