//! Nodes in one network find each other.

use std::net::{Ipv4Addr, UdpSocket};

use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId};

use super::super::{address, neighbours};
use super::*;
use crate::net::Local;

const EVERYWHERE: [&str; 2] = ["/ip4/0.0.0.0/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/0"];

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
        assert!(!neighbours::behaviour(local, &places(listen), me).is_enabled(), "{listen:?}");
    }
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
        (&rsa_like, right.into()),
    ]);
    let expected = NetEvent::Found { peer: chad.public(), address: right.to_owned() };
    assert_eq!(told, [expected]);
}
