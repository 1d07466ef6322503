//! The program as people run it: folders, commands, nodes that serve.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use super::http::{self, Answer};
use super::patience::{PATIENCE, ended, output};

/// A folder of this test with a data folder in it.
pub struct Desk {
    folder: tempfile::TempDir,
    /// The library that sets its clock, and by how many seconds.
    clock: Option<(PathBuf, i64)>,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// The one JSON document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }
}

impl Desk {
    /// Without a data folder yet.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), clock: None }
    }

    /// The same at a machine whose clock is so many seconds ahead.
    pub fn with_clock(library: &Path, ahead: i64) -> Self {
        Self { clock: Some((library.to_owned(), ahead)), ..Self::empty() }
    }

    /// An organisation that has founded its federation.
    pub fn founded(org: &str, country: &str, person: &str) -> Self {
        Self::empty().founds(org, country, person)
    }

    /// Founds an organisation here, and its federation.
    pub fn founds(self, org: &str, country: &str, person: &str) -> Self {
        let desk = self;
        desk.ask(&["init", "--org", org, "--country", country, "--person", person]);
        desk
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data folder: its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("room");
        path.to_str().expect("text").to_owned()
    }

    /// `tern --data … WORDS`, with nothing of this process's own settings.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tern"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TERN_") {
                command.env_remove(name);
            }
        }
        if let Some((library, ahead)) = &self.clock {
            command.env("LD_PRELOAD", library).env("CLOCK_AHEAD", ahead.to_string());
        }
        // No command here is meant for the ports that nodes have by default.
        command.env("TERN_NET_LISTEN", "/ip4/127.0.0.1/udp/0/quic-v1,/ip4/127.0.0.1/tcp/0");
        command.env("TERN_HTTP", "127.0.0.1:0");
        command.arg("--data").arg(self.data()).args(words).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> Ran {
        output(&mut self.command(words)).into()
    }

    /// The answer of a command that does what it is asked.
    pub fn ask(&self, words: &[&str]) -> Value {
        let ran = self.run(&[words, &["--json"]].concat());
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        ran.json()
    }

    /// The error of a command that is refused, with one sentence, and 1.
    pub fn refused(&self, words: &[&str]) -> Value {
        refusal(self.run(&[words, &["--json"]].concat()), words)
    }

    /// A draft of a practice: its id.
    pub fn draft(&self, practice: &Value) -> String {
        let file = self.file("practice.json", practice.to_string());
        text(&self.ask(&["practice", "draft", &file])["id"])
    }

    /// A practice, written and published: its id.
    pub fn publish(&self, practice: &Value) -> String {
        let draft = self.draft(practice);
        text(&self.ask(&["practice", "publish", &draft, "--note", "First"])["id"])
    }

    /// The node, serving.
    pub fn serve(&self) -> Served {
        Served::start(self, self.command(&["serve", "--json"]))
    }

    /// The node, serving again where its peers know it.
    pub fn serve_at(&self, addresses: &[String]) -> Served {
        let mut command = self.command(&["serve", "--json"]);
        for address in addresses {
            command.args(["--listen", address]);
        }
        Served::start(self, command)
    }
}

/// A refusal is one sentence on standard error, the same in the document, and
/// no accident.
pub fn refusal(ran: Ran, words: &[&str]) -> Value {
    assert_eq!(ran.code, Some(1), "{words:?}: {ran:?}");
    let error = ran.json()["error"].clone();
    let message = text(&error["message"]);
    let told: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("tern: ")).collect();
    assert_eq!(told, [format!("tern: {message}")], "{words:?}: {ran:?}");
    assert!(!ran.err.contains("panicked") && message.len() < 400, "{words:?}: {ran:?}");
    error
}

/// A member of an answer that is a text.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// A node that serves until it is stopped, killed or dropped.
pub struct Served {
    child: Child,
    /// What it said once it answered: `node.json`, or where to set it up.
    pub told: Value,
    data: PathBuf,
    log: PathBuf,
}

