//! What is held about reviews: which records belong to which submission, and
//! which submissions there are of an edition.
//!
//! This is an index of ids in memory, made of the public records that are held,
//! and no more: what the records say is read when somebody asks
//! ([`Library::review`]) and folded then, since what counts of them changes with
//! the authority set.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::Authority;
use tern_crdt::edition::Edition;
use tern_crdt::identity::{DocumentId, EditionId, RecordId, SubmissionId};
use tern_crdt::review::fold::{Case, Records, fold};
use tern_crdt::review::{Call, CriteriaPolicy, Decision, ReviewEvent, Submission};
use tern_crdt::signed::{Statement, Verified};

use crate::discussions::drop_from;
use crate::library::Library;
use crate::store::{Space, Store, StoreError};

/// What a record is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Policy,
    Call,
    Submission,
    Event(SubmissionId),
    Decision(SubmissionId),
}

/// What a submission names.
#[derive(Clone, Copy, Debug)]
struct Sent {
    practice: DocumentId,
    edition: EditionId,
    policy: RecordId,
    call: Option<RecordId>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Reviews {
    places: BTreeMap<RecordId, Place>,
    policies: BTreeSet<RecordId>,
    calls: BTreeSet<RecordId>,
    submissions: BTreeMap<SubmissionId, Sent>,
    of_practice: BTreeMap<DocumentId, BTreeSet<SubmissionId>>,
    events: BTreeMap<SubmissionId, BTreeSet<RecordId>>,
    decisions: BTreeMap<SubmissionId, BTreeSet<RecordId>>,
}

impl Reviews {
    /// Takes a record in, if it is one.
    pub(crate) fn add(&mut self, record: &Verified) {
        let (id, record) = (record.id(), record.record());
        let place = if record.is::<CriteriaPolicy>() {
            self.policies.insert(id);
            Place::Policy
        } else if record.is::<Call>() {
            self.calls.insert(id);
            Place::Call
        } else if let Ok(said) = record.peek::<Submission>() {
            let Submission { practice, edition, policy, call, .. } = said;
            self.submissions.insert(id.cast(), Sent { practice, edition, policy, call });
            self.of_practice.entry(practice).or_default().insert(id.cast());
            Place::Submission
        } else if let Ok(said) = record.peek::<ReviewEvent>() {
            self.events.entry(said.submission).or_default().insert(id);
            Place::Event(said.submission)
        } else if let Ok(said) = record.peek::<Decision>() {
            self.decisions.entry(said.submission).or_default().insert(id);
            Place::Decision(said.submission)
        } else {
            return;
        };
        self.places.insert(id, place);
    }

    /// Forgets a record that is held no longer.
    pub(crate) fn remove(&mut self, id: &RecordId) {
        match self.places.remove(id) {
            None => {}
            Some(Place::Policy) => drop(self.policies.remove(id)),
            Some(Place::Call) => drop(self.calls.remove(id)),
            Some(Place::Submission) => {
                let Some(sent) = self.submissions.remove(&id.cast()) else { return };
                drop_from(&mut self.of_practice, sent.practice, &id.cast());
            }
            Some(Place::Event(of)) => drop_from(&mut self.events, of, id),
            Some(Place::Decision(of)) => drop_from(&mut self.decisions, of, id),
        }
    }

    /// The practices whose seals a record may bring or take: that of the submission
    /// that it is, or is about; for a policy or a call those of the submissions that name
    /// it and of which a decision is held.
    pub(crate) fn concerned(&self, id: &RecordId) -> BTreeSet<DocumentId> {
        let sent = |of: &SubmissionId| self.submissions.get(of);
        match self.places.get(id) {
            None => BTreeSet::new(),
            Some(Place::Policy | Place::Call) => {
                let under = |sent: &&Sent| sent.policy == *id || sent.call == Some(*id);
                let decided = self.decisions.keys().filter_map(sent).filter(under);
                decided.map(|sent| sent.practice).collect()
            }
            Some(_) => {
                let of = self.of(id).filter(|of| self.is_decided(of));
                of.as_ref().and_then(sent).map(|sent| sent.practice).into_iter().collect()
            }
        }
    }

    /// The submission that a record is, or is about.
    pub fn of(&self, id: &RecordId) -> Option<SubmissionId> {
        match self.places.get(id)? {
            Place::Policy | Place::Call => None,
            Place::Submission => Some(id.cast()),
            Place::Event(of) | Place::Decision(of) => Some(*of),
        }
    }

