//! How a person is told of what waits: by mail, once an address is confirmed, and
//! by a feed of their own. And how whoever holds the secret of a mail stops it,
//! without signing in: by a form, or by the one click of a mail program (RFC 8058),
//! never by a link alone, which programs that look for harm follow too.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse, Redirect};

use crate::feeds::place;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{NoticeChange, Notices, Refusal};
use crate::site::Shared;

/// How often, the most mail first.
const OFTEN: [&str; 3] = ["hour", "day", "never"];

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    c: Chrome,
    n: Notices,
    /// The address of a feed that was just made.
    made: Option<String>,
    address: String,
    often: String,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

impl NoticesPage {
    fn of(c: Chrome, n: Notices, typed: &Typed, errors: Errors) -> Self {
        // At once is what somebody who enters a first address means.
        let often = match n.often.as_str() {
            "never" if n.address.is_none() => "hour",
            often => often,
        };
        let often = typed.some("often").unwrap_or_else(|| often.to_owned());
        let address = typed.get("address");
        let c = c.at(Section::Account);
        Self { made: None, address, often, wrong: errors.summary(), errors, n, c }
    }

    fn choices(&self) -> [&'static str; 3] {
        OFTEN
    }
}

/// `GET /account/notices`
pub(super) async fn form(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome;
    let n = site.service.notices(&c.reader()).await?;
    show(&NoticesPage::of(c, n, &Typed(Vec::new()), Errors::default()))
}

/// `POST /account/notices`
pub(super) async fn change(
    State(site): Shared,
    member: Member,
    headers: HeaderMap,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome;
    let typed = Typed(typed);
    let (change, said) = match typed.get("do").as_str() {
        "confirm" => (NoticeChange::Confirm(typed.get("code")), "notices-confirmed"),
        "forget" => (NoticeChange::Forget, "notices-forgotten"),
        "feed" => (NoticeChange::MakeFeed, "notices-saved"),
        "no-feed" => (NoticeChange::EndFeed, "notices-feed-ended"),
        _ => {
            // As it was typed, so that a line break in it is refused and not mended.
            let address = Some(typed.exactly("address")).filter(|text| !text.trim().is_empty());
            let often = typed.get("often");
            (NoticeChange::Mail { address, often }, "notices-saved")
        }
    };
    match site.service.change_notices(&c.reader(), &change).await {
        Ok(None) => {
            c.leave_notice(&site, said);
            Ok(Redirect::to("/account/notices").into_response())
        }
        Ok(Some(path)) => {
            let n = site.service.notices(&c.reader()).await?;
            let made = Some(format!("{}{path}", place(&site, &headers)));
            let page = NoticesPage::of(c, n, &Typed(Vec::new()), Errors::default());
            show(&NoticesPage { made, ..page })
        }
        Err(Refusal::Invalid(found)) => {
            let n = site.service.notices(&c.reader()).await?;
            let page = NoticesPage::of(c, n, &typed, Errors::from_node(found));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}

#[derive(Template)]
#[template(path = "notices_stop.html")]
struct Stop {
    c: Chrome,
    token: String,
    done: bool,
}

/// `GET /notices/stop/{token}`: asks.
pub(super) async fn ask_stop(State(site): Shared, c: Chrome, Path(token): Path<String>) -> Shown {
    site.service.stop_mail(&token, false).await?;
    show(&Stop { token, done: false, c: c.at(Section::Account) })
}

/// `POST /notices/stop/{token}`: by the form, or by a mail program.
pub(super) async fn stop(State(site): Shared, c: Chrome, Path(token): Path<String>) -> Shown {
    site.service.stop_mail(&token, true).await?;
    show(&Stop { token, done: true, c: c.at(Section::Account) })
}
