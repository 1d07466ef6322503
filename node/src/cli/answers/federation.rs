//! Organisations and certificates.

use serde_json::Value;

use super::super::table::Table;
use super::{items, named, short, text, word, words};
use crate::governing::grouped;

pub(crate) fn invitation(outcome: &Value) -> String {
    word(&outcome["invitation"])
}

pub(crate) fn invitation_notes(outcome: &Value) -> Vec<String> {
    vec![
        format!(
            "Valid until {}. Hand it over; there: tern join INVITATION --org NAME --country CC",
            word(&outcome["expires"])
        ),
        format!(
            "Read this federation's fingerprint out to whoever gets it: {}",
            grouped(&word(&outcome["federation_fingerprint"]))
        ),
    ]
}

pub(crate) fn members(outcome: &Value) -> String {
    let mut table =
        Table::new(&["organisation", "country", "state", "steward", "nodes", "fingerprint", "id"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            text(&item["name"]),
            word(&item["country"]),
            with_reason(&item["state"], &item["reason"]),
            if item["steward"] == true { "steward".into() } else { String::new() },
            items(&item["nodes"]).count().to_string(),
            grouped(&word(&item["fingerprint"])),
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
            with_reason(&item["state"], &item["ended"]["reason"]),
            short(&item["id"]),
        ]);
    }
    table.render()
}

/// Where something stands, and why.
fn with_reason(state: &Value, reason: &Value) -> String {
    match (word(state), word(reason)) {
        (state, reason) if reason.is_empty() => state,
        (state, reason) => format!("{state}: {reason}"),
    }
}
