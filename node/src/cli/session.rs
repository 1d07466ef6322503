//! A command that has reached its node: asking it, with the keys opened where
//! that is needed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;

use super::Console;
use super::errand::{Errand, Wraps};
use super::grammar::Global;
use super::reach::Reached;
use crate::config::Environment;
use crate::keystore::Passphrase;
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

/// On whose behalf the command acts.
pub(super) fn caller(global: &Global, environment: &Environment) -> Result<Caller, OpError> {
    let passphrase = given_passphrase(global, environment)?;
    Ok(Caller { account: global.account.clone(), passphrase, new_passphrase: None })
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
        Self { reached, caller, console }
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
