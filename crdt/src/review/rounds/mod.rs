//! The rounds of a submission: which invitations, reviews and decisions count.
//!
//! That a review counts does not depend on other reviews: a decision names
//! those on which it rests, and each person once. So nothing that somebody signs
//! afterwards takes a decision away, but a conflict of interest that a reviewer
//! whom it counts declares: then it rests on one review less.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::{Records, SAID_MAX};
use super::parties::{Parties, Side, sealers};
use super::refused::ReviewRefused;
use super::{Assessment, Decision, Deed, NoReview, Outcome, Recommendation, ReviewEvent};
use crate::authority::Authority;
use crate::identity::{CertificateId, PublicKey, RecordId};
use crate::signed::Verified;

mod deciding;
mod tally;
mod telling;

pub use tally::{Tally, Word};

/// A review that counts.
#[derive(Clone, Copy, Debug)]
struct Counting {
    who: CertificateId,
    key: PublicKey,
    side: Side,
    round: u8,
    recommends: Recommendation,
}

struct Invite {
    reviewer: CertificateId,
    round: u8,
}

/// See the module.
pub(super) struct Rounds<'a> {
    authority: &'a Authority,
    parties: &'a Parties,
    edition: RecordId,
    events: BTreeMap<RecordId, &'a Verified<ReviewEvent>>,
    decisions: BTreeMap<RecordId, &'a Verified<Decision>>,
    invites: BTreeMap<RecordId, Invite>,
    reviews: BTreeMap<RecordId, Counting>,
    conflicted: BTreeSet<PublicKey>,
    /// Of each round: the decision that stands, and its outcome.
    standing: BTreeMap<u8, (RecordId, Outcome)>,
    refused: BTreeMap<RecordId, ReviewRefused>,
}

impl<'a> Rounds<'a> {
    pub fn new(authority: &'a Authority, parties: &'a Parties, records: &Records<'a>) -> Self {
        let mut rounds = Self {
            authority,
            parties,
            edition: records.submission.body().edition.cast(),
            events: BTreeMap::new(),
            decisions: BTreeMap::new(),
            invites: BTreeMap::new(),
            reviews: BTreeMap::new(),
            conflicted: BTreeSet::new(),
            standing: BTreeMap::new(),
            refused: BTreeMap::new(),
        };
        let submission = records.submission.id();
        let events: BTreeMap<RecordId, &Verified<ReviewEvent>> =
            records.events.iter().map(|event| (event.id(), event)).collect();
        let decisions: BTreeMap<RecordId, &Verified<Decision>> =
            records.decisions.iter().map(|decision| (decision.id(), decision)).collect();
        let all: BTreeSet<RecordId> = events.keys().chain(decisions.keys()).copied().collect();
        // Only what its signer may say counts towards how much is looked at:
        // nobody crowds out another by what they forge.
        let mut said: BTreeMap<CertificateId, usize> = BTreeMap::new();
        let mut room = |by: CertificateId| {
            let count = said.entry(by).or_default();
            *count += 1;
            if *count > SAID_MAX { Err(ReviewRefused::TooMany) } else { Ok(()) }
        };
        for id in all {
            let verdict = if let Some(event) = events.get(&id) {
                let ours = event.body().submission.cast() == submission;
                let may = rounds.may_say(event, ours).and_then(|()| room(event.body().by));
                may.map(|()| {
                    rounds.events.insert(id, event);
                })
            } else if let Some(decision) = decisions.get(&id) {
                let ours = decision.body().submission.cast() == submission;
                let may = rounds.may_decide(decision, ours).and_then(|()| room(decision.body().by));
                may.map(|()| {
                    rounds.decisions.insert(id, decision);
                })
            } else {
                Ok(())
            };
            rounds.note(id, verdict);
        }
        rounds
    }

    fn note(&mut self, id: RecordId, verdict: Result<(), ReviewRefused>) {
        if let Err(refused) = verdict {
            self.events.remove(&id);
            self.decisions.remove(&id);
            self.refused.insert(id, refused);
        }
    }

    /// Whether the signer of an event may say such a thing.
    fn may_say(&self, event: &Verified<ReviewEvent>, ours: bool) -> Result<(), ReviewRefused> {
        if !ours {
            return Err(ReviewRefused::OtherSubmission);
        }
        event.only_signer().ok_or(ReviewRefused::Signatures)?;
        let by = event.body().by;
        match &event.body().deed {
            Deed::Invite { reviewer, .. } => {
                self.parties.of_the_board(self.authority, by, event)?;
                self.parties.may_review(self.authority, reviewer)
            }
            Deed::Release { .. } => self.parties.of_the_board(self.authority, by, event).map(drop),
            Deed::Accept { .. } | Deed::Decline { .. } | Deed::Review { .. } => {
                self.parties.of_a_reviewer(self.authority, by, event)
            }
            Deed::Reply { .. } | Deed::Appeal { .. } | Deed::Withdraw { .. } => {
                self.parties.of_the_authors(self.authority, by, event)
            }
        }
    }

