//! Requests: what we asked, what we are asked, and one of them whole.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use crate::address::with_query;
use crate::form::schema::ASK;
use crate::form::told::{Told, told_of};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    ActKind, Carried, Invited, Reach, ReaderRole, Request, RequestEvent, RequestQuery,
    RequestState, Requests, Said, ScorePart, Side, Step,
};
use crate::site::{Shared, Site};

pub mod acting;
pub mod asking;
pub mod board;
pub mod codes;
pub mod open;
pub mod receipt;
mod translating;

/// Requests on one page of a list.
const REQUESTS_ON_A_PAGE: usize = 30;

/// One part of a score as people read it.
pub(super) struct ScoreLine {
    pub label: String,
    pub points: u32,
    pub of: u32,
    /// What was found, in words; empty when the label says it all.
    pub found: String,
}

/// A score, part by part.
pub(super) fn score_lines(c: &Chrome, parts: &[ScorePart]) -> Vec<ScoreLine> {
    let line = |part: &ScorePart| {
        let data: Vec<_> = part.data.iter().map(|choice| choice.label.as_str()).collect();
        let data = data.join(", ");
        let told = format!("found-{}-data", part.detail);
        let found = match (part.detail.as_str(), data.is_empty()) {
            ("" | "objectives" | "support" | "topics", true) => c.t("found-none"),
            ("" | "objectives" | "support" | "topics", false) => data,
            (detail, true) => c.word("found", detail),
            (_, false) if c.words.has(&told) => c.t1(&told, "data", data),
            (detail, false) => c.t2("found-with", "what", c.word("found", detail), "data", data),
        };
        let label = c.word("score", &part.part);
        ScoreLine { label, points: part.points, of: part.of, found }
    };
    parts.iter().map(line).collect()
}

/// The look of the tag of a state; its word says the same.
pub(super) fn look(state: &RequestState) -> &'static str {
    match state {
        RequestState::Accepted
        | RequestState::InProgress
        | RequestState::Delivered
        | RequestState::Confirmed
        | RequestState::Closed => "ok",
        RequestState::Disputed | RequestState::Unmet | RequestState::Expired => "warn",
        _ => "",
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    after: String,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct List {
    c: Chrome,
    found: Requests,
    inbox: bool,
    next: Option<String>,
    first: Option<&'static str>,
}

/// `GET /requests`: what we asked.
pub async fn ours(State(site): Shared, member: Member, Query(asked): Query<Asked>) -> Shown {
    list(&site, member, Side::Asker, &asked).await
}

/// `GET /inbox`: what we are asked.
pub async fn inbox(State(site): Shared, member: Member, Query(asked): Query<Asked>) -> Shown {
    list(&site, member, Side::Expert, &asked).await
}

async fn list(site: &Site, member: Member, side: Side, asked: &Asked) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let after = Some(asked.after.clone()).filter(|after| !after.is_empty());
    let further = after.is_some();
    let query = RequestQuery { side, after, limit: REQUESTS_ON_A_PAGE };
    let found = site.service.requests(&c.reader(), &query).await?;
    let path = match side {
        Side::Asker => "/requests",
        Side::Expert => "/inbox",
    };
    show(&List {
        next: found.next.as_deref().map(|next| with_query(path, &[("after", Some(next))])),
        first: further.then_some(path),
        inbox: side == Side::Expert,
        found,
        c,
    })
}

#[derive(Template)]
#[template(path = "request.html")]
struct One {
    c: Chrome,
    r: Request,
    told: Vec<Told>,
    need: String,
}

/// What an event says, as a sentence.
fn happened(c: &Chrome, event: &RequestEvent) -> String {
    let whom = event.about.as_ref().map(|about| c.party(about)).unwrap_or_default();
    let who = c.party(&event.actor);
    c.t2(&format!("event-{}", event.kind.code()), "who", who, "whom", whom)
}

impl One {
    fn event(&self, event: &RequestEvent) -> String {
        happened(&self.c, event)
    }

    fn lines(&self, invited: &Invited) -> Vec<ScoreLine> {
        score_lines(&self.c, &invited.parts)
    }

    fn what(&self, carried: &Carried) -> String {
        self.c.t(match carried {
            Carried::Request => "trail-request",
            Carried::Word => "trail-word",
            Carried::Answer => "trail-answer",
        })
    }

    fn rating(&self, rating: &u8) -> String {
        self.c.word("rating", &rating.to_string())
    }

    fn link(&self, act: &ActKind) -> String {
        self.c.t(&format!("act-{}-link", act.code()))
    }

    fn stage(&self, step: &Step) -> String {
        let org = match step.organisation.as_str() {
            "" => self.c.t("party-unknown"),
            name => name.to_owned(),
        };
        self.c.t1(&format!("stage-{}", step.stage.code()), "org", org)
    }

    fn role(&self, role: &ReaderRole) -> String {
        self.c.t(match role {
            ReaderRole::Asker => "reader-asker",
            ReaderRole::Expert => "reader-expert",
            ReaderRole::Desk => "reader-desk",
        })
    }

    fn said_look(&self, said: &Said) -> &'static str {
        match said {
            Said::Accepted | Said::Awarded => "ok",
            _ => "",
        }
    }

    /// Whether the translation that is asked for is this reader's to make.
    fn translates(&self) -> bool {
        self.can(ActKind::Answer)
    }

    fn can(&self, act: ActKind) -> bool {
        self.r.acts.contains(&act)
    }

    /// Whether it says how far was looked for somebody.
    fn looks(&self) -> bool {
        self.r.side == Side::Asker && self.r.closure.is_none()
    }

    fn desks(&self) -> String {
        self.r.talk.desks.join(", ")
    }

    /// The heading of what can be done: it says whose turn it is.
    fn turn(&self) -> String {
        let key = if self.r.waits { "request-your-turn" } else { "request-nothing-now" };
        self.c.t(key)
    }
}

/// `GET /requests/{id}`
pub async fn one(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let r = site.service.request(&c.reader(), &id).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let told = told_of(&ASK, &r.ask, &lists, &c.words);
    show(&One {
        told: told
            .into_iter()
            .filter(|told| !matches!(told.key, "title" | "need" | "tried"))
            .collect(),
        need: r.ask.need.clone().unwrap_or_default(),
        r,
        c,
    })
}
