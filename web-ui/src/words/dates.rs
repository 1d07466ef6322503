//! Days and moments as people write them.
//!
//! Times are shown in UTC: the one clock that readers of a page on different
//! continents share.

use super::Words;
use crate::service::Seconds;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment taken apart in the Gregorian calendar, UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
}

impl Civil {
    /// The calendar day and time of day of a moment; seconds beyond the year
    /// ±200,000 are clamped. After Hinnant, "chrono-compatible low-level date
    /// algorithms".
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // remainders are small
    pub fn of(at: Seconds) -> Self {
        let at = at.clamp(-6_000_000_000_000, 6_000_000_000_000);
        let (days, rest) = (at.div_euclid(DAY) + 719_468, at.rem_euclid(DAY));
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: month as u32,
            day: (day_of_year - (153 * shifted + 2) / 5 + 1) as u32,
            hour: (rest / HOUR) as u32,
            minute: (rest % HOUR / MINUTE) as u32,
        }
    }

    /// As `2026-11-24T07:31Z`, for `<time datetime>` and programs.
    #[must_use]
    pub fn iso(&self) -> String {
        let Self { year, month, day, hour, minute } = self;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}Z")
    }
}

impl Words {
    /// "24 November 2026".
    #[must_use]
    pub fn day(&self, at: Seconds) -> String {
        let civil = Civil::of(at);
        self.calendar(civil.year, Some(civil.month), Some(civil.day))
    }

    /// "24 November 2026, 07:31 UTC".
    #[must_use]
    pub fn moment(&self, at: Seconds) -> String {
        let civil = Civil::of(at);
        let clock = format!("{:02}:{:02}", civil.hour, civil.minute);
        self.t2("date-moment", ("day", self.day(at)), ("clock", clock))
    }

    /// "4 minutes ago" within the last week, else the day. A moment in the
    /// future (clocks differ) is just now.
    #[must_use]
    pub fn ago(&self, at: Seconds, now: Seconds) -> String {
        match now.saturating_sub(at).max(0) {
            gone if gone < MINUTE => self.t("ago-now"),
            gone if gone < HOUR => self.t1("ago-minutes", "count", gone / MINUTE),
            gone if gone < DAY => self.t1("ago-hours", "count", gone / HOUR),
            gone if gone < 7 * DAY => self.t1("ago-days", "count", gone / DAY),
            _ => self.day(at),
        }
    }

    /// A date of a practice, YYYY, YYYY-MM or YYYY-MM-DD, as people write it;
    /// anything else as it stands.
    #[must_use]
    pub fn partial(&self, date: &str) -> String {
        let mut parts = date.splitn(3, '-').map(|part| part.parse::<u32>().ok());
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Some(year)), None, None) => year.to_string(),
            (Some(Some(year)), Some(Some(month @ 1..=12)), None) => {
                self.calendar(year.into(), Some(month), None)
            }
            (Some(Some(year)), Some(Some(month @ 1..=12)), Some(Some(day @ 1..=31))) => {
                self.calendar(year.into(), Some(month), Some(day))
            }
            _ => date.to_owned(),
        }
    }

    fn calendar(&self, year: i64, month: Option<u32>, day: Option<u32>) -> String {
        let year = year.to_string();
        let name = month.map(|month| self.t(&format!("month-{month}"))).unwrap_or_default();
        match day {
            None => self.t2("date-month", ("month", name), ("year", year)),
            Some(day) => {
                let month = self.t2("date-month", ("month", name), ("year", year));
                self.t2("date-day", ("day", day), ("month", month))
            }
        }
    }

    /// "410 KB", "6.2 MB": a size in the largest unit it fills, rounded up.
    #[must_use]
    pub fn bytes(&self, bytes: u64) -> String {
        let tenths = |unit: u64| match bytes.div_ceil(unit / 10) {
            tenths @ 0..100 => format!("{}.{}", tenths / 10, tenths % 10),
            tenths => tenths.div_ceil(10).to_string(),
        };
        match bytes {
            0..1_000 => self.t1("bytes", "count", bytes),
            1_000..1_000_000 => self.t1("kilobytes", "count", bytes.div_ceil(1_000)),
            1_000_000..1_000_000_000 => self.t1("megabytes", "count", tenths(1_000_000)),
            _ => self.t1("gigabytes", "count", tenths(1_000_000_000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Catalogue, unmarked as plain};

    #[test]
    fn leap_days_and_the_first_second_fall_where_they_should() {
        assert_eq!(Civil::of(0).iso(), "1970-01-01T00:00Z");
        assert_eq!(Civil::of(951_782_400).iso(), "2000-02-29T00:00Z");
        assert_eq!(Civil::of(1_795_505_460).iso(), "2026-11-24T07:31Z");
        assert_eq!(Civil::of(-1).iso(), "1969-12-31T23:59Z");
        let _ = Civil::of(i64::MIN).iso() + &Civil::of(i64::MAX).iso();
    }

    #[test]
    fn dates_read_as_people_write_them() {
        let catalogue = Catalogue::new(false);
        let words = catalogue.choose(["en"]);
        assert_eq!(plain(&words.partial("2022")), "2022");
        assert_eq!(plain(&words.partial("2022-03")), "March 2022");
        assert_eq!(plain(&words.partial("2022-03-09")), "9 March 2022");
        assert_eq!(plain(&words.partial("2022-13")), "2022-13");
        assert_eq!(plain(&words.partial("long ago")), "long ago");
        assert_eq!(plain(&words.moment(1_795_505_460)), "24 November 2026, 07:31 UTC");
    }

    #[test]
    fn a_size_is_told_in_the_unit_it_fills() {
        let catalogue = Catalogue::new(false);
        let words = catalogue.choose(["en"]);
        for (bytes, told) in [
            (1, "1 byte"),
            (409_600, "410 KB"),
            (6_200_000, "6.2 MB"),
            (48_000_001, "49 MB"),
            (u64::MAX, "18446744074 GB"),
        ] {
            assert_eq!(plain(&words.bytes(bytes)), told);
        }
    }

    #[test]
    fn what_is_recent_is_told_by_its_age_and_the_future_is_now() {
        let catalogue = Catalogue::new(false);
        let words = catalogue.choose(["en"]);
        let now = 1_795_505_460;
        assert_eq!(plain(&words.ago(now + 90, now)), "just now");
        assert_eq!(plain(&words.ago(now - 60, now)), "1 minute ago");
        assert_eq!(plain(&words.ago(now - 4 * HOUR, now)), "4 hours ago");
        assert_eq!(plain(&words.ago(now - 30 * DAY, now)), "25 October 2026");
    }
}
