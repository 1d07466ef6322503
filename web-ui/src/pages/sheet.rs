//! The recovery sheet: asked for first, then shown once on a page to print.
//!
//! The words are kept by no browser (`no-store`, unlike other pages), stand in no
//! address, and can be asked for by operators alone.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect};

use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{RecoverySheet, Refusal, SheetStanding, SheetState};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "sheet_ask.html")]
struct Ask {
    c: Chrome,
    standing: SheetStanding,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct Sheet {
    c: Chrome,
    sheet: RecoverySheet,
}

/// `GET /network/sheet`: says what it is, and asks.
pub(super) async fn ask(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Network);
    let standing = site.service.sheet_standing(&c.reader()).await?;
    show(&Ask { standing, errors: Errors::default(), wrong: Vec::new(), c })
}

/// `POST /network/sheet`: the words.
pub(super) async fn words(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Network);
    let passphrase = Typed(typed).passphrase();
    match site.service.recovery_sheet(&c.reader(), passphrase.as_deref()).await {
        Ok(sheet) => {
            let mut page = show(&Sheet { sheet, c })?;
            page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(page)
        }
        Err(Refusal::Invalid(found)) => {
            let standing = site.service.sheet_standing(&c.reader()).await?;
            let errors = Errors::from_node(found);
            let page = Ask { standing, wrong: errors.summary(), errors, c };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /network/sheet/kept`: the node forgets the words.
pub(super) async fn kept(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Network);
    if Typed(typed).get("sure") != "yes" {
        return Ok(Redirect::to("/network/sheet").into_response());
    }
    site.service.keep_sheet(&c.reader()).await?;
    c.leave_notice(&site, "sheet-is-kept");
    Ok(Redirect::to("/network/sheet").into_response())
}
