//! What a peer has shown of being there, and how long it may be silent.
//!
//! On a thin link a ping waits behind data: what was handed to the transport
//! lies in buffers here, on the way and there, and no sign comes until it is
//! through. So what is too long is told by the link itself. As long as frames
//! wait for room, it is the writer's [`stall`](NetLimits::stall) alone. Else a
//! peer may be silent for as long as pings take, by their last answer, and for
//! what was handed over since then to pass at [`SPEED_MIN`].

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

use super::NetLimits;
use super::lane::Stir;

/// Bytes a second, on the slowest link that is served.
const SPEED_MIN: u64 = 1_000;
/// A round trip that no answer was measured to take.
const UNKNOWN: u64 = u64::MAX;

/// The signs of a link's peer. See the module.
#[derive(Debug)]
pub(super) struct Activity {
    epoch: Instant,
    /// When the peer last proved to be there: milliseconds since the epoch.
    latest: AtomicU64,
    /// When the first byte came from the peer.
    heard: OnceLock<Instant>,
    /// Of the last ping, in milliseconds.
    round_trip: AtomicU64,
    /// Bytes that the transport took since the last ping was answered.
    under_way: AtomicU64,
    /// Bytes of frames that the transport has not taken.
    waiting: Arc<AtomicUsize>,
    /// The peer answers no ping by its nature.
    mute: AtomicBool,
    /// Frames move.
    stir: Stir,
}

impl Activity {
    /// Of a link whose frames that are `waiting` are counted elsewhere.
    pub(super) fn new(waiting: Arc<AtomicUsize>) -> Self {
        Self {
            epoch: Instant::now(),
            latest: AtomicU64::new(0),
            heard: OnceLock::new(),
            round_trip: AtomicU64::new(UNKNOWN),
            under_way: AtomicU64::new(0),
            waiting,
            mute: AtomicBool::new(false),
            stir: Stir::default(),
        }
    }

    /// Told also to those who wait for links to be quiet.
    pub(super) fn stirring(self, stir: Stir) -> Self {
        Self { stir, ..self }
    }

    /// The peer gave a sign.
    pub(super) fn note(&self) {
        self.latest.store(millis(self.epoch.elapsed()), Ordering::Relaxed);
    }

    /// A byte came from the peer.
    pub(super) fn hear(&self) {
        self.heard.get_or_init(Instant::now);
        self.stir.note();
        self.note();
    }

    /// The transport took so many bytes, which proves nothing.
    pub(super) fn handed(&self, bytes: usize) {
        self.stir.note();
        self.under_way.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The peer answered a ping.
    pub(super) fn answered(&self, round_trip: Duration) {
        self.round_trip.store(millis(round_trip), Ordering::Relaxed);
        self.under_way.store(0, Ordering::Relaxed);
        self.note();
    }

    /// The peer does not speak the protocol of pings.
    pub(super) fn never_answers(&self) {
        self.mute.store(true, Ordering::Relaxed);
    }

    /// Whether a byte came from the peer before then.
    pub(super) fn heard_before(&self, moment: Instant) -> bool {
        self.heard.get().is_some_and(|heard| *heard < moment)
    }

    /// For how long the peer was silent, if that is too long.
    pub(super) fn too_silent(&self, limits: &NetLimits) -> Option<Duration> {
        let excused = self.waiting.load(Ordering::Relaxed) > 0 || self.mute.load(Ordering::Relaxed);
        let latest = Duration::from_millis(self.latest.load(Ordering::Relaxed));
        let silence = self.epoch.elapsed().saturating_sub(latest);
        (!excused && silence > self.silence_max(limits)).then_some(silence)
    }

    fn silence_max(&self, limits: &NetLimits) -> Duration {
        let answer = match self.round_trip.load(Ordering::Relaxed) {
            UNKNOWN => limits.settle,
            // Answers may take several times as long as the last one.
            millis => limits.ping + Duration::from_millis(millis).saturating_mul(4),
        };
        let answer = answer.max(3 * limits.ping);
        let under_way = self.under_way.load(Ordering::Relaxed);
        let passing = Duration::from_millis(under_way.saturating_mul(1_000) / SPEED_MIN);
        answer.saturating_add(passing).min(limits.stall.max(3 * limits.ping))
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(UNKNOWN - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity() -> (Activity, Arc<AtomicUsize>) {
        let waiting = Arc::new(AtomicUsize::new(0));
        (Activity::new(waiting.clone()), waiting)
    }

    /// How many seconds a peer may be silent.
    fn seconds(activity: &Activity) -> f32 {
        activity.silence_max(&NetLimits::default()).as_secs_f32()
    }

    #[test]
    fn a_peer_may_be_silent_for_longer_the_further_it_is() {
        let (activity, _) = activity();
        assert_eq!(seconds(&activity), 45.0, "before the first answer: as a handshake may");
        activity.answered(Duration::from_millis(20));
        assert_eq!(seconds(&activity), 30.0);
        activity.answered(Duration::from_secs(10));
        assert_eq!(seconds(&activity), 50.0, "by satellite and radio");
        for long in [Duration::from_secs(9_999), Duration::MAX] {
            activity.answered(long);
            assert_eq!(seconds(&activity), 300.0, "never longer than it may take nothing");
        }
    }

    #[test]
    fn what_is_under_way_is_given_time_to_pass() {
        let (activity, _) = activity();
        activity.answered(Duration::from_millis(20));
        activity.handed(60_000);
        activity.hear();
        assert_eq!(seconds(&activity), 90.0, "a byte from the peer tells nothing of ours");
        activity.answered(Duration::from_millis(20));
        assert_eq!(seconds(&activity), 30.0, "the answer came behind them");
    }

    #[test]
    fn as_long_as_frames_wait_and_where_pings_are_unknown_silence_is_no_sign() {
        let at_once = NetLimits {
            ping: Duration::ZERO,
            settle: Duration::ZERO,
            stall: Duration::ZERO,
            ..NetLimits::default()
        };
        let (mut activity, waiting) = activity();
        // It began a while ago.
        activity.epoch -= Duration::from_secs(1);
        assert!(activity.too_silent(&at_once).is_some());
        waiting.store(1, Ordering::Relaxed);
        assert_eq!(activity.too_silent(&at_once), None, "the writer waits itself");
        waiting.store(0, Ordering::Relaxed);
        activity.never_answers();
        assert_eq!(activity.too_silent(&at_once), None);
    }
}
