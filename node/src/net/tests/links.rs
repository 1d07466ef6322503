use tokio::runtime::Runtime;

use super::super::{EVENTS_WAITING_MAX, FRAME_BYTES_MAX, full_address};
use super::throughput::exchange;
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn frames_arrive_whole_and_in_order_both_ways() {
    for place in [QUIC, TCP] {
        let [chad, niger] = keys();
        let mut chad = Node::start(&chad, &[place]).await;
        let mut niger = Node::start(&niger, &[]).await;
        let (theirs, mine) = niger.link_to(&mut chad).await;
        exchange((&mut chad, mine), (&mut niger, theirs), 10_000, 5_000).await;
        exchange((&mut chad, mine), (&mut niger, theirs), 8, FRAME_BYTES_MAX).await;
        exchange((&mut chad, mine), (&mut niger, theirs), 8, 0).await;
    }
}

#[tokio::test]
async fn a_peer_can_be_dialled_by_its_address_alone() {
    let [chad, niger] = keys();
    let mut chad = Node::start(&chad, &[QUIC, TCP]).await;
    let mut niger = Node::start(&niger, &[]).await;
    niger.net.dial(None, chad.net.addresses());
    let (link, peer, dialled) = niger.opened().await;
    assert!(peer == chad.key && dialled);
    let (other, ..) = chad.opened().await;
    niger.says(link, &mut chad, other).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_dial_each_other_at_once_end_with_one_link() {
    for round in 0..12 {
        let [chad, niger] = keys();
        let listen: &[&str] = [[QUIC].as_slice(), &[TCP], &[QUIC, TCP]][round % 3];
        let mut chad = Node::start(&chad, listen).await;
        let mut niger = Node::start(&niger, listen).await;
        // Each address by itself, so that up to four connections compete.
        for (node, other) in [(&chad, &niger), (&niger, &chad)] {
            for address in other.net.addresses() {
                node.net.dial(Some(other.key), vec![address]);
            }
        }
        let dials = listen.len();
        let (mine, theirs) = tokio::join!(settled(&mut chad, dials), settled(&mut niger, dials));
        assert!(chad.links.len() == 1 && niger.links.len() == 1);
        chad.says(mine, &mut niger, theirs).await;
        niger.says(theirs, &mut chad, mine).await;
    }
}

/// Waits until the dials have ended and there is a link; it has flapped never.
async fn settled(node: &mut Node, mut dials: usize) -> LinkId {
    let mut link = None;
    while dials > 0 || link.is_none() {
        match node.next().await {
            NetEvent::Opened { link: opened, dialled, .. } => {
                assert_eq!(link.replace(opened), None, "one link");
                dials -= usize::from(dialled);
            }
            NetEvent::DialFailed { .. } => dials -= 1,
            NetEvent::Closed { reason, .. } => panic!("closed: {reason}"),
            _ => {}
        }
    }
    link.expect("the loop ends with a link")
}

#[tokio::test]
async fn whoever_is_linked_is_not_dialled_again() {
    let [chad, niger] = keys();
    let mut chad = Node::start(&chad, &[QUIC]).await;
    let mut niger = Node::start(&niger, &[QUIC]).await;
    let (mine, theirs) = chad.link_to(&mut niger).await;
    chad.net.dial(Some(niger.key), niger.net.addresses());
    assert_eq!(chad.dial_failed().await, "there is a link with this peer already");
    niger.net.dial(None, chad.net.addresses());
    assert_eq!(niger.dial_failed().await, "there is a link with this peer already");
    chad.says(mine, &mut niger, theirs).await;
}

#[tokio::test]
async fn a_hang_up_sends_what_waits_and_the_peer_may_dial_again_at_once() {
    for place in [QUIC, TCP] {
        let [chad, niger] = keys();
        let mut chad = Node::start(&chad, &[place]).await;
        let mut niger = Node::start(&niger, &[place]).await;
        for _ in 0..5 {
            let (mine, theirs) = niger.link_to(&mut chad).await;
            for _ in 0..20 {
                niger.net.send(mine, Bytes::from(vec![7; 50_000]));
            }
            niger.net.hangup(mine);
            for _ in 0..20 {
                assert_eq!(chad.frame().await.1.len(), 50_000);
            }
            assert_eq!(chad.closed().await, (theirs, "the peer hung up".to_owned()));
            assert_eq!(niger.closed().await, (mine, "this node hung up".to_owned()));
        }
    }
}

/// A node on a runtime of its own, which can be stopped like a process.
fn doomed(key: &SecretKey, place: &str) -> (Runtime, Node) {
    let runtime = Runtime::new().expect("a runtime");
    let (key, place) = (key.clone(), place.to_owned());
    let node = std::thread::scope(|scope| {
        let start = scope.spawn(|| runtime.block_on(Node::start(&key, &[&place])));
        start.join().expect("the node starts")
    });
    (runtime, node)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_was_killed_is_noticed() {
    let quick = NetLimits { ping: Duration::from_millis(200), ..NetLimits::default() };
    for place in [QUIC, TCP] {
        let [chad, niger] = keys();
        let mut chad = Node::start_with(&chad, &[place], quick.clone()).await;
        let (runtime, mut niger) = doomed(&niger, place);
        let (mine, _) = chad.link_to(&mut niger).await;
        runtime.shutdown_background();
        assert_eq!(chad.closed().await.0, mine);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_was_killed_and_comes_back_is_linked_at_once() {
    for (place, killed) in [(QUIC, 0), (QUIC, 1), (TCP, 0), (TCP, 1)] {
        let keys = keys::<2>();
        let mut chad = Node::start(&keys[1 - killed], &[place]).await;
        let (runtime, mut niger) = doomed(&keys[killed], place);
        let (mine, theirs) = chad.link_to(&mut niger).await;
        niger.says(theirs, &mut chad, mine).await;
        runtime.shutdown_background();
        let mut niger = Node::start(&keys[killed], &[place]).await;
        niger.net.dial(Some(chad.key), chad.net.addresses());
        let (theirs, ..) = niger.opened().await;
        let (mine, ..) = chad.opened().await;
        assert_eq!(chad.links.len(), 1, "the old link was closed first");
        chad.says(mine, &mut niger, theirs).await;
    }
}

#[tokio::test]
async fn a_dial_that_fails_says_why() {
    let [chad, niger, nepal] = keys();
    let chad = Node::start(&chad, &[TCP]).await;
    let mut niger = Node::start(&niger, &[TCP]).await;
    let there = chad.net.addresses();
    let elsewhere = full_address(&there[0], niger.key);
    for (peer, addresses, word) in [
        (None, vec![], "no address is known"),
        (None, vec!["/ip4/127.0.0.1/tcp/1".to_owned()], "/ip4/127.0.0.1/tcp/1: Connection refused"),
        (None, vec!["nonsense".to_owned()], "is not an address"),
        (Some(nepal.public()), there.clone(), "another peer answers"),
        (Some(chad.key), vec![elsewhere], "the address of another peer"),
        (None, niger.net.addresses(), "at these addresses is this node itself"),
        (Some(niger.key), there, "the key of this node itself"),
    ] {
        niger.net.dial(peer, addresses);
        let reason = niger.dial_failed().await;
        assert!(reason.contains(word), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_makes_the_sender_wait_and_is_given_up_in_the_end() {
    const FRAME: usize = 64 * 1024;
    const OFFERED: usize = 64 * FRAME_BYTES_MAX;
    let limits = NetLimits {
        stall: Duration::from_secs(2),
        queue_bytes_max: OFFERED,
        ..NetLimits::default()
    };
    for place in [QUIC, TCP] {
        let [chad, niger] = keys();
        let mut chad = Node::start_with(&chad, &[place], limits.clone()).await;
        let mut niger = Node::start(&niger, &[]).await;
        let (theirs, mine) = niger.link_to(&mut chad).await;
        for _ in 0..OFFERED / FRAME {
            chad.net.send(mine, Bytes::from(vec![0; FRAME]));
        }
        let mut taken = 0;
        let reason = loop {
            match chad.next().await {
                NetEvent::Taken { bytes, .. } => taken += bytes,
                NetEvent::Closed { reason, .. } => break reason,
                _ => {}
            }
        };
        assert_eq!(reason, "the peer has taken nothing for 2 seconds");
        let room = EVENTS_WAITING_MAX * FRAME + 8 * FRAME_BYTES_MAX;
        assert!(taken > 0 && taken < room, "{taken} bytes went ahead of the reader");
        // What was taken is not lost by that.
        let mut received = 0;
        loop {
            match niger.next().await {
                NetEvent::Frame { frame, .. } => received += frame.len(),
                NetEvent::Closed { link, .. } => break assert_eq!(link, theirs),
                _ => {}
            }
        }
        assert!(received <= taken);
    }
}

#[tokio::test]
async fn a_sender_that_overruns_its_queue_loses_the_link() {
    let [chad, niger] = keys();
    let mut chad = Node::start(&chad, &[QUIC]).await;
    let mut niger = Node::start(&niger, &[]).await;
    let (theirs, mine) = niger.link_to(&mut chad).await;
    chad.net.send(mine, Bytes::from(vec![0; FRAME_BYTES_MAX + 1]));
    assert!(chad.closed().await.1.starts_with("a frame of 1048577 bytes was to be sent"));
    assert_eq!(niger.closed().await.0, theirs);
    chad.net.send(mine, Bytes::from_static(b"into the void"));
    let (theirs, mine) = niger.link_to(&mut chad).await;
    for _ in 0..64 {
        chad.net.send(mine, Bytes::from(vec![0; FRAME_BYTES_MAX]));
    }
    assert!(chad.closed().await.1.starts_with("more than 16777216 bytes wait to be sent"));
    assert_eq!(niger.closed().await.0, theirs);
}
