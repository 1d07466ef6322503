//! The gate: what may be held, and why the rest may not.
//!
//! Everything passes here in the same two halves, whether it was made on this
//! node or came from a peer. [`examine`] needs nothing but the bytes (framing,
//! signatures) and runs on a worker; [`Library::admit`] asks who may say so
//! and what it builds on, and stages it. What an edition *says* is judged
//! later, when somebody reads it (the *accept* stage), and changes no set.

use minicbor::bytes::ByteVec;
use tern_crdt::address::NodeAddress;
use tern_crdt::annotation::Annotation;
use tern_crdt::audience::Audience;
use tern_crdt::authority::{Added, Authority, AuthorityRefused, Forbidden, Role};
use tern_crdt::card::NameCard;
use tern_crdt::chunk::brief::Convoy;
use tern_crdt::chunk::{self, ChunkRefused, DOCUMENT_BYTES_MAX};
use tern_crdt::edition::Edition;
use tern_crdt::expert::ExpertCard;
use tern_crdt::identity::{ActorId, CertificateId, FederationId, PublicKey};
use tern_crdt::listing::Listing;
use tern_crdt::need::Help;
use tern_crdt::parcel::{Custody, Parcel};
use tern_crdt::request::{Request, RequestEvent};
use tern_crdt::review::fold::speaks_about;
use tern_crdt::sealed::Sealed;
use tern_crdt::segment::{SEGMENT_BYTES_MAX, SEGMENT_CHANGES_MAX, Segment};
use tern_crdt::signed::{Record, RecordRefused, Statement, Verified};
use thiserror::Error;

use self::brief::InBrief;
use crate::library::Library;
use crate::limits::SEGMENTS_MAX;
use crate::meeting::set::SetId;
use crate::message::Piece;
use crate::routing::{HeldParcel, Rest};
use crate::step::Change;
use crate::store::{Store, StoreError};

mod annotation;
mod brief;
mod discussion;
mod draft;
mod edition;
mod listing;
mod node_address;
mod review;

