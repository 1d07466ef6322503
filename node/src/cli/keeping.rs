//! `backup`, `restore` and `check --repair`: what keeps a node, or brings it
//! back.
//!
//! They work on files alone. A backup reads beside a running node; restoring
//! and repairing take the folder for themselves.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Value, json};

use super::answers::{bytes, count};
use super::console::Console;
use super::{Run, session};
use crate::backup::{self, Restored, Saved, Wanted};
use crate::config::Flags;
use crate::folder::FolderError;
use crate::keystore::Passphrase;
use crate::moment::rfc3339;
use crate::node::Audience;
use crate::ops::{ErrorCode, Op, OpError};
use crate::repair::Repaired;

impl Run<'_> {
    /// Saves the node in a file.
    pub(super) fn backup(&self, file: &Path, files: bool) -> Result<(), OpError> {
        let folder = self.folder()?;
        let loaded = self.settings(&folder, &Flags::default())?;
        crate::log::start(&loaded, false);
        super::reach::there_is_a_node(&folder)?;
        let mut passphrase = session::given_passphrase(&self.global, &self.environment)?;
        let is_new = !file.exists();
        if passphrase.is_none() && is_new {
            passphrase = self.console.ask_new_passphrase("Passphrase of the backup")?;
        }
        let save = |passphrase: Option<&Passphrase>| {
            let wanted = Wanted { passphrase, files };
            backup::write(&folder, file, wanted, self.progress("saved"))
        };
        let saved = match save(passphrase.as_ref()) {
            Err(refused) if refused.code == ErrorCode::Locked => {
                let asked = self.console.ask_passphrase("Passphrase of this backup: ")?;
                save(Some(&asked.ok_or(refused)?))
            }
            saved => saved,
        }?;
        if !saved.encrypted {
            self.console.say(
                "This backup is not encrypted: whoever has the file has the keys and drafts of this node. Give --passphrase-file to encrypt it.",
            );
        }
        if saved.damaged > 0 {
            self.console.say(&format!(
                "{} beside practices could not be saved, because the disk spoiled them: `tern check` names them, and `tern blob get` fetches them again from whoever has them.",
                count(saved.damaged, "file", "files"),
            ));
        }
        if saved.left.0 > 0 {
            self.console.say(&format!(
                "{} beside practices ({}) stayed out, as you asked.",
                count(saved.left.0, "file", "files"),
                bytes(&json!(saved.left.1)),
            ));
        }
        self.console.answer_with(&told(&saved), || {
            let whole = and_files(count(saved.objects, "object", "objects"), saved.files.0);
            let added = bytes(&json!(saved.added));
            let all = bytes(&json!(saved.bytes));
            let file = saved.file.display();
            format!(
                "Saved {whole} in {file}: {added} written now, {all} in all, read back and whole.\n"
            )
        });
        Ok(())
    }

    /// Makes an empty folder the node that a file holds.
    pub(super) async fn restore(&self, file: &Path) -> Result<(), OpError> {
        let folder = self.folder()?;
        let loaded = self.settings(&folder, &Flags::default())?;
        crate::log::start(&loaded, false);
        let open = folder.take().await?;
        let given = session::given_passphrase(&self.global, &self.environment)?;
        let restore = |passphrase: Option<&Passphrase>| {
            backup::restore(&open, file, passphrase, self.progress("restored"))
        };
        let restored = match restore(given.as_ref()) {
            Err(refused) if refused.code == ErrorCode::Locked => {
                let asked = self.console.ask_passphrase("Passphrase of this backup: ")?;
                restore(Some(&asked.ok_or(refused)?))
            }
            restored => restored,
        }?;
        if restored.behind > 0 {
            let behind = bytes(&json!(restored.behind));
            self.console.say(&format!(
                "{behind} at the end of the file cannot be used: a later backup that was interrupted, or damage. The last whole one was restored.",
            ));
        }
        self.console.answer_with(&revived(&restored, file), || {
            let practices = count(restored.practices, "practice", "practices");
            let practices = and_files(practices, restored.files.0);
            let made = rfc3339(restored.made);
            format!(
                "Restored the node as it was on {made}, with {practices}. Run it with: tern serve\nUntil it has met another member it signs nothing. If there is no other: tern resume\nNever run the node that this backup is of again: two nodes with one key contradict each other.\n"
            )
        });
        Ok(())
    }

    /// Saves what can be read of a damaged store, drops what does not fit
    /// together, and fetches it again from whoever can be met.
    pub(super) async fn repair(&self) -> Result<ExitCode, OpError> {
        let folder = self.folder()?;
        let loaded = self.settings(&folder, &Flags::default())?;
        crate::log::start(&loaded, false);
        super::reach::there_is_a_node(&folder)?;
        let open = folder.take().await.map_err(|refused| match refused {
            FolderError::InUse(_) => {
                let what = "the node runs: stop it, then run `tern check --repair` again";
                OpError::new(ErrorCode::InUse, what)
            }
            other => other.into(),
        })?;
        let Repaired { lost, mended, files } = crate::repair::repair(&open)?;
        drop(open);
        let before = mended.objects;
        let mut session = self.session().await?;
        if lost > 0 || !mended.dropped.is_empty() {
            self.console
                .say("Something was lost. It is fetched again from the members that can be met.");
            if let Err(refused) = session.ask(Op::Meet { peer: None }).await {
                self.console.say(&format!("Nobody was met: {}", refused.message));
            }
        }
        let checked = session.ask(Op::Check { repair: false }).await;
        session.close().await;
        let mut outcome = checked?;
        let now = outcome["objects"].as_u64().unwrap_or(before);
        let mut bad: Vec<Value> = mended
            .dropped
            .iter()
            .map(|(id, reason)| json!({ "id": id.to_string(), "reason": reason }))
            .collect();
        bad.extend(outcome["bad"].as_array().into_iter().flatten().cloned());
        outcome["repaired"] = json!(now.saturating_sub(before));
        outcome["bad"] = json!(bad);
        outcome["lost_bytes"] = json!(lost);
        outcome["files"] = files
            .iter()
            .map(|(hash, kept)| json!({ "hash": hash.to_string(), "kept_bytes": kept }))
            .collect();
        self.console.answer_with(&outcome, || repaired(&outcome));
        Ok(ExitCode::SUCCESS)
    }

    /// Tells how far it is, at each tenth.
    fn progress(&self, what: &'static str) -> impl Fn(u64, u64) + use<> {
        let console: Arc<Console> = self.console.clone();
        move |done, all| {
            let tenths = |done: u64| done.saturating_mul(10) / all.max(1);
            let step = crate::backup::STEP_BYTES.min(done);
            // A small one needs no progress.
            if all > 32 * crate::backup::STEP_BYTES && tenths(done) != tenths(done - step) {
                let (shown, of) = (bytes(&json!(done)), bytes(&json!(all)));
                console.progress(&format!("{what} {shown} of {of}"), done == all);
            }
        }
    }
}

