//! Who this node is, and the keys it was founded with.
//!
//! `{data}/identity.json` says in which federation and for which organisation
//! the folder is, and under which key the node runs. It is written last when a
//! node is founded or knocks: a folder without it holds no node, whatever an
//! interrupted start left behind.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use serde::{Deserialize, Serialize};
use tern_crdt::authority::{Certificate, Genesis, Grant, Profile, Role, Roles, commitment};
use tern_crdt::card::{Basis, NameCard};
use tern_crdt::identity::{FederationId, OrgId, PublicKey, RecordId, SecretKey};
use tern_crdt::sealed::EncryptionKey;
use tern_crdt::signed::{Record, Statement};
use tern_crdt::taxonomy::Vocabulary;

use crate::folder::{DataFolder, OpenFolder, write_private};
use crate::keystore::{Keystore, Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The federation.
    pub federation: FederationId,
    /// The organisation that runs this node.
    pub org: OrgId,
    /// The node's key.
    pub node: PublicKey,
}

const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u8,
    federation: String,
    org: String,
    node: String,
}

impl Identity {
    /// Reads who the folder's node is; `None` where none was founded.
    ///
    /// # Errors
    /// A damaged file, or the system's refusal.
    pub fn load(folder: &DataFolder) -> Result<Option<Self>, OpError> {
        let path = folder.identity_file();
        let damaged = || {
            let what = format!("{} is damaged: put it back from a backup", path.display());
            OpError::new(ErrorCode::Damaged, what)
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) if cause.kind() == io::ErrorKind::InvalidData => return Err(damaged()),
            Err(cause) => {
                let what = format!("cannot read {}: {cause}", path.display());
                return Err(OpError::new(ErrorCode::Failed, what));
            }
        };
        Self::read(text.as_bytes()).map(Some).ok_or_else(damaged)
    }

    /// Reads the contents of `identity.json`.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(bytes).ok()?;
        if stored.version != VERSION {
            return None;
        }
        let node = stored.node.parse::<tern_crdt::identity::NodeId>().ok()?;
        Some(Self {
            federation: stored.federation.parse().ok()?,
            org: stored.org.parse().ok()?,
            node: PublicKey::new(*node.as_bytes()),
        })
    }

    /// Makes the folder this node's, durably.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn save(&self, folder: &OpenFolder) -> Result<(), OpError> {
        let stored = Stored {
            version: VERSION,
            federation: self.federation.to_string(),
            org: self.org.to_string(),
            node: self.node.node().to_string(),
        };
        let path = folder.paths().identity_file();
        let text = serde_json::to_vec_pretty(&stored).map_err(io::Error::from);
        text.and_then(|text| write_private(&path, &text)).map_err(|cause| {
            OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", path.display()))
        })
    }
}

/// What an organisation and its first person say of themselves.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// The organisation's name.
    pub org: String,
    /// Its country (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// Its kind, a code of the taxonomy.
    pub kind: Option<String>,
    /// The language of the names (BCP 47).
    pub lang: String,
    /// The first person's name, shown with their consent.
    pub person: Option<String>,
    /// The first account's name.
    pub account: crate::keystore::AccountName,
    /// Wraps the keys of the organisation and of the person. The node's own
    /// key stays plain: a node has to come back by itself after a power cut.
    pub passphrase: Option<Passphrase>,
}

#[cfg(test)]
impl Newcomer {
    /// The ministry of the stories: Awa's account, keys that are plain.
    pub(crate) fn ministry() -> Self {
        Self {
            org: "Ministry of Arrivals".into(),
            country: Some("NE".into()),
            kind: None,
            lang: "en".into(),
            person: Some("Awa Example".into()),
            account: "awa".parse().expect("a name"),
            passphrase: None,
        }
    }
}

impl Newcomer {
    fn profile(&self) -> Result<Profile, OpError> {
        let refused =
            |field: &str, what: String| OpError::new(ErrorCode::Invalid, what).in_field(field);
        let name = self.org.trim();
        if !(2..=120).contains(&name.chars().count()) {
            return Err(refused("org", "an organisation's name has 2 to 120 characters".into()));
        }
        let known = |field: &str, vocabulary: Vocabulary, code: &Option<String>| match code {
            Some(code) if vocabulary.term(code).is_none() => {
                let near = vocabulary.nearest(code);
                let advice = near.map(|near| format!("; did you mean `{near}`?"));
                let noun = vocabulary.noun();
                Err(refused(field, format!("`{code}` is no {noun}{}", advice.unwrap_or_default())))
            }
            _ => Ok(()),
        };
        known("country", Vocabulary::Countries, &self.country)?;
        known("kind", Vocabulary::StakeholderKinds, &self.kind)?;
        Ok(Profile {
            names: BTreeMap::from([(self.lang.clone(), name.to_owned())]),
            acronym: None,
            kind: self.kind.clone(),
            country: self.country.clone(),
            website: None,
        })
    }
}

