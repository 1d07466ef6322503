//! The first run: an organisation, a first person, a federation.
//!
//! Guarded by a code that the node printed where it was started, because
//! whoever answers first would own the node. Gone for good afterwards.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::links;
use super::sign_in::begin;
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Fresh, Section, Shown, show};
use crate::service::{Refusal, SetUp, Start, Vocabularies};
use crate::site::{Shared, Site};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    code: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetUpPage {
    c: Chrome,
    typed: Typed,
    lists: Arc<Vocabularies>,
    languages: Vec<(String, String)>,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

impl SetUpPage {
    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }
}

async fn page(site: &Site, c: Chrome, typed: Typed, errors: Errors) -> Result<SetUpPage, Failure> {
    Ok(SetUpPage {
        lists: site.service.vocabularies(c.words.lang).await?,
        languages: site.catalogue.names(),
        wrong: errors.iter().map(|wrong| (wrong.id.clone(), wrong.message.clone())).collect(),
        typed,
        errors,
        c: c.at(Section::Elsewhere),
    })
}

/// `GET /setup`
pub(super) async fn form(
    State(site): Shared,
    Fresh(c): Fresh,
    Query(asked): Query<Asked>,
) -> Shown {
    let mut typed = Typed::default();
    typed.put("code", asked.code);
    typed.put("start", "found");
    show(&page(&site, c, typed, Errors::default()).await?)
}

/// `POST /setup`
pub(super) async fn run(
    State(site): Shared,
    Fresh(c): Fresh,
    headers: HeaderMap,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let typed = Typed(typed);
    let tries = "set-up code";
    let wait = site.backoff.wait(tries, site.uptime());
    if wait > 0 {
        return Err(Failure::Wait(wait));
    }
    let mut errors = required(&c, &typed);
    if errors.is_empty() {
        match site.service.set_up(c.words.lang, &setup(&typed)).await {
            Ok(done) => {
                tracing::info!(waiting = done.waiting, "set-up is done");
                let next = if done.waiting.is_some() { "/network" } else { "/" };
                return begin(&site, &headers, done.account, next);
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(Refusal::Forbidden(sentence)) => {
                site.backoff.failed(tries, site.uptime());
                errors.add("code", sentence);
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = page(&site, c, typed, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

fn required(c: &Chrome, typed: &Typed) -> Errors {
    let mut errors = Errors::default();
    for name in ["code", "organisation", "person", "account", "password"] {
        if typed.exactly(name).trim().is_empty() {
            errors.add(name, c.t(&format!("setup-{name}-missing")));
        }
    }
    if typed.has("start", "join") && typed.get("invitation").is_empty() {
        errors.add("invitation", c.t("setup-invitation-missing"));
    }
    if !links::said(typed).is_empty() && typed.get("link_class").is_empty() {
        errors.add("link_class", c.t("links-class-missing"));
    }
    errors
}

fn setup(typed: &Typed) -> SetUp {
    let link = links::said(typed);
    SetUp {
        code: typed.get("code"),
        organisation: typed.get("organisation"),
        country: typed.some("country"),
        kind: typed.some("kind"),
        lang: typed.some("node_lang").unwrap_or_else(|| crate::words::FALLBACK.to_owned()),
        person: typed.get("person"),
        account: typed.get("account"),
        password: typed.exactly("password"),
        link: (!link.is_empty()).then_some(link),
        start: if typed.has("start", "join") {
            Start::Join { invitation: typed.get("invitation") }
        } else {
            Start::Found { federation: typed.get("federation") }
        },
    }
}
