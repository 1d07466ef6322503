//! The node itself: how it was made, how it is, whom it meets.

use serde_json::Value;

use super::super::table::{Table, facts};
use super::links::link_line;
use super::{bytes, count, items, named, short, word, words};
use crate::config::Source;
use crate::governing::grouped;

pub(crate) fn founded(outcome: &Value) -> String {
    facts(&[
        ("Organisation", named(&outcome["org"])),
        ("Node", named(&outcome["node"])),
        ("Federation", named(&outcome["federation"])),
        ("Account", named(&outcome["account"])),
    ]) + "Run it with: tern serve\n"
}

pub(crate) fn joined(outcome: &Value) -> String {
    let reason = word(&outcome["reason"]);
    match word(&outcome["state"]).as_str() {
        "member" => "Member of the federation. Run the node with: tern serve".into(),
        state if reason.is_empty() => state.to_owned(),
        "waiting" => format!(
            "Waiting: {reason}. The node asks again whenever it runs: tern serve\n{}",
            facts(&[
                ("Your fingerprint", grouped(&word(&outcome["fingerprint"]))),
                ("The federation's", grouped(&word(&outcome["federation_fingerprint"]))),
            ]) + "Compare both with the steward who invited you, by telephone.\n"
        ),
        state => format!("{state}: {reason}"),
    }
}

pub(crate) fn status(outcome: &Value) -> String {
    let told = [
        ("Node", named(&outcome["node"])),
        ("Organisation", named(&outcome["org"])),
        ("Federation", named(&outcome["federation"])),
        ("State", state(outcome)),
        ("Put back", put_back(&outcome["restored"])),
        ("Copied", copied_line(&outcome["copied"])),
        ("Fingerprint", grouped(&word(&outcome["fingerprint"]))),
        ("Federation's", grouped(&word(&outcome["federation_fingerprint"]))),
        ("Members", members_as_of(outcome)),
        ("Practices", word(&outcome["practices"])),
        ("Documents", word(&outcome["documents"])),
        ("Records", word(&outcome["records"])),
        ("Parcels", word(&outcome["parcels"])),
        ("Through others", through_others(outcome)),
        ("Public set", public_set(outcome)),
        ("Links", link_line(&outcome["link"])),
        ("Reach", reach_line(&outcome["reach"])),
        ("On disk", bytes(&outcome["disk_bytes"])),
        ("Of which", disk(&outcome["disk"])),
        ("Alive", disk(&outcome["disk"]["live"])),
        ("Free", bytes(&outcome["disk"]["free"])),
    ];
    let peers = peer_table(&outcome["peers"]);
    if peers.is_empty() { facts(&told) } else { format!("{}\n{peers}", facts(&told)) }
}

/// Who sees drafts with this organisation and is reached through others.
fn through_others(outcome: &Value) -> String {
    let told = items(&outcome["through_others"])
        .map(|other| super::draft::way(&word(&other["name"]), &other["reach"]));
    told.collect::<Vec<_>>().join("; ")
}

/// How others reach the node, and whom it relays for.
fn reach_line(reach: &Value) -> String {
    let over = words(&reach["relays"]);
    let reached = match (over.is_empty(), reach["direct"] == true, reach["came"].as_bool()) {
        (false, ..) => format!("reached through {over}"),
        (true, true, Some(true)) => "reached directly".into(),
        (true, true, Some(false)) => {
            "tells where it is, but others do not get through: a router or firewall may keep them out"
                .into()
        }
        (true, true, None) => "tells where it is; whether others get through is not known yet".into(),
        (true, false, _) => "reached by nobody beyond the local network; it calls others".into(),
    };
    let reached = match reach["router"]["state"].as_str() {
        Some("open") => format!("{reached}; the router passes its port on"),
        Some("inside") => format!("{reached}; the router has no address of the world itself"),
        Some("refused") => format!("{reached}; the router opens no port for it"),
        _ => reached,
    };
    let slots = reach["relaying"]["slots"].as_u64().unwrap_or_default();
    match reach["relaying"]["for_members"].as_bool() {
        Some(true) if slots > 0 => {
            format!("{reached}; {} reached through it", count(slots, "member is", "members are"))
        }
        _ => reached,
    }
}

