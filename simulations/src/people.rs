//! Organisations with their keys, and what their people sign: what a shell
//! does between *prepare* and *submit*.

use tern_crdt::authority::{Admit, Certificate, Charter, Genesis, Grant, Profile, Role, Roles};
use tern_crdt::identity::{CertificateId, FederationId, OrgId, PublicKey, RecordId, SecretKey};
use tern_crdt::signed::{Record, Statement};

use crate::chance::Chance;

/// The organisations of the stories, in the order in which they come.
pub const NAMES: [&str; 8] =
    ["Chad", "Niger", "Nepal", "Moldova", "Fiji", "Kenya", "Peru", "Jordan"];

/// One of an organisation's people.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their key.
    pub key: SecretKey,
    /// What their organisation granted to it.
    pub certificate: CertificateId,
}

/// An organisation with the keys of its people.
#[derive(Debug, Clone)]
pub struct Party {
    /// What it is called.
    pub name: &'static str,
    /// Signs its log.
    pub root: SecretKey,
    /// What it says of itself.
    pub genesis: Genesis,
    /// May publish.
    pub publisher: Person,
    /// May write drafts, not publish.
    pub contributor: Person,
    /// Reads what is meant for the organisation.
    pub desk: SecretKey,
    /// The entries of its log after the genesis.
    pub log: Vec<Grant>,
}

impl Party {
    /// An organisation with a publisher, a contributor and a first node.
    pub fn new(name: &'static str, node: PublicKey, chance: &mut Chance) -> Self {
        let root = SecretKey::from_seed(&chance.bytes());
        let profile =
            Profile { names: [("en".to_owned(), name.to_owned())].into(), ..Profile::default() };
        let desk = SecretKey::from_seed(&chance.bytes());
        let reads = desk.encryption_public();
        let genesis =
            Genesis { root: root.public(), desk: reads, next: None, profile, spares: None };
        let nobody = |chance: &mut Chance| Person {
            key: SecretKey::from_seed(&chance.bytes()),
            certificate: CertificateId::new([0; 32]),
        };
        let (publisher, contributor) = (nobody(chance), nobody(chance));
        let log = Vec::new();
        let mut party = Self { name, root, genesis, publisher, contributor, desk, log };
        party.publisher.certificate =
            party.appoint(&party.publisher.key.clone(), Roles::of_founder());
        let drafts = Roles::of(&[Role::Contributor]);
        party.contributor.certificate = party.appoint(&party.contributor.key.clone(), drafts);
        party.grant(node, Roles::of(&[Role::Node]));
        party
    }

    /// One more of its people.
    pub fn hire(&mut self, roles: &[Role], chance: &mut Chance) -> Person {
        let key = SecretKey::from_seed(&chance.bytes());
        let certificate = self.appoint(&key, Roles::of(roles));
        Person { key, certificate }
    }

    /// Adds a grant to a person, who can be written to.
    fn appoint(&mut self, key: &SecretKey, roles: Roles) -> CertificateId {
        let prev = self.last_entry();
        self.add(prev, key.public(), Some(key.encryption_public()), roles)
    }

    fn last_entry(&self) -> Vec<RecordId> {
        vec![self.log.last().map_or(self.org().cast(), |last| last.prepare().id())]
    }

    /// Its id.
    pub fn org(&self) -> OrgId {
        self.genesis.prepare().id().cast()
    }

    /// Adds a grant to its log, after its last entry.
    pub fn grant(&mut self, key: PublicKey, roles: Roles) -> CertificateId {
        self.add(self.last_entry(), key, None, roles)
    }

    /// Grants the key of a node a certificate with a reading key: its desk's.
    pub fn grant_reading(&mut self, key: PublicKey) -> CertificateId {
        let reads = Some(self.desk.encryption_public());
        self.add(self.last_entry(), key, reads, Roles::of(&[Role::Node]))
    }

    /// Adds a grant to its log, after these entries.
    pub fn grant_after(
        &mut self,
        prev: Vec<RecordId>,
        key: PublicKey,
        roles: Roles,
    ) -> CertificateId {
        self.add(prev, key, None, roles)
    }

    fn add(
        &mut self,
        prev: Vec<RecordId>,
        key: PublicKey,
        encryption: Option<[u8; 32]>,
        roles: Roles,
    ) -> CertificateId {
        let certificate =
            Certificate { key, encryption, roles, scope: None, quota: None, last_beacon: None };
        let grant = Grant { org: self.org(), prev, certificate };
        let id = grant.prepare().id().cast();
        self.log.push(grant);
        id
    }

    /// Adds a grant to a person, after these entries.
    pub fn appoint_after(
        &mut self,
        prev: Vec<RecordId>,
        key: &SecretKey,
        role: Role,
    ) -> CertificateId {
        self.add(prev, key.public(), Some(key.encryption_public()), Roles::of(&[role]))
    }

    /// Its genesis and log, signed.
    pub fn records(&self, federation: FederationId) -> Vec<Record> {
        let genesis = self.genesis.prepare().sign(federation, &self.root);
        let log = self.log.iter().map(|grant| grant.prepare().sign(federation, &self.root));
        std::iter::once(genesis).chain(log).collect()
    }

    /// Its approval, as a steward, of another's admission.
    pub fn admit(&self, federation: FederationId, org: OrgId) -> Record {
        Admit { org, after: vec![] }.prepare().sign(federation, &self.root)
    }
}

/// The charter of a federation with these stewards, signed by the first.
pub fn found(name: &str, stewards: &[&Party], nonce: [u8; 16]) -> (FederationId, Vec<Record>) {
    let charter = Charter {
        n: 0,
        prev: None,
        name: name.to_owned(),
        stewards: stewards.iter().map(|party| party.org()).collect(),
        recall: 0,
        roster: vec![],
        supersedes: vec![],
        rules: 1,
        nonce,
        policies: None,
    }
    .prepare();
    let federation: FederationId = charter.id().cast();
    let signed = stewards.first().map(|first| charter.sign(federation, &first.root));
    (federation, signed.into_iter().collect())
}
