//! The libp2p swarm: QUIC, and TCP, WebSocket and what is relayed, each with
//! Noise and Yamux, with names looked up in the DNS.
//!
//! libp2p's own figures are those of a data centre. These are for links that
//! may be slow and far, and for peers that may be hostile.

use std::sync::Arc;
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::Boxed;
use libp2p::core::transport::timeout::TransportTimeout;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{
    Multiaddr, PeerId, Swarm, Transport, connection_limits, dns, mdns, ping, quic, tcp, websocket,
    yamux,
};
use tern_crdt::identity::SecretKey;

use super::neighbours::Over;
use super::proxy::{Proxied, Proxy};
use super::relay::{self, Circle};
use super::{Local, NetError, NetLimits, crowd, memory, neighbours, noise, punch, seen, stream};

/// What a QUIC stream may have under way: the bandwidth-delay product of
/// 50 Mbit/s over a satellite (0.6 s).
const QUIC_STREAM_BYTES: u32 = 4 * 1024 * 1024;
const QUIC_CONNECTION_BYTES: u32 = QUIC_STREAM_BYTES + 256 * 1024;
/// Streams a peer may have open on one connection: ours, two for pings with room
/// for their renewal, lanes, and what is relayed.
const STREAMS_MAX: u16 = 16 + relay::CIRCUITS_MAX as u16;
/// What is read of a WebSocket at once; ours are a Noise message, 4 kB.
const WEBSOCKET_FRAME_BYTES_MAX: usize = 128 * 1024;
/// Streams of one connection whose protocol is being agreed upon.
const NEGOTIATIONS_MAX: usize = 8;
/// Without a packet for so long a QUIC connection is lost.
const QUIC_IDLE_MS: u32 = 30_000;
const QUIC_KEEP_ALIVE: Duration = Duration::from_secs(10);

/// What runs on every connection.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub limits: connection_limits::Behaviour,
    pub crowd: crowd::Behaviour,
    pub ping: ping::Behaviour,
    pub stream: stream::Behaviour,
    pub mdns: Toggle<mdns::tokio::Behaviour>,
    pub mdns6: Toggle<mdns::tokio::Behaviour>,
    pub relay: Toggle<relay::Behaviour>,
    pub slots: libp2p::relay::client::Behaviour,
    pub seen: seen::Behaviour,
    pub punch: punch::Behaviour,
}

/// What a node that listens at some places says and hears.
pub(super) struct Plan<'a> {
    pub limits: &'a NetLimits,
    pub local: Local,
    /// Where it listens.
    pub places: &'a [Multiaddr],
    /// Through what it dials, if not directly.
    pub proxy: Option<Arc<Proxy>>,
    /// Whether it may relay, and for whom.
    pub relay: bool,
    pub circle: &'a Circle,
}

impl Behaviour {
    fn new(plan: &Plan, me: PeerId, slots: libp2p::relay::client::Behaviour) -> Self {
        let limits = plan.limits;
        let connections = connection_limits::ConnectionLimits::default()
            .with_max_established(Some(limits.connections_max))
            .with_max_established_incoming(Some(limits.inbound_max))
            .with_max_established_per_peer(Some(limits.per_peer_max))
            .with_max_pending_incoming(Some(limits.pending_max))
            .with_max_pending_outgoing(Some(limits.pending_max));
        Self {
            limits: connection_limits::Behaviour::new(connections),
            crowd: crowd::Behaviour::new(
                limits.pending_per_place_max,
                limits.inbound_per_place_max,
                memory::Gate::new(limits.memory_max, crate::memory::used),
            ),
            // An answer that comes late tells how long the link is; what is
            // too late, the hub decides.
            ping: ping::Behaviour::new(
                ping::Config::new().with_interval(limits.ping).with_timeout(limits.stall),
            ),
            stream: stream::Behaviour::new(limits.settle),
            mdns: neighbours::behaviour(plan.local, Over::Ip4, plan.places, me),
            mdns6: neighbours::behaviour(plan.local, Over::Ip6, plan.places, me),
            relay: plan.relay.then(|| relay::Behaviour::new(me, plan.circle)).into(),
            slots,
            seen: seen::Behaviour::new(plan.circle.clone(), limits.settle),
            punch: punch::Behaviour::new(me, plan.circle.clone()),
        }
    }
}

