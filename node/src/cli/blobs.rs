//! `attach` and `blob get`: files of this machine to the node and back, in
//! pieces. Files are read and written here; the node sees bytes.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::answers;
use super::grammar::Attach;
use super::practice_file::read_form;
use super::session::Session;
use crate::node::Audience;
use crate::ops::{BLOB_PIECE_BYTES_MAX, ErrorCode, Op, OpError};

/// How often to ask how far a file is.
const ASK_AGAIN: Duration = Duration::from_millis(300);
/// How often to tell, where nothing can be drawn over.
const TELL_AGAIN: Duration = Duration::from_secs(5);

fn system(what: &str, path: &Path, cause: &std::io::Error) -> OpError {
    OpError::new(ErrorCode::Failed, format!("cannot {what} {}: {cause}", path.display()))
}

impl Session {
    /// Attaches a file.
    pub(super) async fn attach(mut self, attach: Attach) -> Result<ExitCode, OpError> {
        let answered = self.send_file(attach).await;
        let console = self.console.clone();
        self.close().await;
        let outcome = answered?;
        if outcome["cleaned"] == true {
            console.say("Place, time and device were taken out of the picture.");
        }
        console.answer_with(&outcome, || answers::attached(&outcome));
        Ok(ExitCode::SUCCESS)
    }

    async fn send_file(&mut self, attach: Attach) -> Result<Value, OpError> {
        let Attach { id, file: path, name, lang, alt, licence } = attach;
        let (upload, own) = self.upload(&path).await?;
        let name = name.or(own).unwrap_or_default();
        self.ask(Op::BlobAttach { upload, id, name, lang, alt, licence }).await
    }

    /// Lists a file of this machine as a resource, anew or in place of what it says.
    pub(super) async fn list_file(
        mut self,
        id: Option<String>,
        form: &Path,
        file: &Path,
    ) -> Result<ExitCode, OpError> {
        let listed = match read_form(form) {
            Err(why) => Err(why),
            Ok(form) => match self.upload(file).await {
                Err(why) => Err(why),
                Ok((upload, name)) => {
                    let (sort, upload) = ("resource".to_owned(), Some(upload));
                    self.ask(Op::ListingSay { sort, id, form, upload, name }).await
                }
            },
        };
        let console = self.console.clone();
        self.close().await;
        let outcome = listed?;
        console.answer_with(&outcome, || answers::id(&outcome));
        Ok(ExitCode::SUCCESS)
    }

    /// Sends a file to the node, in pieces: by what it is taken up, and what it is called.
    async fn upload(&mut self, path: &Path) -> Result<(String, Option<String>), OpError> {
        let mut file = File::open(path).map_err(|cause| system("read", path, &cause))?;
        let facts = file.metadata().map_err(|cause| system("read", path, &cause))?;
        if !facts.is_file() {
            let what = format!("{} is no file", path.display());
            return Err(OpError::new(ErrorCode::Invalid, what));
        }
        let own = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let begun = self.ask(Op::BlobBegin {}).await?;
        let upload = begun["upload"].as_str().unwrap_or_default().to_owned();
        let mut piece = vec![0; BLOB_PIECE_BYTES_MAX];
        loop {
            let mut length = 0;
            while length < piece.len() {
                match file.read(&mut piece[length..]) {
                    Ok(0) => break,
                    Ok(more) => length += more,
                    Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(cause) => return Err(system("read", path, &cause)),
                }
            }
            if length == 0 {
                break;
            }
            let bytes = crate::hex::encode(&piece[..length]);
            self.ask(Op::BlobPut { upload: upload.clone(), bytes }).await?;
        }
        Ok((upload, own))
    }

    /// Fetches a file, and writes it to `out`.
    pub(super) async fn blob_get(
        mut self,
        hash: String,
        out: Option<PathBuf>,
        dry_run: bool,
    ) -> Result<ExitCode, OpError> {
        let fetched = self.fetch(hash, out, dry_run).await;
        let console = self.console.clone();
        self.close().await;
        let outcome = fetched?;
        console.answer_with(&outcome, || answers::blob(&outcome));
        Ok(ExitCode::SUCCESS)
    }

    async fn fetch(
        &mut self,
        hash: String,
        out: Option<PathBuf>,
        dry_run: bool,
    ) -> Result<Value, OpError> {
        let mut told = self.ask(Op::BlobGet { hash: hash.clone(), begin: false }).await?;
        if dry_run {
            return Ok(told);
        }
        if told["state"] != "whole" {
            self.console.say(&answers::blob_estimate(&told));
            told = self.ask(Op::BlobGet { hash: hash.clone(), begin: true }).await?;
            let mut said: Option<Instant> = None;
            while told["state"] == "looking" || told["state"] == "coming" {
                if said.is_none_or(|said| self.console.redraws() || said.elapsed() > TELL_AGAIN) {
                    said = Some(Instant::now());
                    self.console.progress(&answers::blob_progress(&told), false);
                }
                tokio::time::sleep(ASK_AGAIN).await;
                told = self.ask(Op::BlobGet { hash: hash.clone(), begin: false }).await?;
            }
        }
        if told["state"] != "whole" {
            let reason = told["reason"].as_str().unwrap_or("it did not come");
            let what = format!("{}: {reason}", told["hash"].as_str().unwrap_or(&hash));
            return Err(OpError::new(ErrorCode::Unreachable, what));
        }
        if let Some(path) = out {
            self.write_file(&hash, &path).await?;
            told["file"] = Value::String(path.display().to_string());
        }
        Ok(told)
    }

    /// Writes beside, and gives it its name when it is whole.
    pub(super) async fn write_file(&mut self, hash: &str, path: &Path) -> Result<(), OpError> {
        let beside = path.with_added_extension("part");
        let mut file = File::create(&beside).map_err(|cause| system("write", &beside, &cause))?;
        let mut at = Some(0);
        while let Some(place) = at {
            let read = self.ask(Op::BlobRead { hash: hash.to_owned(), at: place }).await?;
            let bytes = read["bytes"].as_str().and_then(crate::hex::decode_all);
            let strange = || OpError::new(ErrorCode::Failed, "the node answered without `bytes`");
            file.write_all(&bytes.ok_or_else(strange)?)
                .map_err(|cause| system("write", &beside, &cause))?;
            at = read["next"].as_u64();
        }
        file.sync_all()
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|cause| system("write", path, &cause))
    }
}
