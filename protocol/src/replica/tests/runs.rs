//! Stories of one key at two places: Niger's folder is copied, or put back.

use super::*;
use crate::runs::Run;

/// A copy of a node's folder, started with another chance.
fn copy_of(hub: &Hub, original: &Node, seed: u64) -> Node {
    started(hub, original.replica.library().ledger().store().clone(), seed)
}

fn started(hub: &Hub, store: MemoryStore, seed: u64) -> Node {
    let settings = settings(hub, &hub.niger, true);
    Shell::open_with(settings, hub.niger.node.key.public(), store, seed)
}

/// Both meet on a link of their own, and part.
fn meet(one: &mut Node, other: &mut Node) {
    connect(one, other);
    converse(one, other);
    for node in [one, other] {
        node.hears(Input::Disconnected { link: LinkId(1) });
    }
}

/// Niger met Chad; then its folder is copied, and both are started.
fn copies() -> (Hub, Node, Node, Node) {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    meet(&mut niger, &mut chad);
    let copy = copy_of(&hub, &niger, 2);
    let niger = copy_of(&hub, &niger, 3);
    chad.events.clear();
    (hub, chad, niger, copy)
}

fn publishes(node: &mut Node, hub: &Hub, title: &str) {
    let edition = hub.edition(&hub.niger.publisher, &[], title);
    node.writes(hub, &[edition.piece()]);
}

#[test]
fn a_node_that_is_started_again_and_again_is_itself() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    for seed in 2..90 {
        meet(&mut niger, &mut chad);
        niger = started(&hub, niger.replica.into_store(), seed);
    }
    meet(&mut niger, &mut chad);
    let alarming = |event: &&Event| {
        matches!(event, Event::PutBack(_) | Event::Copied(_) | Event::OtherRun { .. })
    };
    assert_eq!(chad.events.iter().chain(&niger.events).find(alarming), None);
    assert!(!niger.replica.is_catching_up() && niger.replica.copied().is_none());
}

#[test]
fn both_copies_are_told_once_each_met_the_same_peer_twice() {
    let (hub, mut chad, mut niger, mut copy) = copies();
    meet(&mut niger, &mut chad);
    assert!(!niger.replica.is_copied(), "nobody else was there");
    meet(&mut copy, &mut chad);
    assert!(copy.events.contains(&Event::PutBack(Some(chad.key))), "{:?}", copy.events);
    assert!(!copy.replica.is_copied(), "it may have been put back");
    assert!(!copy.replica.is_catching_up(), "and is in step again");
    meet(&mut niger, &mut chad);
    assert!(niger.events.contains(&Event::Copied(chad.key)), "{:?}", niger.events);
    meet(&mut copy, &mut chad);
    assert!(copy.replica.is_copied() && niger.replica.is_copied());
    let seen = Event::OtherRun { peer: niger.key, twice: true };
    assert!(chad.events.contains(&seen), "{:?}", chad.events);

    publishes(&mut niger, &hub, "By Niger");
    publishes(&mut copy, &hub, "By its copy");
    for _ in 0..2 {
        meet(&mut niger, &mut chad);
        meet(&mut copy, &mut chad);
    }
    assert_eq!(niger.roots(), chad.roots());
    assert_eq!(copy.roots(), chad.roots());
    assert_eq!(chad.replica.library().practices(), 2, "both go on working");
}

#[test]
fn copies_that_are_linked_at_one_time_are_told_at_once_and_then_there_is_silence() {
    let (_, mut chad, mut niger, mut copy) = copies();
    let (chad_key, niger_key) = (chad.key, niger.key);
    niger.connects(1, chad_key, "chad");
    chad.connects(1, niger_key, "");
    copy.connects(2, chad_key, "chad");
    chad.connects(2, niger_key, "");
    let mut frames = 0;
    loop {
        let before = frames;
        for from in [&mut niger, &mut copy] {
            for (link, frame) in std::mem::take(&mut from.sent) {
                frames += 1;
                chad.hears(Input::Received { link, frame });
            }
        }
        for (link, frame) in std::mem::take(&mut chad.sent) {
            frames += 1;
            let to = if link == LinkId(1) { &mut niger } else { &mut copy };
            to.hears(Input::Received { link, frame });
        }
        if frames == before {
            break;
        }
        assert!(frames < 200, "they find no end");
    }
    assert!(niger.replica.is_copied() && copy.replica.is_copied());
    assert!(!niger.replica.is_catching_up() && !copy.replica.is_catching_up());
}

