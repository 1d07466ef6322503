//! Stories of reviews: Niger submits, the UN desk invites and decides, people
//! of the desk, of Nepal and of Moldova review.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::fold::{Case, Holder, Records, SAID_MAX, State, Word, fold};
use super::*;
use crate::authority::{Authority, Forbidden, Role};
use crate::edition::Edition;
use crate::founding::{Founding, Person, key};
use crate::identity::{FederationId, OrgId, PublicKey, SecretKey, document_id};
use crate::signed::Verified;

struct Hub {
    federation: FederationId,
    authority: Authority,
    orgs: [OrgId; 4],
    /// Niger: publishes; reviews for others.
    hama: Person,
    issa: Person,
    /// The UN: its desk; two reviewers.
    desk: Person,
    una: Person,
    ugo: Person,
    /// Nepal and Moldova: two reviewers each, and a focal point.
    maya: Person,
    mina: Person,
    ion: Person,
    ina: Person,
    focal: Person,
    policy: Verified<CriteriaPolicy>,
    edition: Verified<Edition>,
    submission: Verified<Submission>,
}

const NAMES: [&str; 4] = ["Niger", "UN", "Nepal", "Moldova"];

fn sign<T: Statement>(federation: FederationId, statement: &T, key: &SecretKey) -> Verified<T> {
    let record = statement.prepare().sign(federation, key);
    record.verify(federation).and_then(Verified::read).expect("within its bounds")
}

fn policy_of(orgs: [OrgId; 4]) -> serde_json::Value {
    let ids = orgs.map(|org| org.to_string());
    json!({
        "name": "Practices of the Hub",
        "criteria": [
            { "code": "evidence", "question": "Is it shown that it works?", "required": true },
            { "code": "rights", "question": "Does it keep to the rights of people?" },
        ],
        "board": [ids[1]],
        "internal": [ids[1]],
        "appeal": true,
    })
}

impl Hub {
    fn new() -> Self {
        Self::with(None, |_| {})
    }

    fn with(seals: Option<usize>, amend: impl Fn(&mut serde_json::Value)) -> Self {
        let mut founding = Founding::of(NAMES, |orgs| {
            let words = format!("Only {} seals.", orgs[seals?]);
            Some(BTreeMap::from([("seals".to_owned(), words)]))
        });
        let mut person = |org, number, role| founding.person(org, number, &[role]);
        let hama = person(0, 1, Role::Publisher);
        let issa = person(0, 2, Role::Reviewer);
        let desk = person(1, 1, Role::FocalPoint);
        let [una, ugo] = [2, 3].map(|n| person(1, n, Role::Reviewer));
        let [maya, mina] = [1, 2].map(|n| person(2, n, Role::Reviewer));
        let focal = person(2, 3, Role::FocalPoint);
        let [ion, ina] = [1, 2].map(|n| person(3, n, Role::Reviewer));
        let (federation, orgs) = (founding.federation, founding.orgs);
        let authority = founding.authority();

        let mut policy = policy_of(orgs);
        amend(&mut policy);
        let policy = Policy::from_json(&policy, "en").expect("a policy").to_tree();
        let policy = CriteriaPolicy {
            by: desk.certificate,
            nonce: [1; 16],
            policy,
            replaces: None,
            claimed_at: Timestamp(1),
        };
        let policy = sign(federation, &policy, &desk.key);
        let edition = edition(federation, &hama, 5);
        let submission = Submission {
            by: hama.certificate,
            nonce: [2; 16],
            practice: edition.body().practice,
            edition: edition.id().cast(),
            policy: policy.id(),
            call: None,
            note: String::new(),
            claimed_at: Timestamp(2),
        };
        let submission = sign(federation, &submission, &hama.key);
        Self {
            federation,
            authority,
            orgs,
            hama,
            issa,
            desk,
            una,
            ugo,
            maya,
            mina,
            ion,
            ina,
            focal,
            policy,
            edition,
            submission,
        }
    }

