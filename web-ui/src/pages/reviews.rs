//! Reviews: what was submitted, one of them whole, and what a person does about
//! it: one question a page.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::form::schema::PRACTICE;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::pages::refused_at;
use crate::service::{
    Choice, Criterion, DECISIONS, FieldError, MARKS, NO_REVIEW, Part, PartKind, Phrase,
    RECOMMENDATIONS, Refusal, Review, ReviewEntry, ReviewPolicy, ReviewStep, Submit,
};
use crate::site::{Shared, Site};

/// Comments on fields that one form holds.
const COMMENTS: usize = 5;

/// The look of the tag of a state; its word says the same.
pub(super) fn look(state: &str) -> &'static str {
    match state {
        "sealed" => "ok",
        "returned" | "rejected" | "refused" | "divided" => "warn",
        _ => "",
    }
}

/// The word of a mark: keys of sentences have no slash.
fn told_mark(c: &Chrome, mark: &str) -> String {
    c.word("review-mark", &mark.replace('/', ""))
}

#[derive(Template)]
#[template(path = "reviews.html")]
struct List {
    c: Chrome,
    mine: Vec<ReviewEntry>,
    others: Vec<ReviewEntry>,
    no_policy: bool,
}

/// `GET /reviews`
pub async fn list(State(site): Shared, c: Chrome) -> Shown {
    let c = c.at(Section::Reviews);
    let reviews = site.service.reviews(&c.reader()).await?;
    // What to do next where nothing is here depends on them, and nothing else.
    let none_yet = reviews.is_empty();
    let no_policy = none_yet && site.service.policies(&c.reader()).await?.is_empty();
    let (mine, others) = reviews.into_iter().partition(|review| review.waits);
    show(&List { c, mine, others, no_policy })
}

#[derive(Template)]
#[template(path = "review.html")]
struct One {
    c: Chrome,
    r: Review,
}

impl One {
    /// What happened, as a sentence.
    fn step(&self, step: &ReviewStep) -> String {
        let who = self.c.party(&step.actor);
        let whom = step.whom.as_ref().map(|whom| self.c.party(whom)).unwrap_or_default();
        self.c.t2(&format!("review-did-{}", step.kind), "who", who, "whom", whom)
    }

    fn detail(&self, step: &ReviewStep) -> Option<String> {
        let word = match step.kind.as_str() {
            "decision" => "review-state",
            _ => "review-reason",
        };
        step.detail.as_ref().map(|code| self.c.word(word, code))
    }

    fn quorum(&self, key: &str, (given, least): &(u64, u64)) -> String {
        self.c.t2(key, "given", *given, "least", *least)
    }

    fn link(&self, part: &PartKind) -> String {
        self.c.t(&format!("review-{}-link", part.code()))
    }

    fn with(&self) -> String {
        self.r.entry.holders.join("; ")
    }

    fn mark(&self, mark: &str) -> String {
        told_mark(&self.c, mark)
    }

    fn field(&self, key: &str) -> String {
        let name = format!("field-{key}");
        if self.c.words.has(&name) { self.c.t(&name) } else { key.to_owned() }
    }
}

/// `GET /reviews/{id}`
pub async fn one(State(site): Shared, c: Chrome, Path(id): Path<String>) -> Shown {
    let c = c.at(Section::Reviews);
    let r = site.service.review(&c.reader(), &id).await?;
    show(&One { c, r })
}

/// A place for a comment on a field.
struct Anchor {
    number: usize,
    field: String,
    text: String,
}

#[derive(Template)]
#[template(path = "review_part.html")]
struct Taking {
    c: Chrome,
    r: Review,
    kind: PartKind,
    typed: Typed,
    fields: Vec<Choice>,
    anchors: Vec<Anchor>,
    errors: Errors,
}

impl Taking {
    /// A sentence of this part.
    fn say(&self, what: &str) -> String {
        self.c.t(&format!("review-{}-{what}", self.kind.code()))
    }

    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    fn mark(&self, mark: &str) -> String {
        told_mark(&self.c, mark)
    }

    fn mark_name(&self, code: &str) -> String {
        format!("mark-{code}")
    }

    fn comment_name(&self, code: &str) -> String {
        format!("comment-{code}")
    }

    /// Without enough reviews the board can only give it back.
    fn decisions(&self) -> Vec<&'static str> {
        DECISIONS.into_iter().filter(|code| self.r.ready || *code == "returned").collect()
    }
}

fn kind_of(word: &str) -> Result<PartKind, Failure> {
    PartKind::of(word).ok_or_else(|| Refusal::NotFound.into())
}

