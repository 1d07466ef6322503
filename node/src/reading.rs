//! Practices as people read them: who stands behind each edition, and what it
//! says once it is accepted.
//!
//! What is *held* comes from the replica in one look; what it *says* is put
//! together on the acceptor's threads and remembered by edition id, which
//! names it for ever. A verdict is given here and stored nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use tern_crdt::annotation::fold::{Said, Stands};
use tern_crdt::authority::{Adopt, Authority, Remove, Role};
use tern_crdt::document;
use tern_crdt::edition::Edition;
use tern_crdt::identity::{CertificateId, DocumentId, EditionId, OrgId, PublicKey};
use tern_crdt::practice::Practice;
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::content_hash;
use tern_crdt::verdict::{Quarantine, Verdict as Found};
use tern_protocol::ledger::HeldEdition;
use tern_protocol::library::Library;
use tern_protocol::meeting::set::{SetId, State};
use tern_protocol::store::{Store, StoreError};

use crate::acceptor::Acceptor;
use crate::accounts::failed;
use crate::handle::{Handle, NodeReplica};
use crate::ops::{ErrorCode, OpError};

/// Contents that are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(512).expect("not zero");
/// A prefix of an id has at least this many characters.
pub const PREFIX_MIN: usize = 8;

/// An organisation by id and name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrgName {
    /// Its id.
    pub id: OrgId,
    /// Its name in English or its first language; empty if nothing is known
    /// of it here.
    pub name: String,
}

/// Who signed an edition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignerRead {
    /// The certificate that signed.
    pub certificate: CertificateId,
    /// Its key.
    pub key: PublicKey,
    /// The name on its name card, if there is one.
    pub name: Option<String>,
    /// The organisation that certified it.
    pub org: OrgName,
    /// What it may do.
    pub roles: Vec<Role>,
}

/// An edition as it is held.
#[derive(Clone, Debug)]
pub struct EditionRead {
    /// Its id.
    pub id: EditionId,
    /// Its signed statement and change.
    pub held: HeldEdition,
    /// Who signed it.
    pub signer: SignerRead,
    /// When it arrived here.
    pub received: Timestamp,
    /// What the rules say of it, before anybody looked at what it says.
    pub standing: Standing,
}

impl EditionRead {
    /// What was signed.
    pub const fn statement(&self) -> &Edition {
        self.held.statement.body()
    }
}

/// A practice as it is held.
#[derive(Clone, Debug)]
pub struct PracticeRead {
    /// Its id.
    pub id: DocumentId,
    /// What is shown of it depends on this: its element in the public set, with what is
    /// said about it.
    pub state: State,
    /// The organisation it comes from.
    pub origin: OrgName,
    /// Its editions, each after those it follows.
    pub editions: Vec<EditionRead>,
    /// What stands of what organisations say about it.
    pub said: Said,
    /// Practices of which somebody said that they are the same as this one.
    pub named_by: BTreeSet<DocumentId>,
}

/// What the rules say of an edition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It counts.
    Accepted,
    /// It counts, because somebody who may adopted it.
    Adopted,
    /// It is held, and does not count.
    Quarantined,
}

impl Verdict {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Adopted => "adopted",
            Self::Quarantined => "quarantined",
        }
    }
}

/// What an edition says, with the verdict on it.
#[derive(Clone, Debug)]
pub struct Content {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it does not count, if it does not.
    pub reason: Option<String>,
    /// What it says; empty if it cannot be shown.
    pub practice: Practice,
}

impl PracticeRead {
    /// Looks a practice up; `None` if it is not held.
    ///
    /// # Errors
    /// The store's.
    pub fn look<S: Store>(
        library: &Library<S>,
        id: &DocumentId,
    ) -> Result<Option<Self>, StoreError> {
        let Some((entry, editions)) = library.practice(id)? else { return Ok(None) };
        let authority = library.authority();
        let origin = authority.certificate(&entry.founder).map(|granted| granted.org);
        let origin = origin.unwrap_or_else(|| OrgId::new([0; 32]));
        let verdicts = library.verdicts(id, &entry, &editions);
        let said = library.said(id, &entry, &editions)?;
        let editions = editions
            .into_iter()
            .zip(&entry.editions)
            .zip(verdicts)
            .map(|((held, entry), verdict)| EditionRead {
                id: entry.id,
                signer: signer(library, &held),
                standing: standing(library, verdict),
                held,
                received: entry.received,
            })
            .collect();
        Ok(Some(Self {
            id: *id,
            state: library.shown_state(id).unwrap_or_else(|| entry.state()),
            origin: org_name(authority, origin),
            editions,
            said,
            named_by: library.annotations().same_as(id),
        }))
    }

