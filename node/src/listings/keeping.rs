//! Collections whose files this node keeps.
//!
//! A collection that is kept has the files of its practices and resources pinned here:
//! they are fetched, and stay when nothing names them any more. What comes into it
//! later is fetched by itself where links cost nothing; where they cost money it waits
//! until somebody who saw the price keeps the collection again. The choice is this
//! node's own and told to nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tern_crdt::identity::{DocumentId, ListingId};
use tern_crdt::listing::Thing;
use tern_crdt::practice::BlobHash;
use tern_protocol::ledger::Private;
use tern_protocol::step::{Command, Event};

use super::{ListingRead, look};
use crate::accounts::failed;
use crate::blobs::estimate::Estimate;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, stopping};

/// Before the ids of kept collections in the names of local values.
const KEPT: &[u8] = b"collection/kept/";
/// So many collections are kept at most.
const KEPT_MAX: usize = 200;

/// How a collection is kept here, and what it would take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keeping {
    /// Whether it is.
    pub kept: bool,
    /// How many files its practices and resources name.
    pub files: usize,
    /// How many of them are whole on this node.
    pub here: usize,
    /// Bytes of all of them, as far as is said.
    pub bytes: u64,
    /// What fetching those that lack would take.
    pub estimate: Estimate,
}

fn name(id: &ListingId) -> Vec<u8> {
    [KEPT, id.as_bytes()].concat()
}

/// The kept collections, each with the files that were pinned for its sake: not those that
/// somebody had pinned before.
type Kept = BTreeMap<ListingId, BTreeSet<BlobHash>>;

fn kept(replica: &NodeReplica) -> Result<Kept, OpError> {
    let all = replica.library().ledger().locals(KEPT).map_err(failed)?;
    let one = |(name, value): &(bytes::Bytes, bytes::Bytes)| {
        let (hashes, _) = value.as_chunks::<32>();
        let id = ListingId::from_slice(name.get(KEPT.len()..)?)?;
        Some((id, hashes.iter().map(|hash| BlobHash(*hash)).collect()))
    };
    Ok(all.iter().filter_map(one).collect())
}

/// What is noted of a kept collection.
fn note(id: &ListingId, pinned: &BTreeSet<BlobHash>) -> Private {
    let value: Vec<u8> = pinned.iter().flat_map(|hash| hash.0).collect();
    Private::local(name(id), Some(value.into()))
}

impl Node {
    /// The files that the practices and resources of a collection name, each with its
    /// size as far as is said.
    fn files_of(&self, read: &ListingRead) -> BTreeMap<BlobHash, Option<u64>> {
        let things = read.collection().into_iter().flat_map(|all| &all.items);
        let named = self.blobs().named();
        let mut files = BTreeMap::new();
        for thing in things.filter_map(|item| item.thing()) {
            let by: DocumentId = match thing {
                Thing::Practice(id) => id,
                Thing::Resource(id) => id.cast(),
            };
            for hash in named.by(&by) {
                let bytes = named.of(hash).first().and_then(|mention| mention.bytes);
                files.insert(*hash, bytes);
            }
        }
        files
    }

    /// How a collection is kept here.
    ///
    /// # Errors
    /// The store's.
    pub async fn keeping(&self, read: &ListingRead) -> Result<Keeping, OpError> {
        let files = self.files_of(read);
        let store = self.blobs().store().clone();
        let hashes: Vec<BlobHash> = files.keys().copied().collect();
        let looked = tokio::task::spawn_blocking(move || {
            hashes.into_iter().filter(|hash| store.whole(hash).is_some()).collect::<BTreeSet<_>>()
        });
        let here = looked.await.map_err(|_| stopping())?;
        let size = |one: (&BlobHash, &Option<u64>)| one.1.unwrap_or(0);
        let lacks = files.iter().filter(|(hash, _)| !here.contains(*hash)).map(size).sum();
        let id = read.id;
        let kept =
            self.handle().read(move |replica| Ok::<_, OpError>(kept(replica)?.contains_key(&id)));
        Ok(Keeping {
            kept: kept.await??,
            files: files.len(),
            here: here.len(),
            bytes: files.iter().map(size).sum(),
            estimate: self.estimate_file(lacks).await?,
        })
    }

