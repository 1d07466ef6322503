//! What this node and another one that write bundles for each other told each
//! other of what they hold.
//!
//! Both tell it in rows of elements (section 20 of the specification): what is
//! new since the last bundle that the other has. What was told and what was heard
//! is remembered here, as local values. Losing any of it costs bytes and nothing
//! else: whoever does not have what the other names is told everything anew.

use std::collections::BTreeSet;

use bytes::Bytes;
use tern_crdt::identity::PublicKey;
use tern_protocol::bundle::{Element, element};
use tern_protocol::ledger::Private;
use tern_protocol::limits::FRONTIER_PART_MAX;
use tern_protocol::meeting::set::SetId;

use crate::accounts::failed;
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::stored;

/// Elements in one local value.
pub(super) const CHUNK_ELEMENTS: usize = 32_768;
/// A row with more bundles than this, or with this many times more elements than
/// there are objects, begins anew.
const ROW_BUNDLES_MAX: usize = 64;
const ROW_STALE: usize = 2;

const _: () = assert!(CHUNK_ELEMENTS <= FRONTIER_PART_MAX);

/// What this node told another one.
#[derive(minicbor::Encode, minicbor::Decode)]
struct ToldHead {
    /// Under which its elements are made.
    #[cbor(n(0), with = "minicbor::bytes")]
    key: [u8; 32],
    /// The bundles that told them, ascending.
    #[n(1)]
    counters: Vec<u64>,
}

/// What another node told this one.
#[derive(minicbor::Encode, minicbor::Decode)]
pub(super) struct HeardHead {
    /// Under which its elements are made.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) key: [u8; 32],
    /// The last bundle that was heard of the row.
    #[n(1)]
    pub(super) counter: u64,
    /// The last bundle of which all is here that its writer held; 0 if there is
    /// none.
    #[n(2)]
    pub(super) complete: u64,
}

/// What another node said that it has of what it was told.
#[derive(Clone, Copy, minicbor::Encode, minicbor::Decode)]
struct Acked {
    /// In which bundle it said so.
    #[n(0)]
    counter: u64,
    /// Up to which of this node's bundles it was told.
    #[n(1)]
    have: Option<u64>,
    /// Up to which of them it holds all that this node held; 0 if it did not say.
    #[n(2)]
    holds: u64,
}

fn name(what: &[u8], other: &PublicKey) -> Vec<u8> {
    [b"bundle/", what, b"/", &other.as_bytes()[..]].concat()
}

fn chunk_name(head: &[u8], counter: u64, part: u16) -> Vec<u8> {
    [head, &counter.to_be_bytes()[..], &part.to_be_bytes()[..]].concat()
}

/// The counter that is part of the name of a chunk.
fn counter_of(head: &[u8], name: &[u8]) -> Option<u64> {
    let rest = name.strip_prefix(head)?;
    (rest.len() == 10).then(|| rest.first_chunk().map(|counter| u64::from_be_bytes(*counter)))?
}

fn head<T: for<'b> minicbor::Decode<'b, ()>>(
    replica: &NodeReplica,
    name: &[u8],
) -> Result<Option<T>, OpError> {
    let value = replica.library().local(name).map_err(failed)?;
    value.map(|value| stored::read(&value, "what another node holds")).transpose()
}

fn acked(replica: &NodeReplica, other: &PublicKey) -> Result<Option<Acked>, OpError> {
    head(replica, &name(b"acked", other))
}

type Chunks = Vec<(Bytes, Bytes)>;

fn chunks(replica: &NodeReplica, head: &[u8]) -> Result<Chunks, OpError> {
    let mut found = replica.library().ledger().locals(head).map_err(failed)?;
    found.retain(|(name, _)| counter_of(head, name).is_some());
    Ok(found)
}

fn elements_of(chunks: &Chunks, which: impl Fn(&Bytes) -> bool) -> BTreeSet<Element> {
    let some = chunks.iter().filter(|(name, _)| which(name));
    some.flat_map(|(_, value)| value.as_chunks::<8>().0).copied().collect()
}

