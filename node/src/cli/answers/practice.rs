//! Practices: lists, one of them whole, its editions and its signers.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::{count, items, named, short, text, word, words};

pub(crate) fn practices(outcome: &Value) -> String {
    let total = outcome["total"].as_u64().unwrap_or(0);
    if outcome["drafts"] == true {
        return drafts(outcome, total);
    }
    let mut table = Table::new(&["title", "organisation", "countries", "state", "id"]);
    for item in items(&outcome["items"]) {
        let org = if item["origin"].is_null() { &item["org"] } else { &item["origin"] };
        let state = if item["verdict"].is_null() { &item["state"] } else { &item["verdict"] };
        table.row(vec![
            text(&item["title"]),
            named(org),
            words(&item["countries"]),
            word(state),
            short(&item["id"]),
        ]);
    }
    listed(outcome, &table, total)
}

fn drafts(outcome: &Value, total: u64) -> String {
    let mut table = Table::new(&["title", "saved", "by", "shared with", "id"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            text(&item["title"]),
            word(&item["saved"]),
            word(&item["saved_by"]),
            super::draft::seen_by(&item["shared"]),
            short(&item["id"]),
        ]);
    }
    let away = outcome["away"].as_u64().unwrap_or(0);
    let mut told = listed(outcome, &table, total);
    if away > 0 {
        told = format!(
            "{}\n{} put away: `tern practice list --drafts --away`\n",
            told.trim_end(),
            count(away, "draft", "drafts")
        );
    }
    told
}

fn listed(outcome: &Value, table: &Table, total: u64) -> String {
    let shown = items(&outcome["items"]).count() as u64;
    match (shown, total) {
        (0, _) => "Nothing found.".into(),
        (shown, total) if shown < total => {
            format!("{}\n{shown} of {total} shown\n", table.render())
        }
        _ => format!("{}\n{total} in all\n", table.render()),
    }
}

pub(crate) fn practice(outcome: &Value) -> String {
    let draft = if outcome["draft"] == true {
        match word(&outcome["practice"]) {
            practice if practice.is_empty() => "of a new practice".into(),
            practice => format!("of the next edition of {practice}"),
        }
    } else {
        String::new()
    };
    let head = facts(&[
        ("Id", word(&outcome["id"])),
        ("Draft", draft),
        ("Saved", word(&outcome["saved"])),
        ("Shared with", super::draft::seen_by(&outcome["shared"])),
        ("Reached", super::draft::reached(&outcome["shared"])),
        ("Adopted", super::draft::adopted_by(outcome)),
        ("Missing", words(&outcome["missing_to_publish"])),
        ("Organisation", named(&outcome["origin"])),
        ("Edition", word(&outcome["edition"])),
        ("Verdict", word(&outcome["verdict"])),
        ("Signed by", signers(outcome)),
        ("Cleared", super::clearance::cleared(outcome)),
        ("Content hash", word(&outcome["content_hash"])),
        ("Stale since", word(&outcome["stale_since"])),
        ("Withdrawn", super::annotations::withdrawn(outcome)),
    ]);
    let fields = outcome["fields"].as_object().into_iter().flatten();
    let body: String = fields
        .filter(|(key, value)| *key != "title" && !value.is_null())
        .map(|(key, value)| format!("\n{key}\n{}", indented(value)))
        .collect();
    let held = super::draft::held(outcome);
    let comments = super::draft::comments(outcome);
    format!("{}\n\n{head}{body}{comments}{held}", text(&outcome["title"]))
}

fn signers(outcome: &Value) -> String {
    let told = items(&outcome["signers"]).map(|signer| {
        let (person, org) = (named(&signer["person"]), named(&signer["org"]));
        let kept = match signer["key"].as_str() {
            Some("plain") => " (key on this node, plain)",
            Some("wrapped") => " (key on this node, under a passphrase)",
            Some("device") => " (key on a device)",
            _ => "",
        };
        match person.as_str() {
            "" => format!("a person of {org}{kept}"),
            // Whose name was taken back is told by the organisation already.
            nameless if nameless.ends_with(&org) => format!("{person}{kept}"),
            name => format!("{name} of {org}{kept}"),
        }
    });
    told.collect::<Vec<_>>().join("; ")
}

/// A field's value, each line of it indented.
fn indented(value: &Value) -> String {
    let lines: Vec<String> = match value {
        Value::Object(parts) => {
            parts.iter().map(|(name, part)| format!("{name}: {}", part_text(part))).collect()
        }
        Value::Array(parts) => parts.iter().map(part_text).collect(),
        other => vec![word(other)],
    };
    let lines = lines.iter().flat_map(|text| text.lines());
    lines.map(|line| format!("  {line}\n")).collect()
}

