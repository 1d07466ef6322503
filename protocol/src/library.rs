//! What this replica holds: the ledger, the fold of the authority set, and
//! the sets that meetings compare.
//!
//! It is kept so that memory is a function of the store: opening it again
//! gives the same. What is staged becomes durable in [`Library::commit`]; if
//! that fails the library must be opened anew, because memory is ahead.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use tern_crdt::address::NodeAddress;
use tern_crdt::authority::{Added, Authority, AuthorityRefused, Erase, Genesis, Grant, Judgement};
use tern_crdt::card::{Basis, NameCard};
use tern_crdt::edition::Edition;
use tern_crdt::expert::{ExpertCard, newest};
use tern_crdt::identity::{
    CertificateId, DocumentId, DraftId, EditionId, FederationId, OrgId, ParcelId, PublicKey,
    RecordId,
};
use tern_crdt::parcel::{Parcel, Urgency};
use tern_crdt::signed::{Record, Verified};
use tern_crdt::timestamp::Timestamp;

use crate::annotations::Annotations;
use crate::board::Board;
use crate::discussions::Discussions;
use crate::drafts::{Drafts, Together};
use crate::fallen::Fallen;
use crate::ledger::{HeldEdition, Ledger, PracticeEntry, Private};
use crate::listings::Listings;
use crate::meeting::set::{ObjectId, Root, Set, SetId, State, record_state};
use crate::membership::Waiting;
use crate::message::Piece;
use crate::recent::{News, Place, Recent};
use crate::reviews::Reviews;
use crate::routing::custody::Untold;
use crate::routing::{HeldParcel, Rest, state as parcel_state};
use crate::store::{Space, Store, StoreError};

/// See the module.
#[derive(Debug)]
pub struct Library<S> {
    ledger: Ledger<S>,
    authority: Authority,
    sets: [Set; SetId::ALL.len()],
    names: BTreeMap<CertificateId, BTreeMap<RecordId, NameCard>>,
    experts: BTreeMap<CertificateId, BTreeMap<RecordId, ExpertCard>>,
    /// Where each node says that it is: of one key there is one record.
    nodes: BTreeMap<PublicKey, (RecordId, NodeAddress)>,
    /// Nodes that said something else than before, or were forgotten.
    moved: BTreeSet<PublicKey>,
    /// What is held about reviews.
    pub(crate) reviews: Reviews,
    /// What is held of annotations.
    pub(crate) annotations: Annotations,
    /// What is held about discussions.
    pub(crate) discussions: Discussions,
    /// What is held of listings.
    pub(crate) listings: Listings,
    /// What is held of needs on the board.
    pub(crate) board: Board,
    /// What is known of the records that are aside.
    pub(crate) fallen: BTreeMap<RecordId, Fallen>,
    pub(crate) drafts: Drafts,
    pub(crate) waiting: BTreeMap<OrgId, Waiting>,
    /// How soon each carried parcel is needed.
    pub(crate) urgency: BTreeMap<ParcelId, Urgency>,
    /// By whose key and for whose, the parcel that stands in each lane.
    pub(crate) lanes: BTreeMap<(PublicKey, PublicKey), (u64, ParcelId)>,
    /// In which of them each of those parcels is.
    pub(crate) laned: BTreeMap<ParcelId, (PublicKey, PublicKey)>,
    pub(crate) untold: Untold,
    practices: u64,
    revision: u64,
    /// The revision at which a set changed last that everybody holds.
    common_revision: u64,
    recent: Recent,
    /// The moment of the step under way.
    pub(crate) now: Timestamp,
    /// Practices that were erased, or of which another edition may be shown.
    pub(crate) changed: Vec<DocumentId>,
    /// Shared drafts of which other changes may be shown.
    pub(crate) redrafted: Vec<DraftId>,
    /// Practices of which every edition is aside.
    pub(crate) aside: BTreeSet<DocumentId>,
    /// How certificates were judged when everything was last looked at.
    pub(crate) judged: Judgement,
    /// What the clock of beacons showed then.
    pub(crate) beacon: u32,
    /// Whether a record came since that can end, restore or adopt.
    pub(crate) unjudged: bool,
    /// Asked after every step, so it is remembered here too.
    shred_due: bool,
}

