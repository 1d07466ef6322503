//! Which records of the authority set are held, and on what they build.
//!
//! To be held is not to count: a record is held when everything that it builds
//! on is, and when keys that have a place in the federation signed it. These
//! rules only ever let more in as the set grows, so that nodes which received
//! the same records hold the same ones, whatever the order. What counts is the
//! [fold](super::fold)'s affair, computed from all that is held.

use std::collections::{BTreeMap, BTreeSet};

use super::statements::{
    Admit, Adopt, Beacon, Charter, Cut, CutPart, Erase, Genesis, Grant, Leave, Lift, Rekey, Remove,
    Revoke, Rotate, Suspend, commitment,
};
use super::{Added, AuthorityRefused, Role};
use crate::identity::{CertificateId, FederationId, OrgId, PublicKey, RecordId};
use crate::signed::{Record, RecordRefused, Verified};

/// An organisation's log is at most this deep.
pub const LOG_DEPTH_MAX: u32 = 4_096;

/// What a roster record does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RosterChange {
    /// Makes it a member.
    Admit,
    /// Ends a suspension.
    Lift,
    /// Suspends it.
    Suspend,
    /// It leaves.
    Leave,
    /// Removes it.
    Remove,
}

/// A roster record, whatever it does.
#[derive(Clone, Debug)]
pub(super) struct Roster {
    pub(super) org: OrgId,
    pub(super) after: Vec<RecordId>,
    pub(super) change: RosterChange,
    pub(super) reason: Option<String>,
    pub(super) cut: Option<Cut>,
}

/// New root keys, whoever gives them.
#[derive(Clone, Debug)]
pub(super) struct KeyChange {
    pub(super) root: PublicKey,
    pub(super) spares: Vec<PublicKey>,
    pub(super) desk: [u8; 32],
    pub(super) next: Option<[u8; 32]>,
    pub(super) seen: Vec<RecordId>,
}

impl KeyChange {
    /// Whether `key` signs the log under it.
    pub(super) fn has(&self, key: &PublicKey) -> bool {
        self.root == *key || self.spares.contains(key)
    }
}

/// What an entry of a log says.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Genesis(Box<Genesis>),
    Grant(Box<super::Certificate>),
    Revoke(Revoke),
    Rotate,
    Rekey(String),
}

/// An entry of an organisation's log.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) org: OrgId,
    pub(super) prev: Vec<RecordId>,
    pub(super) said: Said,
    /// For a genesis, a rotation and a rekeying.
    pub(super) keys: Option<Box<KeyChange>>,
    pub(super) depth: u32,
}

/// What a record says, once decoded.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Charter(Charter),
    Roster(Roster),
    Entry(Entry),
    CutPart(CutPart),
    Erase(Erase),
    Adopt(Adopt),
    Beacon(Beacon),
    /// Of no effect in this version.
    Unknown,
}

/// A record that is held.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) record: Verified,
    pub(super) body: Body,
}

/// All records that are held.
#[derive(Clone, Debug)]
pub(super) struct Holding {
    pub(super) federation: FederationId,
    pub(super) records: BTreeMap<RecordId, Held>,
    /// Every root key there ever was, with its organisations.
    roots: BTreeMap<PublicKey, BTreeSet<OrgId>>,
    /// Commitments to next root keys.
    commitments: BTreeSet<(OrgId, [u8; 32])>,
    /// Organisations that a charter or a proposal names as stewards.
    stewards: BTreeSet<OrgId>,
    /// Organisations that an admission names.
    named: BTreeSet<OrgId>,
    /// The highest beacon of each organisation: what it said before is dropped.
    pub(super) beacons: BTreeMap<OrgId, (u32, RecordId)>,
    /// Beacons that were dropped since this was last asked.
    pub(super) dropped: Vec<RecordId>,
    /// Log entries by organisation.
    pub(super) logs: BTreeMap<OrgId, BTreeSet<RecordId>>,
}