fn part_text(part: &Value) -> String {
    match part {
        Value::Object(parts) => {
            let told = parts.iter().map(|(name, part)| format!("{name}: {}", part_text(part)));
            told.collect::<Vec<_>>().join("; ")
        }
        Value::Array(parts) => parts.iter().map(part_text).collect::<Vec<_>>().join(", "),
        other => word(other),
    }
}

pub(crate) fn published(outcome: &Value) -> String {
    format!("{}\nedition {}\n", word(&outcome["id"]), word(&outcome["edition"]))
}

/// Who sees a draft now.
pub(crate) fn shared(outcome: &Value) -> String {
    let orgs = outcome["orgs"].as_array().into_iter().flatten();
    let names: Vec<String> = orgs.map(|org| word(&org["name"])).collect();
    let mut told = match names.is_empty() {
        true => format!("Only {} sees this draft.\n", word(&outcome["owner"]["name"])),
        false => format!(
            "{} began this draft; it is seen by {} too.\n",
            word(&outcome["owner"]["name"]),
            names.join(", ")
        ),
    };
    if outcome["unsigned"].as_u64().is_some_and(|unsigned| unsigned > 0) {
        told += "Some changes are not signed yet and stay here: whoever made them sends them with `tern practice share`.\n";
    }
    told
}

/// What a review would ask for and is not there.
pub(crate) fn missing(outcome: &Value) -> Vec<String> {
    let missing = words(&outcome["missing"]);
    match missing.is_empty() {
        true => Vec::new(),
        false => vec![format!("Published. A review would also ask for: {missing}.")],
    }
}

pub(crate) fn history(outcome: &Value) -> String {
    let mut table = Table::new(&["edition", "when", "signed by", "verdict", "note", "id"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            word(&item["edition"]),
            word(&item["claimed_at"]),
            signers(item),
            word(&item["verdict"]),
            word(&item["note"]),
            short(&item["id"]),
        ]);
    }
    table.render()
}

pub(crate) fn diff(outcome: &Value) -> String {
    let changed: String = items(&outcome["items"])
        .map(|item| {
            let lang = word(&item["lang"]);
            let lang = if lang.is_empty() { lang } else { format!(".{lang}") };
            let side = |mark: char, value: &Value| -> String {
                let lines = if value.is_null() { String::new() } else { indented(value) };
                lines.lines().map(|line| format!("{mark} {}\n", line.trim_start())).collect()
            };
            let (before, after) = (side('-', &item["before"]), side('+', &item["after"]));
            format!("{}{lang}\n{before}{after}\n", word(&item["field"]))
        })
        .collect();
    if changed.is_empty() { "No difference.".into() } else { changed }
}

pub(crate) fn verified(outcome: &Value) -> String {
    let number = outcome["edition"].as_u64().map(|number| number.to_string());
    facts(&[
        ("Verdict", word(&outcome["verdict"])),
        ("Edition", number.unwrap_or_default()),
        ("Content hash", word(&outcome["content_hash"])),
        ("Signed by", signers(outcome)),
        ("Sealed by", super::reviews::sealed_by(outcome)),
        ("Cleared", super::clearance::cleared(outcome)),
        ("Reason", word(&outcome["reason"])),
        ("Withdrawn", super::annotations::withdrawn(outcome)),
    ])
}

/// Whether a verdict is one that a reader can rely on.
pub(crate) fn is_good(outcome: &Value) -> bool {
    matches!(outcome["verdict"].as_str(), Some("accepted" | "adopted"))
}

pub(crate) fn imported(outcome: &Value) -> String {
    let known = items(&outcome["skipped"]).filter(|row| row["reason"] == "known").count() as u64;
    let refused = items(&outcome["skipped"]).count() as u64 - known;
    let imported = outcome["imported"].as_u64().unwrap_or(0);
    let mut text = count(imported, "practice imported", "practices imported");
    if known > 0 {
        text += &format!(", {known} known already");
    }
    if refused > 0 {
        text += &format!(", {} refused", count(refused, "row", "rows"));
    }
    text
}

/// One row that was not imported, as a sentence.
pub(crate) fn skipped(skipped: &Value) -> String {
    let reason = word(&skipped["reason"]);
    let file = word(&skipped["file"]);
    match (skipped["row"].as_u64().unwrap_or(0), file.is_empty()) {
        // A file as a whole: the reason names it.
        (0, _) => reason,
        (row, true) => format!("row {row}: {reason}"),
        (row, false) => format!("{file} row {row}: {reason}"),
    }
}
