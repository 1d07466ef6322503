//! The rules of requests told a second time: the state of a request as the
//! specification words it, over events that are known to be true.
//!
//! Not here: who may sign what. What comes in was said by those who may; that
//! nothing else counts is checked by name.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::identity::{CertificateId, OrgId, RecordId};
use tern_crdt::request::fold::State;
use tern_crdt::request::{Deed, Request, RequestEvent, Step};

/// What the rules make of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Judged {
    pub state: State,
    pub award: Option<RecordId>,
    pub holder: Option<CertificateId>,
    /// The answer that is shown.
    pub shown: Option<RecordId>,
    /// Awards and answers that do not count.
    pub overtaken: BTreeSet<RecordId>,
    /// Questions that nobody answered.
    pub open: BTreeSet<RecordId>,
    /// Word of progress that counts.
    pub progress: BTreeSet<RecordId>,
    /// Who was named.
    pub named: BTreeSet<(CertificateId, CertificateId)>,
    /// How far the asker looked.
    pub step: Step,
    /// Whether it was said what became of it.
    pub followed_up: bool,
}

type Events<'a> = BTreeMap<RecordId, &'a RequestEvent>;

/// Everything that an event follows.
fn past(events: &Events<'_>, event: &RequestEvent) -> BTreeSet<RecordId> {
    let mut past = BTreeSet::new();
    let mut waiting = event.after.clone();
    while let Some(id) = waiting.pop() {
        if past.insert(id) {
            waiting.extend(events.get(&id).map(|event| event.after.clone()).unwrap_or_default());
        }
    }
    past
}

/// The last word of an expert: yes, or no.
fn last_word(events: &Events<'_>, expert: CertificateId) -> Option<bool> {
    let own: Vec<(RecordId, &RequestEvent)> = events
        .iter()
        .filter(|(_, event)| event.by == expert)
        .filter(|(_, event)| matches!(event.deed, Deed::Accept { .. } | Deed::Decline { .. }))
        .map(|(id, event)| (*id, *event))
        .collect();
    let followed = |id: &RecordId| own.iter().any(|(_, other)| past(events, other).contains(id));
    let last: Vec<_> = own.iter().filter(|(id, _)| !followed(id)).collect();
    let yes = last.iter().all(|(_, event)| matches!(event.deed, Deed::Accept { .. }));
    (!last.is_empty()).then_some(yes)
}

