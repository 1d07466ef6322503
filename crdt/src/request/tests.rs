//! Stories of requests: Niger asks, experts of Nepal and Moldova answer.

use std::collections::BTreeMap;

use proptest::prelude::*;

mod life;

use super::fold::{Case, Choice, EventRefused, State, Word, fold, permits};
use super::*;
use crate::authority::{Authority, Forbidden, Role};
use crate::founding::{Founding, Person};
use crate::identity::{FederationId, OrgId, SecretKey};
use crate::signed::Verified;
use crate::value::Value;

/// One federation of three founders.
struct Hub {
    federation: FederationId,
    authority: Authority,
    /// Asks.
    hama: Person,
    /// Focal point of the same organisation.
    focal: Person,
    /// Contributor of the same organisation, who asked nothing.
    clerk: Person,
    /// Experts.
    maya: Person,
    ion: Person,
    /// Nodes of their organisations, and of the asking one.
    node_of_maya: Person,
    node_of_hama: Person,
    /// Focal point of an organisation that nobody asked.
    sione: Person,
    tonga: OrgId,
}

impl Hub {
    fn new() -> Self {
        let mut founding = Founding::of(["Niger", "Nepal", "Moldova", "Tonga"], |_| None);
        let mut person = |org, number, role| founding.person(org, number, &[role]);
        let hama = person(0, 1, Role::Publisher);
        let focal = person(0, 2, Role::FocalPoint);
        let clerk = person(0, 3, Role::Contributor);
        let node_of_hama = person(0, 4, Role::Node);
        let maya = person(1, 1, Role::Expert);
        let node_of_maya = person(1, 4, Role::Node);
        let ion = person(2, 1, Role::Expert);
        let sione = person(3, 1, Role::FocalPoint);
        let (federation, tonga) = (founding.federation, founding.orgs[3]);
        let authority = founding.authority();
        Self {
            federation,
            authority,
            hama,
            focal,
            clerk,
            maya,
            ion,
            node_of_maya,
            node_of_hama,
            sione,
            tonga,
        }
    }

    fn request(&self) -> Verified<Request> {
        let title = Value::Text("Registering births abroad".into());
        let request = Request {
            by: self.hama.certificate,
            nonce: [7; 16],
            ask: Tree([("title".to_owned(), title)].into()),
            to: vec![self.maya.certificate, self.ion.certificate],
            claimed_at: Timestamp(1),
        };
        let record = request.prepare().sign(self.federation, &self.hama.key);
        record.verify(self.federation).and_then(Verified::read).expect("signed above")
    }

    fn says(&self, who: &Person, after: &[&Event], deed: Deed) -> Event {
        let mut after: Vec<RecordId> = after.iter().map(|event| event.id()).collect();
        after.sort_unstable();
        let event = RequestEvent {
            by: who.certificate,
            request: self.request().id().cast(),
            after,
            deed,
            claimed_at: Timestamp(2),
        };
        self.sign(event, &who.key)
    }

    fn sign(&self, event: RequestEvent, key: &SecretKey) -> Event {
        let record = event.prepare().sign(self.federation, key);
        record.verify(self.federation).and_then(Verified::read).expect("within its bounds")
    }

    fn case(&self, events: &[&Event]) -> Case {
        fold(&self.authority, &self.request(), events.iter().copied())
    }

    fn accepts(&self, who: &Person) -> Event {
        self.says(who, &[], Deed::Accept { note: String::new() })
    }

    fn declines(&self, who: &Person, after: &[&Event]) -> Event {
        let deed = Deed::Decline { reason: DeclineReason::NoTime, note: String::new() };
        self.says(who, after, deed)
    }

    fn award(&self, by: &Person, accept: &Event, round: u32, previous: Option<&Event>) -> Event {
        let deed = Deed::Award {
            round,
            accept: accept.id(),
            expert: accept.body().by,
            previous: previous.map(Event::id),
        };
        self.says(by, &[accept], deed)
    }

    fn answer(&self, by: &Person, award: &Event) -> Event {
        let text = Value::Text("See how Moldova does it".into());
        let reply = Tree([("text".to_owned(), text)].into());
        self.says(by, &[award], Deed::Answer { award: award.id(), reply })
    }
}

