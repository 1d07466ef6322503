//! What links cost: where the bytes went, when contact is made next, and the
//! form to say it.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{LinkClass, LinkWaits, Links, Refusal, SayLinks, Seconds};
use crate::site::Shared;

/// Contact is due at once, and nobody could be reached yet.
const NOW: Seconds = 90;

#[derive(Template)]
#[template(path = "links.html")]
struct LinksPage {
    c: Chrome,
    l: Links,
    typed: Typed,
    errors: Errors,
    wrong: Vec<(String, String)>,
}

impl LinksPage {
    fn of(c: Chrome, l: Links, typed: Typed, errors: Errors) -> Self {
        let c = c.at(Section::Network);
        Self { c, l, typed, wrong: errors.summary(), errors }
    }

    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    fn costly(&self) -> bool {
        self.l.class != LinkClass::Free
    }

    const fn sentence(&self) -> &'static str {
        sentence(self.l.class, self.l.said)
    }

    const fn is_now(&self, at: &Seconds) -> bool {
        at.saturating_sub(self.c.now) < NOW
    }

    const fn nothing_waits(&self) -> bool {
        let LinkWaits { requests, library, authority, bytes: _ } = &self.l.waits;
        *requests == 0 && *library == 0 && *authority == 0
    }
}

/// What links cost, in one sentence, by its key.
pub(super) const fn sentence(class: LinkClass, said: bool) -> &'static str {
    match (class, said) {
        (LinkClass::Free, _) => "links-free",
        (_, false) => "links-unsaid",
        (LinkClass::Metered, true) => "links-metered",
        (LinkClass::Satellite, true) => "links-satellite",
    }
}

/// What was typed about links, in a form of its own or in that of set-up.
pub(super) fn said(typed: &Typed) -> SayLinks {
    SayLinks {
        class: typed.get("link_class"),
        price: typed.get("link_price"),
        currency: typed.get("link_currency"),
        monthly_mb: typed.get("link_monthly_mb"),
        every: typed.get("link_every"),
        from: typed.get("link_from"),
        to: typed.get("link_to"),
    }
}

/// The form as it was filled in before.
fn filled(said: &SayLinks) -> Typed {
    let mut typed = Typed::default();
    typed.put("link_class", said.class.as_str());
    typed.put("link_price", said.price.as_str());
    typed.put("link_currency", said.currency.as_str());
    typed.put("link_monthly_mb", said.monthly_mb.as_str());
    typed.put("link_every", said.every.as_str());
    typed.put("link_from", said.from.as_str());
    typed.put("link_to", said.to.as_str());
    typed
}

/// `GET /network/links`
pub(super) async fn form(State(site): Shared, member: Member) -> Shown {
    let links = site.service.links(&member.chrome.reader()).await?;
    let typed = filled(&links.typed);
    show(&LinksPage::of(member.chrome, links, typed, Errors::default()))
}

/// `POST /network/links`
pub(super) async fn say(
    State(site): Shared,
    member: Member,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let (typed, reader) = (Typed(typed), member.chrome.reader());
    let mut errors = Errors::default();
    if typed.get("link_class").is_empty() {
        errors.add("link_class", member.chrome.t("links-class-missing"));
    } else {
        match site.service.say_links(&reader, &said(&typed)).await {
            Ok(()) => {
                member.chrome.leave_notice(&site, "links-saved");
                return Ok(Redirect::to("/network/links").into_response());
            }
            Err(Refusal::Invalid(found)) => errors = Errors::from_node(found),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let links = site.service.links(&reader).await?;
    let page = LinksPage::of(member.chrome, links, typed, errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// `POST /network/contact`
pub(super) async fn contact(State(site): Shared, member: Member) -> Shown {
    let made = site.service.contact(&member.chrome.reader()).await?;
    let notice = if made { "links-contact-asked" } else { "links-contact-nobody" };
    member.chrome.leave_notice(&site, notice);
    Ok(Redirect::to("/network/links").into_response())
}
