//! `upgrade` and `release`: the program itself.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tern_crdt::identity::{PublicKey, SecretKey};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::Run;
use super::client::Client;
use super::grammar::Release as ReleaseCommand;
use crate::backup;
use crate::config::Flags;
use crate::folder::{DataFolder, NodeFile, make_private_folder, write_private};
use crate::node::Audience;
use crate::ops::{Caller, ErrorCode, Op, OpError, Operator};
use crate::upgrade::place::Place;
use crate::upgrade::release::{Manifest, Release, ReleaseRefused, make};
use crate::upgrade::{VERSION, Version, rehearsal, target};

/// How long a node may take to answer after it was started anew.
const HEALTHY_WITHIN: Duration = Duration::from_secs(90);
/// How long nothing may hold the folder until a start has failed: a service
/// manager waits a little before it tries again.
const ABSENT_MAX: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(100);

fn failed(what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Failed, what)
}

impl Run<'_> {
    /// Replaces this program by a release, if the node can live with it.
    pub(super) async fn upgrade(&self, file: &Path) -> Result<(), OpError> {
        let folder = self.folder()?;
        let loaded = self.settings(&folder, &Flags::default())?;
        crate::log::start(&loaded, false);
        let release = open(file, &loaded.settings.upgrade_keys)?;
        let manifest = fits(&release.manifest)?.clone();
        let place = Place::own().map_err(|cause| failed(format!("where is tern? {cause}")))?;
        self.unpack(release, &place).await.inspect_err(|_| place.forget())?;
        let holds = folder.holds_node();
        if holds {
            self.rehearse(&folder, &place).await.inspect_err(|_| place.forget())?;
        }
        let running = if holds { running(&folder).await? } else { None };
        place.take().map_err(|cause| not_ours(&place, &cause))?;
        let state = match running {
            None => "installed",
            Some(node) => {
                self.console.say("The node starts anew with it.");
                start_anew(&folder, &node, &place, &manifest).await?;
                "running"
            }
        };
        let outcome = json!({ "from": VERSION, "to": manifest.version, "state": state });
        self.console.answer_with(&outcome, || {
            let old = place.old();
            match state {
                "running" => format!(
                    "The node runs tern {} now. The one before is {}.\n",
                    manifest.version,
                    old.display()
                ),
                _ => format!(
                    "Installed tern {}. The one before is {}.\n",
                    manifest.version,
                    old.display()
                ),
            }
        });
        Ok(())
    }

    async fn unpack(&self, release: Release, place: &Place) -> Result<(), OpError> {
        let mut beside = place.begin().map_err(|cause| not_ours(place, &cause))?;
        let manifest = release.unpack(&mut beside).map_err(|why| refused("The release", &why))?;
        drop(beside);
        let told = rehearsal::version_of(&place.next()).await;
        let told = told.map_err(|why| failed(format!("the new tern does not work here: {why}")))?;
        if told != manifest.version {
            let what = format!(
                "the release says that it is {} and its program that it is {told}: tell its makers",
                manifest.version
            );
            return Err(OpError::new(ErrorCode::Damaged, what));
        }
        Ok(())
    }

    /// Tries the new program on a copy of the node.
    async fn rehearse(&self, folder: &DataFolder, place: &Place) -> Result<(), OpError> {
        let room = folder.root().join("upgrade");
        let cannot = |cause: io::Error| failed(format!("cannot write {}: {cause}", room.display()));
        // What an earlier one left.
        match fs::remove_dir_all(&room) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cannot(cause)),
            _ => {}
        }
        make_private_folder(&room).map_err(cannot)?;
        self.console.say("Saving the node, and trying the new version on a copy of it.");
        let saved = room.join("before.backup");
        // No upgrade touches the files beside practices.
        let wanted = backup::Wanted { passphrase: None, files: false };
        backup::write(folder, &saved, wanted, |_, _| {})?;
        let tried = rehearsal::rehearse(&place.next(), &saved, &room.join("copy")).await;
        // The copy has the keys of the node: it goes, whatever came of it.
        fs::remove_dir_all(room.join("copy")).map_err(cannot)?;
        tried.map_err(|why| {
            failed(format!(
                "the new version was tried on a copy of this node, and {why}. Nothing was changed: the node goes on with tern {VERSION}"
            ))
        })
    }

    /// What the makers of releases do.
    pub(super) fn release(&self, command: ReleaseCommand) -> Result<(), OpError> {
        match command {
            ReleaseCommand::Key { file } => {
                if file.exists() {
                    let what = format!("{} is there already: name another file", file.display());
                    return Err(OpError::new(ErrorCode::Conflict, what));
                }
                let seed: [u8; 32] = crate::running::draw()?;
                let key = SecretKey::from_seed(&seed);
                let text = crate::hex::encode(&seed);
                write_private(&file, text.as_bytes())
                    .map_err(|cause| failed(format!("cannot write {}: {cause}", file.display())))?;
                let public = crate::hex::encode(key.public().as_bytes());
                self.console.answer_with(&json!({ "file": file, "key": public }), || {
                    format!("Whoever trusts releases under this key names it in upgrade.keys:\n{public}\n")
                });
            }
            ReleaseCommand::Make { program, version, notes, key, out } => {
                if Version::read(&version).is_none() {
                    let what = format!("`{version}` is no version: write it as 1.2.3");
                    return Err(OpError::new(ErrorCode::Invalid, what).in_field("version"));
                }
                let key = secret(&key)?;
                let made = make(&program, &version, &target(), &notes, &key, &out)
                    .map_err(|cause| failed(format!("cannot make {}: {cause}", out.display())))?;
                self.console.answer_with(&told(&made, &key.public(), &out), || {
                    format!("Made {}, signed.\n", out.display())
                });
            }
        }
        Ok(())
    }
}

