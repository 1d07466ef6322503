//! The receipt of a request, to be printed: its number, by when an answer is needed,
//! and who holds it, on one page that means something without a screen.

use askama::Template;
use axum::extract::{Path, State};

use super::happened;
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Request, Seconds};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "receipt.html")]
struct Receipt {
    c: Chrome,
    r: Request,
    /// What happened, as sentences, with when it came here.
    steps: Vec<(String, Seconds)>,
    now: Seconds,
}

/// `GET /requests/{id}/receipt`
pub async fn one(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let r = site.service.request(&c.reader(), &id).await?;
    let steps = r.events.iter().map(|event| (happened(&c, event), event.received)).collect();
    show(&Receipt { steps, now: c.now, r, c })
}