    /// Editions that no other follows, as places in `editions`: more than one
    /// if some were published at the same time. Those that do not count are
    /// passed over, unless none does.
    pub fn tips(&self) -> Vec<usize> {
        let tips = self.tips_of(|edition| edition.standing.refused.is_none());
        if tips.is_empty() { self.tips_of(|_| true) } else { tips }
    }

    /// Those that no other follows of the editions that are held back, which
    /// an adoption would let count.
    pub fn held_back(&self) -> Vec<usize> {
        self.tips_of(|edition| edition.standing.revoked.is_some() || edition.standing.builds)
    }

    fn tips_of(&self, which: impl Fn(&EditionRead) -> bool) -> Vec<usize> {
        let among = self.editions.iter().filter(|edition| which(edition));
        let followed: BTreeSet<EditionId> =
            among.flat_map(|edition| edition.statement().previous.clone()).collect();
        let tip =
            |at: &usize| which(&self.editions[*at]) && !followed.contains(&self.editions[*at].id);
        (0..self.editions.len()).filter(tip).collect()
    }

    /// Certificates that ended and whose work an edition is, or builds on.
    pub fn to_adopt(&self, at: usize) -> BTreeSet<CertificateId> {
        let mut ids = BTreeSet::from([self.editions[at].id]);
        let mut certificates = BTreeSet::new();
        // Each edition stands after those that it follows.
        for edition in self.editions[..=at].iter().rev() {
            if ids.contains(&edition.id) {
                ids.extend(&edition.statement().previous);
                certificates.extend(edition.standing.revoked);
            }
        }
        certificates
    }

    /// The place of the edition that is shown: of several tips one that is not
    /// withdrawn, then the one with the largest number, then the largest id, on every
    /// node.
    pub fn latest(&self) -> usize {
        let place = |at: &usize| {
            let edition = &self.editions[*at];
            let stands = !self.said.withdrawn.contains_key(&edition.id);
            (stands, edition.statement().number, edition.id)
        };
        self.tips().into_iter().max_by_key(place).unwrap_or(0)
    }

    /// The withdrawal of the edition at a place, if those it comes from do not stand
    /// for it any more.
    pub fn withdrawal(&self, at: usize) -> Option<&Stands> {
        self.said.withdrawal(&self.editions.get(at)?.id)
    }

    /// When the edition at a place was published or confirmed last, as is claimed, and
    /// no later than `now`.
    pub fn renewed(&self, at: usize, now: Timestamp) -> Timestamp {
        let edition = &self.editions[at];
        // A clock that is ahead does not put an edition before all others.
        let published = edition.statement().claimed_at.min(edition.received);
        self.said.renewed(&edition.id, published).min(now)
    }

    /// The place of an edition by its number in decimal (of several the one
    /// that is shown) or by a prefix of its id.
    ///
    /// # Errors
    /// There is none.
    pub fn find(&self, which: &str) -> Result<usize, OpError> {
        let number: Option<u32> = which.parse().ok();
        let fits = |at: &usize| match number {
            Some(number) => self.editions[*at].statement().number == number,
            None => {
                which.len() >= PREFIX_MIN && self.editions[*at].id.to_string().starts_with(which)
            }
        };
        let found = (0..self.editions.len()).filter(fits).max_by_key(|at| self.editions[*at].id);
        found.ok_or_else(|| {
            let what = format!(
                "this practice has no edition {which}: it has {} editions",
                self.editions.len()
            );
            OpError::new(ErrorCode::NotFound, what).in_field("edition")
        })
    }
}

/// An organisation's name, as this node knows it.
pub fn org_name(authority: &Authority, id: OrgId) -> OrgName {
    let name = authority.organisation(&id).map(|org| org.genesis.profile.name(&[]).to_owned());
    OrgName { id, name: name.unwrap_or_default() }
}

