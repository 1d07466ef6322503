//! What of a draft is held and not shown, and what it would say: pure.
//!
//! A change is not shown when its certificate ended and no cut lists it, when a
//! change of its author with the same number stands instead, or when it builds on
//! such a change. People decide over *held work*: a last change with all that it
//! builds on and that is not shown either. Work that was revoked is adopted; work
//! on a branch that lost is written anew on the one that stands, by its author.
//! Until then it stays as it is: nothing here is ever dropped or merged by itself.
//!
//! Changes that nobody signed yet are judged here too, by the same rules; the
//! verdict does not know of them.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::chunk::{self, ChangeMeta, ChunkRefused, Past};
use tern_crdt::document::Draft;
use tern_crdt::identity::{ActorId, CertificateId, FederationId, RecordId, actor_id};
use tern_crdt::practice::Practice;
use tern_crdt::verdict::{Hash, Quarantine};

use crate::drafts::{Stored, sound_of, unreadable};
use crate::ops::OpError;

/// Of one draft so much held work is told, the latest first.
pub const HELD_MAX: usize = 12;

/// A change of this node that nobody signed yet.
#[derive(Clone, Debug)]
pub(crate) struct Unsigned {
    /// Its place among those.
    pub number: usize,
    /// What it is.
    pub meta: ChangeMeta,
    /// Why it is not shown, if it is not.
    pub why: Option<Quarantine>,
}

/// Work that is held and not shown.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its last change: names it.
    pub change: Hash,
    /// Who wrote what of it is not shown, ascending.
    pub writers: BTreeSet<CertificateId>,
    /// Certificates that ended and whose work it is, or builds on, each with
    /// what ended it.
    pub ended: BTreeMap<CertificateId, RecordId>,
    /// Whether it is, or builds on, a branch that lost against another one.
    pub lost: bool,
    /// How many changes it has that are not shown.
    pub changes: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What the draft would say with it; `None` if that cannot be put together.
    pub content: Option<Practice>,
    /// It was taken over or put away here.
    pub settled: bool,
    /// Its last changes that others may hold too: what an adoption names.
    pub heads: Vec<Hash>,
    /// Of work that lost: where it left what is shown.
    pub base: Vec<Hash>,
    /// Of work that lost: what its branch says.
    pub branch: Option<Practice>,
}

impl Held {
    /// Whether an adoption would let it be shown.
    pub fn is_adoptable(&self) -> bool {
        !self.ended.is_empty() && !self.lost && !self.heads.is_empty()
    }
}

/// The changes of this node that nobody signed yet, judged. One is left out of
/// which something is missing that it builds on.
pub(crate) fn unsigned(stored: &Stored) -> Result<Vec<Unsigned>, OpError> {
    let shown = || stored.shared.iter().flat_map(|shared| &shared.changes).map(|(meta, _)| meta);
    let held = stored.held.iter().map(|held| &held.meta);
    let mut past = Past::from_metas(shown().chain(held).cloned().collect());
    let mut hashes: BTreeSet<Hash> = shown().map(|meta| meta.hash).collect();
    let mut numbers: BTreeMap<(ActorId, u64), Hash> =
        shown().map(|meta| ((meta.actor, meta.seq), meta.hash)).collect();
    let mut found = Vec::new();
    for (number, bytes) in stored.changes.iter().enumerate() {
        let chunk = chunk::read(bytes).map_err(unreadable)?;
        let meta = match chunk::hold(&chunk, &past, None) {
            Err(ChunkRefused::Missing { .. }) => continue,
            held => held.map_err(unreadable)?,
        };
        past.push(meta.clone());
        let why = match meta.deps.iter().find(|dep| !hashes.contains(*dep)) {
            Some(dep) => Some(Quarantine::BuildsOn(*dep)),
            None => numbers
                .get(&(meta.actor, meta.seq))
                .map(|instead| Quarantine::LosingBranch { instead: *instead }),
        };
        if why.is_none() {
            hashes.insert(meta.hash);
            numbers.insert((meta.actor, meta.seq), meta.hash);
        }
        found.push(Unsigned { number, meta, why });
    }
    Ok(found)
}

