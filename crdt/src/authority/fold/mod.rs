//! What counts of all that is held: a pure function of the set.
//!
//! The fold goes charter by charter. Whether the next charter stands is judged
//! with the logs and the roster as the charters before it make them, so that
//! nothing refers back: a rekeying that a later charter's stewards approve
//! changes nothing about how that charter came to be.

mod log;

use std::collections::{BTreeMap, BTreeSet};

use super::holding::{Body, Entry, Holding, Roster, RosterChange, Said};
use super::statements::{Adopt, Charter, Cut, CutRun, Genesis, Prefix, prefix};
use super::{Granted, Standing};
use crate::identity::{CertificateId, OrgId, PublicKey, RecordId};
use crate::timestamp::Timestamp;
pub(super) use log::Log;

type Ids = BTreeSet<RecordId>;

/// Why what a certificate signed counts only where a cut lists it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Ending {
    /// The revocation, or the removal of the organisation.
    pub(super) by: RecordId,
}

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
        let founding: RecordId = holding.federation.cast();
        if holding.charter(&founding).is_none() {
            return Self::default();
        }
        let mut state = Governance {
            holding,
            chain: vec![founding],
            rekeyed: Ids::new(),
            logs: BTreeMap::new(),
        };
        for org in holding.logs.keys() {
            state.logs.insert(*org, Log::of(holding, org, &Ids::new()));
        }
        loop {
            state.rekey();
            let roster = state.roster();
            let Some(next) = state.next(&roster) else { break state.fold(roster) };
            state.chain.push(next);
        }
    }
}

/// The way to what counts.
struct Governance<'h> {
    holding: &'h Holding,
    chain: Vec<RecordId>,
    rekeyed: Ids,
    logs: BTreeMap<OrgId, Log>,
}

/// What the roster says of each organisation.
type Standings = BTreeMap<OrgId, (Standing, bool, Vec<RecordId>)>;

impl<'h> Governance<'h> {
    fn charters(&self) -> impl Iterator<Item = &'h Charter> + '_ {
        self.chain.iter().filter_map(|id| self.holding.charter(id))
    }

    fn approved(&self, org: &OrgId, id: &RecordId) -> bool {
        self.logs.get(org).is_some_and(|log| approved(self.holding, log, id))
    }

