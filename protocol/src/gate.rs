//! The gate: what may be held, and why the rest may not.
//!
//! Everything passes here in the same two halves, whether it was made on this
//! node or came from a peer. [`examine`] needs nothing but the bytes (framing,
//! signatures) and runs on a worker; [`Library::admit`] asks who may say so
//! and what it builds on, and stages it. What an edition *says* is judged
//! later, when somebody reads it (the *accept* stage), and changes no set.

use tern_crdt::authority::{
    Added, Admit, AuthorityRefused, Charter, Erase, Forbidden, Genesis, Grant, Role,
};
use tern_crdt::card::NameCard;
use tern_crdt::chunk::{self, ChunkRefused};
use tern_crdt::edition::Edition;
use tern_crdt::identity::{EditionId, FederationId, actor_id, document_id};
use tern_crdt::signed::{Record, RecordRefused, Statement, Verified};
use thiserror::Error;

use crate::ledger::{EditionEntry, PracticeEntry};
use crate::library::Library;
use crate::limits::EDITIONS_MAX;
use crate::meeting::set::SetId;
use crate::message::Piece;
use crate::step::Change;
use crate::store::{Store, StoreError};

/// A piece whose framing and signatures hold.
#[derive(Clone, Debug)]
pub enum Examined {
    /// A record of some kind.
    Record(Verified),
    /// An edition with its change.
    Edition {
        /// The signed statement.
        statement: Box<Verified<Edition>>,
        /// The raw change.
        change: Vec<u8>,
    },
}

