//! A `tern` process on a folder, and what can be asked of it from outside.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::Failed;

/// A data folder and what its node is called here.
pub struct Folder {
    /// Where.
    pub path: PathBuf,
    /// `holder` or `newcomer`.
    pub name: &'static str,
}

impl Folder {
    /// A folder that may not exist yet.
    pub const fn new(path: PathBuf, name: &'static str) -> Self {
        Self { path, name }
    }

    fn command(&self) -> Result<Command, Failed> {
        let log = self.path.with_extension("log");
        let log = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_tern"));
        command.arg("--data").arg(&self.path).arg("--json");
        command.stdin(Stdio::null()).stderr(log).env_remove("TERN_DATA");
        // Nothing else on this machine is met or in the way.
        command.env("TERN_NET_DIAL", "saved");
        command.env("TERN_NET_LISTEN", "/ip4/127.0.0.1/udp/0/quic-v1,/ip4/127.0.0.1/tcp/0");
        Ok(command)
    }

    /// Runs one command and answers what it printed.
    pub fn tern(&self, arguments: &[&str]) -> Result<Value, Failed> {
        let output = self.command()?.args(arguments).stdout(Stdio::piped()).output()?;
        let answer = String::from_utf8(output.stdout)?;
        if !output.status.success() {
            let name = self.name;
            return Err(format!("{name}: tern {} answered {answer}", arguments.join(" ")).into());
        }
        Ok(serde_json::from_str(&answer)?)
    }

    /// Starts the node and waits until its pages answer.
    pub async fn serve(self) -> Result<Running, Failed> {
        let started = Instant::now();
        let mut command = self.command()?;
        let mut child =
            command.args(["serve", "--http", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("the node has no standard output")?;
        let told = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).map(|_| line)
        });
        let told: Value = serde_json::from_str(&told.await??)
            .map_err(|_| format!("the {} does not start: see its log", self.name))?;
        let answered = started.elapsed();
        let http = told["http"].as_str().and_then(|http| http.strip_prefix("http://"));
        let http = http.ok_or("the node tells no address of its pages")?.parse()?;
        let token = fs::read_to_string(self.path.join("api-token"))?.trim().to_owned();
        Ok(Running { folder: self, child, http, token, started, answered })
    }
}

/// A node that runs.
pub struct Running {
    folder: Folder,
    child: Child,
    /// Where its pages answer.
    pub http: SocketAddr,
    token: String,
    /// When its process was started.
    pub started: Instant,
    /// How long it took until its pages answered.
    pub answered: Duration,
}

impl Running {
    /// The folder, while the node runs.
    pub const fn folder(&self) -> &Folder {
        &self.folder
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default()
    }

    fn memory(&self, line: &str) -> u64 {
        let status = self.proc("status");
        let found = status.lines().find_map(|other| other.strip_prefix(line));
        let kilobytes = found.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        kilobytes.unwrap_or(0_u64) * 1024
    }

    /// The most memory that it ever had in RAM, in bytes.
    pub fn memory_peak(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// The memory that it has in RAM, in bytes.
    pub fn memory_now(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// The time that its threads have computed.
    pub fn computed(&self) -> Duration {
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
        let ticks =
            |at: usize| -> u64 { fields.get(at).and_then(|ticks| ticks.parse().ok()).unwrap_or(0) };
        // A hundred ticks to the second; user time, then the system's.
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    /// `tern status`.
    pub async fn status(&self) -> Result<Value, Failed> {
        Client::to(self.http).await?.operate(self, json!({ "op": "status" })).await
    }

    /// Stops it as an operator does; answers how long that took.
    pub fn stop(mut self) -> Result<(Folder, Duration), Failed> {
        let asked = Instant::now();
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        if !self.child.wait()?.success() {
            return Err(format!("the {} did not stop cleanly", self.folder.name).into());
        }
        Ok((self.folder, asked.elapsed()))
    }

    /// Kills it as a power cut would, but for what the system keeps.
    pub fn kill(mut self) -> Result<Folder, Failed> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(self.folder)
    }
}

/// A browser with one open connection.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    /// Connects.
    pub async fn to(http: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(http).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Ends with the connection; what went wrong there, the sender tells.
        tokio::spawn(connection);
        Ok(Self { sender, host: http.to_string() })
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: String,
    ) -> Result<(StatusCode, Bytes), Failed> {
        self.sender.ready().await?;
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.host);
        if let Some(token) = token {
            request = request
                .header(AUTHORIZATION, format!("Bearer {token}"))
                .header(CONTENT_TYPE, "application/json");
        }
        let response = self.sender.send_request(request.body(Full::new(body.into()))?).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// Has an operation carried out by a node, under its token.
    pub async fn operate(&mut self, node: &Running, operation: Value) -> Result<Value, Failed> {
        let body = json!({ "operation": operation }).to_string();
        let (status, body) =
            self.send(Method::POST, "/api/v1/operations", Some(&node.token), body).await?;
        let answer: Value = serde_json::from_slice(&body)?;
        if status.is_success() { Ok(answer) } else { Err(format!("{answer}").into()) }
    }

    /// Gets a page, whole; answers its status.
    pub async fn get(&mut self, path: &str) -> Result<StatusCode, Failed> {
        Ok(self.send(Method::GET, path, None, String::new()).await?.0)
    }
}
