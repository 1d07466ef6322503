//! The same authority and the same changes in any order of arrival: equal
//! verdicts, and those that the reference gives.
//!
//! For each seed a history is made and received by a node in many orders.
//! After each, what is held, who belongs, what each certificate is worth, what
//! is erased and what becomes of each change have to be the same; after the
//! first, they are compared with the reference too. Nothing here has a clock:
//! neither has what is tested.

mod history;
mod reference;

use std::collections::BTreeMap;

use tern_crdt::authority::{Authority, AuthorityRefused, Judgement, Role, Standing};
use tern_crdt::chunk::{ChangeMeta, Past};
use tern_crdt::identity::{CertificateId, OrgId, RecordId};
use tern_crdt::verdict::{self, Held, Verdict};

use crate::chance::Chance;
use history::History;
use reference::{Fate, Reference};

/// How a history went.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Orders of arrival.
    pub schedules: u64,
    /// Charters beyond the founding one that stood.
    pub amendments: u64,
    /// Organisations suspended, removed or gone.
    pub outside: u64,
    /// Organisations whose log was frozen.
    pub frozen: u64,
    /// Certificates that ended.
    pub ended: u64,
    /// Changes shown, shown as adopted, held and not shown, and in no set.
    pub fates: [u64; 4],
}

impl Seen {
    /// Adds another's figures.
    pub fn add(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.amendments += other.amendments;
        self.outside += other.outside;
        self.frozen += other.frozen;
        self.ended += other.ended;
        self.fates.iter_mut().zip(other.fates).for_each(|(sum, more)| *sum += more);
    }
}

/// Everything that is judged.
#[derive(PartialEq, Debug)]
struct Outcome {
    held: Vec<RecordId>,
    chain: Vec<RecordId>,
    standings: Vec<(OrgId, Standing, bool)>,
    judgement: Judgement,
    erased: Vec<([u8; 32], CertificateId)>,
    verdicts: BTreeMap<[u8; 32], Verdict>,
}

/// Receives the history of a seed in so many orders.
///
/// # Errors
/// What differs.
pub fn run(seed: u64, orders: u64) -> Result<Seen, String> {
    let history = History::of(seed);
    let mut chance = Chance::new(seed ^ 0x5eed);
    let first = receive(&history, None);
    compare(&history, &first.0, &first.1)?;
    for number in 0..orders {
        let (_, outcome) = receive(&history, Some(&mut chance));
        if outcome != first.1 {
            return Err(format!("order {number} ends otherwise: {outcome:?} and {:?}", first.1));
        }
    }
    Ok(seen(&first.0, &first.1, orders))
}

fn shuffle<T>(list: &mut [T], chance: &mut Chance) {
    for at in (1..list.len()).rev() {
        list.swap(at, chance.below(at as u64 + 1) as usize);
    }
}

/// A node to which everything comes, in an order of its own: what is refused
/// for now comes again, as in later meetings.
fn receive(history: &History, chance: Option<&mut Chance>) -> (Authority, Outcome) {
    let mut records: Vec<_> = history.records.iter().collect();
    let mut changes: Vec<ChangeMeta> = history.changes.clone();
    let mut signatures = history.signatures.clone();
    if let Some(chance) = chance {
        shuffle(&mut records, chance);
        shuffle(&mut changes, chance);
        shuffle(&mut signatures, chance);
    }
    let mut authority = Authority::new(history.federation);
    loop {
        let before = records.len();
        records.retain(|record| match authority.add((*record).clone()) {
            Ok(_) => false,
            Err(AuthorityRefused::NotYet { .. }) => true,
            Err(_) => false,
        });
        if records.len() == before {
            break;
        }
    }
    let past = Past::from_metas(changes);
    let held = Held {
        document: &history.document,
        home: &history.home,
        role: Role::Contributor,
        past: &past,
        signatures: &signatures,
        unsound: &history.unsound,
    };
    let certificates: Vec<CertificateId> = authority.certificates().map(|(id, _)| id).collect();
    let objects = (0..3).map(|byte| [byte; 32]);
    let outcome = Outcome {
        held: authority.records().map(|record| record.id()).collect(),
        chain: authority.charters().map(|(id, _)| id).collect(),
        standings: authority
            .organisations()
            .map(|(id, org, standing)| (id, standing, org.is_frozen()))
            .collect(),
        judgement: authority.judgement(),
        erased: objects
            .flat_map(|object| certificates.iter().map(move |by| (object, *by)))
            .filter(|(object, by)| authority.is_erased(object, *by))
            .collect(),
        verdicts: verdict::judge(&authority, &held),
    };
    (authority, outcome)
}

