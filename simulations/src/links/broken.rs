//! A member that has nothing gets the library over a link that goes down all the time,
//! while both nodes are killed in turn.
//!
//! What was held and comes again is counted by the node that gets it. Of what was under
//! way when the link was lost nobody knows whether it arrived, so a piece for each loss
//! may come again; more would be waste.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::LinksError;
use super::case::{Figures, Pair};

/// The link goes down at least so often, where the library is large enough.
pub(super) const CUTS: u64 = 50;
/// A node is killed each time the link went down so often.
const KILLED_EVERY: u64 = 8;
/// What a document takes on the wire at least, in bytes.
const DOCUMENT_BYTES_MIN: u64 = 900;
/// No piece of a connection is smaller: what it begins with passes.
const CUT_BYTES_MIN: u64 = 6_000;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
const REPEATED: &str = "tern_repeated_pieces_total";

/// After how many bytes the link goes down on average.
pub(super) fn cut_bytes(documents: u64) -> u64 {
    (documents * DOCUMENT_BYTES_MIN / CUTS).max(CUT_BYTES_MIN)
}

/// What came of it, beside the time and the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Broken {
    /// How often a node was killed.
    pub kills: u64,
    /// Pieces that came although they were held.
    pub repeated: u64,
}

impl Pair {
    /// Meetings unasked until both hold the same, whatever happens.
    pub(super) async fn broken(mut self) -> Result<Figures, LinksError> {
        let begun = Instant::now();
        let mut broken = Broken { kills: 0, repeated: 0 };
        while self.other.holds_as(&self.holder).await?.is_none() {
            if begun.elapsed() > self.patience {
                return Err(self.too_late(broken.kills).await);
            }
            if self.link.counts().cuts >= KILLED_EVERY * (broken.kills + 1) {
                if broken.kills.is_multiple_of(2) {
                    self.holder.kill().await?;
                } else {
                    broken.repeated += self.other.counter(REPEATED).await?;
                    self.other.kill().await?;
                }
                broken.kills += 1;
            }
            sleep(LOOK).await;
        }
        let time = begun.elapsed();
        broken.repeated += self.other.counter(REPEATED).await?;
        let (counts, traffic) = (self.link.counts(), self.traffic().await?);
        Ok(Figures { time, counts, traffic, broken: Some(broken), ..Figures::default() })
    }
}
