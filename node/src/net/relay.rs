//! Relaying (libp2p circuit relay v2): for members that nobody can reach
//! directly, by members that can be.
//!
//! A node that relays keeps a *slot* for a member on the connection which that
//! member opened, and leads others there. It carries what both encrypt to
//! each other, and learns who speaks with whom, when and how much. It keeps a slot
//! for nobody whose key is not in the [`Circle`], and asks it anew each time, so that
//! who is a member no more is refused from that moment on. Who is in no circle may
//! be led to a member within much tighter bounds (see `guests.rs`), or nobody could
//! join where the one who invites keeps a slot.
//!
//! A slot lasts as long as its connection: nothing is renewed. libp2p keeps
//! account of slots that run out in a way that a member could bring to a panic by
//! renewing at the last moment, so none runs out.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::relay::{self, Config, Event, Status};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use tern_crdt::identity::PublicKey;
use tern_protocol::reach::{Reach, reach};
use tokio::sync::watch;

use super::guests::{GUEST_BYTES_MAX, GUEST_TIME_MAX, Guests};
use super::{address, crowd};

/// Slots that are held here at one time.
const RESERVATIONS_MAX: usize = 64;
/// Of these, one member at most so many and one more.
const RESERVATIONS_OF_PEER_MAX: usize = 1;
/// Connections that are relayed at one time.
pub(super) const CIRCUITS_MAX: usize = 16;
/// Of these, with one member at most so many and one more.
const CIRCUITS_OF_PEER_MAX: usize = 3;
/// What one relayed connection may carry, both ways: a library of ten thousand
/// practices, twice.
const CIRCUIT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How long one lasts. Two that have more to say connect anew.
const CIRCUIT_TIME_MAX: Duration = Duration::from_secs(3_600);
/// Longer than any connection.
const SLOT_TIME: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);
/// What one member, and what one place in the network, may ask for at once; one
/// more after each [`PACE`].
const ASKED_MAX: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
const ASKED_FROM_PLACE_MAX: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
const PACE: Duration = Duration::from_secs(60);

/// Who belongs together: shared between the handles and the swarm.
#[derive(Clone, Default, Debug)]
pub(super) struct Circle(Arc<RwLock<Company>>, watch::Sender<Reachable>, Guests);

/// What [`Net::keep_company`](super::Net::keep_company) says.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Company {
    /// The nodes of members, but this one, and where each says that it is.
    pub members: BTreeMap<PublicKey, Vec<String>>,
    /// Whether this node relays for them now.
    pub relays: bool,
    /// Whether it lets itself be reached over the relays of members.
    pub seeks: bool,
    /// Whether it tells an address of the world, and wants to know whether others get
    /// through to it there.
    pub tells: bool,
    /// Whether it calls members that want to know whether others get through.
    pub calls: bool,
    /// Whether it tries to get from relays to direct connections.
    pub punches: bool,
}

/// Whether others get through to this node.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Reachable {
    /// Nobody has come, and nobody was asked to.
    #[default]
    Unknown,
    /// Somebody has come.
    Yes,
    /// Members that were asked to come have not.
    No,
}