/// What takes up space, by kind, but for what takes up nothing.
fn disk(kinds: &Value) -> String {
    let kinds = kinds.as_object().into_iter().flatten();
    let taken = kinds
        .filter(|(kind, taken)| *kind != "free" && taken.as_u64().is_some_and(|taken| taken > 0));
    let told: Vec<String> =
        taken.map(|(kind, taken)| format!("{} {}", kind.replace('_', " "), bytes(taken))).collect();
    told.join(", ")
}

fn members_as_of(outcome: &Value) -> String {
    let count = word(&outcome["members"]);
    match outcome["members_as_of"].as_str() {
        Some(at) => format!("{count}; the stewards last said that they are there on {at}"),
        None => count,
    }
}

fn state(outcome: &Value) -> String {
    let word = word(&outcome["state"]);
    match word.as_str() {
        "catching-up" if outcome["restored"]["found"].is_object() => {
            "put back to an earlier state; signs nothing until it has met another member".into()
        }
        "catching-up" => {
            "restored from a backup; signs nothing until it has met another member".into()
        }
        "waiting" => "waits to be admitted".into(),
        _ => word,
    }
}

/// That a node found out that it was put back, and how it went on.
fn put_back(restored: &Value) -> String {
    if !restored["found"].is_object() {
        return String::new();
    }
    let by = match restored["found"]["by"].as_str() {
        Some(by) => format!("{by} had met a later state of this node"),
        None => "a bundle of this node was from a later state of it".to_owned(),
    };
    let ended = match restored["caught_up"]["at"].as_str() {
        Some(at) => format!("; in step again since {at}"),
        None => String::new(),
    };
    format!("noticed on {}: {by}{ended}", word(&restored["at"]))
}

/// That two nodes run with one key, while nobody said that it is over.
fn copied_line(copied: &Value) -> String {
    if !copied.is_object() || copied["cleared_at"].is_string() {
        return String::new();
    }
    let (at, by) = (word(&copied["at"]), word(&copied["by"]));
    format!("two nodes run with this node's key, noticed on {at} by {by}: tern copied")
}

/// Whether two nodes run with this node's key, and what to do.
pub(crate) fn copied(outcome: &Value) -> String {
    let copied = &outcome["copied"];
    if !copied.is_object() {
        return "Nobody has noticed a second node with this node's key.".into();
    }
    let noticed = format!(
        "On {}, {} noticed that two nodes run with this node's key: somebody started a copy of its data folder, or of the whole machine.\n",
        word(&copied["at"]),
        word(&copied["by"])
    );
    if let Some(at) = copied["cleared_at"].as_str() {
        return noticed + &format!("On {at} you said that only this one runs.\n");
    }
    noticed
        + "Both go on working, and nothing is lost. But both sign as one, so a practice may get two editions with one number.\n\
           Let the other one exchange once more, stop it for good, and say so here:\n    tern copied --cleared\n\
           If both are needed, stop the other one and give it a key of its own, there:\n    tern copied --new-key\n\
           Then say here that only this one runs.\n"
}

pub(crate) fn new_node_key(outcome: &Value) -> String {
    facts(&[("Node", named(&outcome["node"])), ("Before", named(&outcome["before"]))])
        + "It is a node of its own now. Run it with: tern serve\nOn the one that keeps the key from before, say: tern copied --cleared\n"
}

fn public_set(outcome: &Value) -> String {
    let root = word(&outcome["public_root"]);
    match outcome["public_count"].as_u64() {
        Some(number) => format!("{} {root}", count(number, "object", "objects")),
        None => root,
    }
}

pub(crate) fn peers(outcome: &Value) -> String {
    let peers = peer_table(&outcome["items"]);
    if peers.is_empty() { "No peers yet: tern peers add MULTIADDR".into() } else { peers }
}