    fn approvals<'o>(&self, orgs: impl IntoIterator<Item = &'o OrgId>, id: &RecordId) -> usize {
        orgs.into_iter().filter(|org| self.approved(org, id)).count()
    }

    /// Whether a majority of the stewards approved a roster record or a
    /// rekeying: those of the charter in force, or those of an earlier one, if
    /// a later one recognises it.
    fn decided(&self, id: &RecordId) -> bool {
        let recognised = self.charters().map(|charter| charter.roster.contains(id));
        let recognised: Vec<bool> = recognised.collect();
        self.charters().enumerate().any(|(at, charter)| {
            let speaks = at + 1 == self.chain.len() || recognised[at + 1..].contains(&true);
            speaks && self.approvals(&charter.stewards, id) >= charter.majority()
        })
    }

    /// Takes rekeyings in, anew for each charter, one after another, the smallest
    /// id first: each is judged with the keys that those before it left in
    /// force. What stewards decided alone once, and a later charter does not
    /// recognise, counts no more.
    fn rekey(&mut self) {
        for id in std::mem::take(&mut self.rekeyed) {
            if let Some(entry) = self.holding.entry(&id) {
                let log = Log::of(self.holding, &entry.org, &Ids::new());
                self.logs.insert(entry.org, log);
            }
        }
        loop {
            let next = self.holding.records.iter().find(|(id, held)| {
                matches!(&held.body, Body::Entry(Entry { said: Said::Rekey(_), .. }))
                    && !self.rekeyed.contains(id)
                    && self.decided(id)
            });
            let Some((id, held)) = next else { return };
            self.rekeyed.insert(*id);
            if let Body::Entry(entry) = &held.body {
                let log = Log::of(self.holding, &entry.org, &self.rekeyed);
                self.logs.insert(entry.org, log);
            }
        }
    }

    fn counts(&self, id: &RecordId, roster: &Roster) -> bool {
        match roster.change {
            RosterChange::Leave => self.approved(&roster.org, id),
            _ => self.decided(id),
        }
    }

    fn roster(&self) -> Standings {
        let mut records: BTreeMap<OrgId, Vec<(&RecordId, &Roster)>> = BTreeMap::new();
        for (id, held) in &self.holding.records {
            if let Body::Roster(roster) = &held.body {
                records.entry(roster.org).or_default().push((id, roster));
            }
        }
        let founders: BTreeSet<&OrgId> =
            self.charters().take(1).flat_map(|charter| &charter.stewards).collect();
        let head = self.charters().last();
        let standing = |org: &OrgId| {
            let of_org = records.get(org).map(Vec::as_slice).unwrap_or_default();
            let counting: BTreeMap<&RecordId, &Roster> =
                of_org.iter().filter(|(id, roster)| self.counts(id, roster)).copied().collect();
            let followed: Ids = counting
                .values()
                .flat_map(|roster| at_or_before(&counting, &roster.after))
                .collect();
            let latest: Vec<RecordId> =
                counting.keys().filter(|id| !followed.contains(id)).map(|id| **id).collect();
            // Of those that did not know each other the stricter stands.
            let strictest = latest.iter().map(|id| counting[id].change).max();
            let admitted = counting.values().any(|roster| roster.change == RosterChange::Admit);
            let was_member = founders.contains(org) || admitted;
            let standing = match strictest {
                _ if !was_member => Standing::Proposed {
                    approvals: of_org
                        .iter()
                        .filter(|(_, roster)| roster.change == RosterChange::Admit)
                        .map(|(id, _)| head.map_or(0, |head| self.approvals(&head.stewards, id)))
                        .max()
                        .unwrap_or(0),
                    needed: head.map_or(1, Charter::majority),
                },
                Some(RosterChange::Suspend) => Standing::Suspended,
                Some(RosterChange::Leave) => Standing::Left,
                Some(RosterChange::Remove) => Standing::Removed,
                Some(RosterChange::Admit | RosterChange::Lift) | None => Standing::Member,
            };
            (standing, was_member, latest)
        };
        self.logs.keys().map(|org| (*org, standing(org))).collect()
    }

    /// The charter that follows the one in force, if one counts.
    fn next(&self, roster: &Standings) -> Option<RecordId> {
        let head = self.chain.last()?;
        let current = self.holding.charter(head)?;
        // Whoever was admitted, whatever became of them since: else stewards could
        // undo a charter afterwards by putting out one of those who made it.
        let members: Vec<&OrgId> = roster
            .iter()
            .filter(|(_, (_, was_member, _))| *was_member)
            .map(|(org, _)| org)
            .collect();
        let mut valid: BTreeMap<RecordId, (&Charter, bool)> = BTreeMap::new();
        for (id, held) in &self.holding.records {
            let Body::Charter(charter) = &held.body else { continue };
            if charter.prev != Some(*head) || !charter.stewards.iter().all(|s| members.contains(&s))
            {
                continue;
            }
            let added = charter.stewards.iter().filter(|org| !current.stewards.contains(org));
            let amended = self.approvals(&current.stewards, id) >= current.majority()
                && added.into_iter().all(|org| self.approved(org, id));
            let recalled = current.recall >= 2
                && self.approvals(members.iter().copied(), id) >= current.recall as usize;
            if amended || recalled {
                valid.insert(*id, (charter, !amended));
            }
        }
        // To undo a charter takes a majority of the stewards that it names.
        let superseded = |id: &RecordId, old: &Charter| {
            valid.iter().any(|(by, (new, _))| {
                new.supersedes.contains(id) && self.approvals(&old.stewards, by) >= old.majority()
            })
        };
        let stands = |id: &RecordId, charter: &Charter| !superseded(id, charter);
        let any = valid.iter().any(|(id, (charter, _))| stands(id, charter));
        // The recall first, then what more stewards approved, then the smaller id.
        let support = |id: &RecordId, charter: &Charter| {
            let stewards: BTreeSet<&OrgId> =
                current.stewards.iter().chain(&charter.stewards).collect();
            self.approvals(stewards, id)
        };
        let chosen = valid.iter().filter(|(id, (charter, _))| !any || stands(id, charter));
        let best = chosen.min_by_key(|(id, (charter, recall))| {
            (!recall, std::cmp::Reverse(support(id, charter)), **id)
        });
        best.map(|(id, _)| *id)
    }

    fn fold(self, roster: Standings) -> Fold {
        let holding = self.holding;
        let counts = |id: &&RecordId| match &holding.records[*id].body {
            Body::Roster(roster) => self.counts(id, roster),
            _ => false,
        };
        let decided = holding.records.keys().filter(counts).copied().collect();
        let Self { chain, rekeyed, mut logs, .. } = self;
        let mut fold = Fold { chain, rekeyed, decided, ..Fold::default() };
        for (org, (standing, was_member, latest)) in roster {
            let log = logs.remove(&org).unwrap_or_default();
            let removes = |id: &&RecordId| {
                let held = holding.records.get(id).map(|held| &held.body);
                matches!(held, Some(Body::Roster(r)) if r.change == RosterChange::Remove)
            };
            let removals = latest.iter().filter(removes).copied().collect();
            let Some(Said::Genesis(genesis)) = holding.entry(&org.cast()).map(|entry| &entry.said)
            else {
                continue;
            };
            let keys = log.keys(holding);
            let organisation = Organisation {
                genesis: (**genesis).clone(),
                standing,
                was_member,
                root: keys.map(|keys| keys.root),
                spares: keys.map(|keys| keys.spares.clone()).unwrap_or_default(),
                desk: keys.map_or(genesis.desk, |keys| keys.desk),
                next: keys.and_then(|keys| keys.next),
                latest,
                log,
                removals,
            };
            fold.orgs.insert(org, organisation);
        }
        fold.grant(holding);
        fold.judge_statements(holding);
        fold.read_beacons(holding);
        fold
    }
}

