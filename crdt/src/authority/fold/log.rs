//! What of an organisation's log counts, and which keys sign it.
//!
//! A log is a set of entries that name those they follow. A fork is legal: two
//! machines of one organisation may write without having met, and the next
//! entry names both ends. Which keys are in force at an entry is a question
//! about its own past alone; but a rotation ends the keys before it, so what
//! they signed beside it, and not before it, does not count.
//!
//! Two rotations of which neither knew the other *freeze* the log: what stood
//! before them stands, revocations still count, nothing else does, until the
//! stewards rekey the organisation.

use std::collections::{BTreeMap, BTreeSet};

use crate::authority::holding::{Entry, Holding, KeyChange, Said};
use crate::authority::statements::commitment;
use crate::identity::{OrgId, PublicKey, RecordId};

type Ids = BTreeSet<RecordId>;

/// The fold of one log.
#[derive(Clone, Debug, Default)]
pub(in crate::authority) struct Log {
    /// Entries that count, key changes among them.
    pub(in crate::authority) counted: Ids,
    /// Those that no other follows: what the next one names.
    pub(in crate::authority) tips: Ids,
    /// The key change in force; none while the log is frozen.
    pub(in crate::authority) in_force: Option<RecordId>,
    /// Key changes that led to where the log is, with those that ended each.
    line: BTreeMap<RecordId, Ids>,
    /// What it asks for before a practice is published: the entries that say so and
    /// that no other of them follows.
    pub(in crate::authority) clearance: Ids,
}

/// One valid entry on the way.
struct Walked<'h> {
    entry: &'h Entry,
    /// The key change under which it stands: one, or several that conflict.
    under: Ids,
}

/// Everything valid of a log, in an order in which each entry stands after
/// those that it follows.
struct Walk<'h> {
    holding: &'h Holding,
    walked: BTreeMap<RecordId, Walked<'h>>,
    /// For each valid key change, everything before it.
    pasts: BTreeMap<RecordId, Ids>,
}

impl<'h> Walk<'h> {
    fn of(holding: &'h Holding, org: &OrgId, rekeyed: &Ids) -> Self {
        let mut walk = Self { holding, walked: BTreeMap::new(), pasts: BTreeMap::new() };
        let mut entries: Vec<(RecordId, &Entry)> = holding
            .logs
            .get(org)
            .into_iter()
            .flatten()
            .filter_map(|id| Some((*id, holding.entry(id)?)))
            .collect();
        entries.sort_by_key(|(id, entry)| (entry.depth, *id));
        for (id, entry) in entries {
            if !entry.prev.iter().all(|prev| walk.walked.contains_key(prev)) {
                continue;
            }
            let under = walk.under(&entry.prev);
            if walk.valid(&id, entry, &under, rekeyed) {
                if entry.keys.is_some() {
                    let past = walk.past(&entry.prev);
                    walk.pasts.insert(id, past);
                }
                walk.walked.insert(id, Walked { entry, under });
            }
        }
        walk
    }

    /// The latest key changes at or before these entries.
    fn under(&self, prev: &[RecordId]) -> Ids {
        let mut all = Ids::new();
        for id in prev {
            match self.pasts.contains_key(id) {
                true => all.extend([*id]),
                false => all.extend(self.walked.get(id).iter().flat_map(|walked| &walked.under)),
            }
        }
        self.latest(&all)
    }

    /// Those of which none of the others knew.
    fn latest(&self, changes: &Ids) -> Ids {
        let known = |id: &RecordId| changes.iter().any(|other| self.is_before(id, other));
        changes.iter().filter(|id| !known(id)).copied().collect()
    }

    fn is_before(&self, id: &RecordId, change: &RecordId) -> bool {
        self.pasts.get(change).is_some_and(|past| past.contains(id))
    }

    /// Everything at or before these entries.
    fn past(&self, prev: &[RecordId]) -> Ids {
        let mut past = Ids::new();
        let mut waiting = prev.to_vec();
        while let Some(id) = waiting.pop() {
            if past.insert(id) {
                let walked = self.walked.get(&id);
                waiting.extend(walked.iter().flat_map(|walked| &walked.entry.prev));
            }
        }
        past
    }

