//! Taking out of sentences what names somebody or some place.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

use crate::accounts::Account;
use crate::config::Settings;
use crate::folder::DataFolder;
use crate::handle::NodeReplica;
use crate::notices::Record;
use crate::ops::OpError;
use crate::running::Node;

/// Shorter words would take out parts of others.
const WORD_MIN: usize = 3;
const REMOVED: &str = "(left out)";

/// Words that must not be told, each with what stands in its place.
pub(super) struct Redaction(Vec<(String, &'static str)>);

impl Redaction {
    /// Everything that a node knows the name of.
    ///
    /// # Errors
    /// The node is stopping.
    pub(super) async fn of(node: &Node) -> Result<Self, OpError> {
        let Self(mut words) = Self::of_folder(node.folder().paths(), node.settings());
        let mut names = node.handle().read(names).await?;
        names.extend(node.listening());
        names.extend(node.http().and_then(|http| http.strip_prefix("http://")).map(str::to_owned));
        words.extend(names.into_iter().map(|name| (name, REMOVED)));
        Ok(Self::ordered(words))
    }

    /// What the folder and the settings alone tell.
    pub(super) fn of_folder(folder: &DataFolder, settings: &Settings) -> Self {
        let mut words = vec![(folder.root().display().to_string(), "{data}")];
        if let Ok(whole) = folder.root().canonicalize() {
            words.push((whole.display().to_string(), "{data}"));
        }
        for variable in ["HOME", "USER", "LOGNAME", "HOSTNAME"] {
            words.extend(std::env::var(variable).ok().map(|value| (value, REMOVED)));
        }
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        words.push((host.trim().to_owned(), REMOVED));
        words.extend(settings.hosts.iter().map(|host| (host.clone(), REMOVED)));
        words.extend(
            settings
                .listen
                .iter()
                .chain(&settings.announce)
                .map(|address| (address.clone(), REMOVED)),
        );
        words.push((settings.http.to_string(), REMOVED));
        words.extend(settings.proxy.iter().map(|proxy| (proxy.to_string(), REMOVED)));
        words.extend(settings.proxy.iter().map(|proxy| (proxy.host().to_owned(), REMOVED)));
        let mail = &settings.mail;
        let server = mail.server.iter().flat_map(|of| [of.to_string(), of.host.clone()]);
        let from = mail.from.iter().flat_map(|from| [from.as_str(), from.domain()]);
        let mailed = server.chain(from.map(str::to_owned)).chain([mail.user.clone()]);
        let files = mail.password_file.iter().chain(&mail.authorities);
        let mailed = mailed.chain(files.map(|path| path.display().to_string()));
        words.extend(mailed.map(|word| (word, REMOVED)));
        words.extend(settings.public.iter().map(|public| (public.clone(), REMOVED)));
        Self::ordered(words)
    }

    /// Longer words first, so that none leaves a rest of another.
    fn ordered(mut words: Vec<(String, &'static str)>) -> Self {
        words.retain(|(word, _)| word.chars().count() >= WORD_MIN);
        words.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Self(words)
    }

    /// The document with these words taken out of every sentence in it. Keys
    /// are ours and stay.
    pub(super) fn apply(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.sentence(text)),
            Value::Array(items) => items.into_iter().map(|item| self.apply(item)).collect(),
            Value::Object(members) => Value::Object(
                members.into_iter().map(|(key, value)| (key, self.apply(value))).collect(),
            ),
            other => other,
        }
    }

    fn sentence(&self, text: String) -> String {
        let found = self.0.iter().filter(|(word, _)| text.contains(word)).collect::<Vec<_>>();
        found.into_iter().fold(text, |text, (word, instead)| replace(&text, word, instead))
    }
}

/// Replaces a word where it stands by itself.
fn replace(text: &str, word: &str, instead: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, from) = rest.split_at(at);
        let after = &from[word.len()..];
        let within = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let alone = !within(before.chars().next_back().or_else(|| told.chars().next_back()))
            && !within(after.chars().next());
        told.push_str(before);
        told.push_str(if alone { instead } else { word });
        rest = after;
    }
    told + rest
}