/// Judges a request. `party` names the organisation of a certificate, `org` gives that
/// of an organisation's id.
pub(super) fn judge(
    request: &Request,
    said: &Events<'_>,
    party: impl Fn(&CertificateId) -> Option<usize>,
    org: impl Fn(&OrgId) -> Option<usize>,
) -> Judged {
    let mut asked: BTreeSet<CertificateId> = request.to.iter().copied().collect();
    for event in said.values() {
        match &event.deed {
            Deed::Offer { to } => asked.extend(to),
            Deed::Award { expert, .. } => {
                asked.insert(*expert);
            }
            _ => {}
        }
    }
    let mut desks: BTreeSet<Option<usize>> = BTreeSet::new();
    let mut step = Step::Next;
    for event in said.values() {
        if let Deed::Escalate { step: further, desks: more, .. } = &event.deed {
            step = step.max(*further);
            desks.extend(more.iter().map(&org));
        }
    }
    let there = |by| asked.iter().any(|expert| party(expert) == party(by));
    let events: Events<'_> = said
        .iter()
        .filter(|(_, event)| match event.deed {
            Deed::Accept { .. }
            | Deed::Decline { .. }
            | Deed::Answer { .. }
            | Deed::Ask { .. }
            | Deed::Progress { .. } => asked.contains(&event.by),
            Deed::Refer { .. } => asked.contains(&event.by) || desks.contains(&party(&event.by)),
            Deed::Received => there(&event.by),
            _ => true,
        })
        .map(|(id, event)| (*id, *event))
        .collect();
    let fits = |accept: &RecordId, expert: &CertificateId| match said.get(accept) {
        None => true,
        Some(held) => {
            events.contains_key(accept)
                && held.by == *expert
                && matches!(held.deed, Deed::Accept { .. })
        }
    };
    let mut awards = Vec::new();
    let mut overtaken = BTreeSet::new();
    for (id, event) in &events {
        let Deed::Award { round, accept, expert, previous } = &event.deed else { continue };
        overtaken.insert(*id);
        let follows = match previous.map(|previous| events.get(&previous)) {
            None => *round == 1,
            Some(held) => matches!(held.map(|held| &held.deed),
                Some(Deed::Award { round: before, .. }) if *before + 1 == *round),
        };
        if follows && fits(accept, expert) {
            awards.push((*round, *id, *expert));
        }
    }
    let highest = awards.iter().map(|(round, ..)| *round).max();
    let stands = awards.into_iter().filter(|(round, ..)| Some(*round) == highest).min();
    let award = stands.map(|(_, id, _)| id);
    overtaken.retain(|id| Some(*id) != award);
    let mut answers = Vec::new();
    for (id, event) in &events {
        let Deed::Answer { award: under, .. } = event.deed else { continue };
        if stands.is_some_and(|(_, id, expert)| id == under && expert == event.by) {
            answers.push((past(&events, event).len(), *id));
        } else {
            overtaken.insert(*id);
        }
    }
    let shown = answers.iter().max().map(|(_, id)| *id);
    let progress = events.iter().filter(|(_, event)| match event.deed {
        Deed::Progress { award: under, .. } => {
            stands.is_some_and(|(_, id, expert)| id == under && expert == event.by)
        }
        _ => false,
    });
    let progress: BTreeSet<RecordId> = progress.map(|(id, _)| *id).collect();
    overtaken.extend(events.iter().filter_map(|(id, event)| {
        (matches!(event.deed, Deed::Progress { .. }) && !progress.contains(id)).then_some(*id)
    }));
    let questions = events.iter().filter(|(_, event)| matches!(event.deed, Deed::Ask { .. }));
    let open = questions.map(|(id, _)| *id).filter(|id| {
        !events.values().any(|event| matches!(event.deed, Deed::Reply { ask, .. } if ask == *id))
    });
    let named = events.values().filter_map(|event| match event.deed {
        Deed::Refer { to, .. } => Some((event.by, to)),
        _ => None,
    });
    let followed_up = events.values().any(|event| match &event.deed {
        Deed::FollowUp { close, .. } => {
            events.get(close).is_some_and(|event| matches!(event.deed, Deed::Close { .. }))
        }
        _ => false,
    });
    let read = |deed: &Deed| matches!(deed, Deed::Received | Deed::Ask { .. });
    let named_by = |event: &RequestEvent| {
        matches!(event.deed, Deed::Refer { .. }) && asked.contains(&event.by)
    };
    let answers: BTreeSet<RecordId> = answers.into_iter().map(|(_, id)| id).collect();
    let words: BTreeMap<CertificateId, Option<bool>> =
        asked.iter().map(|expert| (*expert, last_word(&events, *expert))).collect();
    let holder = stands
        .map(|(_, _, expert)| expert)
        .filter(|expert| words.get(expert) != Some(&Some(false)));
    let any = |what: &dyn Fn(&Deed) -> bool| events.values().any(|event| what(&event.deed));
    // Of several the one with the smallest id.
    let closed = events.values().find_map(|event| match event.deed {
        Deed::Close { outcome, .. } => Some(outcome),
        _ => None,
    });
    let state = if let Some(outcome) = closed {
        State::Closed(outcome)
    } else if any(&|deed| matches!(deed, Deed::Withdraw { .. })) {
        State::Withdrawn
    } else if any(&|deed| matches!(deed, Deed::Confirm { answer } if answers.contains(answer))) {
        State::Confirmed
    } else if any(&|deed| matches!(deed, Deed::Dispute { answer, .. } if Some(*answer) == shown)) {
        State::Disputed
    } else if shown.is_some() {
        State::Delivered
    } else if holder.is_some() {
        State::InProgress
    } else if words.values().any(|word| *word == Some(true)) {
        State::Accepted
    } else if words.values().all(|word| *word == Some(false)) {
        State::Unmet
    } else if words.values().any(Option::is_some)
        || any(&read)
        || events.values().any(|event| named_by(event))
    {
        State::Proposed
    } else {
        State::Submitted
    };
    let (open, named) = (open.collect(), named.collect());
    Judged { state, award, holder, shown, overtaken, open, progress, named, step, followed_up }
}
