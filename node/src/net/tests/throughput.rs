use std::time::Instant;

use super::*;

/// Bytes that a side lets be under way.
const WINDOW_BYTES: usize = 2 * 1024 * 1024;

/// Each end sends so many frames of so many bytes, within a window, and
/// checks that it gets those of the other in order.
pub(super) async fn exchange(
    one: (&mut Node, LinkId),
    other: (&mut Node, LinkId),
    frames: usize,
    bytes: usize,
) {
    let both = (frames, frames);
    tokio::join!(side(one.0, one.1, both, bytes), side(other.0, other.1, both, bytes));
}

/// Sends and receives so many frames.
async fn side(node: &mut Node, link: LinkId, (sends, receives): (usize, usize), bytes: usize) {
    let (mut sent, mut under_way, mut received) = (0, 0, 0);
    let window = WINDOW_BYTES.max(2 * bytes);
    while sent < sends || received < receives || under_way > 0 {
        while sent < sends && under_way + bytes <= window {
            node.net.send(link, numbered(sent, bytes));
            under_way += bytes;
            sent += 1;
        }
        match node.next().await {
            NetEvent::Frame { link: from, frame } => {
                assert_eq!(from, link);
                assert_eq!(frame.len(), bytes);
                assert!(frame == numbered(received, bytes), "frame {received} is in its place");
                received += 1;
            }
            NetEvent::Taken { bytes, .. } => under_way -= bytes,
            NetEvent::Closed { reason, .. } => panic!("closed: {reason}"),
            _ => {}
        }
    }
}

fn numbered(number: usize, bytes: usize) -> Bytes {
    let mut frame = vec![number as u8; bytes];
    let head = (number as u64).to_le_bytes();
    let told = head.len().min(bytes);
    frame[..told].copy_from_slice(&head[..told]);
    frame.into()
}

/// Prints frames per second: run it alone and optimised.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, which only an optimised build makes sense of"]
async fn throughput() {
    for place in [QUIC, TCP] {
        for (frames, bytes) in [(40_000, 5_000), (6_000, 64 * 1024)] {
            let [chad, niger] = keys();
            let mut chad = Node::start(&chad, &[place]).await;
            let mut niger = Node::start(&niger, &[]).await;
            let (theirs, mine) = niger.link_to(&mut chad).await;
            let start = Instant::now();
            tokio::join!(
                side(&mut niger, theirs, (frames, 0), bytes),
                side(&mut chad, mine, (0, frames), bytes),
            );
            let seconds = start.elapsed().as_secs_f64();
            let rate = frames as f64 / seconds;
            println!(
                "{place} {bytes} B: {rate:.0} frames/s, {:.0} MB/s",
                rate * bytes as f64 / 1e6
            );
        }
    }
}
