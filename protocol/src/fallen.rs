//! Records that a revocation left out of its cut: in no set, told to nobody, and kept
//! *aside* on this node, so that somebody who may can stand for them.
//!
//! Nothing builds on such a record, so nobody else needs it while it is out: who holds it
//! adopts it, and it counts again there; from there it comes to everybody as any other
//! record does. What shows a person (name cards, expert cards) or a place is not kept:
//! those whose certificate ended write new ones.
//!
//! Invariants: what is aside is in no set, and the other way round; an erase takes away
//! what is aside too, and what is said there about the practice, or of the listing, that it names; at most [`RECORDS_ASIDE_MAX`] are kept, those that fell first.

use std::collections::BTreeSet;

use tern_crdt::address::NodeAddress;
use tern_crdt::annotation::Annotation;
use tern_crdt::authority::{Erase, Forbidden};
use tern_crdt::card::NameCard;
use tern_crdt::expert::ExpertCard;
use tern_crdt::identity::{CertificateId, RecordId};
use tern_crdt::listing::Listing;
use tern_crdt::signed::{Record, Verified};

use crate::ledger::{Ledger, Private};
use crate::library::Library;
use crate::limits::RECORDS_ASIDE_MAX;
use crate::store::{Store, StoreError};

/// Before the ids of such records in the names of the local values that hold them.
const ASIDE: &[u8] = b"aside/";

fn name(id: &RecordId) -> Vec<u8> {
    [ASIDE, id.as_bytes()].concat()
}

/// A record as it stands under its name: verified before it was stored.
fn read(name: &[u8], value: &[u8]) -> Result<Verified, StoreError> {
    let id = name.get(ASIDE.len()..).and_then(RecordId::from_slice);
    let held = id.and_then(|id| Record::from_bytes(value).ok()?.held(id).ok());
    held.ok_or_else(|| StoreError::Damaged("a record that is kept aside".into()))
}

/// What is known in memory of a record that is aside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fallen {
    by: CertificateId,
    /// The practice that it is said about, or the listing that it is of, with the founder.
    about: Option<([u8; 32], CertificateId)>,
}

/// What cannot be read of what is aside, to be dropped.
pub(crate) fn forget_damaged<S: Store>(
    ledger: &Ledger<S>,
) -> Result<Vec<(RecordId, Private)>, StoreError> {
    let all = ledger.locals(ASIDE)?.into_iter();
    let rotten = all.filter(|(name, value)| read(name, value).is_err());
    let id = |name: &[u8]| RecordId::new(name.last_chunk().copied().unwrap_or_default());
    Ok(rotten.map(|(name, _)| (id(&name), Private::local(name, None))).collect())
}

impl<S: Store> Library<S> {
    /// The records that are aside, ascending by id.
    ///
    /// # Errors
    /// The store's; a value that is no such record any more.
    pub fn records_aside(&self) -> Result<Vec<Verified>, StoreError> {
        self.ledger().locals(ASIDE)?.iter().map(|(name, value)| read(name, value)).collect()
    }

    fn fallen_of(&self, record: &Record) -> Option<Fallen> {
        let federation = self.authority().federation();
        let said = record.peek::<Annotation>().ok();
        let said = said.map(|said| (*said.practice(federation).as_bytes(), said.founder));
        let listed = || record.peek::<Listing>().ok();
        let about =
            said.or_else(|| listed().map(|one| (*one.listing(federation).as_bytes(), one.founder)));
        Some(Fallen { by: record.author()?, about })
    }

    /// Learns at a start what is aside.
    pub(crate) fn load_fallen(&mut self) -> Result<(), StoreError> {
        for record in self.records_aside()? {
            if let Some(fallen) = self.fallen_of(record.record()) {
                self.fallen.insert(record.id(), fallen);
            }
        }
        Ok(())
    }

    /// Keeps a record that is dropped from the public set, if a revocation is why.
    pub(crate) fn keep_aside(&mut self, record: &Verified, why: &Forbidden) {
        let (id, kind) = (record.id(), record.record());
        let shows = kind.is::<NameCard>() || kind.is::<ExpertCard>() || kind.is::<NodeAddress>();
        let revoked = matches!(why, Forbidden::Revoked { .. });
        if shows || !revoked || self.fallen.len() >= RECORDS_ASIDE_MAX {
            return;
        }
        let Some(fallen) = self.fallen_of(kind) else { return };
        self.fallen.insert(id, fallen);
        self.write(Private::local(name(&id), Some(kind.to_bytes().into())));
    }

    fn drop_aside(&mut self, id: &RecordId) {
        self.fallen.remove(id);
        self.write(Private::local(name(id), None));
    }

    /// Takes back into the set what was adopted of the work of these certificates.
    pub(crate) fn take_back_aside(
        &mut self,
        changed: &BTreeSet<CertificateId>,
    ) -> Result<(), StoreError> {
        let theirs = self.fallen.iter().filter(|(_, fallen)| changed.contains(&fallen.by));
        let theirs: Vec<RecordId> = theirs.map(|(id, _)| *id).collect();
        for id in theirs {
            let name = name(&id);
            let Some(value) = self.local(&name)? else { continue };
            if self.admit_public(read(&name, &value)?).is_ok() {
                self.drop_aside(&id);
            }
        }
        Ok(())
    }

    /// Drops what an erase in force names of what is aside, and what is said there about
    /// the practice that it names; whether anything was there.
    pub(crate) fn forget_aside(&mut self, erase: &Erase) -> bool {
        let object = RecordId::new(erase.object);
        let about = Some((erase.object, erase.author));
        let named = |(id, fallen): &(&RecordId, &Fallen)| {
            **id == object && fallen.by == erase.author || fallen.about == about
        };
        let gone: Vec<RecordId> = self.fallen.iter().filter(named).map(|(id, _)| *id).collect();
        gone.iter().for_each(|id| self.drop_aside(id));
        !gone.is_empty()
    }
}