/// `GET /reviews/{id}/{part}`
pub async fn form(
    State(site): Shared,
    member: Member,
    Path((id, part)): Path<(String, String)>,
) -> Shown {
    let kind = kind_of(&part)?;
    let c = member.chrome.at(Section::Reviews);
    let r = site.service.review(&c.reader(), &id).await?;
    if !r.parts.contains(&kind) {
        c.leave_notice(&site, "review-not-now");
        return Ok(Redirect::to(&format!("/reviews/{}", r.entry.id)).into_response());
    }
    show(&page(c, r, kind, Typed::default(), Errors::default()))
}

fn page(c: Chrome, r: Review, kind: PartKind, typed: Typed, errors: Errors) -> Taking {
    let fields = PRACTICE.fields().map(|field| field.key).map(|key| {
        let label = c.t(&format!("field-{key}"));
        Choice { code: key.to_owned(), label }
    });
    let anchors = (1..=COMMENTS).map(|number| Anchor {
        number,
        field: typed.get(&format!("field-{number}")),
        text: typed.get(&format!("text-{number}")),
    });
    Taking { fields: fields.collect(), anchors: anchors.collect(), c, r, kind, typed, errors }
}

/// `POST /reviews/{id}/{part}`
pub async fn run(
    State(site): Shared,
    member: Member,
    Path((id, part)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let kind = kind_of(&part)?;
    let c = member.chrome.at(Section::Reviews);
    let reader = c.reader();
    let typed = Typed(typed);
    let r = site.service.review(&reader, &id).await?;
    let (status, errors) = match read(&c, &r, kind, &typed) {
        Err(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Ok(part) => {
            let passphrase = typed.passphrase();
            match site.service.take_part(&reader, &id, &part, passphrase.as_deref()).await {
                Ok(()) => {
                    c.leave_notice(&site, done(kind));
                    return Ok(Redirect::to(&format!("/reviews/{id}")).into_response());
                }
                Err(Refusal::Invalid(found)) if kind == PartKind::Score => {
                    let place = |field: &str| place_in_form(&r, &typed, field);
                    let found = found
                        .into_iter()
                        .map(|error| FieldError { field: place(&error.field), ..error });
                    (StatusCode::UNPROCESSABLE_ENTITY, Errors::from_node(found.collect()))
                }
                Err(refusal) => refused_at(refusal, "part")?,
            }
        }
    };
    Ok((status, show(&page(c, r, kind, typed, errors))?).into_response())
}

const fn done(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Invite => "review-invite-done",
        PartKind::Accept => "review-accept-done",
        PartKind::Decline => "review-decline-done",
        PartKind::Score => "review-score-done",
        PartKind::Decide => "review-decide-done",
        PartKind::Reply => "review-reply-done",
        PartKind::Appeal => "review-appeal-done",
        PartKind::Withdraw => "review-withdraw-done",
    }
}

/// The part as typed.
fn read(c: &Chrome, r: &Review, kind: PartKind, typed: &Typed) -> Result<Part, Errors> {
    let missing = |field: &str, key: &str| {
        let mut errors = Errors::default();
        errors.add(field, c.t(key));
        errors
    };
    let one_of = |field: &str, codes: &[&str], key: &str| {
        let chosen = typed.some(field).filter(|code| codes.contains(&code.as_str()));
        chosen.ok_or_else(|| missing(field, key))
    };
    let note = typed.get("note");
    let words = || typed.some("note").ok_or_else(|| missing("note", "review-note-missing"));
    Ok(match kind {
        PartKind::Invite => {
            let who = typed.some("reviewer");
            Part::Invite(who.ok_or_else(|| missing("reviewer", "review-invite-missing"))?)
        }
        PartKind::Accept => {
            if !typed.has("none", "yes") {
                return Err(missing("none", "review-accept-missing"));
            }
            Part::Accept(note)
        }
        PartKind::Decline => {
            Part::Decline(one_of("reason", &NO_REVIEW, "review-decline-missing")?, note)
        }
        PartKind::Score => Part::Score(assessment(c, r, typed)?),
        PartKind::Decide => {
            let outcome = one_of("outcome", &DECISIONS, "review-decide-missing")?;
            if outcome != "sealed" && note.is_empty() {
                return Err(missing("note", "review-reasons-missing"));
            }
            Part::Decide(outcome, note)
        }
        PartKind::Reply => Part::Reply(words()?),
        PartKind::Appeal => Part::Appeal(words()?),
        PartKind::Withdraw => Part::Withdraw(note),
    })
}

fn mark_of(typed: &Typed, criterion: &Criterion) -> Option<String> {
    let mark = typed.some(&format!("mark-{}", criterion.code));
    mark.filter(|mark| MARKS.contains(&mark.as_str()))
}

/// The id of the field from which a place of the file came that
/// [`assessment`] made: `scores[1].comment` is about the second criterion that
/// was answered. What is of no one field is told over the form.
fn place_in_form(r: &Review, typed: &Typed, place: &str) -> String {
    let mut parts = place.split(['[', ']', '.']).filter(|part| !part.is_empty());
    let list = parts.next().unwrap_or_default();
    let at = parts.next().and_then(|at| at.parse::<usize>().ok());
    let said = |number: &usize| {
        let names = [format!("field-{number}"), format!("text-{number}")];
        names.iter().all(|name| typed.some(name).is_some())
    };
    let id = match (list, at) {
        ("scores", Some(at)) => {
            let mut answered = r.criteria.iter().filter(|one| mark_of(typed, one).is_some());
            answered.nth(at).map(|one| format!("mark-{}", one.code))
        }
        ("comments", Some(at)) => {
            (1..=COMMENTS).filter(said).nth(at).map(|number| format!("field-{number}"))
        }
        ("to_authors", _) => Some("note".to_owned()),
        ("recommendation" | "passphrase", _) => Some(list.to_owned()),
        _ => None,
    };
    id.unwrap_or_else(|| "part".to_owned())
}

/// The review as typed, in the shape of review files.
fn assessment(c: &Chrome, r: &Review, typed: &Typed) -> Result<Value, Errors> {
    let mut errors = Errors::default();
    let mut scores = Vec::new();
    for criterion in &r.criteria {
        match mark_of(typed, criterion) {
            Some(mark) => {
                let mut score = json!({ "criterion": criterion.code, "mark": mark });
                if let Some(comment) = typed.some(&format!("comment-{}", criterion.code)) {
                    score["comment"] = json!(comment);
                }
                scores.push(score);
            }
            None if criterion.required => {
                errors.add(format!("mark-{}", criterion.code), c.t("review-mark-missing"));
            }
            None => {}
        }
    }
    let mut comments = Vec::new();
    for number in 1..=COMMENTS {
        let (field, text) =
            (typed.some(&format!("field-{number}")), typed.some(&format!("text-{number}")));
        match (field, text) {
            (Some(field), Some(text)) => comments.push(json!({ "field": field, "text": text })),
            (None, Some(_)) => {
                errors.add(format!("field-{number}"), c.t("review-comment-nowhere"));
            }
            _ => {}
        }
    }
    let recommendation = typed.get("recommendation");
    if !RECOMMENDATIONS.contains(&recommendation.as_str()) {
        errors.add("recommendation", c.t("review-recommendation-missing"));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut assessment = json!({
        "scores": scores, "comments": comments, "recommendation": recommendation,
        "language": c.words.lang,
    });
    if let Some(text) = typed.some("note") {
        assessment["to_authors"] = json!(text);
    }
    Ok(assessment)
}

#[derive(Template)]
#[template(path = "review_submit.html")]
struct Submitting {
    c: Chrome,
    id: String,
    title: Phrase,
    number: u32,
    missing: Vec<String>,
    policies: Vec<ReviewPolicy>,
    typed: Typed,
    passphrase: bool,
    errors: Errors,
}

impl Submitting {
    fn board(&self, policy: &ReviewPolicy) -> String {
        let (internal, external) = policy.reviewers;
        let count = self.c.t2("review-asks", "internal", internal, "external", external);
        format!("{} {count}", self.c.t1("review-decides", "org", policy.board.join("; ")))
    }
}

/// `GET /practices/{id}/review`
pub async fn ask(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    show(&submitting(&site, member.chrome, &id, Typed::default(), Errors::default()).await?)
}

/// `POST /practices/{id}/review`
pub async fn submit(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let mut errors = Errors::default();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    match typed.some("policy") {
        None => errors.add("policy", c.t("review-policy-missing")),
        Some(policy) => {
            let submit = Submit { policy, note: typed.get("note"), passphrase: typed.passphrase() };
            match site.service.submit(&c.reader(), &id, &submit).await {
                Ok(review) => {
                    c.leave_notice(&site, "review-submit-done");
                    return Ok(Redirect::to(&format!("/reviews/{review}")).into_response());
                }
                Err(refusal) => (status, errors) = refused_at(refusal, "part")?,
            }
        }
    }
    let page = submitting(&site, c, &id, typed, errors).await?;
    Ok((status, show(&page)?).into_response())
}

async fn submitting(
    site: &Site,
    c: Chrome,
    id: &str,
    typed: Typed,
    errors: Errors,
) -> Result<Submitting, Failure> {
    let c = c.at(Section::Reviews);
    let practice = site.service.practice(&c.reader(), id, None).await?;
    let policies = site.service.policies(&c.reader()).await?;
    Ok(Submitting {
        title: practice.fields.title.phrase(&[c.words.lang]).unwrap_or_default(),
        passphrase: c.account.as_ref().is_some_and(|account| account.passphrase),
        missing: practice.missing.iter().map(|key| c.t(&format!("field-{key}"))).collect(),
        number: practice.number,
        id: practice.id,
        policies,
        typed,
        errors,
        c,
    })
}
