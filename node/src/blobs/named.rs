//! Which files the practices, and the resources, that are held name.
//!
//! In memory only: made anew at each start by looking at every practice, and
//! kept by what happens. An edition names what its own change brought, and a
//! file that is named by any edition that counts is named; so what an earlier
//! edition said can still be fetched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Weak;

use bytes::Bytes;
use tern_crdt::identity::{DocumentId, ListingId};
use tern_crdt::listing::Sort;
use tern_crdt::listing::fold::Stood;
use tern_crdt::practice::{Attachment, BlobHash, Practice};
use tern_protocol::step::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::handle::{NodeReplica, Stopped};
use crate::reading::{PracticeRead, Verdict, accept};
use crate::running::Node;

/// Under this key every file stands in a practice; a change that does not have
/// it names none.
const KEY: &[u8] = b"hash";
/// What is said of a file at most: of so many practices.
const MENTIONS_MAX: usize = 64;

/// What a practice says of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mention {
    /// The practice.
    pub practice: DocumentId,
    /// Whether the practice is for members alone.
    pub members_only: bool,
    /// What the file is called; for people alone.
    pub name: String,
    /// What it is said to be.
    pub media_type: Option<String>,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its language.
    pub lang: Option<String>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Named {
    files: BTreeMap<BlobHash, Vec<Mention>>,
    practices: BTreeMap<DocumentId, BTreeSet<BlobHash>>,
    /// Practices of which some edition may name a file, whether it counts or not.
    candidates: BTreeSet<DocumentId>,
    /// Whether every practice was looked at.
    complete: bool,
}

impl Named {
    /// What is said of a file; the first is enough where one is.
    pub fn of(&self, hash: &BlobHash) -> &[Mention] {
        self.files.get(hash).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files that a practice names; those of a resource stand under its id.
    pub fn by(&self, practice: &DocumentId) -> impl Iterator<Item = &BlobHash> {
        self.practices.get(practice).into_iter().flatten()
    }

    /// Every file that is named.
    pub fn files(&self) -> impl Iterator<Item = (&BlobHash, &[Mention])> {
        self.files.iter().map(|(hash, mentions)| (hash, mentions.as_slice()))
    }

    /// Whether every practice was looked at: before, what is not in here may be
    /// named all the same.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// A practice names these now. Files that nothing names any more.
    fn set(&mut self, practice: DocumentId, files: Vec<(BlobHash, Mention)>) -> Vec<BlobHash> {
        let before = self.practices.remove(&practice).unwrap_or_default();
        for hash in &before {
            if let Some(mentions) = self.files.get_mut(hash) {
                mentions.retain(|mention| mention.practice != practice);
            }
        }
        for (hash, mention) in files {
            let mentions = self.files.entry(hash).or_default();
            if mentions.len() < MENTIONS_MAX {
                mentions.push(mention);
            }
            self.practices.entry(practice).or_default().insert(hash);
        }
        self.files.retain(|_, mentions| !mentions.is_empty());
        before.into_iter().filter(|hash| !self.files.contains_key(hash)).collect()
    }
}

/// What is said of an attached file.
fn mention(practice: DocumentId, members_only: bool, file: &Attachment) -> Mention {
    Mention {
        practice,
        members_only,
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        bytes: file.bytes,
        lang: file.lang.as_ref().map(ToString::to_string),
    }
}

/// The files that a practice's text names.
pub fn files(practice: DocumentId, content: &Practice) -> Vec<(BlobHash, Mention)> {
    let members_only = content.is_for_members();
    let attachments = content.attachments.iter();
    let attachments = attachments.map(|file| (file.hash, mention(practice, members_only, file)));
    let images = content.images.iter().map(|image| {
        let mention = Mention {
            practice,
            members_only,
            name: image.name.clone().unwrap_or_default(),
            media_type: image.media_type.clone(),
            bytes: image.bytes,
            lang: None,
        };
        (image.hash, mention)
    });
    attachments.chain(images).collect()
}

/// What to read of an edition that may name files.
struct Reading {
    changes: Vec<Bytes>,
    head: [u8; 32],
    signed: [u8; 32],
}

/// Whether a change may name a file.
fn may_name(change: &Bytes) -> bool {
    change.windows(KEY.len()).any(|window| window == KEY)
}

fn readings(read: &PracticeRead) -> Vec<Reading> {
    let editions = read.editions.iter().enumerate();
    let naming = editions.filter(|(_, edition)| {
        edition.standing.refused.is_none() && may_name(&edition.held.change)
    });
    naming
        .map(|(at, edition)| Reading {
            changes: read.editions[..=at].iter().map(|e| e.held.change.clone()).collect(),
            head: edition.statement().change,
            signed: edition.statement().content,
        })
        .collect()
}

impl Node {
    /// Looks at one practice again.
    async fn look_for_files(&self, id: DocumentId) -> Result<(), Stopped> {
        let look = move |replica: &NodeReplica| PracticeRead::look(replica.library(), &id);
        let read = match self.handle().read(look).await? {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(%id, %error, "it is not known which files a practice names");
                return Ok(());
            }
        };
        let gone = read.is_none();
        let mut editions = read.iter().flat_map(|read| &read.editions);
        if editions.any(|edition| may_name(&edition.held.change)) {
            self.blobs().named().candidates.insert(id);
        } else {
            self.blobs().named().candidates.remove(&id);
        }
        let mut found = BTreeMap::new();
        for reading in read.iter().flat_map(readings) {
            let Reading { changes, head, signed } = reading;
            let content = self.acceptor().run(move || accept(&changes, head, signed)).await;
            if let Ok(content) = content
                && content.verdict == Verdict::Accepted
            {
                // What the latest edition says of a file is what is shown.
                found.extend(files(id, &content.practice));
            }
        }
        let unnamed = self.blobs().named().set(id, found.into_iter().collect());
        if gone {
            self.withdraw_files(unnamed).await;
        }
        Ok(())
    }

