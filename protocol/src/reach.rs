//! Which of its addresses a node tells to others.
//!
//! A node listens on addresses that mean something only on its machine, or
//! within its building, and behind a router on none that others can use. So an
//! operator can *announce* addresses: those are told always. What a node only
//! listens on is told where it leads somewhere: an address of every interface
//! (`0.0.0.0`) is none, one of the machine helps only who runs on it, and one
//! of the local network only who is in it.
//!
//! A node that nobody reaches directly tells addresses over relays as well.
//!
//! How far an address reaches is read off the address. Not here: whether
//! anybody can be reached there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::limits::{ADDRESS_BYTES_MAX, ADDRESSES_MAX};

/// From where an address can be used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reach {
    /// From its machine, or its cable.
    Machine,
    /// From within its network.
    Network,
    /// From everywhere, as far as the address tells.
    World,
}

/// From where a multiaddress can be used; `None` if from nowhere.
pub fn reach(address: &str) -> Option<Reach> {
    let mut parts = address.strip_prefix('/')?.split('/');
    let (kind, host, port) = (parts.next()?, parts.next()?, parts.nth(1)?);
    if host.is_empty() || port == "0" || address.len() > ADDRESS_BYTES_MAX {
        return None;
    }
    match kind {
        "ip4" => host.parse().ok().map(IpAddr::V4).and_then(reach_of),
        "ip6" => host.parse().ok().map(IpAddr::V6).and_then(reach_of),
        "dns" | "dns4" | "dns6" => Some(match host {
            "localhost" => Reach::Machine,
            name if !name.contains('.') || name.ends_with(".local") => Reach::Network,
            _ => Reach::World,
        }),
        _ => None,
    }
}

fn reach_of(host: IpAddr) -> Option<Reach> {
    if host.is_unspecified() || host.is_multicast() {
        return None;
    }
    match host {
        IpAddr::V4(host) => reach_of_ip4(host),
        IpAddr::V6(host) => match host.to_ipv4_mapped() {
            Some(host) => reach_of_ip4(host),
            None => Some(reach_of_ip6(host)),
        },
    }
}

fn reach_of_ip4(host: Ipv4Addr) -> Option<Reach> {
    // Between a provider's router and its customers: RFC 6598.
    let shared = host.octets()[0] == 100 && host.octets()[1] & 0xc0 == 64;
    match host {
        _ if host.octets()[0] == 0 || host.is_broadcast() => None,
        _ if host.is_loopback() || host.is_link_local() => Some(Reach::Machine),
        _ if host.is_private() || shared => Some(Reach::Network),
        _ => Some(Reach::World),
    }
}

const fn reach_of_ip6(host: Ipv6Addr) -> Reach {
    if host.is_loopback() || host.is_unicast_link_local() {
        // Of the latter nobody else knows which cable is meant.
        Reach::Machine
    } else if host.is_unique_local() {
        Reach::Network
    } else {
        Reach::World
    }
}

/// For an invitation: all that is announced, and what is listened on that leads
/// beyond the machine, the farthest first. Where an address of the world is
/// announced, no nearer one is of use to who was invited. Addresses of the
/// machine only where there is nothing else. At most [`ADDRESSES_MAX`].
pub fn for_invitation(announced: &[String], listened: &[String]) -> Vec<String> {
    let world = announced.iter().any(|address| reach(address) == Some(Reach::World));
    let told_beyond = told(announced, listened, if world { Reach::World } else { Reach::Network });
    if told_beyond.is_empty() { told(announced, listened, Reach::Machine) } else { told_beyond }
}

/// For a record that every member holds: all that is announced, and what is
/// listened on that reaches as far as the farthest of all. Addresses of a
/// network mean somebody else's machine elsewhere, and tell how an organisation
/// is built; but where a node has no others, its neighbours need them. Those of
/// the machine never. At most [`ADDRESSES_MAX`].
pub fn for_record(announced: &[String], listened: &[String]) -> Vec<String> {
    let farthest = announced.iter().chain(listened).filter_map(|address| reach(address)).max();
    told(announced, listened, farthest.unwrap_or(Reach::World).max(Reach::Network))
}

/// Whether an address leads over a relay.
pub fn is_relayed(address: &str) -> bool {
    address.split('/').any(|part| part == "p2p-circuit")
}

/// So many of the addresses that a node tells may lead over relays.
const RELAYED_MAX: usize = 4;

/// Those of [`for_record`], and behind them some over relays. In all at most
/// [`ADDRESSES_MAX`].
pub fn with_relayed(mut direct: Vec<String>, relayed: Vec<String>) -> Vec<String> {
    let relayed = &relayed[..relayed.len().min(RELAYED_MAX)];
    direct.truncate(ADDRESSES_MAX - relayed.len());
    direct.extend(relayed.iter().cloned());
    direct
}