    /// Of these entries those that say such a thing, and that no other of them has in its
    /// past.
    fn last_of(&self, entries: &Ids, is: impl Fn(&Said) -> bool) -> Ids {
        let said = |id: &&RecordId| self.walked.get(id).is_some_and(|it| is(&it.entry.said));
        let mut last: Ids = entries.iter().filter(said).copied().collect();
        for id in last.clone() {
            for before in self.past(&self.walked[&id].entry.prev) {
                last.remove(&before);
            }
        }
        last
    }

    fn keys(&self, change: &RecordId) -> Option<&'h KeyChange> {
        self.holding.entry(change)?.keys.as_deref()
    }

    fn valid(&self, id: &RecordId, entry: &Entry, under: &Ids, rekeyed: &Ids) -> bool {
        if matches!(entry.said, Said::Genesis(_)) {
            return true;
        }
        if matches!(entry.said, Said::Rekey(_)) {
            return rekeyed.contains(id);
        }
        let (Some(change), 1) = (under.first(), under.len()) else { return false };
        let (Some(keys), Some(held)) = (self.keys(change), self.holding.records.get(id)) else {
            return false;
        };
        let by_old = held.record.signers().any(|key| keys.has(&key));
        match (&entry.keys, keys.next) {
            (Some(new), Some(next)) => commitment(&new.root) == next,
            (Some(_) | None, _) => by_old,
        }
    }
}

impl Log {
    /// Folds the log of `org`, with those of its rekeyings that the stewards
    /// approved.
    pub(super) fn of(holding: &Holding, org: &OrgId, rekeyed: &Ids) -> Self {
        let walk = Walk::of(holding, org, rekeyed);
        let rekeys: Ids =
            rekeyed.iter().filter(|id| walk.walked.contains_key(id)).copied().collect();
        // Of rekeyings that did not know each other the smaller id stands.
        let base = walk.latest(&rekeys).first().copied();
        let stands = |id: &RecordId| match &base {
            Some(base) => id == base || walk.is_before(base, id),
            None => true,
        };
        let changes: Ids = walk.pasts.keys().filter(|id| stands(id)).copied().collect();
        let ends = walk.latest(&changes);
        let mut path = ends.clone();
        path.extend(walk.pasts.keys().filter(|id| ends.iter().any(|end| walk.is_before(id, end))));
        let mut line: BTreeMap<RecordId, Ids> = path.iter().map(|id| (*id, Ids::new())).collect();
        for change in &path {
            for ended in &walk.walked[change].under {
                line.entry(*ended).or_default().insert(*change);
            }
        }
        let in_force = if ends.len() == 1 { ends.first().copied() } else { None };
        let counts = |id: &RecordId, walked: &Walked<'_>| {
            if walk.pasts.contains_key(id) {
                return path.contains(id);
            }
            let Some(under) = walked.under.first().filter(|_| walked.under.len() == 1) else {
                return false;
            };
            let before = |change: &RecordId| walk.is_before(id, change);
            let revokes = matches!(walked.entry.said, Said::Revoke(_));
            in_force.as_ref() == Some(under)
                || line.get(under).is_some_and(|ended| ended.iter().any(before))
                || revokes && ends.contains(under)
        };
        let counted = walk.walked.iter().filter(|(id, walked)| counts(id, walked));
        let counted: Ids = counted.map(|(id, _)| *id).collect();
        let followed: BTreeSet<&RecordId> =
            counted.iter().flat_map(|id| &walk.walked[id].entry.prev).collect();
        let tips = counted.iter().filter(|id| !followed.contains(id)).copied().collect();
        let clearance = walk.last_of(&counted, |said| matches!(said, Said::Clearance(_)));
        Self { counted, tips, in_force, line, clearance }
    }

    /// The root keys in force; none while the log is frozen.
    pub(in crate::authority) fn keys<'h>(&self, holding: &'h Holding) -> Option<&'h KeyChange> {
        holding.entry(&self.in_force?)?.keys.as_deref()
    }

    /// Whether `key` approves a record for the organisation: it is in force, or
    /// the change that ended it stands by the record.
    pub(super) fn approves(
        &self,
        holding: &Holding,
        key: &PublicKey,
        stands: impl Fn(&[RecordId]) -> bool,
    ) -> bool {
        if self.keys(holding).is_some_and(|keys| keys.has(key)) {
            return true;
        }
        let keys =
            |change: &RecordId| holding.entry(change).and_then(|entry| entry.keys.as_deref());
        self.line.iter().any(|(change, ended)| {
            keys(change).is_some_and(|keys| keys.has(key))
                && ended.iter().filter_map(keys).any(|by| stands(&by.seen))
        })
    }
}
