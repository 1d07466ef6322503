//! Links that cost money.

use super::letters::letter;
use super::routing::parcel;
use super::*;
use crate::limits::CONTACT_LINGER;
use crate::tariff::{EVERY, Purpose};

const FAR: &str = "/dns4/niger.example/udp/4480/quic-v1";
const MINUTE: i64 = 60_000;

/// Chad, to which links cost money, and Niger, to which they do not.
fn satellite() -> (Hub, Node, Node) {
    let (hub, mut chad, niger) = chad_and_niger(true);
    says(&mut chad, Tariff::of(LinkClass::Satellite));
    let saved = Command::SaveAddress { address: FAR.into(), peer: Some(niger.key) };
    assert_eq!(chad.asks(1, saved), Some(&Ok(Done::Noted)));
    (hub, chad, niger)
}

fn says(node: &mut Node, tariff: Tariff) {
    assert_eq!(node.asks(9, Command::Tariff(tariff)), Some(&Ok(Done::Noted)));
    node.answers.clear();
}

/// Chad reaches Niger, and both say all they have to say.
fn contact(chad: &mut Node, niger: &mut Node, link: u64) {
    assert_eq!(chad.dialled.drain(..).collect::<Vec<_>>(), [FAR]);
    chad.connects(link, niger.key, FAR);
    niger.connects(link, chad.key, "");
    converse(chad, niger);
}

/// Time passes on a node; whatever it was to wake up for happens.
fn pass(node: &mut Node, time: i64) {
    node.now = node.now.plus(time);
    node.hears(Input::Tick);
}

#[test]
fn a_link_that_costs_money_is_closed_when_all_is_told_and_opened_again_in_time() {
    let (hub, mut chad, mut niger) = satellite();
    niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Births").piece()]);
    contact(&mut chad, &mut niger, 1);
    assert_eq!(chad.roots(), niger.roots());
    assert_eq!(chad.hung_up, []);
    assert_eq!(chad.wakes, Some(chad.now.plus(CONTACT_LINGER)));
    pass(&mut chad, CONTACT_LINGER);
    assert_eq!(chad.hung_up, [LinkId(1)]);
    niger.hears(Input::Disconnected { link: LinkId(1) });
    let outlook = chad.replica.outlook();
    assert_eq!(outlook.next.map(|next| next.since(chad.now)), Some(EVERY - CONTACT_LINGER));
    // What is published here can wait; so can others.
    chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], "Desks").piece()]);
    pass(&mut chad, EVERY - 2 * CONTACT_LINGER);
    assert_eq!(chad.dialled, Vec::<String>::new());
    assert_eq!(chad.replica.outlook().waiting, [Some(0), Some(0), Some(1)]);
    pass(&mut chad, CONTACT_LINGER);
    contact(&mut chad, &mut niger, 2);
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn while_people_wait_for_an_answer_contact_is_made_four_times_as_often() {
    let (_, mut chad, mut niger) = satellite();
    contact(&mut chad, &mut niger, 1);
    pass(&mut chad, CONTACT_LINGER);
    niger.hears(Input::Disconnected { link: LinkId(1) });
    let until = chad.now.plus(EVERY);
    assert_eq!(chad.asks(5, Command::Expect(until)), Some(&Ok(Done::Noted)));
    // An earlier time takes nothing back.
    chad.asks(6, Command::Expect(chad.now));
    let next = |chad: &Node| chad.replica.outlook().next.map(|next| next.since(chad.now));
    assert_eq!(next(&chad), Some(EVERY / 4 - CONTACT_LINGER));
    pass(&mut chad, EVERY / 4 - CONTACT_LINGER);
    contact(&mut chad, &mut niger, 2);
    let second = chad.now;
    pass(&mut chad, CONTACT_LINGER);
    niger.hears(Input::Disconnected { link: LinkId(2) });
    // When nobody waits any more it is as before.
    chad.now = until.plus(-1);
    pass(&mut chad, 1);
    assert_eq!(chad.dialled, Vec::<String>::new());
    assert_eq!(chad.replica.outlook().next, Some(second.plus(EVERY)));
}

