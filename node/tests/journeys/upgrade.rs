//! Upgrades: a release is tried on a copy of the node, takes the program's
//! place, and gives it back if the node does not answer.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::patience::{PATIENCE, output, until};
use super::practices::practice;
use super::tern::{Desk, Ran, Served, refusal, text};

/// A node whose program is a file of its own, and somebody who makes releases.
struct Bench {
    desk: Desk,
    program: PathBuf,
    folder: tempfile::TempDir,
    key: String,
}

impl Bench {
    fn new() -> Self {
        let desk = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
        desk.publish(&practice("Registering every birth"));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = folder.path().join("tern");
        let own = Path::new(env!("CARGO_BIN_EXE_tern"));
        // Another name where that goes, a copy elsewhere.
        fs::hard_link(own, &program).or_else(|_| fs::copy(own, &program).map(drop)).expect("room");
        let file = folder.path().join("release-key");
        let made = desk.ask(&["release", "key", file.to_str().expect("text")]);
        Self { key: text(&made["key"]), desk, program, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("text").to_owned()
    }

    /// A later version: the present one, but for what `script` does first.
    fn release(&self, version: &str, script: &str) -> String {
        let program = self.path("later");
        let text = format!(
            "#!/bin/sh\nif [ \"$1\" = version ]; then echo '{{\"version\":\"{version}\"}}'; exit 0; fi\n{script}\nexec '{}' \"$@\"\n",
            env!("CARGO_BIN_EXE_tern")
        );
        fs::write(&program, text).expect("room");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("ours");
        let (key, out) = (self.path("release-key"), self.path("tern.release"));
        let make = ["release", "make", &program, "--version", version, "--key", &key];
        self.desk.ask(&[&make[..], &["--out", &out]].concat());
        out
    }

    fn command(&self, words: &[&str]) -> Command {
        let like = self.desk.command(words);
        let mut command = Command::new(&self.program);
        command.args(like.get_args()).stdin(Stdio::null());
        for (name, value) in like.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("TERN_UPGRADE_KEYS", &self.key);
        command
    }

    fn serve(&self) -> Served {
        Served::start(&self.desk, self.command(&["serve", "--json"]))
    }

    fn upgrade(&self, release: &str) -> Ran {
        output(&mut self.command(&["upgrade", release, "--json"])).into()
    }

    fn refused(&self, release: &str) -> Value {
        refusal(self.upgrade(release), &["upgrade", release])
    }

    fn holds_the_first(&self) -> bool {
        let length = |path: &Path| fs::metadata(path).expect("a file").len();
        length(&self.program) == length(Path::new(env!("CARGO_BIN_EXE_tern")))
    }

    /// Waits until the node answers, and knows what it knew.
    fn answers(&self) {
        until("the node answers", PATIENCE, || {
            let ran = self.desk.run(&["status", "--json"]);
            (ran.code == Some(0) && ran.json()["practices"] == 1).then_some(())
        });
    }
}

#[test]
fn a_release_that_works_takes_the_place_and_the_node_goes_on_under_it() {
    let bench = Bench::new();
    let release = bench.release("9.9.9", "");
    let served = bench.serve();
    let pid = served.told["pid"].clone();
    let ran = bench.upgrade(&release);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!((&ran.json()["to"], &ran.json()["state"]), (&json!("9.9.9"), &json!("running")));
    assert!(!bench.holds_the_first());
    bench.answers();
    let node = fs::read_to_string(bench.desk.data().join("node.json")).expect("it serves");
    let node: Value = serde_json::from_str(&node).expect("a document");
    assert_eq!(node["pid"], pid, "under the same process id");
    assert!(!bench.desk.data().join("upgrade/copy").exists(), "the copy with the keys is gone");
    served.stop();
}

#[test]
fn a_release_that_fails_on_the_copy_changes_nothing() {
    let bench = Bench::new();
    let release =
        bench.release("9.9.9", "case \"$*\" in *check*) echo 'tern: I cannot' >&2; exit 1;; esac");
    let served = bench.serve();
    let message = text(&bench.refused(&release)["message"]);
    assert!(message.contains("`check` fails: I cannot"), "{message}");
    assert!(message.contains("Nothing was changed"), "{message}");
    assert!(bench.holds_the_first() && !Path::new(&bench.path("tern.new")).exists());
    bench.answers();
    served.stop();
}

#[test]
fn a_release_that_does_not_start_gives_the_place_back_and_the_node_runs_again() {
    let bench = Bench::new();
    let data = bench.desk.data();
    // It works on the copy, and not on the node.
    let script = format!("case \"$*\" in *'{} serve'*) exit 3;; esac", data.display());
    let release = bench.release("9.9.9", &script);
    let served = bench.serve();
    let message = text(&bench.refused(&release)["message"]);
    assert!(message.contains("it runs tern 0.1.0 again"), "{message}");
    assert!(bench.holds_the_first());
    bench.answers();
    // Started by the command, it is nobody's child.
    let node = fs::read_to_string(data.join("node.json")).expect("it serves");
    let node: Value = serde_json::from_str(&node).expect("a document");
    let stopped = Command::new("kill").arg(node["pid"].to_string()).status().expect("kill runs");
    assert!(stopped.success());
    drop(served);
}

#[test]
fn what_no_trusted_key_signed_what_is_older_and_what_is_none_is_refused() {
    let mut bench = Bench::new();
    let older = bench.release("0.0.9", "");
    assert!(text(&bench.refused(&older)["message"]).contains("older"), "a downgrade");
    let newer = bench.release("9.9.9", "");
    let mut forged = fs::read(&newer).expect("a file");
    let last = forged.len() - 2;
    forged[last] ^= 1;
    fs::write(bench.path("forged"), forged).expect("room");
    assert_eq!(bench.refused(&bench.path("forged"))["code"], "damaged");
    let letter = bench.desk.file("letter", "Dear colleague");
    assert_eq!(bench.refused(&letter)["code"], "invalid");
    bench.key = "0".repeat(64);
    let refused = bench.refused(&newer);
    assert_eq!(refused["code"], "not-allowed");
    assert!(text(&refused["message"]).contains("upgrade.keys"), "{refused}");
    assert!(bench.holds_the_first());
}

#[test]
fn a_backup_that_an_earlier_version_made_is_restored() {
    let desk = Desk::empty();
    let passphrase = desk.file("passphrase", "two rivers\n");
    let saved = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/0.1.0.backup");
    let restored = desk.ask(&["restore", saved, "--passphrase-file", &passphrase]);
    assert_eq!(restored["practices"], 1, "{restored}");
    assert_eq!(desk.ask(&["check"])["bad"], json!([]));
    let drafts = desk.ask(&["practice", "list", "--drafts"]);
    assert_eq!(drafts["items"][0]["title"], "A draft");
    assert_eq!(desk.ask(&["expert", "list"])["total"], 1);
    desk.ask(&["resume"]);
    let search = || {
        let found = desk.ask(&["search", "births"]);
        (found["total"] == 1).then(|| text(&found["items"][0]["id"]))
    };
    let (id, _) = until("it is found", PATIENCE, search);
    let shown = desk.ask(&["practice", "show", &id]);
    assert_eq!((&shown["edition"], &shown["verdict"]), (&json!(2), &json!("accepted")));
    let draft = text(&desk.ask(&["practice", "edit", &id, "--set", "ongoing=false"])["id"]);
    let publish = ["practice", "publish", &draft, "--note", "It ended"];
    assert_eq!(desk.ask(&publish)["edition"], 3, "its keys sign");
}
