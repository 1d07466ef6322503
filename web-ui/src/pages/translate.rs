//! Translating an edition: each text of it beside its translation.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::refused_at;
use crate::address::encode;
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Annotations, Fields, Phrase, Practice, Refusal, Say, SayKind, TRANSLATED_BY, Text, Vocabularies,
};
use crate::site::{Shared, Site};

/// The keys of texts that are translated, in the order in which they are read, each with
/// the characters that fit and whether it is one line.
const TEXTS: [(&str, u64, bool); 15] = [
    ("title", 150, true),
    ("summary", 3_000, false),
    ("context", 20_000, false),
    ("aims", 20_000, false),
    ("activities", 20_000, false),
    ("participation", 20_000, false),
    ("innovation", 20_000, false),
    ("results", 20_000, false),
    ("lessons", 20_000, false),
    ("recommendations", 20_000, false),
    ("conditions", 20_000, false),
    ("sustainability", 20_000, false),
    ("rights", 20_000, false),
    ("risks", 20_000, false),
    ("disclaimer", 3_000, false),
];
const CHALLENGE_MAX: u64 = 5_000;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Into {
    into: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Of {
    /// The edition to translate: its number or id; the latest if empty.
    edition: String,
}

/// One text beside its translation.
struct Beside {
    id: String,
    label: String,
    source: Phrase,
    /// Whether the edition that was translated says something else.
    outdated: bool,
    value: String,
    most: u64,
    line: bool,
}

#[derive(Template)]
#[template(path = "translate.html")]
struct Translating {
    c: Chrome,
    id: String,
    title: Phrase,
    number: u32,
    lang: String,
    language: String,
    from: String,
    texts: Vec<Beside>,
    by: String,
    /// Who translated it before, and which edition.
    before: Option<(String, Option<u32>)>,
    passphrase: bool,
    errors: Errors,
}

/// `GET /translate/{id}?into=TAG`: to the page of a language.
pub(super) async fn choose(Path(id): Path<String>, Query(into): Query<Into>) -> Redirect {
    Redirect::to(&format!("/translate/{}/{}", encode(&id), encode(into.into.trim())))
}

/// `GET /translate/{id}/{lang}?edition=ID`
pub(super) async fn form(
    State(site): Shared,
    member: Member,
    Path((id, lang)): Path<(String, String)>,
    Query(of): Query<Of>,
) -> Shown {
    let edition = Some(of.edition.trim()).filter(|edition| !edition.is_empty());
    show(&page(&site, member.chrome, (&id, edition), &lang, None, Errors::default()).await?)
}

/// `POST /translate/{id}/{lang}`
pub(super) async fn save(
    State(site): Shared,
    member: Member,
    Path((id, lang)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let say = Say::Translate {
        lang: lang.clone(),
        edition: typed.get("edition"),
        translation: file(&typed, &lang),
    };
    let passphrase = typed.passphrase();
    let (status, errors) =
        match site.service.say(&c.reader(), &id, &say, passphrase.as_deref()).await {
            Ok(_) => {
                c.leave_notice(&site, "translate-done");
                let path = format!("/practices/{}?in={}", encode(&id), encode(&lang));
                return Ok(Redirect::to(&path).into_response());
            }
            Err(refusal) => refused_at(refusal, "part")?,
        };
    let edition = typed.some("edition");
    let of = (id.as_str(), edition.as_deref());
    let page = page(&site, c, of, &lang, Some(typed), errors).await?;
    Ok((status, show(&page)?).into_response())
}

/// What was typed, in the shape of translation files.
fn file(typed: &Typed, lang: &str) -> Value {
    let mut file = Map::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            file.insert(key.to_owned(), json!(value));
        }
    };
    put("language", Some(lang.to_owned()));
    put("from", typed.some("from"));
    put("by", typed.some("by"));
    for (key, ..) in TEXTS {
        put(key, typed.some(key));
    }
    let numbers = typed.0.iter().filter_map(|(name, _)| {
        let rest = name.strip_prefix("challenges.")?;
        rest.strip_suffix(".text")?.parse::<usize>().ok()
    });
    let challenges: Vec<Value> = numbers
        .filter_map(|at| {
            let part = |key: &str| typed.some(&format!("challenges.{at}.{key}"));
            let (text, overcome) = (part("text"), part("overcome"));
            (text.is_some() || overcome.is_some())
                .then(|| json!({ "number": at + 1, "text": text, "overcome": overcome }))
        })
        .collect();
    if !challenges.is_empty() {
        file.insert("challenges".to_owned(), challenges.into());
    }
    file.into()
}

