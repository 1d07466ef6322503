//! Opening a discussion.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::encode;
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::pages::refused_at;
use crate::service::{Choice, OpenDiscussion, Phrase, Refusal};
use crate::site::{Shared, Site};

/// Questions that one form holds; files hold more.
const QUESTIONS: usize = 5;

/// About what, in the address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct About {
    practice: String,
}

/// A place for a question.
struct Asking {
    number: usize,
    text: String,
}

#[derive(Template)]
#[template(path = "discussion_open.html")]
struct Opening {
    c: Chrome,
    practice: Option<(String, Phrase)>,
    typed: Typed,
    languages: Vec<Choice>,
    objectives: Vec<Choice>,
    questions: Vec<Asking>,
    passphrase: bool,
    errors: Errors,
}

impl Opening {
    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }
}

/// `GET /discussions/new`
pub async fn form(State(site): Shared, member: Member, Query(about): Query<About>) -> Shown {
    let mut typed = Typed::default();
    typed.put("practice", about.practice);
    typed.put("lang", member.chrome.words.lang);
    show(&page(&site, member.chrome, typed, Errors::default()).await?)
}

async fn page(site: &Site, c: Chrome, typed: Typed, errors: Errors) -> Result<Opening, Failure> {
    let c = c.at(Section::Discussions);
    let lists = site.service.vocabularies(c.words.lang).await?;
    let practice = match typed.some("practice") {
        None => None,
        Some(id) => {
            let practice = site.service.practice(&c.reader(), &id, None).await?;
            let title = practice.fields.title.phrase(&[c.words.lang]).unwrap_or_default();
            Some((practice.id, title))
        }
    };
    let asking = |number| Asking { number, text: typed.get(&format!("question-{number}")) };
    Ok(Opening {
        questions: (1..=QUESTIONS).map(asking).collect(),
        languages: lists.languages.clone(),
        objectives: lists.objectives.clone(),
        passphrase: c.account.as_ref().is_some_and(|account| account.passphrase),
        practice,
        typed,
        errors,
        c,
    })
}

/// `POST /discussions/new`
pub async fn post(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let open = OpenDiscussion {
        form: in_file(&typed),
        practice: typed.some("practice"),
        passphrase: typed.passphrase(),
    };
    let (status, errors) = match site.service.open_discussion(&c.reader(), &open).await {
        Ok(id) => {
            c.leave_notice(&site, "discussion-opened");
            return Ok(Redirect::to(&format!("/discussions/{}", encode(&id))).into_response());
        }
        Err(Refusal::Invalid(found)) => {
            let mut errors = Errors::default();
            for error in found {
                errors.add(place(&error.field), error.message);
            }
            (StatusCode::UNPROCESSABLE_ENTITY, errors)
        }
        Err(refusal) => refused_at(refusal, "part")?,
    };
    Ok((status, show(&page(&site, c, typed, errors).await?)?).into_response())
}

/// The discussion as typed, in the shape of discussion files.
fn in_file(typed: &Typed) -> Value {
    let lang = typed.some("lang").unwrap_or_else(|| "en".to_owned());
    let told = |text: String| json!({ lang.as_str(): text });
    let mut form = json!({ "title": told(typed.get("title")) });
    if let Some(purpose) = typed.some("purpose") {
        form["purpose"] = told(purpose);
    }
    let languages: Vec<&str> = typed.all("languages").filter(|tag| !tag.is_empty()).collect();
    if !languages.is_empty() {
        form["languages"] = json!(languages);
    }
    let numbers: Vec<u64> = typed.all("objectives").filter_map(|one| one.parse().ok()).collect();
    if !numbers.is_empty() {
        form["objectives"] = json!(numbers);
    }
    for date in ["opens", "closes"] {
        if let Some(day) = typed.some(date) {
            form[date] = json!(day);
        }
    }
    let asked = (1..=QUESTIONS).filter_map(|number| typed.some(&format!("question-{number}")));
    let asked: Vec<Value> = asked.map(|text| json!({ "text": told(text) })).collect();
    if !asked.is_empty() {
        form["questions"] = json!(asked);
    }
    form
}

/// The id of the field that a place of the file is about; what is of no one field
/// is told over the form.
fn place(field: &str) -> String {
    let known = ["title", "purpose", "languages", "objectives", "opens", "closes", "passphrase"];
    let first = field.split(['.', '[']).next().unwrap_or_default();
    match first {
        "questions" => "question-1".to_owned(),
        known_one if known.contains(&known_one) => known_one.to_owned(),
        _ => "part".to_owned(),
    }
}
