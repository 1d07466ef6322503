//! The network behind one seam: framed streams between nodes of known keys.
//!
//! A *link* is one bidirectional stream with one peer, whose Ed25519 key the
//! encryption layer has proved. Frames go in and come out whole and in order.
//! There is at most one link per peer, and both ends agree which (see
//! `hub/choice.rs`); beside it there may be [lanes](Lane). The transports are
//! QUIC, and TCP, WebSocket, or another member that relays, with Noise and Yamux.
//!
//! This folder knows nothing of messages, members or files, and nothing
//! outside it names libp2p. Whoever reads the events decides what a peer may
//! do; until it has decided, a peer can cost at most what [`NetLimits`] say.
//!
//! Invariants:
//! - every [`NetEvent::Opened`] is followed by exactly one
//!   [`NetEvent::Closed`] of that link, and by no event of it afterwards;
//! - a peer's previous link is closed before its next is opened;
//! - no call here waits, [`Net::shutdown`] apart; a reader of events that is
//!   slow makes peers wait, never grows memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tern_crdt::identity::{PublicKey, SecretKey};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

mod activity;
mod address;
mod crowd;
mod dials;
mod frame;
mod guests;
mod hub;
mod lane;
mod link;
mod memory;
mod neighbours;
mod noise;
mod ports;
mod proxy;
mod punch;
mod relay;
mod seen;
mod stream;
#[cfg(test)]
mod tests;
mod transport;

pub use address::{
    ADDRESS_BYTES_MAX, AddressError, full_address, parse_address, peer_id_text, relayed_address,
};
pub use lane::{LANE_FRAME_BYTES_MAX, Lane, LaneReader, LaneWriter};
pub use neighbours::Local;
pub use proxy::{Proxy, ProxyUnreadable};
pub use relay::{Company, Reachable};

/// A frame is at most this long.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;
/// So many events wait for their reader before peers are made to wait.
pub const EVENTS_WAITING_MAX: usize = 64;

/// One link, never reused while the process lives.
pub type LinkId = u64;

/// What the network needs to start.
#[derive(Clone, Debug)]
pub struct NetSettings {
    /// The node's key: what peers know it by.
    pub key: SecretKey,
    /// Multiaddresses to listen on, such as `/ip4/0.0.0.0/udp/4480/quic-v1`
    /// and `/ip4/0.0.0.0/tcp/4480`. All that ask for port 0 get one and the
    /// same free port. None: dial only.
    pub listen: Vec<String>,
    /// Whether nodes in the local network find each other.
    pub local: Local,
    /// Multiaddresses at which others reach this node, beside those on which it
    /// listens: told to those for whom it relays.
    pub announce: Vec<String>,
    /// Through what it dials whoever is not near; then there is no QUIC.
    pub proxy: Option<Arc<Proxy>>,
    /// Whether it can relay for members; [`Net::keep_company`] says for whom.
    pub relay: bool,
    /// Whether it dials over QUIC from the port on which it listens, so that
    /// others can break through to it there; the port is then free a little later
    /// than the network has stopped.
    pub shares_port: bool,
    /// What a peer may cost.
    pub limits: NetLimits,
}

impl NetSettings {
    /// A node that listens there, finds nobody by itself and does not relay.
    pub fn new(key: SecretKey, listen: Vec<String>) -> Self {
        Self {
            key,
            listen,
            local: Local::Off,
            announce: Vec::new(),
            proxy: None,
            relay: false,
            shares_port: false,
            limits: NetLimits::default(),
        }
    }
}

