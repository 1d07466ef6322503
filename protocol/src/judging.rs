//! What is in the sets when authority changes: it can shrink what counts.
//!
//! A revocation takes what its cut does not list out of the sets, an adoption
//! brings it back. What a record or an edition is, in or out, is a function of
//! the object, the authority set and what builds on it, never of when it came.
//!
//! Editions that are out are kept *aside*: they are shown nowhere and told to
//! nobody, and are there when somebody adopts them. An edition that is out and
//! on which one that counts builds is in the set, unaccepted, because whoever
//! holds the later one needs it. Other records that are out are kept beside them (module
//! `fallen`), and parcels are dropped: nothing builds on either.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::address::NodeAddress;
use tern_crdt::authority::{Erase, Prefix, Role, prefix};
use tern_crdt::chunk::Past;
use tern_crdt::identity::{CertificateId, DocumentId, EditionId, OrgId, ParcelId, RecordId};
use tern_crdt::signed::Verified;
use tern_crdt::verdict::{self, Held, Signature, Verdict};

use crate::ledger::{EditionEntry, HeldEdition, PracticeEntry};
use crate::library::Library;
use crate::meeting::set::SetId;
use crate::store::{Space, Store, StoreError};

impl<S: Store> Library<S> {
    /// The verdict on each edition of a practice, in the order given, before
    /// anybody looked at what they say. Both as
    /// [`practice`](Library::practice) gives them.
    pub fn verdicts(
        &self,
        practice: &DocumentId,
        entry: &PracticeEntry,
        editions: &[HeldEdition],
    ) -> Vec<Verdict> {
        let authority = self.authority();
        let signatures: Vec<Signature> = editions
            .iter()
            .map(|edition| Signature::of_edition(authority, &edition.statement))
            .collect();
        let actors: BTreeSet<_> = signatures.iter().map(|signature| signature.actor).collect();
        let plain = actors.len() == signatures.len()
            && signatures.iter().all(|signature| authority.ended(&signature.by).is_none());
        if plain {
            return vec![Verdict::Accepted; editions.len()];
        }
        let verdicts = self.judge_changes(practice, entry, &signatures);
        // What the entry does not list is not held.
        let unknown = Verdict::Refused(verdict::Quarantine::Unsigned);
        let verdict = |signature: &Signature| *verdicts.get(&signature.head).unwrap_or(&unknown);
        signatures.iter().map(verdict).collect()
    }

    fn judge_changes(
        &self,
        practice: &DocumentId,
        entry: &PracticeEntry,
        signatures: &[Signature],
    ) -> BTreeMap<verdict::Hash, Verdict> {
        let past = Past::from_metas(entry.all().map(|edition| edition.change.clone()).collect());
        let origin = self.authority().certificate(&entry.founder);
        let home: Vec<OrgId> = origin.map(|granted| granted.org).into_iter().collect();
        let held = Held {
            document: practice.as_bytes(),
            home: &home,
            role: Role::Publisher,
            past: &past,
            signatures,
            unsound: &BTreeSet::new(),
        };
        verdict::judge(self.authority(), &held)
    }

    /// Puts each edition of a practice in or aside. Returns whether any moved.
    pub(crate) fn sort_aside(
        &self,
        practice: &DocumentId,
        entry: &mut PracticeEntry,
        new: Option<&Signature>,
    ) -> Result<bool, StoreError> {
        let mut signatures: Vec<Signature> = new.copied().into_iter().collect();
        for edition in entry.all().filter(|edition| new.is_none_or(|n| n.id.cast() != edition.id)) {
            if let Some(held) = self.ledger().edition(practice, &edition.id)? {
                signatures.push(Signature::of_edition(self.authority(), &held.statement));
            }
        }
        let verdicts = self.judge_changes(practice, entry, &signatures);
        let is_in = |edition: &EditionEntry| {
            verdicts.get(&edition.change.hash).is_some_and(Verdict::is_member)
        };
        let before: BTreeSet<EditionId> = entry.editions.iter().map(|edition| edition.id).collect();
        let mut all: Vec<EditionEntry> = entry.all().cloned().collect();
        all.sort_by_key(|edition| (edition.number, edition.id));
        let (inside, aside): (Vec<_>, Vec<_>) = all.into_iter().partition(is_in);
        let moved = before != inside.iter().map(|edition| edition.id).collect();
        entry.editions = inside;
        entry.aside = (!aside.is_empty()).then_some(aside);
        Ok(moved)
    }

