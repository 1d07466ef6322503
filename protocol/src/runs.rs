//! Runs: by which a node finds out that it was put back, or runs twice.
//!
//! Each start of a replica is a *run*: a number one higher than that of the
//! last run that it said, and eight bytes that nobody else draws. On every
//! link both sides say which run they are and which one they last knew of the
//! other ([`Message::Run`](crate::message::Message::Run)), and each answers
//! once it has taken that in durably. All of it is kept where addresses are,
//! so a copied or restored folder brings it along. Two things follow.
//!
//! *Put back.* A peer that knows a run which this node does not remember, or
//! more of one than this node remembers of it, has met a later state of it: the
//! folder, or the whole machine, was put back, or somebody runs a copy. Which
//! of these cannot be told from that word. The node catches up, as after a
//! [restore](crate::catching_up), and becomes another run.
//!
//! *Copied.* A peer writes down runs in the order in which they answered it,
//! and a run is written down only once it has answered what was written down
//! before it. So a run that is found *before* another one and answers again has
//! lived before and after that: two of one key live at one time. The peer says
//! so ([`Message::RunTwice`](crate::message::Message::RunTwice)), and the fact
//! stands until people [clear](crate::step::Command::ClearCopied) it. It stops
//! nothing.
//!
//! # Schedules that break easier rules
//!
//! 1. *Copied if the current run was met, and then an unknown one is told of.*
//!    Niger meets Chad in run 6 and Nepal in run 7, burns, and an old folder
//!    takes its place as run 6'. Chad says 6, and Niger is put back. It meets
//!    Chad again, who knows it now; then Nepal says 7, which nobody had told:
//!    a restored folder is called a copy. Hence the order of one peer, and not
//!    what several peers say.
//! 2. *A peer writes down a run as soon as it is said.* Niger was put back and
//!    says 6' to Chad; the link is cut before Chad's word of 6 arrives. Chad
//!    has forgotten 6, and Niger never hears of it. Hence the answer first.
//! 3. *Without counting what was said in a run.* The machine is put back to a
//!    snapshot that was taken in run 6, and starts as run 7. Chad says 6, which
//!    Niger remembers, and the work that Chad got after the snapshot is not
//!    missed. Hence `said`.
//! 4. *A new run takes a number above the one that was told.* One liar says
//!    2⁶⁴ − 1, and there is no number left. Numbers grow by one.
//! 5. *A cleared mark, and the run goes on.* Nepal, who met both copies while
//!    they ran, is met a week after one of them was stopped, and says so again.
//!    Hence clearing makes another run.
//!
//! What this is not: proof against lies. A member can say that it knows of
//! another run, or that it heard two: the first costs one catching up in a
//! start, which ends with the first meeting that settles, the second a mark
//! that names who said it, once for each run.

use std::collections::BTreeSet;

use bytes::Bytes;
use tern_crdt::identity::{PublicKey, digest};
use tern_crdt::timestamp::Timestamp;

use crate::ledger::Private;
use crate::library::Library;
use crate::limits::{RUNS_FOREIGN_MAX, RUNS_OWN_MAX};
use crate::store::{Store, StoreError};

mod peers;

pub(crate) use peers::Noted;
use peers::Peers;

const VERSION: u8 = 1;
/// The run that this is, or was last.
const NOW: &[u8] = b"run/now";
/// Those before it.
const EARLIER: &[u8] = b"run/earlier";
/// The mark of a copied node.
const COPIED: &[u8] = b"run/copied";

/// One run of a node, as it is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Run {
    /// One more than that of the run that was said before it, as far as the node
    /// remembers.
    #[n(0)]
    pub number: u64,
    /// Drawn for this run.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub id: [u8; 8],
    /// How often the node has said it.
    #[n(2)]
    pub said: u64,
}

impl Run {
    /// Whether both are one run, however often it was said.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.number, self.id) == (other.number, other.id)
    }

    /// Whether the other is the same, and no more of it.
    fn covers(&self, other: &Self) -> bool {
        self.is_same(other) && self.said >= other.said
    }
}

/// The mark of a node whose key was seen at work twice at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Copied {
    /// When this node was told, by its own clock.
    #[n(0)]
    pub at: Timestamp,
    /// Who told it.
    #[n(1)]
    pub by: PublicKey,
    /// When people said that only one of the two runs now.
    #[n(2)]
    pub cleared: Option<Timestamp>,
}

#[derive(Default, Debug, minicbor::Encode, minicbor::Decode)]
struct Earlier {
    /// Own runs before this one, ascending by number.
    #[n(0)]
    own: Vec<Run>,
    /// Runs that others told of and this node does not remember.
    #[n(1)]
    foreign: Vec<Run>,
}

/// What a peer's word about this node means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    /// Nothing that this node does not know.
    Nothing,
    /// It was put back, or somebody runs a copy of it.
    Unknown,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Runs {
    seed: u64,
    now: Run,
    earlier: Earlier,
    /// What is remembered of others.
    pub peers: Peers,
    pub copied: Option<Copied>,
    /// A peer's word put this node back since it was started, or it was
    /// started as one that catches up.
    pub was_put_back: bool,
    /// Who said of the current run that it runs twice.
    told_by: BTreeSet<PublicKey>,
}

fn versioned(value: &impl minicbor::Encode<()>) -> Bytes {
    let mut bytes = vec![VERSION];
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes.into()
}