    fn records<'a>(
        &'a self,
        events: &'a [Event],
        decisions: &'a [Verified<Decision>],
    ) -> Records<'a> {
        Records {
            submission: &self.submission,
            policy: Some(&self.policy),
            call: None,
            edition: Some(&self.edition),
            listed: Some(false),
            events,
            decisions,
        }
    }

    fn case(&self, events: &[Event], decisions: &[Verified<Decision>]) -> Case {
        fold(&self.authority, &self.records(events, decisions))
    }

    fn says(&self, who: &Person, after: &[&Event], deed: Deed) -> Event {
        let mut after: Vec<RecordId> = after.iter().map(|event| event.id()).collect();
        after.sort_unstable();
        let event = ReviewEvent {
            by: who.certificate,
            submission: self.submission.id().cast(),
            after,
            deed,
            claimed_at: Timestamp(3),
        };
        sign(self.federation, &event, &who.key)
    }

    fn invites(&self, reviewer: &Person, round: u8) -> Event {
        self.says(&self.desk, &[], Deed::Invite { reviewer: reviewer.certificate, round })
    }

    fn accepts(&self, who: &Person, invite: &Event) -> Event {
        let deed = Deed::Accept { invite: invite.id(), interests: String::new() };
        self.says(who, &[invite], deed)
    }

    fn declines(&self, who: &Person, invite: &Event, reason: NoReview) -> Event {
        let deed = Deed::Decline { invite: invite.id(), reason, note: String::new() };
        self.says(who, &[invite], deed)
    }

    fn reviews(&self, who: &Person, invite: &Event, recommends: &str) -> Event {
        let assessment = json!({
            "scores": [{ "criterion": "evidence", "mark": "met" }],
            "comments": [{ "field": "results", "text": "Since when?" }],
            "recommendation": recommends,
        });
        let assessment = Assessment::from_json(&assessment, "en").expect("one").to_tree();
        self.says(who, &[invite], Deed::Review { invite: invite.id(), assessment })
    }

    /// Somebody is invited, accepts and reviews.
    fn heard(&self, who: &Person, round: u8, recommends: &str) -> [Event; 3] {
        let invite = self.invites(who, round);
        [invite.clone(), self.accepts(who, &invite), self.reviews(who, &invite, recommends)]
    }

    fn decides(
        &self,
        who: &Person,
        round: u8,
        outcome: Outcome,
        counted: &[&Event],
    ) -> Verified<Decision> {
        let mut counted: Vec<RecordId> = counted.iter().map(|review| review.id()).collect();
        counted.sort_unstable();
        let decision = Decision {
            by: who.certificate,
            submission: self.submission.id().cast(),
            edition: self.edition.id().cast(),
            round,
            outcome,
            after: counted.clone(),
            counted,
            reasons: "As the reviews say".into(),
            claimed_at: Timestamp(4),
        };
        sign(self.federation, &decision, &who.key)
    }

    /// The desk and one reviewer each of Nepal and Moldova speak for it.
    fn agreed(&self) -> Vec<Event> {
        let heard = [(&self.una, "accept"), (&self.maya, "minor"), (&self.ion, "accept")];
        heard.into_iter().flat_map(|(who, word)| self.heard(who, 1, word)).collect()
    }
}

type Event = Verified<ReviewEvent>;

fn edition(federation: FederationId, by: &Person, seed: u8) -> Verified<Edition> {
    let edition = Edition {
        by: by.certificate,
        practice: document_id(federation, by.certificate, &[seed; 16]),
        number: 1,
        previous: vec![],
        nonce: [seed; 16],
        change: [seed; 32],
        content: [seed; 32],
        contributors: vec![],
        note: String::new(),
        claimed_at: Timestamp(0),
        cleared: None,
    };
    sign(federation, &edition, &by.key)
}

fn reviews(events: &[Event]) -> Vec<&Event> {
    events.iter().filter(|event| matches!(event.body().deed, Deed::Review { .. })).collect()
}

#[test]
fn an_edition_goes_from_submitted_to_sealed_and_the_seal_is_its_own() {
    let hub = Hub::new();
    assert_eq!(hub.case(&[], &[]).state, State::Submitted);
    assert_eq!(hub.case(&[], &[]).holder, Holder::Board);
    let events = hub.agreed();
    let case = hub.case(&events[..1], &[]);
    assert_eq!(case.state, State::InReview);
    assert_eq!(case.holder, Holder::Reviewers(vec![hub.una.certificate]));
    assert!(case.waits_for(&hub.una.certificate).is_some());
    let case = hub.case(&events, &[]);
    assert_eq!((case.state, &case.holder), (State::Ready, &Holder::Board));
    let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events));
    let case = hub.case(&events, std::slice::from_ref(&seal));
    assert_eq!(case.state, State::Decided(Outcome::Sealed));
    assert_eq!(case.seal(), Some(seal.id()));
    assert_eq!((&case.refused, &case.dissent), (&BTreeMap::new(), &vec![]));
    assert_eq!(case.line.last(), Some(&seal.id()));
    assert!(case.tips.contains(&seal.id()));
}

