//! The desk: letters that can be opened here, filed by request.
//!
//! Whoever has a reader's key (a node's shell, a simulation) opens a parcel,
//! files its letter ([`Library::file`]), and asks the [`Dossier`] of the
//! request what became of it and what this node has to do by itself
//! ([`Dossier::duties`]). What somebody here says goes into an [`Envelope`]:
//! for whom is decided where the authority set is, and sealing it, which is
//! slow, is done elsewhere. The parcel and what is kept of it are written in
//! one commit, so that nothing is sent that is not kept, nor kept and not sent.
//!
//! A record from a letter is verified before it is filed, and must be about
//! the request that the label names. What fails is not lost: it is kept by
//! name, with its reason, for people to see.
//!
//! | local name | value (CBOR) |
//! |---|---|
//! | `request/` ‖ request | `[received, parcel, record]` |
//! | `event/` ‖ request ‖ event | `[received, parcel, record]` |
//! | `letter/` ‖ request ‖ parcel | `[received, secret]` |
//! | `refused/` ‖ request ‖ digest | `[received, parcel, reason, record]` |
//!
//! A letter can hold an offer of help for a need on the [board](crate::board) too; its
//! label names no request then, but chance.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use minicbor::bytes::{ByteArray, ByteVec};
use tern_crdt::ask::{Ask, Award};
use tern_crdt::authority::Authority;
use tern_crdt::identity::{
    CertificateId, FederationId, OrgId, ParcelId, RecordId, RequestId, SecretKey, digest,
};
use tern_crdt::need::Help;
use tern_crdt::parcel::{
    Address, LETTER_RECORDS_MAX, Letter, LetterRefused, Parcel, Urgency, pack, secret_of,
};
use tern_crdt::request::fold::{Asked, Case, Choice, State, Word, fold, permits};
use tern_crdt::request::{Deed, Request, RequestEvent};
use tern_crdt::sealed::{EncryptionKey, READERS_MAX};
use tern_crdt::signed::{Record, RecordRefused, Verified};
use tern_crdt::timestamp::Timestamp;

use super::{HeldParcel, Rest};
use crate::board::{HeldHelp, Standing};
use crate::gate::Examined;
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::{EVENTS_OF_REQUEST_MAX, HELPS_OF_NEED_MAX};
use crate::store::{Store, StoreError};

const REQUEST: &[u8] = b"request/";
const EVENT: &[u8] = b"event/";
const LETTER: &[u8] = b"letter/";
const REFUSED: &[u8] = b"refused/";
const HELP: &[u8] = b"help/";
/// Parcels are carried for this many beacons.
pub(crate) const LIFE: u32 = 60;

fn name(prefix: &[u8], request: &RequestId, rest: &[u8]) -> Vec<u8> {
    [prefix, request.as_bytes(), rest].concat()
}

/// What is kept of a record from a letter.
#[derive(minicbor::Encode, minicbor::Decode)]
struct Kept {
    #[n(0)]
    received: Timestamp,
    #[n(1)]
    parcel: ParcelId,
    #[n(2)]
    record: ByteVec,
}

/// What is kept of a letter.
#[derive(minicbor::Encode, minicbor::Decode)]
struct KeptLetter {
    #[n(0)]
    received: Timestamp,
    #[n(1)]
    secret: ByteArray<32>,
}

/// Something in a letter that was not filed.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct RefusedRecord {
    /// When it came, by this node's clock.
    #[n(0)]
    pub received: Timestamp,
    /// In which parcel.
    #[n(1)]
    pub parcel: ParcelId,
    /// Why, in words.
    #[n(2)]
    pub reason: String,
    /// The id of the record, if it was one.
    #[n(3)]
    pub record: Option<RecordId>,
}

fn encoded(value: &impl minicbor::Encode<()>) -> Bytes {
    let mut bytes = Vec::new();
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes.into()
}

fn decoded<'b, T: minicbor::Decode<'b, ()>>(value: &'b [u8]) -> Result<T, StoreError> {
    minicbor::decode(value).map_err(|_| StoreError::Damaged("what is kept of a request".into()))
}

/// Where a record is filed under its request: there is one request, and many
/// events.
fn place(request: &RequestId, record: &Record) -> Vec<u8> {
    if record.is::<Request>() {
        name(REQUEST, request, &[])
    } else if let Ok(help) = record.peek::<Help>() {
        [HELP, help.need.as_bytes(), record.id().as_bytes()].concat()
    } else {
        name(EVENT, request, record.id().as_bytes())
    }
}

