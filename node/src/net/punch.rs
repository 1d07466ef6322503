//! From a relay to a direct connection (libp2p DCUtR): two that meet over a relay
//! tell each other where they are seen, and call each other at the same moment,
//! which most routers let through.
//!
//! Only with members, as whoever takes part dials the addresses that it is told;
//! and not while links cost money, as it takes some attempts. What comes of it is
//! a connection like any other (see `hub/choice.rs`).

use std::task::{Context, Poll};

use either::Either;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::dcutr;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, NewExternalAddrCandidate,
    THandler, THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};

use super::address;
use super::relay::Circle;

/// DCUtR among members. See the module.
pub(super) struct Behaviour {
    inner: dcutr::Behaviour,
    circle: Circle,
}

impl Behaviour {
    pub(super) fn new(me: PeerId, circle: Circle) -> Self {
        Self { inner: dcutr::Behaviour::new(me), circle }
    }

    /// Others may break through to this node there.
    pub(super) fn propose(&mut self, place: &Multiaddr) {
        let candidate = NewExternalAddrCandidate { addr: place };
        self.inner.on_swarm_event(FromSwarm::NewExternalAddrCandidate(candidate));
    }

    /// Whether nothing is to be done on a connection: it goes over a relay to
    /// somebody who is no member. What is direct, libp2p has to know.
    fn leaves(&self, peer: &PeerId, place: &Multiaddr) -> bool {
        let member = address::key(peer).is_some_and(|peer| self.circle.holds(&peer));
        address::is_relayed(place) && !(member && self.circle.punches())
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = <dcutr::Behaviour as NetworkBehaviour>::ConnectionHandler;
    type ToSwarm = dcutr::Event;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        if self.leaves(&peer, local) {
            return Ok(Either::Right(dummy::ConnectionHandler));
        }
        self.inner.handle_established_inbound_connection(id, peer, local, from)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        to: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        if self.leaves(&peer, to) {
            return Ok(Either::Right(dummy::ConnectionHandler));
        }
        self.inner.handle_established_outbound_connection(id, peer, to, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.inner.on_connection_handler_event(peer, id, event);
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.inner.poll(context)
    }
}
