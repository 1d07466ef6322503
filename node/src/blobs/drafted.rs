//! Which files the drafts of this node name.
//!
//! In memory only, and looked at when somebody asks: a draft is opened again
//! when what is kept beside its changes is another, or an event says so.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::identity::DraftId;
use tern_crdt::practice::BlobHash;
use tern_protocol::step::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use super::named::{self, Mention};
use crate::drafts::{self, Meta};
use crate::ops::OpError;
use crate::running::Node;

/// What drafts say of files: `practice` is the draft.
pub(crate) type Mentions = BTreeMap<BlobHash, Vec<Mention>>;

/// Drafts as they were when they were last looked at.
#[derive(Debug, Default)]
pub(super) struct Drafted {
    /// From the first question on.
    events: Option<Receiver<Event>>,
    files: BTreeMap<DraftId, (Meta, Vec<(BlobHash, Mention)>)>,
}

impl Drafted {
    /// Forgets what may have changed since it was looked at.
    fn catch_up(&mut self, subscribe: impl FnOnce() -> Receiver<Event>) {
        let events = self.events.get_or_insert_with(subscribe);
        loop {
            match events.try_recv() {
                Ok(Event::Draft(id)) => drop(self.files.remove(&id)),
                Err(TryRecvError::Lagged(_)) => self.files.clear(),
                Ok(_) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

impl Node {
    /// What is said of a file first: by a practice, else by a draft of this node
    /// that can be read.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn mention_of(&self, hash: &BlobHash) -> Result<Option<Mention>, OpError> {
        if let Some(mention) = self.blobs().named().of(hash).first() {
            return Ok(Some(mention.clone()));
        }
        let (mut found, _) = self.look_at_drafts().await?;
        Ok(found.remove(hash).and_then(|mentions| mentions.into_iter().next()))
    }

    /// Files that drafts of this node name: all of them, or an error.
    ///
    /// # Errors
    /// A draft cannot be read.
    pub(crate) async fn files_of_drafts(&self) -> Result<Mentions, OpError> {
        match self.look_at_drafts().await? {
            (_, Some(unread)) => Err(unread),
            (found, None) => Ok(found),
        }
    }

    /// The same of drafts that can be read, and why one cannot.
    pub(super) async fn look_at_drafts(&self) -> Result<(Mentions, Option<OpError>), OpError> {
        // One at a time: whoever comes next finds what this one looked at.
        let mut drafted = self.blobs().drafted.lock().await;
        drafted.catch_up(|| self.handle().events());
        let open = self.handle().read(drafts::all).await??;
        let ids: BTreeSet<DraftId> = open.iter().map(|(id, _)| *id).collect();
        drafted.files.retain(|id, _| ids.contains(id));
        let (mut found, mut unread) = (Mentions::new(), None);
        for (id, meta) in open {
            if drafted.files.get(&id).is_none_or(|(then, _)| *then != meta) {
                match self.draft(id).await {
                    Ok(opened) => {
                        let files = named::files(id.cast(), &opened.content);
                        drafted.files.insert(id, (meta, files));
                    }
                    Err(error) => {
                        drafted.files.remove(&id);
                        unread = Some(error);
                        continue;
                    }
                }
            }
            for (hash, mention) in drafted.files.get(&id).iter().flat_map(|(_, files)| files) {
                found.entry(*hash).or_default().push(mention.clone());
            }
        }
        Ok((found, unread))
    }
}
