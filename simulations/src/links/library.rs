//! The folders that every case begins with, made once by the program itself.
//!
//! A *holder* has practices of the corpus P1, imported and published. A
//! *reader* is in step with it. A *newcomer* is a member as well, and has
//! nothing. None of them knows an address of another. Each case takes copies.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::process::{Folder, Serving, until};
use super::{LinksError, Transport, failed};
use crate::corpus::Corpus;

/// The seed of the corpus.
pub(super) const SEED: u64 = 1;
/// What an edition says in one of its fields, and the one before did not.
pub(super) const SENTENCE: &str =
    "Mobile teams register births in border towns, twice a month, with interpreters.";
/// Rows of one file to import, which may not be too long.
const ROWS_OF_A_FILE: usize = 40_000;
/// Two nodes get into step on loopback at least at this speed.
const DOCUMENTS_A_SECOND_MIN: u64 = 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Library {
    tern: PathBuf,
    path: PathBuf,
    /// The practices that are held.
    pub(super) ids: Vec<String>,
}

impl Library {
    /// The library of so many practices in `dir`, made if it is not there.
    pub(super) async fn at(tern: &Path, dir: &Path, documents: u64) -> Result<Self, LinksError> {
        let path = dir.join(format!("library-{documents}"));
        if !path.exists() {
            let unfinished = dir.join(format!("library-{documents}.new"));
            if unfinished.exists() {
                fs::remove_dir_all(&unfinished).map_err(failed("cannot clear a folder"))?;
            }
            fs::create_dir_all(&unfinished).map_err(failed("cannot make a folder"))?;
            make(tern, &unfinished, documents).await?;
            fs::rename(&unfinished, &path).map_err(failed("cannot name a folder"))?;
        }
        let ids = fs::read_to_string(path.join("ids.json"));
        let ids = ids.map_err(failed("cannot read the ids of a library"))?;
        let ids = serde_json::from_str(&ids).unwrap_or_default();
        Ok(Self { tern: tern.to_owned(), path, ids })
    }

    /// A copy of `name` in a folder of a case.
    pub(super) fn copy(&self, name: &str, case: &Path) -> Result<Folder, LinksError> {
        let to = case.join(name);
        copy(&self.path.join(name), &to).map_err(failed("cannot copy a data folder"))?;
        Ok(Folder::new(&self.tern, to))
    }

    /// The name of a holder that has published another edition of so many
    /// practices; made if it is not there.
    pub(super) async fn changed(&self, count: u64) -> Result<String, LinksError> {
        let name = if count == 0 { "holder".to_owned() } else { format!("holder-changed-{count}") };
        if !self.path.join(&name).exists() {
            let unfinished = self.path.join(format!("{name}.new"));
            copy(&self.path.join("holder"), &unfinished)
                .map_err(failed("cannot copy a data folder"))?;
            let holder = Folder::new(&self.tern, unfinished.clone()).serve(false).await?;
            self.publish_again(&holder, count).await?;
            holder.stop().await?;
            fs::rename(&unfinished, self.path.join(&name))
                .map_err(failed("cannot name a folder"))?;
        }
        Ok(name)
    }

    /// Has the holder publish another edition of so many practices.
    pub(super) async fn publish_again(
        &self,
        holder: &Serving,
        count: u64,
    ) -> Result<(), LinksError> {
        for id in self.ids.iter().take(usize::try_from(count).unwrap_or(usize::MAX)) {
            let draft = edit(holder, id).await?;
            publish(holder, &draft).await?;
        }
        Ok(())
    }

    /// The name of a reader that has published so many practices of its own; made if
    /// it is not there.
    pub(super) async fn wrote(&self, count: u64) -> Result<String, LinksError> {
        let name = if count == 0 { "reader".to_owned() } else { format!("reader-wrote-{count}") };
        if !self.path.join(&name).exists() {
            let unfinished = self.path.join(format!("{name}.new"));
            copy(&self.path.join("reader"), &unfinished)
                .map_err(failed("cannot copy a data folder"))?;
            let folder = Folder::new(&self.tern, unfinished.clone());
            let reader = folder.serve(false).await?;
            let first = self.ids.len() as u64;
            let numbers: Vec<u64> = (first..first + count).collect();
            import(&folder, &self.path.join("rows.jsonl"), &numbers).await?;
            reader.stop().await?;
            fs::rename(&unfinished, self.path.join(&name))
                .map_err(failed("cannot name a folder"))?;
        }
        Ok(name)
    }
}

