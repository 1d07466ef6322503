//! What two nodes that write bundles for each other told each other of what they
//! hold.
//!
//! Both tell it in rows of elements (section 20 of the specification): what is
//! new since the last bundle that the other has. What was told and what was heard
//! is remembered here, as local values. Losing any of it costs bytes and nothing
//! else: whoever does not have what the other names is told everything anew.
//!
//! A draft is told with its state, and besides with what it consists of, so that
//! of a long one only what is new is written.

use std::collections::BTreeSet;

use bytes::Bytes;
use tern_crdt::identity::PublicKey;

use super::frontier::{Element, element};
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::FRONTIER_PART_MAX;
use crate::meeting::set::{ObjectId, PartId, SetId, State};
use crate::store::{Store, StoreError};

mod stored;

pub(crate) use stored::forget_rows;
use stored::{Acked, HeardHead, ToldHead, counter_of, elements_of, forget, keep, name, stored};

/// Elements in one local value, and in one part of what is told.
pub const TOLD_ELEMENTS_MAX: usize = 32_768;
/// A row with more bundles than this, or with this many times more elements than
/// there are objects, begins anew.
const ROW_BUNDLES_MAX: usize = 64;
const ROW_STALE: usize = 2;

const _: () = assert!(TOLD_ELEMENTS_MAX <= FRONTIER_PART_MAX);

/// Elements under their key.
#[derive(Debug)]
struct Row {
    key: [u8; 32],
    elements: BTreeSet<Element>,
}

impl Row {
    fn has(&self, id: &ObjectId, state: &State) -> bool {
        self.elements.contains(&element(&self.key, id, state))
    }
}

/// What another node is known to hold: what it told, and what it was told and
/// said that it holds all of.
#[derive(Debug)]
pub struct Known(Vec<Row>);

impl Known {
    /// Whether it holds an object in this state; or of a draft, this part.
    pub fn has(&self, id: &ObjectId, state: &State) -> bool {
        self.0.iter().any(|row| row.has(id, state))
    }
}

/// What a bundle says of the row that it goes on with.
#[derive(Debug)]
pub struct Telling {
    /// See [`Told`](super::Told).
    pub since: Option<u64>,
    /// See [`Told`](super::Told).
    pub have: Option<u64>,
    /// See [`Told`](super::Told).
    pub all: bool,
    /// Ascending, to be told [`TOLD_ELEMENTS_MAX`] at once.
    pub elements: Vec<Element>,
    /// What has to be remembered before the bundle leaves.
    pub private: Vec<Private>,
}

/// What was read in a bundle that another node wrote for this one.
#[derive(Debug)]
pub struct Hearing {
    /// The counter of the bundle.
    pub counter: u64,
    /// Its key.
    pub key: [u8; 32],
    /// See [`Told`](super::Told).
    pub since: Option<u64>,
    /// See [`Told`](super::Told).
    pub have: Option<u64>,
    /// See [`Told`](super::Told).
    pub all: bool,
    /// One of its parts, from 0.
    pub part: u16,
    /// At most [`TOLD_ELEMENTS_MAX`].
    pub elements: Vec<Element>,
    /// Whether it was the last part.
    pub last: bool,
}

impl<S: Store> Library<S> {
    /// What `other` told.
    fn heard(&self, other: &PublicKey) -> Result<Option<(HeardHead, Row)>, StoreError> {
        let name = name(b"heard", other);
        let Some(head) = self.head::<HeardHead>(&name)? else { return Ok(None) };
        let row = Row { key: head.key, elements: elements_of(&self.chunks(&name)?, |_| true) };
        Ok(Some((head, row)))
    }

    /// What the node `other` of a member is known to hold by its bundles; `None`
    /// if it is no such node.
    ///
    /// # Errors
    /// The store's.
    pub fn known_to(&self, other: &PublicKey) -> Result<Option<Known>, StoreError> {
        if self.authority().node(other).is_none() {
            return Ok(None);
        }
        let mut rows: Vec<Row> = self.heard(other)?.map(|(_, row)| row).into_iter().collect();
        let told_name = name(b"told", other);
        if let Some(Acked { holds, .. }) = self.acked(other)?
            && let Some(ToldHead { key, .. }) = self.head(&told_name)?
        {
            let told = self.chunks(&told_name)?;
            let held = |chunk: &Bytes| counter_of(&told_name, chunk).is_some_and(|c| c <= holds);
            rows.push(Row { key, elements: elements_of(&told, held) });
        }
        Ok(Some(Known(rows)))
    }

