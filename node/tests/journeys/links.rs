//! Two nodes whose only way to each other is a bad link.

use std::net::SocketAddr;
use std::time::Duration;

use tern_node::metrics::METRICS_PATH;
use tern_simulations::corpus::Corpus;
use tern_simulations::emulator::{Cut, Direction, Emulator, Every, Profile};
use tern_simulations::links::{self, Options};
use tokio::runtime::Runtime;

use super::federation::{in_step, invite};
use super::patience::{PATIENCE, until};
use super::tern::{Desk, Served, text};

const FEW: u64 = 12;
/// Several messages of pieces: what came whole before a cut stays.
const MANY: u64 = 60;

/// Where a node listens over `kind` of socket: `tcp` or `udp`.
fn socket(node: &Served, kind: &str) -> Option<SocketAddr> {
    node.addresses().iter().find_map(|address| {
        let parts: Vec<&str> = address.split('/').collect();
        let found = parts.get(3) == Some(&kind);
        found.then(|| format!("{}:{}", parts[2], parts[4]).parse().ok()).flatten()
    })
}

/// A steward with practices, and a member that knows it by no address.
fn apart(practices: u64) -> (Desk, Served, Desk) {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let nepal = Desk::empty();
    let invitation = invite(&niger);
    let words = ["join", &invitation, "--org", "Upland Labour Office", "--country", "NP"];
    assert_eq!(nepal.ask(&words)["state"], "member");
    nepal.ask(&["peers", "remove", "Ministry of Arrivals"]);
    let corpus = Corpus::p1(1);
    let rows = (0..practices).flat_map(|number| corpus.editions(number));
    let rows: Vec<String> = rows.map(|practice| practice.to_json().to_string()).collect();
    let file = niger.file("rows.jsonl", rows.join("\n"));
    niger.ask(&["practice", "import", &file, "--publish", "--note", "First"]);
    (niger, at_niger, nepal)
}

#[test]
fn two_nodes_get_into_step_over_a_satellite() {
    let (_niger, at_niger, nepal) = apart(FEW);
    let runtime = Runtime::new().expect("threads");
    let vsat = Profile::named("vsat").expect("a profile");
    let link = Emulator::start(vsat, 1, None, socket(&at_niger, "udp"));
    let link = runtime.block_on(link).expect("a link");
    let port = link.udp().expect("an address").port();
    let peer = text(&at_niger.told["peer_id"]);
    nepal.ask(&["peers", "add", &format!("/ip4/127.0.0.1/udp/{port}/quic-v1/p2p/{peer}")]);
    let at_nepal = nepal.serve();
    in_step(&[&at_niger, &at_nepal]);
    assert_eq!(at_nepal.status()["practices"], FEW);
    let counts = link.counts();
    println!("{counts:?}");
    let (up, down) = (counts[Direction::Up], counts[Direction::Down]);
    assert!(up.payload_bytes > 0 && down.payload_bytes > up.payload_bytes, "{counts:?}");
}

#[test]
fn two_nodes_get_into_step_over_a_link_that_breaks_again_and_again() {
    let (_niger, at_niger, nepal) = apart(MANY);
    let runtime = Runtime::new().expect("threads");
    let cut = Cut { every: Every::Bytes(40_000), down: Duration::from_millis(100) };
    let mut broken = Profile { cut: Some(cut), ..Profile::named("lan").expect("a profile") };
    // What came is verified before the link breaks: a second goes by.
    broken.conditions.rate = Some(2_000_000);
    let link = Emulator::start(broken, 1, socket(&at_niger, "tcp"), None);
    let link = runtime.block_on(link).expect("a link");
    let port = link.tcp().expect("an address").port();
    let peer = text(&at_niger.told["peer_id"]);
    nepal.ask(&["peers", "add", &format!("/ip4/127.0.0.1/tcp/{port}/p2p/{peer}")]);
    let at_nepal = nepal.serve();
    in_step(&[&at_niger, &at_nepal]);
    assert_eq!(at_nepal.status()["practices"], MANY);
    assert!(link.counts().cuts >= 1, "{:?}", link.counts());
}

#[test]
fn a_link_that_costs_money_is_closed_when_all_is_told_and_what_it_took_is_known() {
    let (_niger, at_niger, nepal) = apart(FEW);
    let price = ["--price", "8.50", "--currency", "USD", "--monthly-mb", "50"];
    nepal.ask(&[&["link", "set", "--class", "satellite"][..], &price].concat());
    let port = socket(&at_niger, "tcp").expect("an address").port();
    let peer = text(&at_niger.told["peer_id"]);
    // Nobody knows where a name leads: it is beyond the local network.
    nepal.ask(&["peers", "add", &format!("/dns4/localhost/tcp/{port}/p2p/{peer}")]);
    let at_nepal = nepal.serve();
    in_step(&[&at_niger, &at_nepal]);
    assert_eq!(at_nepal.status()["practices"], FEW);
    until("the link is closed again", PATIENCE, || {
        (nepal.ask(&["link", "show"])["in_contact"] == false).then_some(())
    });
    let told = nepal.ask(&["link", "show"]);
    assert!(told["spent"]["costly"]["bytes"].as_u64() > Some(20_000), "{told}");
    assert_eq!(told["bill"]["currency"], "USD");
    assert!(!told["last_contact"].is_null(), "{told}");
    let figures = at_nepal.get(METRICS_PATH).expect("a node that answers").body;
    let figure = |name: &str| {
        let line = figures.lines().find(|line| line.starts_with(name)).expect("told");
        line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).expect("a number")
    };
    assert_eq!(figure("tern_link_contacts"), 1.0);
    assert!(figure("tern_link_costly_bytes{purpose=\"library\"}") > 10_000.0, "{figures}");
}

#[test]
fn what_a_link_costs_is_measured_with_this_program() {
    let words = ["--tern", env!("CARGO_BIN_EXE_tern"), "--profile", "lan", "--documents", "3"];
    let cases = ["--transport", "quic,tcp", "--cases", "changed,fresh", "--changed", "0,2"];
    let options = Options::read(&[words, cases].concat()).expect("options");
    assert!(links::run(&options).expect("a library"), "every case ends well");
}
