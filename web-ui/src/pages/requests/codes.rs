//! A request without a link: what this node said about it as QR codes and text, and
//! the page that takes such codes in.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Refusal, TakenCodes};
use crate::site::Shared;

/// One code: its text, and its picture.
struct Code {
    number: usize,
    text: String,
    image: String,
}

#[derive(Template)]
#[template(path = "codes.html")]
struct Made {
    c: Chrome,
    id: String,
    codes: Vec<Code>,
}

impl Made {
    fn caption(&self, code: &Code) -> String {
        self.c.t2("codes-one", "number", code.number, "count", self.codes.len())
    }
}

/// `GET /requests/{id}/codes`: codes are made when somebody asks for them.
pub async fn back(Path(id): Path<String>) -> Response {
    Redirect::to(&format!("/requests/{id}")).into_response()
}

/// `POST /requests/{id}/codes`
pub async fn make(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let texts = site.service.request_codes(&c.reader(), &id).await?;
    let codes = texts.into_iter().zip(1..).map(|(text, number)| {
        let image = crate::qr::of_text(&text, true).unwrap_or_default();
        Code { number, text, image }
    });
    show(&Made { codes: codes.collect(), id, c })
}

#[derive(Template)]
#[template(path = "codes_take.html")]
struct Take {
    c: Chrome,
    typed: String,
    taken: Option<TakenCodes>,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /requests/codes`
pub async fn form(member: Member) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let (typed, errors, wrong) = (String::new(), Errors::default(), Vec::new());
    show(&Take { c, typed, taken: None, errors, wrong })
}

/// `POST /requests/codes`
pub async fn take(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let typed = Typed(typed).get("codes");
    match site.service.take_codes(&c.reader(), &typed).await {
        Ok(taken) => {
            let (typed, errors, wrong) = (String::new(), Errors::default(), Vec::new());
            show(&Take { c, typed, taken: Some(taken), errors, wrong })
        }
        Err(Refusal::Invalid(found)) => {
            let errors = Errors::from_node(found);
            let page = Take { wrong: errors.summary(), typed, taken: None, errors, c };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}
