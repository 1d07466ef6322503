//! Typed records over the three operations of a [`Store`].
//!
//! Key layouts and versions of stored values live here and nowhere else. Every
//! key begins with the replication class of what it holds (A–D), every value
//! with a version byte. Changes are staged and become durable together in
//! [`Ledger::commit`]; reads see what is staged.
//!
//! | space | key | value after the version byte |
//! |---|---|---|
//! | `Authority`, `Record` | `A` ‖ record id | the record |
//! | `Record` | `C` ‖ parcel id | `[ended, label, sealed bytes or secret]` |
//! | `Document` | `A` ‖ practice id | state (32) ‖ [`PracticeEntry`] |
//! | `Edition` | `A` ‖ practice id ‖ edition id | `[statement, change]` |
//! | `Draft` | `B` ‖ draft id ‖ part | the node's own layout |
//! | `Local` | `D` ‖ name | the node's own layout; `changed/` ‖ practice id: 8 bytes ([`changes_noted`](crate::library::Library::changes_noted)) |
//! | `Meta` | `layout` | [`LAYOUT`], 4 bytes, little-endian, and nothing else |
//! | `Meta` | `shred` | empty: what was erased is still in old bytes of the store |

use std::collections::BTreeMap;

use bytes::Bytes;
use minicbor::bytes::ByteSlice;
use tern_crdt::chunk::{self, ChangeMeta, Past};
use tern_crdt::edition::Edition;
use tern_crdt::identity::{CertificateId, DocumentId, EditionId, ParcelId, RecordId};
use tern_crdt::signed::{Record, Verified};
use tern_crdt::timestamp::Timestamp;

use crate::meeting::set::{ObjectId, State, practice_state};
use crate::routing::{HeldParcel, Rest};
use crate::store::{Batch, SCAN_ENTRIES_MAX, Space, Store, StoreError};

/// The version byte of every value written by this code.
const VERSION: u8 = 1;

/// The layout of everything a ledger and what is above it store, as this
/// version writes it. It grows when a version that does not know the change
/// would misread something; the store of an earlier one is then converted.
pub const LAYOUT: u32 = 1;
/// Where the layout stands.
const LAYOUT_KEY: &[u8] = b"layout";
/// Where it stands that something was erased.
const SHRED_KEY: &[u8] = b"shred";

/// What is kept of an edition to judge what builds on it.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct EditionEntry {
    /// The edition.
    #[n(0)]
    pub id: EditionId,
    /// Its number.
    #[n(1)]
    pub number: u32,
    /// Its change.
    #[n(2)]
    pub change: ChangeMeta,
    /// When it arrived here, by this node's clock. No part of any state.
    #[n(3)]
    pub received: Timestamp,
}

/// What is kept of a practice to judge and compare it without loading it.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct PracticeEntry {
    /// The certificate that founded it.
    #[n(0)]
    pub founder: CertificateId,
    /// Its editions, each after those it follows.
    #[n(1)]
    pub editions: Vec<EditionEntry>,
    /// Editions that are kept and in no set.
    #[n(2)]
    pub aside: Option<Vec<EditionEntry>>,
}

impl PracticeEntry {
    /// A practice of which nothing is held yet.
    pub const fn new(founder: CertificateId) -> Self {
        Self { founder, editions: Vec::new(), aside: None }
    }

    /// The edition with this id, in the set or aside.
    pub fn edition(&self, id: &EditionId) -> Option<&EditionEntry> {
        self.all().find(|edition| edition.id == *id)
    }

    /// All editions that are kept, those aside too.
    pub fn all(&self) -> impl Iterator<Item = &EditionEntry> {
        self.editions.iter().chain(self.aside.iter().flatten())
    }

    /// The changes that are held.
    pub fn past(&self) -> Past {
        Past::from_metas(self.editions.iter().map(|edition| edition.change.clone()).collect())
    }

    /// The state of the practice as an element of the public set; zeros for a
    /// practice that is not in it.
    pub fn state(&self) -> State {
        if self.editions.is_empty() {
            return State::default();
        }
        let heads = self.past().heads();
        let editions: Vec<_> = self.editions.iter().map(|e| *e.id.as_bytes()).collect();
        practice_state(&heads, &editions)
    }

