//! Who may say what: a federation without a centre.
//!
//! The authority set is a small signed history that every node holds whole
//! and makes equal before anything else. [`Authority`] is its fold: a pure
//! function of the *set* of records, whatever the order in which they came.
//!
//! - A **charter** names the stewards; its hash is the federation's id.
//! - A **genesis** founds an organisation; its hash is the organisation's id.
//!   It holds the root key that signs the organisation's log.
//! - An **admit**, signed by a majority of the stewards, makes it a member.
//! - A **grant** in an organisation's log makes a certificate: a key of a
//!   person or a node, with roles. It carries no name.
//! - An **erase** removes an object everywhere and for ever.
//!
//! What is not here yet: amendments of the charter, suspension, revocation
//! with cuts, rotation and beacons. Records of such kinds, signed by a root
//! key of a known organisation, are held and passed on without effect, so
//! that an older node never cuts the federation in two.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::identity::{CertificateId, FederationId, OrgId, PublicKey, RecordId};
use crate::signed::{RecordRefused, Verified};

mod certificate;
mod order;
mod statements;

pub use certificate::{Certificate, Role, Roles};
pub use statements::{Admit, Charter, Erase, EraseReason, Genesis, Grant, Profile};

/// An organisation that the fold knows of.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its founding statement.
    pub genesis: Genesis,
    /// Root keys of stewards that approved its admission.
    approvals: BTreeSet<PublicKey>,
    /// Whether it is a member by the founding charter itself.
    founder: bool,
}

impl Organisation {
    /// Whether the steward with this root key approved its admission.
    pub fn approved_by(&self, root: &PublicKey) -> bool {
        self.approvals.contains(root)
    }
}

/// Whether an organisation belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Asked for, with some approvals still missing.
    Proposed {
        /// Stewards that approved.
        approvals: usize,
        /// Approvals that make a majority.
        needed: usize,
    },
    /// A member.
    Member,
}

/// A certificate with the organisation that granted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Whose log holds the grant.
    pub org: OrgId,
    /// What was granted.
    pub certificate: Certificate,
}

/// What adding a record did to the set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Added {
    /// The set is larger, or a record has more signatures.
    New,
    /// The set held it already.
    Known,
}

/// Why a record is not in the authority set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthorityRefused {
    /// Something that it builds on is not held. It may come later.
    #[error("{record:?} builds on {missing}, which is not here yet")]
    NotYet {
        /// The record.
        record: RecordId,
        /// What is missing, in words.
        missing: &'static str,
    },
    /// It breaks a rule, and always will.
    #[error("{record:?} is refused: {rule}")]
    Rule {
        /// The record.
        record: RecordId,
        /// The rule, in words.
        rule: &'static str,
    },
    /// It cannot be read.
    #[error(transparent)]
    Record(#[from] RecordRefused),
}

/// Why somebody may not do something.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Forbidden {
    /// No grant of this certificate is held.
    #[error(
        "certificate {0:?} is not known here: its organisation has not granted it, or word of that has not arrived"
    )]
    UnknownCertificate(CertificateId),
    /// The signature is of another key than the certificate's.
    #[error("the signing key {key:?} is not the key of certificate {certificate:?}")]
    OtherKey {
        /// The certificate named.
        certificate: CertificateId,
        /// The key that signed.
        key: PublicKey,
    },
    /// Its organisation does not belong to the federation.
    #[error("organisation {0:?} is not a member of this federation")]
    NotAMember(OrgId),
    /// The certificate lacks the role.
    #[error(
        "certificate {certificate:?} does not have the role {role}: its organisation can grant it"
    )]
    WithoutRole {
        /// The certificate.
        certificate: CertificateId,
        /// The role asked for.
        role: Role,
    },
}

/// The fold of the authority set. See the module.
#[derive(Clone, Debug)]
pub struct Authority {
    federation: FederationId,
    records: BTreeMap<RecordId, Verified>,
    charter: Option<Charter>,
    organisations: BTreeMap<OrgId, Organisation>,
    roots: BTreeMap<PublicKey, OrgId>,
    certificates: BTreeMap<CertificateId, Granted>,
    keys: BTreeMap<PublicKey, BTreeSet<CertificateId>>,
    erased: BTreeMap<[u8; 32], BTreeSet<CertificateId>>,
}

