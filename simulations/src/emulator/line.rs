//! One direction of a link, in virtual time: what becomes of each packet.
//!
//! A packet waits in a queue, takes its time to be put on the line, travels,
//! and arrives or does not. Nothing here waits, reads a clock or moves a byte:
//! a moment is an argument, and so is the seed of all chance.
//!
//! Invariants, whatever is offered:
//! - packets leave one after another, never faster than the rate;
//! - none arrives before its serialisation and the delay are over, and none
//!   before one that was offered earlier: a line keeps the order;
//! - what waits never exceeds the queue, but for one packet in an empty one.
//!
//! **Packets that are lost** have taken their time on the line. Of a datagram
//! that is all. A *segment* of TCP arrives all the same, later: the sender is
//! told by duplicate acknowledgements and sends it again one round trip later
//! (fast retransmit, RFC 5681 section 3.2), or, if it was short and so likely
//! the last of a burst, by its timer, `max(1 s, 2 round trips)` (RFC 6298
//! section 2.4 with a variance of a quarter of the round trip). A segment that
//! is lost again waits for the timer, doubled each time (section 5.5). Each
//! repetition takes its time on the line too, and all that follows waits: the
//! stall that a reader sees. Not modelled is the smaller window afterwards, so
//! real TCP under loss is rather slower than this.

use std::collections::VecDeque;
use std::time::Duration;

use crate::chance::Chance;

/// A segment of at least so many bytes is one of many: others follow it.
const FULL_SEGMENT_BYTES: usize = 1_000;
/// The least time-out of TCP (RFC 6298 section 2.4).
const TIMER_MIN: Duration = Duration::from_secs(1);
/// A segment is not lost more often than this in a row.
const LOST_IN_A_ROW_MAX: u32 = 6;

/// How one direction of a link is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conditions {
    /// Bits a second; `None` is as fast as the machine.
    pub rate: Option<u64>,
    /// From the end of serialisation to arrival.
    pub delay: Duration,
    /// At most so much is added to the delay, evenly.
    pub jitter: Duration,
    /// Packets lost among a million.
    pub loss_per_million: u32,
    /// Bytes that may wait to be put on the line; at a packet more, a datagram
    /// is dropped and a stream waits.
    pub queue_bytes: usize,
}

/// What becomes of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It arrives then, after so many repetitions.
    Arrives {
        /// When.
        at: Duration,
        /// How often it was sent again; 0 of every datagram.
        repeated: u32,
    },
    /// It was lost on the way.
    Lost,
    /// The queue was full.
    Full,
}

/// One direction of a link. See the module.
#[derive(Debug)]
pub struct Line {
    conditions: Conditions,
    chance: Chance,
    /// The line is taken until then.
    free_at: Duration,
    /// The last arrival.
    arrived: Duration,
    /// When packets that wait will have left, and their bytes.
    waiting: VecDeque<(Duration, usize)>,
    waiting_bytes: usize,
}