#[test]
fn a_seal_does_not_move_to_another_edition() {
    let hub = Hub::new();
    let events = hub.agreed();
    let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events));
    let next = edition(hub.federation, &hub.hama, 6);
    let moved = Decision { edition: next.id().cast(), ..seal.body().clone() };
    let moved = sign(hub.federation, &moved, &hub.desk.key);
    let case = hub.case(&events, std::slice::from_ref(&moved));
    assert_eq!((case.state, case.seal()), (State::Ready, None));
    assert_eq!(case.refused.get(&moved.id()), Some(&ReviewRefused::OtherEdition));
    // Nor do its reviews carry a seal of another submission.
    let other = Submission {
        edition: next.id().cast(),
        practice: next.body().practice,
        ..hub.submission.body().clone()
    };
    let other = sign(hub.federation, &other, &hub.hama.key);
    let seal = Decision { submission: other.id().cast(), ..moved.body().clone() };
    let seal = sign(hub.federation, &seal, &hub.desk.key);
    let decisions = [seal.clone()];
    let records =
        Records { submission: &other, edition: Some(&next), ..hub.records(&events, &decisions) };
    let case = fold(&hub.authority, &records);
    assert_eq!(case.seal(), None);
    assert_eq!(case.refused.get(&seal.id()), Some(&ReviewRefused::Uncounted));
    assert_eq!(case.refused.get(&events[2].id()), Some(&ReviewRefused::OtherSubmission));
    // Nor is an edition judged that was not submitted.
    let case = fold(&hub.authority, &Records { edition: Some(&next), ..hub.records(&events, &[]) });
    assert_eq!(case.flaw, Some(SubmissionRefused::NotYet("an edition")));
}

#[test]
fn nobody_of_the_authors_organisation_reviews_invites_or_decides() {
    let hub = Hub::new();
    let mut events = hub.agreed();
    let invite = hub.invites(&hub.issa, 1);
    let review = hub.reviews(&hub.issa, &invite, "accept");
    let hama = hub.decides(&hub.hama, 1, Outcome::Sealed, &reviews(&events));
    let self_invite =
        hub.says(&hub.hama, &[], Deed::Invite { reviewer: hub.maya.certificate, round: 1 });
    let bad = [invite, review, self_invite];
    events.extend(bad.clone());
    let case = hub.case(&events, std::slice::from_ref(&hama));
    assert_eq!(case.state, State::Ready);
    for id in bad.iter().map(Verified::id).chain([hama.id()]) {
        assert_eq!(case.refused.get(&id), Some(&ReviewRefused::Authors));
    }
    // Who is named as having written it is an author too, with their organisation.
    let edition =
        Edition { contributors: vec![hub.mina.certificate], ..hub.edition.body().clone() };
    let edition = sign(hub.federation, &edition, &hub.hama.key);
    let submission = Submission { edition: edition.id().cast(), ..hub.submission.body().clone() };
    let submission = sign(hub.federation, &submission, &hub.hama.key);
    let invite = ReviewEvent {
        submission: submission.id().cast(),
        ..hub.invites(&hub.maya, 1).body().clone()
    };
    let invite = [sign(hub.federation, &invite, &hub.desk.key)];
    let records =
        Records { submission: &submission, edition: Some(&edition), ..hub.records(&invite, &[]) };
    let case = fold(&hub.authority, &records);
    assert_eq!(case.refused.get(&invite[0].id()), Some(&ReviewRefused::Authors));
}

#[test]
fn strangers_the_uninvited_and_those_with_a_conflict_count_for_nothing() {
    let hub = Hub::new();
    let events = hub.agreed();
    let refused = |bad: &Event| {
        let mut with = events.clone();
        with.push(bad.clone());
        let case = hub.case(&with, &[]);
        assert_eq!((case.state, case.tally), (State::Ready, hub.case(&events, &[]).tally));
        case.refused.get(&bad.id()).cloned()
    };
    // Nobody knows this certificate.
    let stranger = Person { key: key(9, 9), certificate: CertificateId::new([9; 32]) };
    let bad = hub.reviews(&stranger, &events[0], "reject");
    assert!(matches!(
        refused(&bad),
        Some(ReviewRefused::Forbidden(Forbidden::UnknownCertificate(_)))
    ));
    // A reviewer answers another's invitation.
    let bad = hub.reviews(&hub.mina, &events[0], "reject");
    assert_eq!(refused(&bad), Some(ReviewRefused::NotInvited));
    // Somebody with another role, somebody else's key.
    let bad = hub.reviews(&hub.focal, &events[0], "reject");
    assert!(matches!(
        refused(&bad),
        Some(ReviewRefused::Forbidden(Forbidden::WithoutRole { role: Role::Reviewer, .. }))
    ));
    let forged = ReviewEvent { claimed_at: Timestamp(9), ..events[2].body().clone() };
    let bad = sign(hub.federation, &forged, &hub.mina.key);
    assert!(matches!(refused(&bad), Some(ReviewRefused::Forbidden(Forbidden::OtherKey { .. }))));
    // A second review by the same person counts once.
    let twice = ReviewEvent { claimed_at: Timestamp(9), ..events[2].body().clone() };
    let twice = sign(hub.federation, &twice, &hub.una.key);
    let mut with = events.clone();
    with.push(twice.clone());
    let case = hub.case(&with, &[]);
    let twice_refused = |id| case.refused.get(id) == Some(&ReviewRefused::Twice);
    assert!(twice_refused(&twice.id()) != twice_refused(&events[2].id()));
    assert_eq!(case.tally, hub.case(&events, &[]).tally);
    let both =
        hub.decides(&hub.desk, 1, Outcome::Sealed, &[&twice, &events[2], &events[5], &events[8]]);
    let case = hub.case(&with, std::slice::from_ref(&both));
    assert_eq!(case.refused.get(&both.id()), Some(&ReviewRefused::Uncounted));
    // A board that is none.
    let bad = hub.says(&hub.focal, &[], Deed::Invite { reviewer: hub.ina.certificate, round: 1 });
    assert_eq!(refused(&bad), Some(ReviewRefused::NotTheBoard));
}

