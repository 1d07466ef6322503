//! Nobody new is let in while this process uses more memory than it may: a libp2p
//! behaviour.
//!
//! Each link has its bounds; this is for what they come to in all, and for what
//! nobody thought of. Links that are there stay, and this node calls others as
//! before: what it asks for itself it can stop asking for.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};
use thiserror::Error;

/// It is looked at no more often than this.
const LOOKS: Duration = Duration::from_millis(250);

/// Too much is used.
#[derive(Debug, Error)]
#[error("{used} bytes of memory are used here, where {max} may be: try again later")]
struct Full {
    used: u64,
    max: u64,
}

/// Refuses who comes while too much is used.
pub(super) struct Behaviour {
    max: Option<u64>,
    used: fn() -> Option<u64>,
    /// What was used when it was looked at last.
    looked: Option<(Instant, u64)>,
    refuses: bool,
}

impl Behaviour {
    /// At most `max` bytes of what `used` tells; without either there is no bound.
    pub(super) fn new(max: Option<u64>, used: fn() -> Option<u64>) -> Self {
        Self { max, used, looked: None, refuses: false }
    }

    fn look(&mut self, now: Instant) -> Result<(), Full> {
        let Some(max) = self.max else { return Ok(()) };
        let fresh = self.looked.filter(|(at, _)| now.saturating_duration_since(*at) < LOOKS);
        let used = match fresh {
            Some((_, used)) => used,
            None => (self.used)().unwrap_or(0),
        };
        if fresh.is_none() {
            self.looked = Some((now, used));
        }
        if self.refuses != (used > max) {
            self.refuses = used > max;
            if self.refuses {
                tracing::warn!(used, max, "too much memory is used: no other node is let in");
            } else {
                tracing::info!(used, max, "other nodes are let in again");
            }
        }
        if self.refuses { Err(Full { used, max }) } else { Ok(()) }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.look(Instant::now()).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
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

    fn on_swarm_event(&mut self, _: FromSwarm) {}

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

    #[test]
    fn who_comes_is_refused_while_too_much_is_used_and_let_in_again() {
        let now = Instant::now();
        let mut memory = Behaviour::new(Some(100), || Some(101));
        let refused = memory.look(now).map_err(|full| full.to_string());
        let words = "101 bytes of memory are used here, where 100 may be: try again later";
        assert_eq!(refused, Err(words.to_owned()));
        memory.used = || Some(100);
        assert!(memory.look(now + LOOKS / 2).is_err(), "looked at a moment ago");
        assert!(memory.look(now + LOOKS).is_ok());
        memory.used = || None;
        assert!(memory.look(now + 2 * LOOKS).is_ok(), "the system does not tell");
        assert!(Behaviour::new(None, || Some(u64::MAX)).look(now).is_ok());
    }
}
