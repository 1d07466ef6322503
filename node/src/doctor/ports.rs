//! Whether the addresses of the settings are free, tried by listening for a
//! moment. Only while the node is stopped: a running one holds them itself.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use super::facts::{PortState, Ports};
use crate::config::Settings;

/// Tries every address of the settings.
pub fn probe(settings: &Settings) -> Ports {
    let mut tried = vec![(settings.http.to_string(), state(TcpListener::bind(settings.http)))];
    for address in &settings.listen {
        let state = match socket(address) {
            Some((place, true)) => state(UdpSocket::bind(place)),
            Some((place, false)) => state(TcpListener::bind(place)),
            None => continue,
        };
        tried.push((address.clone(), state));
    }
    Ports::Stopped(tried)
}

fn state<T>(bound: io::Result<T>) -> PortState {
    match bound {
        Ok(_) => PortState::Free,
        Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => PortState::Taken,
        Err(cause) => PortState::Refused(cause.to_string()),
    }
}

/// Where a multiaddress listens, and whether by datagrams.
fn socket(address: &str) -> Option<(SocketAddr, bool)> {
    let mut parts = address.trim_start_matches('/').split('/');
    let ("ip4" | "ip6", Some(ip)) = (parts.next()?, parts.next()) else { return None };
    let ip: IpAddr = ip.parse().ok()?;
    let datagrams = match parts.next()? {
        "udp" => true,
        "tcp" => false,
        _ => return None,
    };
    Some((SocketAddr::new(ip, parts.next()?.parse().ok()?), datagrams))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_something_else_holds_is_told_from_one_that_is_free() {
        let holder = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let datagrams = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let held = holder.local_addr().expect("bound");
        let port = datagrams.local_addr().expect("bound").port();
        let settings = Settings {
            http: held,
            listen: vec![
                format!("/ip4/127.0.0.1/udp/{port}/quic-v1"),
                "/ip4/127.0.0.1/tcp/0".into(),
            ],
            ..Settings::default()
        };
        let Ports::Stopped(tried) = probe(&settings) else { panic!("probed") };
        let states: Vec<PortState> = tried.into_iter().map(|(_, state)| state).collect();
        assert_eq!(states, [PortState::Taken, PortState::Taken, PortState::Free]);
    }
}
