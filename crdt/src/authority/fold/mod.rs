//! What counts of all that is held: a pure function of the set.
//!
//! The fold goes charter by charter. Whether the next charter stands is judged
//! with the logs and the roster as the charters before it make them, so that
//! nothing refers back: a rekeying that a later charter's stewards approve
//! changes nothing about how that charter came to be.

mod cuts;
mod governance;
mod log;

use std::collections::{BTreeMap, BTreeSet};

use super::holding::{Body, Holding, Said};
use super::statements::{Adopt, Genesis};
use super::{Granted, Standing};
use crate::identity::{CertificateId, OrgId, PublicKey, RecordId};
use crate::timestamp::Timestamp;
pub(super) use cuts::Ending;
pub(super) use governance::is_below;
use governance::{Governance, approved};
pub(super) use log::Log;

type Ids = BTreeSet<RecordId>;

/// So many certificates of an organisation count that nobody revoked: those
/// that stand lowest in its log. One more counts once one of them is revoked.
pub const LIVE_CERTIFICATES_MAX: usize = 500;

/// An organisation that the fold knows of.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its founding statement.
    pub genesis: Genesis,
    /// Whether it belongs.
    pub standing: Standing,
    /// Whether it ever was a member: then what it signed can count.
    pub was_member: bool,
    /// The root key that signs its log; none while the log is frozen.
    pub root: Option<PublicKey>,
    /// Further keys that sign like it.
    pub spares: Vec<PublicKey>,
    /// The X25519 key of its desk.
    pub desk: [u8; 32],
    /// The [commitment](super::commitment) to its next root key.
    pub next: Option<[u8; 32]>,
    /// Roster records about it that count and that no other follows: what the
    /// next one names.
    pub latest: Vec<RecordId>,
    pub(super) log: Log,
    /// The removals that stand.
    removals: Vec<RecordId>,
}

impl Organisation {
    /// Whether two rotations of its keys conflict, so that only the stewards
    /// can give it new ones.
    pub fn is_frozen(&self) -> bool {
        self.root.is_none()
    }

    /// Whether `key` signs its log now.
    pub fn is_root(&self, key: &PublicKey) -> bool {
        self.root == Some(*key) || self.root.is_some() && self.spares.contains(key)
    }
}

/// What counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Fold {
    /// The charters, from the founding one to that in force.
    pub(super) chain: Vec<RecordId>,
    pub(super) orgs: BTreeMap<OrgId, Organisation>,
    /// Certificates that count or did, with how they ended.
    pub(super) certificates: BTreeMap<CertificateId, (Granted, Vec<Ending>)>,
    pub(super) keys: BTreeMap<PublicKey, BTreeSet<CertificateId>>,
    /// Objects with the authors whose erasure of them is in force.
    pub(super) erased: BTreeMap<[u8; 32], BTreeSet<CertificateId>>,
    /// Adoptions that are in force, by whose work they adopt.
    pub(super) adopts: BTreeMap<CertificateId, Vec<(RecordId, Adopt)>>,
    /// The number that the clock of beacons shows; 0 before there is one.
    pub(super) beacon: u32,
    /// When the last of those that brought it there was signed, by the clock
    /// of its node.
    pub(super) beacon_at: Option<Timestamp>,
    /// Rekeyings that count.
    pub(super) rekeyed: Ids,
    /// Roster records that count.
    pub(super) decided: Ids,
}

impl Fold {
    pub(super) fn of(holding: &Holding) -> Self {
        Governance::of(holding)
    }

    /// Whether an organisation approved a record, with a key that has a say.
    pub(super) fn approved(&self, holding: &Holding, org: &OrgId, id: &RecordId) -> bool {
        self.orgs.get(org).is_some_and(|org| approved(holding, &org.log, id))
    }

    fn grant(&mut self, holding: &Holding) {
        for (org, folded) in &self.orgs {
            let entry = |id: &RecordId| holding.entry(id).map(|entry| (entry.depth, *id, entry));
            let mut entries: Vec<_> = folded.log.counted.iter().filter_map(entry).collect();
            entries.sort_unstable_by_key(|(depth, id, _)| (*depth, *id));
            let mut revoked: BTreeMap<CertificateId, Vec<Ending>> = BTreeMap::new();
            for (_, id, entry) in &entries {
                if let Said::Revoke(revoke) = &entry.said {
                    revoked.entry(revoke.certificate).or_default().push(Ending { by: *id });
                }
            }
            let mut live = 0;
            for (_, id, entry) in entries {
                let Said::Grant(certificate) = &entry.said else { continue };
                let id: CertificateId = id.cast();
                let revoked = revoked.remove(&id).unwrap_or_default();
                live += usize::from(revoked.is_empty());
                if revoked.is_empty() && live > LIVE_CERTIFICATES_MAX {
                    continue;
                }
                self.keys.entry(certificate.key).or_default().insert(id);
                let granted = Granted { org: *org, certificate: (**certificate).clone() };
                let removed = folded.removals.iter().map(|by| Ending { by: *by });
                self.certificates.insert(id, (granted, removed.chain(revoked).collect()));
            }
        }
    }

    fn judge_statements(&mut self, holding: &Holding) {
        let (mut erased, mut adopts) = (Vec::new(), Vec::new());
        for (id, held) in &holding.records {
            match &held.body {
                Body::Erase(erase) if self.lists_all(holding, &erase.by, id.as_bytes()) => {
                    erased.push(erase.clone());
                }
                Body::Adopt(adopt) if self.lists_all(holding, &adopt.by, id.as_bytes()) => {
                    adopts.push((*id, adopt.clone()));
                }
                _ => {}
            }
        }
        for erase in erased {
            self.erased.entry(erase.object).or_default().insert(erase.author);
        }
        for (id, adopt) in adopts {
            self.adopts.entry(adopt.certificate).or_default().push((id, adopt));
        }
    }

    /// The highest number that a majority of the stewards has reached.
    fn read_beacons(&mut self, holding: &Holding) {
        let Some(charter) = self.chain.last().and_then(|id| holding.charter(id)) else { return };
        let live = |id: &RecordId| match &holding.records.get(id)?.body {
            Body::Beacon(beacon) => {
                let (_, endings) = self.certificates.get(&beacon.by)?;
                endings.is_empty().then_some((beacon.no, beacon.claimed_at))
            }
            _ => None,
        };
        let of = |org: &OrgId| holding.beacons.get(org).and_then(|(_, id)| live(id));
        let mut reached: Vec<(u32, Timestamp)> = charter.stewards.iter().filter_map(of).collect();
        reached.sort_unstable_by(|a, b| b.cmp(a));
        if let Some((no, at)) = reached.get(charter.majority() - 1) {
            (self.beacon, self.beacon_at) = (*no, Some(*at));
        }
    }

    /// Whether a certificate counts, and every cut that ended it lists the id.
    pub(super) fn lists_all(
        &self,
        holding: &Holding,
        certificate: &CertificateId,
        id: &[u8; 32],
    ) -> bool {
        let Some((granted, endings)) = self.certificates.get(certificate) else { return false };
        self.orgs.get(&granted.org).is_some_and(|org| org.was_member)
            && endings.iter().all(|ending| ending.lists(holding, id))
    }
}
