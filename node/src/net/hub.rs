//! The task that owns the swarm: what handles ask, and what libp2p tells.

mod choice;

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
use libp2p::{Multiaddr, PeerId, Swarm, mdns};
use tern_crdt::identity::PublicKey;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout_at};

use super::address::{self, AddressError};
use super::dials::{self, Dials, Target};
use super::lane::{LANES_WAITING_MAX, Lane, Lanes};
use super::link::{Ending, Links, Running};
use super::neighbours;
use super::transport::{self, Behaviour, BehaviourEvent};
use super::{
    EVENTS_WAITING_MAX, LinkId, Local, Net, NetError, NetEvent, NetLimits, NetSettings, ports,
};

/// Within this time the system has told on which addresses it listens.
const LISTEN_TIME_MAX: Duration = Duration::from_secs(10);

const LINKED_ALREADY: &str = "there is a link with this peer already";

/// What handles ask of the hub.
#[derive(Debug)]
pub(super) enum Command {
    Dial { peer: Option<PublicKey>, addresses: Vec<String> },
    Lane { peer: PublicKey, to: oneshot::Sender<Result<Lane, String>> },
    Shutdown(oneshot::Sender<()>),
}

/// A connection that is established.
struct Connection {
    key: PublicKey,
    dialled: bool,
    address: String,
    since: Instant,
    link: Option<LinkId>,
}

/// The link with a peer.
struct Current {
    since: Instant,
    running: Running,
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
}

pub(super) async fn start(
    settings: NetSettings,
) -> Result<(Net, mpsc::Receiver<NetEvent>), NetError> {
    let NetSettings { key, listen, local, limits } = settings;
    let places = listen
        .iter()
        .map(|text| address::parse(text).map(|(_, address)| address))
        .collect::<Result<Vec<_>, AddressError>>()?;
    let places = ports::settle(places)?;
    let (events, receiver) = mpsc::channel(EVENTS_WAITING_MAX);
    let (commands, orders) = mpsc::unbounded_channel();
    let (ended, endings) = mpsc::unbounded_channel();
    let (addresses, watching) = watch::channel(Vec::new());
    let (lanes_in, lanes) = mpsc::channel(LANES_WAITING_MAX);
    let mut hub = Hub {
        swarm: transport::swarm(&key, &limits, local, &places)?,
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
    };
    hub.listen(places).await?;
    let lanes = Arc::new(Mutex::new(Some(lanes)));
    let net = Net { commands, links: hub.outboxes.clone(), addresses: watching, lanes };
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
        let options = match peer {
            Some(peer) => DialOpts::peer_id(address::peer_id(peer))
                .addresses(addresses)
                .condition(PeerCondition::Always)
                .allocate_new_port()
                .build(),
            None => DialOpts::unknown_peer_id()
                .address(addresses.into_iter().next().unwrap_or_else(Multiaddr::empty))
                .allocate_new_port()
                .build(),
        };
        let attempt = options.connection_id();
        self.swarm.dial(options).map_err(|error| dials::words(&error))?;
        Ok(attempt)
    }

    fn on_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Stream(event)) => self.on_stream(event),
            SwarmEvent::Behaviour(BehaviourEvent::Ping(event)) => self.on_ping(event),
            SwarmEvent::Behaviour(BehaviourEvent::Mdns(mdns::Event::Discovered(heard))) => {
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
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                let failure = self.dials.failed(connection_id, dials::words(&error));
                self.telling.extend(failure);
            }
            SwarmEvent::NewListenAddr { .. }
            | SwarmEvent::ExpiredListenAddr { .. }
            | SwarmEvent::ListenerClosed { .. } => self.tell_addresses(),
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
        let addresses: Vec<String> = self.swarm.listeners().map(Multiaddr::to_string).collect();
        self.addresses.send_replace(addresses.clone());
        self.telling.retain(|event| !matches!(event, NetEvent::Listening { .. }));
        self.telling.push_back(NetEvent::Listening { addresses });
    }
}
