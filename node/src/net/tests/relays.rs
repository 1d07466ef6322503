//! Members that nobody can reach, over the relay of one that can be.

use super::*;
use crate::net::{Company, Reachable, relayed_address};

const NOWHERE: &[&str] = &[];

async fn relay(key: &SecretKey, listen: &[&str]) -> Node {
    let listen: Vec<String> = listen.iter().map(|address| (*address).to_owned()).collect();
    let settings = NetSettings { relay: true, ..NetSettings::new(key.clone(), listen) };
    let (net, events) = start(settings).await.expect("loopback can be listened on");
    Node { net, events, key: key.public(), links: BTreeSet::new() }
}

fn members(nodes: &[&Node]) -> Company {
    let members = nodes.iter().map(|node| (node.key, Vec::new())).collect();
    Company { members, ..Company::default() }
}

/// Waits until a node is reached over this relay.
async fn reached_over(node: &Node, relay: PublicKey) {
    let mut relays = node.net.watch_relays();
    let held = relays.wait_for(|relays| relays.contains(&relay));
    timeout(PATIENCE, held).await.expect("in time").expect("the network runs");
}

/// Niger relays for Chad and Nepal, and Chad holds a slot there: Niger and Chad.
async fn chad_behind_niger(niger: &SecretKey, chad: &SecretKey, nepal: PublicKey) -> (Node, Node) {
    let mut niger = relay(niger, &[QUIC, TCP]).await;
    let mut chad = Node::start(chad, NOWHERE).await;
    let company = |others: [PublicKey; 2]| Company {
        members: others.into_iter().map(|key| (key, Vec::new())).collect(),
        ..Company::default()
    };
    niger.net.keep_company(Company { relays: true, ..company([chad.key, nepal]) });
    chad.net.keep_company(Company { seeks: true, ..company([niger.key, nepal]) });
    chad.link_to(&mut niger).await;
    reached_over(&chad, niger.key).await;
    (niger, chad)
}

fn over(relay: &Node) -> Vec<String> {
    relay.net.addresses().iter().map(|address| relayed_address(address, relay.key)).collect()
}

#[tokio::test]
async fn two_that_listen_nowhere_meet_over_a_member() {
    // Whoever decides, and whether Nepal has a link with the relay or not.
    for [at_niger, at_chad, at_nepal] in [[0, 1, 2], [0, 2, 1], [2, 0, 1]] {
        let keys = keys::<3>();
        let nepal = &keys[at_nepal];
        let (niger, mut chad) =
            chad_behind_niger(&keys[at_niger], &keys[at_chad], nepal.public()).await;
        let mut nepal = Node::start(nepal, NOWHERE).await;
        nepal.net.keep_company(members(&[&niger, &chad]));
        nepal.net.dial(Some(chad.key), vec![over(&niger)[1].clone()]);
        let to_chad = loop {
            match nepal.next().await {
                NetEvent::Opened { link, peer, address, .. } if peer == chad.key => {
                    assert!(address.contains("/p2p-circuit"), "{address}");
                    assert!(!tern_protocol::tariff::is_near(&address), "it may cost: {address}");
                    break link;
                }
                NetEvent::DialFailed { reason, .. } => panic!("{reason}"),
                _ => {}
            }
        };
        let from_nepal = loop {
            if let NetEvent::Opened { link, peer, address, dialled } = chad.next().await
                && peer == nepal.key
            {
                assert!(!dialled && !tern_protocol::tariff::is_near(&address), "{address}");
                break link;
            }
        };
        nepal.says(to_chad, &mut chad, from_nepal).await;
        assert_eq!(niger.net.relayed(), (1, 1));
        nepal.net.hangup(to_chad);
        while chad.closed().await.0 != from_nepal {}
    }
}

