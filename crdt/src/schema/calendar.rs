//! Days and dates of the Gregorian calendar, also before it was in use.
//!
//! Both ways count in years that begin on 1 March, so that a leap day is the
//! last day of its year, and in eras of 400 years, after which leap years
//! repeat. Whole days in UTC; no clock and no zone.

/// 0000-01-01 in days since 1970-01-01.
const FIRST: i64 = -719_528;
/// 9999-12-31 in days since 1970-01-01.
const LAST: i64 = 2_932_896;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;
const ERA: i64 = 146_097;

/// Days from 1970-01-01 to a date.
pub(super) fn day_of(year: u16, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let months = (i64::from(month) + 9).rem_euclid(12);
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * months + 2) / 5 + i64::from(day) - 1 - EPOCH
}

/// Year, month and day of a day; of one outside the years 0 to 9999 the
/// nearest inside.
pub(super) fn date_of(day: i64) -> (u16, u8, u8) {
    let from_march = day.clamp(FIRST, LAST) + EPOCH;
    let (era, in_era) = (from_march.div_euclid(ERA), from_march.rem_euclid(ERA));
    let year = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let months = (5 * in_year + 2) / 153;
    let day = in_year - (153 * months + 2) / 5 + 1;
    let (year, month) = match months {
        0..=9 => (400 * era + year, months + 3),
        _ => (400 * era + year + 1, months - 9),
    };
    // In range after the clamp.
    let small = |number: i64| u8::try_from(number).unwrap_or(1);
    (u16::try_from(year).unwrap_or(0), small(month), small(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_one_to_one() {
        let mut next = FIRST;
        for year in 0..=9_999_u16 {
            for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
                let number = day_of(year, month, day);
                assert_eq!(date_of(number), (year, month, day));
            }
            assert_eq!(day_of(year, 1, 1), next, "{year}");
            let leap =
                year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            next += 365 + i64::from(leap);
            assert_eq!(day_of(year, 3, 1) - day_of(year, 2, 28), 1 + i64::from(leap), "{year}");
        }
        assert_eq!(next - 1, LAST);
    }

    #[test]
    fn known_days_have_their_numbers_and_the_ends_of_time_a_date() {
        assert_eq!(day_of(1970, 1, 1), 0);
        assert_eq!(day_of(2000, 2, 29), 11_016);
        assert_eq!(date_of(i64::MIN), (0, 1, 1));
        assert_eq!(date_of(i64::MAX), (9_999, 12, 31));
    }
}
