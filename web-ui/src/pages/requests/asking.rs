//! Asking for support, in three steps: what is needed, who gets it, check and
//! sign.
//!
//! Nothing is stored before the signature: between the steps everything typed
//! travels in the page itself, and every step can be gone back from. Matching
//! and the practices offered are worked out on this node alone, so that
//! nobody hears of the need before it is sent.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::super::experts::Row;
use super::{ScoreLine, score_lines, translating};
use crate::failure::Failure;
use crate::form::layout::{Body, Part, Sheet};
use crate::form::schema::ASK;
use crate::form::told::{Told, told_of};
use crate::form::{Errors, Typed, file};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Alike, Ask, Candidate, Matching, Party, Refusal, RequestQuery, SendAsk, Side, ToTranslate,
};
use crate::session::hex;
use crate::site::{Shared, Site};

/// A key is no longer.
const KEY_CHARS_MAX: usize = 64;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    /// An expert to begin with.
    expert: String,
    /// An objective to begin with.
    objective: String,
    /// Or a practice that is to be translated, …
    translate: String,
    /// … which edition of it, …
    edition: String,
    /// … and into which language.
    into: String,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct Form1 {
    c: Chrome,
    parts: Vec<Part>,
    kept: Vec<(String, String)>,
    wrong: Vec<(String, String)>,
    may_ask: bool,
    translate: Option<ToTranslate>,
}

/// An expert who can be chosen.
struct Choosable {
    candidate: Candidate,
    lines: Vec<ScoreLine>,
    languages: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "ask_choose.html")]
struct Form2 {
    c: Chrome,
    comparable: Vec<Alike>,
    candidates: Vec<Choosable>,
    excluded: Vec<(String, String)>,
    auto: bool,
    kept: Vec<(String, String)>,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "ask_sign.html")]
