//! Charters and the roster: the way to what counts, charter by charter.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fold, Ids, Log, Organisation};
use crate::authority::Standing;
use crate::authority::holding::{Body, Entry, Holding, Roster, RosterChange, Said};
use crate::authority::statements::Charter;
use crate::identity::{OrgId, RecordId};

/// The way to what counts.
pub(super) struct Governance<'h> {
    holding: &'h Holding,
    chain: Vec<RecordId>,
    rekeyed: Ids,
    logs: BTreeMap<OrgId, Log>,
}

/// What the roster says of an organisation.
struct OnRoster {
    standing: Standing,
    was_member: bool,
    /// Records about it that count and that no other of them follows.
    latest: Vec<RecordId>,
}

type Standings = BTreeMap<OrgId, OnRoster>;

impl<'h> Governance<'h> {
    /// Goes from the founding charter as far as it leads.
    pub(super) fn of(holding: &'h Holding) -> Fold {
        let founding: RecordId = holding.federation.cast();
        if holding.charter(&founding).is_none() {
            return Fold::default();
        }
        let fresh = |org: &OrgId| (*org, Log::of(holding, org, &Ids::new()));
        let logs = holding.logs.keys().map(fresh).collect();
        let mut state = Self { holding, chain: vec![founding], rekeyed: Ids::new(), logs };
        loop {
            state.rekey();
            let (decided, roster) = state.roster();
            let Some(next) = state.next(&roster) else { return state.fold(decided, roster) };
            state.chain.push(next);
        }
    }

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

    /// The roster records that count, and what they make of each organisation.
    fn roster(&self) -> (Ids, Standings) {
        let mut records: BTreeMap<OrgId, Vec<(&RecordId, &Roster)>> = BTreeMap::new();
        let mut decided = Ids::new();
        for (id, held) in &self.holding.records {
            if let Body::Roster(roster) = &held.body {
                records.entry(roster.org).or_default().push((id, roster));
                decided.extend(self.counts(id, roster).then_some(*id));
            }
        }
        let founders: BTreeSet<&OrgId> =
            self.charters().take(1).flat_map(|charter| &charter.stewards).collect();
        let head = self.charters().last();
        let standing = |org: &OrgId| {
            let of_org = records.get(org).map(Vec::as_slice).unwrap_or_default();
            let counting: BTreeMap<&RecordId, &Roster> =
                of_org.iter().filter(|(id, _)| decided.contains(id)).copied().collect();
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
            OnRoster { standing, was_member, latest }
        };
        let standings = self.logs.keys().map(|org| (*org, standing(org))).collect();
        (decided, standings)
    }

    /// The charter that follows the one in force, if one counts.
    fn next(&self, roster: &Standings) -> Option<RecordId> {
        let head = self.chain.last()?;
        let current = self.holding.charter(head)?;
        // Whoever was admitted, whatever became of them since: else stewards could
        // undo a charter afterwards by putting out one of those who made it.
        let members: Vec<&OrgId> =
            roster.iter().filter(|(_, on)| on.was_member).map(|(org, _)| org).collect();
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

    fn fold(self, decided: Ids, roster: Standings) -> Fold {
        let Self { holding, chain, rekeyed, mut logs } = self;
        let mut fold = Fold { chain, rekeyed, decided, ..Fold::default() };
        for (org, OnRoster { standing, was_member, latest }) in roster {
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
pub(super) fn approved(holding: &Holding, log: &Log, id: &RecordId) -> bool {
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
pub(in crate::authority) fn is_below(holding: &Holding, id: &RecordId, seen: &[RecordId]) -> bool {
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
