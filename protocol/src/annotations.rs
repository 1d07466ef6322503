//! What is held of annotations: which there are of which practice.
//!
//! This is an index of ids in memory, made of the public records that are held, and no
//! more: what they say is read when somebody asks ([`Library::said`]) and folded then,
//! since what counts of them changes with the authority set.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::annotation::fold::{HEARD_MAX, Said, Subject, fold};
use tern_crdt::annotation::{Annotation, Deed};
use tern_crdt::identity::{
    CertificateId, DocumentId, EditionId, FederationId, Nonce, OrgId, RecordId, digest,
};
use tern_crdt::signed::Verified;

use crate::discussions::drop_from;
use crate::ledger::{HeldEdition, PracticeEntry};
use crate::library::Library;
use crate::meeting::set::{SetId, State};
use crate::store::{Store, StoreError};

/// What a record is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    practice: DocumentId,
    founder: CertificateId,
    by: CertificateId,
    same_as: Option<DocumentId>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Annotations {
    places: BTreeMap<RecordId, Place>,
    of_practice: BTreeMap<DocumentId, BTreeMap<CertificateId, BTreeSet<RecordId>>>,
    /// Practices of which somebody said that they are the same as this one.
    same_as: BTreeMap<DocumentId, BTreeSet<(DocumentId, RecordId)>>,
    /// By who signed.
    by: BTreeMap<CertificateId, BTreeSet<DocumentId>>,
}

impl Annotations {
    /// Takes a record in, if it is one.
    pub(crate) fn add(&mut self, record: &Verified, federation: FederationId) {
        let Ok(said) = record.record().peek::<Annotation>() else { return };
        let id = record.id();
        let practice = said.practice(federation);
        let same_as = match said.deed {
            Deed::SameAs { practice, .. } => practice,
            _ => None,
        };
        if let Some(other) = same_as {
            self.same_as.entry(other).or_default().insert((practice, id));
        }
        self.of_practice.entry(practice).or_default().entry(said.by).or_default().insert(id);
        self.by.entry(said.by).or_default().insert(practice);
        let place = Place { practice, founder: said.founder, by: said.by, same_as };
        self.places.insert(id, place);
    }

    /// Forgets a record that is held no longer.
    pub(crate) fn remove(&mut self, id: &RecordId) {
        let Some(place) = self.places.remove(id) else { return };
        if let Some(other) = place.same_as {
            drop_from(&mut self.same_as, other, &(place.practice, *id));
        }
        let Some(signers) = self.of_practice.get_mut(&place.practice) else { return };
        let Some(of_signer) = signers.get_mut(&place.by) else { return };
        of_signer.remove(id);
        if of_signer.is_empty() {
            signers.remove(&place.by);
            drop_from(&mut self.by, place.by, &place.practice);
        }
        if signers.is_empty() {
            self.of_practice.remove(&place.practice);
        }
    }

    /// The practice that an annotation is about.
    pub fn practice(&self, id: &RecordId) -> Option<DocumentId> {
        self.places.get(id).map(|place| place.practice)
    }

    /// What is said of a practice, ascending by id: of each signer no more than is
    /// heard.
    pub fn of_practice(&self, practice: &DocumentId) -> BTreeSet<RecordId> {
        let signers = self.of_practice.get(practice).into_iter().flat_map(BTreeMap::values);
        signers.flat_map(|ids| ids.iter().take(HEARD_MAX).copied()).collect()
    }

    /// All that is held about a practice, each with its signer, if it is the one that
    /// this certificate founded.
    pub(crate) fn founded(
        &self,
        practice: &DocumentId,
        founder: CertificateId,
    ) -> Vec<(RecordId, CertificateId)> {
        let signers = self.of_practice.get(practice).into_iter().flatten();
        let all = signers.flat_map(|(by, ids)| ids.iter().map(move |id| (*id, *by)));
        all.filter(|(id, _)| self.places.get(id).is_some_and(|one| one.founder == founder))
            .collect()
    }

