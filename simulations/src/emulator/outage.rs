//! When a link is down, in virtual time.

use std::time::Duration;

use super::profile::{Cut, Every};
use crate::chance::Chance;

/// The ups and downs of a link, as they were so far.
#[derive(Debug)]
pub struct Outages {
    cut: Option<Cut>,
    up_since: Duration,
    carried: u64,
    down_until: Option<Duration>,
    count: u64,
    chance: Chance,
    /// After how many bytes it goes down, if that is drawn.
    drawn: Option<u64>,
}

impl Outages {
    /// A link that is up at moment 0; the seed is for what is drawn.
    pub fn new(cut: Option<Cut>, seed: u64) -> Self {
        let (up_since, chance) = (Duration::ZERO, Chance::new(seed));
        Self { cut, up_since, carried: 0, down_until: None, count: 0, chance, drawn: None }
    }

    /// How often it went down.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// When it goes down next if nothing is carried; `None` if it is down, or
    /// never does.
    pub fn next(&self) -> Option<Duration> {
        let Every::Time(every) = self.cut?.every else { return None };
        self.down_until.is_none().then_some(self.up_since + every)
    }

    /// When it is up again, if it is down.
    pub const fn down_until(&self) -> Option<Duration> {
        self.down_until
    }

    /// So many bytes arrived.
    pub const fn carried(&mut self, bytes: u64) {
        self.carried = self.carried.saturating_add(bytes);
    }

    /// Whether nothing passes now. Moments never go back.
    pub fn is_down(&mut self, now: Duration) -> bool {
        let Some(cut) = self.cut else { return false };
        loop {
            match self.down_until {
                Some(until) if now < until => return true,
                Some(until) => {
                    (self.down_until, self.up_since, self.carried) = (None, until, 0);
                }
                None => {}
            }
            let since = match cut.every {
                Every::Time(every) => Some(self.up_since + every).filter(|at| *at <= now),
                Every::Bytes(bytes) => (self.carried >= bytes).then_some(now),
                Every::About(bytes) => {
                    let end = bytes.saturating_mul(2).saturating_sub(1).max(1);
                    let drawn = *self.drawn.get_or_insert_with(|| 1 + self.chance.below(end));
                    (self.carried >= drawn).then_some(now)
                }
            };
            let Some(since) = since else { return false };
            self.drawn = None;
            self.down_until = Some(since + cut.down);
            self.count += 1;
            if cut.down.is_zero() {
                (self.down_until, self.up_since, self.carried) = (None, now, 0);
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_link_is_down_at_its_times_and_up_between() {
        let cut = Cut { every: Every::Time(at(60)), down: at(5) };
        let mut outages = Outages::new(Some(cut), 1);
        assert_eq!(outages.next(), Some(at(60)));
        let down: Vec<u64> = (0..200).filter(|second| outages.is_down(at(*second))).collect();
        assert_eq!(down, [60, 61, 62, 63, 64, 125, 126, 127, 128, 129, 190, 191, 192, 193, 194]);
        assert_eq!(outages.count(), 3);
        // Nobody looked for a while.
        assert!(!outages.is_down(at(65 * 10)) && outages.is_down(at(65 * 10 + 61)));
        assert_eq!(outages.count(), 11);
    }

    #[test]
    fn a_link_goes_down_after_its_bytes_and_counts_anew_when_it_is_up() {
        let cut = Cut { every: Every::Bytes(1_000), down: at(2) };
        let mut outages = Outages::new(Some(cut), 1);
        outages.carried(999);
        assert!(!outages.is_down(at(1)));
        outages.carried(1);
        assert!(outages.is_down(at(1)) && outages.is_down(at(2)) && !outages.is_down(at(3)));
        outages.carried(999);
        assert!(!outages.is_down(at(4)));
        assert_eq!((outages.count(), outages.next()), (1, None));
    }

    #[test]
    fn a_link_goes_down_after_bytes_that_are_drawn_and_a_seed_repeats_them() {
        let cut = Cut { every: Every::About(100), down: Duration::ZERO };
        let drawn = |seed| -> Vec<u64> {
            let mut outages = Outages::new(Some(cut), seed);
            let mut lengths = Vec::new();
            let mut since = 0;
            while lengths.len() < 200 {
                outages.carried(1);
                since += 1;
                let before = outages.count();
                outages.is_down(at(0));
                if outages.count() > before {
                    lengths.push(std::mem::take(&mut since));
                }
            }
            lengths
        };
        let lengths = drawn(7);
        assert!(lengths.iter().all(|length| (1..200).contains(length)), "{lengths:?}");
        let sum: u64 = lengths.iter().sum();
        assert!((16_000..24_000).contains(&sum), "a hundred on average: {sum}");
        assert_eq!(lengths, drawn(7));
        assert_ne!(lengths, drawn(8));
    }

    #[test]
    fn a_link_without_cuts_is_up() {
        let mut outages = Outages::new(None, 1);
        outages.carried(u64::MAX);
        assert!(!outages.is_down(at(1_000_000)));
    }
}