/// The raw changes that are shown, signed or not.
pub(crate) fn shown(stored: &Stored) -> Result<Vec<&[u8]>, OpError> {
    let signed = stored.shared.iter().flat_map(|shared| &shared.changes);
    let mut all: Vec<&[u8]> = signed.map(|(_, bytes)| &bytes[..]).collect();
    let unsigned = unsigned(stored)?;
    let own = unsigned.iter().filter(|change| change.why.is_none());
    all.extend(own.filter_map(|change| stored.changes.get(change.number)).map(|b| &b[..]));
    Ok(all)
}

/// Who wrote changes that are not shown.
pub(crate) fn actors(stored: &Stored) -> Result<BTreeSet<ActorId>, OpError> {
    let fell = unsigned(stored)?.into_iter().filter(|change| change.why.is_some());
    let held = stored.held.iter().map(|held| held.meta.actor);
    Ok(held.chain(fell.map(|change| change.meta.actor)).collect())
}

/// One change that is not shown.
struct Hidden<'a> {
    meta: ChangeMeta,
    bytes: &'a [u8],
    why: Quarantine,
    /// Whether it is signed, so that others may hold it.
    signed: bool,
}

/// All held work of a draft, the latest first; at most [`HELD_MAX`].
///
/// # Errors
/// The draft cannot be read.
pub fn all(federation: FederationId, stored: &Stored) -> Result<Vec<Held>, OpError> {
    let hidden = hidden(stored)?;
    if hidden.is_empty() {
        return Ok(Vec::new());
    }
    let followed: BTreeSet<Hash> = hidden.values().flat_map(|h| h.meta.deps.clone()).collect();
    let mut tips: Vec<&Hidden<'_>> =
        hidden.values().filter(|change| !followed.contains(&change.meta.hash)).collect();
    tips.sort_by_key(|tip| std::cmp::Reverse((tip.meta.depth, tip.meta.hash)));
    tips.truncate(HELD_MAX);
    let shown = Shown::of(stored)?;
    let authors = authors(federation, stored);
    tips.into_iter().map(|tip| held(tip, &hidden, &shown, &authors, stored)).collect()
}

fn hidden(stored: &Stored) -> Result<BTreeMap<Hash, Hidden<'_>>, OpError> {
    let signed = stored.held.iter().map(|held| Hidden {
        meta: held.meta.clone(),
        bytes: &held.bytes,
        why: held.why,
        signed: true,
    });
    let own = unsigned(stored)?.into_iter().filter_map(|change| {
        let (why, bytes) = (change.why?, stored.changes.get(change.number)?);
        Some(Hidden { meta: change.meta, bytes, why, signed: false })
    });
    Ok(signed.chain(own).map(|change| (change.meta.hash, change)).collect())
}

/// What is shown, by hash.
struct Shown<'a> {
    bytes: BTreeMap<Hash, &'a [u8]>,
    deps: BTreeMap<Hash, Vec<Hash>>,
    document: Draft,
}

impl<'a> Shown<'a> {
    fn of(stored: &'a Stored) -> Result<Self, OpError> {
        let raw = shown(stored)?;
        let document = sound_of(&raw)?;
        let (mut bytes, mut deps) = (BTreeMap::new(), BTreeMap::new());
        for change in raw {
            let chunk = chunk::read(change).map_err(unreadable)?;
            bytes.insert(chunk.hash(), change);
            deps.insert(chunk.hash(), chunk.deps().to_vec());
        }
        Ok(Self { bytes, deps, document })
    }

    /// What is shown of the past of these.
    fn past(&self, of: BTreeSet<Hash>) -> BTreeSet<Hash> {
        let mut found = BTreeSet::new();
        let mut next: Vec<Hash> = of.into_iter().collect();
        while let Some(hash) = next.pop() {
            if let Some(deps) = self.deps.get(&hash).filter(|_| found.insert(hash)) {
                next.extend(deps);
            }
        }
        found.retain(|hash| self.bytes.contains_key(hash));
        found
    }