fn told(manifest: &Manifest, key: &PublicKey, file: &Path) -> Value {
    json!({
        "file": file, "version": manifest.version, "target": manifest.target,
        "bytes": manifest.length, "blake3": crate::hex::encode(&manifest.hash),
        "key": crate::hex::encode(key.as_bytes()),
    })
}

fn secret(path: &Path) -> Result<SecretKey, OpError> {
    let text = fs::read_to_string(path)
        .map_err(|cause| failed(format!("cannot read {}: {cause}", path.display())))?;
    let seed = crate::hex::decode(text.trim()).ok_or_else(|| {
        let what = format!("{} holds no key of releases", path.display());
        OpError::new(ErrorCode::Invalid, what)
    })?;
    Ok(SecretKey::from_seed(&seed))
}

fn open(file: &Path, trusted: &[PublicKey]) -> Result<Release, OpError> {
    Release::open(file, trusted).map_err(|why| refused(&file.display().to_string(), &why))
}

fn refused(file: &str, why: &ReleaseRefused) -> OpError {
    let code = match why {
        ReleaseRefused::Foreign => ErrorCode::Invalid,
        ReleaseRefused::Untrusted(_) => ErrorCode::NotAllowed,
        ReleaseRefused::Forged(_) => ErrorCode::Damaged,
        ReleaseRefused::System(_) => ErrorCode::Failed,
    };
    OpError::new(code, format!("{file}: {why}"))
}

/// Whether a release is newer than this program, and for this machine.
fn fits(manifest: &Manifest) -> Result<&Manifest, OpError> {
    let conflict = |what: String| Err(OpError::new(ErrorCode::Conflict, what));
    if manifest.target != target() {
        return conflict(format!(
            "this release is for {}, and this machine is {}: fetch the one for it",
            manifest.target,
            target()
        ));
    }
    match (Version::read(&manifest.version), Version::read(VERSION)) {
        (Some(new), Some(own)) if new > own => Ok(manifest),
        (Some(new), Some(own)) if new == own => conflict(format!("tern {own} is here already")),
        (Some(new), _) => conflict(format!(
            "tern {new} is older than this one, {VERSION}, and may not read what this one wrote: to go back, restore a backup that was made before the upgrade, with the older version"
        )),
        (None, _) => conflict(format!("`{}` is no version", manifest.version)),
    }
}