fn text_of<'a>(fields: &'a Fields, key: &str) -> Option<&'a Text> {
    Some(match key {
        "title" => &fields.title,
        "summary" => &fields.summary,
        "disclaimer" => &fields.disclaimer,
        other => return super::practice::text_of(fields, other),
    })
}

async fn page(
    site: &Site,
    c: Chrome,
    (id, edition): (&str, Option<&str>),
    lang: &str,
    typed: Option<Typed>,
    errors: Errors,
) -> Result<Translating, Failure> {
    let c = c.at(Section::Practices);
    let reader = c.reader();
    let practice = site.service.practice(&reader, id, edition).await?;
    let said = site.service.said(&reader, &practice.id, edition).await?;
    if !said.may.contains(&SayKind::Same) {
        return Err(Refusal::Forbidden(c.t("say-forbidden")).into());
    }
    let lists = site.service.vocabularies(&reader.lang).await?;
    let known = lists.languages.iter().any(|choice| choice.code == lang);
    if !known {
        return Err(Refusal::NotFound.into());
    }
    let from = practice.fields.original_language.clone().unwrap_or_default();
    let texts = beside(&c, &practice, &said, lang, &from, typed.as_ref());
    let earlier = said.translation(lang);
    let by = typed.as_ref().map(|typed| typed.get("by"));
    Ok(Translating {
        title: practice.fields.title.phrase(&[from.as_str()]).unwrap_or_default(),
        number: practice.number,
        language: Vocabularies::label(&lists.languages, lang).to_owned(),
        lang: lang.to_owned(),
        by: by
            .or_else(|| earlier.and_then(|one| one.by.clone()))
            .unwrap_or_else(|| "human".to_owned()),
        before: earlier.map(|one| (one.word.by.organisation.clone(), one.number)),
        passphrase: said.passphrase,
        id: practice.id,
        from,
        texts,
        errors,
        c,
    })
}

/// Every text of the edition beside its translation: as typed, else as it was translated
/// before.
fn beside(
    c: &Chrome,
    practice: &Practice,
    said: &Annotations,
    lang: &str,
    from: &str,
    typed: Option<&Typed>,
) -> Vec<Beside> {
    let earlier = said.translation(lang);
    let value = |id: &str| match typed {
        Some(typed) => typed.get(id),
        None => earlier.and_then(|one| one.texts.get(id)).cloned().unwrap_or_default(),
    };
    let old = |key: &str| earlier.is_some_and(|one| one.outdated.iter().any(|old| old == key));
    // What the organisation itself wrote in the language needs no translation.
    let source = |text: &Text| {
        let own = !text.get(lang).is_empty();
        text.phrase(&[from]).filter(|phrase| !own && !phrase.text.is_empty())
    };
    let mut texts: Vec<Beside> = TEXTS
        .into_iter()
        .filter_map(|(key, most, line)| {
            let source = source(text_of(&practice.fields, key)?)?;
            let label = c.t(&format!("field-{key}"));
            let (outdated, value) = (old(key), value(key));
            Some(Beside { id: key.to_owned(), label, source, outdated, value, most, line })
        })
        .collect();
    for (at, challenge) in practice.fields.challenges.iter().enumerate() {
        for (part, text) in [("text", &challenge.text), ("overcome", &challenge.overcome)] {
            let Some(source) = source(text) else { continue };
            let id = format!("challenges.{at}.{part}");
            texts.push(Beside {
                label: c.t1(&format!("translate-challenge-{part}"), "number", at + 1),
                source,
                outdated: old("challenges"),
                value: value(&id),
                id,
                most: CHALLENGE_MAX,
                line: false,
            });
        }
    }
    texts
}
