//! The command `tern`: reads a line, does what it says, and tells how it went.
//!
//! `grammar` names commands and arguments; a command becomes one or more
//! operations ([`crate::ops`]), which `reach` carries to the node, running or
//! not; `answers` turns what comes back into text for people. What needs a
//! node that is not there yet (`init`, `join`, `serve`, `demo`) is handed to
//! the [`Process`].
//!
//! Exit codes: 0 done; 1 refused or failed, with one sentence on standard
//! error; 2 wrong usage.

mod answers;
mod blobs;
mod bundling;
mod client;
mod console;
mod doctor;
mod errand;
mod export;
mod grammar;
mod import;
mod keeping;
mod keys;
mod leaving;
mod licences;
mod practice_file;
mod reach;
mod recovering;
mod session;
mod signing;
mod table;
mod upgrading;
mod value;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;
use serde_json::{Value, json};

use crate::config::{Environment, Flags, Loaded, Settings, data_folder, environment};
use crate::folder::DataFolder;
use crate::node::{self, Audience, Process};
use crate::ops::{ErrorCode, Op, OpError};
pub use console::Console;
use errand::Errand;
use export::Which;
use grammar::{
    Account, Blob, Bundle, Cert, Collection, Command, Config, Founding, Global, Key, Line,
    Practice, Resource, Serve, Version,
};
use session::Session;

/// Wrong usage.
const USAGE: u8 = 2;
/// Work on other threads gets so long to end with the program.
const LAST_WORK_MAX: Duration = Duration::from_secs(10);
/// An operation that a page asks for is polled through its whole depth on one stack, and
/// without optimisation its frames take more than Tokio's two mebibytes.
const WORKER_STACK_BYTES: usize = 8 * 1024 * 1024;
/// An invitation in a file is at most this long.
const INVITATION_BYTES_MAX: u64 = 64 * 1024;

