//! The board: needs for which nobody was found; posting one, offering help for one, taking
//! one down.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::pages::refused_at;
use crate::service::{
    ActKind, BoardQuery, Choice, Naming, Need, Needs, PostNeed, Refusal, Request,
};
use crate::site::{Shared, Site};

/// Characters of an offer of help.
const HELP_CHARACTERS_MAX: usize = 2_000;

/// What is looked for, as it stands in an address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    objective: String,
    region: String,
}

#[derive(Template)]
#[template(path = "board.html")]
struct List {
    c: Chrome,
    found: Needs,
    asked: Asked,
    objectives: Vec<Choice>,
}

/// `GET /requests/board`
pub async fn list(State(site): Shared, member: Member, Query(asked): Query<Asked>) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let some = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let query = BoardQuery { objective: some(&asked.objective), region: some(&asked.region) };
    let found = site.service.board(&c.reader(), &query).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    show(&List { objectives: lists.objectives.clone(), found, asked, c })
}

#[derive(Template)]
#[template(path = "need.html")]
struct One {
    c: Chrome,
    need: Need,
    typed: Typed,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

impl One {
    fn hint(&self) -> String {
        let limit = self.c.t1("form-characters", "count", HELP_CHARACTERS_MAX);
        format!("{} {limit}", self.c.t("helping-hint"))
    }

    fn text(&self) -> String {
        self.typed.get("text")
    }
}

/// `GET /requests/board/{id}`
pub async fn one(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let need = site.service.need(&c.reader(), &id).await?;
    let (typed, errors) = (Typed::default(), Errors::default());
    show(&One { need, typed, wrong: errors.summary(), errors, c })
}

/// `POST /requests/board/{id}/help`
pub async fn help(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome.at(Section::Requests), Typed(typed));
    let (text, passphrase) = (typed.get("text"), typed.passphrase());
    let came = site.service.offer_help(&c.reader(), &id, &text, passphrase.as_deref()).await;
    ended(&site, c, &id, typed, came, ("helping-done", "text")).await
}

/// `POST /requests/board/{id}/down`
pub async fn down(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome.at(Section::Requests), Typed(typed));
    let passphrase = typed.passphrase();
    let came = site.service.take_down(&c.reader(), &id, passphrase.as_deref()).await;
    ended(&site, c, &id, typed, came, ("need-down-done", "down")).await
}

/// Back to the board; or the need again, with what is wrong and what was typed.
async fn ended(
    site: &Site,
    c: Chrome,
    id: &str,
    typed: Typed,
    came: Result<(), Refusal>,
    (notice, place): (&'static str, &str),
) -> Shown {
    let Err(refusal) = came else {
        c.leave_notice(site, notice);
        return Ok(Redirect::to("/requests/board").into_response());
    };
    let (status, errors) = refused_at(refusal, place)?;
    let need = site.service.need(&c.reader(), id).await?;
    let page = One { need, typed, wrong: errors.summary(), errors, c };
    Ok((status, show(&page)?).into_response())
}

#[derive(Template)]
#[template(path = "post.html")]
struct Post {
    c: Chrome,
    r: Request,
    typed: Typed,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

impl Post {
    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, value: &str) -> bool {
        self.typed.has("naming", value)
    }
}

/// `GET /requests/{id}/board`
pub async fn form(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let r = site.service.request(&c.reader(), &id).await?;
    if !r.acts.contains(&ActKind::Escalate) {
        c.leave_notice(&site, "act-not-now");
        return Ok(Redirect::to(&format!("/requests/{}", r.id)).into_response());
    }
    let mut typed = Typed::default();
    typed.put("title", r.ask.title.clone().unwrap_or_default());
    typed.put("naming", Naming::Region.code());
    let errors = Errors::default();
    show(&Post { r, typed, wrong: errors.summary(), errors, c })
}

/// `POST /requests/{id}/board`
pub async fn post(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Requests);
    let (reader, typed) = (c.reader(), Typed(typed));
    let naming = Naming::ALL.into_iter().find(|one| typed.has("naming", one.code()));
    let (status, errors) = match naming {
        None => {
            let mut errors = Errors::default();
            errors.add("naming", c.t("post-naming-missing"));
            (StatusCode::UNPROCESSABLE_ENTITY, errors)
        }
        Some(naming) => {
            let post =
                PostNeed { title: typed.get("title"), naming, passphrase: typed.passphrase() };
            match site.service.post_need(&reader, &id, &post).await {
                Ok(()) => {
                    c.leave_notice(&site, "post-done");
                    return Ok(Redirect::to(&format!("/requests/{id}")).into_response());
                }
                Err(refusal) => refused_at(refusal, "title")?,
            }
        }
    };
    let r = site.service.request(&reader, &id).await?;
    let page = Post { r, typed, wrong: errors.summary(), errors, c };
    Ok((status, show(&page)?).into_response())
}
