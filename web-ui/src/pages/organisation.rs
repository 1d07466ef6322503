//! One organisation: its people's certificates, and what can be done about it.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use super::account::word;
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Adapted, CertificateLine, MemberAct, OrganisationBook, REVOKE_REASONS, Refusal, Role,
};
use crate::site::{Shared, Site};

/// A reason has at most this many characters.
const REASON_CHARS_MAX: usize = 250;

#[derive(Template)]
#[template(path = "organisation.html")]
struct One {
    c: Chrome,
    o: OrganisationBook,
    /// What it says that it uses too.
    adapted: Vec<Adapted>,
}

impl One {
    fn roles(&self, line: &CertificateLine) -> String {
        roles(&self.c, line)
    }

    /// What narrows a certificate, in sentences.
    fn limits(&self, line: &CertificateLine) -> Vec<String> {
        limits(&self.c, line)
    }

    /// Whether a certificate was granted for a time.
    fn has_ends(&self) -> bool {
        self.o.certificates.iter().any(|line| line.ends.is_some())
    }
}

#[derive(Template)]
#[template(path = "member_act.html")]
struct Acting {
    c: Chrome,
    o: OrganisationBook,
    act: MemberAct,
    reason: String,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "revoke.html")]
struct Revoking {
    c: Chrome,
    o: OrganisationBook,
    line: CertificateLine,
    reasons: [&'static str; 5],
    chosen: String,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

impl Revoking {
    fn roles(&self) -> String {
        roles(&self.c, &self.line)
    }

    /// Whether it is the last one that operates a node.
    fn is_last_operator(&self) -> bool {
        let operates =
            |line: &&CertificateLine| line.is_open() && line.roles.contains(&Role::Operator);
        operates(&&self.line) && self.o.certificates.iter().filter(operates).count() == 1
    }
}

/// What narrows a certificate, in sentences.
fn limits(c: &Chrome, line: &CertificateLine) -> Vec<String> {
    let quota = line.quota.map(|quota| c.t1("certificate-quota", "count", quota));
    let only = line.only.iter().flat_map(|only| match only.as_slice() {
        [] => vec![c.t("certificate-only-none")],
        some => some
            .iter()
            .map(|(what, id)| c.t1(&format!("certificate-only-{what}"), "id", id.as_str()))
            .collect(),
    });
    only.chain(quota).collect()
}

fn roles(c: &Chrome, line: &CertificateLine) -> String {
    if line.node {
        return c.t("certificate-node");
    }
    let roles = line.roles.iter().map(|role| c.t(&format!("role-{}", word(*role))));
    roles.collect::<Vec<_>>().join(", ")
}

/// `GET /network/members/{id}`
pub(super) async fn one(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Network);
    let o = site.service.organisation(&c.reader(), &id).await?;
    let adapted = site.service.adapted_by(&c.reader(), &o.member.id).await?;
    show(&One { adapted, o, c })
}

fn act_of(text: &str) -> Result<MemberAct, Failure> {
    let found = MemberAct::ALL.into_iter().find(|act| act.word() == text);
    found.ok_or_else(|| Refusal::NotFound.into())
}

/// `GET /network/members/{id}/{act}`: asks.
pub(super) async fn ask(
    State(site): Shared,
    member: Member,
    Path((id, act)): Path<(String, String)>,
) -> Shown {
    let act = act_of(&act)?;
    show(&acting(&site, member.chrome, &id, act, String::new(), Errors::default()).await?)
}

/// `POST /network/members/{id}/{act}`
pub(super) async fn act(
    State(site): Shared,
    member: Member,
    Path((id, act)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let act = act_of(&act)?;
    let c = member.chrome;
    let typed = Typed(typed);
    let reason = typed.get("reason");
    let mut errors = Errors::default();
    if act.asks_why() && reason.is_empty() {
        errors.add("reason", c.t("member-reason-missing"));
    } else if reason.chars().count() > REASON_CHARS_MAX {
        errors.add("reason", c.t1("form-too-long", "limit", REASON_CHARS_MAX));
    }
    if errors.is_empty() {
        let (reader, passphrase) = (c.reader(), typed.passphrase());
        let done = site.service.act_on_member(&reader, &id, act, &reason, passphrase.as_deref());
        match done.await {
            Ok(counts) => {
                c.leave_notice(&site, if counts { "member-decided" } else { "member-proposed" });
                return Ok(Redirect::to(&format!("/network/members/{id}")).into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = acting(&site, c, &id, act, reason, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn acting(
    site: &Site,
    c: Chrome,
    id: &str,
    act: MemberAct,
    reason: String,
    errors: Errors,
) -> Result<Acting, Failure> {
    let o = site.service.organisation(&c.reader(), id).await?;
    if !o.acts.contains(&act) {
        return Err(Refusal::Forbidden(c.t("member-act-forbidden")).into());
    }
    let (wrong, c) = (errors.summary(), c.at(Section::Network));
    Ok(Acting { o, act, reason, errors, wrong, c })
}

/// `GET /network/certificates/{org}/{id}/revoke`: asks.
pub(super) async fn ask_revoke(
    State(site): Shared,
    member: Member,
    Path((org, id)): Path<(String, String)>,
) -> Shown {
    show(&revoking(&site, member.chrome, &org, &id, String::new(), Errors::default()).await?)
}

/// `POST /network/certificates/{org}/{id}/revoke`
pub(super) async fn revoke(
    State(site): Shared,
    member: Member,
    Path((org, id)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome;
    let typed = Typed(typed);
    let reason = typed.get("reason");
    let mut errors = Errors::default();
    if !REVOKE_REASONS.contains(&reason.as_str()) {
        errors.add("reason", c.t("revoke-reason-missing"));
    } else {
        let passphrase = typed.passphrase();
        match site.service.revoke(&c.reader(), &id, &reason, passphrase.as_deref()).await {
            Ok(_) => {
                c.leave_notice(&site, "revoke-done");
                return Ok(Redirect::to(&format!("/network/members/{org}")).into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = revoking(&site, c, &org, &id, reason, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn revoking(
    site: &Site,
    c: Chrome,
    org: &str,
    id: &str,
    chosen: String,
    errors: Errors,
) -> Result<Revoking, Failure> {
    let o = site.service.organisation(&c.reader(), org).await?;
    if !o.may_revoke {
        return Err(Refusal::Forbidden(c.t("revoke-forbidden")).into());
    }
    let line = o.certificates.iter().find(|line| line.id == id && line.is_open());
    let line = line.cloned().ok_or(Refusal::NotFound)?;
    let (wrong, c) = (errors.summary(), c.at(Section::Network));
    Ok(Revoking { o, line, reasons: REVOKE_REASONS, chosen, errors, wrong, c })
}
