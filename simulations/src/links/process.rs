//! The program `tern` on a folder: commands, and a node that serves.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::{LinksError, Transport, failed, http};

/// A node that has not started, or not stopped, within this time hangs.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(50);
const METRICS_PATH: &str = "/metrics";
const OPERATIONS_PATH: &str = "/api/v1/operations";

/// Finds the program: where it was said to be, or beside this one.
pub(super) fn find(given: Option<PathBuf>) -> Result<PathBuf, LinksError> {
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join("tern")));
    let path = given.or(beside).unwrap_or_else(|| "tern".into());
    if path.is_file() { Ok(path) } else { Err(LinksError::NoProgram { path }) }
}

/// Looks until there is an answer, at most for so long.
pub(super) async fn until<T, L: Future<Output = Result<Option<T>, LinksError>>>(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> L,
) -> Result<T, LinksError> {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        sleep(LOOK).await;
    }
    Err(LinksError::TooLate { what: what.to_owned(), seconds: patience.as_secs() })
}

/// A data folder.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    tern: PathBuf,
    pub(super) path: PathBuf,
}

impl Folder {
    pub(super) fn new(tern: &Path, path: PathBuf) -> Self {
        Self { tern: tern.to_owned(), path }
    }

    fn command(&self, words: &[&str]) -> Result<Command, LinksError> {
        let log = self.path.with_extension("log");
        let log = File::options().create(true).append(true).open(&log);
        let log = log.map_err(failed("cannot write a log"))?;
        let mut command = Command::new(&self.tern);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TERN_") {
                command.env_remove(name);
            }
        }
        // Nothing else on this machine is met or in the way.
        command.env("TERN_NET_DIAL", "saved").env("TERN_HTTP", "127.0.0.1:0");
        command.env("TERN_BLOBS_FILE_MB", "4000");
        command.env("TERN_NET_LISTEN", "/ip4/127.0.0.1/udp/0/quic-v1,/ip4/127.0.0.1/tcp/0");
        // Why links ended is told in the log beside the folder.
        command.env("TERN_LOG_LEVEL", "info,tern_node::driver=debug");
        command.arg("--data").arg(&self.path).arg("--json").args(words);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        Ok(command)
    }

    /// Runs a command to its end: what it answered.
    pub(super) async fn ask(&self, words: &[&str]) -> Result<Value, LinksError> {
        let asked = words.join(" ");
        let ran = self.command(words)?.output().await.map_err(failed("cannot run tern"))?;
        let Output { status, stdout, .. } = ran;
        let said = String::from_utf8_lossy(&stdout).into_owned();
        let answer = serde_json::from_str(&said).ok().filter(|_| status.success());
        answer.ok_or(LinksError::Refused { asked, said })
    }

    /// Starts the node; `auto` is whether it meets peers unasked.
    pub(super) async fn serve(&self, auto: bool) -> Result<Serving, LinksError> {
        self.serve_at(auto, None).await
    }

    /// The same, at addresses that it had before.
    async fn serve_at(&self, auto: bool, listen: Option<&str>) -> Result<Serving, LinksError> {
        let mut command = self.command(&["serve"])?;
        if let Some(listen) = listen {
            command.env("TERN_NET_LISTEN", listen);
        }
        command.env("TERN_MEET_AUTO", auto.to_string());
        let mut child = command.spawn().map_err(failed("cannot run tern"))?;
        let late = || LinksError::TooLate {
            what: format!("the node of {} serves (see its log)", self.path.display()),
            seconds: START_PATIENCE.as_secs(),
        };
        let output = child.stdout.take().ok_or_else(late)?;
        let mut lines = BufReader::new(output).lines();
        let line = timeout(START_PATIENCE, lines.next_line()).await;
        let line = line.ok().and_then(Result::ok).flatten().ok_or_else(late)?;
        let told: Value = serde_json::from_str(&line).map_err(|_| late())?;
        let http = told["http"].as_str().and_then(|http| http.strip_prefix("http://"));
        let http = http.and_then(|http| http.parse().ok()).ok_or_else(late)?;
        let token = std::fs::read_to_string(self.path.join("api-token"));
        let token = token.map_err(failed("cannot read a node's token"))?.trim().to_owned();
        Ok(Serving { folder: self.clone(), auto, child, told, http, token })
    }
}

