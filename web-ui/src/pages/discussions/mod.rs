//! Discussions: the list, one of them with all that was said, and what was
//! reported on this node.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::address::{encode, with_query};
use crate::form::Typed;
use crate::markdown;
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Choice, Discussion, DiscussionEntry, DiscussionsAsked, Post, PostAdvice, ReportEntry, Role,
    Vocabularies,
};
use crate::site::Shared;

pub mod opening;
pub mod saying;

/// Answers are set in no further than this.
const DEPTH_SHOWN_MAX: usize = 4;

/// The look of the tag of a state; its word says the same.
pub(crate) fn look(state: &str) -> &'static str {
    match state {
        "open" => "ok",
        "past" => "warn",
        _ => "",
    }
}

/// What a list is called by: of a practice, by what people do there.
pub(crate) fn title(c: &Chrome, entry: &DiscussionEntry) -> String {
    match (entry.of_practice, entry.title.text.is_empty()) {
        (true, true) => c.t("discussion-ask"),
        (true, false) => c.t1("discussion-about", "title", &entry.title.text),
        (false, true) => c.t("discussion-untitled"),
        (false, false) => entry.title.text.clone(),
    }
}

/// What narrows the list, as it stands in an address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    lang: String,
    objective: String,
    open: String,
}

#[derive(Template)]
#[template(path = "discussions.html")]
struct List {
    c: Chrome,
    list: Vec<DiscussionEntry>,
    /// Those that moderators hide.
    hidden: Vec<DiscussionEntry>,
    languages: Vec<Choice>,
    objectives: Vec<Choice>,
    asked: Asked,
}

impl List {
    const fn is_everything(&self) -> bool {
        self.asked.lang.is_empty() && self.asked.objective.is_empty() && !self.only_open()
    }

    const fn only_open(&self) -> bool {
        !self.asked.open.is_empty()
    }

    fn may_open(&self) -> bool {
        may_open(&self.c)
    }

    fn moderates(&self) -> bool {
        self.c.account.as_ref().is_some_and(|one| one.is(Role::Moderator))
    }

    fn tongue(&self, tag: &str) -> String {
        Vocabularies::label(&self.languages, tag).to_owned()
    }
}

fn may_open(c: &Chrome) -> bool {
    let may = |role| c.account.as_ref().is_some_and(|one| one.is(role));
    may(Role::Publisher) || may(Role::FocalPoint)
}

/// `GET /discussions`
pub async fn list(State(site): Shared, c: Chrome, Query(asked): Query<Asked>) -> Shown {
    let narrowed = DiscussionsAsked {
        lang: Some(asked.lang.clone()).filter(|lang| !lang.is_empty()),
        objective: asked.objective.parse().ok(),
        open: !asked.open.is_empty(),
    };
    let all = site.service.discussions(&c.reader(), &narrowed).await?;
    let (hidden, list) = all.into_iter().partition(|one| one.hidden);
    let lists = site.service.vocabularies(c.words.lang).await?;
    let (languages, objectives) = (lists.languages.clone(), lists.objectives.clone());
    show(&List { c: c.at(Section::Discussions), list, hidden, languages, objectives, asked })
}

#[derive(Template)]
#[template(path = "discussion.html")]
struct One {
    c: Chrome,
    d: Discussion,
    languages: Vec<Choice>,
    objectives: Vec<Choice>,
}

impl One {
    fn heading(&self) -> String {
        title(&self.c, &self.d.entry)
    }

    fn html(&self, text: &str) -> String {
        markdown::html_of(text)
    }

    fn tongue(&self, tag: &str) -> String {
        Vocabularies::label(&self.languages, tag).to_owned()
    }

    fn objective(&self, number: &u8) -> String {
        Vocabularies::label(&self.objectives, &number.to_string()).to_owned()
    }

    /// Whether a post begins the posts under another question than that before.
    fn begins(&self, index: &usize) -> bool {
        let question = |at: usize| self.d.posts.get(at).map(|post| post.question);
        *index == 0 || question(*index) != question(index - 1)
    }

    /// Questions that nobody answered yet, by number.
    fn unanswered(&self) -> Vec<usize> {
        let answered = |number: &usize| self.d.posts.iter().any(|post| post.question == *number);
        (1..=self.d.questions.len()).filter(|number| !answered(number)).collect()
    }

    fn depth(&self, post: &Post) -> usize {
        post.depth.min(DEPTH_SHOWN_MAX)
    }

    fn say(&self, kind: &str, post: &str) -> String {
        let path = format!("/discussions/{}/{kind}", encode(&self.d.entry.id));
        with_query(&path, &[("post", Some(post).filter(|post| !post.is_empty()))])
    }

    fn answer(&self, question: &usize) -> String {
        let path = format!("/discussions/{}/post", encode(&self.d.entry.id));
        with_query(&path, &[("question", Some(question.to_string().as_str()))])
    }

    /// For which advice a post is hidden: of which organisation, and why.
    fn hidden(&self, post: &Post) -> String {
        let hides = |one: &&PostAdvice| one.followed && one.advice == "hide";
        let Some(one) = post.advice.iter().find(hides) else { return String::new() };
        let reason = self.c.word("advice-reason", &one.reason);
        self.c.t2("discussion-hidden", "org", &one.organisation, "reason", reason)
    }

    /// Advice in a sentence.
    fn advice(&self, one: &PostAdvice) -> String {
        let reason = self.c.word("advice-reason", &one.reason);
        let key = format!("advice-said-{}", one.advice);
        self.c.t2(&key, "org", &one.organisation, "reason", reason)
    }

    /// A translation that the reader reads, where they do not read the original.
    fn is_for_reader(&self, post: &Post, lang: &str) -> bool {
        lang == self.c.words.lang && post.lang != self.c.words.lang
    }

    fn refused(&self, (kind, whose, _): &(String, String, String)) -> String {
        self.c.t1(&format!("discussion-refused-{kind}"), "org", whose)
    }

    /// The other wordings, the last first.
    fn earlier<'a>(&self, post: &'a Post) -> Vec<&'a crate::service::PostWording> {
        post.wordings.iter().rev().skip(1).collect()
    }
}

/// `GET /discussions/{id}`
pub async fn one(State(site): Shared, c: Chrome, Path(id): Path<String>) -> Shown {
    let c = c.at(Section::Discussions);
    let d = site.service.discussion(&c.reader(), &id).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let (languages, objectives) = (lists.languages.clone(), lists.objectives.clone());
    show(&One { c, d, languages, objectives })
}

/// `GET /practices/{id}/discussion`
pub async fn of_practice(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/discussions/{}", encode(&id)))
}

#[derive(Template)]
#[template(path = "reports.html")]
struct Reports {
    c: Chrome,
    reports: Vec<ReportEntry>,
}

/// `GET /discussions/reports`
pub async fn reports(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Discussions);
    let reports = site.service.reports(&c.reader()).await?;
    show(&Reports { c, reports })
}

/// `POST /discussions/reports`
pub async fn settle(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome;
    site.service.settle_reports(&c.reader(), &Typed(typed).get("post")).await?;
    c.leave_notice(&site, "reports-settled");
    Ok(Redirect::to("/discussions/reports").into_response())
}
