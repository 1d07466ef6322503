//! What a document remembers of each change it holds.

use crate::identity::ActorId;

/// About 120 bytes per change, enough to hold the next one without looking at
/// any other change again. Only [`hold`](super::hold) makes one; it is then
/// stored beside the change.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct ChangeMeta {
    /// SHA-256 of the chunk without its first eight bytes, as in Automerge.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub hash: [u8; 32],
    /// Who wrote it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub actor: ActorId,
    /// 1 for the actor's first change, then one more each.
    #[n(2)]
    pub seq: u64,
    /// The counter of its first operation; the others follow without a gap.
    #[n(3)]
    pub start_op: u64,
    /// How many operations it has; may be 0.
    #[n(4)]
    pub ops: u64,
    /// The changes it follows, strictly ascending.
    #[cbor(n(5), with = "hashes")]
    pub deps: Vec<[u8; 32]>,
    /// The length of the change.
    #[n(6)]
    pub bytes: u32,
    /// 1 without deps, else one more than the deepest of them. (depth, hash)
    /// is the one order in which every node applies the changes of a document.
    #[n(7)]
    pub depth: u32,
}

impl ChangeMeta {
    /// The counter that follows its last operation.
    pub const fn end_op(&self) -> u64 {
        self.start_op.saturating_add(self.ops)
    }
}

/// Hashes as one byte string, a multiple of 32 bytes.
mod hashes {
    use minicbor::decode::{Decoder, Error};
    use minicbor::encode::{self, Encoder, Write};

    pub(super) fn encode<C, W: Write>(
        hashes: &[[u8; 32]],
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(hashes.as_flattened())?.ok()
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Vec<[u8; 32]>, Error> {
        match d.bytes()?.as_chunks() {
            (hashes, []) => Ok(hashes.to_vec()),
            _ => Err(Error::message("hashes of 32 bytes each")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta() -> ChangeMeta {
        ChangeMeta {
            hash: [1; 32],
            actor: [2; 16],
            seq: 3,
            start_op: 40,
            ops: 5,
            deps: vec![[6; 32], [7; 32]],
            bytes: 8_000,
            depth: 9,
        }
    }

    #[test]
    fn what_is_remembered_of_a_change_reads_back_from_its_bytes() {
        let bytes = minicbor::to_vec(meta()).expect("a vector takes every byte");
        assert_eq!(minicbor::decode::<ChangeMeta>(&bytes).expect("own bytes"), meta());
        assert!(bytes.len() < 150, "{}", bytes.len());
    }

    #[test]
    fn deps_that_are_not_whole_hashes_do_not_read_back() {
        let mut bytes = Vec::new();
        let mut e = minicbor::Encoder::new(&mut bytes);
        e.bytes(&[6; 33]).expect("a vector takes every byte");
        assert!(hashes::decode(&mut minicbor::Decoder::new(&bytes), &mut ()).is_err());
    }
}
