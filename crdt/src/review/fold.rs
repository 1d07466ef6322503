//! The state of a submission: a function of the set of its records.
//!
//! One pass in stages, each over the records in order of their ids, so that no
//! order of arrival can matter: whether it can be reviewed at all; who is
//! invited; which reviews count; what was decided in the first round; whether
//! an appeal stands; what was decided in the second.

use std::collections::BTreeMap;

use super::parties::Parties;
pub use super::parties::{DESK, Side, calls, sealers, speaks, speaks_about, stands};
use super::refused::{ReviewRefused, SubmissionRefused};
use super::rounds::Rounds;
pub use super::rounds::{Tally, Word};
use super::{Call, CriteriaPolicy, Decision, Outcome, ReviewEvent, Submission};
use crate::authority::Authority;
use crate::edition::Edition;
use crate::identity::{CertificateId, OrgId, RecordId};
use crate::signed::Verified;
use crate::timestamp::Timestamp;

/// Of one signer at most this many events and decisions about one submission
/// are looked at: those with the smallest ids.
pub const SAID_MAX: usize = 100;

/// What is held about one submission.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    /// The submission.
    pub submission: &'a Verified<Submission>,
    /// Its policy, if it is held.
    pub policy: Option<&'a Verified<CriteriaPolicy>>,
    /// Its call, if it names one that is held.
    pub call: Option<&'a Verified<Call>>,
    /// Its edition, if it is held.
    pub edition: Option<&'a Verified<Edition>>,
    /// Whether what the edition says is listed from a public source; `None`
    /// while nobody could read it.
    pub listed: Option<bool>,
    /// Its events, in any order.
    pub events: &'a [Verified<ReviewEvent>],
    /// Its decisions, in any order.
    pub decisions: &'a [Verified<Decision>],
}

/// Where a submission stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It cannot be reviewed, or not yet.
    Refused,
    /// The board has invited nobody in this round.
    Submitted,
    /// Reviewers are asked or at work.
    InReview,
    /// The reviewers do not agree, and one more is needed.
    Divided,
    /// Enough is said to decide.
    Ready,
    /// This was decided.
    Decided(Outcome),
    /// The authors took it back.
    Withdrawn,
}

impl State {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Submitted => "submitted",
            Self::InReview => "in_review",
            Self::Divided => "divided",
            Self::Ready => "ready",
            Self::Decided(outcome) => outcome.code(),
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Who has to act next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// The board.
    Board,
    /// Those who are invited and have not reviewed yet.
    Reviewers(Vec<CertificateId>),
    /// The authors.
    Authors,
}

/// Somebody who is invited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reviewer {
    /// Who.
    pub who: CertificateId,
    /// Of which organisation.
    pub org: OrgId,
    /// On which side.
    pub side: Side,
    /// In which round.
    pub round: u8,
    /// The invitation.
    pub invite: RecordId,
    /// What they said last.
    pub word: Word,
    /// Their review that counts.
    pub review: Option<RecordId>,
}

/// A submission as the held records make it.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// Where it stands.
    pub state: State,
    /// Why it cannot be reviewed, if so.
    pub flaw: Option<SubmissionRefused>,
    /// 1, or 2 once an appeal stands.
    pub round: u8,
    /// Who has to act.
    pub holder: Holder,
    /// Since when, as who brought it there claims.
    pub since: Timestamp,
    /// Those who are invited, by the order of what happened.
    pub reviewers: Vec<Reviewer>,
    /// How many reviews count in the last round, and how many are asked for.
    pub tally: Tally,
    /// The decision that stands in the last round.
    pub decision: Option<RecordId>,
    /// The decision of round 1 that was appealed against.
    pub appealed: Option<RecordId>,
    /// Reviews that it counts and that speak against what was decided.
    pub dissent: Vec<RecordId>,
    /// Reviews of its round that count and that it does not count.
    pub uncounted: Vec<RecordId>,
    /// What counts of events and decisions, each after those that it follows.
    pub line: Vec<RecordId>,
    /// What changes nothing, with the reason.
    pub refused: BTreeMap<RecordId, ReviewRefused>,
    /// What no other follows: what the next event follows.
    pub tips: Vec<RecordId>,
    /// The parties, if it can be reviewed.
    pub parties: Option<Parties>,
}

