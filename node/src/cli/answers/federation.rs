//! Organisations and certificates.

use serde_json::Value;

use super::super::table::Table;
use super::{count, items, named, short, text, word, words};
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
    let mut table = Table::new(&["person", "organisation", "roles", "state", "ends", "id"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            named(&item["person"]),
            named(&item["org"]),
            narrowed(item),
            with_reason(&item["state"], &item["ended"]["reason"]),
            end_of(&item["ends"]),
            short(&item["id"]),
        ]);
    }
    let mut told = table.render();
    if items(&outcome["items"]).any(|item| item["ends"].is_object()) {
        told += &format!("\nEnds are {COUNTED}; what a certificate signed stays valid.\n");
        if outcome["beacon"] == 0 {
            told += &format!("{UNCOUNTED}\n");
        }
    }
    told
}

pub(crate) fn aside(outcome: &Value) -> String {
    let mut table = Table::new(&["what", "person", "organisation", "id"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            word(&item["kind"]),
            named(&item["person"]),
            named(&item["org"]),
            short(&item["id"]),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "Nothing is kept aside: no revocation left out anything that was here.\n".into();
    }
    table.render()
        + "\nNone of this counts. A publisher of the organisation, or a steward, can stand for one: tern cert adopt ID\n"
}

pub(crate) fn adopted_record(outcome: &Value) -> String {
    format!("{} counts again.\n", short(&outcome["id"]))
}

/// The roles, with what they are about where that is not everything, and the quota.
fn narrowed(item: &Value) -> String {
    let mut told = words(&item["roles"]);
    if item["only"].is_array() {
        let things: Vec<String> = items(&item["only"])
            .map(|one| match one["what"].as_str() {
                Some("unknown") => format!("{} (not here)", short(&one["id"])),
                _ => format!("{} {}", word(&one["what"]), short(&one["id"])),
            })
            .collect();
        let about = if things.is_empty() { "nothing".into() } else { things.join(", ") };
        told += &format!("; only for {about}");
    }
    if let Some(quota) = item["quota"].as_u64() {
        told += &format!("; {quota} go first");
    }
    told
}

/// By what the end of a certificate is counted.
const COUNTED: &str = "counted by the federation's beacons, about one a week";
/// Said where no end can come yet.
const UNCOUNTED: &str = "No beacon has been made yet: until there is one, nothing ends.";

fn end_of(ends: &Value) -> String {
    match (ends["beacon"].as_u64(), ends["weeks"].as_u64()) {
        (Some(beacon), Some(weeks)) => {
            format!("with beacon {beacon}, about {} from now", count(weeks, "week", "weeks"))
        }
        (Some(beacon), None) => format!("ended with beacon {beacon}"),
        (None, _) => String::new(),
    }
}

/// When what was granted ends.
pub(crate) fn granted_notes(outcome: &Value) -> Vec<String> {
    let ends = &outcome["ends"];
    let Some(weeks) = ends["weeks"].as_u64() else { return Vec::new() };
    let mut notes =
        vec![format!("It ends {}, {COUNTED}; what it signed stays valid.", end_of(ends))];
    // The first beacon is number 1.
    if ends["beacon"].as_u64() == Some(weeks) {
        notes.push(UNCOUNTED.to_owned());
    }
    notes
}

/// Where something stands, and why.
fn with_reason(state: &Value, reason: &Value) -> String {
    match (word(state), word(reason)) {
        (state, reason) if reason.is_empty() => state,
        (state, reason) => format!("{state}: {reason}"),
    }
}
