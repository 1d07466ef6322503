//! Requests as a person on this node may see them.

use std::collections::BTreeSet;

use tern_crdt::ask::Ask;
use tern_crdt::authority::{Authority, Role};
use tern_crdt::identity::{CertificateId, OrgId, RecordId, RequestId};
use tern_crdt::request::fold::{Case, Choice, Word, permits};
use tern_crdt::request::{Deed, RequestEvent};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::library::Library;
use tern_protocol::routing::desk::Dossier;
use tern_protocol::store::{Store, StoreError};

use super::acting::asks_under;
use super::turns::{Doing, Turns};
use super::ways::{Way, ways};
use crate::accounts::{Account, failed};
use crate::ops::{ErrorCode, OpError};
use crate::reading::{OrgName, PREFIX_MIN, org_name};
use crate::running::Node;

/// Somebody as they are shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The certificate.
    pub certificate: CertificateId,
    /// The name that they show: an expert's on their card, else on their name
    /// card.
    pub name: Option<String>,
    /// Their organisation.
    pub org: OrgName,
}

/// One event that counts.
#[derive(Clone, PartialEq, Debug)]
pub struct EventView {
    /// Its id.
    pub id: RecordId,
    /// Who did it.
    pub actor: Person,
    /// When they say so.
    pub claimed: Timestamp,
    /// When it came here, or was made here.
    pub received: Timestamp,
    /// What was done.
    pub deed: Deed,
}

/// Something that was said and does not count.
#[derive(Clone, PartialEq, Debug)]
pub struct RefusedView {
    /// What it says it is.
    pub kind: &'static str,
    /// Who it says did it, if that could be read.
    pub actor: Option<Person>,
    /// When it came here.
    pub received: Timestamp,
    /// Why it does not count.
    pub reason: String,
}

/// Under what an account asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sendable {
    /// The certificate.
    pub by: CertificateId,
    /// The organisation's name.
    pub organisation: String,
    /// Its country.
    pub country: Option<String>,
}

/// A request as one account sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// All that is held.
    pub dossier: Dossier,
    /// What became of it.
    pub case: Case,
    /// What is asked.
    pub ask: Ask,
    /// Who asked.
    pub asker: Person,
    /// Those who are asked, in the order of the case.
    pub asked: Vec<Person>,
    /// What happened and counts, as it came.
    pub events: Vec<EventView>,
    /// What was said and does not count.
    pub refused: Vec<RefusedView>,
    /// How the request went, then each event.
    pub ways: Vec<Way>,
    /// Whether the account is on the asker's side: the asker, or a focal point
    /// of the asking organisation.
    pub asks: bool,
    /// Under which certificate the account is asked.
    pub expert: Option<CertificateId>,
    /// Under which certificate the account may name somebody, because the request was
    /// brought before the desk that it holds.
    pub(super) desk: Option<CertificateId>,
    /// Whether the account is asked under one of a key that the person has no more.
    pub(super) of_former_key: bool,
    /// Whether the account decides on the asker's side.
    pub(super) decides: bool,
    pub(super) may: Vec<(Doing, CertificateId)>,
    /// Everybody who is told of and not asked: those who were named.
    pub named: Vec<Named>,
    /// The organisations whose desks read it because they may know somebody.
    pub desks: Vec<OrgName>,
    /// What was offered for its needs on the board, as it came.
    pub helps: Vec<HelpView>,
}

/// What an expert offers for a need that was posted for a request.
#[derive(Clone, PartialEq, Debug)]
pub struct HelpView {
    /// Who.
    pub expert: Person,
    /// How they can help.
    pub text: String,
    /// When they say they said so.
    pub claimed: Timestamp,
    /// Whether they were asked.
    pub asked: bool,
}

/// An expert whom somebody named.
#[derive(Clone, PartialEq, Debug)]
pub struct Named {
    /// Whom.
    pub expert: Person,
    /// By whom.
    pub by: Person,
    /// In their words; may be empty.
    pub note: String,
    /// Whether they were asked.
    pub asked: bool,
}