/// Before the ids of practices in the names of local values that hold when one
/// changed without an edition having come: milliseconds, 8 bytes, big-endian.
const CHANGED: &[u8] = b"changed/";

/// What travels as one piece.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum PieceId {
    /// A record of a set.
    Record(SetId, RecordId),
    /// An edition of a practice with its change.
    Edition(DocumentId, EditionId),
    /// A parcel with what is held of it.
    Parcel(ParcelId),
    /// Who sees a draft.
    Audience(DraftId, RecordId),
    /// Segments of a draft with their changes.
    Draft(DraftId, Together),
}

/// The state of a record of the authority set.
fn authority_state(authority: &Authority, record: &Verified) -> State {
    if authority.is_founding(record) {
        record_state(std::iter::empty())
    } else {
        record_state(record.signers())
    }
}

impl<S: Store> Library<S> {
    /// Reads what the store holds.
    pub fn open(store: S, federation: FederationId) -> Result<Self, StoreError> {
        let mut library = Self {
            ledger: Ledger::new(store),
            authority: Authority::new(federation),
            sets: Default::default(),
            names: BTreeMap::new(),
            experts: BTreeMap::new(),
            nodes: BTreeMap::new(),
            moved: BTreeSet::new(),
            reviews: Reviews::default(),
            annotations: Annotations::default(),
            discussions: Discussions::default(),
            listings: Listings::default(),
            board: Board::default(),
            fallen: BTreeMap::new(),
            drafts: Drafts::default(),
            waiting: BTreeMap::new(),
            urgency: BTreeMap::new(),
            lanes: BTreeMap::new(),
            laned: BTreeMap::new(),
            untold: Untold::new(),
            practices: 0,
            revision: 0,
            common_revision: 0,
            recent: Recent::default(),
            now: Timestamp::default(),
            changed: Vec::new(),
            redrafted: Vec::new(),
            aside: BTreeSet::new(),
            judged: BTreeMap::new(),
            unjudged: false,
            shred_due: false,
            beacon: 0,
        };
        library.ledger.check_layout()?;
        library.shred_due = library.ledger.is_shred_due()?;
        let records = library.ledger.records(Space::Authority)?;
        let (_, refused) = library.authority.add_all(records);
        if let Some(refused) = refused.first() {
            return Err(StoreError::Damaged(format!("the authority set: {refused}")));
        }
        for record in library.authority.records() {
            let state = authority_state(&library.authority, record);
            library.sets[SetId::Authority as usize].insert(*record.id().as_bytes(), state);
        }
        for record in library.ledger.records(Space::Record)? {
            library.index_public(&record);
        }
        for (id, state) in library.ledger.practice_states()? {
            if state == [0; 32] {
                library.aside.insert(DocumentId::new(id));
            } else {
                library.sets[SetId::Public as usize].insert(id, state);
                library.practices += 1;
            }
        }
        library.load_fallen()?;
        library.judged = library.authority.judgement();
        library.beacon = library.authority.beacon();
        let mut parcels = Vec::new();
        library.ledger.each_parcel(|parcel| {
            parcels.push((parcel.label, matches!(parcel.rest, Rest::Ended(_))));
        })?;
        for (label, ended) in parcels {
            library.index_parcel(&label, ended);
        }
        library.load_drafts()?;
        library.untold = library.load_untold()?;
        library.load_waiting()?;
        let (recent, revision) = Recent::load(&library.ledger)?;
        library.recent = recent;
        library.revision = library.revision.max(revision);
        // What is agreed on from now on is behind all of that.
        library.common_revision = library.revision;
        // What is held at a start is recognised after it, once it changes.
        for set in &library.sets {
            set.root();
        }
        library.moved.clear();
        Ok(library)
    }