/// An event with when and how it came.
#[derive(Clone, PartialEq, Debug)]
pub struct HeldEvent {
    /// The event.
    pub event: Verified<RequestEvent>,
    /// When it came, or was made here, by this node's clock.
    pub received: Timestamp,
    /// The parcel in which it came or went.
    pub parcel: ParcelId,
}

/// All that is held here of one request.
#[derive(Clone, PartialEq, Debug)]
pub struct Dossier {
    /// The request.
    pub request: Verified<Request>,
    /// When it came, or was made here, by this node's clock.
    pub received: Timestamp,
    /// The parcel in which it came or went.
    pub parcel: ParcelId,
    /// Its events.
    pub events: BTreeMap<RecordId, HeldEvent>,
    /// The letters that were opened or written here, with their secrets.
    letters: BTreeMap<ParcelId, [u8; 32]>,
    /// What came in letters and was refused.
    pub refused: Vec<RefusedRecord>,
}

/// What a node does by itself.
#[derive(Clone, PartialEq, Debug)]
pub enum Duty {
    /// Say, under the node's certificate, that the request was opened here.
    Receive,
    /// Choose the first who accepted, under the asker's certificate.
    Award(Deed),
    /// End these parcels: nobody needs them any more.
    End(Vec<(ParcelId, [u8; 32])>),
}

/// Who sends a letter, and the chance that seals it.
pub struct Sender<'a> {
    /// The certificate of the node.
    pub node: CertificateId,
    /// The node's key.
    pub key: &'a SecretKey,
    /// Used for nothing else.
    pub chance: [u8; 32],
    /// By this node's clock.
    pub now: Timestamp,
}

/// A letter on its way out: to be written in one commit.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The parcel.
    pub parcel: Examined,
    /// Its id.
    pub id: ParcelId,
    /// What is kept of it.
    pub private: Vec<Private>,
}

/// What filing a letter gives.
#[derive(Clone, Debug, Default)]
pub struct Filed {
    /// To be written. Empty if the letter was filed before.
    pub private: Vec<Private>,
    /// Why some of its records were refused.
    pub refused: Vec<String>,
}

impl<S: Store> Library<S> {
    /// Whether the letter of a parcel was filed.
    pub fn is_filed(&self, label: &Verified<Parcel>) -> Result<bool, StoreError> {
        let id: ParcelId = label.id().cast();
        Ok(self.local(&name(LETTER, &label.body().request, id.as_bytes()))?.is_some())
    }

