//! The state of a request: a function of the set of its events.
//!
//! One pass in stages, each over the events in order of their ids, so that no
//! order of arrival can matter: who is asked; what each of them said last;
//! which award stands; which answer counts; whether the asker ended it.
//!
//! Somebody who holds fewer events than another sees less, never something
//! that contradicts: an award names its expert, so that those who were not
//! chosen know it without being shown the acceptance of the one who was.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::{Deed, Outcome, Request, RequestEvent, Step};
use crate::authority::{Authority, Forbidden, Role};
use crate::identity::{CertificateId, OrgId, RecordId};
use crate::signed::Verified;

mod talk;

pub use talk::{Question, Referral, Talk};

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Sent; nobody who was asked has opened it, as far as is known here.
    Submitted,
    /// Opened where somebody is asked; no answer to the asking yet.
    Proposed,
    /// Somebody is ready; nobody was chosen yet.
    Accepted,
    /// Everybody who was asked said no.
    Unmet,
    /// An expert was chosen and is at work.
    InProgress,
    /// Answered.
    Delivered,
    /// The asker cannot work with the answer.
    Disputed,
    /// The asker took the answer as one.
    Confirmed,
    /// The asker ended it.
    Closed(Outcome),
    /// The asker took it back.
    Withdrawn,
}

impl State {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Unmet => "unmet",
            Self::InProgress => "in_progress",
            Self::Delivered => "delivered",
            Self::Disputed => "disputed",
            Self::Confirmed => "confirmed",
            Self::Closed(_) => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether nothing more is asked of anybody.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Closed(_) | Self::Withdrawn)
    }
}

/// What one of those who are asked said last, as far as is known here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// Nothing, and nobody there opened it.
    None,
    /// Nothing; it was opened there.
    Received,
    /// Ready to answer, in this event.
    Accepted(RecordId),
    /// Will not answer, in this event.
    Declined(RecordId),
}

/// One of those who are asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Who.
    pub expert: CertificateId,
    /// What they said last.
    pub word: Word,
    /// How the asker chose.
    pub choice: Choice,
}

/// What became of somebody's readiness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// Nothing was decided.
    Open,
    /// It is in their hands.
    Chosen,
    /// Another was chosen.
    Superseded,
}

/// Why an event changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum EventRefused {
    /// Its signer may not do it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// More than one signature.
    #[error("it has more than one signature")]
    Signatures,
    /// It is about another request.
    #[error("it is about another request")]
    OtherRequest,
    /// Only somebody who is asked can say so.
    #[error("its signer was not asked")]
    NotAsked,
    /// Only the asker, or a focal point of the asking organisation, can.
    #[error("its signer neither asked nor is a focal point of the organisation that did")]
    NotAsker,
    /// The award's acceptance is not one of the expert that it names.
    #[error("the acceptance that it names is not that of the expert it names")]
    OtherAccept,
    /// The award does not follow from the one that it replaces.
    #[error("it does not follow from the award that it replaces")]
    Round,
    /// Another award stands.
    #[error("another award stands instead of it")]
    Superseded,
    /// What it builds on is not held here; it may come later.
    #[error("it builds on {0}, which is not here yet")]
    NotYet(&'static str),
    /// The answer is not by the expert who was chosen.
    #[error("it is not by the expert who was chosen")]
    NotChosen,
    /// The answer came after the request was given to another.
    #[error("it came late: the request had been given to another")]
    Late,
    /// It is about something that does not count.
    #[error("it is about something that does not count, or is something else than it says")]
    OtherMatter,
}

/// A request as the held events make it.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// Where it stands.
    pub state: State,
    /// Those who are asked, in the order in which they were.
    pub asked: Vec<Asked>,
    /// The award that stands.
    pub award: Option<RecordId>,
    /// In whose hands it is.
    pub holder: Option<CertificateId>,
    /// The answers that count, each after those it follows; the last is shown.
    pub answers: Vec<RecordId>,
    /// What was said beside.
    pub talk: Talk,
    /// Events that change nothing, with the reason.
    pub refused: BTreeMap<RecordId, EventRefused>,
    /// Events that no other held one follows: what the next one follows.
    pub tips: Vec<RecordId>,
}

impl Case {
    /// What is known of one of those who are asked.
    pub fn asked(&self, expert: &CertificateId) -> Option<&Asked> {
        self.asked.iter().find(|asked| asked.expert == *expert)
    }
}

