//! Links that are far or thin: everything is a twentieth of what it is with
//! [`NetLimits::default`], the link and the patience with it.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, sleep_until};

use super::*;

const SCALE: u32 = 20;
/// One way, of the longest links that are served: five seconds.
const DELAY: Duration = Duration::from_secs(5).checked_div(SCALE).expect("not zero");

fn scaled() -> NetLimits {
    let usual = NetLimits::default();
    NetLimits { settle: usual.settle / SCALE, ping: usual.ping / SCALE, ..usual }
}

/// A link of TCP to a node, in whose place it is dialled.
struct Far {
    address: String,
    /// A word for each packet that the dialler sent.
    packets: mpsc::UnboundedReceiver<()>,
}

impl Far {
    /// Every packet is `delay` late, and after each one a `pause` is made.
    async fn to(node: &Node, delay: Duration, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let proxy = listener.local_addr().expect("it is bound");
        let there = node.net.addresses()[0].clone();
        let port = there.split('/').nth(4).and_then(|port| port.parse().ok()).expect("a port");
        let (passing, packets) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await;
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = far.expect("it listens").into_split();
                tokio::spawn(pass(near_in, far_out, delay, pause, Some(passing.clone())));
                tokio::spawn(pass(far_in, near_out, delay, pause, None));
            }
        });
        Self { address: format!("/ip4/127.0.0.1/tcp/{}", proxy.port()), packets }
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    delay: Duration,
    pause: Duration,
    passing: Option<mpsc::UnboundedSender<()>>,
) {
    // A thin link has short queues.
    let (queue, mut under_way) =
        mpsc::channel::<(Instant, Vec<u8>)>(if delay.is_zero() { 1 } else { 1_000 });
    let reading = async {
        let mut packet = vec![0; 32 * 1024];
        while let Ok(length @ 1..) = from.read(&mut packet).await {
            if queue.send((Instant::now() + delay, packet[..length].to_vec())).await.is_err() {
                break;
            }
            let _ = passing.as_ref().map(|passing| passing.send(()));
        }
        drop(queue);
    };
    let writing = async {
        while let Some((when, packet)) = under_way.recv().await {
            sleep_until(when).await;
            if to.write_all(&packet).await.is_err() {
                break;
            }
            sleep(pause).await;
        }
    };
    tokio::join!(reading, writing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_with_five_seconds_each_way_opens_and_stays_while_nobody_speaks() {
    // Either may be the one that decides.
    for dialler in [0, 1] {
        let keys = keys::<2>();
        let mut chad = Node::start_with(&keys[1 - dialler], &[TCP], scaled()).await;
        let mut niger = Node::start_with(&keys[dialler], &[], scaled()).await;
        let mut far = Far::to(&chad, DELAY, Duration::ZERO).await;
        niger.net.dial(Some(chad.key), vec![far.address.clone()]);
        let (theirs, ..) = niger.opened().await;
        let (mine, ..) = chad.opened().await;
        // Pings and their answers are all that passes.
        for _ in 0..12 {
            far.packets.recv().await.expect("the link is up");
        }
        niger.says(theirs, &mut chad, mine).await;
        chad.says(mine, &mut niger, theirs).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_to_which_bytes_move_in_bursts_is_not_given_up() {
    const FRAME: usize = 64 * 1024;
    const FRAMES: usize = 60;
    let limits = NetLimits { ping: Duration::from_millis(20), ..NetLimits::default() };
    let [chad, niger] = keys();
    let mut chad = Node::start_with(&chad, &[TCP], limits).await;
    let mut niger = Node::start(&niger, &[]).await;
    // Between two packets is ten times what a peer may be silent otherwise.
    let thin = Far::to(&chad, Duration::ZERO, Duration::from_millis(100)).await;
    niger.net.dial(Some(chad.key), vec![thin.address]);
    let (theirs, ..) = niger.opened().await;
    let (mine, ..) = chad.opened().await;
    for _ in 0..FRAMES {
        chad.net.send(mine, Bytes::from(vec![0; FRAME]));
    }
    for _ in 0..FRAMES {
        assert_eq!(niger.frame().await.1.len(), FRAME);
    }
    chad.says(mine, &mut niger, theirs).await;
}