impl Authority {
    /// A federation of which nothing is known but its id.
    pub const fn new(federation: FederationId) -> Self {
        Self {
            federation,
            records: BTreeMap::new(),
            charter: None,
            organisations: BTreeMap::new(),
            roots: BTreeMap::new(),
            certificates: BTreeMap::new(),
            keys: BTreeMap::new(),
            erased: BTreeMap::new(),
        }
    }

    /// The federation's id.
    pub const fn federation(&self) -> FederationId {
        self.federation
    }

    /// Adds a record if its rules allow. A refusal changes nothing.
    pub fn add(&mut self, record: Verified) -> Result<Added, AuthorityRefused> {
        let id = record.id();
        if let Some(held) = self.records.get(&id) {
            let known = |key| held.signers().any(|other| other == key);
            if self.is_founding(&record) || record.signers().all(known) {
                return Ok(Added::Known);
            }
        }
        if record.record().is::<Charter>() {
            self.add_charter(record.clone().read()?)?;
        } else if record.record().is::<Genesis>() {
            self.add_genesis(record.clone().read()?)?;
        } else if record.record().is::<Admit>() {
            self.add_admit(record.clone().read()?)?;
        } else if record.record().is::<Grant>() {
            self.add_grant(record.clone().read()?)?;
        } else if record.record().is::<Erase>() {
            self.add_erase(record.clone().read()?)?;
        } else {
            self.add_unknown(&record)?;
        }
        match self.records.get_mut(&id) {
            Some(held) => {
                held.absorb(&record);
            }
            None => {
                self.records.insert(id, record);
            }
        }
        Ok(Added::New)
    }

    /// Whether a record is the founding charter. It counts by its id alone, and
    /// anybody can sign it: its signatures are of no consequence.
    pub fn is_founding(&self, record: &Verified) -> bool {
        record.id().cast() == self.federation
    }

    /// Adds as many of `records` as fit together, whatever their order; what
    /// is left over comes back with its reason.
    pub fn add_all(&mut self, records: Vec<Verified>) -> (Vec<RecordId>, Vec<AuthorityRefused>) {
        let mut added = Vec::new();
        let mut waiting: Vec<&Verified> = order::sorted(&self.founders(), records.iter());
        loop {
            let before = waiting.len();
            let mut refused = Vec::new();
            waiting.retain(|record| match self.add((*record).clone()) {
                Ok(done) => {
                    added.extend((done == Added::New).then(|| record.id()));
                    false
                }
                Err(reason) => {
                    refused.push(reason);
                    true
                }
            });
            if waiting.is_empty() || waiting.len() == before {
                return (added, refused);
            }
        }
    }