    async fn look_for_files_of(&self, practices: Vec<DocumentId>) -> Result<(), Stopped> {
        for id in practices {
            self.look_for_files(id).await?;
        }
        Ok(())
    }

    /// Looks at one resource again. Its file stands under its id.
    async fn look_for_file_of(&self, id: ListingId) -> Result<(), Stopped> {
        let look = move |replica: &NodeReplica| replica.library().listing(id);
        let stood = match self.handle().read(look).await? {
            Ok(stood) => stood,
            Err(error) => {
                tracing::error!(%id, %error, "it is not known which file a resource names");
                return Ok(());
            }
        };
        let gone = stood.is_none();
        let told = stood.as_ref().and_then(Stood::told);
        let file = told.and_then(|(_, said)| said.resource()?.file);
        let mention = file.map(|file| (file.hash, mention(id.cast(), false, &file)));
        let unnamed = self.blobs().named().set(id.cast(), mention.into_iter().collect());
        if gone {
            self.withdraw_files(unnamed).await;
        }
        Ok(())
    }

    async fn look_for_all_files(&self) -> Result<(), Stopped> {
        let all = |replica: &NodeReplica| replica.library().practice_ids().collect::<Vec<_>>();
        self.look_for_files_of(self.handle().read(all).await?).await?;
        let resources = |replica: &NodeReplica| {
            replica.library().listings().of_sort(Sort::Resource).collect::<Vec<_>>()
        };
        for id in self.handle().read(resources).await? {
            self.look_for_file_of(id).await?;
        }
        self.blobs().named().complete = true;
        self.blobs().complete.send_replace(true);
        Ok(())
    }
}

/// Keeps what is named up to date, for as long as there is a node.
/// `serves` says that it runs to stay, and so goes on fetching what it was.
pub(crate) async fn keep(node: Weak<Node>, mut events: Receiver<Event>, serves: bool) {
    let Some(first) = node.upgrade() else { return };
    if first.look_for_all_files().await.is_err() {
        return;
    }
    if serves {
        first.resume_files().await;
    }
    drop(first);
    loop {
        let event = events.recv().await;
        let Some(node) = node.upgrade() else { return };
        let looked = match &event {
            Ok(Event::Practice(id)) => node.look_for_files(*id).await,
            Ok(Event::Listing(id)) => node.look_for_file_of(*id).await,
            // Whether editions count may have changed.
            Ok(Event::Members) => {
                let some = node.blobs().named().candidates.iter().copied().collect();
                node.look_for_files_of(some).await
            }
            Err(RecvError::Lagged(_)) => node.look_for_all_files().await,
            Ok(_) => Ok(()),
            Err(RecvError::Closed) => return,
        };
        if looked.is_err() {
            return;
        }
        if let (Ok(event), true) = (event, serves)
            && let Err(error) = node.keep_up(&event).await
        {
            tracing::error!(%error, "the files of kept collections were not looked at");
        }
    }
}