fn signer<S: Store>(library: &Library<S>, held: &HeldEdition) -> SignerRead {
    let authority = library.authority();
    let certificate = held.statement.body().by;
    let granted = authority.certificate(&certificate);
    let key = held.statement.only_signer().unwrap_or(PublicKey::new([0; 32]));
    SignerRead {
        certificate,
        key,
        name: library.name(&certificate).map(str::to_owned),
        org: org_name(authority, granted.map_or_else(|| OrgId::new([0; 32]), |g| g.org)),
        roles: granted.map(|g| g.certificate.roles.iter().collect()).unwrap_or_default(),
    }
}

/// What the rules say of an edition, in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// Why it does not count.
    pub refused: Option<String>,
    /// The certificate that was revoked, if that is why.
    pub revoked: Option<CertificateId>,
    /// Whether what it builds on is why.
    pub builds: bool,
    /// Who adopted it.
    pub adopted: Option<String>,
}

fn standing<S: Store>(library: &Library<S>, verdict: Found) -> Standing {
    let authority = library.authority();
    let why = match verdict {
        Found::Accepted => return Standing::default(),
        Found::Adopted(by) => {
            let adopt = authority.record(&by).and_then(|r| r.record().peek::<Adopt>().ok());
            let by = adopt.map(|adopt| {
                let org = authority.certificate(&adopt.by).map(|granted| granted.org);
                let org = org.map(|org| org_name(authority, org).name).unwrap_or_default();
                match library.name(&adopt.by) {
                    Some(name) => format!("{name}, {org}"),
                    None => org,
                }
            });
            return Standing { adopted: Some(by.unwrap_or_default()), ..Standing::default() };
        }
        Found::Quarantined(why) | Found::Refused(why) => why,
    };
    let (refused, revoked, builds) = match why {
        Quarantine::Revoked { certificate, by } => {
            let removed = authority.record(&by).is_some_and(|r| r.record().is::<Remove>());
            let how = match removed {
                true => "its organisation was removed from the federation",
                false => "the key that signed it was revoked",
            };
            (format!("{how}, and this edition is not on the list of what stands. A publisher of the organisation that the practice comes from, or a steward, can adopt it"), Some(certificate), false)
        }
        Quarantine::BuildsOn(_) => (
            "it builds on an edition that does not count. A publisher of the organisation that the practice comes from, or a steward, can adopt that".into(),
            None,
            true,
        ),
        Quarantine::Unsigned => {
            ("nobody who may publish for its organisation signed it".into(), None, false)
        }
        Quarantine::LosingBranch { .. } => (
            "its key signed two editions as one, and the other stands".into(),
            None,
            false,
        ),
        Quarantine::Unsound => ("its content is unsound".into(), None, false),
    };
    Standing { refused: Some(refused), revoked, builds, adopted: None }
}

/// Finds a practice by its id or a unique prefix of one.
///
/// # Errors
/// Mistyped, too short, not held, or fitting several.
pub fn resolve(replica: &NodeReplica, text: &str) -> Result<DocumentId, OpError> {
    let library = replica.library();
    let held = |id: &DocumentId| library.ledger().practice(id).map_err(failed);
    let not_found = || {
        let what = format!("no practice `{text}` is held here");
        OpError::new(ErrorCode::NotFound, what).in_field("id")
    };
    if let Ok(id) = text.parse::<DocumentId>() {
        return held(&id)?.map(|_| id).ok_or_else(not_found);
    }
    if text.len() < PREFIX_MIN {
        let what =
            format!("`{text}` is too short for an id: give at least {PREFIX_MIN} characters");
        return Err(OpError::new(ErrorCode::Invalid, what).in_field("id"));
    }
    let mut found = None;
    for (id, _) in library.set(SetId::Public).iter() {
        let id = DocumentId::new(*id);
        if id.to_string().starts_with(text) && held(&id)?.is_some() && found.replace(id).is_some() {
            let what = format!("`{text}` fits more than one practice: give more characters");
            return Err(OpError::new(ErrorCode::Ambiguous, what).in_field("id"));
        }
    }
    found.ok_or_else(not_found)
}

/// What editions say, with the order in which they were last asked for.
type Remembered = BTreeMap<EditionId, (u64, Arc<Content>)>;

/// Reads practices, remembering what editions say. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reading {
    handle: Handle,
    acceptor: Acceptor,
    remembered: Arc<Mutex<Remembered>>,
}