#[test]
fn a_conflict_that_is_declared_takes_the_review_away_whenever_it_is() {
    let hub = Hub::new();
    let mut events = hub.agreed();
    let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events));
    let conflict = hub.declines(&hub.maya, &events[3], NoReview::Conflict);
    events.push(conflict.clone());
    let case = hub.case(&events, std::slice::from_ref(&seal));
    assert_eq!((case.state, case.seal()), (State::InReview, None));
    assert_eq!(case.refused.get(&events[5].id()), Some(&ReviewRefused::Conflict));
    assert_eq!(case.refused.get(&seal.id()), Some(&ReviewRefused::Uncounted));
    let maya = case.reviewers.iter().find(|one| one.who == hub.maya.certificate).expect("invited");
    assert_eq!(maya.word, Word::Declined(conflict.id(), NoReview::Conflict));
    // Another person of Nepal is heard, and it is sealed after all.
    events.extend(hub.heard(&hub.mina, 1, "accept"));
    let counted: Vec<&Event> = [2, 8, 12].map(|at| &events[at]).to_vec();
    let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &counted);
    assert_eq!(hub.case(&events, std::slice::from_ref(&seal)).seal(), Some(seal.id()));
}

#[test]
fn without_a_quorum_nothing_is_sealed_or_rejected_but_it_can_be_given_back() {
    let hub = Hub::new();
    let events = hub.agreed();
    let all = reviews(&events);
    for outcome in [Outcome::Sealed, Outcome::Rejected] {
        for counted in [&all[..0], &all[..2], &all[1..]] {
            let bad = hub.decides(&hub.desk, 1, outcome, counted);
            let case = hub.case(&events, std::slice::from_ref(&bad));
            assert_eq!(case.state, State::Ready);
            let why = case.refused.get(&bad.id()).expect("refused");
            assert!(matches!(
                why,
                ReviewRefused::Quorum { internal_least: 1, external_least: 2, .. }
            ));
        }
    }
    // All speak for it, so it is not rejected.
    let bad = hub.decides(&hub.desk, 1, Outcome::Rejected, &all);
    let case = hub.case(&events, std::slice::from_ref(&bad));
    assert_eq!(case.refused.get(&bad.id()), Some(&ReviewRefused::Outcome));
    let back = hub.decides(&hub.desk, 1, Outcome::Returned, &[]);
    let case = hub.case(&[], std::slice::from_ref(&back));
    assert_eq!((case.state, &case.holder), (State::Decided(Outcome::Returned), &Holder::Authors));
    // A seal that rests on reviews stands before what rests on none.
    let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &all);
    let case = hub.case(&events, &[seal.clone(), back.clone()]);
    assert_eq!(case.seal(), Some(seal.id()));
    assert_eq!(case.refused.get(&back.id()), Some(&ReviewRefused::NotStanding));
}

#[test]
fn those_who_do_not_agree_are_joined_by_one_more() {
    let hub = Hub::new();
    let heard = [(&hub.una, "accept"), (&hub.maya, "major"), (&hub.ion, "minor")];
    let mut events: Vec<Event> =
        heard.into_iter().flat_map(|(who, word)| hub.heard(who, 1, word)).collect();
    let case = hub.case(&events, &[]);
    assert_eq!((case.state, &case.holder), (State::Divided, &Holder::Board));
    let early = hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events));
    let case = hub.case(&events, std::slice::from_ref(&early));
    assert_eq!(case.refused.get(&early.id()), Some(&ReviewRefused::TieBreak(4)));
    events.extend(hub.heard(&hub.ina, 1, "accept"));
    let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events));
    let case = hub.case(&events, std::slice::from_ref(&seal));
    assert_eq!(case.seal(), Some(seal.id()));
    assert_eq!(case.dissent, vec![events[5].id()]);
    // Two against two do not seal.
    let mut events: Vec<Event> = events[..9].to_vec();
    events.extend(hub.heard(&hub.ina, 1, "reject"));
    let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events));
    let case = hub.case(&events, std::slice::from_ref(&seal));
    assert_eq!(
        (case.state, case.refused.get(&seal.id())),
        (State::Ready, Some(&ReviewRefused::Outcome))
    );
    // A review that is left out is seen.
    let counted: Vec<&Event> = [2, 5, 8, 11].map(|at| &events[at]).to_vec();
    let rejected = hub.decides(&hub.desk, 1, Outcome::Rejected, &counted);
    events.extend(hub.heard(&hub.mina, 1, "accept"));
    let case = hub.case(&events, std::slice::from_ref(&rejected));
    assert_eq!(case.state, State::Decided(Outcome::Rejected));
    assert_eq!(case.uncounted, vec![events[14].id()]);
}

