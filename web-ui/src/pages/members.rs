//! Who belongs to the federation; inviting and approving.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Invitation, MemberState, Membership};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "members.html")]
struct Members {
    c: Chrome,
    m: Membership,
    made: Option<Invitation>,
}

/// `GET /network/members`
pub async fn list(State(site): Shared, member: Member) -> Shown {
    let m = site.service.membership(&member.chrome.reader()).await?;
    show(&Members { m, made: None, c: member.chrome.at(Section::Network) })
}

/// Who is invited.
#[derive(Deserialize, Default)]
pub struct Invite {
    /// The organisation's name; anyone's when empty.
    #[serde(default)]
    organisation: String,
}

/// `POST /network/members/invite`: shows the text once.
pub async fn invite(State(site): Shared, member: Member, Form(typed): Form<Invite>) -> Shown {
    let reader = member.chrome.reader();
    let organisation = Some(typed.organisation.trim()).filter(|name| !name.is_empty());
    let made = site.service.invite(&reader, organisation).await?;
    let m = site.service.membership(&reader).await?;
    show(&Members { m, made: Some(made), c: member.chrome.at(Section::Network) })
}

/// Who is approved.
#[derive(Deserialize)]
pub struct Approve {
    proposal: String,
}

/// `POST /network/members/approve`
pub async fn approve(State(site): Shared, member: Member, Form(typed): Form<Approve>) -> Shown {
    site.service.approve(&member.chrome.reader(), &typed.proposal).await?;
    member.chrome.leave_notice(&site, "members-approved");
    Ok(Redirect::to("/network/members").into_response())
}