    /// Who may say what.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Typed reads.
    pub const fn ledger(&self) -> &Ledger<S> {
        &self.ledger
    }

    /// Gives the store back.
    pub fn into_store(self) -> S {
        self.ledger.into_store()
    }

    /// One of the sets.
    /// Of drafts there is one for each organisation: this is that of nobody.
    pub fn set(&self, set: SetId) -> &Set {
        self.sets.get(set as usize).unwrap_or(&self.drafts.none)
    }

    /// Whether an object is in a set.
    pub fn holds(&self, set: SetId, id: &ObjectId) -> bool {
        self.set(set).get(id).is_some()
    }

    /// Grows whenever something changes that a peer may see; not stored, means
    /// nothing elsewhere.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The revision at which a set changed last that everybody holds.
    pub(crate) const fn common_revision(&self) -> u64 {
        self.common_revision
    }

    /// What changed in a set since a revision: each object with its state
    /// before; `None` if that is not remembered so far back.
    pub fn news_since(&self, set: SetId, revision: u64) -> Option<News> {
        self.recent.since(Place::Common(set), revision)
    }

    /// What changed in a set since it had this root, if that is remembered.
    pub fn news_after(&self, set: SetId, root: &Root) -> Option<News> {
        self.recent.after(set, root)
    }

    /// What changed since a revision in the drafts that an organisation may see.
    pub(crate) fn draft_news(&self, org: OrgId, revision: u64) -> Option<News> {
        self.recent.since(Place::Drafts(org), revision)
    }

    /// A draft changed in the set that an organisation has in common with this
    /// one.
    pub(crate) fn note_draft(&mut self, org: OrgId, id: ObjectId, before: Option<State>) -> u64 {
        self.revision += 1;
        self.recent.note(self.revision, Place::Drafts(org), id, before);
        self.revision
    }

    fn enter(&mut self, set: SetId, id: ObjectId, state: [u8; 32]) {
        let root = self.sets[set as usize].known_root();
        let before = self.sets[set as usize].insert(id, state);
        self.note(set, root, id, before, Some(state));
    }

    fn leave(&mut self, set: SetId, id: &ObjectId) {
        let root = self.sets[set as usize].known_root();
        let before = self.sets[set as usize].remove(id);
        self.note(set, root, *id, before, None);
    }

    /// An object of a set was in the state `before` and is in the state `now`; if
    /// somebody knows the root that the set had, it is `root`.
    fn note(
        &mut self,
        set: SetId,
        root: Option<Root>,
        id: ObjectId,
        before: Option<State>,
        now: Option<State>,
    ) {
        if before != now {
            if let Some(root) = root {
                self.recent.note_root(self.revision, set, root);
            }
            self.recent.note(self.revision + 1, Place::Common(set), id, before);
        }
        self.revision += 1;
        self.common_revision = self.revision;
    }

    /// How many practices are held.
    pub const fn practices(&self) -> u64 {
        self.practices
    }

    /// The name to show for a certificate.
    pub fn name(&self, certificate: &CertificateId) -> Option<&str> {
        self.name_card(certificate).map(|card| card.name.as_str())
    }

    /// The name card of a certificate that stands: of several the one with the
    /// latest consent, then the largest id.
    pub fn name_card(&self, certificate: &CertificateId) -> Option<&NameCard> {
        let latest = |card: &NameCard| match card.basis {
            Basis::Consent(at) => at,
            Basis::RoleName => Timestamp(i64::MIN),
        };
        let cards = self.names.get(certificate)?;
        cards.iter().max_by_key(|(id, card)| (latest(card), **id)).map(|(_, card)| card)
    }

