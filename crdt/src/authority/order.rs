//! The order in which records of the authority set build on each other: each
//! stands after those that it names, after those that give its signers their
//! keys, and a genesis after an admission of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Admit, Adopt, Charter, Erase, Genesis, Grant, Rekey, Remove, Revoke, Rotate};
use crate::identity::{OrgId, PublicKey, RecordId};
use crate::signed::Verified;

/// What is looked up on the way.
struct Places<'r> {
    by_id: BTreeMap<RecordId, &'r Verified>,
    /// The record that makes a key a root key.
    keys: BTreeMap<PublicKey, RecordId>,
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
        let mut places = Places {
            by_id: records.map(|record| (record.id(), record)).collect(),
            keys: BTreeMap::new(),
            admissions: BTreeMap::new(),
            founding: Vec::new(),
        };
        for (id, record) in &places.by_id {
            let record = record.record();
            if let Ok(genesis) = record.peek::<Genesis>() {
                for key in std::iter::once(genesis.root).chain(genesis.spares.into_iter().flatten())
                {
                    places.keys.insert(key, *id);
                }
            } else if let Ok(rotate) = record.peek::<Rotate>() {
                for key in std::iter::once(rotate.root).chain(rotate.spares.into_iter().flatten()) {
                    places.keys.entry(key).or_insert(*id);
                }
            } else if let Ok(rekey) = record.peek::<Rekey>() {
                for key in std::iter::once(rekey.root).chain(rekey.spares.into_iter().flatten()) {
                    places.keys.entry(key).or_insert(*id);
                }
            } else if let Ok(admit) = record.peek::<Admit>() {
                places.admissions.entry(admit.org).or_default().push(*id);
            } else if record.peek::<Charter>().is_ok_and(|charter| charter.n == 0) {
                places.founding.push(*id);
            }
        }
        places
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
        } else if let Ok(charter) = record.peek::<Charter>() {
            match charter.prev {
                Some(prev) => vec![prev],
                None => return Vec::new(),
            }
        } else {
            self.founding.clone()
        };
        named.extend(verified.signers().filter_map(|key| self.keys.get(&key)).copied());
        named
    }
}
