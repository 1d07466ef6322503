//! A practice as Markdown, to be read, mailed and printed anywhere.
//!
//! What it says of signatures is what the node answered; a Markdown file
//! itself proves nothing, and says where to look.

use std::fmt::Write;

use serde_json::Value;

/// Markdown of what `practice show` answers.
pub fn practice_as_markdown(shown: &Value) -> String {
    let mut text = String::new();
    let title = shown["title"].as_str().map_or_else(|| prose(&shown["fields"]["title"]), inline);
    // Writing into a String cannot fail.
    let _ = writeln!(text, "# {title}\n");
    for (name, value) in facts(shown) {
        let _ = writeln!(text, "- {name}: {value}");
    }
    let fields = shown["fields"].as_object().into_iter().flatten();
    for (key, value) in fields.filter(|(key, value)| *key != "title" && !value.is_null()) {
        let _ = write!(text, "\n## {}\n\n{}\n", heading(key), block(value));
    }
    for translation in shown["translations"].as_array().into_iter().flatten() {
        let language = plain(&translation["language"]).unwrap_or_default();
        let _ = write!(text, "\n## Translation: {language}\n\n{}\n", translated(translation));
        let fields = translation["fields"].as_object().into_iter().flatten();
        for (key, value) in fields {
            let _ = write!(text, "\n### {} ({language})\n\n{}\n", heading(key), block(value));
        }
    }
    text
}

/// Who translated what, in a line.
fn translated(translation: &Value) -> String {
    let org = plain(&translation["org"]).unwrap_or_default();
    let by = plain(&translation["by"]).map(|by| format!(" ({by})")).unwrap_or_default();
    let edition = plain(&translation["edition"]).unwrap_or_else(|| "another edition".into());
    let old = translation["outdated"].as_array().into_iter().flatten().filter_map(plain);
    let old = old.collect::<Vec<_>>().join(", ");
    let old = if old.is_empty() { old } else { format!(" Out of date: {old}.") };
    format!("Translated by {org}{by}, from edition {edition}.{old}")
}

/// What stands above the fields.
fn facts(shown: &Value) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut tell = |name, value: &Value| {
        if let Some(value) = plain(value) {
            facts.push((name, value));
        }
    };
    tell("Published by", &shown["origin"]["name"]);
    tell("Edition", &shown["edition"]);
    tell("Id", &shown["id"]);
    tell("Content hash", &shown["content_hash"]);
    tell("Verdict", &shown["verdict"]);
    if let Some(reason) = plain(&shown["withdrawal"]["reason"]) {
        let org = plain(&shown["withdrawal"]["org"]).unwrap_or_default();
        facts.push(("Withdrawn", format!("by {org}: {reason}")));
    }
    if let Some(at) = plain(&shown["confirmed"]["claimed_at"]) {
        facts.push(("Confirmed as still valid", at));
    }
    for used in shown["adaptations"].as_array().into_iter().flatten() {
        let org = plain(&used["org"]).unwrap_or_default();
        let outcome = plain(&used["adaptation"]["outcome"]);
        let outcome = outcome.map(|outcome| format!(" ({outcome})")).unwrap_or_default();
        facts.push(("Used too by", format!("{org}{outcome}")));
    }
    for signer in shown["signers"].as_array().into_iter().flatten() {
        let person = plain(&signer["person"]).unwrap_or_else(|| "a person".into());
        let org = plain(&signer["org"]).map(|org| format!(", {org}")).unwrap_or_default();
        facts.push(("Signed by", format!("{person}{org}")));
    }
    if let Some(listed) = shown["fields"]["basis"].get("listed") {
        let org = plain(&shown["origin"]["name"]).unwrap_or_else(|| "an organisation".into());
        let source = plain(&listed["url"]).unwrap_or_default();
        let told = "from a public source; not written by those who did the work";
        facts.push(("Note", format!("Listed by {org} {told}: <{source}>")));
    }
    facts
}

/// One value in one line, if it is one.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(inline(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        _ => None,
    }
}

/// Text without line breaks and without what Markdown would take for markup.
fn inline(text: &str) -> String {
    let mut line = String::new();
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if "\\`*_[]<>#|".contains(c) {
            line.push('\\');
        }
        line.push(c);
    }
    line
}

/// A value under its heading: prose as it stands, lists as lists.
fn block(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            items.iter().map(|item| format!("- {}", item_line(item))).collect::<Vec<_>>().join("\n")
        }
        Value::Object(_) => prose(value),
        Value::String(text) => text.trim().to_owned(),
        other => plain(other).unwrap_or_default(),
    }
}

/// Text by language: alone as it stands, several with their tags before them;
/// of other objects, their parts.
fn prose(value: &Value) -> String {
    let Some(members) = value.as_object() else { return block(value) };
    match members.iter().next() {
        Some((_, Value::String(text))) if members.len() == 1 => text.trim().to_owned(),
        _ if members.values().all(Value::is_string) => {
            let told = members.iter().map(|(name, text)| {
                format!("**{name}**: {}", text.as_str().unwrap_or_default().trim())
            });
            told.collect::<Vec<_>>().join("\n\n")
        }
        _ => item_line(value),
    }
}

/// An item of a list in one line: its parts between semicolons.
fn item_line(item: &Value) -> String {
    match item {
        Value::Object(parts) => {
            let mut parts: Vec<_> = parts.iter().collect();
            parts.sort_by_key(|(name, _)| *name);
            let told = parts.into_iter().map(|(name, part)| match part {
                Value::Object(_) | Value::Array(_) => format!("{name}: {}", item_line(part)),
                part => format!("{name}: {}", plain(part).unwrap_or_default()),
            });
            told.collect::<Vec<_>>().join("; ")
        }
        Value::Array(items) => items.iter().map(item_line).collect::<Vec<_>>().join(", "),
        item => plain(item).unwrap_or_default(),
    }
}

/// `main_implementer` as `Main implementer`.
fn heading(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    inline(&(first + letters.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_practice_reads_as_a_document_that_names_its_source_and_signers() {
        let shown = json!({
            "id": "tern1pxyz",
            "title": "Birth registration [at] the border",
            "edition": 2,
            "origin": { "org": "tern1g", "name": "Civil registry of Chad" },
            "signers": [{ "person": "Amina Issa", "org": "Civil registry of Chad" }],
            "verdict": "accepted",
            "fields": {
                "title": { "en": "Birth registration [at] the border" },
                "summary": { "en": "Births are registered.\n\nEvery week." },
                "aims": { "en": "Papers", "fr": "Des papiers" },
                "main_implementer": "Civil registry",
                "primary_objectives": [4, 12],
                "challenges": [{ "text": { "en": "Rain" }, "overcome": { "en": "Boats" } }],
                "basis": { "listed": { "url": "https://example.org/a", "note": "title ours" } },
            },
        });
        let text = practice_as_markdown(&shown);
        for line in [
            "# Birth registration \\[at\\] the border",
            "- Published by: Civil registry of Chad",
            "- Edition: 2",
            "- Signed by: Amina Issa, Civil registry of Chad",
            "- Note: Listed by Civil registry of Chad from a public source; not written by those who did the work: <https://example.org/a>",
            "## Summary",
            "Births are registered.",
            "**fr**: Des papiers",
            "## Main implementer",
            "- 4",
            "- overcome: en: Boats; text: en: Rain",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n---\n{text}");
        }
        assert!(!text.contains("## Title"), "the title stands above");
    }
}