fn forget(chunks: &Chunks) -> impl Iterator<Item = Private> + '_ {
    chunks.iter().map(|(name, _)| Private::local(name.clone(), None))
}

fn keep(head: &[u8], counter: u64, from: u16, elements: &[Element]) -> Vec<Private> {
    let parts = (from..).zip(elements.chunks(CHUNK_ELEMENTS));
    parts
        .map(|(part, elements)| {
            Private::local(chunk_name(head, counter, part), Some(elements.concat().into()))
        })
        .collect()
}

/// Elements under their key.
struct Row {
    key: [u8; 32],
    elements: BTreeSet<Element>,
}

impl Row {
    fn has(&self, id: &[u8; 32], state: &[u8; 32]) -> bool {
        self.elements.contains(&element(&self.key, id, state))
    }
}

/// What `other` told.
fn heard(replica: &NodeReplica, other: &PublicKey) -> Result<Option<(HeardHead, Row)>, OpError> {
    let name = name(b"heard", other);
    let Some(head) = head::<HeardHead>(replica, &name)? else { return Ok(None) };
    let row = Row { key: head.key, elements: elements_of(&chunks(replica, &name)?, |_| true) };
    Ok(Some((head, row)))
}

/// What another node is known to hold: what it told, and what it was told and
/// said that it holds all of.
pub(super) struct Heard(Vec<Row>);

impl Heard {
    /// What `other` told, if it told anything and its organisation is a member.
    pub(super) fn from(replica: &NodeReplica, other: &PublicKey) -> Result<Option<Self>, OpError> {
        if replica.library().authority().node(other).is_none() {
            return Ok(None);
        }
        let mut rows: Vec<Row> = heard(replica, other)?.map(|(_, row)| row).into_iter().collect();
        let told_name = name(b"told", other);
        if let Some(Acked { holds, .. }) = acked(replica, other)?
            && let Some(ToldHead { key, .. }) = head(replica, &told_name)?
        {
            let told = chunks(replica, &told_name)?;
            let held = |chunk: &Bytes| counter_of(&told_name, chunk).is_some_and(|c| c <= holds);
            rows.push(Row { key, elements: elements_of(&told, held) });
        }
        Ok(Some(Self(rows)))
    }

    pub(super) fn has(&self, id: &[u8; 32], state: &[u8; 32]) -> bool {
        self.0.iter().any(|row| row.has(id, state))
    }
}

/// What a bundle says of the row that it goes on with.
pub(super) struct Telling {
    pub(super) since: Option<u64>,
    pub(super) have: Option<u64>,
    pub(super) all: bool,
    /// Ascending.
    pub(super) elements: Vec<Element>,
    /// What has to be remembered before the bundle leaves.
    pub(super) private: Vec<Private>,
}

