//! The task that owns the swarm: what handles ask, and what libp2p tells.

mod calls;
mod choice;
mod slots;

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use libp2p::core::transport::TransportError;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, Stream, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, mdns, relay};
use tern_crdt::identity::PublicKey;
use tern_protocol::reach::{Reach, reach};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout_at};

use super::address::{self, AddressError};
use super::dials::{self, Dials, Target};
use super::lane::{LANES_WAITING_MAX, Lane, Lanes};
use super::link::{Ending, Links, Running};
use super::neighbours;
use super::relay::{Circle, Relayed};
use super::transport::{self, Behaviour, BehaviourEvent, Plan};
use super::{
    EVENTS_WAITING_MAX, LinkId, Local, Net, NetError, NetEvent, NetLimits, NetSettings, ports,
};
use calls::Calls;
use slots::Slots;

/// Within this time the system has told on which addresses it listens.
const LISTEN_TIME_MAX: Duration = Duration::from_secs(10);

const LINKED_ALREADY: &str = "there is a link with this peer already";

/// What handles ask of the hub.
#[derive(Debug)]
pub(super) enum Command {
    Dial {
        peer: Option<PublicKey>,
        addresses: Vec<String>,
    },
    Lane {
        peer: PublicKey,
        to: oneshot::Sender<Result<Lane, String>>,
    },
    /// Others are members, or slots are wanted or not.
    Company,
    Shutdown(oneshot::Sender<()>),
}

/// A connection that is established.
struct Connection {
    key: PublicKey,
    dialled: bool,
    address: String,
    relayed: bool,
    /// The relay over which it goes, where that is known.
    via: Option<PublicKey>,
    since: Instant,
    link: Option<LinkId>,
}

/// The link with a peer.
struct Current {
    since: Instant,
    running: Running,
    /// Whether it goes over a relay.
    relayed: bool,
}

/// A stream on which the other end has decided, or not.
type Choice = (ConnectionId, Result<Stream, String>);

struct Hub {
    swarm: Swarm<Behaviour>,
    me: PublicKey,
    local: Local,
    limits: NetLimits,
    connections: HashMap<ConnectionId, Connection>,
    linked: HashMap<PublicKey, Current>,
    /// Also links that have been replaced and are about to end.
    links: HashMap<LinkId, (ConnectionId, PublicKey)>,
    choosing: FuturesUnordered<BoxFuture<'static, Choice>>,
    dials: Dials,
    outboxes: Links,
    lanes: Lanes,
    lanes_in: mpsc::Sender<Lane>,
    next_link: LinkId,
    events: mpsc::Sender<NetEvent>,
    /// The hub's own events, for which there was no room yet. They are few:
    /// one per call of `dial`, the latest addresses, and some of the neighbours.
    telling: VecDeque<NetEvent>,
    ended: mpsc::UnboundedSender<LinkId>,
    addresses: watch::Sender<Vec<String>>,
    circle: Circle,
    slots: Slots,
    calls: Calls,
    relays: watch::Sender<Vec<PublicKey>>,
    relayed: Relayed,
    counts: watch::Sender<(usize, usize)>,
    /// Whether it dials over QUIC from the port on which it listens.
    shares_port: bool,
    /// Whether it listens on its own machine alone.
    alone: bool,
    /// What is told as the addresses of this node beside those it listens on.
    announced: Vec<Multiaddr>,
}

pub(super) async fn start(
    settings: NetSettings,
) -> Result<(Net, mpsc::Receiver<NetEvent>), NetError> {
    let NetSettings { key, listen, local, announce, proxy, relay, shares_port, limits } = settings;
    let read = |texts: &[String]| {
        let read = texts.iter().map(|text| address::parse(text).map(|(_, address)| address));
        read.collect::<Result<Vec<_>, AddressError>>()
    };
    let (mut places, announced) = (read(&listen)?, read(&announce)?);
    if proxy.is_some() {
        places.retain(|place| !address::is_quic(place));
    }
    let places = ports::settle(places)?;
    let alone = places.iter().all(|place| reach(&place.to_string()) == Some(Reach::Machine));
    let (events, receiver) = mpsc::channel(EVENTS_WAITING_MAX);
    let (commands, orders) = mpsc::unbounded_channel();
    let (ended, endings) = mpsc::unbounded_channel();
    let (addresses, watching) = watch::channel(Vec::new());
    let (lanes_in, lanes) = mpsc::channel(LANES_WAITING_MAX);
    let (relays, reached) = watch::channel(Vec::new());
    let (counts, relayed) = watch::channel((0, 0));
    let circle = Circle::default();
    let plan = Plan { limits: &limits, local, places: &places, proxy, relay, circle: &circle };
    let mut hub = Hub {
        swarm: transport::swarm(&key, &plan)?,
        me: key.public(),
        local,
        limits,
        connections: HashMap::new(),
        linked: HashMap::new(),
        links: HashMap::new(),
        choosing: FuturesUnordered::new(),
        dials: Dials::default(),
        outboxes: Links::default(),
        lanes: Lanes::default(),
        lanes_in,
        next_link: 1,
        events,
        telling: VecDeque::new(),
        ended,
        addresses,
        circle: circle.clone(),
        slots: Slots::default(),
        calls: Calls::default(),
        relays,
        relayed: Relayed::default(),
        counts,
        shares_port,
        alone,
        announced,
    };
    hub.listen(places).await?;
    let net = Net {
        commands,
        links: hub.outboxes.clone(),
        addresses: watching,
        relays: reached,
        relayed,
        circle,
        lanes: Arc::new(Mutex::new(Some(lanes))),
    };
    tokio::spawn(hub.run(orders, endings));
    Ok((net, receiver))
}

