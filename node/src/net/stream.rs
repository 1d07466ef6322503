//! One stream of `/tern/1` per connection, and lanes: a small libp2p behaviour.
//!
//! Whoever dialled a connection opens its stream, when it is told to; the
//! other end accepts it. Any further stream of the protocol is a fault of the
//! peer and is dropped. So a stream always belongs to a known connection:
//! closing that one closes exactly this link.
//!
//! Either end may open lanes (`/tern/blobs/1`) beside it; who may, and how
//! many, the hub decides.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use libp2p::core::upgrade::{InboundUpgrade, NegotiationError, OutboundUpgrade, UpgradeInfo};
use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, NotifyHandler, Stream, StreamProtocol, StreamUpgradeError, SubstreamProtocol,
    THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use tokio::sync::oneshot;

/// What both ends must speak.
pub(super) const PROTOCOL: StreamProtocol = StreamProtocol::new("/tern/1");
/// Lanes, which an older node does not know.
const LANES: StreamProtocol = StreamProtocol::new("/tern/blobs/1");
/// Lanes of one peer that wait for the hub; more are dropped.
const LANES_WAITING_MAX: usize = 8;

const OF_LINK: &[StreamProtocol] = &[PROTOCOL];
const OF_LANE: &[StreamProtocol] = &[LANES];
const OF_BOTH: &[StreamProtocol] = &[PROTOCOL, LANES];

/// Who waits for a lane.
pub(super) type LaneAnswer = oneshot::Sender<Result<Stream, String>>;

/// Agrees on one of these protocols, and says which.
#[derive(Debug)]
pub(super) struct Speaks(&'static [StreamProtocol]);

impl UpgradeInfo for Speaks {
    type Info = StreamProtocol;
    type InfoIter = std::iter::Cloned<std::slice::Iter<'static, StreamProtocol>>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.iter().cloned()
    }
}

impl InboundUpgrade<Stream> for Speaks {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}

impl OutboundUpgrade<Stream> for Speaks {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}

/// What became of the stream of a connection.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is open, and nothing has been sent on it.
    Open(Stream),
    /// It could not be opened; in words.
    Failed(String),
    /// The peer opened one that it had no right to.
    Surplus,
    /// The peer opened a lane.
    Lane(Stream),
}

/// An outcome and its connection.
#[derive(Debug)]
pub(super) struct Event {
    pub connection: ConnectionId,
    pub outcome: Outcome,
}

/// Asks a connection's handler to open a stream.
#[derive(Debug)]
pub(super) enum Open {
    /// The connection's own.
    Link,
    /// A lane, for whoever waits for it.
    Lane(LaneAnswer),
}

/// Hands requests to handlers, and outcomes to the hub.
pub(super) struct Behaviour {
    settle: Duration,
    waiting: VecDeque<ToSwarm<Event, Open>>,
}

impl Behaviour {
    /// Streams open within this time, or have failed.
    pub(super) const fn new(settle: Duration) -> Self {
        Self { settle, waiting: VecDeque::new() }
    }

    /// Opens the stream of a connection that this node dialled.
    pub(super) fn open(&mut self, peer_id: PeerId, connection: ConnectionId) {
        self.tell(peer_id, connection, Open::Link);
    }

    /// Opens a lane beside it.
    pub(super) fn open_lane(&mut self, peer: PeerId, connection: ConnectionId, to: LaneAnswer) {
        self.tell(peer, connection, Open::Lane(to));
    }

    fn tell(&mut self, peer_id: PeerId, connection: ConnectionId, event: Open) {
        let handler = NotifyHandler::One(connection);
        self.waiting.push_back(ToSwarm::NotifyHandler { peer_id, handler, event });
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Event;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new(true, self.settle))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        role: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        // Where two break through to each other, one acts as if it had been dialled.
        Ok(Handler::new(role.is_listener(), self.settle))
    }

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        connection: ConnectionId,
        outcome: THandlerOutEvent<Self>,
    ) {
        self.waiting.push_back(ToSwarm::GenerateEvent(Event { connection, outcome }));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.waiting.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}

