//! Clearance before publishing: where a draft lies, asking and answering, the sheet to sign by
//! hand, and what the organisation asks for.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use crate::address::encode;
use crate::failure::Failure;
use crate::form::told::{Told, told};
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::pages::refused_at;
use crate::service::{
    CLEARANCE_NEEDS, Clearance, ClearanceAct, ClearanceEntry, ClearancePolicy, ClearanceStep,
    Refusal,
};
use crate::site::{Shared, Site};

#[derive(Template)]
#[template(path = "clearance.html")]
struct Lies {
    c: Chrome,
    id: String,
    l: Clearance,
    /// What was asked for, where the reader may answer.
    asked: Vec<Told>,
    typed: Typed,
    errors: Errors,
}

impl Lies {
    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn by(&self, step: &ClearanceStep) -> String {
        self.c.party(&step.by)
    }

    /// Those who can give it.
    fn can(&self) -> String {
        let names: Vec<String> = self.l.can.iter().map(|party| self.c.party(party)).collect();
        names.join("; ")
    }

    /// Fields that changed since.
    fn changed(&self) -> String {
        let name = |key: &String| {
            let label = format!("field-{key}");
            if self.c.words.has(&label) { self.c.t(&label) } else { key.clone() }
        };
        self.l.changed.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn takes_sheets(&self) -> bool {
        matches!(self.l.need.as_str(), "sheet" | "either")
    }

    /// Whether an approval is what is needed, or nothing is.
    fn takes_approvals(&self) -> bool {
        self.l.need != "sheet"
    }

    /// Whether it was asked for and something about it can be answered.
    fn is_open(&self) -> bool {
        self.l.may_answer && self.l.state != "not-asked"
    }
}

#[derive(Template)]
#[template(path = "clearance_sheet.html")]
struct Sheet {
    c: Chrome,
    id: String,
    l: Clearance,
}

#[derive(Template)]
#[template(path = "clearances.html")]
struct Waiting {
    c: Chrome,
    items: Vec<ClearanceEntry>,
}

#[derive(Template)]
#[template(path = "clearance_policy.html")]
struct Policy {
    c: Chrome,
    p: ClearancePolicy,
    chosen: String,
    needs: [&'static str; 4],
    errors: Errors,
}

/// `GET /drafts/{id}/clearance`
pub(super) async fn one(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    show(&page(&site, member.chrome, &id, Typed::default(), Errors::default()).await?)
}

async fn page(
    site: &Site,
    c: Chrome,
    id: &str,
    typed: Typed,
    errors: Errors,
) -> Result<Lies, Failure> {
    let c = c.at(Section::Work);
    let l = site.service.clearance(&c.reader(), id).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let asked = l.asked.as_ref().filter(|_| l.may_answer);
    let asked = asked.map(|fields| told(fields, &lists, &c.words)).unwrap_or_default();
    Ok(Lies { id: id.to_owned(), l, asked, typed, errors, c })
}

/// `POST /drafts/{id}/clearance`
pub(super) async fn act(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let act = match typed.get("act").as_str() {
        "ask" => ClearanceAct::Ask { note: typed.get("note") },
        "take" => ClearanceAct::Take,
        "return" => ClearanceAct::Return { reason: typed.get("reason") },
        "approve" => ClearanceAct::Approve,
        "confirm" => ClearanceAct::Confirm,
        _ => return Err(Refusal::NotFound.into()),
    };
    let passphrase = typed.passphrase();
    match site.service.clear(&c.reader(), &id, &act, passphrase.as_deref()).await {
        Ok(()) => {
            c.leave_notice(&site, "clearance-said");
            Ok(Redirect::to(&format!("/drafts/{}/clearance", encode(&id))).into_response())
        }
        Err(refusal) => {
            let (status, errors) = refused_at(refusal, "main")?;
            let page = page(&site, c, &id, typed, errors).await?;
            Ok((status, show(&page)?).into_response())
        }
    }
}

/// `GET /drafts/{id}/clearance/sheet`: to be printed and signed by hand.
pub(super) async fn sheet(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Work);
    let l = site.service.clearance(&c.reader(), &id).await?;
    show(&Sheet { id, l, c })
}

/// `GET /clearance`: drafts that wait for the reader.
pub(super) async fn list(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Work);
    let items = site.service.clearances(&c.reader()).await?;
    show(&Waiting { items, c })
}

/// `GET /network/clearance`
pub(super) async fn policy(State(site): Shared, member: Member) -> Shown {
    show(&policy_page(&site, member.chrome, None, Errors::default()).await?)
}

async fn policy_page(
    site: &Site,
    c: Chrome,
    chosen: Option<String>,
    errors: Errors,
) -> Result<Policy, Failure> {
    let c = c.at(Section::Network);
    let p = site.service.clearance_policy(&c.reader()).await?;
    let chosen = chosen.unwrap_or_else(|| p.need.clone());
    Ok(Policy { p, chosen, needs: CLEARANCE_NEEDS, errors, c })
}

/// `POST /network/clearance`
pub(super) async fn set_policy(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let (need, passphrase) = (typed.get("need"), typed.passphrase());
    match site.service.set_clearance_policy(&c.reader(), &need, passphrase.as_deref()).await {
        Ok(()) => {
            c.leave_notice(&site, "clearance-policy-set");
            Ok(Redirect::to("/network/clearance").into_response())
        }
        Err(refusal) => {
            let (status, errors) = refused_at(refusal, "need")?;
            let page = policy_page(&site, c, Some(need), errors).await?;
            Ok((status, show(&page)?).into_response())
        }
    }
}
