//! The frame of every page: whose node this is, who reads, in which language.
//!
//! [`Chrome`] is an extractor: a handler that takes one has a reader who may
//! be a guest; one that takes [`Member`] has somebody signed in, and everybody
//! else is led to the sign-in page and back. Templates know it as `c`.

use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::{Method, StatusCode, header, request::Parts};
use axum::response::{Html, IntoResponse, Response};

use crate::address::local;
use crate::assets;
use crate::failure::Failure;
use crate::guard::LANGUAGE_COOKIE;
use crate::service::{
    Account, AccountId, Choice, LinkMonth, Party, Phrase, Reader, Refusal, Role, Seconds, Standing,
};
use crate::session;
use crate::site::Site;
use crate::words::{Arg, Civil, Words, accepted, direction};

/// A page or the reason why there is none.
pub type Shown = Result<Response, Failure>;

/// Which part of the site a page belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Section {
    /// The library.
    #[default]
    Practices,
    /// Who can help with what.
    Experts,
    /// Asking, and being asked.
    Requests,
    /// Judging editions.
    Reviews,
    /// Asking and answering in the open.
    Discussions,
    /// What the reader is writing.
    Work,
    /// Nodes and members.
    Network,
    /// What waits for a steward's approval.
    Approvals,
    /// The signed-in person's own page.
    Account,
    /// How to use all this.
    Help,
    /// Everything else.
    Elsewhere,
}

/// One language of the switch in the header.
pub struct Tongue {
    /// Its tag.
    pub tag: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// The address of this page in it.
    pub link: String,
}

/// A sentence in spans; those between backticks are typed as they stand.
pub fn spans(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let spans = text.split('`').enumerate();
    spans.filter(|(_, span)| !span.is_empty()).map(|(at, span)| (at % 2 == 1, span))
}

/// The frame of one page.
pub struct Chrome {
    /// Sentences in the reader's language.
    pub words: Arc<Words>,
    /// Who reads, if signed in.
    pub account: Option<Account>,
    /// This node and its connections.
    pub standing: Standing,
    /// Requests that wait for the reader.
    pub waiting: u32,
    /// Proposals that wait for the reader's approval.
    pub awaiting: u32,
    /// The part of the site.
    pub section: Section,
    /// A notice left by the page before.
    pub notice: Option<String>,
    /// Languages that the reader reads texts in, best first: what was chosen for pages,
    /// then what the browser asks for.
    pub reads: Vec<String>,
    /// Languages to choose from, when there are several.
    pub tongues: Vec<Tongue>,
    /// The token of the session, if there is one.
    pub token: Option<String>,
    /// The moment this page was made.
    pub now: Seconds,
}