/// A node that serves until it is stopped or dropped.
#[derive(Debug)]
pub(super) struct Serving {
    pub(super) folder: Folder,
    auto: bool,
    child: Child,
    told: Value,
    http: SocketAddr,
    token: String,
}

impl Serving {
    fn told(&self, name: &str) -> String {
        self.told[name].as_str().unwrap_or_default().to_owned()
    }

    /// Its node id.
    pub(super) fn node(&self) -> String {
        self.told("node")
    }

    /// Its peer id.
    pub(super) fn peer_id(&self) -> String {
        self.told("peer_id")
    }

    /// Where it listens.
    pub(super) fn listens(&self, transport: Transport) -> Option<SocketAddr> {
        let kind = transport.part();
        self.told["listen"].as_array()?.iter().find_map(|address| {
            let parts: Vec<&str> = address.as_str()?.split('/').collect();
            let [_, _, ip, found, port, ..] = parts[..] else { return None };
            (found == kind).then(|| format!("{ip}:{port}").parse().ok()).flatten()
        })
    }

    /// The answer of an operation.
    pub(super) async fn operate(&self, operation: Value) -> Result<Value, LinksError> {
        let asked = operation["op"].as_str().unwrap_or_default().to_owned();
        let body = json!({ "operation": operation }).to_string();
        let answer = http::ask(self.http, OPERATIONS_PATH, &self.token, Some(&body)).await;
        let (status, said) = answer.map_err(failed("a node does not answer"))?;
        let answer = serde_json::from_str(&said).ok().filter(|_| status == 200);
        answer.ok_or(LinksError::Refused { asked, said })
    }

    /// `tern status`.
    pub(super) async fn status(&self) -> Result<Value, LinksError> {
        self.operate(json!({ "op": "status" })).await
    }

    /// Whether both hold the same public set. Either may bring the other
    /// something: each has records of its own.
    pub(super) async fn holds_as(&self, other: &Self) -> Result<Option<()>, LinksError> {
        let roots = (self.status().await?, other.status().await?);
        Ok((roots.0["public_root"] == roots.1["public_root"]).then_some(()))
    }

    /// What it told of a counter since it started.
    pub(super) async fn counter(&self, name: &str) -> Result<u64, LinksError> {
        let answer = http::ask(self.http, METRICS_PATH, &self.token, None).await;
        let (_, said) = answer.map_err(failed("a node does not answer"))?;
        let told = said.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        told.ok_or_else(|| LinksError::Refused { asked: name.to_owned(), said })
    }

    /// Kills it as it is, and starts it again where it was.
    pub(super) async fn kill(&mut self) -> Result<(), LinksError> {
        // SIGKILL on Unix; it is waited for.
        self.child.kill().await.map_err(failed("cannot kill a node"))?;
        let listen: Vec<&str> = self.told["listen"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let listen = listen.join(",");
        *self = self.folder.serve_at(self.auto, Some(&listen)).await?;
        Ok(())
    }

    /// Asks it to stop, as a service manager does, and waits until it has.
    pub(super) async fn stop(mut self) -> Result<(), LinksError> {
        let pid = self.child.id().unwrap_or_default().to_string();
        let kill = Command::new("kill").args(["-TERM", &pid]).status();
        kill.await.map_err(failed("cannot stop a node"))?;
        let late =
            LinksError::TooLate { what: "a node stops".into(), seconds: START_PATIENCE.as_secs() };
        timeout(START_PATIENCE, self.child.wait()).await.map_or(Err(late), |_| Ok(()))
    }
}
