//! Keys, and the ids by which everything is named.
//!
//! An id is 32 bytes with a kind that the type system knows and the text form
//! shows: `tern1`, one letter for the kind, then the bytes and a checksum in
//! bech32m (BIP 350), so that an id survives being read out over a telephone
//! and can never be taken for an id of another kind.
//!
//! Signatures are Ed25519 (RFC 8032) under `verify_strict`, the one rule of
//! validity: batch verification accepts some signatures that strict
//! verification refuses, and nodes must never disagree. A node's key is also
//! its libp2p key.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, ByteIterExt, Fe32, Fe32IterExt, Hrp};
use ed25519_dalek::Signer;
use thiserror::Error;

/// What an [`Id`] names: fixes the letter after `tern1`.
pub trait IdKind: Copy + Eq + Ord + std::hash::Hash + fmt::Debug + Send + Sync + 'static {
    /// The letter of the text form; one of the 32 letters of bech32.
    const LETTER: char;
    /// What a person calls it, in an error sentence.
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $alias:ident $letter:literal $name:literal;)*) => {$(
        #[doc = concat!("Marks an id as that of a ", $name, ".")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $kind;
        impl IdKind for $kind {
            const LETTER: char = $letter;
            const NAME: &'static str = $name;
        }
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// A federation: the record id of its founding charter.
    Federation FederationId 'f' "federation";
    /// An organisation: the record id of its genesis.
    Organisation OrgId 'g' "organisation";
    /// A certificate: the record id of the grant that made it.
    Certificate CertificateId 'c' "certificate";
    /// A node: its Ed25519 public key, which is also its libp2p key.
    Node NodeId 'n' "node";
    /// Any signed record: see [`Record::id`](crate::signed::Record::id).
    Record RecordId 'r' "record";
    /// A document: see [`document_id`]. Practices show as `tern1p…`.
    Document DocumentId 'p' "practice";
    /// A draft, which is a document of class B.
    Draft DraftId 'd' "draft";
    /// An edition of a practice: the record id of its signed statement.
    Edition EditionId 'e' "edition";
    /// A submission for review: the record id of its signed statement.
    Submission SubmissionId 's' "submission";
    /// A discussion: the record id of its signed statement, or the id of the
    /// practice whose own discussion it is.
    Discussion DiscussionId 't' "discussion";
    /// A collection or a resource: see [`listing_id`](crate::listing::listing_id).
    Listing ListingId 'l' "collection or resource";
    /// A request for support: the record id of its signed statement.
    Request RequestId 'q' "request";
    /// A parcel: the record id of its signed label.
    Parcel ParcelId 'k' "parcel";
}

/// 32 bytes that name something of one kind.
pub struct Id<K>([u8; 32], PhantomData<K>);

impl<K> Id<K> {
    /// The id made of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes, PhantomData)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The same bytes under another kind: for ids that are equal by
    /// definition, such as a certificate and the record that granted it.
    pub const fn cast<L>(self) -> Id<L> {
        Id(self.0, PhantomData)
    }

    /// The id in exactly 32 bytes, or `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// Bytes as text that survives being copied by hand: `tern1`, a letter for
/// their kind, the bytes and a checksum in bech32m (BIP 350). `letter` is one
/// of the 32 letters of bech32; the checksum is sound up to 600 bytes.
pub fn text_of_bytes(letter: char, bytes: &[u8]) -> String {
    let letter = Fe32::from_char(letter).unwrap_or(Fe32::Q);
    bytes
        .iter()
        .copied()
        .bytes_to_fes()
        .with_checksum::<Bech32m>(&Hrp::parse_unchecked("tern"))
        .with_witness_version(letter)
        .chars()
        .collect()
}

fn letter_and_bytes(text: &str) -> Option<(char, Vec<u8>)> {
    let parsed = CheckedHrpstring::new::<Bech32m>(text).ok()?;
    if parsed.hrp() != Hrp::parse_unchecked("tern") {
        return None;
    }
    let data = parsed.data_part_ascii_no_checksum();
    let (letter, digits) = data.split_first()?;
    let digits = digits.iter().map(|letter| Fe32::from_char(char::from(*letter)).ok());
    let digits: Vec<Fe32> = digits.collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.iter().copied().fes_to_bytes().collect();
    // One reading, one writing: what is left over after the last byte is zero.
    let again = bytes.iter().copied().bytes_to_fes().eq(digits);
    again.then_some((char::from(*letter).to_ascii_lowercase(), bytes))
}

/// The bytes of a text made by [`text_of_bytes`] with this letter; `None` if
/// a character is missing or mistyped, or the text is of another kind.
pub fn text_to_bytes(letter: char, text: &str) -> Option<Vec<u8>> {
    letter_and_bytes(text).filter(|(found, _)| *found == letter).map(|(_, bytes)| bytes)
}

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text_of_bytes(K::LETTER, &self.0))
    }
}

impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_string();
        f.write_str(text.get(..14).unwrap_or(&text))
    }
}

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// Not `tern1…` with a correct checksum, or not 32 bytes.
    #[error("`{0}` is not an id: a character is missing or mistyped")]
    Malformed(String),
    /// A well-formed id of another kind.
    #[error("`{text}` is not the id of a {wanted}")]
    OtherKind {
        /// The text given.
        text: String,
        /// The kind that was wanted.
        wanted: &'static str,
    },
}

impl<K: IdKind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let malformed = || IdError::Malformed(text.chars().take(80).collect());
        let (letter, bytes) = letter_and_bytes(text).ok_or_else(malformed)?;
        let id = Self::from_slice(&bytes).ok_or_else(malformed)?;
        if letter != K::LETTER {
            return Err(IdError::OtherKind { text: text.to_owned(), wanted: K::NAME });
        }
        Ok(id)
    }
}

impl<K, C> minicbor::Encode<C> for Id<K> {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, K, C> minicbor::Decode<'b, C> for Id<K> {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Ok(Self::new(fixed(d)?))
    }
}

/// Reads a definite byte string of exactly `N` bytes.
pub(crate) fn fixed<const N: usize>(
    d: &mut minicbor::Decoder<'_>,
) -> Result<[u8; N], minicbor::decode::Error> {
    d.bytes()?.try_into().map_err(|_| minicbor::decode::Error::message("wrong length"))
}

