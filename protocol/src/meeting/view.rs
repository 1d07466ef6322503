//! What is held, as a meeting with the node of one organisation sees it: the
//! sets that everybody holds alike, and the drafts that both may see.

use std::collections::BTreeSet;
use std::ops::Deref;

use tern_crdt::identity::{DocumentId, DraftId, OrgId};

use super::set::{ObjectId, Root, Set, SetId};
use crate::library::{Library, PieceId};
use crate::message::Message;
use crate::recent::News;
use crate::store::{Store, StoreError};

/// See the module.
#[derive(Debug)]
pub(super) struct View<'l, S> {
    library: &'l Library<S>,
    with: Option<OrgId>,
}

impl<S> Deref for View<'_, S> {
    type Target = Library<S>;

    fn deref(&self) -> &Library<S> {
        self.library
    }
}

impl<'l, S: Store> View<'l, S> {
    pub const fn of(library: &'l Library<S>, with: Option<OrgId>) -> Self {
        Self { library, with }
    }

    /// One of the sets.
    pub fn set(&self, set: SetId) -> &'l Set {
        match (set, &self.with) {
            (SetId::Drafts, Some(org)) => self.library.drafts_with(org),
            _ => self.library.set(set),
        }
    }

    /// Grows whenever a set changes that the peer may see.
    pub fn revision(&self) -> u64 {
        match &self.with {
            Some(org) => self.library.revision_with(org),
            None => self.library.common_revision(),
        }
    }

    /// What changed in a set since a revision, if that is remembered.
    pub fn news_since(&self, set: SetId, revision: u64) -> Option<News> {
        match (set, self.with) {
            (SetId::Drafts, Some(org)) => self.library.draft_news(org, revision),
            _ => self.library.news_since(set, revision),
        }
    }

    /// What changed in a set since it had this root, if that is remembered: of
    /// drafts it is not.
    pub fn news_after(&self, set: SetId, root: &Root) -> Option<News> {
        match set {
            SetId::Drafts => None,
            _ => self.library.news_after(set, root),
        }
    }

    /// Whether a set lost nothing of what is news in it. What was dropped cannot be
    /// pushed, and may count again: then the peer has it, and this side lacks it.
    pub fn has_grown(&self, set: SetId, news: &News) -> bool {
        news.keys().all(|id| self.set(set).get(id).is_some())
    }

    /// What of an object the peer lacks that holds these parts, in an order in
    /// which each builds only on those before it.
    pub fn lacking(
        &self,
        set: SetId,
        id: &ObjectId,
        has: &[ObjectId],
    ) -> Result<Vec<PieceId>, StoreError> {
        match (set, &self.with) {
            (SetId::Drafts, Some(org)) => {
                let has: BTreeSet<ObjectId> = has.iter().copied().collect();
                self.library.draft_pieces_for(org, &DraftId::new(*id), &has)
            }
            _ => self.library.lacking(set, id, |part| has.contains(part.as_bytes())),
        }
    }

    /// Whether an object consists of parts of which one side may hold some and
    /// the other others.
    pub fn has_parts(&self, set: SetId, id: &ObjectId) -> Result<bool, StoreError> {
        Ok(match set {
            SetId::Drafts => true,
            SetId::Public => self.ledger().practice(&DocumentId::new(*id))?.is_some(),
            SetId::Authority | SetId::Parcels => false,
        })
    }

    /// Our parts of an object, named; none if it is not held.
    pub fn parts(&self, set: SetId, id: &ObjectId) -> Result<Message, StoreError> {
        let parts: Vec<u8> = if set == SetId::Drafts {
            let shared = self.drafts.shared.get(&DraftId::new(*id));
            shared.map_or_else(Vec::new, |shared| shared.parts().concat())
        } else {
            let entry = self.ledger().practice(&DocumentId::new(*id))?;
            let editions = entry.iter().flat_map(|entry| &entry.editions);
            editions.flat_map(|edition| *edition.id.as_bytes()).collect()
        };
        Ok(Message::Parts { set: set as u8, object: (*id).into(), parts: parts.into() })
    }
}
