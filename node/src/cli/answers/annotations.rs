//! What organisations say about practices, for people to read.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::{items, short, text, who, word, words};

fn withdrawal(item: &Value) -> String {
    if !item.is_object() {
        return String::new();
    }
    let numbers = items(&item["editions"]).map(word).collect::<Vec<_>>().join(", ");
    let mut told = format!("edition {numbers}, by {}: {}", who(item), word(&item["reason"]));
    for more in [text(&item["text"]), named(&item["replaced_by"])] {
        if !more.is_empty() {
            told += &format!("; {more}");
        }
    }
    told
}

fn named(other: &Value) -> String {
    match (word(&other["title"]), word(&other["id"])) {
        (_, id) if id.is_empty() => String::new(),
        (title, id) if title.is_empty() => id,
        (title, _) => format!("{title} ({})", short(&other["id"])),
    }
}

/// The withdrawal of a practice, in a line.
pub(super) fn withdrawn(outcome: &Value) -> String {
    withdrawal(&outcome["withdrawal"])
}

/// All that is said about a practice.
pub(crate) fn said(outcome: &Value) -> String {
    let confirmed = &outcome["confirmed"];
    let by = if confirmed.is_object() { who(confirmed) } else { String::new() };
    let mut told = facts(&[
        ("Practice", word(&outcome["id"])),
        ("Edition", word(&outcome["edition"])),
        ("Withdrawn", withdrawn(outcome)),
        ("Others withdrawn", withdrawal(&outcome["others_withdrawn"])),
        ("Confirmed", word(&confirmed["claimed_at"])),
        ("Confirmed by", by),
        ("Published or confirmed last", word(&outcome["renewed_at"])),
        ("Stale since", word(&outcome["stale_since"])),
    ]);
    let mut table = Table::new(&["id", "what", "who", "when (as said)", "more"]);
    for item in items(&outcome["adaptations"]) {
        let used = &item["adaptation"];
        let more = [words(&used["countries"]), word(&used["place"]), word(&used["outcome"])];
        row(&mut table, item, "uses it too", &more);
    }
    for item in items(&outcome["translations"]) {
        let old = words(&item["outdated"]);
        let old = if old.is_empty() { old } else { format!("out of date: {old}") };
        let of = format!("edition {}", word(&item["edition"]));
        let more = [word(&item["language"]), word(&item["by"]), of, old];
        row(&mut table, item, "translation", &more);
    }
    for item in items(&outcome["same_as"]) {
        let aliases = items(&item["aliases"]);
        let aliases: Vec<String> = aliases
            .map(|one| format!("{}:{}", word(&one["scheme"]), word(&one["value"])))
            .collect();
        row(&mut table, item, "the same as", &[named(&item["practice"]), aliases.join(", ")]);
    }
    told += &format!("\n{}", table.render());
    for item in items(&outcome["refused"]) {
        told += &format!("\nDoes not stand: {}: {}", short(&item["id"]), word(&item["reason"]));
    }
    told
}

fn row(table: &mut Table, item: &Value, what: &str, more: &[String]) {
    let more: Vec<&str> = more.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let when = word(&item["claimed_at"]);
    table.row(vec![short(&item["id"]), what.to_owned(), who(item), when, more.join("; ")]);
}

pub(crate) fn duplicates(outcome: &Value) -> String {
    let mut table = Table::new(&["id", "points", "of", "title"]);
    for item in items(&outcome["items"]) {
        let (id, points) = (short(&item["id"]), word(&item["points"]));
        table.row(vec![id, points, word(&item["org"]), word(&item["title"])]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "Nothing here is like it.".into();
    }
    format!("{}\nIf one is the same: tern practice same-as PRACTICE OTHER\n", table.render())
}
