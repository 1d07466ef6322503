//! A person's own account.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Account, AccountChange, NewPassword, Refusal, Role};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    c: Chrome,
    account: Account,
    languages: Vec<(String, String)>,
    display: String,
    lang: String,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

impl AccountPage {
    fn role(&self, role: &Role) -> String {
        self.c.t(&format!("role-{}", word(*role)))
    }

    fn does(&self, role: &Role) -> String {
        self.c.t(&format!("role-{}-does", word(*role)))
    }
}

/// The role's part in the keys of its sentences.
pub(super) const fn word(role: Role) -> &'static str {
    match role {
        Role::Contributor => "contributor",
        Role::Publisher => "publisher",
        Role::Reviewer => "reviewer",
        Role::FocalPoint => "focal-point",
        Role::Expert => "expert",
        Role::Moderator => "moderator",
        Role::Operator => "operator",
        Role::Steward => "steward",
    }
}

fn page(
    site: &crate::site::Site,
    c: Chrome,
    account: Account,
    typed: Option<&Typed>,
    errors: Errors,
) -> AccountPage {
    AccountPage {
        languages: site.catalogue.names(),
        display: typed.map_or(account.display.clone(), |typed| typed.get("display")),
        lang: typed.map_or(account.lang.clone().unwrap_or_default(), |typed| typed.get("lang")),
        wrong: errors.iter().map(|wrong| (wrong.id.clone(), wrong.message.clone())).collect(),
        account,
        errors,
        c,
    }
}

/// `GET /account`
pub async fn form(State(site): Shared, member: Member) -> Shown {
    let c = member.chrome.at(Section::Account);
    let account = c.account.clone().ok_or(Refusal::NotFound)?;
    show(&page(&site, c, account, None, Errors::default()))
}

/// `POST /account`
pub async fn change(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let id = member.id;
    let c = member.chrome.at(Section::Account);
    let account = c.account.clone().ok_or(Refusal::NotFound)?;
    let typed = Typed(typed);
    let (current, new) = (typed.exactly("current"), typed.exactly("new"));
    let password = !new.is_empty();
    let wait = site.backoff.wait(&account.name, site.uptime());
    if password && wait > 0 {
        return Err(crate::failure::Failure::Wait(wait));
    }
    let change = AccountChange {
        display: typed.some("display").filter(|display| *display != account.display),
        lang: Some(typed.get("lang"))
            .filter(|lang| *lang != account.lang.clone().unwrap_or_default()),
        password: password.then_some(NewPassword { current, new }),
    };
    match site.service.change_account(&c.reader(), &change).await {
        Ok(()) => {
            if let Some(token) = c.token.as_deref().filter(|_| password) {
                site.sessions.end_others(&id, token);
            }
            c.leave_notice(&site, "account-saved");
            Ok(Redirect::to("/account").into_response())
        }
        Err(Refusal::Invalid(found)) => {
            let errors = Errors::from_node(found);
            if errors.of("current").is_some() {
                site.backoff.failed(&account.name, site.uptime());
            }
            let page = show(&page(&site, c, account, Some(&typed), errors))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}
