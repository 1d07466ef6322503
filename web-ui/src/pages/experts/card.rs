//! One's own card: fill it in, check it, sign it; pause it, list it again,
//! take it back.
//!
//! The card is public and holds a name only if its owner wrote one. Between
//! the form and the signature everything typed travels in the page itself.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::failure::Failure;
use crate::form::layout::{Body, Part, Sheet};
use crate::form::schema::CARD;
use crate::form::told::{Told, told_of};
use crate::form::{Errors, Typed, file};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Card, CardAct, CardState, OwnCard, Refusal, SignCard};
use crate::site::{Shared, Site};

#[derive(Template)]
#[template(path = "card.html")]
struct CardForm {
    c: Chrome,
    own: OwnCard,
    seen: u64,
    parts: Vec<Part>,
    wrong: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "card_sign.html")]
struct CardSign {
    c: Chrome,
    own: OwnCard,
    seen: u64,
    told: Vec<Told>,
    missing: Vec<String>,
    kept: Vec<(String, String)>,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "card_act.html")]
struct CardActing {
    c: Chrome,
    own: OwnCard,
    act: &'static str,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /experts/card`
pub async fn form(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Experts);
    let own = site.service.own_card(&c.reader()).await?;
    let typed = file::spread(&CARD, &own.card, c.words.lang);
    let seen = own.seen;
    show(&form_page(&site, c, own, seen, &typed, &Errors::default()).await?)
}

/// `POST /experts/card`: to the check, back to the form, or signed.
pub async fn post(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Experts);
    let reader = c.reader();
    let typed = Typed(typed);
    let own = site.service.own_card(&reader).await?;
    let seen = typed.get("seen").parse().unwrap_or(own.seen);
    if typed.has("step", "form") {
        return show(&form_page(&site, c, own, seen, &typed, &Errors::default()).await?);
    }
    let card = match file::gather(&CARD, &typed, c.words.lang, &Card::default(), &c.words) {
        Ok(card) => card,
        Err(errors) => return again(&site, c, own, seen, &typed, errors).await,
    };
    let check = site.service.check_card(&reader, &card).await?;
    if !check.problems.is_empty() {
        let errors = Errors::from_node(check.problems);
        return again(&site, c, own, seen, &typed, errors).await;
    }
    let mut errors = Errors::default();
    let mut status = StatusCode::OK;
    if typed.has("step", "sign") {
        let sign = SignCard { seen, card: card.clone(), passphrase: typed.passphrase() };
        match site.service.sign_card(&reader, &sign).await {
            Ok(_) => {
                c.leave_notice(&site, "card-signed");
                return Ok(Redirect::to("/experts/card").into_response());
            }
            Err(Refusal::Invalid(found)) => {
                if found.iter().any(|wrong| wrong.field != "passphrase") {
                    return again(&site, c, own, seen, &typed, Errors::from_node(found)).await;
                }
                errors = Errors::from_node(found);
                status = StatusCode::UNPROCESSABLE_ENTITY;
            }
            Err(Refusal::Conflict(sentence)) => {
                errors.add("answers", sentence);
                status = StatusCode::CONFLICT;
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let lists = site.service.vocabularies(c.words.lang).await?;
    let page = CardSign {
        told: told_of(&CARD, &card, &lists, &c.words),
        missing: check.missing.iter().map(|key| c.word("card", key)).collect(),
        kept: typed.of_book(&CARD),
        wrong: errors.summary(),
        errors,
        own,
        seen,
        c,
    };
    Ok((status, show(&page)?).into_response())
}

async fn again(
    site: &Site,
    c: Chrome,
    own: OwnCard,
    seen: u64,
    typed: &Typed,
    errors: Errors,
) -> Shown {
    let page = form_page(site, c, own, seen, typed, &errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn form_page(
    site: &Site,
    c: Chrome,
    own: OwnCard,
    seen: u64,
    typed: &Typed,
    errors: &Errors,
) -> Result<CardForm, Failure> {
    let lists = site.service.vocabularies(c.words.lang).await?;
    let sheet = Sheet {
        book: &CARD,
        typed,
        lang: c.words.lang,
        errors,
        clashes: &[],
        lists: &lists,
        words: &c.words,
        files: &|_| Vec::new(),
    };
    Ok(CardForm { parts: sheet.parts(), wrong: sheet.summary(), own, seen, c })
}

fn act_of(word: &str) -> Result<(CardAct, &'static str), Failure> {
    match word {
        "pause" => Ok((CardAct::Pause, "pause")),
        "list" => Ok((CardAct::List, "list")),
        "remove" => Ok((CardAct::Remove, "remove")),
        _ => Err(Refusal::NotFound.into()),
    }
}

/// `GET /experts/card/{act}`
pub async fn ask(State(site): Shared, member: Member, Path(act): Path<String>) -> Shown {
    let (_, act) = act_of(&act)?;
    let c = member.chrome.at(Section::Experts);
    let own = site.service.own_card(&c.reader()).await?;
    if own.expert.is_none() {
        return Ok(Redirect::to("/experts/card").into_response());
    }
    show(&CardActing { own, act, errors: Errors::default(), wrong: Vec::new(), c })
}

/// `POST /experts/card/{act}`
pub async fn act(
    State(site): Shared,
    member: Member,
    Path(act): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (what, word) = act_of(&act)?;
    let c = member.chrome.at(Section::Experts);
    let reader = c.reader();
    let passphrase = Typed(typed).passphrase();
    match site.service.act_on_card(&reader, what, passphrase.as_deref()).await {
        Ok(()) => {
            let notice = match what {
                CardAct::Pause => "card-paused",
                CardAct::List => "card-listed",
                CardAct::Remove => "card-removed",
            };
            c.leave_notice(&site, notice);
            Ok(Redirect::to("/experts/card").into_response())
        }
        Err(Refusal::Invalid(found)) => {
            let errors = Errors::from_node(found);
            let own = site.service.own_card(&reader).await?;
            let page = CardActing { own, act: word, wrong: errors.summary(), errors, c };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}
