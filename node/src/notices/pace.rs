//! How often mail goes, and when it is tried again: pure, by running time.
//!
//! Intervals are measured by a clock that nobody sets. The machine's own clock is
//! asked once, at the start, how long ago the last mail went; if it says that this
//! was in the future, a whole interval is waited. So a clock that is wrong or jumps
//! delays mail by one interval at most, and never brings more of it.

use std::time::Duration;

use tern_crdt::timestamp::Timestamp;

const HOUR: Duration = Duration::from_secs(3_600);
/// After the first failure it is tried again so much later, …
const RETRY_FIRST: Duration = Duration::from_secs(60);
/// … after each further one twice as long, up to so long.
const RETRY_MAX: Duration = Duration::from_secs(6 * 3_600);

/// How often somebody wants to be told by mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Often {
    /// Not.
    #[default]
    #[n(0)]
    Never,
    /// At once, and at most once an hour.
    #[n(1)]
    Hour,
    /// At most once a day.
    #[n(2)]
    Day,
}

impl Often {
    /// Every choice, the most mail first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Never];

    /// Its word on the command line, in forms and in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The choice of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|often| often.code() == code)
    }

    /// The least time between two mails, if any is sent.
    pub const fn interval(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Hour => Some(HOUR),
            Self::Day => Some(Duration::from_secs(24 * 3_600)),
        }
    }
}

/// When an account's next mail may go, and after what it is tried again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Pace {
    /// The running time at which the last mail of this run went.
    sent: Option<Duration>,
    failures: u32,
    retry: Duration,
}

impl Pace {
    /// The running time from which the next mail may go. `before` is when the last
    /// one of an earlier run went, and `opened` when this run began, both by the
    /// machine's clock.
    pub(super) fn next(
        &self,
        often: Often,
        before: Option<Timestamp>,
        opened: Timestamp,
    ) -> Option<Duration> {
        let interval = often.interval()?;
        let rested = match (self.sent, before) {
            (Some(sent), _) => sent.saturating_add(interval),
            (None, None) => Duration::ZERO,
            (None, Some(before)) => match u64::try_from(opened.since(before)) {
                Ok(ago) => interval.saturating_sub(Duration::from_millis(ago)),
                Err(_) => interval,
            },
        };
        Some(rested.max(self.retry))
    }

    /// The running time from which something that does not count as a mail of the
    /// interval may be tried.
    pub(super) const fn retry(&self) -> Duration {
        self.retry
    }

    /// A mail went.
    pub(super) fn sent(&mut self, ran: Duration) {
        *self = Self { sent: Some(ran), failures: 0, retry: Duration::ZERO };
    }

    /// The way is open again, or there is another address.
    pub(super) fn renewed(&mut self) {
        (self.failures, self.retry) = (0, Duration::ZERO);
    }

    /// It did not go, and may later.
    pub(super) fn failed(&mut self, ran: Duration) {
        self.failures = self.failures.saturating_add(1);
        let doubled = RETRY_FIRST.saturating_mul(1 << (self.failures - 1).min(16));
        self.retry = ran.saturating_add(doubled.min(RETRY_MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3_600 * 1_000;

    #[test]
    fn a_mail_goes_at_once_and_the_next_an_hour_or_a_day_later() {
        let mut pace = Pace::default();
        let opened = Timestamp(1_000 * DAY);
        assert_eq!(pace.next(Often::Hour, None, opened), Some(Duration::ZERO));
        assert_eq!(pace.next(Often::Never, None, opened), None);
        pace.sent(Duration::from_secs(10));
        assert_eq!(pace.next(Often::Hour, None, opened), Some(Duration::from_secs(3_610)));
        assert_eq!(pace.next(Often::Day, None, opened), Some(Duration::from_secs(86_410)));
    }

    #[test]
    fn a_restart_does_not_shorten_the_interval_and_a_wrong_clock_does_not_lengthen_it() {
        let pace = Pace::default();
        let next =
            |before, opened| pace.next(Often::Hour, Some(Timestamp(before)), Timestamp(opened));
        let now = 20_000 * DAY;
        assert_eq!(next(now - 600_000, now), Some(Duration::from_secs(3_000)));
        assert_eq!(next(now - 2 * DAY, now), Some(Duration::ZERO));
        assert_eq!(next(now, 0), Some(HOUR), "the clock went back to 1970");
        assert_eq!(next(0, now), Some(Duration::ZERO), "it was in 1970 when the last mail went");
        assert_eq!(next(i64::MAX, i64::MIN), Some(HOUR));
    }

    #[test]
    fn what_fails_is_tried_again_ever_more_rarely_and_never_given_up() {
        let (mut pace, mut ran, opened) = (Pace::default(), Duration::ZERO, Timestamp(0));
        let mut waits = Vec::new();
        for _ in 0..40 {
            pace.failed(ran);
            let next = pace.next(Often::Hour, None, opened).expect("tried again");
            waits.push((next - ran).as_secs());
            ran = next;
        }
        assert_eq!(waits[..4], [60, 120, 240, 480]);
        assert_eq!(waits[39], RETRY_MAX.as_secs());
        pace.renewed();
        assert_eq!(pace.retry(), Duration::ZERO);
    }
}