#[test]
fn a_costly_link_that_comes_back_for_minutes_is_used_though_it_was_away_for_a_day() {
    let (_, mut chad, mut niger) = satellite();
    contact(&mut chad, &mut niger, 1);
    pass(&mut chad, CONTACT_LINGER);
    niger.hears(Input::Disconnected { link: LinkId(1) });
    let day = chad.now.plus(EVERY + 24 * 60 * MINUTE);
    // From the next contact on nobody answers.
    let (mut tries, mut last) = (0, chad.now);
    while chad.now.since(day) < 0 {
        let wakes = chad.wakes.expect("it goes on trying");
        let wait = wakes.since(chad.now);
        pass(&mut chad, wait);
        for address in std::mem::take(&mut chad.dialled) {
            (tries, last) = (tries + 1, chad.now);
            chad.hears(Input::DialFailed { address, reason: "no link".into() });
        }
    }
    let wait = chad.wakes.expect("it goes on trying").since(last);
    assert!(wait <= 30 * MINUTE, "after a day it waits {} minutes", wait / MINUTE);
    assert!((60..200).contains(&tries), "{tries} tries");
}

#[test]
fn whoever_is_told_that_a_link_costs_the_other_money_leaves_the_dialling_to_it() {
    let (_, mut chad, mut niger) = satellite();
    let address = "/dns4/chad.example/udp/4480/quic-v1";
    let saved = Command::SaveAddress { address: address.into(), peer: Some(chad.key) };
    contact(&mut chad, &mut niger, 1);
    niger.asks(2, saved);
    for node in [&mut chad, &mut niger] {
        node.hears(Input::Disconnected { link: LinkId(1) });
    }
    niger.dialled.clear();
    pass(&mut niger, 60 * MINUTE);
    assert_eq!(niger.dialled, Vec::<String>::new());
    // But when somebody asks for it, it is done.
    niger.asks(3, Command::Meet { peer: chad.key });
    assert_eq!(niger.dialled, [address]);
}

