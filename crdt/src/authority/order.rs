//! The order in which records of the authority set build on each other: the
//! charter, the stewards' geneses, admissions, the other geneses, and then
//! each log so that an entry stands after those that it follows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Admit, Charter, Erase, Genesis, Grant};
use crate::identity::{OrgId, RecordId};
use crate::signed::Verified;

/// Sorts records so that each builds only on those before it and on what is
/// not among them.
pub(super) fn sorted<'r>(
    stewards: &BTreeSet<OrgId>,
    records: impl Iterator<Item = &'r Verified>,
) -> Vec<&'r Verified> {
    let rank = |verified: &Verified| {
        let record = verified.record();
        match record.peek::<Charter>() {
            Ok(charter) if charter.n == 0 => 0,
            _ if record.is::<Genesis>() && stewards.contains(&verified.id().cast()) => 1,
            _ if record.is::<Admit>() => 2,
            _ if record.is::<Genesis>() => 3,
            _ => 4,
        }
    };
    let mut ranked: Vec<(u8, &Verified)> = records.map(|record| (rank(record), record)).collect();
    ranked.sort_by_key(|(rank, record)| (*rank, record.id()));
    let by_id: BTreeMap<RecordId, &Verified> = ranked.iter().map(|(_, r)| (r.id(), *r)).collect();
    let mut sorted = Vec::with_capacity(ranked.len());
    let mut entered = BTreeSet::new();
    for (_, record) in ranked {
        enter(record, &by_id, &mut entered, &mut sorted);
    }
    sorted
}

/// Enters a record after those among `by_id` on which it builds.
fn enter<'r>(
    record: &'r Verified,
    by_id: &BTreeMap<RecordId, &'r Verified>,
    entered: &mut BTreeSet<RecordId>,
    sorted: &mut Vec<&'r Verified>,
) {
    let mut path = vec![(record, false)];
    while let Some((record, ready)) = path.pop() {
        if ready {
            sorted.push(record);
        } else if entered.insert(record.id()) {
            path.push((record, true));
            let below = builds_on(record).into_iter().filter_map(|id| by_id.get(&id));
            path.extend(below.map(|record| (*record, false)));
        }
    }
}

fn builds_on(verified: &Verified) -> Vec<RecordId> {
    if let Ok(grant) = verified.record().peek::<Grant>() {
        grant.prev
    } else if let Ok(erase) = verified.record().peek::<Erase>() {
        vec![erase.by.cast(), erase.author.cast()]
    } else {
        Vec::new()
    }
}
