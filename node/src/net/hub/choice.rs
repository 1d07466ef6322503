//! Which connection is the link.
//!
//! Two nodes may dial each other at the same moment, over several transports,
//! or again after one of them lost its memory. One end must decide, or both
//! would close what the other keeps: **the end with the smaller key decides**.
//!
//! - Whoever dialled a connection opens its stream, unless it has a link with
//!   that peer already.
//! - The end that decides makes a stream the link by sending [`CHOSEN`] as its
//!   first byte. The other end regards no stream as open before.
//! - If there is a link already when a stream arrives, either both have
//!   dialled at once, and the link stays; or the peer has lost it, and the
//!   stream replaces it. Once the peer was heard on the link it knows the
//!   link, and does not dial beside it; otherwise age tells, with `settle` as
//!   the bound. A wrong guess costs one dial, never both connections.
//! - A connection that goes directly takes the place of one over a relay.
//! - The end that does not decide follows: what was chosen last is the link.
//!
//! The other connections are closed. One that does not become a link within
//! `settle` is closed as well, and so is one whose link has ended: a link and
//! its connection live and die together.

use futures::{AsyncReadExt, FutureExt};
use libp2p::core::{ConnectedPoint, Endpoint};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{ConnectionId, Stream};
use libp2p::{Multiaddr, PeerId, ping};
use tern_crdt::identity::PublicKey;
use tern_protocol::tariff::is_near;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::{Connection, Current, Hub, LINKED_ALREADY};
use crate::net::address;
use crate::net::lane::Lane;
use crate::net::link::{CHOSEN, Ending, Link};
use crate::net::stream::{self, Outcome, PROTOCOL};
use crate::net::{LinkId, NetEvent};