/// Whether the request itself may be asked by who signed it.
pub fn permits(authority: &Authority, request: &Verified<Request>) -> Result<OrgId, EventRefused> {
    let by = request.body().by;
    let key = request.only_signer().ok_or(EventRefused::Signatures)?;
    let mut refused = None;
    for role in [Role::Contributor, Role::Publisher, Role::FocalPoint] {
        match authority.counts(by, key, Some(role), request.id().as_bytes()) {
            Ok(granted) => return Ok(granted.org),
            Err(forbidden) => refused = Some(forbidden),
        }
    }
    // There are roles to try.
    Err(refused.map_or(EventRefused::NotAsker, EventRefused::Forbidden))
}

type Event = Verified<RequestEvent>;

/// The state of a request. Equal sets of events give equal cases.
pub fn fold<'a>(
    authority: &Authority,
    request: &Verified<Request>,
    events: impl IntoIterator<Item = &'a Event>,
) -> Case {
    let events: BTreeMap<RecordId, &Event> =
        events.into_iter().map(|event| (event.id(), event)).collect();
    let mut fold = Fold {
        authority,
        request,
        org: permits(authority, request).ok(),
        asked: request.body().to.clone(),
        desks: BTreeSet::new(),
        standing: BTreeMap::new(),
        refused: BTreeMap::new(),
    };
    fold.offers(&events);
    fold.judge(&events);
    fold.case()
}

struct Fold<'a> {
    authority: &'a Authority,
    request: &'a Verified<Request>,
    org: Option<OrgId>,
    asked: Vec<CertificateId>,
    /// Organisations whose desks may name somebody.
    desks: BTreeSet<OrgId>,
    /// Events whose signers may say so.
    standing: BTreeMap<RecordId, &'a Event>,
    refused: BTreeMap<RecordId, EventRefused>,
}

impl<'a> Fold<'a> {
    /// Those who are asked later, in order of claimed time, then id. Whoever
    /// an award names is asked by it: an expert is not shown the offers to
    /// others, and still has to know who was chosen.
    fn offers(&mut self, events: &BTreeMap<RecordId, &'a Event>) {
        for event in events.values() {
            if let Deed::Escalate { desks, .. } = &event.body().deed
                && self.may(event).is_ok()
            {
                self.desks.extend(desks);
            }
        }
        let mut offers: Vec<_> = events
            .values()
            .filter(|event| matches!(event.body().deed, Deed::Offer { .. } | Deed::Award { .. }))
            .collect();
        offers.sort_by_key(|event| (event.body().claimed_at, event.id()));
        for event in offers {
            let to = match &event.body().deed {
                Deed::Offer { to } => to.as_slice(),
                Deed::Award { expert, .. } => std::slice::from_ref(expert),
                _ => &[],
            };
            if self.may(event).is_ok() {
                let new = to.iter().filter(|expert| !self.asked.contains(expert));
                let new: Vec<CertificateId> = new.copied().collect();
                self.asked.extend(new);
            }
        }
    }

    /// Whether the signer of an event may say so.
    fn judge(&mut self, events: &BTreeMap<RecordId, &'a Event>) {
        for (id, event) in events {
            match self.may(event) {
                Ok(()) => {
                    self.standing.insert(*id, event);
                }
                Err(refused) => {
                    self.refused.insert(*id, refused);
                }
            }
        }
    }

    fn may(&self, event: &Event) -> Result<(), EventRefused> {
        let RequestEvent { by, request, deed, .. } = event.body();
        let record = event.id();
        let (id, about) = (record.as_bytes(), Some(request.as_bytes()));
        if request.cast() != self.request.id() {
            return Err(EventRefused::OtherRequest);
        }
        let key = event.only_signer().ok_or(EventRefused::Signatures)?;
        match deed {
            Deed::Refer { .. } if !self.asked.contains(by) => {
                let role = Some(Role::FocalPoint);
                match self.authority.counts_about(*by, key, role, id, about) {
                    Ok(granted) if self.desks.contains(&granted.org) => {}
                    Ok(_) | Err(Forbidden::WithoutRole { .. } | Forbidden::OutOfScope { .. }) => {
                        return Err(EventRefused::NotAsked);
                    }
                    Err(forbidden) => return Err(forbidden.into()),
                }
            }
            Deed::Accept { .. }
            | Deed::Decline { .. }
            | Deed::Answer { .. }
            | Deed::Ask { .. }
            | Deed::Progress { .. }
            | Deed::Refer { .. } => {
                if !self.asked.contains(by) {
                    return Err(EventRefused::NotAsked);
                }
                self.authority.counts_about(*by, key, Some(Role::Expert), id, about)?;
            }
            Deed::Received => {
                let role = if self.asked.contains(by) { Role::Expert } else { Role::Node };
                let org = self.authority.counts_about(*by, key, Some(role), id, about)?.org;
                let org_of = |expert| self.authority.certificate(expert).map(|g| g.org);
                if !self.asked.iter().any(|expert| org_of(expert) == Some(org)) {
                    return Err(EventRefused::NotAsked);
                }
            }
            Deed::Offer { .. }
            | Deed::Award { .. }
            | Deed::Confirm { .. }
            | Deed::Close { .. }
            | Deed::Withdraw { .. }
            | Deed::Reply { .. }
            | Deed::Dispute { .. }
            | Deed::FollowUp { .. }
            | Deed::Escalate { .. } => {
                if *by == self.request.body().by {
                    // Whoever may ask may decide; the key is the certificate's.
                    self.authority.counts(*by, key, None, id)?;
                    return Ok(());
                }
                match self.authority.counts_about(*by, key, Some(Role::FocalPoint), id, about) {
                    Ok(granted) if Some(granted.org) == self.org => {}
                    Ok(_) | Err(Forbidden::WithoutRole { .. } | Forbidden::OutOfScope { .. }) => {
                        return Err(EventRefused::NotAsker);
                    }
                    Err(forbidden) => return Err(forbidden.into()),
                }
            }
        }
        Ok(())
    }

