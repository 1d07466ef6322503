//! Organisations, certificates and accounts.

use serde_json::Value;

use super::super::table::Table;
use super::{items, named, short, text, word, words};

pub(crate) fn invitation(outcome: &Value) -> String {
    word(&outcome["invitation"])
}

pub(crate) fn invitation_notes(outcome: &Value) -> Vec<String> {
    vec![format!(
        "Valid until {}. Hand it over; there: tern join INVITATION --org NAME --country CC",
        word(&outcome["expires"])
    )]
}

pub(crate) fn approved(outcome: &Value) -> String {
    let approved: Vec<String> = items(&outcome["approved"]).map(named).collect();
    match approved.is_empty() {
        true => "Nothing waits for approval.".into(),
        false => format!("Approved: {}", approved.join(", ")),
    }
}

pub(crate) fn members(outcome: &Value) -> String {
    let mut table =
        Table::new(&["organisation", "country", "state", "steward", "nodes", "fingerprint", "id"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            text(&item["name"]),
            word(&item["country"]),
            word(&item["state"]),
            if item["steward"] == true { "steward".into() } else { String::new() },
            items(&item["nodes"]).count().to_string(),
            word(&item["fingerprint"]),
            short(&item["id"]),
        ]);
    }
    table.render()
}

pub(crate) fn certificates(outcome: &Value) -> String {
    let mut table = Table::new(&["person", "organisation", "roles", "state", "id"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            named(&item["person"]),
            named(&item["org"]),
            words(&item["roles"]),
            word(&item["state"]),
            short(&item["id"]),
        ]);
    }
    table.render()
}

pub(crate) fn account_added(outcome: &Value) -> String {
    format!("Account {} is made.", word(&outcome["name"]))
}

pub(crate) fn accounts(outcome: &Value) -> String {
    let mut table = Table::new(&["account", "person", "roles", "key"]);
    for item in items(&outcome["items"]) {
        let key = match item["wrapped"].as_bool() {
            Some(true) => "under a passphrase",
            Some(false) => "plain",
            None => "",
        };
        let (name, person) = (word(&item["name"]), named(&item["person"]));
        table.row(vec![name, person, words(&item["roles"]), key.into()]);
    }
    table.render()
}

pub(crate) fn link(outcome: &Value) -> String {
    word(&outcome["link"])
}

pub(crate) fn link_notes(outcome: &Value) -> Vec<String> {
    let name = word(&outcome["name"]);
    vec![format!("Signs {name} in, once, until {}.", word(&outcome["expires"]))]
}
