//! What links cost.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::{bytes, count, items, word};

/// What is spent for, by its code, in the order in which it is told.
const PURPOSES: [(&str, &str); 6] = [
    ("requests", "requests and answers"),
    ("library", "practices, drafts and public records"),
    ("files", "files beside practices"),
    ("authority", "who may say what"),
    ("finding", "finding out what is lacking"),
    ("transport", "the transport itself, estimated"),
];

/// What holds, what was spent, what waits.
pub(crate) fn links(outcome: &Value) -> String {
    let costly = outcome["costly"].as_bool() == Some(true);
    let only = |told: String| if costly { told } else { String::new() };
    let told = [
        ("Beyond the LAN", class(outcome)),
        ("Contact", only(contacts(outcome))),
        ("Allowance", only(allowance(outcome))),
        ("Price", only(price(&outcome["price"]))),
        ("Spent", month(outcome)),
        ("Bill", amount(&outcome["bill"])),
        ("Last contact", word(&outcome["last_contact"])),
        ("Next contact", only(next(outcome))),
        ("Waits", only(waiting(outcome))),
    ];
    let spent = &outcome["spent"];
    let mut table = Table::new(&["this month", "costly", "free"]);
    for (code, name) in PURPOSES {
        let cells = [&spent["costly"][code], &spent["free"][code]].map(bytes);
        table.row([vec![name.to_owned()], cells.to_vec()].concat());
    }
    let sums = [&spent["costly"]["bytes"], &spent["free"]["bytes"]].map(bytes);
    table.row([vec!["all".to_owned()], sums.to_vec()].concat());
    format!("{}\n{}", facts(&told), table.render())
}

/// The line of `tern status`.
pub(crate) fn link_line(link: &Value) -> String {
    if link["costly"].as_bool() != Some(true) {
        return class(link);
    }
    let parts = [class(link), month(link), amount(&link["bill"])];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

fn class(link: &Value) -> String {
    let class = word(&link["class"]);
    match (link["said"].as_bool(), link["costly"].as_bool()) {
        (Some(false), _) => "taken to be metered until you say: tern link set".into(),
        (_, Some(false)) => format!("{class}: costs nothing"),
        _ => class,
    }
}

fn contacts(link: &Value) -> String {
    let Some(minutes) = link["every_minutes"].as_u64() else { return String::new() };
    let every = match minutes {
        minutes if minutes % 1_440 == 0 => count(minutes / 1_440, "day", "days"),
        minutes if minutes % 60 == 0 => count(minutes / 60, "hour", "hours"),
        minutes => count(minutes, "minute", "minutes"),
    };
    let hours = match link["hours"].as_str() {
        Some(hours) => format!(", within the hours {hours} UTC"),
        None => String::new(),
    };
    format!("every {every} when nothing presses{hours}")
}

fn allowance(link: &Value) -> String {
    let used_up = match link["used_up"].as_bool() {
        Some(true) => {
            let ends = word(&link["month_ends"]);
            format!(", used up: requests and answers alone move until {ends}")
        }
        _ => {
            link["used_percent"].as_u64().map(|used| format!(", {used} % used")).unwrap_or_default()
        }
    };
    match link["monthly_bytes"].as_u64() {
        Some(_) => format!("{} a month{used_up}", bytes(&link["monthly_bytes"])),
        None => "no limit".into(),
    }
}

fn price(price: &Value) -> String {
    match price["per_mb"].as_str() {
        Some(sum) => format!("{sum} {} a megabyte", word(&price["currency"])),
        None => String::new(),
    }
}

fn amount(bill: &Value) -> String {
    match bill["amount"].as_str() {
        Some(sum) => format!("about {sum} {}", word(&bill["currency"])),
        None => String::new(),
    }
}

fn month(link: &Value) -> String {
    let costly = &link["spent"]["costly"];
    let contacts = count(costly["contacts"].as_u64().unwrap_or(0), "contact", "contacts");
    let month = word(&link["month"]);
    format!("{} that cost money in {month}, in {contacts}", bytes(&costly["bytes"]))
}

fn next(link: &Value) -> String {
    match (link["in_contact"].as_bool(), link["next_contact"].as_str()) {
        (Some(true), _) => "being made now".into(),
        (_, Some(next)) => next.to_owned(),
        _ => String::new(),
    }
}

fn waiting(link: &Value) -> String {
    let told = items(&link["waiting"]).filter(|set| set["objects"].as_u64() != Some(0));
    let told: Vec<String> = told
        .map(|set| {
            let (one, many) = match set["set"].as_str() {
                Some("requests") => ("parcel of requests", "parcels of requests"),
                Some("library") => ("practice or record", "practices and records"),
                _ => ("record of who may say what", "records of who may say what"),
            };
            let objects = count(set["objects"].as_u64().unwrap_or(0), one, many);
            match set["bytes"].as_u64() {
                Some(_) => format!("{objects}, about {}", bytes(&set["bytes"])),
                None => objects,
            }
        })
        .collect();
    if told.is_empty() { "nothing".into() } else { told.join("; ") }
}