type Event = Verified<RequestEvent>;

#[test]
fn a_request_goes_from_sent_to_closed() {
    let hub = Hub::new();
    assert!(permits(&hub.authority, &hub.request()).is_ok());
    let received = hub.says(&hub.node_of_maya, &[], Deed::Received);
    let accept = hub.accepts(&hub.maya);
    let award = hub.award(&hub.hama, &accept, 1, None);
    let answer = hub.answer(&hub.maya, &award);
    let confirm = hub.says(&hub.hama, &[&answer], Deed::Confirm { answer: answer.id() });
    let close = Deed::Close {
        outcome: Outcome::Met,
        rating: Some(4),
        note: "Thank you".into(),
        follow_up: None,
    };
    let close = hub.says(&hub.focal, &[&confirm], close);
    let states = [
        State::Submitted,
        State::Proposed,
        State::Accepted,
        State::InProgress,
        State::Delivered,
        State::Confirmed,
        State::Closed(Outcome::Met),
    ];
    let events = [&received, &accept, &award, &answer, &confirm, &close];
    for (held, state) in states.into_iter().enumerate() {
        let case = hub.case(&events[..held]);
        assert_eq!(case.state, state);
        assert_eq!(case.refused, BTreeMap::new());
    }
    let case = hub.case(&events);
    assert_eq!(case.holder, Some(hub.maya.certificate));
    assert_eq!(case.answers, vec![answer.id()]);
    assert!(case.tips.contains(&close.id()));
}

#[test]
fn two_experts_accept_while_cut_off_and_one_is_chosen_everywhere() {
    let hub = Hub::new();
    let (maya, ion) = (hub.accepts(&hub.maya), hub.accepts(&hub.ion));
    // Two people of the asking organisation, cut off from each other, choose.
    let one = hub.award(&hub.hama, &maya, 1, None);
    let other = hub.award(&hub.focal, &ion, 1, None);
    let (wins, loses) = if one.id() < other.id() { (&one, &other) } else { (&other, &one) };
    let case = hub.case(&[&maya, &ion, &one, &other]);
    assert_eq!(case, hub.case(&[&other, &ion, &one, &maya]));
    assert_eq!(case.award, Some(wins.id()));
    assert_eq!(case.refused, [(loses.id(), EventRefused::Superseded)].into());
    let chosen = |choice| case.asked.iter().filter(|asked| asked.choice == choice).count();
    assert_eq!((chosen(Choice::Chosen), chosen(Choice::Superseded)), (1, 1));
    // Who lost is never shown the other's acceptance, and knows all the same.
    let case = hub.case(&[&ion, &one]);
    let told = case.asked(&hub.ion.certificate).expect("asked");
    assert_eq!((told.word, told.choice), (Word::Accepted(ion.id()), Choice::Superseded));
}

#[test]
fn an_award_of_a_later_round_stands_and_the_earlier_answer_came_late() {
    let hub = Hub::new();
    let (maya, ion) = (hub.accepts(&hub.maya), hub.accepts(&hub.ion));
    let first = hub.award(&hub.hama, &maya, 1, None);
    let second = hub.award(&hub.hama, &ion, 2, Some(&first));
    let late = hub.answer(&hub.maya, &first);
    let case = hub.case(&[&maya, &ion, &first, &second, &late]);
    assert_eq!((case.state, case.holder), (State::InProgress, Some(hub.ion.certificate)));
    assert_eq!(case.refused.get(&late.id()), Some(&EventRefused::Late));
    let confirm = hub.says(&hub.hama, &[&late], Deed::Confirm { answer: late.id() });
    let case = hub.case(&[&maya, &ion, &first, &second, &late, &confirm]);
    assert_eq!(case.refused.get(&confirm.id()), Some(&EventRefused::Late));
    let skipped = hub.award(&hub.hama, &ion, 3, Some(&first));
    let case = hub.case(&[&maya, &ion, &first, &skipped]);
    assert_eq!(case.refused.get(&skipped.id()), Some(&EventRefused::Round));
    assert_eq!(case.award, Some(first.id()));
}