/// What peers may cost, and how long is too long.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetLimits {
    /// Established connections in all.
    pub connections_max: u32,
    /// Established connections that peers dialled; less than all, so that
    /// strangers cannot use up what this node wants to dial itself.
    pub inbound_max: u32,
    /// Connections with one peer, while it is being decided which one stays.
    pub per_peer_max: u32,
    /// Connections under way, in each direction.
    pub pending_max: u32,
    /// Connections under way from one IPv4 address, or one IPv6 network.
    pub pending_per_place_max: u32,
    /// Established connections that came from one such place, or over relays.
    pub inbound_per_place_max: u32,
    /// While this process uses more bytes of memory than this, nobody is let in.
    pub memory_max: Option<u64>,
    /// Bytes of frames that wait to be sent on one link. More is a fault of
    /// the sender, and closes the link.
    pub queue_bytes_max: usize,
    /// Within this time a connection becomes a link, or ends: four round
    /// trips of the longest links that are served, which take ten seconds.
    pub settle: Duration,
    /// How often peers are asked whether they are there. One that gives no
    /// sign for long is given up: by default after 30 seconds, later where
    /// answers have taken long or bytes are under way (see `activity.rs`).
    pub ping: Duration,
    /// A peer that leaves a frame half sent, or takes no byte of what is
    /// offered, for this long, is given up.
    pub stall: Duration,
    /// How old a link is before its peer is asked to call: until then it may not
    /// have heard where.
    pub call_after: Duration,
    /// Time for waiting frames to leave after a hang-up.
    pub linger: Duration,
}

impl Default for NetLimits {
    fn default() -> Self {
        Self {
            connections_max: 256,
            inbound_max: 192,
            per_peer_max: 4,
            pending_max: 64,
            pending_per_place_max: 8,
            inbound_per_place_max: 48,
            memory_max: None,
            queue_bytes_max: 16 * FRAME_BYTES_MAX,
            settle: Duration::from_secs(45),
            ping: Duration::from_secs(10),
            stall: Duration::from_secs(300),
            call_after: Duration::from_secs(150),
            linger: Duration::from_secs(5),
        }
    }
}

/// What happened on the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NetEvent {
    /// These are all addresses on which peers can reach this node now.
    Listening {
        /// Multiaddresses without the peer id: see [`full_address`].
        addresses: Vec<String>,
    },
    /// There is a link with a peer.
    Opened {
        /// Its name from now on.
        link: LinkId,
        /// The peer's proven key.
        peer: PublicKey,
        /// Whether this node dialled.
        dialled: bool,
        /// Where the peer is: if it dialled, not where it can be reached.
        address: String,
    },
    /// Somebody in the local network says that this node is there.
    Found {
        /// Its key, which nobody has proved.
        peer: PublicKey,
        /// Where, without the peer id.
        address: String,
    },
    /// The peer sent a frame.
    Frame {
        /// On which link.
        link: LinkId,
        /// At most [`FRAME_BYTES_MAX`] bytes.
        frame: Bytes,
    },
    /// The transport took frames given to [`Net::send`]: so much room has
    /// come free. The sums of both are equal once all is sent.
    Taken {
        /// On which link.
        link: LinkId,
        /// The lengths of the frames, together.
        bytes: usize,
    },
    /// The link is gone; what was not yet taken is not sent.
    Closed {
        /// Which.
        link: LinkId,
        /// Why, in words.
        reason: String,
    },
    /// A call of [`Net::dial`] ended without a new link.
    DialFailed {
        /// Whom it was meant for, if that was known.
        peer: Option<PublicKey>,
        /// Why, in words.
        reason: String,
    },
}

/// Why the network does not start: for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NetError {
    /// Not an address to listen on.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Somebody else listens there.
    #[error("{address} is in use by another program: stop it, or listen on another port")]
    PortInUse {
        /// The address as it was asked for.
        address: String,
    },
    /// The system refuses the address.
    #[error("cannot listen on {address}: {reason}")]
    Refused {
        /// The address as it was asked for.
        address: String,
        /// The system's words.
        reason: String,
    },
    /// The transports cannot be set up.
    #[error("the network cannot be set up: {reason}")]
    Setup {
        /// What was missing.
        reason: String,
    },
}

/// A handle to the network: cheap to clone, usable from any thread. When the
/// last one is gone, the network stops.
#[derive(Clone, Debug)]
pub struct Net {
    commands: mpsc::UnboundedSender<hub::Command>,
    links: link::Links,
    addresses: watch::Receiver<Vec<String>>,
    relays: watch::Receiver<Vec<PublicKey>>,
    relayed: watch::Receiver<(usize, usize)>,
    circle: relay::Circle,
    lanes: Arc<Mutex<Option<mpsc::Receiver<Lane>>>>,
}

