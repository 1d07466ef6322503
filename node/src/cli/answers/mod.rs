//! Answers as text for people. Scripts read the JSON; this may change.
//!
//! Reads leniently: an answer may say more than this knows, or less.

mod accounts;
mod annotations;
mod blobs;
mod clearance;
mod codes;
mod discussions;
mod draft;
mod federation;
mod governing;
mod keys;
mod links;
mod listings;
mod node;
mod notices;
mod practice;
mod requests;
mod reviews;
mod search;

use serde_json::Value;

pub(super) use accounts::{
    account_added, accounts, departed, link, link_notes, name_erased, rekeyed, rekeyed_notes,
    reset_notes,
};
pub(super) use annotations::{duplicates, said};
pub(super) use blobs::{
    attached, blob, blob_dropped, blob_estimate, blob_pinned, blob_progress, blobs,
};
pub(super) use clearance::{clearance, clearance_policy, clearances};
pub(super) use discussions::{
    discussion, discussions, post_reported, post_taken_back, reports, reports_settled,
    said_in_discussion,
};
pub(super) use draft::{adopted, commented, put_away, taken_over};
pub(super) use federation::{
    adopted_record, aside, certificates, granted_notes, invitation, invitation_notes, members,
};
pub(super) use governing::{
    approved, approved_notes, charter, charter_log, charter_proposed, decided, governed_notes,
    left, proposals, revoked,
};
pub(super) use keys::{keys, rekeyed_org, rotated, signed, submitted};
pub(super) use links::links;
pub(super) use listings::{collection, collections, kept, resource, resources};
pub(super) use node::{
    address, checked, copied, doctor, founded, joined, licences, met, new_node_key, peers, removed,
    resumed, settings, status,
};
pub(super) use notices::notices;
pub(super) use practice::{
    diff, history, imported, is_good, missing, practice, practices, published, shared, skipped,
    verified,
};

pub(super) use codes::{codes_read, request_codes};
pub(super) use requests::{
    acted, asked, board, experts, helped, matched, opened, posted, request, requests,
};
pub(super) use reviews::{
    acted_in_review, calls, policies, review, reviews, seals, submitted_for_review,
};
pub(super) use search::{
    divided, found, made_of_words, saved_searches, search_forgotten, search_saved,
};

/// Tells an answer.
pub(super) type Text = fn(&Value) -> String;

/// As much of an id as tells it apart, and can be typed.
const ID_SHOWN: usize = 18;

/// The id of what was made.
pub(super) fn id(outcome: &Value) -> String {
    word(&outcome["id"])
}

/// Somebody with their organisation.
fn who(item: &Value) -> String {
    match (word(&item["person"]), word(&item["org"])) {
        (person, org) if person.is_empty() => format!("a person of {org}"),
        (person, org) => format!("{person}, {org}"),
    }
}

/// A value in one word or sentence; nothing for what has parts.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// The words of a list.
fn words(value: &Value) -> String {
    items(value).map(word).collect::<Vec<_>>().join(", ")
}

/// The beginning of an id.
fn short(value: &Value) -> String {
    word(value).chars().take(ID_SHOWN).collect()
}

/// Text by language: English, or whatever comes first.
fn text(value: &Value) -> String {
    let first = || value.as_object().and_then(|texts| texts.values().next());
    match value {
        Value::Object(texts) => word(texts.get("en").or_else(first).unwrap_or(&Value::Null)),
        other => word(other),
    }
}

/// Who or what: its name, else its id.
fn named(value: &Value) -> String {
    match value {
        Value::Object(_) => {
            let name = text(&value["name"]);
            if name.is_empty() { short(&value["id"]) } else { name }
        }
        other => word(other),
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// One thing, several, and how many.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Bytes as people read them (powers of 1,000).
pub(super) fn bytes(value: &Value) -> String {
    let Some(bytes) = value.as_u64() else { return String::new() };
    let mut rest = bytes as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        if rest < 999.5 {
            break;
        }
        (rest, unit) = (rest / 1000.0, larger);
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{rest:.1} {unit}") }
}

#[cfg(test)]
mod tests;
