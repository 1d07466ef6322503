//! The statements of the authority set, as they are signed.

use std::collections::BTreeMap;

use super::Certificate;
use crate::identity::{CertificateId, OrgId, PublicKey, RecordId};
use crate::signed::{Kind, Statement};

/// Names an organisation or a federation has at most this many bytes of.
pub const NAME_BYTES_MAX: usize = 400;
/// An entry of a log follows at most this many tips.
pub const TIPS_MAX: usize = 16;

/// The founding agreement of a federation, or (n > 0) an amendment.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Charter {
    /// 0 for the founding charter, then one more each time.
    #[n(0)]
    pub n: u32,
    /// The charter that this one amends.
    #[n(1)]
    pub prev: Option<RecordId>,
    /// The federation's name.
    #[n(2)]
    pub name: String,
    /// One, three, five or seven organisations.
    #[n(3)]
    pub stewards: Vec<OrgId>,
    /// How many members can replace the stewards.
    #[n(4)]
    pub recall: u32,
    /// Roster records that this charter recognises.
    #[n(5)]
    pub roster: Vec<RecordId>,
    /// Other proposals for the same n that this one replaces.
    #[n(6)]
    pub supersedes: Vec<RecordId>,
    /// The version of the rules by which the federation judges.
    #[n(7)]
    pub rules: u32,
    /// Chance that keeps two federations of one founder apart.
    #[cbor(n(8), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
}

impl Statement for Charter {
    const KIND: Kind = Kind::known("charter");

    fn check(&self) -> Result<(), &'static str> {
        if self.name.is_empty() || self.name.len() > NAME_BYTES_MAX {
            return Err("the name of the federation is empty or longer than 400 bytes");
        }
        if !matches!(self.stewards.len(), 1 | 3 | 5 | 7) {
            return Err("a charter names 1, 3, 5 or 7 stewards");
        }
        let mut stewards = self.stewards.clone();
        stewards.sort_unstable();
        stewards.dedup();
        if stewards.len() != self.stewards.len() {
            return Err("a charter names a steward twice");
        }
        Ok(())
    }
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
    /// BLAKE3 of the next root key, committed before it is needed.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub next: Option<[u8; 32]>,
    /// What the organisation says of itself.
    #[n(3)]
    pub profile: Profile,
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
        Ok(())
    }
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
        if self.prev.is_empty() || self.prev.len() > TIPS_MAX {
            return Err("an entry of a log follows 1 to 16 others");
        }
        if self.certificate.scope.as_ref().is_some_and(|scope| scope.len() > NAME_BYTES_MAX) {
            return Err("a scope is longer than 400 bytes");
        }
        Ok(())
    }
}

/// The stewards admit an organisation: counts once a majority has signed.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Admit {
    /// Who is admitted.
    #[n(0)]
    pub org: OrgId,
    /// Earlier roster records about the same organisation.
    #[n(1)]
    pub after: Vec<RecordId>,
}

impl Statement for Admit {
    const KIND: Kind = Kind::known("admit");
}

/// Why an object is erased. The number is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum EraseReason {
    /// Its author took it back.
    #[n(0)]
    TakenBack,
    /// It holds personal data.
    #[n(1)]
    PersonalData,
    /// It is unlawful to keep.
    #[n(2)]
    Unlawful,
    /// It endangers somebody.
    #[n(3)]
    Safety,
}

/// Removes an object from every node, for ever: a name card, or a practice
/// with all its editions.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Erase {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The record or document.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub object: [u8; 32],
    /// The certificate of the object's author (of a practice: its founder).
    /// Stated, so that the erase can be judged by a node that never saw the
    /// object; an erase that states it wrongly has no effect.
    #[n(2)]
    pub author: CertificateId,
    /// Why.
    #[n(3)]
    pub reason: EraseReason,
}

impl Statement for Erase {
    const KIND: Kind = Kind::known("erase");
}
