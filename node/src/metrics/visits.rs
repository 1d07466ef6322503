//! Requests to pages and API, by class of status.

use std::time::Duration;

use super::timings::{Timed, Timings};

/// The classes of status (RFC 9110, section 15).
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Visits([Timings; CLASSES.len()]);

impl Visits {
    /// Counts a request by the status it was answered with, and the time until
    /// the answer began.
    pub fn note(&self, status: u16, time: Duration) {
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        self.0[class].note(time);
    }

    /// Every class with what was counted.
    pub fn read(&self) -> impl Iterator<Item = (&'static str, Timed)> + '_ {
        CLASSES.into_iter().zip(self.0.iter().map(Timings::read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_by_the_class_of_its_status() {
        let visits = Visits::default();
        for status in [200, 204, 404, 503, 999] {
            visits.note(status, Duration::from_millis(1));
        }
        let counts: Vec<u64> = visits.read().map(|(_, timed)| timed.count()).collect();
        assert_eq!(counts, [0, 2, 0, 1, 2]);
    }
}