impl Hub {
    /// Listens on all these addresses; returns when each is known to peers.
    async fn listen(&mut self, places: Vec<Multiaddr>) -> Result<(), NetError> {
        let mut silent = HashMap::new();
        for place in places {
            let listener = self.swarm.listen_on(place.clone()).map_err(|error| match error {
                TransportError::Other(error) => ports::refused(&place, &error),
                TransportError::MultiaddrNotSupported(place) => {
                    AddressError::Transport { address: place.to_string() }.into()
                }
            })?;
            silent.insert(listener, place);
        }
        let deadline = Instant::now() + LISTEN_TIME_MAX;
        while let Some(place) = silent.values().next() {
            let refused = |reason: String| NetError::Refused { address: place.to_string(), reason };
            match timeout_at(deadline, self.swarm.select_next_some()).await {
                Ok(SwarmEvent::ListenerClosed { reason: Err(error), .. }) => {
                    return Err(refused(error.to_string()));
                }
                Ok(event) => {
                    if let SwarmEvent::NewListenAddr { listener_id, .. } = &event {
                        silent.remove(listener_id);
                    }
                    self.on_swarm(event);
                }
                Err(_) => return Err(refused("the machine has no network address".to_owned())),
            }
        }
        Ok(())
    }

    async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        mut endings: mpsc::UnboundedReceiver<LinkId>,
    ) {
        let mut tick = interval(self.limits.settle.min(self.limits.ping) / 4);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let events = self.events.clone();
        let done = loop {
            // In this order, so that whoever has read that a link is closed
            // can dial again at once.
            tokio::select! {
                biased;
                Some(link) = endings.recv() => self.link_ended(link),
                command = commands.recv() => match command {
                    Some(Command::Dial { peer, addresses }) => self.dial(peer, &addresses),
                    Some(Command::Lane { peer, to }) => self.open_lane(peer, to),
                    Some(Command::Company) => self.seek_slots(),
                    Some(Command::Shutdown(done)) => break Some(done),
                    None => break None,
                },
                Some((connection, choice)) = self.choosing.next() => match choice {
                    Ok(stream) => self.link(connection, stream, false),
                    Err(reason) => self.drop_connection(connection, reason),
                },
                _ = tick.tick() => {
                    self.drop_idlers();
                    self.cut_silent();
                    self.seek_slots();
                    self.seek_calls();
                }
                room = events.reserve(), if !self.telling.is_empty() => match room {
                    Ok(room) => self.telling.pop_front().map_or((), |event| room.send(event)),
                    Err(_) => break None,
                },
                event = self.swarm.select_next_some() => self.on_swarm(event),
            }
        };
        self.stop(endings).await;
        if let Some(done) = done {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        }
    }

    /// Hangs up on everyone, and lets what waits be sent.
    async fn stop(&mut self, mut endings: mpsc::UnboundedReceiver<LinkId>) {
        self.outboxes.hangup_all();
        let mut late = pin!(sleep(self.limits.linger));
        while !self.links.is_empty() {
            tokio::select! {
                () = &mut late => break,
                Some(link) = endings.recv() => self.link_ended(link),
                _ = self.swarm.select_next_some() => {}
            }
        }
        for current in self.linked.values() {
            current.running.cut.now(Ending::HungUp);
        }
    }

    fn dial(&mut self, peer: Option<PublicKey>, addresses: &[String]) {
        let (targets, mut reasons) = dials::plan(peer, addresses);
        let mut attempts = Vec::new();
        for target in targets {
            match self.attempt(target) {
                Ok(attempt) => attempts.push(attempt),
                Err(reason) => reasons.push(reason),
            }
        }
        let failure = self.dials.begin(peer, &attempts, reasons);
        self.telling.extend(failure);
    }

    fn attempt(&mut self, target: Target) -> Result<ConnectionId, String> {
        let Target { peer, addresses } = target;
        if peer == Some(self.me) {
            return Err("that is the key of this node itself".to_owned());
        }
        if peer.is_some_and(|peer| self.linked.contains_key(&peer)) {
            return Err(LINKED_ALREADY.to_owned());
        }
        // A newcomer knows nobody yet.
        let strange = |relay: PublicKey| !self.circle.holds(&relay) && !self.circle.is_empty();
        let relays = addresses.iter().filter_map(|at| address::relay(at)?.of);
        if let Some(relay) = relays.into_iter().find(|relay| strange(*relay)) {
            let relay = address::peer_id(relay);
            return Err(format!("its relay {relay} is no node of a member"));
        }
        // From the port on which it listens this node is seen where others can
        // break through to it. Over TCP two connections would get in each
        // other's way.
        let shared = self.shares_port && addresses.iter().all(address::is_quic);
        let options = match peer {
            Some(peer) => {
                let options = DialOpts::peer_id(address::peer_id(peer))
                    .addresses(addresses)
                    .condition(PeerCondition::Always);
                if shared { options.build() } else { options.allocate_new_port().build() }
            }
            None => {
                let options = DialOpts::unknown_peer_id()
                    .address(addresses.into_iter().next().unwrap_or_else(Multiaddr::empty));
                if shared { options.build() } else { options.allocate_new_port().build() }
            }
        };
        let attempt = options.connection_id();
        self.swarm.dial(options).map_err(|error| dials::words(&error))?;
        Ok(attempt)
    }

    fn on_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Stream(event)) => self.on_stream(event),
            SwarmEvent::Behaviour(BehaviourEvent::Ping(event)) => self.on_ping(event),
            SwarmEvent::Behaviour(
                BehaviourEvent::Mdns(mdns::Event::Discovered(heard))
                | BehaviourEvent::Mdns6(mdns::Event::Discovered(heard)),
            ) => {
                self.on_heard(heard);
            }
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.on_connection(connection_id, peer_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { connection_id, cause, .. } => {
                let reason = cause.map_or_else(
                    || "the connection was closed".to_owned(),
                    |cause| format!("the connection was lost: {cause}"),
                );
                self.forget(connection_id, reason);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Seen(event)) => self.on_seen(event),
            SwarmEvent::Behaviour(BehaviourEvent::Punch(event)) => {
                let error = event.result.err().map(|error| error.to_string());
                tracing::debug!(peer = %event.remote_peer_id, error, "from a relay to a direct connection");
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.was_call(connection_id);
                let failure = self.dials.failed(connection_id, dials::words(&error));
                self.telling.extend(failure);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Slots(event)) => self.on_slot(&event),
            SwarmEvent::Behaviour(BehaviourEvent::Relay(event)) => {
                // libp2p tells it of every connection, with a slot or without.
                let still = matches!(&event, relay::Event::ReservationClosed { src_peer_id }
                if self.connections.values().any(|other| {
                    !other.relayed && address::key(src_peer_id) == Some(other.key)
                }));
                if !still {
                    self.relayed.note(&event);
                }
                self.circle.guests().note(&event, |key| self.circle.holds(key));
                self.counts.send_replace(self.relayed.counts());
            }
            SwarmEvent::NewListenAddr { .. } | SwarmEvent::ExpiredListenAddr { .. } => {
                self.tell_addresses();
            }
            SwarmEvent::ListenerClosed { listener_id, reason, .. } => {
                self.slot_ended(listener_id, reason.err().map(|why| dials::root_cause(&why)));
                self.tell_addresses();
            }
            _ => {}
        }
    }

    fn on_heard(&mut self, heard: Vec<(PeerId, Multiaddr)>) {
        neighbours::stop_if_flooded(self.swarm.behaviour_mut());
        if self.local == Local::Finds {
            let waiting =
                self.telling.iter().filter(|event| matches!(event, NetEvent::Found { .. }));
            let room = neighbours::TOLD_WAITING_MAX.saturating_sub(waiting.count());
            self.telling.extend(neighbours::told(heard).take(room));
        }
    }

    fn tell_addresses(&mut self) {
        let direct = |at: &&Multiaddr| !address::is_relayed(at);
        let listening: Vec<Multiaddr> = self.swarm.listeners().filter(direct).cloned().collect();
        let told: Vec<Multiaddr> = self.announced.iter().chain(&listening).cloned().collect();
        let gone = self.swarm.external_addresses().filter(|at| direct(at) && !told.contains(at));
        for address in gone.cloned().collect::<Vec<_>>() {
            self.swarm.remove_external_address(&address);
        }
        told.into_iter().for_each(|address| self.swarm.add_external_address(address));
        self.propose(&listening);
        let addresses: Vec<String> = listening.iter().map(Multiaddr::to_string).collect();
        let news = self.addresses.send_if_modified(|told| {
            let news = *told != addresses;
            told.clone_from(&addresses);
            news
        });
        if !news {
            return;
        }
        self.telling.retain(|event| !matches!(event, NetEvent::Listening { .. }));
        self.telling.push_back(NetEvent::Listening { addresses });
    }
}