/// The keys and the founding statement of a new organisation on a new node.
pub struct NewKeys {
    /// The node's.
    pub node: SecretKey,
    /// To which what is for this node alone is encrypted.
    pub reads: EncryptionKey,
    /// The organisation's.
    pub root: SecretKey,
    /// The first person's, to sign.
    pub person: SecretKey,
    /// The first person's, to decrypt.
    pub encrypt: SecretKey,
    /// The organisation's founding statement, which commits to its next root
    /// key. That key stands in the keystore until its sheet is kept.
    pub genesis: Genesis,
    /// Its id.
    pub org: OrgId,
}

impl NewKeys {
    /// Draws the keys of a newcomer and keeps them.
    ///
    /// # Errors
    /// What the newcomer said of itself, or the keystore's.
    pub fn draw(keystore: &Keystore, newcomer: &Newcomer) -> Result<Self, OpError> {
        let profile = newcomer.profile()?;
        let owner = newcomer.org.trim();
        let (wrap, account) = (newcomer.passphrase.as_ref(), newcomer.account.as_str());
        let node = keystore.create(Purpose::Node, owner, None)?;
        let reads = keystore.create(Purpose::NodeEncrypt, owner, None)?.encryption_public();
        let root = keystore.create(Purpose::Root, owner, wrap)?;
        let next = keystore.create(Purpose::NextRoot, owner, wrap)?;
        let desk = keystore.create(Purpose::Desk, owner, wrap)?;
        let person = keystore.create(Purpose::PersonSign, account, wrap)?;
        let encrypt = keystore.create(Purpose::PersonEncrypt, account, wrap)?;
        let genesis = Genesis {
            root: root.public(),
            desk: desk.encryption_public(),
            next: Some(commitment(&next.public())),
            profile,
            spares: None,
        };
        let org = genesis.prepare().id().cast();
        Ok(Self { node, reads, root, person, encrypt, genesis, org })
    }

    /// The first entries of the organisation's log: the certificates of the
    /// node and of the first person, and the person's name card.
    pub fn log(
        &self,
        federation: FederationId,
        roles: Roles,
        name: Option<&str>,
        now: tern_crdt::timestamp::Timestamp,
    ) -> (Vec<Record>, Record) {
        let genesis = self.genesis.prepare().sign(federation, &self.root);
        let node = certificate(self.node.public(), Some(self.reads), Roles::of(&[Role::Node]));
        let node = grant(self.org, vec![genesis.id()], node).sign(federation, &self.root);
        let encryption = Some(self.encrypt.encryption_public());
        let person = certificate(self.person.public(), encryption, roles);
        let person = grant(self.org, vec![node.id()], person).sign(federation, &self.root);
        let card = NameCard {
            by: person.id().cast(),
            name: name.unwrap_or("Administrator").to_owned(),
            basis: name.map_or(Basis::RoleName, |_| Basis::Consent(now)),
        };
        let card = card.prepare().sign(federation, &self.person);
        (vec![genesis, node, person], card)
    }
}

/// A certificate without scope, quota or end.
pub fn certificate(key: PublicKey, encryption: Option<[u8; 32]>, roles: Roles) -> Certificate {
    Certificate { key, encryption, roles, scope: None, quota: None, last_beacon: None }
}

/// The next entry of an organisation's log.
pub fn grant(
    org: OrgId,
    prev: Vec<RecordId>,
    certificate: Certificate,
) -> tern_crdt::signed::Unsigned {
    Grant { org, prev, certificate }.prepare()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changed_bit_anywhere_in_the_file_is_noticed() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path()).open_exclusive().expect("free");
        let key = SecretKey::from_seed(&[7; 32]).public();
        let niger = Identity {
            federation: FederationId::new([1; 32]),
            org: OrgId::new([2; 32]),
            node: key,
        };
        niger.save(&folder).expect("room");
        assert_eq!(Identity::load(folder.paths()), Ok(Some(niger)));
        let path = folder.paths().identity_file();
        let sound = fs::read(&path).expect("a file");
        for bit in 0..sound.len() * 8 {
            let mut bytes = sound.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &bytes).expect("room");
            // Blanks between the members may change into other blanks.
            match Identity::load(folder.paths()) {
                Ok(read) => assert_eq!(read, Some(niger), "bit {bit}"),
                Err(refused) => assert_eq!(refused.code, ErrorCode::Damaged, "bit {bit}"),
            }
        }
    }
}
