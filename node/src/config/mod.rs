//! The settings of a node, and where each comes from.
//!
//! A setting has its default, is overridden by `{data}/tern.toml`, that by the
//! environment (`net.dial` by `TERN_NET_DIAL`), and that by a flag of the
//! command line. What the file holds and nobody knows is refused with its line
//! and the nearest known name, because a misspelt setting that is silently
//! ignored is found out on the worst day; an unknown `TERN_…` variable, which
//! may belong to somebody else, is a warning.
//!
//! Not here: what a setting means to the part that reads it. `deploy/tern.toml`
//! explains each, and a test keeps that file and this module together.

mod file;
mod folder;
mod known;
mod mail;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tern_crdt::identity::PublicKey;
use tern_protocol::letters::LETTER_WAIT;
use tern_protocol::tariff::{LinkClass, Tariff};
use thiserror::Error;

use crate::folder::DataFolder;
use crate::links::MEGABYTE;
use crate::net::Proxy;
use crate::ops::{ErrorCode, OpError};
pub use folder::{FolderUnknown, data_folder};
use known::{Given, KNOWN, Setting};
pub(crate) use known::{http_address, multiaddress};
pub(crate) use mail::is_here;
pub use mail::{MailLinks, MailServer, MailSettings, MailTls};

/// `tern.toml` is at most this long.
pub const SETTINGS_BYTES_MAX: u64 = 256 * 1024;

/// Variables that begin with `TERN_` and are no settings.
const OTHER_VARIABLES: [&str; 3] = ["TERN_DATA", "TERN_PASSPHRASE_FILE", "TERN_PSEUDO_LOCALES"];

/// Everything an operator can choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Where pages and API are served; port 0 takes a free one.
    pub http: SocketAddr,
    /// Further host names under which browsers may ask for pages.
    pub hosts: Vec<String>,
    /// Where everybody reaches these pages, or those of a node that the
    /// organisation names; without a path.
    pub public: Option<String>,
    /// Whether pages are reached over HTTPS alone, through a proxy.
    pub https: bool,
    /// Multiaddresses on which other nodes are awaited.
    pub listen: Vec<String>,
    /// Multiaddresses at which others reach this node, where those on which it
    /// listens are not enough.
    pub announce: Vec<String>,
    /// Whom this node dials by itself.
    pub dial: Dial,
    /// Whether nodes in the local network find each other.
    pub mdns: bool,
    /// Whether it asks the router for a port, where that helps and costs nothing.
    pub upnp: bool,
    /// With more memory in use than so many millions of bytes nobody new is let in;
    /// 0 is half of what the machine has.
    pub memory_mb: u64,
    /// Through what it dials whoever is beyond the local network.
    pub proxy: Option<Proxy>,
    /// Whether it relays for members that cannot be reached, if it can be and
    /// its links cost nothing.
    pub relay: bool,
    /// Whether it lets itself be reached over members' relays.
    pub relayed: Reached,
    /// Whether it meets peers by itself, and not only on command.
    pub meet_auto: bool,
    /// The class of links beyond the local network, if it was said here; what
    /// somebody says by command or page counts from then on.
    pub link_class: Option<LinkClass>,
    /// Whether it writes letters with parts of shared drafts, through others.
    pub letters: bool,
    /// Without a link for so long to a node that sees a draft, it writes one, in
    /// milliseconds.
    pub letters_after: i64,
    /// The largest file that is attached here, in bytes.
    pub blobs_file: u64,
    /// Files that one practice names here.
    pub blobs_files: usize,
    /// What files may have in all, in bytes; 0 is no limit.
    pub blobs_quota: u64,
    /// Organisations whose moderators are followed in every discussion, by id or
    /// name.
    pub moderators: Vec<String>,
    /// How mail is sent, if it is.
    pub mail: MailSettings,
    /// Keys whose releases of this program are trusted.
    pub upgrade_keys: Vec<PublicKey>,
    /// What is logged: a level, or a `tracing` filter.
    pub log_level: String,
    /// How it is logged.
    pub log_format: LogFormat,
    /// To whom figures are told.
    pub metrics: MetricsAccess,
}

