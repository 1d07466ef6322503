//! Files: attach, list, fetch, read, pin, drop.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tern_crdt::identity::{Document, Draft, IdKind};
use tern_crdt::practice::BlobHash;

use super::{Acting, invalid, name_of};
use crate::blob_store::Entry;
use crate::blobs::attaching::{Place, Said};
use crate::blobs::fetching::State;
use crate::blobs::named::Mention;
use crate::links::hundredths;
use crate::ops::{BLOB_PIECE_BYTES_MAX, ErrorCode, OpError};
use crate::reading::PREFIX_MIN;
use crate::running::stopping;

pub(super) fn upload_of(text: &str) -> Result<u64, OpError> {
    u64::from_str_radix(text, 16)
        .map_err(|_| invalid("upload", "`upload` is what the first answer said"))
}

impl Acting<'_> {
    pub(super) async fn blob_begin(self) -> Result<Value, OpError> {
        // Who may not draft need not send a file first.
        let account = self.account().await?;
        Ok(json!({ "upload": format!("{:016x}", self.node.begin_file(&account, 0).await?) }))
    }

    pub(super) async fn blob_put(self, upload: String, piece: String) -> Result<Value, OpError> {
        let piece = crate::hex::decode_all(&piece)
            .filter(|piece| piece.len() <= BLOB_PIECE_BYTES_MAX)
            .ok_or_else(|| {
                let what =
                    format!("`bytes` is up to {BLOB_PIECE_BYTES_MAX} bytes as hexadecimal digits");
                invalid("bytes", what)
            })?;
        self.node.put_file(upload_of(&upload)?, piece).await?;
        Ok(json!({}))
    }

    pub(super) async fn blob_attach(
        self,
        upload: String,
        id: String,
        said: Said,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let attached = self
            .node
            .attach_file(&account, &id, upload_of(&upload)?, said, Place::default())
            .await?;
        Ok(json!({
            "id": attached.draft, "hash": attached.hash.to_string(), "bytes": attached.bytes,
            "media_type": attached.media_type, "cleaned": attached.cleaned,
        }))
    }

    /// Every file that is here, or that a practice or a draft names.
    pub(super) async fn blob_list(self) -> Result<Value, OpError> {
        self.node.blobs().all_named().await;
        let store = self.node.blobs().store().clone();
        let listed = tokio::task::spawn_blocking(move || store.list());
        let entries = listed.await.map_err(|_| stopping())??;
        let of_drafts = self.node.files_of_drafts().await?;
        let mut files: BTreeMap<BlobHash, File> = BTreeMap::new();
        for (hash, entry) in entries {
            files.entry(hash).or_default().entry = entry;
        }
        for (hash, mentions) in self.node.blobs().named().files() {
            files.entry(*hash).or_default().practices = mentions.to_vec();
        }
        for (hash, mentions) in of_drafts {
            files.entry(hash).or_default().drafts = mentions;
        }
        let bytes: u64 = files.values().map(|file| file.entry.bytes()).sum();
        let items: Vec<Value> = files
            .iter()
            .map(|(hash, File { entry, practices, drafts })| {
                let first = practices.first().or(drafts.first());
                let size = entry.whole.or_else(|| first.and_then(|mention| mention.bytes));
                json!({
                    "hash": hash.to_string(),
                    "state": state(entry), "pinned": entry.pinned, "bytes": size,
                    "have": entry.bytes(),
                    "name": first.map(|mention| mention.name.clone()),
                    "media_type": first.and_then(|mention| mention.media_type.clone()),
                    "practices": ids::<Document>(practices),
                    "drafts": ids::<Draft>(drafts),
                })
            })
            .collect();
        let complete = self.node.blobs().named().is_complete();
        Ok(
            json!({ "items": items, "bytes": bytes, "quota": self.node.settings().blobs_quota, "complete": complete }),
        )
    }

    /// How a file stands; `begin` fetches it.
    pub(super) async fn blob_get(self, hash: String, begin: bool) -> Result<Value, OpError> {
        let hash = self.blob(&hash).await?;
        if begin {
            self.node.fetch_file(hash).await?;
        }
        let progress = self.node.file_progress(&hash);
        let store = self.node.blobs().store().clone();
        let (whole, part) =
            tokio::task::spawn_blocking(move || (store.whole(&hash), store.part(&hash)))
                .await
                .map_err(|_| stopping())?;
        if let Some(shape) = whole {
            let bytes = shape.bytes();
            return Ok(
                json!({ "hash": hash.to_string(), "state": "whole", "bytes": bytes, "have": bytes }),
            );
        }
        let named = self.node.mention_of(&hash).await?.and_then(|mention| mention.bytes);
        let kept = part.map_or(0, |(shape, groups)| groups.bytes(shape));
        let have = progress.as_ref().map_or(kept, |progress| progress.have.max(kept));
        let bytes = named.unwrap_or(0);
        let estimate = self.node.estimate_file(bytes.saturating_sub(have)).await?;
        let (state, reason) = match progress.as_ref().map(|progress| &progress.state) {
            None => ("lacking", None),
            Some(State::Looking) => ("looking", None),
            Some(State::Coming | State::Whole) => ("coming", None),
            Some(State::Failed(reason)) => ("failed", Some(reason.clone())),
        };
        let sources =
            progress.as_ref().map(|progress| progress.sources.clone()).unwrap_or_default();
        let sources = self.node.handle().read(move |replica| {
            sources.iter().map(|peer| name_of(replica, peer)).collect::<Vec<_>>()
        });
        Ok(json!({
            "hash": hash.to_string(), "state": state, "reason": reason, "bytes": bytes,
            "have": have, "rate": progress.map(|progress| progress.rate),
            "sources": sources.await?,
            "travels": estimate.bytes, "seconds": estimate.seconds, "costly": estimate.costly,
            "cost": estimate.cost.map(|(sum, currency)| json!({
                "amount": hundredths(sum), "currency": currency,
            })),
        }))
    }

    pub(super) async fn blob_read(self, hash: String, at: u64) -> Result<Value, OpError> {
        let hash = self.blob(&hash).await?;
        let store = self.node.blobs().store().clone();
        let read = tokio::task::spawn_blocking(move || {
            let Some(mut held) = store.read(&hash)? else { return Ok(None) };
            let bytes = held.bytes(at, BLOB_PIECE_BYTES_MAX)?;
            Ok::<_, OpError>(Some((held.shape().bytes(), bytes)))
        });
        let (all, bytes) = read.await.map_err(|_| stopping())??.ok_or_else(|| not_here(&hash))?;
        let next = at + bytes.len() as u64;
        Ok(json!({
            "bytes": crate::hex::encode(&bytes), "all": all,
            "next": (next < all).then_some(next),
        }))
    }

    pub(super) async fn blob_pin(self, hash: String, keep: bool) -> Result<Value, OpError> {
        let hash = self.blob(&hash).await?;
        let store = self.node.blobs().store().clone();
        let pinned = tokio::task::spawn_blocking(move || {
            let here = store.whole(&hash).is_some() || store.part(&hash).is_some();
            if !here && keep {
                return Err(not_here(&hash));
            }
            store.pin(&hash, keep).map_err(OpError::from)
        });
        pinned.await.map_err(|_| stopping())??;
        Ok(json!({ "hash": hash.to_string(), "pinned": keep }))
    }

    /// Removes a file from this node; the last copy that it knows of only if
    /// that is said.
    pub(super) async fn blob_drop(self, hash: String, last: bool) -> Result<Value, OpError> {
        let hash = self.blob(&hash).await?;
        let named = !self.node.blobs().named().of(&hash).is_empty()
            || self.node.files_of_drafts().await?.contains_key(&hash);
        if let Some(fetching) = self.node.blobs().fetching().remove(&hash) {
            fetching.stop();
        }
        let store = self.node.blobs().store().clone();
        let dropped = tokio::task::spawn_blocking(move || {
            let entry = store.list()?.remove(&hash).ok_or_else(|| not_here(&hash))?;
            if entry.pinned {
                let what = format!("{hash} is pinned: `tern blob pin {hash} --undo` first");
                return Err(OpError::new(ErrorCode::Conflict, what));
            }
            if named && entry.whole.is_some() && !last && !store.is_elsewhere(&hash) {
                let what = format!(
                    "this node knows of nobody else who has {hash}: `--last` drops it all the same"
                );
                return Err(OpError::new(ErrorCode::Conflict, what));
            }
            Ok(store.remove(&hash)?)
        });
        let freed = dropped.await.map_err(|_| stopping())??;
        Ok(json!({ "hash": hash.to_string(), "freed": freed }))
    }

    /// A file by its hash, or a prefix of it that fits one that is here or is
    /// named.
    async fn blob(&self, text: &str) -> Result<BlobHash, OpError> {
        self.node.blobs().all_named().await;
        if let Ok(hash) = text.parse() {
            return Ok(hash);
        }
        let prefix = text.trim().to_ascii_lowercase();
        if prefix.len() < PREFIX_MIN || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let what = format!(
                "`{text}` is no hash: give at least {PREFIX_MIN} of its 64 hexadecimal digits"
            );
            return Err(invalid("hash", what));
        }
        let store = self.node.blobs().store().clone();
        let listed = tokio::task::spawn_blocking(move || store.list());
        let here = listed.await.map_err(|_| stopping())??;
        let of_drafts = self.node.files_of_drafts().await?;
        let named = self.node.blobs().named();
        let named = named.files().map(|(hash, _)| *hash).chain(of_drafts.keys().copied());
        let known: BTreeSet<BlobHash> = here.keys().copied().chain(named).collect();
        let mut fits = known.into_iter().filter(|hash| hash.to_string().starts_with(&prefix));
        match (fits.next(), fits.next()) {
            (Some(hash), None) => Ok(hash),
            (Some(_), Some(_)) => {
                let what = format!("`{text}` fits more than one file: give more digits");
                Err(OpError::new(ErrorCode::Ambiguous, what).in_field("hash"))
            }
            (None, _) => {
                let what = format!(
                    "no file `{text}` is here, and no practice or draft that is held names one"
                );
                Err(OpError::new(ErrorCode::NotFound, what).in_field("hash"))
            }
        }
    }
}

/// A file as it is listed.
#[derive(Default)]
struct File {
    entry: Entry,
    practices: Vec<Mention>,
    drafts: Vec<Mention>,
}

/// Who names a file, as ids of their kind.
fn ids<K: IdKind>(mentions: &[Mention]) -> Vec<String> {
    mentions.iter().map(|mention| mention.practice.cast::<K>().to_string()).collect()
}

const fn state(entry: &Entry) -> &'static str {
    match (entry.whole, entry.part) {
        (Some(_), _) => "whole",
        (None, Some(_)) => "part",
        (None, None) => "lacking",
    }
}

fn not_here(hash: &BlobHash) -> OpError {
    let what = format!("the file {hash} is not on this node: `tern blob get {hash}` fetches it");
    OpError::new(ErrorCode::NotFound, what).in_field("hash")
}
