//! Records that a revocation left out of its cut: in no set, told to nobody, and kept
//! *aside* on this node, so that somebody who may can stand for them.
//!
//! Nothing builds on such a record, so nobody else needs it while it is out: who holds it
//! adopts it, and it counts again there; from there it comes to everybody as any other
//! record does. What shows a person (name cards, expert cards) or a place is not kept:
//! those whose certificate ended write new ones.
//!
//! Invariants: what is aside is in no set, and the other way round; an erase takes away
//! what is aside too; at most [`RECORDS_ASIDE_MAX`] are kept, those that fell first.

use std::collections::BTreeSet;

use tern_crdt::address::NodeAddress;
use tern_crdt::authority::{Erase, Forbidden};
use tern_crdt::card::NameCard;
use tern_crdt::expert::ExpertCard;
use tern_crdt::identity::{CertificateId, RecordId};
use tern_crdt::signed::{Record, Verified};

use crate::ledger::Private;
use crate::library::Library;
use crate::limits::RECORDS_ASIDE_MAX;
use crate::store::{Store, StoreError};

/// Before the ids of such records in the names of the local values that hold them.
const ASIDE: &[u8] = b"aside/";

fn name(id: &RecordId) -> Vec<u8> {
    [ASIDE, id.as_bytes()].concat()
}

impl<S: Store> Library<S> {
    /// The records that are aside, ascending by id.
    ///
    /// # Errors
    /// The store's; a value that is no such record any more.
    pub fn records_aside(&self) -> Result<Vec<Verified>, StoreError> {
        let damaged = || StoreError::Damaged("a record that is kept aside".into());
        let read = |value: &[u8]| {
            let record = Record::from_bytes(value).map_err(|_| damaged())?;
            record.verify(self.authority().federation()).map_err(|_| damaged())
        };
        self.ledger().locals(ASIDE)?.iter().map(|(_, value)| read(value)).collect()
    }

    /// Keeps a record that is dropped from the public set, if a revocation is why.
    pub(crate) fn keep_aside(
        &mut self,
        record: &Verified,
        why: &Forbidden,
    ) -> Result<(), StoreError> {
        let kind = record.record();
        let shows = kind.is::<NameCard>() || kind.is::<ExpertCard>() || kind.is::<NodeAddress>();
        let revoked = matches!(why, Forbidden::Revoked { .. });
        if shows || !revoked || self.ledger().locals(ASIDE)?.len() >= RECORDS_ASIDE_MAX {
            return Ok(());
        }
        self.write(Private::local(name(&record.id()), Some(kind.to_bytes().into())));
        Ok(())
    }

    /// Takes back into the set what was adopted of the work of these certificates.
    pub(crate) fn take_back_aside(
        &mut self,
        changed: &BTreeSet<CertificateId>,
    ) -> Result<(), StoreError> {
        for record in self.records_aside()? {
            if !record.record().author().is_some_and(|by| changed.contains(&by)) {
                continue;
            }
            let id = record.id();
            if self.admit_public(record).is_ok() {
                self.write(Private::local(name(&id), None));
            }
        }
        Ok(())
    }

    /// Drops what an erase in force names of what is aside; whether it was there.
    pub(crate) fn forget_aside(&mut self, erase: &Erase) -> Result<bool, StoreError> {
        let name = name(&RecordId::new(erase.object));
        let Some(value) = self.local(&name)? else { return Ok(false) };
        let author = Record::from_bytes(&value).ok().and_then(|record| record.author());
        let named = author == Some(erase.author);
        if named {
            self.write(Private::local(name, None));
        }
        Ok(named)
    }
}
