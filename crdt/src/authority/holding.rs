//! Which records of the authority set are held, and on what they build.
//!
//! To be held is not to count: a record is held when everything that it builds
//! on is, and when keys that have a place in the federation signed it. These
//! rules only ever let more in as the set grows, so that nodes which received
//! the same records hold the same ones, whatever the order. What counts is the
//! [fold](super::fold)'s affair, computed from all that is held.

mod judge;

use std::collections::{BTreeMap, BTreeSet};

use super::statements::{
    Admit, Adopt, Beacon, Charter, ClearancePolicy, Cut, CutPart, Erase, Genesis, Grant, Leave,
    Lift, Rekey, Remove, Revoke, Rotate, Suspend,
};
use super::{Added, AuthorityRefused};
use crate::identity::{CertificateId, FederationId, OrgId, PublicKey, RecordId};
use crate::signed::{Record, RecordRefused, Verified};
use judge::Judge;

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
    Clearance(ClearancePolicy),
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
        } else if inner.is::<ClearancePolicy>() {
            let policy: ClearancePolicy = inner.peek()?;
            entry(policy.org, policy.prev.clone(), Said::Clearance(policy), None)
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
        || record.is::<ClearancePolicy>()
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
    pub(super) fn granted(&self, id: &CertificateId) -> Option<(&OrgId, &super::Certificate)> {
        match self.entry(&id.cast())? {
            Entry { org, said: Said::Grant(certificate), .. } => Some((org, certificate)),
            _ => None,
        }
    }
}