    /// What the bundle with this counter and key tells `other`.
    ///
    /// # Errors
    /// The store's.
    pub fn tell(
        &self,
        other: &PublicKey,
        counter: u64,
        key: [u8; 32],
    ) -> Result<Telling, StoreError> {
        let heard = self.heard(other)?;
        let have = heard.as_ref().map(|(head, _)| head.counter);
        // What the other told needs no answer but that all of it is here.
        let mirrored = heard.filter(|(head, _)| head.complete == head.counter).map(|(_, row)| row);
        let all = mirrored.is_some();
        let acked = self.acked(other)?.and_then(|acked| acked.have);
        let name = name(b"told", other);
        let told = self.chunks(&name)?;
        let held = self.tellable(other);
        let current = |key: &[u8; 32]| -> BTreeSet<Element> {
            held.iter()
                .filter(|(id, state)| !mirrored.as_ref().is_some_and(|row| row.has(id, state)))
                .map(|(id, state)| element(key, id, state))
                .collect()
        };
        let size: usize = told.iter().map(|(_, value)| value.len() / 8).sum();
        let row = self.head::<ToldHead>(&name)?.filter(|row| {
            row.counters.len() < ROW_BUNDLES_MAX
                && size <= held.len() * ROW_STALE + TOLD_ELEMENTS_MAX
        });
        let going_on = row.and_then(|row| {
            let since = acked?;
            row.counters.contains(&since).then_some((row, since))
        });
        let Some((mut row, since)) = going_on else {
            let elements: Vec<Element> = current(&key).into_iter().collect();
            let mut private = forget(&told, |_| true);
            private.extend(keep(&name, counter, 0, &elements));
            let row = ToldHead { key, counters: vec![counter] };
            private.push(Private::local(name, Some(stored(&row))));
            return Ok(Telling { since: None, have, all, elements, private });
        };
        let now = current(&row.key);
        let read = |chunk: &Bytes| counter_of(&name, chunk).is_some_and(|counter| counter <= since);
        let base = elements_of(&told, read);
        let ever = elements_of(&told, |_| true);
        let fresh: Vec<Element> = now.difference(&ever).copied().collect();
        // What was told in bundles that it has not is told again.
        let elements: Vec<Element> = now.difference(&base).copied().collect();
        let mut private = keep(&name, counter, 0, &fresh);
        row.counters.retain(|told| *told >= since);
        row.counters.push(counter);
        private.push(Private::local(name, Some(stored(&row))));
        Ok(Telling { since: Some(since), have, all, elements, private })
    }

    /// What is held and may be named to `other`: objects with their states, and of
    /// drafts the parts.
    fn tellable(&self, other: &PublicKey) -> Vec<(ObjectId, PartId)> {
        let sets = SetId::ALL.into_iter().flat_map(|set| self.set(set).iter());
        let mut held: Vec<_> = sets.map(|(id, state)| (*id, *state)).collect();
        if let Some(org) = self.authority().node(other) {
            held.extend(self.drafts_with(&org).iter().map(|(id, state)| (*id, *state)));
            held.extend(self.draft_parts_with(&org));
        }
        held
    }

    /// What has to be remembered of what `other` told: nothing of an older
    /// bundle, or one that goes on with what was not heard.
    ///
    /// # Errors
    /// The store's.
    pub fn hear(&self, other: &PublicKey, hearing: &Hearing) -> Result<Vec<Private>, StoreError> {
        let mut private = Vec::new();
        let acked = self.acked(other)?;
        if hearing.last && acked.is_none_or(|acked| acked.counter < hearing.counter) {
            let (counter, have) = (hearing.counter, hearing.have);
            // Who begins a row, or has less than before, was put back: what it
            // said before is void as far as it does not have it.
            let before = acked.filter(|_| hearing.since.is_some()).map_or(0, |acked| acked.holds);
            let has = have.unwrap_or(0);
            let holds = if hearing.all { has } else { before.min(has) };
            let value = stored(&Acked { counter, have, holds });
            private.push(Private::local(name(b"acked", other), Some(value)));
        }
        let name = name(b"heard", other);
        let heard = self.head::<HeardHead>(&name)?;
        if heard.as_ref().is_some_and(|heard| heard.counter >= hearing.counter) {
            return Ok(private);
        }
        let complete = heard.as_ref().map_or(0, |heard| heard.complete);
        let key = match (hearing.since, heard) {
            (None, _) => {
                if hearing.part == 0 {
                    private.extend(forget(&self.chunks(&name)?, |_| true));
                    private.push(Private::local(name.clone(), None));
                }
                hearing.key
            }
            (Some(since), Some(heard)) if heard.counter >= since => {
                // It names all that it holds and that was not told up to there:
                // what it told since and holds no more, it lost.
                if hearing.part == 0 {
                    let after = |chunk: &Bytes| counter_of(&name, chunk).is_some_and(|c| c > since);
                    private.extend(forget(&self.chunks(&name)?, after));
                }
                heard.key
            }
            (Some(_), _) => return Ok(private),
        };
        private.extend(keep(&name, hearing.counter, hearing.part, &hearing.elements));
        if hearing.last {
            let head = HeardHead { key, counter: hearing.counter, complete };
            private.push(Private::local(name, Some(stored(&head))));
        }
        Ok(private)
    }

    /// What has to be remembered when all is here of what `other` held when it
    /// wrote the bundle with this counter for this node.
    ///
    /// # Errors
    /// The store's.
    pub fn heard_all(
        &self,
        other: &PublicKey,
        counter: u64,
    ) -> Result<Option<Private>, StoreError> {
        let name = name(b"heard", other);
        let heard = self.head::<HeardHead>(&name)?.filter(|heard| heard.counter == counter);
        let complete = |heard| HeardHead { complete: counter, ..heard };
        Ok(heard.map(|heard| Private::local(name, Some(stored(&complete(heard))))))
    }
}