    /// Policies, ascending by id.
    pub fn policies(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.policies.iter().copied()
    }

    /// Calls for practices, ascending by id.
    pub fn calls(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.calls.iter().copied()
    }

    /// Submissions, ascending by id, each with its practice and edition.
    pub fn submissions(&self) -> impl Iterator<Item = (SubmissionId, DocumentId, EditionId)> + '_ {
        self.submissions.iter().map(|(id, sent)| (*id, sent.practice, sent.edition))
    }

    /// Whether anybody said that a submission is decided: else it has no seal.
    pub fn is_decided(&self, id: &SubmissionId) -> bool {
        self.decisions.contains_key(id)
    }

    /// The submissions of a practice, ascending by id.
    pub fn of_practice(&self, practice: &DocumentId) -> impl Iterator<Item = SubmissionId> + '_ {
        self.of_practice.get(practice).into_iter().flatten().copied()
    }
}

/// Everything that is held about one submission.
#[derive(Clone, Debug)]
pub struct HeldReview {
    /// The submission.
    pub submission: Verified<Submission>,
    /// Its policy.
    pub policy: Option<Verified<CriteriaPolicy>>,
    /// Its call.
    pub call: Option<Verified<Call>>,
    /// Its edition, if that is in the public set.
    pub edition: Option<Verified<Edition>>,
    /// Its events, ascending by id.
    pub events: Vec<Verified<ReviewEvent>>,
    /// Its decisions, ascending by id.
    pub decisions: Vec<Verified<Decision>>,
}

impl HeldReview {
    /// Its state. `listed`: whether its edition says that it is listed from a
    /// public source; `None` while that could not be read.
    pub fn case(&self, authority: &Authority, listed: Option<bool>) -> Case {
        fold(
            authority,
            &Records {
                submission: &self.submission,
                policy: self.policy.as_ref(),
                call: self.call.as_ref(),
                edition: self.edition.as_ref(),
                listed,
                events: &self.events,
                decisions: &self.decisions,
            },
        )
    }

    /// One of its events.
    pub fn event(&self, id: &RecordId) -> Option<&Verified<ReviewEvent>> {
        self.events.iter().find(|event| event.id() == *id)
    }

    /// One of its decisions.
    pub fn decision(&self, id: &RecordId) -> Option<&Verified<Decision>> {
        self.decisions.iter().find(|decision| decision.id() == *id)
    }
}

impl<S: Store> Library<S> {
    /// What is held about reviews, by ids.
    pub const fn reviews(&self) -> &Reviews {
        &self.reviews
    }

    /// A public record that is held, as `T`; `None` if it is not, or is no `T`.
    ///
    /// # Errors
    /// The store's.
    pub fn statement<T: Statement>(
        &self,
        id: &RecordId,
    ) -> Result<Option<Verified<T>>, StoreError> {
        let record = self.ledger().record(Space::Record, id)?;
        Ok(record.and_then(|record| record.read::<T>().ok()))
    }

    /// Everything that is held about a submission.
    ///
    /// # Errors
    /// The store's.
    pub fn review(&self, id: &SubmissionId) -> Result<Option<HeldReview>, StoreError> {
        let Some(submission) = self.statement::<Submission>(&id.cast())? else { return Ok(None) };
        let said = submission.body();
        let (policy, call) = (said.policy, said.call);
        let shown = self
            .ledger()
            .practice(&said.practice)?
            .is_some_and(|entry| entry.editions.iter().any(|edition| edition.id == said.edition));
        let edition =
            if shown { self.ledger().edition(&said.practice, &said.edition)? } else { None };
        let ids = |sets: &BTreeMap<SubmissionId, BTreeSet<RecordId>>| -> Vec<RecordId> {
            sets.get(id).into_iter().flatten().copied().collect()
        };
        let (mut events, mut decisions) = (Vec::new(), Vec::new());
        for event in ids(&self.reviews.events) {
            events.extend(self.statement::<ReviewEvent>(&event)?);
        }
        for decision in ids(&self.reviews.decisions) {
            decisions.extend(self.statement::<Decision>(&decision)?);
        }
        Ok(Some(HeldReview {
            policy: self.statement(&policy)?,
            call: call.map(|call| self.statement(&call)).transpose()?.flatten(),
            edition: edition.map(|held| held.statement),
            submission,
            events,
            decisions,
        }))
    }
}

#[cfg(test)]
mod tests;
