//! What is held of listings: which records there are of which, and what their items
//! name.
//!
//! This is an index of ids in memory, made of the public records that are held, and no
//! more: what they say is read when somebody asks ([`Library::listing`]) and folded
//! then, since what counts of them changes with the authority set. That a collection
//! names a practice here does not mean that it does so still.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::identity::{CertificateId, FederationId, ListingId, RecordId};
use tern_crdt::listing::fold::{HEARD_MAX, Stood, fold};
use tern_crdt::listing::{Listing, Sort, Thing};
use tern_crdt::signed::Verified;

use crate::discussions::drop_from;
use crate::library::Library;
use crate::store::{Store, StoreError};

/// What a record is of, and what it names.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Place {
    listing: ListingId,
    sort: Sort,
    founder: CertificateId,
    by: CertificateId,
    things: BTreeSet<Thing>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Listings {
    places: BTreeMap<RecordId, Place>,
    /// Of each listing its records, by who signed.
    records: BTreeMap<(Sort, ListingId), BTreeSet<(CertificateId, RecordId)>>,
    naming: BTreeMap<Thing, BTreeSet<(ListingId, RecordId)>>,
}

impl Listings {
    /// Takes a record in, if it is one.
    pub(crate) fn add(&mut self, record: &Verified, federation: FederationId) {
        let Ok(said) = record.record().peek::<Listing>() else { return };
        let (id, listing) = (record.id(), said.listing(federation));
        let items = said.collection().map(|collection| collection.items).unwrap_or_default();
        let things: BTreeSet<Thing> = items.iter().filter_map(|item| item.thing()).collect();
        for thing in &things {
            self.naming.entry(*thing).or_default().insert((listing, id));
        }
        self.records.entry((said.sort, listing)).or_default().insert((said.by, id));
        let Listing { by, founder, sort, .. } = said;
        self.places.insert(id, Place { listing, sort, founder, by, things });
    }

    /// Forgets a record that is held no longer.
    pub(crate) fn remove(&mut self, id: &RecordId) {
        let Some(place) = self.places.remove(id) else { return };
        for thing in place.things {
            drop_from(&mut self.naming, thing, &(place.listing, *id));
        }
        drop_from(&mut self.records, (place.sort, place.listing), &(place.by, *id));
    }

    /// The listing that a record is of.
    pub fn of(&self, id: &RecordId) -> Option<ListingId> {
        self.places.get(id).map(|place| place.listing)
    }

    /// Those of one sort of which something is held, ascending by id; some of them
    /// count for nothing.
    pub fn of_sort(&self, sort: Sort) -> impl Iterator<Item = ListingId> + '_ {
        let all = self.records.keys().filter(move |(of, _)| *of == sort);
        all.map(|(_, listing)| *listing)
    }

    /// Collections of which some record names this thing.
    pub fn naming(&self, thing: &Thing) -> BTreeSet<ListingId> {
        self.naming.get(thing).into_iter().flatten().map(|(listing, _)| *listing).collect()
    }

    /// The records of a listing: of each signer no more than are heard.
    pub fn records(&self, listing: ListingId) -> Vec<RecordId> {
        let all = Sort::ALL.iter().filter_map(|sort| self.records.get(&(*sort, listing)));
        let mut heard: BTreeMap<CertificateId, usize> = BTreeMap::new();
        let mut records = Vec::new();
        for (by, id) in all.flatten() {
            let number = heard.entry(*by).or_default();
            *number += 1;
            if *number <= HEARD_MAX {
                records.push(*id);
            }
        }
        records
    }

    /// All that is held of a listing, each record with its signer, if it is the one
    /// that this certificate founded.
    pub(crate) fn founded(
        &self,
        listing: ListingId,
        founder: CertificateId,
    ) -> Vec<(RecordId, CertificateId)> {
        let all = Sort::ALL.iter().filter_map(|sort| self.records.get(&(*sort, listing)));
        let all = all.flatten().map(|(by, id)| (*id, *by));
        all.filter(|(id, _)| self.places.get(id).is_some_and(|one| one.founder == founder))
            .collect()
    }
}

impl<S: Store> Library<S> {
    /// What is held of listings, by ids.
    pub const fn listings(&self) -> &Listings {
        &self.listings
    }

    /// What stands of a listing; `None` if nothing of it is held.
    ///
    /// # Errors
    /// The store's.
    pub fn listing(&self, id: ListingId) -> Result<Option<Stood>, StoreError> {
        let ids = self.listings.records(id);
        let mut records: Vec<Verified<Listing>> = Vec::with_capacity(ids.len());
        for record in &ids {
            records.extend(self.statement::<Listing>(record)?);
        }
        Ok((!ids.is_empty()).then(|| fold(self.authority(), id, &records)))
    }
}

#[cfg(test)]
mod tests;
