//! What a person does about a request: one question a page.
//!
//! An act that cannot be done any more leads back to the request, which says
//! what happened meanwhile. What was typed comes back when a field is not
//! right, and also when somebody was faster.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::failure::Failure;
use crate::form::file::lines;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Act, ActKind, Candidate, Choice, Invited, Outcome, Phrase, Query, Refusal, Reply, Request,
    Said, Side,
};
use crate::site::{Shared, Site};

/// Practices offered for one search.
const FOUND_MAX: usize = 8;
/// Experts offered at once, the best first.
const OTHERS_MAX: usize = 20;
/// How useful an answer can be.
const RATINGS: [u8; 4] = [4, 3, 2, 1];

/// A practice that can be cited.
struct Citable {
    id: String,
    title: Phrase,
    organisation: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "act.html")]
struct Acting {
    c: Chrome,
    r: Request,
    kind: ActKind,
    typed: Typed,
    /// Those who can be awarded.
    accepted: Vec<Invited>,
    /// Those who can be asked too.
    others: Vec<Candidate>,
    reasons: Vec<Choice>,
    citable: Vec<Citable>,
    searched: bool,
    limit: Option<u64>,
    languages: Vec<Choice>,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

impl Acting {
    /// A sentence of this act.
    fn say(&self, what: &str) -> String {
        self.c.t(&format!("act-{}-{what}", self.kind.code()))
    }

    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    fn text_hint(&self) -> String {
        let hint = self.c.t("act-answer-hint");
        match self.limit {
            Some(limit) => format!("{hint} {}", self.c.t1("form-characters", "count", limit)),
            None => hint,
        }
    }
}

fn kind_of(word: &str) -> Result<ActKind, Failure> {
    ActKind::of(word).ok_or_else(|| Refusal::NotFound.into())
}

/// `GET /requests/{id}/{act}`
pub async fn form(
    State(site): Shared,
    member: Member,
    Path((id, act)): Path<(String, String)>,
) -> Shown {
    let kind = kind_of(&act)?;
    let c = member.chrome.at(Section::Requests);
    let r = site.service.request(&c.reader(), &id).await?;
    if !r.acts.contains(&kind) {
        c.leave_notice(&site, "act-not-now");
        return Ok(Redirect::to(&format!("/requests/{}", r.id)).into_response());
    }
    let mut typed = Typed::default();
    let wanted = &r.ask.languages_out;
    let here = wanted.iter().find(|tag| *tag == c.words.lang).or(wanted.first());
    typed.put("language", here.map_or(c.words.lang, String::as_str));
    let accepted: Vec<_> = r.candidates.iter().filter(|one| one.said == Said::Accepted).collect();
    if let [only] = accepted.as_slice() {
        typed.put("expert", &only.expert);
    }
    show(&page(&site, c, r, kind, typed, Errors::default()).await?)
}

/// `POST /requests/{id}/{act}`
pub async fn run(
    State(site): Shared,
    member: Member,
    Path((id, act)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let kind = kind_of(&act)?;
    let c = member.chrome.at(Section::Requests);
    let reader = c.reader();
    let typed = Typed(typed);
    if kind == ActKind::Answer && typed.has("then", "search") {
        let r = site.service.request(&reader, &id).await?;
        return show(&page(&site, c, r, kind, typed, Errors::default()).await?);
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let errors = match read(&c, kind, &typed) {
        Err(errors) => errors,
        Ok(act) => {
            match site.service.act(&reader, &id, &act, typed.passphrase().as_deref()).await {
                Ok(()) => {
                    c.leave_notice(&site, done(kind));
                    return Ok(Redirect::to(&format!("/requests/{id}")).into_response());
                }
                Err(Refusal::Invalid(found)) => Errors::from_node(found),
                Err(Refusal::Conflict(sentence)) => {
                    status = StatusCode::CONFLICT;
                    let mut errors = Errors::default();
                    errors.add("act", sentence);
                    errors
                }
                Err(Refusal::Unavailable(sentence)) => {
                    status = StatusCode::SERVICE_UNAVAILABLE;
                    let mut errors = Errors::default();
                    errors.add("act", sentence);
                    errors
                }
                Err(refusal) => return Err(refusal.into()),
            }
        }
    };
    let r = site.service.request(&reader, &id).await?;
    let page = page(&site, c, r, kind, typed, errors).await?;
    Ok((status, show(&page)?).into_response())
}

/// The act as typed.
fn read(c: &Chrome, kind: ActKind, typed: &Typed) -> Result<Act, Errors> {
    let missing = |field: &str, key: &str| {
        let mut errors = Errors::default();
        errors.add(field, c.t(key));
        errors
    };
    let note = typed.some("note");
    Ok(match kind {
        ActKind::Accept => Act::Accept { note },
        ActKind::Decline => {
            let reason = typed.some("reason");
            let reason = reason.ok_or_else(|| missing("reason", "act-reason-missing"))?;
            Act::Decline { reason, note }
        }
        ActKind::Offer => {
            let experts: Vec<String> = typed.all("experts").map(str::to_owned).collect();
            if experts.is_empty() {
                return Err(missing("experts", "act-offer-missing"));
            }
            Act::Offer { experts }
        }
        ActKind::Award => {
            let expert = typed.some("expert");
            Act::Award { expert: expert.ok_or_else(|| missing("expert", "act-expert-missing"))? }
        }
        ActKind::Answer => {
            let text = typed.some("text").ok_or_else(|| missing("text", "act-text-missing"))?;
            let language = typed.some("language");
            Act::Answer(Reply { text, practices: cited(typed), language })
        }
        ActKind::Confirm => Act::Confirm,
        ActKind::Close => {
            let chosen = typed.get("outcome");
            let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.code() == chosen);
            Act::Close {
                outcome: outcome.ok_or_else(|| missing("outcome", "act-outcome-missing"))?,
                rating: typed.get("rating").parse().ok().filter(|n| RATINGS.contains(n)),
                comment: typed.some("comment"),
            }
        }
        ActKind::Withdraw => Act::Withdraw { note },
    })
}

/// The practices that are ticked, and those written by their id.
fn cited(typed: &Typed) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let more = lines(&typed.get("more"));
    for id in typed.all("practices").map(str::to_owned).chain(more) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn done(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Accept => "act-accept-done",
        ActKind::Decline => "act-decline-done",
        ActKind::Offer => "act-offer-done",
        ActKind::Award => "act-award-done",
        ActKind::Answer => "act-answer-done",
        ActKind::Confirm => "act-confirm-done",
        ActKind::Close => "act-close-done",
        ActKind::Withdraw => "act-withdraw-done",
    }
}

async fn page(
    site: &Site,
    c: Chrome,
    r: Request,
    kind: ActKind,
    typed: Typed,
    errors: Errors,
) -> Result<Acting, Failure> {
    let lists = site.service.vocabularies(c.words.lang).await?;
    let (mut citable, mut searched) = (Vec::new(), false);
    if kind == ActKind::Answer {
        (citable, searched) = citables(site, &c, &r, &typed).await?;
    }
    let mut others = Vec::new();
    if kind == ActKind::Offer {
        let asked = |id: &str| r.candidates.iter().any(|one| one.expert == id);
        others = site.service.propose(&c.reader(), &r.ask).await?.candidates;
        others.retain(|one| !asked(&one.expert.id));
        others.truncate(OTHERS_MAX);
    }
    // A place inside a list is told at the list.
    let wrong = errors.iter().map(|wrong| {
        let key = wrong.id.split('.').next().unwrap_or(&wrong.id);
        (key.to_owned(), wrong.message.clone())
    });
    Ok(Acting {
        accepted: r.candidates.iter().filter(|one| one.said == Said::Accepted).cloned().collect(),
        reasons: lists
            .decline_reasons
            .iter()
            .map(|reason| Choice {
                label: c.words.choice("reason", &reason.code, &reason.label),
                code: reason.code.clone(),
            })
            .collect(),
        languages: lists.languages.clone(),
        limit: lists.limits.get("reply.text").copied(),
        wrong: wrong.collect(),
        others,
        citable,
        searched,
        errors,
        typed,
        kind,
        r,
        c,
    })
}

/// The practices that are ticked, then those found for the words typed, or,
/// before any were, for the title of the request.
async fn citables(
    site: &Site,
    c: &Chrome,
    r: &Request,
    typed: &Typed,
) -> Result<(Vec<Citable>, bool), Failure> {
    let reader = c.reader();
    let mut all: Vec<Citable> = Vec::new();
    for id in cited(typed).into_iter().take(FOUND_MAX * 2) {
        match site.service.practice(&reader, &id, None).await {
            Ok(practice) if all.iter().all(|one| one.id != practice.id) => {
                let title = practice.fields.title.best(&[c.words.lang]);
                let (lang, text) = title.unwrap_or(("", practice.id.as_str()));
                all.push(Citable {
                    title: Phrase { text: text.to_owned(), lang: lang.to_owned() },
                    id: practice.id.clone(),
                    organisation: practice.origin_name,
                    on: true,
                });
            }
            // What this node does not hold stays where it was typed.
            Ok(_) | Err(_) => {}
        }
    }
    let words = typed.get("find");
    let objective = r.ask.objectives.first().map(ToString::to_string);
    let query = Query {
        text: words.chars().take(400).collect(),
        objective: objective.filter(|_| words.is_empty()),
        limit: FOUND_MAX,
        ..Query::default()
    };
    for hit in site.service.search(&reader, &query).await?.hits {
        if all.iter().all(|one| one.id != hit.id) {
            all.push(Citable {
                id: hit.id,
                title: hit.title,
                organisation: hit.organisation,
                on: false,
            });
        }
    }
    Ok((all, !words.is_empty()))
}