    /// The states of the practice with its first editions alone, in the order
    /// of their numbers: the latest first, at most so many, each with those
    /// editions.
    pub fn earlier_states(&self, most: usize) -> Vec<(State, Vec<EditionId>)> {
        let mut editions = self.editions.clone();
        editions.sort_by_key(|edition| (edition.number, edition.id));
        let earlier = (1..editions.len()).rev().take(most);
        earlier
            .map(|number| {
                let first =
                    Self { editions: editions[..number].to_vec(), ..Self::new(self.founder) };
                let ids = first.editions.iter().map(|edition| edition.id).collect();
                (first.state(), ids)
            })
            .collect()
    }
}

/// An edition as it is held: verified before it was stored, re-hashed when
/// read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldEdition {
    /// The signed statement.
    pub statement: Verified<Edition>,
    /// The raw change chunk.
    pub change: Bytes,
}

/// A store with typed reads, and writes that wait for their commit.
#[derive(Debug)]
pub struct Ledger<S> {
    store: S,
    batch: Batch,
    staged: BTreeMap<(Space, Bytes), Option<Bytes>>,
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

fn key(class: u8, parts: &[&[u8]]) -> Bytes {
    std::iter::once(&[class][..]).chain(parts.iter().copied()).collect::<Vec<_>>().concat().into()
}

fn versioned(body: &[u8]) -> Bytes {
    [&[VERSION], body].concat().into()
}

fn unversioned(value: &Bytes) -> Result<&[u8], StoreError> {
    match value.split_first() {
        Some((&VERSION, body)) => Ok(body),
        Some((version, _)) => Err(damaged(&format!(
            "a value has layout version {version}; this program knows {VERSION}: a newer one wrote it"
        ))),
        None => Err(damaged("an empty value")),
    }
}

impl<S: Store> Ledger<S> {
    /// A ledger over a store.
    pub const fn new(store: S) -> Self {
        Self { store, batch: Batch(Vec::new()), staged: BTreeMap::new() }
    }

    /// Makes sure that this version knows the layout of the store, before
    /// anything else is read, and stages its number where none stands yet.
    pub(crate) fn check_layout(&mut self) -> Result<(), StoreError> {
        let Some(value) = self.store.get(Space::Meta, LAYOUT_KEY)? else {
            let number = Bytes::copy_from_slice(&LAYOUT.to_le_bytes());
            self.put(Space::Meta, Bytes::from_static(LAYOUT_KEY), number);
            return Ok(());
        };
        let layout = value.first_chunk().map(|number| u32::from_le_bytes(*number));
        match layout {
            Some(layout) if layout > LAYOUT => Err(StoreError::Newer { layout, known: LAYOUT }),
            Some(_) => Ok(()),
            None => Err(damaged("the number of the store's layout")),
        }
    }

    /// Stages the note that what was deleted has to leave the disk, not only
    /// the store: it was erased, or its time is over.
    pub fn note_shred(&mut self) {
        self.put(Space::Meta, Bytes::from_static(SHRED_KEY), Bytes::new());
    }

    /// Whether that note stands.
    pub fn is_shred_due(&self) -> Result<bool, StoreError> {
        Ok(self.get(Space::Meta, &Bytes::from_static(SHRED_KEY))?.is_some())
    }

    /// Has the store rid itself of old bytes while nothing is staged, and takes
    /// the note away. The inner error is `rid`'s: then the note stays.
    pub fn shred(
        &mut self,
        rid: impl FnOnce(&mut S) -> Result<(), StoreError>,
    ) -> Result<Result<(), StoreError>, StoreError> {
        if let Err(refused) = rid(&mut self.store) {
            return Ok(Err(refused));
        }
        self.delete(Space::Meta, Bytes::from_static(SHRED_KEY));
        self.commit().map(Ok)
    }

    /// The store itself, for its figures and for closing it.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Gives the store back; what is staged is dropped.
    pub fn into_store(self) -> S {
        self.store
    }

    /// Makes everything staged durable, in one batch.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.staged.clear();
        self.store.commit(std::mem::take(&mut self.batch))
    }

