//! What waits for approvals, and approving: one page to read, one to decide.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{CharterChange, Proposals, Refusal, Waiting};
use crate::site::{Shared, Site};

#[derive(Template)]
#[template(path = "approvals.html")]
struct Approvals {
    c: Chrome,
    p: Proposals,
}

#[derive(Template)]
#[template(path = "approve.html")]
struct Approve {
    c: Chrome,
    one: Waiting,
    fingerprint: String,
    may: bool,
    passphrase: bool,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /network/approvals`
pub(super) async fn list(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Approvals);
    let p = site.service.proposals(&c.reader()).await?;
    show(&Approvals { p, c })
}

/// `GET /network/approvals/{id}`
pub(super) async fn ask(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    show(&page(&site, member.chrome, &id, Errors::default()).await?)
}

/// `POST /network/approvals/{id}`
pub(super) async fn approve(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome;
    let typed = Typed(typed);
    let found = page(&site, c, &id, Errors::default()).await?;
    let mut errors = Errors::default();
    // Where a name could be another's, the telephone comes before the button.
    if found.compares() && !typed.has("compared", "yes") {
        errors.add("compared", found.c.t("approve-compared-missing"));
    }
    let c = found.c;
    if errors.is_empty() {
        let passphrase = typed.passphrase();
        match site.service.approve(&c.reader(), &id, passphrase.as_deref()).await {
            Ok(()) => {
                c.leave_notice(&site, "approve-done");
                return Ok(Redirect::to("/network/approvals").into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = page(&site, c, &id, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn page(site: &Site, c: Chrome, id: &str, errors: Errors) -> Result<Approve, Failure> {
    let p = site.service.proposals(&c.reader()).await?;
    let one = p.items.into_iter().find(|one| one.id == id).ok_or(Refusal::NotFound)?;
    Ok(Approve {
        may: p.may_approve && one.is_for_us(),
        fingerprint: p.fingerprint,
        passphrase: p.passphrase,
        wrong: errors.summary(),
        one,
        errors,
        c: c.at(Section::Approvals),
    })
}

impl Approve {
    /// Whether whoever approves has to say that they compared fingerprints.
    fn compares(&self) -> bool {
        matches!(self.one.kind.as_str(), "admit" | "rekey")
    }
}

/// The heading of a proposal.
pub(super) fn heading(c: &Chrome, one: &Waiting) -> String {
    let name = one.about.name.as_str();
    match one.kind.as_str() {
        "charter" => c.t1("proposal-charter", "number", one.number),
        "admit" => c.t1("proposal-admit", "org", name),
        "suspend" => c.t1("proposal-suspend", "org", name),
        "lift" => c.t1("proposal-lift", "org", name),
        "remove" => c.t1("proposal-remove", "org", name),
        "rekey" => c.t1("proposal-rekey", "org", name),
        other => format!("{other} {name}"),
    }
}

/// What differs, in one sentence; of a policy what it was and is follows it.
pub(super) fn change(c: &Chrome, change: &CharterChange) -> String {
    let policy = |code: &str| c.word("policy", code);
    match change {
        CharterChange::Name { from, to } => c.t2("change-name", "from", from, "to", to),
        CharterChange::Appoints(org) => c.t1("change-appoints", "org", &org.name),
        CharterChange::Drops(org) => c.t1("change-drops", "org", &org.name),
        CharterChange::Policy { code, from: None, .. } => {
            c.t1("change-policy-set", "policy", policy(code))
        }
        CharterChange::Policy { code, to: None, .. } => {
            c.t1("change-policy-out", "policy", policy(code))
        }
        CharterChange::Policy { code, .. } => c.t1("change-policy", "policy", policy(code)),
        CharterChange::Recall { from, to } => c.t2("change-recall", "from", *from, "to", *to),
    }
}

/// The texts of a policy that changes: before, and from then on.
pub(super) fn texts(change: &CharterChange) -> (Option<&str>, Option<&str>) {
    match change {
        CharterChange::Policy { from, to, .. } => (from.as_deref(), to.as_deref()),
        _ => (None, None),
    }
}