    /// The records of these ids, so that each builds only on those before it
    /// and on what is not among them: the order in which they are passed on.
    pub fn in_order<'a>(
        &'a self,
        ids: impl Iterator<Item = &'a RecordId> + 'a,
    ) -> Vec<&'a Verified> {
        order::sorted(&self.founders(), ids.filter_map(|id| self.records.get(id)))
    }

    fn founders(&self) -> BTreeSet<OrgId> {
        self.stewards().collect()
    }

    fn add_charter(&mut self, record: Verified<Charter>) -> Result<(), AuthorityRefused> {
        let rule = |rule| AuthorityRefused::Rule { record: record.id(), rule };
        if record.body().n != 0 {
            // An amendment: of no effect in this version, but passed on.
            return self.add_unknown(&record.clone().forget());
        }
        if record.id().cast() != self.federation {
            return Err(rule("a founding charter of another federation"));
        }
        self.charter = Some(record.body().clone());
        Ok(())
    }

    fn add_genesis(&mut self, record: Verified<Genesis>) -> Result<(), AuthorityRefused> {
        let org: OrgId = record.id().cast();
        let rule = |rule| AuthorityRefused::Rule { record: record.id(), rule };
        if record.only_signer() != Some(record.body().root) {
            return Err(rule("a genesis is signed by the root key that it names, alone"));
        }
        let founder = self.charter.as_ref().is_some_and(|c| c.stewards.contains(&org));
        let admits: Vec<&Verified> =
            self.records.values().filter(|r| admits(r) == Some(org)).collect();
        if !founder && admits.is_empty() {
            return Err(AuthorityRefused::NotYet {
                record: record.id(),
                missing: "an admission by the stewards",
            });
        }
        let approvals = admits.iter().flat_map(|r| r.signers()).collect();
        self.roots.insert(record.body().root, org);
        self.organisations
            .insert(org, Organisation { genesis: record.body().clone(), approvals, founder });
        Ok(())
    }

    fn add_admit(&mut self, record: Verified<Admit>) -> Result<(), AuthorityRefused> {
        let stewards = self.steward_keys();
        if record.signers().any(|key| !stewards.contains(&key)) {
            return Err(AuthorityRefused::NotYet {
                record: record.id(),
                missing: "word that each of its signers is a steward",
            });
        }
        if let Some(organisation) = self.organisations.get_mut(&record.body().org) {
            organisation.approvals.extend(record.signers());
        }
        Ok(())
    }

    fn add_grant(&mut self, record: Verified<Grant>) -> Result<(), AuthorityRefused> {
        let grant = record.body();
        let missing = |missing| AuthorityRefused::NotYet { record: record.id(), missing };
        let Some(organisation) = self.organisations.get(&grant.org) else {
            return Err(missing("the genesis of its organisation"));
        };
        if record.only_signer() != Some(organisation.genesis.root) {
            return Err(AuthorityRefused::Rule {
                record: record.id(),
                rule: "a grant is signed by the root key of its organisation, alone",
            });
        }
        if grant.prev.iter().any(|prev| !self.records.contains_key(prev)) {
            return Err(missing("an earlier entry of its organisation's log"));
        }
        let id: CertificateId = record.id().cast();
        self.keys.entry(grant.certificate.key).or_default().insert(id);
        self.certificates
            .insert(id, Granted { org: grant.org, certificate: grant.certificate.clone() });
        Ok(())
    }

    fn add_erase(&mut self, record: Verified<Erase>) -> Result<(), AuthorityRefused> {
        let erase = record.body();
        let missing = |missing| AuthorityRefused::NotYet { record: record.id(), missing };
        let Some(by) = self.certificates.get(&erase.by) else {
            return Err(missing("the certificate that signed it"));
        };
        let Some(author) = self.certificates.get(&erase.author) else {
            return Err(missing("the certificate of the object's author"));
        };
        let rule = |rule| AuthorityRefused::Rule { record: record.id(), rule };
        if record.only_signer() != Some(by.certificate.key) {
            return Err(rule("an erase is signed by the certificate that it names, alone"));
        }
        let may = by.certificate.roles.any(&[Role::Publisher, Role::Moderator, Role::FocalPoint]);
        if erase.by != erase.author && !(by.org == author.org && may) {
            return Err(rule(
                "an object is erased by its author, or by a publisher, moderator or focal point of the author's organisation",
            ));
        }
        self.erased.entry(erase.object).or_default().insert(erase.author);
        Ok(())
    }

    fn add_unknown(&self, record: &Verified) -> Result<(), AuthorityRefused> {
        if record.signers().all(|key| self.roots.contains_key(&key)) {
            Ok(())
        } else {
            Err(AuthorityRefused::NotYet {
                record: record.id(),
                missing: "word that each of its signers is an organisation here",
            })
        }
    }

    /// The organisation whose log this key signs.
    pub fn org_of_root(&self, key: &PublicKey) -> Option<OrgId> {
        self.roots.get(key).copied()
    }

    fn steward_keys(&self) -> BTreeSet<PublicKey> {
        self.stewards()
            .filter_map(|org| self.organisations.get(&org))
            .map(|o| o.genesis.root)
            .collect()
    }

    /// The stewards of the charter in force.
    pub fn stewards(&self) -> impl Iterator<Item = OrgId> + '_ {
        self.charter.iter().flat_map(|charter| charter.stewards.iter().copied())
    }

    /// How many stewards make a majority.
    pub fn majority(&self) -> usize {
        self.stewards().count() / 2 + 1
    }

    /// The charter in force, once it is held.
    pub const fn charter(&self) -> Option<&Charter> {
        self.charter.as_ref()
    }

    /// All records of the set, ascending by id.
    pub fn records(&self) -> impl Iterator<Item = &Verified> {
        self.records.values()
    }

    /// One record of the set.
    pub fn record(&self, id: &RecordId) -> Option<&Verified> {
        self.records.get(id)
    }

    /// The admissions of an organisation.
    pub fn admissions(&self, id: &OrgId) -> impl Iterator<Item = &Verified> {
        self.records.values().filter(move |record| admits(record) == Some(*id))
    }

    /// Every organisation heard of, with its standing, ascending by id.
    pub fn organisations(&self) -> impl Iterator<Item = (OrgId, &Organisation, Standing)> {
        self.organisations.iter().map(|(id, org)| (*id, org, self.standing_of(org)))
    }

    /// One organisation.
    pub fn organisation(&self, id: &OrgId) -> Option<&Organisation> {
        self.organisations.get(id)
    }

    /// Whether an organisation belongs; `None` when nothing is known of it.
    pub fn standing(&self, id: &OrgId) -> Option<Standing> {
        self.organisations.get(id).map(|org| self.standing_of(org))
    }

    fn standing_of(&self, org: &Organisation) -> Standing {
        let approvals = org.approvals.len();
        let needed = self.majority();
        if org.founder || approvals >= needed {
            Standing::Member
        } else {
            Standing::Proposed { approvals, needed }
        }
    }

    /// A certificate by its id, with its organisation.
    pub fn certificate(&self, id: &CertificateId) -> Option<&Granted> {
        self.certificates.get(id)
    }

    /// All certificates, ascending by id.
    pub fn certificates(&self) -> impl Iterator<Item = (CertificateId, &Granted)> {
        self.certificates.iter().map(|(id, granted)| (*id, granted))
    }

    /// The certificates of a key, ascending by id. There may be several: a
    /// grant does not prove that the holder of the key asked for it, so one
    /// organisation's grant must not take away what another's gave.
    pub fn certificates_of(
        &self,
        key: &PublicKey,
    ) -> impl Iterator<Item = (CertificateId, &Granted)> {
        let ids = self.keys.get(key).into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.certificates.get(id)?)))
    }

    /// The first certificate of a key.
    pub fn certificate_of(&self, key: &PublicKey) -> Option<(CertificateId, &Granted)> {
        self.certificates_of(key).next()
    }

    /// The member organisation whose node has this key, if there is one: the
    /// question asked before any protocol but joining is spoken.
    pub fn node(&self, key: &PublicKey) -> Option<OrgId> {
        let live = |granted: &Granted| {
            granted.certificate.roles.has(Role::Node)
                && self.standing(&granted.org) == Some(Standing::Member)
        };
        self.certificates_of(key).map(|(_, granted)| granted).find(|g| live(g)).map(|g| g.org)
    }

    /// Whether `key`, under `certificate`, may do what needs `role`; the
    /// granted certificate if so. The one check on every write, local or
    /// remote.
    pub fn permits(
        &self,
        certificate: CertificateId,
        key: PublicKey,
        role: Role,
    ) -> Result<&Granted, Forbidden> {
        let granted = self
            .certificates
            .get(&certificate)
            .ok_or(Forbidden::UnknownCertificate(certificate))?;
        if granted.certificate.key != key {
            return Err(Forbidden::OtherKey { certificate, key });
        }
        if self.standing(&granted.org) != Some(Standing::Member) {
            return Err(Forbidden::NotAMember(granted.org));
        }
        if !granted.certificate.roles.has(role) {
            return Err(Forbidden::WithoutRole { certificate, role });
        }
        Ok(granted)
    }

    /// Whether a valid erase names this object of this author. An erase that
    /// states another author has no effect.
    pub fn is_erased(&self, object: &[u8; 32], author: CertificateId) -> bool {
        self.erased.get(object).is_some_and(|authors| authors.contains(&author))
    }

    /// The tips of an organisation's log: what its next entry follows.
    pub fn log_tips(&self, org: &OrgId) -> Vec<RecordId> {
        let entries: BTreeMap<RecordId, Grant> = self
            .records
            .values()
            .filter_map(|r| Some((r.id(), r.record().peek::<Grant>().ok()?)))
            .filter(|(_, grant)| grant.org == *org)
            .collect();
        let followed: BTreeSet<&RecordId> =
            entries.values().flat_map(|grant| grant.prev.iter()).collect();
        let tips: Vec<RecordId> =
            entries.keys().filter(|id| !followed.contains(id)).copied().collect();
        if tips.is_empty() { vec![org.cast()] } else { tips }
    }
}

fn admits(record: &Verified) -> Option<OrgId> {
    record.record().peek::<Admit>().ok().map(|admit| admit.org)
}

#[cfg(test)]
mod tests;
