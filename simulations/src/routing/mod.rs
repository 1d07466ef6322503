//! How soon requests come to those who can answer, over links that are there
//! now and then.
//!
//! Offices of many countries ask each other for support for some months. Some
//! have a line that only a power cut interrupts, some a satellite at night, some
//! a mobile network for some minutes a day, some nothing but somebody who
//! carries a stick once a week (`contacts`). Every office runs a replica with
//! its tariff, and dials by the replica's own rules; nothing here knows a route
//! (`carrying`). What becomes of each letter is compared with the best that
//! anybody could have done who knew all contacts beforehand, and with two ways
//! that carry less (`baselines`):
//!
//! - the *oracle*: the earliest arrival on the time-expanded graph, without
//!   contention (Bui-Xuan, Ferreira and Jarry, "Computing shortest, fastest, and
//!   foremost journeys in dynamic networks", 2003);
//! - *binary spray and wait* with 16 copies (Spyropoulos, Psounis and
//!   Raghavendra, WDTN 2005);
//! - *direct*: who wrote a letter hands it over itself.
//!
//! None of the three pays for finding out what the other side lacks, and the two
//! that carry less have no end of room and bandwidth: where they lose, it is by
//! their rule alone.
//!
//! What this is not: a test that nothing is lost ([`run_requests`](crate::run_requests)
//! is), or of letters' inside, which nobody opens here.

use thiserror::Error;

mod baselines;
mod carrying;
mod contacts;
mod letters;
mod offices;
mod plot;
mod report;

pub use report::Report;

/// A day in milliseconds.
pub(crate) const DAY: i64 = 24 * HOUR;
/// An hour in milliseconds.
pub(crate) const HOUR: i64 = 3_600_000;
/// A letter is of use for so long after it was written.
pub(crate) const DEADLINE: i64 = 30 * DAY;

/// What is to be simulated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Offices, each of an organisation of its own: 8 and more.
    pub offices: usize,
    /// Days in which requests are asked. So that the last ones can be answered,
    /// links go on for 30 days longer.
    pub days: i64,
    /// Requests that are asked in all.
    pub requests: usize,
    /// The seed.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { offices: 200, days: 60, requests: 82, seed: 1 }
    }
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RoutingError {
    /// What was asked for cannot be simulated.
    #[error("{0}")]
    Usage(&'static str),
    /// Something that must not happen did.
    #[error("{0}")]
    Broken(String),
}

/// Lives through it. `tell` hears once a simulated week how far it is.
///
/// # Errors
/// Too few offices, or a promise that a replica broke.
pub fn run(options: Options, tell: impl FnMut(String)) -> Result<Report, RoutingError> {
    if options.offices < 8 || options.days < 1 {
        return Err(RoutingError::Usage("at least 8 offices and 1 day are simulated"));
    }
    let contacts = contacts::Contacts::of(&options);
    let mut world = carrying::Carrying::begin(&options, &contacts).map_err(RoutingError::Broken)?;
    world.run(tell).map_err(RoutingError::Broken)?;
    Ok(report::Report::of(&options, &contacts, &world))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_arrive_arrives_hardly_later_than_whoever_knew_all_contacts() {
        let options = Options { offices: 12, days: 10, requests: 4, seed: 3 };
        let report = run(options, |_| {}).expect("nothing is broken");
        assert!(report.letters() >= 12, "{report}");
        assert!(report.delivered() >= 0.99, "{report}");
        let (ours, oracle) = report.medians();
        assert!(ours >= oracle, "nobody is faster than the oracle: {report}");
        assert!(ours - oracle <= 4 * HOUR, "{report}");
        assert!(report.plot().starts_with("<svg"));
        assert_eq!(report.to_string(), run(options, |_| {}).expect("again").to_string());
    }
}
