//! How somebody is told of what waits.

use serde_json::Value;

use super::{items, word};

/// What waits, by its kind, one and several.
const KINDS: [(&str, &str, &str); 7] = [
    ("asked", "request that waits for a word", "requests that wait for a word"),
    ("own", "request of this account that waits", "requests of this account that wait"),
    ("review", "review", "reviews"),
    ("approval", "proposal to approve", "proposals to approve"),
    ("report", "reported post", "reported posts"),
    ("practice", "practice to confirm", "practices to confirm"),
    ("card", "expert card that ends", "expert cards that end"),
];

pub(crate) fn notices(outcome: &Value) -> String {
    let mut told = String::new();
    for item in items(&outcome["waiting"]) {
        let kind = KINDS.iter().find(|(code, ..)| item["kind"] == *code);
        if let Some((_, one, many)) = kind {
            let count = super::count(item["count"].as_u64().unwrap_or(0), one, many);
            told += &format!("Waits: {count}\n");
        }
    }
    if told.is_empty() {
        told += "Nothing waits.\n";
    }
    let address = word(&outcome["address"]);
    let often = match outcome["often"].as_str() {
        Some("hour") => "at once, at most once an hour",
        Some("day") => "at most once a day",
        _ => "never",
    };
    told += &match (outcome["mails"] == true, address.is_empty()) {
        (false, _) => "Mail: this node sends none.\n".to_owned(),
        (true, true) => "Mail: none, no address is confirmed.\n".to_owned(),
        (true, false) => format!("Mail: to {address}, {often}\n"),
    };
    let pending = word(&outcome["to_confirm"]);
    if !pending.is_empty() {
        let code = match outcome["code_mailed"].as_bool() {
            Some(true) => "a code was mailed to it",
            _ => "a code goes to it from the running node",
        };
        told += &format!(
            "To confirm: {pending}; {code}. Type it with `tern account notices --code CODE`.\n"
        );
    }
    if outcome["refused"].is_object() {
        told += &format!(
            "The mail server refused the address for good ({}), {}: enter it again, or another one.\n",
            word(&outcome["refused"]["code"]),
            word(&outcome["refused"]["at"])
        );
    }
    let at = word(&outcome["feed_at"]);
    told += &match (at.is_empty(), outcome["feed"] == true) {
        (false, _) => format!("Feed, shown once: {at}\n"),
        (true, true) => "Feed: at the address that was shown when it was made\n".to_owned(),
        (true, false) => "Feed: none\n".to_owned(),
    };
    told
}