impl Seen {
    /// Its id.
    pub const fn id(&self) -> RequestId {
        self.dossier.id()
    }

    /// What the account can do now.
    pub fn doings(&self) -> impl Iterator<Item = Doing> + '_ {
        self.may.iter().map(|(doing, _)| *doing)
    }

    /// Whether it is asked of a key that the person has no more.
    pub const fn is_of_former_key(&self) -> bool {
        self.of_former_key
    }

    /// What somebody said that counts, by its id.
    pub fn said(&self, id: &RecordId) -> Option<&EventView> {
        self.events.iter().find(|event| event.id == *id)
    }

    /// When those who asked say what became of it, if they promised to and have not.
    pub fn follow_up(&self) -> Option<Timestamp> {
        let talk = &self.case.talk;
        match &self.said(&talk.closed?)?.deed {
            Deed::Close { follow_up, .. } if talk.followed_up.is_none() => *follow_up,
            _ => None,
        }
    }

    /// Whether one of these certificates asked, or is asked.
    pub fn is_of(&self, certificates: &[CertificateId]) -> bool {
        let asked = self.case.asked.iter().any(|asked| certificates.contains(&asked.expert));
        asked || certificates.contains(&self.asker.certificate)
    }

    /// Whether the account accepted and another was chosen.
    pub fn is_superseded(&self) -> bool {
        let asked = self.expert.and_then(|expert| self.case.asked(&expert));
        asked.is_some_and(|asked| {
            asked.choice == Choice::Superseded && matches!(asked.word, Word::Accepted(_))
        })
    }
}

fn person<S: Store>(library: &Library<S>, certificate: CertificateId) -> Person {
    let authority = library.authority();
    let org = authority.certificate(&certificate).map(|granted| granted.org);
    let card = || library.expert(&certificate).and_then(|(_, card)| card.form().name);
    let name = card().or_else(|| library.name(&certificate).map(str::to_owned));
    let org = org_name(authority, org.unwrap_or_else(|| OrgId::new([0; 32])));
    Person { certificate, name, org }
}

/// Looks at a request in an account's name; `None` if it is not theirs to see.
fn look<S: Store>(
    library: &Library<S>,
    account: &Account,
    own: OrgId,
    id: &RequestId,
) -> Result<Option<Seen>, StoreError> {
    let Some(dossier) = library.dossier(id)? else { return Ok(None) };
    let authority = library.authority();
    if permits(authority, &dossier.request).is_err() {
        return Ok(None);
    }
    let case = dossier.case(authority);
    let certificates: BTreeSet<CertificateId> =
        account.certificates(authority).into_iter().collect();
    let former = account.former_certificates(authority);
    let asker = dossier.request.body().by;
    let org_of = |certificate: &CertificateId| authority.certificate(certificate).map(|g| g.org);
    let about = dossier.request.id();
    let desk = account.certificate_about(authority, Role::FocalPoint, Some(about.as_bytes())).ok();
    let asked = || case.asked.iter().map(|asked| asked.expert);
    let signs = asked().find(|expert| certificates.contains(expert));
    let expert = signs.or_else(|| asked().find(|expert| former.contains(expert)));
    let decides = certificates.contains(&asker) || (desk.is_some() && org_of(&asker) == Some(own));
    let asks = decides || former.contains(&asker);
    let of_ours = asked().any(|expert| org_of(&expert) == Some(own));
    let brought = desk.filter(|_| case.talk.desks.contains(&own));
    if !asks && expert.is_none() && brought.is_none() && !(desk.is_some() && of_ours) {
        return Ok(None);
    }
    let who = Turns {
        decider: decides.then(|| decider(&certificates, asker, desk)).flatten(),
        expert: signs,
        desk: brought,
    };
    let may = who.may(&case);
    let named = case.talk.referrals.iter().map(|one| Named {
        expert: person(library, one.to),
        by: person(library, one.by),
        note: dossier.events.get(&one.id).map_or("", |held| held.event.body().deed.note()).into(),
        asked: case.asked(&one.to).is_some(),
    });
    let mut events: Vec<EventView> = dossier
        .events
        .iter()
        .filter(|(id, _)| !case.refused.contains_key(*id))
        .map(|(id, held)| EventView {
            id: *id,
            actor: person(library, held.event.body().by),
            claimed: held.event.body().claimed_at,
            received: held.received,
            deed: held.event.body().deed.clone(),
        })
        .collect();
    events.sort_by_key(|event| (event.received, event.claimed, event.id));
    Ok(Some(Seen {
        ask: Ask::from_tree(&dossier.request.body().ask),
        asker: person(library, asker),
        asked: case.asked.iter().map(|asked| person(library, asked.expert)).collect(),
        refused: refused(library, &dossier, &case),
        ways: ways(library, &dossier, &case)?,
        named: named.collect(),
        helps: helps(library, &case)?,
        desks: case.talk.desks.iter().map(|org| org_name(authority, *org)).collect(),
        desk: brought,
        events,
        dossier,
        case,
        asks,
        expert,
        of_former_key: expert.is_some() && signs.is_none(),
        decides,
        may,
    }))
}

