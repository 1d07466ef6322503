//! The accounts of this node, for whoever runs it: somebody forgot a password,
//! somebody left.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::account::word;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{AccountEntry, Departed, OneTimeLink, Refusal, Removal, RootKey};
use crate::site::{Shared, Site};

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    c: Chrome,
    accounts: Vec<AccountEntry>,
    /// A link that was just made, whole.
    made: Option<(OneTimeLink, String)>,
    gone: Option<Departed>,
}

impl Accounts {
    fn roles(&self, entry: &AccountEntry) -> String {
        let roles = entry.roles.iter().map(|role| self.c.t(&format!("role-{}", word(*role))));
        roles.collect::<Vec<_>>().join(", ")
    }
}

#[derive(Template)]
#[template(path = "account_remove.html")]
struct Remove {
    c: Chrome,
    entry: AccountEntry,
    others: Vec<AccountEntry>,
    to: String,
    keep: bool,
    root: RootKey,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

/// `GET /accounts`
pub(super) async fn list(State(site): Shared, member: Member) -> Shown {
    page(&site, member.chrome, None, None).await
}

async fn page(
    site: &Site,
    c: Chrome,
    made: Option<(OneTimeLink, String)>,
    gone: Option<Departed>,
) -> Shown {
    let accounts = site.service.accounts(&c.reader()).await?;
    show(&Accounts { accounts, made, gone, c: c.at(Section::Account) })
}

/// Whose password is taken away.
#[derive(Deserialize)]
pub(super) struct Whose {
    name: String,
}

/// `POST /accounts/reset`: shows the link once.
pub(super) async fn reset(
    State(site): Shared,
    member: Member,
    headers: HeaderMap,
    Form(typed): Form<Whose>,
) -> Shown {
    let made = site.service.reset_account(&member.chrome.reader(), &typed.name).await?;
    // The person opens it under the name by which the operator came.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if site.settings.https { "https" } else { "http" };
    let link = format!("{scheme}://{host}{}", made.path);
    page(&site, member.chrome, Some((made, link)), None).await
}

async fn remove_page(
    site: &Site,
    c: Chrome,
    name: &str,
    to: String,
    keep: bool,
    errors: Errors,
) -> Result<Remove, crate::failure::Failure> {
    let root = site.service.root_key(&c.reader()).await?;
    let accounts = site.service.accounts(&c.reader()).await?;
    let (mut own, others): (Vec<_>, Vec<_>) =
        accounts.into_iter().partition(|entry| entry.name == name);
    let entry = own.pop().ok_or(Refusal::NotFound)?;
    let wrong = errors.summary();
    Ok(Remove { entry, others, to, keep, root, wrong, errors, c: c.at(Section::Account) })
}

/// `GET /accounts/{name}/remove`: asks.
pub(super) async fn ask(State(site): Shared, member: Member, Path(name): Path<String>) -> Shown {
    let page = remove_page(&site, member.chrome, &name, String::new(), false, Errors::default());
    show(&page.await?)
}

/// `POST /accounts/{name}/remove`
pub(super) async fn remove(
    State(site): Shared,
    member: Member,
    Path(name): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let typed = Typed(typed);
    let (to, keep, passphrase) = (typed.get("to"), typed.get("keep") == "yes", typed.passphrase());
    let removal = Removal {
        to: Some(to.as_str()).filter(|to| !to.is_empty()),
        keep_certificate: keep,
        passphrase: passphrase.as_deref(),
    };
    let c = member.chrome;
    let mut errors = Errors::default();
    if !keep && site.service.root_key(&c.reader()).await? == RootKey::Away {
        errors.add("keep", c.t("account-remove-away-error"));
    } else {
        match site.service.remove_account(&c.reader(), &name, removal).await {
            Ok(gone) => return page(&site, c, None, Some(gone)).await,
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = remove_page(&site, c, &name, to, keep, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}
