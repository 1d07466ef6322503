//! Drafts: who sees them, what of them is held back, and what became of that.

use serde_json::Value;

use super::practice::diff;
use super::{count, items, short, word};

/// As much of the name of a change as tells it apart, and can be typed.
const CHANGE_SHOWN: usize = 12;

fn change(value: &Value) -> String {
    word(value).chars().take(CHANGE_SHOWN).collect()
}

fn who(value: &Value) -> String {
    match (word(&value["person"]), word(&value["org"])) {
        (person, org) if person.is_empty() => format!("a person of {org}"),
        (person, org) => format!("{person} of {org}"),
    }
}

fn all(values: &Value) -> String {
    items(values).map(who).collect::<Vec<_>>().join(", ")
}

/// With whom a draft is shared; nothing if with nobody.
pub(super) fn seen_by(shared: &Value) -> String {
    let names: Vec<String> = items(&shared["orgs"]).map(|org| word(&org["name"])).collect();
    match (shared.is_object(), names.is_empty()) {
        (false, _) => String::new(),
        (true, true) => format!("only {}", word(&shared["owner"]["name"])),
        (true, false) => {
            format!("{} (began it), {}", word(&shared["owner"]["name"]), names.join(", "))
        }
    }
}

/// How the others are reached who see a draft, a line each.
pub(super) fn reached(shared: &Value) -> String {
    let all = std::iter::once(&shared["owner"]).chain(items(&shared["orgs"]));
    let told = all.filter(|org| org["reach"].is_object());
    told.map(|org| way(&word(&org["name"]), &org["reach"])).collect::<Vec<_>>().join("; ")
}

/// How one of them is reached.
pub(super) fn way(name: &str, reach: &Value) -> String {
    let sent = match word(&reach["sent"]) {
        at if at.is_empty() => at,
        at => format!(" (what was sent that way at {at} has not arrived as far as is known)"),
    };
    match (reach["linked"] == true, word(&reach["heard"])) {
        (true, _) => format!("{name} by a link, open now"),
        (false, at) if at.is_empty() => format!("{name} by no link, nor through others yet{sent}"),
        (false, at) => format!("{name} through others, last heard of at {at}{sent}"),
    }
}

/// What of a draft is shown because somebody adopted it, a line each.
pub(super) fn adopted_by(outcome: &Value) -> String {
    let told = items(&outcome["adopted"]).map(|adopted| {
        let reason = word(&adopted["reason"]);
        let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
        format!("{}, adopted by {}{reason}", who(&adopted["of"]), who(&adopted["by"]))
    });
    told.collect::<Vec<_>>().join("; ")
}

/// What of a draft is held back, and what can be done.
pub(super) fn held(outcome: &Value) -> String {
    let id = short(&outcome["id"]);
    items(&outcome["held"]).map(|held| held_back(&id, held)).collect()
}

/// The comments of a draft, for those who write it.
pub(super) fn comments(outcome: &Value) -> String {
    let mut told = String::new();
    for one in items(&outcome["comments"]) {
        let on = match (word(&one["answers"]), word(&one["quote"])) {
            (answers, _) if !answers.is_empty() => format!("answers {answers}"),
            (_, quote) if quote.is_empty() => format!("on {}", word(&one["field"])),
            (_, quote) if one["stands"] == true => format!("on {}: “{quote}”", word(&one["field"])),
            (_, quote) => format!("on {}: “{quote}”, changed since", word(&one["field"])),
        };
        let done = if one["resolved"] == true { ", done" } else { "" };
        told += &format!(
            "\nComment {} by {}, {} (as said), {on}{done}\n  {}\n",
            word(&one["id"]),
            who(one),
            word(&one["claimed_at"]),
            word(&one["text"]).replace('\n', "\n  ")
        );
    }
    told
}

pub(crate) fn commented(outcome: &Value) -> String {
    word(&outcome["comment"])
}

fn held_back(id: &str, held: &Value) -> String {
    let changes = held["changes"].as_u64().unwrap_or(0);
    let mut told = format!(
        "\nHeld back: {} by {} ({} bytes), {}\n",
        count(changes, "change", "changes"),
        all(&held["by"]),
        held["bytes"],
        change(&held["change"])
    );
    for ended in items(&held["revoked"]) {
        told += &match word(&ended["reason"]).as_str() {
            "removed" => format!(
                "  The organisation of {} was removed, and this is not on the list of what stands.\n",
                who(ended)
            ),
            reason => format!(
                "  The certificate of {} was revoked ({reason}), and this is not on the list of what stands.\n",
                who(ended)
            ),
        };
    }
    if held["lost"] == true {
        told += "  Two branches were written as one and the same: this one is not shown, the other is.\n";
    }
    let differences = diff(&serde_json::json!({ "items": held["differences"] }));
    told += &match (held["differences"].is_array(), held["differences"][0].is_object()) {
        (false, _) => "  What it says cannot be put together here.\n".to_owned(),
        (true, false) => "  It would change nothing of what is shown.\n".to_owned(),
        (true, true) => differences.lines().map(|line| format!("  {line}\n")).collect(),
    };
    let name = change(&held["change"]);
    told += &match (held["away"] == true, held["way"].as_str()) {
        (true, _) => format!(
            "  Put away. To bring it back: tern practice put-away {id} --change {name} --back\n"
        ),
        (false, Some("adopt")) if held["ours"] == true => {
            format!(
                "  If you know it to be honest work: tern practice adopt {id} --change {name}\n  To write only what this organisation wrote, under your name: tern practice take-over {id} --change {name}\n"
            )
        }
        (false, Some("adopt")) => format!(
            "  If you know it to be honest work: tern practice adopt {id} --change {name}\n"
        ),
        (false, Some("take-over")) => format!(
            "  To write it into what is shown, under your name: tern practice take-over {id} --change {name}\n"
        ),
        (false, _) => String::new(),
    };
    told
}

pub(crate) fn adopted(outcome: &Value) -> String {
    match outcome["change"].is_string() {
        true => format!(
            "{}\nAdopted. It is shown here, and wherever this arrives, with your name.\n",
            word(&outcome["id"])
        ),
        false => super::published(outcome),
    }
}

pub(crate) fn taken_over(outcome: &Value) -> String {
    let clashes: Vec<String> = items(&outcome["clashes"]).map(word).collect();
    let mut told = format!("{}\nWritten into the draft, under your name.\n", word(&outcome["id"]));
    if !clashes.is_empty() {
        told += &format!("Please read what both branches changed: {}.\n", clashes.join(", "));
    }
    told
}

pub(crate) fn put_away(outcome: &Value) -> String {
    let done = match outcome["away"] == true {
        true => "Put away. Nothing was deleted; --back brings it back.",
        false => "Brought back.",
    };
    format!("{}\n{done}\n", word(&outcome["id"]))
}