impl Chrome {
    /// The frame for a request.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn of(site: &Site, parts: &Parts) -> Result<Self, Failure> {
        let headers = &parts.headers;
        let token = session::token(headers, site.settings.https);
        let signed_in = token.as_deref().and_then(|t| site.sessions.account(t, site.uptime()));
        let account = match &signed_in {
            Some(id) => site.service.account(id).await?,
            None => None,
        };
        let standing = site.service.standing().await?;
        let words = choose_words(site, parts, account.as_ref(), &standing);
        let waiting = match &account {
            Some(account) => {
                let account = Some(account.id.clone());
                let reader = Reader { account, lang: words.lang.to_owned() };
                // A page is not worth less without the count.
                site.service.waiting(&reader).await.unwrap_or(0)
            }
            None => 0,
        };
        let awaiting = match &account {
            Some(account) if account.is(Role::Steward) => {
                let account = Some(account.id.clone());
                let reader = Reader { account, lang: words.lang.to_owned() };
                site.service.awaiting(&reader).await.unwrap_or(0)
            }
            _ => 0,
        };
        let notice = token.as_deref().and_then(|token| site.sessions.take_notice(token));
        Ok(Self {
            notice: notice.map(|key| words.t(key)),
            tongues: tongues(site, parts),
            reads: reads(parts, account.as_ref()),
            words,
            account,
            standing,
            waiting,
            awaiting,
            section: Section::default(),
            token,
            now: site.now(),
        })
    }

    /// The same frame, in another part of the site.
    #[must_use]
    pub fn at(mut self, section: Section) -> Self {
        self.section = section;
        self
    }

    /// On whose behalf the node is asked.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader {
            account: self.account.as_ref().map(|account| account.id.clone()),
            lang: self.words.lang.to_owned(),
        }
    }

    /// Leaves a notice for the next page of this session.
    pub fn leave_notice(&self, site: &Site, key: &'static str) {
        if let Some(token) = &self.token {
            site.sessions.leave_notice(token, key);
        }
    }

    /// Whether the page belongs to `section`, by the section's name.
    #[must_use]
    pub fn in_section(&self, section: Section) -> bool {
        self.section == section
    }

    /// Whether somebody is signed in who speaks for a steward.
    #[must_use]
    pub fn may_approve(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.is(Role::Steward))
    }

    /// What links cost this month, for those who are signed in.
    #[must_use]
    pub fn month(&self) -> Option<&LinkMonth> {
        self.standing.link.as_ref().filter(|_| self.account.is_some())
    }

    /// Whether somebody is signed in who may write drafts.
    #[must_use]
    pub fn may_draft(&self) -> bool {
        self.account.as_ref().is_some_and(Account::may_draft)
    }

    /// The address of the style sheet.
    #[must_use]
    pub fn css(&self) -> &'static str {
        assets::css()
    }

    /// The address of the script that keeps a page fresh.
    #[must_use]
    pub fn live(&self) -> &'static str {
        assets::live()
    }

    /// The address of the script that shows how far a file is that is sent.
    #[must_use]
    pub fn upload(&self) -> &'static str {
        assets::upload()
    }

    /// The address of the site's icon.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        assets::icon()
    }

    /// The sentence of `key`.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.words.t(key)
    }

    /// The sentence of `key` with one thing in it.
    pub fn t1(&self, key: &str, name: &str, value: impl Arg) -> String {
        self.words.t1(key, name, value)
    }

    /// The sentence of `key` with two things in it.
    pub fn t2(&self, key: &str, a: &str, x: impl Arg, b: &str, y: impl Arg) -> String {
        self.words.t2(key, (a, x), (b, y))
    }

    /// The word for a code of a family of sentences, `FAMILY-CODE`; the code
    /// itself where a newer node says something this build has no word for.
    #[must_use]
    pub fn word(&self, family: &str, code: &str) -> String {
        let key = format!("{family}-{code}");
        let plain = code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if plain && self.words.has(&key) { self.t(&key) } else { code.to_owned() }
    }

    /// A reason, in words.
    #[must_use]
    pub fn reason(&self, reason: &Choice) -> String {
        self.words.choice("reason", &reason.code, &reason.label)
    }

    /// Somebody by the name that may be shown, with the organisation.
    #[must_use]
    pub fn party(&self, party: &Party) -> String {
        match (&party.person, party.organisation.as_str()) {
            (Some(person), "") => person.clone(),
            (Some(person), organisation) => self.t2("party", "person", person, "org", organisation),
            (None, "") => self.t("party-unknown"),
            (None, organisation) => organisation.to_owned(),
        }
    }

    /// A day, for people.
    #[must_use]
    pub fn day(&self, at: &Seconds) -> String {
        self.words.day(*at)
    }

    /// A moment, for people.
    #[must_use]
    pub fn moment(&self, at: &Seconds) -> String {
        self.words.moment(*at)
    }

    /// How long ago, for people.
    #[must_use]
    pub fn ago(&self, at: &Seconds) -> String {
        self.words.ago(*at, self.now)
    }

    /// How many whole days a moment lies back; 0 for one to come.
    #[must_use]
    pub fn days_since(&self, at: &Seconds) -> i64 {
        ((self.now - *at) / (24 * 3_600)).max(0)
    }

    /// A moment, for programs.
    #[must_use]
    pub fn iso(&self, at: &Seconds) -> String {
        Civil::of(*at).iso()
    }

    /// A date of a practice, for people.
    #[must_use]
    pub fn partial(&self, date: &str) -> String {
        self.words.partial(date)
    }

    /// A size, for people.
    #[must_use]
    pub fn bytes(&self, bytes: &u64) -> String {
        self.words.bytes(*bytes)
    }

    /// Which way a language runs.
    #[must_use]
    pub fn dir(&self, lang: &str) -> &'static str {
        direction(lang)
    }

    /// Whether a text is in another language than the page, so that it needs
    /// its own `lang` and `dir`.
    #[must_use]
    pub fn foreign(&self, phrase: &Phrase) -> bool {
        !phrase.lang.is_empty() && phrase.lang != self.words.lang
    }

    /// What is chosen of a long list, in one line.
    #[must_use]
    pub fn chosen(&self, options: &[crate::form::layout::Opt]) -> String {
        let chosen = options.iter().filter(|option| option.on).map(|option| option.label.as_str());
        chosen.collect::<Vec<_>>().join(", ")
    }

    /// One or two letters that stand for a name.
    #[must_use]
    pub fn initials(&self, name: &str) -> String {
        let firsts = name.split_whitespace().filter_map(|word| word.chars().next());
        firsts
            .filter(|letter| letter.is_alphabetic())
            .take(2)
            .flat_map(char::to_uppercase)
            .collect()
    }
}

