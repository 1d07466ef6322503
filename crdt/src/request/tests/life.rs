//! What is said beside who has a request.

use super::*;
use crate::request::{FOLLOW_UP_MAX, Step, TEXT_CHARACTERS_MAX, Use};

const DAY: i64 = 86_400_000;

fn asks(hub: &Hub, who: &Person, after: &[&Event]) -> Event {
    hub.says(who, after, Deed::Ask { text: "How many consulates are there?".into() })
}

fn replies(hub: &Hub, who: &Person, ask: &Event) -> Event {
    hub.says(who, &[ask], Deed::Reply { ask: ask.id(), text: "Forty.".into() })
}

fn disputes(hub: &Hub, answer: &Event) -> Event {
    let reasons = "It says nothing of the costs.".into();
    hub.says(&hub.hama, &[answer], Deed::Dispute { answer: answer.id(), reasons })
}

fn refers(hub: &Hub, who: &Person, to: &Person) -> Event {
    hub.says(who, &[], Deed::Refer { to: to.certificate, note: "She did this".into() })
}

fn closes(hub: &Hub, follow_up: Option<Timestamp>) -> Event {
    let note = String::new();
    hub.says(&hub.hama, &[], Deed::Close { outcome: Outcome::Met, rating: None, note, follow_up })
}

fn before_desks(hub: &Hub) -> Event {
    let desks = vec![hub.tonga];
    hub.says(&hub.hama, &[], Deed::Escalate { step: Step::Desks, desks, need: None })
}

/// Some of each kind, true and not.
pub(super) fn all_events(hub: &Hub, award: &Event, answers: &[Event], close: &Event) -> Vec<Event> {
    let asked = asks(hub, &hub.maya, &[]);
    let progress = |who: &Person| {
        hub.says(who, &[award], Deed::Progress { award: award.id(), text: "Half".into() })
    };
    let used = Deed::FollowUp { close: close.id(), outcome: Use::Used, note: String::new() };
    let no_reply = Deed::Reply { ask: award.id(), text: "Forty.".into() };
    let mut events = vec![
        replies(hub, &hub.focal, &asked),
        replies(hub, &hub.ion, &asked),
        hub.says(&hub.hama, &[], no_reply),
        asks(hub, &hub.ion, &[&asked]),
        asked,
        progress(&hub.maya),
        progress(&hub.ion),
        refers(hub, &hub.ion, &hub.clerk),
        refers(hub, &hub.sione, &hub.clerk),
        before_desks(hub),
        hub.says(&hub.focal, &[close], used),
    ];
    events.extend(answers.iter().map(|answer| disputes(hub, answer)));
    events
}

#[test]
fn an_expert_asks_back_and_the_asker_replies() {
    let hub = Hub::new();
    let ask = asks(&hub, &hub.maya, &[]);
    let case = hub.case(&[&ask]);
    assert_eq!(case.state, State::Proposed, "whoever asks back has read it");
    assert_eq!(case.asked(&hub.maya.certificate).map(|asked| asked.word), Some(Word::Received));
    assert_eq!(
        case.talk.open_questions().map(|one| one.by).collect::<Vec<_>>(),
        [hub.maya.certificate]
    );
    let reply = replies(&hub, &hub.focal, &ask);
    let case = hub.case(&[&reply, &ask]);
    assert_eq!(case.talk.open_questions().count(), 0);
    assert_eq!(case.talk.questions[0].replies, [reply.id()]);
    // What is said by the wrong person, or to something else.
    let accept = hub.accepts(&hub.ion);
    let by_other = replies(&hub, &hub.ion, &ask);
    let to_other = replies(&hub, &hub.hama, &accept);
    let case = hub.case(&[&ask, &accept, &by_other, &to_other]);
    assert_eq!(case.refused.get(&by_other.id()), Some(&EventRefused::NotAsker));
    assert_eq!(case.refused.get(&to_other.id()), Some(&EventRefused::OtherMatter));
    assert_eq!(case.talk.open_questions().count(), 1);
    let case = hub.case(&[&reply]);
    let reason = EventRefused::NotYet("the question that it answers");
    assert_eq!(case.refused, [(reply.id(), reason)].into());
    let uninvited = asks(&hub, &hub.clerk, &[]);
    assert_eq!(hub.case(&[&uninvited]).refused.get(&uninvited.id()), Some(&EventRefused::NotAsked));
}

