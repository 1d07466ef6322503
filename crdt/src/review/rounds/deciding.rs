//! Which decisions stand, and which appeal.

use std::collections::{BTreeMap, BTreeSet};

use super::{Counting, Rounds, Tally};
use crate::identity::{OrgId, PublicKey, RecordId};
use crate::review::fold::Side;
use crate::review::{Decision, Deed, Outcome, ReviewEvent, ReviewRefused, Reviewers};
use crate::signed::Verified;

impl Rounds<'_> {
    pub(super) fn count<'b>(&self, reviews: impl Iterator<Item = &'b Counting>) -> Tally {
        let Reviewers { internal, external, tie_break, .. } = self.parties.policy.reviewers();
        let mut tally = Tally {
            internal_least: internal,
            external_least: external,
            divided_least: internal + external + tie_break,
            ..Tally::default()
        };
        for review in reviews {
            match review.side {
                Side::Internal => tally.internal += 1,
                Side::External => tally.external += 1,
            }
            tally.speak_for += u64::from(review.recommends.is_for());
        }
        tally
    }

    /// Whether a decision rests on what it says; whether it is one without
    /// reviews, by which the board gives a submission back before them.
    fn rests(&self, decision: &Decision) -> Result<bool, ReviewRefused> {
        let mut persons = BTreeSet::new();
        let mut counted = Vec::new();
        for id in &decision.counted {
            let review = self.reviews.get(id).filter(|one| one.round == decision.round);
            let Some(review) = review else {
                let known = self.refused.contains_key(id) || self.reviews.contains_key(id);
                let not_yet = ReviewRefused::NotYet("a review that it counts");
                return Err(if known { ReviewRefused::Uncounted } else { not_yet });
            };
            if !persons.insert(review.key) {
                return Err(ReviewRefused::Uncounted);
            }
            counted.push(review);
        }
        let tally = self.count(counted.into_iter());
        if decision.outcome == Outcome::Returned && !tally.is_met() {
            return Ok(false);
        }
        if !tally.quorum() || tally.all() == 0 {
            let Tally { internal, external, internal_least, external_least, .. } = tally;
            let quorum =
                ReviewRefused::Quorum { internal, external, internal_least, external_least };
            return Err(quorum);
        }
        if !tally.is_met() {
            return Err(ReviewRefused::TieBreak(tally.divided_least));
        }
        match decision.outcome {
            Outcome::Sealed if !tally.is_for() => Err(ReviewRefused::Outcome),
            Outcome::Rejected if tally.is_for() => Err(ReviewRefused::Outcome),
            _ => Ok(true),
        }
    }

    /// The decision of a round that stands: one that rests on reviews before
    /// one that does not; then the stricter; then that with the smallest id.
    pub(super) fn decide(&mut self, round: u8) {
        let mut alike: BTreeMap<(bool, Outcome), Vec<(OrgId, RecordId)>> = BTreeMap::new();
        let mut refused = Vec::new();
        for (id, decision) in &self.decisions {
            let body = decision.body();
            if body.round != round {
                continue;
            }
            let org = self.authority.certificate(&body.by).map(|granted| granted.org);
            match (self.rests(body), org) {
                (Ok(rests), Some(org)) => {
                    alike.entry((!rests, body.outcome)).or_default().push((org, *id));
                }
                (Err(why), _) => refused.push((*id, why)),
                (Ok(_), None) => refused.push((*id, ReviewRefused::NotTheBoard)),
            }
        }
        let enough = |orgs: &Vec<(OrgId, RecordId)>| {
            let orgs: BTreeSet<OrgId> = orgs.iter().map(|(org, _)| *org).collect();
            orgs.len() as u64 >= self.parties.policy.deciding()
        };
        let stands =
            alike.iter().find(|(_, made)| enough(made)).and_then(|((_, outcome), made)| {
                made.iter().map(|(_, id)| *id).min().map(|id| (id, *outcome))
            });
        for (id, outcome) in
            alike.iter().flat_map(|((_, outcome), made)| made.iter().map(|(_, id)| (*id, *outcome)))
        {
            // Those who decided alike stand with it.
            if stands.is_none_or(|(_, standing)| standing != outcome) {
                refused.push((id, ReviewRefused::NotStanding));
            }
        }
        if let Some(stands) = stands {
            self.standing.insert(round, stands);
        }
        for (id, why) in refused {
            self.note(id, Err(why));
        }
    }

    /// The appeal that stands: against the first round, when that sealed
    /// nothing; of several the one with the smallest id.
    pub(super) fn appeal(&mut self) -> Option<RecordId> {
        let lost = self.standing.get(&1).filter(|(_, outcome)| *outcome != Outcome::Sealed);
        let lost = lost.map(|(id, _)| *id);
        let mut appealed = None;
        let mut refused = Vec::new();
        for (id, event) in &self.events {
            let Deed::Appeal { decision, .. } = &event.body().deed else { continue };
            let known =
                self.decisions.contains_key(decision) || self.refused.contains_key(decision);
            match lost {
                _ if !self.parties.policy.appeal => refused.push((*id, ReviewRefused::NoAppeals)),
                _ if !known => refused.push((*id, ReviewRefused::NotYet("a decision"))),
                Some(stands) if appealed.is_none() && self.is_first(decision) => {
                    appealed = Some(stands);
                }
                Some(_) if appealed.is_some() => refused.push((*id, ReviewRefused::Appealed)),
                _ => refused.push((*id, ReviewRefused::NothingToAppeal)),
            }
        }
        for (id, why) in refused {
            self.note(id, Err(why));
        }
        appealed
    }

    /// Whether a decision of round 1 was made with the right to, even if
    /// another stands now.
    fn is_first(&self, id: &RecordId) -> bool {
        self.decisions.get(id).is_some_and(|decision| decision.body().round == 1)
            || self.refused.get(id) == Some(&ReviewRefused::NotStanding)
    }

    pub(super) fn without_second_round(&mut self) {
        let second = |event: &Verified<ReviewEvent>| match &event.body().deed {
            Deed::Invite { round, .. } => *round == 2,
            Deed::Release { invite, .. }
            | Deed::Accept { invite, .. }
            | Deed::Review { invite, .. } => {
                self.invites.get(invite).is_some_and(|invite| invite.round == 2)
            }
            _ => false,
        };
        let events = self.events.iter().filter(|(_, event)| second(event)).map(|(id, _)| *id);
        let decisions = self.decisions.iter().filter(|(_, one)| one.body().round == 2);
        let out: Vec<RecordId> = events.chain(decisions.map(|(id, _)| *id)).collect();
        for id in out {
            self.invites.remove(&id);
            self.note(id, Err(ReviewRefused::NoAppeal));
        }
    }

    /// Of several reviews by one person in one round one is shown as counting:
    /// that which the standing decision counts, else the one that follows most
    /// of what happened, else that with the smallest id.
    pub(super) fn once_each(&mut self) {
        let order = self.line();
        let place = |id: &RecordId| order.iter().position(|one| one == id);
        let decided = |round: u8, id: &RecordId| {
            let stands = self.standing.get(&round).and_then(|(id, _)| self.decisions.get(id));
            stands.is_some_and(|decision| decision.body().counted.contains(id))
        };
        let mut best: BTreeMap<(u8, PublicKey), (bool, Option<usize>, RecordId)> = BTreeMap::new();
        for (id, review) in &self.reviews {
            let this = (decided(review.round, id), place(id), *id);
            let held = best.entry((review.round, review.key)).or_insert(this);
            if (this.0, this.1) > (held.0, held.1) {
                *held = this;
            }
        }
        let kept: BTreeSet<RecordId> = best.into_values().map(|(_, _, id)| id).collect();
        let out: Vec<RecordId> =
            self.reviews.keys().filter(|id| !kept.contains(id)).copied().collect();
        for id in out {
            self.reviews.remove(&id);
            self.note(id, Err(ReviewRefused::Twice));
        }
    }
}