/// Languages that a reader reads; each also without its variant.
fn reads(parts: &Parts, account: Option<&Account>) -> Vec<String> {
    let chosen = account.and_then(|account| account.lang.clone());
    let cookie = session::cookie(&parts.headers, LANGUAGE_COOKIE);
    let mut reads: Vec<String> = Vec::new();
    for tag in chosen.into_iter().chain(cookie).chain(browser(parts)) {
        let plain = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        for tag in [tag, plain] {
            if !reads.contains(&tag) {
                reads.push(tag);
            }
        }
    }
    reads
}

/// Languages that the browser asks for.
fn browser(parts: &Parts) -> Vec<String> {
    let asked = parts.headers.get(header::ACCEPT_LANGUAGE);
    asked.and_then(|value| value.to_str().ok()).map(accepted).unwrap_or_default()
}

/// The reader's language: account, cookie, browser, node, in that order.
fn choose_words(
    site: &Site,
    parts: &Parts,
    account: Option<&Account>,
    standing: &Standing,
) -> Arc<Words> {
    let cookie = session::cookie(&parts.headers, LANGUAGE_COOKIE);
    let browser = browser(parts);
    let account = account.and_then(|account| account.lang.as_deref());
    let wishes = account
        .into_iter()
        .chain(cookie.as_deref())
        .chain(browser.iter().map(String::as_str))
        .chain([standing.lang.as_str()]);
    site.catalogue.choose(wishes).clone()
}

fn tongues(site: &Site, parts: &Parts) -> Vec<Tongue> {
    let all = site.catalogue.all();
    if all.len() < 2 || parts.method != Method::GET {
        return Vec::new();
    }
    let path = local(parts.uri.path());
    let query = parts.uri.query().map(|query| format!("{query}&")).unwrap_or_default();
    all.iter()
        .map(|words| Tongue {
            tag: words.lang,
            name: words.name,
            link: format!("{path}?{query}lang={}", words.lang),
        })
        .collect()
}

impl FromRequestParts<Arc<Site>> for Chrome {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Failure> {
        let chrome = Self::of(site, parts).await?;
        match (chrome.standing.set_up, parts.uri.path().starts_with("/api/")) {
            (true, _) => Ok(chrome),
            (false, true) => Err(Refusal::Unavailable(chrome.t("error-not-set-up")).into()),
            (false, false) => Err(Failure::SetUpFirst),
        }
    }
}

/// The frame of a page for somebody who is signed in.
pub struct Member {
    /// The frame.
    pub chrome: Chrome,
    /// Who.
    pub id: AccountId,
}

impl FromRequestParts<Arc<Site>> for Member {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Failure> {
        let chrome = Chrome::from_request_parts(parts, site).await?;
        match &chrome.account {
            Some(account) => Ok(Self { id: account.id.clone(), chrome }),
            None if parts.uri.path().starts_with("/api/") || parts.uri.path() == "/events" => {
                Err(Failure::Plain(StatusCode::UNAUTHORIZED, "error-signed-out"))
            }
            None if parts.method == Method::GET => {
                let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                Err(Failure::SignInFirst(local(path).to_owned()))
            }
            None => Err(Failure::SignedOut),
        }
    }
}

/// The frame of a page that is there only before set-up.
pub struct Fresh(pub Chrome);

impl FromRequestParts<Arc<Site>> for Fresh {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Failure> {
        let chrome = Chrome::of(site, parts).await?;
        if chrome.standing.set_up { Err(Refusal::NotFound.into()) } else { Ok(Self(chrome)) }
    }
}

/// A rendered page. It may be kept by the browser but is asked for anew, and
/// differs by reader and language.
///
/// # Errors
/// When the template cannot be written.
pub fn show(page: &impl Template) -> Shown {
    let headers =
        [(header::CACHE_CONTROL, "private, no-cache"), (header::VARY, "Cookie, Accept-Language")];
    Ok((headers, Html(page.render()?)).into_response())
}
