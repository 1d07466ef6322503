//! What the command line asks to measure.

use std::path::PathBuf;
use std::time::Duration;

use super::case::Case;
use super::{LinksError, Transport};
use crate::emulator::Profile;

/// How to call it.
pub const USAGE: &str =
    "tern-simulations links [--profile NAME,…] [--documents N] [--transport quic,tcp]
           [--cases changed,both,fresh,edition,cut,broken,idle,file,filecut,beside,stick] [--file-bytes N] [--changed N,…] [--cut-bytes N]
           [--idle-seconds N] [--patience SECONDS] [--seed N] [--dir DIR] [--tern FILE] [--json]";

/// What to measure, and with what.
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) profiles: Vec<Profile>,
    pub(super) transports: Vec<Transport>,
    pub(super) cases: Vec<Case>,
    pub(super) documents: u64,
    /// How long a case may take; computed from the link if `None`.
    pub(super) patience: Option<Duration>,
    pub(super) seed: u64,
    /// Where libraries stay; a temporary folder if `None`.
    pub(super) dir: Option<PathBuf>,
    pub(super) tern: Option<PathBuf>,
    pub(super) json: bool,
}

impl Options {
    /// Reads the words after `links`.
    ///
    /// # Errors
    /// A word that is no option, or a value that is none.
    pub fn read(words: &[&str]) -> Result<Self, LinksError> {
        let mut values = Values::default();
        let mut words = words.iter();
        let wrong = |word: &str| LinksError::Usage { word: word.to_owned() };
        while let Some(word) = words.next() {
            if *word == "--json" {
                values.json = true;
                continue;
            }
            let value = words.next().ok_or_else(|| wrong(word))?;
            let number = || value.parse::<u64>().map_err(|_| wrong(value));
            match *word {
                "--profile" => values.profiles = list(value, Profile::named)?,
                "--transport" => values.transports = list(value, Transport::named)?,
                "--cases" => values.cases = list(value, |word| Some(word.to_owned()))?,
                "--changed" => values.changed = list(value, |word| word.parse().ok())?,
                "--documents" => values.documents = number()?.max(1),
                "--cut-bytes" => values.cut_bytes = number()?.max(1),
                "--idle-seconds" => values.idle = Duration::from_secs(number()?),
                "--patience" => values.patience = Some(Duration::from_secs(number()?)),
                "--file-bytes" => values.file_bytes = number()?.max(1),
                "--seed" => values.seed = number()?,
                "--dir" => values.dir = Some(value.into()),
                "--tern" => values.tern = Some(value.into()),
                _ => return Err(wrong(word)),
            }
        }
        values.options()
    }
}

fn list<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, LinksError> {
    let read = |word: &str| read(word).ok_or_else(|| LinksError::Usage { word: word.to_owned() });
    value.split(',').map(read).collect()
}

/// As they stand on the command line.
struct Values {
    profiles: Vec<Profile>,
    transports: Vec<Transport>,
    cases: Vec<String>,
    changed: Vec<u64>,
    documents: u64,
    cut_bytes: u64,
    file_bytes: u64,
    idle: Duration,
    patience: Option<Duration>,
    seed: u64,
    dir: Option<PathBuf>,
    tern: Option<PathBuf>,
    json: bool,
}

impl Default for Values {
    fn default() -> Self {
        Self {
            profiles: Profile::named("vsat").into_iter().collect(),
            transports: vec![Transport::Quic],
            cases: ["changed", "fresh", "edition", "cut", "idle"].map(String::from).to_vec(),
            changed: vec![0, 1, 100, 10_000],
            documents: 1_000,
            cut_bytes: 256 * 1024,
            file_bytes: 2_000_000,
            idle: Duration::from_secs(60),
            patience: None,
            seed: 1,
            dir: None,
            tern: None,
            json: false,
        }
    }
}

impl Values {
    fn options(self) -> Result<Options, LinksError> {
        let mut cases = Vec::new();
        for name in &self.cases {
            match name.as_str() {
                "changed" | "both" => {
                    let mut counts: Vec<u64> =
                        self.changed.iter().map(|count| *count.min(&self.documents)).collect();
                    counts.dedup();
                    match name.as_str() {
                        "changed" => cases.extend(counts.into_iter().map(Case::Changed)),
                        _ => cases.extend(counts.into_iter().filter(|n| *n > 0).map(Case::Both)),
                    }
                }
                "fresh" => cases.push(Case::Fresh),
                "edition" => cases.push(Case::Edition),
                "cut" => cases.push(Case::Cut(self.cut_bytes)),
                "file" => cases.push(Case::File(self.file_bytes, None)),
                "filecut" => cases.push(Case::File(self.file_bytes, Some(self.cut_bytes))),
                "beside" => cases.push(Case::Beside(self.file_bytes)),
                "broken" => cases.push(Case::Broken),
                "stick" => cases.push(Case::Stick((self.documents / 100).max(1))),
                "idle" => cases.push(Case::Idle(self.idle)),
                _ => return Err(LinksError::Usage { word: name.clone() }),
            }
        }
        Ok(Options {
            profiles: self.profiles,
            transports: self.transports,
            cases,
            documents: self.documents,
            patience: self.patience,
            seed: self.seed,
            dir: self.dir,
            tern: self.tern,
            json: self.json,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_nonsense_is_named() {
        let words = ["--profile", "2g,slow", "--documents", "50", "--changed", "0,100,1000"];
        let cases = ["--cases", "changed,cut", "--cut-bytes", "9", "--transport", "tcp", "--json"];
        let read = Options::read(&[&words[..], &cases].concat()).expect("options");
        let names: Vec<&str> = read.profiles.iter().map(|profile| profile.name).collect();
        assert_eq!(names, ["2g", "slow"]);
        assert_eq!(read.cases, [Case::Changed(0), Case::Changed(50), Case::Cut(9)]);
        assert_eq!((read.transports, read.json), (vec![Transport::Tcp], true));
        for words in [&["--profile", "3g"][..], &["--documents", "x"], &["--seed"], &["up", "1"]] {
            let told = Options::read(words).expect_err("nonsense").to_string();
            assert!(told.contains(words.last().expect("a word")) || words[0] == "up", "{told}");
        }
    }
}
