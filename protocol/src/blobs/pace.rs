//! How much of a blob may be under way from one source.
//!
//! Files use what nobody else needs. So a source is told how many bytes to send
//! ([`Question::Ask`](super::Question::Ask), `go`), and the window is as large
//! as keeps the link filled and its queue short: what passes at the highest rate
//! seen lately, in the shortest delay seen lately and [`QUEUE_MILLIS`] more. A
//! delay is from telling a byte to its arrival, a rate what arrived meanwhile.
//! At first the window doubles, until the rate does not follow. This is the
//! model of BBR (Cardwell et al., ACM Queue 14(5), 2016) at the receiver, which
//! needs no clock of the other end.

use std::collections::VecDeque;

use tern_crdt::timestamp::Timestamp;

use crate::limits::{BLOB_DATA_BYTES_MAX, BLOB_WINDOW_BYTES_MAX};

/// What lies in the queue of the link takes so long to pass, at the most.
pub const QUEUE_MILLIS: i64 = 200;
/// The smallest window, and the first one.
const WINDOW_MIN: u32 = 2 * MESSAGE;
/// Bytes come in messages of this length: the first of one waits for the last.
const MESSAGE: u32 = BLOB_DATA_BYTES_MAX as u32;
/// The shortest delay is forgotten after so long, as links change.
const DELAY_MILLIS: i64 = 120_000;
/// The highest rate is forgotten after so many of the shortest delay.
const RATE_DELAYS: i64 = 10;
/// The rate has not followed for so many windows: then they are not doubled.
const FLAT_MAX: u8 = 1;

/// The source was told to send.
#[derive(Debug)]
struct Mark {
    /// Up to here, of all bytes.
    up_to: u64,
    at: Timestamp,
    /// How many had come then.
    came: u64,
}

/// The best of the latest values: of this while and of the one before.
#[derive(Debug, Default)]
struct Lately {
    best: [Option<i64>; 2],
    began: Option<Timestamp>,
}

impl Lately {
    fn note(&mut self, now: Timestamp, lasts: i64, value: i64, better: fn(i64, i64) -> i64) -> i64 {
        let began = *self.began.get_or_insert(now);
        if !(0..lasts).contains(&now.since(began)) {
            self.began = Some(now);
            self.best = [None, self.best[0]];
        }
        let best = self.best[0].map_or(value, |best| better(best, value));
        self.best[0] = Some(best);
        self.best[1].map_or(best, |before| better(best, before))
    }
}

/// See the module.
#[derive(Debug)]
pub struct Pace {
    window: u32,
    /// All bytes that the source was told to send, and all that came.
    told: u64,
    came: u64,
    marks: VecDeque<Mark>,
    delay: Lately,
    rate: Lately,
    /// The rate when the window last doubled, where that window ends, and how
    /// many did not change it.
    opening: (i64, u64, u8),
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            window: WINDOW_MIN,
            told: 0,
            came: 0,
            marks: VecDeque::new(),
            delay: Lately::default(),
            rate: Lately::default(),
            opening: (0, 0, 0),
        }
    }
}

impl Pace {
    /// How many bytes the source can be told to send now.
    pub fn room(&self) -> u32 {
        let under_way = u32::try_from(self.under_way()).unwrap_or(u32::MAX);
        self.window.saturating_sub(under_way)
    }

    /// How many bytes are under way.
    pub const fn under_way(&self) -> u64 {
        self.told - self.came
    }

    /// The source was told to send so many bytes more.
    pub fn told(&mut self, now: Timestamp, bytes: u32) {
        self.told += u64::from(bytes);
        self.marks.push_back(Mark { up_to: self.told, at: now, came: self.came });
    }

    /// So many bytes came; returns whether they were due.
    pub fn came(&mut self, now: Timestamp, bytes: usize) -> bool {
        self.came = self.came.saturating_add(bytes as u64);
        if self.came > self.told {
            self.came = self.told;
            return false;
        }
        // The mark that covers the last of them.
        while self.marks.front().is_some_and(|mark| mark.up_to < self.came) {
            self.marks.pop_front();
        }
        if let Some(mark) = self.marks.front() {
            let delay = now.since(mark.at).max(1);
            let passed = i64::try_from(self.came - mark.came).unwrap_or(i64::MAX);
            self.adapt(now, delay, passed.saturating_mul(1_000) / delay);
        }
        true
    }

    /// Bytes came after this delay in milliseconds, at this rate in bytes a
    /// second.
    fn adapt(&mut self, now: Timestamp, delay: i64, rate: i64) {
        let shortest = self.delay.note(now, DELAY_MILLIS, delay, i64::min);
        let rate = self.rate.note(now, shortest.saturating_mul(RATE_DELAYS), rate, i64::max);
        let passes = |millis: i64| rate.saturating_mul(millis) / 1_000;
        let (before, ends, flat) = self.opening;
        if self.came >= ends && flat < FLAT_MAX {
            let follows = rate > before.saturating_mul(5) / 4;
            self.opening = (rate, self.told, if follows { 0 } else { flat + 1 });
        }
        let mut window = passes(shortest.saturating_add(QUEUE_MILLIS));
        if self.opening.2 < FLAT_MAX {
            window = window.max(passes(shortest.saturating_mul(2)));
        }
        let window = u32::try_from(window.max(0)).unwrap_or(BLOB_WINDOW_BYTES_MAX);
        let window = window.saturating_add(MESSAGE);
        self.window = window.clamp(WINDOW_MIN, BLOB_WINDOW_BYTES_MAX);
    }
}
