//! Work in a draft that is held and not shown: what it is, and deciding over it.
//!
//! The page of the draft shows it too, with the same buttons; what cannot be done
//! at once (a key is locked) ends on the page of that work.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use super::compare::{Change, changes};
use crate::failure::Failure;
use crate::form::told::told;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Draft, HeldWay, HeldWork, Mend, Phrase, Refusal, Vocabularies, Writer};
use crate::site::{Shared, Site};

/// A reason has at most this many characters.
const REASON_CHARS_MAX: usize = 300;

/// Held work with what it would change.
pub(super) struct Held {
    pub(super) work: HeldWork,
    pub(super) changes: Vec<Change>,
}

impl Held {
    /// The held work of a draft.
    pub(super) fn all(draft: &Draft, lists: &Vocabularies, c: &Chrome) -> Vec<Self> {
        if draft.held.is_empty() {
            return Vec::new();
        }
        let now = told(&draft.fields, lists, &c.words);
        let held = |work: &HeldWork| {
            let with = work.fields.as_ref().map(|fields| told(fields, lists, &c.words));
            Self {
                changes: with.map(|with| changes(&now, &with)).unwrap_or_default(),
                work: work.clone(),
            }
        };
        draft.held.iter().map(held).collect()
    }

    /// Whether people are asked about it: it would change something, and was not
    /// put away.
    pub(super) fn is_offered(&self) -> bool {
        !self.work.away && (self.work.fields.is_none() || !self.changes.is_empty())
    }

    /// Whether it builds on work of others.
    pub(super) fn builds(&self) -> bool {
        let ended = |writer: &Writer| self.work.ended.iter().any(|ended| ended.who == *writer);
        self.work.by.iter().any(|writer| !ended(writer))
    }
}

/// All held work of a draft.
#[derive(Template)]
#[template(path = "held.html")]
struct All {
    c: Chrome,
    id: String,
    title: Phrase,
    held: Vec<Held>,
}

/// `GET /drafts/{id}/held`
pub(super) async fn all(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Work);
    let draft = site.service.draft(&c.reader(), &id, None).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    show(&All { held: Held::all(&draft, &lists, &c), title: title(&draft, &c), id, c })
}

fn title(draft: &Draft, c: &Chrome) -> Phrase {
    draft.fields.title.phrase(&[c.words.lang]).unwrap_or_default()
}

/// One held work.
#[derive(Template)]
#[template(path = "held_one.html")]
struct One {
    c: Chrome,
    id: String,
    title: Phrase,
    held: Held,
    reason: String,
    /// The node asked for the passphrase of the key.
    passphrase: bool,
    errors: Errors,
}

/// `GET /drafts/{id}/held/{change}`
pub(super) async fn one(
    State(site): Shared,
    member: Member,
    Path((id, change)): Path<(String, String)>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    show(&page(&site, c, id, &change, String::new(), Errors::default()).await?)
}

/// `POST /drafts/{id}/held/{change}`
pub(super) async fn mend(
    State(site): Shared,
    member: Member,
    Path((id, change)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let typed = Typed(typed);
    let reason = typed.get("reason");
    let mend = match typed.get("act").as_str() {
        "adopt" => Mend::Adopt { reason: reason.clone(), passphrase: typed.passphrase() },
        "take-over" => Mend::TakeOver,
        "put-away" => Mend::PutAway,
        "bring-back" => Mend::BringBack,
        _ => return Err(Refusal::NotFound.into()),
    };
    let mut errors = Errors::default();
    if reason.chars().count() > REASON_CHARS_MAX {
        errors.add("reason", c.t1("form-too-long", "limit", REASON_CHARS_MAX));
    }
    if errors.is_empty() {
        match site.service.mend(&c.reader(), &id, &change, &mend).await {
            Ok(clashes) => {
                let done = match mend {
                    Mend::Adopt { .. } => "held-work-adopted",
                    Mend::TakeOver if clashes.is_empty() => "held-work-taken",
                    Mend::TakeOver => "held-work-joined",
                    Mend::PutAway => "held-work-away",
                    Mend::BringBack => "held-work-back",
                };
                c.leave_notice(&site, done);
                return Ok(Redirect::to(&format!("/drafts/{id}/edit")).into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = page(&site, c, id, &change, reason, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn page(
    site: &Site,
    c: Chrome,
    id: String,
    change: &str,
    reason: String,
    errors: Errors,
) -> Result<One, Failure> {
    let draft = site.service.draft(&c.reader(), &id, None).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let held = Held::all(&draft, &lists, &c).into_iter().find(|held| held.work.change == change);
    let title = title(&draft, &c);
    let passphrase = errors.iter().any(|wrong| wrong.id == "passphrase");
    Ok(One { held: held.ok_or(Refusal::NotFound)?, title, id, reason, passphrase, errors, c })
}

/// `POST /drafts/{id}/away`
pub(super) async fn put_draft_away(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let away = Typed(typed).get("act") != "bring-back";
    site.service.put_draft_away(&c.reader(), &id, away).await?;
    c.leave_notice(&site, if away { "drafts-away-done" } else { "drafts-away-undone" });
    Ok(Redirect::to("/drafts").into_response())
}
