//! The table of settings: how each is named, read and shown.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tern_crdt::identity::PublicKey;
use tern_protocol::limits::{ADDRESSES_MAX, BLOB_BYTES_MAX};
use tern_protocol::reach::{is_relayed, reach};
use tern_protocol::tariff::LinkClass;

use super::mail::{self, MailLinks, MailServer, MailTls};
use super::{Dial, LogFormat, MetricsAccess, Reached, Settings};
use crate::links::MEGABYTE;
use crate::net::{Proxy, ProxyUnreadable, parse_address};

/// Files that a practice can name (`attachments` in `tern_crdt::practice`).
const FILES_MAX: u64 = 50;

/// A value as given, before anybody asked what it is for.
pub(super) enum Given<'a> {
    /// A string of the file, or any variable.
    Text(&'a str),
    /// `true` or `false`.
    Flag(bool),
    /// A whole number of the file, in decimal.
    Number(&'a str),
    /// A list of strings.
    List(Vec<&'a str>),
    /// Something that no setting takes; named.
    Other(&'static str),
}

/// One setting.
pub(super) struct Setting {
    /// Its name, with the table of the file before the dot.
    pub(super) key: &'static str,
    /// Takes a value, or says what it should have been.
    pub(super) set: fn(&mut Settings, &Given) -> Result<(), String>,
    /// The value in force.
    pub(super) get: fn(&Settings) -> Value,
}

impl Setting {
    /// The variable that overrides it.
    pub(super) fn variable(&self) -> String {
        format!("TERN_{}", self.key.replace('.', "_").to_uppercase())
    }
}

/// Every setting, in the order of `deploy/tern.toml`.
pub(super) const KNOWN: &[Setting] = &[
    Setting {
        key: "http",
        set: |settings, given| http_address(text(given)?).map(|value| settings.http = value),
        get: |settings| json!(settings.http.to_string()),
    },
    Setting {
        key: "hosts",
        set: |settings, given| list(given, host).map(|value| settings.hosts = value),
        get: |settings| json!(settings.hosts),
    },
    Setting {
        key: "public",
        set: |settings, given| public(given).map(|value| settings.public = value),
        get: |settings| json!(settings.public.clone().unwrap_or_default()),
    },
    Setting {
        key: "https",
        set: |settings, given| flag(given).map(|value| settings.https = value),
        get: |settings| json!(settings.https),
    },
    Setting {
        key: "net.listen",
        set: |settings, given| list(given, listened).map(|value| settings.listen = value),
        get: |settings| json!(settings.listen),
    },
    Setting {
        key: "net.announce",
        set: |settings, given| announced(given).map(|value| settings.announce = value),
        get: |settings| json!(settings.announce),
    },
    Setting {
        key: "net.dial",
        set: |settings, given| one_of(given, DIALS).map(|value| settings.dial = value),
        get: |settings| json!(name_of(settings.dial, DIALS)),
    },
    Setting {
        key: "net.mdns",
        set: |settings, given| flag(given).map(|value| settings.mdns = value),
        get: |settings| json!(settings.mdns),
    },
    Setting {
        key: "net.upnp",
        set: |settings, given| flag(given).map(|value| settings.upnp = value),
        get: |settings| json!(settings.upnp),
    },
    Setting {
        key: "net.proxy",
        set: |settings, given| {
            let text = text(given)?.trim();
            let read = |text: &str| text.parse().map_err(|why: ProxyUnreadable| why.to_string());
            settings.proxy = (!text.is_empty()).then(|| read(text)).transpose()?;
            Ok(())
        },
        get: |settings| json!(settings.proxy.as_ref().map_or_else(String::new, Proxy::to_string)),
    },
    Setting {
        key: "net.relay",
        set: |settings, given| one_of(given, RELAYS).map(|value| settings.relay = value),
        get: |settings| json!(name_of(settings.relay, RELAYS)),
    },
    Setting {
        key: "net.relayed",
        set: |settings, given| one_of(given, REACHED).map(|value| settings.relayed = value),
        get: |settings| json!(name_of(settings.relayed, REACHED)),
    },
    Setting {
        key: "net.memory_mb",
        set: |settings, given| number(given, MEMORY_MB_MAX).map(|mb| settings.memory_mb = mb),
        get: |settings| json!(settings.memory_mb),
    },
    Setting {
        key: "meet.auto",
        set: |settings, given| flag(given).map(|value| settings.meet_auto = value),
        get: |settings| json!(settings.meet_auto),
    },
    Setting {
        key: "link.class",
        set: |settings, given| one_of(given, LINKS).map(|value| settings.link_class = value),
        get: |settings| json!(name_of(settings.link_class, LINKS)),
    },
    Setting {
        key: "drafts.letters",
        set: |settings, given| flag(given).map(|value| settings.letters = value),
        get: |settings| json!(settings.letters),
    },
    Setting {
        key: "drafts.letters_after",
        set: |settings, given| {
            let minutes = number(given, MINUTES_MAX)?;
            settings.letters_after = i64::try_from(minutes).unwrap_or(0) * MINUTE;
            Ok(())
        },
        get: |settings| json!(settings.letters_after / MINUTE),
    },
    Setting {
        key: "blobs.file_mb",
        set: |settings, given| {
            number(given, BLOB_BYTES_MAX / MEGABYTE).map(|mb| settings.blobs_file = mb * MEGABYTE)
        },
        get: |settings| json!(settings.blobs_file / MEGABYTE),
    },
    Setting {
        key: "blobs.files",
        set: |settings, given| {
            let files = number(given, FILES_MAX)?;
            settings.blobs_files = usize::try_from(files).unwrap_or(usize::MAX);
            Ok(())
        },
        get: |settings| json!(settings.blobs_files),
    },
    Setting {
        key: "blobs.quota_mb",
        set: |settings, given| {
            number(given, u64::MAX / MEGABYTE).map(|mb| settings.blobs_quota = mb * MEGABYTE)
        },
        get: |settings| json!(settings.blobs_quota / MEGABYTE),
    },
    Setting {
        key: "discussions.follow",
        set: |settings, given| list(given, named).map(|value| settings.moderators = value),
        get: |settings| json!(settings.moderators),
    },
    Setting {
        key: "mail.server",
        set: |settings, given| mail::server(given).map(|value| settings.mail.server = value),
        get: |settings| {
            json!(settings.mail.server.as_ref().map_or_else(String::new, MailServer::to_string))
        },
    },
    Setting {
        key: "mail.tls",
        set: |settings, given| one_of(given, TLS).map(|value| settings.mail.tls = value),
        get: |settings| json!(name_of(settings.mail.tls, TLS)),
    },
    Setting {
        key: "mail.user",
        set: |settings, given| mail::user(given).map(|value| settings.mail.user = value),
        get: |settings| json!(settings.mail.user),
    },
    Setting {
        key: "mail.password_file",
        set: |settings, given| mail::path(given).map(|value| settings.mail.password_file = value),
        get: |settings| json!(mail::shown(settings.mail.password_file.as_ref())),
    },
    Setting {
        key: "mail.authorities",
        set: |settings, given| mail::path(given).map(|value| settings.mail.authorities = value),
        get: |settings| json!(mail::shown(settings.mail.authorities.as_ref())),
    },
    Setting {
        key: "mail.from",
        set: |settings, given| mail::from(given).map(|value| settings.mail.from = value),
        get: |settings| json!(settings.mail.from.as_ref().map_or("", |from| from.as_str())),
    },
    Setting {
        key: "mail.links",
        set: |settings, given| one_of(given, MAIL_LINKS).map(|value| settings.mail.links = value),
        get: |settings| json!(name_of(settings.mail.links, MAIL_LINKS)),
    },
    Setting {
        key: "upgrade.keys",
        set: |settings, given| list(given, release_key).map(|value| settings.upgrade_keys = value),
        get: |settings| json!(settings.upgrade_keys.iter().map(key_text).collect::<Vec<_>>()),
    },
    Setting {
        key: "log.level",
        set: |settings, given| log_filter(text(given)?).map(|value| settings.log_level = value),
        get: |settings| json!(settings.log_level),
    },
    Setting {
        key: "log.format",
        set: |settings, given| one_of(given, FORMATS).map(|value| settings.log_format = value),
        get: |settings| json!(name_of(settings.log_format, FORMATS)),
    },
    Setting {
        key: "metrics.access",
        set: |settings, given| one_of(given, ACCESSES).map(|value| settings.metrics = value),
        get: |settings| json!(name_of(settings.metrics, ACCESSES)),
    },
];

/// In milliseconds.
const MINUTE: i64 = 60 * 1_000;
/// A year.
const MINUTES_MAX: u64 = 366 * 24 * 60;

/// More millions of bytes of memory no machine has.
const MEMORY_MB_MAX: u64 = 1_048_576;

const DIALS: &[(&str, Dial)] =
    &[("members", Dial::Members), ("lan", Dial::Lan), ("saved", Dial::Saved)];
const RELAYS: &[(&str, bool)] = &[("members", true), ("off", false)];
const REACHED: &[(&str, Reached)] =
    &[("auto", Reached::Auto), ("always", Reached::Always), ("never", Reached::Never)];
const ACCESSES: &[(&str, MetricsAccess)] = &[
    ("loopback", MetricsAccess::Loopback),
    ("token", MetricsAccess::Token),
    ("off", MetricsAccess::Off),
];
/// "unknown" is taken to be metered, and the doctor asks.
const LINKS: &[(&str, Option<LinkClass>)] = &[
    ("unknown", None),
    ("lan", Some(LinkClass::Lan)),
    ("broadband", Some(LinkClass::Broadband)),
    ("metered", Some(LinkClass::Metered)),
    ("satellite", Some(LinkClass::Satellite)),
];
const TLS: &[(&str, MailTls)] = &[
    ("starttls", MailTls::Starttls),
    ("implicit", MailTls::Implicit),
    ("none", MailTls::None),
    ("unencrypted", MailTls::Unencrypted),
];
const MAIL_LINKS: &[(&str, MailLinks)] = &[
    ("allowance", MailLinks::Allowance),
    ("always", MailLinks::Always),
    ("free", MailLinks::Free),
];
const FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];

/// The known name that `name` most likely was meant to be: one that is near,
/// that ends with the same part, or that one is the beginning of the other.
pub(super) fn nearest<'k>(
    name: &str,
    between: char,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Option<&'k str> {
    let far = (name.chars().count() / 3).max(2);
    let near = known
        .clone()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map(|(_, known)| known);
    let last = name.rsplit(between).next();
    let ends = |known: &&str| known.rsplit(between).next() == last;
    let begins = |known: &&str| known.starts_with(name) || name.starts_with(*known);
    near.or_else(|| known.clone().find(ends)).or_else(|| known.clone().find(begins))
}

/// An address and port on which pages can be served.
pub(crate) fn http_address(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| {
        format!("`{text}` is no address and port; write one like 127.0.0.1:8480 or [::1]:8480")
    })
}

