//! Members that nobody can reach directly meet through one that can be reached.

use std::time::Duration;

use serde_json::{Value, json};

use super::federation::{in_step, invite};
use super::patience::until;
use super::practices::practice;
use super::tern::{Desk, Served, text};

/// Slots are found, told and used in this time.
pub const SOON: Duration = Duration::from_secs(90);

/// A node that everybody reaches at an address of its own, and whose links cost
/// nothing.
fn serve_reachable(desk: &Desk, address: &str) -> Served {
    let mut command = desk.command(&["serve", "--json", "--listen", address]);
    command.env("TERN_NET_ANNOUNCE", address).env("TERN_LINK_CLASS", "broadband");
    Served::start(desk, command)
}

/// A node that listens nowhere: it only dials, as if its router let nobody in.
fn serve_behind_router(desk: &Desk) -> Served {
    let mut command = desk.command(&["serve", "--json"]);
    command.env("TERN_NET_LISTEN", "").env("TERN_LINK_CLASS", "broadband");
    Served::start(desk, command)
}

/// An organisation that joins by invitation.
fn joins(steward: &Desk, org: &str, country: &str, person: &str) -> Desk {
    let desk = Desk::empty();
    let words = ["--org", org, "--country", country, "--person", person];
    let answer = desk.ask(&[&["join", &invite(steward)][..], &words].concat());
    assert_eq!(answer["state"], "member", "{answer}");
    desk
}

fn peer(node: &Served, org: &str) -> Option<Value> {
    let peers = node.answer(&json!({ "op": "peers-list" }));
    let items = peers["items"].as_array().expect("peers").clone();
    items.into_iter().find(|peer| peer["org"] == org)
}

/// Waits until a node has a link with another.
pub fn linked(node: &Served, org: &str) {
    let linked = || (peer(node, org)?["connected"] == json!(true)).then_some(());
    until(&format!("there is a link with {org}"), SOON, linked);
}

#[test]
fn two_that_only_dial_meet_through_a_member_and_its_help_is_told() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = serve_reachable(&niger, &super::moving::free_address());
    let chad = joins(&niger, "Office of the Lake", "TD", "Issa Example");
    let nepal = joins(&niger, "Upland Labour Office", "NP", "Bina Example");
    let at_chad = serve_behind_router(&chad);
    let relayed = || {
        let reach = at_chad.status()["reach"].clone();
        (reach["relays"] == json!(["Ministry of Arrivals"])).then_some(reach)
    };
    let (reach, _) = until("Chad is reached over Niger", SOON, relayed);
    assert_eq!(reach["direct"], json!(false));
    let told = chad.run(&["status"]).out;
    assert!(told.contains("reached through Ministry of Arrivals"), "{told}");

    let at_nepal = serve_behind_router(&nepal);
    let known = || {
        let chad = peer(&at_nepal, "Office of the Lake")?;
        let addresses = chad["addresses"].as_array()?.clone();
        addresses.iter().any(|at| text(at).ends_with("/p2p-circuit")).then_some(())
    };
    until("Nepal knows where Chad is", SOON, known);
    linked(&at_nepal, "Office of the Lake");
    linked(&at_chad, "Upland Labour Office");
    let carried = || (at_niger.status()["reach"]["relaying"]["links"] == json!(1)).then_some(());
    until("Niger relays it", SOON, carried);
    let met = nepal.ask(&["meet", "Office of the Lake"]);
    assert_eq!(met["settled"], json!(true), "{met}");

    let id = chad.publish(&practice("Counting boats"));
    let here = || {
        let answer = at_nepal.get(&format!("/api/v1/practices/{id}")).ok()?;
        (answer.status == 200).then_some(())
    };
    until("Nepal reads what Chad publishes", SOON, here);
    in_step(&[&at_niger, &at_chad, &at_nepal]);
    for node in [at_niger, at_chad, at_nepal] {
        node.stop();
    }
}

#[test]
fn a_newcomer_joins_at_a_steward_that_is_reached_over_a_member_alone() {
    let chad = Desk::founded("Office of the Lake", "TD", "Issa Example");
    let at_chad = chad.serve();
    let niger = joins(&chad, "Ministry of Arrivals", "NE", "Awa Example");
    at_chad.stop();
    // From now on nobody gets through to Chad, which is the steward.
    let at_niger = serve_reachable(&niger, &super::moving::free_address());
    let at_chad = serve_behind_router(&chad);
    chad.ask(&["peers", "add", &at_niger.tcp()]);
    let held = || {
        let relays = at_chad.status()["reach"]["relays"].clone();
        (relays == json!(["Ministry of Arrivals"])).then_some(())
    };
    until("Chad is reached over Niger", SOON, held);
    let told = || {
        let chad = peer(&at_niger, "Office of the Lake")?;
        let addresses = chad["addresses"].as_array()?.clone();
        addresses.iter().any(|at| text(at).ends_with("/p2p-circuit")).then_some(())
    };
    until("Chad has told so", SOON, told);

    let id = chad.publish(&practice("Counting boats"));
    let nepal = joins(&chad, "Upland Labour Office", "NP", "Bina Example");
    let at_nepal = serve_behind_router(&nepal);
    let here = || {
        let answer = at_nepal.get(&format!("/api/v1/practices/{id}")).ok()?;
        (answer.status == 200).then_some(())
    };
    until("Nepal reads what Chad published", SOON, here);
    in_step(&[&at_niger, &at_chad, &at_nepal]);
    for node in [at_niger, at_chad, at_nepal] {
        node.stop();
    }
}

#[test]
fn a_node_whose_links_cost_money_holds_no_slot_and_relays_for_nobody() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = serve_reachable(&niger, &super::moving::free_address());
    let chad = joins(&niger, "Office of the Lake", "TD", "Issa Example");
    let mut command = chad.command(&["serve", "--json"]);
    command.env("TERN_NET_LISTEN", "").env("TERN_LINK_CLASS", "satellite");
    let at_chad = Served::start(&chad, command);
    linked(&at_chad, "Ministry of Arrivals");
    chad.ask(&["meet", "Ministry of Arrivals"]);
    let reach = at_chad.status()["reach"].clone();
    assert_eq!(reach["relays"], json!([]), "{reach}");
    assert_eq!(reach["seeks"], json!(false), "{reach}");
    niger.ask(&["link", "set", "--class", "metered"]);
    let stops =
        || (at_niger.status()["reach"]["relaying"]["for_members"] == json!(false)).then_some(());
    until("Niger relays no more", SOON, stops);
}
