//! All that is promised of thin links, measured by one command and told in one table.
//!
//! A part has a library and links of its own, as what it is about needs: a hundred
//! thousand practices for what a meeting says of a large library, a satellite for how
//! soon an edition is read. What documents take on the wire is reckoned without a link.
//! How fast a fresh node gets a library is measured by a benchmark of the crate
//! `tern-node`, which is run at the end.

use std::path::PathBuf;
use std::process::Command;

use super::bars::{self, Bar};
use super::{LinksError, Options, Row, beside, failed, plain, process, rows_of, table};
use crate::packing;

/// How the command is used.
pub const PROMISES_USAGE: &str =
    "tern-simulations promises [--documents N] [--dir DIR] [--tern FILE]";

/// Practices of the large library, if not told otherwise.
const DOCUMENTS: u64 = 100_000;
/// Practices of which the packing is reckoned.
const PACKED: u64 = 200;

/// The parts after the large library, as options of the command `links`.
const PARTS: [&[&str]; 4] = [
    &[
        "--profile",
        "vsat",
        "--transport",
        "tcp,quic",
        "--cases",
        "changed,edition,beside",
        "--changed",
        "0,1",
    ],
    &["--profile", "vsat", "--transport", "tcp", "--cases", "broken"],
    &["--profile", "lan", "--transport", "quic", "--cases", "broken"],
    &[
        "--profile",
        "lan",
        "--transport",
        "tcp",
        "--cases",
        "filecut",
        "--documents",
        "10",
        "--file-bytes",
        "64000000",
        "--cut-bytes",
        "480000",
    ],
];

/// What is to be measured, and where.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    documents: Option<u64>,
    dir: Option<PathBuf>,
    tern: Option<PathBuf>,
}

impl Promises {
    /// Reads the words after `promises`.
    ///
    /// # Errors
    /// A word that is no option, or a value that is none.
    pub fn read(words: &[&str]) -> Result<Self, LinksError> {
        let mut read = Self::default();
        for pair in words.chunks(2) {
            match *pair {
                ["--documents", number] => {
                    let wrong = |_| LinksError::Usage { word: number.to_owned() };
                    read.documents = Some(number.parse().map_err(wrong)?);
                }
                ["--dir", dir] => read.dir = Some(dir.into()),
                ["--tern", file] => read.tern = Some(file.into()),
                _ => return Err(LinksError::Usage { word: pair.concat() }),
            }
        }
        Ok(read)
    }

    fn options(&self, words: &[&str]) -> Result<Options, LinksError> {
        let mut options = Options::read(words)?;
        (options.dir, options.tern) = (self.dir.clone(), self.tern.clone());
        Ok(options)
    }

    /// Measures; whether every case ended well and every promise was kept. Printed are
    /// the rows of each part, all promises, and what others say of the large library.
    ///
    /// # Errors
    /// There is no program, or it does not make a library.
    pub(super) async fn measure(&self) -> Result<bool, LinksError> {
        let tern = process::find(self.tern.clone())?;
        let temporary = tempfile::tempdir().map_err(failed("cannot make a folder"))?;
        let dir = self.dir.as_deref().unwrap_or_else(|| temporary.path());
        let documents = self.documents.unwrap_or(DOCUMENTS).to_string();
        let large = [
            "--documents",
            &documents,
            "--profile",
            "lan",
            "--transport",
            "tcp",
            "--cases",
            "changed,stick",
        ];
        let mut rows: Vec<Row> = Vec::new();
        for words in [&large[..]].into_iter().chain(PARTS) {
            let options = self.options(words)?;
            let part = rows_of(&options, &tern, dir).await?;
            println!("{}", table::markdown(options.documents, &part));
            rows.extend(part);
        }
        let mut bars = bars::bars(&rows);
        bars.extend(packed()?);
        print!("{}", bars::markdown(&bars));
        let large = self.options(&large)?;
        print!("{}", plain::markdown(&beside(large.documents, vec![0, 1, 100]).await?));
        println!();
        let joined = joining()?;
        Ok(joined && rows.iter().all(|row| row.figures.is_ok()) && bars.iter().all(Bar::is_kept))
    }
}

/// What is promised of the content on the wire, relative to Automerge's own `save()`.
fn packed() -> Result<Vec<Bar>, LinksError> {
    let reckoned = packing::rows(PACKED, super::library::SEED);
    let [(_, p1), _, (_, d30)] =
        reckoned.map_err(|said| LinksError::Refused { asked: "packing".into(), said })?;
    let bar = |of: &str, most, bytes: u64, saved: u64| Bar {
        of: of.to_owned(),
        what: "of what save() takes",
        most,
        was: bytes as f64 / saved.max(1) as f64,
    };
    Ok(vec![
        bar("P1, alone", 0.70, p1.alone, p1.saved),
        bar("P1, ten in a message", 0.75, p1.together, p1.saved),
        bar("D30, ten in a message", 0.75, d30.together, d30.saved),
    ])
}

/// Has a fresh node join, by the benchmark, which prints its own table.
fn joining() -> Result<bool, LinksError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words = ["bench", "-p", "tern-node", "--bench", "joining", "--", "--documents", "10000"];
    let ended = Command::new(cargo).args(words).status();
    Ok(ended.map_err(failed("cannot run cargo"))?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_a_measurement_and_nonsense_is_named() {
        let promises = Promises::read(&["--documents", "500", "--dir", "here"]).expect("options");
        for part in PARTS {
            let options = promises.options(part).expect("a part");
            assert_eq!(options.dir, Some("here".into()));
        }
        for words in [&["--documents", "many"][..], &["--dir"], &["all", "of"]] {
            assert!(Promises::read(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn what_is_promised_of_packing_is_kept() {
        let bars = packed().expect("documents");
        assert!(bars.len() == 3 && bars.iter().all(Bar::is_kept), "{bars:?}");
    }
}
