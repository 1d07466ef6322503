//! Segments: who wrote the changes of a draft.
//!
//! A change hash commits to the whole past of the change, so one signature
//! over an actor's latest change covers all its earlier ones. A segment is
//! that signature for a run of changes of one actor: numbers `first` to
//! `last`, ending in `head`. The actor is bound to federation, document,
//! certificate and nonce, so a segment shows that its certificate wrote them.
//!
//! A segment is *whole* when all its changes are held and chain up to its
//! head; only whole ones are held, counted and passed on, together with their
//! changes. The open segment of an actor, its last, grows by being replaced by
//! a longer one ([`admit`]); at 256 changes or 256 KiB the next one begins.
//!
//! Practices have no segments: there the edition is the signature.

use thiserror::Error;

pub mod brief;

use crate::chunk::{ChangeMeta, Past};
use crate::identity::{ActorId, CertificateId, DocumentId, FederationId, Nonce, actor_id};
use crate::signed::{Kind, Statement, Verified};
use crate::timestamp::Timestamp;

/// A segment covers at most this many changes.
pub const SEGMENT_CHANGES_MAX: u64 = 256;
/// The changes of a segment have at most this many bytes together: one change
/// always fits.
pub const SEGMENT_BYTES_MAX: u64 = 256 * 1024;

/// The signature of a certificate over a run of its changes in one document.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Segment {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The document.
    #[n(1)]
    pub document: DocumentId,
    /// Makes the actor; drawn once for one run of one node. In the first
    /// segment of a document it is also the nonce of the document's id.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// The number that the actor gave the first of the changes, from 1.
    #[n(3)]
    pub first: u64,
    /// The number of the last.
    #[n(4)]
    pub last: u64,
    /// The hash of the last.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub head: [u8; 32],
    /// The length of the changes together.
    #[n(6)]
    pub bytes: u64,
    /// The operations of the changes together.
    #[n(7)]
    pub ops: u64,
    /// When it was signed, by the signer's clock.
    #[n(8)]
    pub claimed_at: Timestamp,
}

impl Statement for Segment {
    const KIND: Kind = Kind::known("segment");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.document.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.first == 0 || self.last < self.first {
            return Err("a segment covers at least one change, and they are numbered from 1");
        }
        if self.last - self.first >= SEGMENT_CHANGES_MAX {
            return Err("a segment covers more than 256 changes");
        }
        if self.bytes > SEGMENT_BYTES_MAX {
            return Err("the changes of a segment have more than 262,144 bytes");
        }
        Ok(())
    }
}

/// Why a segment is not whole. All but [`NotWhole::Missing`] are final.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotWhole {
    /// A change is not held. It may come.
    #[error("change {seq} of the segment is not held")]
    Missing {
        /// Its number.
        seq: u64,
    },
    /// The head is another actor's change, or has another number.
    #[error("the head of the segment is not change {last} of its actor")]
    Head {
        /// The number that it should have.
        last: u64,
    },
    /// The changes are of other sizes than the segment says.
    #[error("the changes of the segment have {bytes} bytes and {ops} operations, and it says else")]
    Sizes {
        /// Their length.
        bytes: u64,
        /// Their operations.
        ops: u64,
    },
}

impl Segment {
    /// The segment of consecutive changes of one actor, ascending, or `None`
    /// if they are no such run.
    pub fn covering(
        by: CertificateId,
        document: DocumentId,
        nonce: Nonce,
        changes: &[ChangeMeta],
        claimed_at: Timestamp,
    ) -> Option<Self> {
        let (first, last) = (changes.first()?, changes.last()?);
        let follow = |two: &[ChangeMeta]| {
            two[0].actor == two[1].actor
                && two[0].seq + 1 == two[1].seq
                && two[1].deps.contains(&two[0].hash)
        };
        let segment = Self {
            by,
            document,
            nonce,
            first: first.seq,
            last: last.seq,
            head: last.hash,
            bytes: changes.iter().map(|change| u64::from(change.bytes)).sum(),
            ops: changes.iter().map(|change| change.ops).sum(),
            claimed_at,
        };
        (changes.windows(2).all(follow) && segment.check().is_ok()).then_some(segment)
    }

    /// The actor whose changes it covers.
    pub fn actor(&self, federation: FederationId) -> ActorId {
        actor_id(federation, self.document, self.by, &self.nonce)
    }

    /// Whether it can grow by one more change and keep its bounds.
    pub fn has_room_for(&self, change: &ChangeMeta) -> bool {
        self.last - self.first + 1 < SEGMENT_CHANGES_MAX
            && self.bytes + u64::from(change.bytes) <= SEGMENT_BYTES_MAX
    }

    /// The changes that it covers, the last first, if it is whole.
    pub fn whole<'p>(
        &self,
        federation: FederationId,
        past: &'p Past,
    ) -> Result<Vec<&'p ChangeMeta>, NotWhole> {
        let actor = self.actor(federation);
        let head = past.get(&self.head).ok_or(NotWhole::Missing { seq: self.last })?;
        if head.actor != actor || head.seq != self.last {
            return Err(NotWhole::Head { last: self.last });
        }
        let mut changes = vec![head];
        let mut change = head;
        while change.seq > self.first {
            change = previous(change, past).ok_or(NotWhole::Missing { seq: change.seq - 1 })?;
            changes.push(change);
        }
        let bytes = changes.iter().map(|change| u64::from(change.bytes)).sum();
        let ops = changes.iter().map(|change| change.ops).sum();
        if (bytes, ops) != (self.bytes, self.ops) {
            return Err(NotWhole::Sizes { bytes, ops });
        }
        Ok(changes)
    }

    /// Whether it covers all that another segment of its actor covers.
    fn covers(&self, other: &Self, past: &Past) -> bool {
        if other.first < self.first || self.last < other.last {
            return false;
        }
        let mut change = past.get(&self.head);
        while let Some(later) = change.filter(|change| change.seq > other.last) {
            change = previous(later, past);
        }
        change.is_some_and(|change| change.hash == other.head)
    }
}

/// The actor's change before this one, which the hold stage found among its
/// deps.
pub fn previous<'p>(change: &ChangeMeta, past: &'p Past) -> Option<&'p ChangeMeta> {
    let before = |meta: &&ChangeMeta| meta.actor == change.actor && meta.seq + 1 == change.seq;
    change.deps.iter().filter_map(|dep| past.get(dep)).find(before)
}

/// What becomes of a whole segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// It is held, instead of those at these places of the held ones.
    Held {
        /// Ascending; honestly none, or the one that was open.
        instead: Vec<usize>,
    },
    /// What it covers is covered already.
    Known,
}

/// Decides what becomes of `new`, which is whole, beside the `held` segments
/// of the same document and actor: of two where one covers all that the other
/// covers, the longer is held; of two that cover the same, the one whose
/// record has the smaller bytes. So whatever the order of arrival, nodes that
/// have received the same segments hold the same ones. Two branches of an
/// actor that numbered two changes alike cover different changes: both are
/// held, and the verdict is another matter.
pub fn admit(new: &Verified<Segment>, held: &[Verified<Segment>], past: &Past) -> Admitted {
    let mut instead = Vec::new();
    for (place, old) in held.iter().enumerate() {
        let there = old.body().covers(new.body(), past);
        let here = new.body().covers(old.body(), past);
        match (there, here) {
            (true, true) if new.record().to_bytes() < old.record().to_bytes() => {
                instead.push(place);
            }
            (true, _) => return Admitted::Known,
            (false, true) => instead.push(place),
            (false, false) => {}
        }
    }
    Admitted::Held { instead }
}

#[cfg(test)]
mod tests;
