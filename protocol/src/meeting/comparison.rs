//! One set in one round: what was heard of it, and what is to be said next.
//!
//! Each side goes through the same stages and says its part of a stage once it
//! has said and heard all of the one before. What is to be said is made one
//! message at a time, when there is room for it.

use std::collections::VecDeque;
use std::ops::Bound;

use tern_crdt::identity::{DocumentId, EditionId, ParcelId, RecordId};

use super::Tally;
use super::diff::Diff;
use super::set::{ObjectId, Root, SetId};
use crate::library::{Library, PieceId};
use crate::limits::{ENTRIES_MAX, PIECES_BYTES, PIECES_MAX};
use crate::message::Message;
use crate::store::{Store, StoreError};

/// How much the peer has said about the set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Heard {
    Nothing,
    Buckets,
    Entries,
    Editions,
    Pieces,
}

/// What we say next.
#[derive(Debug)]
enum Say {
    /// Entries of the bucket at this place among the differing ones, after
    /// this object.
    Entries { place: usize, after: Option<ObjectId> },
    /// The editions of the practices that differ, after this one.
    Editions { after: Option<ObjectId> },
    /// What the other lacks.
    Pieces,
    /// All is said.
    Nothing,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Comparison {
    pub set: SetId,
    /// Sets to compare after this one, last first.
    pub rest: Vec<SetId>,
    pub heard: Heard,
    pub diff: Diff,
    /// The bucket hashes that we said.
    said: Vec<Root>,
    say: Say,
    /// What the other lacks, once that is known.
    lacking: Option<VecDeque<ObjectId>>,
    /// The pieces of the object that is pushed now.
    pieces: VecDeque<PieceId>,
    pushed: u64,
    /// What could not be read to be pushed.
    pub damaged: Vec<String>,
}

impl Comparison {
    /// Begins with the bucket hashes that were said.
    pub fn new(set: SetId, rest: Vec<SetId>, said: Vec<Root>) -> Self {
        Self {
            set,
            rest,
            heard: Heard::Nothing,
            diff: Diff::default(),
            said,
            say: Say::Entries { place: 0, after: None },
            lacking: None,
            pieces: VecDeque::new(),
            pushed: 0,
            damaged: Vec::new(),
        }
    }

    /// The peer said its bucket hashes.
    pub fn buckets(&mut self, theirs: &[u8]) {
        self.diff = Diff::new(&self.said, theirs);
        self.heard = Heard::Buckets;
    }

    /// Whether both sides have said all.
    pub fn is_over(&self) -> bool {
        matches!(self.say, Say::Nothing) && self.heard == Heard::Pieces
    }

    /// Objects that the peer lacks, and that we lack.
    pub fn behind(&self) -> (u64, u64) {
        let lacking = self.lacking.as_ref().map_or(self.diff.they_lack.len(), VecDeque::len);
        (lacking as u64, self.diff.we_lack)
    }

    /// The next message, if one is due.
    pub fn next<S: Store>(
        &mut self,
        library: &Library<S>,
        tally: &mut Tally,
    ) -> Result<Option<Message>, StoreError> {
        match self.say {
            Say::Entries { place, after } if self.heard >= Heard::Buckets => {
                Ok(Some(self.entries(library, place, after)))
            }
            Say::Editions { after } if self.heard >= Heard::Entries => {
                self.editions(library, after).map(Some)
            }
            Say::Pieces if self.heard >= Heard::Editions => self.push(library, tally).map(Some),
            _ => Ok(None),
        }
    }

    fn end(&self, stage: u8) -> Message {
        Message::End { set: self.set as u8, stage, pushed: self.pushed }
    }

