//! Organisations and certificates.

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