impl Settings {
    /// What links cost until somebody says it by command or page.
    pub(crate) fn tariff(&self) -> Tariff {
        self.link_class.map_or(Tariff::unsaid(), Tariff::of)
    }

    /// Where people open the pages that answer at `http`: under the first of
    /// the host names, if these are reached over HTTPS alone.
    pub(crate) fn home(&self, http: &str) -> String {
        match self.hosts.first() {
            Some(host) if self.https => format!("https://{host}"),
            _ => http.to_owned(),
        }
    }

    /// The address of this node's own pages, which answer at `http`: the public one,
    /// unless that is another node's.
    pub(crate) fn own_address(&self, http: &str) -> String {
        let own = tern_web_ui::own_public(self.public.as_deref(), &self.hosts);
        own.map_or_else(|| self.home(http), str::to_owned)
    }
}

/// Whom a node dials by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dial {
    /// Every member whose address it knows or learns.
    Members,
    /// Saved addresses, and nodes found in the local network.
    Lan,
    /// Only addresses added by hand or by invitation.
    Saved,
}

/// Whether a node lets itself be reached over members' relays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reached {
    /// If it cannot be reached otherwise, and links cost nothing.
    Auto,
    /// Whatever it costs.
    Always,
    /// Not.
    Never,
}

/// How the log is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// To whom `GET /metrics` tells figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MetricsAccess {
    /// This machine, and whoever brings the token of the data folder.
    Loopback,
    /// Only whoever brings the token.
    Token,
    /// Nobody.
    Off,
}

impl MetricsAccess {
    /// Whether somebody may ask, who is on this machine or not and brings the
    /// token or not.
    pub const fn admits(self, here: bool, token: bool) -> bool {
        match self {
            Self::Loopback => here || token,
            Self::Token => token,
            Self::Off => false,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            http: SocketAddr::from((Ipv4Addr::LOCALHOST, 8480)),
            hosts: Vec::new(),
            public: None,
            https: false,
            listen: vec!["/ip4/0.0.0.0/udp/4480/quic-v1".into(), "/ip4/0.0.0.0/tcp/4480".into()],
            announce: Vec::new(),
            dial: Dial::Members,
            mdns: true,
            upnp: true,
            memory_mb: 0,
            proxy: None,
            relay: true,
            relayed: Reached::Auto,
            meet_auto: true,
            link_class: None,
            letters: true,
            letters_after: LETTER_WAIT,
            blobs_file: 25 * MEGABYTE,
            blobs_files: 10,
            blobs_quota: 0,
            moderators: Vec::new(),
            mail: MailSettings::default(),
            upgrade_keys: Vec::new(),
            log_level: "info".into(),
            log_format: LogFormat::Text,
            metrics: MetricsAccess::Loopback,
        }
    }
}

/// Where the value of a setting comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Nobody chose.
    Default,
    /// `tern.toml`.
    File,
    /// A `TERN_…` variable.
    Environment,
    /// A flag.
    CommandLine,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::CommandLine => "command line",
        })
    }
}

/// What flags of the command line replace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// `--http`.
    pub http: Option<SocketAddr>,
    /// `--listen`, once or more; replaces all addresses.
    pub listen: Vec<String>,
}

/// Settings as found, with what there is to say about them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// The values in force.
    pub settings: Settings,
    /// One sentence each.
    pub warnings: Vec<String>,
    sources: BTreeMap<&'static str, Source>,
}

/// Why settings cannot be used. Each is one sentence that names the place.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {cause}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is too long to be one.
    #[error(
        "{} has {bytes} bytes; a settings file has at most {SETTINGS_BYTES_MAX}",
        .path.display()
    )]
    TooLong {
        /// Which.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// A line that is no TOML, names no setting, or gives a value it cannot
    /// have.
    #[error("{} line {line}: {why}", .path.display())]
    Line {
        /// In which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// In words.
        why: String,
    },
    /// A variable with a value its setting cannot have.
    #[error("the environment variable {name}: {why}")]
    Variable {
        /// Which.
        name: String,
        /// In words.
        why: String,
    },
    /// Settings that each are right and do not fit together.
    #[error("{0}")]
    Together(String),
}

