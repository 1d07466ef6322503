//! Peers that speak libp2p well and Tern badly, and one that speaks neither.

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{Stream, StreamProtocol, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, identity::Keypair, noise, tcp, yamux};
use tokio::io::AsyncReadExt as _;

use super::super::address::peer_id;
use super::super::link::CHOSEN;
use super::super::stream::PROTOCOL;
use super::*;

#[tokio::test]
async fn where_memory_is_short_nobody_is_let_in_and_the_node_calls_as_before() {
    let [niger, chad] = &keys::<2>();
    let limits = NetLimits { memory_max: Some(1), ..NetLimits::default() };
    for listen in [TCP, QUIC] {
        let mut niger = Node::start_with(niger, &[listen], limits.clone()).await;
        let mut chad = Node::start(chad, &[listen]).await;
        chad.net.dial(Some(niger.key), niger.net.addresses());
        chad.dial_failed().await;
        niger.link_to(&mut chad).await;
    }
}

/// A bare swarm, whose streams a test opens and accepts itself.
struct Raw {
    id: PeerId,
    streams: libp2p_stream::Control,
    addresses: mpsc::UnboundedReceiver<Multiaddr>,
    dials: mpsc::UnboundedSender<DialOpts>,
    opened: mpsc::UnboundedReceiver<()>,
    closed: mpsc::UnboundedReceiver<()>,
}

impl Raw {
    fn start(key: &SecretKey) -> Self {
        let key = Keypair::ed25519_from_bytes(&mut *key.seed()).expect("a seed of 32 bytes");
        let mut swarm = SwarmBuilder::with_existing_identity(key)
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
            .expect("the key can be used")
            .with_quic()
            .with_behaviour(|_| libp2p_stream::Behaviour::new())
            .expect("nothing can fail")
            .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE))
            .build();
        for place in [QUIC, TCP] {
            swarm.listen_on(place.parse().expect("an address")).expect("a free port");
        }
        let (id, streams) = (*swarm.local_peer_id(), swarm.behaviour().new_control());
        let (listening, addresses) = mpsc::unbounded_channel();
        let (dials, dialling) = mpsc::unbounded_channel();
        let (opening, opened) = mpsc::unbounded_channel();
        let (closing, closed) = mpsc::unbounded_channel();
        tokio::spawn(drive(swarm, dialling, listening, opening, closing));
        Self { id, streams, addresses, dials, opened, closed }
    }

    fn dial(&self, node: &Node) {
        let address = node.net.addresses()[0].parse().expect("an address");
        let options = DialOpts::peer_id(peer_id(node.key))
            .addresses(vec![address])
            .condition(PeerCondition::Always)
            .build();
        self.dials.send(options).expect("the swarm runs");
    }

    /// Dials the node, whose key is the smaller, and takes its choice.
    async fn link(&mut self, node: &mut Node) -> (Stream, LinkId) {
        self.dial(node);
        self.opened.recv().await.expect("the node listens");
        let mut stream = self.open(node, PROTOCOL).await.expect("the node speaks it");
        let mut first = [0];
        stream.read_exact(&mut first).await.expect("the node chooses");
        assert_eq!(first, [CHOSEN]);
        let (link, peer, dialled) = node.opened().await;
        assert!(peer_id(peer) == self.id && !dialled);
        (stream, link)
    }

    async fn open(&mut self, node: &Node, protocol: StreamProtocol) -> Option<Stream> {
        self.streams.open_stream(peer_id(node.key), protocol).await.ok()
    }

    async fn address(&mut self) -> String {
        self.addresses.recv().await.expect("the swarm listens").to_string()
    }
}

async fn drive(
    mut swarm: Swarm<libp2p_stream::Behaviour>,
    mut dialling: mpsc::UnboundedReceiver<DialOpts>,
    listening: mpsc::UnboundedSender<Multiaddr>,
    opening: mpsc::UnboundedSender<()>,
    closing: mpsc::UnboundedSender<()>,
) {
    loop {
        tokio::select! {
            options = dialling.recv() => match options {
                Some(options) => swarm.dial(options).expect("it can be tried"),
                None => return,
            },
            event = swarm.select_next_some() => match event {
                SwarmEvent::NewListenAddr { address, .. } => {
                    let _ = listening.send(address);
                }
                SwarmEvent::ConnectionEstablished { .. } => {
                    let _ = opening.send(());
                }
                SwarmEvent::ConnectionClosed { .. } => {
                    let _ = closing.send(());
                }
                _ => {}
            },
        }
    }
}

