//! `tern clearance …`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Clearance {
    /// Show what this organisation asks for, or say it as its administrator.
    Policy {
        /// none, publisher (a second one approves), sheet (signed by hand) or either.
        #[arg(value_name = "NEED")]
        need: Option<String>,
    },
    /// List drafts that wait for you: for your answer, or because yours was answered.
    List {
        /// All for which somebody asked.
        #[arg(long)]
        all: bool,
    },
    /// Show where a draft lies: who was asked, who holds it, since when, what was said.
    Show {
        /// The draft.
        id: String,
    },
    /// Ask for clearance of what a draft says now.
    Ask {
        /// The draft.
        id: String,
        /// For whoever clears.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Say that it lies with you.
    Take {
        /// The draft.
        id: String,
    },
    /// Give it back to its author.
    Return {
        /// The draft.
        id: String,
        /// What is to be changed.
        reason: String,
    },
    /// Note the scan of a sheet that was signed by hand. The file stays where it is.
    Attach {
        /// The draft.
        id: String,
        /// The scan.
        file: PathBuf,
    },
    /// Say that a scan is the signed sheet of what was asked for.
    Confirm {
        /// The draft.
        id: String,
        /// The scan that you looked at.
        file: PathBuf,
    },
    /// Approve what was asked for. The approval is published with the edition.
    Approve {
        /// The draft.
        id: String,
    },
}
