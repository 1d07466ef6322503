//! Peers to which links cost money: how long they are left alone, and that
//! nobody is left out.

use super::*;
use crate::limits::{CONTACT_LINGER, CONTACT_PATIENCE};
use crate::tariff::EVERY;

/// Where each listens.
const CHAD: &str = "/dns4/chad.example/tcp/4480";
const NIGER: &str = "/dns4/niger.example/tcp/4480";
const NEPAL: &str = "/dns4/nepal.example/tcp/4480";

fn costs(node: &mut Node) {
    let tariff = Command::Tariff(Tariff::of(LinkClass::Metered));
    assert_eq!(node.asks(90, tariff), Some(&Ok(Done::Noted)));
    node.answers.clear();
}

fn knows(node: &mut Node, address: &str, peer: PublicKey) {
    let saved = Command::SaveAddress { address: address.into(), peer: Some(peer) };
    assert_eq!(node.asks(91, saved), Some(&Ok(Done::Noted)));
    node.answers.clear();
}

/// Three members; links cost Chad money.
fn three() -> (Hub, [Node; 3]) {
    let (hub, mut nodes) = three_members();
    costs(&mut nodes[0]);
    (hub, nodes)
}

/// One dials the other, both say all, and the link is closed when that is over.
fn meet(one: &mut Node, other: &mut Node, link: u64, address: &str) {
    assert_eq!(one.dialled.drain(..).collect::<Vec<_>>(), [address]);
    one.connects(link, other.key, address);
    other.connects(link, one.key, "");
    converse(one, other);
    for node in [&mut *one, &mut *other] {
        assert!(node.replica.links.contains_key(&LinkId(link)), "{:?}", node.events);
        node.now = node.now.plus(CONTACT_LINGER);
        node.hears(Input::Tick);
        node.hears(Input::Disconnected { link: LinkId(link) });
    }
    one.dialled.clear();
    other.dialled.clear();
}

/// The clock of a node is set on to when it was to wake up; returns how long
/// that was.
fn sleep(node: &mut Node) -> i64 {
    let until = node.wakes.expect("something to wake up for");
    let slept = until.since(node.now);
    node.now = until;
    node.hears(Input::Tick);
    slept
}

#[test]
fn a_founder_that_knows_no_address_of_its_member_is_dialled_when_its_time_has_come() {
    let (_, [mut chad, mut niger, _]) = three();
    knows(&mut niger, CHAD, chad.key);
    meet(&mut niger, &mut chad, 1, CHAD);
    assert_eq!(sleep(&mut niger), EVERY + EVERY / 4 - CONTACT_LINGER);
    chad.now = niger.now;
    meet(&mut niger, &mut chad, 2, CHAD);
    // Whoever starts anew does not know how long it was told to wait.
    let (key, store) = (niger.key, niger.replica.into_store());
    let hub = Hub::new();
    let niger = Shell::open(settings(&hub, &hub.niger, true), key, store);
    assert_eq!(niger.dialled, [CHAD]);
}

#[test]
fn whoever_says_that_links_are_of_another_kind_asks_its_peers_anew() {
    let (_, [mut chad, mut niger, _]) = three();
    costs(&mut niger);
    knows(&mut niger, CHAD, chad.key);
    meet(&mut niger, &mut chad, 1, CHAD);
    assert_eq!(niger.dialled, Vec::<String>::new());
    let free = Command::Tariff(Tariff::of(LinkClass::Broadband));
    assert_eq!(niger.asks(92, free), Some(&Ok(Done::Noted)));
    let soon = sleep(&mut niger);
    assert!(soon < 60_000, "in {soon} ms, and not when its hour has come");
    assert_eq!(niger.dialled, [CHAD]);
}

#[test]
fn who_is_linked_to_others_waits_longer_and_a_clock_that_is_set_back_ends_it() {
    let (_, [mut chad, mut niger, nepal]) = three();
    knows(&mut niger, CHAD, chad.key);
    meet(&mut niger, &mut chad, 1, CHAD);
    niger.connects(2, nepal.key, "");
    niger.now = niger.now.plus(2 * EVERY);
    niger.hears(Input::Tick);
    assert_eq!(niger.dialled, [""; 0], "what Chad has comes by Nepal");
    assert_eq!(sleep(&mut niger), EVERY + EVERY / 4 - CONTACT_LINGER);
    assert_eq!(niger.dialled, [CHAD], "but perhaps it does not");
    // A year ago.
    let (_, [mut chad, mut niger, _]) = three();
    knows(&mut niger, CHAD, chad.key);
    meet(&mut niger, &mut chad, 1, CHAD);
    niger.now = niger.now.plus(-365 * 24 * 3_600_000);
    niger.hears(Input::Tick);
    assert_eq!(niger.dialled, [CHAD]);
}

