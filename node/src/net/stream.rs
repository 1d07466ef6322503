//! One stream of `/tern/1` per connection: a small libp2p behaviour.
//!
//! Whoever dialled a connection opens its stream, when it is told to; the
//! other end accepts it. Any further stream of the protocol is a fault of the
//! peer and is dropped. So a stream always belongs to a known connection:
//! closing that one closes exactly this link.

use std::collections::VecDeque;
use std::io;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use libp2p::core::upgrade::{NegotiationError, ReadyUpgrade};
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

/// What both ends must speak.
pub(super) const PROTOCOL: StreamProtocol = StreamProtocol::new("/tern/1");

/// What became of the stream of a connection.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is open, and nothing has been sent on it.
    Open(Stream),
    /// It could not be opened; in words.
    Failed(String),
    /// The peer opened one that it had no right to.
    Surplus,
}

/// An outcome and its connection.
#[derive(Debug)]
pub(super) struct Event {
    pub connection: ConnectionId,
    pub outcome: Outcome,
}

/// Asks a connection's handler to open its stream.
#[derive(Debug)]
pub(super) struct Open;

/// Hands requests to handlers, and outcomes to the hub.
pub(super) struct Behaviour {
    settle: Duration,
    waiting: VecDeque<ToSwarm<Event, Open>>,
    waker: Option<Waker>,
}

impl Behaviour {
    /// Streams open within this time, or have failed.
    pub(super) const fn new(settle: Duration) -> Self {
        Self { settle, waiting: VecDeque::new(), waker: None }
    }

    /// Opens the stream of a connection that this node dialled.
    pub(super) fn open(&mut self, peer_id: PeerId, connection: ConnectionId) {
        let handler = NotifyHandler::One(connection);
        self.waiting.push_back(ToSwarm::NotifyHandler { peer_id, handler, event: Open });
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
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
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new(false, self.settle))
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

    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        if let Some(next) = self.waiting.pop_front() {
            return Poll::Ready(next);
        }
        self.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

/// The stream of one connection.
pub(super) struct Handler {
    /// Whether the peer still has the right to open a stream.
    expected: bool,
    /// Whether ours is to be opened.
    wanted: bool,
    outcome: Option<Outcome>,
    settle: Duration,
}

impl Handler {
    const fn new(expected: bool, settle: Duration) -> Self {
        Self { expected, wanted: false, outcome: None, settle }
    }

    fn protocol(&self) -> SubstreamProtocol<ReadyUpgrade<StreamProtocol>> {
        SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), ()).with_timeout(self.settle)
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Open;
    type ToBehaviour = Outcome;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        self.protocol()
    }

    fn on_behaviour_event(&mut self, Open: Open) {
        self.wanted = true;
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, (), Self::ToBehaviour>> {
        // Both are set by calls after which the connection polls again, so
        // that no waker is needed.
        if let Some(outcome) = self.outcome.take() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(outcome));
        }
        if std::mem::take(&mut self.wanted) {
            let protocol = self.protocol();
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        Poll::Pending
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<Self::InboundProtocol, Self::OutboundProtocol>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: stream,
                ..
            }) => {
                let due = std::mem::take(&mut self.expected);
                self.outcome = Some(if due { Outcome::Open(stream) } else { Outcome::Surplus });
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: stream,
                ..
            }) => self.outcome = Some(Outcome::Open(stream)),
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, .. }) => {
                self.outcome = Some(Outcome::Failed(match error {
                    StreamUpgradeError::Timeout => "the peer did not answer in time".to_owned(),
                    StreamUpgradeError::NegotiationFailed => {
                        format!("the peer does not speak {PROTOCOL}")
                    }
                    StreamUpgradeError::Io(error) => format!("the connection was lost: {error}"),
                }));
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
