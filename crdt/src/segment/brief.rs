//! Segments in few bytes: without what whoever reads them knows already.
//!
//! A segment as a record repeats the document, the certificate's key, and much
//! that its changes say themselves. At rest it stands beside its document; live
//! it follows the open segment that the receiver holds. Both forms are read
//! back into the very record that was signed, and verified like any other:
//! nothing is believed because it is brief.
//!
//! A record that a later version signed, with fields that this one does not
//! know, has no brief form and travels whole.

use minicbor::bytes::ByteArray;

use super::Segment;
use crate::chunk::{ChangeMeta, Past};
use crate::identity::{
    CertificateId, DocumentId, FederationId, Nonce, PublicKey, Signature, actor_id,
};
use crate::signed::{Record, Statement, Verified};
use crate::timestamp::Timestamp;

/// How many bytes tell two branches of one actor, or two actors, apart.
const BRANCH_BYTES: usize = 4;

#[derive(minicbor::Encode, minicbor::Decode)]
struct AtRest {
    #[n(0)]
    by: CertificateId,
    #[cbor(n(1), with = "minicbor::bytes")]
    nonce: Nonce,
    #[n(2)]
    first: u64,
    #[n(3)]
    last: u64,
    #[n(4)]
    branch: ByteArray<BRANCH_BYTES>,
    #[n(5)]
    claimed_at: Timestamp,
    #[n(6)]
    signature: ByteArray<64>,
}

#[derive(minicbor::Encode, minicbor::Decode)]
struct Live {
    #[n(0)]
    actor: ByteArray<BRANCH_BYTES>,
    #[n(1)]
    more: u64,
    #[n(2)]
    branch: ByteArray<BRANCH_BYTES>,
    #[n(3)]
    later: i64,
    #[n(4)]
    signature: ByteArray<64>,
}

fn begins<const N: usize>(bytes: &[u8; N]) -> ByteArray<BRANCH_BYTES> {
    let mut first = [0; BRANCH_BYTES];
    first.copy_from_slice(&bytes[..BRANCH_BYTES]);
    first.into()
}

fn encoded<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}

fn decoded<T: for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Option<T> {
    let mut d = minicbor::Decoder::new(bytes);
    let value = d.decode().ok()?;
    (d.position() == bytes.len()).then_some(value)
}

/// The one signature, if the record is what this version makes of the segment.
fn signature(segment: &Verified<Segment>) -> Option<ByteArray<64>> {
    let again = segment.body().prepare().id() == segment.id();
    match segment.record().signatures() {
        [(_, signature)] if again => Some(signature.0.into()),
        _ => None,
    }
}

/// The run of changes that ends in the change of this actor, number and
/// branch, back to the number `first`, summed up.
fn run(
    past: &Past,
    actor: &[u8; 16],
    (first, last): (u64, u64),
    at: &ByteArray<BRANCH_BYTES>,
) -> Option<(ChangeMeta, u64, u64)> {
    let mut ends = past
        .metas()
        .iter()
        .filter(|c| c.actor == *actor && c.seq == last && begins(&c.hash) == *at);
    let (head, None) = (ends.next()?, ends.next()) else { return None };
    let (mut bytes, mut ops, mut change) = (0, 0, Some(head));
    while let Some(of) = change.filter(|change| change.seq >= first) {
        bytes += u64::from(of.bytes);
        ops += of.ops;
        change = super::previous(of, past);
    }
    Some((head.clone(), bytes, ops))
}

/// A segment beside its document: about 130 bytes.
pub fn at_rest(segment: &Verified<Segment>) -> Option<Vec<u8>> {
    let Segment { by, nonce, first, last, head, claimed_at, .. } = *segment.body();
    let (branch, signature) = (begins(&head), signature(segment)?);
    Some(encoded(&AtRest { by, nonce, first, last, branch, claimed_at, signature }))
}

/// Reads it back, with the changes that it covers among `past`, and the key of
/// its certificate. To be verified. `None` if it is no such thing.
pub fn from_rest(
    bytes: &[u8],
    federation: FederationId,
    document: DocumentId,
    past: &Past,
    key: impl Fn(&CertificateId) -> Option<PublicKey>,
) -> Option<Record> {
    let AtRest { by, nonce, first, last, branch, claimed_at, signature } = decoded(bytes)?;
    let actor = actor_id(federation, document, by, &nonce);
    let (head, bytes, ops) = run(past, &actor, (first, last), &branch)?;
    let head = head.hash;
    let segment = Segment { by, document, nonce, first, last, head, bytes, ops, claimed_at };
    let signature = Signature(*signature);
    Some(segment.prepare().signed(vec![(key(&by)?, signature)]))
}

/// A segment after the open one of its actor that the receiver holds: about 80
/// bytes with the next save.
pub fn live(
    segment: &Verified<Segment>,
    open: &Segment,
    federation: FederationId,
) -> Option<Vec<u8>> {
    let new = segment.body();
    let follows = (new.by, new.document, new.nonce, new.first)
        == (open.by, open.document, open.nonce, open.first);
    let more = new.last.checked_sub(open.last).filter(|more| follows && *more > 0)?;
    Some(encoded(&Live {
        actor: begins(&new.actor(federation)),
        more,
        branch: begins(&new.head),
        later: new.claimed_at.0.wrapping_sub(open.claimed_at.0),
        signature: signature(segment)?,
    }))
}

/// Reads it back, with the new changes among `past` and the open segments that
/// are held. To be verified. `None` if none of them is the one before it.
pub fn from_live<'s>(
    bytes: &[u8],
    federation: FederationId,
    past: &Past,
    open: impl IntoIterator<Item = &'s Segment>,
    key: impl Fn(&CertificateId) -> Option<PublicKey>,
) -> Option<Record> {
    let Live { actor, more, branch, later, signature } = decoded(bytes)?;
    let open = open.into_iter().find(|open| begins(&open.actor(federation)) == actor)?;
    let last = open.last.checked_add(more)?;
    let (head, bytes, ops) = run(past, &open.actor(federation), (open.first, last), &branch)?;
    let claimed_at = Timestamp(open.claimed_at.0.wrapping_add(later));
    let segment = Segment { last, head: head.hash, bytes, ops, claimed_at, ..open.clone() };
    let signature = Signature(*signature);
    Some(segment.prepare().signed(vec![(key(&open.by)?, signature)]))
}
