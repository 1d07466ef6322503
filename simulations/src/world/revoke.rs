//! Publishers who go: their certificate is revoked with a cut of what is held
//! where that happens, somebody else is granted one, and colleagues adopt what
//! honest people had built on the rest.

use std::collections::BTreeSet;

use tern_crdt::authority::{Adopt, Adopted, Cut, Forbidden, Revoke, RevokeReason, Role};
use tern_crdt::identity::{CertificateId, RecordId};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::verdict::{Quarantine, Verdict};
use tern_protocol::message::Piece;

use super::World;
use crate::model::Item;
use crate::people::Person;

impl World {
    /// A node's organisation revokes its publisher and appoints another.
    pub(super) fn revoke(&mut self, node: usize) -> Result<(), String> {
        let Some(party) = self.nodes[node].party else { return Ok(()) };
        let gone = self.parties[party].publisher.certificate;
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let library = replica.library();
        if library.authority().certificate(&gone).is_none() {
            return Ok(());
        }
        let listed =
            library.signed_by(&BTreeSet::from([gone])).map_err(|error| error.to_string())?;
        let runs =
            library.written_by(&BTreeSet::from([gone])).map_err(|error| error.to_string())?;
        let prev = library.authority().log_tips(&replica.org());
        let revoke = Revoke {
            org: replica.org(),
            prev,
            certificate: gone,
            reason: RevokeReason::Left,
            // A cut here is small: no world has 2,000 editions of one person.
            cut: Cut::of(listed, runs, |_| RecordId::new([0; 32])),
        };
        let root = self.parties[party].root.clone();
        let revoke = revoke.prepare().sign(self.federation, &root);
        let key = tern_crdt::identity::SecretKey::from_seed(&self.chance.bytes());
        let certificate =
            self.parties[party].appoint_after(vec![revoke.id()], &key, Role::Publisher);
        let grant = self.parties[party].log.last().map(|grant| grant.prepare());
        let Some(grant) = grant.map(|grant| grant.sign(self.federation, &root)) else {
            return Ok(());
        };
        self.tell(|world| format!("{} revokes {gone:?}", world.name(node)));
        self.model.revoked.insert(gone);
        let piece = |record: &Record| Piece::Record(record.to_bytes().into());
        let items = vec![Item::Authority(revoke.id()), Item::Authority(grant.id())];
        self.write(node, &[piece(&revoke), piece(&grant)], items);
        self.parties[party].publisher = Person { key, certificate };
        Ok(())
    }

    /// A node's publisher adopts what is held back of a practice of theirs.
    pub(super) fn adopt(&mut self, node: usize) -> Result<(), String> {
        let Some(practice) = self.some_practice(node, true) else { return Ok(()) };
        let Some(party) = self.party_of(node) else { return Ok(()) };
        let Person { key, certificate: by } = party.publisher.clone();
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let library = replica.library();
        let held = library.practice(&practice).map_err(|error| error.to_string())?;
        let Some((entry, editions)) = held else { return Ok(()) };
        let verdicts = library.verdicts(&practice, &entry, &editions);
        let fallen: BTreeSet<CertificateId> = verdicts
            .iter()
            .filter_map(|verdict| match verdict {
                Verdict::Quarantined(Quarantine::Revoked { certificate, .. }) => Some(*certificate),
                _ => None,
            })
            .collect();
        let Some(last) = editions.last().map(|edition| edition.statement.body().change) else {
            return Ok(());
        };
        for certificate in fallen {
            let what = Adopted::Change { document: *practice.as_bytes(), change: last };
            let adopt = Adopt { by, certificate, what, reason: String::new() };
            let record = adopt.prepare().sign(self.federation, &key);
            self.model.adopted += 1;
            self.write_record(node, &record, Item::Authority(record.id()));
        }
        Ok(())
    }

    /// What of a revoked person's work counts at a node is there; so it was not
    /// lost with the rest.
    pub(super) fn check_cuts(&self, node: usize) -> Result<(), String> {
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let library = replica.library();
        for (id, by) in &self.model.by {
            let Some(Item::Edition(practice, _)) = self.model.edition(id) else { continue };
            let item = Item::Edition(practice, tern_crdt::identity::EditionId::new(*id));
            let granted = library.authority().certificate(by);
            let Some(key) = granted.map(|granted| granted.certificate.key) else { continue };
            let counts = library.authority().counts(*by, key, Some(Role::Publisher), id);
            let held = library.practice(&practice).map_err(|error| error.to_string())?;
            let verdict = held.and_then(|(entry, editions)| {
                let place = editions.iter().position(|e| e.statement.id().as_bytes() == id)?;
                Some(library.verdicts(&practice, &entry, &editions)[place])
            });
            if counts.is_ok() && self.model.is_listed(&item) && verdict.is_none() {
                return Err(format!("{} lacks {item:?}, which a cut lists", self.name(node)));
            }
            let revoked = matches!(counts, Err(Forbidden::Revoked { .. }));
            if revoked && verdict == Some(Verdict::Accepted) {
                return Err(format!("{} shows {item:?}, which no cut lists", self.name(node)));
            }
        }
        Ok(())
    }
}
