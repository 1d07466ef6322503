//! What a person does about a request: one question a page.
//!
//! An act that cannot be done any more leads back to the request, which says
//! what happened meanwhile. What was typed comes back when a field is not
//! right, and also when somebody was faster.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query as Begins, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::translating;
use crate::failure::Failure;
use crate::form::file::lines;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::pages::refused_at;
use crate::service::{
    Act, ActKind, Candidate, Choice, Expert, ExpertQuery, Invited, Named, Outcome, Phrase, Query,
    Question, Reach, Refusal, Reply, Request, Said, Side, Used,
};
use crate::site::{Shared, Site};

/// Practices offered for one search.
const FOUND_MAX: usize = 8;
/// Experts offered at once, the best first.
const OTHERS_MAX: usize = 20;
/// How useful an answer can be.
const RATINGS: [u8; 4] = [4, 3, 2, 1];
/// Characters of what is said beside an answer.
const TALK_CHARACTERS_MAX: usize = 2_000;

/// With what a form begins.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Begun {
    /// An expert to ask.
    expert: String,
    /// A question to reply to.
    question: String,
}

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
    /// Those who can be named.
    known: Vec<Expert>,
    /// Those who were named and not asked.
    named: Vec<Named>,
    /// Questions that wait for a reply.
    open: Vec<Question>,
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

    /// Whether there is nobody who can be asked too.
    fn nobody(&self) -> bool {
        self.others.is_empty() && self.named.is_empty()
    }

    fn talk_hint(&self) -> String {
        let hint = self.say("hint");
        format!("{hint} {}", self.c.t1("form-characters", "count", TALK_CHARACTERS_MAX))
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
    Begins(begun): Begins<Begun>,
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
    match kind {
        ActKind::Offer if !begun.expert.is_empty() => typed.put("experts", begun.expert),
        ActKind::Answer => translating::answered(&c, &r, &mut typed),
        ActKind::Close => typed.put("later", "usual"),
        ActKind::Escalate => typed.put("reach", next_reach(&r).code()),
        ActKind::Reply => {
            let open = open_questions(&r);
            let begun = Some(begun.question).filter(|question| !question.is_empty());
            let only = || open.first().map(|one| one.id.clone()).filter(|_| open.len() == 1);
            if let Some(question) = begun.or_else(only) {
                typed.put("question", question);
            }
        }
        _ => {}
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
                Err(refusal) => {
                    let (code, errors) = refused_at(refusal, "act")?;
                    status = code;
                    errors
                }
            }
        }
    };
    let r = site.service.request(&reader, &id).await?;
    let page = page(&site, c, r, kind, typed, errors).await?;
    Ok((status, show(&page)?).into_response())
}

/// Questions that wait for a reply.
fn open_questions(r: &Request) -> Vec<Question> {
    r.talk.questions.iter().filter(|question| question.replies.is_empty()).cloned().collect()
}

/// How far is looked next.
fn next_reach(r: &Request) -> Reach {
    if r.talk.reach == Reach::Next { Reach::Wider } else { Reach::Desks }
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
                follow_up: match typed.get("later").as_str() {
                    "never" => Some("never".to_owned()),
                    "day" => {
                        let day = typed.some("day");
                        Some(day.ok_or_else(|| missing("day", "act-close-day-missing"))?)
                    }
                    _ => None,
                },
            }
        }
        ActKind::Withdraw => Act::Withdraw { note },
        ActKind::Question | ActKind::Reply | ActKind::Progress | ActKind::Dispute => {
            let key = format!("act-{}-missing", kind.code());
            let text = typed.some("text").ok_or_else(|| missing("text", &key))?;
            match kind {
                ActKind::Question => Act::Question { text },
                ActKind::Progress => Act::Progress { text },
                ActKind::Dispute => Act::Dispute { text },
                _ => {
                    let question = typed.some("question");
                    let question =
                        question.ok_or_else(|| missing("question", "act-reply-which-missing"))?;
                    Act::Reply { question, text }
                }
            }
        }
        ActKind::Refer => {
            let expert = typed.some("other").or_else(|| typed.some("expert"));
            let expert = expert.ok_or_else(|| missing("expert", "act-refer-missing"))?;
            Act::Refer { expert, note }
        }
        ActKind::FollowUp => {
            let chosen = typed.get("used");
            let used = Used::ALL.into_iter().find(|used| used.code() == chosen);
            let used = used.ok_or_else(|| missing("used", "act-follow-up-missing"))?;
            Act::FollowUp { used, note }
        }
        ActKind::Escalate => {
            let chosen = typed.get("reach");
            let reach = [Reach::Wider, Reach::Desks].into_iter().find(|one| one.code() == chosen);
            let reach = reach.ok_or_else(|| missing("reach", "act-escalate-missing"))?;
            let desks = if reach == Reach::Desks { names(&typed.get("desks")) } else { vec![] };
            Act::Escalate { reach, desks }
        }
    })
}

/// Names of organisations, one a line.
fn names(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
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
        ActKind::Question => "act-question-done",
        ActKind::Reply => "act-reply-done",
        ActKind::Progress => "act-progress-done",
        ActKind::Refer => "act-refer-done",
        ActKind::Dispute => "act-dispute-done",
        ActKind::FollowUp => "act-follow-up-done",
        ActKind::Escalate => "act-escalate-done",
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
    let (mut others, mut named, mut known) = (Vec::new(), Vec::new(), Vec::new());
    let asked = |id: &str| r.candidates.iter().any(|one| one.expert == id);
    if kind == ActKind::Offer {
        named.extend(r.talk.named.iter().filter(|one| !one.asked).cloned());
        named.extend(r.talk.helps.iter().filter(|one| !one.asked).map(|one| Named {
            expert: one.expert.clone(),
            party: one.said.by.clone(),
            by: one.said.by.clone(),
            note: Some(one.said.text.clone()),
            asked: false,
        }));
        let mut ask = r.ask.clone();
        if r.talk.reach != Reach::Next {
            ask.languages_in.clear();
            ask.languages_out.clear();
        }
        let told = |one: &Candidate| named.iter().any(|named| named.expert == one.expert.id);
        others = site.service.propose(&c.reader(), &ask).await?.candidates;
        others.retain(|one| !asked(&one.expert.id) && !told(one));
        others.truncate(OTHERS_MAX);
    }
    if kind == ActKind::Refer {
        let objective = r.ask.objectives.first().map(ToString::to_string);
        let query = ExpertQuery { objective, limit: OTHERS_MAX, ..ExpertQuery::default() };
        known = site.service.experts(&c.reader(), &query).await?.items;
        known.retain(|one| !asked(&one.id));
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
        open: open_questions(&r),
        named,
        known,
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