/// The stream of one connection, and its lanes.
pub(super) struct Handler {
    /// Whether the peer still has the right to open a stream.
    expected: bool,
    /// What is to be opened.
    wanted: VecDeque<Open>,
    outcome: Option<Outcome>,
    lanes: VecDeque<Stream>,
    settle: Duration,
}

impl Handler {
    fn new(expected: bool, settle: Duration) -> Self {
        let (wanted, lanes) = (VecDeque::new(), VecDeque::new());
        Self { expected, wanted, outcome: None, lanes, settle }
    }
}

impl Handler {
    /// The peer opened a stream. A lane too many is dropped.
    fn opened(&mut self, stream: Stream, protocol: &StreamProtocol) {
        if *protocol == PROTOCOL {
            let due = std::mem::take(&mut self.expected);
            self.outcome = Some(if due { Outcome::Open(stream) } else { Outcome::Surplus });
        } else if self.lanes.len() < LANES_WAITING_MAX {
            self.lanes.push_back(stream);
        }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Open;
    type ToBehaviour = Outcome;
    type InboundProtocol = Speaks;
    type OutboundProtocol = Speaks;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Open;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(Speaks(OF_BOTH), ()).with_timeout(self.settle)
    }

    fn on_behaviour_event(&mut self, open: Open) {
        self.wanted.push_back(open);
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Open, Self::ToBehaviour>> {
        // All are set by calls after which the connection polls again, so that
        // no waker is needed.
        let lane = |lanes: &mut VecDeque<Stream>| lanes.pop_front().map(Outcome::Lane);
        if let Some(outcome) = self.outcome.take().or_else(|| lane(&mut self.lanes)) {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(outcome));
        }
        if let Some(open) = self.wanted.pop_front() {
            let speaks = match open {
                Open::Link => Speaks(OF_LINK),
                Open::Lane(_) => Speaks(OF_LANE),
            };
            let protocol = SubstreamProtocol::new(speaks, open).with_timeout(self.settle);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        Poll::Pending
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<Self::InboundProtocol, Self::OutboundProtocol, (), Open>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (stream, protocol),
                ..
            }) => self.opened(stream, &protocol),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: (stream, _),
                info,
            }) => match info {
                Open::Link => self.outcome = Some(Outcome::Open(stream)),
                // Whoever wanted it may have gone.
                Open::Lane(answer) => drop(answer.send(Ok(stream))),
            },
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, info }) => {
                let protocol = if matches!(info, Open::Link) { PROTOCOL } else { LANES };
                let reason = match error {
                    StreamUpgradeError::Timeout => "the peer did not answer in time".to_owned(),
                    StreamUpgradeError::NegotiationFailed => {
                        format!("the peer does not speak {protocol}")
                    }
                    StreamUpgradeError::Io(error) => format!("the connection was lost: {error}"),
                };
                match info {
                    Open::Link => self.outcome = Some(Outcome::Failed(reason)),
                    Open::Lane(answer) => drop(answer.send(Err(reason))),
                }
            }
            _ => {}
        }
    }
}

/// Whether a stream ended because the peer does not speak [`PROTOCOL`]: its
/// answer comes when something is read.
pub(super) fn is_unspoken(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<NegotiationError>());
    matches!(cause, Some(NegotiationError::Failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_breaks_through_in_the_part_of_the_dialled_awaits_the_stream() {
        let mut streams = Behaviour::new(Duration::from_secs(1));
        for (role, awaits) in [(Endpoint::Listener, true), (Endpoint::Dialer, false)] {
            let (id, peer) = (ConnectionId::new_unchecked(1), PeerId::random());
            let there = Multiaddr::empty();
            let handler = streams.handle_established_outbound_connection(
                id,
                peer,
                &there,
                role,
                PortUse::Reuse,
            );
            assert_eq!(handler.ok().map(|handler| handler.expected), Some(awaits));
        }
    }
}
