//! What came of writing and reading, in sentences.

use serde_json::Value;

use crate::cli::answers::{bytes, count};

/// What was written.
pub(super) fn written(outcome: &Value) -> String {
    let number = |member: &str| outcome[member].as_u64().unwrap_or(0);
    let files = outcome["files"].as_array().map_or(&[][..], Vec::as_slice);
    let name = |file: Option<&Value>| file.and_then(Value::as_str).unwrap_or_default().to_owned();
    let file = match files {
        [first, .., last] => {
            format!("{} files, {} to {},", files.len(), name(Some(first)), name(Some(last)))
        }
        _ if outcome["stick"] == true => {
            format!("this node's bundle on the stick, {}", name(files.first()))
        }
        _ => format!("the single file {}", name(files.first())),
    };
    let drafts = match number("drafts") {
        0 => String::new(),
        drafts => format!(" and {}", count(drafts, "draft", "drafts")),
    };
    let mut told = format!(
        "Wrote {}{drafts} to {file}: {} in all.\n",
        count(number("objects"), "object", "objects"),
        bytes(&outcome["bytes"]),
    );
    if let Some(reader) = outcome["for"].as_str() {
        told += &format!("It is for {reader} alone: whoever carries it cannot read it.\n");
        if number("known") > 0 {
            let known = count(number("known"), "object", "objects");
            told += &format!("Left out {known} that {reader} said to hold.\n");
        }
    }
    if files.len() > 1 {
        told += "Each can be read by itself, in any order; with all of them everything is there.\n";
    }
    if number("left_out") > 0 {
        let left_out = count(number("left_out"), "object", "objects");
        told += &format!(
            "{left_out} had no room. Once others have written back to the same stick, the rest goes first.\n"
        );
    }
    if number("too_large") > 0 {
        let drafts = count(number("too_large"), "draft", "drafts");
        told += &format!(
            "Left out {drafts} too large to travel in a bundle: a link takes none of these either.\n"
        );
    }
    if outcome["knocks"] == true {
        told += "This node is no member yet: its request to join is in the bundle. Take it to the organisation that invited you, and read what it writes back.\n";
    }
    told
}

/// What was read.
pub(super) fn read(outcome: &Value) -> String {
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let refused =
        outcome["refused"].as_array().map_or(0, Vec::len) as u64 + number(&outcome["refused_more"]);
    let mut told = format!(
        "{} new, {} known, {refused} refused.\n",
        number(&outcome["new"]),
        number(&outcome["known"])
    );
    for file in outcome["files"].as_array().into_iter().flatten() {
        let name = file["file"].as_str().unwrap_or_default();
        if file["older"] == true {
            told += &format!("Passed over {name}: a later bundle of its writer was read before.\n");
        }
        if let Some(to) = file["for"].as_str() {
            told += &format!("Passed over {name}: it is for {to}.\n");
        }
        if let Some(left_out) = file["left_out"].as_u64() {
            let left_out = count(left_out, "object", "objects");
            told += &format!(
                "{name} is without {left_out}, which had no room or could not be written.\n"
            );
        }
    }
    for bundle in outcome["volumes"].as_array().into_iter().flatten() {
        let missing: Vec<String> =
            bundle["missing"].as_array().into_iter().flatten().map(Value::to_string).collect();
        told += &format!(
            "Of {} volumes, {} {} not read yet.\n",
            number(&bundle["of"]),
            missing.join(", "),
            if missing.len() == 1 { "was" } else { "were" },
        );
    }
    for knock in outcome["knocks"].as_array().into_iter().flatten() {
        let name = knock["name"].as_str().unwrap_or("An organisation");
        told += &match (knock["state"].as_str(), knock["reason"].as_str()) {
            (Some("member"), _) => format!("{name}: its node is one of a member.\n"),
            (Some("waiting"), _) => {
                format!(
                    "{name} asks to join. `tern members` shows whether it has to be approved; then write a bundle for it.\n"
                )
            }
            (Some("elsewhere"), _) => {
                format!("{name} asks to join, at another organisation that invited it.\n")
            }
            (_, why) => format!(
                "{name} asks to join and is refused: {}.\n",
                why.unwrap_or("no reason is given")
            ),
        };
    }
    told
}
