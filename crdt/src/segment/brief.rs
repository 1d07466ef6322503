//! Segments in few bytes: without what whoever reads them knows already.
//!
//! A segment as a record repeats the document, the certificate and its key, and
//! much that its changes say themselves. In brief it names its certificate by
//! the first bytes of it; or, where the reader holds an earlier segment of the
//! same actor, the last change of that one instead. It is read back into the very
//! record that was signed, and verified like any other: nothing is believed
//! because it is brief.
//!
//! A record that a later version signed, with fields that this one does not
//! know, has no brief form and travels whole.

use std::collections::BTreeMap;

use minicbor::bytes::ByteArray;

use super::Segment;
use crate::chunk::{ChangeMeta, Past};
use crate::identity::{
    ActorId, CertificateId, DocumentId, FederationId, Nonce, PublicKey, Signature,
};
use crate::signed::{Statement, Verified};
use crate::timestamp::Timestamp;

/// In brief a segment has at most so many bytes.
pub const BRIEF_SEGMENT_BYTES_MAX: usize = 124;

/// So many bytes of a hash stand for it, where the reader knows a few.
pub const PREFIX_BYTES: usize = 8;

/// The first bytes of a hash.
pub type Prefix = [u8; PREFIX_BYTES];

/// The first bytes of a hash.
pub fn prefix(hash: &[u8; 32]) -> Prefix {
    let mut first = [0; PREFIX_BYTES];
    first.copy_from_slice(&hash[..PREFIX_BYTES]);
    first
}

/// A segment in brief.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(flat)]
pub enum Brief {
    /// Of whomever: 105 bytes.
    #[n(0)]
    Whole {
        /// Its certificate.
        #[cbor(n(0), with = "minicbor::bytes")]
        by: Prefix,
        /// The nonce of its actor.
        #[cbor(n(1), with = "minicbor::bytes")]
        nonce: Nonce,
        /// As in [`Segment`].
        #[n(2)]
        first: u64,
        /// As in [`Segment`].
        #[n(3)]
        last: u64,
        /// As in [`Segment`].
        #[n(4)]
        claimed_at: Timestamp,
        /// The one signature.
        #[n(5)]
        signature: ByteArray<64>,
    },
    /// After one that the reader holds: 88 bytes.
    #[n(1)]
    After {
        /// The last change of that one.
        #[cbor(n(0), with = "minicbor::bytes")]
        head: Prefix,
        /// As in [`Segment`].
        #[n(1)]
        first: u64,
        /// As in [`Segment`].
        #[n(2)]
        last: u64,
        /// As in [`Segment`].
        #[n(3)]
        claimed_at: Timestamp,
        /// The one signature.
        #[n(4)]
        signature: ByteArray<64>,
    },
}

/// Whose segments one is among: what its brief form leaves out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Author {
    /// The certificate.
    pub by: CertificateId,
    /// Its key.
    pub key: PublicKey,
    /// The document.
    pub document: DocumentId,
    /// The nonce of the actor.
    pub nonce: Nonce,
}

/// How many signatures have to be tried at most to read segments that end in these
/// changes of these actors.
pub fn tries(ends: &[(ActorId, u64)], past: &Past) -> usize {
    let mut ending: BTreeMap<(ActorId, u64), usize> = BTreeMap::new();
    for end in ends {
        *ending.entry(*end).or_default() += 1;
    }
    past.metas().iter().filter_map(|change| ending.get(&(change.actor, change.seq))).sum()
}

impl Brief {
    /// The number of its last change.
    pub const fn last(&self) -> u64 {
        match self {
            Self::Whole { last, .. } | Self::After { last, .. } => *last,
        }
    }

    /// A segment whose changes the reader will have all. `None` if it has no
    /// brief form.
    pub fn whole(segment: &Verified<Segment>) -> Option<Self> {
        let Segment { by, nonce, first, last, claimed_at, .. } = *segment.body();
        let signature = signature(segment)?;
        Some(Self::Whole { by: prefix(by.as_bytes()), nonce, first, last, claimed_at, signature })
    }

    /// A segment of which the reader holds an earlier one that ended in `head`.
    /// `None` if it has no brief form.
    pub fn after(segment: &Verified<Segment>, head: &[u8; 32]) -> Option<Self> {
        let Segment { first, last, claimed_at, .. } = *segment.body();
        let signature = signature(segment)?;
        Some(Self::After { head: prefix(head), first, last, claimed_at, signature })
    }

    /// Reads it back, its changes being among `past`, and verifies it. `None`
    /// if it is no segment of this author.
    pub fn read(
        &self,
        author: &Author,
        federation: FederationId,
        past: &Past,
    ) -> Option<Verified<Segment>> {
        let (first, last, claimed_at, signature) = match self {
            Self::Whole { first, last, claimed_at, signature, .. }
            | Self::After { first, last, claimed_at, signature, .. } => {
                (*first, *last, *claimed_at, Signature(**signature))
            }
        };
        let Author { by, key, document, nonce } = *author;
        let begun = Segment {
            by,
            document,
            nonce,
            first,
            last,
            head: [0; 32],
            bytes: 0,
            ops: 0,
            claimed_at,
        };
        begun.check().ok()?;
        let actor = begun.actor(federation);
        // Of several branches of an actor it is that over which it was signed.
        let heads = past.metas().iter().filter(|c| c.actor == actor && c.seq == last);
        heads.into_iter().find_map(|head| {
            let (bytes, ops) = sums(past, head, first);
            let segment = Segment { head: head.hash, bytes, ops, ..begun.clone() };
            let record = segment.prepare().signed(vec![(key, signature)]);
            record.verify(federation).ok()?.read().ok()
        })
    }
}

/// The one signature, if the record is what this version makes of the segment.
fn signature(segment: &Verified<Segment>) -> Option<ByteArray<64>> {
    let again = segment.body().prepare().id() == segment.id();
    match segment.record().signatures() {
        [(_, signature)] if again => Some(signature.0.into()),
        _ => None,
    }
}

/// Bytes and operations of a change and those of its actor before it, back to
/// the number `first`.
fn sums(past: &Past, head: &ChangeMeta, first: u64) -> (u64, u64) {
    let (mut bytes, mut ops, mut change) = (0, 0, Some(head));
    while let Some(of) = change.filter(|change| change.seq >= first) {
        bytes += u64::from(of.bytes);
        ops += of.ops;
        change = super::previous(of, past);
    }
    (bytes, ops)
}
