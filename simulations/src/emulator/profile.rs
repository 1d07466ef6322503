//! Links by name.
//!
//! | name | rate | round trip | lost | also |
//! |---|---|---|---|---|
//! | `lan` | 100 Mbit/s | 1 ms | none | |
//! | `2g` | 40 kbit/s | 700 ms | 2 % | up to 100 ms of jitter |
//! | `vsat` | 256 kbit/s | 600 ms | 1 % | up to 20 ms of jitter |
//! | `slow` | 8 kbit/s (1 kB/s) | 5 s | none | |
//! | `cut60` | as `vsat` | | | down for 5 s every 60 s |
//!
//! Both directions are alike. The rate is of whole packets, headers included.

use std::fmt;
use std::time::Duration;

use super::line::Conditions;

/// A link whose queue holds less than this many full packets would drop them
/// for want of any queue at all.
const QUEUE_BYTES_MIN: usize = 16 * 1024;
/// What waits for a thin line is at most the traffic of so many seconds.
const QUEUE_SECONDS: u64 = 2;
/// And of a fast one.
const QUEUE_BYTES_MAX: usize = 1024 * 1024;

/// When the link goes down, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// When.
    pub every: Every,
    /// For how long nothing passes.
    pub down: Duration,
}

/// When a link goes down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Every {
    /// So long after it came up.
    Time(Duration),
    /// After so many bytes arrived, of both directions and with headers.
    Bytes(u64),
    /// The same, after a number of bytes that is drawn each time: from 1 to
    /// twice so many, less 1.
    About(u64),
}

/// A link as it is to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    /// What it is called.
    pub name: &'static str,
    /// Each direction.
    pub conditions: Conditions,
    /// Whether it goes down.
    pub cut: Option<Cut>,
}

impl Profile {
    /// All of them.
    pub fn all() -> [Self; 5] {
        let ms = Duration::from_millis;
        let vsat = Self::new("vsat", 256_000, ms(300), ms(20), 10_000);
        let cut = Cut { every: Every::Time(ms(60_000)), down: ms(5_000) };
        [
            Self::new("lan", 100_000_000, Duration::from_micros(500), Duration::ZERO, 0),
            Self::new("2g", 40_000, ms(350), ms(100), 20_000),
            vsat,
            Self::new("slow", 8_000, ms(2_500), Duration::ZERO, 0),
            Self { name: "cut60", cut: Some(cut), ..vsat },
        ]
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|profile| profile.name == name)
    }

    fn new(
        name: &'static str,
        rate: u64,
        delay: Duration,
        jitter: Duration,
        loss_per_million: u32,
    ) -> Self {
        let queue = usize::try_from(rate / 8 * QUEUE_SECONDS).unwrap_or(QUEUE_BYTES_MAX);
        let queue_bytes = queue.clamp(QUEUE_BYTES_MIN, QUEUE_BYTES_MAX);
        let conditions =
            Conditions { rate: Some(rate), delay, jitter, loss_per_million, queue_bytes };
        Self { name, conditions, cut: None }
    }

    /// There and back, of a packet that waits for nothing.
    pub fn round_trip(&self) -> Duration {
        2 * self.conditions.delay
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
