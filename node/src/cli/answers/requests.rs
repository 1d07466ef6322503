//! Experts and requests, for people to read.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::{count, items, short, word, words};

fn shown(name: &Value, org: &Value) -> String {
    match (word(name), word(org)) {
        (name, org) if name.is_empty() => format!("a person of {org}"),
        (name, org) if org.is_empty() => name,
        (name, org) => format!("{name}, {org}"),
    }
}

pub(crate) fn experts(outcome: &Value) -> String {
    let mut table = Table::new(&["id", "name", "organisation", "objectives", "languages", "state"]);
    for item in items(&outcome["items"]) {
        let card = &item["card"];
        let languages: Vec<String> =
            items(&card["languages"]).map(|language| word(&language["tag"])).collect();
        table.row(vec![
            short(&item["id"]),
            word(&item["name"]),
            word(&item["org"]),
            words(&card["objectives"]),
            languages.join(", "),
            word(&item["state"]),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "No experts yet: tern expert card FILE".into();
    }
    table.render()
}

pub(crate) fn matched(outcome: &Value) -> String {
    let mut table = Table::new(&["score", "expert", "name", "organisation", "because"]);
    for item in items(&outcome["items"]) {
        let parts = item["parts"].as_object();
        let because: Vec<String> = parts
            .into_iter()
            .flatten()
            .map(|(part, points)| format!("{part} {} of {}", points["points"], points["of"]))
            .collect();
        table.row(vec![
            word(&item["score"]),
            short(&item["expert"]),
            word(&item["name"]),
            word(&item["org"]),
            because.join(", "),
        ]);
    }
    let mut told = match items(&outcome["items"]).next() {
        None => "No expert that is known here fits this request.\n".to_owned(),
        Some(_) => table.render(),
    };
    for item in items(&outcome["left_out"]) {
        told += &format!(
            "Not asked: {}: {}\n",
            shown(&item["name"], &item["org"]),
            word(&item["reason"])
        );
    }
    told + &comparable(outcome)
}

fn comparable(outcome: &Value) -> String {
    let mut told = String::new();
    for item in items(&outcome["comparable"]) {
        told += &format!(
            "Others did: {} {} ({})\n",
            short(&item["id"]),
            word(&item["title"]),
            word(&item["org"])
        );
    }
    told
}

pub(crate) fn asked(outcome: &Value) -> String {
    let to: Vec<String> =
        items(&outcome["to"]).map(|one| shown(&one["name"], &one["org"])).collect();
    format!("{}\nSent to: {}\n{}", word(&outcome["id"]), to.join("; "), comparable(outcome))
}

pub(crate) fn opened(_: &Value) -> String {
    "Requests for you can be read until the node stops: tern request list".into()
}

const LOCKED: &str = "Some may wait unread, because a key is locked: tern request open\n";

pub(crate) fn requests(outcome: &Value) -> String {
    let locked = if outcome["locked"] == true { LOCKED } else { "" };
    let mut table = Table::new(&["id", "state", "by", "organisation", "title", "waits for you"]);
    let told = |item: &Value| match item["state"] == "closed" && item["waits"] == true {
        true => "yes: say what became of it",
        false if item["waits"] == true => "yes",
        false => "",
    };
    for item in items(&outcome["items"]) {
        table.row(vec![
            short(&item["id"]),
            word(&item["state"]),
            word(&item["due"]),
            word(&item["org"]),
            word(&item["title"]),
            told(item).into(),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return format!("No requests: tern request ask FILE\n{locked}");
    }
    table.render() + locked
}

pub(crate) fn acted(outcome: &Value) -> String {
    format!("{} is {} now", short(&outcome["id"]), word(&outcome["state"]).replace('_', " "))
}

pub(crate) fn board(outcome: &Value) -> String {
    let mut table = Table::new(&["id", "needed by", "objectives", "where", "languages", "title"]);
    for item in items(&outcome["items"]) {
        let place = [&item["organisation"], &item["country"], &item["region"]];
        let place: Vec<String> =
            place.into_iter().map(word).filter(|word| !word.is_empty()).collect();
        table.row(vec![
            short(&item["id"]),
            word(&item["needed_by"]),
            words(&item["objectives"]),
            place.join(", "),
            words(&item["languages"]),
            word(&item["title"]),
        ]);
    }
    if items(&outcome["items"]).next().is_none() {
        return "Nothing is on the board.".into();
    }
    table.render() + "Offer help: tern request offer-help ID TEXT\n"
}

pub(crate) fn posted(outcome: &Value) -> String {
    format!("{} stands on the board", word(&outcome["need"]))
}

pub(crate) fn helped(_: &Value) -> String {
    "Sealed for those who posted it. They ask you if it fits: tern request list".into()
}

/// How far those who asked looked for somebody.
fn looked(outcome: &Value) -> String {
    match outcome["step"].as_str() {
        Some("wider") => "step 2 of 4: in all languages".into(),
        Some("desks") => format!("step 3 of 4: at the desks of {}", words(&outcome["desks"])),
        Some("board") => "step 4 of 4: on the board".into(),
        _ => "step 1 of 4: among those who fit".into(),
    }
}

/// What was asked back and said on the way.
fn beside(outcome: &Value) -> String {
    let said = |item: &Value| {
        let who = shown(&item["by"], &item["org"]);
        format!("{who}, {}: {}", word(&item["at"]), word(&item["text"]))
    };
    let mut told = String::new();
    for item in items(&outcome["questions"]) {
        told += &format!("\nAsked back by {} ({})\n", said(item), short(&item["id"]));
        for reply in items(&item["replies"]) {
            told += &format!("  {}\n", said(reply));
        }
        if items(&item["replies"]).next().is_none() {
            told += "  No reply yet: tern request reply\n";
        }
    }
    for item in items(&outcome["progress"]) {
        told += &format!("\nHow far it is: {}\n", said(item));
    }
    for item in items(&outcome["named"]) {
        told += &format!(
            "\n{} names {}{} ({}) {}\n",
            shown(&item["by"], &item["by_org"]),
            shown(&item["name"], &item["org"]),
            if item["asked"] == true { ", who is asked now" } else { "" },
            short(&item["expert"]),
            word(&item["note"]),
        );
    }
    for item in items(&outcome["helps"]) {
        told += &format!(
            "\nOffers help: {}{} ({}) {}\n",
            shown(&item["name"], &item["org"]),
            if item["asked"] == true { ", who is asked now" } else { "" },
            short(&item["expert"]),
            word(&item["text"]),
        );
    }
    if outcome["disputed"].is_object() {
        told += &format!("\nMissing of the answer: {}\n", said(&outcome["disputed"]));
    }
    if outcome["became"].is_object() {
        let outcome = &outcome["became"];
        told +=
            &format!("\nWhat became of it: {} ({})\n", word(&outcome["outcome"]), said(outcome));
    }
    told
}

/// What is to be translated, and what came of it.
fn translation(asked: &Value) -> String {
    if !asked.is_object() {
        return String::new();
    }
    let mut told = format!(
        "\nTo be translated into {}: edition {} of {} ({})\n",
        word(&asked["language"]),
        word(&asked["number"]),
        word(&asked["title"]),
        short(&asked["practice"]),
    );
    let came = &asked["translated"];
    if came.is_object() {
        let (org, number) = (word(&came["org"]), word(&came["number"]));
        told += &format!("  {org} translated edition {number}, {}\n", word(&came["at"]));
    } else {
        told += "  Nobody did yet: tern practice translate\n";
    }
    told
}

pub(crate) fn request(outcome: &Value) -> String {
    let mut told = facts(&[
        ("Request", word(&outcome["id"])),
        ("Title", word(&outcome["title"])),
        ("State", word(&outcome["state"]).replace('_', " ")),
        ("Asked by", shown(&outcome["asker"], &outcome["org"])),
        ("In the hands of", word(&outcome["holder"])),
        ("Needed by", word(&outcome["due"])),
        ("Looked for", looked(outcome)),
        ("Told what became of it", word(&outcome["follow_up"])),
        ("You can", words(&outcome["may"])),
    ]);
    told += &translation(&outcome["translate"]);
    told += &format!("\n{}\n", word(&outcome["request"]["need"]));
    let mut asked = Table::new(&["asked", "organisation", "said", "score"]);
    for item in items(&outcome["candidates"]) {
        asked.row(vec![
            word(&item["name"]),
            word(&item["org"]),
            word(&item["said"]),
            word(&item["score"]),
        ]);
    }
    told += &format!("\n{}", asked.render());
    told += &beside(outcome);
    let mut events = Table::new(&["when", "what", "who", "organisation", "note"]);
    for item in items(&outcome["events"]) {
        events.row(vec![
            word(&item["claimed_at"]),
            word(&item["type"]),
            word(&item["actor"]),
            word(&item["org"]),
            word(&item["note"]),
        ]);
    }
    told += &format!("\n{}", events.render());
    let mut way = Table::new(&["when", "the request was", "at a node of"]);
    for item in items(&outcome["receipts"]) {
        way.row(vec![word(&item["at"]), word(&item["stage"]), word(&item["org"])]);
    }
    told += &format!("\n{}", way.render());
    for item in items(&outcome["refused"]) {
        told += &format!(
            "\nRefused: {} by {}: {}",
            word(&item["type"]),
            shown(&item["actor"], &item["org"]),
            word(&item["reason"])
        );
    }
    if let Some(answer) = outcome["answer"].as_object() {
        let practices = answer.get("practices").unwrap_or(&Value::Null);
        told += &format!(
            "\nAnswer of {}\n\n{}\n",
            shown(&outcome["answer"]["by"], &outcome["answer"]["org"]),
            word(&outcome["answer"]["text"])
        );
        let cited = items(practices).count() as u64;
        if cited > 0 {
            told += &format!(
                "\nIt cites {}: {}\n",
                count(cited, "practice", "practices"),
                words(practices)
            );
        }
    }
    told
}