/// What the bundle with this counter and key tells `other`.
pub(super) fn tell(
    replica: &NodeReplica,
    other: &PublicKey,
    counter: u64,
    key: [u8; 32],
) -> Result<Telling, OpError> {
    let heard = heard(replica, other)?;
    let have = heard.as_ref().map(|(head, _)| head.counter);
    // What the other told needs no answer but that all of it is here.
    let mirrored = heard.filter(|(head, _)| head.complete == head.counter).map(|(_, row)| row);
    let all = mirrored.is_some();
    let acked = acked(replica, other)?.and_then(|acked| acked.have);
    let name = name(b"told", other);
    let told = chunks(replica, &name)?;
    let sets = SetId::ALL.map(|set| replica.library().set(set));
    let count: usize = sets.iter().map(|set| usize::try_from(set.count()).unwrap_or(0)).sum();
    let current = |key: &[u8; 32]| -> BTreeSet<Element> {
        let held = sets.iter().flat_map(|set| set.iter());
        held.filter(|(id, state)| !mirrored.as_ref().is_some_and(|row| row.has(id, state)))
            .map(|(id, state)| element(key, id, state))
            .collect()
    };
    let size: usize = told.iter().map(|(_, value)| value.len() / 8).sum();
    let row = head::<ToldHead>(replica, &name)?.filter(|row| {
        row.counters.len() < ROW_BUNDLES_MAX && size <= count * ROW_STALE + CHUNK_ELEMENTS
    });
    let going_on = row.and_then(|row| {
        let since = acked?;
        row.counters.contains(&since).then_some((row, since))
    });
    let Some((mut row, since)) = going_on else {
        let elements: Vec<Element> = current(&key).into_iter().collect();
        let mut private: Vec<Private> = forget(&told).collect();
        private.extend(keep(&name, counter, 0, &elements));
        let row = ToldHead { key, counters: vec![counter] };
        private.push(Private::local(name, Some(stored::write(&row))));
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
    private.push(Private::local(name, Some(stored::write(&row))));
    Ok(Telling { since: Some(since), have, all, elements, private })
}

/// What was read in a bundle that `other` wrote for this node.
pub(super) struct Hearing {
    pub(super) counter: u64,
    /// The key of the bundle.
    pub(super) key: [u8; 32],
    pub(super) since: Option<u64>,
    pub(super) have: Option<u64>,
    pub(super) all: bool,
    /// One of its parts, from 0.
    pub(super) part: u16,
    /// At most [`CHUNK_ELEMENTS`].
    pub(super) elements: Vec<Element>,
    /// Whether it was the last part.
    pub(super) last: bool,
}

/// What has to be remembered of it: nothing of an older one, or one that goes on
/// with what was not heard.
pub(super) fn hear(
    replica: &NodeReplica,
    other: &PublicKey,
    hearing: &Hearing,
) -> Result<Vec<Private>, OpError> {
    let mut private = Vec::new();
    let acked = acked(replica, other)?;
    if hearing.last && acked.is_none_or(|acked| acked.counter < hearing.counter) {
        let (counter, have) = (hearing.counter, hearing.have);
        // Who begins a row may have been put back: what it said before is void.
        let before = acked.filter(|_| hearing.since.is_some()).map_or(0, |acked| acked.holds);
        let holds = have.filter(|_| hearing.all).unwrap_or(0).max(before);
        let value = stored::write(&Acked { counter, have, holds });
        private.push(Private::local(name(b"acked", other), Some(value)));
    }
    let name = name(b"heard", other);
    let heard = head::<HeardHead>(replica, &name)?;
    if heard.as_ref().is_some_and(|heard| heard.counter >= hearing.counter) {
        return Ok(private);
    }
    let complete = heard.as_ref().map_or(0, |heard| heard.complete);
    let key = match (hearing.since, heard) {
        (None, _) => {
            if hearing.part == 0 {
                private.extend(forget(&chunks(replica, &name)?));
                private.push(Private::local(name.clone(), None));
            }
            hearing.key
        }
        (Some(since), Some(heard)) if heard.counter >= since => heard.key,
        (Some(_), _) => return Ok(private),
    };
    private.extend(keep(&name, hearing.counter, hearing.part, &hearing.elements));
    if hearing.last {
        let head = HeardHead { key, counter: hearing.counter, complete };
        private.push(Private::local(name, Some(stored::write(&head))));
    }
    Ok(private)
}

/// What has to be remembered when all is here of what `other` held when it wrote
/// the bundle with this counter for this node.
pub(super) fn complete(
    replica: &NodeReplica,
    other: &PublicKey,
    counter: u64,
) -> Result<Option<Private>, OpError> {
    let name = name(b"heard", other);
    let heard = head::<HeardHead>(replica, &name)?.filter(|heard| heard.counter == counter);
    Ok(heard.map(|heard| {
        Private::local(name, Some(stored::write(&HeardHead { complete: counter, ..heard })))
    }))
}
