//! Custody: who holds a parcel, since when, from whom.
//!
//! A node that comes to hold a parcel signs a [`Custody`] (its shell does, at
//! [`Event::Parcel`](crate::step::Event::Parcel)), and that record goes to the
//! *giver*, the node from which the parcel came; the giver passes it on to its
//! own giver, and so it comes to the sender. It is told once: the giver says
//! that it took it, and until then it is told again on every new link.
//!
//! | local name | value |
//! |---|---|
//! | `giver/` ‖ parcel | the giver's node key, 32 bytes |
//! | `custody/` ‖ parcel ‖ certificate | 1 if the giver took it, else 0 ‖ the record |
//!
//! Of one node's words about one parcel the first is kept.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use tern_crdt::identity::{CertificateId, ParcelId, PublicKey};
use tern_crdt::parcel::Custody;
use tern_crdt::signed::{Record, Verified};

use crate::gate::GateRefused;
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::CUSTODIES_MAX;
use crate::step::Change;
use crate::store::{Store, StoreError};

const GIVER: &[u8] = b"giver/";
const CUSTODY: &[u8] = b"custody/";

/// One node's word about one parcel.
pub type Word = (ParcelId, CertificateId);

/// Words that their givers have not taken, by giver: what memory keeps.
pub(crate) type Untold = BTreeMap<PublicKey, BTreeSet<Word>>;

fn giver_name(parcel: &ParcelId) -> Vec<u8> {
    [GIVER, parcel.as_bytes()].concat()
}

fn custodies_of(parcel: &ParcelId) -> Vec<u8> {
    [CUSTODY, parcel.as_bytes()].concat()
}

fn custody_name((parcel, by): &Word) -> Vec<u8> {
    [CUSTODY, parcel.as_bytes(), by.as_bytes()].concat()
}

fn value(taken: bool, record: &Record) -> Bytes {
    [&[u8::from(taken)][..], &record.to_bytes()].concat().into()
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

/// The record of a stored value, and whether its giver took it.
fn record(value: &[u8]) -> Result<(bool, Record), StoreError> {
    let (taken, bytes) = value.split_first().ok_or_else(|| damaged("a custody"))?;
    let record = Record::from_bytes(bytes).map_err(|_| damaged("a custody"))?;
    Ok((*taken == 1, record))
}

impl<S: Store> Library<S> {
    /// Reads what was not told yet.
    pub(crate) fn load_untold(&self) -> Result<Untold, StoreError> {
        let mut untold = Untold::new();
        for (name, value) in self.ledger().locals(CUSTODY)? {
            let (ids, _) = name[CUSTODY.len()..].as_chunks::<32>();
            let [parcel, by] = ids else { return Err(damaged("the name of a custody")) };
            let word = (ParcelId::new(*parcel), CertificateId::new(*by));
            if !record(&value)?.0
                && let Some(giver) = self.giver(&word.0)?
            {
                untold.entry(giver).or_default().insert(word);
            }
        }
        Ok(untold)
    }

    /// The node from which a parcel came; `None` if it was made here.
    pub fn giver(&self, parcel: &ParcelId) -> Result<Option<PublicKey>, StoreError> {
        let Some(key) = self.local(&giver_name(parcel))? else { return Ok(None) };
        let key: [u8; 32] = key[..].try_into().map_err(|_| damaged("the giver of a parcel"))?;
        Ok(Some(PublicKey::new(key)))
    }

    /// A peer gave a parcel that is new here.
    pub(crate) fn note_giver(&mut self, parcel: &ParcelId, giver: &PublicKey) {
        let key = Bytes::copy_from_slice(giver.as_bytes());
        self.write(Private::local(giver_name(parcel), Some(key)));
    }

    pub(crate) fn put_custody(
        &mut self,
        custody: &Verified<Custody>,
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let word: Word = (custody.body().parcel, custody.body().by);
        let name = custody_name(&word);
        if self.local(&name)?.is_some() {
            return Ok(Ok(Change::Known));
        }
        if self.ledger().locals(&custodies_of(&word.0))?.len() >= CUSTODIES_MAX {
            return Ok(Err(GateRefused::Crowded));
        }
        if let Some(giver) = self.giver(&word.0)? {
            self.untold.entry(giver).or_default().insert(word);
        }
        self.write(Private::local(name, Some(value(false, custody.record()))));
        Ok(Ok(Change::Custody(word.0)))
    }

    /// The words about a parcel that are committed, ascending by certificate.
    pub fn custodies(&self, parcel: &ParcelId) -> Result<Vec<Custody>, StoreError> {
        let stored = self.ledger().locals(&custodies_of(parcel))?;
        let read = |(_, value): &(Bytes, Bytes)| {
            record(value)?.1.peek::<Custody>().map_err(|_| damaged("a custody"))
        };
        stored.iter().map(read).collect()
    }

    /// What a giver has not taken yet, with the records, at most `max`.
    pub(crate) fn untold_to(
        &self,
        giver: &PublicKey,
        max: usize,
    ) -> Result<Vec<(Word, Record)>, StoreError> {
        let words = self.untold.get(giver).into_iter().flatten().take(max);
        let read = |word: &Word| {
            let value = self.local(&custody_name(word))?.ok_or_else(|| damaged("a custody"))?;
            Ok((*word, record(&value)?.1))
        };
        words.map(read).collect()
    }

    /// The giver holds these words durably.
    pub(crate) fn mark_told(
        &mut self,
        giver: &PublicKey,
        words: &[Word],
    ) -> Result<(), StoreError> {
        for word in words {
            if let Some(untold) = self.untold.get_mut(giver) {
                untold.remove(word);
            }
            let name = custody_name(word);
            if let Some(stored) = self.local(&name)? {
                let (_, record) = record(&stored)?;
                self.write(Private::local(name, Some(value(true, &record))));
            }
        }
        self.untold.retain(|_, words| !words.is_empty());
        Ok(())
    }

    /// A parcel ended: a carrier keeps no trail of it. Where it was made the
    /// trail stays, for people to see.
    pub(crate) fn forget_custody(&mut self, parcel: &ParcelId) -> Result<(), StoreError> {
        let Some(giver) = self.giver(parcel)? else { return Ok(()) };
        if let Some(untold) = self.untold.get_mut(&giver) {
            untold.retain(|(of, _)| of != parcel);
        }
        for (name, _) in self.ledger().locals(&custodies_of(parcel))? {
            self.write(Private::local(name, None));
        }
        self.write(Private::local(giver_name(parcel), None));
        Ok(())
    }
}
