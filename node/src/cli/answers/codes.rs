//! Requests as codes, for people: on the terminal, and what reading them brought.

use serde_json::Value;

use super::{items, word};

/// The codes of a request: pictures, each with its text.
pub(crate) fn request_codes(outcome: &Value) -> String {
    let texts: Vec<String> = items(&outcome["codes"]).map(word).collect();
    let mut told = String::new();
    for (text, number) in texts.iter().zip(1..) {
        told += &format!("Code {number} of {}:\n", texts.len());
        if let Some(picture) = tern_web_ui::terminal_code(text) {
            told += &format!("{picture}\n");
        }
        told += &format!("{text}\n\n");
    }
    told += "At the other node: `tern bundle read --code` with all of them, in any order, or paste them on its page Requests, Take in codes.\n";
    told
}

/// What codes brought.
pub(crate) fn codes_read(outcome: &Value) -> String {
    let number = |member: &str| outcome[member].as_u64().unwrap_or(0);
    let refused = items(&outcome["refused"]).count() as u64;
    let mut told = format!(
        "From {}: {} new, {} known, {refused} refused.\n",
        word(&outcome["from"]),
        number("new"),
        number("known")
    );
    for one in items(&outcome["refused"]) {
        told += &format!("Refused {}: {}\n", word(&one["id"]), word(&one["reason"]));
    }
    if refused > 0 {
        told += "What is missing for these comes over a link or on a stick.\n";
    }
    told
}
