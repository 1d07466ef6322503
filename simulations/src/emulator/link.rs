//! The link as all its flows share it: two lines, their counts, its outages,
//! and the clock between virtual and real moments.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::counts::{Counts, DATAGRAM_HEADER_BYTES, Direction, SEGMENT_HEADER_BYTES};
use super::line::{Fate, Line};
use super::outage::Outages;
use super::profile::Profile;

#[derive(Debug)]
struct State {
    up: Line,
    down: Line,
    counts: Counts,
    outages: Outages,
    /// Segments whose acknowledgement is due with the next.
    unacknowledged: [u64; 2],
}

impl State {
    const fn line(&mut self, direction: Direction) -> &mut Line {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

/// A link that runs.
#[derive(Debug)]
pub(super) struct Link {
    profile: Profile,
    started: Instant,
    state: Mutex<State>,
    /// How often it went down.
    cuts: watch::Sender<u64>,
}

impl Link {
    pub(super) fn new(profile: Profile, seed: u64) -> Arc<Self> {
        let state = State {
            up: Line::new(profile.conditions, seed),
            down: Line::new(profile.conditions, !seed),
            counts: Counts::default(),
            outages: Outages::new(profile.cut, seed.rotate_left(32)),
            unacknowledged: [0; 2],
        };
        let (cuts, _) = watch::channel(0);
        Arc::new(Self { profile, started: Instant::now(), state: Mutex::new(state), cuts })
    }

    pub(super) const fn profile(&self) -> &Profile {
        &self.profile
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds it panics half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counts(&self) -> Counts {
        self.state().counts
    }

    pub(super) fn take_counts(&self) -> Counts {
        std::mem::take(&mut self.state().counts)
    }

    /// How long nothing was sent, either way.
    pub(super) fn quiet(&self) -> Duration {
        let last = self.state().counts.last_sent().unwrap_or_default();
        self.now().saturating_sub(last)
    }

    /// Notices a change between up and down; whether it is down.
    fn look(&self, state: &mut State, now: Duration) -> bool {
        let before = state.outages.count();
        let down = state.outages.is_down(now);
        let cuts = state.outages.count();
        if cuts > before {
            state.counts.cuts += cuts - before;
            state.up.clear(now);
            state.down.clear(now);
            self.cuts.send_replace(cuts);
        }
        down
    }

    /// A packet arrives, of so many bytes with its headers; false if the link
    /// is down.
    pub(super) fn arrives(&self, whole: usize) -> bool {
        let mut state = self.state();
        let up = !self.look(&mut state, self.now());
        if up {
            state.outages.carried(whole as u64);
        }
        up
    }

    /// How often it went down, and word of the next time.
    pub(super) fn cuts(&self) -> watch::Receiver<u64> {
        self.cuts.subscribe()
    }

    /// Cuts the link when it is time, for as long as it is polled.
    pub(super) async fn keep_time(&self) {
        loop {
            let next = {
                let mut state = self.state();
                self.look(&mut state, self.now());
                state.outages.next().or(state.outages.down_until())
            };
            let Some(next) = next else { return std::future::pending().await };
            sleep_until(self.started + next).await;
            // The timer may be early by less than its grain.
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// A datagram is sent: when it arrives, if it does.
    pub(super) fn datagram(&self, direction: Direction, bytes: usize) -> Option<Instant> {
        let now = self.now();
        let mut state = self.state();
        let state = &mut *state;
        let whole = bytes + DATAGRAM_HEADER_BYTES;
        state.counts.sent(direction, now, bytes);
        if self.look(state, now) {
            state.counts[direction].cut += 1;
            return None;
        }
        let fate = state.line(direction).datagram(now, whole);
        if fate == Fate::Full {
            state.counts[direction].full += 1;
            return None;
        }
        state.counts[direction].wire_bytes += whole as u64;
        match fate {
            Fate::Arrives { at, .. } => Some(self.started + at),
            Fate::Lost | Fate::Full => {
                state.counts[direction].lost += 1;
                None
            }
        }
    }

    /// A segment of a stream is sent, which waits for room first: when it
    /// arrives, or nothing if the link is down. A segment without payload
    /// belongs to connecting, and is none of the packets counted.
    pub(super) async fn segment(&self, direction: Direction, bytes: usize) -> Option<Instant> {
        let whole = bytes + SEGMENT_HEADER_BYTES;
        loop {
            let now = self.now();
            let room = {
                let mut state = self.state();
                if self.look(&mut state, now) {
                    state.counts[direction].cut += 1;
                    return None;
                }
                let room = state.line(direction).room_at(now, whole);
                if room <= now {
                    return self.put(&mut state, direction, now, bytes);
                }
                room
            };
            sleep_until(self.started + room).await;
        }
    }

    fn put(
        &self,
        state: &mut State,
        direction: Direction,
        now: Duration,
        bytes: usize,
    ) -> Option<Instant> {
        let whole = bytes + SEGMENT_HEADER_BYTES;
        if bytes > 0 {
            state.counts.sent(direction, now, bytes);
        }
        let fate = state.line(direction).segment(now, whole, self.profile.round_trip());
        let Fate::Arrives { at, repeated } = fate else { return None };
        let sent = whole as u64 * u64::from(1 + repeated);
        let way = &mut state.counts[direction];
        way.wire_bytes += sent;
        way.repeated += u64::from(repeated);
        let segments = &mut state.unacknowledged[direction as usize];
        *segments += u64::from(bytes > 0);
        if *segments == 2 {
            *segments = 0;
            state.counts[direction.other()].wire_bytes += SEGMENT_HEADER_BYTES as u64;
        }
        Some(self.started + at)
    }
}
