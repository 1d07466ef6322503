//! Nodes in the local network, found by mDNS (RFC 6762).
//!
//! What is heard there is a claim: anybody in the network can make it. It is told
//! as such, within bounds; whoever dials an address finds out whether the key is
//! there. libp2p keeps everything that it has heard until it is over, so a
//! network in which more nodes are said to be than [`HEARD_MAX`] is not listened to
//! any longer.
//!
//! A node that listens on its own machine alone has no neighbours. Over IPv6 none
//! are found.

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

/// The part of the swarm that answers and asks. What the machine does not allow is
/// left out, with a warning.
pub(super) fn behaviour(
    local: Local,
    listen: &[Multiaddr],
    me: PeerId,
) -> Toggle<mdns::tokio::Behaviour> {
    let beyond = |address: &Multiaddr| {
        // Every interface is more than the machine's own.
        let unspecified = matches!(address.iter().next(), Some(
            Protocol::Ip4(ip)) if ip.is_unspecified());
        unspecified || reach(&address.to_string()).is_some_and(|reach| reach > Reach::Machine)
    };
    if local == Local::Off || !listen.iter().any(beyond) {
        return Toggle::from(None);
    }
    match mdns::tokio::Behaviour::new(mdns::Config::default(), me) {
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
        let address = address.to_string();
        reach(&address)?;
        named.is_none_or(|named| named == key).then_some(NetEvent::Found { peer: key, address })
    })
}

/// Stops listening to a network in which too much is said.
pub(super) fn stop_if_flooded(behaviour: &mut transport::Behaviour) {
    let heard = behaviour.mdns.as_ref().map_or(0, |mdns| mdns.discovered_nodes().len());
    if heard > HEARD_MAX {
        tracing::warn!(
            heard,
            "somebody in the local network tells of too many nodes: none are found there until the next start"
        );
        behaviour.mdns = Toggle::from(None);
    }
}