fn repaired(outcome: &Value) -> String {
    let files = outcome["files"].as_array().map_or(0, Vec::len) as u64;
    let of_files = match files {
        0 => String::new(),
        _ => format!(
            "{} beside practices had been spoiled. What is sound stays; the rest is fetched from whoever has it as soon as the node runs.\n",
            count(files, "file", "files"),
        ),
    };
    of_store(outcome) + &of_files
}

fn of_store(outcome: &Value) -> String {
    let number = |key: &str| outcome[key].as_u64().unwrap_or(0);
    let dropped = outcome["bad"].as_array().map_or(0, Vec::len) as u64;
    if number("lost_bytes") == 0 && dropped == 0 {
        let all = count(number("objects"), "object", "objects");
        return format!(
            "{all} read, all of them whole. Nothing of the store had to be repaired.\n"
        );
    }
    format!(
        "{} of the journal could not be read; {} did not fit together any more and were dropped. {} came back from other members.\nUntil the node has met another member it signs nothing. What only this node had, drafts among it, is lost where it was damaged; the damaged journal is kept beside the store.\n",
        bytes(&outcome["lost_bytes"]),
        count(dropped, "object", "objects"),
        count(number("repaired"), "object", "objects"),
    )
}

/// What there is, and files beside it if there are any.
fn and_files(what: String, files: u64) -> String {
    if files == 0 { what } else { format!("{what} and {}", count(files, "file", "files")) }
}

fn told(saved: &Saved) -> Value {
    json!({
        "file": saved.file, "bytes": saved.bytes, "objects": saved.objects,
        "added_bytes": saved.added, "encrypted": saved.encrypted, "made_at": rfc3339(saved.made),
        "files": saved.files.0, "files_bytes": saved.files.1,
        "files_left_out": saved.left.0, "files_damaged": saved.damaged,
    })
}

fn revived(restored: &Restored, file: &Path) -> Value {
    let file: PathBuf = file.to_owned();
    json!({
        "file": file, "node": restored.identity.node.node().to_string(),
        "org": restored.identity.org.to_string(), "made_at": rfc3339(restored.made),
        "objects": restored.objects, "practices": restored.practices,
        "files": restored.files.0, "files_bytes": restored.files.1,
        "state": "catching-up", "unusable_bytes": restored.behind,
    })
}
