//! Who sees a draft: the organisation that began it shows it to others, and not
//! any more; whoever writes in it sends what they wrote.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{Refusal, Seer, Share, Sharing};
use crate::site::{Shared, Site};

#[derive(Template)]
#[template(path = "share.html")]
struct Sharings {
    c: Chrome,
    id: String,
    sharing: Sharing,
    /// The node asked for the passphrase of the key.
    passphrase: bool,
    errors: Errors,
}

impl Sharings {
    fn seers(&self) -> Vec<&Seer> {
        self.sharing.members.iter().filter(|member| member.sees).collect()
    }
}

/// `GET /drafts/{id}/share`
pub(super) async fn ask(State(site): Shared, member: Member, Path(id): Path<String>) -> Shown {
    let c = member.chrome.at(Section::Work);
    show(&page(&site, c, id, None, Errors::default()).await?)
}

/// `POST /drafts/{id}/share`
pub(super) async fn share(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome.at(Section::Work);
    let typed = Typed(typed);
    let orgs: Vec<String> = typed.all("org").map(str::to_owned).collect();
    let share = Share { orgs: orgs.clone(), passphrase: typed.passphrase() };
    let errors = match site.service.share(&c.reader(), &id, &share).await {
        Ok(()) => {
            c.leave_notice(&site, "seen-by-done");
            return Ok(Redirect::to(&format!("/drafts/{id}/edit")).into_response());
        }
        Err(Refusal::Invalid(found)) => Errors::from_node(found),
        Err(refusal) => return Err(refusal.into()),
    };
    let page = page(&site, c, id, Some(&orgs), errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// The page, with what was ticked if something was.
async fn page(
    site: &Site,
    c: Chrome,
    id: String,
    ticked: Option<&[String]>,
    errors: Errors,
) -> Result<Sharings, Failure> {
    let mut sharing = site.service.sharing(&c.reader(), &id).await?;
    if let Some(ticked) = ticked {
        sharing.members.iter_mut().for_each(|member| member.sees = ticked.contains(&member.id));
    }
    let passphrase = errors.iter().any(|wrong| wrong.id == "passphrase");
    Ok(Sharings { c, id, sharing, passphrase, errors })
}