/// Chad and Niger, who are linked, and a stranger linked with Chad. Whatever
/// the stranger does, it loses its own link for this reason, and no other.
async fn misbehaves(limits: NetLimits, how: impl AsyncFn(&mut Stream, &mut Raw, &Node)) -> String {
    let mut told = Vec::new();
    for place in [QUIC, TCP] {
        let [chad, niger, stranger] = keys();
        let mut chad = Node::start_with(&chad, &[place], limits.clone()).await;
        let mut niger = Node::start(&niger, &[]).await;
        let (theirs, mine) = niger.link_to(&mut chad).await;
        let mut stranger = Raw::start(&stranger);
        let (mut stream, link) = stranger.link(&mut chad).await;
        how(&mut stream, &mut stranger, &chad).await;
        let (closed, reason) = chad.closed().await;
        assert_eq!(closed, link);
        stranger.closed.recv().await.expect("the connection goes with the link");
        niger.says(theirs, &mut chad, mine).await;
        told.push(reason);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "the same over both transports: {told:?}");
    told.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversize_frame_is_refused_by_its_length() {
    let reason = misbehaves(NetLimits::default(), async |stream, _, _| {
        stream.write_all(&u32::MAX.to_le_bytes()).await.expect("written");
        stream.flush().await.expect("sent");
    });
    assert_eq!(
        reason.await,
        "the peer announced a frame of 4294967295 bytes, where 1048576 are allowed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_left_half_sent_is_given_up() {
    let limits = NetLimits { stall: Duration::from_millis(300), ..NetLimits::default() };
    let reason = misbehaves(limits, async |stream, _, _| {
        stream.write_all(&[0, 0, 16, 0, 1, 2, 3]).await.expect("written");
        stream.flush().await.expect("sent");
    });
    assert_eq!(reason.await, "the peer left a frame half sent for 0.3 seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_broken_off_is_named() {
    let reason = misbehaves(NetLimits::default(), async |stream, _, _| {
        stream.write_all(&[9, 0, 0, 0, 1]).await.expect("written");
        stream.close().await.expect("closed");
    });
    assert_eq!(reason.await, "the peer broke off in the middle of a frame");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_stream_on_a_connection_costs_the_link() {
    let reason = misbehaves(NetLimits::default(), async |_, stranger, chad| {
        // It may open, and is dropped.
        let _ = stranger.open(chad, PROTOCOL).await;
    });
    assert_eq!(reason.await, "the peer opened a second stream, where one is allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_never_reads_is_given_up() {
    let [chad, niger, stranger] = keys();
    let limits = NetLimits { stall: Duration::from_millis(500), ..NetLimits::default() };
    let mut chad = Node::start_with(&chad, &[QUIC], limits).await;
    let mut niger = Node::start(&niger, &[]).await;
    let (theirs, mine) = niger.link_to(&mut chad).await;
    let mut stranger = Raw::start(&stranger);
    let (_stream, link) = stranger.link(&mut chad).await;
    for _ in 0..256 {
        chad.net.send(link, Bytes::from(vec![0; 60_000]));
    }
    assert_eq!(
        chad.closed().await,
        (link, "the peer has taken nothing for 0.5 seconds".to_owned())
    );
    niger.says(theirs, &mut chad, mine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_streams_of_other_protocols_trouble_nobody() {
    for place in [QUIC, TCP] {
        let [chad, niger, stranger] = keys();
        let mut chad = Node::start(&chad, &[place]).await;
        let mut niger = Node::start(&niger, &[]).await;
        let (theirs, mine) = niger.link_to(&mut chad).await;
        let mut stranger = Raw::start(&stranger);
        let (_stream, link) = stranger.link(&mut chad).await;
        for _ in 0..2_000 {
            let opened = stranger.open(&chad, StreamProtocol::new("/other/1")).await;
            assert!(opened.is_none(), "nobody speaks it");
        }
        niger.says(theirs, &mut chad, mine).await;
        assert!(chad.links.contains(&link));
    }
}

#[tokio::test]
async fn a_connection_that_opens_no_stream_is_closed() {
    let [chad, stranger] = keys();
    let limits = NetLimits { settle: Duration::from_millis(300), ..NetLimits::default() };
    let chad = Node::start_with(&chad, &[QUIC], limits).await;
    let mut stranger = Raw::start(&stranger);
    stranger.dial(&chad);
    stranger.closed.recv().await.expect("the node closes it");
}

#[tokio::test]
async fn a_peer_that_speaks_something_else_is_told_apart() {
    for with_protocol in [false, true] {
        let [stranger, chad] = keys();
        let mut chad = Node::start(&chad, &[]).await;
        let mut stranger = Raw::start(&stranger);
        let mut accepted = with_protocol.then(|| stranger.streams.accept(PROTOCOL).expect("once"));
        chad.net.dial(None, vec![stranger.address().await]);
        let answering = async {
            let Some(accepted) = &mut accepted else { return };
            let (_, mut stream) = accepted.next().await.expect("the node opens a stream");
            stream.write_all(b"HTTP/1.1 400 Bad Request").await.expect("written");
            stream.flush().await.expect("sent");
        };
        let (reason, ()) = tokio::join!(chad.dial_failed(), answering);
        let expected = ["the peer does not speak /tern/1", "the peer speaks another version"];
        assert_eq!(reason, expected[usize::from(with_protocol)]);
    }
}

#[tokio::test]
async fn one_peer_cannot_hold_many_connections() {
    let [chad, stranger] = keys();
    let chad = Node::start(&chad, &[TCP]).await;
    let mut stranger = Raw::start(&stranger);
    let max = NetLimits::default().per_peer_max as usize;
    for _ in 0..max + 3 {
        stranger.dial(&chad);
    }
    for _ in 0..3 {
        stranger.closed.recv().await.expect("those above the bound are closed");
    }
}

#[tokio::test]
async fn noise_on_the_port_is_hung_up_on() {
    let [chad] = keys();
    let limits = NetLimits { settle: Duration::from_millis(300), ..NetLimits::default() };
    let chad = Node::start_with(&chad, &[TCP], limits).await;
    let address = chad.net.addresses()[0].clone();
    let port: u16 = address.split('/').nth(4).and_then(|port| port.parse().ok()).expect("a port");
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    tokio::io::AsyncWriteExt::write_all(&mut socket, b"GET / HTTP/1.1\r\n\r\n")
        .await
        .expect("sent");
    let mut answer = Vec::new();
    // Reset or closed: either way it ends.
    let _ = timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("it ends");
    assert!(answer.len() < 64);
}
