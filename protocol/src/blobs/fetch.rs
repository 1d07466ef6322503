//! Asking several sources for one blob: which part of whom.
//!
//! The shell finds sources and carries bytes; this decides. A source that
//! [offers](Fetch::offer) the blob is [asked](Fetch::ask) for the lowest parts
//! that it has and nobody else was asked for, the list first that a section's
//! bytes are verified by. What it [sends](Fetch::received) is gathered to whole
//! parts and verified; what does not fit makes it a liar, of whom nothing more
//! is taken, and its parts are asked of others. When a source is
//! [gone](Fetch::gone), by a cut or because it [stalls](Fetch::stalled), its
//! parts are free again; what had come of the one under way is lost.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;
use thiserror::Error;

use super::pace::Pace;
use super::{Groups, Part, Question, SECTION_GROUPS, Shape, Tree};
use crate::limits::{BLOB_PARTS_MAX, BLOB_PATIENCE, BLOB_SOURCES_MAX};

/// One blob that is being fetched. See the module.
#[derive(Debug)]
pub struct Fetch {
    tree: Tree,
    have: Groups,
    /// Groups that somebody was asked for, and those that are here.
    taken: Groups,
    lists_asked: BTreeSet<Part>,
    sources: BTreeMap<PublicKey, Source>,
    liars: BTreeSet<PublicKey>,
}

#[derive(Debug)]
struct Source {
    /// The groups that it has.
    offers: Groups,
    /// Parts that it was asked for, in this order.
    asked: VecDeque<Part>,
    /// Bytes that it was asked for and not yet told to send.
    untold: usize,
    /// What came of the first of them.
    came: Vec<u8>,
    pace: Pace,
    /// When it last sent something, or was first told to.
    heard: Timestamp,
}

/// A part that came whole and fits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Which; one by one in the order in which they came.
    pub part: Part,
    /// All of its bytes.
    pub bytes: Vec<u8>,
}

/// How a fetch stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Everything is here.
    Whole,
    /// Somebody has more of it.
    Running,
    /// Nobody who is there has what is lacking.
    Nobody,
}

/// Why an offer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OfferRefused {
    /// The practice says another size.
    #[error("says that it has {theirs} bytes, where {ours} were named")]
    OtherSize {
        /// What the source says.
        theirs: u64,
        /// What was asked for.
        ours: u64,
    },
    /// It sent what does not fit before.
    #[error("sent something else under this name before")]
    Liar,
    /// It is asked already, or there are enough.
    #[error("is not needed: there are sources enough")]
    Enough,
}

/// What a source sent is not what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Lie {
    /// Bytes that the hash does not stand for.
    #[error("sent something else under this name")]
    OtherBytes,
    /// More than it was told to send.
    #[error("sent what nobody had asked for")]
    Unasked,
}

impl Fetch {
    /// A blob of which this is known and here. Groups that cannot be verified
    /// any more, since their list is lost, do not count as here.
    pub fn new(tree: Tree, mut have: Groups) -> Self {
        for section in 0..tree.shape().sections() {
            if tree.lacks(section).is_some() {
                tree.shape().section(section).for_each(|group| have.remove(group));
            }
        }
        // Nobody can send less than a byte.
        if tree.shape().bytes() == 0 && tree.fits(0, &[]) {
            have.insert(0);
        }
        let taken = have.clone();
        let (sources, liars) = (BTreeMap::new(), BTreeSet::new());
        Self { tree, have, taken, lists_asked: BTreeSet::new(), sources, liars }
    }

    /// What is known of its inside.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The groups that are here.
    pub const fn have(&self) -> &Groups {
        &self.have
    }

    /// How many bytes are here.
    pub fn bytes(&self) -> u64 {
        self.have.bytes(self.tree.shape())
    }

    /// A source says that it has the blob, or these groups of it.
    ///
    /// # Errors
    /// Nothing will be asked of it.
    pub fn offer(
        &mut self,
        now: Timestamp,
        source: PublicKey,
        shape: Shape,
        groups: Option<Groups>,
    ) -> Result<(), OfferRefused> {
        let ours = self.tree.shape();
        if shape != ours {
            return Err(OfferRefused::OtherSize { theirs: shape.bytes(), ours: ours.bytes() });
        }
        if self.liars.contains(&source) {
            return Err(OfferRefused::Liar);
        }
        if self.sources.contains_key(&source) || self.sources.len() >= BLOB_SOURCES_MAX {
            return Err(OfferRefused::Enough);
        }
        let source_of = Source {
            offers: groups.unwrap_or_else(|| Groups::all(ours)),
            asked: VecDeque::new(),
            untold: 0,
            came: Vec::new(),
            pace: Pace::default(),
            heard: now,
        };
        self.sources.insert(source, source_of);
        Ok(())
    }

