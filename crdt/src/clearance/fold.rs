//! Where a draft lies: the fold of what was said about its clearance.
//!
//! A pure function of the authority set, of the set of records and of what the draft says
//! now. Claimed times put in order what people of one organisation said to each other, and
//! decide which of one person's answers is the last; with equal times the ids do.

use std::collections::BTreeMap;

use super::{Clearance, Deed, Proof, counts, proven};
use crate::authority::{Authority, ClearanceNeed, Role};
use crate::identity::{CertificateId, OrgId, PublicKey, RecordId};
use crate::signed::{Record, Verified};
use crate::timestamp::Timestamp;

/// Who may ask, and attach a scan: whoever writes drafts.
const WRITERS: [Role; 3] = [Role::Contributor, Role::Publisher, Role::FocalPoint];

/// One thing said that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The record.
    pub id: RecordId,
    /// The certificate that signed it.
    pub by: CertificateId,
    /// What it says.
    pub deed: Deed,
    /// About which content.
    pub content: [u8; 32],
    /// When, by its signer's clock.
    pub claimed_at: Timestamp,
}

/// Where a draft lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Nobody asked.
    NotAsked,
    /// It was asked for; nobody took it yet.
    Asked,
    /// It lies with somebody.
    Taken,
    /// Somebody gave what it says back.
    Returned,
    /// What it says is cleared as is needed.
    Cleared,
    /// It says something else than what was asked for, or cleared.
    Changed,
}

impl State {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Asked => "asked",
            Self::Taken => "taken",
            Self::Returned => "returned",
            Self::Cleared => "cleared",
            Self::Changed => "changed",
        }
    }
}

/// What stands about the clearance of a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// Where it lies.
    pub state: State,
    /// What was said and counts, by time.
    pub steps: Vec<Step>,
    /// The step on which the state rests: the ask, or the answer to it.
    pub last: Option<usize>,
    /// The ask that is meant: of what the draft says now, else the last.
    pub ask: Option<usize>,
    /// The records that clear what it says now.
    clearing: Vec<Verified<Clearance>>,
}

impl Case {
    /// The step on which the state rests.
    pub fn last(&self) -> Option<&Step> {
        self.steps.get(self.last?)
    }

    /// The ask that is meant.
    pub fn ask(&self) -> Option<&Step> {
        self.steps.get(self.ask?)
    }

    /// The record that clears what the draft says for whoever publishes with this key, if
    /// one does.
    pub fn clears_for(
        &self,
        authority: &Authority,
        org: OrgId,
        publisher: &PublicKey,
    ) -> Option<(Proof, &Record)> {
        self.clearing.iter().find_map(|record| {
            let proof = proven(authority, record, org, &record.body().content, publisher)?;
            Some((proof, record.record()))
        })
    }
}

/// What stands of `records` about a draft of this organisation that says `content` now, where
/// `need` has to be there.
pub fn fold(
    authority: &Authority,
    org: OrgId,
    need: ClearanceNeed,
    content: &[u8; 32],
    records: &[Verified<Clearance>],
) -> Case {
    let mut ordered: Vec<&Verified<Clearance>> = records.iter().collect();
    ordered.sort_by_key(|record| (record.body().claimed_at, record.id()));
    ordered.dedup_by_key(|record| record.id());
    let asks: BTreeMap<RecordId, &Verified<Clearance>> = ordered
        .iter()
        .filter(|record| matches!(record.body().deed, Deed::Ask { .. }))
        .filter(|record| by_writer(authority, record, org))
        .map(|record| (record.id(), *record))
        .collect();
    ordered.retain(|record| match record.body().deed.ask() {
        None => asks.contains_key(&record.id()),
        Some(ask) => asks.get(&ask).is_some_and(|ask| answers(authority, record, ask, org)),
    });
    let step = |record: &&Verified<Clearance>| Step {
        id: record.id(),
        by: record.body().by,
        deed: record.body().deed.clone(),
        content: record.body().content,
        claimed_at: record.body().claimed_at,
    };
    let steps: Vec<Step> = ordered.iter().map(step).collect();
    let is_ask = |step: &Step| matches!(step.deed, Deed::Ask { .. });
    let Some(ask) = steps.iter().rposition(|step| is_ask(step) && step.content == *content) else {
        let ask = steps.iter().rposition(is_ask);
        let state = if ask.is_some() { State::Changed } else { State::NotAsked };
        return Case { state, steps, last: ask, ask, clearing: Vec::new() };
    };
    // What each person said last about what it says now.
    let mut answers: BTreeMap<PublicKey, usize> = BTreeMap::new();
    for (at, record) in ordered.iter().enumerate() {
        let answer = !matches!(record.body().deed, Deed::Ask { .. } | Deed::Attach { .. });
        if let Some(key) = record.only_signer().filter(|_| answer)
            && record.body().content == *content
        {
            answers.insert(key, at);
        }
    }
    let last = |is: &dyn Fn(usize) -> bool| answers.values().copied().filter(|at| is(*at)).max();
    let clears = |at: usize| steps[at].deed.clears().is_some_and(|(way, _)| way.suits(need));
    let returned = |at: usize| at > ask && matches!(steps[at].deed, Deed::Return { .. });
    let taken = |at: usize| at > ask && matches!(steps[at].deed, Deed::Take { .. });
    let (state, last) = if let Some(at) = last(&returned) {
        (State::Returned, at)
    } else if let Some(at) = last(&clears) {
        (State::Cleared, at)
    } else if let Some(at) = last(&taken) {
        (State::Taken, at)
    } else {
        (State::Asked, ask)
    };
    let clearing = answers.values().filter(|at| state == State::Cleared && clears(**at));
    let clearing = clearing.map(|at| ordered[*at].clone()).collect();
    Case { state, steps, last: Some(last), ask: Some(ask), clearing }
}

fn by_writer(authority: &Authority, record: &Verified<Clearance>, org: OrgId) -> bool {
    WRITERS.into_iter().any(|role| counts(authority, record, role, org))
}

/// Whether a record answers an ask: about the same content, and not by who asked.
fn answers(
    authority: &Authority,
    record: &Verified<Clearance>,
    ask: &Verified<Clearance>,
    org: OrgId,
) -> bool {
    let (said, asked) = (record.body(), ask.body());
    if said.content != asked.content || said.draft != asked.draft {
        return false;
    }
    match &said.deed {
        Deed::Ask { .. } => false,
        Deed::Attach { .. } => by_writer(authority, record, org),
        deed => {
            deed.clears().is_none_or(|(_, asker)| asker == asked.by)
                && record.only_signer() != ask.only_signer()
                && counts(authority, record, Role::Publisher, org)
        }
    }
}
