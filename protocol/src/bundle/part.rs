//! What stands in a frame after the first: pieces, a knock, a part of the
//! frontier, or the end.

use minicbor::bytes::ByteVec;
use tern_crdt::identity::{PublicKey, SecretKey, Signature, digest};

use super::frame::BadFrame;
use super::frontier::Told;
use super::header::{Signed, decoded, encoded};
use crate::limits::{BUNDLE_SETS_MAX, FRONTIER_PART_MAX};
use crate::meeting::set::SetId;
use crate::message::{Join, Piece};
use crate::packing::Packed;

/// The body of a frame: `[number, [field …]]`, as messages are.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Part {
    /// Pieces of objects of one set, packed as those of a message.
    #[n(0)]
    Pieces {
        /// The set that they are in at the writer. For counting alone: where
        /// they belong is the gate's to say.
        #[n(0)]
        set: u8,
        /// The pieces.
        #[n(1)]
        packed: Packed,
    },
    /// The writer is no member yet and knocks.
    #[n(1)]
    Knock(#[n(0)] Join),
    /// Elements of what the writer holds, 8 bytes each, ascending within the
    /// part.
    #[n(2)]
    Frontier {
        /// Of which set.
        #[n(0)]
        set: u8,
        /// The elements, joined.
        #[n(1)]
        elements: ByteVec,
    },
    /// All was written.
    #[n(3)]
    End(#[n(0)] End),
    /// A part for one node alone: the body of its frame, encrypted.
    #[n(4)]
    Sealed(#[n(0)] ByteVec),
    /// How the frontier of a bundle for one node is told: see
    /// [`Told`](super::Told).
    #[n(5)]
    Told(#[n(0)] Told),
}

/// The number of the last part that is known.
const KNOWN: u32 = 5;

/// What the writer of a bundle counted.
#[derive(Clone, PartialEq, Eq, Debug, Default, minicbor::Encode, minicbor::Decode)]
pub struct Counts {
    /// Objects in it.
    #[n(0)]
    pub objects: u64,
    /// Objects that its writer holds and that had no room in it.
    #[n(1)]
    pub left_out: u64,
    /// How many objects each set of the writer held.
    #[n(2)]
    pub held: Vec<(u8, u64)>,
    /// Objects that are not in it because its reader said that it holds them.
    #[n(3)]
    pub known: u64,
    /// How many files were written together, of which this is one.
    #[n(4)]
    pub volumes: u16,
}

/// How a bundle ends: the writer's word that it is whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// What is in it.
    pub counts: Counts,
    /// The counts as they were signed.
    bytes: ByteVec,
    signature: Signature,
}

impl End {
    /// Ends a bundle whose frames so far have this hash ([`Framer::chain`](super::Framer::chain)).
    pub fn sign(counts: Counts, chain: &[u8; 32], key: &SecretKey) -> Self {
        let bytes = encoded(&counts);
        let signature = key.sign(&covers(chain, &bytes));
        Self { counts, bytes: bytes.into(), signature }
    }

    /// Whether `node` ended a bundle with this hash so.
    pub fn is_of(&self, chain: &[u8; 32], node: &PublicKey) -> bool {
        node.verifies(&covers(chain, &self.bytes), &self.signature)
    }
}

fn covers(chain: &[u8; 32], counts: &[u8]) -> [u8; 32] {
    digest("tern/bundle-end/v1", &[chain, counts])
}

impl<C> minicbor::Encode<C> for End {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.encode(Signed(self.bytes.clone(), self.signature)).map(drop)
    }
}

impl<'b, C> minicbor::Decode<'b, C> for End {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let Signed(bytes, signature) = d.decode()?;
        let counts = decoded::<Counts>(&bytes)
            .filter(|counts| counts.held.len() <= BUNDLE_SETS_MAX)
            .ok_or_else(|| minicbor::decode::Error::message("the counts of an end"))?;
        Ok(Self { counts, bytes, signature })
    }
}

impl Part {
    /// Whether it holds what is not for all: drafts, or what is of a set that is
    /// not known here.
    pub fn is_for_few(&self) -> bool {
        let for_all = |set: &u8| SetId::ALL.iter().any(|all| *all as u8 == *set);
        matches!(self, Self::Pieces { set, .. } if !for_all(set))
    }

    /// The body of its frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        encoded(self)
    }

    /// Reads the body of a frame; `None` for a part that a later version
    /// knows, and that is passed over.
    ///
    /// # Errors
    /// It is no part.
    pub fn from_bytes(body: &[u8]) -> Result<Option<Self>, BadFrame> {
        let mut d = minicbor::Decoder::new(body);
        if d.array().ok().flatten() != Some(2) {
            return Err(BadFrame::Malformed);
        }
        if d.u32().map_err(|_| BadFrame::Malformed)? > KNOWN {
            return Ok(None);
        }
        let part: Self = decoded(body).ok_or(BadFrame::Malformed)?;
        match &part {
            Self::Frontier { elements, .. } | Self::Told(Told { elements, .. })
                if !elements.len().is_multiple_of(8) || elements.len() / 8 > FRONTIER_PART_MAX =>
            {
                Err(BadFrame::Malformed)
            }
            _ => Ok(Some(part)),
        }
    }
}

impl Piece {
    /// Its bytes by itself, as in a list of pieces.
    pub fn to_bytes(&self) -> Vec<u8> {
        encoded(self)
    }

    /// Reads a piece that fills `bytes` exactly.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        decoded(bytes)
    }
}