impl Line {
    /// An empty line.
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            chance: Chance::new(seed),
            free_at: Duration::ZERO,
            arrived: Duration::ZERO,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
        }
    }

    /// How it is.
    pub const fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// How long it takes to put so many bytes on the line.
    pub fn serialisation(&self, bytes: usize) -> Duration {
        let Some(rate) = self.conditions.rate else { return Duration::ZERO };
        let nanoseconds = (bytes as u128 * 8 * 1_000_000_000).div_ceil(u128::from(rate.max(1)));
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    /// A datagram of so many bytes, headers included, is offered.
    pub fn datagram(&mut self, now: Duration, bytes: usize) -> Fate {
        if self.room_at(now, bytes) > now {
            return Fate::Full;
        }
        let left = self.put(now, bytes);
        if self.is_lost() {
            Fate::Lost
        } else {
            Fate::Arrives { at: self.arrive(left), repeated: 0 }
        }
    }

    /// A segment of a stream is offered; `round_trip` is the time after which
    /// its sender can know what became of it. It always arrives.
    pub fn segment(&mut self, now: Duration, bytes: usize, round_trip: Duration) -> Fate {
        let mut left = self.put(now, bytes);
        let (mut stall, mut repeated) = (Duration::ZERO, 0);
        let timer = TIMER_MIN.max(2 * round_trip);
        while repeated < LOST_IN_A_ROW_MAX && self.is_lost() {
            let told = repeated == 0 && bytes >= FULL_SEGMENT_BYTES;
            stall += if told { round_trip } else { timer * 2_u32.pow(repeated) };
            left = self.put(now, bytes);
            repeated += 1;
        }
        Fate::Arrives { at: self.arrive(left + stall), repeated }
    }

    /// From when on the queue has room for so many bytes: now, or later.
    pub fn room_at(&mut self, now: Duration, bytes: usize) -> Duration {
        while let Some(&(left, first)) = self.waiting.front()
            && left <= now
        {
            self.waiting_bytes -= first;
            self.waiting.pop_front();
        }
        let mut excess = (self.waiting_bytes + bytes).saturating_sub(self.conditions.queue_bytes);
        let mut room = now;
        for &(left, first) in &self.waiting {
            if excess == 0 {
                break;
            }
            (excess, room) = (excess.saturating_sub(first), left);
        }
        room
    }

    /// The line was down: what waited is gone.
    pub fn clear(&mut self, now: Duration) {
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.free_at = now;
    }

    fn put(&mut self, now: Duration, bytes: usize) -> Duration {
        self.free_at = self.free_at.max(now) + self.serialisation(bytes);
        self.waiting.push_back((self.free_at, bytes));
        self.waiting_bytes += bytes;
        self.free_at
    }

    fn is_lost(&mut self) -> bool {
        self.chance.below(1_000_000) < u64::from(self.conditions.loss_per_million)
    }

    fn arrive(&mut self, left: Duration) -> Duration {
        let most = u64::try_from(self.conditions.jitter.as_nanos()).unwrap_or(u64::MAX);
        let jitter = if most == 0 { 0 } else { self.chance.below(most) };
        let at = left + self.conditions.delay + Duration::from_nanos(jitter);
        self.arrived = self.arrived.max(at);
        self.arrived
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn any_conditions() -> impl Strategy<Value = Conditions> {
        let rate = prop_oneof![Just(None), (1_000_u64..10_000_000).prop_map(Some)];
        let numbers = (0_u64..2_000, 0_u64..500, 0_u32..300_000, 2_000_usize..100_000);
        (rate, numbers).prop_map(|(rate, (delay, jitter, loss_per_million, queue_bytes))| {
            let (delay, jitter) = (Duration::from_millis(delay), Duration::from_millis(jitter));
            Conditions { rate, delay, jitter, loss_per_million, queue_bytes }
        })
    }

    /// Pauses before packets, in microseconds, and their bytes.
    fn any_packets() -> impl Strategy<Value = Vec<(u64, usize)>> {
        prop::collection::vec((0_u64..50_000, 1_usize..1_500), 1..300)
    }

    proptest! {
        #[test]
        fn datagrams_keep_rate_delay_order_and_queue(
            conditions in any_conditions(), packets in any_packets(), seed: u64,
        ) {
            let mut line = Line::new(conditions, seed);
            let (mut now, mut last, mut carried) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
            let mut begun = None;
            for (pause, bytes) in packets {
                now += Duration::from_micros(pause);
                let waits = line.free_at > now;
                let fate = line.datagram(now, bytes);
                if fate == Fate::Full {
                    prop_assert!(waits, "an idle line takes every packet");
                    continue;
                }
                let begun = *begun.get_or_insert(now);
                carried += line.serialisation(bytes);
                prop_assert!(line.waiting_bytes <= conditions.queue_bytes.max(bytes));
                if let Fate::Arrives { at, repeated } = fate {
                    prop_assert_eq!(repeated, 0);
                    prop_assert!(at >= now + line.serialisation(bytes) + conditions.delay);
                    prop_assert!(at >= begun + carried + conditions.delay, "faster than the rate");
                    prop_assert!(at >= last, "overtaken");
                    last = at;
                }
            }
        }

        #[test]
        fn every_segment_arrives_in_order_and_waits_for_room(
            conditions in any_conditions(), packets in any_packets(), seed: u64,
        ) {
            let mut line = Line::new(conditions, seed);
            let round_trip = 2 * conditions.delay;
            let (mut now, mut last) = (Duration::ZERO, Duration::ZERO);
            for (pause, bytes) in packets {
                now += Duration::from_micros(pause);
                now = line.room_at(now, bytes);
                prop_assert!(line.room_at(now, bytes) <= now, "room comes when it was promised");
                let fate = line.segment(now, bytes, round_trip);
                let Fate::Arrives { at, repeated } = fate else { panic!("{fate:?}") };
                let told = if bytes >= FULL_SEGMENT_BYTES { round_trip } else { TIMER_MIN };
                let stall = if repeated > 0 { told } else { Duration::ZERO };
                let least = line.serialisation(bytes) * (1 + repeated) + conditions.delay + stall;
                prop_assert!(at >= now + least && at >= last);
                last = at;
            }
        }
    }

    #[test]
    fn a_busy_line_carries_exactly_its_rate() {
        let conditions = Conditions {
            rate: Some(40_000),
            delay: SECOND,
            jitter: Duration::ZERO,
            loss_per_million: 0,
            queue_bytes: usize::MAX,
        };
        let mut line = Line::new(conditions, 1);
        let mut last = Duration::ZERO;
        for _ in 0..100 {
            let Fate::Arrives { at, .. } = line.datagram(Duration::ZERO, 500) else {
                panic!("nothing is lost here")
            };
            last = at;
        }
        assert_eq!(last, 11 * SECOND, "50,000 bytes at 5,000 a second, and the delay");
    }

    #[test]
    fn as_much_is_lost_as_was_asked_for_and_equal_seeds_lose_the_same() {
        let conditions = Conditions {
            rate: None,
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss_per_million: 20_000,
            queue_bytes: 10_000,
        };
        let fates = |seed| {
            let mut line = Line::new(conditions, seed);
            (0..50_000).map(|_| line.datagram(Duration::ZERO, 100)).collect::<Vec<_>>()
        };
        let first = fates(7);
        assert_eq!(first, fates(7));
        assert_ne!(first, fates(8));
        let lost = first.iter().filter(|fate| **fate == Fate::Lost).count();
        assert!((900..1_100).contains(&lost), "{lost} of 50,000 at 2 %");
        let repeated = |seed| {
            let mut line = Line::new(conditions, seed);
            (0..50_000)
                .map(|_| match line.segment(Duration::ZERO, 1_400, SECOND) {
                    Fate::Arrives { repeated, .. } => repeated,
                    fate => panic!("{fate:?}"),
                })
                .sum::<u32>()
        };
        assert!((900..1_150).contains(&repeated(7)), "{} repeated", repeated(7));
    }
}
