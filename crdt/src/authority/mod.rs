//! Who may say what: a federation without a centre.
//!
//! The authority set is a small signed history that every node holds whole
//! and makes equal before anything else. [`Authority`] answers from its *fold*:
//! a pure function of the *set* of records, whatever the order in which they
//! came, with no clock and no beacon in it.
//!
//! - A **charter** names the stewards; the hash of the founding one is the
//!   federation's id. It is amended by a majority of the stewards, or by a
//!   recall of the members.
//! - A **genesis** founds an organisation; its hash is the organisation's id.
//!   It holds the root key that signs the organisation's log.
//! - The **roster** admits, suspends and removes members, by the stewards'
//!   majority; a member leaves by its own signature.
//! - A **grant** in an organisation's log makes a certificate: a key of a
//!   person or a node, with roles. It carries no name. A **revoke** ends it,
//!   with a **cut** that lists what stands of its work; a **rotate** replaces
//!   the root keys, and a **rekey** by the stewards gives new ones to an
//!   organisation that lost its own.
//! - An **adopt** stands for work that a cut leaves out; an **erase** removes an
//!   object everywhere and for ever.
//!
//! To be *held* is one thing, to *count* another. What is held only grows
//! (module `holding`); what counts is computed anew from all that is held
//! (module `fold`). Records of kinds that this version does not know, signed by
//! a root key of a known organisation, are held and passed on without effect,
//! so that an older node never cuts the federation in two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::identity::{ActorId, CertificateId, FederationId, OrgId, PublicKey, RecordId};
use crate::signed::{Record, Verified};
use crate::timestamp::Timestamp;

mod certificate;
mod clearance;
mod fold;
mod holding;
mod order;
mod proposals;
mod refusals;
mod scope;
mod standing_by;
mod statements;

pub use certificate::{Certificate, Role, Roles};
use fold::{Ending, Fold};
pub use fold::{LIVE_CERTIFICATES_MAX, Organisation};
use holding::{Body, Holding};
pub use holding::{LOG_DEPTH_MAX, RosterChange};
pub use proposals::{Proposal, Proposed};
pub use refusals::{AuthorityRefused, Forbidden};
pub use scope::{SCOPE_OBJECTS_MAX, scope_of};
pub use statements::{
    Admit, Adopt, Adopted, Beacon, CUT_LISTED_MAX, CUT_PARTS_MAX, CUT_RUNS_MAX, Charter,
    ClearanceNeed, ClearancePolicy, Cut, CutPart, CutRun, Erase, EraseReason, Genesis, Grant,
    Leave, Lift, POLICIES_MAX, Policies, Prefix, Profile, RECORDS_LISTED_MAX, Recovery, Rekey,
    Remove, Revoke, RevokeReason, Rotate, SPARES_MAX, Suspend, commitment, prefix,
};

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
    /// A member that the stewards suspended: it connects to nobody.
    Suspended,
    /// It left.
    Left,
    /// The stewards removed it.
    Removed,
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

/// How each certificate is judged: see [`Authority::judgement`].
pub type Judgement = BTreeMap<CertificateId, (OrgId, Vec<RecordId>)>;

/// See the module.
#[derive(Clone, Debug)]
pub struct Authority {
    holding: Holding,
    /// What counts; emptied when what is held changes.
    fold: OnceLock<Fold>,
}

impl Authority {
    /// A federation of which nothing is known but its id.
    pub const fn new(federation: FederationId) -> Self {
        Self { holding: Holding::new(federation), fold: OnceLock::new() }
    }

    /// The federation's id.
    pub const fn federation(&self) -> FederationId {
        self.holding.federation
    }

    fn fold(&self) -> &Fold {
        self.fold.get_or_init(|| Fold::of(&self.holding))
    }

    /// Adds a record if its rules allow. A refusal changes nothing.
    pub fn add(&mut self, record: Verified) -> Result<Added, AuthorityRefused> {
        let added = self.holding.add(record)?;
        if added == Added::New {
            self.fold = OnceLock::new();
        }
        Ok(added)
    }

    /// Whether a record is the founding charter. It counts by its id alone, and
    /// anybody can sign it: its signatures are of no consequence.
    pub fn is_founding(&self, record: &Verified) -> bool {
        record.id().cast() == self.holding.federation
    }

