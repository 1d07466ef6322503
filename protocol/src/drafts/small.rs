//! Segments as they are stored: without what is known beside them.
//!
//! A segment as a record has some 250 bytes. Its draft is in the name of the
//! value, its key in the certificate, its layout in this version: what is left
//! are some 165 bytes, read back into the very record that was signed, of which
//! the id in the name is the proof. Certificates are never dropped, so the key
//! is found whether the certificate still counts or not.
//!
//! A record that this version would not make itself (fields of a later one, a
//! key beside the certificate's) is stored whole.

use bytes::Bytes;
use minicbor::bytes::ByteArray;
use tern_crdt::identity::{CertificateId, DraftId, PublicKey, RecordId, Signature};
use tern_crdt::segment::Segment;
use tern_crdt::signed::{Statement, Verified};
use tern_crdt::timestamp::Timestamp;

use super::stored::{damaged, held};
use crate::store::StoreError;

/// The version of the small form, which is also what tells it from a record: a
/// record is an array of four.
const SMALL: u8 = 1;
/// Certificate, nonce, head and signature one after the other.
const PACKED_BYTES: usize = 32 + 16 + 32 + 64;

#[derive(minicbor::Encode, minicbor::Decode)]
struct Small {
    #[n(0)]
    version: u8,
    #[n(1)]
    packed: ByteArray<PACKED_BYTES>,
    #[n(2)]
    first: u64,
    #[n(3)]
    last: u64,
    #[n(4)]
    bytes: u64,
    #[n(5)]
    ops: u64,
    #[n(6)]
    claimed_at: Timestamp,
}

/// A segment as it was read from the store.
pub(super) struct StoredSegment {
    /// What it says.
    pub(super) body: Segment,
    id: RecordId,
    by: Signed,
}

/// How its signature is kept.
enum Signed {
    Small(Signature),
    Record(Box<Verified<Segment>>),
}

impl StoredSegment {
    /// The record, `key` being that of its certificate.
    pub(super) fn verified(self, key: PublicKey) -> Result<Verified<Segment>, StoreError> {
        match self.by {
            Signed::Record(record) => Ok(*record),
            Signed::Small(signature) => {
                let record = self.body.prepare().signed(vec![(key, signature)]);
                record.held(self.id).and_then(Verified::read).map_err(damaged)
            }
        }
    }
}

/// The value of a segment, `key` being that of its certificate.
pub(super) fn stored_segment(segment: &Verified<Segment>, key: Option<PublicKey>) -> Bytes {
    let small = small(segment, key).and_then(|small| minicbor::to_vec(small).ok());
    small.unwrap_or_else(|| segment.record().to_bytes()).into()
}

fn small(segment: &Verified<Segment>, key: Option<PublicKey>) -> Option<Small> {
    let Segment { by, nonce, first, last, head, bytes, ops, claimed_at, .. } = *segment.body();
    let [(signer, signature)] = segment.record().signatures() else { return None };
    if key != Some(*signer) || segment.body().prepare().id() != segment.id() {
        return None;
    }
    let parts = [by.as_bytes().as_slice(), &nonce, &head, &signature.0].concat();
    let packed = <[u8; PACKED_BYTES]>::try_from(parts).ok()?.into();
    Some(Small { version: SMALL, packed, first, last, bytes, ops, claimed_at })
}