/// Builds the swarm, which will listen at these places and does nowhere yet.
pub(super) fn swarm(key: &SecretKey, plan: &Plan) -> Result<Swarm<Behaviour>, NetError> {
    let limits = plan.limits;
    let key = Keypair::ed25519_from_bytes(&mut *key.seed()).map_err(|e| setup(&e))?;
    let me = key.public().to_peer_id();
    let (relayed, slots) = libp2p::relay::client::new(me);
    let tcp = || tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let direct = match &plan.proxy {
        None => directly(tcp, quic_config(&key, limits), &key)?,
        Some(proxy) => {
            let tcp = || Proxied::new(tcp(), proxy.clone());
            secured(over_websocket(tcp()), &key)?
                .or_transport(secured(tcp(), &key)?)
                .map(|either, _| either.into_inner())
                .boxed()
        }
    };
    let transport =
        secured(relayed, &key)?.or_transport(direct).map(|either, _| either.into_inner());
    let config = libp2p::swarm::Config::with_tokio_executor()
        .with_idle_connection_timeout(limits.settle)
        // One protocol is offered, and what follows goes along with the offer:
        // a round trip less for each link, and for the first ping.
        .with_substream_upgrade_protocol_override(Version::V1Lazy)
        .with_max_negotiating_inbound_streams(NEGOTIATIONS_MAX);
    let transport = TransportTimeout::new(transport, limits.settle).boxed();
    Ok(Swarm::new(transport, Behaviour::new(plan, me, slots), me, config))
}

/// QUIC, TCP and WebSocket, with names looked up.
fn directly(
    tcp: impl Fn() -> tcp::tokio::Transport,
    quic: quic::Config,
    key: &Keypair,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, NetError> {
    let quic = quic::tokio::Transport::new(quic)
        .map(|(peer, connection), _| (peer, StreamMuxerBox::new(connection)));
    let plain = quic.or_transport(secured(tcp(), key)?).map(|either, _| either.into_inner());
    // The names of WebSockets are those of certificates, so that they are looked
    // up behind it.
    let websocket = secured(over_websocket(named(tcp())?), key)?;
    let either = websocket.or_transport(named(plain)?);
    Ok(either.map(|either, _| either.into_inner()).boxed())
}

fn over_websocket<T>(transport: T) -> websocket::Config<T>
where
    T: Transport<
            Output: AsyncRead + AsyncWrite + Unpin + Send + 'static,
            Error: Send + 'static,
            ListenerUpgrade: Send + 'static,
            Dial: Send + 'static,
        > + Send
        + Unpin
        + 'static,
{
    let mut websocket = websocket::Config::new(transport);
    websocket.set_max_data_size(WEBSOCKET_FRAME_BYTES_MAX);
    websocket
}

fn setup(error: &dyn std::error::Error) -> NetError {
    NetError::Setup { reason: error.to_string() }
}

/// Encrypted with the key of either end, and with streams.
fn secured<T>(transport: T, key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, NetError>
where
    T: Transport<
            Output: AsyncRead + AsyncWrite + Unpin + Send + 'static,
            Error: Send + Sync + 'static,
            ListenerUpgrade: Send + 'static,
            Dial: Send + 'static,
        > + Send
        + Unpin
        + 'static,
{
    let noise = noise::Config::new(key).map_err(|e| setup(&e))?;
    let secured = transport.upgrade(Version::V1Lazy).authenticate(noise);
    Ok(secured.multiplex(multiplexing()).boxed())
}

/// With names looked up in the DNS. Without a configured name server there are no
/// names, but numbers work.
fn named<T>(transport: T) -> Result<dns::tokio::Transport<T>, NetError>
where
    T: Transport + Send + Unpin + 'static,
{
    if dns::tokio::Transport::system(()).is_ok() {
        dns::tokio::Transport::system(transport).map_err(|e| setup(&e))
    } else {
        let nobody = dns::ResolverConfig::from_parts(None, Vec::new(), Vec::new());
        Ok(dns::tokio::Transport::custom(transport, nobody, dns::ResolverOpts::default()))
    }
}

fn multiplexing() -> yamux::Config {
    let mut config = yamux::Config::default();
    config.set_max_num_streams(usize::from(STREAMS_MAX));
    config
}

fn quic_config(key: &Keypair, limits: &NetLimits) -> quic::Config {
    // Packets of 1,200 bytes fit every path. To find out what else fits takes
    // eleven kilobytes of each connection, and saves at most a fifth of the
    // headers.
    let mut config = quic::Config::new(key).disable_path_mtu_discovery();
    config.handshake_timeout = limits.settle;
    config.max_idle_timeout = QUIC_IDLE_MS;
    config.keep_alive_interval = QUIC_KEEP_ALIVE;
    config.max_concurrent_stream_limit = u32::from(STREAMS_MAX);
    config.max_stream_data = QUIC_STREAM_BYTES;
    config.max_connection_data = QUIC_CONNECTION_BYTES;
    config
}