/// A multiaddress over a transport that nodes speak.
pub(crate) fn multiaddress(text: &str) -> Result<String, String> {
    let text = text.trim();
    parse_address(text).map(|_| text.to_owned()).map_err(|why| why.to_string())
}

/// An address on which others are awaited.
fn listened(text: &str) -> Result<String, String> {
    let address = multiaddress(text)?;
    if address.split('/').any(|part| part == "wss" || part == "tls") {
        return Err(format!(
            "`{address}` needs a certificate, which a node does not have; listen on /ws, let a reverse proxy take TLS, and announce /wss"
        ));
    }
    Ok(address)
}

/// Addresses that others can use.
fn announced(given: &Given) -> Result<Vec<String>, String> {
    let addresses = list(given, |text| {
        let address = multiaddress(text)?;
        if is_relayed(&address) {
            return Err(format!(
                "`{address}` leads over a relay; such addresses are found and told without a setting"
            ));
        }
        if address.contains("/p2p/") {
            return Err(format!(
                "`{address}` names a node; write it without /p2p/ and what follows"
            ));
        }
        reach(&address).map(|_| address.clone()).ok_or_else(|| {
            format!("`{address}` leads nowhere: name the address and the port at which others reach this node")
        })
    })?;
    if addresses.len() > ADDRESSES_MAX {
        return Err(format!(
            "a node announces at most {ADDRESSES_MAX} addresses, not {}",
            addresses.len()
        ));
    }
    Ok(addresses)
}

