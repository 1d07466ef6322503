//! Limits on handshakes and connections from one place, and on all while memory is
//! short: a libp2p behaviour.
//!
//! A connection costs its dialler little and this node a place among few. Without
//! these limits one machine could take all of them, under as many keys as it likes.
//! Loopback is exempt: who is on this machine has better ways to do harm, and demos
//! and tests start many nodes at once.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::task::{Context, Poll};
use std::time::Instant;

use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::{ConnectionClosed, ListenFailure};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};
use thiserror::Error;

use super::{address, memory};

/// Stands for all that comes over relays, where nobody can come from.
const OVER_RELAYS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// One place has too many handshakes under way.
#[derive(Debug, Error)]
#[error("{place} has {max} handshakes under way already")]
struct Crowded {
    place: IpAddr,
    max: u32,
}

/// Too many connections from one place.
#[derive(Debug, Error)]
#[error("{place} has {max} connections already")]
struct Full {
    place: IpAddr,
    max: u32,
}

/// Counts handshakes, and the connections that came of them, by the address they
/// come from.
pub(super) struct Behaviour {
    memory: memory::Gate,
    max: u32,
    established_max: u32,
    under_way: HashMap<ConnectionId, IpAddr>,
    established: HashMap<ConnectionId, IpAddr>,
}

impl Behaviour {
    /// At most so many handshakes, and connections, from one address.
    pub(super) fn new(max: u32, established_max: u32, memory: memory::Gate) -> Self {
        let (under_way, established) = (HashMap::new(), HashMap::new());
        Self { memory, max, established_max, under_way, established }
    }

    /// A handshake succeeded. What comes over relays is one place.
    fn establish(
        &mut self,
        id: ConnectionId,
        local: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<(), Full> {
        let place = if address::is_relayed(local) { Some(OVER_RELAYS) } else { place(from) };
        let Some(place) = place.filter(|place| !place.is_loopback()) else { return Ok(()) };
        let others = self.established.values().filter(|other| **other == place).count();
        if others >= self.established_max as usize {
            return Err(Full { place, max: self.established_max });
        }
        self.established.insert(id, place);
        Ok(())
    }

    fn begin(&mut self, id: ConnectionId, from: &Multiaddr) -> Result<(), Crowded> {
        let Some(place) = place(from).filter(|place| !place.is_loopback()) else { return Ok(()) };
        let others = self.under_way.values().filter(|other| **other == place).count();
        if others >= self.max as usize {
            return Err(Crowded { place, max: self.max });
        }
        self.under_way.insert(id, place);
        Ok(())
    }
}

/// The address; of IPv6 the network, since one machine has all of that.
pub(super) fn place(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) if ip.is_loopback() => Some(IpAddr::V6(ip)),
        Protocol::Ip6(ip) => {
            let network = u128::from(ip) & !u128::from(u64::MAX);
            Some(IpAddr::V6(network.into()))
        }
        _ => None,
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        _: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.memory.look(Instant::now()).map_err(ConnectionDenied::new)?;
        self.begin(id, from).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        _: PeerId,
        local: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.under_way.remove(&id);
        self.establish(id, local, from).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            // Another part may have denied what was established here.
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.under_way.remove(&connection_id);
                self.established.remove(&connection_id);
            }
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) => {
                self.established.remove(&connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Multiaddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_place_cannot_take_all_handshakes_and_gets_its_own_back() {
        let mut crowd = Behaviour::new(2, 3, memory::Gate::new(None, || None));
        let mut begin = |id: usize, place: &str| {
            let id = ConnectionId::new_unchecked(id);
            let begun =
                crowd.handle_pending_inbound_connection(id, &from("/ip4/10.0.0.1"), &from(place));
            (id, begun.map_err(|denied| denied.downcast_ref::<Crowded>().map(ToString::to_string)))
        };
        let crowded =
            |place: &str| Err(Some(format!("{place} has 2 handshakes under way already")));
        let (first, begun) = begin(1, "/ip4/192.0.2.7/tcp/1");
        assert_eq!(begun, Ok(()));
        assert_eq!(begin(2, "/ip4/192.0.2.7/udp/2/quic-v1").1, Ok(()));
        assert_eq!(begin(3, "/ip4/192.0.2.7/tcp/3").1, crowded("192.0.2.7"));
        assert_eq!(begin(4, "/ip4/192.0.2.8/tcp/1").1, Ok(()), "others come in");
        assert_eq!(begin(5, "/ip6/2001:db8::1/tcp/1").1, Ok(()));
        assert_eq!(begin(6, "/ip6/2001:db8::2/tcp/1").1, Ok(()));
        assert_eq!(begin(7, "/ip6/2001:db8::3/tcp/1").1, crowded("2001:db8::"), "one network");
        for id in 10..20 {
            assert_eq!(begin(id, "/ip4/127.0.0.1/tcp/1").1, Ok(()), "loopback is exempt");
        }
        let peer = PeerId::random();
        let address = from("/ip4/192.0.2.7/tcp/1");
        assert!(
            crowd.handle_established_inbound_connection(first, peer, &address, &address).is_ok()
        );
        let fourth = ConnectionId::new_unchecked(30);
        assert!(crowd.handle_pending_inbound_connection(fourth, &address, &address).is_ok());
    }

    #[test]
    fn one_place_cannot_hold_all_connections_either() {
        let mut crowd = Behaviour::new(8, 2, memory::Gate::new(None, || None));
        let here = from("/ip4/10.0.0.1/tcp/4480");
        let over = from("/ip4/192.0.2.9/tcp/4480/p2p-circuit");
        let mut come = |id: usize, local: &Multiaddr, place: &str| {
            let (id, peer) = (ConnectionId::new_unchecked(id), PeerId::random());
            crowd.handle_established_inbound_connection(id, peer, local, &from(place)).is_ok()
        };
        assert!(come(1, &here, "/ip4/192.0.2.7/tcp/1"));
        assert!(come(2, &here, "/ip4/192.0.2.7/tcp/2"));
        assert!(!come(3, &here, "/ip4/192.0.2.7/udp/3/quic-v1"));
        assert!(come(4, &here, "/ip4/192.0.2.8/tcp/1"), "others come in");
        let (peer, other) = (PeerId::random(), PeerId::random());
        assert!(come(5, &over, &format!("/p2p/{peer}")));
        assert!(come(6, &over, &format!("/p2p/{other}")));
        assert!(!come(7, &over, &format!("/p2p/{}", PeerId::random())), "over relays");
        crowd.established.remove(&ConnectionId::new_unchecked(2));
        let id = ConnectionId::new_unchecked(8);
        let again = from("/ip4/192.0.2.7/tcp/9");
        assert!(crowd.handle_established_inbound_connection(id, peer, &here, &again).is_ok());
    }
}
