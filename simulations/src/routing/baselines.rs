//! What others would have done with the same letters over the same contacts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::contacts::{Contacts, Trip, Window};
use super::letters::Letter;
use super::{DAY, DEADLINE};

/// How many copies of a letter binary spray and wait makes.
const COPIES: u32 = 16;

/// Contacts by those who have them.
pub(crate) struct Journeys<'c> {
    /// Of each office by the other one, windows in the order in which they close.
    windows: Vec<BTreeMap<usize, Vec<&'c Window>>>,
    /// Of each office those that leave it, in the order in which they do.
    trips: Vec<Vec<&'c Trip>>,
}

impl<'c> Journeys<'c> {
    pub fn of(contacts: &'c Contacts) -> Self {
        let offices = contacts.kinds.len();
        let mut windows = vec![BTreeMap::<usize, Vec<_>>::new(); offices];
        for window in &contacts.windows {
            let [one, other] = window.between;
            windows[one].entry(other).or_default().push(window);
            windows[other].entry(one).or_default().push(window);
        }
        let mut trips = vec![Vec::new(); offices];
        for trip in &contacts.trips {
            trips[trip.from].push(trip);
        }
        Self { windows, trips }
    }

    /// When bytes that are at an office at a time can be at each of its
    /// neighbours.
    fn from(&self, office: usize, at: i64, bytes: usize) -> Vec<(usize, i64)> {
        let mut next = Vec::new();
        for (other, windows) in &self.windows[office] {
            let first = windows.partition_point(|window| window.closes <= at);
            let arrives = windows[first..].iter().find_map(|window| {
                let takes = window.quality.latency + (bytes / window.quality.rate) as i64;
                let arrives = window.opens.max(at) + takes;
                (arrives <= window.closes).then_some(arrives)
            });
            next.extend(arrives.map(|arrives| (*other, arrives)));
        }
        let first = self.trips[office].partition_point(|trip| trip.leaves < at);
        let mut gone = BTreeSet::new();
        for trip in &self.trips[office][first..] {
            if gone.insert(trip.to) {
                next.push((trip.to, trip.arrives));
            }
        }
        next
    }

    /// When a letter arrives if every carrier knows all contacts beforehand.
    pub fn oracle(&self, letter: &Letter) -> Option<i64> {
        let mut best: BTreeMap<usize, i64> = BTreeMap::from([(letter.from, letter.written)]);
        let mut open = BinaryHeap::from([Reverse((letter.written, letter.from))]);
        while let Some(Reverse((at, office))) = open.pop() {
            if office == letter.to {
                return Some(at);
            }
            if best.get(&office).is_some_and(|known| *known < at)
                || at > letter.written + DEADLINE + DAY
            {
                continue;
            }
            for (other, arrives) in self.from(office, at, letter.bytes) {
                if best.get(&other).is_none_or(|known| arrives < *known) {
                    best.insert(other, arrives);
                    open.push(Reverse((arrives, other)));
                }
            }
        }
        None
    }

    /// When it arrives if its writer hands it over itself.
    pub fn direct(&self, letter: &Letter) -> Option<i64> {
        let to = self.from(letter.from, letter.written, letter.bytes).into_iter();
        to.filter(|(other, _)| *other == letter.to).map(|(_, at)| at).min()
    }

    /// When it arrives by binary spray and wait: who holds several copies gives
    /// half of them to whoever has none; who holds one waits for the reader.
    pub fn spray(&self, letter: &Letter) -> Option<i64> {
        let mut held: BTreeMap<usize, u32> = BTreeMap::from([(letter.from, COPIES)]);
        let mut meets = BinaryHeap::new();
        let plan = |meets: &mut BinaryHeap<_>, office: usize, at: i64| {
            for (other, arrives) in self.from(office, at, letter.bytes) {
                meets.push(Reverse((arrives, office, other)));
            }
        };
        plan(&mut meets, letter.from, letter.written);
        while let Some(Reverse((at, office, other))) = meets.pop() {
            if at > letter.written + DEADLINE + DAY {
                return None;
            }
            if other == letter.to {
                return Some(at);
            }
            let copies = held.get(&office).copied().unwrap_or(0);
            if copies > 1 && !held.contains_key(&other) {
                held.insert(other, copies / 2);
                held.insert(office, copies - copies / 2);
                plan(&mut meets, other, at);
            }
        }
        None
    }
}