#[test]
fn a_request_waits_for_no_hour() {
    let (hub, mut chad, mut niger) = satellite();
    let hour = u8::try_from(chad.now.0 / 3_600_000 % 24).expect("an hour");
    let closed = Some(((hour + 2) % 24, (hour + 3) % 24));
    says(&mut chad, Tariff { hours: closed, ..Tariff::of(LinkClass::Satellite) });
    contact(&mut chad, &mut niger, 1);
    pass(&mut chad, CONTACT_LINGER);
    niger.hears(Input::Disconnected { link: LinkId(1) });
    let next = chad.replica.outlook().next.expect("known");
    assert!(next.since(chad.now) > EVERY, "after {next:?} o'clock");
    let parcel = routing::parcel(&hub, &hub.chad.node, 5);
    chad.writes(&hub, &[parcel]);
    pass(&mut chad, 2_000);
    contact(&mut chad, &mut niger, 2);
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn beyond_the_allowance_requests_alone_move_until_the_month_is_over() {
    let (hub, mut chad, mut niger) = satellite();
    contact(&mut chad, &mut niger, 1);
    pass(&mut chad, CONTACT_LINGER);
    niger.hears(Input::Disconnected { link: LinkId(1) });
    let spent = chad.replica.spent();
    assert_eq!((spent.contacts, spent.free.sum()), (1, 0));
    assert!(spent.costly.of(Purpose::Finding) > 0 && spent.costly.of(Purpose::Transport) > 0);
    says(&mut chad, Tariff { allowance: Some(100), ..Tariff::of(LinkClass::Satellite) });
    niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Births").piece()]);
    let parcel = routing::parcel(&hub, &hub.chad.node, 5);
    chad.writes(&hub, &[parcel]);
    chad.events.clear();
    pass(&mut chad, 2_000);
    contact(&mut chad, &mut niger, 2);
    let (ours, theirs) = (chad.roots(), niger.roots());
    assert_eq!((ours[0], ours[1]), (theirs[0], theirs[1]), "who may say what, and the request");
    assert_ne!(ours[2], theirs[2], "the practice waits");
    assert!(!chad.events.contains(&Event::Settled(niger.key)));
    assert!(chad.replica.outlook().frugal);
    pass(&mut chad, CONTACT_LINGER);
    niger.hears(Input::Disconnected { link: LinkId(2) });
    pass(&mut chad, 32 * 24 * 60 * MINUTE);
    contact(&mut chad, &mut niger, 3);
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn what_was_said_and_spent_is_there_after_a_restart() {
    let (hub, mut chad, mut niger) = satellite();
    contact(&mut chad, &mut niger, 1);
    pass(&mut chad, CONTACT_LINGER);
    let (tariff, spent) = (chad.replica.tariff().clone(), chad.replica.spent());
    let chad = Shell::open(settings(&hub, &hub.chad, true), chad.key, chad.replica.into_store());
    assert_eq!((chad.replica.tariff(), chad.replica.spent()), (&tariff, spent));
}

#[test]
fn a_tariff_that_cannot_be_is_refused_and_the_one_before_stays() {
    let (_, mut chad, _) = satellite();
    let wrong = Tariff { hours: Some((25, 1)), ..Tariff::unsaid() };
    let refused = chad.asks(4, Command::Tariff(wrong));
    assert!(matches!(refused, Some(Err(CommandRefused::Tariff(_)))), "{refused:?}");
    assert_eq!(chad.replica.tariff().class, LinkClass::Satellite);
}

#[test]
fn a_link_that_turns_out_to_cost_money_counts_as_a_contact_and_is_closed() {
    let (_, mut chad, mut niger) = satellite();
    assert!(chad.replica.is_tariff_said());
    says(&mut chad, Tariff::of(LinkClass::Broadband));
    chad.hears(Input::Tick);
    contact(&mut chad, &mut niger, 1);
    pass(&mut chad, 10 * CONTACT_LINGER);
    assert_eq!((chad.hung_up.as_slice(), chad.replica.spent().costly.sum()), (&[][..], 0));
    // All was told long ago.
    says(&mut chad, Tariff::of(LinkClass::Metered));
    assert_eq!(chad.hung_up, [LinkId(1)]);
    let outlook = chad.replica.outlook();
    assert!(!outlook.in_contact && outlook.beyond);
    assert!(outlook.next.is_some_and(|next| next.since(chad.now) > EVERY - 2 * CONTACT_LINGER));
}

#[test]
fn who_is_reached_within_the_local_network_alone_waits_for_no_contact() {
    let (_, mut chad, niger) = chad_and_niger(true);
    let near = "/ip4/192.168.1.7/udp/4480/quic-v1";
    let saved = Command::SaveAddress { address: near.into(), peer: Some(niger.key) };
    assert_eq!(chad.asks(1, saved), Some(&Ok(Done::Noted)));
    let outlook = chad.replica.outlook();
    assert_eq!((outlook.next, outlook.in_contact, outlook.beyond), (None, false, false));
    assert!(!chad.replica.is_tariff_said());
}

#[test]
fn where_nothing_is_allowed_requests_alone_move_from_the_first_byte_on() {
    let (hub, mut chad, mut niger) = satellite();
    says(&mut chad, Tariff { allowance: Some(0), ..Tariff::of(LinkClass::Satellite) });
    assert!(chad.replica.outlook().frugal);
    niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Births").piece()]);
    let parcel = routing::parcel(&hub, &hub.chad.node, 5);
    chad.writes(&hub, &[parcel]);
    contact(&mut chad, &mut niger, 1);
    let (ours, theirs) = (chad.roots(), niger.roots());
    assert_eq!((ours[0], ours[1]), (theirs[0], theirs[1]), "who may say what, and the request");
    assert_ne!(ours[2], theirs[2], "the practice waits");
}

#[test]
fn a_letter_waits_for_the_next_contact_and_goes_behind_what_is_about_a_request() {
    let (hub, mut chad, mut niger) = satellite();
    contact(&mut chad, &mut niger, 1);
    pass(&mut chad, CONTACT_LINGER);
    niger.hears(Input::Disconnected { link: LinkId(1) });
    let to = (niger.key, hub.niger.node.key.encryption_public());
    chad.writes(&hub, &[letter(&hub, &hub.chad.node, to, 1, b"x")]);
    pass(&mut chad, MINUTE);
    assert_eq!(chad.dialled, Vec::<String>::new(), "no contact is made for it");
    let asked = parcel(&hub, &hub.chad.node, 1);
    chad.writes(&hub, std::slice::from_ref(&asked));
    pass(&mut chad, MINUTE);
    let order: Vec<bool> = chad
        .replica
        .library()
        .parcels()
        .map(|(id, _)| chad.replica.library().is_in_lane(&id))
        .collect();
    assert_eq!(order, [false, true], "requests first");
    contact(&mut chad, &mut niger, 2);
    assert_eq!(niger.replica.library().carried(), 2);
}
