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
use tern_crdt::discussion::{Deed, Discussion, DiscussionEvent};
use tern_crdt::identity::{DiscussionId, DocumentId, OrgId, RecordId};
use tern_crdt::signed::Verified;
use tern_crdt::timestamp::Timestamp;

use crate::library::Library;
use crate::store::{Store, StoreError};

/// See the module.
#[derive(Debug, Default)]
pub struct Discussions {
    /// Those that were opened, each with the practice that it is about, and when.
    opened: BTreeMap<DiscussionId, (Option<DocumentId>, Timestamp)>,
    about: BTreeMap<DocumentId, BTreeSet<DiscussionId>>,
    events: BTreeMap<DiscussionId, BTreeSet<RecordId>>,
    /// Where each event was said, and when; an advisory has no time.
    said: BTreeMap<RecordId, (DiscussionId, Option<Timestamp>)>,
}

impl Discussions {
    /// Takes a record in, if it is one.
    pub(crate) fn add(&mut self, record: &Verified) {
        let (id, record) = (record.id(), record.record());
        if let Ok(opened) = record.peek::<Discussion>() {
            self.opened.insert(id.cast(), (opened.practice, opened.claimed_at));
            if let Some(practice) = opened.practice {
                self.about.entry(practice).or_default().insert(id.cast());
            }
        } else if let Ok(event) = record.peek::<DiscussionEvent>() {
            let advises = matches!(event.deed, Deed::Advise { .. });
            self.events.entry(event.discussion).or_default().insert(id);
            self.said.insert(id, (event.discussion, (!advises).then_some(event.claimed_at)));
        }
    }

    /// Forgets a record that is held no longer.
    pub(crate) fn remove(&mut self, id: &RecordId) {
        if let Some((of, _)) = self.said.remove(id) {
            drop_from(&mut self.events, of, id);
        }
        if let Some((Some(practice), _)) = self.opened.remove(&id.cast()) {
            drop_from(&mut self.about, practice, &id.cast());
        }
    }

    /// The discussion that a record opens, or belongs to.
    pub fn of(&self, id: &RecordId) -> Option<DiscussionId> {
        let opened = self.opened.contains_key(&id.cast()).then(|| id.cast());
        opened.or_else(|| self.said.get(id).map(|(of, _)| *of))
    }

    /// Those that were opened, ascending by id, each with the practice that it is
    /// about.
    pub fn opened(&self) -> impl Iterator<Item = (DiscussionId, Option<DocumentId>)> + '_ {
        self.opened.iter().map(|(id, (practice, _))| (*id, *practice))
    }

    /// Those in which something is held that was said, ascending by id: opened
    /// ones, those of practices, and some that are not here yet.
    pub fn spoken(&self) -> impl Iterator<Item = DiscussionId> + '_ {
        self.events.keys().copied()
    }

    /// When something was said there last, or else when it was opened, as is claimed;
    /// what does not count is not left out.
    pub fn last(&self, id: &DiscussionId) -> Timestamp {
        let begun = self.opened.get(id).map_or(Timestamp(0), |(_, at)| *at);
        let said = self.events.get(id).into_iter().flatten();
        said.filter_map(|event| self.said.get(event)?.1).max().unwrap_or(begun)
    }

    /// Those that were opened about a practice, ascending by id.
    pub fn about(&self, practice: &DocumentId) -> impl Iterator<Item = DiscussionId> + '_ {
        self.about.get(practice).into_iter().flatten().copied()
    }
}

/// Takes one out of the set of a key, and the set with its last.
pub(crate) fn drop_from<K: Ord, V: Ord>(sets: &mut BTreeMap<K, BTreeSet<V>>, of: K, id: &V) {
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
        let at = self.events.binary_search_by_key(id, |event| event.id()).ok()?;
        self.events.get(at)
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
