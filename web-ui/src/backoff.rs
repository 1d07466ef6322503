//! Growing waits after wrong passwords and wrong codes.
//!
//! After five failures for one name the next try has to wait one minute, then
//! two, four, eight, and fifteen from then on. Unknown names are treated like
//! known ones. Time is an argument, so the rule can be tested without waiting.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Failures that cost nothing.
const FREE: u32 = 5;
/// The longest wait, in seconds.
const WAIT_SECONDS_MAX: u64 = 15 * 60;
/// Names remembered at once; the stalest gives way.
const NAMES_MAX: usize = 10_000;
/// Failures are forgotten after this many seconds without another.
const FORGET_SECONDS: u64 = 24 * 60 * 60;

/// Failures by name.
#[derive(Default)]
pub struct Backoff {
    names: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    last: u64,
}

impl Failures {
    fn wait(self) -> u64 {
        match self.count.checked_sub(FREE) {
            None => 0,
            Some(more) => (60 << more.min(4)).min(WAIT_SECONDS_MAX),
        }
    }
}

impl Backoff {
    /// How many seconds `name` has to wait at `now` (seconds of a clock that
    /// never goes back); 0 when it may try.
    pub fn wait(&self, name: &str, now: u64) -> u64 {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names
            .get(&key(name))
            .map_or(0, |failures| (failures.last + failures.wait()).saturating_sub(now))
    }

    /// Counts a failure of `name`.
    pub fn failed(&self, name: &str, now: u64) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let name = key(name);
        if names.len() >= NAMES_MAX && !names.contains_key(&name) {
            names.retain(|_, failures| now.saturating_sub(failures.last) < FORGET_SECONDS);
            let stalest = names.iter().min_by_key(|(_, failures)| failures.last);
            if let Some(stalest) = stalest.map(|(name, _)| name.clone())
                && names.len() >= NAMES_MAX
            {
                names.remove(&stalest);
            }
        }
        let failures = names.entry(name).or_default();
        if now.saturating_sub(failures.last) >= FORGET_SECONDS {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    /// Forgets the failures of `name`: it got in.
    pub fn succeeded(&self, name: &str) {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(name));
    }
}

/// Names differ neither by case nor beyond their first 64 characters.
fn key(name: &str) -> String {
    name.trim().chars().take(64).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_are_free_and_then_waits_double_up_to_fifteen_minutes() {
        let backoff = Backoff::default();
        for _ in 0..4 {
            backoff.failed("amina", 100);
            assert_eq!(backoff.wait("amina", 100), 0);
        }
        let mut now = 100;
        for wait in [60, 120, 240, 480, 900, 900] {
            backoff.failed("Amina ", now);
            assert_eq!(backoff.wait("amina", now), wait);
            assert_eq!(backoff.wait("amina", now + wait - 1), 1);
            now += wait;
            assert_eq!(backoff.wait("amina", now), 0);
        }
        assert_eq!(backoff.wait("bikash", now), 0);
    }

    #[test]
    fn getting_in_forgets_failures_and_so_does_a_day() {
        let backoff = Backoff::default();
        for _ in 0..6 {
            backoff.failed("amina", 0);
        }
        backoff.succeeded("amina");
        assert_eq!(backoff.wait("amina", 0), 0);
        for _ in 0..6 {
            backoff.failed("bikash", 0);
        }
        backoff.failed("bikash", FORGET_SECONDS);
        assert_eq!(backoff.wait("bikash", FORGET_SECONDS), 0);
    }

    #[test]
    fn a_flood_of_names_does_not_grow_the_table() {
        let backoff = Backoff::default();
        for name in 0..NAMES_MAX as u64 + 500 {
            backoff.failed(&name.to_string(), name);
        }
        assert!(backoff.names.lock().expect("no thread died").len() <= NAMES_MAX);
    }
}