/// What is announced, and what is listened on that reaches at least so far.
fn told(announced: &[String], listened: &[String], least: Reach) -> Vec<String> {
    let usable = |address: &&String| reach(address).is_some();
    let mut told: Vec<String> = Vec::new();
    let mut tell = |address: &String| {
        if !told.contains(address) {
            told.push(address.clone());
        }
    };
    announced.iter().filter(usable).for_each(&mut tell);
    let mut rest: Vec<&String> = listened.iter().filter(usable).collect();
    rest.sort_by_key(|address| std::cmp::Reverse(reach(address)));
    let far = rest.iter().filter(|address| reach(address) >= Some(least));
    far.for_each(|address| tell(address));
    told.truncate(ADDRESSES_MAX);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENED: [&str; 5] = [
        "/ip4/127.0.0.1/udp/4480/quic-v1",
        "/ip4/10.148.0.11/udp/4480/quic-v1",
        "/ip6/fe80::1/udp/4480/quic-v1",
        "/ip4/0.0.0.0/udp/4480/quic-v1",
        "/ip6/::1/tcp/4480",
    ];

    fn list(addresses: &[&str]) -> Vec<String> {
        addresses.iter().map(|address| (*address).to_owned()).collect()
    }

    #[test]
    fn how_far_an_address_reaches_is_read_off_it() {
        for (address, reaches) in [
            ("/ip4/0.0.0.0/tcp/4480", None),
            ("/ip6/::/tcp/4480", None),
            ("/ip4/192.0.2.7/tcp/0", None),
            ("/ip4/224.0.0.251/udp/5353/quic-v1", None),
            ("/ip4/127.0.0.1/tcp/1", Some(Reach::Machine)),
            ("/ip4/169.254.3.4/tcp/1", Some(Reach::Machine)),
            ("/ip6/fe80::1/tcp/1", Some(Reach::Machine)),
            ("/ip4/10.1.2.3/tcp/1", Some(Reach::Network)),
            ("/ip4/100.64.0.1/tcp/1", Some(Reach::Network)),
            ("/ip6/fd00::1/tcp/1", Some(Reach::Network)),
            ("/ip6/::ffff:10.0.0.1/tcp/1", Some(Reach::Network)),
            ("/dns4/node.local/tcp/1", Some(Reach::Network)),
            ("/dns/localhost/tcp/1", Some(Reach::Machine)),
            ("/ip4/192.0.2.7/tcp/1", Some(Reach::World)),
            ("/ip6/2001:db8::1/udp/1/quic-v1", Some(Reach::World)),
            ("/dns4/hub.example.org/tcp/1", Some(Reach::World)),
            ("/ip4/tcp/1", None),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(reach(address), reaches, "{address}");
        }
        assert_eq!(reach(&format!("/dns4/{}.org/tcp/1", "a".repeat(300))), None);
    }

    #[test]
    fn who_announces_nothing_invites_to_its_network_and_never_to_every_interface() {
        assert_eq!(for_invitation(&[], &list(&LISTENED)), [LISTENED[1]]);
        assert_eq!(for_record(&[], &list(&LISTENED)), [LISTENED[1]]);
        let alone = list(&[LISTENED[0], LISTENED[3]]);
        assert_eq!(for_invitation(&[], &alone), [LISTENED[0]], "a trial on one machine");
        assert_eq!(for_record(&[], &alone), [""; 0], "which nobody else has to know");
    }

    #[test]
    fn behind_a_router_an_announced_address_stands_for_those_within() {
        let public = list(&["/dns4/hub.example.org/udp/4480/quic-v1"]);
        assert_eq!(for_invitation(&public, &list(&LISTENED)), public);
        assert_eq!(for_record(&public, &list(&LISTENED)), public);
        let both = list(&["/ip4/192.0.2.7/tcp/4480", "/ip4/10.9.0.1/tcp/4480"]);
        assert_eq!(for_record(&both, &list(&LISTENED)), both, "what is announced is told");
        let within = list(&["/ip4/10.9.0.1/tcp/4480"]);
        let told = for_invitation(&within, &list(&LISTENED));
        assert_eq!(told, ["/ip4/10.9.0.1/tcp/4480", LISTENED[1]]);
    }

    #[test]
    fn a_guest_comes_by_either_address_and_the_world_hears_of_one() {
        let listened = list(&["/ip4/10.0.0.2/tcp/4480", "/ip6/2001:db8::7/tcp/4480"]);
        let told = for_invitation(&[], &listened);
        assert_eq!(told, ["/ip6/2001:db8::7/tcp/4480", "/ip4/10.0.0.2/tcp/4480"]);
        assert_eq!(for_record(&[], &listened), ["/ip6/2001:db8::7/tcp/4480"]);
        let many: Vec<String> = (1..20).map(|port| format!("/ip4/192.0.2.7/tcp/{port}")).collect();
        assert_eq!(for_record(&many, &many), many[..ADDRESSES_MAX]);
    }

    #[test]
    fn what_leads_over_relays_stands_last_and_leaves_room() {
        let relayed = |port: u16| format!("/ip4/192.0.2.9/tcp/{port}/p2p/12D3/p2p-circuit");
        let many: Vec<String> = (1..20).map(relayed).collect();
        assert_eq!(with_relayed(Vec::new(), many.clone()), many[..RELAYED_MAX]);
        let direct: Vec<String> = (1..9).map(|port| format!("/ip4/10.0.0.2/tcp/{port}")).collect();
        let told = with_relayed(direct.clone(), many.clone());
        assert_eq!((&told[..4], &told[4..]), (&direct[..4], &many[..4]));
        assert_eq!(with_relayed(direct.clone(), Vec::new()), direct);
        assert_eq!(reach(&relayed(4480)), Some(Reach::World), "as far as its relay");
    }
}