impl Case {
    /// The seal, if the edition that was submitted has one.
    pub fn seal(&self) -> Option<RecordId> {
        self.decision.filter(|_| self.state == State::Decided(Outcome::Sealed))
    }

    /// Whether one more appeal is possible.
    pub fn may_appeal(&self) -> bool {
        let lost = matches!(self.state, State::Decided(Outcome::Rejected | Outcome::Returned));
        lost && self.round == 1 && self.parties.as_ref().is_some_and(|p| p.policy.appeal)
    }

    /// What somebody is asked for now: their invitation in the last round that
    /// is not answered by a review.
    pub fn waits_for(&self, who: &CertificateId) -> Option<&Reviewer> {
        let open = |one: &&Reviewer| one.who == *who && one.is_awaited();
        self.reviewers.iter().rev().filter(|one| one.round == self.round).find(open)
    }
}

impl Reviewer {
    /// Whether they may still review.
    pub const fn is_awaited(&self) -> bool {
        self.review.is_none() && matches!(self.word, Word::None | Word::Accepted(_))
    }
}

/// The state of a submission. Equal sets of records give equal cases.
pub fn fold(authority: &Authority, records: &Records<'_>) -> Case {
    let parties = match Parties::of(authority, records) {
        Ok(parties) => parties,
        Err(flaw) => return Case::refused(records, flaw),
    };
    let mut rounds = Rounds::new(authority, &parties, records);
    let appealed = rounds.judge();
    let round = if appealed.is_some() { 2 } else { 1 };
    let reviewers = rounds.reviewers();
    let tally = rounds.tally(round);
    let decision = rounds.decision(round);
    let withdrawn = rounds.withdrawn();
    let awaited: Vec<CertificateId> = reviewers
        .iter()
        .filter(|one| one.round == round && one.is_awaited())
        .map(|one| one.who)
        .collect();
    let invited = reviewers.iter().any(|one| one.round == round);
    let state = match decision {
        Some((_, outcome)) => State::Decided(outcome),
        None if withdrawn => State::Withdrawn,
        None if tally.is_met() => State::Ready,
        None if tally.is_divided() && awaited.is_empty() => State::Divided,
        None if invited => State::InReview,
        None => State::Submitted,
    };
    let holder = match state {
        State::Refused | State::Withdrawn | State::Decided(Outcome::Sealed) => Holder::Nobody,
        State::Decided(_) if round == 1 => Holder::Authors,
        State::Decided(_) => Holder::Nobody,
        State::InReview if !awaited.is_empty() => Holder::Reviewers(awaited),
        _ => Holder::Board,
    };
    let (dissent, uncounted) = rounds.weigh(round);
    let line = rounds.line();
    let moved = rounds.last_move(&line);
    Case {
        state,
        flaw: None,
        round,
        holder,
        since: moved.unwrap_or(records.submission.body().claimed_at),
        reviewers,
        tally,
        decision: decision.map(|(id, _)| id),
        appealed,
        dissent,
        uncounted,
        tips: rounds.tips(),
        line,
        refused: rounds.into_refused(),
        parties: Some(parties),
    }
}

impl Case {
    fn refused(records: &Records<'_>, flaw: SubmissionRefused) -> Self {
        let events = records.events.iter().map(Verified::id);
        let all = events.chain(records.decisions.iter().map(Verified::id));
        Self {
            state: State::Refused,
            flaw: Some(flaw),
            round: 1,
            holder: Holder::Nobody,
            since: records.submission.body().claimed_at,
            reviewers: Vec::new(),
            tally: Tally::default(),
            decision: None,
            appealed: None,
            dissent: Vec::new(),
            uncounted: Vec::new(),
            line: Vec::new(),
            refused: all.map(|id| (id, ReviewRefused::NoSubmission)).collect(),
            tips: Vec::new(),
            parties: None,
        }
    }
}