    /// What an expert said last: of the acceptances and refusals that none of
    /// their later ones follows, a refusal if there is one, then the smallest.
    fn word(&self, expert: &CertificateId) -> Word {
        let own: BTreeMap<&RecordId, &Event> = self
            .standing
            .iter()
            .filter(|(_, event)| event.body().by == *expert)
            .filter(|(_, event)| {
                matches!(event.body().deed, Deed::Accept { .. } | Deed::Decline { .. })
            })
            .map(|(id, event)| (id, *event))
            .collect();
        let overtaken: BTreeSet<RecordId> =
            own.values().flat_map(|event| self.past(event)).collect();
        let last = own.iter().filter(|(id, _)| !overtaken.contains(**id)).map(|(id, event)| {
            let declined = matches!(event.body().deed, Deed::Decline { .. });
            (!declined, **id)
        });
        match last.min() {
            Some((false, id)) => Word::Declined(id),
            Some((true, id)) => Word::Accepted(id),
            None => self.received(expert),
        }
    }

    /// The events that one builds on, as far as they are held.
    fn past(&self, event: &Event) -> BTreeSet<RecordId> {
        let mut past = BTreeSet::new();
        let mut waiting: Vec<RecordId> = event.body().after.clone();
        while let Some(id) = waiting.pop() {
            if past.insert(id)
                && let Some(event) = self.standing.get(&id)
            {
                waiting.extend(&event.body().after);
            }
        }
        past
    }

    fn received(&self, expert: &CertificateId) -> Word {
        let org =
            |certificate: &CertificateId| self.authority.certificate(certificate).map(|g| g.org);
        let there = |event: &Event| {
            let RequestEvent { by, deed, .. } = event.body();
            match deed {
                Deed::Received => org(by) == org(expert),
                // Whoever asks back or names somebody has read it.
                Deed::Ask { .. } | Deed::Refer { .. } => by == expert,
                _ => false,
            }
        };
        if self.standing.values().any(|event| there(event)) { Word::Received } else { Word::None }
    }

    /// Whether an award is well made, whatever others there are.
    fn award(&self, event: &Event) -> Result<(u32, CertificateId), EventRefused> {
        let Deed::Award { round, accept, expert, previous } = &event.body().deed else {
            return Err(EventRefused::Round);
        };
        // Those who were not chosen are not shown the acceptance.
        if let Some(accept) = self.standing.get(accept) {
            let fits = matches!(accept.body().deed, Deed::Accept { .. });
            if !fits || accept.body().by != *expert {
                return Err(EventRefused::OtherAccept);
            }
        }
        if self.refused.contains_key(accept) {
            return Err(EventRefused::OtherAccept);
        }
        if let Some(previous) = previous {
            match self.standing.get(previous).map(|event| &event.body().deed) {
                Some(Deed::Award { round: before, .. })
                    if before.checked_add(1) == Some(*round) => {}
                None if !self.refused.contains_key(previous) => {
                    return Err(EventRefused::NotYet("the award that it replaces"));
                }
                _ => return Err(EventRefused::Round),
            }
        }
        Ok((*round, *expert))
    }