/// The certificate under which somebody decides on the asker's side.
fn decider(
    own: &BTreeSet<CertificateId>,
    asker: CertificateId,
    desk: Option<CertificateId>,
) -> Option<CertificateId> {
    if own.contains(&asker) { Some(asker) } else { desk }
}

fn helps<S: Store>(library: &Library<S>, case: &Case) -> Result<Vec<HelpView>, StoreError> {
    let mut helps = Vec::new();
    for need in &case.talk.needs {
        helps.extend(library.helps(need)?.into_iter().map(|held| {
            let help = held.help.body();
            HelpView {
                expert: person(library, help.by),
                text: help.text.clone(),
                claimed: help.claimed_at,
                asked: case.asked(&help.by).is_some(),
            }
        }));
    }
    Ok(helps)
}

fn refused<S: Store>(library: &Library<S>, dossier: &Dossier, case: &Case) -> Vec<RefusedView> {
    let of_events = case.refused.iter().filter_map(|(id, reason)| {
        let held = dossier.events.get(id)?;
        let RequestEvent { by, deed, .. } = held.event.body();
        Some(RefusedView {
            kind: deed.code(),
            actor: Some(person(library, *by)),
            received: held.received,
            reason: reason.to_string(),
        })
    });
    let of_records = dossier.refused.iter().map(|refused| RefusedView {
        kind: "record",
        actor: None,
        received: refused.received,
        reason: refused.reason.clone(),
    });
    let mut all: Vec<RefusedView> = of_events.chain(of_records).collect();
    all.sort_by_key(|refused| refused.received);
    all
}

fn not_here(text: &str) -> OpError {
    let what = format!("no request `{text}` that this account can open is here");
    OpError::new(ErrorCode::NotFound, what).in_field("id")
}

/// Finds a request among those that an account can open.
fn resolve<S: Store>(
    library: &Library<S>,
    account: &Account,
    own: OrgId,
    text: &str,
) -> Result<Seen, OpError> {
    let ids = match text.parse::<RequestId>() {
        Ok(id) => vec![id],
        Err(_) if text.len() < PREFIX_MIN => {
            let what =
                format!("`{text}` is too short for an id: give at least {PREFIX_MIN} characters");
            return Err(OpError::new(ErrorCode::Invalid, what).in_field("id"));
        }
        Err(_) => {
            let ids = library.requests().map_err(failed)?.into_iter();
            ids.filter(|id| id.to_string().starts_with(text)).collect()
        }
    };
    let mut found = None;
    for id in ids {
        if let Some(seen) = look(library, account, own, &id).map_err(failed)?
            && found.replace(seen).is_some()
        {
            let what = format!("`{text}` fits more than one request: give more characters");
            return Err(OpError::new(ErrorCode::Ambiguous, what).in_field("id"));
        }
    }
    found.ok_or_else(|| not_here(text))
}

