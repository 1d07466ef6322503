//! Accounts: who has one, and what became of passwords and keys.

use serde_json::Value;

use super::super::session::UNWRAPPED;
use super::super::table::Table;
use super::{count, items, named, short, word, words};

pub(crate) fn account_added(outcome: &Value) -> String {
    format!("Account {} is made.", word(&outcome["name"]))
}

pub(crate) fn accounts(outcome: &Value) -> String {
    let mut table = Table::new(&["account", "person", "roles", "key"]);
    for item in items(&outcome["items"]) {
        let key = match item["wrapped"].as_bool() {
            Some(true) => "under a passphrase",
            Some(false) => "plain",
            None => "",
        };
        let (name, person) = (word(&item["name"]), named(&item["person"]));
        table.row(vec![name, person, words(&item["roles"]), key.into()]);
    }
    table.render()
}

pub(crate) fn link(outcome: &Value) -> String {
    word(&outcome["link"])
}

pub(crate) fn link_notes(outcome: &Value) -> Vec<String> {
    let name = word(&outcome["name"]);
    vec![format!("Signs {name} in, once, until {}.", word(&outcome["expires"]))]
}

pub(crate) fn reset_notes(outcome: &Value) -> Vec<String> {
    let name = word(&outcome["name"]);
    vec![format!(
        "{name} has no password now and is signed in nowhere. With this link they set a new one, once, until {}.",
        word(&outcome["expires"])
    )]
}

pub(crate) fn rekeyed_notes(outcome: &Value) -> Vec<String> {
    let plain = outcome["wrapped"] == false;
    plain.then(|| UNWRAPPED.to_owned()).into_iter().collect()
}

pub(crate) fn rekeyed(outcome: &Value) -> String {
    let name = word(&outcome["name"]);
    let mut told = match outcome["new"].as_bool() {
        Some(false) => format!("The keys of {name} open: they were left as they are.\n"),
        _ => format!("{name} has new keys.\n"),
    };
    let certificate = short(&outcome["id"]);
    if !certificate.is_empty() {
        told += &format!("Certificate: {certificate}\n");
    }
    if outcome["card"] == true {
        told += "The expert card is shown for it.\n";
    }
    for card in items(&outcome["cards_before"]) {
        told += &format!(
            "A card of the key before is still shown ({}): a publisher, moderator or focal point whose key opens can have it taken back by repeating this.\n",
            short(card)
        );
    }
    for id in items(&outcome["before"]) {
        told += &format!("Valid until revoked, with tern cert revoke: {}\n", short(id));
    }
    told += "The keys before are set aside. What was encrypted to them alone opens if their passphrase is found; what the organisation's desk reads is not lost.\n";
    let mut table = Table::new(&["open request", "state", "side", "can be done"]);
    for item in items(&outcome["requests"]) {
        let may = words(&item["may"]);
        let may = if may.is_empty() { "nothing with the new key".into() } else { may };
        table.row(vec![short(&item["id"]), word(&item["state"]), word(&item["side"]), may]);
    }
    if items(&outcome["requests"]).next().is_some() {
        told += &format!("\n{}", table.render());
    }
    told
}

pub(crate) fn name_erased(outcome: &Value) -> String {
    match outcome["erased"].as_u64() {
        Some(0) | None => "No name was shown.\n".to_owned(),
        Some(_) => "The name is taken back, here and wherever this arrives.\n".to_owned(),
    }
}

pub(crate) fn departed(outcome: &Value) -> String {
    let how_many = |list: &Value, one, many| count(items(list).count() as u64, one, many);
    let mut told = format!("Account {} is removed.\n", word(&outcome["name"]));
    let to = word(&outcome["to"]);
    if !to.is_empty() {
        told += &format!(
            "{to} goes on with {} and {}.\n",
            how_many(&outcome["moved"]["drafts"], "draft", "drafts"),
            how_many(&outcome["moved"]["requests"], "request", "requests")
        );
    }
    if items(&outcome["declined"]).next().is_some() {
        let declined = how_many(&outcome["declined"], "request", "requests");
        told += &format!("Declined in their name: {declined}\n");
    }
    let revoked: Vec<String> = items(&outcome["revoked"]).map(short).collect();
    if !revoked.is_empty() {
        told += &format!(
            "Revoked: {}. {} of what they signed held here, and it stands; what turns up later does not count.\n",
            revoked.join(", "),
            match outcome["stands"].as_u64() {
                Some(1) => "1 piece is".to_owned(),
                count => format!("{} pieces are", count.unwrap_or(0)),
            },
        );
    }
    for kept in items(&outcome["kept"]) {
        let what = [word(&kept["what"]), short(&kept["id"])].join(" ");
        told += &format!("Stays: {}: {}.\n", what.trim(), word(&kept["reason"]));
    }
    told
}