    /// The award that stands: the highest round, then the smallest id.
    fn standing_award(&mut self) -> Option<(RecordId, CertificateId)> {
        let awards: Vec<(RecordId, &Event)> = self
            .standing
            .iter()
            .filter(|(_, event)| matches!(event.body().deed, Deed::Award { .. }))
            .map(|(id, event)| (*id, *event))
            .collect();
        let mut made = Vec::new();
        for (id, event) in awards {
            match self.award(event) {
                Ok((round, expert)) => made.push((std::cmp::Reverse(round), id, expert)),
                Err(refused) => {
                    self.refused.insert(id, refused);
                }
            }
        }
        made.sort_unstable();
        for (_, id, _) in made.iter().skip(1) {
            self.refused.insert(*id, EventRefused::Superseded);
        }
        made.first().map(|(_, id, expert)| (*id, *expert))
    }

    /// Whether an event is by the expert of the award under which it was said, and
    /// that award stands.
    fn under(
        &self,
        award: Option<(RecordId, CertificateId)>,
        event: &Event,
        under: &RecordId,
    ) -> Result<(), EventRefused> {
        let expert = match self.standing.get(under).map(|event| &event.body().deed) {
            Some(Deed::Award { expert, .. }) => *expert,
            _ => return Err(EventRefused::NotYet("the award under which it was given")),
        };
        if expert != event.body().by {
            return Err(EventRefused::NotChosen);
        }
        match award {
            Some((standing, _)) if standing == *under => Ok(()),
            _ => Err(EventRefused::Late),
        }
    }

    /// The answers under the award that stands, each after those it follows.
    fn answers(&mut self, award: Option<(RecordId, CertificateId)>) -> Vec<RecordId> {
        let mut answers = Vec::new();
        let mut refused = Vec::new();
        for (id, event) in &self.standing {
            let Deed::Answer { award: under, .. } = &event.body().deed else { continue };
            match self.under(award, event, under) {
                Ok(()) => answers.push((self.past(event).len(), *id)),
                Err(reason) => refused.push((*id, reason)),
            }
        }
        self.refused.extend(refused);
        answers.sort_unstable();
        answers.into_iter().map(|(_, id)| id).collect()
    }

    fn case(mut self) -> Case {
        let award = self.standing_award();
        let answers = self.answers(award);
        let talk = self.talk(award, &answers);
        let mut confirmed = false;
        let mut closed = None;
        let mut withdrawn = false;
        let mut refused = Vec::new();
        for (id, event) in &self.standing {
            match &event.body().deed {
                Deed::Confirm { answer } if answers.contains(answer) => confirmed = true,
                Deed::Confirm { answer } if self.refused.contains_key(answer) => {
                    refused.push((*id, EventRefused::Late));
                }
                Deed::Confirm { .. } => {
                    refused.push((*id, EventRefused::NotYet("the answer that it confirms")));
                }
                // Of several the one with the smallest id.
                Deed::Close { outcome, .. } => {
                    closed.get_or_insert(*outcome);
                }
                Deed::Withdraw { .. } => withdrawn = true,
                _ => {}
            }
        }
        self.refused.extend(refused);
        let asked: Vec<Asked> = self
            .asked
            .iter()
            .map(|expert| {
                let word = self.word(expert);
                let choice = match award {
                    None => Choice::Open,
                    Some((_, chosen)) if chosen == *expert => Choice::Chosen,
                    Some(_) => Choice::Superseded,
                };
                Asked { expert: *expert, word, choice }
            })
            .collect();
        // Whoever was chosen and says no after all has it no longer.
        let gave_up = |expert: &CertificateId| {
            let word = asked.iter().find(|asked| asked.expert == *expert).map(|asked| asked.word);
            matches!(word, Some(Word::Declined(_)))
        };
        let holder = award.map(|(_, expert)| expert).filter(|expert| !gave_up(expert));
        let said = |word: fn(&Word) -> bool| asked.iter().any(|asked| word(&asked.word));
        let state = if let Some(outcome) = closed {
            State::Closed(outcome)
        } else if withdrawn {
            State::Withdrawn
        } else if confirmed {
            State::Confirmed
        } else if talk.disputed.is_some() {
            State::Disputed
        } else if !answers.is_empty() {
            State::Delivered
        } else if holder.is_some() {
            State::InProgress
        } else if said(|word| matches!(word, Word::Accepted(_))) {
            State::Accepted
        } else if asked.iter().all(|asked| matches!(asked.word, Word::Declined(_))) {
            State::Unmet
        } else if said(|word| *word != Word::None) {
            State::Proposed
        } else {
            State::Submitted
        };
        let followed: BTreeSet<&RecordId> =
            self.standing.values().flat_map(|event| &event.body().after).collect();
        let tips = self.standing.keys().filter(|id| !followed.contains(id)).copied();
        Case {
            state,
            asked,
            award: award.map(|(id, _)| id),
            holder,
            answers,
            talk,
            tips: tips.take(super::AFTER_MAX).collect(),
            refused: self.refused,
        }
    }
}