impl Node {
    /// The requests that an account can open, the one with the latest news
    /// first.
    ///
    /// # Errors
    /// The store's.
    pub async fn seen_by(&self, account: &Account) -> Result<Vec<Seen>, OpError> {
        let (account, own) = (account.clone(), self.identity().org);
        let look_at_all = move |replica: &crate::handle::NodeReplica| {
            let library = replica.library();
            let mut seen = Vec::new();
            for id in library.requests()? {
                seen.extend(look(library, &account, own, &id)?);
            }
            Ok(seen)
        };
        let mut seen = self.handle().read(look_at_all).await?.map_err(failed)?;
        let news = |seen: &Seen| {
            seen.events.iter().map(|event| event.received).max().unwrap_or(seen.dossier.received)
        };
        seen.sort_by_key(|seen| (std::cmp::Reverse(news(seen)), seen.id()));
        Ok(seen)
    }

    /// How many requests wait for an account. Worked out once after each
    /// change.
    ///
    /// # Errors
    /// The store's.
    pub async fn requests_waiting(&self, account: &Account) -> Result<u32, OpError> {
        let generation = match self.requests().waiting(&account.name) {
            Ok(known) => return Ok(known),
            Err(generation) => generation,
        };
        let seen = self.seen_by(account).await?;
        let count = u32::try_from(seen.iter().filter(|seen| seen.waits()).count());
        let count = count.unwrap_or(u32::MAX);
        self.requests().note_waiting(&account.name, generation, count);
        Ok(count)
    }

    /// A request by its id or a prefix of at least 8 characters, if the account
    /// can open it.
    ///
    /// # Errors
    /// Not here, as far as this account can tell.
    pub async fn find_request(&self, account: &Account, text: &str) -> Result<Seen, OpError> {
        let (account, own) = (account.clone(), self.identity().org);
        let text = text.trim().to_owned();
        let find = move |replica: &crate::handle::NodeReplica| {
            resolve(replica.library(), &account, own, &text)
        };
        self.handle().read(find).await?
    }

    /// One request as an account sees it.
    ///
    /// # Errors
    /// Not here, as far as this account can tell.
    pub async fn see(&self, account: &Account, id: RequestId) -> Result<Seen, OpError> {
        let (account, own) = (account.clone(), self.identity().org);
        let look =
            move |replica: &crate::handle::NodeReplica| look(replica.library(), &account, own, &id);
        let seen = self.handle().read(look).await?.map_err(failed)?;
        seen.ok_or_else(|| not_here(&id.to_string()))
    }

    /// The country of the organisation that runs this node, if it said one.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn country(&self) -> Result<Option<String>, OpError> {
        let org = self.identity().org;
        let look = move |replica: &crate::handle::NodeReplica| {
            let organisation = replica.library().authority().organisation(&org);
            organisation.and_then(|org| org.genesis.profile.country.clone())
        };
        Ok(self.handle().read(look).await?)
    }

    /// Under what an account asks.
    ///
    /// # Errors
    /// It has no role that may.
    pub async fn sendable(&self, account: &Account) -> Result<Sendable, OpError> {
        let (account, org) = (account.clone(), self.identity().org);
        let look = move |replica: &crate::handle::NodeReplica| {
            let authority: &Authority = replica.library().authority();
            let by = asks_under(&account, authority)?;
            let profile = authority.organisation(&org).map(|org| &org.genesis.profile);
            let country = profile.and_then(|profile| profile.country.clone());
            Ok(Sendable { by, organisation: org_name(authority, org).name, country })
        };
        self.handle().read(look).await?
    }
}