impl Hub {
    pub(super) fn on_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        endpoint: &ConnectedPoint,
    ) {
        // Where two break through to each other at once, either has dialled, and
        // one of them acts as if it had been.
        let dialled =
            matches!(endpoint, ConnectedPoint::Dialer { role_override: Endpoint::Dialer, .. });
        let Some(key) = address::key(&peer) else {
            return self.drop_connection(id, "the key of the peer is not Ed25519".to_owned());
        };
        let place = place(endpoint);
        let via = address::relay(&place).and_then(|relay| relay.of);
        let (address, relayed, since) = (place.to_string(), endpoint.is_relayed(), Instant::now());
        // Who breaks through from a relay proves nothing of others.
        let breaks = self.linked.get(&key).is_some_and(|link| link.relayed);
        let comes = endpoint.is_listener() && !relayed && !breaks;
        let called = comes && self.came(&key, &address);
        // Whoever asked to be called ends it.
        let dialled = dialled && !self.was_call(id);
        // libp2p calls a relay by itself. A newcomer has nothing to say to it.
        let dialled = dialled && (self.dials.made(id) || !self.circle.is_empty());
        let connection = Connection { key, dialled, address, relayed, via, since, link: None };
        self.connections.insert(id, connection);
        if called {
            return self.drop_connection(id, "that it came was all that was asked".to_owned());
        }
        if dialled && self.linked.get(&key).is_some_and(|link| !link.relayed || relayed) {
            self.drop_connection(id, LINKED_ALREADY.to_owned());
        } else if dialled {
            self.swarm.behaviour_mut().stream.open(peer, id);
        }
    }

    pub(super) fn on_stream(&mut self, event: stream::Event) {
        let id = event.connection;
        match event.outcome {
            Outcome::Open(stream) => self.on_open(id, stream),
            Outcome::Failed(reason) => self.drop_connection(id, reason),
            Outcome::Surplus => self.cut(id, Ending::SecondStream),
            Outcome::Lane(stream) => self.on_lane(id, stream),
        }
    }

    /// The peer opened a lane. Without room for it the stream is dropped, which
    /// the peer sees.
    fn on_lane(&self, id: ConnectionId, stream: Stream) {
        let Some(connection) = self.connections.get(&id) else { return };
        if connection.link.is_none() {
            return;
        }
        let near = is_near(&connection.address);
        if let Some(lane) = self.lanes.open(connection.key, near, stream) {
            // Nobody takes it, or too many wait.
            let _ = self.lanes_in.try_send(lane);
        }
    }

    /// Opens a lane beside the link with a peer.
    pub(super) fn open_lane(&mut self, peer: PublicKey, to: oneshot::Sender<Result<Lane, String>>) {
        let linked = self.linked.get(&peer).and_then(|link| self.links.get(&link.running.id));
        let connection = linked.and_then(|(id, _)| Some((*id, self.connections.get(id)?)));
        let Some((id, connection)) = connection else {
            // Whoever asked may have gone.
            let _ = to.send(Err("there is no link with it".to_owned()));
            return;
        };
        let (near, lanes) = (is_near(&connection.address), self.lanes.clone());
        let (answer, opened) = oneshot::channel();
        self.swarm.behaviour_mut().stream.open_lane(address::peer_id(peer), id, answer);
        tokio::spawn(async move {
            let stream = opened.await.unwrap_or_else(|_| Err("the connection was lost".to_owned()));
            let lane = stream.and_then(|stream| {
                let full = || "there are lanes enough with this peer".to_owned();
                lanes.open(peer, near, stream).ok_or_else(full)
            });
            let _ = to.send(lane);
        });
    }

    /// A stream is open, which may become the link.
    fn on_open(&mut self, id: ConnectionId, mut stream: Stream) {
        let Some(connection) = self.connections.get(&id) else { return };
        if self.me > connection.key {
            let patience = self.limits.settle;
            let choice = async move {
                let mut first = [0];
                let read = timeout(patience, stream.read_exact(&mut first)).await;
                let choice = match (read, first) {
                    (Ok(Ok(())), [CHOSEN]) => Ok(stream),
                    (Ok(Ok(())), _) => Err("the peer speaks another version".to_owned()),
                    (Ok(Err(error)), _) if stream::is_unspoken(&error) => {
                        Err(format!("the peer does not speak {PROTOCOL}"))
                    }
                    (Ok(Err(_)), _) => Err("the peer did not want this connection".to_owned()),
                    (Err(_), _) => Err("the peer did not answer in time".to_owned()),
                };
                (id, choice)
            };
            return self.choosing.push(choice.boxed());
        }
        let stays = |current: &Current| {
            let better = current.relayed && !connection.relayed;
            !better
                && current.since.elapsed() < self.limits.settle
                && !current.running.activity.heard_before(connection.since)
        };
        if self.linked.get(&connection.key).is_some_and(stays) {
            self.drop_connection(id, LINKED_ALREADY.to_owned());
        } else {
            self.link(id, stream, true);
        }
    }

    /// Makes a stream the link with its peer, in place of any other.
    pub(super) fn link(&mut self, id: ConnectionId, stream: Stream, decided: bool) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let previous = self.linked.remove(&connection.key).map(|old| {
            old.running.cut.now(Ending::Replaced);
            old.running.task
        });
        let link = self.next_link;
        self.next_link += 1;
        connection.link = Some(link);
        let opened = NetEvent::Opened {
            link,
            peer: connection.key,
            dialled: connection.dialled,
            address: connection.address.clone(),
        };
        let limits = self.limits.clone();
        let running = Link { id: link, opened, stream, decided, limits, previous }.run(
            self.outboxes.clone(),
            self.events.clone(),
            self.ended.clone(),
        );
        let (key, relayed) = (connection.key, connection.relayed);
        let (direct, from) = (!relayed, connection.address.clone());
        self.linked.insert(key, Current { since: Instant::now(), running, relayed });
        self.links.insert(link, (id, key));
        self.dials.linked(id);
        if direct {
            self.ask_what_is_seen(id, key, &from);
        }
        self.slot_may_be_asked(&key);
        self.seek_slots();
    }

    pub(super) fn on_ping(&mut self, event: ping::Event) {
        let Some(connection) = self.connections.get(&event.connection) else { return };
        let current = self.linked.get(&connection.key);
        let current = current.filter(|current| connection.link == Some(current.running.id));
        let Some(current) = current else {
            // One that is needed without a link is seen to be lost by this alone.
            if connection.link.is_none() && matches!(event.result, Err(ping::Failure::Timeout)) {
                self.drop_connection(event.connection, "the peer does not answer".to_owned());
            }
            return;
        };
        match event.result {
            Ok(round_trip) => current.running.activity.answered(round_trip),
            Err(ping::Failure::Unsupported) => current.running.activity.never_answers(),
            // No answer shows in the silence of the link.
            Err(_) => {}
        }
    }

    /// Gives up peers that have been silent for too long.
    pub(super) fn cut_silent(&mut self) {
        for current in self.linked.values() {
            if let Some(silence) = current.running.activity.too_silent(&self.limits) {
                current.running.cut.now(Ending::NoAnswer(silence));
            }
        }
    }

    /// Ends a connection, and the link on it.
    fn cut(&mut self, id: ConnectionId, ending: Ending) {
        let Some(connection) = self.connections.get(&id) else { return };
        match self.linked.get(&connection.key) {
            // The link's task ends, and the connection with it.
            Some(current) if connection.link == Some(current.running.id) => {
                current.running.cut.now(ending);
            }
            _ => self.drop_connection(id, ending.to_string()),
        }
    }

    pub(super) fn link_ended(&mut self, link: LinkId) {
        let Some((id, key)) = self.links.remove(&link) else { return };
        if self.linked.get(&key).is_some_and(|current| current.running.id == link) {
            self.linked.remove(&key);
        }
        let needed = self.connections.get(&id).is_some_and(|connection| self.is_needed(connection));
        match self.connections.get_mut(&id) {
            // It ends with what needs it last.
            Some(connection) if needed => {
                (connection.link, connection.since) = (None, Instant::now());
            }
            _ => self.drop_connection(id, "the link has ended".to_owned()),
        }
    }

    /// Closes a connection that is no link, or no longer.
    pub(super) fn drop_connection(&mut self, id: ConnectionId, reason: String) {
        self.swarm.close_connection(id);
        self.forget(id, reason);
    }

    pub(super) fn forget(&mut self, id: ConnectionId, reason: String) {
        self.connections.remove(&id);
        let failure = self.dials.failed(id, reason);
        self.telling.extend(failure);
    }

    pub(super) fn drop_idlers(&mut self) {
        let settle = self.limits.settle;
        let idle = |connection: &Connection| {
            connection.link.is_none()
                && connection.since.elapsed() > settle
                && !self.is_needed(connection)
        };
        let idlers: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, connection)| idle(connection))
            .map(|(id, _)| *id)
            .collect();
        for id in idlers {
            self.drop_connection(id, "the peer did not open a link in time".to_owned());
        }
    }
}

/// Where the peer is, without its id; over a relay, where that is.
fn place(endpoint: &ConnectedPoint) -> Multiaddr {
    let mut place = match endpoint {
        ConnectedPoint::Dialer { address, .. } => address.clone(),
        ConnectedPoint::Listener { local_addr, .. } if endpoint.is_relayed() => local_addr.clone(),
        ConnectedPoint::Listener { send_back_addr, .. } => send_back_addr.clone(),
    };
    if matches!(place.iter().last(), Some(Protocol::P2p(_))) {
        place.pop();
    }
    place
}
