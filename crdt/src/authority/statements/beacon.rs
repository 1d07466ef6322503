//! Beacons: a clock that no single machine can set.

use crate::identity::{CertificateId, RecordId};
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;

/// A steward's node says that it is there: once in about a week of its own
/// running time, with a number one higher than any it said or than the clock
/// shows. The clock shows the highest number that a majority of the stewards
/// has reached: no single steward can advance it, nor hold it back.
///
/// It ends what acts, never what was signed: no verdict asks it.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Beacon {
    /// The certificate of the node that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The number.
    #[n(1)]
    pub no: u32,
    /// The charter in force there.
    #[n(2)]
    pub charter: RecordId,
    /// When it was signed, by the node's clock: shown, and never compared.
    #[n(3)]
    pub claimed_at: Timestamp,
}

impl Statement for Beacon {
    const KIND: Kind = Kind::known("beacon");
}