#[test]
fn everybody_declines_and_the_request_is_unmet_until_more_are_asked() {
    let hub = Hub::new();
    let (maya, ion) = (hub.declines(&hub.maya, &[]), hub.declines(&hub.ion, &[]));
    assert_eq!(hub.case(&[&maya]).state, State::Proposed);
    assert_eq!(hub.case(&[&maya, &ion]).state, State::Unmet);
    let offer =
        hub.says(&hub.hama, &[&maya, &ion], Deed::Offer { to: vec![hub.clerk.certificate] });
    let case = hub.case(&[&maya, &ion, &offer]);
    assert_eq!((case.state, case.asked.len()), (State::Proposed, 3));
}

#[test]
fn who_was_not_shown_an_offer_to_others_knows_all_the_same_whom_an_award_names() {
    let hub = Hub::new();
    let late = CertificateId::new([9; 32]);
    let maya = hub.accepts(&hub.maya);
    let first = hub.award(&hub.hama, &maya, 1, None);
    let deed = Deed::Award {
        round: 2,
        accept: RecordId::new([8; 32]),
        expert: late,
        previous: Some(first.id()),
    };
    let second = hub.says(&hub.hama, &[&first], deed);
    let offer = hub.says(&hub.hama, &[], Deed::Offer { to: vec![late] });
    // What Maya holds, and what the asker does.
    for events in [&[&maya, &first, &second][..], &[&maya, &first, &second, &offer]] {
        let case = hub.case(events);
        assert_eq!((case.award, case.holder), (Some(second.id()), Some(late)));
        let told = case.asked(&hub.maya.certificate).expect("asked");
        assert_eq!(told.choice, Choice::Superseded);
    }
}

#[test]
fn an_expert_who_gives_up_has_it_no_longer_and_may_come_back() {
    let hub = Hub::new();
    let accept = hub.accepts(&hub.maya);
    let award = hub.award(&hub.hama, &accept, 1, None);
    let gives_up = hub.declines(&hub.maya, &[&award]);
    let case = hub.case(&[&accept, &award, &gives_up]);
    assert_eq!((case.state, case.holder), (State::Proposed, None));
    let again = hub.says(&hub.maya, &[&gives_up], Deed::Accept { note: "after all".into() });
    let case = hub.case(&[&accept, &award, &gives_up, &again]);
    let word = case.asked(&hub.maya.certificate).map(|asked| asked.word);
    assert_eq!(word, Some(Word::Accepted(again.id())));
}

#[test]
fn what_is_forged_replayed_or_from_the_wrong_key_is_refused_by_name() {
    let hub = Hub::new();
    let accept = hub.accepts(&hub.maya);
    let award = hub.award(&hub.hama, &accept, 1, None);
    let answer = hub.answer(&hub.maya, &award);
    let honest = [&accept, &award, &answer];
    let refused = |bad: &Event| {
        let mut events = honest.to_vec();
        events.push(bad);
        let (with, without) = (hub.case(&events), hub.case(&honest));
        assert_eq!(
            (with.state, with.award, with.holder),
            (without.state, without.award, without.holder)
        );
        with.refused.get(&bad.id()).cloned()
    };
    let deed = award.body().deed.clone();
    // A person of the asking organisation who asked nothing.
    let bad = hub.says(&hub.clerk, &[], deed.clone());
    assert_eq!(refused(&bad), Some(EventRefused::NotAsker));
    // A node that carried it.
    let bad = hub.says(&hub.node_of_hama, &[], Deed::Received);
    assert_eq!(refused(&bad), Some(EventRefused::NotAsked));
    // An expert who was asked awards herself.
    let bad = hub.says(&hub.maya, &[], deed.clone());
    assert_eq!(refused(&bad), Some(EventRefused::NotAsker));
    // The right certificate, somebody else's key.
    let forged = RequestEvent { claimed_at: Timestamp(9), ..award.body().clone() };
    let bad = hub.sign(forged, &hub.maya.key);
    assert!(matches!(refused(&bad), Some(EventRefused::Forbidden(Forbidden::OtherKey { .. }))));
    // The award of another request.
    let other = RequestEvent { request: RequestId::new([8; 32]), ..award.body().clone() };
    let bad = hub.sign(other, &hub.hama.key);
    assert_eq!(refused(&bad), Some(EventRefused::OtherRequest));
    // An answer by an expert who was asked and not chosen.
    let bad = hub.answer(&hub.ion, &award);
    assert_eq!(refused(&bad), Some(EventRefused::NotChosen));
    // An award of an acceptance that is another's.
    let bad =
        Deed::Award { round: 1, accept: accept.id(), expert: hub.ion.certificate, previous: None };
    assert_eq!(refused(&hub.says(&hub.hama, &[], bad)), Some(EventRefused::OtherAccept));
    // A confirmation of nothing.
    let bad = hub.says(&hub.hama, &[], Deed::Confirm { answer: accept.id() });
    assert_eq!(refused(&bad), Some(EventRefused::NotYet("the answer that it confirms")));
}

