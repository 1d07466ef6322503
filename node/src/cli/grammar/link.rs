//! What links cost.
//!
//! It is said once, for all links beyond the local network; what one peer
//! costs is not told apart.

use clap::{Args, Subcommand};

use super::super::value;

#[derive(Subcommand, Debug)]
pub(in super::super) enum Link {
    /// What links cost, what was spent on them this month, what waits, and when it is told.
    Show,
    /// Say what links beyond the local network cost; what is not said stays as it was.
    Set(LinkSet),
}

#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub(in super::super) struct LinkSet {
    /// lan and broadband cost nothing; metered and satellite are opened now and then.
    #[arg(long, value_name = "CLASS", value_parser = value::link_class)]
    pub(in super::super) class: Option<String>,
    /// The time between two contacts when nothing presses: 30m, 4h, 1d.
    #[arg(long, value_name = "TIME", value_parser = value::link_every)]
    pub(in super::super) every: Option<String>,
    /// Million bytes in a calendar month; beyond them requests and answers alone move.
    #[arg(long, value_name = "N", value_parser = value::megabytes, conflicts_with = "no_limit")]
    pub(in super::super) monthly_mb: Option<u64>,
    /// No limit any more.
    #[arg(long)]
    pub(in super::super) no_limit: bool,
    /// The first and the last hour of contacts when nothing presses, in UTC: 22-05, or any.
    #[arg(long, value_name = "FROM-TO", value_parser = value::link_hours)]
    pub(in super::super) hours: Option<String>,
    /// What a megabyte costs: 8.50, or none.
    #[arg(long, value_name = "SUM", value_parser = value::link_price)]
    pub(in super::super) price: Option<String>,
    /// The currency of the price: USD, FCFA.
    #[arg(long, value_name = "NAME")]
    pub(in super::super) currency: Option<String>,
}
