//! Discussions, for people to read.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::{count, items, short, text, who, word, words};

pub(crate) fn discussions(outcome: &Value) -> String {
    let mut table = Table::new(&[
        "id",
        "state",
        "title",
        "moderated by",
        "languages",
        "posts",
        "last (as said)",
    ]);
    for item in items(&outcome["items"]) {
        let title = word(&item["title"]);
        table.row(vec![
            short(&item["id"]),
            word(&item["state"]),
            if item["of_practice"] == true { format!("Questions about: {title}") } else { title },
            words(&item["moderators"]),
            words(&item["languages"]),
            word(&item["posts"]),
            word(&item["last"]),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "No discussions: tern discuss open FILE, or tern discuss post PRACTICE TEXT to ask the authors of a practice".into();
    }
    table.render()
}

/// What moderators advise, in lines.
fn advised(list: &Value, page: &mut String) {
    for item in items(list) {
        let followed = if item["followed"] == true { "" } else { " (not followed here)" };
        let words = word(&item["text"]);
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        *page += &format!(
            "  {} advises to {}, {}{followed}{words}\n",
            word(&item["org"]),
            word(&item["advice"]),
            word(&item["reason"])
        );
    }
}

fn post(item: &Value, page: &mut String) {
    let answers = &item["answers"];
    let to = match answers["type"].as_str() {
        Some("question") => format!(", on question {}", word(&answers["question"])),
        Some("post") => format!(", to {}", short(&answers["post"])),
        _ => String::new(),
    };
    let edited = items(&item["wordings"]).count();
    let edited = if edited > 1 { format!(", in its wording {edited}") } else { String::new() };
    *page += &format!(
        "\n{} {}{to}, {} (as said), {}{edited}\n",
        word(&item["id"]),
        who(item),
        word(&item["claimed_at"]),
        word(&item["lang"])
    );
    advised(&item["advisories"], page);
    if item["hidden"].is_object() {
        let hidden = &item["hidden"];
        *page += &format!(
            "  Hidden by {}: {}. Its words are in --json.\n",
            word(&hidden["org"]),
            word(&hidden["reason"])
        );
        return;
    }
    for line in word(&item["text"]).lines() {
        *page += &format!("  {line}\n");
    }
    for translation in items(&item["translations"]) {
        let old = if translation["current"] == true { "" } else { ", of an earlier wording" };
        *page += &format!(
            "  [{}, {} by {}{old}]\n",
            word(&translation["lang"]),
            word(&translation["made"]),
            who(translation)
        );
        for line in word(&translation["text"]).lines() {
            *page += &format!("    {line}\n");
        }
    }
}

pub(crate) fn discussion(outcome: &Value) -> String {
    let form = &outcome["form"];
    let mut page = facts(&[
        ("Discussion", word(&outcome["id"])),
        ("Title", word(&outcome["title"])),
        ("Of the practice", word(&outcome["practice"])),
        ("Purpose", text(&form["purpose"])),
        ("State", word(&outcome["state"])),
        ("Why", word(&outcome["flaw"])),
        ("Opens", word(&form["opens"])),
        ("Closes", word(&form["closes"])),
        ("Moderated by", words(&outcome["moderators"])),
        ("You can", words(&outcome["may"])),
    ]);
    for (number, question) in items(&form["questions"]).enumerate() {
        page += &format!("Question {}: {}\n", number + 1, text(&question["text"]));
    }
    advised(&outcome["advisories"], &mut page);
    for item in items(&outcome["items"]) {
        post(item, &mut page);
    }
    for summary in items(&outcome["summaries"]) {
        page += "\nSummary";
        post(summary, &mut page);
    }
    for item in items(&outcome["refused"]) {
        page += &format!(
            "\nDoes not count: {} of {}: {}",
            word(&item["type"]),
            word(&item["org"]),
            word(&item["refused"])
        );
    }
    page
}

pub(crate) fn said_in_discussion(outcome: &Value) -> String {
    word(&outcome["post"])
}

pub(crate) fn post_taken_back(outcome: &Value) -> String {
    let erased = count(outcome["erased"].as_u64().unwrap_or(0), "record is", "records are");
    format!("{erased} gone here, and from every node that learns of it.")
}

pub(crate) fn post_reported(_: &Value) -> String {
    "Moderators on this node see the report. It goes to no other node.".into()
}

pub(crate) fn reports(outcome: &Value) -> String {
    let mut table = Table::new(&["when", "discussion", "post", "by", "reason", "words"]);
    for item in items(&outcome["items"]) {
        table.row(vec![
            word(&item["at"]),
            short(&item["discussion"]),
            word(&item["post"]),
            word(&item["account"]),
            word(&item["reason"]),
            word(&item["text"]),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "Nothing was reported on this node.".into();
    }
    table.render()
}

pub(crate) fn reports_settled(outcome: &Value) -> String {
    count(outcome["settled"].as_u64().unwrap_or(0), "report", "reports") + " settled."
}
