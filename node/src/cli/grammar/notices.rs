//! How somebody is told of what waits.

use clap::Args;

#[derive(Args, Debug)]
pub(in super::super) struct Notices {
    /// Mail is to go there, once the code that is mailed to it was confirmed.
    #[arg(long, value_name = "ADDRESS")]
    pub(in super::super) address: Option<String>,
    /// The code that was mailed.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["address", "forget"])]
    pub(in super::super) code: Option<String>,
    /// At once and at most once an hour, at most once a day, or never.
    #[arg(long, value_name = "WORD", value_parser = ["hour", "day", "never"])]
    pub(in super::super) often: Option<String>,
    /// Forget the address.
    #[arg(long, conflicts_with = "address")]
    pub(in super::super) forget: bool,
    /// Make a feed at an address that is shown once, in the place of one before.
    #[arg(long)]
    pub(in super::super) feed: bool,
    /// Take the feed back.
    #[arg(long, conflicts_with = "feed")]
    pub(in super::super) no_feed: bool,
}
