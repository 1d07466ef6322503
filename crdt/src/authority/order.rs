//! The order in which records of the authority set build on each other: each
//! stands after those that it names, after those that give its signers their
//! keys, a genesis after an admission of it, and what stewards decide after the
//! charters that name them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Admit, Adopt, Beacon, Charter, Erase, Genesis, Grant, Lift, Rekey, Remove, Revoke, Rotate,
    Suspend,
};
use crate::identity::{OrgId, PublicKey, RecordId};
use crate::signed::Verified;

/// What is looked up on the way.
struct Places<'r> {
    by_id: BTreeMap<RecordId, &'r Verified>,
    /// The record that makes a key a root key, with its organisation.
    keys: BTreeMap<PublicKey, (RecordId, OrgId)>,
    /// Charters by the stewards that they name.
    charters: BTreeMap<OrgId, Vec<RecordId>>,
    admissions: BTreeMap<OrgId, Vec<RecordId>>,
    founding: Vec<RecordId>,
}

/// Sorts records so that each builds only on those before it and on what is
/// not among them.
pub(super) fn sorted<'r>(records: impl Iterator<Item = &'r Verified>) -> Vec<&'r Verified> {
    let places = Places::of(records);
    let all = places.by_id.keys().copied().collect::<Vec<_>>();
    places.enter_all(all)
}

/// Those of `records` that are wanted, with everything on which they build.
pub(super) fn with_grounds<'r>(
    records: impl Iterator<Item = &'r Verified>,
    wanted: impl IntoIterator<Item = RecordId>,
) -> Vec<&'r Verified> {
    Places::of(records).enter_all(wanted)
}

impl<'r> Places<'r> {
    fn of(records: impl Iterator<Item = &'r Verified>) -> Self {
        let by_id: BTreeMap<RecordId, &Verified> =
            records.map(|record| (record.id(), record)).collect();
        let mut places = Places {
            by_id: BTreeMap::new(),
            keys: BTreeMap::new(),
            charters: BTreeMap::new(),
            admissions: BTreeMap::new(),
            founding: Vec::new(),
        };
        for (id, record) in &by_id {
            let record = record.record();
            if let Ok(genesis) = record.peek::<Genesis>() {
                let keys =
                    std::iter::once(genesis.root).chain(genesis.spares.into_iter().flatten());
                // Whatever comes later, a key of a genesis needs the genesis alone.
                places.keys.extend(keys.map(|key| (key, (*id, id.cast()))));
            } else if let Ok(rotate) = record.peek::<Rotate>() {
                let keys = std::iter::once(rotate.root).chain(rotate.spares.into_iter().flatten());
                keys.for_each(|key| places.add_key(key, *id, rotate.org));
            } else if let Ok(rekey) = record.peek::<Rekey>() {
                let keys = std::iter::once(rekey.root).chain(rekey.spares.into_iter().flatten());
                keys.for_each(|key| places.add_key(key, *id, rekey.org));
            } else if let Ok(admit) = record.peek::<Admit>() {
                places.admissions.entry(admit.org).or_default().push(*id);
            } else if let Ok(charter) = record.peek::<Charter>() {
                if charter.n == 0 {
                    places.founding.push(*id);
                }
                for steward in charter.stewards {
                    places.charters.entry(steward).or_default().push(*id);
                }
            }
        }
        places.by_id = by_id;
        places
    }

    fn add_key(&mut self, key: PublicKey, by: RecordId, org: OrgId) {
        self.keys.entry(key).or_insert((by, org));
    }

    fn enter_all(&self, wanted: impl IntoIterator<Item = RecordId>) -> Vec<&'r Verified> {
        let mut sorted = Vec::with_capacity(self.by_id.len());
        let mut entered = BTreeSet::new();
        for record in wanted.into_iter().filter_map(|id| self.by_id.get(&id)) {
            self.enter(record, &mut entered, &mut sorted);
        }
        sorted
    }

    /// Enters a record after those on which it builds.
    fn enter(
        &self,
        record: &'r Verified,
        entered: &mut BTreeSet<RecordId>,
        sorted: &mut Vec<&'r Verified>,
    ) {
        let mut path = vec![(record, false)];
        while let Some((record, ready)) = path.pop() {
            if ready {
                sorted.push(record);
            } else if entered.insert(record.id()) {
                path.push((record, true));
                let below = self.builds_on(record);
                let below = below.iter().filter_map(|id| self.by_id.get(id));
                path.extend(below.map(|record| (*record, false)));
            }
        }
    }

    fn builds_on(&self, verified: &Verified) -> Vec<RecordId> {
        let record = verified.record();
        if record.is::<Genesis>() {
            let admissions = self.admissions.get(&verified.id().cast());
            return [admissions.cloned().unwrap_or_default(), self.founding.clone()].concat();
        }
        let mut named = if let Ok(grant) = record.peek::<Grant>() {
            grant.prev
        } else if let Ok(rotate) = record.peek::<Rotate>() {
            rotate.prev
        } else if let Ok(rekey) = record.peek::<Rekey>() {
            rekey.prev
        } else if let Ok(revoke) = record.peek::<Revoke>() {
            [revoke.prev, vec![revoke.certificate.cast()], revoke.cut.parts].concat()
        } else if let Ok(remove) = record.peek::<Remove>() {
            [vec![remove.org.cast()], remove.cut.parts].concat()
        } else if let Ok(erase) = record.peek::<Erase>() {
            vec![erase.by.cast(), erase.author.cast()]
        } else if let Ok(adopt) = record.peek::<Adopt>() {
            vec![adopt.by.cast(), adopt.certificate.cast()]
        } else if let Ok(beacon) = record.peek::<Beacon>() {
            let org = self.by_id.get(&beacon.by.cast());
            let org = org.and_then(|grant| grant.record().peek::<Grant>().ok()).map(|g| g.org);
            let charters = org.and_then(|org| self.charters.get(&org)).into_iter().flatten();
            charters.copied().chain([beacon.by.cast()]).collect()
        } else if let Ok(charter) = record.peek::<Charter>() {
            match charter.prev {
                Some(prev) => vec![prev],
                None => return Vec::new(),
            }
        } else {
            self.founding.clone()
        };
        let decides = record.is::<Admit>()
            || record.is::<Suspend>()
            || record.is::<Lift>()
            || record.is::<Remove>()
            || record.is::<Rekey>();
        for (key, org) in verified.signers().filter_map(|key| self.keys.get(&key)) {
            named.push(*key);
            if decides {
                named.extend(self.charters.get(org).into_iter().flatten());
            }
        }
        named
    }
}
