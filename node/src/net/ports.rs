//! Listening: one port number for all transports, and a clear word when it is
//! taken.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;

use super::NetError;
use super::address::AddressError;

/// So many free ports are tried until one is free for every transport.
const ATTEMPTS_MAX: u32 = 32;

/// What an address asks the system for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Socket {
    place: SocketAddr,
    datagrams: bool,
}

impl Socket {
    fn of(address: &Multiaddr) -> Option<Self> {
        let mut parts = address.iter();
        let ip = match parts.next()? {
            Protocol::Ip4(ip) => IpAddr::V4(ip),
            Protocol::Ip6(ip) => IpAddr::V6(ip),
            _ => return None,
        };
        let (port, datagrams) = match parts.next()? {
            Protocol::Udp(port) => (port, true),
            Protocol::Tcp(port) => (port, false),
            _ => return None,
        };
        Some(Self { place: SocketAddr::new(ip, port), datagrams })
    }

    fn at(self, port: u16) -> Self {
        Self { place: SocketAddr::new(self.place.ip(), port), ..self }
    }

    /// Binds and lets go again; gives the port. libp2p shares TCP ports
    /// between processes, so that it would not notice a second node.
    fn probe(self) -> std::io::Result<u16> {
        let bound = if self.datagrams {
            UdpSocket::bind(self.place)?.local_addr()?
        } else {
            TcpListener::bind(self.place)?.local_addr()?
        };
        Ok(bound.port())
    }
}

/// The addresses with a port in place of each 0, the same for all of them but
/// WebSockets, each of which gets one of its own.
/// Every port was free a moment ago.
pub(super) fn settle(addresses: Vec<Multiaddr>) -> Result<Vec<Multiaddr>, NetError> {
    let sockets = addresses
        .iter()
        .map(|address| Socket::of(address).ok_or_else(|| not_here(address)))
        .collect::<Result<Vec<_>, _>>()?;
    let named = |socket: &Socket| socket.place.port() != 0;
    // Its port is another than that of plain TCP.
    let apart = |address: &Multiaddr| !address.iter().any(|part| matches!(part, Protocol::Ws(_)));
    for (address, socket) in addresses.iter().zip(&sockets).filter(|(_, socket)| named(socket)) {
        socket.probe().map_err(|error| refused(address, &error))?;
    }
    let asks = |(address, socket): &(&Multiaddr, &Socket)| !named(socket) && apart(address);
    let all = || addresses.iter().zip(&sockets);
    let open: Vec<Socket> = all().filter(asks).map(|(_, socket)| *socket).collect();
    let Some(first) = all().find(asks) else {
        return Ok(addresses);
    };
    let port = free_port(*first.1, &open).map_err(|error| refused(first.0, &error))?;
    let filled = |address: &Multiaddr| {
        if apart(address) { with_port(address, port) } else { address.clone() }
    };
    Ok(addresses.iter().map(filled).collect())
}

/// A port that is free for `first`, and then for all others too.
fn free_port(first: Socket, all: &[Socket]) -> std::io::Result<u16> {
    let mut attempts = 1;
    loop {
        let port = first.probe()?;
        match all.iter().try_for_each(|socket| socket.at(port).probe().map(drop)) {
            Ok(()) => return Ok(port),
            Err(error) if attempts == ATTEMPTS_MAX => return Err(error),
            Err(_) => attempts += 1,
        }
    }
}

fn with_port(address: &Multiaddr, port: u16) -> Multiaddr {
    let filled = |part| match part {
        Protocol::Udp(0) => Protocol::Udp(port),
        Protocol::Tcp(0) => Protocol::Tcp(port),
        other => other,
    };
    address.iter().map(filled).collect()
}

/// The words for an address that the system refuses.
pub(super) fn refused(address: &Multiaddr, error: &std::io::Error) -> NetError {
    let address = address.to_string();
    match error.kind() {
        ErrorKind::AddrInUse => NetError::PortInUse { address },
        ErrorKind::AddrNotAvailable => {
            NetError::Refused { address, reason: "this machine has no such address".to_owned() }
        }
        ErrorKind::PermissionDenied => NetError::Refused {
            address,
            reason: "the system does not allow this port; take one above 1023".to_owned(),
        },
        _ => NetError::Refused { address, reason: error.to_string() },
    }
}

fn not_here(address: &Multiaddr) -> NetError {
    NetError::Address(AddressError::Malformed {
        address: address.to_string(),
        reason: "a node listens on numbers, not on names".to_owned(),
    })
}
