//! What is held about discussions: which there are, and which records belong to
//! each.
//!
//! This is an index of ids in memory, made of the public records that are held,
//! and no more: what they say is read when somebody asks
//! ([`Library::discussion`]) and folded then, since what counts of it changes
//! with the authority set. What is said about a practice is held whether the
//! practice is or not.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::Authority;
use tern_crdt::discussion::fold::{Conversation, Place, Records, fold};
use tern_crdt::discussion::{Discussion, DiscussionEvent};
use tern_crdt::identity::{DiscussionId, DocumentId, OrgId, RecordId};
use tern_crdt::signed::Verified;

use crate::library::Library;
use crate::store::{Store, StoreError};

/// See the module.
#[derive(Debug, Default)]
pub struct Discussions {
    /// Those that were opened, each with the practice that it is about.
    opened: BTreeMap<DiscussionId, Option<DocumentId>>,
    about: BTreeMap<DocumentId, BTreeSet<DiscussionId>>,
    events: BTreeMap<DiscussionId, BTreeSet<RecordId>>,
    /// Where each event was said.
    said: BTreeMap<RecordId, DiscussionId>,
}

impl Discussions {
    /// Takes a record in, if it is one.
    pub(crate) fn add(&mut self, record: &Verified) {
        let (id, record) = (record.id(), record.record());
        if let Ok(opened) = record.peek::<Discussion>() {
            self.opened.insert(id.cast(), opened.practice);
            if let Some(practice) = opened.practice {
                self.about.entry(practice).or_default().insert(id.cast());
            }
        } else if let Ok(event) = record.peek::<DiscussionEvent>() {
            self.events.entry(event.discussion).or_default().insert(id);
            self.said.insert(id, event.discussion);
        }
    }

    /// Forgets a record that is held no longer.
    pub(crate) fn remove(&mut self, id: &RecordId) {
        if let Some(of) = self.said.remove(id) {
            drop_from(&mut self.events, of, id);
        }
        if let Some(Some(practice)) = self.opened.remove(&id.cast()) {
            drop_from(&mut self.about, practice, &id.cast());
        }
    }

    /// The discussion that a record opens, or belongs to.
    pub fn of(&self, id: &RecordId) -> Option<DiscussionId> {
        let opened = self.opened.contains_key(&id.cast()).then(|| id.cast());
        opened.or_else(|| self.said.get(id).copied())
    }

    /// Those that were opened, ascending by id, each with the practice that it is
    /// about.
    pub fn opened(&self) -> impl Iterator<Item = (DiscussionId, Option<DocumentId>)> + '_ {
        self.opened.iter().map(|(id, practice)| (*id, *practice))
    }

    /// Those in which something is held that was said, ascending by id: opened
    /// ones, those of practices, and some that are not here yet.
    pub fn spoken(&self) -> impl Iterator<Item = DiscussionId> + '_ {
        self.events.keys().copied()
    }

    /// Those that were opened about a practice, ascending by id.
    pub fn about(&self, practice: &DocumentId) -> impl Iterator<Item = DiscussionId> + '_ {
        self.about.get(practice).into_iter().flatten().copied()
    }
}

fn drop_from<K: Ord, V: Ord>(sets: &mut BTreeMap<K, BTreeSet<V>>, of: K, id: &V) {
    if let Some(set) = sets.get_mut(&of) {
        set.remove(id);
        if set.is_empty() {
            sets.remove(&of);
        }
    }
}

/// Where a held discussion is.
#[derive(Clone, Debug)]
pub enum Held {
    /// It was opened.
    Opened(Box<Verified<Discussion>>),
    /// It is that of a practice, which comes from this organisation.
    Practice(DocumentId, OrgId),
}

/// Everything that is held of one discussion.
#[derive(Clone, Debug)]
pub struct HeldDiscussion {
    /// Where.
    pub held: Held,
    /// What was said, ascending by id.
    pub events: Vec<Verified<DiscussionEvent>>,
}

impl HeldDiscussion {
    /// Where it is.
    pub const fn place(&self) -> Place<'_> {
        match &self.held {
            Held::Opened(opened) => Place::Opened(opened),
            Held::Practice(id, origin) => Place::Practice { id: *id, origin: *origin },
        }
    }

    /// What stands of it.
    pub fn conversation(&self, authority: &Authority) -> Conversation {
        fold(authority, &Records { place: self.place(), events: &self.events })
    }

    /// Something that was said.
    pub fn event(&self, id: &RecordId) -> Option<&Verified<DiscussionEvent>> {
        self.events.iter().find(|event| event.id() == *id)
    }
}

impl<S: Store> Library<S> {
    /// What is held about discussions, by ids.
    pub const fn discussions(&self) -> &Discussions {
        &self.discussions
    }

    /// Everything that is held of a discussion; `None` if it was not opened as
    /// far as is known here, and is that of no practice that is held.
    ///
    /// # Errors
    /// The store's.
    pub fn discussion(&self, id: &DiscussionId) -> Result<Option<HeldDiscussion>, StoreError> {
        let held = match self.statement::<Discussion>(&id.cast())? {
            Some(opened) => Held::Opened(Box::new(opened)),
            None => {
                let practice: DocumentId = id.cast();
                let founder = self.ledger().practice(&practice)?.map(|entry| entry.founder);
                let granted = founder.and_then(|by| self.authority().certificate(&by));
                let Some(granted) = granted else { return Ok(None) };
                Held::Practice(practice, granted.org)
            }
        };
        let mut events = Vec::new();
        for event in self.discussions.events.get(id).into_iter().flatten() {
            events.extend(self.statement::<DiscussionEvent>(event)?);
        }
        Ok(Some(HeldDiscussion { held, events }))
    }
}

#[cfg(test)]
mod tests;