    /// Looks at everything again that a change of authority concerns. Nothing
    /// to do unless a record came that can end, restore or adopt.
    pub(crate) fn rejudge(&mut self) -> Result<(), StoreError> {
        if !std::mem::take(&mut self.unjudged) {
            return Ok(());
        }
        self.drop_expired()?;
        let judged = self.authority().judgement();
        let changed: BTreeSet<CertificateId> = judged
            .iter()
            .filter(|(id, standing)| self.judged.get(*id) != Some(standing))
            .map(|(id, _)| *id)
            .chain(self.judged.keys().filter(|id| !judged.contains_key(*id)).copied())
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let org_of = |id: &CertificateId| self.judged.get(id).or(judged.get(id));
        let orgs: BTreeSet<OrgId> =
            changed.iter().filter_map(org_of).map(|(org, _)| *org).collect();
        self.judged = judged;
        let objects: Vec<[u8; 32]> = self.set(SetId::Public).iter().map(|(id, _)| *id).collect();
        let aside: Vec<[u8; 32]> = self.aside.iter().map(|id| *id.as_bytes()).collect();
        for id in objects.iter().chain(&aside) {
            let practice = DocumentId::new(*id);
            match self.ledger().practice_with_aside(&practice)? {
                // All editions of a practice are its organisation's.
                Some(entry)
                    if changed.contains(&entry.founder)
                        || self
                            .authority()
                            .certificate(&entry.founder)
                            .is_some_and(|founder| orgs.contains(&founder.org)) =>
                {
                    self.rejudge_practice(&practice, entry)?;
                }
                Some(_) => {}
                None => self.rejudge_record(&RecordId::new(*id), &changed)?,
            }
        }
        self.take_back_aside(&changed)?;
        self.rejudge_drafts(&changed)?;
        let parcels: Vec<_> = self.set(SetId::Parcels).iter().map(|(id, _)| *id).collect();
        for id in parcels {
            self.rejudge_parcel(&ParcelId::new(id), &changed)?;
        }
        let erases = self.authority().records().filter(|record| record.record().is::<Erase>());
        let erases: Vec<Verified> = erases.cloned().collect();
        for erase in &erases {
            self.forget_erased(erase)?;
        }
        Ok(())
    }

    /// Drops parcels whose beacon is over, when the clock went on.
    fn drop_expired(&mut self) -> Result<(), StoreError> {
        let beacon = self.authority().beacon();
        if std::mem::replace(&mut self.beacon, beacon) == beacon {
            return Ok(());
        }
        let parcels: Vec<_> = self.set(SetId::Parcels).iter().map(|(id, _)| *id).collect();
        for id in parcels {
            let id = ParcelId::new(id);
            let parcel = self.ledger().parcel(&id)?;
            if parcel.is_some_and(|parcel| parcel.label.body().expires < beacon) {
                self.forget_custody(&id)?;
                self.drop_parcel(&id);
                self.note_erased();
            }
        }
        Ok(())
    }

    fn rejudge_practice(
        &mut self,
        practice: &DocumentId,
        mut entry: PracticeEntry,
    ) -> Result<(), StoreError> {
        let before = entry.clone();
        let mut ended = entry.aside.is_some();
        for edition in &before.editions {
            let held = self.ledger().edition(practice, &edition.id)?;
            let by = held.map(|held| held.statement.body().by);
            ended |= by.is_some_and(|by| {
                self.authority().ended(&by).is_some() || self.authority().certificate(&by).is_none()
            });
        }
        if ended {
            if self.sort_aside(practice, &mut entry, None)? {
                self.put_practice(practice, &entry);
            }
            // Also where nothing moved, what is shown may be another edition.
            self.note_changed(*practice);
        }
        Ok(())
    }

