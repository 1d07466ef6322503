//! A command that has reached its node: asking it, with the keys opened where
//! that is needed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;
use tern_crdt::identity::SecretKey;

use super::Console;
use super::errand::{Errand, Wraps};
use super::grammar::Global;
use super::reach::Reached;
use crate::config::Environment;
use crate::keystore::{CarriedKey, Passphrase};
use crate::node::Audience;
use crate::ops::{Caller, ErrorCode, Op, OpError, Operator};

/// How often a person may mistype a passphrase.
const TRIES: usize = 3;

/// Said where new keys have no passphrase.
pub(super) const UNWRAPPED: &str =
    "The keys are kept without a passphrase: whoever can read the data folder can sign with them.";

pub(super) struct Session {
    reached: Reached,
    caller: Caller,
    /// Where the root key is, if it is in a file.
    key_file: Option<KeyFile>,
    pub(super) console: Arc<Console>,
}

/// The passphrase in the file that a flag or the environment names.
pub(super) fn given_passphrase(
    global: &Global,
    environment: &Environment,
) -> Result<Option<Passphrase>, OpError> {
    let variable = || environment.get("TERN_PASSPHRASE_FILE").filter(|path| !path.is_empty());
    let file = global.passphrase_file.clone().or_else(|| variable().map(PathBuf::from));
    Ok(file.map(|file| Passphrase::from_file(&file)).transpose()?)
}

/// A key file that a flag or the environment names, and what may open it.
pub(super) struct KeyFile {
    path: PathBuf,
    /// Its own passphrase, then that of the other keys.
    passphrases: Vec<Passphrase>,
}

/// The key file for what needs the organisation's root key.
pub(super) fn key_file(
    global: &Global,
    environment: &Environment,
) -> Result<Option<KeyFile>, OpError> {
    let variable =
        |name: &str| environment.get(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let Some(path) = global.key_file.clone().or_else(|| variable("TERN_KEY_FILE")) else {
        return Ok(None);
    };
    let own = global.key_passphrase_file.clone();
    let own = own.or_else(|| variable("TERN_KEY_PASSPHRASE_FILE"));
    let own = own.map(|file| Passphrase::from_file(&file)).transpose()?;
    let passphrases = own.into_iter().chain(given_passphrase(global, environment)?).collect();
    Ok(Some(KeyFile { path, passphrases }))
}

/// What may open a key file that the command itself names.
pub(super) fn passphrases(
    global: &Global,
    environment: &Environment,
) -> Result<Option<KeyFile>, OpError> {
    let path = Some(PathBuf::new());
    key_file(&Global { key_file: path, ..global.clone() }, environment)
}

impl KeyFile {
    /// The same for another file.
    pub(super) fn at(path: PathBuf, like: Option<Self>) -> Self {
        Self { path, passphrases: like.map(|like| like.passphrases).unwrap_or_default() }
    }

    /// Opens the key with what was given, else by asking.
    pub(super) fn open(&self, console: &Console) -> Result<SecretKey, OpError> {
        let file = CarriedKey::read(&self.path)?;
        let mut refused = match file.open(None) {
            Ok(key) => return Ok(key),
            Err(refused) => refused,
        };
        for passphrase in &self.passphrases {
            match file.open(Some(passphrase)) {
                Ok(key) => return Ok(key),
                Err(other) => refused = other,
            }
        }
        let shown = self.path.display();
        for _ in 0..TRIES {
            let asked = console.ask_passphrase(&format!("Passphrase of the key file {shown}: "))?;
            let Some(passphrase) = asked else { break };
            match file.open(Some(&passphrase)) {
                Ok(key) => return Ok(key),
                Err(other) => refused = other,
            }
        }
        let why = OpError::from(refused);
        let what = format!(
            "the key file {shown} does not open: {}; its passphrase is given with --key-passphrase-file",
            why.message
        );
        Err(OpError { message: what, ..why })
    }
}

/// On whose behalf the command acts.
pub(super) fn caller(global: &Global, environment: &Environment) -> Result<Caller, OpError> {
    let passphrase = given_passphrase(global, environment)?;
    Ok(Caller { account: global.account.clone(), passphrase, ..Caller::default() })
}

/// The passphrase of keys that an errand makes for somebody.
pub(super) fn new_passphrase(
    wraps: &Wraps,
    console: &Console,
) -> Result<Option<Passphrase>, OpError> {
    match wraps {
        Wraps::Nothing | Wraps::File(None) => Ok(None),
        Wraps::File(Some(file)) | Wraps::Asked(Some(file)) => {
            Ok(Some(Passphrase::from_file(file)?))
        }
        Wraps::Asked(None) => console.ask_new_passphrase("Passphrase for the new keys"),
    }
}

impl Session {
    pub(super) fn new(reached: Reached, caller: Caller, console: Arc<Console>) -> Self {
        Self { reached, caller, key_file: None, console }
    }

    /// The same, with where the root key is when it is in no keystore.
    pub(super) fn with_key_file(mut self, file: Option<KeyFile>) -> Self {
        self.key_file = file;
        self
    }

    /// The same, with a root key that comes along.
    pub(super) fn lending(mut self, key: Option<SecretKey>) -> Self {
        self.caller.root = key;
        self
    }

    /// The same, with the passphrase of the keys that are made.
    pub(super) fn wrapping(mut self, new: Option<Passphrase>) -> Self {
        self.caller.new_passphrase = new;
        self
    }

    /// Asks, and where keys are wrapped and a person is there, asks them too.
    pub(super) async fn ask(&mut self, op: Op) -> Result<Value, OpError> {
        for _ in 0..TRIES {
            let answered = self.reached.run(self.caller.clone(), op.clone()).await;
            let prompted = match &answered {
                Err(refused) if refused.code == ErrorCode::Locked => {
                    self.console.ask_passphrase("Passphrase of your key: ")?
                }
                Err(refused)
                    if refused.code == ErrorCode::KeyAway && self.caller.root.is_none() =>
                {
                    let Some(file) = &self.key_file else { return answered };
                    self.caller.root = Some(file.open(&self.console)?);
                    continue;
                }
                Err(refused) if refused.code == ErrorCode::WrongPassphrase => {
                    self.console.ask_passphrase("That was another one. Passphrase of your key: ")?
                }
                _ => None,
            };
            let Some(passphrase) = prompted else { return answered };
            self.caller.passphrase = Some(passphrase);
        }
        self.reached.run(self.caller.clone(), op).await
    }

    /// One operation and its answer.
    pub(super) async fn errand(mut self, errand: Errand) -> Result<ExitCode, OpError> {
        let answered = self.ask(errand.op).await;
        let console = self.console.clone();
        self.close().await;
        let outcome = answered?;
        for note in (errand.notes)(&outcome) {
            console.say(&note);
        }
        console.answer_with(&outcome, || (errand.text)(&outcome));
        Ok(if (errand.succeeded)(&outcome) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    pub(super) async fn close(self) {
        self.reached.close().await;
    }
}