/// Whether the organisation of a log approved a record.
fn approved(holding: &Holding, log: &Log, id: &RecordId) -> bool {
    let below = |seen: &[RecordId]| is_below(holding, id, seen);
    let held = holding.records.get(id);
    held.is_some_and(|held| held.record.signers().any(|key| log.approves(holding, &key, below)))
}

/// Those among `known` that are named, with what they follow.
fn at_or_before(known: &BTreeMap<&RecordId, &Roster>, named: &[RecordId]) -> Ids {
    let mut found = Ids::new();
    let mut waiting = named.to_vec();
    while let Some(id) = waiting.pop() {
        if found.insert(id) {
            waiting.extend(known.get(&id).iter().flat_map(|roster| &roster.after));
        }
    }
    found
}

/// Whether a charter, roster record or rekeying is one of `seen`, or is what
/// one of them builds on.
pub(super) fn is_below(holding: &Holding, id: &RecordId, seen: &[RecordId]) -> bool {
    let mut found = Ids::new();
    let mut waiting = seen.to_vec();
    while let Some(at) = waiting.pop() {
        if at == *id {
            return true;
        }
        if !found.insert(at) {
            continue;
        }
        match holding.records.get(&at).map(|held| &held.body) {
            Some(Body::Charter(charter)) => {
                waiting.extend(charter.prev.iter().chain(&charter.roster));
            }
            Some(Body::Roster(roster)) => waiting.extend(&roster.after),
            _ => {}
        }
    }
    false
}

impl Fold {
    /// Whether an organisation approved a record, with a key that has a say.
    pub(super) fn approved(&self, holding: &Holding, org: &OrgId, id: &RecordId) -> bool {
        self.orgs.get(org).is_some_and(|org| approved(holding, &org.log, id))
    }

    fn grant(&mut self, holding: &Holding) {
        let mut revoked: BTreeMap<CertificateId, Vec<Ending>> = BTreeMap::new();
        for (org, folded) in &self.orgs {
            for id in &folded.log.counted {
                match holding.entry(id).map(|entry| &entry.said) {
                    Some(Said::Grant(certificate)) => {
                        let granted = Granted { org: *org, certificate: (**certificate).clone() };
                        let id: CertificateId = id.cast();
                        self.keys.entry(certificate.key).or_default().insert(id);
                        let removed = folded.removals.iter().map(|by| Ending { by: *by });
                        self.certificates.insert(id, (granted, removed.collect()));
                    }
                    Some(Said::Revoke(revoke)) => {
                        revoked.entry(revoke.certificate).or_default().push(Ending { by: *id });
                    }
                    _ => {}
                }
            }
        }
        for (id, endings) in revoked {
            if let Some((_, ended)) = self.certificates.get_mut(&id) {
                ended.extend(endings);
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

impl Ending {
    fn cuts<'h>(&self, holding: &'h Holding) -> impl Iterator<Item = &'h Cut> {
        let cut = match holding.records.get(&self.by).map(|held| &held.body) {
            Some(Body::Roster(roster)) => roster.cut.as_ref(),
            Some(Body::Entry(Entry { said: Said::Revoke(revoke), .. })) => Some(&revoke.cut),
            _ => None,
        };
        let part = |id: &RecordId| match &holding.records.get(id)?.body {
            Body::CutPart(part) => Some(&part.cut),
            _ => None,
        };
        cut.into_iter().chain(cut.into_iter().flat_map(|cut| &cut.parts).filter_map(part))
    }

    /// Whether the cut lists this id.
    pub(super) fn lists(&self, holding: &Holding, id: &[u8; 32]) -> bool {
        let wanted: Prefix = prefix(id);
        self.cuts(holding).any(|cut| cut.listed.as_chunks::<20>().0.binary_search(&wanted).is_ok())
    }

    /// How far runs of this actor stand: the number and the hash of the last
    /// change. There may be several.
    pub(super) fn runs<'h>(
        &self,
        holding: &'h Holding,
        actor: &[u8; 16],
    ) -> impl Iterator<Item = &'h CutRun> {
        let actor = *actor;
        self.cuts(holding).flat_map(|cut| &cut.runs).filter(move |run| run.actor == actor)
    }
}