/// Chad is told of somebody new, who came over a relay.
async fn comes_over_relay(chad: &mut Node, who: PublicKey) -> LinkId {
    loop {
        if let NetEvent::Opened { link, peer, address, dialled } = chad.next().await
            && peer == who
        {
            assert!(!dialled && address.contains("/p2p-circuit"), "{address}");
            return link;
        }
    }
}

#[tokio::test]
async fn a_newcomer_that_knows_nobody_is_led_to_who_invited_it_and_to_nobody_else() {
    // Whoever decides.
    for [at_chad, at_newcomer] in [[1, 2], [2, 1]] {
        let keys = keys::<3>();
        let nobody = SecretKey::from_seed(&[9; 32]).public();
        let (mut niger, mut chad) = chad_behind_niger(&keys[0], &keys[at_chad], nobody).await;
        let mut newcomer = Node::start(&keys[at_newcomer], NOWHERE).await;
        newcomer.net.dial(Some(nobody), over(&niger)[..1].to_vec());
        let reason = newcomer.dial_failed().await;
        assert!(reason.contains("no reservation"), "{reason}");
        newcomer.net.dial(Some(chad.key), over(&niger)[1..].to_vec());
        let (to_chad, peer, _) = newcomer.opened().await;
        assert_eq!(peer, chad.key, "it has nothing to say to the relay");
        let from_newcomer = comes_over_relay(&mut chad, newcomer.key).await;
        newcomer.says(to_chad, &mut chad, from_newcomer).await;
        chad.says(from_newcomer, &mut newcomer, to_chad).await;
        assert_eq!(niger.net.relayed(), (1, 1));
        while let Ok(event) = niger.events.try_recv() {
            let NetEvent::Opened { peer, .. } = event else { continue };
            assert_eq!(peer, chad.key, "the newcomer came to Niger");
        }
    }
}

#[tokio::test]
async fn a_stranger_gets_no_slot_and_few_bytes() {
    let keys = keys::<3>();
    let [niger, chad, stranger] = &keys;
    let (mut niger, mut chad) =
        chad_behind_niger(niger, chad, SecretKey::from_seed(&[9; 32]).public()).await;
    let mut stranger = Node::start(stranger, NOWHERE).await;
    // It takes Niger for a member of its own.
    stranger.net.keep_company(Company { seeks: true, ..members(&[&niger, &chad]) });
    stranger.link_to(&mut niger).await;
    stranger.net.dial(Some(chad.key), over(&niger)[1..].to_vec());
    let to_chad = loop {
        let (link, peer, _) = stranger.opened().await;
        if peer == chad.key {
            break link;
        }
    };
    comes_over_relay(&mut chad, stranger.key).await;
    let frame = Bytes::from(vec![7; 256 * 1024]);
    (0..16).for_each(|_| stranger.net.send(to_chad, frame.clone()));
    let mut heard = 0;
    loop {
        match chad.next().await {
            NetEvent::Frame { frame, .. } => heard += frame.len(),
            NetEvent::Closed { .. } => break,
            _ => {}
        }
    }
    assert!((1024 * 1024..=2 * 1024 * 1024).contains(&heard), "{heard} bytes came through");
    assert_eq!(stranger.net.relays(), [], "a slot is for members");
    assert_eq!(niger.net.relayed().0, 1, "only Chad's");
    // Who relays no more leads nobody either.
    niger.net.keep_company(Company { relays: false, ..members(&[&chad]) });
    stranger.net.dial(Some(chad.key), over(&niger)[1..].to_vec());
    let reason = stranger.dial_failed().await;
    assert!(reason.contains("resource limit exceeded"), "{reason}");
}