/// In which of these roles something is said, and about which object.
type Asks = (&'static [Role], Option<[u8; 32]>);

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
    /// A parcel, carried or ended.
    Parcel(Box<HeldParcel>),
    /// Segments of a draft with their changes.
    Draft {
        /// The signed segments.
        segments: Vec<Verified<Segment>>,
        /// The raw changes.
        changes: Vec<Vec<u8>>,
    },
    /// The same in brief: its signatures are looked at where it comes in.
    Brief(InBrief),
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
    /// A rule of parcels.
    #[error("parcel refused: {0}")]
    Parcel(&'static str),
    /// A rule of shared drafts.
    #[error("part of a draft refused: {0}")]
    Draft(&'static str),
    /// A record of class C outside a parcel.
    #[error("requests and what happens to them travel in parcels alone, never in the open")]
    InTheOpen,
    /// Something that it builds on is not held; it may come later.
    #[error("it builds on {0}, which is not here yet")]
    NotYet(&'static str),
    /// Its author or their organisation had it erased.
    #[error("it was erased and is not held again")]
    Erased,
    /// A parcel whose time is over.
    #[error("its time is over: nobody carries it any more")]
    Over,
    /// Its practice is full of editions that stand before it, or its draft is
    /// full.
    #[error("what it belongs to is as large as it can be")]
    Crowded,
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
                | Self::Over
                | Self::Crowded
                | Self::Layout
                | Self::Authority(AuthorityRefused::NotYet { .. })
                | Self::Forbidden(
                    Forbidden::UnknownCertificate(_)
                        | Forbidden::NotAMember(_)
                        | Forbidden::Suspended(_)
                        | Forbidden::Revoked { .. }
                )
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
            let kind = record.record().kind();
            if *kind == Segment::KIND {
                return Err(GateRefused::Draft("a signature came without its changes"));
            }
            if *kind == Parcel::KIND {
                return Err(GateRefused::Parcel("its label came alone"));
            }
            let sealed = [Request::KIND, RequestEvent::KIND, Help::KIND];
            if sealed.contains(kind) {
                return Err(GateRefused::InTheOpen);
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
        Piece::Parcel { label, sealed } => {
            let label = Record::from_bytes(label)?.verify(federation)?;
            Sealed::from_bytes(sealed)
                .map_err(|_| GateRefused::Parcel("its sealed bytes are not sealed content"))?;
            let parcel = HeldParcel::examine(label, Rest::Sealed(sealed.to_vec()))?;
            Ok(Examined::Parcel(Box::new(parcel)))
        }
        Piece::Ended { label, secret } => {
            let label = Record::from_bytes(label)?.verify(federation)?;
            Ok(Examined::Parcel(Box::new(HeldParcel::examine(label, Rest::Ended(*secret))?)))
        }
        Piece::Draft { statements, changes } => examine_draft(statements, changes, federation),
        Piece::Brief { draft, segments, changes } => {
            InBrief::examine(*draft, segments, changes).map(Examined::Brief)
        }
    }
}

fn examine_draft(
    statements: &[ByteVec],
    changes: &[ByteVec],
    federation: FederationId,
) -> Result<Examined, GateRefused> {
    if statements.len() > SEGMENTS_MAX {
        return Err(GateRefused::Draft("more segments than a draft can have"));
    }
    let read = |statement: &ByteVec| {
        let segment = Record::from_bytes(statement)?.verify(federation)?;
        Ok::<_, GateRefused>(segment.read::<Segment>()?)
    };
    let segments: Vec<Verified<Segment>> = statements.iter().map(read).collect::<Result<_, _>>()?;
    let actors: Vec<ActorId> =
        segments.iter().map(|segment| segment.body().actor(federation)).collect();
    let changes = restored(Convoy::default(), changes, &actors)?;
    Ok(Examined::Draft { segments, changes })
}

/// Changes in full, of as many segments as there are actors.
fn restored(
    mut convoy: Convoy,
    changes: &[ByteVec],
    actors: &[ActorId],
) -> Result<Vec<Vec<u8>>, GateRefused> {
    let number = actors.len() as u64;
    let too_much = GateRefused::Draft("more changes than its segments can cover");
    if changes.len() as u64 > number * SEGMENT_CHANGES_MAX {
        return Err(too_much);
    }
    let (mut raw, mut bytes) = (Vec::with_capacity(changes.len()), 0);
    for change in changes {
        let change = convoy.restore(change, actors)?;
        bytes += change.len() as u64;
        if bytes > (number * SEGMENT_BYTES_MAX).min(DOCUMENT_BYTES_MAX) {
            return Err(too_much);
        }
        chunk::read(&change)?;
        raw.push(change);
    }
    Ok(raw)
}

impl<S: Store> Library<S> {
    /// Whether the author of a piece acts now: asked of what is written here,
    /// beside whether it counts.
    pub(crate) fn may_act(&self, piece: &Examined) -> Result<(), Forbidden> {
        let (author, key) = match piece {
            Examined::Record(record) => (record.record().author(), record.only_signer()),
            Examined::Edition { statement, .. } => {
                (Some(statement.body().by), statement.only_signer())
            }
            Examined::Parcel(parcel) => (Some(parcel.label.body().by), parcel.label.only_signer()),
            // Nothing that is written here is in brief.
            Examined::Brief(_) => return Ok(()),
            Examined::Draft { segments, .. } => {
                return segments.iter().try_for_each(|segment| {
                    self.acts(Some(segment.body().by), segment.only_signer())
                });
            }
        };
        self.acts(author, key)
    }

    fn acts(&self, author: Option<CertificateId>, key: Option<PublicKey>) -> Result<(), Forbidden> {
        // Field 0 of a log entry is its organisation, which is no certificate.
        let author = author.filter(|author| self.authority().certificate(author).is_some());
        match (author, key) {
            (Some(author), Some(key)) => self.authority().acts(author, key).map(drop),
            _ => Ok(()),
        }
    }

    /// The half that needs what is held. Stages what it admits; a refusal
    /// stages nothing. The outer error is the store's.
    pub fn admit(&mut self, examined: Examined) -> Result<Result<Change, GateRefused>, StoreError> {
        match examined {
            Examined::Edition { statement, change } => self.admit_edition(&statement, &change),
            Examined::Record(record) if *record.record().kind() == Custody::KIND => {
                self.admit_custody(record)
            }
            Examined::Record(record) if *record.record().kind() == Audience::KIND => Ok(record
                .read::<Audience>()
                .map_err(Into::into)
                .and_then(|audience| self.admit_audience(&audience))),
            Examined::Record(record) => self.admit_record(record),
            Examined::Draft { segments, changes } => self.admit_draft(&segments, &changes),
            Examined::Brief(brief) => self.admit_brief(&brief),
            Examined::Parcel(parcel) => self.admit_parcel(*parcel),
        }
    }

    /// The set to which a record belongs. What this version does not know
    /// belongs to the authority set if root keys signed it, else to the public
    /// set if it names its author; `None` while nobody knows.
    fn set_of(&self, verified: &Verified) -> Option<SetId> {
        let record = verified.record();
        let authority = Authority::is_statement(record);
        let roots = |key| self.authority().org_of_root(&key).is_some();
        let own = record.is::<NameCard>() || record.is::<NodeAddress>();
        if authority || !own && verified.signers().all(roots) {
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
            Some(SetId::Authority) => Ok(match self.add_authority(&record)? {
                Ok(Added::Known) => Ok(Change::Known),
                Ok(Added::New) => Ok(Change::Authority(record.id())),
                Err(refused) => Err(refused.into()),
            }),
            Some(_) => Ok(self.admit_public(record)),
        }
    }

    pub(crate) fn admit_public(&mut self, record: Verified) -> Result<Change, GateRefused> {
        let author = record
            .record()
            .author()
            .ok_or(RecordRefused::Malformed("it does not name its author's certificate"))?;
        let key = record
            .only_signer()
            .ok_or(RecordRefused::Malformed("it has more than one signature"))?;
        // Whoever holds any certificate of a member may say what this version
        // does not know; a later version judges it.
        self.authority().counts(author, key, None, record.id().as_bytes())?;
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
        if record.record().is::<ExpertCard>() {
            let card = record.clone().read::<ExpertCard>()?;
            self.authority().counts(author, key, Some(Role::Expert), record.id().as_bytes())?;
            self.put_public(&card.forget());
            return Ok(Change::Expert(author));
        }
        if record.record().is::<NodeAddress>() {
            return self.admit_node_address(record, author, key);
        }
        if record.record().is::<Annotation>() {
            return self.admit_annotation(&record);
        }
        if record.record().is::<Listing>() {
            return self.admit_listing(&record);
        }
        let asks = match review::asks(record.record())? {
            None => discussion::asks(record.record())?,
            found => found,
        };
        if let Some((roles, about)) = asks {
            speaks_about(self.authority(), author, roles, &record, about)?;
        }
        self.put_public(&record);
        let id = record.id();
        self.note_said(&id);
        let review = self.reviews.of(&id).map(Change::Review);
        let talk = || self.discussions.of(&id).map(Change::Discussion);
        Ok(review.or_else(talk).unwrap_or(Change::Other(id)))
    }
}

#[cfg(test)]
mod tests;