    /// Verifies the records of a letter and says what to keep of them.
    pub fn file(
        &self,
        parcel: &HeldParcel,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<Filed, StoreError> {
        let mut filed = Filed::default();
        if self.is_filed(&parcel.label)? {
            return Ok(filed);
        }
        let request = parcel.label.body().request;
        let mut refused = self.ledger().locals(&name(REFUSED, &request, &[]))?.len();
        let mut count = self.ledger().locals(&name(EVENT, &request, &[]))?.len();
        for bytes in &letter.records {
            match self.judge(&request, bytes) {
                Ok(record) => {
                    let place = place(&request, &record);
                    if let Some(held) = self.local(&place)? {
                        // What could not be judged when it came makes room for
                        // what its author signed.
                        let held = decoded::<Kept>(&held)?;
                        let held = Record::from_bytes(&held.record).ok();
                        let is_true = |record: &Record| self.is_true(record) == Some(true);
                        if held.as_ref().is_some_and(is_true) || !is_true(&record) {
                            continue;
                        }
                    } else {
                        count += 1;
                    }
                    if let Ok(help) = record.peek::<Help>() {
                        let thread = [HELP, help.need.as_bytes()].concat();
                        if self.ledger().locals(&thread)?.len() >= HELPS_OF_NEED_MAX {
                            filed.refused.push("more offers of help than one need can have".into());
                            continue;
                        }
                    }
                    if count > EVENTS_OF_REQUEST_MAX {
                        filed.refused.push("more events than a request can have".into());
                        break;
                    }
                    let kept = Kept { received: now, parcel: parcel.id(), record: bytes.clone() };
                    filed.private.push(Private::local(place, Some(encoded(&kept))));
                }
                Err(reason) => {
                    filed.refused.push(reason.clone());
                    let hash = digest("tern/refused/v1", &[bytes]);
                    let name = name(REFUSED, &request, &hash);
                    // Of one record the first is kept, and of many not all.
                    if refused >= EVENTS_OF_REQUEST_MAX || self.local(&name)?.is_some() {
                        continue;
                    }
                    refused += 1;
                    let kept = RefusedRecord {
                        received: now,
                        parcel: parcel.id(),
                        reason,
                        record: Record::from_bytes(bytes).ok().map(|record| record.id()),
                    };
                    filed.private.push(Private::local(name, Some(encoded(&kept))));
                }
            }
        }
        filed.private.push(keep_letter(&request, parcel.id(), &letter.secret, now));
        Ok(filed)
    }

    /// Whether the key of the certificate that a record names signed it, alone;
    /// `None` if that certificate is not known here. A record keeps its id
    /// whoever signs it: a copy that somebody else signed, or signed too, must
    /// not stand in the place of the true one.
    fn is_true(&self, record: &Record) -> Option<bool> {
        let granted = self.authority().certificate(&record.author()?)?;
        Some(matches!(record.signatures(), [(key, _)] if *key == granted.certificate.key))
    }

    /// A record from a letter, if it may be filed under a request.
    fn judge(&self, request: &RequestId, bytes: &[u8]) -> Result<Record, String> {
        let words = |refused: RecordRefused| refused.to_string();
        let record = Record::from_bytes(bytes).map_err(words)?;
        let verified = record.verify(self.authority().federation()).map_err(words)?;
        if self.is_true(verified.record()) == Some(false) {
            return Err("it is not signed by whom it names, and by nobody else".into());
        }
        if verified.record().is::<Request>() {
            let read = verified.read::<Request>().map_err(words)?;
            if read.id() != request.cast() {
                return Err("it is another request than the label of its parcel names".into());
            }
            return Ok(read.record().clone());
        }
        if verified.record().is::<RequestEvent>() {
            let read = verified.read::<RequestEvent>().map_err(words)?;
            if read.body().request != *request {
                return Err("it is about another request than the label of its parcel names".into());
            }
            return Ok(read.record().clone());
        }
        if verified.record().is::<Help>() {
            return Ok(verified.read::<Help>().map_err(words)?.record().clone());
        }
        Err(format!("a letter does not hold records of the kind {:?}", verified.record().kind()))
    }

    /// What was offered for a need, whether it counts or not.
    pub(crate) fn held_helps(&self, thread: &RecordId) -> Result<Vec<HeldHelp>, StoreError> {
        let mut helps = Vec::new();
        let prefix = [HELP, thread.as_bytes()].concat();
        for (name, value) in self.ledger().locals(&prefix)? {
            let id = RecordId::from_slice(&name[prefix.len()..])
                .ok_or_else(|| StoreError::Damaged("the name of an offer of help".into()))?;
            let Kept { received, record, .. } = decoded(&value)?;
            let help = Record::from_bytes(&record)
                .and_then(|record| record.held(id))
                .and_then(Verified::read)
                .map_err(|refused| StoreError::Damaged(refused.to_string()))?;
            helps.push(HeldHelp { help, received });
        }
        Ok(helps)
    }

    /// The requests of which something is filed here, ascending by id.
    pub fn requests(&self) -> Result<Vec<RequestId>, StoreError> {
        let names = self.ledger().locals(REQUEST)?;
        Ok(names
            .iter()
            .filter_map(|(name, _)| RequestId::from_slice(&name[REQUEST.len()..]))
            .collect())
    }

    /// Ids of the requests and events filed here that were signed under one of
    /// these certificates.
    ///
    /// # Errors
    /// The store's.
    pub fn said_by(&self, by: &BTreeSet<CertificateId>) -> Result<Vec<RecordId>, StoreError> {
        let mut said = Vec::new();
        for place in [REQUEST, EVENT] {
            for (_, value) in self.ledger().locals(place)? {
                let Kept { record, .. } = decoded(&value)?;
                let record = Record::from_bytes(&record)
                    .map_err(|refused| StoreError::Damaged(refused.to_string()))?;
                if record.author().is_some_and(|author| by.contains(&author)) {
                    said.push(record.id());
                }
            }
        }
        Ok(said)
    }

    /// All that is held of a request; `None` while the request itself is not.
    pub fn dossier(&self, id: &RequestId) -> Result<Option<Dossier>, StoreError> {
        let Some(value) = self.local(&name(REQUEST, id, &[]))? else { return Ok(None) };
        let Kept { received, parcel, record } = decoded(&value)?;
        let damaged = |refused: RecordRefused| StoreError::Damaged(refused.to_string());
        let request = Record::from_bytes(&record)
            .and_then(|record| record.held(id.cast()))
            .and_then(Verified::read)
            .map_err(damaged)?;
        let mut events = BTreeMap::new();
        let prefix = name(EVENT, id, &[]);
        for (name, value) in self.ledger().locals(&prefix)? {
            let event = RecordId::from_slice(&name[prefix.len()..])
                .ok_or_else(|| StoreError::Damaged("the name of an event".into()))?;
            let Kept { received, parcel, record } = decoded(&value)?;
            let read = Record::from_bytes(&record)
                .and_then(|record| record.held(event))
                .and_then(Verified::read)
                .map_err(damaged)?;
            events.insert(event, HeldEvent { event: read, received, parcel });
        }
        let prefix = name(LETTER, id, &[]);
        let mut letters = BTreeMap::new();
        for (name, value) in self.ledger().locals(&prefix)? {
            if let Some(parcel) = ParcelId::from_slice(&name[prefix.len()..]) {
                letters.insert(parcel, *decoded::<KeptLetter>(&value)?.secret);
            }
        }
        let refused = self.ledger().locals(&name(REFUSED, id, &[]))?;
        let refused = refused.iter().map(|(_, value)| decoded(value)).collect::<Result<_, _>>()?;
        Ok(Some(Dossier { request, received, parcel, events, letters, refused }))
    }
}

fn keep_letter(
    request: &RequestId,
    parcel: ParcelId,
    secret: &[u8; 32],
    received: Timestamp,
) -> Private {
    let kept = KeptLetter { received, secret: (*secret).into() };
    Private::local(name(LETTER, request, parcel.as_bytes()), Some(encoded(&kept)))
}

/// The keys that read what is meant for a person: theirs, while their
/// certificate acts, and their organisation's desk.
fn readers_of(
    authority: &Authority,
    person: &CertificateId,
) -> (Option<EncryptionKey>, Option<EncryptionKey>) {
    let Some(granted) = authority.certificate(person) else { return (None, None) };
    let desk = authority.organisation(&granted.org).map(|org| org.desk);
    let acts = authority.acts(*person, granted.certificate.key).is_ok();
    (granted.certificate.encryption.filter(|_| acts), desk)
}

/// The keys that read what is meant for both sides, for others, and for desks. Of too
/// many those of people other than the sides are left out, the last first: their desks
/// read for them.
fn readers<'a>(
    authority: &Authority,
    sides: impl IntoIterator<Item = &'a CertificateId>,
    people: impl IntoIterator<Item = &'a CertificateId>,
    desks: impl IntoIterator<Item = &'a OrgId>,
) -> Vec<EncryptionKey> {
    let of = |person| readers_of(authority, person);
    let (own, of_people): (Vec<_>, Vec<_>) = people.into_iter().map(of).unzip();
    let desks = desks.into_iter().map(|org| Some(authority.organisation(org)?.desk));
    let sides = sides.into_iter().map(of).flat_map(|(own, desk)| [own, desk]);
    as_many_as_fit(sides.chain(of_people).chain(desks).chain(own).flatten())
}

