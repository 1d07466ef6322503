//! Reading bundles: one, or all those of others on a stick.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use tern_protocol::bundle::{Counts, Part, Read};

use super::tally::Tally;
use super::telling;
use super::{BATCH_BYTES, Progress, digits, strange, text};
use crate::bundle::{Source, open, stick};
use crate::cli::answers::count;
use crate::cli::session::Session;
use crate::hex;
use crate::moment::rfc3339;
use crate::node::Audience;
use crate::ops::{BUNDLE_PIECES_MAX, ErrorCode, Op, OpError};

/// How often what was refused for now is tried again.
const ROUNDS_MAX: usize = 4;
/// What is sent at once when it is tried again.
const AGAIN_DIGITS: usize = 2 * BATCH_BYTES;
/// Parts of what a writer holds that are remembered.
const TOLD_PARTS_MAX: usize = 64;

/// A file of which something was read.
struct ReadFile {
    header: String,
    /// Whether it is whole and nothing was left out.
    whole: bool,
    /// How many volumes there are of it; 0 if it is all.
    volumes: u16,
}

impl Session {
    /// Takes in a bundle, or those of others on a stick.
    pub(in crate::cli) async fn bundle_read(mut self, path: PathBuf) -> Result<ExitCode, OpError> {
        let mut tally = Tally::default();
        let read = self.read_all(&path, &mut tally).await;
        let console = self.console.clone();
        self.close().await;
        if let Err(refused) = read {
            if tally.files.is_empty() && tally.new + tally.known == 0 {
                return Err(refused);
            }
            // What the node confirmed before is here.
            tally.give_up();
            tally.trouble.get_or_insert(refused);
        }
        for refused in &tally.refused {
            let (id, why) = (text(refused, "id")?, text(refused, "reason")?);
            console.say(&format!("Refused {id}: {why}"));
        }
        let mut outcome = json!({
            "new": tally.new, "known": tally.known, "refused": tally.refused,
            "files": tally.files, "knocks": tally.knocks,
        });
        if tally.refused_more > 0 {
            outcome["refused_more"] = json!(tally.refused_more);
        }
        if let Some(state) = tally.state {
            outcome["state"] = state;
        }
        if let Some(trouble) = &tally.trouble {
            outcome["error"] = trouble.to_json();
            console.say(&format!("tern: {}", trouble.message));
        }
        outcome["volumes"] = json!(tally.volumes);
        console.answer_with(&outcome, || telling::read(&outcome));
        Ok(if tally.trouble.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    async fn read_all(&mut self, path: &Path, tally: &mut Tally) -> Result<(), OpError> {
        let on_stick = path.is_dir();
        let files = if on_stick {
            let (files, more) = stick::bundles(path)?;
            if more > 0 {
                self.console.say(&format!(
                    "{more} more bundles are on the stick, too many to read: remove some."
                ));
            }
            files
        } else {
            vec![path.to_owned()]
        };
        let mut read = Vec::new();
        for file in files {
            match self.read_one(&file, on_stick, tally).await {
                Ok(done) => read.extend(done),
                // One file is not the others' trouble, but the node is.
                Err(refused) if on_stick && refused.field.as_deref() == Some(FILE) => {
                    tally
                        .files
                        .push(json!({ "file": file, "whole": false, "reason": refused.message }));
                    tally.trouble.get_or_insert(refused);
                }
                Err(refused) => return Err(refused),
            }
        }
        self.try_again(tally).await?;
        if read.is_empty() {
            return Ok(());
        }
        let all_held = tally.refused.is_empty();
        let whole = read.into_iter().filter(|read| read.whole && all_held);
        let op = Op::BundleDone { whole: whole.map(|read| (read.header, read.volumes)).collect() };
        let answer = self.ask(op).await?;
        tally.state = Some(answer["state"].clone());
        tally.volumes = answer["volumes"].as_array().cloned().unwrap_or_default();
        Ok(())
    }

    /// Reads one file; what is to be said of it, if anything of it was read.
    async fn read_one(
        &mut self,
        path: &Path,
        on_stick: bool,
        tally: &mut Tally,
    ) -> Result<Option<ReadFile>, OpError> {
        let of_file = |mut refused: OpError| {
            refused.field = Some(FILE.to_owned());
            refused
        };
        let (file, length) = open(path).map_err(of_file)?;
        let mut source = Source::new(file);
        let begun = source.begin();
        let written = begun.map_err(|ended| of_file(unreadable(path, &ended.to_string())))?;
        let header = hex::encode(source.signed());
        let opened = self.ask(Op::BundleOpen { header: header.clone() }).await;
        let opened = opened.map_err(|refused| match refused.code {
            ErrorCode::Conflict | ErrorCode::Invalid => {
                let what = format!("{}: {}", path.display(), refused.message);
                of_file(OpError::new(refused.code, what))
            }
            _ => refused,
        })?;
        let mut told = json!({
            "file": path, "writer": written.node.node().to_string(),
            "counter": written.counter, "written_at": rfc3339(written.written_at),
        });
        if on_stick && opened["own"] == true && opened["later"] != true {
            return Ok(None);
        }
        if let Some(to) = opened["elsewhere"].as_str() {
            told["for"] = json!(to);
            tally.files.push(told);
            return Ok(None);
        }
        if opened["locked"] == true {
            let what = format!(
                "{}: it is for this node, and was encrypted to a reading key that is not here: have it written anew",
                path.display()
            );
            return Err(of_file(OpError::new(ErrorCode::Conflict, what)));
        }
        if opened["frames"].is_string() {
            let key = digits(&opened, "frames")?.try_into().map_err(|_| strange("frames"))?;
            source.unlock(&key);
        }
        if let Some(volume) = written.volume {
            told["volume"] = json!(volume);
        }
        if on_stick && opened["older"] == true {
            told["older"] = json!(true);
            tally.files.push(told);
            return Ok(None);
        }
        let before = (tally.new, tally.known);
        let ended = self.read_parts(&mut source, &header, length, tally).await?;
        told["new"] = json!(tally.new - before.0);
        told["known"] = json!(tally.known - before.1);
        told["whole"] = json!(ended.is_ok());
        let (all, volumes) = match ended {
            Ok(counts) => {
                if counts.left_out > 0 {
                    told["left_out"] = json!(counts.left_out);
                }
                (counts.left_out == 0, counts.volumes)
            }
            Err(why) => {
                let pieces =
                    count(tally.new + tally.known - before.0 - before.1, "piece", "pieces");
                let what = format!(
                    "{}: {why}. The {pieces} before that stand; copy the file again, or have it written anew",
                    path.display()
                );
                told["reason"] = json!(what);
                tally.trouble.get_or_insert(OpError::new(ErrorCode::Damaged, what));
                (false, 0)
            }
        };
        tally.files.push(told);
        Ok(Some(ReadFile { header, whole: all, volumes }))
    }

    /// Takes in what stands behind the header. Gives what the writer counted, or
    /// why the file is not whole.
    async fn read_parts<R: std::io::Read>(
        &mut self,
        source: &mut Source<R>,
        header: &str,
        length: u64,
        tally: &mut Tally,
    ) -> Result<Result<Counts, String>, OpError> {
        let console = self.console.clone();
        let mut progress = Progress::new(&console, "read", length);
        let (mut pieces, mut bytes, mut told) = (Vec::new(), 0, Vec::new());
        let ended = loop {
            match source.read_on() {
                Ok(Read::Whole(end)) => break Ok(end.counts),
                Ok(Read::Pieces(_, packed)) => {
                    for piece in packed {
                        let piece = piece.to_bytes();
                        bytes += piece.len();
                        pieces.push(hex::encode(&piece));
                        if bytes >= BATCH_BYTES || pieces.len() >= BUNDLE_PIECES_MAX {
                            self.take(header, std::mem::take(&mut pieces), tally).await?;
                            bytes = 0;
                        }
                    }
                    progress.at(source.bytes());
                }
                Ok(Read::Part(part @ Part::Knock(_))) => {
                    let knock = hex::encode(&part.to_bytes());
                    let op = Op::BundleKnock { header: header.to_owned(), knock };
                    tally.knocks.push(self.ask(op).await?);
                }
                Ok(Read::Part(part @ Part::Told(_))) if told.len() < TOLD_PARTS_MAX => {
                    told.push(part);
                }
                Ok(_) => {}
                Err(ended) => break Err(ended.to_string()),
            }
        };
        self.take(header, pieces, tally).await?;
        progress.at(source.bytes());
        // Believed only of a bundle that is whole.
        if ended.is_ok() {
            self.hear(header, &told).await?;
        }
        Ok(ended)
    }

    /// Has the node remember what the writer told that it holds.
    async fn hear(&mut self, header: &str, told: &[Part]) -> Result<(), OpError> {
        for (part, at) in told.iter().zip(0_u16..) {
            let op = Op::BundleHeard {
                header: header.to_owned(),
                told: hex::encode(&part.to_bytes()),
                part: at,
                last: usize::from(at) + 1 == told.len(),
            };
            match self.ask(op).await {
                // It is for another node: this one read what it wrote itself.
                Err(refused) if refused.code == ErrorCode::Invalid => break,
                answered => drop(answered?),
            }
        }
        Ok(())
    }

    async fn take(
        &mut self,
        header: &str,
        pieces: Vec<String>,
        tally: &mut Tally,
    ) -> Result<(), OpError> {
        if pieces.is_empty() {
            return Ok(());
        }
        let op = Op::BundleTake { header: header.to_owned(), pieces: pieces.clone() };
        let answer = self.ask(op).await?;
        tally.add(header, &pieces, &answer);
        Ok(())
    }

    /// Tries again what was refused for now, as long as that brings something.
    async fn try_again(&mut self, tally: &mut Tally) -> Result<(), OpError> {
        for _ in 0..ROUNDS_MAX {
            let before = tally.new;
            let waiting = std::mem::take(&mut tally.deferred);
            tally.deferred_bytes = 0;
            if waiting.is_empty() {
                break;
            }
            for same in waiting.chunk_by(|one, next| one.header == next.header) {
                let (mut pieces, mut digits) = (Vec::new(), 0);
                for deferred in same {
                    // The largest, in digits, fits into the other half.
                    if digits >= AGAIN_DIGITS || pieces.len() >= BUNDLE_PIECES_MAX {
                        self.take(&deferred.header, std::mem::take(&mut pieces), tally).await?;
                        digits = 0;
                    }
                    digits += deferred.piece.len();
                    pieces.push(deferred.piece.clone());
                }
                self.take(&same[0].header, pieces, tally).await?;
            }
            if tally.new == before {
                break;
            }
        }
        tally.give_up();
        Ok(())
    }
}

/// What marks a refusal that is about one file alone.
const FILE: &str = "file";

fn unreadable(path: &Path, why: &str) -> OpError {
    OpError::new(ErrorCode::Invalid, format!("{} cannot be read: {why}", path.display()))
}