/// Why a piece is not held.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GateRefused {
    /// Its envelope, payload or signature.
    #[error(transparent)]
    Record(#[from] RecordRefused),
    /// A rule of the authority set.
    #[error(transparent)]
    Authority(#[from] AuthorityRefused),
    /// Its author may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Its change does not pass the hold stage.
    #[error("its change is refused: {0}")]
    Chunk(#[from] ChunkRefused),
    /// A rule of editions.
    #[error("edition refused: {0}")]
    Edition(&'static str),
    /// Something that it builds on is not held; it may come later.
    #[error("it builds on {0}, which is not here yet")]
    NotYet(&'static str),
    /// Its author or their organisation had it erased.
    #[error("it was erased and is not held again")]
    Erased,
    /// A known kind, written by a later program than this one.
    #[error("it is an edition in a layout that this program does not read: it needs an upgrade")]
    Layout,
}

impl GateRefused {
    /// Whether an honest peer may have sent this: it may yet become valid, or
    /// was valid when the peer sent it.
    pub const fn is_innocent(&self) -> bool {
        matches!(
            self,
            Self::NotYet(_)
                | Self::Erased
                | Self::Layout
                | Self::Authority(AuthorityRefused::NotYet { .. })
                | Self::Forbidden(Forbidden::UnknownCertificate(_) | Forbidden::NotAMember(_))
        )
    }
}

/// The half that needs nothing but the bytes.
pub fn examine(piece: &Piece, federation: FederationId) -> Result<Examined, GateRefused> {
    match piece {
        Piece::Record(bytes) => {
            let record = Record::from_bytes(bytes)?.verify(federation)?;
            if *record.record().kind() == Edition::KIND {
                return Err(GateRefused::Edition("it came without its change"));
            }
            Ok(Examined::Record(record))
        }
        Piece::Edition { statement, change } => {
            let statement = Record::from_bytes(statement)?.verify(federation)?;
            if *statement.record().kind() == Edition::KIND && !statement.record().is::<Edition>() {
                return Err(GateRefused::Layout);
            }
            let statement = statement.read::<Edition>()?;
            if chunk::read(change)?.hash() != statement.body().change {
                return Err(GateRefused::Edition("its change is not the one that was signed"));
            }
            Ok(Examined::Edition { statement: Box::new(statement), change: change.to_vec() })
        }
    }
}

impl<S: Store> Library<S> {
    /// The half that needs what is held. Stages what it admits; a refusal
    /// stages nothing. The outer error is the store's.
    pub fn admit(&mut self, examined: Examined) -> Result<Result<Change, GateRefused>, StoreError> {
        match examined {
            Examined::Edition { statement, change } => self.admit_edition(&statement, &change),
            Examined::Record(record) => self.admit_record(record),
        }
    }

    /// The set to which a record belongs. What this version does not know
    /// belongs to the authority set if root keys signed it, else to the public
    /// set if it names its author; `None` while nobody knows.
    fn set_of(&self, verified: &Verified) -> Option<SetId> {
        let record = verified.record();
        let authority = record.is::<Charter>()
            || record.is::<Genesis>()
            || record.is::<Admit>()
            || record.is::<Grant>()
            || record.is::<Erase>();
        let roots = |key| self.authority().org_of_root(&key).is_some();
        if authority || !record.is::<NameCard>() && verified.signers().all(roots) {
            Some(SetId::Authority)
        } else {
            record.author().map(|_| SetId::Public)
        }
    }

    fn admit_record(
        &mut self,
        record: Verified,
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        match self.set_of(&record) {
            None => Ok(Err(GateRefused::NotYet("word of who signed it"))),
            Some(SetId::Public) => Ok(self.admit_public(record)),
            Some(SetId::Authority) => Ok(match self.add_authority(&record)? {
                Ok(Added::Known) => Ok(Change::Known),
                Ok(Added::New) => Ok(Change::Authority(record.id())),
                Err(refused) => Err(refused.into()),
            }),
        }
    }

    fn admit_public(&mut self, record: Verified) -> Result<Change, GateRefused> {
        let author = record
            .record()
            .author()
            .ok_or(RecordRefused::Malformed("it does not name its author's certificate"))?;
        let key = record
            .only_signer()
            .ok_or(RecordRefused::Malformed("it has more than one signature"))?;
        // Whoever holds any certificate of a member may say what this version
        // does not know; a later version judges it.
        let granted =
            self.authority().certificate(&author).ok_or(Forbidden::UnknownCertificate(author))?;
        let role = granted.certificate.roles.iter().next().unwrap_or(Role::Contributor);
        self.authority().permits(author, key, role)?;
        if self.authority().is_erased(record.id().as_bytes(), author) {
            return Err(GateRefused::Erased);
        }
        if self.holds(SetId::Public, record.id().as_bytes()) {
            return Ok(Change::Known);
        }
        if record.record().is::<NameCard>() {
            let card = record.clone().read::<NameCard>()?;
            self.put_card(&card);
            return Ok(Change::Card(author));
        }
        self.put_public(&record);
        Ok(Change::Other(record.id()))
    }

    fn admit_edition(
        &mut self,
        statement: &Verified<Edition>,
        change: &[u8],
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let practice = statement.body().practice;
        let held = self.ledger().practice(&practice)?;
        if held.as_ref().is_some_and(|held| held.edition(&statement.id().cast()).is_some()) {
            return Ok(Ok(Change::Known));
        }
        Ok(match self.judge_edition(statement, change, held) {
            Ok((entry, gives_way)) => {
                self.put_edition(&practice, &entry, statement, change);
                if let Some(last) = gives_way {
                    self.drop_edition(&practice, &last);
                }
                Ok(Change::Edition(practice, statement.id().cast()))
            }
            Err(refused) => Err(refused),
        })
    }

    /// The practice's entry with the edition in it, if it may be held, and the
    /// edition that gives way to it.
    fn judge_edition(
        &self,
        statement: &Verified<Edition>,
        change: &[u8],
        held: Option<PracticeEntry>,
    ) -> Result<(PracticeEntry, Option<EditionId>), GateRefused> {
        let edition = statement.body();
        let federation = self.authority().federation();
        let key = statement
            .only_signer()
            .ok_or(GateRefused::Edition("it has more than one signature"))?;
        let granted = self.authority().permits(edition.by, key, Role::Publisher)?;
        let founder = held.as_ref().map_or(edition.by, |held| held.founder);
        if self.authority().is_erased(edition.practice.as_bytes(), founder) {
            return Err(GateRefused::Erased);
        }
        if edition.number == 1 {
            if document_id(federation, edition.by, &edition.nonce) != edition.practice {
                return Err(GateRefused::Edition(
                    "it claims a practice that its certificate did not found",
                ));
            }
        } else if held.is_none() {
            return Err(GateRefused::NotYet("an earlier edition"));
        }
        let origin = self.authority().certificate(&founder).map(|founder| founder.org);
        if origin != Some(granted.org) {
            return Err(GateRefused::Edition(
                "only publishers of the organisation that founded a practice publish its editions",
            ));
        }
        let mut entry = held.unwrap_or(PracticeEntry { founder, editions: Vec::new() });
        let previous: Option<Vec<&EditionEntry>> =
            edition.previous.iter().map(|id| entry.edition(id)).collect();
        let previous = previous.ok_or(GateRefused::NotYet("an earlier edition"))?;
        let number = previous.iter().map(|previous| previous.number).max().unwrap_or(0) + 1;
        if edition.number != number {
            return Err(GateRefused::Edition("its number does not follow from those before it"));
        }
        let chunk = chunk::read(change)?;
        if chunk.hash() != edition.change {
            return Err(GateRefused::Edition("its change is not the one that was signed"));
        }
        let mut deps: Vec<_> = previous.iter().map(|previous| previous.change.hash).collect();
        deps.sort_unstable();
        if chunk.deps() != deps {
            return Err(GateRefused::Edition("its change builds on other editions than it names"));
        }
        let actor = actor_id(federation, edition.practice, edition.by, &edition.nonce);
        if chunk.seq() != 1 {
            return Err(GateRefused::Edition("its change is not the only one of its actor"));
        }
        let id = statement.id().cast();
        let gives_way = make_room(&mut entry, (edition.number, id))?;
        let change = chunk::hold(&chunk, &entry.past(), Some(&actor))?;
        let (number, received) = (edition.number, self.now);
        entry.editions.push(EditionEntry { id, number, change, received });
        Ok((entry, gives_way))
    }
}

/// Keeps the editions of a practice bounded: the first [`EDITIONS_MAX`] by
/// number and id are held, on every node the same, whatever the order in which
/// they came. Nothing builds on the one that gives way, as it would have a
/// larger number.
fn make_room(
    entry: &mut PracticeEntry,
    new: (u32, EditionId),
) -> Result<Option<EditionId>, GateRefused> {
    if entry.editions.len() < EDITIONS_MAX {
        return Ok(None);
    }
    let last = (0..entry.editions.len())
        .max_by_key(|at| (entry.editions[*at].number, entry.editions[*at].id));
    match last {
        Some(at) if new < (entry.editions[at].number, entry.editions[at].id) => {
            Ok(Some(entry.editions.remove(at).id))
        }
        _ => Err(GateRefused::Edition("the practice has 500 editions before it, the most it can")),
    }
}
