//! A rehearsal: the new program lives on a copy of the node.
//!
//! It restores the backup that was just made, reads and verifies all of it,
//! and serves it on loopback, reaching and reached by nobody: a restored node
//! signs nothing, and this one is told to dial nobody. Whatever goes wrong
//! there goes wrong before anything of the node has changed.

use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

/// How long one command of the rehearsal may take: a large library is read and
/// verified whole.
const COMMAND_MAX: Duration = Duration::from_secs(30 * 60);
/// How long the copy may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(120);
/// How much of what it said is told.
const TOLD_BYTES: usize = 300;

/// What the program says its version is.
///
/// # Errors
/// It does not run, or says something else.
pub async fn version_of(program: &Path) -> Result<String, String> {
    let ran = run(program, &["version", "--json"]).await?;
    let told: Option<Value> = serde_json::from_slice(&ran.stdout).ok();
    let version = told.and_then(|told| Some(told["version"].as_str()?.to_owned()));
    version.ok_or_else(|| "it does not say its version".into())
}

/// Has the new program restore `backup` in `folder`, check it and serve it.
///
/// # Errors
/// What went wrong, in a sentence without its subject.
pub async fn rehearse(program: &Path, backup: &Path, folder: &Path) -> Result<(), String> {
    let (backup, data) = (path_text(backup)?, path_text(folder)?);
    run(program, &["--data", data, "restore", backup, "--json"]).await?;
    let checked = run(program, &["--data", data, "check", "--json"]).await?;
    let checked: Value = serde_json::from_slice(&checked.stdout)
        .map_err(|_| "its check of the copy answers nothing that can be read".to_owned())?;
    if checked["bad"].as_array().is_none_or(|bad| !bad.is_empty()) {
        return Err("it finds damage in a copy that the present version finds whole".into());
    }
    serve(program, data).await
}

fn path_text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is no text", path.display()))
}

fn command(program: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(words)
        .env("TERN_HTTP", "127.0.0.1:0")
        .env("TERN_NET_LISTEN", "/ip4/127.0.0.1/tcp/0")
        .env("TERN_NET_DIAL", "saved")
        .env("TERN_MEET_AUTO", "false")
        .env_remove("TERN_DATA")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// A command that ends with 0.
async fn run(program: &Path, words: &[&str]) -> Result<Output, String> {
    let what = words.iter().rev().find(|word| !word.starts_with('-')).copied().unwrap_or("");
    let what = if words.contains(&"restore") { "restore" } else { what };
    let output = command(program, words).output();
    let output = timeout(COMMAND_MAX, output).await;
    let output = output.map_err(|_| format!("its `{what}` does not end"))?;
    let output = output.map_err(|cause| format!("it cannot be started: {cause}"))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("its `{what}` fails: {}", last_words(&output.stderr)))
}

/// The end of what a program said.
fn last_words(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(TOLD_BYTES)..]);
    let told = text.trim().lines().last().unwrap_or("it says nothing").to_owned();
    told.trim_start_matches("tern: ").to_owned()
}

/// Serves the copy until it says that it answers, and stops it.
async fn serve(program: &Path, data: &str) -> Result<(), String> {
    let failed = |cause: io::Error| format!("it cannot serve the copy: {cause}");
    let mut child = command(program, &["--data", data, "serve", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let Some(out) = child.stdout.take() else { return Err("it has no standard output".into()) };
    let mut lines = BufReader::new(out).lines();
    let told = timeout(ANSWER_MAX, lines.next_line()).await;
    let told = told.map_err(|_| format!("it does not answer within {ANSWER_MAX:?}"))?;
    let told = told.map_err(failed)?.ok_or("it ends instead of serving the copy")?;
    let node: Value = serde_json::from_str(&told).map_err(|_| "it answers something else")?;
    child.kill().await.map_err(failed)?;
    // In an empty folder it would ask to be set up.
    node["node"].is_string().then_some(()).ok_or_else(|| "it does not know the copy".into())
}