/// The variables that concern Tern, by name.
pub type Environment = BTreeMap<String, String>;

/// Those of this process.
pub fn environment() -> Environment {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, _)| name.starts_with("TERN_"))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

impl Loaded {
    /// The settings of the node in `folder`; of an absent file, the defaults.
    pub fn load(
        folder: &DataFolder,
        environment: &Environment,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        let mut loaded = Self::defaults();
        let path = folder.settings_file();
        if let Some(text) = file::read(&path)? {
            file::apply(&path, &text, &mut loaded)?;
        }
        loaded.apply_environment(environment)?;
        loaded.apply_flags(flags);
        match loaded.settings.mail.flaw() {
            Some(why) => Err(ConfigError::Together(why)),
            None => Ok(loaded),
        }
    }

    /// The settings of a command that has no folder.
    pub fn without_folder(environment: &Environment) -> Result<Self, ConfigError> {
        let mut loaded = Self::defaults();
        loaded.apply_environment(environment)?;
        Ok(loaded)
    }

    fn defaults() -> Self {
        Self { settings: Settings::default(), warnings: Vec::new(), sources: BTreeMap::new() }
    }

    /// Every setting as `(key, value, source)`, in the order of the file.
    pub fn rows(&self) -> Vec<(&'static str, serde_json::Value, Source)> {
        let row =
            |known: &Setting| (known.key, (known.get)(&self.settings), self.source(known.key));
        KNOWN.iter().map(row).collect()
    }

    /// Where the value of a setting comes from.
    pub fn source(&self, key: &str) -> Source {
        self.sources.get(key).copied().unwrap_or(Source::Default)
    }

    fn set(&mut self, setting: &Setting, value: &Given, source: Source) -> Result<(), String> {
        (setting.set)(&mut self.settings, value)?;
        self.sources.insert(setting.key, source);
        Ok(())
    }

    fn apply_environment(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        for (name, value) in environment {
            if OTHER_VARIABLES.contains(&name.as_str()) {
                continue;
            }
            let Some(setting) = KNOWN.iter().find(|known| known.variable() == *name) else {
                self.warnings.push(unknown_variable(name));
                continue;
            };
            self.set(setting, &Given::Text(value), Source::Environment).map_err(|why| {
                let empty = "it is empty: leave it out to keep the other value";
                let why = if value.trim().is_empty() { empty.to_owned() } else { why };
                ConfigError::Variable { name: name.clone(), why }
            })?;
        }
        Ok(())
    }

    fn apply_flags(&mut self, flags: &Flags) {
        if let Some(http) = flags.http {
            self.settings.http = http;
            self.sources.insert("http", Source::CommandLine);
        }
        if !flags.listen.is_empty() {
            self.settings.listen = flags.listen.clone();
            self.sources.insert("net.listen", Source::CommandLine);
        }
    }
}

/// Every setting with its value, in the order of the file.
pub fn described(settings: &Settings) -> Vec<(&'static str, serde_json::Value)> {
    KNOWN.iter().map(|known| (known.key, (known.get)(settings))).collect()
}

fn unknown_variable(name: &str) -> String {
    let settings: Vec<String> = KNOWN.iter().map(Setting::variable).collect();
    // What all have in common makes none nearer.
    let own = |name| str::trim_start_matches(name, "TERN_");
    let known = settings.iter().map(String::as_str).chain(OTHER_VARIABLES).map(own);
    match known::nearest(own(name), '_', known) {
        Some(near) => format!("the variable {name} is ignored: did you mean TERN_{near}?"),
        None => format!("the variable {name} is ignored: it is no setting of Tern"),
    }
}

impl From<ConfigError> for OpError {
    fn from(error: ConfigError) -> Self {
        let code = match error {
            ConfigError::Unreadable { .. } => ErrorCode::Failed,
            ConfigError::TooLong { .. } => ErrorCode::TooLarge,
            ConfigError::Line { .. } | ConfigError::Variable { .. } | ConfigError::Together(_) => {
                ErrorCode::Invalid
            }
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests;
