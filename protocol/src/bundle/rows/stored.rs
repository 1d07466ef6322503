//! What is remembered of rows, as local values.
//!
//! | local name | value |
//! |---|---|
//! | `bundle/told/` ‖ node | what this node told another one: under which key, in which bundles |
//! | the same ‖ counter ‖ part | elements that the bundle with this counter told first |
//! | `bundle/heard/` ‖ node | what another node told this one: under which key, up to which bundle |
//! | the same ‖ counter ‖ part | elements that the bundle with this counter told |
//! | `bundle/acked/` ‖ node | what another node said that it has of what it was told |

use std::collections::BTreeSet;

use bytes::Bytes;
use tern_crdt::identity::PublicKey;

use super::TOLD_ELEMENTS_MAX;
use crate::bundle::frontier::Element;
use crate::ledger::{Ledger, Private};
use crate::library::Library;
use crate::store::{Store, StoreError};

/// Stored values begin with it.
const VERSION: u8 = 1;

/// What this node told another one.
#[derive(minicbor::Encode, minicbor::Decode)]
pub(super) struct ToldHead {
    /// Under which its elements are made.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// The bundles that told them, ascending.
    #[n(1)]
    pub counters: Vec<u64>,
}

/// What another node told this one.
#[derive(minicbor::Encode, minicbor::Decode)]
pub(super) struct HeardHead {
    /// Under which its elements are made.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// The last bundle that was heard of the row.
    #[n(1)]
    pub counter: u64,
    /// The last bundle of which all is here that its writer held; 0 if there is
    /// none.
    #[n(2)]
    pub complete: u64,
}

/// What another node said that it has of what it was told.
#[derive(Clone, Copy, minicbor::Encode, minicbor::Decode)]
pub(super) struct Acked {
    /// In which bundle it said so.
    #[n(0)]
    pub counter: u64,
    /// Up to which of this node's bundles it was told.
    #[n(1)]
    pub have: Option<u64>,
    /// Up to which of them it holds all that this node held; 0 if it did not say.
    #[n(2)]
    pub holds: u64,
}

pub(super) fn name(what: &[u8], other: &PublicKey) -> Vec<u8> {
    [b"bundle/", what, b"/", &other.as_bytes()[..]].concat()
}

fn chunk_name(head: &[u8], counter: u64, part: u16) -> Vec<u8> {
    [head, &counter.to_be_bytes()[..], &part.to_be_bytes()[..]].concat()
}

/// The counter that is part of the name of a chunk.
pub(super) fn counter_of(head: &[u8], name: &[u8]) -> Option<u64> {
    let rest = name.strip_prefix(head)?;
    (rest.len() == 10).then(|| rest.first_chunk().map(|counter| u64::from_be_bytes(*counter)))?
}

pub(super) fn stored<T: minicbor::Encode<()>>(value: &T) -> Bytes {
    let mut bytes = vec![VERSION];
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes.into()
}

pub(super) type Chunks = Vec<(Bytes, Bytes)>;

pub(super) fn elements_of(chunks: &Chunks, which: impl Fn(&Bytes) -> bool) -> BTreeSet<Element> {
    let some = chunks.iter().filter(|(name, _)| which(name));
    some.flat_map(|(_, value)| value.as_chunks::<8>().0).copied().collect()
}

pub(super) fn forget(chunks: &Chunks, which: impl Fn(&Bytes) -> bool) -> Vec<Private> {
    let some = chunks.iter().filter(|(name, _)| which(name));
    some.map(|(name, _)| Private::local(name.clone(), None)).collect()
}

pub(super) fn keep(head: &[u8], counter: u64, from: u16, elements: &[Element]) -> Vec<Private> {
    let parts = (from..).zip(elements.chunks(TOLD_ELEMENTS_MAX));
    parts
        .map(|(part, elements)| {
            Private::local(chunk_name(head, counter, part), Some(elements.concat().into()))
        })
        .collect()
}

/// Forgets what was told and heard in bundles, so that everything is told anew:
/// of a node that lost something it said to hold.
pub(crate) fn forget_rows<S: Store>(ledger: &Ledger<S>) -> Result<Vec<Private>, StoreError> {
    let mut rows = ledger.locals(b"bundle/told/")?;
    rows.extend(ledger.locals(b"bundle/heard/")?);
    Ok(forget(&rows, |_| true))
}

impl<S: Store> Library<S> {
    pub(super) fn head<T: for<'b> minicbor::Decode<'b, ()>>(
        &self,
        name: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let Some(value) = self.local(name)? else { return Ok(None) };
        let body = match value.split_first() {
            Some((&VERSION, body)) => minicbor::decode(body).ok(),
            _ => None,
        };
        let damaged = || StoreError::Damaged("what another node told in a bundle".into());
        body.map(Some).ok_or_else(damaged)
    }

    pub(super) fn acked(&self, other: &PublicKey) -> Result<Option<Acked>, StoreError> {
        self.head(&name(b"acked", other))
    }

    pub(super) fn chunks(&self, head: &[u8]) -> Result<Chunks, StoreError> {
        let mut found = self.ledger().locals(head)?;
        found.retain(|(name, _)| counter_of(head, name).is_some());
        Ok(found)
    }
}