    /// Every name card of a certificate that is held, ascending by id.
    pub fn name_cards(&self, by: CertificateId) -> impl Iterator<Item = RecordId> + '_ {
        self.names.get(&by).into_iter().flat_map(|cards| cards.keys().copied())
    }

    /// The expert cards that stand, ascending by certificate: of several of one
    /// certificate the newest. Some may be paused, removed or over.
    pub fn experts(&self) -> impl Iterator<Item = (CertificateId, RecordId, &ExpertCard)> {
        self.experts.iter().filter_map(|(by, cards)| {
            let (id, card) = newest(cards.iter().map(|(id, card)| (*id, card)))?;
            Some((*by, id, card))
        })
    }

    /// The card of one expert that stands.
    pub fn expert(&self, by: &CertificateId) -> Option<(RecordId, &ExpertCard)> {
        newest(self.experts.get(by)?.iter().map(|(id, card)| (*id, card)))
    }

    /// Every card of one expert that is held, ascending by id.
    pub fn cards(&self, by: &CertificateId) -> impl Iterator<Item = RecordId> + '_ {
        self.experts.get(by).into_iter().flat_map(|cards| cards.keys().copied())
    }

    /// Where a node says that it can be reached.
    pub fn node_address(&self, node: &PublicKey) -> Option<&NodeAddress> {
        self.nodes.get(node).map(|(_, address)| address)
    }

    /// Every node that says where it is, with what it says, ascending by key.
    pub fn node_addresses(&self) -> impl Iterator<Item = (PublicKey, &NodeAddress)> {
        self.nodes.iter().map(|(node, (_, address))| (*node, address))
    }

    /// The record in which a node says where it is.
    pub(crate) fn node_address_record(&self, node: &PublicKey) -> Option<&(RecordId, NodeAddress)> {
        self.nodes.get(node)
    }

    /// Nodes that said something else since this was last asked, or of which
    /// nothing is held any more.
    pub(crate) fn take_moved(&mut self) -> BTreeSet<PublicKey> {
        std::mem::take(&mut self.moved)
    }

    /// Every practice, ascending by id.
    pub fn practice_ids(&self) -> impl Iterator<Item = DocumentId> + '_ {
        self.set(SetId::Public)
            .iter()
            .map(|(id, _)| DocumentId::new(*id))
            .filter(|id| self.ledger.practice(id).is_ok_and(|entry| entry.is_some()))
    }

    /// A practice with all its editions, each after those it follows.
    pub fn practice(
        &self,
        id: &DocumentId,
    ) -> Result<Option<(PracticeEntry, Vec<HeldEdition>)>, StoreError> {
        let Some(entry) = self.ledger.practice(id)? else { return Ok(None) };
        let mut editions = Vec::with_capacity(entry.editions.len());
        for edition in &entry.editions {
            editions.push(self.held_edition(id, &edition.id)?);
        }
        Ok(Some((entry, editions)))
    }

    fn held_edition(
        &self,
        practice: &DocumentId,
        id: &EditionId,
    ) -> Result<HeldEdition, StoreError> {
        self.ledger
            .edition(practice, id)?
            .ok_or_else(|| StoreError::Damaged(format!("edition {id} is missing")))
    }

    /// What of an object a peer lacks that holds the editions for which `has`
    /// is true, in an order in which each builds only on those before it.
    pub(crate) fn lacking(
        &self,
        set: SetId,
        id: &ObjectId,
        has: impl Fn(&EditionId) -> bool,
    ) -> Result<Vec<PieceId>, StoreError> {
        if set == SetId::Parcels {
            return Ok(vec![PieceId::Parcel(ParcelId::new(*id))]);
        }
        let practice = DocumentId::new(*id);
        let entry = if set == SetId::Public { self.ledger.practice(&practice)? } else { None };
        Ok(match entry {
            Some(entry) => {
                let editions = entry.editions.iter().map(|edition| edition.id);
                let lacks = editions.filter(|id| !has(id));
                lacks.map(|edition| PieceId::Edition(practice, edition)).collect()
            }
            None => vec![PieceId::Record(set, RecordId::new(*id))],
        })
    }

    /// A piece, if it is held.
    pub(crate) fn piece(&self, id: &PieceId) -> Result<Option<Piece>, StoreError> {
        let record = |record: &Record| Piece::Record(record.to_bytes().into());
        Ok(match id {
            PieceId::Record(SetId::Authority, id) => {
                self.authority.record(id).map(|held| record(held.record()))
            }
            PieceId::Record(SetId::Parcels | SetId::Drafts, _) => None,
            PieceId::Audience(draft, id) => self.audience_piece(draft, id)?,
            PieceId::Draft(draft, group) => self.draft_piece(draft, group, true)?,
            PieceId::Parcel(id) => self.ledger.parcel(id)?.map(|held| {
                let label = held.label.record().to_bytes().into();
                match held.rest {
                    Rest::Sealed(sealed) => Piece::Parcel { label, sealed: sealed.into() },
                    Rest::Ended(secret) => Piece::Ended { label, secret },
                }
            }),
            PieceId::Record(SetId::Public, id) => {
                self.ledger.record(Space::Record, id)?.map(|held| record(held.record()))
            }
            PieceId::Edition(practice, id) => {
                self.ledger.edition(practice, id)?.map(|held| Piece::Edition {
                    statement: held.statement.record().to_bytes().into(),
                    change: held.change.to_vec().into(),
                })
            }
        })
    }

    /// An object as pieces read from the store again, whatever memory holds:
    /// for checking that what is stored is what was stored.
    pub fn stored_pieces(&self, set: SetId, id: &ObjectId) -> Result<Vec<Piece>, StoreError> {
        if set == SetId::Authority {
            let record = self.ledger.record(Space::Authority, &RecordId::new(*id))?;
            let pieces = record.map(|record| Piece::Record(record.record().to_bytes().into()));
            return Ok(pieces.into_iter().collect());
        }
        let pieces = self.lacking(set, id, |_| false)?;
        pieces.iter().filter_map(|piece| self.piece(piece).transpose()).collect()
    }

    /// Adds a record to the authority set; what an erase names is forgotten.
    pub(crate) fn add_authority(
        &mut self,
        record: &Verified,
    ) -> Result<Result<Added, AuthorityRefused>, StoreError> {
        Ok(match self.authority.add(record.clone()) {
            Ok(Added::New) => {
                self.keep_authority(&record.id())?;
                Ok(Added::New)
            }
            known_or_refused => known_or_refused,
        })
    }

    /// Adds as many of `records` as fit together, whatever their order.
    /// Returns the ids of those that were new, and why the rest stayed out.
    pub(crate) fn add_all_authority(
        &mut self,
        records: Vec<Verified>,
    ) -> Result<(Vec<RecordId>, Vec<AuthorityRefused>), StoreError> {
        let (added, refused) = self.authority.add_all(records);
        for id in &added {
            self.keep_authority(id)?;
        }
        Ok((added, refused))
    }

    /// Stages a record that was added to the fold.
    fn keep_authority(&mut self, id: &RecordId) -> Result<(), StoreError> {
        let Some(held) = self.authority.record(id).cloned() else { return Ok(()) };
        self.ledger.put_record(Space::Authority, &held);
        let state = authority_state(&self.authority, &held);
        self.enter(SetId::Authority, *id.as_bytes(), state);
        for dropped in self.authority.take_dropped() {
            self.ledger.delete_record(Space::Authority, &dropped);
            self.leave(SetId::Authority, dropped.as_bytes());
        }
        // These only ever add.
        let adds = held.record().is::<Genesis>() || held.record().is::<Grant>();
        self.unjudged |= !adds;
        self.forget_erased(&held)
    }

    /// Drops the bytes of what a newly added erase names.
    pub(crate) fn forget_erased(&mut self, record: &Verified) -> Result<(), StoreError> {
        let Ok(erase) = record.record().peek::<Erase>() else { return Ok(()) };
        let practice = DocumentId::new(erase.object);
        if !self.authority.is_erased(&erase.object, erase.author) {
            return Ok(());
        }
        // What was said about it goes with it, whether it was here or not; and all that a
        // listing is made of.
        let mut founded = self.annotations.founded(&practice, erase.author);
        founded.extend(self.listings.founded(practice.cast(), erase.author));
        for (said, by) in founded {
            self.drop_record(&said, by);
            self.note_erased();
        }
        if self.forget_aside(&erase) {
            self.note_erased();
        }
        if let Some(entry) = self.ledger.practice_with_aside(&practice)? {
            if entry.founder == erase.author {
                self.ledger.delete_practice(&practice, &entry);
                self.note_erased();
                self.show_practice(&practice, None);
                self.note_changed(practice);
            }
            return Ok(());
        }
        let id = RecordId::new(erase.object);
        let named = self.ledger.record(Space::Record, &id)?;
        if named.and_then(|record| record.record().author()) == Some(erase.author) {
            self.drop_record(&id, erase.author);
            self.note_erased();
        }
        Ok(())
    }

    /// Notes that what is deleted has to leave the disk too.
    pub(crate) fn note_erased(&mut self) {
        self.ledger.note_shred();
        self.shred_due = true;
    }

    /// Whether something was erased whose bytes are in old parts of the store.
    pub const fn is_shred_due(&self) -> bool {
        self.shred_due
    }

    /// Has the store rid itself of them.
    pub(crate) fn shred(
        &mut self,
        rid: impl FnOnce(&mut S) -> Result<(), StoreError>,
    ) -> Result<Result<(), StoreError>, StoreError> {
        let done = self.ledger.shred(rid)?;
        self.shred_due = done.is_err();
        Ok(done)
    }

    /// Stages the removal of a public record of this author.
    pub(crate) fn drop_record(&mut self, id: &RecordId, author: CertificateId) {
        self.ledger.delete_record(Space::Record, id);
        self.leave(SetId::Public, id.as_bytes());
        if let Some(cards) = self.names.get_mut(&author) {
            cards.remove(id);
        }
        if let Some(cards) = self.experts.get_mut(&author) {
            cards.remove(id);
        }
        self.note_said(id);
        self.reviews.remove(id);
        self.annotations.remove(id);
        self.discussions.remove(id);
        self.listings.remove(id);
        self.board.remove(id);
        let node = self.nodes.iter().find(|(_, (held, _))| held == id).map(|(node, _)| *node);
        if let Some(node) = node {
            self.nodes.remove(&node);
            self.moved.insert(node);
        }
    }

    pub(crate) fn put_public(&mut self, record: &Verified) {
        self.ledger.put_record(Space::Record, record);
        self.index_public(record);
    }

    pub(crate) fn put_card(&mut self, card: &Verified<NameCard>) {
        self.put_public(&card.clone().forget());
    }

    fn index_public(&mut self, record: &Verified) {
        let state = record_state(record.signers());
        self.enter(SetId::Public, *record.id().as_bytes(), state);
        if let Ok(card) = record.record().peek::<NameCard>() {
            self.names.entry(card.by).or_default().insert(record.id(), card);
        }
        if let Ok(card) = record.record().peek::<ExpertCard>() {
            self.experts.entry(card.by).or_default().insert(record.id(), card);
        }
        self.reviews.add(record);
        self.annotations.add(record, self.authority.federation());
        self.discussions.add(record);
        self.listings.add(record, self.authority.federation());
        self.board.add(record);
        if let (Ok(address), Some(node)) =
            (record.record().peek::<NodeAddress>(), record.only_signer())
        {
            self.nodes.insert(node, (record.id(), address));
            self.moved.insert(node);
        }
    }

    /// Stages a parcel.
    pub(crate) fn put_parcel(&mut self, parcel: &HeldParcel) {
        self.ledger.put_parcel(parcel);
        self.index_parcel(&parcel.label, parcel.is_ended());
    }

    fn index_parcel(&mut self, label: &Verified<Parcel>, ended: bool) {
        let (id, urgency): (ParcelId, _) = (label.id().cast(), label.body().urgency);
        self.enter(SetId::Parcels, *id.as_bytes(), parcel_state(ended));
        if let (Some(lane), Some(key)) = (label.body().lane, label.only_signer()) {
            self.lanes.insert((key, lane.to), (lane.n, id));
            self.laned.insert(id, (key, lane.to));
        }
        if ended {
            self.urgency.remove(&id);
        } else {
            self.urgency.insert(id, urgency);
        }
    }

    pub(crate) fn put_edition(
        &mut self,
        practice: &DocumentId,
        entry: &PracticeEntry,
        statement: &Verified<Edition>,
        change: &[u8],
    ) {
        self.ledger.put_edition(practice, statement, change);
        self.put_practice(practice, entry);
    }

    /// Stages what is kept of a practice, which enters the public set, or
    /// leaves it when all its editions are aside.
    pub(crate) fn put_practice(&mut self, practice: &DocumentId, entry: &PracticeEntry) {
        let state = self.ledger.put_practice(practice, entry);
        if entry.editions.is_empty() {
            self.show_practice(practice, None);
            self.aside.insert(*practice);
        } else {
            self.show_practice(practice, Some(state));
        }
    }

    /// The practice is in the public set with this state, or in no set.
    fn show_practice(&mut self, practice: &DocumentId, state: Option<[u8; 32]>) {
        let shown = self.holds(SetId::Public, practice.as_bytes());
        self.aside.remove(practice);
        match state {
            Some(state) => {
                self.practices += u64::from(!shown);
                self.enter(SetId::Public, *practice.as_bytes(), state);
            }
            None if shown => {
                self.practices -= 1;
                self.leave(SetId::Public, practice.as_bytes());
            }
            None => {}
        }
    }

    /// Stages the removal of an edition that gave way to one before it.
    pub(crate) fn drop_edition(&mut self, practice: &DocumentId, id: &EditionId) {
        self.ledger.delete_edition(practice, id);
    }

    /// Stages a private change.
    pub fn write(&mut self, private: Private) {
        self.ledger.write(private);
    }

    /// A local value.
    pub fn local(&self, name: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.ledger.local(name)
    }

    /// Stages the removal of a parcel.
    pub(crate) fn drop_parcel(&mut self, id: &ParcelId) {
        self.ledger.delete_parcel(id);
        self.leave(SetId::Parcels, id.as_bytes());
        self.urgency.remove(id);
        if let Some(lane) = self.laned.remove(id) {
            self.lanes.remove(&lane);
        }
    }

    /// A practice was erased, another edition of it may be shown, or something else
    /// is said about it, without an edition having come.
    pub(crate) fn note_changed(&mut self, practice: DocumentId) {
        self.changed.push(practice);
        let name = [CHANGED, practice.as_bytes()].concat();
        let moment = Bytes::copy_from_slice(&self.now.0.to_be_bytes());
        self.write(Private::local(name, Some(moment)));
    }

    /// When such a change was noted last, by practice: of those that are gone
    /// too, of which nothing but the id is known here any more.
    ///
    /// # Errors
    /// The store's.
    pub fn changes_noted(&self) -> Result<BTreeMap<DocumentId, Timestamp>, StoreError> {
        let mut noted = BTreeMap::new();
        for (name, value) in self.ledger.locals(CHANGED)? {
            let id = name.get(CHANGED.len()..).and_then(|id| <[u8; 32]>::try_from(id).ok());
            let moment = value.first_chunk().map(|moment| i64::from_be_bytes(*moment));
            let (Some(id), Some(moment)) = (id, moment) else {
                return Err(StoreError::Damaged("a note of a practice that changed".into()));
            };
            noted.insert(DocumentId::new(id), Timestamp(moment));
        }
        Ok(noted)
    }

    /// Practices that were erased, or of which another edition may be shown,
    /// since this was last asked.
    pub(crate) fn take_changed(&mut self) -> Vec<DocumentId> {
        std::mem::take(&mut self.changed)
    }

    /// Shared drafts that were judged anew since this was last asked.
    pub(crate) fn take_redrafted(&mut self) -> Vec<DraftId> {
        std::mem::take(&mut self.redrafted)
    }

    /// Makes what is staged durable.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        for recent in self.recent.commit() {
            self.ledger.write(recent);
        }
        self.ledger.commit()
    }
}