    /// Whether a record is of a kind, in a layout that is known here, that
    /// belongs to the authority set whoever signed it.
    pub fn is_statement(record: &Record) -> bool {
        holding::is_authority(record)
    }

    /// Adds as many of `records` as fit together, whatever their order; what
    /// is left over comes back with its reason.
    pub fn add_all(&mut self, records: Vec<Verified>) -> (Vec<RecordId>, Vec<AuthorityRefused>) {
        let mut added = Vec::new();
        let mut waiting: Vec<&Verified> = order::sorted(records.iter());
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

    /// The records of these ids with everything on which they build, in the
    /// order in which they are passed on: what shows somebody who knows nothing
    /// but the federation's id that they hold.
    pub fn with_grounds(&self, ids: impl IntoIterator<Item = RecordId>) -> Vec<&Verified> {
        order::with_grounds(self.records(), ids)
    }

    /// The records of these ids, so that each builds only on those before it
    /// and on what is not among them: the order in which they are passed on.
    pub fn in_order<'a>(
        &'a self,
        ids: impl Iterator<Item = &'a RecordId> + 'a,
    ) -> Vec<&'a Verified> {
        order::sorted(ids.filter_map(|id| self.record(id)))
    }

    /// An organisation whose log this key signs, or once did.
    pub fn org_of_root(&self, key: &PublicKey) -> Option<OrgId> {
        self.holding.orgs_of_root(key).next()
    }

    /// The stewards of the charter in force.
    pub fn stewards(&self) -> impl Iterator<Item = OrgId> + '_ {
        self.charter().into_iter().flat_map(|charter| charter.stewards.iter().copied())
    }

    /// The quota of those whose certificates have none of their own: the first number in
    /// the policy `quotas` of the charter in force, if there is one.
    pub fn common_quota(&self) -> Option<u32> {
        let words = self.charter()?.policies.as_ref()?.get("quotas")?;
        words.split(|c: char| !c.is_ascii_digit()).find_map(|number| number.parse().ok())
    }

    /// How many stewards make a majority.
    pub fn majority(&self) -> usize {
        self.charter().map_or(1, Charter::majority)
    }

    /// The charter in force, once one is held.
    pub fn charter(&self) -> Option<&Charter> {
        self.holding.charter(self.fold().chain.last()?)
    }

    /// The charters from the founding one to that in force.
    pub fn charters(&self) -> impl Iterator<Item = (RecordId, &Charter)> {
        self.fold().chain.iter().filter_map(|id| Some((*id, self.holding.charter(id)?)))
    }

    /// All records of the set, ascending by id.
    pub fn records(&self) -> impl Iterator<Item = &Verified> {
        self.holding.records.values().map(|held| &held.record)
    }

    /// One record of the set.
    pub fn record(&self, id: &RecordId) -> Option<&Verified> {
        self.holding.records.get(id).map(|held| &held.record)
    }

    /// The admissions of an organisation, counting or not.
    pub fn admissions(&self, id: &OrgId) -> impl Iterator<Item = &Verified> {
        self.holding.records.values().filter_map(move |held| match &held.body {
            Body::Roster(roster) if roster.org == *id && roster.change == RosterChange::Admit => {
                Some(&held.record)
            }
            _ => None,
        })
    }

    /// Every organisation heard of, with its standing, ascending by id.
    pub fn organisations(&self) -> impl Iterator<Item = (OrgId, &Organisation, Standing)> {
        self.fold().orgs.iter().map(|(id, org)| (*id, org, org.standing))
    }

    /// One organisation.
    pub fn organisation(&self, id: &OrgId) -> Option<&Organisation> {
        self.fold().orgs.get(id)
    }

    /// Whether an organisation belongs; `None` when nothing is known of it.
    pub fn standing(&self, id: &OrgId) -> Option<Standing> {
        self.organisation(id).map(|org| org.standing)
    }

    /// A certificate that counts, or did before it ended, with its
    /// organisation.
    pub fn certificate(&self, id: &CertificateId) -> Option<&Granted> {
        self.fold().certificates.get(id).map(|(granted, _)| granted)
    }

    /// How many certificates of an organisation count and are not revoked: at
    /// most [`LIVE_CERTIFICATES_MAX`].
    pub fn live_certificates(&self, org: &OrgId) -> usize {
        let live = |(granted, endings): &&(Granted, Vec<Ending>)| {
            granted.org == *org && endings.is_empty()
        };
        self.fold().certificates.values().filter(live).count()
    }

    /// The key of a certificate that is held, counting or not.
    pub fn key_of(&self, id: &CertificateId) -> Option<PublicKey> {
        self.holding.granted(id).map(|(_, certificate)| certificate.key)
    }

    /// All of them, ascending by id.
    pub fn certificates(&self) -> impl Iterator<Item = (CertificateId, &Granted)> {
        self.fold().certificates.iter().map(|(id, (granted, _))| (*id, granted))
    }

    /// Those whose ids are not smaller than this one, ascending.
    pub fn certificates_from(
        &self,
        id: &CertificateId,
    ) -> impl Iterator<Item = (CertificateId, &Granted)> {
        self.fold().certificates.range(id..).map(|(id, (granted, _))| (*id, granted))
    }

    /// What ended a certificate: its revocation, or the removal of its
    /// organisation.
    pub fn ended(&self, id: &CertificateId) -> Option<RecordId> {
        self.endings(id).first().map(|ending| ending.by)
    }

    /// Everything that ended a certificate.
    pub fn endings_of(&self, id: &CertificateId) -> impl Iterator<Item = RecordId> {
        self.endings(id).iter().map(|ending| ending.by)
    }

    fn endings(&self, id: &CertificateId) -> &[Ending] {
        self.fold().certificates.get(id).map_or(&[], |(_, endings)| endings)
    }

    /// The certificates of a key, ascending by id, ended ones too. There may be
    /// several: a grant does not prove that the holder of the key asked for it,
    /// so one organisation's grant must not take away what another's gave.
    pub fn certificates_of(
        &self,
        key: &PublicKey,
    ) -> impl Iterator<Item = (CertificateId, &Granted)> {
        let ids = self.fold().keys.get(key).into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.certificate(id)?)))
    }

    /// The first certificate of a key that is live, else the first.
    pub fn certificate_of(&self, key: &PublicKey) -> Option<(CertificateId, &Granted)> {
        let live = self.certificates_of(key).find(|(id, granted)| self.live(id, granted).is_ok());
        live.or_else(|| self.certificates_of(key).next())
    }

    /// The member organisation whose node has this key, if there is one: the
    /// question asked before any protocol but joining is spoken.
    pub fn node(&self, key: &PublicKey) -> Option<OrgId> {
        let node = |(id, granted): &(CertificateId, &Granted)| {
            granted.certificate.roles.has(Role::Node) && self.live(id, granted).is_ok()
        };
        self.certificates_of(key).find(node).map(|(_, granted)| granted.org)
    }

    /// Whether this key was that of a node of a member and is no more. Of who
    /// is not heard of yet it is false.
    pub fn was_node(&self, key: &PublicKey) -> bool {
        let mut nodes = self
            .certificates_of(key)
            .filter(|(_, granted)| granted.certificate.roles.has(Role::Node))
            .peekable();
        nodes.peek().is_some()
            && nodes.all(|(id, granted)| {
                let standing = self.standing(&granted.org);
                self.ended(&id).is_some()
                    || !matches!(standing, Some(Standing::Member | Standing::Proposed { .. }))
            })
    }

    /// Whether a certificate acts now: it has not ended, and its organisation
    /// is a member.
    fn live(&self, id: &CertificateId, granted: &Granted) -> Result<(), Forbidden> {
        if let Some(by) = self.ended(id) {
            return Err(Forbidden::Revoked { certificate: *id, by });
        }
        if granted.certificate.last_beacon.is_some_and(|last| last < self.fold().beacon) {
            return Err(Forbidden::Over(*id));
        }
        match self.standing(&granted.org) {
            Some(Standing::Member) => Ok(()),
            Some(Standing::Suspended) => Err(Forbidden::Suspended(granted.org)),
            _ => Err(Forbidden::NotAMember(granted.org)),
        }
    }

    fn with_key(&self, id: CertificateId, key: PublicKey) -> Result<&Granted, Forbidden> {
        let granted = self.certificate(&id).ok_or(Forbidden::UnknownCertificate(id))?;
        if granted.certificate.key != key {
            return Err(Forbidden::OtherKey { certificate: id, key });
        }
        Ok(granted)
    }

    /// Whether `key` acts now under `certificate`, in whatever role.
    pub fn acts(&self, certificate: CertificateId, key: PublicKey) -> Result<&Granted, Forbidden> {
        let granted = self.with_key(certificate, key)?;
        self.live(&certificate, granted)?;
        Ok(granted)
    }

    /// Whether `key`, under `certificate`, may now do what needs `role` and is about
    /// no object that is there already; the granted certificate if so. The check on
    /// what is written here.
    pub fn permits(
        &self,
        certificate: CertificateId,
        key: PublicKey,
        role: Role,
    ) -> Result<&Granted, Forbidden> {
        self.permits_about(certificate, key, role, None)
    }

    /// As [`permits`](Self::permits), of what is about this object, if about any.
    pub fn permits_about(
        &self,
        certificate: CertificateId,
        key: PublicKey,
        role: Role,
        about: Option<&[u8; 32]>,
    ) -> Result<&Granted, Forbidden> {
        let granted = self.acts(certificate, key)?;
        has(certificate, granted, role, about)?;
        Ok(granted)
    }

    /// Whether what `key` signed under `certificate` in a role counts, on
    /// whatever day it was signed: the check on what came from elsewhere. The
    /// organisation is or was a member, the certificate counts and has the
    /// role, and every cut that ended it lists `id`, or somebody adopted it. Of what
    /// is about no object; a scope is not asked where no role is.
    pub fn counts(
        &self,
        certificate: CertificateId,
        key: PublicKey,
        role: Option<Role>,
        id: &[u8; 32],
    ) -> Result<&Granted, Forbidden> {
        self.counts_about(certificate, key, role, id, None)
    }

    /// As [`counts`](Self::counts), of what is about this object, if about any.
    pub fn counts_about(
        &self,
        certificate: CertificateId,
        key: PublicKey,
        role: Option<Role>,
        id: &[u8; 32],
        about: Option<&[u8; 32]>,
    ) -> Result<&Granted, Forbidden> {
        let granted = self.with_key(certificate, key)?;
        if !self.organisation(&granted.org).is_some_and(|org| org.was_member) {
            return Err(Forbidden::NotAMember(granted.org));
        }
        if let Some(role) = role {
            has(certificate, granted, role, about)?;
        }
        let out = self.endings(&certificate).iter().find(|end| !end.lists(&self.holding, id));
        match out {
            Some(by) if self.adopted(&certificate, id).is_none() => {
                Err(Forbidden::Revoked { certificate, by: by.by })
            }
            _ => Ok(granted),
        }
    }

    /// Who adopted a record of a certificate that ended.
    pub fn adopted(&self, certificate: &CertificateId, id: &[u8; 32]) -> Option<RecordId> {
        let origin = self.certificate(certificate)?.org;
        let adopts = self.fold().adopts.get(certificate)?;
        let adopts = adopts.iter().filter(|(_, adopt)| adopt.what == Adopted::Record(*id));
        let may = |adopt: &Adopt| self.may_adopt(&adopt.by, &[origin], Role::Publisher, id);
        adopts.filter(|(_, adopt)| may(adopt)).map(|(id, _)| *id).next()
    }

    /// Whether a certificate may adopt what is at home in these organisations, and of
    /// this object: it has the role in one of them, or acts for a steward.
    fn may_adopt(&self, by: &CertificateId, home: &[OrgId], role: Role, of: &[u8; 32]) -> bool {
        let Some(Granted { org, certificate }) = self.certificate(by) else { return false };
        home.contains(org) && certificate.allows(role, Some(of))
            || certificate.allows(Role::Steward, Some(of)) && self.stewards().any(|is| is == *org)
    }

    /// The adoptions of changes of one document whose author is `certificate`,
    /// by somebody who may: each with the change.
    pub(crate) fn adopted_changes<'a>(
        &'a self,
        certificate: &CertificateId,
        document: &'a [u8; 32],
        home: &'a [OrgId],
        role: Role,
    ) -> impl Iterator<Item = (RecordId, CertificateId, [u8; 32])> + 'a {
        let adopts = self.fold().adopts.get(certificate).into_iter().flatten();
        adopts.filter_map(move |(id, adopt)| match adopt.what {
            Adopted::Change { document: of, change }
                if of == *document && self.may_adopt(&adopt.by, home, role, document) =>
            {
                Some((*id, adopt.by, change))
            }
            _ => None,
        })
    }

    /// For a signature over a run of changes: for each ending of its
    /// certificate whether it lists the signature, else how far the actor's
    /// changes stand.
    pub(crate) fn standing_of_run<'a>(
        &'a self,
        certificate: &CertificateId,
        id: &[u8; 32],
        actor: &ActorId,
    ) -> Vec<Option<Vec<&'a CutRun>>> {
        let endings = self.endings(certificate).iter();
        let standing = endings.map(|ending| match ending.lists(&self.holding, id) {
            true => None,
            false => Some(ending.runs(&self.holding, actor).collect()),
        });
        standing.collect()
    }

    /// How what each certificate signed is judged: its organisation, if that is
    /// or was a member, what ended it, and what adopted its work. When two of
    /// these are equal, so are all verdicts.
    pub fn judgement(&self) -> Judgement {
        let adopts = |id: &CertificateId| {
            let adopts = self.fold().adopts.get(id).into_iter().flatten();
            adopts.map(|(id, _)| *id).collect::<Vec<_>>()
        };
        self.certificates()
            .filter_map(|(id, _)| Some((id, self.once_valid(&id)?)))
            .map(|(id, granted)| {
                let endings = self.endings(&id).iter().map(|ending| ending.by);
                (id, (granted.org, endings.chain(adopts(&id)).collect()))
            })
            .collect()
    }

    /// A certificate of an organisation that is or was a member.
    pub(crate) fn once_valid(&self, id: &CertificateId) -> Option<&Granted> {
        let granted = self.certificate(id)?;
        self.organisation(&granted.org).is_some_and(|org| org.was_member).then_some(granted)
    }

    /// What the clock of beacons shows: 0 before there is one. It ends what acts
    /// (certificates granted up to a beacon, parcels), and no verdict asks it.
    pub fn beacon(&self) -> u32 {
        self.fold().beacon
    }

    /// When the last of the beacons that brought the clock there was signed, by
    /// the clock of its node: how old this view of the members is.
    pub fn beacon_at(&self) -> Option<Timestamp> {
        self.fold().beacon_at
    }

    /// The highest number that an organisation's nodes have said.
    pub fn beacon_of(&self, org: &OrgId) -> Option<u32> {
        self.holding.beacons.get(org).map(|(no, _)| *no)
    }

    /// Records that are held no more, since this was last asked: beacons in
    /// whose place a higher one came.
    pub fn take_dropped(&mut self) -> Vec<RecordId> {
        std::mem::take(&mut self.holding.dropped)
    }

    /// Whether a valid erase names this object of this author. An erase that
    /// states another author has no effect.
    pub fn is_erased(&self, object: &[u8; 32], author: CertificateId) -> bool {
        self.fold().erased.get(object).is_some_and(|authors| authors.contains(&author))
    }

    /// The tips of an organisation's log: what its next entry follows.
    pub fn log_tips(&self, org: &OrgId) -> Vec<RecordId> {
        let tips = self.organisation(org).into_iter().flat_map(|org| &org.log.tips);
        let tips: BTreeSet<RecordId> = tips.copied().take(statements::TIPS_MAX).collect();
        if tips.is_empty() { vec![org.cast()] } else { tips.into_iter().collect() }
    }

    /// The entries of an organisation's log that count, ascending by id.
    pub fn log(&self, org: &OrgId) -> impl Iterator<Item = &Verified> {
        let entries = self.organisation(org).into_iter().flat_map(|org| &org.log.counted);
        entries.filter_map(|id| self.record(id))
    }
}

/// Whether a certificate has a role for what is about this object, if about any.
fn has(
    certificate: CertificateId,
    granted: &Granted,
    role: Role,
    about: Option<&[u8; 32]>,
) -> Result<(), Forbidden> {
    match granted.certificate.roles.has(role) {
        false => Err(Forbidden::WithoutRole { certificate, role }),
        true if granted.certificate.allows(role, about) => Ok(()),
        true => Err(Forbidden::OutOfScope { certificate, role }),
    }
}

#[cfg(test)]
mod tests;
