//! Virtual time: what will happen, in the order in which it will.

use std::collections::BTreeMap;

/// What is to come. Time passes only by taking the next of it.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    now: i64,
    entered: u64,
    to_come: BTreeMap<(i64, u64), T>,
}

impl<T> Agenda<T> {
    pub fn new() -> Self {
        Self { now: 0, entered: 0, to_come: BTreeMap::new() }
    }

    /// Milliseconds since the world began.
    pub const fn now(&self) -> i64 {
        self.now
    }

    /// Something will happen after this many milliseconds; of two things at
    /// one time the one entered first happens first.
    pub fn after(&mut self, milliseconds: i64, what: T) {
        self.entered += 1;
        self.to_come.insert((self.now + milliseconds.max(0), self.entered), what);
    }

    /// Goes to the next thing, if it is not later than `until`.
    pub fn next(&mut self, until: i64) -> Option<T> {
        let first = self.to_come.first_entry()?;
        if first.key().0 > until {
            return None;
        }
        self.now = first.key().0;
        Some(first.remove())
    }
}