#[test]
fn whoever_was_chosen_says_how_far_it_is() {
    let hub = Hub::new();
    let (maya, ion) = (hub.accepts(&hub.maya), hub.accepts(&hub.ion));
    let award = hub.award(&hub.hama, &maya, 1, None);
    let says = |who: &Person| {
        hub.says(who, &[&award], Deed::Progress { award: award.id(), text: "Half of it".into() })
    };
    let (hers, his) = (says(&hub.maya), says(&hub.ion));
    let case = hub.case(&[&maya, &ion, &award, &hers, &his]);
    assert_eq!((case.state, &case.talk.progress), (State::InProgress, &vec![hers.id()]));
    assert_eq!(case.refused, [(his.id(), EventRefused::NotChosen)].into());
    let second = hub.award(&hub.hama, &ion, 2, Some(&award));
    let case = hub.case(&[&maya, &ion, &award, &second, &hers]);
    assert_eq!(case.refused.get(&hers.id()), Some(&EventRefused::Late));
}

#[test]
fn those_who_are_asked_name_others_and_desks_do_once_it_is_brought_before_them() {
    let hub = Hub::new();
    let (by_ion, by_sione) =
        (refers(&hub, &hub.ion, &hub.clerk), refers(&hub, &hub.sione, &hub.clerk));
    let case = hub.case(&[&by_ion, &by_sione]);
    assert_eq!(case.talk.referrals.iter().map(|one| one.id).collect::<Vec<_>>(), [by_ion.id()]);
    assert_eq!(case.refused, [(by_sione.id(), EventRefused::NotAsked)].into());
    assert_eq!(case.asked.len(), 2, "nobody is asked by being named");
    assert_eq!(case.talk.step, Step::Next);
    let escalates = before_desks(&hub);
    let case = hub.case(&[&by_ion, &by_sione, &escalates]);
    assert_eq!((case.talk.referrals.len(), case.talk.step), (2, Step::Desks));
    assert_eq!(case.talk.desks, [hub.tonga].into());
    assert_eq!(case.refused, BTreeMap::new());
    // Only the asker's side brings it before anybody.
    let deed = Deed::Escalate { step: Step::Desks, desks: vec![hub.tonga], need: None };
    let forged = hub.says(&hub.ion, &[], deed);
    let case = hub.case(&[&by_sione, &forged]);
    assert_eq!(case.refused.len(), 2);
    assert!(case.talk.desks.is_empty());
}

#[test]
fn an_answer_that_does_not_do_is_disputed_until_another_comes() {
    let hub = Hub::new();
    let accept = hub.accepts(&hub.maya);
    let award = hub.award(&hub.hama, &accept, 1, None);
    let answer = hub.answer(&hub.maya, &award);
    let dispute = disputes(&hub, &answer);
    let case = hub.case(&[&accept, &award, &answer, &dispute]);
    assert_eq!((case.state, case.talk.disputed), (State::Disputed, Some(dispute.id())));
    assert_eq!(case.holder, Some(hub.maya.certificate));
    let reply = Tree([("text".to_owned(), Value::Text("It costs this much".into()))].into());
    let again = hub.says(&hub.maya, &[&dispute], Deed::Answer { award: award.id(), reply });
    let case = hub.case(&[&accept, &award, &answer, &dispute, &again]);
    assert_eq!((case.state, case.talk.disputed), (State::Delivered, None));
    assert_eq!(case.answers, [answer.id(), again.id()]);
    // Who can work with it after all says so, whatever was said before.
    let confirm = hub.says(&hub.focal, &[], Deed::Confirm { answer: answer.id() });
    let case = hub.case(&[&accept, &award, &answer, &dispute, &confirm]);
    assert_eq!(case.state, State::Confirmed);
    let late = disputes(&hub, &accept);
    let case = hub.case(&[&accept, &award, &answer, &late]);
    assert_eq!(case.state, State::Delivered);
    assert!(case.refused.contains_key(&late.id()));
}