fn read<T>(value: &Bytes, what: &str) -> Result<T, StoreError>
where
    T: for<'b> minicbor::Decode<'b, ()>,
{
    let body = value.split_first().filter(|(version, _)| **version == VERSION);
    let body = body.and_then(|(_, body)| minicbor::decode(body).ok());
    body.ok_or_else(|| StoreError::Damaged(what.into()))
}

impl Runs {
    /// Reads what is remembered and begins the next run, of which nothing is
    /// kept until it is said. `seed` is the chance of this start.
    pub fn load<S: Store>(
        library: &Library<S>,
        seed: u64,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let kept = |name: &[u8]| library.local(name);
        let what = "the runs of this node";
        let last = kept(NOW)?.map(|value| read::<Run>(&value, what)).transpose()?;
        let earlier = kept(EARLIER)?.map(|value| read::<Earlier>(&value, what)).transpose()?;
        let copied = kept(COPIED)?.map(|value| read(&value, "the mark of a copied node"));
        let copied = copied.transpose()?;
        let before = last.unwrap_or(Run { number: 1, id: [0; 8], said: 0 });
        let mut runs = Self {
            seed,
            now: before,
            earlier: earlier.unwrap_or_default(),
            peers: Peers::load(library)?,
            copied,
            was_put_back: false,
            told_by: BTreeSet::new(),
        };
        runs.renew(now);
        Ok(runs)
    }

    /// The run that this is.
    pub const fn now(&self) -> Run {
        self.now
    }

    fn keep_earlier(&self) -> Private {
        Private::local(EARLIER, Some(versioned(&self.earlier)))
    }

    /// Becomes another run. The time makes two of one image of a machine
    /// differ, which have equal chance.
    pub fn renew(&mut self, now: Timestamp) {
        if self.now.said > 0 {
            let before = self.now;
            self.earlier.own.retain(|run| !run.is_same(&before));
            self.earlier.own.push(before);
            let spare = self.earlier.own.len().saturating_sub(RUNS_OWN_MAX);
            self.earlier.own.drain(..spare);
        }
        // One that nobody heard of leaves its number to the next.
        let number = self.now.number.saturating_add(u64::from(self.now.said > 0));
        let parts = [self.seed.to_le_bytes(), now.0.to_le_bytes(), number.to_le_bytes()];
        let drawn = digest("tern/run/v1", &[&parts.concat()]);
        let mut id = [0; 8];
        id.copy_from_slice(&drawn[..8]);
        self.now = Run { number, id, said: 0 };
        self.told_by.clear();
    }

    /// Says the current run once more: what to say, and what to keep first.
    pub fn say(&mut self) -> (Run, Vec<Private>) {
        let first = self.now.said == 0;
        self.now.said = self.now.said.saturating_add(1);
        let mut kept = vec![Private::local(NOW, Some(versioned(&self.now)))];
        kept.extend(first.then(|| self.keep_earlier()));
        (self.now, kept)
    }

    /// Judges which run of this node a peer knew; what to keep of it.
    pub fn judge(&mut self, known: &Run) -> (Told, Option<Private>) {
        let mut own = self.earlier.own.iter().chain([&self.now]);
        let too_old = self.earlier.own.first().is_some_and(|first| known.number < first.number);
        let remembered = own.any(|run| run.covers(known))
            || self.earlier.foreign.iter().any(|run| run.covers(known));
        if remembered || too_old || known.number == 0 {
            return (Told::Nothing, None);
        }
        self.earlier.foreign.retain(|run| !run.is_same(known));
        self.earlier.foreign.push(*known);
        let spare = self.earlier.foreign.len().saturating_sub(RUNS_FOREIGN_MAX);
        self.earlier.foreign.drain(..spare);
        (Told::Unknown, Some(self.keep_earlier()))
    }

    /// A peer says that the current run lives twice; what to keep of it, if
    /// that is news.
    pub fn twice(&mut self, by: PublicKey, other: &Run, at: Timestamp) -> Option<Private> {
        let marked = self.copied.is_some_and(|copied| copied.cleared.is_none());
        if other.is_same(&self.now) || !self.told_by.insert(by) || marked {
            return None;
        }
        self.copied = Some(Copied { at, by, cleared: None });
        Some(self.keep_copied())
    }

    fn keep_copied(&self) -> Private {
        Private::local(COPIED, self.copied.as_ref().map(versioned))
    }

    /// People say that only this one runs now; what to keep of it, unless
    /// nothing was noticed.
    pub fn clear(&mut self, at: Timestamp) -> Option<Private> {
        let copied = self.copied.as_mut().filter(|copied| copied.cleared.is_none())?;
        copied.cleared = Some(at);
        self.renew(at);
        Some(self.keep_copied())
    }
}

/// What is said about runs on one link.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    /// Which run the peer says it is.
    pub theirs: Option<Run>,
    /// Words of this side that the peer has not answered yet.
    pub unanswered: u32,
    /// How many of these have to be answered before the peer's words are about
    /// the run that people said is the only one.
    pub outdated: u32,
    /// Words of this side.
    pub said: u32,
    /// Words of the peer.
    pub heard: u32,
    /// The run of which the peer was told that it lives twice.
    pub told: Option<Run>,
}

#[cfg(test)]
mod tests;
