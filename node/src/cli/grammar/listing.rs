//! `tern collection …` and `tern resource …`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Collection {
    /// List collections.
    List {
        /// With all these words in the title or the text.
        query: Vec<String>,
        /// Only those that hold this practice or resource.
        #[arg(long, value_name = "ID", conflicts_with = "query")]
        holding: Option<String>,
    },
    /// Show a collection: what is in it, what is missing here, and whether it is kept.
    Show {
        /// Which.
        id: String,
    },
    /// Make a collection of this organisation. Everything in it is public.
    New {
        /// Its title, text and items, as JSON.
        file: PathBuf,
    },
    /// Say anew, as a whole, what a collection of this organisation is.
    Edit {
        /// Which.
        id: String,
        /// Its title, text and items, as JSON.
        file: PathBuf,
    },
    /// Add a practice or a resource to a collection.
    Add {
        /// The collection.
        id: String,
        /// The practice or resource.
        thing: String,
        /// This edition of the practice, by number or id [default: the one that is shown].
        #[arg(long, value_name = "N|ID")]
        edition: Option<String>,
        /// Why it is in the collection.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Take a practice or a resource out of a collection.
    Remove {
        /// The collection.
        id: String,
        /// The practice or resource.
        thing: String,
    },
    /// Put a practice or a resource in another place of a collection.
    Move {
        /// The collection.
        id: String,
        /// The practice or resource.
        thing: String,
        /// Where, from 1.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=200))]
        to: u64,
    },
    /// Withdraw a collection of this organisation.
    Withdraw {
        /// Which.
        id: String,
        /// outdated, wrong, superseded, unsafe, rights or other.
        #[arg(long, value_name = "CODE")]
        reason: String,
        /// The reason in words.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Keep the files of a collection on this node, and fetch those that are not here.
    Keep {
        /// Which.
        id: String,
        /// Tell size, time and cost, and keep nothing.
        #[arg(long, conflicts_with = "undo")]
        dry_run: bool,
        /// Keep them for its sake no more.
        #[arg(long)]
        undo: bool,
    },
    /// Write a collection with its practices, and what is needed to verify them, for
    /// `tern bundle read`. Files do not travel in it.
    Bundle {
        /// Which.
        id: String,
        /// A new file, or this node's earlier one.
        file: PathBuf,
    },
}

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Resource {
    /// List resources.
    List {
        /// With all these words in the title or the abstract.
        query: Vec<String>,
    },
    /// Show a resource.
    Show {
        /// Which.
        id: String,
    },
    /// List a resource for this organisation. Everything in it is public.
    New {
        /// Title, abstract, address and the rest, as JSON.
        form: PathBuf,
        /// The file that it is, if it is not on the web.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Say anew, as a whole, what a resource of this organisation is.
    Edit {
        /// Which.
        id: String,
        /// Title, abstract, address and the rest, as JSON.
        form: PathBuf,
        /// The file that it is, in place of the one that the JSON names.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Withdraw a resource of this organisation.
    Withdraw {
        /// Which.
        id: String,
        /// outdated, wrong, superseded, unsafe, rights or other.
        #[arg(long, value_name = "CODE")]
        reason: String,
        /// The reason in words.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}