/// An organisation by id or name; whether there is one is seen where it is asked.
fn named(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 300 {
        return Err("this setting names organisations, each by its id or its name".to_owned());
    }
    Ok(text.to_owned())
}

fn host(text: &str) -> Result<String, String> {
    let text = text.trim();
    let port = text.rsplit_once(':').is_some_and(|(name, _)| !name.contains(':'));
    if !text.is_empty() && !port && is_of_hosts(text) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!("`{text}` is no host name; write it without http:// and without a port"))
    }
}

/// Whether it has the letters and the length of host names and addresses, with a
/// port or without.
fn is_of_hosts(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-.[:]".contains(c);
    text.len() <= 253 && text.chars().all(allowed)
}

/// An address of pages: scheme and host, with a port or without; nothing is
/// none.
fn public(given: &Given) -> Result<Option<String>, String> {
    let text = text(given)?.trim().trim_end_matches('/');
    if text.is_empty() {
        return Ok(None);
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && is_of_hosts(rest) => Ok(Some(text.to_ascii_lowercase())),
        _ => Err(format!("`{text}` is no address like https://tern.example.org, without a path")),
    }
}

/// A key that signs releases.
fn release_key(text: &str) -> Result<PublicKey, String> {
    let text = text.trim();
    crate::hex::decode(text).map(PublicKey::new).ok_or_else(|| {
        format!("`{text}` is no key of releases; it has 64 digits of 0-9 and a-f, as `tern release key` prints it")
    })
}

