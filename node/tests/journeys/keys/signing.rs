//! Signed on another device: the key never comes to the node.

use serde_json::json;

use super::super::federation::invite;
use super::super::patience::{PATIENCE, until};
use super::super::tern::{Desk, text};
use super::{beside, phrase};

#[test]
fn an_approval_and_a_grant_are_signed_where_the_key_is() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let (root, sand) = (beside(&niger, "root.key"), phrase(&niger, "sand"));
    niger.ask(&["key", "move", &root, "--new-passphrase-file", &sand]);
    let at_niger = niger.serve();
    let nepal = Desk::empty();
    let invitation = invite(&niger);
    let join = ["join", &invitation, "--org", "Upland Labour Office", "--country", "NP"];
    assert_eq!(nepal.ask(&join)["state"], "waiting", "the key that approves is elsewhere");
    let at_nepal = nepal.serve();

    let approval = beside(&niger, "approval.tern");
    niger.ask(&["approve", "Upland Labour Office", "--prepare", &approval]);
    let refused = niger.refused(&["submit", &approval]);
    assert!(text(&refused["message"]).contains("not signed yet"), "{refused}");
    // Another machine, without a node.
    let device = Desk::empty();
    let key = ["--key-file", &root, "--key-passphrase-file", &sand];
    let refused = device.refused(&[&["sign", &approval][..], &key].concat());
    assert_eq!(refused["field"], "yes", "nobody signs unasked: {refused}");
    let signed = device.run(&[&["sign", &approval, "--yes"][..], &key].concat());
    assert_eq!(signed.code, Some(0), "{signed:?}");
    assert!(signed.err.contains("Admit “Upland Labour Office”"), "{signed:?}");
    assert!(!device.data().exists(), "signing needs no node");
    niger.ask(&["approve", "--signed", &approval]);
    let joined = || (at_nepal.status()["members"] == 2).then_some(());
    until("Nepal is a member", PATIENCE, joined);

    niger.ask(&["account", "add", "issa", "--person", "Issa Example"]);
    let grant = beside(&niger, "grant.tern");
    niger.ask(&["cert", "grant", "issa", "--role", "publisher", "--prepare", &grant]);
    let out = beside(&niger, "signed.tern");
    device.ask(&[&["sign", &grant, "--yes", "--out", &out][..], &key].concat());
    let told = niger.ask(&["submit", &out]);
    let says = text(&told["says"][0]);
    assert!(says.starts_with("Grant publisher to the key"), "{says}");
    let certificates = niger.ask(&["cert", "list"]);
    let roles = certificates["items"].as_array().expect("items").iter().map(|one| &one["roles"]);
    assert!(roles.clone().any(|roles| *roles == json!(["publisher"])), "{certificates}");
    // In another federation it is nothing.
    let moldova = Desk::founded("Coalition of Registries", "MD", "Corina Example");
    assert!(text(&moldova.refused(&["submit", &out])["message"]).contains("another federation"));
    at_nepal.stop();
    at_niger.stop();
}

#[test]
fn a_second_device_of_a_person_has_their_roles_and_their_name() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let (device, sand) = (Desk::empty(), phrase(&niger, "sand"));
    let key = beside(&niger, "awa.key");
    device.ask(&["key", "new", &key, "--new-passphrase-file", &sand]);
    let card = beside(&niger, "card.tern");
    let public = format!("{key}.pub");
    let added = niger.ask(&["account", "device", "add", "admin", &public, "--card", &card]);
    let listed = niger.ask(&["key", "list"]);
    let devices = listed["items"].as_array().expect("items");
    assert!(devices.iter().any(|item| item["level"] == "device"), "{listed}");
    let again = niger.refused(&["account", "device", "add", "admin", &key]);
    assert_eq!(again["code"], "conflict", "{again}");

    device.ask(&["sign", &card, "--yes", "--key-file", &key, "--key-passphrase-file", &sand]);
    niger.ask(&["submit", &card]);
    let certificates = niger.ask(&["cert", "list"]);
    let certificate = certificates["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|one| one["id"] == added["id"])
        .expect("granted");
    assert_eq!(certificate["person"], "Awa Example", "{certificate}");
}
