//! Saying something about a practice: withdrawing and confirming it, using it too,
//! naming what is the same, taking back what was said. One question a page.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refused_at;
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Alike, Annotations, Choice, OUTCOMES, Phrase, Refusal, Say, SayKind, WITHDRAW_REASONS, Word,
};
use crate::site::{Shared, Site};

/// Schemes of names elsewhere.
const SCHEMES: [&str; 6] = ["doi", "url", "hub", "gfmd", "gcr", "iati"];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct About {
    /// The annotation that is to be taken back.
    of: String,
}

#[derive(Template)]
#[template(path = "say.html")]
struct Saying {
    c: Chrome,
    id: String,
    title: Phrase,
    number: u32,
    kind: SayKind,
    typed: Typed,
    countries: Vec<Choice>,
    alike: Vec<Alike>,
    said: Annotations,
    errors: Errors,
}

impl Saying {
    /// A sentence of this kind.
    fn say(&self, what: &str) -> String {
        self.c.t(&format!("say-{}-{what}", self.kind.code()))
    }

    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    /// What is to be taken back: whose and what, in a sentence.
    fn taken(&self) -> Option<String> {
        let of = self.typed.get("of");
        let fits = |word: &Word| word.id == of;
        let said = &self.said;
        let kind = if said.withdrawal.iter().chain(&said.beside).any(|one| fits(&one.word)) {
            "withdraw"
        } else if said.adapted.iter().any(|one| fits(&one.word)) {
            "adapt"
        } else if said.translations.iter().any(|one| fits(&one.word)) {
            "translate"
        } else if said.same.iter().any(|one| fits(&one.word)) {
            "same"
        } else {
            return None;
        };
        Some(self.c.t(&format!("said-kind-{kind}")))
    }
}

fn kind_of(word: &str) -> Result<SayKind, Failure> {
    SayKind::of(word).ok_or_else(|| Refusal::NotFound.into())
}

/// `GET /practices/{id}/say/{kind}`
pub(super) async fn form(
    State(site): Shared,
    member: Member,
    Path((id, kind)): Path<(String, String)>,
    Query(about): Query<About>,
) -> Shown {
    let typed = Typed(vec![("of".to_owned(), about.of)]);
    show(&page(&site, member.chrome, &id, kind_of(&kind)?, typed, Errors::default()).await?)
}

/// `POST /practices/{id}/say/{kind}`
pub(super) async fn say(
    State(site): Shared,
    member: Member,
    Path((id, kind)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed, kind) = (member.chrome, Typed(typed), kind_of(&kind)?);
    let (status, errors) = match read(&c, kind, &typed) {
        Err(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Ok(say) => {
            let passphrase = typed.passphrase();
            match site.service.say(&c.reader(), &id, &say, passphrase.as_deref()).await {
                Ok(_) => {
                    c.leave_notice(&site, done(kind));
                    return Ok(Redirect::to(&format!("/practices/{id}")).into_response());
                }
                Err(refusal) => refused_at(refusal, "part")?,
            }
        }
    };
    Ok((status, show(&page(&site, c, &id, kind, typed, errors).await?)?).into_response())
}

const fn done(kind: SayKind) -> &'static str {
    match kind {
        SayKind::Withdraw => "say-withdraw-done",
        SayKind::Confirm => "say-confirm-done",
        SayKind::Adapt => "say-adapt-done",
        SayKind::Same => "say-same-done",
        SayKind::TakeBack => "say-take-back-done",
    }
}

async fn page(
    site: &Site,
    c: Chrome,
    id: &str,
    kind: SayKind,
    typed: Typed,
    errors: Errors,
) -> Result<Saying, Failure> {
    let c = c.at(Section::Practices);
    let reader = c.reader();
    let practice = site.service.practice(&reader, id, None).await?;
    let said = site.service.said(&reader, &practice.id, None).await?;
    if !said.may.contains(&kind) {
        return Err(Refusal::Forbidden(c.t("say-forbidden")).into());
    }
    let lists = site.service.vocabularies(&reader.lang).await?;
    let alike = match kind {
        SayKind::Same => site.service.likely_same(&reader, &practice.id).await?,
        _ => Vec::new(),
    };
    let original = practice.fields.original_language.as_deref().unwrap_or("");
    let title = practice.fields.title.phrase(&[c.words.lang, original]);
    Ok(Saying {
        title: title.unwrap_or_default(),
        number: practice.number,
        countries: match kind {
            SayKind::Adapt => lists.countries.clone(),
            _ => Vec::new(),
        },
        id: practice.id,
        kind,
        typed,
        alike,
        said,
        errors,
        c,
    })
}

/// What was typed.
fn read(c: &Chrome, kind: SayKind, typed: &Typed) -> Result<Say, Errors> {
    let missing = |field: &str, key: &str| {
        let mut errors = Errors::default();
        errors.add(field, c.t(key));
        errors
    };
    let text = typed.get("text");
    Ok(match kind {
        SayKind::Withdraw => {
            let reason =
                typed.some("reason").filter(|code| WITHDRAW_REASONS.contains(&code.as_str()));
            let reason = reason.ok_or_else(|| missing("reason", "say-reason-missing"))?;
            let edition = typed.some("edition");
            Say::Withdraw { edition, reason, text, replaced_by: typed.some("replaced_by") }
        }
        SayKind::Confirm => {
            if !typed.has("looked", "yes") {
                return Err(missing("looked", "say-looked-missing"));
            }
            Say::Confirm { text }
        }
        SayKind::Adapt => Say::Adapt(adaptation(c, typed)),
        SayKind::Same => {
            let scheme = typed.some("scheme");
            let alias = typed.some("alias").map(|name| match scheme.as_deref() {
                None | Some("url") => format!("url:{name}"),
                Some(scheme) => format!("{scheme}:{name}"),
            });
            let practice = typed.some("other").or_else(|| typed.some("practice"));
            if practice.is_none() && alias.is_none() {
                return Err(missing("practice", "say-same-missing"));
            }
            Say::Same { practice, aliases: alias.into_iter().collect() }
        }
        SayKind::TakeBack => Say::TakeBack { id: typed.get("of"), text },
    })
}

/// An adaptation in the shape of adaptation files.
fn adaptation(c: &Chrome, typed: &Typed) -> Value {
    let countries: Vec<&str> = typed.all("countries").filter(|code| !code.is_empty()).collect();
    let mut file = json!({ "countries": countries });
    for key in ["place", "since", "outcome"] {
        if let Some(value) = typed.some(key) {
            file[key] = json!(value);
        }
    }
    for key in ["changed", "text"] {
        if let Some(value) = typed.some(key) {
            file[key] = json!({ c.words.lang: value });
        }
    }
    file
}
