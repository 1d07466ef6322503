//! Files beside practices.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args, Debug)]
pub(in super::super) struct Attach {
    /// A draft, or a practice of this organisation, of which a draft is opened.
    #[arg(value_name = "ID")]
    pub(in super::super) id: String,
    /// The file. What a photo tells of place, time and device is taken out.
    #[arg(value_name = "FILE")]
    pub(in super::super) file: PathBuf,
    /// What it is called; its own name if not said.
    #[arg(long, value_name = "NAME")]
    pub(in super::super) name: Option<String>,
    /// The language that it is in.
    #[arg(long, value_name = "TAG")]
    pub(in super::super) lang: Option<String>,
    /// What it shows, for those who cannot open it.
    #[arg(long, value_name = "TEXT")]
    pub(in super::super) alt: Option<String>,
    /// Its licence.
    #[arg(long, value_name = "CODE")]
    pub(in super::super) licence: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(in super::super) enum Blob {
    /// Files that are here, and those that practices name.
    List,
    /// Fetch a file from members that have it; again goes on where it was cut.
    Get {
        /// Its hash, or the first eight digits of it or more.
        #[arg(value_name = "HASH")]
        hash: String,
        /// Write it there as well.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Only tell size, time and cost.
        #[arg(long, conflicts_with = "out")]
        dry_run: bool,
    },
    /// Keep a file whatever happens.
    Pin {
        /// Its hash.
        #[arg(value_name = "HASH")]
        hash: String,
        /// Not any more.
        #[arg(long)]
        undo: bool,
    },
    /// Remove a file from this node.
    Drop {
        /// Its hash.
        #[arg(value_name = "HASH")]
        hash: String,
        /// Also if nobody else is known to have it.
        #[arg(long)]
        last: bool,
    },
}
