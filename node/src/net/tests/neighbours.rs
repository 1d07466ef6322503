//! Nodes in one network find each other.

use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};

use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId};

use super::super::neighbours::Over;
use super::super::{address, neighbours};
use super::*;
use crate::net::Local;

const EVERYWHERE: [&str; 2] = ["/ip4/0.0.0.0/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/0"];

const EVERYWHERE_SIX: [&str; 2] = ["/ip6/::/udp/0/quic-v1", "/ip6/::/tcp/0"];

async fn start_in(local: Local, key: &SecretKey, listen: &[&str]) -> Node {
    let listen = listen.iter().map(|address| (*address).to_owned()).collect();
    let limits = NetLimits::default();
    let settings = NetSettings { local, limits, ..NetSettings::new(key.clone(), listen) };
    let (net, events) = start(settings).await.expect("it starts");
    Node { net, events, key: key.public(), links: BTreeSet::new() }
}

/// Whether this machine hears what it says to a group: some have no network, and
/// some networks carry no groups.
fn has_groups() -> bool {
    let group = Ipv4Addr::new(224, 0, 0, 251);
    let heard = || -> std::io::Result<bool> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)?;
        socket.set_read_timeout(Some(Duration::from_secs(1)))?;
        socket.send_to(b"tern", (group, socket.local_addr()?.port()))?;
        Ok(socket.recv(&mut [0; 8])? == 4)
    };
    heard().unwrap_or(false)
}

/// The same over IPv6, where it has an address that others can call as well.
fn has_groups_over_six() -> bool {
    let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
    let heard = || -> std::io::Result<bool> {
        let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?;
        socket.join_multicast_v6(&group, 0)?;
        socket.set_read_timeout(Some(Duration::from_secs(1)))?;
        socket.send_to(b"tern", (group, socket.local_addr()?.port()))?;
        Ok(socket.recv(&mut [0; 8])? == 4)
    };
    let own = || -> std::io::Result<Ipv6Addr> {
        // No packet is sent: the system says from where one would be.
        let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?;
        socket.connect(("2001:db8::1", 1))?;
        match socket.local_addr()?.ip() {
            std::net::IpAddr::V6(own) => Ok(own),
            std::net::IpAddr::V4(_) => Err(std::io::ErrorKind::Unsupported.into()),
        }
    };
    heard().unwrap_or(false) && own().is_ok_and(|own| !own.is_unicast_link_local())
}

#[tokio::test]
async fn two_nodes_find_each_other_over_ipv6_too() {
    if !has_groups_over_six() {
        eprintln!("this machine has no network with groups over IPv6: nothing was tried");
        return;
    }
    let [chad, niger] = keys();
    let mut niger = start_in(Local::Finds, &niger, &EVERYWHERE_SIX).await;
    let chad = start_in(Local::Answers, &chad, &EVERYWHERE_SIX).await;
    let found = loop {
        let NetEvent::Found { peer, address } = niger.next().await else { continue };
        // There may be others in this network.
        if peer == chad.key {
            assert!(!address.contains("/fe80:"), "nobody knows which cable: {address}");
            break address;
        }
    };
    assert!(found.starts_with("/ip6/") && chad.net.addresses().contains(&found), "{found}");
    niger.net.dial(Some(chad.key), vec![found]);
    let (_, peer, dialled) = niger.opened().await;
    assert_eq!((peer, dialled), (chad.key, true));
}

#[tokio::test]
async fn two_nodes_in_one_network_find_each_other_and_whoever_hides_is_not_found() {
    if !has_groups() {
        eprintln!("this machine has no network with groups: nothing was tried");
        return;
    }
    let [chad, niger, nepal, fiji] = keys();
    // Fiji is on its machine alone, Nepal in no network at all.
    let fiji = start_in(Local::Finds, &fiji, &[QUIC]).await;
    let nepal = start_in(Local::Off, &nepal, &EVERYWHERE).await;
    let mut niger = start_in(Local::Finds, &niger, &EVERYWHERE).await;
    let chad = start_in(Local::Answers, &chad, &EVERYWHERE).await;
    let mut found = BTreeSet::new();
    while found.len() < 2 {
        let NetEvent::Found { peer, address } = niger.next().await else { continue };
        assert!(peer != fiji.key && peer != nepal.key, "who hides is not found");
        // There may be others in this network.
        if peer == chad.key {
            assert!(chad.net.addresses().contains(&address), "{address}");
            found.insert(address);
        }
    }
    // It is dialled there.
    niger.net.dial(Some(chad.key), found.into_iter().collect());
    let (_, peer, dialled) = niger.opened().await;
    assert_eq!((peer, dialled), (chad.key, true));
}

#[tokio::test]
async fn who_listens_on_its_own_machine_alone_is_in_no_network() {
    let me = PeerId::from(Keypair::generate_ed25519().public());
    let places = |listen: &[&str]| -> Vec<Multiaddr> {
        listen.iter().map(|address| address.parse().expect("an address")).collect()
    };
    for (local, listen) in [
        (Local::Off, &EVERYWHERE[..]),
        (Local::Finds, &[QUIC, TCP][..]),
        (Local::Finds, &["/ip6/::1/tcp/4480"]),
        (Local::Answers, &[]),
    ] {
        for over in [Over::Ip4, Over::Ip6] {
            let part = neighbours::behaviour(local, over, &places(listen), me);
            assert!(!part.is_enabled(), "{listen:?}");
        }
    }
    let six = neighbours::behaviour(Local::Finds, Over::Ip6, &places(&EVERYWHERE), me);
    assert!(!six.is_enabled(), "nobody comes over IPv6 to who listens over IPv4 alone");
}

#[test]
fn what_is_heard_is_told_only_where_it_could_be_true() {
    let [chad, niger] = keys();
    let peer = address::peer_id(chad.public());
    let other = address::peer_id(niger.public());
    let rsa_like = PeerId::random();
    let heard = |texts: &[(&PeerId, String)]| {
        let heard = texts.iter().map(|(peer, text)| (**peer, text.parse().expect("a multiaddr")));
        neighbours::told(heard.collect()).collect::<Vec<_>>()
    };
    let right = "/ip4/192.168.1.7/udp/4480/quic-v1";
    let told = heard(&[
        (&peer, format!("{right}/p2p/{peer}")),
        (&peer, format!("{right}/p2p/{other}")),
        (&peer, "/ip4/0.0.0.0/tcp/4480".into()),
        (&peer, "/ip4/224.0.0.1/tcp/4480".into()),
        (&peer, "/ip4/192.168.1.7/tcp/0".into()),
        (&peer, "/unix/etc".into()),
        (&peer, "/ip4/192.168.1.7/udp/4480".into()),
        (&peer, format!("/dns4/{}/tcp/1", "a".repeat(600))),
        (&peer, "/ip6/fe80::7/udp/4480/quic-v1".into()),
        (&rsa_like, right.into()),
    ]);
    let expected = NetEvent::Found { peer: chad.public(), address: right.to_owned() };
    assert_eq!(told, [expected]);
}