    /// Keeps the files of a collection on this node, and begins to fetch those that are
    /// not here; or keeps them for its sake no more.
    ///
    /// # Errors
    /// Withdrawn, too many are kept, the disk refuses. That a file cannot be fetched now
    /// is no error: it is pinned, and told as lacking.
    pub async fn keep_collection(
        self: &Arc<Self>,
        read: &ListingRead,
        keep: bool,
    ) -> Result<Keeping, OpError> {
        if keep && read.collection().is_none() {
            let what = "this collection is withdrawn: there is nothing to keep";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        self.blobs().all_named().await;
        let mut all = self.handle().read(kept).await??;
        if keep && all.len() >= KEPT_MAX && !all.contains_key(&read.id) {
            let what = format!("this node keeps {KEPT_MAX} collections: let go of one first");
            return Err(OpError::new(ErrorCode::TooLarge, what).over(KEPT_MAX as u64));
        }
        if keep {
            let pinned = all.remove(&read.id).unwrap_or_default();
            self.keep_files(read, pinned, true).await?;
        } else {
            self.let_go(read.id, all).await?;
        }
        self.keeping(read).await
    }

    /// Keeps a collection no more: unpins what was pinned for its sake. What another kept
    /// collection needs stays, for the sake of that one.
    async fn let_go(&self, id: ListingId, mut all: Kept) -> Result<(), OpError> {
        let Some(mut files) = all.remove(&id) else { return Ok(()) };
        let mut private = vec![Private::local(name(&id), None)];
        for (other, mut pinned) in all {
            let read = self.handle().read(move |replica| look(replica, other)).await??;
            let needs: BTreeSet<BlobHash> =
                read.iter().flat_map(|read| self.files_of(read).into_keys()).collect();
            let taken: Vec<BlobHash> = files.intersection(&needs).copied().collect();
            if !taken.is_empty() {
                files.retain(|hash| !needs.contains(hash));
                pinned.extend(taken);
                private.push(note(&other, &pinned));
            }
        }
        self.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        let store = self.blobs().store().clone();
        let unpinned = tokio::task::spawn_blocking(move || {
            files.iter().try_for_each(|hash| store.pin(hash, false))
        });
        Ok(unpinned.await.map_err(|_| stopping())??)
    }

    /// Pins the files of a collection that nobody pinned, notes durably that it was for its
    /// sake, and begins to fetch those that are not here, if that is wanted.
    async fn keep_files(
        self: &Arc<Self>,
        read: &ListingRead,
        mut pinned: BTreeSet<BlobHash>,
        fetch: bool,
    ) -> Result<(), OpError> {
        let files: BTreeSet<BlobHash> = self.files_of(read).into_keys().collect();
        let store = self.blobs().store().clone();
        let (looked, all) = (store.clone(), files.clone());
        let fresh = tokio::task::spawn_blocking(move || {
            all.into_iter().filter(|hash| !looked.is_pinned(hash)).collect::<BTreeSet<_>>()
        });
        let fresh = fresh.await.map_err(|_| stopping())?;
        pinned.extend(&fresh);
        let private = vec![note(&read.id, &pinned)];
        self.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        let lacking = tokio::task::spawn_blocking(move || {
            fresh.iter().try_for_each(|hash| store.pin(hash, true))?;
            let lacks = files.into_iter().filter(|hash| store.whole(hash).is_none());
            Ok::<_, OpError>(lacks.collect::<Vec<_>>())
        });
        let lacking = lacking.await.map_err(|_| stopping())??;
        for hash in lacking.into_iter().filter(|_| fetch) {
            if let Err(error) = self.fetch_file(hash).await {
                tracing::info!(%hash, %error, "a file of a kept collection is not fetched now");
            }
        }
        Ok(())
    }

    /// Pins what came into kept collections by what happened.
    pub(crate) async fn keep_up(self: &Arc<Self>, event: &Event) -> Result<(), OpError> {
        let (things, listing) = match event {
            Event::Practice(id) => (vec![Thing::Practice(*id)], None),
            Event::Listing(id) => (vec![Thing::Resource(*id)], Some(*id)),
            _ => return Ok(()),
        };
        let concerned = move |replica: &NodeReplica| {
            let listings = replica.library().listings();
            let naming = things.iter().flat_map(|thing| listings.naming(thing));
            let concerned: BTreeSet<ListingId> = naming.chain(listing).collect();
            let mut kept = if concerned.is_empty() { Kept::new() } else { kept(replica)? };
            kept.retain(|id, _| concerned.contains(id));
            let reads = kept
                .into_iter()
                .map(|(id, pinned)| Ok(look(replica, id)?.map(|read| (read, pinned))));
            reads.collect::<Result<Vec<_>, OpError>>()
        };
        let reads = self.handle().read(concerned).await??;
        for (read, pinned) in reads.into_iter().flatten() {
            let free = !self.estimate_file(0).await?.costly;
            self.keep_files(&read, pinned, free).await?;
        }
        Ok(())
    }
}
