//! Searches, and those that an account keeps.

use clap::{Args, Subcommand};

use super::super::value;

/// What narrows a search.
#[derive(Args, Debug)]
pub(in super::super) struct Filters {
    /// Of this objective, 1 to 23; may be given several times.
    #[arg(long = "objective", value_name = "N", value_parser = clap::value_parser!(u8).range(1..=23))]
    pub(in super::super) objectives: Vec<u8>,
    /// Of this country; may be given several times.
    #[arg(long = "country", value_name = "CC", value_parser = value::country)]
    pub(in super::super) countries: Vec<String>,
    /// Written in this language; may be given several times.
    #[arg(long = "lang", value_name = "TAG")]
    pub(in super::super) languages: Vec<String>,
    /// Of this kind; may be given several times.
    #[arg(long = "kind", value_name = "K")]
    pub(in super::super) kinds: Vec<String>,
    /// On this topic; may be given several times.
    #[arg(long = "topic", value_name = "CODE")]
    pub(in super::super) topics: Vec<String>,
    /// In this M49 region or subregion, as 011 for Western Africa; may be given several times.
    #[arg(long = "place", value_name = "M49")]
    pub(in super::super) places: Vec<String>,
    /// Published or confirmed within twelve months (fresh), or not (stale).
    #[arg(long, value_name = "WORD", value_parser = ["fresh", "stale"])]
    pub(in super::super) valid: Option<String>,
    /// Also what was withdrawn.
    #[arg(long)]
    pub(in super::super) withdrawn: bool,
}

impl From<Filters> for crate::ops::Filters {
    fn from(typed: Filters) -> Self {
        let Filters { objectives, countries, languages, kinds, topics, places, valid, withdrawn } =
            typed;
        Self { objectives, countries, languages, kinds, topics, places, valid, withdrawn }
    }
}

#[derive(Args, Debug)]
pub(in super::super) struct Search {
    /// Words.
    #[arg(required = true, num_args = 1..)]
    pub(in super::super) query: Vec<String>,
    #[command(flatten)]
    pub(in super::super) filters: Filters,
    /// At most this many.
    #[arg(long, value_name = "N", value_parser = value::limit)]
    pub(in super::super) limit: Option<usize>,
    /// Tell how all that was found divides.
    #[arg(long)]
    pub(in super::super) facets: bool,
}

#[derive(Subcommand, Debug)]
pub(in super::super) enum Saved {
    /// Keep a search under a name; one of the same name is replaced.
    Add {
        /// What it is called.
        name: String,
        /// Words; may be left out if there is a filter.
        query: Vec<String>,
        #[command(flatten)]
        filters: Filters,
    },
    /// List the searches you keep, with how much is new.
    List,
    /// Show what arrived since a search was last looked at.
    Show {
        /// Its name or id.
        name: String,
        /// Everything that fits, not only what is new.
        #[arg(long)]
        all: bool,
        /// Count all of it as looked at.
        #[arg(long)]
        seen: bool,
    },
    /// Forget a search.
    Remove {
        /// Its name or id.
        name: String,
    },
}
