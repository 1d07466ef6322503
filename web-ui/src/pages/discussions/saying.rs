//! Saying something in a discussion: one question a page.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::address::encode;
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::markdown;
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::pages::refused_at;
use crate::service::{
    ADVICE, ADVICE_REASONS, Choice, Discussion, POST_BYTES_MAX, Post, Refusal, Speech, SpeechKind,
    TAKE_BACK, TRANSLATED,
};
use crate::site::{Shared, Site};

/// What a page is about, in its address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct About {
    post: String,
    question: String,
}

#[derive(Template)]
#[template(path = "discussion_say.html")]
struct Saying {
    c: Chrome,
    d: Discussion,
    kind: SpeechKind,
    /// The post that it is about.
    post: Option<Post>,
    typed: Typed,
    languages: Vec<Choice>,
    errors: Errors,
}

impl Saying {
    fn heading(&self) -> String {
        super::title(&self.c, &self.d.entry)
    }

    /// A sentence of this kind.
    fn say(&self, what: &str) -> String {
        self.c.t(&format!("talk-{}-{what}", self.kind.code()))
    }

    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    fn html(&self, text: &str) -> String {
        markdown::html_of(text)
    }

    const fn writes(&self) -> bool {
        !matches!(self.kind, SpeechKind::TakeBack)
    }

    /// Whether a text is asked for that is told in a language of its own.
    const fn asks_language(&self) -> bool {
        matches!(
            self.kind,
            SpeechKind::Post | SpeechKind::Reply | SpeechKind::Translate | SpeechKind::Close
        )
    }

    const fn is_optional(&self) -> bool {
        matches!(self.kind, SpeechKind::Advise | SpeechKind::Report)
    }

    /// Whether it is signed, public and for good.
    const fn is_public(&self) -> bool {
        !matches!(self.kind, SpeechKind::Report)
    }

    fn post_id(&self) -> &str {
        self.post.as_ref().map_or("", |post| post.id.as_str())
    }

    fn question(&self) -> usize {
        self.value("question").parse().unwrap_or(0)
    }
}

fn kind_of(word: &str) -> Result<SpeechKind, Failure> {
    SpeechKind::of(word).ok_or_else(|| Refusal::NotFound.into())
}

/// Whether the reader may do this now.
fn may(d: &Discussion, kind: SpeechKind, post: Option<&Post>) -> bool {
    match kind {
        SpeechKind::Post | SpeechKind::Reply => d.may_post,
        SpeechKind::Translate => d.may_write,
        // Whoever is signed in may tell a moderator.
        SpeechKind::Report => true,
        SpeechKind::Edit => d.may_write && post.is_some_and(|post| post.own),
        SpeechKind::TakeBack => post.is_some_and(|post| post.retractable),
        SpeechKind::Advise => d.may_advise,
        SpeechKind::Close => d.may_close,
    }
}

/// The post that is named, if it has to be and is here.
fn about(d: &Discussion, kind: SpeechKind, id: &str) -> Result<Option<Post>, Failure> {
    match d.find(id) {
        Some(post) => Ok(Some(post.clone())),
        None if kind.names_a_post() || !id.is_empty() => Err(Refusal::NotFound.into()),
        None => Ok(None),
    }
}

/// `GET /discussions/{id}/{say}`
pub async fn form(
    State(site): Shared,
    member: Member,
    Path((id, say)): Path<(String, String)>,
    Query(asked): Query<About>,
) -> Shown {
    let kind = kind_of(&say)?;
    let c = member.chrome.at(Section::Discussions);
    let d = site.service.discussion(&c.reader(), &id).await?;
    let post = about(&d, kind, &asked.post)?;
    if !may(&d, kind, post.as_ref()) {
        c.leave_notice(&site, "discussion-not-now");
        return Ok(Redirect::to(&format!("/discussions/{}", encode(&d.entry.id))).into_response());
    }
    let mut typed = Typed::default();
    typed.put("question", asked.question);
    let lang = c.words.lang;
    match (kind, &post) {
        (SpeechKind::Edit, Some(post)) => {
            typed.put("text", post.now());
            typed.put("saw", post.wordings.last().map_or("", |one| one.id.as_str()));
        }
        (SpeechKind::Translate, Some(post)) if post.lang == lang => {}
        _ => typed.put("lang", lang),
    }
    show(&page(&site, c, d, (kind, post), typed, Errors::default()).await?)
}

async fn page(
    site: &Site,
    c: Chrome,
    d: Discussion,
    (kind, post): (SpeechKind, Option<Post>),
    typed: Typed,
    errors: Errors,
) -> Result<Saying, Failure> {
    let lists = site.service.vocabularies(c.words.lang).await?;
    let languages = lists.languages.clone();
    Ok(Saying { c, d, kind, post, typed, languages, errors })
}