/// BLAKE3 over parts, each preceded by its length as eight little-endian
/// bytes, so that no two lists of parts have the same input.
pub fn digest(context: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in std::iter::once(&context.as_bytes()).chain(parts) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// 16 bytes of chance that make a document or an actor unique.
pub type Nonce = [u8; 16];

/// The id of a document: a commitment to who founded it, with which nonce.
///
/// The founding statement (edition 1 of a practice, the first segment of a
/// draft) shows certificate and nonce, so that everyone can check that the
/// document was founded by the certificate that signed that statement.
pub fn document_id(federation: FederationId, founder: CertificateId, nonce: &Nonce) -> DocumentId {
    DocumentId::new(digest("tern/document/v1", &[federation.as_bytes(), founder.as_bytes(), nonce]))
}

/// 16 bytes that Automerge knows as the author of a change.
pub type ActorId = [u8; 16];

/// The actor under which a certificate writes in one document during one run
/// of one node. Binding all four inputs means that an actor cannot be taken
/// over by another key, nor carried into another document or federation.
pub fn actor_id(
    federation: FederationId,
    document: DocumentId,
    certificate: CertificateId,
    nonce: &Nonce,
) -> ActorId {
    let hash = digest(
        "tern/actor/v1",
        &[federation.as_bytes(), document.as_bytes(), certificate.as_bytes(), nonce],
    );
    let mut actor = [0; 16];
    actor.copy_from_slice(&hash[..16]);
    actor
}

/// An Ed25519 public key, 32 bytes as on the wire. Not necessarily a point on
/// the curve: that is found out when a signature is verified.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key made of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` over `message` is valid under this key, strictly:
    /// small-order keys and non-canonical encodings are refused.
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        ed25519_dalek::VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
            key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
        })
    }

    /// The node whose key this is.
    pub const fn node(self) -> NodeId {
        NodeId::new(self.0)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key:")?;
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<C> minicbor::Encode<C> for PublicKey {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for PublicKey {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        fixed(d).map(Self)
    }
}

/// An Ed25519 signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sig:")?;
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<C> minicbor::Encode<C> for Signature {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Signature {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        fixed(d).map(Self)
    }
}

/// An Ed25519 secret key. Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub struct SecretKey(ed25519_dalek::SigningKey);

impl SecretKey {
    /// The key grown from 32 bytes of chance (RFC 8032, section 5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The seed, to be stored or handed to libp2p, nothing else.
    pub fn seed(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// The X25519 public key of the same scalar, to which messages can be
    /// encrypted. A key that signs is never used to decrypt, nor the other
    /// way round: this is for keys made for that purpose alone.
    pub fn encryption_public(&self) -> [u8; 32] {
        self.0.verifying_key().to_montgomery().to_bytes()
    }

    /// The scalar of [`encryption_public`](Self::encryption_public), for
    /// X25519, which clamps it.
    pub(crate) fn decryption_scalar(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.0.to_scalar_bytes())
    }

    /// Signs `message` (deterministic, RFC 8032).
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret of {:?}", self.public())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text_and_only_as_its_own_kind() {
        let practice = DocumentId::new([7; 32]);
        let text = practice.to_string();
        assert!(text.starts_with("tern1p"), "{text}");
        assert_eq!(text.parse(), Ok(practice));
        assert!(matches!(text.parse::<OrgId>(), Err(IdError::OtherKind { .. })));
        let ids = [[0; 32], [7; 32], [255; 32]];
        for bytes in ids {
            fn reads<K: IdKind>(bytes: [u8; 32]) {
                let id = Id::<K>::new(bytes);
                assert_eq!(id.to_string().parse(), Ok(id), "{}", K::NAME);
            }
            reads::<Federation>(bytes);
            reads::<Organisation>(bytes);
            reads::<Certificate>(bytes);
            reads::<Node>(bytes);
            reads::<Record>(bytes);
            reads::<Draft>(bytes);
            reads::<Edition>(bytes);
            reads::<Submission>(bytes);
            reads::<Request>(bytes);
            reads::<Parcel>(bytes);
        }
    }

    #[test]
    fn one_mistyped_letter_is_noticed() {
        let text = NodeId::new([200; 32]).to_string();
        for at in 6..text.len() {
            let mut typed: Vec<u8> = text.bytes().collect();
            typed[at] = if typed[at] == b'q' { b'p' } else { b'q' };
            let typed = String::from_utf8(typed).expect("ascii");
            assert!(matches!(typed.parse::<NodeId>(), Err(IdError::Malformed(_))), "{typed}");
        }
    }

    #[test]
    fn a_signature_holds_for_its_message_and_key_alone() {
        let niger = SecretKey::from_seed(&[1; 32]);
        let nepal = SecretKey::from_seed(&[2; 32]);
        let signature = niger.sign(b"births are registered");
        assert!(niger.public().verifies(b"births are registered", &signature));
        assert!(!niger.public().verifies(b"births are not registered", &signature));
        assert!(!nepal.public().verifies(b"births are registered", &signature));
        assert!(!PublicKey::new([0; 32]).verifies(b"", &signature), "a weak key");
    }

    /// The vectors of section 2 of the specification.
    #[test]
    fn ids_are_the_digests_that_the_specification_names() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let (federation, certificate) = (Id::new([1; 32]), Id::new([2; 32]));
        let document = document_id(federation, certificate, &[3; 16]);
        assert_eq!(
            hex(document.as_bytes()),
            "64dae16e5e4be669d6f6dcb420e3eada9ecea9e110e8c29c50f32539d61ce9fb"
        );
        assert_eq!(
            document.to_string(),
            "tern1pvndwzmj7f0nxn4hkmj6zpcl2m20va20pzr5v98zs7vjnn4sua8asjs38ly"
        );
        let actor = actor_id(federation, document, certificate, &[4; 16]);
        assert_eq!(hex(&actor), "69f7b35e53e9425a043febd88fda34ba");
    }

    #[test]
    fn an_actor_is_bound_to_federation_document_certificate_and_run() {
        let (f, d, c) = (Id::new([1; 32]), Id::new([2; 32]), Id::new([3; 32]));
        let actor = actor_id(f, d, c, &[4; 16]);
        assert_ne!(actor, actor_id(Id::new([9; 32]), d, c, &[4; 16]));
        assert_ne!(actor, actor_id(f, Id::new([9; 32]), c, &[4; 16]));
        assert_ne!(actor, actor_id(f, d, Id::new([9; 32]), &[4; 16]));
        assert_ne!(actor, actor_id(f, d, c, &[9; 16]));
    }
}