/// The whole program: runs the command line of this process.
pub fn main(process: &dyn Process) -> ExitCode {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.enable_all().thread_stack_size(WORKER_STACK_BYTES).build() {
        Ok(runtime) => runtime,
        Err(cause) => {
            Console::standard().tell(&format!("tern: the system gives no threads: {cause}"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(std::env::args_os(), process, Console::standard()));
    // What was confirmed is durable; what still waits for something waits for nobody.
    runtime.shutdown_timeout(LAST_WORK_MAX);
    code
}

/// Runs one command line (`args` with the program's name first) and answers
/// with its exit code. Needs a multi-threaded Tokio runtime.
pub async fn run(
    args: impl IntoIterator<Item = OsString>,
    process: &dyn Process,
    mut console: Console,
) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    // The line may be too broken to say what it wants of us.
    console.set_json(args.iter().any(|arg| arg == "--json"));
    let line = match Line::try_parse_from(args) {
        Ok(line) => line,
        Err(told) => return usage(&told, &console),
    };
    let console = Arc::new(console);
    match Run::new(process, console.clone(), line.global).command(line.command).await {
        Ok(code) => code,
        Err(refused) => {
            console.refuse(&refused);
            ExitCode::FAILURE
        }
    }
}

fn usage(told: &clap::Error, console: &Console) -> ExitCode {
    if matches!(told.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        console.print(&told.to_string());
        return ExitCode::SUCCESS;
    }
    if console.is_json() {
        console.answer(&json!({ "error": { "code": "usage", "message": sentence(told) } }));
    }
    console.tell(told.to_string().trim_end());
    ExitCode::from(USAGE)
}

/// What was wrong and what is advised, without the usage that follows.
fn sentence(told: &clap::Error) -> String {
    let text = told.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let told: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    told.join("; ").trim_start_matches("error: ").to_owned()
}

/// One command on its way.
struct Run<'p> {
    process: &'p dyn Process,
    console: Arc<Console>,
    global: Global,
    environment: Environment,
}

impl<'p> Run<'p> {
    fn new(process: &'p dyn Process, console: Arc<Console>, global: Global) -> Self {
        Self { process, console, global, environment: environment() }
    }

    async fn command(self, command: Option<Command>) -> Result<ExitCode, OpError> {
        match command.unwrap_or_else(|| Command::Serve(Serve::default())) {
            Command::Version(version) => self.version(&version),
            Command::Config(Config::Check) => self.config_check()?,
            Command::Backup(backup) => self.backup(&backup.file, !backup.without_files)?,
            Command::Restore(restore) => self.restore(&restore.file).await?,
            Command::Check(check) if check.repair => return self.repair().await,
            Command::Upgrade(upgrade) => self.upgrade(&upgrade.file).await?,
            Command::Release(release) => self.release(release)?,
            Command::Doctor => return self.doctor().await,
            Command::Support { file } => self.support(&file).await?,
            Command::Serve(serve) => self.serve(serve).await?,
            Command::Demo(demo) => self.demo(demo).await?,
            Command::Init(founding) => self.init(founding).await?,
            Command::Join(join) => self.join(&join.invitation, join.founding).await?,
            Command::Practice(Practice::Template { id: None, lang, out }) => {
                export::template(None, &lang, &out, &self.console)?;
            }
            Command::Practice(Practice::Template { id: Some(id), lang, out }) => {
                return self.session().await?.template(id, lang, out).await;
            }
            Command::Practice(Practice::Import { path, preview: true, .. }) => {
                return Ok(import::preview(import::read(&path)?, &self.console));
            }
            Command::Practice(Practice::Import { path, publish, note, .. }) => {
                let rows = import::read(&path)?;
                let session = self.session().await?;
                return session.import(rows, publish, note).await;
            }
            Command::Bundle(Bundle::Show { file }) => self.bundle_show(&file).await?,
            Command::Bundle(Bundle::Write { path, reader, max_bytes, volumes }) => {
                let wanted = bundling::Wanted {
                    path,
                    reader,
                    bytes_max: max_bytes,
                    volumes,
                    collection: None,
                };
                return self.session().await?.bundle_write(wanted).await;
            }
            Command::Collection(Collection::Bundle { id, file: path }) => {
                let wanted = bundling::Wanted { path, collection: Some(id), ..Default::default() };
                return self.session().await?.bundle_write(wanted).await;
            }
            Command::Resource(Resource::New { form, file: Some(file) }) => {
                return self.session().await?.list_file(None, &form, &file).await;
            }
            Command::Resource(Resource::Edit { id, form, file: Some(file) }) => {
                return self.session().await?.list_file(Some(id), &form, &file).await;
            }
            Command::Bundle(Bundle::Read { path: Some(path), .. }) => {
                return self.session().await?.bundle_read(path).await;
            }
            Command::Attach(attach) => return self.session().await?.attach(attach).await,
            Command::Blob(Blob::Get { hash, out, dry_run }) => {
                return self.session().await?.blob_get(hash, out, dry_run).await;
            }
            Command::Export(export) => return self.session().await?.leave(export.dir).await,
            Command::Practice(Practice::Export { id, all, search, format, out }) => {
                let which = match search {
                    _ if all => Which::All,
                    Some(query) => Which::Found(query),
                    None => Which::These(id),
                };
                let file = export::Destination::of(format, out)?;
                return self.session().await?.export(which, file).await;
            }
            Command::Key(key) if !matches!(key, Key::List) => self.key(key).await?,
            Command::Account(Account::Device(device)) => self.device(device).await?,
            Command::Sign(sign) => self.sign(&sign)?,
            Command::Submit(submit) => self.submit(&submit.file).await?,
            Command::Approve(approve) if approve.signed.is_some() => {
                self.submit(&approve.signed.unwrap_or_default()).await?;
            }
            Command::Approve(approve) if approve.prepare.is_some() => {
                let op = Op::PrepareApproval { proposal: approve.proposal };
                self.prepare(op, &approve.prepare.unwrap_or_default()).await?;
            }
            Command::Cert(Cert::Grant { account, roles, with, prepare: Some(file) }) => {
                let op = Op::PrepareGrant { account, roles, with: with.into() };
                self.prepare(op, &file).await?;
            }
            Command::Recover(recover) => self.recover(recover).await?,
            Command::Rekey(rekey) => self.rekey(rekey).await?,
            other => {
                let errand = Errand::of(other)?;
                if let Some(what) = &errand.unsure {
                    self.console.make_sure(what)?;
                }
                if let Some(what) = errand.confirm.as_ref().filter(|_| self.console.asks()) {
                    self.console.make_sure(what)?;
                }
                let new = session::new_passphrase(&errand.wraps, &self.console)?;
                return self.session().await?.wrapping(new).errand(errand).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn version(&self, asked: &Version) {
        let version = env!("CARGO_PKG_VERSION");
        if asked.licences {
            return licences::tell(version, &self.console);
        }
        self.console.answer_with(&json!({ "version": version }), || format!("tern {version}"));
    }

    fn config_check(&self) -> Result<(), OpError> {
        let folder = self.folder()?;
        let loaded = self.settings(&folder, &Flags::default())?;
        let rows = loaded.rows();
        let items: Vec<Value> = rows
            .iter()
            .map(|(key, value, source)| {
                json!({ "key": key, "value": value, "source": source.to_string() })
            })
            .collect();
        let file = folder.settings_file();
        let found = if file.exists() { "is in order" } else { "is not there: the defaults hold" };
        self.console.say(&format!("{} {found}.", file.display()));
        let outcome = json!({ "file": file, "items": items });
        self.console.answer_with(&outcome, || answers::settings(&rows));
        Ok(())
    }

    async fn serve(&self, serve: Serve) -> Result<(), OpError> {
        let folder = self.folder()?;
        let flags = Flags { http: serve.http, listen: serve.listen };
        let loaded = self.settings(&folder, &flags)?;
        crate::log::start(&loaded, true);
        let open = folder.take().await?;
        self.process.serve(open, loaded.settings, self.console.clone()).await
    }

    async fn demo(&self, demo: grammar::Demo) -> Result<(), OpError> {
        let grammar::Demo { nodes, dir, http, once } = demo;
        // A demonstration is nobody's node: of the settings only the log counts.
        let loaded = Loaded::without_folder(&self.environment)?;
        crate::log::start(&loaded, false);
        self.process.demo(node::Demo { nodes, dir, http, once }, self.console.clone()).await
    }

    async fn init(&self, founding: Founding) -> Result<(), OpError> {
        let (open, settings, founding) = self.found(founding).await?;
        let outcome = self.process.init(open, settings, founding).await?;
        self.console.answer_with(&outcome, || answers::founded(&outcome));
        Ok(())
    }

    async fn join(&self, invitation: &str, founding: Founding) -> Result<(), OpError> {
        let invitation = invitation_text(invitation)?;
        let (open, settings, founding) = self.found(founding).await?;
        let outcome = self.process.join(open, settings, invitation, founding).await?;
        self.console.answer_with(&outcome, || answers::joined(&outcome));
        Ok(())
    }

    /// What `init` and `join` have in common: a folder without a node, and
    /// whether new keys are to be wrapped.
    async fn found(
        &self,
        founding: Founding,
    ) -> Result<(crate::folder::OpenFolder, Settings, node::Founding), OpError> {
        let folder = self.folder()?;
        let loaded = self.settings(&folder, &Flags::default())?;
        crate::log::start(&loaded, false);
        let open = folder.take().await?;
        if folder.holds_node() {
            let message = format!(
                "{} holds a node already: choose another folder with --data",
                folder.root().display()
            );
            return Err(OpError::new(ErrorCode::Conflict, message));
        }
        let passphrase = match session::given_passphrase(&self.global, &self.environment)? {
            Some(given) => Some(given),
            None => self.console.ask_new_passphrase("Passphrase for the new keys")?,
        };
        if passphrase.is_none() {
            self.console.say(session::UNWRAPPED);
        }
        let Founding { org, country, kind, lang, person } = founding;
        let founding = node::Founding { org, country, kind, lang, person, passphrase };
        Ok((open, loaded.settings, founding))
    }

    async fn session(&self) -> Result<Session, OpError> {
        let folder = self.folder()?;
        let loaded = self.settings(&folder, &Flags::default())?;
        crate::log::start(&loaded, false);
        let caller = session::caller(&self.global, &self.environment)?;
        let patience = reach::STARTING_MAX;
        let reached = reach::reach(self.process, &folder, &loaded.settings, patience).await?;
        let session = Session::new(reached, caller, self.console.clone());
        Ok(session.with_key_file(session::key_file(&self.global, &self.environment)?))
    }

    fn folder(&self) -> Result<DataFolder, OpError> {
        data_folder(self.global.data.clone(), |name| std::env::var_os(name))
            .map(DataFolder::at)
            .map_err(|why| OpError::new(ErrorCode::Invalid, why.to_string()))
    }

    fn settings(&self, folder: &DataFolder, flags: &Flags) -> Result<Loaded, OpError> {
        let loaded = Loaded::load(folder, &self.environment, flags)?;
        loaded.warnings.iter().for_each(|warning| self.console.say(warning));
        Ok(loaded)
    }
}

/// An invitation as it was given: as text, or in a file.
fn invitation_text(given: &str) -> Result<String, OpError> {
    let path = Path::new(given);
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {
            if metadata.len() > INVITATION_BYTES_MAX {
                let message = format!("{given} is too long to be an invitation");
                return Err(OpError::new(ErrorCode::TooLarge, message).over(INVITATION_BYTES_MAX));
            }
            let text = std::fs::read_to_string(path).map_err(|cause| {
                OpError::new(ErrorCode::Failed, format!("cannot read {given}: {cause}"))
            })?;
            Ok(text.trim().to_owned())
        }
        _ => Ok(given.trim().to_owned()),
    }
}