impl Served {
    /// Runs `command`, a `tern serve --json`, until it says that it answers.
    pub fn start(desk: &Desk, mut command: Command) -> Self {
        let log = desk.folder.path().join("serve.log");
        let file = fs::File::options().create(true).append(true).open(&log).expect("room");
        let mut child =
            command.stdout(Stdio::piped()).stderr(file).spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (say, said) = mpsc::channel();
        thread::spawn(move || {
            // Whoever started the node may have given up.
            let _ = say.send(lines.next());
        });
        let line = said.recv_timeout(PATIENCE).ok().flatten().and_then(Result::ok);
        let mut served = Self { child, told: Value::Null, data: desk.data(), log };
        let line = line.unwrap_or_else(|| panic!("it does not serve: {}", served.log()));
        served.told = serde_json::from_str(&line).expect("one document");
        served
    }

    /// What it wrote to its log, and those before it in this folder.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("a log")
    }

    /// Where the pages are, those of set-up too.
    pub fn http(&self) -> String {
        let setup = self.told["setup"].as_str().and_then(|page| page.strip_suffix("/setup"));
        setup.map_or_else(|| text(&self.told["http"]), str::to_owned)
    }

    /// The addresses on which peers dial it.
    pub fn addresses(&self) -> Vec<String> {
        self.told["listen"].as_array().expect("addresses").iter().map(text).collect()
    }

    /// One of them, over TCP.
    pub fn tcp(&self) -> String {
        self.addresses().into_iter().find(|address| address.contains("/tcp/")).expect("one")
    }

    fn host(&self) -> String {
        self.http().trim_start_matches("http://").to_owned()
    }

    /// A page or a document.
    pub fn get(&self, path: &str) -> io::Result<Answer> {
        http::ask(&self.host(), "GET", path, &[], "")
    }

    /// A page as a browser with this cookie gets it.
    pub fn page(&self, path: &str, cookie: &str) -> io::Result<Answer> {
        http::ask(&self.host(), "GET", path, &[("cookie", cookie)], "")
    }

    /// A form of the node's own pages, sent.
    pub fn form(&self, path: &str, body: &str) -> io::Result<Answer> {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        http::ask(&self.host(), "POST", path, &[("origin", &self.http()), kind], body)
    }

    /// The same, with headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        http::ask(&self.host(), "GET", path, headers, "").expect("a node that answers")
    }

    /// The token of its data folder, as a program sends it.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", fs::read_to_string(self.data.join("api-token")).expect("a token"))
    }

    /// An operation over the local API.
    pub fn operate(&self, operation: &Value) -> io::Result<Answer> {
        self.post(&json!({ "operation": operation }).to_string())
    }

    /// Anything, posted to the local API with the folder's token.
    pub fn post(&self, body: &str) -> io::Result<Answer> {
        let token = fs::read_to_string(self.data.join("api-token"))?;
        let bearer = format!("Bearer {token}");
        http::ask(&self.host(), "POST", OPERATIONS, &[("authorization", &bearer)], body)
    }

    /// What `status` answers.
    pub fn status(&self) -> Value {
        self.answer(&json!({ "op": "status" }))
    }

    /// The answer of an operation that is done.
    pub fn answer(&self, operation: &Value) -> Value {
        let answer = self.operate(operation).expect("a node that answers");
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        serde_json::from_str(&answer.body).expect("a document")
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Asks it to stop, as a service manager does, and waits until it has.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(asked.success());
        let code = ended(&mut self.child).code();
        let log = self.log();
        assert!(code == Some(0) && !log.contains("not closed within"), "{code:?}: {log}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Ended already, mostly.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const OPERATIONS: &str = tern_node::api::OPERATIONS_PATH;

/// Every file below a folder with its content, to see what a command changed.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            let content = fs::read(&path).expect("a file");
            found.push((path, content));
        }
    }
    found.sort();
    found
}
