//! A node that moved is found again by whoever meets somebody who has met it.

use super::*;
use crate::limits::LINKS_SOUGHT_MAX;

const OLD: &str = "/ip4/192.0.2.7/tcp/4480";
const NEW: &str = "/ip4/198.51.100.9/tcp/4480";

fn tell(hub: &Hub, node: &mut Node, n: u64, addresses: &[&str]) {
    let record = hub.address(&hub.chad.node, n, addresses);
    node.writes(hub, &[piece(&record)]);
}

fn book(node: &Node) -> Vec<(&str, bool)> {
    node.replica.addresses().iter().map(|(address, saved)| (address, saved.learned)).collect()
}

#[test]
fn chad_moves_and_niger_finds_it_through_nepal_without_anybody_typing() {
    let (hub, [mut chad, mut niger, mut nepal]) = three_members();
    let saved = Command::SaveAddress { address: OLD.into(), peer: Some(chad.key) };
    niger.asks(1, saved);
    assert_eq!(niger.dialled, [OLD]);
    niger.hears(Input::DialFailed { address: OLD.into(), reason: "nobody is there".into() });
    niger.dialled.clear();

    tell(&hub, &mut chad, 1, &[OLD]);
    tell(&hub, &mut chad, 2, &[NEW]);
    connect(&mut chad, &mut nepal);
    converse(&mut chad, &mut nepal);
    connect(&mut nepal, &mut niger);
    converse(&mut nepal, &mut niger);
    assert_eq!(chad.roots(), niger.roots());
    assert_eq!(niger.dialled, [NEW], "and nobody typed it");
    assert_eq!(book(&niger), [(OLD, false), (NEW, true)], "what was saved by hand stays");
    assert_eq!(book(&chad), [], "its own address is not one to dial");
    niger.connects(2, chad.key, NEW);
    chad.connects(2, niger.key, "");
    converse(&mut chad, &mut niger);
    assert!(niger.events.contains(&Event::Settled(chad.key)));
}

#[test]
fn what_was_learned_is_there_after_a_start_and_goes_with_the_setting() {
    let (hub, _, mut niger) = chad_and_niger(true);
    tell(&hub, &mut niger, 1, &[OLD]);
    assert_eq!(book(&niger), [(OLD, true)]);
    let (key, store) = (niger.key, niger.replica.into_store());
    let niger = Shell::open(settings(&hub, &hub.niger, true), key, store);
    assert_eq!(book(&niger), [(OLD, true)]);
    assert_eq!(niger.dialled, [OLD]);
    let by_hand = Settings { learns: false, ..settings(&hub, &hub.niger, true) };
    let mut niger = Shell::open(by_hand, key, niger.replica.into_store());
    assert_eq!((book(&niger), niger.dialled.len()), (vec![], 0));
    tell(&hub, &mut niger, 2, &[NEW]);
    assert_eq!(book(&niger), []);
    let niger = Shell::open(settings(&hub, &hub.niger, true), key, niger.replica.into_store());
    assert_eq!(book(&niger), [(NEW, true)], "what stands is learned when it is wanted again");
}

#[test]
fn who_is_no_member_any_more_is_not_looked_for() {
    let (hub, _, mut niger) = chad_and_niger(true);
    tell(&hub, &mut niger, 1, &[OLD]);
    let revoke = Revoke {
        org: hub.chad.org(),
        prev: vec![hub.chad.node.certificate.cast()],
        certificate: hub.chad.node.certificate,
        reason: RevokeReason::Left,
        cut: Cut::default(),
    };
    niger.writes(&hub, &[piece(&revoke.prepare().sign(hub.federation, &hub.chad.root))]);
    assert_eq!(book(&niger), []);
}

#[test]
fn a_node_with_links_enough_leaves_those_it_only_heard_of_alone() {
    let mut hub = Hub::new();
    let others: Vec<crate::story::Holder> = (0..=LINKS_SOUGHT_MAX as u8)
        .map(|seed| {
            let key = SecretKey::from_seed(&[100 + seed; 32]);
            let certificate = hub.niger.grant(key.public(), &[tern_crdt::authority::Role::Node]);
            crate::story::Holder { key, certificate }
        })
        .collect();
    let mut chad = node(&hub, &hub.chad, true, &hub.records());
    for (at, other) in others.iter().enumerate() {
        let told = hub.address(other, 1, &[&format!("/ip4/192.0.2.{at}/tcp/4480")]);
        chad.writes(&hub, &[piece(&told)]);
    }
    assert_eq!(chad.dialled.len(), LINKS_SOUGHT_MAX, "not all at once");
    let missed = |chad: &Node| {
        let known = chad.replica.addresses().iter().map(|(address, _)| address.to_owned());
        known.filter(|address| !chad.dialled.contains(address)).collect::<Vec<_>>()
    };
    let [last] = &missed(&chad)[..] else { panic!("{:?}", chad.dialled) };
    let at: usize =
        last.split(['.', '/']).nth(5).and_then(|at| at.parse().ok()).expect("its number");
    for (other, link) in others.iter().zip(1..).filter(|(_, link)| *link != at as u64 + 1) {
        let address = format!("/ip4/192.0.2.{}/tcp/4480", link - 1);
        chad.connects(link, other.key.public(), &address);
    }
    chad.hears(Input::Tick);
    assert_eq!(chad.dialled.len(), LINKS_SOUGHT_MAX);
    // One goes, and there is room.
    let gone = if at == 0 { 2 } else { 1 };
    chad.hears(Input::Disconnected { link: LinkId(gone) });
    assert_eq!(chad.dialled.last(), Some(last));
    // Whom somebody asks for is dialled whatever there is.
    chad.asks(9, Command::Meet { peer: others[gone as usize - 1].key.public() });
    assert_eq!(chad.dialled.len(), LINKS_SOUGHT_MAX + 2);
}

#[test]
fn next_door_only_members_are_called() {
    let (hub, mut chad, niger) = chad_and_niger(true);
    let near = "/ip4/192.168.1.7/udp/4480/quic-v1";
    let found = |peer| Input::Found { peer, address: near.into() };
    chad.hears(found(hub.nepal.node.key.public()));
    chad.hears(found(chad.key));
    chad.hears(Input::Found { peer: niger.key, address: "a".repeat(ADDRESS_BYTES_MAX + 1) });
    assert_eq!(chad.dialled, Vec::<String>::new());
    chad.hears(found(niger.key));
    assert_eq!(chad.dialled, [near]);
    // A node that meets only when told to lets it be.
    let (_, mut chad, niger) = chad_and_niger(false);
    chad.hears(found(niger.key));
    assert_eq!(chad.dialled, Vec::<String>::new());
}
