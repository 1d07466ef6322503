//! What is told of the rounds once all is judged.

use std::collections::{BTreeMap, BTreeSet};

use super::{Counting, Invite, Rounds, Tally, Word};
use crate::causality::{Happened, in_order, tips};
use crate::identity::{CertificateId, RecordId};
use crate::review::fold::Reviewer;
use crate::review::{Decision, Deed, NoReview, Outcome, ReviewEvent, ReviewRefused};
use crate::timestamp::Timestamp;

impl Rounds<'_> {
    /// How many reviews count in a round.
    pub fn tally(&self, round: u8) -> Tally {
        self.count(self.reviews.values().filter(|one| one.round == round))
    }

    /// The decision that stands in a round.
    pub fn decision(&self, round: u8) -> Option<(RecordId, Outcome)> {
        self.standing.get(&round).copied()
    }

    /// Whether the authors took it back.
    pub fn withdrawn(&self) -> bool {
        self.events.values().any(|event| matches!(event.body().deed, Deed::Withdraw { .. }))
    }

    /// The reviews against the decision of a round among those that it counts,
    /// and those of the round that it does not count.
    pub fn weigh(&self, round: u8) -> (Vec<RecordId>, Vec<RecordId>) {
        let Some((id, outcome)) = self.decision(round) else { return Default::default() };
        let counted = self.decisions.get(&id).map(|one| one.body().counted.as_slice());
        let counted = counted.unwrap_or_default();
        let of_round = || self.reviews.iter().filter(|(_, one)| one.round == round);
        let against = |one: &Counting| one.recommends.is_for() != (outcome == Outcome::Sealed);
        let dissent = of_round().filter(|(id, one)| counted.contains(id) && against(one));
        let rest = of_round().filter(|(id, _)| !counted.contains(id));
        (dissent.map(|(id, _)| *id).collect(), rest.map(|(id, _)| *id).collect())
    }

    /// What somebody said last about an invitation.
    fn word(&self, who: &CertificateId, invite: &RecordId, order: &[RecordId]) -> Word {
        let mut word = Word::None;
        for id in order {
            let Some(event) = self.events.get(id) else { continue };
            match &event.body().deed {
                Deed::Release { invite: to, .. } if to == invite && word == Word::None => {
                    word = Word::Released;
                }
                Deed::Accept { invite: to, .. }
                    if to == invite
                        && event.body().by == *who
                        && !matches!(word, Word::Declined(_, NoReview::Conflict)) =>
                {
                    word = Word::Accepted(*id);
                }
                Deed::Decline { invite: to, reason, .. }
                    if to == invite && event.body().by == *who =>
                {
                    word = Word::Declined(*id, *reason);
                }
                _ => {}
            }
        }
        word
    }

    /// Those who are invited, in the order of what happened.
    pub fn reviewers(&self) -> Vec<Reviewer> {
        let order = self.line();
        let review_of = |who: &CertificateId, round: u8| {
            let mut own = self.reviews.iter();
            own.find(|(_, one)| one.who == *who && one.round == round).map(|(id, _)| *id)
        };
        let mut seen = BTreeSet::new();
        let mut reviewers = Vec::new();
        for invite in &order {
            let Some(Invite { reviewer, round }) = self.invites.get(invite) else { continue };
            let Some(granted) = self.authority.certificate(reviewer) else { continue };
            // Invited twice in one round is asked once.
            if !seen.insert((*reviewer, *round)) {
                continue;
            }
            let mut word = self.word(reviewer, invite, &order);
            if self.conflicted.contains(&granted.certificate.key)
                && !matches!(word, Word::Declined(_, NoReview::Conflict))
            {
                // Declared to another invitation, or with another certificate.
                word = Word::Declined(*invite, NoReview::Conflict);
            }
            if word == Word::None && self.authority.ended(reviewer).is_some() {
                word = Word::Released;
            }
            reviewers.push(Reviewer {
                who: *reviewer,
                org: granted.org,
                side: self.parties.side(self.authority, reviewer),
                round: *round,
                invite: *invite,
                word,
                review: review_of(reviewer, *round),
            });
        }
        reviewers
    }

    fn happened(&self) -> BTreeMap<RecordId, Happened<'_>> {
        let events = self.events.iter().map(|(id, event)| {
            let ReviewEvent { after, claimed_at, .. } = event.body();
            (*id, Happened { after, claimed_at: *claimed_at })
        });
        let decisions = self.decisions.iter().map(|(id, decision)| {
            let Decision { after, claimed_at, .. } = decision.body();
            (*id, Happened { after, claimed_at: *claimed_at })
        });
        events.chain(decisions).collect()
    }

    /// What counts, in order.
    pub fn line(&self) -> Vec<RecordId> {
        in_order(&self.happened())
    }

    /// What no other follows.
    pub fn tips(&self) -> Vec<RecordId> {
        tips(&self.happened())
    }

    /// The claimed time of what moved the submission last.
    pub fn last_move(&self, line: &[RecordId]) -> Option<Timestamp> {
        line.iter().rev().find_map(|id| match (self.events.get(id), self.decisions.get(id)) {
            (Some(event), _) if moves(&event.body().deed) => Some(event.body().claimed_at),
            (None, Some(decision)) => Some(decision.body().claimed_at),
            _ => None,
        })
    }

    /// What changes nothing.
    pub fn into_refused(self) -> BTreeMap<RecordId, ReviewRefused> {
        self.refused
    }
}

/// Whether an event hands the submission on.
const fn moves(deed: &Deed) -> bool {
    !matches!(deed, Deed::Reply { .. } | Deed::Accept { .. })
}
