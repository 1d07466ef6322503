//! A library of practices in one JSON file, and a process that opens and
//! serves it: what the command line needs of a node, and nothing more.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tern_node::cli::{self, Console};
use tern_node::config::Settings;
use tern_node::folder::{NodeFile, OpenFolder};
use tern_node::keystore::{Keystore, Purpose};
use tern_node::node::{Audience, Demo, Founding, OpenNode, Process, Recovery};
use tern_node::ops::{Caller, ErrorCode, Fields, ImportRow, Op, OpError, Operator};
use tokio::sync::Notify;

/// What the library keeps.
#[derive(Default, Serialize, Deserialize)]
struct Shelf {
    org: String,
    practices: BTreeMap<String, Fields>,
    known: BTreeMap<String, String>,
    wrapped: bool,
}

/// An operator over one folder.
pub struct Library {
    folder: OpenFolder,
    shelf: Mutex<Shelf>,
}

impl Library {
    fn open(folder: OpenFolder) -> Result<Self, OpError> {
        let bytes = std::fs::read(shelf_file(folder.paths().root())).expect("a shelf");
        let shelf = serde_json::from_slice(&bytes).expect("a whole shelf");
        Ok(Self { folder, shelf: Mutex::new(shelf) })
    }

    fn answer(&self, caller: Caller, op: Op) -> Result<Value, OpError> {
        let mut shelf = self.shelf.lock().expect("unpoisoned");
        let answer = match op {
            Op::Status {} => {
                let root = self.folder.paths().root();
                Ok(json!({ "org": shelf.org, "practices": shelf.practices.len(), "data": root,
                           "as": caller.account }))
            }
            Op::PracticeDraft { fields } => shelf.draft(fields).map(|id| json!({ "id": id })),
            Op::PracticePublish { id, .. } => {
                let open = caller.passphrase.is_some_and(|given| given.expose() == "harmattan");
                match shelf.wrapped && !open {
                    true => Err(OpError::new(ErrorCode::Locked, "the key of amina is wrapped")),
                    false => shelf.show(&id).map(|_| json!({ "id": id, "edition": 1 })),
                }
            }
            Op::PracticeShow { id, .. } => shelf.show(&id),
            Op::PracticeVerify { id, document } => shelf.verify(&id, document),
            Op::PracticeList { .. } => {
                let item = |(id, fields): (&String, &Fields)| json!({ "id": id, "title": fields["title"] });
                let items: Vec<Value> = shelf.practices.iter().map(item).collect();
                Ok(json!({ "total": items.len(), "items": items }))
            }
            Op::PracticeImport { rows, .. } => Ok(shelf.import(rows)),
            Op::Meet { peer } => {
                let peer = peer.unwrap_or_default();
                Err(OpError::new(ErrorCode::Unreachable, format!("{peer} does not answer")))
            }
            other => {
                Err(OpError::new(ErrorCode::Unsupported, format!("no library does {other:?}")))
            }
        };
        shelf.save(self.folder.paths().root());
        answer
    }
}

impl Operator for Library {
    fn run(&self, caller: Caller, op: Op) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move { self.answer(caller, op) })
    }
}

impl OpenNode for Library {
    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { drop(self) })
    }
}

impl Shelf {
    fn draft(&mut self, fields: Fields) -> Result<String, OpError> {
        if let Some(key) = fields.keys().find(|key| *key != "title" && *key != "summary") {
            let message = format!("`{key}` is no field of a practice");
            return Err(OpError::new(ErrorCode::Invalid, message).in_field(key));
        }
        let id = format!("tern1p{:06}", self.practices.len());
        self.practices.insert(id.clone(), fields);
        Ok(id)
    }

    fn show(&self, id: &str) -> Result<Value, OpError> {
        let fields = self.practices.get(id).ok_or_else(|| {
            OpError::new(ErrorCode::NotFound, format!("there is no practice {id} here"))
        })?;
        Ok(json!({ "id": id, "title": fields["title"], "fields": fields }))
    }

    fn verify(&self, id: &str, document: Option<Fields>) -> Result<Value, OpError> {
        let shown = self.show(id)?;
        let same = document.is_none_or(|document| document["fields"] == shown["fields"]);
        let (verdict, reason) =
            if same { ("accepted", "") } else { ("quarantined", "the content is another") };
        Ok(json!({ "id": id, "verdict": verdict, "signers": [], "reason": reason }))
    }

    fn import(&mut self, rows: Vec<ImportRow>) -> Value {
        let (mut ids, mut skipped) = (Vec::new(), Vec::new());
        for ImportRow { row, key, practice } in rows {
            if self.known.contains_key(&key) {
                skipped.push(json!({ "row": row, "reason": "known" }));
                continue;
            }
            match self.draft(practice) {
                Ok(id) => {
                    self.known.insert(key, id.clone());
                    ids.push(id);
                }
                Err(why) => skipped.push(json!({ "row": row, "reason": why.message })),
            }
        }
        json!({ "imported": ids.len(), "ids": ids, "skipped": skipped })
    }

