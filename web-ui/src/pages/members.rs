//! Who belongs to the federation, and inviting others.

use askama::Template;
use axum::Form;
use axum::extract::State;
use serde::Deserialize;

use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Invitation, Membership};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "members.html")]
struct Members {
    c: Chrome,
    m: Membership,
    made: Option<Invitation>,
    /// The invitation as a code to be photographed.
    qr: Option<String>,
}

/// `GET /network/members`
pub async fn list(State(site): Shared, member: Member) -> Shown {
    let m = site.service.membership(&member.chrome.reader()).await?;
    show(&Members { m, made: None, qr: None, c: member.chrome.at(Section::Network) })
}

/// Who is invited.
#[derive(Deserialize, Default)]
pub struct Invite {
    /// The organisation's name; anyone's when empty.
    #[serde(default)]
    organisation: String,
}

/// `POST /network/members/invite`: shows the text once, as a code too.
pub async fn invite(State(site): Shared, member: Member, Form(typed): Form<Invite>) -> Shown {
    let reader = member.chrome.reader();
    let organisation = Some(typed.organisation.trim()).filter(|name| !name.is_empty());
    let made = site.service.invite(&reader, organisation).await?;
    let m = site.service.membership(&reader).await?;
    let qr = crate::qr::of_text(&made.text, true);
    show(&Members { m, made: Some(made), qr, c: member.chrome.at(Section::Network) })
}