fn fate(verdict: Verdict) -> Fate {
    match verdict {
        Verdict::Accepted => Fate::Shown,
        Verdict::Adopted(_) => Fate::Adopted,
        Verdict::Quarantined(_) => Fate::Held,
        Verdict::Refused(_) => Fate::Out,
    }
}

fn compare(history: &History, authority: &Authority, real: &Outcome) -> Result<(), String> {
    let reference = Reference::of(history.federation, authority.records());
    let differs = |what: &str, real: String, plain: String| {
        Err(format!("{what}: it says {real}, the reference {plain}"))
    };
    if reference.chain != real.chain {
        return differs("charters", format!("{:?}", real.chain), format!("{:?}", reference.chain));
    }
    for (org, standing, _) in &real.standings {
        let member = reference.is_member(org);
        if member != (*standing == Standing::Member) {
            return differs("a member", format!("{standing:?}"), format!("{member}"));
        }
    }
    let ended: BTreeMap<CertificateId, Vec<RecordId>> = reference
        .certificates()
        .into_iter()
        .map(|(id, (_, _, endings))| (id, endings.into_iter().collect()))
        .collect();
    let real_ended: BTreeMap<CertificateId, Vec<RecordId>> = real
        .judgement
        .keys()
        .map(|id| {
            let mut endings: Vec<RecordId> = authority.endings_of(id).collect();
            endings.sort_unstable();
            (*id, endings)
        })
        .collect();
    if ended != real_ended {
        return differs("certificates", format!("{real_ended:?}"), format!("{ended:?}"));
    }
    let erased: Vec<_> = reference.erased().into_iter().collect();
    let mut real_erased = real.erased.clone();
    real_erased.sort_unstable();
    if erased != real_erased {
        return differs("erased", format!("{real_erased:?}"), format!("{erased:?}"));
    }
    let fates = reference.fates(
        &history.document,
        &history.home,
        &history.changes,
        &history.signatures,
        &history.unsound,
    );
    for (hash, verdict) in &real.verdicts {
        if fates.get(hash) != Some(&fate(*verdict)) {
            return differs("a change", format!("{verdict:?}"), format!("{:?}", fates.get(hash)));
        }
    }
    Ok(())
}

fn seen(authority: &Authority, outcome: &Outcome, schedules: u64) -> Seen {
    let mut fates = [0; 4];
    outcome.verdicts.values().for_each(|verdict| fates[fate(*verdict) as usize] += 1);
    let outside =
        |(_, standing, _): &&(OrgId, Standing, bool)| !matches!(standing, Standing::Member);
    Seen {
        schedules,
        amendments: outcome.chain.len() as u64 - 1,
        outside: outcome.standings.iter().filter(outside).count() as u64,
        frozen: outcome.standings.iter().filter(|(.., frozen)| *frozen).count() as u64,
        ended: outcome.judgement.keys().filter(|id| authority.ended(id).is_some()).count() as u64,
        fates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_of_the_same_ends_as_the_reference_says() {
        let mut all = Seen::default();
        for seed in 0..250 {
            match run(seed, 4) {
                Ok(seen) => all.add(&seen),
                Err(differs) => panic!("seed {seed}: {differs}"),
            }
        }
        assert!(all.amendments > 50, "charters are amended: {all:?}");
        assert!(all.outside > 50 && all.ended > 100, "members and keys go: {all:?}");
        assert!(all.frozen > 5, "rotations conflict: {all:?}");
        assert!(all.fates.iter().all(|count| *count > 5), "every fate is met: {all:?}");
    }
}
