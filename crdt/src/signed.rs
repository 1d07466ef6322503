//! The one envelope of every statement, and the proof that it was checked.
//!
//! A *record* is an immutable statement: a kind, a version, payload bytes, and
//! signatures over them. Its id is a [`digest`] of kind,
//! version and payload: of the payload alone, one author could sign the same
//! bytes as two kinds, and two nodes would hold different records under one
//! id. A signature covers `"tern/" ‖ length-prefixed kind ‖ version ‖
//! federation ‖ payload`, over the bytes as received, never over a
//! re-encoding; so a record cannot be carried into another federation, nor
//! read as another kind.
//!
//! Each signature stands beside the public key that made it, so that a record
//! can be *verified* without knowing anything else. Whether that key had any
//! right to say so is the [`authority`](crate::authority)'s question, asked
//! afterwards.
//!
//! Only [`Verified`] can be held. It is made in two ways: by checking the
//! signatures ([`Record::verify`]), or by re-hashing what this node verified
//! before it stored it ([`Record::held`]).

mod prepared;

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::identity::{FederationId, PublicKey, RecordId, SecretKey, Signature, digest};

/// A payload is at most this long.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;
/// A record carries at most this many signatures.
pub const SIGNATURES_MAX: usize = 256;
/// A record is at most this long: payload, signatures and their frame.
pub const RECORD_BYTES_MAX: usize = PAYLOAD_BYTES_MAX + SIGNATURES_MAX * 104 + 64;
/// The name of a kind has at most this many bytes.
pub const KIND_BYTES_MAX: usize = 24;

/// What sort of statement a record is: 1 to 24 of `a`–`z` and `-`. Kinds that
/// this version does not know are legal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// A kind known to this version.
    pub const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(name: &str) -> Option<Self> {
        let legal = (1..=KIND_BYTES_MAX).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        legal.then(|| Self(Cow::Owned(name.to_owned())))
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A payload that knows its own kind: what a typed statement implements.
pub trait Statement: Sized + minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> {
    /// The kind under which it is signed.
    const KIND: Kind;
    /// The version of its layout that this code reads and writes.
    const VERSION: u8 = 1;

    /// Bounds that the layout alone does not keep; said in words if broken.
    fn check(&self) -> Result<(), &'static str> {
        Ok(())
    }

    /// The object that it is about, where its signer's [scope](crate::authority::Certificate::objects)
    /// is asked: a draft, a practice, a submission, a request. It stands in the
    /// statement itself.
    fn about(&self) -> Option<[u8; 32]> {
        None
    }

    /// The statement as bytes, ready to be signed: here, on a stick, or on
    /// another device.
    fn prepare(&self) -> Unsigned {
        let mut payload = Vec::new();
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(self, &mut payload);
        Unsigned { kind: Self::KIND, version: Self::VERSION, payload }
    }
}

/// A statement that nobody has signed yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsigned {
    kind: Kind,
    version: u8,
    payload: Vec<u8>,
}

impl Unsigned {
    /// The id that the record will have.
    pub fn id(&self) -> RecordId {
        record_id(&self.kind, self.version, &self.payload)
    }

    /// Reads the first three fields of four.
    fn read(d: &mut minicbor::Decoder<'_>) -> Result<Self, RecordRefused> {
        if d.array().map_err(malformed)? != Some(4) {
            return Err(RecordRefused::Malformed("not four fields in CBOR"));
        }
        let kind = Kind::parse(d.str().map_err(malformed)?)
            .ok_or(RecordRefused::Malformed("the kind is not 1 to 24 letters"))?;
        let version = d.u8().map_err(malformed)?;
        let payload = d.bytes().map_err(malformed)?.to_vec();
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(RecordRefused::TooLong { bytes: payload.len(), max: PAYLOAD_BYTES_MAX });
        }
        Ok(Self { kind, version, payload })
    }

    /// The bytes that a signature covers.
    pub fn to_sign(&self, federation: FederationId) -> Vec<u8> {
        covered(&self.kind, self.version, federation, &self.payload)
    }

    /// The record signed by one key.
    pub fn sign(self, federation: FederationId, key: &SecretKey) -> Record {
        let signature = key.sign(&self.to_sign(federation));
        self.signed(vec![(key.public(), signature)])
    }

    /// The record with signatures made elsewhere. They are sorted by key and
    /// not checked here.
    pub fn signed(self, mut signatures: Vec<(PublicKey, Signature)>) -> Record {
        signatures.sort_unstable();
        signatures.dedup_by_key(|(key, _)| *key);
        Record { kind: self.kind, version: self.version, payload: self.payload, signatures }
    }
}