#[test]
fn bounds_are_kept_before_anything_is_signed() {
    let hub = Hub::new();
    let many = Request { to: vec![hub.maya.certificate; 2], ..hub.request().body().clone() };
    assert!(many.check().is_err(), "twice the same");
    let none = Request { to: vec![], ..hub.request().body().clone() };
    assert!(none.check().is_err());
    let accept = hub.accepts(&hub.maya);
    for deed in [
        Deed::Award { round: 0, accept: accept.id(), expert: hub.maya.certificate, previous: None },
        Deed::Award { round: 2, accept: accept.id(), expert: hub.maya.certificate, previous: None },
        Deed::Close {
            outcome: Outcome::Met,
            rating: Some(5),
            note: String::new(),
            follow_up: None,
        },
        Deed::Withdraw { reason: "x".repeat(NOTE_BYTES_MAX + 1) },
    ] {
        let event = RequestEvent { deed, ..accept.body().clone() };
        assert!(event.check().is_err(), "{:?}", event.deed);
    }
}

/// Everything that people of this story may do, and some that they may not.
fn all_events(hub: &Hub) -> Vec<Event> {
    let (maya, ion) = (hub.accepts(&hub.maya), hub.accepts(&hub.ion));
    let one = hub.award(&hub.hama, &maya, 1, None);
    let other = hub.award(&hub.focal, &ion, 1, None);
    let second = hub.award(&hub.focal, &ion, 2, Some(&one));
    let answers = [hub.answer(&hub.maya, &one), hub.answer(&hub.ion, &second)];
    let confirms = answers
        .each_ref()
        .map(|answer| hub.says(&hub.hama, &[answer], Deed::Confirm { answer: answer.id() }));
    let close = Deed::Close {
        outcome: Outcome::Partly,
        rating: None,
        note: String::new(),
        follow_up: None,
    };
    let mut events = vec![
        hub.says(&hub.node_of_maya, &[], Deed::Received),
        hub.declines(&hub.maya, &[&maya]),
        hub.declines(&hub.ion, &[]),
        hub.says(&hub.clerk, &[], close.clone()),
        hub.says(&hub.hama, &[], close),
        hub.says(&hub.hama, &[], Deed::Withdraw { reason: "moved".into() }),
        hub.says(&hub.focal, &[], Deed::Offer { to: vec![hub.clerk.certificate] }),
    ];
    events.extend(life::all_events(hub, &one, &answers, &events[4]));
    events.extend(answers);
    events.extend(confirms);
    events.extend([maya, ion, one, other, second]);
    events
}

proptest! {
    #[test]
    fn whoever_holds_the_same_events_sees_the_same(
        held in prop::collection::vec(any::<prop::sample::Index>(), 0..32),
        order in any::<prop::sample::Index>(),
    ) {
        let hub = Hub::new();
        let all = all_events(&hub);
        let held: Vec<&Event> = held.iter().map(|at| &all[at.index(all.len())]).collect();
        let case = hub.case(&held);
        let mut other = held.clone();
        if !other.is_empty() {
            let middle = order.index(other.len());
            other.rotate_left(middle);
            other.reverse();
            // Delivered twice.
            other.extend_from_within(..middle);
        }
        prop_assert_eq!(hub.case(&other), case.clone());
        // One award at the most, and only one that is held.
        if let Some(award) = case.award {
            prop_assert!(held.iter().any(|event| event.id() == award));
            prop_assert!(!case.refused.contains_key(&award));
        }
        for answer in &case.answers {
            prop_assert!(!case.refused.contains_key(answer));
        }
    }
}