impl Body {
    fn read(record: &Verified) -> Result<Self, RecordRefused> {
        let inner = record.record();
        let roster = |org, after, change, reason, cut| {
            Self::Roster(Roster { org, after, change, reason, cut })
        };
        let entry = |org, prev, said, keys: Option<KeyChange>| {
            let keys = keys.map(Box::new);
            Self::Entry(Entry { org, prev, said, keys, depth: 0 })
        };
        Ok(if inner.is::<Charter>() {
            Self::Charter(inner.peek()?)
        } else if inner.is::<Genesis>() {
            let genesis: Genesis = inner.peek()?;
            let keys = KeyChange {
                root: genesis.root,
                spares: genesis.spares.clone().unwrap_or_default(),
                desk: genesis.desk,
                next: genesis.next,
                seen: Vec::new(),
            };
            entry(record.id().cast(), Vec::new(), Said::Genesis(Box::new(genesis)), Some(keys))
        } else if inner.is::<Grant>() {
            let Grant { org, prev, certificate } = inner.peek()?;
            entry(org, prev, Said::Grant(Box::new(certificate)), None)
        } else if inner.is::<Revoke>() {
            let revoke: Revoke = inner.peek()?;
            entry(revoke.org, revoke.prev.clone(), Said::Revoke(revoke), None)
        } else if inner.is::<Rotate>() {
            let Rotate { org, prev, root, spares, desk, next, seen } = inner.peek()?;
            let keys = KeyChange { root, spares: spares.unwrap_or_default(), desk, next, seen };
            entry(org, prev, Said::Rotate, Some(keys))
        } else if inner.is::<Rekey>() {
            let Rekey { org, prev, root, spares, desk, next, seen, reason } = inner.peek()?;
            let keys = KeyChange { root, spares: spares.unwrap_or_default(), desk, next, seen };
            entry(org, prev, Said::Rekey(reason), Some(keys))
        } else if inner.is::<Admit>() {
            let Admit { org, after } = inner.peek()?;
            roster(org, after, RosterChange::Admit, None, None)
        } else if inner.is::<Suspend>() {
            let Suspend { org, after, reason } = inner.peek()?;
            roster(org, after, RosterChange::Suspend, Some(reason), None)
        } else if inner.is::<Lift>() {
            let Lift { org, after } = inner.peek()?;
            roster(org, after, RosterChange::Lift, None, None)
        } else if inner.is::<Remove>() {
            let Remove { org, after, reason, cut } = inner.peek()?;
            roster(org, after, RosterChange::Remove, Some(reason), Some(cut))
        } else if inner.is::<Leave>() {
            let Leave { org, after } = inner.peek()?;
            roster(org, after, RosterChange::Leave, None, None)
        } else if inner.is::<CutPart>() {
            Self::CutPart(inner.peek()?)
        } else if inner.is::<Erase>() {
            Self::Erase(inner.peek()?)
        } else if inner.is::<Adopt>() {
            Self::Adopt(inner.peek()?)
        } else if inner.is::<Beacon>() {
            Self::Beacon(inner.peek()?)
        } else {
            Self::Unknown
        })
    }
}

/// Whether a record belongs to the authority set whoever signed it.
pub(super) fn is_authority(record: &Record) -> bool {
    record.is::<Charter>()
        || record.is::<Genesis>()
        || record.is::<Grant>()
        || record.is::<Revoke>()
        || record.is::<Rotate>()
        || record.is::<Rekey>()
        || record.is::<Admit>()
        || record.is::<Suspend>()
        || record.is::<Lift>()
        || record.is::<Remove>()
        || record.is::<Leave>()
        || record.is::<CutPart>()
        || record.is::<Erase>()
        || record.is::<Adopt>()
        || record.is::<Beacon>()
}

impl Holding {
    pub(super) const fn new(federation: FederationId) -> Self {
        Self {
            federation,
            records: BTreeMap::new(),
            roots: BTreeMap::new(),
            commitments: BTreeSet::new(),
            stewards: BTreeSet::new(),
            named: BTreeSet::new(),
            beacons: BTreeMap::new(),
            dropped: Vec::new(),
            logs: BTreeMap::new(),
        }
    }

    /// Holds a record if its rules allow. A refusal changes nothing.
    pub(super) fn add(&mut self, record: Verified) -> Result<Added, AuthorityRefused> {
        let id = record.id();
        if let Some(held) = self.records.get(&id) {
            let known = |key| held.record.signers().any(|other| other == key);
            let founding = id.cast() == self.federation;
            if founding || record.signers().all(known) {
                return Ok(Added::Known);
            }
        }
        let mut body = Body::read(&record)?;
        let judge = Judge { holding: self, record: &record };
        match &mut body {
            Body::Charter(charter) => judge.charter(charter)?,
            Body::Roster(roster) => judge.roster(roster)?,
            Body::Entry(entry) => entry.depth = judge.entry(entry)?,
            Body::CutPart(_) | Body::Unknown => judge.all_roots()?,
            Body::Erase(erase) => judge.erase(erase)?,
            Body::Adopt(adopt) => judge.by(adopt.by, adopt.certificate)?,
            Body::Beacon(beacon) => {
                let org = judge.beacon(beacon)?;
                let new = (beacon.no, id);
                match self.beacons.insert(org, new) {
                    Some(held) if held > new => {
                        self.beacons.insert(org, held);
                        return Ok(Added::Known);
                    }
                    Some((_, held)) if held != id => {
                        self.records.remove(&held);
                        self.dropped.push(held);
                    }
                    _ => {}
                }
            }
        }
        self.index(id, &body);
        match self.records.get_mut(&id) {
            Some(held) => {
                held.record.absorb(&record);
            }
            None => {
                self.records.insert(id, Held { record, body });
            }
        }
        Ok(Added::New)
    }