    fn entries<S: Store>(
        &mut self,
        library: &Library<S>,
        mut place: usize,
        mut after: Option<ObjectId>,
    ) -> Message {
        while let Some(bucket) = self.diff.differing().get(place).copied() {
            let from = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            let rest = library.set(self.set).bucket(bucket);
            let rest = rest.range::<ObjectId, _>((from, Bound::Unbounded));
            let part: Vec<_> = rest.take(ENTRIES_MAX).collect();
            if let Some((last, _)) = part.last() {
                self.say = Say::Entries { place, after: Some(**last) };
                let entries = part.iter().flat_map(|(id, state)| [**id, **state]);
                let entries: Vec<u8> = entries.flatten().collect();
                return Message::Entries { set: self.set as u8, bucket, entries: entries.into() };
            }
            (place, after) = (place + 1, None);
        }
        self.say = Say::Editions { after: None };
        self.end(0)
    }

    fn editions<S: Store>(
        &mut self,
        library: &Library<S>,
        after: Option<ObjectId>,
    ) -> Result<Message, StoreError> {
        let from = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let differ = self.diff.differ.range::<ObjectId, _>((from, Bound::Unbounded));
        for (id, _) in differ.filter(|_| self.set == SetId::Public) {
            let practice = DocumentId::new(*id);
            if let Some(entry) = library.ledger().practice(&practice)? {
                let editions = entry.editions.iter().flat_map(|edition| *edition.id.as_bytes());
                let editions: Vec<u8> = editions.collect();
                self.say = Say::Editions { after: Some(*id) };
                return Ok(Message::Editions { practice, editions: editions.into() });
            }
        }
        self.say = Say::Pieces;
        Ok(self.end(1))
    }

    /// What the other lacks, in the order in which it is pushed.
    fn find_lacking<S: Store>(&mut self, library: &Library<S>) -> VecDeque<ObjectId> {
        let whole = std::mem::take(&mut self.diff.they_lack);
        let lacking = whole.into_iter().chain(self.diff.differ.keys().copied());
        match self.set {
            SetId::Public => return lacking.collect(),
            SetId::Parcels => {
                // The urgent ones first.
                let urgency = |id: &ObjectId| library.urgency.get(&ParcelId::new(*id)).copied();
                let mut lacking: Vec<ObjectId> = lacking.collect();
                lacking.sort_by_key(|id| (urgency(id).is_none(), urgency(id)));
                return lacking.into();
            }
            SetId::Authority => {}
        }
        let ids: Vec<RecordId> = lacking.map(RecordId::new).collect();
        let records = library.authority().in_order(ids.iter());
        records.into_iter().map(|record| *record.id().as_bytes()).collect()
    }

    fn push<S: Store>(
        &mut self,
        library: &Library<S>,
        tally: &mut Tally,
    ) -> Result<Message, StoreError> {
        let mut lacking = match self.lacking.take() {
            Some(lacking) => lacking,
            None => self.find_lacking(library),
        };
        let mut pieces = Vec::new();
        let mut bytes = 0;
        while bytes < PIECES_BYTES && pieces.len() < PIECES_MAX {
            let Some(next) = self.pieces.pop_front() else {
                let Some(object) = lacking.pop_front() else { break };
                let has = self.diff.differ.get(&object);
                let has = |id: &EditionId| has.is_some_and(|has| has.contains(id));
                self.pieces = library.lacking(self.set, &object, has)?.into();
                tally.objects_sent += u64::from(!self.pieces.is_empty());
                continue;
            };
            match library.piece(&next) {
                Ok(None) => {}
                Ok(Some(piece)) => {
                    bytes += piece.content_bytes();
                    pieces.push(piece);
                }
                // The others have it from somebody else; this node is told.
                Err(StoreError::Damaged(what)) => self.damaged.push(what),
                Err(error) => return Err(error),
            }
        }
        self.lacking = Some(lacking);
        self.pushed += pieces.len() as u64;
        tally.content_bytes += bytes as u64;
        if pieces.is_empty() {
            self.say = Say::Nothing;
            return Ok(self.end(2));
        }
        Ok(Message::Pieces { set: self.set as u8, pieces })
    }
}