    /// Practices of which somebody said that they are the same as this one.
    pub fn same_as(&self, practice: &DocumentId) -> BTreeSet<DocumentId> {
        let all = self.same_as.get(practice).into_iter().flatten();
        all.map(|(other, _)| *other).collect()
    }

    /// The practices on which somebody said something.
    pub fn by(&self, signer: &CertificateId) -> impl Iterator<Item = DocumentId> + '_ {
        self.by.get(signer).into_iter().flatten().copied()
    }
}

impl<S: Store> Library<S> {
    /// What is held of annotations, by ids.
    pub const fn annotations(&self) -> &Annotations {
        &self.annotations
    }

    /// What stands of what was said about a practice that is held.
    ///
    /// # Errors
    /// The store's.
    pub fn said(
        &self,
        practice: &DocumentId,
        entry: &PracticeEntry,
        editions: &[HeldEdition],
    ) -> Result<Said, StoreError> {
        let ids = self.annotations.of_practice(practice);
        if ids.is_empty() {
            return Ok(Said::default());
        }
        let mut annotations: Vec<Verified<Annotation>> = Vec::with_capacity(ids.len());
        for id in &ids {
            annotations.extend(self.statement::<Annotation>(id)?);
        }
        let authority = self.authority();
        let origin = authority.certificate(&entry.founder).map(|granted| granted.org);
        let follows: Vec<(EditionId, &[EditionId])> = editions
            .iter()
            .map(|edition| {
                (edition.statement.id().cast(), edition.statement.body().previous.as_slice())
            })
            .collect();
        let subject = Subject {
            practice: *practice,
            origin: origin.unwrap_or_else(|| OrgId::new([0; 32])),
            editions: &follows,
        };
        Ok(fold(authority, &subject, &annotations))
    }

    /// By what a practice is named in annotations: the certificate that founded it, and
    /// the nonce of its edition 1.
    ///
    /// # Errors
    /// The store's.
    pub fn founding(
        &self,
        practice: &DocumentId,
    ) -> Result<Option<(CertificateId, Nonce)>, StoreError> {
        let Some(entry) = self.ledger().practice_with_aside(practice)? else { return Ok(None) };
        let first = entry.all().find(|edition| edition.number == 1).map(|edition| edition.id);
        let Some(first) = first else { return Ok(None) };
        let first = self.ledger().edition(practice, &first)?;
        Ok(first.map(|held| (entry.founder, held.statement.body().nonce)))
    }

    /// What is shown of a practice depends on this: its state in the public set with what is
    /// said about it. `None` if it is not in the set.
    pub fn shown_state(&self, practice: &DocumentId) -> Option<State> {
        let state = *self.set(SetId::Public).get(practice.as_bytes())?;
        Some(self.with_said(practice, state))
    }

    /// As [`shown_state`](Self::shown_state), of every object of the public set.
    pub fn shown_states(&self) -> impl Iterator<Item = (DocumentId, State)> + '_ {
        let all = self.set(SetId::Public).iter().map(|(id, state)| (DocumentId::new(*id), *state));
        all.map(|(id, state)| (id, self.with_said(&id, state)))
    }

    fn with_said(&self, practice: &DocumentId, state: State) -> State {
        let said = self.annotations.of_practice(practice);
        if said.is_empty() {
            return state;
        }
        let ids = said.iter().map(|id| id.as_bytes().as_slice());
        let parts: Vec<&[u8]> = [state.as_slice()].into_iter().chain(ids).collect();
        digest("tern/shown-state/v1", &parts)
    }

    /// Something came or went that is said about a practice.
    pub(crate) fn note_said(&mut self, record: &RecordId) {
        let mut practices: BTreeSet<DocumentId> =
            self.annotations.practice(record).into_iter().collect();
        practices.extend(self.reviews.concerned(record));
        for practice in practices {
            // Of what was never here nothing changed.
            if self.holds(SetId::Public, practice.as_bytes()) {
                self.note_changed(practice);
            }
        }
    }
}

#[cfg(test)]
mod tests;