#[test]
fn a_folder_that_was_put_back_by_hand_catches_up_and_is_no_copy() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    meet(&mut niger, &mut chad);
    let old = niger.replica.library().ledger().store().clone();
    let mut niger = copy_of(&hub, &niger, 2);
    publishes(&mut niger, &hub, "Said after it");
    meet(&mut niger, &mut chad);

    let mut niger = started(&hub, old, 3);
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    let told = [Event::PutBack(Some(chad.key)), Event::CaughtUp(Some(chad.key))];
    let seen: Vec<&Event> = niger.events.iter().filter(|event| told.contains(event)).collect();
    assert_eq!(seen, [&told[0], &told[1]]);
    let restored = niger.replica.restored().expect("a mark");
    assert_eq!(restored.found.and_then(|found| found.by), Some(chad.key));
    assert_eq!(niger.roots(), chad.roots());
    for seed in 4..8 {
        niger = started(&hub, niger.replica.into_store(), seed);
        chad.hears(Input::Disconnected { link: LinkId(1) });
        meet(&mut niger, &mut chad);
        assert!(niger.replica.copied().is_none() && !niger.replica.is_catching_up());
        assert!(!niger.events.iter().any(|event| matches!(event, Event::PutBack(_))));
    }
}

#[test]
fn a_machine_that_was_put_back_within_a_run_catches_up_too() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    meet(&mut niger, &mut chad);
    let snapshot = niger.replica.library().ledger().store().clone();
    meet(&mut niger, &mut chad);
    let mut niger = started(&hub, snapshot, 2);
    meet(&mut niger, &mut chad);
    assert!(niger.events.contains(&Event::PutBack(Some(chad.key))), "{:?}", niger.events);
    assert!(niger.replica.copied().is_none());
}

#[test]
fn a_word_that_was_not_answered_makes_nobody_forget_the_run_before() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    meet(&mut niger, &mut chad);
    let old = niger.replica.library().ledger().store().clone();
    let mut niger = copy_of(&hub, &niger, 2);
    meet(&mut niger, &mut chad);
    let mut niger = started(&hub, old, 3);
    connect(&mut niger, &mut chad);
    // What Niger says arrives, and what Chad says does not.
    carry(&mut niger, &mut chad);
    for node in [&mut niger, &mut chad] {
        node.sent.clear();
        node.hears(Input::Disconnected { link: LinkId(1) });
    }
    meet(&mut niger, &mut chad);
    assert!(niger.events.contains(&Event::PutBack(Some(chad.key))), "{:?}", niger.events);
}

fn word(yours: Run) -> Message {
    Message::Run { mine: Run { number: 1, id: [9; 8], said: 1 }, yours: Some(yours) }
}

#[test]
fn a_liar_puts_a_node_back_once_in_a_start_and_the_first_settled_meeting_ends_it() {
    let (_, mut chad, mut niger) = chad_and_niger(true);
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    for number in 50..60 {
        niger.receives(1, &word(Run { number, id: [number as u8; 8], said: 1 }));
    }
    let put_back = niger.events.iter().filter(|event| matches!(event, Event::PutBack(_)));
    assert_eq!(put_back.count(), 1);
    assert!(niger.replica.is_catching_up(), "until both met again");
    converse(&mut niger, &mut chad);
    assert!(!niger.replica.is_catching_up(), "a meeting was begun at once");
    niger.receives(1, &Message::RunTwice { other: Run { number: 1, id: [3; 8], said: 1 } });
    assert!(niger.replica.is_copied(), "it is told, and by whom");
    assert_eq!(niger.asks(1, Command::ClearCopied), Some(&Ok(Done::Noted)));
    assert!(!niger.replica.is_copied() && niger.replica.copied().is_some());
}

#[test]
fn whoever_has_no_end_of_words_about_runs_is_hung_up_on() {
    let (_, mut chad, mut niger) = chad_and_niger(true);
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    for number in 50..150 {
        if niger.hung_up.is_empty() {
            niger.receives(1, &word(Run { number, id: [1; 8], said: u64::MAX }));
        }
    }
    assert_eq!(niger.hung_up, [LinkId(1)]);
}

#[test]
fn an_own_bundle_of_a_later_state_is_the_same_evidence() {
    let (_, mut chad, mut niger) = chad_and_niger(true);
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    assert_eq!(niger.asks(1, Command::FoundLater), Some(&Ok(Done::Noted)));
    assert!(niger.events.contains(&Event::PutBack(None)));
    converse(&mut niger, &mut chad);
    assert!(!niger.replica.is_catching_up(), "whoever is linked ends it at once");
}
