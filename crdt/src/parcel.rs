//! Parcels: how what only some may read travels with everybody.
//!
//! A parcel is a signed label, [`Parcel`], and [sealed](crate::sealed) bytes
//! that it names by hash. The label is all that a carrier can read: which node
//! made it, which request it belongs to, how urgent it is, when it ends. The
//! sealed bytes are a [`Letter`]: signed records for its readers.
//!
//! The label carries a hash whose secret is inside the letter: whoever shows
//! the secret has read the parcel, and so may say that it is done
//! ([`Parcel::is_ended_by`]) without saying who they are.
//!
//! Between two nodes that write drafts together and do not reach each other goes
//! a parcel in a [`Lane`]: of each lane one stands at a time. What is inside is
//! bytes to this room ([`pack_bytes`]).
//!
//! [`Custody`] is a node's signed word that it holds a parcel: the trail that
//! people see. Nothing depends on it.

use minicbor::bytes::ByteVec;
use thiserror::Error;

use crate::identity::{
    CertificateId, FederationId, ParcelId, PublicKey, RequestId, SecretKey, digest,
};
use crate::sealed::{EncryptionKey, SEALED_BYTES_MAX, SealRefused, Sealed};
use crate::signed::{Kind, Record, Statement};
use crate::timestamp::Timestamp;

/// A letter holds at most this many records.
pub const LETTER_RECORDS_MAX: usize = 16;

/// How soon something is needed. The number is signed: urgent parcels go
/// first.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, minicbor::Encode, minicbor::Decode,
)]
#[cbor(index_only)]
pub enum Urgency {
    /// Days matter.
    #[n(0)]
    Urgent,
    /// Weeks.
    #[n(1)]
    Routine,
    /// What goes in a lane: after all that others need.
    #[n(2)]
    Unhurried,
}

/// From one node to another, beside every request. See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Lane {
    /// The key of the node that reads it.
    #[n(0)]
    pub to: PublicKey,
    /// From 1; the parcel with the highest number stands.
    #[n(1)]
    pub n: u64,
}

impl Lane {
    /// What stands on the label in the place of a request: it binds what is sealed
    /// to who sends it and who reads it.
    pub fn about(&self, by: CertificateId) -> RequestId {
        let id = digest("tern/parcel-lane/v1", &[by.as_bytes(), self.to.as_bytes()]);
        RequestId::new(id)
    }
}

/// The label of a parcel, signed by the node that made it. See the module.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Parcel {
    /// The certificate of the node that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The request that it is about.
    #[n(1)]
    pub request: RequestId,
    /// How soon it is needed.
    #[n(2)]
    pub urgency: Urgency,
    /// The beacon after which nobody carries it.
    #[n(3)]
    pub expires: u32,
    /// The hash of the letter's secret.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub end: [u8; 32],
    /// The hash of the sealed bytes.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub sealed: [u8; 32],
    /// The length of the sealed bytes.
    #[n(6)]
    pub bytes: u32,
    /// Of one that is about no request, from where to where it goes.
    #[n(7)]
    pub lane: Option<Lane>,
}

impl Statement for Parcel {
    const KIND: Kind = Kind::known("parcel");

    fn check(&self) -> Result<(), &'static str> {
        if self.bytes as usize > SEALED_BYTES_MAX {
            return Err("a parcel is longer than one may be");
        }
        match &self.lane {
            Some(lane) if lane.n == 0 => Err("the parcels of a lane are counted from 1"),
            Some(lane) if lane.about(self.by) != self.request => {
                Err("a parcel in a lane is about that lane and nothing else")
            }
            Some(_) if self.urgency != Urgency::Unhurried => {
                Err("a parcel in a lane goes after all others")
            }
            None if self.urgency == Urgency::Unhurried => {
                Err("only what goes in a lane is in no hurry")
            }
            _ => Ok(()),
        }
    }
}

impl Parcel {
    /// Whether these are the sealed bytes that the label names.
    pub fn holds(&self, sealed: &[u8]) -> bool {
        sealed.len() == self.bytes as usize && hash_of(sealed) == self.sealed
    }

    /// Whether this is the secret of its letter.
    pub fn is_ended_by(&self, secret: &[u8; 32]) -> bool {
        end_of(secret) == self.end
    }
}

fn hash_of(sealed: &[u8]) -> [u8; 32] {
    digest("tern/parcel/v1", &[sealed])
}

/// The secret of a letter that is packed with this chance: what its sender
/// keeps to end it.
pub fn secret_of(chance: &[u8; 32]) -> [u8; 32] {
    digest("tern/parcel-secret/v1", &[chance])
}

fn end_of(secret: &[u8; 32]) -> [u8; 32] {
    digest("tern/parcel-end/v1", &[secret])
}

/// What is inside a parcel.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Letter {
    /// Shows that the parcel was read.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub secret: [u8; 32],
    /// Signed records, 1 to [`LETTER_RECORDS_MAX`], each after those it builds
    /// on. Not verified yet.
    #[n(1)]
    pub records: Vec<ByteVec>,
}