/// Names of organisations, people and accounts, and addresses of peers.
fn names(replica: &NodeReplica) -> Vec<String> {
    let library = replica.library();
    let authority = library.authority();
    let mut names: Vec<String> = Vec::new();
    for (id, organisation, _) in authority.organisations() {
        names.push(id.to_string());
        let profile = &organisation.genesis.profile;
        names.extend(profile.names.values().cloned());
        names.extend(profile.acronym.iter().chain(&profile.website).cloned());
    }
    names.extend(authority.charter().map(|charter| charter.name.clone()));
    for (id, _) in authority.certificates() {
        names.push(id.to_string());
        names.extend(library.name(&id).map(str::to_owned));
    }
    names.extend(Account::all(library).unwrap_or_default().into_iter().map(|account| account.name));
    let told = Record::all(library).unwrap_or_default().into_iter();
    names.extend(told.flat_map(|(_, told)| {
        told.address.into_iter().chain(told.pending.map(|pending| pending.address))
    }));
    names.extend(replica.addresses().iter().map(|(address, _)| address.to_owned()));
    names.extend(replica.peers().iter().map(|peer| peer.node.node().to_string()));
    names
}

/// What kind of address one is, with its port: nothing that leads there.
pub(super) fn address_kind(text: &str) -> String {
    let (ip, rest) = match text.parse::<SocketAddr>() {
        Ok(address) => (Some(address.ip()), format!("tcp port {}", address.port())),
        Err(_) => multiaddress(text),
    };
    let kind = match ip {
        None => "a name",
        Some(ip) if ip.is_unspecified() => "every address of the machine",
        Some(ip) if ip.is_loopback() => "this machine alone",
        Some(IpAddr::V4(ip)) if ip.is_private() || ip.is_link_local() => "a private address",
        Some(IpAddr::V6(ip)) if ip.is_unique_local() || ip.is_unicast_link_local() => {
            "a private address"
        }
        Some(_) => "a public address",
    };
    format!("{kind}, {rest}")
}

/// The IP of a multiaddress, and its transport with the port.
fn multiaddress(text: &str) -> (Option<IpAddr>, String) {
    let mut parts = text.trim_start_matches('/').split('/');
    let ip = parts.nth(1).and_then(|ip| ip.parse().ok());
    let transport = match parts.next() {
        Some("udp") => "udp",
        Some("tcp") => "tcp",
        _ => "another transport",
    };
    let port = parts.next().and_then(|port| port.parse::<u16>().ok());
    (ip, port.map_or_else(|| transport.to_owned(), |port| format!("{transport} port {port}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_becomes_what_kind_of_address_it_is() {
        for (address, kind) in [
            ("0.0.0.0:8480", "every address of the machine, tcp port 8480"),
            ("[::1]:8480", "this machine alone, tcp port 8480"),
            ("/ip4/10.1.2.3/udp/4480/quic-v1", "a private address, udp port 4480"),
            ("/ip6/fd00::7/tcp/4480", "a private address, tcp port 4480"),
            ("/ip4/192.0.2.7/tcp/4480", "a public address, tcp port 4480"),
            ("/dns4/hub.example.org/tcp/4480", "a name, tcp port 4480"),
        ] {
            assert_eq!(address_kind(address), kind);
        }
    }

    #[test]
    fn a_name_is_taken_out_wherever_it_stands_and_the_longer_one_first() {
        let words = ["Niger", "Civil registry of Niger", "id"];
        let words = words.map(|word| (word.to_owned(), REMOVED)).to_vec();
        let redaction = Redaction::ordered(words);
        let told = json!({ "Niger": ["Civil registry of Niger, 9 days ago", "Nigeria; Niger", 7] });
        assert_eq!(
            redaction.apply(told),
            json!({ "Niger": ["(left out), 9 days ago", "Nigeria; (left out)", 7] })
        );
        assert_eq!(redaction.apply(json!("no id")), "no id", "too short to be a name");
    }
}