    fn save(&self, root: &Path) {
        let text = serde_json::to_vec(self).expect("JSON");
        std::fs::write(shelf_file(root), text).expect("written");
    }
}

fn shelf_file(root: &Path) -> PathBuf {
    root.join("shelf.json")
}

/// A process over libraries. Serves until told to stop.
#[derive(Default)]
pub struct Libraries {
    pub stop: Arc<Notify>,
    /// Notified once a library is served.
    pub serving: Arc<Notify>,
}

impl Process for Libraries {
    fn init(
        &self,
        folder: OpenFolder,
        _: Settings,
        founding: Founding,
    ) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move {
            let keystore = Keystore::open(folder.paths().keys())?;
            let passphrase = founding.passphrase.as_ref();
            keystore.create(Purpose::Root, &founding.org, passphrase)?;
            let wrapped = passphrase.is_some();
            let shelf = Shelf { org: founding.org.clone(), wrapped, ..Shelf::default() };
            shelf.save(folder.paths().root());
            // A folder with an identity holds a node.
            std::fs::write(folder.paths().identity_file(), "a library").expect("written");
            Ok(json!({ "org": founding.org, "country": founding.country, "wrapped": wrapped }))
        })
    }

    fn join(
        &self,
        folder: OpenFolder,
        settings: Settings,
        invitation: String,
        founding: Founding,
    ) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move {
            self.init(folder, settings, founding).await?;
            Ok(json!({ "state": "waiting", "reason": format!("nobody answers to {invitation}") }))
        })
    }

    fn recover(
        &self,
        _: OpenFolder,
        _: Settings,
        recovery: Recovery,
    ) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move { Ok(json!({ "org": recovery.org, "request": "a request" })) })
    }

    fn serve(
        &self,
        folder: OpenFolder,
        settings: Settings,
        audience: Arc<dyn Audience>,
    ) -> BoxFuture<'_, Result<(), OpError>> {
        Box::pin(async move {
            let listener = tokio::net::TcpListener::bind(settings.http).await.expect("a port");
            let http: SocketAddr = listener.local_addr().expect("an address");
            let token = folder.token()?;
            let node = NodeFile {
                pid: std::process::id(),
                http: format!("http://{http}"),
                listen: settings.listen,
                peer_id: String::new(),
                node: String::new(),
                org: String::new(),
            };
            let library = Arc::new(Library::open(folder)?);
            let routes = tern_node::api::routes(library.clone(), &token);
            library.folder.write_node_file(&node)?;
            audience.say("The library is open.");
            audience.answer(&json!(node));
            self.serving.notify_one();
            let stop = self.stop.clone();
            let until = async move { stop.notified().await };
            axum::serve(listener, routes).with_graceful_shutdown(until).await.expect("served");
            Ok(())
        })
    }

    fn demo(&self, demo: Demo, audience: Arc<dyn Audience>) -> BoxFuture<'_, Result<(), OpError>> {
        Box::pin(async move {
            audience.say("Three libraries meet.");
            audience.answer(&json!({ "nodes": demo.nodes, "http": demo.http, "once": demo.once }));
            Ok(())
        })
    }

    fn open(
        &self,
        folder: OpenFolder,
        _: Settings,
    ) -> BoxFuture<'_, Result<Box<dyn OpenNode>, OpError>> {
        Box::pin(async move { Ok(Box::new(Library::open(folder)?) as Box<dyn OpenNode>) })
    }
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The one JSON document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }
}

/// Runs `tern --data {data} {words}` as if nobody sat before it.
pub async fn tern(process: &Libraries, data: &Path, words: &[&str]) -> Ran {
    let (out, err) = (Shared::default(), Shared::default());
    let mut args: Vec<OsString> = vec!["tern".into(), "--data".into(), data.into()];
    args.extend(words.iter().map(OsString::from));
    let code = cli::run(args, process, Console::to(out.clone(), err.clone())).await;
    let code = [0, 1, 2].into_iter().find(|known| ExitCode::from(*known) == code);
    Ran { code: code.expect("a promised exit code"), out: out.text(), err: err.text() }
}

/// A folder with the library of one organisation.
pub async fn founded(org: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data");
    let words = ["init", "--org", org, "--country", "NE"];
    let ran = tern(&Libraries::default(), &data, &words).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    (dir, data)
}

/// A library that serves until it is stopped.
pub struct Served {
    process: Arc<Libraries>,
    task: tokio::task::JoinHandle<Ran>,
}

impl Served {
    pub async fn start(data: &Path) -> Self {
        let process = Arc::new(Libraries::default());
        let (running, data) = (process.clone(), data.to_owned());
        let task = tokio::spawn(async move {
            tern(&running, &data, &["serve", "--http", "127.0.0.1:0"]).await
        });
        process.serving.notified().await;
        Self { process, task }
    }

    pub async fn stop(self) -> Ran {
        self.process.stop.notify_one();
        self.task.await.expect("served")
    }
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("unpoisoned").clone()).expect("text")
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("unpoisoned").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
