//! The charter, what waits for approvals, and what was decided.

use serde_json::Value;

use super::super::table::facts;
use super::{count, items, named, short, text, word};
use crate::governing::grouped;

fn names(value: &Value) -> String {
    items(value).map(named).collect::<Vec<_>>().join(", ")
}

pub(crate) fn approved(outcome: &Value) -> String {
    let approved: Vec<String> = items(&outcome["approved"]).map(named).collect();
    let others = outcome["others"].as_u64().unwrap_or(0);
    let told = match approved.is_empty() {
        true if others > 0 => "No organisation waits to be admitted.".into(),
        true => "Nothing waits for approval.".into(),
        false => format!("Approved: {}", approved.join(", ")),
    };
    match others {
        0 => told,
        others => format!(
            "{told}\n{} for your approval: tern proposals",
            count(others, "more proposal waits", "more proposals wait")
        ),
    }
}

/// What was to be known before it was approved.
pub(crate) fn approved_notes(outcome: &Value) -> Vec<String> {
    items(&outcome["warnings"]).map(|warning| format!("WARNING: {}", word(warning))).collect()
}

pub(crate) fn governed_notes(outcome: &Value) -> Vec<String> {
    let notes = ["warning", "advice"].map(|key| word(&outcome[key]));
    notes.into_iter().filter(|note| !note.is_empty()).map(|note| capital(&note)).collect()
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// What differs, a line each.
fn changes(value: &Value) -> Vec<String> {
    let line = |change: &Value| {
        let (before, after) = (word(&change["before"]), word(&change["after"]));
        let code = word(&change["code"]);
        match (word(&change["field"]).as_str(), before.is_empty(), after.is_empty()) {
            ("steward", true, _) => format!("appoints {after} as a steward"),
            ("steward", ..) => format!("{before} is no steward any more"),
            ("policy", true, _) => format!("sets the policy {code}: {after}"),
            ("policy", _, true) => format!("takes out the policy {code}: {before}"),
            ("policy", ..) => format!("changes the policy {code} from: {before}; to: {after}"),
            ("recall", ..) => {
                format!("{after} members can replace the stewards (before: {before})")
            }
            (field, ..) => format!("changes the {field} from {before} to {after}"),
        }
    };
    items(value).map(line).collect()
}

fn heading(item: &Value) -> String {
    let org = named(&item["org"]);
    match word(&item["kind"]).as_str() {
        "charter" => format!("Charter {}", word(&item["charter"]["n"])),
        "admit" => format!("Admit {org}"),
        "suspend" => format!("Suspend {org}"),
        "lift" => format!("Lift the suspension of {org}"),
        "remove" => format!("Remove {org}"),
        "rekey" => format!("New keys for {org}"),
        other => format!("{other} {org}"),
    }
}

fn proposal(item: &Value) -> String {
    let mut lines = vec![heading(item)];
    lines.extend(changes(&item["changes"]));
    let mut tell = |what: &str, said: String| {
        if !said.is_empty() {
            lines.push(format!("{what}: {said}"));
        }
    };
    tell("reason", word(&item["reason"]));
    tell("country", word(&item["country"]));
    tell("fingerprint to compare", grouped(&word(&item["fingerprint"])));
    if item["invited_here"] == true {
        tell("invited by", "this organisation".into());
    }
    tell("approved by", names(&item["approved"]));
    let needed = item["needed"].as_u64().unwrap_or(0);
    let missing = names(&item["missing"]);
    if !missing.is_empty() {
        tell("missing", format!("{missing} ({} needed)", count(needed, "approval", "approvals")));
    }
    tell("new stewards that have to agree", names(&item["to_agree"]));
    if let Some(recall) = item["recall"].as_object() {
        let told = format!("{} of {}", word(&recall["approved"]), word(&recall["needed"]));
        tell("or recalled by members", told);
    }
    tell("others of the same country", names(&item["same_country"]));
    let warnings = items(&item["warnings"]).map(|warning| format!("WARNING: {}", word(warning)));
    lines.extend(warnings);
    let asked_here = item["kind"] == "rekey" && item["reason"].is_null();
    let (id, blocked) = (short(&item["id"]), word(&item["blocked"]));
    if asked_here && blocked.is_empty() {
        lines.push(format!(
            "It asked at this node. Compare the fingerprint with somebody you know there, then: tern rekey {id} --reason TEXT"
        ));
        return lines.join("\n  ");
    }
    lines.push(match (item["approved_here"] == true, blocked) {
        (true, _) => "This organisation has approved it.".into(),
        (false, blocked) if blocked.is_empty() => {
            format!("Approve it with: tern approve {id}")
        }
        (false, blocked) => format!("Not for this organisation: {blocked}"),
    });
    lines.join("\n  ")
}

pub(crate) fn proposals(outcome: &Value) -> String {
    let told: Vec<String> = items(&outcome["items"]).map(proposal).collect();
    if told.is_empty() { "Nothing waits for approvals.".into() } else { told.join("\n\n") }
}

fn stewards(outcome: &Value) -> String {
    let count = items(&outcome["stewards"]).count();
    let names = names(&outcome["stewards"]);
    match count {
        1 => format!("{names} (alone)"),
        _ => format!("{names} ({} of {count} decide)", word(&outcome["majority"])),
    }
}

fn recall(outcome: &Value) -> String {
    match outcome["recall"].as_u64() {
        Some(members @ 2..) => format!("{members} members can replace the stewards"),
        _ => "nobody can replace the stewards yet".into(),
    }
}

pub(crate) fn charter(outcome: &Value) -> String {
    let mut told = facts(&[
        ("Federation", text(&outcome["name"])),
        ("Fingerprint", grouped(&word(&outcome["fingerprint"]))),
        ("Charter", word(&outcome["n"])),
        ("Stewards", stewards(outcome)),
        ("Recall", recall(outcome)),
        ("Signed by", names(&outcome["signed"])),
        ("Id", word(&outcome["id"])),
    ]);
    for policy in items(&outcome["policies"]) {
        let (code, name) = (word(&policy["code"]), word(&policy["name"]));
        let heading = if code == name { code } else { format!("{name} ({code})") };
        told += &format!("\n{heading}\n  {}\n", word(&policy["text"]).replace('\n', "\n  "));
    }
    told
}

pub(crate) fn charter_log(outcome: &Value) -> String {
    let version = |item: &Value| {
        let mut lines = vec![format!("Charter {}  {}", word(&item["n"]), short(&item["id"]))];
        if items(&item["changes"]).next().is_none() {
            lines.push(format!("founds {}, stewards: {}", text(&item["name"]), stewards(item)));
        }
        lines.extend(changes(&item["changes"]));
        lines.push(format!("signed by {}", names(&item["signed"])));
        lines.join("\n  ")
    };
    items(&outcome["items"]).map(version).collect::<Vec<_>>().join("\n\n")
}

pub(crate) fn charter_proposed(outcome: &Value) -> String {
    let number = word(&outcome["n"]);
    let mut lines = changes(&outcome["changes"]);
    lines.insert(
        0,
        match outcome["in_force"] == true {
            true => format!("Charter {number} is in force."),
            false => format!("Charter {number} is proposed: {}", word(&outcome["id"])),
        },
    );
    lines.extend(items(&outcome["needs"]).map(|need| format!("still needed: {}", word(need))));
    lines.join("\n  ")
}

pub(crate) fn decided(outcome: &Value) -> String {
    let org = named(&outcome["org"]);
    if outcome["in_force"] == true {
        return format!("{org}: {} now.", word(&outcome["state"]));
    }
    format!(
        "Proposed for {org}, approved by {} of {} stewards. The others approve it with: tern approve {}",
        word(&outcome["approvals"]),
        word(&outcome["needed"]),
        short(&outcome["id"])
    )
}

pub(crate) fn left(_: &Value) -> String {
    "This organisation has left. Others learn it when they are met next.".into()
}

pub(crate) fn revoked(outcome: &Value) -> String {
    let ids: Vec<String> = items(&outcome["certificates"]).map(short).collect();
    let stands = outcome["stands"].as_u64().unwrap_or(0);
    format!(
        "Revoked: {}. {} of what was signed under it {} held here and {}.",
        ids.join(", "),
        count(stands, "piece", "pieces"),
        if stands == 1 { "is" } else { "are" },
        if stands == 1 { "stands" } else { "stand" },
    )
}
