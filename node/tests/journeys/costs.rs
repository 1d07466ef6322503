//! A node whose links cost money: it makes contact, tells all, hangs up, and
//! comes back at once for a request alone.

use std::time::Duration;

use serde_json::{Value, json};

use super::federation::invite;
use super::patience::until;
use super::practices::practice;
use super::requests::Office;
use super::tern::{Desk, Served, text};

/// A contact begins, all is told, and 10 s of silence end it.
const CONTACT: Duration = Duration::from_secs(90);
const HOUR: i64 = 3_600;

fn link(desk: &Desk) -> Value {
    desk.ask(&["link", "show"])
}

fn contacts(link: &Value) -> u64 {
    link["spent"]["costly"]["contacts"].as_u64().expect("a count")
}

/// Waits until a contact after so many others is over.
fn over(desk: &Desk, before: u64) -> Value {
    let ended = || {
        let told = link(desk);
        let ended = contacts(&told) > before && told["in_contact"] == json!(false);
        (ended && told["next_contact"].is_string()).then_some(told)
    };
    until("contact was made and is over", CONTACT, ended).0
}

/// Seconds from one moment of an answer to another, by the hour of the day.
fn between(from: &Value, to: &Value) -> i64 {
    let second = |moment: &Value| {
        let moment = text(moment);
        let part = |at: usize| moment[at..at + 2].parse::<i64>().expect("digits");
        part(11) * HOUR + part(14) * 60 + part(17)
    };
    (second(to) - second(from)).rem_euclid(24 * HOUR)
}

/// An address of a node by its name, of which nobody knows where it leads.
fn by_name(node: &Served) -> String {
    let address = node.addresses().into_iter().find(|address| address.contains("/udp/"));
    address.expect("one").replace("/ip4/127.0.0.1/", "/dns4/localhost/")
}

#[test]
fn a_node_behind_a_satellite_makes_contact_hangs_up_and_comes_back_for_a_request() {
    let chad =
        Office { desk: Desk::founded("Chad", "TD", "Zara"), served: None, addresses: vec![] };
    let at_chad = chad.desk.serve();
    chad.shows_card("Zara");
    let niger = Office { desk: Desk::empty(), served: None, addresses: vec![] };
    let invitation = invite(&chad.desk);
    let words = ["join", &invitation, "--org", "Niger", "--country", "NE", "--person", "Hama Tou"];
    assert_eq!(niger.desk.ask(&words)["state"], "member");
    niger.desk.ask(&["peers", "remove", "Chad"]);
    niger.desk.ask(&["peers", "add", &by_name(&at_chad)]);
    let doctor = niger.desk.run(&["doctor"]).out;
    assert!(
        doctor.contains("Nobody has said what links beyond the local network cost"),
        "{doctor}"
    );
    let price = ["--monthly-mb", "50", "--price", "8.50", "--currency", "USD"];
    let said = niger.desk.ask(&[&["link", "set", "--class", "satellite"], &price[..]].concat());
    let before = contacts(&said);

    let at_niger = niger.desk.serve();
    let first = over(&niger.desk, before);
    assert!(
        first["spent"]["costly"]["bytes"].as_u64().is_some_and(|bytes| bytes > 1_000),
        "{first}"
    );
    assert_eq!((&first["bill"]["currency"], &first["used_up"]), (&json!("USD"), &json!(false)));
    let wait = between(&first["last_contact"], &first["next_contact"]);
    assert_eq!(wait, 4 * HOUR, "{first}");
    assert_eq!(at_niger.status()["link"]["class"], "satellite");
    assert_eq!(at_niger.status()["public_root"], at_chad.status()["public_root"]);

    // What is published waits, and nobody dials for it, from either side.
    niger.desk.publish(&practice("Registering every birth"));
    let told = link(&niger.desk);
    let library = &told["waiting"].as_array().expect("a list")[2];
    assert_eq!((&library["set"], &library["objects"]), (&json!("library"), &json!(1)), "{told}");
    assert!(library["bytes"].as_u64().is_some_and(|bytes| bytes > 500), "{told}");
    assert_eq!(contacts(&told), contacts(&first));
    assert_eq!(between(&told["last_contact"], &told["next_contact"]), 4 * HOUR, "{told}");

    // A request does not wait, and what waited goes with it.
    let id = niger.asks(json!({}));
    chad.sees(&id, "proposed");
    let second = over(&niger.desk, contacts(&first));
    assert!(
        second["spent"]["costly"]["requests"].as_u64()
            > first["spent"]["costly"]["requests"].as_u64(),
        "{second}"
    );
    assert_eq!(at_niger.status()["public_root"], at_chad.status()["public_root"]);

    // The bill is there after a restart.
    at_niger.stop();
    let kept = link(&niger.desk);
    let bytes = |link: &Value| link["spent"]["costly"]["bytes"].as_u64().expect("a count");
    assert!(bytes(&kept) >= bytes(&second), "{kept}");
    assert_eq!(kept["class"], "satellite");
    // And in a backup, with what was said.
    let file = niger.desk.file("saved", "").replace("/saved", "/niger.backup");
    niger.desk.ask(&["backup", &file]);
    let again = Desk::empty();
    again.ask(&["restore", &file]);
    let restored = link(&again);
    assert_eq!((&restored["class"], &restored["said"]), (&json!("satellite"), &json!(true)));
    assert_eq!(restored["price"], kept["price"]);
    let figures = at_chad.status()["link"].clone();
    assert_eq!(
        figures["spent"]["costly"]["bytes"], 0,
        "for Chad it is within this machine: {figures}"
    );
}