struct Form3 {
    c: Chrome,
    m: Matching,
    told: Vec<Told>,
    chosen: Vec<Candidate>,
    desks: Vec<String>,
    own_desk: String,
    translate: Option<ToTranslate>,
    auto: bool,
    promised: bool,
    kept: Vec<(String, String)>,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /requests/new`
pub async fn form(State(site): Shared, member: Member, Query(asked): Query<Asked>) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let mut key = [0; 16];
    getrandom::fill(&mut key).map_err(|error| {
        tracing::error!(%error, "the system gives no randomness for a form");
        Failure::Plain(StatusCode::SERVICE_UNAVAILABLE, "error-unavailable-text")
    })?;
    let mut typed = Typed::default();
    typed.put("key", hex(&key));
    typed.put("language", c.words.lang);
    typed.put("languages_out", c.words.lang);
    if !asked.objective.is_empty() {
        typed.put("objectives", asked.objective);
    }
    if !asked.expert.is_empty() {
        typed.put("chosen", asked.expert);
    }
    if !asked.translate.is_empty() {
        let edition = Some(asked.edition.as_str()).filter(|edition| !edition.is_empty());
        let of = (asked.translate.as_str(), edition);
        if let Some(there) = translating::begin(&site, &c, of, &asked.into, &mut typed).await? {
            c.leave_notice(&site, "translate-is-there");
            return Ok(Redirect::to(&there).into_response());
        }
    }
    show(&step1(&site, c, &typed, &Errors::default()).await?)
}

/// `POST /requests/new`: `step` says where to: `form`, `choose`, `check` or
/// `send`.
pub async fn post(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let reader = c.reader();
    let typed = Typed(typed);
    if typed.has("step", "form") {
        return show(&step1(&site, c, &typed, &Errors::default()).await?);
    }
    let begun = Ask { translate: translating::wanted(&typed), ..Ask::default() };
    let mut ask = match file::gather(&ASK, &typed, c.words.lang, &begun, &c.words) {
        Ok(ask) => ask,
        Err(errors) => return back_to_form(&site, c, &typed, errors).await,
    };
    let m = site.service.propose(&reader, &ask).await?;
    if !m.problems.is_empty() {
        return back_to_form(&site, c, &typed, Errors::from_node(m.problems)).await;
    }
    if typed.has("step", "choose") {
        let preset =
            if typed.all("chosen").next().is_some() { Preset::Typed } else { Preset::Best };
        return show(&step2(&site, c, m, &typed, Errors::default(), preset).await?);
    }

    let chosen: Vec<Candidate> = m
        .candidates
        .iter()
        .filter(|candidate| typed.has("chosen", &candidate.expert.id))
        .cloned()
        .collect();
    if chosen.is_empty() {
        let mut errors = Errors::default();
        errors.add("chosen", c.t("ask-chosen-missing"));
        return back_to_choice(&site, c, m, &typed, errors).await;
    }
    settle(&mut ask, &m, &chosen, &typed);
    let mut errors = Errors::default();
    if typed.has("step", "send") {
        match send(&site, &c, &ask, &chosen, &typed).await? {
            Sent::Request(id) => {
                c.leave_notice(&site, "ask-sent");
                return Ok(Redirect::to(&format!("/requests/{id}")).into_response());
            }
            Sent::Form(errors) => return back_to_form(&site, c, &typed, errors).await,
            Sent::Choice(errors) => return back_to_choice(&site, c, m, &typed, errors).await,
            Sent::Here(found) => errors = found,
        }
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = step3(&site, c, m, &ask, chosen, &typed, errors).await?;
    Ok((status, show(&page)?).into_response())
}

/// Writes into the request what was decided on seeing who could help. It is
/// routed when the node's own choice stands, and directed otherwise.
fn settle(ask: &mut Ask, m: &Matching, chosen: &[Candidate], typed: &Typed) {
    let best = m.candidates.iter().filter(|candidate| candidate.best).count();
    let routed = chosen.len() == best && chosen.iter().all(|candidate| candidate.best);
    let (mode, confidentiality) =
        if routed { ("routed", "matched") } else { ("directed", "chosen") };
    ask.mode = Some(mode.to_owned());
    ask.confidentiality = Some(confidentiality.to_owned());
    if !routed {
        ask.experts = chosen.iter().map(|candidate| candidate.expert.id.clone()).collect();
    }
    let award = if typed.has("award", "manual") { "manual" } else { "auto" };
    ask.award = Some(award.to_owned());
}

/// What became of sending: the request, or the step at which something is
/// not right.
enum Sent {
    Request(String),
    Form(Errors),
    Choice(Errors),
    Here(Errors),
}

async fn send(
    site: &Site,
    c: &Chrome,
    ask: &Ask,
    chosen: &[Candidate],
    typed: &Typed,
) -> Result<Sent, Failure> {
    let mut errors = Errors::default();
    if !typed.has("promise-ask", "yes") {
        errors.add("promise-ask", c.t("ask-promise-missing"));
        return Ok(Sent::Here(errors));
    }
    let send = SendAsk {
        ask: ask.clone(),
        chosen: chosen.iter().map(|candidate| candidate.expert.id.clone()).collect(),
        passphrase: typed.passphrase(),
        key: typed.get("key").chars().take(KEY_CHARS_MAX).collect(),
    };
    match site.service.ask(&c.reader(), &send).await {
        Ok(id) => Ok(Sent::Request(id)),
        Err(Refusal::Invalid(found)) => {
            let of = |field: &str| found.iter().any(|wrong| wrong.field == field);
            let (secret, whom) = (of("passphrase"), of("chosen"));
            let errors = Errors::from_node(found);
            Ok(match (whom, secret) {
                (true, _) => Sent::Choice(errors),
                (false, true) => Sent::Here(errors),
                (false, false) => Sent::Form(errors),
            })
        }
        Err(Refusal::Conflict(sentence) | Refusal::Unavailable(sentence)) => {
            errors.add("answers", sentence);
            Ok(Sent::Here(errors))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn back_to_choice(
    site: &Site,
    c: Chrome,
    m: Matching,
    typed: &Typed,
    errors: Errors,
) -> Shown {
    let page = step2(site, c, m, typed, errors, Preset::Typed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn back_to_form(site: &Site, c: Chrome, typed: &Typed, errors: Errors) -> Shown {
    let page = step1(site, c, typed, &errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// What of these names is typed, to be carried on.
fn carried(typed: &Typed, names: &[&str]) -> Vec<(String, String)> {
    typed
        .0
        .iter()
        .filter(|(name, value)| names.contains(&name.as_str()) && !value.is_empty())
        .cloned()
        .collect()
}

async fn step1(site: &Site, c: Chrome, typed: &Typed, errors: &Errors) -> Result<Form1, Failure> {
    let lists = site.service.vocabularies(c.words.lang).await?;
    let query = RequestQuery { side: Side::Asker, after: None, limit: 1 };
    let may_ask = site.service.requests(&c.reader(), &query).await?.may_ask;
    let translate = translating::named(site, &c, typed).await?;
    let sheet = Sheet {
        book: &ASK,
        typed,
        lang: c.words.lang,
        errors,
        clashes: &[],
        lists: &lists,
        words: &c.words,
        files: &|_| Vec::new(),
    };
    let mut kept = carried(typed, &["key", "chosen", "award"]);
    kept.extend(carried(typed, &translating::NAMES));
    Ok(Form1 { parts: sheet.parts(), wrong: sheet.summary(), kept, may_ask, translate, c })
}

/// Who is ticked when the second step is shown.
enum Preset {
    /// Those whom the node would ask.
    Best,
    /// Those who were ticked before.
    Typed,
}

async fn step2(
    site: &Site,
    c: Chrome,
    mut m: Matching,
    typed: &Typed,
    errors: Errors,
    preset: Preset,
) -> Result<Form2, Failure> {
    let lists = site.service.vocabularies(c.words.lang).await?;
    let comparable = std::mem::take(&mut m.comparable);
    let candidates = std::mem::take(&mut m.candidates);
    // Somebody chosen before may be nobody who can be asked: then the node's
    // own choice stands.
    let known = candidates.iter().any(|one| typed.has("chosen", &one.expert.id));
    let best = matches!(preset, Preset::Best) || (errors.is_empty() && !known);
    let candidates = candidates
        .into_iter()
        .map(|candidate| Choosable {
            lines: score_lines(&c, &candidate.parts),
            languages: Row::of(candidate.expert.clone(), &lists)
                .languages
                .into_iter()
                .map(|language| language.label)
                .collect::<Vec<_>>()
                .join(", "),
            on: if best { candidate.best } else { typed.has("chosen", &candidate.expert.id) },
            candidate,
        })
        .collect();
    let excluded = m.excluded.iter().map(|one| {
        let party = Party { person: one.name.clone(), organisation: one.organisation.clone() };
        let data: Vec<_> = one.data.iter().map(|choice| choice.label.as_str()).collect();
        let reason = c.word("excluded", &one.reason);
        let reason = if data.is_empty() {
            reason
        } else {
            c.t2("found-with", "what", reason, "data", data.join(", "))
        };
        (c.party(&party), reason)
    });
    Ok(Form2 {
        excluded: excluded.collect(),
        comparable,
        candidates,
        auto: !typed.has("award", "manual"),
        kept: kept(typed, &["key"]),
        wrong: errors.summary(),
        errors,
        c,
    })
}

/// The whole form and what of these names is typed.
fn kept(typed: &Typed, names: &[&str]) -> Vec<(String, String)> {
    let mut kept = typed.of_book(&ASK);
    kept.extend(carried(typed, names));
    kept.extend(carried(typed, &translating::NAMES));
    kept
}

async fn step3(
    site: &Site,
    c: Chrome,
    m: Matching,
    ask: &Ask,
    chosen: Vec<Candidate>,
    typed: &Typed,
    errors: Errors,
) -> Result<Form3, Failure> {
    let lists = site.service.vocabularies(c.words.lang).await?;
    let own_desk =
        c.account.as_ref().map(|account| account.organisation.clone()).unwrap_or_default();
    let mut desks: Vec<String> =
        chosen.iter().map(|candidate| candidate.expert.organisation.clone()).collect();
    desks.retain(|desk| *desk != own_desk);
    desks.sort();
    desks.dedup();
    Ok(Form3 {
        told: told_of(&ASK, ask, &lists, &c.words),
        translate: translating::named(site, &c, typed).await?,
        auto: !typed.has("award", "manual"),
        promised: typed.has("promise-ask", "yes"),
        kept: kept(typed, &["key", "chosen", "award"]),
        wrong: errors.summary(),
        errors,
        chosen,
        desks,
        own_desk,
        m,
        c,
    })
}