/// A signed statement as it travels: bounded and well framed, but with
/// signatures that nobody here has checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    kind: Kind,
    version: u8,
    payload: Vec<u8>,
    signatures: Vec<(PublicKey, Signature)>,
}

/// Why bytes are not an acceptable record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordRefused {
    /// Longer than the bound.
    #[error("a record of {bytes} bytes is longer than {max}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// Not the CBOR that the layout asks for.
    #[error("a record is malformed: {0}")]
    Malformed(&'static str),
    /// A signature that does not hold.
    #[error("the signature of {key:?} on a record of kind {kind:?} does not hold")]
    Signature {
        /// Whose.
        key: PublicKey,
        /// On what.
        kind: Kind,
    },
    /// Stored bytes that are no longer what was stored.
    #[error("record {id:?} is damaged: its bytes no longer match its id")]
    Damaged {
        /// What was asked for.
        id: RecordId,
    },
}

fn malformed(_: minicbor::decode::Error) -> RecordRefused {
    RecordRefused::Malformed("not four fields in CBOR")
}

fn record_id(kind: &Kind, version: u8, payload: &[u8]) -> RecordId {
    RecordId::new(digest("tern/record/v1", &[kind.as_str().as_bytes(), &[version], payload]))
}

fn covered(kind: &Kind, version: u8, federation: FederationId, payload: &[u8]) -> Vec<u8> {
    let kind = kind.as_str().as_bytes();
    let mut bytes = Vec::with_capacity(5 + 1 + kind.len() + 1 + 32 + payload.len());
    bytes.extend_from_slice(b"tern/");
    bytes.push(u8::try_from(kind.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(kind);
    bytes.push(version);
    bytes.extend_from_slice(federation.as_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

impl Record {
    /// The digest of kind, version and payload, not of the signatures.
    pub fn id(&self) -> RecordId {
        record_id(&self.kind, self.version, &self.payload)
    }

    /// The version of the payload's layout.
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// What sort of statement it is.
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Whether it is a `T` in the layout that this code reads. A known kind in
    /// a later layout is treated as an unknown kind.
    pub fn is<T: Statement>(&self) -> bool {
        self.kind == T::KIND && self.version == T::VERSION
    }

    /// The signatures with their keys, ascending by key, each key once.
    pub fn signatures(&self) -> &[(PublicKey, Signature)] {
        &self.signatures
    }

    /// An upper bound of its length in bytes as it travels.
    pub fn size(&self) -> usize {
        self.payload.len() + self.signatures.len() * 104 + 40
    }

    /// CBOR: `[kind, version, payload, [[key, signature] …]]`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size());
        let mut e = minicbor::Encoder::new(&mut bytes);
        // Writing into a Vec cannot fail.
        let _ = e
            .array(4)
            .and_then(|e| e.str(self.kind.as_str()))
            .and_then(|e| e.u8(self.version))
            .and_then(|e| e.bytes(&self.payload))
            .and_then(|e| e.encode(&self.signatures))
            .map(|_| ());
        bytes
    }

    /// Reads one record that fills `bytes` exactly.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordRefused> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(RecordRefused::TooLong { bytes: bytes.len(), max: RECORD_BYTES_MAX });
        }
        let mut d = minicbor::Decoder::new(bytes);
        let Unsigned { kind, version, payload } = Unsigned::read(&mut d)?;
        let signatures: Vec<(PublicKey, Signature)> = d.decode().map_err(malformed)?;
        if d.position() != bytes.len() {
            return Err(RecordRefused::Malformed("bytes after its end"));
        }
        if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
            return Err(RecordRefused::Malformed("not 1 to 256 signatures"));
        }
        if !signatures.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return Err(RecordRefused::Malformed("signatures are not sorted by key"));
        }
        Ok(Self { kind, version, payload, signatures })
    }

    /// Checks every signature, strictly. One that fails refuses the record:
    /// an honest sender never adds one.
    pub fn verify(self, federation: FederationId) -> Result<Verified, RecordRefused> {
        let message = covered(&self.kind, self.version, federation, &self.payload);
        for (key, signature) in &self.signatures {
            if !key.verifies(&message, signature) {
                return Err(RecordRefused::Signature { key: *key, kind: self.kind });
            }
        }
        Ok(Verified { id: self.id(), record: self, body: () })
    }

    /// A record that this node verified before it stored it under `id`:
    /// re-hashed, so that rot is noticed, and not verified again.
    pub fn held(self, id: RecordId) -> Result<Verified, RecordRefused> {
        if self.id() != id {
            return Err(RecordRefused::Damaged { id });
        }
        Ok(Verified { id, record: self, body: () })
    }

    /// The statement as `T`, unverified: for looking before checking.
    pub fn peek<T: Statement>(&self) -> Result<T, RecordRefused> {
        if !self.is::<T>() {
            return Err(RecordRefused::Malformed("a record of another kind or layout"));
        }
        let mut d = minicbor::Decoder::new(&self.payload);
        let body: T = d.decode().map_err(|_| RecordRefused::Malformed("its payload"))?;
        if d.position() != self.payload.len() {
            return Err(RecordRefused::Malformed("bytes after the end of its payload"));
        }
        body.check().map_err(RecordRefused::Malformed)?;
        Ok(body)
    }

    /// The certificate that a record names as its author: field 0 of the
    /// payload of every kind that one person or node signs, known or not.
    pub fn author(&self) -> Option<crate::identity::CertificateId> {
        let mut d = minicbor::Decoder::new(&self.payload);
        d.map().ok()?;
        (d.u8().ok()? == 0).then_some(())?;
        d.decode().ok()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.kind, self.id())
    }
}