/// What a parcel says outside, and the chance that makes it.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// The certificate of the node that sends it.
    pub by: CertificateId,
    /// The request.
    pub request: RequestId,
    /// How soon it is needed.
    pub urgency: Urgency,
    /// The beacon after which nobody carries it.
    pub expires: u32,
}

/// Why a letter cannot be sent or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LetterRefused {
    /// It cannot be sealed.
    #[error(transparent)]
    Sealed(#[from] SealRefused),
    /// It is sealed for others, or was tampered with.
    #[error("it is sealed for others")]
    ForOthers,
    /// What was inside is no letter.
    #[error("what a parcel holds is no letter: {0}")]
    Malformed(&'static str),
}

/// Seals records for readers and labels them: the signed label and the sealed
/// bytes. `key` is the sending node's; `chance` is used for nothing else.
pub fn pack(
    federation: FederationId,
    address: Address,
    records: &[&Record],
    readers: &[EncryptionKey],
    key: &SecretKey,
    chance: &[u8; 32],
) -> Result<(Record, Vec<u8>), LetterRefused> {
    if records.is_empty() || records.len() > LETTER_RECORDS_MAX {
        return Err(LetterRefused::Malformed("a letter holds 1 to 16 records"));
    }
    let letter = Letter {
        secret: secret_of(chance),
        records: records.iter().map(|record| record.to_bytes().into()).collect(),
    };
    labelled(federation, address, None, &letter, readers, key, chance)
}

/// Seals what is inside for readers, and signs the label.
fn labelled(
    federation: FederationId,
    address: Address,
    lane: Option<Lane>,
    inside: &impl minicbor::Encode<()>,
    readers: &[EncryptionKey],
    key: &SecretKey,
    chance: &[u8; 32],
) -> Result<(Record, Vec<u8>), LetterRefused> {
    let mut content = Vec::new();
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(inside, &mut content);
    let Address { by, request, urgency, expires } = address;
    let sealed = Sealed::seal(&content, readers, request.as_bytes(), chance)?.to_bytes();
    let label = Parcel {
        by,
        request,
        urgency,
        expires,
        end: end_of(&secret_of(chance)),
        sealed: hash_of(&sealed),
        bytes: u32::try_from(sealed.len()).map_err(|_| SealRefused::TooLong(sealed.len()))?,
        lane,
    };
    Ok((label.prepare().sign(federation, key), sealed))
}

/// What is inside a parcel that goes in a lane.
#[derive(minicbor::Encode, minicbor::Decode)]
struct Inside {
    #[cbor(n(0), with = "minicbor::bytes")]
    secret: [u8; 32],
    #[n(1)]
    body: ByteVec,
}

/// Bytes that a body in a lane has beside it.
pub const INSIDE_BYTES: usize = 1 + 34 + 5;

/// Seals bytes for the node of a lane and labels them, as [`pack`] does records.
///
/// # Errors
/// As of [`pack`].
pub fn pack_bytes(
    federation: FederationId,
    (by, lane, expires): (CertificateId, Lane, u32),
    body: &[u8],
    readers: &[EncryptionKey],
    key: &SecretKey,
    chance: &[u8; 32],
) -> Result<(Record, Vec<u8>), LetterRefused> {
    let address = Address { by, request: lane.about(by), urgency: Urgency::Unhurried, expires };
    let inside = Inside { secret: secret_of(chance), body: body.to_vec().into() };
    labelled(federation, address, Some(lane), &inside, readers, key, chance)
}

/// Opens a parcel that came in a lane with its reader's key: the secret that ends
/// it, and the body.
///
/// # Errors
/// It is sealed for others, or is not what a lane carries.
pub fn unpack_bytes(
    label: &Parcel,
    sealed: &[u8],
    secret: &SecretKey,
) -> Result<([u8; 32], Vec<u8>), LetterRefused> {
    if label.lane.is_none() {
        return Err(LetterRefused::Malformed("it goes in no lane"));
    }
    let Inside { secret, body } = inside(label, sealed, secret)?;
    if !label.is_ended_by(&secret) {
        return Err(LetterRefused::Malformed("its secret does not fit its label"));
    }
    Ok((secret, body.into()))
}

/// Opens a parcel with a reader's key. A letter whose secret does not fit its
/// label is refused: nobody could end it.
pub fn unpack(label: &Parcel, sealed: &[u8], secret: &SecretKey) -> Result<Letter, LetterRefused> {
    if label.lane.is_some() {
        return Err(LetterRefused::ForOthers);
    }
    let letter: Letter = inside(label, sealed, secret)?;
    if letter.records.is_empty() || letter.records.len() > LETTER_RECORDS_MAX {
        return Err(LetterRefused::Malformed("it does not hold 1 to 16 records"));
    }
    if !label.is_ended_by(&letter.secret) {
        return Err(LetterRefused::Malformed("its secret does not fit its label"));
    }
    Ok(letter)
}

/// What is inside a parcel, to the last byte.
fn inside<T: for<'b> minicbor::Decode<'b, ()>>(
    label: &Parcel,
    sealed: &[u8],
    secret: &SecretKey,
) -> Result<T, LetterRefused> {
    let sealed = Sealed::from_bytes(sealed)?;
    let content = sealed.open(secret, label.request.as_bytes()).ok_or(LetterRefused::ForOthers)?;
    let mut d = minicbor::Decoder::new(&content);
    let inside = d.decode().map_err(|_| LetterRefused::Malformed("not its layout"))?;
    if d.position() != content.len() {
        return Err(LetterRefused::Malformed("bytes after its end"));
    }
    Ok(inside)
}

/// A node's word that it holds a parcel, signed by that node.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Custody {
    /// The certificate of the node that holds it.
    #[n(0)]
    pub by: CertificateId,
    /// The parcel.
    #[n(1)]
    pub parcel: ParcelId,
    /// The certificate of the node that gave it.
    #[n(2)]
    pub from: CertificateId,
    /// Since when, by the holder's clock.
    #[n(3)]
    pub at: Timestamp,
}

