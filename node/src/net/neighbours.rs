//! Nodes in the local network, found by mDNS (RFC 6762).
//!
//! What is heard there is a claim: anybody in the network can make it. It is told
//! as such, within bounds; whoever dials an address finds out whether the key is
//! there. libp2p keeps everything that it has heard until it is over, so a
//! network in which more nodes are said to be than [`HEARD_MAX`] is not listened to
//! any longer.
//!
//! libp2p asks over IPv4 or over IPv6; so there are two parts, each where the node
//! listens on more than its own machine over that. A node that listens on its own
//! machine alone has no neighbours.

use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{Multiaddr, PeerId, mdns};
use tern_protocol::reach::{Reach, reach};

use super::address;
use super::{NetEvent, transport};

/// Addresses that may be heard of at one time.
const HEARD_MAX: usize = 1_024;
/// Of these, so many may wait to be told; more are left out.
pub(super) const TOLD_WAITING_MAX: usize = 64;

/// What a node does in its local network.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Local {
    /// Nothing.
    #[default]
    Off,
    /// It answers who asks which nodes there are.
    Answers,
    /// It asks too, and tells what it hears.
    Finds,
}

/// Over what a part of the swarm asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Over {
    Ip4,
    Ip6,
}

impl Over {
    /// Whether others in the network come to this address over it.
    fn leads_to(self, address: &Multiaddr) -> bool {
        // Every interface is more than the machine's own.
        let unspecified = match (self, address.iter().next()) {
            (Self::Ip4, Some(Protocol::Ip4(ip))) => ip.is_unspecified(),
            (Self::Ip6, Some(Protocol::Ip6(ip))) => ip.is_unspecified(),
            _ => return false,
        };
        unspecified || reach(&address.to_string()).is_some_and(|reach| reach > Reach::Machine)
    }
}

/// The part of the swarm that answers and asks over IPv4 or IPv6. What the machine
/// does not allow is left out, with a warning.
pub(super) fn behaviour(
    local: Local,
    over: Over,
    listen: &[Multiaddr],
    me: PeerId,
) -> Toggle<mdns::tokio::Behaviour> {
    if local == Local::Off || !listen.iter().any(|address| over.leads_to(address)) {
        return Toggle::from(None);
    }
    let config = mdns::Config { enable_ipv6: over == Over::Ip6, ..mdns::Config::default() };
    match mdns::tokio::Behaviour::new(config, me) {
        Ok(behaviour) => Toggle::from(Some(behaviour)),
        Err(error) => {
            tracing::warn!(%error, "no nodes are found in the local network");
            Toggle::from(None)
        }
    }
}

/// What is told of addresses that were heard of.
pub(super) fn told(heard: Vec<(PeerId, Multiaddr)>) -> impl Iterator<Item = NetEvent> {
    heard.into_iter().filter_map(|(peer, address)| {
        let key = address::key(&peer)?;
        let (named, address) = address::parse(&address.to_string()).ok()?;
        // Of such an address nobody else knows which cable is meant.
        if matches!(address.iter().next(), Some(Protocol::Ip6(ip)) if ip.is_unicast_link_local()) {
            return None;
        }
        let address = address.to_string();
        reach(&address)?;
        named.is_none_or(|named| named == key).then_some(NetEvent::Found { peer: key, address })
    })
}

/// Stops listening to a network in which too much is said.
pub(super) fn stop_if_flooded(behaviour: &mut transport::Behaviour) {
    let parts = [&behaviour.mdns, &behaviour.mdns6].into_iter();
    let heard: usize =
        parts.filter_map(|part| part.as_ref()).map(|mdns| mdns.discovered_nodes().len()).sum();
    if heard > HEARD_MAX {
        tracing::warn!(
            heard,
            "somebody in the local network tells of too many nodes: none are found there until the next start"
        );
        (behaviour.mdns, behaviour.mdns6) = (Toggle::from(None), Toggle::from(None));
    }
}