impl Circle {
    pub(super) fn set(&self, company: Company) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = company;
    }

    fn ask<T>(&self, what: impl FnOnce(&Company) -> T) -> T {
        what(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether this is a node of a member.
    pub(super) fn holds(&self, peer: &PublicKey) -> bool {
        self.ask(|company| company.members.contains_key(peer))
    }

    /// Where a member says that it is, directly and as far away as it says.
    pub(super) fn places(&self, peer: &PublicKey, max: usize) -> Vec<Multiaddr> {
        let told = self.ask(|company| company.members.get(peer).cloned().unwrap_or_default());
        let parsed = told.iter().filter_map(|at| address::parse(at).ok());
        let direct = parsed.map(|(_, at)| at).filter(|at| address::relay(at).is_none());
        let direct: Vec<(Option<Reach>, Multiaddr)> =
            direct.map(|at| (reach(&at.to_string()), at)).collect();
        let farthest = direct.iter().map(|(reach, _)| *reach).max().flatten();
        let far = direct.into_iter().filter(|(reach, _)| *reach == farthest);
        far.map(|(_, at)| at).take(max).collect()
    }

    /// Whether nobody is known at all, as while a newcomer joins.
    pub(super) fn is_empty(&self) -> bool {
        self.ask(|company| company.members.is_empty())
    }

    /// Whether slots are wanted.
    pub(super) fn seeks(&self) -> bool {
        self.ask(|company| company.seeks)
    }

    /// Whether this node relays at all.
    pub(super) fn relays(&self) -> bool {
        self.ask(|company| company.relays)
    }

    /// Whether it tries to get from relays to direct connections.
    pub(super) fn punches(&self) -> bool {
        self.ask(|company| company.punches)
    }

    /// Whether it calls members that ask for it.
    pub(super) fn calls(&self) -> bool {
        self.ask(|company| company.calls)
    }

    /// Whether a call would tell something new.
    pub(super) fn wants_calls(&self) -> bool {
        self.reachable() != Reachable::Yes && self.ask(|company| company.tells)
    }

    pub(super) fn note_reachable(&self, reachable: Reachable) {
        self.1.send_if_modified(|known| std::mem::replace(known, reachable) != reachable);
    }

    pub(super) fn reachable(&self) -> Reachable {
        *self.1.borrow()
    }

    pub(super) fn watch_reachable(&self) -> watch::Receiver<Reachable> {
        self.1.subscribe()
    }

    /// Those who are led and are no members.
    pub(super) fn guests(&self) -> &Guests {
        &self.2
    }

    /// Whether this node keeps slots for a peer.
    fn serves(&self, peer: &PeerId) -> bool {
        let key = address::key(peer);
        self.ask(|company| {
            company.relays && key.is_some_and(|key| company.members.contains_key(&key))
        })
    }

    /// Whether this node leads a peer that asks from there to those who keep slots.
    fn leads(&self, peer: &PeerId, from: &Multiaddr, now: Instant) -> bool {
        let guest = address::key(peer).zip(crowd::place(from));
        let admits = |(key, place)| self.relays() && self.guests().admit(key, place, now);
        self.serves(peer) || guest.is_some_and(admits)
    }
}

/// The part of the swarm that relays. What is relayed is bounded by the connection
/// of the one who asked, so those of guests are looked after by a relay of their own
/// that is never asked for anything.
pub(super) struct Behaviour {
    members: relay::Behaviour,
    guests: relay::Behaviour,
    circle: Circle,
}

impl Behaviour {
    pub(super) fn new(me: PeerId, circle: &Circle) -> Self {
        let (members, guests) = (
            for_members(circle),
            Config {
                reservation_duration: SLOT_TIME,
                max_circuit_duration: GUEST_TIME_MAX,
                max_circuit_bytes: GUEST_BYTES_MAX,
                ..Config::default()
            },
        );
        let [members, guests] = [members, guests].map(|config| {
            let mut relay = relay::Behaviour::new(me, config);
            // Before there is any connection; later it panics on those that are relayed.
            relay.set_status(Some(Status::Enable));
            relay
        });
        Self { members, guests, circle: circle.clone() }
    }

    fn relay_for(&mut self, peer: &PeerId) -> &mut relay::Behaviour {
        let member = address::key(peer).is_some_and(|key| self.circle.holds(&key));
        if member { &mut self.members } else { &mut self.guests }
    }
}

fn for_members(circle: &Circle) -> Config {
    let slots = circle.clone();
    let leads = circle.clone();
    let config = Config {
        max_reservations: RESERVATIONS_MAX,
        max_reservations_per_peer: RESERVATIONS_OF_PEER_MAX,
        reservation_duration: SLOT_TIME,
        reservation_rate_limiters: vec![Box::new(move |peer: PeerId, _: &Multiaddr, _| {
            slots.serves(&peer)
        })],
        max_circuits: CIRCUITS_MAX,
        max_circuits_per_peer: CIRCUITS_OF_PEER_MAX,
        max_circuit_duration: CIRCUIT_TIME_MAX,
        max_circuit_bytes: CIRCUIT_BYTES_MAX,
        circuit_src_rate_limiters: vec![Box::new(move |peer: PeerId, from: &Multiaddr, now| {
            leads.leads(&peer, from, now)
        })],
    };
    config
        .reservation_rate_per_peer(ASKED_MAX, PACE)
        .reservation_rate_per_ip(ASKED_FROM_PLACE_MAX, PACE)
        .circuit_src_per_peer(ASKED_MAX, PACE)
        .circuit_src_per_ip(ASKED_FROM_PLACE_MAX, PACE)
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = <relay::Behaviour as NetworkBehaviour>::ConnectionHandler;
    type ToSwarm = Event;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.relay_for(&peer).handle_established_inbound_connection(id, peer, local, from)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        to: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.relay_for(&peer).handle_established_outbound_connection(id, peer, to, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        self.members.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.members.on_connection_handler_event(peer, id, event);
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.members.poll(context)
    }
}

/// For whom this node relays at the moment.
#[derive(Default, Debug)]
pub(super) struct Relayed {
    slots: BTreeSet<PublicKey>,
    circuits: BTreeMap<PublicKey, usize>,
}

impl Relayed {
    /// Takes in what the relay tells.
    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::ReservationReqAccepted { src_peer_id, .. } => {
                self.slots.extend(address::key(src_peer_id));
            }
            Event::ReservationClosed { src_peer_id }
            | Event::ReservationTimedOut { src_peer_id } => {
                if let Some(key) = address::key(src_peer_id) {
                    self.slots.remove(&key);
                }
            }
            Event::ReservationReqDenied { src_peer_id, .. } => {
                tracing::debug!(%src_peer_id, "refused a slot");
            }
            Event::CircuitReqAccepted { src_peer_id, dst_peer_id } => {
                for key in [src_peer_id, dst_peer_id].into_iter().filter_map(address::key) {
                    *self.circuits.entry(key).or_default() += 1;
                }
            }
            Event::CircuitClosed { src_peer_id, dst_peer_id, .. } => {
                for key in [src_peer_id, dst_peer_id].into_iter().filter_map(address::key) {
                    let count = self.circuits.get(&key).copied().unwrap_or_default();
                    match count {
                        0 | 1 => drop(self.circuits.remove(&key)),
                        _ => drop(self.circuits.insert(key, count - 1)),
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a connection with this peer is needed for relaying.
    pub(super) fn needs(&self, peer: &PublicKey) -> bool {
        self.slots.contains(peer) || self.circuits.contains_key(peer)
    }

    /// How many slots there are, and connections that are relayed.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.slots.len(), self.circuits.values().sum::<usize>() / 2)
    }
}
