//! Whether others get through to this node, and whether it gets through to those
//! who ask.
//!
//! A node that tells where it is asks a member to call it there. If the call
//! comes, it is reachable; if two members' calls do not come, it is not. Whoever
//! comes from beyond the local network without having been asked proves it too.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::ConnectionId;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use tern_crdt::identity::PublicKey;
use tern_protocol::reach::{Reach, reach};
use tern_protocol::tariff::is_near;
use tokio::time::Instant;

use super::Hub;
use crate::net::relay::Reachable;
use crate::net::{address, seen};

/// A call comes within this time, or it does not.
const CALL_PATIENCE: Duration = Duration::from_secs(60);
/// One member is asked no more often than this.
const PAUSE: Duration = Duration::from_secs(30 * 60);
/// One member calls another no more often than this.
const CALL_PAUSE: Duration = Duration::from_secs(2 * 60);
/// Calls that are being made.
const CALLS_MAX: usize = 4;
/// A member is called at so many addresses.
const CALLED_AT_MAX: usize = 4;
/// So many calls that were asked for and did not come tell that none does.
const FAILURES: u32 = 2;

/// A member that was asked to call.
#[derive(Debug)]
struct Asked {
    at: Instant,
    /// It has answered; who does not know the question will not call.
    answered: bool,
    /// The call may still come.
    open: bool,
}

/// Calls that are awaited, and made.
#[derive(Default, Debug)]
pub(super) struct Calls {
    /// Who was asked to call.
    asked: BTreeMap<PublicKey, Asked>,
    failures: u32,
    /// Who was called, and when.
    called: BTreeMap<PublicKey, Instant>,
    under_way: BTreeSet<ConnectionId>,
    /// Where this node was seen in the last half hour, and when.
    seen: BTreeMap<Multiaddr, Instant>,
}

impl Hub {
    pub(super) fn on_seen(&mut self, event: seen::Event) {
        match event {
            seen::Event::Seen(peer, place) => {
                if let Some(asked) = self.calls.asked.get_mut(&peer) {
                    asked.answered = true;
                }
                let now = Instant::now();
                self.calls.seen.retain(|_, at| now.duration_since(*at) < PAUSE);
                for place in self.guesses(place) {
                    if self.calls.seen.len() < CALLED_AT_MAX
                        && self.calls.seen.insert(place.clone(), now).is_none()
                    {
                        self.swarm.behaviour_mut().punch.propose(&place);
                    }
                }
            }
            seen::Event::Call(peer) => self.call(peer),
        }
    }

    /// Where others may break through to a node that is seen there: if that is the
    /// port on which it listens, there; else on the ports on which it listens, as
    /// most routers keep them where they can.
    fn guesses(&self, seen: Multiaddr) -> Vec<Multiaddr> {
        if address::is_quic(&seen) && self.shares_port {
            return vec![seen];
        }
        let Some(host) = seen.iter().next() else { return Vec::new() };
        let own = |at: &&Multiaddr| address::is_quic(at) && !address::is_relayed(at);
        let ports = self.swarm.listeners().filter(own).filter_map(|at| {
            let mut parts = at.iter();
            let same = std::mem::discriminant(&parts.next()?) == std::mem::discriminant(&host);
            parts.next().filter(|_| same)
        });
        let place = |port: Protocol<'_>| {
            Multiaddr::empty().with(host.clone()).with(port.acquire()).with(Protocol::QuicV1)
        };
        ports.map(place).collect()
    }

    /// Calls a member where it says that it is, which ends it.
    fn call(&mut self, peer: PublicKey) {
        let now = Instant::now();
        self.calls.called.retain(|_, at| now.duration_since(*at) < CALL_PAUSE);
        if self.calls.called.contains_key(&peer) || self.calls.under_way.len() >= CALLS_MAX {
            return;
        }
        let places: Vec<Multiaddr> = self.circle.places(&peer, CALLED_AT_MAX);
        if places.is_empty() {
            return;
        }
        self.calls.called.insert(peer, now);
        let call = DialOpts::peer_id(address::peer_id(peer))
            .addresses(places)
            .condition(PeerCondition::Always)
            .allocate_new_port()
            .build();
        let id = call.connection_id();
        if self.swarm.dial(call).is_ok() {
            self.calls.under_way.insert(id);
        }
    }

    /// Whether a connection is such a call.
    pub(super) fn was_call(&mut self, id: ConnectionId) -> bool {
        self.calls.under_way.remove(&id)
    }

    /// Somebody dialled this node, and came directly; whether it was asked to.
    pub(super) fn came(&mut self, peer: &PublicKey, from: &str) -> bool {
        let awaited = self.calls.asked.get(peer).is_some_and(|asked| asked.open);
        if awaited || !is_near(from) {
            self.calls.asked.values_mut().for_each(|asked| asked.open = false);
            self.calls.failures = 0;
            self.circle.note_reachable(Reachable::Yes);
        }
        awaited
    }

    /// Asks a member to call, if it is not known whether anybody gets through.
    pub(super) fn seek_calls(&mut self) {
        let now = Instant::now();
        let mut late = 0;
        for asked in self.calls.asked.values_mut() {
            if asked.open && now.duration_since(asked.at) >= CALL_PATIENCE {
                asked.open = false;
                late += u32::from(asked.answered);
            }
        }
        self.calls.failures += late;
        if self.calls.failures >= FAILURES {
            self.circle.note_reachable(Reachable::No);
        }
        let awaited = self.calls.asked.values().any(|asked| asked.open);
        if !self.circle.wants_calls() || awaited {
            return;
        }
        self.calls.asked.retain(|_, asked| now.duration_since(asked.at) < PAUSE);
        let asked = &self.calls.asked;
        let fits = |(id, connection): &(&ConnectionId, &super::Connection)| {
            let far = !connection.relayed && !is_near(&connection.address);
            let ripe = connection.since.elapsed() >= self.limits.call_after;
            let other = !asked.contains_key(&connection.key) && self.circle.holds(&connection.key);
            (far && ripe && other && connection.link.is_some()).then_some((**id, connection.key))
        };
        if let Some((id, peer)) = self.connections.iter().find_map(|found| fits(&found)) {
            self.calls.asked.insert(peer, Asked { at: now, answered: false, open: true });
            self.swarm.behaviour_mut().seen.ask(address::peer_id(peer), id, true);
        }
    }

    /// A link is new: what its peer sees is asked where somebody may want to
    /// break through to this node later.
    pub(super) fn ask_what_is_seen(&mut self, id: ConnectionId, peer: PublicKey, from: &str) {
        if self.circle.punches() && self.circle.holds(&peer) && !is_near(from) {
            self.swarm.behaviour_mut().seen.ask(address::peer_id(peer), id, false);
        }
    }

    /// Proposes where this node listens as places where others may break through
    /// to it: those of the machine only if it listens on no others.
    pub(super) fn propose(&mut self, listening: &[Multiaddr]) {
        let far = |at: &&Multiaddr| self.alone || reach(&at.to_string()) > Some(Reach::Machine);
        let known = listening.iter().filter(far).chain(&self.announced).take(2 * CALLED_AT_MAX);
        for place in known.cloned().collect::<Vec<_>>() {
            self.swarm.behaviour_mut().punch.propose(&place);
        }
    }
}
