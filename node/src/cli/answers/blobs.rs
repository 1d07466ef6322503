//! Files beside practices.

use serde_json::Value;

use super::super::table::Table;
use super::{bytes, items, word};

/// Digits of a hash that tell it apart, and can be typed.
const HASH_SHOWN: usize = 12;

fn hash(value: &Value) -> String {
    word(value).chars().take(HASH_SHOWN).collect()
}

/// A file was attached.
pub(crate) fn attached(outcome: &Value) -> String {
    let (id, kind) = (word(&outcome["id"]), word(&outcome["media_type"]));
    format!("{} {kind} {}\ndraft {id}", word(&outcome["hash"]), bytes(&outcome["bytes"]))
}

/// All files.
pub(crate) fn blobs(outcome: &Value) -> String {
    let mut table = Table::new(&["hash", "name", "size", "here", "pinned", "named by"]);
    for item in items(&outcome["items"]) {
        let here = match item["state"].as_str() {
            Some("whole") => "yes".to_owned(),
            Some("part") => bytes(&item["have"]),
            _ => "no".to_owned(),
        };
        table.row(vec![
            hash(&item["hash"]),
            word(&item["name"]),
            bytes(&item["bytes"]),
            here,
            if item["pinned"] == true { "yes".to_owned() } else { String::new() },
            (items(&item["practices"]).count() + items(&item["drafts"]).count()).to_string(),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "No practice or draft here names a file yet: `tern attach` adds one.".into();
    }
    format!("{}\n{} here", table.render(), bytes(&outcome["bytes"]))
}

/// One file.
pub(crate) fn blob(outcome: &Value) -> String {
    match (outcome["file"].as_str(), outcome["state"].as_str()) {
        (Some(file), _) => file.to_owned(),
        (None, Some("whole")) => {
            format!("{} is here, {}", word(&outcome["hash"]), bytes(&outcome["bytes"]))
        }
        _ => blob_estimate(outcome),
    }
}

/// What it would take to fetch a file.
pub(crate) fn blob_estimate(outcome: &Value) -> String {
    let seconds = outcome["seconds"].as_u64().unwrap_or(0);
    let mut told = format!(
        "{}: to fetch what is lacking takes about {} over the link and {}",
        bytes(&outcome["bytes"]),
        bytes(&outcome["travels"]),
        time(seconds),
    );
    if let Some(amount) = outcome["cost"]["amount"].as_str() {
        let currency = word(&outcome["cost"]["currency"]);
        told.push_str(&format!(", and beyond the local network {amount} {currency}"));
    } else if outcome["costly"] == true {
        told.push_str(
            ". Links beyond the local network cost money: say how much with `tern link set --price`",
        );
    }
    told
}

/// How far a file is.
pub(crate) fn blob_progress(outcome: &Value) -> String {
    let (have, all) = (bytes(&outcome["have"]), bytes(&outcome["bytes"]));
    if outcome["state"] == "looking" {
        return format!("{have} of {all}: looking for somebody who has it");
    }
    let sources: Vec<String> = items(&outcome["sources"]).map(word).collect();
    format!("{have} of {all}, {}/s, from {}", bytes(&outcome["rate"]), sources.join(", "))
}

/// A file was pinned, or not any more.
pub(crate) fn blob_pinned(outcome: &Value) -> String {
    let what = if outcome["pinned"] == true { "is kept" } else { "is not pinned any more" };
    format!("{} {what}", word(&outcome["hash"]))
}

/// A file was removed.
pub(crate) fn blob_dropped(outcome: &Value) -> String {
    format!("{} freed", bytes(&outcome["freed"]))
}

fn time(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}
