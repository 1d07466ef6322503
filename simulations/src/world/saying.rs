//! What people say about practices: their own and those of others, held and erased ones;
//! and the collections that they make of them.

use tern_crdt::annotation::{Adaptation, Annotation, Deed, Reason, Remark, Translation};
use tern_crdt::identity::{CertificateId, ListingId, RecordId};
use tern_crdt::listing::{self, Collection, Item as Listed, Listing, Sort, listing_id};
use tern_crdt::signed::{Record, Statement};

use super::World;
use crate::model::Item;
use crate::people::Person;

impl World {
    /// Somebody says something about a practice, or takes back what they said.
    pub fn annotate(&mut self, node: usize) -> Result<(), String> {
        let own = self.chance.percent(50);
        let Some(practice) = self.some_practice(node, own) else { return Ok(()) };
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let library = replica.library();
        let founding = library.founding(&practice).map_err(|error| error.to_string())?;
        let Some((founder, founding)) = founding else { return Ok(()) };
        let said: Vec<RecordId> =
            library.annotations().of_practice(&practice).into_iter().collect();
        let editions = self.earlier(node, &practice)?;
        let edition = self.chance.pick(&editions).map(|edition| edition.id);
        let Some(edition) = edition else { return Ok(()) };
        let follows: Vec<RecordId> = self.chance.pick(&said).copied().into_iter().collect();
        let remark = || Remark::default().to_tree();
        let translation = serde_json::json!({ "language": "fr", "title": "Registres" });
        let deed = match self.chance.below(5) {
            0 => Deed::Withdraw {
                reason: Reason::Outdated,
                past: self.chance.percent(50),
                replaced_by: None,
                why: remark(),
            },
            1 => Deed::Confirm { note: remark() },
            2 => Deed::Adapt { adaptation: Adaptation::default().to_tree() },
            3 if !follows.is_empty() => Deed::TakeBack { why: remark() },
            _ => {
                let translation = Translation::from_json(&translation, "fr");
                let translation = translation.map_err(|error| error.to_string())?.to_tree();
                Deed::Translate { translation }
            }
        };
        let (nonce, now) = (self.chance.bytes(), self.nodes[node].time(self.agenda.now()));
        let Some(party) = self.party_of(node) else { return Ok(()) };
        let Person { key, certificate } = party.publisher.clone();
        let annotation = Annotation {
            by: certificate,
            nonce,
            founder,
            founding,
            editions: vec![edition],
            deed,
            follows,
            claimed_at: now,
        };
        let record = annotation.prepare().sign(self.federation, &key);
        self.write_about(node, &record, certificate, *practice.as_bytes());
        Ok(())
    }

    /// Somebody makes a collection of what is held, says one anew or withdraws it, or says
    /// something of another organisation's, which counts for nothing.
    pub fn list(&mut self, node: usize) -> Result<(), String> {
        let own = self.chance.percent(50);
        let practice = self.some_practice(node, own);
        let Some(party) = self.party_of(node) else { return Ok(()) };
        let Person { key, certificate } = party.publisher.clone();
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let library = replica.library();
        let held: Vec<ListingId> = library.listings().of_sort(Sort::Collection).collect();
        let earlier = self.chance.pick(&held).copied().filter(|_| self.chance.percent(60));
        let stood = earlier.map(|id| library.listing(id)).transpose();
        let stood = stood.map_err(|error| error.to_string())?.flatten();
        let (follows, found) = match &stood {
            Some(stood) => (stood.follows(), stood.told().map(|(_, one)| (one.founder, one.nonce))),
            None => (Vec::new(), None),
        };
        let (founder, nonce) = found.unwrap_or((certificate, self.chance.bytes()));
        let mut collection = Collection::default();
        collection.title.set("en".parse().map_err(|_| "no language")?, "Births");
        let items = practice.into_iter().map(|id| Listed::of_practice(id, None));
        collection.items = items.collect();
        let deed = if !follows.is_empty() && self.chance.percent(25) {
            let why = Remark::default().to_tree();
            listing::Deed::Withdraw { reason: Reason::Outdated, why }
        } else {
            listing::Deed::Say { form: collection.to_tree() }
        };
        let (by, sort) = (certificate, Sort::Collection);
        let claimed_at = self.nodes[node].time(self.agenda.now());
        let said = Listing { by, founder, nonce, sort, deed, follows, claimed_at };
        let record = said.prepare().sign(self.federation, &key);
        let id = said.listing(self.federation);
        self.write_about(node, &record, certificate, *id.as_bytes());
        Ok(())
    }

    /// A collection that a certificate founded, as its node holds it.
    pub(super) fn own_listing(&mut self, node: usize, by: CertificateId) -> Option<ListingId> {
        let library = self.nodes[node].replica.as_ref()?.library();
        let founded = |id: &ListingId| {
            let stood = library.listing(*id).ok().flatten();
            let told = stood.as_ref().and_then(|stood| stood.told());
            told.is_some_and(|(_, said)| {
                said.founder == by && listing_id(self.federation, by, &said.nonce, said.sort) == *id
            })
        };
        let own: Vec<ListingId> =
            library.listings().of_sort(Sort::Collection).filter(founded).collect();
        self.chance.pick(&own).copied()
    }

    /// A record that leaves with what it is about, once that is erased.
    fn write_about(&mut self, node: usize, record: &Record, by: CertificateId, about: [u8; 32]) {
        self.model.by.insert(*record.id().as_bytes(), by);
        self.model.about.insert(*record.id().as_bytes(), about);
        self.write_record(node, record, Item::Public(record.id()));
    }
}
