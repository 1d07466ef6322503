//! Lanes: what travels beside a link.

use crate::net::{LANE_FRAME_BYTES_MAX, Lane};

use super::*;

/// A lane from `one` to `other`, both ends.
async fn lane(one: &Node, other: &mut mpsc::Receiver<Lane>, to: PublicKey) -> (Lane, Lane) {
    let mut mine = one.net.open_lane(to).await.expect("there is a link");
    mine.writer.send(b"salut", PATIENCE).await.expect("it is open");
    let mut theirs = timeout(PATIENCE, other.recv()).await.expect("in time").expect("it runs");
    let frame = theirs.reader.next(PATIENCE).await.expect("it is open");
    assert_eq!(frame.as_deref(), Some(&b"salut"[..]));
    (mine, theirs)
}

#[tokio::test]
async fn a_lane_carries_frames_both_ways_and_its_end_is_seen() {
    for transport in [QUIC, TCP] {
        let [niger, mali] = keys();
        let mut niger = Node::start(&niger, &[]).await;
        let mut mali = Node::start(&mali, &[transport]).await;
        let mut lanes = mali.net.lanes().expect("nobody else takes them");
        assert!(mali.net.lanes().is_none(), "there is one who takes them");
        assert!(niger.net.open_lane(mali.key).await.is_err(), "there is no link yet");
        niger.link_to(&mut mali).await;
        let (mut mine, mut theirs) = lane(&niger, &mut lanes, mali.key).await;
        assert!(theirs.peer == niger.key && theirs.near && mine.near);
        let long = vec![7; LANE_FRAME_BYTES_MAX];
        theirs.writer.send(&long, PATIENCE).await.expect("it is open");
        assert_eq!(
            mine.reader.next(PATIENCE).await.expect("it is open").as_deref(),
            Some(&long[..])
        );
        mine.writer.close(PATIENCE).await;
        assert_eq!(theirs.reader.next(PATIENCE).await.expect("a clean end"), None);
    }
}

#[tokio::test]
async fn a_lane_outlives_the_link_that_it_was_opened_beside() {
    let [niger, mali] = keys();
    let mut niger = Node::start(&niger, &[]).await;
    let mut mali = Node::start(&mali, &[QUIC]).await;
    let mut lanes = mali.net.lanes().expect("nobody else takes them");
    let (link, _) = niger.link_to(&mut mali).await;
    let (mut mine, mut theirs) = lane(&niger, &mut lanes, mali.key).await;
    niger.net.hangup(link);
    niger.closed().await;
    mali.closed().await;
    theirs.writer.send(b"encore", PATIENCE).await.expect("it is open");
    let frame = mine.reader.next(PATIENCE).await.expect("it is open");
    assert_eq!(frame.as_deref(), Some(&b"encore"[..]));
    // A new link is opened beside, over another connection.
    let (mine, theirs) = niger.link_to(&mut mali).await;
    niger.says(mine, &mut mali, theirs).await;
}

#[tokio::test]
async fn lanes_with_one_peer_are_few_and_a_frame_that_is_too_long_ends_one() {
    let [niger, mali] = keys();
    let mut niger = Node::start(&niger, &[]).await;
    let mut mali = Node::start(&mali, &[QUIC]).await;
    let mut lanes = mali.net.lanes().expect("nobody else takes them");
    niger.link_to(&mut mali).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(lane(&niger, &mut lanes, mali.key).await);
    }
    let refused = niger.net.open_lane(mali.key).await.expect_err("there are four");
    assert_eq!(refused, "there are lanes enough with this peer");
    let (mut mine, mut theirs) = open.pop().expect("there are four");
    mine.writer.send(&vec![0; LANE_FRAME_BYTES_MAX + 1], PATIENCE).await.expect("it is open");
    let long = theirs.reader.next(PATIENCE).await.expect_err("it is too long");
    assert_eq!(long.to_string(), "a frame of 65537 bytes, where 65536 fit");
    drop((mine, theirs));
    lane(&niger, &mut lanes, mali.key).await;
}
