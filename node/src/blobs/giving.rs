//! Giving files to members that ask for them.
//!
//! A file is given to a member's node if it is whole here and a practice that
//! is held and counts names it, or a shared draft that the member sees; whoever
//! asks for anything else learns only that it is not to be had. Over links that
//! cost money nothing is given once the month's allowance is used up.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use tern_crdt::identity::PublicKey;
use tern_crdt::practice::BlobHash;
use tern_protocol::blobs::message::VERSION;
use tern_protocol::blobs::{Answer, Lack, Part, Question, Serving};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use super::{PATIENCE, quiet};
use crate::blob_store::Held;
use crate::handle::NodeReplica;
use crate::net::{Lane, LaneReader, LaneWriter, Net};
use crate::ops::OpError;
use crate::running::Node;

/// Files that are given at one time, to all.
const GIVING_MAX: usize = 16;
/// Questions that wait to be dealt with; then the asker waits.
const QUESTIONS_WAITING_MAX: usize = 8;

/// Takes lanes for as long as there is a node.
pub(crate) async fn keep(node: Weak<Node>, net: Net, mut lanes: mpsc::Receiver<Lane>) {
    let places = Arc::new(Semaphore::new(GIVING_MAX));
    while let Some(lane) = lanes.recv().await {
        let Some(node) = node.upgrade() else { return };
        let (net, place) = (net.clone(), Arc::clone(&places).try_acquire_owned().ok());
        tokio::spawn(async move {
            let peer = lane.peer;
            if let Err(reason) = give(&node, &net, lane, place.is_some()).await {
                let peer = peer.node();
                tracing::debug!(%peer, reason, "a file was not given to its end");
            }
            drop(place);
        });
    }
}

/// Deals with one lane to its end.
async fn give(node: &Arc<Node>, net: &Net, lane: Lane, room: bool) -> Result<(), String> {
    let Lane { peer, near, mut reader, mut writer } = lane;
    let first = timeout(PATIENCE, reader.next(PATIENCE)).await.map_err(|_| "it asks nothing")?;
    let Some(first) = first.map_err(words)? else { return Ok(()) };
    let Question::Want { version, hash } = Question::decode(&first).map_err(words)? else {
        return Err("it does not say which file".into());
    };
    let member = node.handle().read(move |r| r.library().authority().node(&peer).is_some());
    let known = version == VERSION && member.await.map_err(words)?;
    let lack = if !known {
        Some(Lack::Unknown)
    } else if !near && node.glance_at_links().await.is_ok_and(|links| links.is_used_up()) {
        Some(Lack::Costly)
    } else {
        (!room).then_some(Lack::Busy)
    };
    let held = match lack {
        None => open(node, hash, peer).await,
        Some(_) => None,
    };
    let Some(held) = held else {
        let answer = Answer::Lack(lack.unwrap_or(Lack::Unknown));
        writer.send(&answer.encode(), PATIENCE).await.map_err(words)?;
        writer.close(PATIENCE).await;
        return Ok(());
    };
    let have = Answer::Have { shape: held.shape(), groups: None };
    writer.send(&have.encode(), PATIENCE).await.map_err(words)?;
    let (questions, asked) = mpsc::channel(QUESTIONS_WAITING_MAX);
    let reading = tokio::spawn(listen(reader, questions));
    let given = send(net, held, &mut writer, asked).await;
    reading.abort();
    let (bytes, whole) = given?;
    node.note_file_bytes(near, bytes).await;
    if whole {
        node.blobs().store().elsewhere(&hash).map_err(words)?;
    }
    Ok(())
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A file that may be given to a peer.
async fn open(node: &Arc<Node>, hash: BlobHash, peer: PublicKey) -> Option<Held> {
    let store = node.blobs().store().clone();
    let opened = tokio::task::spawn_blocking(move || store.read(&hash)).await.ok()?;
    let held =
        opened.inspect_err(|error| tracing::error!(%error, "a file cannot be given")).ok()??;
    let published = !node.blobs().named().of(&hash).is_empty();
    (published || is_in_a_draft_of(node, hash, peer).await.unwrap_or(false)).then_some(held)
}

/// Whether a shared draft names it that the peer's organisation sees.
async fn is_in_a_draft_of(
    node: &Arc<Node>,
    hash: BlobHash,
    peer: PublicKey,
) -> Result<bool, OpError> {
    let mentions = node.look_at_drafts().await?.0.remove(&hash).unwrap_or_default();
    let sees = move |replica: &NodeReplica| {
        let library = replica.library();
        let Some(org) = library.authority().node(&peer) else { return false };
        mentions.iter().any(|mention| {
            let circle = library.draft_circle(&mention.practice.cast());
            circle.is_some_and(|(owner, circle)| owner == org || circle.sees(&org))
        })
    };
    Ok(node.handle().read(sees).await?)
}

/// Reads questions, one behind the other.
async fn listen(mut reader: LaneReader, questions: mpsc::Sender<Bytes>) {
    while let Ok(Some(frame)) = reader.next(PATIENCE).await {
        if questions.send(frame).await.is_err() {
            return;
        }
    }
}

/// Sends what is asked for until nobody asks any more: how many bytes, and
/// whether the last of the file was among them.
async fn send(
    net: &Net,
    mut held: Held,
    writer: &mut LaneWriter,
    mut asked: mpsc::Receiver<Bytes>,
) -> Result<(u64, bool), String> {
    let mut serving = Serving::of(held.shape());
    let last = Part::Bytes(held.shape().groups() - 1);
    let (mut sent, mut whole) = (0, false);
    loop {
        let Some(chunk) = serving.next_chunk() else {
            let Some(frame) = asked.recv().await else { return Ok((sent, whole)) };
            take(&mut serving, &frame)?;
            continue;
        };
        while let Ok(frame) = asked.try_recv() {
            take(&mut serving, &frame)?;
        }
        quiet(net).await;
        let read = tokio::task::spawn_blocking(move || {
            let bytes = held.chunk(chunk);
            (held, bytes)
        });
        let (back, bytes) = read.await.map_err(words)?;
        held = back;
        let data = Answer::Data(bytes.map_err(words)?).encode();
        writer.send(&data, PATIENCE).await.map_err(words)?;
        sent += data.len() as u64;
        whole |= chunk.part == last;
    }
}

fn take(serving: &mut Serving, frame: &[u8]) -> Result<(), String> {
    match Question::decode(frame).map_err(words)? {
        Question::Ask { parts, go } => serving.asked(parts, go).map_err(words),
        Question::Want { .. } => Err("it asks for a second file on one stream".into()),
    }
}
