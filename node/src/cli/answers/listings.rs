//! Collections and resources, for people to read.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::blobs::blob_estimate;
use super::{items, short, text, who, word, words};

fn withdrawn(outcome: &Value) -> String {
    let gone = &outcome["withdrawn"];
    let parts = [word(&gone["reason"]), text(&gone["text"])];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What is told of both sorts.
fn common(outcome: &Value) -> Vec<(&'static str, String)> {
    let beside = outcome["beside"].as_u64().filter(|beside| *beside > 0);
    let beside = beside.map(|number| {
        format!("{number} more, said without knowing of this one: `edit` brings them together")
    });
    vec![
        ("Id", word(&outcome["id"])),
        ("Title", text(&outcome["title"])),
        ("Withdrawn", withdrawn(outcome)),
        ("By", who(outcome)),
        ("Said (as claimed)", word(&outcome["claimed_at"])),
        ("Other wordings", beside.unwrap_or_default()),
    ]
}

pub(crate) fn collections(outcome: &Value) -> String {
    let mut table = Table::new(&["id", "title", "by", "items", "said (as claimed)"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            short(&item["id"]),
            text(&item["title"]),
            word(&item["org"]),
            word(&item["items"]),
            word(&item["claimed_at"]),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "No collections: tern collection new FILE makes one".into();
    }
    table.render()
}

pub(crate) fn collection(outcome: &Value) -> String {
    let mut told = facts(&common(outcome));
    let about = text(&outcome["text"]);
    if !about.is_empty() {
        told += &format!("\n{about}\n");
    }
    let mut table = Table::new(&["", "what", "title", "from", "edition", "here", "note"]);
    for (at, item) in items(&outcome["items"]).enumerate() {
        let thing = if item["practice"].is_string() { "practice" } else { "resource" };
        let here = match (item["held"] == true, item["withdrawn"] == true) {
            (false, _) => "missing",
            (true, true) => "withdrawn",
            (true, false) => "yes",
        };
        table.row(vec![
            (at + 1).to_string(),
            word(&item[thing]),
            word(&item["title"]),
            word(&item["org"]),
            word(&item["number"]),
            here.into(),
            text(&item["note"]),
        ]);
    }
    told += &format!("\n{}", table.render());
    if outcome["keeping"].is_object() {
        told += &format!("\n{}\n", kept(&outcome["keeping"]));
    }
    told
}

pub(crate) fn resources(outcome: &Value) -> String {
    let mut table = Table::new(&["id", "type", "title", "publisher", "date", "listed by"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            short(&item["id"]),
            word(&item["type"]),
            text(&item["title"]),
            word(&item["publisher"]),
            word(&item["date"]),
            word(&item["org"]),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "No resources: tern resource new FILE lists one".into();
    }
    table.render()
}

pub(crate) fn resource(outcome: &Value) -> String {
    let mut lines = common(outcome);
    lines.extend([
        ("Type", word(&outcome["type"])),
        ("Publisher", word(&outcome["publisher"])),
        ("Date", word(&outcome["date"])),
        ("Objectives", words(&outcome["objectives"])),
        ("Countries", words(&outcome["countries"])),
        ("Languages", words(&outcome["languages"])),
        ("Address", word(&outcome["url"])),
        ("File", word(&outcome["file"]["name"])),
        ("Hash", word(&outcome["file"]["hash"])),
        ("Licence", word(&outcome["licence"])),
    ]);
    let mut told = facts(&lines);
    let about = text(&outcome["abstract"]);
    if !about.is_empty() {
        told += &format!("\n{about}\n");
    }
    told
}

pub(crate) fn kept(outcome: &Value) -> String {
    let (files, here) = (&outcome["files"], &outcome["here"]);
    if files == 0 {
        let kept = if outcome["kept"] == true { "It is kept here" } else { "It is not kept here" };
        return format!("{kept}; its practices and resources name no files.");
    }
    let kept = if outcome["kept"] == true { "Its files are kept here" } else { "Not kept here" };
    let mut told = format!("{kept}: {} of {} files are whole.", word(here), word(files));
    if here != files {
        told += &format!("\n{}", blob_estimate(outcome));
    }
    told
}
