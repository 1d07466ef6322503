//! What a member sees of this node, and whether it reaches it: `/tern/seen/1`.
//!
//! A node behind a router does not know under which address others see it, and
//! one that tells an address does not know whether others get through to it. Both
//! it asks members: one byte, which says whether it wants to be called. The answer
//! is the address from which its connection comes, as text behind its length in
//! two little-endian bytes. Who is called is called where it has told everybody
//! that it is, and nowhere else, so that nobody can send a member against others.
//!
//! Only members are answered. libp2p has protocols for this, which tell more than
//! is asked, answer everybody, and take up to 100 kB for one call.

use std::collections::VecDeque;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, StreamExt};
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::handler::{ConnectionEvent, FullyNegotiatedInbound, FullyNegotiatedOutbound};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, NotifyHandler, Stream, StreamProtocol, SubstreamProtocol, THandler,
    THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use tern_crdt::identity::PublicKey;
use tern_protocol::limits::ADDRESS_BYTES_MAX;
use tokio::time::timeout;

use super::address;
use super::relay::Circle;

const PROTOCOL: StreamProtocol = StreamProtocol::new("/tern/seen/1");
/// Questions of one connection that are being answered.
const ANSWERING_MAX: usize = 2;

/// What was learned, or is asked of this node.
#[derive(Debug)]
pub(super) enum Event {
    /// A member sees this node there.
    Seen(PublicKey, Multiaddr),
    /// A member asks to be called.
    Call(PublicKey),
}

/// Asks members, and answers them.
pub(super) struct Behaviour {
    circle: Circle,
    patience: Duration,
    waiting: VecDeque<ToSwarm<Event, bool>>,
}

impl Behaviour {
    /// Whoever does not answer for so long, does not.
    pub(super) const fn new(circle: Circle, patience: Duration) -> Self {
        Self { circle, patience, waiting: VecDeque::new() }
    }

    /// Asks a peer what it sees, and whether it calls back.
    pub(super) fn ask(&mut self, peer_id: PeerId, connection: ConnectionId, call: bool) {
        let handler = NotifyHandler::One(connection);
        // The task that asks polls the swarm next, so that no waker is needed.
        self.waiting.push_back(ToSwarm::NotifyHandler { peer_id, handler, event: call });
    }

    fn handler(&self, peer: PeerId, place: &Multiaddr) -> Handler {
        Handler {
            circle: self.circle.clone(),
            peer: address::key(&peer),
            place: place.iter().filter(|part| !matches!(part, Protocol::P2p(_))).collect(),
            patience: self.patience,
            asks: VecDeque::new(),
            work: FuturesUnordered::new(),
        }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Event;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(peer, from))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        to: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(peer, to))
    }

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.waiting.push_back(ToSwarm::GenerateEvent(event));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Event, THandlerInEvent<Self>>> {
        self.waiting.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}

/// Questions and answers of one connection.
pub(super) struct Handler {
    circle: Circle,
    peer: Option<PublicKey>,
    /// Where the peer is seen.
    place: Multiaddr,
    patience: Duration,
    asks: VecDeque<bool>,
    work: FuturesUnordered<BoxFuture<'static, Option<Event>>>,
}

impl ConnectionHandler for Handler {
    type FromBehaviour = bool;
    type ToBehaviour = Event;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = bool;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), ()).with_timeout(self.patience)
    }

    fn on_behaviour_event(&mut self, call: bool) {
        self.asks.push_back(call);
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, bool, Event>> {
        if let Some(call) = self.asks.pop_front() {
            let protocol = SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), call);
            let protocol = protocol.with_timeout(self.patience);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        while let Poll::Ready(Some(done)) = self.work.poll_next_unpin(context) {
            if let Some(event) = done {
                return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(event));
            }
        }
        Poll::Pending
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<Self::InboundProtocol, Self::OutboundProtocol, (), bool>,
    ) {
        let patience = self.patience;
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol, ..
            }) => {
                let member = self.peer.filter(|peer| self.circle.holds(peer));
                if let Some(peer) = member.filter(|_| self.work.len() < ANSWERING_MAX) {
                    let answer =
                        answer(protocol, self.place.to_string(), peer, self.circle.clone());
                    self.work
                        .push(timeout(patience, answer).map(|done| done.ok().flatten()).boxed());
                }
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol,
                info,
            }) => {
                let Some(peer) = self.peer else { return };
                let asked = ask(protocol, info, peer);
                self.work.push(timeout(patience, asked).map(|done| done.ok().flatten()).boxed());
            }
            // Who does not speak it has nothing to say.
            _ => {}
        }
    }
}

async fn answer(
    mut stream: Stream,
    place: String,
    peer: PublicKey,
    circle: Circle,
) -> Option<Event> {
    let mut call = [0];
    stream.read_exact(&mut call).await.ok()?;
    // Who is answered waits for the call.
    if call == [1] && !circle.calls() {
        return None;
    }
    let length = u16::try_from(place.len()).ok()?;
    let said = [&length.to_le_bytes()[..], place.as_bytes()].concat();
    stream.write_all(&said).await.ok()?;
    // The peer has what it asked for.
    let _ = stream.close().await;
    (call == [1]).then_some(Event::Call(peer))
}

async fn ask(mut stream: Stream, call: bool, of: PublicKey) -> Option<Event> {
    stream.write_all(&[u8::from(call)]).await.ok()?;
    stream.flush().await.ok()?;
    let mut length = [0; 2];
    stream.read_exact(&mut length).await.ok()?;
    let length = usize::from(u16::from_le_bytes(length));
    if length > ADDRESS_BYTES_MAX {
        return None;
    }
    let mut place = vec![0; length];
    stream.read_exact(&mut place).await.ok()?;
    let place = String::from_utf8(place).ok()?;
    let (peer, place) = address::parse(&place).ok()?;
    (peer.is_none() && address::relay(&place).is_none()).then_some(Event::Seen(of, place))
}
