//! Signing what a person wrote in a draft: pure but for the key.
//!
//! A segment covers a run of changes of one actor. What is signed goes out only
//! with all that it builds on: where that is somebody else's work that is not
//! signed, it ends there.

use std::collections::BTreeSet;

use tern_crdt::chunk::{ChangeMeta, Past};
use tern_crdt::identity::FederationId;
use tern_crdt::segment::{Segment, previous};
use tern_crdt::signed::{Statement, Verified};
use tern_crdt::timestamp::Timestamp;
use tern_crdt::verdict::Quarantine;
use tern_protocol::drafts::piece;
use tern_protocol::ledger::Private;
use tern_protocol::message::Piece;

use super::held;
use crate::drafts::{self, Founded, Stored};
use crate::ops::{ErrorCode, OpError};
use crate::publishing::Pen;

/// What is to be written.
pub(super) struct Signed {
    /// Segments with their changes, if anything was signed.
    pub piece: Option<Piece>,
    /// What stood here unsigned, and does not any more.
    pub private: Vec<Private>,
}

fn damaged(error: impl std::fmt::Display) -> OpError {
    OpError::new(ErrorCode::Damaged, format!("a draft cannot be read: {error}"))
}

/// Signs what the pen's certificate wrote and nobody has signed.
pub(super) fn sign(
    federation: FederationId,
    pen: &Pen,
    stored: &Stored,
    at: Timestamp,
) -> Result<Signed, OpError> {
    let signed = stored.shared.iter().flat_map(|shared| &shared.changes).map(|(meta, _)| meta);
    let shown: Vec<&ChangeMeta> = signed.collect();
    let held = stored.held.iter().map(|held| &held.meta);
    let mut past = Past::from_metas(shown.iter().copied().chain(held).cloned().collect());
    let mut goes: BTreeSet<[u8; 32]> = past.metas().iter().map(|change| change.hash).collect();
    let own: Vec<Founded> = stored.meta.runs.iter().flatten().copied().collect();
    let actor = |run: &Founded| {
        let document = stored.id.cast();
        tern_crdt::identity::actor_id(federation, document, run.by, &run.nonce)
    };
    // Two of one number are never signed: that which lost is written anew.
    let signs = |change: &held::Unsigned| {
        !matches!(change.why, Some(Quarantine::LosingBranch { .. }))
            && own.iter().any(|run| run.by == pen.certificate && actor(run) == change.meta.actor)
    };
    let mut going: Vec<(usize, ChangeMeta)> = Vec::new();
    for change in held::unsigned(stored)? {
        past.push(change.meta.clone());
        if signs(&change) && change.meta.deps.iter().all(|dep| goes.contains(dep)) {
            goes.insert(change.meta.hash);
            going.push((change.number, change.meta));
        }
    }
    let mut segments: Vec<Verified<Segment>> = Vec::new();
    for run in own.iter().filter(|run| run.by == pen.certificate) {
        let actor = actor(run);
        let new = going.iter().map(|(_, change)| change);
        let of_actor = new.chain(shown.iter().copied()).filter(|change| change.actor == actor);
        let Some(tip) = of_actor.max_by_key(|change| change.seq) else { continue };
        let changes = chain(&past, tip);
        let open = stored.shared.iter().flat_map(|s| s.signatures.iter().chain(&s.aside));
        let open = open.filter(|open| changes.iter().any(|change| change.hash == open.head));
        let open = open.max_by_key(|open| open.last);
        let (mut first, last) = open.map_or((1, 0), |open| (open.first, open.last));
        while changes.last().is_some_and(|change| change.seq > last && change.seq >= first) {
            let covered = covered(&changes, first);
            let end = covered.last().map_or(first, |change| change.seq);
            if end > last {
                let segment = Segment::covering(run.by, stored.id.cast(), run.nonce, &covered, at);
                let segment = segment.ok_or_else(|| damaged("its changes are no run"))?;
                let record = segment.prepare().sign(federation, &pen.key);
                segments.push(record.verify(federation).and_then(Verified::read).map_err(damaged)?);
            }
            first = end + 1;
        }
    }
    let changes = going.iter().filter_map(|(number, _)| stored.changes.get(*number));
    let changes: Vec<&[u8]> = changes.map(|bytes| &bytes[..]).collect();
    let piece = match segments.is_empty() {
        true => None,
        false => Some(piece(&segments, &changes, federation).ok_or_else(|| damaged("a change"))?),
    };
    // Those that stay keep their places.
    let stay: Vec<_> = stored
        .changes
        .iter()
        .enumerate()
        .filter(|(number, _)| !going.iter().any(|(goes, _)| goes == number))
        .map(|(_, bytes)| bytes.clone())
        .collect();
    let private = match piece {
        Some(_) => drafts::keep_unsigned(stored, &stay),
        None => Vec::new(),
    };
    Ok(Signed { piece, private })
}

/// The changes of an actor up to this one, the first first.
fn chain<'p>(past: &'p Past, tip: &'p ChangeMeta) -> Vec<&'p ChangeMeta> {
    let before = |change: &&'p ChangeMeta| previous(change, past);
    let mut chain: Vec<&ChangeMeta> = std::iter::successors(Some(tip), before).collect();
    chain.reverse();
    chain
}

/// The changes of one segment that begins with this number, as many as fit.
fn covered(changes: &[&ChangeMeta], first: u64) -> Vec<ChangeMeta> {
    let mut covered: Vec<ChangeMeta> = Vec::new();
    let mut bytes = 0;
    for change in changes.iter().filter(|change| change.seq >= first) {
        bytes += u64::from(change.bytes);
        let full = covered.len() as u64 >= tern_crdt::segment::SEGMENT_CHANGES_MAX
            || bytes > tern_crdt::segment::SEGMENT_BYTES_MAX;
        if full && !covered.is_empty() {
            break;
        }
        covered.push((*change).clone());
    }
    covered
}
