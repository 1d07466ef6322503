//! How fast a newcomer gets the whole library, for real.
//!
//! ```text
//! cargo bench -p tern-node --bench joining -- --documents 10000
//! cargo bench -p tern-node --bench joining -- --documents 10000 --dir target/joining
//! ```
//!
//! A node holds `--documents` practices of three editions (the corpus P3). A
//! second one, new and empty, joins by invitation: two processes of `tern`
//! with everything they do, over libp2p on loopback. Measured are how many
//! practices a second are verified and durable at the newcomer, when all are
//! found by its search, what both processes take, and how long people who read
//! there meanwhile wait for a page. Then the newcomer is stopped, started,
//! killed and started again, and the holder imports and publishes 1,000 rows.
//!
//! In the same run and of the same documents: Automerge's own sync, one
//! document at a time over one TCP session with 128 in flight, in memory only;
//! and a raw copy of the same bytes over TCP with an `fdatasync` for every
//! megabyte. Figures of other runs and machines do not compare.
//!
//! With `--idle` nobody joins: one node over the library is started, left alone
//! for a minute, and edited 10,000 times.
//!
//! ```text
//! cargo bench -p tern-node --bench joining -- --idle --documents 10000 --dir target/joining
//! ```
//!
//! With `--dir` the library is made there once and used again by later runs.
//! With `--test`, or under `cargo test`, everything happens with few documents.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

mod automerge_sync;
mod copy;
mod idle;
mod joining;
mod later;
mod library;
mod process;
mod readers;
mod table;

use table::Table;

/// Whatever went wrong, in words.
type Failed = Box<dyn Error + Send + Sync>;

/// The seed of the library.
const SEED: u64 = 1;
/// Documents of a run that only shows that everything works.
const FEW: u64 = 60;

/// What to measure with.
struct Options {
    /// Practices of the library.
    documents: u64,
    /// Rows to import afterwards.
    rows: u64,
    /// Whether one node is looked at that nobody asks anything.
    idle: bool,
    /// Edits of drafts of an idle node.
    edits: u64,
    /// How long an idle node is left alone.
    quiet: Duration,
    /// Where the library stays; a temporary folder if `None`.
    dir: Option<PathBuf>,
}

impl Options {
    fn of_command_line() -> Result<Self, Failed> {
        let mut arguments = std::env::args().skip(1);
        let (mut documents, mut dir, mut measuring, mut idle) = (None, None, false, false);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--documents" => documents = Some(value()?.parse()?),
                "--dir" => dir = Some(value()?.into()),
                "--idle" => idle = true,
                // Cargo's own word for a measurement.
                "--bench" => measuring = true,
                "--test" => documents = documents.or(Some(FEW)),
                _ => return Err(format!("{argument} is no option of this benchmark").into()),
            }
        }
        let documents = documents.unwrap_or(if measuring { 10_000 } else { FEW });
        let quiet = Duration::from_secs(if documents > FEW { 60 } else { 1 });
        let (rows, edits) = (documents.min(1_000), documents);
        Ok(Self { documents, rows, idle, edits, quiet, dir })
    }
}

fn main() -> ExitCode {
    let measured = Options::of_command_line().and_then(|options| {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(&options))
    });
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("joining: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Failed> {
    let temporary = tempfile::tempdir()?;
    let dir = options.dir.clone().unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&dir)?;
    let mut table = Table::default();
    let cores = std::thread::available_parallelism()?;
    table.row("machine", format!("{cores} cores, {}", table::load()));
    let documents = library::at(&dir, options.documents, &mut table).await?;
    if options.idle {
        idle::measure(options, &dir, &mut table).await?;
        println!("{table}");
        return Ok(());
    }
    let holder = process::Folder::new(dir.join("holder"), "holder");
    let newcomer = process::Folder::new(dir.join("newcomer"), "newcomer");
    library::copy_folder(&dir.join("library"), &holder.path)?;
    let (holder, newcomer) = joining::measure(holder, newcomer, &documents, &mut table).await?;
    later::measure(holder, newcomer, options, &dir, &mut table).await?;
    automerge_sync::measure(&documents, &mut table)?;
    copy::measure(&documents, &dir, &mut table)?;
    println!("{table}");
    Ok(())
}
