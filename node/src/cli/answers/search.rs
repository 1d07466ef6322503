//! What was found, and the searches that are kept.

use serde_json::Value;

use super::super::table::Table;
use super::{count, items, practices, text, word};

/// What was found, with what was made of the words.
pub(crate) fn found(outcome: &Value) -> String {
    let made = made_of_words(outcome).map(|made| format!("{made}\n")).unwrap_or_default();
    made + &practices(outcome)
}

/// What was found instead, where nothing has the words as they were typed.
pub(crate) fn made_of_words(outcome: &Value) -> Option<String> {
    match (outcome["meant"].as_str(), &outcome["similar"], &outcome["partly"]) {
        (Some(meant), ..) => Some(format!("Nothing has these words. Searched for: {meant}")),
        (_, Value::Bool(true), _) => {
            Some("Nothing has all these words. These have similar ones.".into())
        }
        (.., Value::Bool(true)) => Some("Nothing has all these words. These have most.".into()),
        _ => None,
    }
}

/// The same, and how all of it divides.
pub(crate) fn divided(outcome: &Value) -> String {
    const FACETS: [&str; 7] =
        ["objectives", "topics", "kinds", "countries", "places", "languages", "valid"];
    let mut table = Table::new(&["by", "code", "practices"]);
    for facet in FACETS {
        for one in items(&outcome["facets"][facet]) {
            table.row(vec![facet.to_owned(), word(&one["code"]), word(&one["count"])]);
        }
    }
    format!("{}\n{}", found(outcome).trim_end(), table.render())
}

pub(crate) fn search_saved(outcome: &Value) -> String {
    format!("Kept. What is new in it: tern saved show {:?}", word(&outcome["name"]))
}

pub(crate) fn saved_searches(outcome: &Value) -> String {
    let mut table = Table::new(&["name", "new", "all", "looked at"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            text(&item["name"]),
            word(&item["new"]),
            word(&item["total"]),
            word(&item["looked_at"]),
        ]);
    }
    match outcome["total"].as_u64().unwrap_or(0) {
        0 => "You keep no search: tern saved add NAME WORDS".into(),
        total => format!("{}\n{}\n", table.render(), count(total, "search", "searches")),
    }
}

pub(crate) fn search_forgotten(_: &Value) -> String {
    "Forgotten.".into()
}