impl Reading {
    /// Reads through `handle`, accepts on `acceptor`.
    pub fn new(handle: Handle, acceptor: Acceptor) -> Self {
        Self { handle, acceptor, remembered: Arc::default() }
    }

    /// A practice by id or unique prefix.
    ///
    /// # Errors
    /// As [`resolve`].
    pub async fn practice(&self, text: &str) -> Result<PracticeRead, OpError> {
        let text = text.trim().to_owned();
        self.handle
            .read(move |replica| {
                let id = resolve(replica, &text)?;
                let found = PracticeRead::look(replica.library(), &id).map_err(failed)?;
                found.ok_or_else(|| OpError::new(ErrorCode::NotFound, "it was just removed"))
            })
            .await?
    }

    /// A practice by its id; `None` if it is not held.
    ///
    /// # Errors
    /// The store's.
    pub async fn held(&self, id: DocumentId) -> Result<Option<PracticeRead>, OpError> {
        self.handle
            .read(move |replica| PracticeRead::look(replica.library(), &id))
            .await?
            .map_err(failed)
    }

    /// What the edition at place `at` says, and whether it counts.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn content(
        &self,
        practice: &PracticeRead,
        at: usize,
    ) -> Result<Arc<Content>, OpError> {
        let edition = &practice.editions[at];
        if let Some(refused) = &edition.standing.refused {
            return Ok(Arc::new(quarantined(refused.clone())));
        }
        if let Some(known) = self.recall(&edition.id) {
            return Ok(adopted(known, &edition.standing));
        }
        let changes: Vec<_> =
            practice.editions[..=at].iter().map(|e| e.held.change.clone()).collect();
        let (head, signed) = (edition.statement().change, edition.statement().content);
        let content = self.acceptor.run(move || accept(&changes, head, signed)).await?;
        let content = Arc::new(content);
        self.remember(edition.id, Arc::clone(&content));
        Ok(adopted(content, &edition.standing))
    }

    fn recall(&self, id: &EditionId) -> Option<Arc<Content>> {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = remembered.values().map(|(used, _)| *used).max().unwrap_or(0);
        let (used, content) = remembered.get_mut(id)?;
        *used = newest + 1;
        Some(Arc::clone(content))
    }

    fn remember(&self, id: EditionId, content: Arc<Content>) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED.get() {
            let oldest = remembered.iter().min_by_key(|(_, (used, _))| *used).map(|(id, _)| *id);
            oldest.and_then(|oldest| remembered.remove(&oldest));
        }
        let newest = remembered.values().map(|(used, _)| *used).max().unwrap_or(0);
        remembered.insert(id, (newest + 1, content));
    }
}

/// The content with the word that it was adopted, if it was.
fn adopted(content: Arc<Content>, standing: &Standing) -> Arc<Content> {
    match &standing.adopted {
        Some(by) if content.verdict == Verdict::Accepted => Arc::new(Content {
            verdict: Verdict::Adopted,
            reason: Some(format!("adopted by {by}")),
            practice: content.practice.clone(),
        }),
        _ => content,
    }
}

fn quarantined(reason: String) -> Content {
    Content { verdict: Verdict::Quarantined, reason: Some(reason), practice: Practice::default() }
}

/// Puts an edition together and holds it against what was signed.
pub fn accept(changes: &[bytes::Bytes], head: [u8; 32], signed: [u8; 32]) -> Content {
    let changes: Vec<&[u8]> = changes.iter().map(|change| &change[..]).collect();
    let content = document::accept(&changes).and_then(|accepted| {
        if let Some(unsound) = accepted.unsound().get(&head) {
            return Ok(Err(unsound.clone()));
        }
        accepted.content_at(&[head]).map(Ok)
    });
    match content {
        Ok(Err(unsound)) if unsound.is_local() => {
            quarantined(format!("this node cannot show it, and another may: {unsound}"))
        }
        Ok(Err(unsound)) => quarantined(format!("its change is unsound: {unsound}")),
        Err(error) => quarantined(format!("its content cannot be accepted: {error}")),
        Ok(Ok(content)) if content_hash(&content) != signed => {
            quarantined("its content is not what its publisher signed".into())
        }
        Ok(Ok(content)) => Content {
            verdict: Verdict::Accepted,
            reason: None,
            practice: Practice::from_value(&content),
        },
    }
}