fn not_ours(place: &Place, cause: &io::Error) -> OpError {
    let program = place.program().display();
    let what = match cause.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => format!(
            "{program} is not yours to replace: if it came with a package, upgrade that; else run this as its owner"
        ),
        _ => format!("cannot replace {program}: {cause}"),
    };
    OpError::new(ErrorCode::NotAllowed, what)
}

/// A node that runs, and how it was started.
struct Started {
    node: NodeFile,
    words: Vec<String>,
}

async fn running(folder: &DataFolder) -> Result<Option<Started>, OpError> {
    if Client::find(folder).await?.is_none() {
        return Ok(None);
    }
    let Some(node) = folder.read_node_file()? else { return Ok(None) };
    let line = fs::read(format!("/proc/{}/cmdline", node.pid)).unwrap_or_default();
    let words = line.split(|byte| *byte == 0).filter(|word| !word.is_empty()).skip(1);
    let words: Vec<String> = words.map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let default = || vec!["--data".to_owned(), folder.root().display().to_string(), "serve".into()];
    Ok(Some(Started { words: if words.is_empty() { default() } else { words }, node }))
}

/// Has the node start anew and waits until it answers; if it does not, the old
/// program takes its place and runs again.
async fn start_anew(
    folder: &DataFolder,
    started: &Started,
    place: &Place,
    manifest: &Manifest,
) -> Result<(), OpError> {
    let began = Instant::now();
    signal(started.node.pid, "HUP").await?;
    if answers(folder, began, HEALTHY_WITHIN).await {
        return Ok(());
    }
    let version = &manifest.version;
    let back = take_back(folder, started, place).await;
    Err(match back {
        Ok(()) => failed(format!(
            "the node did not answer with tern {version}: it runs tern {VERSION} again"
        )),
        Err(why) => failed(format!(
            "the node did not answer with tern {version}, and not with {VERSION} again either ({}): its state of before the upgrade is in {}; restore it into an empty folder",
            why.message,
            folder.root().join("upgrade/before.backup").display()
        )),
    })
}

async fn take_back(folder: &DataFolder, started: &Started, place: &Place) -> Result<(), OpError> {
    place.give_back().map_err(|cause| not_ours(place, &cause))?;
    let began = Instant::now();
    if folder.is_running()? {
        // It started, and does not answer.
        signal(started.node.pid, "KILL").await?;
    }
    // A service manager starts it by itself.
    if answers(folder, began, HEALTHY_WITHIN).await {
        return Ok(());
    }
    let log = fs::File::create(folder.root().join("upgrade/serve.log"));
    let log = log.map_or_else(|_| Stdio::null(), Stdio::from);
    Command::new(place.program())
        .args(&started.words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|cause| failed(format!("cannot start {}: {cause}", place.program().display())))?;
    match answers(folder, began, HEALTHY_WITHIN).await {
        true => Ok(()),
        false => Err(failed("it does not answer")),
    }
}

async fn signal(pid: u32, signal: &str) -> Result<(), OpError> {
    let line = format!("kill -{signal} {pid}");
    let ended = Command::new("sh").args(["-c", &line]).status().await;
    match ended {
        Ok(status) if status.success() => Ok(()),
        _ => Err(failed(format!(
            "the node (process {pid}) cannot be told to start anew: restart it"
        ))),
    }
}

/// Whether a node answers that was started after `began`. One that is not even
/// there for a while was not started by anybody.
async fn answers(folder: &DataFolder, began: Instant, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    let mut seen = Instant::now();
    while Instant::now() < until && seen.elapsed() < ABSENT_MAX {
        if folder.is_running().unwrap_or(false) {
            seen = Instant::now();
        }
        if let Ok(Some(client)) = Client::find(folder).await
            && let Ok(status) = client.run(Caller::default(), Op::Status {}).await
            && let Some(uptime) = status["uptime_seconds"].as_u64()
            // Seconds are rounded down: one more, so that it is not the one before.
            && Duration::from_secs(uptime.saturating_add(1)) <= began.elapsed()
        {
            return true;
        }
        sleep(AGAIN).await;
    }
    false
}
