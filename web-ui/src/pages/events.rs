//! What changes, told to open pages as server-sent events.
//!
//! An event is a notice, never the news: `{topic, id}`, upon which the page is
//! asked for again like any other. A listener that lost its connection and
//! comes back names the last event it got; what happened between is not told
//! one by one: it is told once to load again. A stream ends with the node,
//! and at the first change after its session ended.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde_json::json;

use crate::failure::Failure;
use crate::page::Member;
use crate::service::{Change, Topic};
use crate::site::Shared;

/// Pages of one node that listen at once.
const STREAMS_MAX: usize = 1_000;
/// Between two signs of life, so that nothing in between takes a silent
/// stream for a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(25);

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// A place among the open streams, given back when the stream is dropped.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let more = |open: usize| (open < STREAMS_MAX).then_some(open + 1);
        OPEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok().map(|_| Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

fn event(change: &Change) -> Event {
    let data = json!({ "topic": change.topic.code(), "id": change.id });
    Event::default().id(change.number.to_string()).event("change").data(data.to_string())
}

/// `GET /events`
pub(super) async fn stream(
    State(site): Shared,
    member: Member,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let place =
        Place::take().ok_or(Failure::Plain(StatusCode::SERVICE_UNAVAILABLE, "events-full"))?;
    let changes = site.service.changes(&member.chrome.reader()).await?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let again = last.map(|number| Change { number, topic: Topic::Anything, id: String::new() });
    let token = member.chrome.token.unwrap_or_default();
    let lives = move |_: &Change| {
        let _held = &place;
        let site = Arc::clone(&site);
        let lives = site.sessions.lives(&token, site.uptime());
        futures::future::ready(lives)
    };
    let told = futures::stream::iter(again)
        .chain(changes)
        .take_while(lives)
        .map(|change| Ok::<_, Infallible>(event(&change)));
    let alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(told).keep_alive(alive).into_response())
}