/// Opens a draft of a practice in which a sentence is other: its id.
pub(super) async fn edit(holder: &Serving, practice: &str) -> Result<String, LinksError> {
    let op =
        json!({ "op": "practice-edit", "id": practice, "set": { "summary": { "en": SENTENCE } } });
    let draft = holder.operate(op).await?;
    Ok(draft["id"].as_str().unwrap_or_default().to_owned())
}

/// Publishes a draft: the edition.
pub(super) async fn publish(holder: &Serving, draft: &str) -> Result<Value, LinksError> {
    let op = json!({ "op": "practice-publish", "id": draft, "note": "Twice a month" });
    Ok(holder.operate(op).await?["edition"].clone())
}

async fn make(tern: &Path, path: &Path, documents: u64) -> Result<(), LinksError> {
    let folder = |name: &str| Folder::new(tern, path.join(name));
    let [holder, reader, newcomer] = ["holder", "reader", "newcomer"].map(folder);
    holder.ask(&["init", "--org", "Chad", "--country", "TD", "--person", "Amina Example"]).await?;
    let at_holder = holder.serve(true).await?;
    for (folder, org, country) in [(&reader, "Niger", "NE"), (&newcomer, "Nepal", "NP")] {
        let invited = holder.ask(&["invite"]).await?;
        let invitation = invited["invitation"].as_str().unwrap_or_default();
        let words = ["join", invitation, "--org", org, "--country", country];
        let joined = folder.ask(&words).await?;
        if joined["state"] != "member" {
            let (asked, said) = ("join".into(), joined.to_string());
            return Err(LinksError::Refused { asked, said });
        }
    }
    let mut ids = Vec::new();
    let numbers: Vec<u64> = (0..documents).collect();
    for part in numbers.chunks(ROWS_OF_A_FILE) {
        ids.extend(import(&holder, &path.join("rows.jsonl"), part).await?);
    }
    fs::write(path.join("ids.json"), Value::from(ids).to_string())
        .map_err(failed("cannot write ids"))?;
    let at_reader = reader.serve(true).await?;
    let patience = Duration::from_secs(60 + documents / DOCUMENTS_A_SECOND_MIN);
    let same = async || at_reader.holds_as(&at_holder).await;
    until("the reader is in step with the holder", patience, same).await?;
    let holder_id = at_holder.node();
    at_reader.operate(json!({ "op": "peers-remove", "peer": holder_id })).await?;
    newcomer.ask(&["peers", "remove", &holder_id]).await?;
    at_reader.stop().await?;
    at_holder.stop().await
}

/// Has a node publish practices of the corpus, by way of a file: their ids.
async fn import(node: &Folder, rows: &Path, numbers: &[u64]) -> Result<Vec<Value>, LinksError> {
    write_rows(rows, numbers).map_err(failed("cannot write rows"))?;
    let words = ["practice", "import", &rows.to_string_lossy(), "--publish", "--note", "First"];
    let imported = node.ask(&words).await?;
    if imported["imported"].as_u64() != Some(numbers.len() as u64) {
        let (asked, said) = (words.join(" "), imported["skipped"].to_string());
        return Err(LinksError::Refused { asked, said });
    }
    fs::remove_file(rows).map_err(failed("cannot remove rows"))?;
    Ok(imported["ids"].as_array().cloned().unwrap_or_default())
}

fn write_rows(path: &Path, numbers: &[u64]) -> io::Result<()> {
    let corpus = Corpus::p1(SEED);
    let mut file = BufWriter::new(fs::File::create(path)?);
    for practice in numbers.iter().flat_map(|number| corpus.editions(*number)) {
        writeln!(file, "{}", practice.to_json())?;
    }
    file.flush()
}

/// Copies a folder in place of whatever is at `to`.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// The address of a node behind a proxy, as peers save it.
pub(super) fn address(proxy: std::net::SocketAddr, transport: Transport, peer_id: &str) -> String {
    let (ip, port) = (proxy.ip(), proxy.port());
    match transport {
        Transport::Quic => format!("/ip4/{ip}/udp/{port}/quic-v1/p2p/{peer_id}"),
        Transport::Tcp => format!("/ip4/{ip}/tcp/{port}/p2p/{peer_id}"),
    }
}