/// `POST /discussions/{id}/{say}`
pub async fn run(
    State(site): Shared,
    member: Member,
    Path((id, say)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let kind = kind_of(&say)?;
    let c = member.chrome.at(Section::Discussions);
    let reader = c.reader();
    let typed = Typed(typed);
    let d = site.service.discussion(&reader, &id).await?;
    let (post, said) = match about(&d, kind, &typed.get("post")) {
        Ok(post) => {
            let said = read(&c, kind, post.as_ref(), &typed);
            (post, said)
        }
        // It was taken back meanwhile: what was typed stays.
        Err(_) => {
            let mut errors = Errors::default();
            errors.add("part", c.t("talk-post-gone"));
            (None, Err(errors))
        }
    };
    let (status, errors) = match said {
        Err(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Ok(say) => {
            let passphrase = typed.passphrase();
            match site.service.speak(&reader, &id, &say, passphrase.as_deref()).await {
                Ok(()) => {
                    c.leave_notice(&site, done(kind));
                    let place = match &post {
                        Some(post) if kind != SpeechKind::TakeBack => format!("#{}", post.id),
                        _ => String::new(),
                    };
                    let to = format!("/discussions/{}{place}", encode(&d.entry.id));
                    return Ok(Redirect::to(&to).into_response());
                }
                Err(Refusal::Invalid(found)) => {
                    let mut errors = Errors::default();
                    for error in found {
                        let known = ["text", "lang", "reason", "made", "advice", "passphrase"];
                        let field = error.field.as_str();
                        let id = if known.contains(&field) { field } else { "part" };
                        errors.add(id, error.message);
                    }
                    (StatusCode::UNPROCESSABLE_ENTITY, errors)
                }
                Err(refusal) => refused_at(refusal, "part")?,
            }
        }
    };
    let page = page(&site, c, d, (kind, post), typed, errors).await?;
    Ok((status, show(&page)?).into_response())
}

const fn done(kind: SpeechKind) -> &'static str {
    match kind {
        SpeechKind::Post => "talk-post-done",
        SpeechKind::Reply => "talk-reply-done",
        SpeechKind::Edit => "talk-edit-done",
        SpeechKind::Translate => "talk-translate-done",
        SpeechKind::Advise => "talk-advise-done",
        SpeechKind::Close => "talk-close-done",
        SpeechKind::Report => "talk-report-done",
        SpeechKind::TakeBack => "talk-take-back-done",
    }
}

/// What is said, as typed.
fn read(
    c: &Chrome,
    kind: SpeechKind,
    post: Option<&Post>,
    typed: &Typed,
) -> Result<Speech, Errors> {
    let mut errors = Errors::default();
    let text = typed.get("text");
    let mut one_of = |field: &str, codes: &[&str], key: &str| {
        let chosen = typed.some(field).filter(|code| codes.contains(&code.as_str()));
        if chosen.is_none() {
            errors.add(field, c.t(key));
        }
        chosen.unwrap_or_default()
    };
    let id = post.map(|post| post.id.clone());
    let (lang, named) = (typed.get("lang"), id.clone().unwrap_or_default());
    let say = match kind {
        SpeechKind::Post => {
            let question = typed.get("question").parse().ok().filter(|number| *number > 0);
            Speech::Post { question, lang, text: text.clone() }
        }
        SpeechKind::Reply => Speech::Reply { post: named, lang, text: text.clone() },
        SpeechKind::Edit => Speech::Edit { post: named, saw: typed.get("saw"), text: text.clone() },
        SpeechKind::Translate => {
            let made = one_of("made", &TRANSLATED, "talk-made-missing");
            Speech::Translate { post: named, lang, made, text: text.clone() }
        }
        SpeechKind::Advise => {
            let advice = one_of("advice", &ADVICE, "talk-advice-missing");
            let reason = one_of("reason", &ADVICE_REASONS, "talk-reason-missing");
            Speech::Advise { post: id, advice, reason, text: text.clone() }
        }
        SpeechKind::Close => Speech::Close { lang, text: text.clone() },
        SpeechKind::Report => {
            let reason = one_of("reason", &ADVICE_REASONS, "talk-reason-missing");
            Speech::Report { post: named, reason, text: text.clone() }
        }
        SpeechKind::TakeBack => {
            let reason = one_of("reason", &TAKE_BACK, "talk-reason-missing");
            Speech::TakeBack { post: named, reason }
        }
    };
    let asks = !matches!(kind, SpeechKind::Advise | SpeechKind::Report | SpeechKind::TakeBack);
    if asks && text.is_empty() {
        errors.add("text", c.t("talk-text-missing"));
    } else if text.len() > POST_BYTES_MAX {
        errors.add("text", c.t1("talk-text-long", "most", POST_BYTES_MAX));
    }
    if asks && kind != SpeechKind::Edit && typed.get("lang").is_empty() {
        errors.add("lang", c.t("talk-lang-missing"));
    }
    if errors.is_empty() { Ok(say) } else { Err(errors) }
}
