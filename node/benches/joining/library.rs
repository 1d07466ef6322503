//! The library that the holder has: made once, in this process, by the same
//! gate and store as everything else.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tern_crdt::identity::FederationId;
use tern_node::accounts::Account;
use tern_node::config::Settings;
use tern_node::folder::DataFolder;
use tern_node::running::{Mode, Node};
use tern_protocol::gate::{Examined, examine};
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;
use tern_protocol::step::Command;
use tern_protocol::store::StoreError;
use tern_simulations::author::Written;
use tern_simulations::corpus::Corpus;
use tern_simulations::people::Person;
use tokio::sync::mpsc;

use crate::process::Folder;
use crate::table::{Table, megabytes, rate, seconds};
use crate::{Failed, SEED};

/// Practices that go into one commit.
const COMMIT: usize = 32;

/// One practice as it travels.
pub struct Document {
    /// Its id as text.
    pub id: String,
    /// Its changes, each after those that it builds on.
    pub changes: Vec<Vec<u8>>,
    /// The signed statements over them.
    pub statements: Vec<Vec<u8>>,
}

impl Document {
    /// All that has to travel, in bytes.
    pub fn bytes(&self) -> usize {
        self.changes.iter().chain(&self.statements).map(Vec::len).sum()
    }
}

/// The library of a folder, ascending by id; made if it is not there.
pub async fn at(dir: &Path, count: u64, table: &mut Table) -> Result<Vec<Document>, Failed> {
    let path = dir.join("library");
    if !path.exists() {
        let unfinished = dir.join("library.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        make(&unfinished, count, table).await?;
        fs::rename(&unfinished, &path)?;
    }
    let documents = read(&path).await?;
    if documents.len() as u64 != count {
        let held = documents.len();
        return Err(format!("{} holds {held} practices, not {count}", path.display()).into());
    }
    let bytes: usize = documents.iter().map(Document::bytes).sum();
    let figure = format!(
        "{count} practices of 3 editions (P3, seed {SEED}): {} of pieces, {:.0} B each",
        megabytes(bytes as u64),
        bytes as f64 / count as f64
    );
    table.row("library", figure);
    Ok(documents)
}

/// Opens the node of a folder in this process.
async fn open(path: &Path) -> Result<Arc<Node>, Failed> {
    let listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
    let settings = Settings { listen, ..Settings::default() };
    let folder = DataFolder::at(path).open_exclusive()?;
    Ok(Node::open(folder, settings, Mode::Command).await?)
}

async fn make(path: &Path, count: u64, table: &mut Table) -> Result<(), Failed> {
    let folder = Folder::new(path.to_owned(), "library");
    folder.tern(&["init", "--org", "Chad", "--country", "TD", "--person", "Amina"])?;
    let node = open(path).await?;
    let account = node.handle().read(|replica| Account::find(replica.library(), None)).await??;
    let pen = node.pen(&account, None, None).await?;
    let by = Person { key: pen.key, certificate: pen.certificate };
    let started = Instant::now();
    let mut written = write(count, node.identity().federation, &by)?;
    let mut pieces = Vec::new();
    let mut more = true;
    while more {
        more = written.recv().await.map(|practice| pieces.extend(practice)).is_some();
        if pieces.len() >= COMMIT * 3 || !more {
            let pieces = std::mem::take(&mut pieces);
            node.handle().command(Command::Write { pieces, private: Vec::new() }).await?;
        }
    }
    let time = started.elapsed();
    let figure = format!("{} ({:.0} practices/s)", seconds(time), rate(count as usize, time));
    table.row("library written, signed and kept in one process", figure);
    node.close().await;
    Ok(())
}

/// Signs the practices on as many threads as there are cores.
fn write(
    count: u64,
    federation: FederationId,
    by: &Person,
) -> Result<mpsc::Receiver<Vec<Examined>>, Failed> {
    let threads = std::thread::available_parallelism()?.get() as u64;
    let (sender, receiver) = mpsc::channel(COMMIT);
    for thread in 0..threads {
        let (sender, by) = (sender.clone(), by.clone());
        std::thread::spawn(move || {
            for number in (thread..count).step_by(threads as usize) {
                let written = Corpus::p3(SEED).written(number, federation, &by);
                let written = written.expect("a practice of the corpus fits its changes");
                let examined = |edition: &Written| {
                    examine(&edition.piece(), federation).expect("it was just signed")
                };
                if sender.blocking_send(written.iter().map(examined).collect()).is_err() {
                    return;
                }
            }
        });
    }
    Ok(receiver)
}

async fn read(path: &Path) -> Result<Vec<Document>, Failed> {
    let node = open(path).await?;
    let read = node.handle().read(|replica| {
        let library = replica.library();
        let practices = library.practice_ids().map(|id| {
            let pieces = library.stored_pieces(SetId::Public, id.as_bytes())?;
            Ok(document(id.to_string(), pieces))
        });
        practices.collect::<Result<Vec<Document>, StoreError>>()
    });
    let documents = read.await??;
    node.close().await;
    Ok(documents)
}

fn document(id: String, pieces: Vec<Piece>) -> Document {
    let mut document = Document { id, changes: Vec::new(), statements: Vec::new() };
    for piece in pieces {
        if let Piece::Edition { statement, change } = piece {
            document.statements.push(statement.into());
            document.changes.push(change.into());
        }
    }
    document
}

/// Copies a folder in place of whatever is at `to`.
pub fn copy_folder(from: &Path, to: &Path) -> Result<(), Failed> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