    fn get(&self, space: Space, key: &Bytes) -> Result<Option<Bytes>, StoreError> {
        match self.staged.get(&(space, key.clone())) {
            Some(staged) => Ok(staged.clone()),
            None => self.store.get(space, key),
        }
    }

    fn put(&mut self, space: Space, key: Bytes, value: Bytes) {
        self.staged.insert((space, key.clone()), Some(value.clone()));
        self.batch.put(space, key, value);
    }

    pub(crate) fn delete(&mut self, space: Space, key: Bytes) {
        self.staged.insert((space, key.clone()), None);
        self.batch.delete(space, key);
    }

    /// Every committed entry under a prefix, in pages, ascending.
    pub(crate) fn each(
        &self,
        space: Space,
        prefix: &[u8],
        mut visit: impl FnMut(&Bytes, &Bytes) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut after: Option<Bytes> = None;
        loop {
            let page = self.store.scan(space, prefix, after.as_deref(), SCAN_ENTRIES_MAX)?;
            for (key, value) in &page.entries {
                visit(key, value)?;
            }
            match page.entries.last() {
                Some((last, _)) if page.more => after = Some(last.clone()),
                _ => return Ok(()),
            }
        }
    }

    /// The ids of public records or of practices after one, ascending, at most
    /// `limit`, and whether there are more.
    pub(crate) fn ids_after(
        &self,
        space: Space,
        after: Option<&ObjectId>,
        limit: usize,
    ) -> Result<(Vec<ObjectId>, bool), StoreError> {
        let after = after.map(|id| key(b'A', &[id]));
        let page = self.store.scan(space, b"A", after.as_deref(), limit.min(SCAN_ENTRIES_MAX))?;
        let id = |(key, _): &(Bytes, Bytes)| {
            key[1..].try_into().map_err(|_| damaged("the key of an object"))
        };
        Ok((page.entries.iter().map(id).collect::<Result<_, _>>()?, page.more))
    }

    /// Stages a parcel.
    pub fn put_parcel(&mut self, parcel: &HeldParcel) {
        let label = parcel.label.record().to_bytes();
        let (ended, rest): (bool, &[u8]) = match &parcel.rest {
            Rest::Sealed(sealed) => (false, sealed),
            Rest::Ended(secret) => (true, secret),
        };
        let mut value = vec![VERSION];
        let parts: (bool, &ByteSlice, &ByteSlice) = (ended, label[..].into(), rest.into());
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(parts, &mut value);
        self.put(Space::Record, key(b'C', &[parcel.id().as_bytes()]), value.into());
    }

    fn read_parcel(id: ParcelId, value: &Bytes) -> Result<HeldParcel, StoreError> {
        let parts: (bool, &ByteSlice, &ByteSlice) =
            minicbor::decode(unversioned(value)?).map_err(|_| damaged("a stored parcel"))?;
        let label = Record::from_bytes(parts.1)
            .and_then(|record| record.held(id.cast()))
            .map_err(|error| damaged(&error.to_string()))?;
        let rest = if parts.0 {
            let secret: &[u8] = parts.2;
            Rest::Ended(secret.try_into().map_err(|_| damaged("a stored parcel"))?)
        } else {
            Rest::Sealed(parts.2.to_vec())
        };
        HeldParcel::examine(label, rest).map_err(|error| damaged(&error.to_string()))
    }

    /// A parcel.
    pub fn parcel(&self, id: &ParcelId) -> Result<Option<HeldParcel>, StoreError> {
        let value = self.get(Space::Record, &key(b'C', &[id.as_bytes()]))?;
        value.map(|value| Self::read_parcel(*id, &value)).transpose()
    }

    /// Stages the removal of a parcel.
    pub fn delete_parcel(&mut self, id: &ParcelId) {
        self.delete(Space::Record, key(b'C', &[id.as_bytes()]));
    }

    /// Visits every committed parcel.
    pub fn each_parcel(&self, mut visit: impl FnMut(HeldParcel)) -> Result<(), StoreError> {
        self.each(Space::Record, b"C", |key, value| {
            let id = ParcelId::from_slice(&key[1..]).ok_or_else(|| damaged("a parcel's key"))?;
            visit(Self::read_parcel(id, value)?);
            Ok(())
        })
    }

