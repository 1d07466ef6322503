//! The board: needs for which nobody was found, for everybody to read, and what experts
//! offer for them.
//!
//! A need is posted from a request that is open, by its asker's side, and says no more than
//! they choose ([`Naming`]). It is taken down by them, or by this node once the request is
//! over. An offer of help is sealed for those who posted the need, who see it beside their
//! request.

use serde_json::{Value, json};
use tern_crdt::authority::Role;
use tern_crdt::identity::{CertificateId, OrgId, RecordId, SecretKey};
use tern_crdt::need::{HELP_CHARACTERS_MAX, HELP_CHARACTERS_MIN, Help, NEED_LIFE_MAX, Need, Stub};
use tern_crdt::request::{Deed, Step};
use tern_crdt::signed::Statement;
use tern_crdt::taxonomy::regions_of;
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::Tree;
use tern_protocol::board::Standing;
use tern_protocol::gate::Examined;
use tern_protocol::routing::desk::{Dossier, Envelope};

use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::reading::{OrgName, org_name};
use crate::requests::{Doing, Seen};
use crate::reviews::one_of;
use crate::running::{Node, draw};

const DAY: i64 = 86_400_000;
/// A need that names no day stands for this many days.
const USUAL_DAYS: i64 = 90;

/// Whom a need names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    /// The organisation and its country.
    Organisation,
    /// The country alone.
    Country,
    /// Its region alone.
    Region,
    /// Nobody and no place.
    Nothing,
}

impl Naming {
    /// All, the most telling first.
    pub const ALL: [Self; 4] = [Self::Organisation, Self::Country, Self::Region, Self::Nothing];

    /// Its word on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Country => "country",
            Self::Region => "region",
            Self::Nothing => "nothing",
        }
    }

    /// The one with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// A need on the board, as an account may see it.
#[derive(Clone, Debug)]
pub struct NeedRead {
    /// Its thread: the id by which people call it.
    pub id: RecordId,
    /// What it says.
    pub stub: Stub,
    /// When it was signed, by the signer's clock.
    pub signed: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Whose it is, for those who posted it alone.
    pub ours: Option<OrgName>,
    /// Whether this account may take it down.
    pub may_take_down: bool,
}

/// What somebody looks for on the board.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Looking {
    /// An objective, by number.
    pub objective: Option<u8>,
    /// A region, by its M49 code: those that name it or a country in it.
    pub region: Option<String>,
}

impl Looking {
    fn fits(&self, stub: &Stub) -> bool {
        let objective = self.objective.is_none_or(|wanted| {
            stub.objectives.iter().any(|objective| objective.number() == wanted)
        });
        let region = self.region.as_ref().is_none_or(|wanted| {
            let named = stub.region.as_ref().is_some_and(|region| region.as_str() == wanted);
            let country = stub.country.as_ref();
            named
                || country.is_some_and(|code| regions_of(code.as_str()).contains(&wanted.as_str()))
        });
        objective && region
    }
}