impl Statement for Custody {
    const KIND: Kind = Kind::known("custody");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed::Verified;

    fn key(number: u8) -> SecretKey {
        SecretKey::from_seed(&[number; 32])
    }

    fn sent() -> (Parcel, Vec<u8>) {
        let federation = FederationId::new([1; 32]);
        let address = Address {
            by: CertificateId::new([2; 32]),
            request: RequestId::new([3; 32]),
            urgency: Urgency::Routine,
            expires: 60,
        };
        let note = Custody {
            by: address.by,
            parcel: ParcelId::new([4; 32]),
            from: address.by,
            at: Timestamp(5),
        };
        let record = note.prepare().sign(federation, &key(7));
        let readers = [key(8).encryption_public()];
        let packed = pack(federation, address, &[&record], &readers, &key(7), &[9; 32]);
        let (label, sealed) = packed.expect("one reader");
        let label = label.verify(federation).and_then(Verified::read::<Parcel>).expect("signed");
        (label.body().clone(), sealed)
    }

    #[test]
    fn a_reader_finds_the_records_and_the_secret_that_ends_the_parcel() {
        let (label, sealed) = sent();
        assert!(label.holds(&sealed));
        let letter = unpack(&label, &sealed, &key(8)).expect("its reader");
        assert_eq!(letter.records.len(), 1);
        assert!(label.is_ended_by(&letter.secret));
        assert!(!label.is_ended_by(&[0; 32]));
        assert_eq!(unpack(&label, &sealed, &key(9)), Err(LetterRefused::ForOthers));
    }

    #[test]
    fn a_letter_under_the_label_of_another_request_does_not_open() {
        let (label, sealed) = sent();
        let moved = Parcel { request: RequestId::new([6; 32]), ..label.clone() };
        assert_eq!(unpack(&moved, &sealed, &key(8)), Err(LetterRefused::ForOthers));
        let endless = Parcel { end: [0; 32], ..label };
        assert!(matches!(unpack(&endless, &sealed, &key(8)), Err(LetterRefused::Malformed(_))));
    }

    #[test]
    fn what_goes_in_a_lane_opens_at_its_end_and_under_no_other_label() {
        let (federation, by) = (FederationId::new([1; 32]), CertificateId::new([2; 32]));
        let lane = Lane { to: key(8).public(), n: 3 };
        let readers = [key(8).encryption_public()];
        let packed = pack_bytes(federation, (by, lane, 60), b"orchid", &readers, &key(7), &[9; 32]);
        let (label, sealed) = packed.expect("one reader");
        let label = label.verify(federation).and_then(Verified::read::<Parcel>).expect("signed");
        let label = label.body().clone();
        let (secret, body) = unpack_bytes(&label, &sealed, &key(8)).expect("its reader");
        assert_eq!((label.is_ended_by(&secret), &body[..]), (true, &b"orchid"[..]));
        assert_eq!(unpack_bytes(&label, &sealed, &key(7)), Err(LetterRefused::ForOthers));
        assert_eq!(unpack(&label, &sealed, &key(8)), Err(LetterRefused::ForOthers), "no letter");
        let to = Lane { to: key(6).public(), ..lane };
        for wrong in [
            Parcel { lane: Some(to), ..label.clone() },
            Parcel { lane: Some(Lane { n: 0, ..lane }), ..label.clone() },
            Parcel { urgency: Urgency::Urgent, ..label.clone() },
            Parcel { lane: None, ..label.clone() },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
        let moved = Parcel { lane: Some(to), request: to.about(by), ..label };
        assert_eq!(unpack_bytes(&moved, &sealed, &key(8)), Err(LetterRefused::ForOthers));
    }
}
