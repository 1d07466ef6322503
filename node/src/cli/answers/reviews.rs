//! Reviews, for people to read.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::{count, items, short, text, word, words};

fn who(item: &Value) -> String {
    match (word(&item["name"]), word(&item["org"])) {
        (name, org) if name.is_empty() => format!("a person of {org}"),
        (name, org) => format!("{name}, {org}"),
    }
}

pub(crate) fn policies(outcome: &Value) -> String {
    let mut table = Table::new(&["id", "name", "board", "criteria", "reviewers", "appeal"]);
    for item in items(&outcome["items"]) {
        let policy = &item["policy"];
        let asked = |side: &str, otherwise: &str| match word(&policy["reviewers"][side]) {
            given if given.is_empty() => otherwise.to_owned(),
            given => given,
        };
        table.row(vec![
            short(&item["id"]),
            text(&policy["name"]),
            words(&item["board"]),
            items(&policy["criteria"]).count().to_string(),
            format!("{} internal, {} external", asked("internal", "1"), asked("external", "2")),
            if policy["appeal"] == true { "once".into() } else { "none".into() },
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "No policy says how practices are reviewed: tern review policy FILE".into();
    }
    table.render()
}

pub(crate) fn calls(outcome: &Value) -> String {
    let mut table = Table::new(&["id", "title", "by", "until"]);
    for item in items(&outcome["items"]) {
        let call = &item["call"];
        table.row(vec![
            short(&item["id"]),
            text(&call["title"]),
            word(&item["org"]),
            word(&call["deadline"]),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "No calls for practices: tern review call FILE".into();
    }
    table.render()
}

pub(crate) fn submitted_for_review(outcome: &Value) -> String {
    format!(
        "{}\nWith: {}. All that is said about it is public.",
        word(&outcome["id"]),
        words(&outcome["holder"])
    )
}

pub(crate) fn acted_in_review(outcome: &Value) -> String {
    let holder = words(&outcome["holder"]);
    let with = if holder.is_empty() { String::new() } else { format!(", with {holder}") };
    format!("{} is {} now{with}", short(&outcome["id"]), state(outcome))
}

fn state(item: &Value) -> String {
    word(&item["state"]).replace('_', " ")
}

pub(crate) fn reviews(outcome: &Value) -> String {
    let headings =
        ["id", "state", "edition", "of", "title", "with", "since (as said)", "waits for you"];
    let mut table = Table::new(&headings);
    for item in items(&outcome["items"]) {
        table.row(vec![
            short(&item["id"]),
            state(item),
            word(&item["edition"]),
            word(&item["org"]),
            word(&item["title"]),
            words(&item["holder"]),
            word(&item["since"]),
            if item["waits"] == true { "yes".into() } else { String::new() },
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "Nothing was submitted: tern review submit PRACTICE".into();
    }
    table.render()
}

pub(crate) fn review(outcome: &Value) -> String {
    let quorum = &outcome["quorum"];
    let mut told = facts(&[
        ("Submission", word(&outcome["id"])),
        ("Title", word(&outcome["title"])),
        ("Edition", word(&outcome["edition"])),
        ("Submitted by", word(&outcome["org"])),
        ("State", state(outcome)),
        ("Why", word(&outcome["flaw"])),
        ("Round", word(&outcome["round"])),
        ("With", words(&outcome["holder"])),
        ("Since (as said)", word(&outcome["since"])),
        (
            "Reviews",
            format!(
                "{} of {} internal, {} of {} external",
                word(&quorum["internal"]),
                word(&quorum["internal_least"]),
                word(&quorum["external"]),
                word(&quorum["external_least"])
            ),
        ),
        ("Seal", word(&outcome["seal"])),
        ("You can", words(&outcome["may"])),
    ]);
    let mut asked = Table::new(&["round", "reviewer", "side", "said", "recommends"]);
    for item in items(&outcome["reviewers"]) {
        asked.row(vec![
            word(&item["round"]),
            who(item),
            word(&item["side"]),
            [word(&item["said"]), word(&item["reason"])].join(" ").trim().to_owned(),
            word(&item["review"]["recommendation"]),
        ]);
    }
    told += &format!("\n{}", asked.render());
    let mut events = Table::new(&["when (as said)", "what", "who", "note"]);
    for item in items(&outcome["events"]) {
        let by = match (word(&item["actor"]), word(&item["org"])) {
            (name, org) if name.is_empty() => org,
            (name, org) => format!("{name}, {org}"),
        };
        let whom = if item["whom"].is_object() { who(&item["whom"]) } else { String::new() };
        let what = [word(&item["type"]), whom, word(&item["outcome"]), word(&item["reason"])];
        let what: Vec<String> = what.into_iter().filter(|part| !part.is_empty()).collect();
        events.row(vec![word(&item["claimed_at"]), what.join(" "), by, word(&item["note"])]);
    }
    told += &format!("\n{}", events.render());
    for item in items(&outcome["refused"]) {
        told += &format!(
            "\nDoes not count: {} of {}: {}",
            word(&item["type"]),
            word(&item["org"]),
            word(&item["refused"])
        );
    }
    let mut free = items(&outcome["candidates"]).peekable();
    if free.peek().is_some() {
        let mut table = Table::new(&["certificate", "can be invited"]);
        for item in free {
            table.row(vec![short(&item["certificate"]), who(item)]);
        }
        told += &format!("\n{}", table.render());
    }
    told
}

/// The seals of an edition, in a line.
pub(super) fn sealed_by(outcome: &Value) -> String {
    let seals = items(&outcome["seals"]).map(|seal| {
        let reviews = count(seal["reviews"].as_u64().unwrap_or(0), "review", "reviews");
        format!("{} ({}, {reviews})", word(&seal["org"]), word(&seal["policy"]))
    });
    seals.collect::<Vec<_>>().join("; ")
}

pub(crate) fn seals(outcome: &Value) -> String {
    facts(&[
        ("Edition", word(&outcome["edition"])),
        ("Its id", word(&outcome["edition_id"])),
        ("Sealed", word(&outcome["sealed"])),
        ("Sealed by", sealed_by(outcome)),
        ("Reason", word(&outcome["reason"])),
    ])
}
