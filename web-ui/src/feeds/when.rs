//! Moments as OAI-PMH and Atom write them: UTC, in days or in seconds.

use crate::service::Seconds;
use crate::words::Civil;

const DAY: Seconds = 24 * 3_600;

/// A moment in seconds: `2026-11-24T07:31:05Z`.
pub(super) fn told(at: Seconds) -> String {
    let whole = Civil::of(at);
    let date = format!("{:04}-{:02}-{:02}", whole.year, whole.month, whole.day);
    let second = at.rem_euclid(60);
    format!("{date}T{:02}:{:02}:{second:02}Z", whole.hour, whole.minute)
}

/// A datestamp that somebody asks with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Asked {
    /// The first second that it covers.
    pub(super) first: Seconds,
    /// Whether it is a whole day.
    pub(super) is_day: bool,
}

impl Asked {
    /// The last second that it covers.
    pub(super) const fn last(self) -> Seconds {
        if self.is_day { self.first + DAY - 1 } else { self.first }
    }
}

/// Reads `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`; `None` for anything else, and
/// for a day that no calendar has.
pub(super) fn read(text: &str) -> Option<Asked> {
    let (date, clock) = match text.split_once('T') {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    let first = day(date)?;
    let Some(clock) = clock else { return Some(Asked { first, is_day: true }) };
    let clock = clock.strip_suffix('Z')?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let fits = hour < 24 && minute < 60 && second < 60;
    fits.then_some(Asked { first: first + hour * 3_600 + minute * 60 + second, is_day: false })
}

/// The first second of a day of the years 1 to 9999. After Hinnant,
/// "chrono-compatible low-level date algorithms".
fn day(text: &str) -> Option<Seconds> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    if year == 0 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let first = (era * 146_097 + day_of_era - 719_468) * DAY;
    // The 31st of a shorter month would be another day.
    (i64::from(Civil::of(first).day) == day).then_some(first)
}

/// Three numbers of so many digits.
fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(between);
    let mut read = [0; 3];
    for (number, digits) in read.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_and_nothing_else_is() {
        for at in [0, 951_782_399, 1_795_426_265, 4_102_444_800, -62_135_596_800] {
            let text = told(at);
            assert_eq!(read(&text), Some(Asked { first: at, is_day: false }), "{text}");
        }
        let day = read("2024-02-29").expect("a day");
        assert_eq!(
            (told(day.first), told(day.last())),
            ("2024-02-29T00:00:00Z".into(), "2024-02-29T23:59:59Z".into())
        );
        for wrong in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-00-01",
            "0000-01-01",
            "24-01-01",
            "2024-1-1",
            "2024-01-01T00:00:00",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00Z",
            "2024-01-01Z",
            "2024-01-01-01",
            "+024-01-01",
            "2024-01-01T00:00:00.0Z",
            "٢٠٢٤-01-01",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
