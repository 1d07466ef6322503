//! The charter: a document that people read, its history, and the next one.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Amended, CharterBook, CharterCheck, CharterForm, CharterVersion, Policy, Refusal,
};
use crate::site::{Shared, Site};

/// Rows for policies that there are not yet.
const SPARE_ROWS: usize = 2;
/// Rows that a form may have.
const ROWS_MAX: usize = 80;

#[derive(Template)]
#[template(path = "charter.html")]
struct Book {
    c: Chrome,
    now: CharterVersion,
    book: CharterBook,
}

/// A policy in the form: its code is fixed where it stands already, or is known.
struct Row {
    code: String,
    text: String,
    fixed: bool,
}

#[derive(Template)]
#[template(path = "charter_form.html")]
struct Form1 {
    c: Chrome,
    form: CharterForm,
    name: String,
    stewards: Vec<String>,
    rows: Vec<Row>,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "charter_sign.html")]
struct Sign {
    c: Chrome,
    check: CharterCheck,
    kept: Vec<(String, String)>,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /network/charter`
pub(super) async fn book(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Network);
    let book = site.service.charter(&c.reader()).await?;
    let now = book.versions.first().cloned().ok_or(Refusal::NotFound)?;
    show(&Book { now, book, c })
}

/// `GET /network/charter/propose`
pub(super) async fn form(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Network);
    show(&form_page(&site, c, None, Errors::default()).await?)
}

/// `POST /network/charter/propose`: from the form to what would be signed, back,
/// or on.
pub(super) async fn post(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Network);
    let typed = Typed(typed);
    let amended = amended(&typed);
    match typed.get("step").as_str() {
        "form" => show(&form_page(&site, c, Some(&amended), Errors::default()).await?),
        "sign" => sign(&site, c, &typed, &amended).await,
        _ => match site.service.check_charter(&c.reader(), &amended).await {
            Ok(check) => show(&sign_page(c, check, &amended, Errors::default())),
            Err(refusal) => again(&site, c, &amended, refusal).await,
        },
    }
}

async fn sign(site: &Site, c: Chrome, typed: &Typed, amended: &Amended) -> Shown {
    let passphrase = typed.passphrase();
    let reader = c.reader();
    match site.service.propose_charter(&reader, amended, passphrase.as_deref()).await {
        Ok(in_force) => {
            c.leave_notice(site, if in_force { "charter-in-force" } else { "charter-proposed" });
            let next = if in_force { "/network/charter" } else { "/network/approvals" };
            Ok(Redirect::to(next).into_response())
        }
        Err(Refusal::Invalid(found)) if found.iter().any(|error| error.field == "passphrase") => {
            let check = site.service.check_charter(&reader, amended).await?;
            let page = sign_page(c, check, amended, Errors::from_node(found));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(refusal) => again(site, c, amended, refusal).await,
    }
}

/// The form as it was typed, with what is wrong with it.
async fn again(
    site: &Site,
    c: Chrome,
    amended: &Amended,
    refusal: Refusal,
) -> Result<Response, Failure> {
    let Refusal::Invalid(found) = refusal else { return Err(refusal.into()) };
    let page = form_page(site, c, Some(amended), Errors::from_node(found)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// What was typed: rows are `code.N` and `text.N`.
fn amended(typed: &Typed) -> Amended {
    let row = |at: usize| {
        let code = typed.get(&format!("code.{at}"));
        let text = typed.get(&format!("text.{at}"));
        (!code.is_empty() || !text.is_empty()).then_some(Policy { code, text })
    };
    Amended {
        name: typed.get("name"),
        stewards: typed.all("steward").map(str::to_owned).collect(),
        policies: (0..ROWS_MAX).filter_map(row).collect(),
    }
}

async fn form_page(
    site: &Site,
    c: Chrome,
    typed: Option<&Amended>,
    errors: Errors,
) -> Result<Form1, Failure> {
    let form = site.service.charter_form(&c.reader()).await?;
    let now = &form.now;
    let policies = typed.map_or_else(|| now.policies.clone(), |typed| typed.policies.clone());
    let standing = |code: &str| now.policies.iter().any(|policy| policy.code == code);
    let mut rows: Vec<Row> = policies
        .into_iter()
        .map(|Policy { code, text }| Row { fixed: standing(&code), code, text })
        .collect();
    for code in &form.codes {
        if !rows.iter().any(|row| row.code == *code) {
            rows.push(Row { code: code.clone(), text: String::new(), fixed: true });
        }
    }
    rows.extend((0..SPARE_ROWS).map(|_| Row {
        code: String::new(),
        text: String::new(),
        fixed: false,
    }));
    rows.truncate(ROWS_MAX);
    Ok(Form1 {
        name: typed.map_or_else(|| now.name.clone(), |typed| typed.name.clone()),
        stewards: typed.map_or_else(
            || now.stewards.iter().map(|org| org.id.clone()).collect(),
            |typed| typed.stewards.clone(),
        ),
        wrong: errors.summary(),
        rows,
        form,
        errors,
        c,
    })
}

fn sign_page(c: Chrome, check: CharterCheck, amended: &Amended, errors: Errors) -> Sign {
    let mut kept = vec![("name".to_owned(), amended.name.clone())];
    kept.extend(amended.stewards.iter().map(|org| ("steward".to_owned(), org.clone())));
    for (at, policy) in amended.policies.iter().enumerate() {
        kept.push((format!("code.{at}"), policy.code.clone()));
        kept.push((format!("text.{at}"), policy.text.clone()));
    }
    Sign { wrong: errors.summary(), check, kept, errors, c }
}
