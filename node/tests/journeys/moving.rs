//! A node that moved is found again without anybody typing an address.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::time::Duration;

use serde_json::json;

use super::federation::{in_step, joined};
use super::patience::until;
use super::practices::practice;
use super::tern::{Desk, Served};

/// A node that moved is found in this time: the others hear of it in a meeting
/// with whoever it calls.
const FOUND: Duration = Duration::from_secs(60);

/// An address that nobody has.
pub fn free_address() -> String {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    format!("/ip4/127.0.0.1/tcp/{}", port.expect("a free port").port())
}

/// Chad serves there, and calls only whom somebody typed.
fn serve_at(chad: &Desk, address: &str) -> Served {
    let mut command = chad.command(&["serve", "--json", "--listen", address]);
    command.env("TERN_NET_ANNOUNCE", address).env("TERN_NET_DIAL", "saved");
    Served::start(chad, command)
}

/// Waits until a node has a link with another and knows it at this address, and
/// at no other.
fn knows(node: &Served, org: &str, address: &str) {
    let knows = || {
        let peers = node.answer(&json!({ "op": "peers-list" }));
        let items = peers["items"].as_array().expect("peers").clone();
        let peer = items.into_iter().find(|peer| peer["org"] == org)?;
        let there = peer["addresses"] == json!([address]) && peer["connected"] == json!(true);
        there.then_some(())
    };
    until(&format!("{org} is known at {address}"), FOUND, knows);
}

#[test]
fn chad_moves_and_niger_finds_it_through_nepal() {
    let nepal = Desk::founded("Upland Labour Office", "NP", "Bina Example");
    let at_nepal = nepal.serve();
    let (_niger, at_niger) = joined(&nepal, "Ministry of Arrivals", "NE", "Awa Example");
    let (chad, at_chad) = joined(&nepal, "Office of the Lake", "TD", "Issa Example");
    // So far each is on this machine alone, and tells nobody where.
    in_step(&[&at_nepal, &at_niger, &at_chad]);
    at_chad.stop();

    let first = free_address();
    let at_chad = serve_at(&chad, &first);
    knows(&at_niger, "Office of the Lake", &first);
    at_chad.stop();

    let second = free_address();
    let at_chad = serve_at(&chad, &second);
    knows(&at_niger, "Office of the Lake", &second);
    let id = chad.publish(&practice("Counting boats"));
    let here = || {
        let answer = at_niger.get(&format!("/api/v1/practices/{id}")).ok()?;
        (answer.status == 200).then_some(())
    };
    until("Niger reads what Chad publishes", FOUND, here);
    for node in [at_nepal, at_niger, at_chad] {
        node.stop();
    }
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

/// A node serves on every interface, and calls whom it finds in its network.
fn serve_in_network(desk: &Desk) -> Served {
    let mut command = desk.command(&["serve", "--json", "--listen", "/ip4/0.0.0.0/tcp/0"]);
    command.env("TERN_NET_DIAL", "lan");
    Served::start(desk, command)
}

#[test]
fn two_nodes_in_one_building_find_each_other() {
    if !has_groups() {
        eprintln!("this machine has no network with groups: nothing was tried");
        return;
    }
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    in_step(&[&at_niger, &at_nepal]);
    at_niger.stop();
    at_nepal.stop();
    // Each has another address than before, and the one that is known leads nowhere.
    let (at_niger, at_nepal) = (serve_in_network(&niger), serve_in_network(&nepal));
    let meets = |node: &Served, org: &str| {
        let meets = || {
            let peers = node.answer(&json!({ "op": "peers-list" }));
            let items = peers["items"].as_array().expect("peers").clone();
            let met = |peer: &serde_json::Value| peer["org"] == org && peer["connected"] == true;
            items.iter().any(met).then_some(())
        };
        until(&format!("{org} is met"), FOUND, meets);
    };
    meets(&at_niger, "Upland Labour Office");
    meets(&at_nepal, "Ministry of Arrivals");
    let id = niger.publish(&practice("Checking contracts before departure"));
    let here = || {
        let answer = at_nepal.get(&format!("/api/v1/practices/{id}")).ok()?;
        (answer.status == 200).then_some(())
    };
    until("Nepal reads what Niger publishes", FOUND, here);
    for node in [at_niger, at_nepal] {
        node.stop();
    }
}
