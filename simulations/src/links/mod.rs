//! What the program costs on thin links: real processes of `tern`, a link of
//! [`emulator`](crate::emulator) between them, and a table.
//!
//! Each case takes two data folders from a library made once, starts a node on
//! each, lets one dial the other through the link, and waits until both hold
//! the same. Told are the packets and bytes that passed, what the nodes count
//! themselves (before encryption), and how long it took. A case that fails is
//! told in its row and spoils no other.
//!
//! - *changed*: the holder has published another edition of so many practices;
//!   the two meet once, on command. With none, this is what a handshake and a
//!   meeting about nothing cost.
//! - *both*: the same, and the other has published as many practices of its own.
//! - *fresh*: a member that has no practice yet meets the holder.
//! - *edition*: both are linked and in step; the time from signing an edition
//!   until the other node shows it.
//! - *cut*: as *fresh*, and the link goes down after every so many bytes: for
//!   2 s, which resets connections of TCP; for 35 s under QUIC, which survives
//!   less.
//! - *idle*: both are linked and nobody does anything.
//! - *file*: both are in step, and the other fetches a file that a practice
//!   names; *filecut* the same while the link goes down as in *cut*.
//! - *broken*: as *cut*, after a drawn number of bytes, fifty times and more, and
//!   the nodes are killed in turn.
//! - *stick*: as *changed*, and they never connect: a stick goes there and back.
//! - *beside*: as *edition*, while a file comes.
//!
//! Printed are, in this order: a row for each case; what is promised of some of
//! them, each with what it was (`bars`); and what Automerge's own sync says of the
//! cases *changed*, and samod, where it was built with the feature `samod`.
//!
//! The program is the one beside this one in `target`, so both are built
//! first; see [`USAGE`]. What it measures belongs to that build.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

mod bars;
mod broken;
mod case;
mod file;
mod http;
mod library;
mod options;
mod plain;
mod process;
mod promises;
#[cfg(feature = "samod")]
mod samod;
mod stick;
mod table;

pub use broken::Broken;
pub use case::{Case, Figures, Told};
pub use options::{Options, USAGE};
pub use promises::{PROMISES_USAGE, Promises};
pub use stick::Stick;

use crate::emulator::Profile;
use library::Library;

/// Over what two nodes speak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// QUIC, over UDP.
    Quic,
    /// TCP, with Noise and Yamux.
    Tcp,
}

impl Transport {
    fn named(name: &str) -> Option<Self> {
        [Self::Quic, Self::Tcp].into_iter().find(|transport| transport.to_string() == name)
    }

    /// Its part of a multiaddress.
    const fn part(self) -> &'static str {
        match self {
            Self::Quic => "udp",
            Self::Tcp => "tcp",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quic => "quic",
            Self::Tcp => "tcp",
        })
    }
}

/// Why nothing was measured, or one case was not.
#[derive(Debug, Error)]
pub enum LinksError {
    /// On the command line.
    #[error("`{word}` is no option of this command, or lacks its value; usage: {USAGE}")]
    Usage {
        /// What was not understood.
        word: String,
    },
    /// Not built.
    #[error(
        "there is no program at {}: build it with `cargo build --release -p tern-node`, or name it \
         with --tern", path.display()
    )]
    NoProgram {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A command or an operation did not do what it had to.
    #[error("`{asked}` answered {said}")]
    Refused {
        /// What was asked.
        asked: String,
        /// Its answer.
        said: String,
    },
    /// Something took too long.
    #[error("within {seconds} s it was not so that {what}")]
    TooLate {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// Somebody at the terminal.
    #[error("interrupted: nothing is measured any more")]
    Interrupted,
    /// The system's refusal.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// The system's words.
        source: io::Error,
    },
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> LinksError {
    move |source| LinksError::System { what, source }
}

/// One case on one link.
#[derive(Debug)]
struct Row {
    profile: Profile,
    transport: Transport,
    case: Case,
    figures: Result<Figures, LinksError>,
}

/// Measures, and prints the table; whether every case ended well.
///
/// # Errors
/// There is no program, or it does not make the library.
pub fn run(options: &Options) -> Result<bool, LinksError> {
    carry_out(measure(options))
}

/// Measures all that is promised, and prints it; whether all of it was kept.
///
/// # Errors
/// There is no program, or it does not make a library.
pub fn run_promises(promises: &Promises) -> Result<bool, LinksError> {
    carry_out(promises.measure())
}

fn carry_out(measure: impl Future<Output = Result<bool, LinksError>>) -> Result<bool, LinksError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(failed("cannot start threads"))?.block_on(async {
        tokio::select! {
            measured = measure => measured,
            // The nodes end with what holds them.
            _ = tokio::signal::ctrl_c() => Err(LinksError::Interrupted),
        }
    })
}

async fn measure(options: &Options) -> Result<bool, LinksError> {
    let tern = process::find(options.tern.clone())?;
    let temporary = tempfile::tempdir().map_err(failed("cannot make a folder"))?;
    let dir = options.dir.as_deref().unwrap_or_else(|| temporary.path());
    let rows = rows_of(options, &tern, dir).await?;
    let mut changed: Vec<u64> = options.cases.iter().filter_map(Case::changed).collect();
    changed.sort_unstable();
    changed.dedup();
    let beside = beside(options.documents, changed).await?;
    if options.json {
        println!("{}", table::document(options.documents, &rows, &beside));
    } else {
        print!("{}", table::markdown(options.documents, &rows));
        print!("{}{}", bars::markdown(&bars::bars(&rows)), plain::markdown(&beside));
    }
    Ok(rows.iter().all(|row| row.figures.is_ok()))
}

/// Each case on each link, over a library in `dir`. Each row is told on standard error
/// as soon as it is there.
async fn rows_of(options: &Options, tern: &Path, dir: &Path) -> Result<Vec<Row>, LinksError> {
    let library = Library::at(tern, dir, options.documents).await?;
    let mut rows = Vec::new();
    for &profile in &options.profiles {
        for &transport in &options.transports {
            for &case in &options.cases {
                let figures = one(case, profile, transport, &library, dir, options).await;
                let row = Row { profile, transport, case, figures };
                eprintln!("{}", table::line(&row));
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// What others say of so many changed documents.
async fn beside(documents: u64, changed: Vec<u64>) -> Result<Vec<plain::Said>, LinksError> {
    let counts = changed.clone();
    let plain = move || -> Vec<_> {
        counts.iter().map(|changed| plain::measure(documents, *changed)).collect()
    };
    let said = tokio::task::spawn_blocking(plain).await.unwrap_or_default();
    #[cfg_attr(not(feature = "samod"), expect(unused_mut))]
    let mut said = said.into_iter().collect::<Result<Vec<_>, _>>()?;
    #[cfg(feature = "samod")]
    for changed in changed {
        said.push(samod::measure(documents, changed).await?);
    }
    Ok(said)
}

async fn one(
    case: Case,
    profile: Profile,
    transport: Transport,
    library: &Library,
    dir: &Path,
    options: &Options,
) -> Result<Figures, LinksError> {
    // Beside the library, so that a failed case can be looked at.
    let folder = tempfile::Builder::new().prefix("case-").tempdir_in(dir);
    let folder = folder.map_err(failed("cannot make a folder"))?;
    let measured = case::measure(case, profile, transport, library, folder.path(), options).await;
    if measured.is_err() && options.dir.is_some() {
        eprintln!("the folders of a case that failed stay in {}", folder.keep().display());
    }
    measured
}
