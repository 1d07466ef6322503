//! Clearance before publishing, for people to read.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::{items, short, who, word, words};

const fn need(code: &str) -> &'static str {
    match code.as_bytes() {
        b"publisher" => "the approval of a second publisher",
        b"sheet" => "a sheet that was signed by hand",
        b"either" => "the approval of a second publisher, or a sheet that was signed by hand",
        _ => "nothing",
    }
}

pub(crate) fn clearance_policy(outcome: &Value) -> String {
    let asked = need(outcome["need"].as_str().unwrap_or_default());
    format!("Before a practice is published this organisation asks for {asked}.")
}

/// Where it lies, in a sentence.
fn lies(outcome: &Value) -> String {
    let by = |last: &Value| format!("{} since {} (as said)", who(last), word(&last["claimed_at"]));
    let last = &outcome["last"];
    match outcome["state"].as_str().unwrap_or_default() {
        "asked" => format!("asked for by {}; nobody took it yet", by(last)),
        "taken" => format!("lies with {}", by(last)),
        "returned" => format!("returned by {}: {}", by(last), word(&last["text"])),
        "cleared" => format!("cleared by {}", by(last)),
        "changed" => match words(&outcome["changed"]) {
            fields if fields.is_empty() => "the text changed since it was asked for".into(),
            fields => format!("the text changed since it was asked for, in {fields}"),
        },
        _ => "nobody asked for it".into(),
    }
}

pub(crate) fn clearance(outcome: &Value) -> String {
    let can = items(&outcome["can"]).map(who).collect::<Vec<_>>().join("; ");
    let head = facts(&[
        ("Draft", word(&outcome["id"])),
        ("Needs", need(outcome["need"].as_str().unwrap_or_default()).to_owned()),
        ("Clearance", lies(outcome)),
        ("Can be given by", can),
        ("Content hash", word(&outcome["content_hash"])),
    ]);
    let mut table = Table::new(&["what", "who", "when (as said)", "of this text", "more"]);
    for step in items(&outcome["steps"]) {
        let (what, when) = (word(&step["what"]), word(&step["claimed_at"]));
        let more = [word(&step["text"]), short(&step["sheet"])].concat();
        table.row(vec![what, who(step), when, word(&step["current"]), more]);
    }
    if items(&outcome["steps"]).next().is_none() {
        return head;
    }
    format!("{head}\n{}", table.render())
}

pub(crate) fn clearances(outcome: &Value) -> String {
    let mut table = Table::new(&["draft", "title", "state", "by", "since (as said)"]);
    for item in items(&outcome["items"]) {
        let (id, title, state) = (short(&item["id"]), word(&item["title"]), word(&item["state"]));
        table.row(vec![id, title, state, who(item), word(&item["since"])]);
    }
    match items(&outcome["items"]).next() {
        None => "No draft waits for your word on its clearance.".into(),
        Some(_) => table.render(),
    }
}

/// By whom an edition was cleared, in a line; nothing where nothing was asked.
pub(super) fn cleared(outcome: &Value) -> String {
    let told = &outcome["clearance"];
    match told["state"].as_str().unwrap_or_default() {
        "cleared" if told["way"] == "sheet" => {
            format!("by a sheet signed by hand, confirmed by {}", who(told))
        }
        "cleared" => format!("by {}", who(told)),
        "without" => {
            let way = need(told["way"].as_str().unwrap_or_default());
            format!("no: published without {way}, for which its organisation asks")
        }
        _ => String::new(),
    }
}