    fn rejudge_record(
        &mut self,
        id: &RecordId,
        changed: &BTreeSet<CertificateId>,
    ) -> Result<(), StoreError> {
        let Some(record) = self.ledger().record(Space::Record, id)? else { return Ok(()) };
        let (Some(by), Some(key)) = (record.record().author(), record.only_signer()) else {
            return Ok(());
        };
        if !changed.contains(&by) {
            return Ok(());
        }
        let counts = if record.record().is::<NodeAddress>() {
            self.may_tell_address(by, key, id)
        } else {
            self.authority().counts(by, key, None, id.as_bytes()).map(drop)
        };
        if let Err(why) = counts {
            self.keep_aside(&record, &why);
            self.drop_record(id, by);
        }
        Ok(())
    }

    fn rejudge_parcel(
        &mut self,
        id: &ParcelId,
        changed: &BTreeSet<CertificateId>,
    ) -> Result<(), StoreError> {
        let Some(parcel) = self.ledger().parcel(id)? else { return Ok(()) };
        let by = parcel.label.body().by;
        let Some(key) = parcel.label.only_signer() else { return Ok(()) };
        let role = Some(Role::Node);
        if changed.contains(&by) && self.authority().counts(by, key, role, id.as_bytes()).is_err() {
            self.forget_custody(id)?;
            self.drop_parcel(id);
        }
        Ok(())
    }

    /// What these certificates signed and this node holds, for the cut of their
    /// revocation: editions, cards and other public records, parcels, erasures
    /// and adoptions, who sees drafts, and what was said about requests that are
    /// open here. Ascending. What they wrote in drafts is
    /// [beside](Self::written_by).
    ///
    /// # Errors
    /// The store's.
    pub fn signed_by(&self, by: &BTreeSet<CertificateId>) -> Result<Vec<Prefix>, StoreError> {
        let mut listed = BTreeSet::new();
        for (id, _) in self.set(SetId::Public).iter() {
            let practice = DocumentId::new(*id);
            match self.ledger().practice(&practice)? {
                Some(entry) => {
                    for edition in &entry.editions {
                        let held = self.ledger().edition(&practice, &edition.id)?;
                        let Some(held) = held else { continue };
                        if by.contains(&held.statement.body().by) {
                            listed.insert(prefix(edition.id.as_bytes()));
                        }
                        // What was cleared stands cleared.
                        let cleared = held.statement.body().clearance();
                        if let Some(cleared) =
                            cleared.filter(|it| it.author().is_some_and(|is| by.contains(&is)))
                        {
                            listed.insert(prefix(cleared.id().as_bytes()));
                        }
                    }
                }
                None => {
                    let record = self.ledger().record(Space::Record, &RecordId::new(*id))?;
                    let author = record.and_then(|record| record.record().author());
                    if author.is_some_and(|author| by.contains(&author)) {
                        listed.insert(prefix(id));
                    }
                }
            }
        }
        for (id, _) in self.set(SetId::Parcels).iter() {
            let parcel = self.ledger().parcel(&ParcelId::new(*id))?;
            if parcel.is_some_and(|parcel| by.contains(&parcel.label.body().by)) {
                listed.insert(prefix(id));
            }
        }
        // What was in a letter that was opened here: those who hold it too judge
        // it by the cut, and what is not listed would be undone for everybody.
        listed.extend(self.said_by(by)?.iter().map(|said| prefix(said.as_bytes())));
        listed.extend(self.audiences_by(by).iter().map(|said| prefix(said.as_bytes())));
        // Log entries of a root key name their organisation in field 0, which
        // is no certificate.
        let statements = self
            .authority()
            .records()
            .filter(|record| record.record().author().is_some_and(|author| by.contains(&author)));
        listed.extend(statements.map(|record| prefix(record.id().as_bytes())));
        Ok(listed.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