/// Starts the network: returns when all addresses of `settings.listen` are
/// being listened on. Needs a Tokio runtime, on which everything runs.
///
/// # Errors
/// An address that cannot be read or listened on, or a port that is in use.
pub async fn start(settings: NetSettings) -> Result<(Net, mpsc::Receiver<NetEvent>), NetError> {
    hub::start(settings).await
}

impl Net {
    /// Tries to open a link with a peer, at all these addresses at once.
    /// Addresses may end in `/p2p/…`. Without `peer` whoever answers there is
    /// the peer. Ends in [`NetEvent::Opened`], with `dialled` set, or in
    /// [`NetEvent::DialFailed`]; the latter also if there is a link with this
    /// peer already, or the peer has chosen one that it dialled itself.
    pub fn dial(&self, peer: Option<PublicKey>, addresses: Vec<String>) {
        // No receiver: the network has stopped, and so nothing is to be done.
        let _ = self.commands.send(hub::Command::Dial { peer, addresses });
    }

    /// Queues a frame on a link. A link that is gone swallows it; a frame
    /// that is too long, or more than the queue holds, closes the link.
    pub fn send(&self, link: LinkId, frame: Bytes) {
        self.links.send(link, frame);
    }

    /// Sends what is queued, then closes the link.
    pub fn hangup(&self, link: LinkId) {
        self.links.hangup(link);
    }

    /// Opens a [lane](Lane) beside the link with a peer.
    ///
    /// # Errors
    /// There is no link, or the peer opens no lanes; in words.
    pub async fn open_lane(&self, peer: PublicKey) -> Result<Lane, String> {
        let (to, opened) = oneshot::channel();
        let _ = self.commands.send(hub::Command::Lane { peer, to });
        opened.await.unwrap_or_else(|_| Err("the network has stopped".to_owned()))
    }

    /// Lanes that peers open, for the one who deals with them: `None` for any
    /// other. While nobody takes them, they are dropped.
    pub fn lanes(&self) -> Option<mpsc::Receiver<Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether frames wait to be sent on any link, or moved within this time:
    /// then whoever uses a lane waits.
    pub fn is_busy(&self, within: Duration) -> bool {
        self.links.are_busy(within)
    }

    /// The addresses of the latest [`NetEvent::Listening`].
    pub fn addresses(&self) -> Vec<String> {
        self.addresses.borrow().clone()
    }

    /// Tells when they changed.
    pub fn watch_addresses(&self) -> watch::Receiver<Vec<String>> {
        self.addresses.clone()
    }

    /// Says who the members are, and whether this node relays for them or is
    /// reached over their relays. Until it is said, neither.
    pub fn keep_company(&self, company: Company) {
        self.circle.set(company);
        let _ = self.commands.send(hub::Command::Company);
    }

    /// Whether this node relays, and whether it seeks relays, as was said last.
    pub fn keeps(&self) -> (bool, bool) {
        (self.circle.relays(), self.circle.seeks())
    }

    /// Whether others get through to this node, as far as that was found out
    /// since it started.
    pub fn reachable(&self) -> Reachable {
        self.circle.reachable()
    }

    /// Tells when that changed.
    pub fn watch_reachable(&self) -> watch::Receiver<Reachable> {
        self.circle.watch_reachable()
    }

    /// The relays over which this node is reached.
    pub fn relays(&self) -> Vec<PublicKey> {
        self.relays.borrow().clone()
    }

    /// Tells when they changed.
    pub fn watch_relays(&self) -> watch::Receiver<Vec<PublicKey>> {
        self.relays.clone()
    }

    /// For how many members this node holds a slot as their relay, and how many
    /// connections it relays.
    pub fn relayed(&self) -> (usize, usize) {
        *self.relayed.borrow()
    }

    /// Hangs up on everyone and stops listening; returns when that is done,
    /// at the latest after [`NetLimits::linger`].
    pub async fn shutdown(&self) {
        let (done, finished) = oneshot::channel();
        let _ = self.commands.send(hub::Command::Shutdown(done));
        // An error means that it has stopped already.
        let _ = finished.await;
    }
}