/// Reads the value of a segment of this draft.
pub(super) fn read_segment(
    draft: &DraftId,
    id: &[u8; 32],
    value: &Bytes,
) -> Result<StoredSegment, StoreError> {
    if minicbor::Decoder::new(value).array().map_err(damaged)? == Some(4) {
        let record = held(value, *id)?.read::<Segment>().map_err(damaged)?;
        let (body, id) = (record.body().clone(), record.id());
        return Ok(StoredSegment { body, id, by: Signed::Record(Box::new(record)) });
    }
    let Small { version, packed, first, last, bytes, ops, claimed_at } =
        minicbor::decode(value).map_err(damaged)?;
    if version != SMALL {
        return Err(damaged("a segment of a later version"));
    }
    let mut rest = packed.as_slice();
    let by = CertificateId::new(take(&mut rest)?);
    let (nonce, head, signature) = (take(&mut rest)?, take(&mut rest)?, take(&mut rest)?);
    let document = draft.cast();
    let body = Segment { by, document, nonce, first, last, head, bytes, ops, claimed_at };
    let id = RecordId::new(*id);
    if body.prepare().id() != id {
        return Err(damaged("a segment is not the one of its name"));
    }
    Ok(StoredSegment { body, id, by: Signed::Small(Signature(signature)) })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (first, after) = rest.split_first_chunk().ok_or_else(|| damaged("a segment is short"))?;
    *rest = after;
    Ok(*first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tern_crdt::identity::{FederationId, Id, SecretKey};

    use super::*;

    fn federation() -> FederationId {
        Id::new([5; 32])
    }

    /// A segment that the Migration Desk of Chad signed, over a hundred changes
    /// unless it is said otherwise.
    fn of_chad(first: u64, last: u64, bytes: u64, claimed_at: i64) -> Verified<Segment> {
        let segment = Segment {
            by: Id::new([7; 32]),
            document: Id::new([6; 32]),
            nonce: [9; 16],
            first,
            last,
            head: [8; 32],
            bytes,
            ops: bytes * 2,
            claimed_at: Timestamp(claimed_at),
        };
        let record = segment.prepare().sign(federation(), &desk());
        record.verify(federation()).and_then(Verified::read).expect("own signature")
    }

    fn desk() -> SecretKey {
        SecretKey::from_seed(&[1; 32])
    }

    fn draft() -> DraftId {
        Id::new([6; 32])
    }

    #[test]
    fn who_wrote_a_hundred_changes_takes_less_than_two_bytes_for_each() {
        let segment = of_chad(1, 100, 20_000, 1_790_000_000_000);
        let stored = stored_segment(&segment, Some(desk().public()));
        let with_its_id = stored.len() + segment.id().as_bytes().len();
        assert!(with_its_id <= 200, "{with_its_id} bytes");
        assert!(segment.record().to_bytes().len() > 240);
    }

    #[test]
    fn a_record_that_this_version_does_not_make_is_kept_whole() {
        let segment = of_chad(1, 1, 90, 1);
        let stored = stored_segment(&segment, Some(SecretKey::from_seed(&[2; 32]).public()));
        assert_eq!(stored, segment.record().to_bytes());
        let read = read_segment(&draft(), segment.id().as_bytes(), &stored).expect("readable");
        assert_eq!(read.verified(desk().public()).expect("whole").record(), segment.record());
    }

    #[test]
    fn a_rotten_or_misplaced_segment_is_no_segment() {
        let segment = of_chad(1, 3, 300, 1);
        let stored = stored_segment(&segment, Some(desk().public()));
        let id = segment.id();
        assert!(read_segment(&Id::new([1; 32]), id.as_bytes(), &stored).is_err());
        for place in 0..stored.len() {
            let mut rotten = stored.to_vec();
            rotten[place] ^= 1;
            let read = read_segment(&draft(), id.as_bytes(), &rotten.into());
            let same = read.is_ok_and(|read| read.body == *segment.body());
            // What is signed is found out by the id, the signature by whoever
            // is told it.
            let in_signature = (4 + 80..4 + PACKED_BYTES).contains(&place);
            assert_eq!(same, in_signature, "byte {place}");
        }
        for length in 0..stored.len() {
            assert!(read_segment(&draft(), id.as_bytes(), &stored.slice(..length)).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_is_read_back_is_what_was_signed(
            first in 1u64..1 << 40, more in 0u64..256, bytes in 0u64..262_144, at: i64,
        ) {
            let segment = of_chad(first, first + more, bytes, at);
            let stored = stored_segment(&segment, Some(desk().public()));
            let read = read_segment(&draft(), segment.id().as_bytes(), &stored).expect("readable");
            let again = read.verified(desk().public()).expect("whole");
            prop_assert_eq!(again.record().to_bytes(), segment.record().to_bytes());
            prop_assert!(again.record().clone().verify(federation()).is_ok());
        }
    }
}