#[test]
fn one_appeal_is_heard_by_others() {
    let hub = Hub::new();
    let heard = [(&hub.una, "reject"), (&hub.maya, "major"), (&hub.ion, "reject")];
    let mut events: Vec<Event> =
        heard.into_iter().flat_map(|(who, word)| hub.heard(who, 1, word)).collect();
    let first = hub.decides(&hub.desk, 1, Outcome::Rejected, &reviews(&events));
    let case = hub.case(&events, std::slice::from_ref(&first));
    assert!(case.may_appeal());
    assert_eq!(case.holder, Holder::Authors);
    // Nobody is heard again before there is an appeal.
    let early = hub.heard(&hub.ugo, 2, "accept");
    let mut with = events.clone();
    with.extend(early.clone());
    let case = hub.case(&with, std::slice::from_ref(&first));
    assert_eq!(case.refused.get(&early[0].id()), Some(&ReviewRefused::NoAppeal));
    let appeals = |who: &Person, reasons: &str| {
        hub.says(who, &[], Deed::Appeal { decision: first.id(), reasons: reasons.into() })
    };
    let [one, other] = ["No one visited", "Nobody asked us"].map(|why| appeals(&hub.hama, why));
    let by_another = appeals(&hub.focal, "We like it");
    events.extend([one.clone(), other.clone(), by_another.clone()]);
    let case = hub.case(&events, std::slice::from_ref(&first));
    assert_eq!((case.state, case.round), (State::Submitted, 2));
    assert_eq!((case.appealed, case.may_appeal()), (Some(first.id()), false));
    let later = if one.id() < other.id() { &other } else { &one };
    assert_eq!(case.refused.get(&later.id()), Some(&ReviewRefused::Appealed));
    assert!(matches!(case.refused.get(&by_another.id()), Some(ReviewRefused::Forbidden(_))));
    // Who was heard first is not heard again.
    let again = hub.heard(&hub.ion, 2, "accept");
    let heard = [(&hub.ugo, "accept"), (&hub.mina, "accept"), (&hub.ina, "minor")];
    let new: Vec<Event> =
        heard.into_iter().flat_map(|(who, word)| hub.heard(who, 2, word)).collect();
    events.extend(again.clone());
    events.extend(new.clone());
    let bad = hub.decides(&hub.desk, 2, Outcome::Sealed, &[&again[2], &new[2], &new[5]]);
    let seal = hub.decides(&hub.desk, 2, Outcome::Sealed, &reviews(&new));
    let case = hub.case(&events, &[first.clone(), bad.clone(), seal.clone()]);
    assert_eq!(case.seal(), Some(seal.id()));
    assert_eq!(case.refused.get(&again[2].id()), Some(&ReviewRefused::Again));
    assert_eq!(case.refused.get(&bad.id()), Some(&ReviewRefused::Uncounted));
    // A policy without appeal has none.
    let strict = Hub::with(None, |policy| policy["appeal"] = json!(false));
    let back = strict.decides(&strict.desk, 1, Outcome::Returned, &[]);
    let deed = Deed::Appeal { decision: back.id(), reasons: "Please".into() };
    let appeal = strict.says(&strict.hama, &[], deed);
    let case = strict.case(std::slice::from_ref(&appeal), &[back]);
    assert_eq!(case.refused.get(&appeal.id()), Some(&ReviewRefused::NoAppeals));
}

