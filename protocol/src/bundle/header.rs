//! The head of a bundle: whose it is, and the key that is drawn for it alone.

use minicbor::bytes::ByteVec;
use tern_crdt::identity::{FederationId, PublicKey, SecretKey, Signature, digest};
use tern_crdt::sealed::{EncryptionKey, SealRefused, SealedKey};
use tern_crdt::timestamp::Timestamp;
use thiserror::Error;
use zeroize::Zeroizing;

/// A bundle begins with these bytes.
pub const MAGIC: &[u8; 11] = b"tern bundle";
/// The version byte that follows them. Another one may have other frames, and
/// is not read.
pub const VERSION: u8 = 2;

/// For whom alone a bundle is.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Addressee {
    /// Its node.
    #[n(0)]
    pub node: PublicKey,
    /// The key of the frames, encrypted to it.
    #[n(1)]
    pub sealed: SealedKey,
}

/// What a bundle says of itself.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Header {
    /// The federation that all of it belongs to.
    #[n(0)]
    pub federation: FederationId,
    /// The node that wrote it, and signs the header.
    #[n(1)]
    pub node: PublicKey,
    /// Larger than in every bundle that this node wrote before.
    #[n(2)]
    pub counter: u64,
    /// Drawn for this bundle: checks and frontier are made under it.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// When it was written, by the writer's clock. For people alone.
    #[n(4)]
    pub written_at: Timestamp,
    /// For whom it is, if not for all.
    #[n(5)]
    pub reader: Option<Addressee>,
    /// Which of several files with the same counter it is, from 1.
    #[n(6)]
    pub volume: Option<u16>,
}

/// Why a frame is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeaderRefused {
    /// Its bytes.
    #[error("its head cannot be read")]
    Malformed,
    /// Its signature.
    #[error("its head is not signed by the node that it names")]
    Signature,
}

/// Bytes that somebody signed: `[bytes, signature]`.
#[derive(minicbor::Encode, minicbor::Decode)]
pub(super) struct Signed(#[n(0)] pub ByteVec, #[n(1)] pub Signature);

pub(super) fn encoded<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}

/// Reads a value that fills the bytes exactly.
pub(super) fn decoded<'b, T: minicbor::Decode<'b, ()>>(bytes: &'b [u8]) -> Option<T> {
    let mut d = minicbor::Decoder::new(bytes);
    let value = d.decode().ok()?;
    (d.position() == bytes.len()).then_some(value)
}

fn covers(header: &[u8]) -> [u8; 32] {
    digest("tern/bundle/v1", &[header])
}

impl Header {
    /// What the encryption of the key of the frames is bound to.
    fn info(&self, reader: &PublicKey) -> [u8; 32] {
        let (federation, writer) = (self.federation.as_bytes(), self.node.as_bytes());
        digest("tern/bundle-key/v1", &[federation, writer, reader.as_bytes(), &self.key])
    }

    /// Says that the bundle is for the node `reader` alone: encrypts the key of
    /// its frames to `keys`, that node's and perhaps the writer's own. `chance`
    /// is used for nothing else.
    ///
    /// # Errors
    /// One of the keys is none that can be encrypted to.
    pub fn address(
        &mut self,
        reader: PublicKey,
        keys: &[EncryptionKey],
        frames: &[u8; 32],
        chance: &[u8; 32],
    ) -> Result<(), SealRefused> {
        let sealed = SealedKey::seal(frames, keys, &self.info(&reader), chance)?;
        self.reader = Some(Addressee { node: reader, sealed });
        Ok(())
    }

    /// The key of its frames, if they are encrypted and `secret` is that of one
    /// to whom they are.
    pub fn open(&self, secret: &SecretKey) -> Option<Zeroizing<[u8; 32]>> {
        let reader = self.reader.as_ref()?;
        reader.sealed.open(secret, &self.info(&reader.node))
    }

    /// The first frame's body: the header, signed by the key of `node`.
    pub fn sign(&self, key: &SecretKey) -> Vec<u8> {
        let header = encoded(self);
        let signature = key.sign(&covers(&header));
        encoded(&Signed(header.into(), signature))
    }

    /// Reads the body of a first frame.
    ///
    /// # Errors
    /// It is no header, or somebody else's.
    pub fn read(body: &[u8]) -> Result<Self, HeaderRefused> {
        let Signed(bytes, signature) = decoded(body).ok_or(HeaderRefused::Malformed)?;
        let header: Self = decoded(&bytes).ok_or(HeaderRefused::Malformed)?;
        if header.node.verifies(&covers(&bytes), &signature) {
            Ok(header)
        } else {
            Err(HeaderRefused::Signature)
        }
    }
}
