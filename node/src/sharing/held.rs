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
pub const HELD_MAX: usize = 8;

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
    /// What of it somebody of this organisation can write anew, by which nobody
    /// else's words are signed.
    pub anew: Option<Anew>,
}

/// What can be written anew into what is shown.
#[derive(Clone, Debug)]
pub struct Anew {
    /// What whoever wrote it saw.
    pub seen: Practice,
    /// What they made of it.
    pub says: Practice,
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

/// All held work of a draft, the latest first; at most [`HELD_MAX`]. `own` are the
/// certificates of this organisation.
///
/// # Errors
/// The draft cannot be read.
pub fn all(
    federation: FederationId,
    stored: &Stored,
    own: &BTreeSet<CertificateId>,
) -> Result<Vec<Held>, OpError> {
    let hidden = hidden(stored)?;
    if hidden.is_empty() {
        return Ok(Vec::new());
    }
    let followed: BTreeSet<Hash> = hidden.values().flat_map(|h| h.meta.deps.clone()).collect();
    let mut tips: Vec<&Hidden<'_>> =
        hidden.values().filter(|change| !followed.contains(&change.meta.hash)).collect();
    tips.sort_by_key(|tip| std::cmp::Reverse((tip.meta.depth, tip.meta.hash)));
    tips.truncate(HELD_MAX);
    let scene = Scene {
        shown: Shown::of(stored)?,
        authors: authors(federation, stored),
        hidden: &hidden,
        own,
    };
    tips.into_iter().map(|tip| scene.held(tip, stored)).collect()
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

/// What held work is looked at against.
struct Scene<'a> {
    shown: Shown<'a>,
    authors: BTreeMap<ActorId, CertificateId>,
    hidden: &'a BTreeMap<Hash, Hidden<'a>>,
    own: &'a BTreeSet<CertificateId>,
}

impl<'a> Scene<'a> {
    /// Those of these changes that are not shown, and what they build on that is
    /// not shown either.
    fn with_pasts(&self, of: impl IntoIterator<Item = Hash>) -> BTreeSet<Hash> {
        let (mut found, mut next) = (BTreeSet::new(), Vec::from_iter(of));
        while let Some(hash) = next.pop() {
            if let Some(change) = self.hidden.get(&hash).filter(|_| found.insert(hash)) {
                next.extend(&change.meta.deps);
            }
        }
        found.retain(|hash| self.hidden.contains_key(hash));
        found
    }

    fn changes(&self, of: &BTreeSet<Hash>) -> Vec<&'a Hidden<'a>> {
        of.iter().filter_map(|hash| self.hidden.get(hash)).collect()
    }

    /// What is shown of the past of these, and they themselves.
    fn raw(&self, of: &BTreeSet<Hash>) -> Vec<&'a [u8]> {
        let changes = self.changes(of);
        let deps = changes.iter().flat_map(|change| change.meta.deps.iter().copied()).collect();
        let mut raw = self.shown.raw(&self.shown.past(deps));
        raw.extend(changes.iter().map(|change| change.bytes));
        raw
    }