#[test]
fn no_peer_has_itself_left_alone_for_ever() {
    let (_, mut chad, mut niger) = chad_and_niger(true);
    knows(&mut chad, NIGER, niger.key);
    chad.dialled.clear();
    chad.connects(1, niger.key, "");
    niger.connects(1, chad.key, "");
    for message in niger.says() {
        match message {
            Message::Hello(hello) => {
                chad.receives(1, &Message::Hello(Hello { alone: Some(u32::MAX), ..hello }));
            }
            other => chad.receives(1, &other),
        }
    }
    chad.hears(Input::Disconnected { link: LinkId(1) });
    assert_eq!(chad.dialled, [""; 0]);
    chad.now = chad.now.plus(crate::limits::ALONE_MAX);
    chad.hears(Input::Tick);
    assert_eq!(chad.dialled, [NIGER]);
}

#[test]
fn of_two_to_whom_links_cost_money_the_one_with_the_smaller_key_begins() {
    let (_, [mut chad, mut niger, _]) = three();
    costs(&mut niger);
    knows(&mut chad, NIGER, niger.key);
    meet(&mut chad, &mut niger, 1, NIGER);
    knows(&mut niger, CHAD, chad.key);
    let next = chad.replica.outlook().next.expect("Niger, in time");
    assert_eq!(next, chad.wakes.expect("for that"));
    let [chads, nigers] = [&mut chad, &mut niger].map(|node| sleep(node) + CONTACT_LINGER);
    let quarter = EVERY / 4;
    assert_eq!(chads.min(nigers), EVERY + quarter);
    assert_eq!(chads.max(nigers), EVERY + 2 * quarter);
    assert_eq!(chads < nigers, chad.key < niger.key);
}

#[test]
fn what_presses_does_not_wait_until_the_other_makes_contact() {
    let (hub, [mut chad, mut niger, _]) = three();
    costs(&mut niger);
    knows(&mut chad, NIGER, niger.key);
    meet(&mut chad, &mut niger, 1, NIGER);
    chad.writes(&hub, &[routing::parcel(&hub, &hub.chad.node, 5)]);
    chad.now = chad.now.plus(2_000);
    chad.hears(Input::Tick);
    meet(&mut chad, &mut niger, 2, NIGER);
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn everybody_has_a_turn_and_what_presses_goes_where_somebody_answered() {
    let (hub, [mut chad, mut niger, mut nepal]) = three();
    knows(&mut chad, NIGER, niger.key);
    meet(&mut chad, &mut niger, 1, NIGER);
    knows(&mut chad, NEPAL, nepal.key);
    for link in 2..6 {
        sleep(&mut chad);
        if link % 2 == 0 {
            meet(&mut chad, &mut nepal, link, NEPAL);
        } else {
            meet(&mut chad, &mut niger, link, NIGER);
        }
    }
    chad.now = chad.now.plus(2_000);
    chad.writes(&hub, &[routing::parcel(&hub, &hub.chad.node, 5)]);
    meet(&mut chad, &mut niger, 6, NIGER);
}

#[test]
fn those_who_dial_again_and_again_take_nobodys_turn() {
    let (_, [mut chad, mut niger, nepal]) = three();
    knows(&mut niger, CHAD, chad.key);
    meet(&mut niger, &mut chad, 1, CHAD);
    knows(&mut chad, NEPAL, nepal.key);
    chad.dialled.clear();
    chad.hears(Input::DialFailed { address: NEPAL.into(), reason: "the power is out".into() });
    let begun = chad.now;
    for link in 2..10 {
        sleep(&mut niger);
        chad.now = chad.now.max(niger.now);
        chad.hears(Input::Tick);
        if !chad.dialled.is_empty() {
            break;
        }
        meet(&mut niger, &mut chad, link, CHAD);
    }
    assert_eq!(chad.dialled, [NEPAL]);
    assert!(chad.now.since(begun) <= 3 * EVERY, "{}", chad.now.since(begun) / EVERY);
}

#[test]
fn a_peer_that_does_not_come_to_its_end_keeps_nobody_from_contact_with_others() {
    let (_, [mut chad, niger, mut nepal]) = three();
    chad.connects(1, niger.key, "");
    knows(&mut chad, NEPAL, nepal.key);
    assert_eq!(chad.dialled, [""; 0], "Niger says nothing, and Chad waits for it");
    chad.now = chad.now.plus(CONTACT_PATIENCE / 2);
    chad.connects(2, SecretKey::from_seed(&[77; 32]).public(), "");
    while chad.dialled.is_empty() {
        sleep(&mut chad);
    }
    assert_eq!(chad.now.since(NOON), CONTACT_PATIENCE);
    nepal.now = chad.now;
    meet(&mut chad, &mut nepal, 3, NEPAL);
    assert_eq!(chad.roots(), nepal.roots());
}
