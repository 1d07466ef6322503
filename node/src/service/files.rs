//! Files beside practices, as the pages show them.

use tern_crdt::practice::BlobHash;
use tern_web_ui::service::{
    Answer, FILE_PIECE_BYTES_MAX, FileCost, FileHead, FileState, Files, Reader, Refusal,
};

use super::{Site, acting, refusal, sentence};
use crate::blobs::estimate::Estimate;
use crate::blobs::fetching::State;
use crate::blobs::kind::{LOOKED_AT, sniff};
use crate::links::hundredths;
use crate::operator::name_of;
use crate::ops::OpError;
use crate::running::{Node, stopping};

fn hash_of(text: &str) -> Result<BlobHash, Refusal> {
    // One file has one address.
    let hash: BlobHash = text.parse().map_err(|_| Refusal::NotFound)?;
    if hash.to_string() == text { Ok(hash) } else { Err(Refusal::NotFound) }
}

async fn state(node: &Node, hash: BlobHash, may_fetch: bool) -> Result<FileState, OpError> {
    let bytes = node.mention_of(&hash).await?.and_then(|mention| mention.bytes);
    let store = node.blobs().store().clone();
    let look = move || (store.whole(&hash).is_some(), store.part(&hash));
    let (whole, part) = tokio::task::spawn_blocking(look).await.map_err(|_| stopping())?;
    let Some(bytes) = bytes.filter(|_| !whole) else {
        return Ok(if whole { FileState::Here } else { FileState::Unknown });
    };
    let progress = node.file_progress(&hash);
    let kept = part.map_or(0, |(shape, groups)| groups.bytes(shape));
    let have = progress.as_ref().map_or(kept, |progress| progress.have.max(kept));
    let Estimate { bytes: travels, seconds, cost, costly } =
        node.estimate_file(bytes.saturating_sub(have)).await?;
    let cost = cost.map(|(sum, currency)| format!("{} {currency}", hundredths(sum)));
    let cost = FileCost { bytes: travels, seconds, costly, cost, may_fetch };
    Ok(match progress.map(|progress| (progress.state, progress.sources)) {
        None => FileState::Lacking(cost),
        Some((State::Failed(reason), _)) => FileState::Failed(sentence(&reason), cost),
        Some((_, sources)) => {
            let from = node
                .handle()
                .read(move |replica| sources.iter().map(|peer| name_of(replica, peer)).collect());
            FileState::Coming { have, bytes, from: from.await? }
        }
    })
}

impl Files for Site {
    fn files<'a>(&'a self, reader: &'a Reader, hashes: &'a [String]) -> Answer<'a, Vec<FileState>> {
        Box::pin(async move {
            let node = self.open()?;
            let mut states = Vec::new();
            for hash in hashes {
                states.push(match hash.parse() {
                    Ok(hash) => {
                        state(node, hash, reader.account.is_some()).await.map_err(refusal)?
                    }
                    Err(_) => FileState::Unknown,
                });
            }
            Ok(states)
        })
    }

    fn fetch_file<'a>(&'a self, reader: &'a Reader, hash: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            node.fetch_file(hash_of(hash)?).await.map_err(|error| match refusal(error) {
                // There is no form to put a field's words beside.
                Refusal::Invalid(found) => Refusal::Conflict(
                    found.into_iter().next().map(|field| field.message).unwrap_or_default(),
                ),
                other => other,
            })
        })
    }

    fn file<'a>(&'a self, reader: &'a Reader, hash: &'a str) -> Answer<'a, FileHead> {
        Box::pin(async move {
            let (node, hash) = (self.open()?, hash_of(hash)?);
            let published = node.blobs().named().of(&hash).first().cloned();
            // What drafts alone name is for those who have an account here.
            let named = match published {
                None if reader.account.is_some() => {
                    node.mention_of(&hash).await.map_err(refusal)?
                }
                named => named,
            };
            let name = named.ok_or(Refusal::NotFound)?.name;
            let store = node.blobs().store().clone();
            let read = tokio::task::spawn_blocking(move || {
                let Some(mut held) = store.read(&hash)? else { return Ok(None) };
                let media_type = sniff(&held.bytes(0, LOOKED_AT)?).to_owned();
                let bytes = held.shape().bytes();
                Ok::<_, OpError>(Some(FileHead { name, media_type, bytes }))
            });
            let head = read.await.map_err(|_| refusal(stopping()))?.map_err(refusal)?;
            head.ok_or(Refusal::NotFound)
        })
    }

    fn file_bytes<'a>(&'a self, hash: &'a str, at: u64) -> Answer<'a, Vec<u8>> {
        Box::pin(async move {
            let (node, hash) = (self.open()?, hash_of(hash)?);
            let store = node.blobs().store().clone();
            let read = tokio::task::spawn_blocking(move || {
                let Some(mut held) = store.read(&hash)? else { return Ok(None) };
                Ok::<_, OpError>(Some(held.bytes(at, FILE_PIECE_BYTES_MAX)?))
            });
            let bytes = read.await.map_err(|_| refusal(stopping()))?.map_err(refusal)?;
            bytes.ok_or(Refusal::NotFound)
        })
    }
}