#[test]
fn what_cannot_be_reviewed_says_why() {
    let hub = Hub::new();
    let events = hub.agreed();
    let seal = [hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events))];
    let flaw = |records: &Records<'_>| {
        let case = fold(&hub.authority, records);
        assert_eq!((case.state, case.seal()), (State::Refused, None));
        assert_eq!(case.refused.len(), events.len() + 1);
        case.flaw
    };
    let whole = || hub.records(&events, &seal);
    assert_eq!(flaw(&Records { listed: Some(true), ..whole() }), Some(SubmissionRefused::Listed));
    for records in [
        Records { policy: None, ..whole() },
        Records { edition: None, ..whole() },
        Records { listed: None, ..whole() },
    ] {
        assert!(matches!(flaw(&records), Some(SubmissionRefused::NotYet(_))));
    }
    // Somebody who publishes elsewhere submits it.
    let of_nepal = Submission { by: hub.focal.certificate, ..hub.submission.body().clone() };
    let of_nepal = sign(hub.federation, &of_nepal, &hub.focal.key);
    let records = Records { submission: &of_nepal, ..whole() };
    assert!(matches!(flaw(&records), Some(SubmissionRefused::Forbidden(_))));
    // A policy that its board did not sign.
    let policy = CriteriaPolicy { by: hub.hama.certificate, ..hub.policy.body().clone() };
    let policy = sign(hub.federation, &policy, &hub.hama.key);
    let submission = Submission { policy: policy.id(), ..hub.submission.body().clone() };
    let submission = sign(hub.federation, &submission, &hub.hama.key);
    let records = Records { submission: &submission, policy: Some(&policy), ..whole() };
    assert_eq!(flaw(&records), Some(SubmissionRefused::NotTheBoard));
}

#[test]
fn the_charter_may_name_who_seals_and_the_policy_how_many_decide() {
    for (named, sealed) in [(None, true), (Some(1), true), (Some(2), false)] {
        let hub = Hub::with(named, |_| {});
        let events = hub.agreed();
        let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events));
        let case = hub.case(&events, std::slice::from_ref(&seal));
        assert_eq!(case.seal().is_some(), sealed, "{named:?}");
        let why = case.refused.get(&seal.id());
        assert_eq!(why == Some(&ReviewRefused::NotSealing), !sealed);
    }
    let nepal = Hub::new().orgs[2].to_string();
    let two = Hub::with(None, |policy| {
        policy["board"].as_array_mut().expect("a list").push(json!(nepal));
        policy["deciding"] = json!(2);
    });
    let heard = [(&two.una, "accept"), (&two.ina, "accept"), (&two.ion, "accept")];
    let events: Vec<Event> =
        heard.into_iter().flat_map(|(who, word)| two.heard(who, 1, word)).collect();
    let one = two.decides(&two.desk, 1, Outcome::Sealed, &reviews(&events));
    let other = two.decides(&two.focal, 1, Outcome::Sealed, &reviews(&events));
    let case = two.case(&events, std::slice::from_ref(&one));
    assert_eq!((case.state, case.seal()), (State::Ready, None));
    assert_eq!(case.refused.get(&one.id()), Some(&ReviewRefused::NotStanding));
    let case = two.case(&events, &[one.clone(), other.clone()]);
    assert_eq!(case.seal(), Some(one.id().min(other.id())));
}

#[test]
fn who_floods_a_submission_is_looked_at_so_far_and_crowds_nobody_else_out() {
    let hub = Hub::new();
    let mut events = hub.agreed();
    let seal = hub.decides(&hub.desk, 1, Outcome::Sealed, &reviews(&events));
    for n in 0..2 * SAID_MAX as i64 {
        let deed = Deed::Reply { text: "Please".into() };
        let reply = hub.says(&hub.hama, &[], deed.clone());
        let more = ReviewEvent { claimed_at: Timestamp(n), ..reply.body().clone() };
        events.push(sign(hub.federation, &more, &hub.hama.key));
        // In the name of the desk, by a key that is not the desk's.
        let forged = ReviewEvent { by: hub.desk.certificate, ..more };
        events.push(sign(hub.federation, &forged, &hub.hama.key));
    }
    let case = hub.case(&events, std::slice::from_ref(&seal));
    assert_eq!(case.seal(), Some(seal.id()));
    let too_many = case.refused.values().filter(|why| **why == ReviewRefused::TooMany);
    assert_eq!(too_many.count(), SAID_MAX);
}

#[test]
fn a_review_answers_what_the_policy_asks() {
    let hub = Hub::new();
    let invite = hub.invites(&hub.maya, 1);
    let accept = hub.accepts(&hub.maya, &invite);
    let says = |scores: serde_json::Value| {
        let json = json!({ "scores": scores, "recommendation": "accept" });
        let assessment = Assessment::from_json(&json, "en").expect("a form").to_tree();
        hub.says(&hub.maya, &[], Deed::Review { invite: invite.id(), assessment })
    };
    for (scores, what) in [
        (json!([]), "`evidence`"),
        (
            json!([{ "criterion": "evidence", "mark": "met" }, { "criterion": "taste", "mark": "no" }]),
            "`taste`",
        ),
    ] {
        let bad = says(scores);
        let case = hub.case(&[invite.clone(), accept.clone(), bad.clone()], &[]);
        let why = case.refused.get(&bad.id()).expect("refused").to_string();
        assert!(why.contains(what), "{why}");
    }
    let early = hub.reviews(&hub.maya, &invite, "accept");
    let case = hub.case(&[invite.clone(), early.clone()], &[]);
    assert_eq!(case.refused.get(&early.id()), Some(&ReviewRefused::NotAccepted));
}