/// A record whose signatures hold, with its statement once it was read as `T`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified<T = ()> {
    id: RecordId,
    record: Record,
    body: T,
}

impl Verified {
    /// Reads the statement.
    pub fn read<T: Statement>(self) -> Result<Verified<T>, RecordRefused> {
        let body = self.record.peek()?;
        Ok(Verified { id: self.id, record: self.record, body })
    }
}

impl<T> Verified<T> {
    /// The id of the record.
    pub const fn id(&self) -> RecordId {
        self.id
    }

    /// The record as it travels.
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// The statement.
    pub const fn body(&self) -> &T {
        &self.body
    }

    /// The keys whose signatures hold.
    pub fn signers(&self) -> impl Iterator<Item = PublicKey> + '_ {
        self.record.signatures.iter().map(|(key, _)| *key)
    }

    /// The key of a record that is signed by exactly one.
    pub fn only_signer(&self) -> Option<PublicKey> {
        match self.record.signatures.as_slice() {
            [(key, _)] => Some(*key),
            _ => None,
        }
    }

    /// The same proof without its statement.
    pub fn forget(self) -> Verified {
        Verified { id: self.id, record: self.record, body: () }
    }

    /// Takes over the signatures of another verified copy of the same record;
    /// whether that added any.
    pub fn absorb<U>(&mut self, other: &Verified<U>) -> bool {
        let before = self.record.signatures.len();
        if self.id == other.id {
            self.record.signatures.extend_from_slice(&other.record.signatures);
            self.record.signatures.sort_unstable();
            self.record.signatures.dedup_by_key(|(key, _)| *key);
            self.record.signatures.truncate(SIGNATURES_MAX);
        }
        self.record.signatures.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(minicbor::Encode, minicbor::Decode, Clone, Debug, PartialEq)]
    #[cbor(map)]
    struct Note {
        #[n(0)]
        text: String,
    }
    impl Statement for Note {
        const KIND: Kind = Kind::known("note");
    }

    fn federation() -> FederationId {
        FederationId::new([5; 32])
    }

    fn note() -> Record {
        let note = Note { text: "the desk is open".into() };
        note.prepare().sign(federation(), &SecretKey::from_seed(&[1; 32]))
    }

    #[test]
    fn a_record_reads_back_and_verifies() {
        let bytes = note().to_bytes();
        let record = Record::from_bytes(&bytes).expect("own bytes");
        let verified = record.verify(federation()).expect("own signature");
        let read = verified.read::<Note>().expect("own layout");
        assert_eq!(read.body().text, "the desk is open");
        assert_eq!(read.record().to_bytes(), bytes);
    }

    /// The vector of section 3 of the specification.
    #[test]
    fn a_record_has_the_bytes_and_the_id_that_the_specification_names() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let note = Note { text: "the desk is open".into() }.prepare();
        assert_eq!(
            hex(note.id().as_bytes()),
            "cddbb4bcea6e1c534c3c92e30a6fe62b409eab8b5ca1965f8f070221e69baa60"
        );
        assert_eq!(
            hex(&note.to_sign(federation())),
            "7465726e2f046e6f7465010505050505050505050505050505050505050505050505050505050505050505a10070746865206465736b206973206f70656e"
        );
        assert_eq!(
            hex(&super::tests::note().to_bytes()),
            "84646e6f74650153a10070746865206465736b206973206f70656e818258208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c584083f1eea2684d80bfa117596b2cce765083da31de4a94201bb1fcc26b688e0f2a822e8d54df00ebe6a6568b4110dba686bff553c29963af16ec33b7b38a372d08"
        );
    }

    #[test]
    fn one_flipped_bit_anywhere_is_refused() {
        let bytes = note().to_bytes();
        for at in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            let verdict = Record::from_bytes(&damaged).and_then(|r| r.verify(federation()));
            assert!(verdict.is_err(), "bit {at}");
        }
    }

    #[test]
    fn a_record_of_one_federation_means_nothing_in_another() {
        let refused = note().verify(FederationId::new([6; 32]));
        assert!(matches!(refused, Err(RecordRefused::Signature { .. })));
    }

    #[test]
    fn the_same_payload_under_another_kind_or_version_is_another_record() {
        let (key, payload) = (SecretKey::from_seed(&[1; 32]), vec![0xa0]);
        let signed = |kind, version| {
            let unsigned = Unsigned { kind: Kind::known(kind), version, payload: payload.clone() };
            unsigned.sign(federation(), &key).id()
        };
        assert_eq!(signed("note", 1), signed("note", 1));
        assert_ne!(signed("note", 1), signed("tone", 1));
        assert_ne!(signed("note", 1), signed("note", 2));
    }

    #[test]
    fn a_field_from_the_future_is_kept() {
        #[derive(minicbor::Encode, minicbor::Decode)]
        #[cbor(map)]
        struct NoteOfTomorrow {
            #[n(0)]
            text: String,
            #[n(7)]
            mood: u8,
        }
        impl Statement for NoteOfTomorrow {
            const KIND: Kind = Kind::known("note");
        }
        let tomorrow = NoteOfTomorrow { text: "later".into(), mood: 3 };
        let key = SecretKey::from_seed(&[1; 32]);
        let record = tomorrow.prepare().sign(federation(), &key);
        let read = record.clone().verify(federation()).and_then(Verified::read::<Note>);
        assert_eq!(read.map(|r| r.record().to_bytes()), Ok(record.to_bytes()));
    }
}