fn key_text(key: &PublicKey) -> String {
    crate::hex::encode(key.as_bytes())
}

fn log_filter(text: &str) -> Result<String, String> {
    // A word alone would be taken for the name of a part of the program.
    let levels = text
        .split(',')
        .filter(|part| !part.contains('='))
        .all(|part| part.parse::<tracing::level_filters::LevelFilter>().is_ok());
    match text.parse::<tracing_subscriber::filter::Targets>() {
        Ok(_) if levels && !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err(format!(
            "`{text}` is no level; use error, warn, info, debug, trace, off, or a filter like info,tern_node=debug"
        )),
    }
}

pub(super) fn text<'g>(given: &Given<'g>) -> Result<&'g str, String> {
    match given {
        Given::Text(text) => Ok(text),
        other => Err(format!("this setting is a text in quotes, not {}", name(other))),
    }
}

/// A whole number up to `max`.
fn number(given: &Given, max: u64) -> Result<u64, String> {
    let (Given::Number(text) | Given::Text(text)) = given else {
        return Err(format!("this setting is a whole number, not {}", name(given)));
    };
    let number = text.replace('_', "").trim().parse().ok().filter(|number| *number <= max);
    number.ok_or_else(|| format!("this setting is a whole number from 0 to {max}, not `{text}`"))
}

fn flag(given: &Given) -> Result<bool, String> {
    match given {
        Given::Flag(flag) => Ok(*flag),
        Given::Text("true") => Ok(true),
        Given::Text("false") => Ok(false),
        Given::Text(text) => Err(format!("this setting is true or false, not `{text}`")),
        other => Err(format!("this setting is true or false, not {}", name(other))),
    }
}

/// A list of the file, or words of a variable between commas.
fn list<T>(given: &Given, item: fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    match given {
        Given::Text(text) if text.trim().is_empty() => Ok(Vec::new()),
        Given::Text(text) => text.split(',').map(item).collect(),
        Given::List(items) => items.iter().map(|text| item(text)).collect(),
        other => Err(format!("this setting is a list of texts in quotes, not {}", name(other))),
    }
}

fn one_of<T: Copy>(given: &Given, values: &[(&str, T)]) -> Result<T, String> {
    let text = text(given)?;
    values.iter().find(|(name, _)| *name == text).map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        format!("this setting is one of {}, not `{text}`", names.join(", "))
    })
}

fn name_of<T: Copy + PartialEq>(value: T, values: &[(&'static str, T)]) -> Option<&'static str> {
    values.iter().find(|(_, known)| *known == value).map(|(name, _)| *name)
}

fn name(given: &Given) -> &'static str {
    match given {
        Given::Text(_) => "a text",
        Given::Flag(_) => "true or false",
        Given::Number(_) => "a number",
        Given::List(_) => "a list",
        Given::Other(name) => name,
    }
}