    fn may_decide(&self, decision: &Verified<Decision>, ours: bool) -> Result<(), ReviewRefused> {
        if !ours {
            return Err(ReviewRefused::OtherSubmission);
        }
        decision.only_signer().ok_or(ReviewRefused::Signatures)?;
        let body = decision.body();
        if body.edition.cast() != self.edition {
            return Err(ReviewRefused::OtherEdition);
        }
        let org = self.parties.of_the_board(self.authority, body.by, decision)?;
        let sealers = sealers(self.authority);
        if body.outcome == Outcome::Sealed && sealers.is_some_and(|named| !named.contains(&org)) {
            return Err(ReviewRefused::NotSealing);
        }
        Ok(())
    }

    /// Judges everything; the decision that was appealed against, if a second
    /// round stands.
    pub fn judge(&mut self) -> Option<RecordId> {
        self.invite();
        self.answer();
        self.review(1);
        self.decide(1);
        let appealed = self.appeal();
        if appealed.is_some() {
            self.not_again();
            self.review(2);
            self.decide(2);
        } else {
            self.without_second_round();
        }
        self.once_each();
        appealed
    }

    fn invite(&mut self) {
        for (id, event) in &self.events {
            if let Deed::Invite { reviewer, round } = event.body().deed {
                self.invites.insert(*id, Invite { reviewer, round });
            }
        }
    }

    /// Answers to invitations that are those of their signer; who has a
    /// conflict of interest has it in both rounds.
    fn answer(&mut self) {
        let mut verdicts = Vec::new();
        for (id, event) in &self.events {
            let by = event.body().by;
            match &event.body().deed {
                Deed::Release { invite, .. } if !self.invites.contains_key(invite) => {
                    verdicts.push((*id, ReviewRefused::NotYet("an invitation")));
                }
                Deed::Accept { invite, .. }
                | Deed::Decline { invite, .. }
                | Deed::Review { invite, .. } => match self.invites.get(invite) {
                    None => verdicts.push((*id, ReviewRefused::NotInvited)),
                    Some(invite) if invite.reviewer != by => {
                        verdicts.push((*id, ReviewRefused::NotInvited));
                    }
                    Some(_) => {
                        let declined = &event.body().deed;
                        if matches!(declined, Deed::Decline { reason: NoReview::Conflict, .. }) {
                            self.conflicted.extend(event.only_signer());
                        }
                    }
                },
                _ => {}
            }
        }
        for (id, refused) in verdicts {
            self.note(id, Err(refused));
        }
    }

    fn accepted(&self, who: &CertificateId, invite: &RecordId) -> bool {
        self.events.values().any(|event| {
            event.body().by == *who
                && matches!(&event.body().deed, Deed::Accept { invite: to, .. } if to == invite)
        })
    }

    /// The reviews of a round that count.
    fn review(&mut self, round: u8) {
        let mut verdicts = Vec::new();
        for (id, event) in &self.events {
            let Deed::Review { invite, assessment } = &event.body().deed else { continue };
            let (Some(invitation), Some(key)) = (self.invites.get(invite), event.only_signer())
            else {
                continue;
            };
            if invitation.round != round {
                continue;
            }
            let who = event.body().by;
            let assessment = Assessment::from_tree(assessment);
            let verdict = if self.conflicted.contains(&key) {
                Err(ReviewRefused::Conflict)
            } else if !self.accepted(&who, invite) {
                Err(ReviewRefused::NotAccepted)
            } else if let Some(why) = assessment.breaks(&self.parties.policy) {
                Err(ReviewRefused::Criteria(why))
            } else {
                let side = self.parties.side(self.authority, &who);
                // A review without one is no review: its bounds are checked.
                let recommends = assessment.recommendation.unwrap_or(Recommendation::Reject);
                Ok(Counting { who, key, side, round, recommends })
            };
            verdicts.push((*id, verdict));
        }
        for (id, verdict) in verdicts {
            match verdict {
                Ok(counting) => drop(self.reviews.insert(id, counting)),
                Err(refused) => self.note(id, Err(refused)),
            }
        }
    }

    /// Nobody is invited to the second round on whose review the first decision
    /// rests.
    fn not_again(&mut self) {
        let first = self.heard_first();
        let key = |who: &CertificateId| self.authority.certificate(who).map(|g| g.certificate.key);
        let again = |invite: &RecordId| {
            let invite = self.invites.get(invite).filter(|invite| invite.round == 2);
            invite.and_then(|invite| key(&invite.reviewer)).is_some_and(|key| first.contains(&key))
        };
        let out = self.events.iter().filter(|(id, event)| match &event.body().deed {
            Deed::Invite { .. } => again(id),
            Deed::Accept { invite, .. } | Deed::Review { invite, .. } => again(invite),
            _ => false,
        });
        let out: Vec<RecordId> = out.map(|(id, _)| *id).collect();
        for id in out {
            self.note(id, Err(ReviewRefused::Again));
        }
    }

    /// Those on whose reviews the decision of the first round rests.
    fn heard_first(&self) -> BTreeSet<PublicKey> {
        let decision = self.standing.get(&1).and_then(|(id, _)| self.decisions.get(id));
        let counted = decision.into_iter().flat_map(|decision| &decision.body().counted);
        counted.filter_map(|id| self.reviews.get(id)).map(|one| one.key).collect()
    }
}