fn invalid(field: &str, what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

impl Node {
    /// The needs that are shown now and fit, those that are needed soonest first.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn board(
        &self,
        account: &Account,
        looking: Looking,
    ) -> Result<Vec<NeedRead>, OpError> {
        let (account, own) = (account.clone(), self.identity().org);
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let shown = library.needs(now()).filter(|one| looking.fits(&one.need.form()));
            shown.map(|one| read(replica, &account, own, &one)).collect::<Vec<_>>()
        };
        let mut needs = self.handle().read(look).await?;
        let day = |need: &NeedRead| need.stub.needed_by.map_or(i64::MAX, |day| day.last_day());
        needs.sort_by_key(|need| (day(need), std::cmp::Reverse(need.signed), need.id));
        Ok(needs)
    }

    /// One need that is shown, by its id or a prefix of at least 8 characters.
    ///
    /// # Errors
    /// None is shown that is called so, or more than one.
    pub async fn need(&self, account: &Account, text: &str) -> Result<NeedRead, OpError> {
        let found = self.board(account, Looking::default()).await?;
        one_of(found, |need| need.id.to_string(), text.trim(), "need")
    }

    /// What a need would say.
    ///
    /// # Errors
    /// A title that is too short or too long.
    pub fn stub(seen: &Seen, title: Option<&str>, naming: Naming) -> Result<Stub, OpError> {
        let ask = seen.ask.to_json();
        let mut form = json!({
            "title": title.map_or_else(|| ask["title"].clone(), |title| json!(title)),
            "support_types": ask["support_types"], "objectives": ask["objectives"],
            "languages": ask["languages_out"], "needed_by": ask["needed_by"],
            "language": ask["language"],
        });
        let country = seen.ask.country.as_ref().map(|country| country.as_str());
        let region = || country.and_then(|country| regions_of(country).pop());
        match naming {
            Naming::Organisation => {
                form["organisation"] = json!(seen.asker.org.name);
                form["country"] = json!(country);
            }
            Naming::Country => form["country"] = json!(country),
            Naming::Region => form["region"] = json!(region()),
            Naming::Nothing => {}
        }
        if let Some(fields) = form.as_object_mut() {
            fields.retain(|_, value| !matches!(value, Value::Null));
        }
        let lang = seen.ask.language.as_ref().map_or("en", |tag| tag.as_str());
        Ok(Stub::from_json(&form, lang)?)
    }

    /// Posts a need for a request, and says so to those who decide about it; both or
    /// nothing.
    ///
    /// # Errors
    /// Not theirs to do, or not now; a title that is too short or too long; a locked key.
    pub async fn post_need(
        &self,
        account: &Account,
        request: &str,
        title: Option<&str>,
        naming: Naming,
        passphrase: Option<Passphrase>,
    ) -> Result<RecordId, OpError> {
        if passphrase.is_some() {
            self.open_reading_keys(passphrase.clone()).await?;
        }
        let request = self.find_request(account, request).await?.id();
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let guard = self.requests().deciding().await;
        let seen = self.see(account, request).await?;
        let by = seen.may(Doing::Escalate)?;
        let stub = Self::stub(&seen, title, naming)?;
        let at = now();
        let until = match stub.needed_by {
            Some(day) => Timestamp((day.last_day() + 1).saturating_mul(DAY)),
            None => at.plus(USUAL_DAYS * DAY),
        };
        let life = until.since(at).clamp(DAY, NEED_LIFE_MAX);
        let nonce = draw()?;
        let (first, n, expires) = (None, 0, at.plus(life));
        let need = Need { by, nonce, first, n, stub: stub.to_tree(), claimed_at: at, expires };
        let (id, need) = self.signed(&need, &key)?;
        let deed = Deed::Escalate { step: Step::Board, desks: Vec::new(), need: Some(id) };
        self.say_with(&seen.dossier, by, &key, deed, vec![need]).await?;
        drop(guard);
        self.attend_to_request(request).await?;
        Ok(id)
    }

    fn signed<T: Statement>(
        &self,
        statement: &T,
        key: &SecretKey,
    ) -> Result<(RecordId, Examined), OpError> {
        statement.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule))?;
        let federation = self.identity().federation;
        let record = statement.prepare().sign(federation, key).verify(federation);
        let failed = |error: tern_crdt::signed::RecordRefused| {
            OpError::new(ErrorCode::Failed, error.to_string())
        };
        let record = record.map_err(failed)?;
        Ok((record.id(), Examined::Record(record)))
    }

    /// Takes a need down.
    ///
    /// # Errors
    /// Not there, not theirs, a locked key.
    pub async fn take_down(
        &self,
        account: &Account,
        text: &str,
        passphrase: Option<Passphrase>,
    ) -> Result<RecordId, OpError> {
        let id = self.need(account, text).await?.id;
        let own = account.clone();
        let org = self.identity().org;
        let find = move |replica: &NodeReplica| {
            let standing = replica.library().need(&id)?;
            Some((takes_down(replica, &own, org, &standing)?, standing))
        };
        let (by, standing) = self.handle().read(find).await?.ok_or_else(|| {
            let what =
                "only whoever posted it, or a focal point of their organisation, can take it down";
            OpError::new(ErrorCode::NotAllowed, what)
        })?;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        self.end_need(&standing, by, &key).await?;
        Ok(id)
    }

    async fn end_need(
        &self,
        standing: &Standing,
        by: CertificateId,
        key: &SecretKey,
    ) -> Result<(), OpError> {
        let (at, nonce) = (now(), draw()?);
        let end = Need {
            by,
            nonce,
            first: Some(standing.thread),
            n: standing.need.n.saturating_add(1),
            stub: Tree::default(),
            claimed_at: at,
            expires: at.plus(USUAL_DAYS * DAY),
        };
        self.sign_and_submit(&end, key).await.map(drop)
    }

    /// Takes down what was posted for a request that is over.
    pub(crate) async fn end_needs_of(
        &self,
        dossier: &Dossier,
        key: &SecretKey,
    ) -> Result<(), OpError> {
        let posts = |deed: &Deed| matches!(deed, Deed::Escalate { need: Some(_), .. });
        if !dossier.events.values().any(|held| posts(&held.event.body().deed)) {
            return Ok(());
        }
        let (of, asker) = (dossier.clone(), dossier.request.body().by);
        let find = move |replica: &NodeReplica| {
            let library = replica.library();
            let case = of.case(library.authority());
            let over = case.state.is_over();
            let needs = case.talk.needs.iter().filter(|_| over);
            let needs = needs.filter_map(|need| library.need(need));
            needs
                .filter(|need| need.need.is_shown(now()) && need.first_by == asker)
                .collect::<Vec<_>>()
        };
        for need in &self.handle().read(find).await? {
            self.end_need(need, asker, key).await?;
        }
        Ok(())
    }

    /// Offers help for a need, to those who posted it alone.
    ///
    /// # Errors
    /// Not there, no expert with a card, too short or too long, a locked key.
    pub async fn offer_help(
        &self,
        account: &Account,
        need: &str,
        text: String,
        passphrase: Option<Passphrase>,
    ) -> Result<RecordId, OpError> {
        let characters = text.trim().chars().count();
        if !(HELP_CHARACTERS_MIN..=HELP_CHARACTERS_MAX).contains(&characters) {
            let what = format!(
                "say how you can help in {HELP_CHARACTERS_MIN} to {HELP_CHARACTERS_MAX} characters, there are {characters}"
            );
            return Err(invalid("text", what));
        }
        let need = self.need(account, need).await?.id;
        let (by, card) = self.own_card(account).await?;
        if card.is_none_or(|card| !card.is_matched(now())) {
            let what = "sign an expert card first, so that they can ask you: tern expert card FILE";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let help = Help { by, need, text: text.trim().to_owned(), claimed_at: now() };
        help.check().map_err(|rule| invalid("text", rule))?;
        let chance = draw()?;
        let address = move |replica: &NodeReplica| {
            let library = replica.library();
            let standing = library.need(&need)?;
            Some(Envelope::of_help(library.authority(), &standing, &by, chance))
        };
        let envelope = self.handle().read(address).await?;
        let envelope = envelope.ok_or_else(|| {
            OpError::new(ErrorCode::NotFound, "the need is not on the board any more")
        })?;
        let record = help.prepare().sign(self.identity().federation, &key);
        self.send(envelope, record, Vec::new()).await?;
        Ok(need)
    }
}

/// The certificate under which an account takes a need down.
fn takes_down(
    replica: &NodeReplica,
    account: &Account,
    own: OrgId,
    standing: &Standing,
) -> Option<CertificateId> {
    let authority = replica.library().authority();
    let certificates = account.certificates(authority);
    if certificates.contains(&standing.first_by) {
        return Some(standing.first_by);
    }
    let focal = account.certificate_for(authority, Role::FocalPoint).ok();
    focal.filter(|_| standing.org == own)
}

fn read(replica: &NodeReplica, account: &Account, own: OrgId, standing: &Standing) -> NeedRead {
    let authority = replica.library().authority();
    NeedRead {
        id: standing.thread,
        stub: standing.need.form(),
        signed: standing.need.claimed_at,
        expires: standing.need.expires,
        ours: (standing.org == own).then(|| org_name(authority, own)),
        may_take_down: takes_down(replica, account, own, standing).is_some(),
    }
}