    fn index(&mut self, id: RecordId, body: &Body) {
        match body {
            Body::Charter(charter) => self.stewards.extend(&charter.stewards),
            Body::Roster(roster) => {
                self.named.insert(roster.org);
            }
            Body::Entry(entry) => {
                self.logs.entry(entry.org).or_default().insert(id);
                if let Some(keys) = &entry.keys {
                    for key in std::iter::once(&keys.root).chain(&keys.spares) {
                        self.roots.entry(*key).or_default().insert(entry.org);
                    }
                    self.commitments.extend(keys.next.map(|next| (entry.org, next)));
                }
            }
            _ => {}
        }
    }

    /// The organisations of which this is, or was, a root key.
    pub(super) fn orgs_of_root(&self, key: &PublicKey) -> impl Iterator<Item = OrgId> + '_ {
        self.roots.get(key).into_iter().flatten().copied()
    }

    pub(super) fn entry(&self, id: &RecordId) -> Option<&Entry> {
        match &self.records.get(id)?.body {
            Body::Entry(entry) => Some(entry),
            _ => None,
        }
    }

    pub(super) fn charter(&self, id: &RecordId) -> Option<&Charter> {
        match &self.records.get(id)?.body {
            Body::Charter(charter) => Some(charter),
            _ => None,
        }
    }

    /// The certificate that a held entry grants, counting or not.
    fn granted(&self, id: &CertificateId) -> Option<(&OrgId, &super::Certificate)> {
        match self.entry(&id.cast())? {
            Entry { org, said: Said::Grant(certificate), .. } => Some((org, certificate)),
            _ => None,
        }
    }
}

/// One record before what is held.
struct Judge<'a> {
    holding: &'a Holding,
    record: &'a Verified,
}