    /// All records of the authority set or of the public set.
    pub fn records(&self, space: Space) -> Result<Vec<Verified>, StoreError> {
        let mut records = Vec::new();
        self.each(space, b"A", |key, value| {
            let id = RecordId::from_slice(&key[1..]).ok_or_else(|| damaged("a record's key"))?;
            let record = Record::from_bytes(unversioned(value)?).and_then(|record| record.held(id));
            records.push(record.map_err(|error| damaged(&error.to_string()))?);
            Ok(())
        })?;
        Ok(records)
    }

    /// One record.
    pub fn record(&self, space: Space, id: &RecordId) -> Result<Option<Verified>, StoreError> {
        let Some(value) = self.get(space, &key(b'A', &[id.as_bytes()]))? else { return Ok(None) };
        let record = Record::from_bytes(unversioned(&value)?).and_then(|r| r.held(*id));
        record.map(Some).map_err(|error| damaged(&error.to_string()))
    }

    /// Stages a record.
    pub fn put_record(&mut self, space: Space, record: &Verified) {
        let key = key(b'A', &[record.id().as_bytes()]);
        self.put(space, key, versioned(&record.record().to_bytes()));
    }

    /// Stages the removal of a record.
    pub fn delete_record(&mut self, space: Space, id: &RecordId) {
        self.delete(space, key(b'A', &[id.as_bytes()]));
    }

    /// Every practice with its state; zeros for one that is in no set.
    pub fn practice_states(&self) -> Result<Vec<(ObjectId, State)>, StoreError> {
        let mut states = Vec::new();
        self.each(Space::Document, b"A", |key, value| {
            let id =
                DocumentId::from_slice(&key[1..]).ok_or_else(|| damaged("a practice's key"))?;
            let state = unversioned(value)?.first_chunk::<32>();
            states.push((*id.as_bytes(), *state.ok_or_else(|| damaged("a practice's entry"))?));
            Ok(())
        })?;
        Ok(states)
    }

    /// What is kept of a practice that is in the public set.
    pub fn practice(&self, id: &DocumentId) -> Result<Option<PracticeEntry>, StoreError> {
        Ok(self.practice_with_aside(id)?.filter(|entry| !entry.editions.is_empty()))
    }

    /// What is kept of a practice, in the set or aside.
    pub fn practice_with_aside(
        &self,
        id: &DocumentId,
    ) -> Result<Option<PracticeEntry>, StoreError> {
        let value = self.get(Space::Document, &key(b'A', &[id.as_bytes()]))?;
        let Some(value) = value else { return Ok(None) };
        let body = unversioned(&value)?.get(32..).ok_or_else(|| damaged("a practice's entry"))?;
        minicbor::decode(body).map(Some).map_err(|_| damaged("a practice's entry"))
    }

    /// Stages what is kept of a practice; returns its new state.
    pub fn put_practice(&mut self, practice: &DocumentId, entry: &PracticeEntry) -> State {
        let state = entry.state();
        let mut value = vec![VERSION];
        value.extend_from_slice(&state);
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(entry, &mut value);
        self.put(Space::Document, key(b'A', &[practice.as_bytes()]), value.into());
        state
    }

    /// Stages an edition with its change.
    pub fn put_edition(
        &mut self,
        practice: &DocumentId,
        statement: &Verified<Edition>,
        change: &[u8],
    ) {
        let record = statement.record().to_bytes();
        let mut value = vec![VERSION];
        let parts: [&ByteSlice; 2] = [(&record[..]).into(), change.into()];
        let _ = minicbor::encode(parts, &mut value);
        let key = key(b'A', &[practice.as_bytes(), statement.id().as_bytes()]);
        self.put(Space::Edition, key, value.into());
    }