fn peer_table(peers: &Value) -> String {
    let mut table = Table::new(&[
        "organisation",
        "connected",
        "last met",
        "behind",
        "waiting",
        "today",
        "addresses",
        "node",
    ]);
    for peer in items(peers) {
        table.row(vec![
            named(&peer["org"]),
            word(&peer["connected"]),
            word(&peer["last_met"]),
            word(&peer["behind"]),
            word(&peer["waiting"]),
            bytes(&peer["bytes_today"]),
            words(&peer["addresses"]),
            short(&peer["node"]),
        ]);
    }
    if items(peers).next().is_none() { String::new() } else { table.render() }
}

pub(crate) fn licences(outcome: &Value) -> String {
    let crates = items(&outcome["licences"]).map(|linked| {
        (format!("{} {}", word(&linked["name"]), word(&linked["version"])), &linked["licence"])
    });
    let crates: Vec<_> = crates.collect();
    let rows: Vec<_> =
        crates.iter().map(|(name, licence)| (name.as_str(), word(licence))).collect();
    format!("tern {}\n\n{}", word(&outcome["version"]), facts(&rows))
}

pub(crate) fn address(outcome: &Value) -> String {
    format!("Saved {}", word(&outcome["address"]))
}

pub(crate) fn removed(outcome: &Value) -> String {
    let removed: Vec<String> = items(&outcome["removed"]).map(word).collect();
    removed.iter().map(|address| format!("Forgot {address}\n")).collect()
}

pub(crate) fn met(outcome: &Value) -> String {
    if outcome.get("items").is_none() {
        return one_meeting(outcome);
    }
    let met: Vec<String> = items(&outcome["items"]).map(one_meeting).collect();
    if met.is_empty() {
        "No peers to meet: tern peers add MULTIADDR".into()
    } else {
        met.join("\n")
    }
}

fn one_meeting(met: &Value) -> String {
    let settled = match met["settled"].as_bool() {
        Some(true) => "in step",
        Some(false) => "not yet in step",
        None => "",
    };
    let amount = |moved: &Value, objects: &Value| match objects.as_u64() {
        Some(objects) => format!("{}, {}", bytes(moved), count(objects, "object", "objects")),
        None => bytes(moved),
    };
    facts(&[
        ("Peer", named(&met["peer"])),
        ("State", settled.to_owned()),
        ("Reason", word(&met["reason"])),
        ("Sent", amount(&met["sent_bytes"], &met["objects_sent"])),
        ("Received", amount(&met["received_bytes"], &met["objects_received"])),
        ("Of which content", bytes(&met["packed_bytes"])),
        ("Round trips", word(&met["round_trips"])),
    ])
}

pub(crate) fn resumed(_: &Value) -> String {
    "The node goes on: it signs again what its people say.".into()
}

pub(crate) fn checked(outcome: &Value) -> String {
    let objects = outcome["objects"].as_u64().unwrap_or(0);
    let bad = items(&outcome["bad"]).count() as u64;
    let mut text = format!("{} read", count(objects, "object", "objects"));
    if bad == 0 {
        return text + ", all of them whole\n";
    }
    text += &format!(", {bad} damaged\n");
    let repaired = word(&outcome["repaired"]);
    if !repaired.is_empty() {
        text += &format!("Repaired: {repaired}\n");
    }
    let mut table = Table::new(&["id", "reason"]);
    for item in items(&outcome["bad"]) {
        table.row(vec![short(&item["id"]), word(&item["reason"])]);
    }
    text + "\n" + &table.render()
}

/// One line for each check, and the advice below it.
pub(crate) fn doctor(outcome: &Value) -> String {
    let line = |item: &Value| {
        let told = format!("{:<10} {}\n", word(&item["level"]), word(&item["message"]));
        match item["advice"].as_str() {
            Some(advice) => format!("{told}{:<10} {advice}\n", ""),
            None => told,
        }
    };
    items(&outcome["items"]).map(line).collect()
}

/// Every setting with its value and where that comes from.
pub(crate) fn settings(rows: &[(&'static str, Value, Source)]) -> String {
    let mut table = Table::new(&["setting", "value", "from"]);
    for (key, value, source) in rows {
        let value = if value.is_array() { words(value) } else { word(value) };
        table.row(vec![(*key).to_owned(), value, source.to_string()]);
    }
    table.render()
}
