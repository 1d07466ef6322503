//! `tern doctor` and `tern support`: for a node that runs, one that is stopped,
//! and one that does not open.
//!
//! The ports are tried, and permissions looked at, before the node is opened:
//! opening it takes the one and mends the other.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::reach::{self, Reached, reach};
use super::{Run, answers, session};
use crate::config::{Flags, Loaded, Settings};
use crate::doctor::{Facts, Inside, lines, probe_ports, to_json};
use crate::folder::DataFolder;
use crate::ops::{ErrorCode, Op, OpError, Operator};
use crate::support;

/// Lines that are seen before a stopped node is opened.
const BEFORE: [&str; 2] = ["ports", "permissions"];
const SETTINGS: &str = "settings";

impl Run<'_> {
    pub(super) async fn doctor(&self) -> Result<ExitCode, OpError> {
        let folder = self.folder()?;
        reach::there_is_a_node(&folder)?;
        let (settings, warnings) = self.settings_or_faults(&folder);
        let before = self.before(&folder, &settings, &warnings);
        let answered = match self.reached(&folder, &settings).await {
            Ok(reached) => self.asked(reached, Op::Doctor {}).await,
            Err(refused) => Err(refused),
        };
        let answer = match answered {
            Ok(answer) => {
                let seen = |check: &str| {
                    check == SETTINGS || (before.is_stopped && BEFORE.contains(&check))
                };
                replaced(answer, &to_json(&lines(&before.facts)), seen)
            }
            Err(refused) => {
                let inside = Inside::Closed(refused.message);
                to_json(&lines(&Facts { inside, ..before.facts }))
            }
        };
        self.console.answer_with(&answer, || answers::doctor(&answer));
        let red = items(&answer).any(|item| item["level"] == "red");
        Ok(if red { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    pub(super) async fn support(&self, file: &Path) -> Result<(), OpError> {
        let folder = self.folder()?;
        reach::there_is_a_node(&folder)?;
        if file.exists() {
            return Err(not_over(file));
        }
        let (settings, _) = self.settings_or_faults(&folder);
        let answered = match self.reached(&folder, &settings).await {
            Ok(reached) => self.asked(reached, Op::Support {}).await,
            Err(refused) => Err(refused),
        };
        let report = answered
            .unwrap_or_else(|refused| support::of_closed(&folder, &settings, &refused.message));
        let text = serde_json::to_string_pretty(&report)
            .map_err(|why| OpError::new(ErrorCode::Failed, why.to_string()))?;
        write_new(file, &text)?;
        let told = json!({ "file": file, "bytes": text.len() + 1 });
        self.console.answer_with(&told, || {
            format!("{} is written. Read it before you send it.", file.display())
        });
        Ok(())
    }

    /// Settings that cannot be read are a line of their own.
    fn settings_or_faults(&self, folder: &DataFolder) -> (Settings, Vec<String>) {
        match Loaded::load(folder, &self.environment, &Flags::default()) {
            Ok(loaded) => {
                crate::log::start(&loaded, false);
                (loaded.settings, loaded.warnings)
            }
            Err(refused) => (Settings::default(), vec![refused.to_string()]),
        }
    }

    fn before(&self, folder: &DataFolder, settings: &Settings, warnings: &[String]) -> Before {
        let is_stopped = folder.is_running().is_ok_and(|running| !running);
        let mut facts = Facts::outside(folder, warnings.to_vec());
        if is_stopped {
            facts.ports = probe_ports(settings);
        }
        Before { is_stopped, facts }
    }

    async fn reached(&self, folder: &DataFolder, settings: &Settings) -> Result<Reached, OpError> {
        reach(self.process, folder, settings, reach::STARTING_MAX).await
    }

    async fn asked(&self, reached: Reached, op: Op) -> Result<Value, OpError> {
        let caller = session::caller(&self.global, &self.environment)?;
        let answered = reached.run(caller, op).await;
        reached.close().await;
        answered
    }
}

/// What was seen before the node was reached.
struct Before {
    is_stopped: bool,
    facts: Facts,
}

/// `answer` with the lines of `other` that `seen` names.
fn replaced(mut answer: Value, other: &Value, seen: impl Fn(&str) -> bool) -> Value {
    let of_other = |check: &Value| items(other).find(|item| item["check"] == *check).cloned();
    for item in answer["items"].as_array_mut().into_iter().flatten() {
        let check = item["check"].clone();
        if check.as_str().is_some_and(&seen)
            && let Some(instead) = of_other(&check)
        {
            *item = instead;
        }
    }
    answer
}

fn items(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["items"].as_array().into_iter().flatten()
}

/// Writes a file that only its owner can read, and never over another.
fn write_new(file: &Path, text: &str) -> Result<(), OpError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut open| writeln!(open, "{text}"));
    written.map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => not_over(file),
        _ => OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", file.display())),
    })
}

fn not_over(file: &Path) -> OpError {
    let what = format!("{} is there already: choose another name", file.display());
    OpError::new(ErrorCode::Conflict, what).in_field("file")
}
