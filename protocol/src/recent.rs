//! What changed lately in the sets, so that a peer that was equal before can
//! be told what it lacks without finding out.
//!
//! Kept in memory alone and bounded: who was away for longer, or since before
//! this node's start, is compared with instead.

use std::collections::{BTreeMap, VecDeque};

use tern_crdt::identity::OrgId;

use crate::limits::NEWS_MAX;
use crate::meeting::set::{ObjectId, SetId, State};

/// Objects that changed, each with the state that it had before.
pub type News = BTreeMap<ObjectId, Option<State>>;

/// Which set changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// One that everybody holds alike.
    Common(SetId),
    /// That of the drafts which an organisation has in common with this one.
    Drafts(OrgId),
}

/// One change of one set.
#[derive(Debug)]
struct Change {
    revision: u64,
    place: Place,
    id: ObjectId,
    before: Option<State>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    changes: VecDeque<Change>,
    /// Changes up to this revision may be forgotten.
    forgotten: u64,
}

impl Recent {
    /// Nothing is remembered up to this revision.
    pub fn forget(&mut self, revision: u64) {
        *self = Self { changes: VecDeque::new(), forgotten: revision };
    }

    /// A set changed with this revision.
    pub fn note(&mut self, revision: u64, place: Place, id: ObjectId, before: Option<State>) {
        if self.changes.len() == NEWS_MAX
            && let Some(oldest) = self.changes.pop_front()
        {
            self.forgotten = oldest.revision;
        }
        self.changes.push_back(Change { revision, place, id, before });
    }

    /// What changed in a set after a revision, if all of it is remembered.
    pub fn since(&self, place: Place, revision: u64) -> Option<News> {
        if revision < self.forgotten {
            return None;
        }
        let first = self.changes.partition_point(|change| change.revision <= revision);
        let mut news = News::new();
        for change in self.changes.range(first..).filter(|change| change.place == place) {
            news.entry(change.id).or_insert(change.before);
        }
        Some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_changed_twice_is_told_with_the_state_before_both() {
        let mut recent = Recent::default();
        recent.note(1, Place::Common(SetId::Public), [1; 32], None);
        recent.note(2, Place::Common(SetId::Public), [2; 32], Some([8; 32]));
        recent.note(3, Place::Common(SetId::Parcels), [3; 32], None);
        recent.note(4, Place::Common(SetId::Public), [2; 32], Some([9; 32]));
        let news = |revision| recent.since(Place::Common(SetId::Public), revision);
        assert_eq!(news(0), Some([([1; 32], None), ([2; 32], Some([8; 32]))].into()));
        assert_eq!(news(2), Some([([2; 32], Some([9; 32]))].into()));
        assert_eq!(news(4), Some(News::new()));
    }

    #[test]
    fn what_was_forgotten_is_not_told_in_part() {
        let mut recent = Recent::default();
        for revision in 1..=NEWS_MAX as u64 + 1 {
            recent.note(revision, Place::Common(SetId::Public), [7; 32], None);
        }
        assert_eq!(recent.since(Place::Common(SetId::Public), 0), None);
        assert!(recent.since(Place::Common(SetId::Public), 1).is_some());
    }
}
