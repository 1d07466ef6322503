//! Requests, reviews and discussions as pages of Markdown, in what `tern export`
//! writes.

use std::fmt::Write;

use serde_json::Value;

use super::text;

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Somebody with their organisation.
fn who(item: &Value, name: &str) -> String {
    match (text(&item[name]), text(&item["org"])) {
        (name, org) if name.is_empty() => format!("a person of {org}"),
        (name, org) => format!("{name} of {org}"),
    }
}

/// The list of what happened.
fn events(page: &mut String, shown: &Value) {
    // Writing into a String cannot fail.
    let _ = writeln!(page, "\n## What was said\n");
    for event in items(&shown["events"]) {
        let word = |key: &str| text(&event[key]);
        let said = [word("type"), word("outcome")].join(" ");
        let _ = writeln!(
            page,
            "- {}: {} by {}. {}",
            word("claimed_at"),
            said.trim(),
            who(event, "actor"),
            word("note")
        );
    }
}

/// A review: who was asked, what they said, and what was decided.
pub(super) fn review_as_markdown(shown: &Value) -> String {
    let mut page = String::new();
    let title = shown["title"].as_str().unwrap_or("An edition that is not held");
    let _ = writeln!(page, "# Review: {title}\n\n- State: {}", text(&shown["state"]));
    let _ = writeln!(page, "- Edition: {}", shown["edition"]);
    for (name, key) in [("Id", "id"), ("Practice", "practice"), ("Seal", "seal")] {
        if let Some(value) = shown[key].as_str() {
            let _ = writeln!(page, "- {name}: {value}");
        }
    }
    for one in items(&shown["reviewers"]) {
        let _ = writeln!(page, "\n## {} ({})\n", who(one, "name"), text(&one["side"]));
        let _ =
            writeln!(page, "{}. {}", text(&one["said"]), text(&one["review"]["recommendation"]));
        for score in items(&one["review"]["scores"]) {
            let word = |key: &str| text(&score[key]);
            let _ =
                writeln!(page, "- {}: {}. {}", word("criterion"), word("mark"), word("comment"));
        }
        let _ = writeln!(page, "\n{}", text(&one["review"]["to_authors"]));
    }
    events(&mut page, shown);
    page
}

/// A discussion: its questions, every post with its wordings and translations, and
/// what closed it. What moderators advise to hide is there, and says so.
pub(super) fn discussion_as_markdown(shown: &Value) -> String {
    let mut page = String::new();
    let title = shown["title"].as_str().unwrap_or("Without a title");
    let title = match shown["of_practice"].as_bool() {
        Some(true) => format!("Questions to the authors: {title}"),
        _ => title.to_owned(),
    };
    let _ = writeln!(page, "# {title}\n\n- State: {}", text(&shown["state"]));
    for (name, key) in [("Id", "id"), ("Practice", "practice"), ("Opened by", "org")] {
        if let Some(value) = shown[key].as_str() {
            let _ = writeln!(page, "- {name}: {value}");
        }
    }
    for purpose in shown["form"]["purpose"].as_object().into_iter().flatten() {
        let _ = writeln!(page, "\n{}", text(purpose.1));
    }
    for (number, question) in items(&shown["form"]["questions"]).enumerate() {
        for (_, words) in question["text"].as_object().into_iter().flatten() {
            let _ = writeln!(page, "\nQuestion {}: {}", number + 1, text(words));
        }
    }
    for post in items(&shown["items"]) {
        said(&mut page, "Post", post);
    }
    for summary in items(&shown["summaries"]) {
        said(&mut page, "Summary", summary);
    }
    page
}

fn said(page: &mut String, kind: &str, post: &Value) {
    let word = |key: &str| text(&post[key]);
    let _ = writeln!(page, "\n## {kind} by {}, {}\n", who(post, "person"), word("claimed_at"));
    let _ = writeln!(page, "- Id: {}", word("id"));
    match post["answers"]["type"].as_str() {
        Some("question") => {
            let _ = writeln!(page, "- Answers question {}", post["answers"]["question"]);
        }
        Some("post") => {
            let _ = writeln!(page, "- Answers {}", text(&post["answers"]["post"]));
        }
        _ => {}
    }
    for one in items(&post["advisories"]) {
        let word = |key: &str| text(&one[key]);
        let _ = writeln!(
            page,
            "- {} advises to {}: {}. {}",
            word("org"),
            word("advice"),
            word("reason"),
            word("text")
        );
    }
    let _ = writeln!(page, "\n{}", word("text"));
    for one in items(&post["translations"]) {
        let word = |key: &str| text(&one[key]);
        let made = format!("{}, {} by {}", word("lang"), word("made"), who(one, "person"));
        let _ = writeln!(page, "\n### Translation ({made})\n\n{}", word("text"));
    }
    let wordings = post["wordings"].as_array().map(Vec::as_slice).unwrap_or_default();
    for earlier in wordings.iter().rev().skip(1) {
        let (at, said) = (text(&earlier["claimed_at"]), text(&earlier["text"]));
        let _ = writeln!(page, "\n### What it said at {at}\n\n{said}");
    }
}

/// A request.
pub(super) fn request_as_markdown(shown: &Value) -> String {
    let mut page = String::new();
    let title = shown["title"].as_str().unwrap_or("Without a title");
    // Writing into a String cannot fail.
    let _ = writeln!(page, "# {title}\n\n- State: {}", text(&shown["state"]));
    let fields = shown["request"].as_object().into_iter().flatten();
    for (key, value) in fields.filter(|(key, _)| *key != "title") {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let _ = writeln!(page, "- {}: {value}", key.replace('_', " "));
    }
    events(&mut page, shown);
    if let Some(answer) = shown["answer"]["text"].as_str() {
        let _ = writeln!(page, "\n## Answer\n\n{answer}");
    }
    page
}