#[test]
fn policies_that_nothing_can_be_judged_by_are_refused_by_name() {
    let orgs = Hub::new().orgs;
    let good = policy_of(orgs);
    assert_eq!(
        Policy::from_json(&good, "en").map(|policy| policy.reviewers()),
        Ok(Reviewers::default())
    );
    for (key, value) in [
        ("criteria", json!([])),
        ("criteria", json!([{ "code": "A b", "question": "?" }])),
        ("board", json!([])),
        ("deciding", json!(2)),
        ("reviewers", json!({ "internal": 0, "external": 1, "tie_break": 1 })),
        ("reviewers", json!({ "internal": 1, "external": 2, "tie_break": 0 })),
        ("internal", json!([])),
        ("jury", json!([])),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        let refused = Policy::from_json(&bad, "en").expect_err(key);
        assert!(refused.field.starts_with(key), "{refused}");
    }
    let json = json!({ "scores": [], "recommendation": "perhaps" });
    assert_eq!(Assessment::from_json(&json, "en").expect_err("no word").field, "recommendation");
}

/// The vectors of section 23 of the specification.
#[test]
fn their_bytes_are_those_of_the_specification() {
    let hex = |payload: Vec<u8>| {
        let mut hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        for seed in 1..=9_u8 {
            let seed = format!("{seed:02x}");
            hex = hex.replace(&format!("5820{}", seed.repeat(32)), &format!("[{}]", &seed[1..]));
        }
        hex
    };
    let encode = |statement: &dyn Fn() -> Vec<u8>| hex(statement());
    let (by, id) = (CertificateId::new([1; 32]), |n: u8| RecordId::new([n; 32]));
    let submission = Submission {
        by,
        nonce: [2; 16],
        practice: DocumentId::new([3; 32]),
        edition: EditionId::new([4; 32]),
        policy: id(5),
        call: None,
        note: "n".into(),
        claimed_at: Timestamp(9),
    };
    let bytes = encode(&|| minicbor::to_vec(&submission).expect("a Vec"));
    let nonce = "02".repeat(16);
    assert_eq!(bytes, format!("a700[1]0150{nonce}02[3]03[4]04[5]06616e0709"));
    let event = |deed| ReviewEvent {
        by,
        submission: SubmissionId::new([2; 32]),
        after: vec![id(3)],
        deed,
        claimed_at: Timestamp(9),
    };
    let assessment = Tree::default();
    for (deed, bytes) in [
        (Deed::Invite { reviewer: CertificateId::new([4; 32]), round: 1 }, "820082[4]01"),
        (Deed::Release { invite: id(4), note: "n".into() }, "820182[4]616e"),
        (Deed::Accept { invite: id(4), interests: "n".into() }, "820282[4]616e"),
        (
            Deed::Decline { invite: id(4), reason: NoReview::Topic, note: "n".into() },
            "820383[4]03616e",
        ),
        (Deed::Review { invite: id(4), assessment }, "820482[4]a0"),
        (Deed::Reply { text: "n".into() }, "820581616e"),
        (Deed::Appeal { decision: id(4), reasons: "n".into() }, "820682[4]616e"),
        (Deed::Withdraw { note: "n".into() }, "820781616e"),
    ] {
        let event = event(deed);
        let made = encode(&|| minicbor::to_vec(&event).expect("a Vec"));
        assert_eq!(made, format!("a500[1]01[2]0281[3]03{bytes}0409"));
    }
    let decision = Decision {
        by,
        submission: SubmissionId::new([2; 32]),
        edition: EditionId::new([3; 32]),
        round: 1,
        outcome: Outcome::Sealed,
        counted: vec![id(4)],
        reasons: "r".into(),
        after: vec![id(4)],
        claimed_at: Timestamp(9),
    };
    let bytes = encode(&|| minicbor::to_vec(&decision).expect("a Vec"));
    assert_eq!(bytes, "a900[1]01[2]02[3]030104020581[4]0661720781[4]0809");
    let policy = CriteriaPolicy {
        by,
        nonce: [2; 16],
        policy: Tree::default(),
        replaces: None,
        claimed_at: Timestamp(9),
    };
    let bytes = encode(&|| minicbor::to_vec(&policy).expect("a Vec"));
    assert_eq!(bytes, format!("a400[1]0150{nonce}02a00409"));
    let call =
        Call { by, nonce: [2; 16], policy: id(3), call: Tree::default(), claimed_at: Timestamp(9) };
    let bytes = encode(&|| minicbor::to_vec(&call).expect("a Vec"));
    assert_eq!(bytes, format!("a500[1]0150{nonce}02[3]03a00409"));
}

