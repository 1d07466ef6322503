//! Slots at members' relays, over which a node is reached that cannot be
//! reached directly.
//!
//! A slot is asked for on the connection of a link, so that it opens none of its
//! own and costs what asking takes. Whether a member relays is found out by
//! asking. A slot ends with its connection, and a connection that bears one
//! stays open when its link has ended.
//!
//! libp2p does not bear that one takes back what was asked for and not answered
//! yet, so nothing is ever taken back: what is not wanted any more goes with its
//! connection.

use std::collections::BTreeMap;
use std::time::Duration;

use libp2p::core::transport::ListenerId;
use libp2p::relay::client::Event;
use tern_crdt::identity::PublicKey;
use tokio::time::Instant;

use super::{Connection, Hub};
use crate::net::address;

/// At so many relays at one time: one may be switched off.
const SLOTS_MAX: usize = 2;
/// After a refusal.
const REFUSED_PAUSE: Duration = Duration::from_secs(10 * 60);
/// After a slot, or a request for one, was lost.
const LOST_PAUSE: Duration = Duration::from_secs(5);

/// What was asked of a relay.
#[derive(Debug)]
struct Slot {
    listener: ListenerId,
    held: bool,
}

/// The slots of this node, by relay.
#[derive(Default, Debug)]
pub(super) struct Slots {
    asked: BTreeMap<PublicKey, Slot>,
    /// When to ask again.
    pauses: BTreeMap<PublicKey, Instant>,
}

impl Slots {
    fn held(&self) -> Vec<PublicKey> {
        self.asked.iter().filter(|(_, slot)| slot.held).map(|(relay, _)| *relay).collect()
    }

    /// Whether there is one at this relay.
    pub(super) fn holds(&self, relay: &PublicKey) -> bool {
        self.asked.get(relay).is_some_and(|slot| slot.held)
    }

    /// The relay of this listener, if it is a slot's.
    fn relay(&self, listener: ListenerId) -> Option<PublicKey> {
        self.asked.iter().find(|(_, slot)| slot.listener == listener).map(|(relay, _)| *relay)
    }
}

impl Hub {
    /// Asks members that are linked directly, until there are enough slots.
    pub(super) fn seek_slots(&mut self) {
        let now = Instant::now();
        self.slots.pauses.retain(|_, until| *until > now);
        if self.slots.asked.len() >= SLOTS_MAX || !self.circle.seeks() {
            return self.tell_slots();
        }
        let direct = self.linked.iter().filter(|(_, link)| !link.relayed).map(|(peer, _)| *peer);
        let linked = direct.filter(|peer| {
            let known = self.slots.asked.contains_key(peer);
            !known && !self.slots.pauses.contains_key(peer) && self.circle.holds(peer)
        });
        let chosen: Vec<PublicKey> = linked.take(SLOTS_MAX - self.slots.asked.len()).collect();
        for relay in chosen {
            self.ask_for_slot(relay, now);
        }
        self.tell_slots();
    }

    fn ask_for_slot(&mut self, relay: PublicKey, now: Instant) {
        let linked = self.linked.get(&relay).and_then(|link| self.links.get(&link.running.id));
        let connection = linked.and_then(|(id, _)| self.connections.get(id));
        let place = connection.and_then(|c| c.address.parse().ok());
        let Some(place) = place else { return };
        match self.swarm.listen_on(address::over(place, relay)) {
            Ok(listener) => {
                self.slots.asked.insert(relay, Slot { listener, held: false });
            }
            Err(error) => {
                tracing::debug!(%error, "could not ask for a slot");
                self.slots.pauses.insert(relay, now + REFUSED_PAUSE);
            }
        }
    }

    pub(super) fn on_slot(&mut self, event: &Event) {
        if let Event::ReservationReqAccepted { relay_peer_id, .. } = event
            && let Some(slot) =
                address::key(relay_peer_id).and_then(|key| self.slots.asked.get_mut(&key))
        {
            slot.held = true;
            tracing::info!(relay = %relay_peer_id, "reached over the relay of a member from now on");
            self.tell_slots();
        }
    }

    /// A listener is gone; it may have been a slot.
    pub(super) fn slot_ended(&mut self, listener: ListenerId, why: Option<String>) {
        let Some(relay) = self.slots.relay(listener) else { return };
        let held = self.slots.asked.remove(&relay).is_some_and(|slot| slot.held);
        // A refusal says why; what was lost with its connection does not.
        let pause = if why.is_some() { REFUSED_PAUSE } else { LOST_PAUSE };
        tracing::debug!(relay = %address::peer_id(relay), held, why, "a slot ended");
        self.slots.pauses.insert(relay, Instant::now() + pause);
        self.tell_slots();
    }

    /// A link is new: what was refused on the one before may be granted.
    pub(super) fn slot_may_be_asked(&mut self, peer: &PublicKey) {
        self.slots.pauses.remove(peer);
    }

    /// Tells at which relays there are slots, if that changed.
    fn tell_slots(&self) {
        let held = if self.circle.seeks() { self.slots.held() } else { Vec::new() };
        self.relays.send_if_modified(|told| {
            let other = *told != held;
            *told = held;
            other
        });
    }

    /// Whether a connection is needed although its link has ended: lanes, what
    /// is relayed over it, or a slot.
    pub(super) fn is_needed(&self, connection: &Connection) -> bool {
        let peer = &connection.key;
        let bears = || self.connections.values().any(|other| other.via.as_ref() == Some(peer));
        let slot = || self.circle.seeks() && self.slots.holds(peer);
        let relays = || self.circle.relays() && self.relayed.needs(peer);
        let relaying = || self.circle.holds(peer) && (relays() || slot());
        let leads = || self.circle.relays() && self.circle.guests().leads(peer);
        self.lanes.any(peer) || (!connection.relayed && (bears() || relaying() || leads()))
    }
}