    /// An edition with its change.
    pub fn edition(
        &self,
        practice: &DocumentId,
        id: &EditionId,
    ) -> Result<Option<HeldEdition>, StoreError> {
        let key = key(b'A', &[practice.as_bytes(), id.as_bytes()]);
        let Some(value) = self.get(Space::Edition, &key)? else { return Ok(None) };
        let parts: [&ByteSlice; 2] =
            minicbor::decode(unversioned(&value)?).map_err(|_| damaged("a stored edition"))?;
        let statement = Record::from_bytes(parts[0])
            .and_then(|record| record.held(id.cast()))
            .and_then(Verified::read::<Edition>)
            .map_err(|error| damaged(&error.to_string()))?;
        if chunk::hash_of(parts[1]) != Some(statement.body().change) {
            return Err(damaged(&format!("the change of edition {id}")));
        }
        Ok(Some(HeldEdition { statement, change: Bytes::copy_from_slice(parts[1]) }))
    }

    /// Stages the removal of one edition.
    pub fn delete_edition(&mut self, practice: &DocumentId, id: &EditionId) {
        self.delete(Space::Edition, key(b'A', &[practice.as_bytes(), id.as_bytes()]));
    }

    /// Stages the removal of a practice with all its editions.
    pub fn delete_practice(&mut self, id: &DocumentId, entry: &PracticeEntry) {
        for edition in entry.all() {
            self.delete_edition(id, &edition.id);
        }
        self.delete(Space::Document, key(b'A', &[id.as_bytes()]));
    }

    /// A value of class B: part of a draft.
    pub fn draft(&self, name: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.get(Space::Draft, &key(b'B', &[name]))
    }

    /// The parts of drafts whose name begins with `prefix`.
    pub fn drafts(&self, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        self.named(Space::Draft, b'B', prefix)
    }

    /// A value that only this node knows.
    pub fn local(&self, name: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.get(Space::Local, &key(b'D', &[name]))
    }

    /// The local values whose name begins with `prefix`.
    pub fn locals(&self, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        self.named(Space::Local, b'D', prefix)
    }

    fn named(
        &self,
        space: Space,
        class: u8,
        prefix: &[u8],
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let (mut found, prefix) = (BTreeMap::new(), key(class, &[prefix]));
        self.each(space, &prefix, |key, value| {
            found.insert(key.slice(1..), value.clone());
            Ok(())
        })?;
        let staged = self.staged.range((space, prefix.clone())..);
        for ((_, key), value) in
            staged.take_while(|((of, key), _)| *of == space && key.starts_with(&prefix))
        {
            match value {
                Some(value) => found.insert(key.slice(1..), value.clone()),
                None => found.remove(&key[1..]),
            };
        }
        Ok(found.into_iter().collect())
    }

    /// Stages a private change: a draft's part or a local value.
    pub fn write(&mut self, private: Private) {
        let (space, key) = private.place();
        match private.value {
            Some(value) => self.put(space, key, value),
            None => self.delete(space, key),
        }
    }
}

/// Where a private value stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrivateSpace {
    /// Class B.
    Draft,
    /// Class D.
    Local,
}

/// One change of what is never in a set: it is committed together with what
/// it belongs to. The layout of the value is its writer's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Private {
    /// Class B or D.
    pub space: PrivateSpace,
    /// Its name within the class, at most 255 bytes.
    pub name: Bytes,
    /// The new value, or `None` to remove it.
    pub value: Option<Bytes>,
}

impl Private {
    /// A local value.
    pub fn local(name: impl Into<Bytes>, value: Option<Bytes>) -> Self {
        Self { space: PrivateSpace::Local, name: name.into(), value }
    }

    /// The same as a batch for a store that no ledger is over.
    pub fn into_batch(self) -> Batch {
        let (space, key) = self.place();
        let mut batch = Batch::default();
        match self.value {
            Some(value) => batch.put(space, key, value),
            None => batch.delete(space, key),
        }
        batch
    }

    fn place(&self) -> (Space, Bytes) {
        let (space, class) = match self.space {
            PrivateSpace::Draft => (Space::Draft, b'B'),
            PrivateSpace::Local => (Space::Local, b'D'),
        };
        (space, key(class, &[&self.name]))
    }

    /// A part of a draft.
    pub fn draft(name: impl Into<Bytes>, value: Option<Bytes>) -> Self {
        Self { space: PrivateSpace::Draft, name: name.into(), value }
    }
}
