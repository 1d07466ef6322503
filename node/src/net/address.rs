//! Addresses and keys as peers write them.
//!
//! An address is a multiaddress: where, and over which transport. It may end
//! in `/p2p/` and the peer id. One that goes over another node, which relays,
//! is that node's address and id and then `/p2p-circuit`. A peer id is nothing but
//! the peer's Ed25519 key in a fixed frame (libp2p *peer ids* specification: an identity
//! multihash of the protobuf `{type: 1, data: key}`), so each is computed
//! from the other.

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use tern_crdt::identity::PublicKey;
use thiserror::Error;

/// The text of an address is at most this long.
pub const ADDRESS_BYTES_MAX: usize = 512;

/// Identity multihash of 36 bytes; in it field 1 = Ed25519, field 2 = 32 bytes.
const PEER_ID_PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// Why a text is not an address of a peer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Not a multiaddress at all.
    #[error(
        "`{address}` is not an address: {reason}; write it like /ip4/192.0.2.7/udp/4480/quic-v1"
    )]
    Malformed {
        /// The text given, shortened.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A multiaddress over a transport that Tern does not speak.
    #[error(
        "`{address}` is not over QUIC (/udp/PORT/quic-v1), TCP (/tcp/PORT) or WebSocket (/tcp/PORT/ws, /tcp/PORT/wss)"
    )]
    Transport {
        /// The text given.
        address: String,
    },
    /// A peer id that does not hold an Ed25519 key.
    #[error("`{address}` names a peer whose key is not Ed25519; every Tern node's is")]
    Key {
        /// The text given.
        address: String,
    },
    /// An address that names another peer than the one meant.
    #[error("`{address}` is the address of another peer than {peer}")]
    OtherPeer {
        /// The text given.
        address: String,
        /// The peer id of the peer that was meant.
        peer: String,
    },
}

/// Whether it goes over a relay.
pub(super) fn is_relayed(address: &Multiaddr) -> bool {
    address.iter().any(|part| part == Protocol::P2pCircuit)
}

/// Whether it is over QUIC.
pub(super) fn is_quic(address: &Multiaddr) -> bool {
    address.iter().any(|part| part == Protocol::QuicV1)
}

/// The peer id of a key, as libp2p writes it.
pub fn peer_id_text(key: PublicKey) -> String {
    peer_id(key).to_string()
}

/// An address with the peer id at its end: all that another node needs.
pub fn full_address(address: &str, peer: PublicKey) -> String {
    format!("{address}/p2p/{}", peer_id(peer))
}

/// An address over a relay which is reached at `address`.
pub fn relayed_address(address: &str, relay: PublicKey) -> String {
    format!("{address}/p2p/{}/p2p-circuit", peer_id(relay))
}

/// Reads an address and, if it ends in `/p2p/…`, the key of the peer there;
/// gives the address without that ending.
///
/// # Errors
/// See [`AddressError`].
pub fn parse_address(text: &str) -> Result<(Option<PublicKey>, String), AddressError> {
    parse(text).map(|(peer, address)| (peer, address.to_string()))
}

/// [`parse_address`], for libp2p.
pub(super) fn parse(text: &str) -> Result<(Option<PublicKey>, Multiaddr), AddressError> {
    let shown: String = text.chars().take(ADDRESS_BYTES_MAX).collect();
    let malformed = |reason: String| AddressError::Malformed { address: shown.clone(), reason };
    if text.len() > ADDRESS_BYTES_MAX {
        return Err(malformed(format!("it is longer than {ADDRESS_BYTES_MAX} bytes")));
    }
    let mut address: Multiaddr = text
        .trim()
        .parse()
        .map_err(|error: libp2p::multiaddr::Error| malformed(error.to_string()))?;
    let peer = match address.iter().last() {
        Some(Protocol::P2p(peer)) => {
            address.pop();
            Some(key(&peer).ok_or(AddressError::Key { address: shown.clone() })?)
        }
        _ => None,
    };
    let relay = relay(&address);
    let spoken = match &relay {
        None => is_spoken(address.iter()),
        Some(Relay { of: None, .. }) => return Err(AddressError::Key { address: shown }),
        Some(Relay { place, .. }) => is_spoken(place.iter()),
    };
    if spoken { Ok((peer, address)) } else { Err(AddressError::Transport { address: shown }) }
}

/// The node over which an address goes.
pub(super) struct Relay {
    /// Whose it is, if that is an Ed25519 key.
    pub of: Option<PublicKey>,
    /// Where it is.
    pub place: Multiaddr,
}

/// The relay of an address that goes over one, and ends there.
pub(super) fn relay(address: &Multiaddr) -> Option<Relay> {
    let mut place = address.clone();
    if place.pop() != Some(Protocol::P2pCircuit) {
        return None;
    }
    match place.pop() {
        Some(Protocol::P2p(peer)) => Some(Relay { of: key(&peer), place }),
        _ => None,
    }
}

/// An address over a relay.
pub(super) fn over(place: Multiaddr, relay: PublicKey) -> Multiaddr {
    place.with(Protocol::P2p(peer_id(relay))).with(Protocol::P2pCircuit)
}

fn is_spoken<'a>(parts: impl Iterator<Item = Protocol<'a>>) -> bool {
    let parts: Vec<_> = parts.collect();
    let place = matches!(
        parts.first(),
        Some(
            Protocol::Ip4(_)
                | Protocol::Ip6(_)
                | Protocol::Dns(_)
                | Protocol::Dns4(_)
                | Protocol::Dns6(_)
        )
    );
    place
        && match &parts[1..] {
            [Protocol::Tcp(_)] | [Protocol::Udp(_), Protocol::QuicV1] => true,
            [Protocol::Tcp(_), Protocol::Ws(path) | Protocol::Wss(path)]
            | [Protocol::Tcp(_), Protocol::Tls, Protocol::Ws(path)] => path.as_ref() == "/",
            _ => false,
        }
}

/// The peer id of a key.
pub(super) fn peer_id(key: PublicKey) -> PeerId {
    let bytes = [PEER_ID_PREFIX.as_slice(), key.as_bytes()].concat();
    PeerId::from_bytes(&bytes).expect("an identity multihash of 36 bytes is a peer id")
}

/// The Ed25519 key of a peer id, or `None` if it holds another.
pub(super) fn key(peer: &PeerId) -> Option<PublicKey> {
    let bytes = peer.to_bytes();
    let key = bytes.strip_prefix(&PEER_ID_PREFIX)?;
    key.try_into().ok().map(PublicKey::new)
}