    fn held(&self, tip: &Hidden<'_>, stored: &Stored) -> Result<Held, OpError> {
        let all = self.with_pasts([tip.meta.hash]);
        let changes = self.changes(&all);
        let revoked = changes.iter().filter_map(|change| match change.why {
            Quarantine::Revoked { certificate, by } => Some((certificate, by)),
            _ => None,
        });
        let lost = changes.iter().any(|c| matches!(c.why, Quarantine::LosingBranch { .. }));
        let signed = changes.iter().filter(|change| change.signed);
        let inner: BTreeSet<Hash> = signed.clone().flat_map(|c| c.meta.deps.clone()).collect();
        let heads = signed.map(|change| change.meta.hash).filter(|hash| !inner.contains(hash));
        let mut work = Held {
            change: tip.meta.hash,
            writers: changes.iter().filter_map(|c| self.author(c)).collect(),
            ended: revoked.collect(),
            lost,
            changes: changes.len(),
            bytes: changes.iter().map(|change| u64::from(change.meta.bytes)).sum(),
            content: None,
            settled: stored.meta.settled.iter().flatten().any(|hash| **hash == tip.meta.hash),
            heads: heads.collect(),
            anew: None,
        };
        if lost {
            let branch = self.raw(&all);
            let base = &branch[..branch.len() - changes.len()];
            if let Some(says) = whole(&branch, &tip.meta.hash)? {
                work.content = Some(self.anew(&sound_of(base)?, &says)?.1);
                if let Some((anew, content)) =
                    self.ours(&changes)?.filter(|_| work.ended.is_empty())
                {
                    (work.anew, work.content) = (Some(anew), Some(content));
                }
            }
        } else {
            let with: Vec<&[u8]> = self.shown.bytes.values().copied().collect();
            let with = [with, changes.iter().map(|change| change.bytes).collect()].concat();
            if let Some(with) = whole(&with, &tip.meta.hash)? {
                let content = with.content().map_err(unreadable)?;
                work.content = Some(Practice::from_value(&content));
                let anew = self.ours(&changes)?;
                work.anew = anew.map(|(anew, _)| anew);
            }
        }
        Ok(work)
    }

    fn author(&self, change: &Hidden<'_>) -> Option<CertificateId> {
        self.authors.get(&change.meta.actor).copied()
    }

    /// What this organisation wrote, and what comes of writing it anew; `None` if
    /// that cannot be told from what others wrote on top of it, or is shown already.
    fn ours(&self, changes: &[&Hidden<'_>]) -> Result<Option<(Anew, Practice)>, OpError> {
        let ours =
            changes.iter().filter(|c| self.author(c).is_some_and(|by| self.own.contains(&by)));
        let ours: BTreeSet<Hash> = ours.map(|change| change.meta.hash).collect();
        let all = self.with_pasts(ours.iter().copied());
        let under: BTreeSet<Hash> = all.difference(&ours).copied().collect();
        let on_ours = |hash: &Hash| {
            let change = self.hidden.get(hash);
            change.is_some_and(|change| change.meta.deps.iter().any(|dep| ours.contains(dep)))
        };
        if ours.is_empty() || under.iter().any(on_ours) {
            return Ok(None);
        }
        // Also what is shown and only ours follows was seen.
        let says = self.raw(&all);
        let mine: Vec<&[u8]> = self.changes(&ours).iter().map(|change| change.bytes).collect();
        let seen: Vec<&[u8]> = says.iter().copied().filter(|raw| !mine.contains(raw)).collect();
        let (seen, says) = (sound_of(&seen)?, sound_of(&says)?);
        let (anew, content) = self.anew(&seen, &says)?;
        let now = self.shown.document.content().map_err(unreadable)?;
        let differs = content != Practice::from_value(&now);
        Ok(differs.then_some((anew, content)))
    }

    /// What comes of writing a difference into what is shown.
    fn anew(&self, seen: &Draft, says: &Draft) -> Result<(Anew, Practice), OpError> {
        let (seen, says) =
            (seen.content().map_err(unreadable)?, says.content().map_err(unreadable)?);
        let mut joined = self.shown.document.clone();
        // Only to see what comes of it.
        let nobody = [0; 16];
        joined.save_over(&seen, &says, &nobody, 0).map_err(unreadable)?;
        let content = joined.content().map_err(unreadable)?;
        let anew = Anew { seen: Practice::from_value(&seen), says: Practice::from_value(&says) };
        Ok((anew, Practice::from_value(&content)))
    }
}

/// The document of these, if the change of this hash is sound there.
fn whole(changes: &[&[u8]], last: &Hash) -> Result<Option<Draft>, OpError> {
    let document = sound_of(changes)?;
    let says = document.changes().any(|change| chunk::hash_of(change) == Some(*last));
    Ok(says.then_some(document))
}

#[cfg(test)]
mod tests;
