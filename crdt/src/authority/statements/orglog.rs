//! The log of an organisation: who it is, and whom it trusts with what.

use std::collections::BTreeMap;

use super::{Cut, NAME_BYTES_MAX, RECORDS_LISTED_MAX, check_reason, check_tips};
use crate::authority::Certificate;
use crate::identity::{CertificateId, OrgId, PublicKey, RecordId, digest};
use crate::signed::{Kind, Statement};

/// An organisation has at most this many spare root keys.
pub const SPARES_MAX: usize = 4;

/// What commits to a root key before it is needed.
pub fn commitment(key: &PublicKey) -> [u8; 32] {
    digest("tern/next-root/v1", &[key.as_bytes()])
}

/// What an organisation says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Profile {
    /// Its name by language tag.
    #[n(0)]
    pub names: BTreeMap<String, String>,
    /// Its acronym.
    #[n(1)]
    pub acronym: Option<String>,
    /// A code of the vocabulary of stakeholder kinds.
    #[n(2)]
    pub kind: Option<String>,
    /// The code of its country (ISO 3166-1 alpha-2).
    #[n(3)]
    pub country: Option<String>,
    /// The address of its site.
    #[n(4)]
    pub website: Option<String>,
}

impl Profile {
    /// The name in one of the wanted languages, else in English, else the
    /// first one; empty only for a profile without names.
    pub fn name(&self, wanted: &[&str]) -> &str {
        wanted
            .iter()
            .chain(&["en"])
            .find_map(|tag| self.names.get(*tag))
            .or_else(|| self.names.values().next())
            .map_or("", String::as_str)
    }
}

/// The first entry of an organisation's log; its hash is the organisation.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Genesis {
    /// The key that signs the log.
    #[n(0)]
    pub root: PublicKey,
    /// The X25519 key of the organisation's desk.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub desk: [u8; 32],
    /// The [`commitment`] to the next root key.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub next: Option<[u8; 32]>,
    /// What the organisation says of itself.
    #[n(3)]
    pub profile: Profile,
    /// Further keys that sign like the root key, kept elsewhere.
    #[n(4)]
    pub spares: Option<Vec<PublicKey>>,
}

impl Statement for Genesis {
    const KIND: Kind = Kind::known("genesis");

    fn check(&self) -> Result<(), &'static str> {
        let Profile { names, acronym, kind, country, website } = &self.profile;
        if names.is_empty() || names.len() > 32 || names.values().any(String::is_empty) {
            return Err("an organisation has a name, in at most 32 languages");
        }
        let texts = names.iter().flat_map(|(tag, name)| [tag, name]);
        let others = [acronym, kind, country, website].into_iter().flatten();
        if texts.chain(others).any(|text| text.len() > NAME_BYTES_MAX) {
            return Err("a text about an organisation is longer than 400 bytes");
        }
        check_spares(&self.spares)
    }
}

fn check_spares(spares: &Option<Vec<PublicKey>>) -> Result<(), &'static str> {
    if spares.as_ref().is_some_and(|spares| spares.len() > SPARES_MAX) {
        return Err("an organisation has at most 4 spare root keys");
    }
    Ok(())
}

/// An entry of an organisation's log that makes a certificate. The id of this
/// record is the certificate's id.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Grant {
    /// The organisation whose log this is.
    #[n(0)]
    pub org: OrgId,
    /// The tips of the log that this entry follows.
    #[n(1)]
    pub prev: Vec<RecordId>,
    /// What is granted.
    #[n(2)]
    pub certificate: Certificate,
}

impl Statement for Grant {
    const KIND: Kind = Kind::known("grant");

    fn check(&self) -> Result<(), &'static str> {
        check_tips(&self.prev)?;
        if self.certificate.scope.as_ref().is_some_and(|scope| scope.len() > NAME_BYTES_MAX) {
            return Err("a scope is longer than 400 bytes");
        }
        Ok(())
    }
}

/// Why a certificate is revoked. The number is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum RevokeReason {
    /// Its holder left, or has other duties.
    #[n(0)]
    Left,
    /// Another certificate takes its place.
    #[n(1)]
    Replaced,
    /// The key is lost.
    #[n(2)]
    Lost,
    /// Somebody else may have the key.
    #[n(3)]
    Stolen,
    /// Its holder broke the rules.
    #[n(4)]
    Misused,
}

/// An entry of an organisation's log that ends a certificate. What it signed
/// and the cut lists stands.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Revoke {
    /// The organisation whose log this is.
    #[n(0)]
    pub org: OrgId,
    /// The tips of the log that this entry follows.
    #[n(1)]
    pub prev: Vec<RecordId>,
    /// What is revoked.
    #[n(2)]
    pub certificate: CertificateId,
    /// Why.
    #[n(3)]
    pub reason: RevokeReason,
    /// What stands of what it signed.
    #[n(4)]
    pub cut: Cut,
}

impl Statement for Revoke {
    const KIND: Kind = Kind::known("revoke");

    fn check(&self) -> Result<(), &'static str> {
        check_tips(&self.prev)?;
        self.cut.check()
    }
}

/// An entry of an organisation's log that replaces its root keys. Signed by
/// the new root key, to which the keys before it committed; where they
/// committed to none, by the old root key too.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Rotate {
    /// The organisation whose log this is.
    #[n(0)]
    pub org: OrgId,
    /// The tips of the log that this entry follows.
    #[n(1)]
    pub prev: Vec<RecordId>,
    /// The key that signs the log from here on.
    #[n(2)]
    pub root: PublicKey,
    /// Further keys that sign like it.
    #[n(3)]
    pub spares: Option<Vec<PublicKey>>,
    /// The X25519 key of the organisation's desk from here on.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub desk: [u8; 32],
    /// The commitment to the root key after this one.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub next: Option<[u8; 32]>,
    /// Charters and roster records that the old keys approved and that the
    /// organisation stands by; its other approvals by old keys end.
    #[n(6)]
    pub seen: Vec<RecordId>,
}

impl Statement for Rotate {
    const KIND: Kind = Kind::known("rotate");

    fn check(&self) -> Result<(), &'static str> {
        check_tips(&self.prev)?;
        if self.seen.len() > RECORDS_LISTED_MAX {
            return Err("a rotation lists more than 1,500 records");
        }
        check_spares(&self.spares)
    }
}

/// The stewards give an organisation that lost its keys, or whose log is
/// frozen, new ones: counts once a majority of them has signed. What of the log
/// it follows stands; the rest of it ends.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Rekey {
    /// The organisation.
    #[n(0)]
    pub org: OrgId,
    /// The tips of its log that this entry follows.
    #[n(1)]
    pub prev: Vec<RecordId>,
    /// The key that signs the log from here on.
    #[n(2)]
    pub root: PublicKey,
    /// Further keys that sign like it.
    #[n(3)]
    pub spares: Option<Vec<PublicKey>>,
    /// The X25519 key of the organisation's desk from here on.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub desk: [u8; 32],
    /// The commitment to the root key after this one.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub next: Option<[u8; 32]>,
    /// Charters and roster records approved by its old keys that stand.
    #[n(6)]
    pub seen: Vec<RecordId>,
    /// Why, for people; at most 1,000 bytes.
    #[n(7)]
    pub reason: String,
}

impl Statement for Rekey {
    const KIND: Kind = Kind::known("rekey");

    fn check(&self) -> Result<(), &'static str> {
        check_tips(&self.prev)?;
        check_reason(&self.reason)?;
        if self.seen.len() > RECORDS_LISTED_MAX {
            return Err("a rekeying lists more than 1,500 records");
        }
        check_spares(&self.spares)
    }
}
