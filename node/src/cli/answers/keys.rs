//! Keys, statements and rekeyings.

use serde_json::Value;

use super::super::table::Table;
use super::{count, items, short, word};

pub(crate) fn keys(outcome: &Value) -> String {
    let mut table = Table::new(&["key", "of", "state", "where", "public half"]);
    for item in items(&outcome["items"]) {
        let place = match item["level"].as_str() {
            Some("plain") => "on this node, plain".into(),
            Some("wrapped") => "on this node, under a passphrase".into(),
            Some("sheet") => "on the recovery sheet".into(),
            Some("device") => "on a device".into(),
            Some("lost") => "not on this node, and nobody noted where".into(),
            Some("away") if item["place"].is_string() => word(&item["place"]),
            _ => "elsewhere".into(),
        };
        let public: String = word(&item["public"]).chars().take(16).collect();
        let state = word(&item["state"]).replace('-', " ");
        table.row(vec![word(&item["purpose"]), word(&item["owner"]), state, place, public]);
    }
    let sheet = match outcome["recovery_sheet"].as_str() {
        Some("to-take") => "\nThe recovery sheet has not been taken: tern key sheet\n",
        Some("none") => "\nThere is no next root key, and no recovery sheet: tern key rotate\n",
        _ => "",
    };
    table.render() + sheet
}

pub(crate) fn rotated(outcome: &Value) -> String {
    let root: String = word(&outcome["root"]).chars().take(16).collect();
    let stands = outcome["stands_by"].as_u64().unwrap_or(0);
    format!(
        "The organisation has another root key ({root}), another next one and another desk key.\nIt stands by {} made with the keys before.\n",
        count(stands, "decision", "decisions")
    )
}

pub(crate) fn signed(outcome: &Value) -> String {
    let says = items(&outcome["says"]).map(|line| format!("  {}\n", word(line)));
    format!("{}:\n{}", word(&outcome["file"]), says.collect::<String>())
}

pub(crate) fn submitted(outcome: &Value) -> String {
    let lines = items(&outcome["ids"]).zip(items(&outcome["says"]));
    lines.map(|(id, says)| format!("{}  {}\n", short(id), word(says))).collect()
}

pub(crate) fn rekeyed_org(outcome: &Value) -> String {
    let (name, fingerprint) = (word(&outcome["name"]), word(&outcome["fingerprint"]));
    if outcome["counts"] == true {
        let answer = match &outcome["answer"] {
            Value::Null => "It hears of it when its node reaches the one at which it asked. If it sent a file, send an answer back: repeat this with --answer FILE.".into(),
            file => format!("Send its people the answer: {}", word(file)),
        };
        return format!("The new root key of {name} counts: {fingerprint}\n{answer}\n");
    }
    let (approvals, needed) = (word(&outcome["approvals"]), word(&outcome["needed"]));
    let next = match &outcome["id"] {
        Value::Null => "Nothing is proposed yet: say why with --reason TEXT.".to_owned(),
        id => format!("Others approve it with: tern approve {}", short(id)),
    };
    format!(
        "{name} asks for the root key {fingerprint}.\nApproved by {approvals} of {needed} stewards that it needs.\n{next}\n"
    )
}