/// The first of these keys, each once, ascending: as many as read one letter.
fn as_many_as_fit(all: impl Iterator<Item = EncryptionKey>) -> Vec<EncryptionKey> {
    let mut keys: Vec<EncryptionKey> = Vec::new();
    for key in all {
        if keys.len() < READERS_MAX && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.sort_unstable();
    keys
}

fn urgency(request: &Request) -> Urgency {
    match Ask::from_tree(&request.ask).urgency {
        tern_crdt::ask::Urgency::Urgent => Urgency::Urgent,
        _ => Urgency::Routine,
    }
}

/// What goes into a letter beside its last record, and for whom.
#[derive(Clone, Debug)]
pub struct Envelope {
    request: RequestId,
    urgency: Urgency,
    /// The beacon after which nobody carries it.
    expires: u32,
    /// What its readers have to know first.
    before: Vec<Record>,
    readers: Vec<EncryptionKey>,
}

/// The last beacon of a parcel that is made now.
fn expires(authority: &Authority) -> u32 {
    authority.beacon().saturating_add(LIFE)
}

impl Envelope {
    /// For a request: to the experts it names, the desks of their
    /// organisations, and back to the asker's own.
    pub fn of_request(authority: &Authority, id: RequestId, request: &Request) -> Self {
        let readers = readers(authority, [&request.by], &request.to, []);
        let (urgency, expires) = (urgency(request), expires(authority));
        Self { request: id, urgency, expires, before: Vec::new(), readers }
    }

    /// For an offer of help: to whoever began the thread of a need, and the desks of both
    /// sides. Its label names neither: `chance` stands where that of a request has its id.
    pub fn of_help(
        authority: &Authority,
        need: &Standing,
        by: &CertificateId,
        chance: [u8; 32],
    ) -> Self {
        let readers = readers(authority, [&need.first_by, by], [], []);
        let request = RequestId::new(chance);
        let (urgency, expires) = (Urgency::Routine, expires(authority));
        Self { request, urgency, expires, before: Vec::new(), readers }
    }

    /// Seals it with the record that was signed for it.
    ///
    /// # Errors
    /// Nobody to encrypt to, or too long for a parcel.
    pub fn seal(
        &self,
        federation: FederationId,
        record: &Record,
        sender: &Sender<'_>,
    ) -> Result<Outgoing, LetterRefused> {
        let Self { request, urgency, expires, before, readers } = self;
        let (by, request, urgency) = (sender.node, *request, *urgency);
        let address = Address { by, request, urgency, expires: *expires };
        let records: Vec<&Record> = before.iter().chain([record]).collect();
        let (label, sealed) =
            pack(federation, address, &records, readers, sender.key, &sender.chance)?;
        let own = |_| LetterRefused::Malformed("its own label");
        let label = label.verify(federation).map_err(own)?;
        let parcel = HeldParcel::examine(label, Rest::Sealed(sealed))
            .map_err(|_| LetterRefused::Malformed("its own label"))?;
        let id = parcel.id();
        let kept = Kept { received: sender.now, parcel: id, record: record.to_bytes().into() };
        let private = vec![
            keep_letter(&request, id, &secret_of(&sender.chance), sender.now),
            Private::local(place(&request, record), Some(encoded(&kept))),
        ];
        Ok(Outgoing { parcel: Examined::Parcel(Box::new(parcel)), id, private })
    }
}

impl Dossier {
    /// The request's id.
    pub const fn id(&self) -> RequestId {
        self.request.id().cast()
    }

    /// What became of it, as far as is held here.
    pub fn case(&self, authority: &Authority) -> Case {
        fold(authority, &self.request, self.events.values().map(|held| &held.event))
    }

    /// The parcels that were opened or written here.
    pub fn parcels(&self) -> impl Iterator<Item = &ParcelId> {
        self.letters.keys()
    }

    /// Those for whom a deed is meant, beside the asker and whoever does it.
    fn audience(&self, case: &Case, deed: &Deed) -> Vec<CertificateId> {
        match deed {
            Deed::Received
            | Deed::Accept { .. }
            | Deed::Decline { .. }
            | Deed::Answer { .. }
            | Deed::Ask { .. }
            | Deed::Progress { .. }
            | Deed::Refer { .. }
            | Deed::Escalate { .. } => Vec::new(),
            Deed::Offer { to } => to.clone(),
            Deed::Reply { ask, .. } => {
                let asked = case.talk.questions.iter().filter(|question| question.id == *ask);
                asked.map(|question| question.by).collect()
            }
            Deed::Confirm { .. } | Deed::Dispute { .. } | Deed::FollowUp { .. } => {
                case.holder.into_iter().collect()
            }
            Deed::Award { .. } | Deed::Close { .. } | Deed::Withdraw { .. } => {
                case.asked.iter().map(|asked| asked.expert).collect()
            }
        }
    }

    /// Organisations whose desks read a deed, though nobody of theirs is asked.
    fn desks<'a>(case: &'a Case, deed: &'a Deed) -> Vec<&'a OrgId> {
        match deed {
            Deed::Escalate { desks, .. } => desks.iter().collect(),
            Deed::Close { .. } | Deed::Withdraw { .. } => case.talk.desks.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// An award and those that it replaces, the first one first, as many as go
    /// into a letter with others: it counts where they are held.
    fn awards(&self, last: Option<RecordId>) -> Vec<&Record> {
        let mut awards = Vec::new();
        let mut next = last;
        while let Some(held) = next.and_then(|id| self.events.get(&id))
            && let Deed::Award { previous, .. } = &held.event.body().deed
            && awards.len() < LETTER_RECORDS_MAX - 2
        {
            awards.push(held.event.record());
            next = *previous;
        }
        awards.reverse();
        awards
    }

    /// What somebody says now, to be signed, and the envelope in which it goes.
    pub fn says(
        &self,
        authority: &Authority,
        by: CertificateId,
        deed: Deed,
        claimed_at: Timestamp,
    ) -> (RequestEvent, Envelope) {
        let case = self.case(authority);
        let audience = self.audience(&case, &deed);
        let sides = [&self.request.body().by, &by];
        let desks = Self::desks(&case, &deed);
        let readers = readers(authority, sides, &audience, desks);
        let before: Vec<&Record> = match &deed {
            // Whoever is asked now learns what was decided already.
            Deed::Offer { .. } => {
                let awards = self.awards(case.award);
                std::iter::once(self.request.record()).chain(awards).collect()
            }
            Deed::Award { previous, .. } => self.awards(*previous),
            Deed::Escalate { desks, .. } if !desks.is_empty() => vec![self.request.record()],
            _ => Vec::new(),
        };
        let envelope = Envelope {
            expires: expires(authority),
            request: self.id(),
            urgency: urgency(self.request.body()),
            before: before.into_iter().cloned().collect(),
            readers,
        };
        let event = RequestEvent { by, request: self.id(), after: case.tips, deed, claimed_at };
        (event, envelope)
    }

    /// What this node does by itself now. `signs` says for which people it can
    /// sign without asking them.
    pub fn duties(
        &self,
        authority: &Authority,
        org: &OrgId,
        signs: impl Fn(&CertificateId) -> bool,
    ) -> Vec<Duty> {
        if permits(authority, &self.request).is_err() {
            return Vec::new();
        }
        let case = self.case(authority);
        let org_of = |person: &CertificateId| authority.certificate(person).map(|g| g.org);
        let asker = self.request.body().by;
        let mut duties = Vec::new();
        let unheard =
            |asked: &Asked| asked.word == Word::None && org_of(&asked.expert) == Some(*org);
        if !case.state.is_over() && case.asked.iter().any(unheard) {
            duties.push(Duty::Receive);
        }
        if case.state == State::Accepted
            && Ask::from_tree(&self.request.body().ask).award == Award::Auto
            && signs(&asker)
            && let Some(deed) = self.award(&case)
        {
            duties.push(Duty::Award(deed));
        }
        if case.state.is_over() && org_of(&asker) == Some(*org) {
            let last = |parcel: &ParcelId| {
                self.events.values().any(|held| {
                    let over = matches!(
                        held.event.body().deed,
                        Deed::Close { .. } | Deed::Withdraw { .. } | Deed::FollowUp { .. }
                    );
                    over && held.parcel == *parcel
                })
            };
            let ends: Vec<_> = self
                .letters
                .iter()
                .filter(|(parcel, _)| !last(parcel))
                .map(|(parcel, secret)| (*parcel, *secret))
                .collect();
            if !ends.is_empty() {
                duties.push(Duty::End(ends));
            }
        }
        duties
    }

    /// The award of the one who accepted first, as it came here.
    pub fn award(&self, case: &Case) -> Option<Deed> {
        let first = case
            .asked
            .iter()
            .filter(|asked| asked.choice != Choice::Chosen)
            .filter_map(|asked| match asked.word {
                Word::Accepted(accept) => Some((self.events.get(&accept)?.received, accept, asked)),
                _ => None,
            })
            .min_by_key(|(received, accept, _)| (*received, *accept))?;
        Some(self.award_to(case, first.2.expert, first.1))
    }

    /// The award of one who accepted.
    pub fn award_to(&self, case: &Case, expert: CertificateId, accept: RecordId) -> Deed {
        let before = case.award.and_then(|award| self.events.get(&award));
        let round = match before.map(|held| &held.event.body().deed) {
            Some(Deed::Award { round, .. }) => round.saturating_add(1),
            _ => 1,
        };
        Deed::Award { round, accept, expert, previous: case.award }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_readers_those_named_first_are_kept_and_none_twice() {
        let key = |number: u8| [number; 32];
        let keys = as_many_as_fit((0..100).rev().chain([99, 98]).map(key));
        assert_eq!(keys.len(), READERS_MAX);
        assert_eq!((keys[0], keys[READERS_MAX - 1]), (key(100 - READERS_MAX as u8), key(99)));
        assert_eq!(as_many_as_fit([3, 1, 3].into_iter().map(key)), [key(1), key(3)]);
    }
}
