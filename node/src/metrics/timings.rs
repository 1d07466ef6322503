//! How often something happened and how long it took, counted without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Upper bounds of what is told apart, in seconds; longer than the last is a
/// class of its own.
pub const BOUNDS: [f64; 9] = [0.001, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];
const CLASSES: usize = BOUNDS.len() + 1;

/// Counts.
#[derive(Debug, Default)]
pub struct Timings {
    within: [AtomicU64; CLASSES],
    nanoseconds: AtomicU64,
}

/// What was counted up to a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Timed {
    /// How many within each bound and above the one before.
    pub within: [u64; CLASSES],
    /// All times together.
    pub nanoseconds: u64,
}

impl Timings {
    /// Counts one that took so long.
    pub fn note(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        let class = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.within[class].fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Does something and counts it.
    pub fn time<T>(&self, act: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = act();
        self.note(begun.elapsed());
        done
    }

    /// What was counted so far.
    pub fn read(&self) -> Timed {
        Timed {
            within: std::array::from_fn(|class| self.within[class].load(Ordering::Relaxed)),
            nanoseconds: self.nanoseconds.load(Ordering::Relaxed),
        }
    }
}

impl Timed {
    /// How many.
    pub fn count(&self) -> u64 {
        self.within.iter().sum()
    }

    /// All times together, in seconds.
    pub fn seconds(&self) -> f64 {
        Duration::from_nanos(self.nanoseconds).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_counted_in_the_smallest_class_that_holds_it() {
        let timings = Timings::default();
        for millis in [1, 2, 5, 30_000] {
            timings.note(Duration::from_millis(millis));
        }
        let read = timings.read();
        assert_eq!((read.within[0], read.within[1], read.within[9]), (1, 2, 1));
        assert_eq!((read.count(), read.seconds()), (4, 30.008));
    }
}