#[test]
fn what_became_of_it_is_said_after_it_was_closed() {
    let hub = Hub::new();
    let close = closes(&hub, Some(Timestamp(2 + 180 * DAY)));
    let used = Deed::FollowUp { close: close.id(), outcome: Use::Partly, note: String::new() };
    let used = hub.says(&hub.focal, &[&close], used);
    let case = hub.case(&[&close]);
    assert_eq!((case.talk.closed, case.talk.followed_up), (Some(close.id()), None));
    let case = hub.case(&[&used, &close]);
    assert_eq!(case.state, State::Closed(Outcome::Met));
    assert_eq!(case.talk.followed_up, Some(used.id()));
    let case = hub.case(&[&used]);
    assert_eq!((case.state, case.talk.followed_up), (State::Submitted, None));
    assert!(case.refused.contains_key(&used.id()));
}

#[test]
fn an_end_without_a_day_is_signed_as_it_was_before_there_was_one() {
    let close = |follow_up| {
        let note = String::new();
        let deed = Deed::Close { outcome: Outcome::Met, rating: None, note, follow_up };
        minicbor::to_vec(deed).expect("in memory")
    };
    assert_eq!(close(None), [0x82, 7, 0x83, 0, 0xf6, 0x60]);
    assert_eq!(close(Some(Timestamp(9))), [0x82, 7, 0x84, 0, 0xf6, 0x60, 9]);
}

#[test]
fn what_is_said_beside_has_bounds() {
    let hub = Hub::new();
    let id = RecordId::new([3; 32]);
    let long = || "é".repeat(TEXT_CHARACTERS_MAX + 1);
    let (by, at) = (hub.maya.certificate, Timestamp(0));
    let close = |day: i64| Deed::Close {
        outcome: Outcome::Met,
        rating: None,
        note: String::new(),
        follow_up: Some(Timestamp(day)),
    };
    let escalate = |step, desks: Vec<OrgId>, need| Deed::Escalate { step, desks, need };
    for deed in [
        Deed::Ask { text: "How?".into() },
        Deed::Ask { text: long() },
        Deed::Reply { ask: id, text: " ".into() },
        Deed::Reply { ask: id, text: long() },
        Deed::Progress { award: id, text: String::new() },
        Deed::Refer { to: by, note: String::new() },
        Deed::Dispute { answer: id, reasons: "No".into() },
        close(0),
        close(FOLLOW_UP_MAX + 1),
        escalate(Step::Next, vec![], None),
        escalate(Step::Wider, vec![hub.tonga], None),
        escalate(Step::Desks, vec![], None),
        escalate(Step::Desks, vec![hub.tonga, hub.tonga], None),
        escalate(Step::Desks, (0..9).map(|n| OrgId::new([n; 32])).collect(), None),
        escalate(Step::Board, vec![], None),
        escalate(Step::Wider, vec![], Some(id)),
    ] {
        assert!(deed.check(by, at).is_err(), "{deed:?}");
    }
    for deed in [
        Deed::Ask { text: "é".repeat(TEXT_CHARACTERS_MAX) },
        Deed::Reply { ask: id, text: "Yes".into() },
        close(FOLLOW_UP_MAX),
        escalate(Step::Wider, vec![], None),
        escalate(Step::Board, vec![], Some(id)),
    ] {
        assert_eq!(deed.check(by, at), Ok(()), "{deed:?}");
    }
}