impl Judge<'_> {
    fn rule(&self, rule: &'static str) -> AuthorityRefused {
        AuthorityRefused::Rule { record: self.record.id(), rule }
    }

    fn missing(&self, missing: &'static str) -> AuthorityRefused {
        AuthorityRefused::NotYet { record: self.record.id(), missing }
    }

    fn is_root_of(&self, key: &PublicKey, org: &OrgId) -> bool {
        self.holding.roots.get(key).is_some_and(|orgs| orgs.contains(org))
    }

    /// Whether a charter names each signer's organisation as a steward.
    fn all_stewards(&self) -> Result<(), AuthorityRefused> {
        let is_steward =
            |key| self.holding.orgs_of_root(&key).any(|org| self.holding.stewards.contains(&org));
        match self.record.signers().all(is_steward) {
            true => Ok(()),
            false => Err(self.missing("word that each of its signers is a steward")),
        }
    }

    fn all_roots(&self) -> Result<(), AuthorityRefused> {
        if self.record.signers().all(|key| self.holding.roots.contains_key(&key)) {
            return Ok(());
        }
        Err(self.missing("word that each of its signers is an organisation here"))
    }

    fn charter(&self, charter: &Charter) -> Result<(), AuthorityRefused> {
        let Some(prev) = charter.prev else {
            return match self.record.id().cast() == self.holding.federation {
                true => Ok(()),
                false => Err(self.rule("a founding charter of another federation")),
            };
        };
        let prev = self.holding.charter(&prev).ok_or_else(|| self.missing("the charter before"))?;
        if charter.n != prev.n + 1 {
            return Err(self.rule("a charter has one number more than that which it amends"));
        }
        self.all_roots()
    }

    fn roster(&self, roster: &Roster) -> Result<(), AuthorityRefused> {
        if roster.change == RosterChange::Leave {
            let own =
                self.record.only_signer().is_some_and(|key| self.is_root_of(&key, &roster.org));
            return match own {
                true => Ok(()),
                false => {
                    Err(self.missing("word that the organisation itself signed that it leaves"))
                }
            };
        }
        self.all_stewards()?;
        if roster.change != RosterChange::Admit && !self.holding.logs.contains_key(&roster.org) {
            return Err(self.missing("the organisation that it is about"));
        }
        self.cut(roster.cut.as_ref())
    }

    /// The depth of an entry that may be held.
    fn entry(&self, entry: &Entry) -> Result<u32, AuthorityRefused> {
        if let Said::Genesis(genesis) = &entry.said {
            if self.record.only_signer() != Some(genesis.root) {
                return Err(self.rule("a genesis is signed by the root key that it names, alone"));
            }
            let founding = self.holding.charter(&self.holding.federation.cast());
            let founder = founding.is_some_and(|charter| charter.stewards.contains(&entry.org));
            return match founder || self.holding.named.contains(&entry.org) {
                true => Ok(0),
                false => Err(self.missing("an admission by the stewards")),
            };
        }
        let mut depth = 0;
        for prev in &entry.prev {
            let before = self
                .holding
                .entry(prev)
                .ok_or_else(|| self.missing("an earlier entry of its organisation's log"))?;
            if before.org != entry.org {
                return Err(self.rule("an entry of a log follows an entry of another's log"));
            }
            depth = depth.max(before.depth + 1);
        }
        if depth > LOG_DEPTH_MAX {
            return Err(self.rule("a log has more than 4,096 entries one after another"));
        }
        match (&entry.said, &entry.keys) {
            (Said::Rotate, Some(keys)) => self.rotate(&entry.org, keys)?,
            (Said::Rekey(_), _) => self.all_stewards()?,
            _ => self.own_entry(entry)?,
        }
        Ok(depth)
    }

    fn own_entry(&self, entry: &Entry) -> Result<(), AuthorityRefused> {
        let Some(key) = self.record.only_signer() else {
            return Err(self.rule("an entry of a log is signed by one root key, alone"));
        };
        if !self.is_root_of(&key, &entry.org) {
            return Err(self.missing("word that its signer is a root key of the organisation"));
        }
        if let Said::Revoke(revoke) = &entry.said {
            let (org, _) = self
                .holding
                .granted(&revoke.certificate)
                .ok_or_else(|| self.missing("the certificate that it revokes"))?;
            if *org != entry.org {
                return Err(self.rule("an organisation revokes certificates of its own alone"));
            }
            self.cut(Some(&revoke.cut))?;
        }
        Ok(())
    }

    fn rotate(&self, org: &OrgId, keys: &KeyChange) -> Result<(), AuthorityRefused> {
        if !self.record.signers().any(|key| key == keys.root) {
            return Err(self.rule("a rotation is signed by the new root key"));
        }
        let others = |key: PublicKey| key == keys.root || self.is_root_of(&key, org);
        let committed = self.holding.commitments.contains(&(*org, commitment(&keys.root)));
        let old = self.record.signers().any(|key| key != keys.root && self.is_root_of(&key, org));
        match self.record.signers().all(others) && (committed || old) {
            true => Ok(()),
            false => Err(self.missing("word that the organisation meant this key to follow")),
        }
    }

    fn cut(&self, cut: Option<&Cut>) -> Result<(), AuthorityRefused> {
        let part = |id: &RecordId| match self.holding.records.get(id) {
            None => Err(self.missing("a part of its cut")),
            Some(Held { body: Body::CutPart(_), .. }) => Ok(()),
            Some(_) => Err(self.rule("a part of its cut is no part of a cut")),
        };
        cut.iter().flat_map(|cut| &cut.parts).try_for_each(part)
    }

    fn erase(&self, erase: &Erase) -> Result<(), AuthorityRefused> {
        self.by(erase.by, erase.author)?;
        let of = |id: &CertificateId| self.holding.granted(id).map(|(org, _)| org);
        let roles = self.holding.granted(&erase.by).map(|(_, certificate)| certificate.roles);
        let may =
            roles.is_some_and(|r| r.any(&[Role::Publisher, Role::Moderator, Role::FocalPoint]));
        if erase.by == erase.author || may && of(&erase.by) == of(&erase.author) {
            return Ok(());
        }
        Err(self.rule(
            "an object is erased by its author, or by a publisher, moderator or focal point of the author's organisation",
        ))
    }

    /// The steward whose node signed a beacon.
    fn beacon(&self, beacon: &Beacon) -> Result<OrgId, AuthorityRefused> {
        self.by(beacon.by, beacon.by)?;
        let granted = self.holding.granted(&beacon.by);
        let node = granted.filter(|(_, certificate)| certificate.roles.has(Role::Node));
        let (org, _) = node.ok_or_else(|| self.rule("a beacon is signed by a node"))?;
        match self.holding.stewards.contains(org) {
            true => Ok(*org),
            false => Err(self.missing("word that its organisation is a steward")),
        }
    }

    /// A statement by one certificate about another.
    fn by(&self, by: CertificateId, about: CertificateId) -> Result<(), AuthorityRefused> {
        let (_, signing) = self
            .holding
            .granted(&by)
            .ok_or_else(|| self.missing("the certificate that signed it"))?;
        if self.holding.granted(&about).is_none() {
            return Err(self.missing("the certificate whose work it is about"));
        }
        match self.record.only_signer() == Some(signing.key) {
            true => Ok(()),
            false => Err(self.rule("it is signed by the certificate that it names, alone")),
        }
    }
}