#[tokio::test]
async fn a_slot_outlives_its_link_and_goes_with_the_relay() {
    let keys = keys::<3>();
    let [niger, chad, nepal] = &keys;
    let (niger, mut chad) = chad_behind_niger(niger, chad, nepal.public()).await;
    let link = *chad.links.first().expect("one with Niger");
    chad.net.hangup(link);
    chad.closed().await;
    assert_eq!(chad.net.relays(), [niger.key]);
    let nepal = Node::start(nepal, NOWHERE).await;
    nepal.net.dial(Some(chad.key), over(&niger)[..1].to_vec());
    while chad.opened().await.1 != nepal.key {}
    niger.net.shutdown().await;
    drop(niger);
    let mut relays = chad.net.watch_relays();
    let none = relays.wait_for(Vec::is_empty);
    timeout(PATIENCE, none).await.expect("in time").expect("the network runs");
}

#[tokio::test]
async fn nobody_calls_over_a_relay_that_is_no_members() {
    let keys = keys::<3>();
    let [niger, chad, nepal] = &keys;
    let (niger, chad) = chad_behind_niger(niger, chad, nepal.public()).await;
    let mut nepal = Node::start(nepal, NOWHERE).await;
    nepal.net.keep_company(members(&[&chad]));
    nepal.net.dial(Some(chad.key), over(&niger));
    let reason = nepal.dial_failed().await;
    assert!(reason.contains("is no node of a member"), "{reason}");
    nepal.net.dial(None, over(&niger));
    let reason = nepal.dial_failed().await;
    assert!(reason.contains("names nobody behind it"), "{reason}");
}

#[tokio::test]
async fn two_that_met_over_a_relay_go_on_directly() {
    // Whoever decides.
    for [at_chad, at_nepal] in [[1, 2], [2, 1]] {
        let keys = keys::<3>();
        let mut niger = relay(&keys[0], &[QUIC]).await;
        let mut chad = Node::start(&keys[at_chad], &[QUIC]).await;
        let mut nepal = Node::start(&keys[at_nepal], &[QUIC]).await;
        niger.net.keep_company(Company { relays: true, ..members(&[&chad, &nepal]) });
        let others = Company { punches: true, ..members(&[&niger, &nepal]) };
        chad.net.keep_company(Company { seeks: true, ..others });
        nepal.net.keep_company(Company { punches: true, ..members(&[&niger, &chad]) });
        chad.link_to(&mut niger).await;
        reached_over(&chad, niger.key).await;
        nepal.net.dial(Some(chad.key), over(&niger));
        for node in [&mut nepal, &mut chad] {
            let mut relayed = true;
            while relayed {
                if let NetEvent::Opened { peer, address, .. } = node.next().await
                    && peer != niger.key
                {
                    relayed = address.contains("/p2p-circuit");
                }
            }
        }
        let [from, to] = [(&nepal, chad.key), (&chad, nepal.key)].map(|(node, other)| {
            assert!(node.links.len() <= 2, "one with Niger, one with the other: {other:?}");
            *node.links.last().expect("the newest")
        });
        nepal.says(from, &mut chad, to).await;
    }
}

#[tokio::test]
async fn a_node_learns_from_calls_whether_others_get_through() {
    let [niger, chad] = &keys::<2>();
    let by_name = |node: &Node| {
        let tcp = node.net.addresses().into_iter().find(|at| at.contains("/tcp/"));
        // A name is not within the local network, as far as anybody knows.
        vec![tcp.expect("one").replace("/ip4/127.0.0.1/", "/dns4/localhost/")]
    };
    let niger = Node::start(niger, &[TCP]).await;
    let at_once = NetLimits { call_after: Duration::ZERO, ..NetLimits::default() };
    let chad = Node::start_with(chad, &[TCP], at_once).await;
    let members_told = [(chad.key, by_name(&chad))].into();
    niger.net.keep_company(Company { members: members_told, calls: true, ..Company::default() });
    chad.net.keep_company(Company { tells: true, ..members(&[&niger]) });
    chad.net.dial(Some(niger.key), by_name(&niger));
    let mut known = chad.net.watch_reachable();
    let found = known.wait_for(|known| *known == Reachable::Yes);
    timeout(PATIENCE, found).await.expect("in time").expect("the network runs");
}
