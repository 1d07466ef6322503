//! What an organisation says about practices: parts of `tern practice …`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub(in super::super) enum Annotation {
    /// Withdraw a practice of this organisation: it stays readable, with the reason, and is found no more.
    Withdraw {
        /// The practice.
        id: String,
        /// outdated, wrong, superseded, unsafe, rights or other.
        #[arg(long, value_name = "CODE")]
        reason: String,
        /// Only this edition, by number or id [default: all that there are].
        #[arg(long, value_name = "N|ID")]
        edition: Option<String>,
        /// The reason in words.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// The practice to read instead.
        #[arg(long, value_name = "ID")]
        replaced_by: Option<String>,
    },
    /// Confirm that a practice of this organisation is still valid.
    Confirm {
        /// The practice.
        id: String,
        /// More about it.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Say that this organisation uses a practice of others too, also where it did not work.
    Adapt {
        /// The practice.
        id: String,
        /// Where, since when, what was changed, with what outcome, as JSON.
        file: PathBuf,
        /// In place of what was said before.
        #[arg(long, value_name = "ID")]
        replaces: Option<String>,
    },
    /// Translate an edition of a practice.
    Translate {
        /// The practice.
        id: String,
        /// Into this language.
        #[arg(long, value_name = "TAG")]
        lang: String,
        /// The texts by the keys of practice files, as JSON.
        file: PathBuf,
        /// Which edition [default: the latest].
        #[arg(long, value_name = "N|ID")]
        edition: Option<String>,
    },
    /// Say that a practice tells of the same work as another, or has another name elsewhere.
    SameAs {
        /// The practice.
        id: String,
        /// The other one.
        other: Option<String>,
        /// A name elsewhere, as doi:10.1000/182, hub:, gfmd:, gcr:, iati: or an address; may be given several times.
        #[arg(long = "alias", value_name = "SCHEME:NAME")]
        aliases: Vec<String>,
    },
    /// Take back what this organisation said about a practice.
    TakeBack {
        /// The practice.
        id: String,
        /// What was said [default: the withdrawal].
        annotation: Option<String>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Show what is said about a practice.
    Said {
        /// The practice.
        id: String,
        /// Of this edition [default: the one that is shown].
        #[arg(long, value_name = "N")]
        edition: Option<u32>,
    },
    /// List practices that may tell of the same work.
    Duplicates {
        /// The practice.
        id: String,
    },
}