/// Everything that happens in these stories, and much that may not.
fn everything(hub: &Hub) -> (Vec<Event>, Vec<Verified<Decision>>) {
    let mut events = hub.agreed();
    events.extend(hub.heard(&hub.mina, 1, "reject"));
    events.extend(hub.heard(&hub.issa, 1, "accept"));
    let back = hub.decides(&hub.desk, 1, Outcome::Returned, &[]);
    let four = reviews(&events)[..4].to_vec();
    let mut decisions = vec![
        hub.decides(&hub.desk, 1, Outcome::Sealed, &four[..3]),
        hub.decides(&hub.desk, 1, Outcome::Sealed, &four),
        hub.decides(&hub.desk, 1, Outcome::Returned, &four),
        hub.decides(&hub.hama, 1, Outcome::Sealed, &four[..3]),
        back.clone(),
    ];
    for heard in [
        hub.heard(&hub.ugo, 2, "accept"),
        hub.heard(&hub.ina, 2, "minor"),
        hub.heard(&hub.mina, 2, "accept"),
        hub.heard(&hub.ion, 2, "accept"),
    ] {
        events.extend(heard);
    }
    let second = reviews(&events)[5..].to_vec();
    decisions.push(hub.decides(&hub.desk, 2, Outcome::Sealed, &second[..3]));
    decisions.push(hub.decides(&hub.desk, 2, Outcome::Sealed, &second));
    events.extend([
        hub.declines(&hub.maya, &events[3], NoReview::Conflict),
        hub.declines(&hub.ion, &events[6], NoReview::Time),
        hub.says(&hub.desk, &[], Deed::Release { invite: events[0].id(), note: String::new() }),
        hub.says(&hub.hama, &[], Deed::Appeal { decision: back.id(), reasons: "why".into() }),
        hub.says(&hub.hama, &[], Deed::Reply { text: "thank you".into() }),
        hub.says(&hub.focal, &[], Deed::Withdraw { note: String::new() }),
    ]);
    let twice = ReviewEvent { claimed_at: Timestamp(9), ..events[2].body().clone() };
    events.push(sign(hub.federation, &twice, &hub.una.key));
    (events, decisions)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whoever_holds_the_same_records_sees_the_same(
        held in prop::collection::vec(0..8_u8, 64),
        order in any::<prop::sample::Index>(),
    ) {
        let hub = Hub::new();
        let (events, decisions) = everything(&hub);
        prop_assert!(events.len() + decisions.len() <= 64);
        let keep = |at: usize| held[at] != 0;
        let mut some: Vec<Event> = events
            .iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, e)| e.clone()).collect();
        let mut decided: Vec<_> = decisions
            .iter().enumerate().filter(|(at, _)| keep(63 - at)).map(|(_, d)| d.clone()).collect();
        let case = hub.case(&some, &decided);
        if !some.is_empty() {
            let middle = order.index(some.len());
            some.rotate_left(middle);
            some.reverse();
            // Delivered twice.
            some.extend_from_within(..middle);
        }
        decided.reverse();
        prop_assert_eq!(hub.case(&some, &decided), case.clone());
        // Everything held counts, or says why not.
        for id in some.iter().map(Verified::id).chain(decided.iter().map(Verified::id)) {
            prop_assert!(case.refused.contains_key(&id) != case.line.contains(&id));
        }
        // No seal without a quorum of others, and nobody counts twice.
        if let Some(seal) = case.seal() {
            let seal = decided.iter().find(|one| one.id() == seal).expect("held").body();
            prop_assert_eq!(seal.edition, hub.edition.id().cast());
            let counted: Vec<&Event> =
                some.iter().filter(|event| seal.counted.contains(&event.id())).collect();
            let keys: std::collections::BTreeSet<PublicKey> =
                counted.iter().filter_map(|event| event.only_signer()).collect();
            prop_assert!(keys.len() >= 3 && keys.len() == seal.counted.len());
            for review in counted {
                let org = hub.authority.certificate(&review.body().by).map(|granted| granted.org);
                prop_assert!(org.is_some() && org != Some(hub.orgs[0]));
            }
        }
    }

    #[test]
    fn no_payload_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(event) = minicbor::decode::<ReviewEvent>(&bytes) {
            let _ = event.check();
        }
        if let Ok(policy) = minicbor::decode::<CriteriaPolicy>(&bytes) {
            let _ = policy.check();
        }
    }
}