    fn raw(&self, of: &BTreeSet<Hash>) -> Vec<&'a [u8]> {
        of.iter().filter_map(|hash| self.bytes.get(hash).copied()).collect()
    }
}

/// Under which certificate each actor writes, as far as that is known.
pub(super) fn authors(
    federation: FederationId,
    stored: &Stored,
) -> BTreeMap<ActorId, CertificateId> {
    let shared = stored.shared.iter();
    let signed = shared.flat_map(|shared| shared.signatures.iter().chain(&shared.aside));
    let runs = stored.meta.runs.iter().flatten();
    let own = runs.map(|run| (actor_id(federation, stored.id.cast(), run.by, &run.nonce), run.by));
    own.chain(signed.map(|signature| (signature.actor, signature.by))).collect()
}

fn held(
    tip: &Hidden<'_>,
    hidden: &BTreeMap<Hash, Hidden<'_>>,
    shown: &Shown<'_>,
    authors: &BTreeMap<ActorId, CertificateId>,
    stored: &Stored,
) -> Result<Held, OpError> {
    let (mut mine, mut next) = (BTreeSet::new(), vec![tip.meta.hash]);
    while let Some(hash) = next.pop() {
        if let Some(change) = hidden.get(&hash).filter(|_| mine.insert(hash)) {
            next.extend(&change.meta.deps);
        }
    }
    mine.retain(|hash| hidden.contains_key(hash));
    let changes: Vec<&Hidden<'_>> = mine.iter().filter_map(|hash| hidden.get(hash)).collect();
    let revoked = changes.iter().filter_map(|change| match change.why {
        Quarantine::Revoked { certificate, by } => Some((certificate, by)),
        _ => None,
    });
    let lost = changes.iter().any(|c| matches!(c.why, Quarantine::LosingBranch { .. }));
    let signed = changes.iter().filter(|change| change.signed);
    let inner: BTreeSet<Hash> = signed.clone().flat_map(|c| c.meta.deps.clone()).collect();
    let heads = signed.map(|change| change.meta.hash).filter(|hash| !inner.contains(hash));
    let left: BTreeSet<Hash> = changes.iter().flat_map(|c| c.meta.deps.clone()).collect();
    let past = shown.past(left);
    let raw = || changes.iter().map(|change| change.bytes);
    let mut work = Held {
        change: tip.meta.hash,
        writers: changes.iter().filter_map(|c| authors.get(&c.meta.actor).copied()).collect(),
        ended: revoked.collect(),
        lost,
        changes: changes.len(),
        bytes: changes.iter().map(|change| u64::from(change.meta.bytes)).sum(),
        content: None,
        settled: stored.meta.settled.iter().flatten().any(|hash| **hash == tip.meta.hash),
        heads: heads.collect(),
        base: Vec::new(),
        branch: None,
    };
    if lost {
        let base = shown.raw(&past);
        let branch: Vec<&[u8]> = base.iter().copied().chain(raw()).collect();
        if let Some(branch) = whole(&branch, &tip.meta.hash)? {
            let branch = branch.content().map_err(unreadable)?;
            work.base = sound_of(&base)?.heads();
            let mut joined = shown.document.clone();
            // Only to see what comes of it.
            let nobody = [0; 16];
            joined.save_at(&work.base, &branch, &nobody, 0).map_err(unreadable)?;
            let content = joined.content().map_err(unreadable)?;
            work.content = Some(Practice::from_value(&content));
            work.branch = Some(Practice::from_value(&branch));
        }
    } else {
        let with: Vec<&[u8]> = shown.bytes.values().copied().chain(raw()).collect();
        if let Some(with) = whole(&with, &tip.meta.hash)? {
            let content = with.content().map_err(unreadable)?;
            work.content = Some(Practice::from_value(&content));
        }
    }
    Ok(work)
}

/// The document of these, if the change of this hash is sound there.
fn whole(changes: &[&[u8]], last: &Hash) -> Result<Option<Draft>, OpError> {
    let document = sound_of(changes)?;
    let says = document.changes().any(|change| chunk::hash_of(change) == Some(*last));
    Ok(says.then_some(document))
}

#[cfg(test)]
mod tests;
