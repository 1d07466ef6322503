//! What changed lately in the sets, and which roots they had meanwhile, so that a
//! peer that holds what this node held then is told what it lacks without finding
//! out.
//!
//! Equal roots mean equal sets, so it does not matter whether the two ever met.
//! Bounded, and a hint: who was away for longer is compared with instead, and
//! what it leads to in vain is shown by the roots at the end of a round. Of the
//! sets that everybody holds alike it is stored with each commit; of
//! drafts it is kept in memory alone.

use std::collections::{BTreeMap, VecDeque};

use tern_crdt::identity::OrgId;

use crate::ledger::{Ledger, Private};
use crate::limits::NEWS_MAX;
use crate::meeting::set::{ObjectId, Root, SetId, State};
use crate::store::{Store, StoreError};

mod stored;

pub(crate) use stored::forget;
use stored::{Kept, Step};

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

/// A root that a set had, up to and with this revision.
#[derive(Debug)]
struct Past {
    revision: u64,
    set: SetId,
    root: Root,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    changes: VecDeque<Change>,
    pasts: VecDeque<Past>,
    /// Changes up to this revision may be forgotten.
    forgotten: u64,
    kept: Kept,
}

impl Recent {
    /// What is remembered from before this start, and the revision up to which it
    /// goes.
    pub fn load<S: Store>(ledger: &Ledger<S>) -> Result<(Self, u64), StoreError> {
        let (kept, steps) = Kept::load(ledger)?;
        let (mut recent, mut revision) = (Self::default(), 0);
        for step in steps {
            match step {
                Step::Had { set, root } => {
                    if let Some(set) = SetId::from_number(set) {
                        recent.remember_root(revision, set, root);
                    }
                }
                Step::Changed { set, id, before } => {
                    revision += 1;
                    if let Some(set) = SetId::from_number(set) {
                        recent.remember(Change { revision, place: Place::Common(set), id, before });
                    }
                }
            }
        }
        recent.kept = kept;
        Ok((recent, revision))
    }

    /// What to store of what was noted since the last commit.
    pub fn commit(&mut self) -> Vec<Private> {
        self.kept.commit()
    }

    /// A set had this root up to and with this revision, and changes next.
    pub fn note_root(&mut self, revision: u64, set: SetId, root: Root) {
        self.kept.note(Step::Had { set: set as u8, root });
        self.remember_root(revision, set, root);
    }

    /// A set changed with this revision.
    pub fn note(&mut self, revision: u64, place: Place, id: ObjectId, before: Option<State>) {
        if let Place::Common(set) = place {
            self.kept.note(Step::Changed { set: set as u8, id, before });
        }
        self.remember(Change { revision, place, id, before });
    }

    fn remember_root(&mut self, revision: u64, set: SetId, root: Root) {
        self.pasts.push_back(Past { revision, set, root });
    }

    fn remember(&mut self, change: Change) {
        if self.changes.len() == NEWS_MAX
            && let Some(oldest) = self.changes.pop_front()
        {
            self.forgotten = oldest.revision;
            while self.pasts.front().is_some_and(|past| past.revision < self.forgotten) {
                self.pasts.pop_front();
            }
        }
        self.changes.push_back(change);
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

    /// What changed in a set since it had this root, if that is remembered.
    pub fn after(&self, set: SetId, root: &Root) -> Option<News> {
        let past = self.pasts.iter().rev().find(|past| past.set == set && past.root == *root)?;
        self.since(Place::Common(set), past.revision)
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

    #[test]
    fn a_root_that_a_set_had_tells_what_changed_after_it() {
        let mut recent = Recent::default();
        let set = SetId::Public;
        recent.note_root(0, set, [1; 16]);
        recent.note(1, Place::Common(set), [1; 32], None);
        recent.note(2, Place::Common(set), [2; 32], None);
        recent.note_root(2, set, [2; 16]);
        recent.note(3, Place::Common(set), [1; 32], Some([8; 32]));
        let after = |root| recent.after(set, &root);
        assert_eq!(after([1; 16]), Some([([1; 32], None), ([2; 32], None)].into()));
        assert_eq!(after([2; 16]), Some([([1; 32], Some([8; 32]))].into()));
        assert_eq!(after([3; 16]), None);
        assert_eq!(recent.after(SetId::Parcels, &[1; 16]), None);
        for revision in 4..=NEWS_MAX as u64 + 2 {
            recent.note(revision, Place::Common(set), [7; 32], None);
        }
        assert_eq!((recent.after(set, &[1; 16]), recent.pasts.len()), (None, 1));
    }
}
