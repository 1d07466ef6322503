//! What an operator can send to somebody who helps: one document that a person
//! reads through before it leaves the house.
//!
//! It holds versions, settings, the doctor's lines, counts and figures. It
//! holds no name of a person or an organisation, no title, no key, no address
//! and no host name: addresses become what kind of address they are, other
//! organisations become "another node", and at the end every name that this
//! node knows is looked for in every sentence once more and taken out.

mod redaction;

use serde_json::{Map, Value, json};

use crate::config::{Settings, described};
use crate::doctor::{Facts, Inside, RootPlace, lines, to_json};
use crate::folder::DataFolder;
use crate::metrics::gather;
use crate::operator::status;
use crate::ops::OpError;
use crate::running::Node;
use redaction::{Redaction, address_kind};

const NOTE: &str = "Read this file before you send it. Names of people and organisations, titles, keys, addresses and host names were left out; nothing was sent anywhere.";
const LOG: &str = "The node writes its log to standard error alone, so none is in this file. If it runs as a service, `journalctl -u tern` shows it; read it through before you send any of it.";
/// Members of `tern status` that are numbers and tell of nobody.
const COUNTS: [&str; 12] = [
    "members",
    "documents",
    "practices",
    "records",
    "parcels",
    "public_count",
    "disk_bytes",
    "live_bytes",
    "disk",
    "searchable",
    "uptime_seconds",
    "state",
];

/// The document of an open node.
///
/// # Errors
/// The node is stopping.
pub async fn report(node: &Node) -> Result<Value, OpError> {
    let mut facts = Facts::of(node, |_| "another node".to_owned()).await?;
    if let Inside::Open(opened) = &mut facts.inside
        && let RootPlace::Away(place) = &mut opened.recovery.root
    {
        "another place".clone_into(place);
    }
    let mut report = beginning(node.settings(), &facts);
    if matches!(facts.inside, Inside::Open(_)) {
        report["status"] = counts(&status(node).await?);
        let figures = gather(node).await?.render();
        report["metrics"] = figures.lines().filter(|line| !line.starts_with('#')).collect();
    }
    let redaction = Redaction::of(node).await?;
    Ok(redaction.apply(report))
}

/// The document of a node that does not open.
pub fn of_closed(folder: &DataFolder, settings: &Settings, why: &str) -> Value {
    let facts =
        Facts { inside: Inside::Closed(why.to_owned()), ..Facts::outside(folder, Vec::new()) };
    Redaction::of_folder(folder, settings).apply(beginning(settings, &facts))
}

fn beginning(settings: &Settings, facts: &Facts) -> Value {
    json!({
        "note": NOTE,
        "versions": {
            "tern": env!("CARGO_PKG_VERSION"),
            "system": std::env::consts::OS, "processor": std::env::consts::ARCH,
            "store_layout": facts.layout,
        },
        "settings": settings_told(settings),
        "doctor": to_json(&lines(facts))["items"],
        "log": LOG,
    })
}

fn settings_told(settings: &Settings) -> Value {
    let mut told: Map<String, Value> =
        described(settings).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let kinds = |addresses: &[String]| -> Vec<String> {
        addresses.iter().map(|text| address_kind(text)).collect()
    };
    told.insert("http".into(), json!(address_kind(&settings.http.to_string())));
    told.insert("hosts".into(), json!(format!("{} left out", settings.hosts.len())));
    told.insert("net.listen".into(), json!(kinds(&settings.listen)));
    told.insert("net.announce".into(), json!(kinds(&settings.announce)));
    let proxy = settings.proxy.as_ref().map(|proxy| format!("{}, left out", proxy.kind()));
    told.insert("net.proxy".into(), json!(proxy.unwrap_or_default()));
    // Who sends, through whom, with which file: only whether it is set.
    for key in ["server", "user", "password_file", "authorities", "from"] {
        let key = format!("mail.{key}");
        let set = told.get(&key).and_then(Value::as_str).is_some_and(|value| !value.is_empty());
        told.insert(key, json!(if set { "left out" } else { "" }));
    }
    Value::Object(told)
}

/// Of a status what tells of nobody.
fn counts(status: &Value) -> Value {
    let kept =
        COUNTS.into_iter().filter_map(|key| Some((key.to_owned(), status.get(key)?.clone())));
    let mut counts: Map<String, Value> = kept.collect();
    let peers = status["peers"].as_array().into_iter().flatten().map(|peer| {
        json!({
            "connected": peer["connected"], "last_met": peer["last_met"],
            "behind": peer["behind"], "waiting": peer["waiting"],
            "bytes_today": peer["bytes_today"],
        })
    });
    counts.insert("peers".into(), peers.collect());
    counts.into()
}