    /// What to say to a source now, if anything. Say it: it counts as said.
    pub fn ask(&mut self, now: Timestamp, source: PublicKey) -> Option<Question> {
        let room = self.sources.get(&source)?.pace.room() as usize;
        let mut parts = Vec::new();
        while parts.len() < BLOB_PARTS_MAX
            && self.sources.get(&source).is_some_and(|source| source.untold < room)
            && let Some(part) = self.next_part(source)
        {
            let length = self.tree.shape().length(part).unwrap_or(0);
            match part {
                Part::Bytes(group) => self.taken.insert(group),
                list => drop(self.lists_asked.insert(list)),
            }
            if let Some(source) = self.sources.get_mut(&source) {
                source.asked.push_back(part);
                source.untold += length;
            }
            parts.push(part);
        }
        let source = self.sources.get_mut(&source)?;
        let go = u32::try_from(room.min(source.untold)).unwrap_or(0);
        if go == 0 {
            return None;
        }
        if source.pace.under_way() == 0 {
            source.heard = now;
        }
        source.untold -= go as usize;
        source.pace.told(now, go);
        Some(Question::Ask { parts, go })
    }

    /// The lowest part that a source has, and nobody was asked for.
    fn next_part(&self, source: PublicKey) -> Option<Part> {
        let offers = &self.sources.get(&source)?.offers;
        let shape = self.tree.shape();
        let mut from = self.taken.first_lacking()?;
        loop {
            let group = self.taken.lacking(offers, from).next()?;
            let section = group / SECTION_GROUPS;
            match self.tree.lacks(section) {
                None => return Some(Part::Bytes(group)),
                Some(list) if !self.lists_asked.contains(&list) => return Some(list),
                // Nothing of any section can be verified without this one.
                Some(Part::Sections) => return None,
                Some(_) => from = shape.section(section).end,
            }
        }
    }

    /// A source sent bytes: the parts that they made whole, and whether the rest
    /// is a lie, after which the source is asked for nothing more.
    pub fn received(
        &mut self,
        now: Timestamp,
        source: PublicKey,
        bytes: &[u8],
    ) -> (Vec<Kept>, Result<(), Lie>) {
        let mut kept = Vec::new();
        let done = self.take(now, source, bytes, &mut kept);
        if done.is_err() {
            self.gone(source);
            self.liars.insert(source);
        }
        (kept, done)
    }

    fn take(
        &mut self,
        now: Timestamp,
        source: PublicKey,
        mut bytes: &[u8],
        kept: &mut Vec<Kept>,
    ) -> Result<(), Lie> {
        let Some(from) = self.sources.get_mut(&source) else { return Ok(()) };
        from.heard = now;
        if !from.pace.came(now, bytes.len()) {
            return Err(Lie::Unasked);
        }
        while !bytes.is_empty() {
            let part = *from.asked.front().ok_or(Lie::Unasked)?;
            let length = self.tree.shape().length(part).ok_or(Lie::Unasked)?;
            let (now, later) = bytes.split_at(bytes.len().min(length - from.came.len()));
            from.came.extend_from_slice(now);
            bytes = later;
            if from.came.len() < length {
                break;
            }
            let whole = std::mem::take(&mut from.came);
            let fits = match part {
                Part::Bytes(group) => self.tree.fits(group, &whole),
                list => self.tree.take(list, &whole),
            };
            if !fits {
                return Err(Lie::OtherBytes);
            }
            from.asked.pop_front();
            match part {
                Part::Bytes(group) => self.have.insert(group),
                list => drop(self.lists_asked.remove(&list)),
            }
            kept.push(Kept { part, bytes: whole });
        }
        Ok(())
    }

    /// What was kept of a group is lost: it is asked for again.
    pub fn lost(&mut self, group: u32) {
        self.have.remove(group);
        self.taken.remove(group);
    }

    /// A source is there no more: what it was asked for is free.
    pub fn gone(&mut self, source: PublicKey) {
        let Some(source) = self.sources.remove(&source) else { return };
        for part in source.asked {
            match part {
                Part::Bytes(group) => self.taken.remove(group),
                list => drop(self.lists_asked.remove(&list)),
            }
        }
    }

    /// Sources that send nothing of what they were told to, for too long.
    pub fn stalled(&self, now: Timestamp) -> Vec<PublicKey> {
        let stalls = |source: &Source| {
            source.pace.under_way() > 0 && now.since(source.heard) > BLOB_PATIENCE
        };
        self.sources.iter().filter(|(_, source)| stalls(source)).map(|(key, _)| *key).collect()
    }

    /// The sources that are there.
    pub fn sources(&self) -> impl Iterator<Item = PublicKey> + '_ {
        self.sources.keys().copied()
    }

    /// Whether a source sent what does not fit.
    pub fn is_liar(&self, source: PublicKey) -> bool {
        self.liars.contains(&source)
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        if self.have.is_whole() {
            return Standing::Whole;
        }
        let has_more = |source: &Source| self.have.lacking(&source.offers, 0).next().is_some();
        if self.sources.values().any(has_more) { Standing::Running } else { Standing::Nobody }
    }
}
