//! What a seed makes of the world: who is there, and what goes wrong.
//!
//! Each sort of fault is there in some seeds and not in others, because a
//! fault that is always there hides what only its absence shows.

use crate::chance::Chance;
use crate::network::Quality;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const YEAR: i64 = 365 * 24 * 60 * MINUTE;

/// One world to come.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    /// Organisations, of which the first are the stewards.
    pub parties: usize,
    /// One or three of them.
    pub stewards: usize,
    /// Whether the last organisation is malicious.
    pub villain: bool,
    /// Nodes of nobody that try to get in.
    pub strangers: usize,
    /// How long things go wrong, in milliseconds.
    pub trouble: i64,
    /// The pause between two things that people do.
    pub pause: i64,
    /// Whether one node meets only when it is told to.
    pub manual: bool,
    /// To how many nodes links cost money: these make contact now and then.
    pub thrifty: usize,
    pub quality: Quality,
    pub faults: Faults,
}

/// How often what goes wrong; a pause of `None` is never.
#[derive(Debug, Clone)]
pub(crate) struct Faults {
    pub cuts: Option<i64>,
    pub partitions: Option<i64>,
    pub crashes: Option<i64>,
    /// Of a hundred crashes so many happen in the middle of a commit.
    pub torn: u64,
    pub full_disks: Option<i64>,
    pub backups: Option<i64>,
    pub clock_jumps: Option<i64>,
    pub twins: Option<i64>,
    /// One node moves now and then to another address.
    pub moves: Option<i64>,
    /// How wrong a clock is at most.
    pub clock_error: i64,
    /// Of a hundred dials so many fail.
    pub dials: u64,
    /// Of a hundred jobs so many come back late.
    pub late_jobs: u64,
    /// The longest that inputs wait for a step.
    pub batch: i64,
}

impl Scenario {
    pub fn of(chance: &mut Chance) -> Self {
        let stewards = if chance.percent(30) { 3 } else { 1 };
        let villain = chance.percent(40);
        let honest = stewards + chance.between(1, if stewards == 3 { 2 } else { 3 }) as usize;
        let quality = Quality {
            latency: if chance.percent(20) { 600 } else { chance.between(1, 80) },
            jitter: chance.between(0, 500),
            rate: if chance.percent(20) { 2 } else { chance.between(20, 2_000) as usize },
            unnoticed: if chance.percent(50) { 0 } else { 20 * SECOND },
        };
        let parties = honest + usize::from(villain);
        // Aside, so that worlds that were before several could be are as before.
        let mut aside = chance.clone();
        let several = aside.percent(50).then(|| aside.between(2, parties as i64) as usize);
        Self {
            parties,
            stewards,
            villain,
            strangers: usize::from(chance.percent(30)),
            trouble: chance.between(30, 120) * SECOND,
            pause: chance.between(1, 6) * SECOND,
            manual: chance.percent(20),
            quality,
            faults: Faults::of(chance),
            thrifty: if chance.percent(30) { several.unwrap_or(1) } else { 0 },
        }
    }
}

impl Scenario {
    /// A small world in which people ask each other for support.
    pub fn of_support(chance: &mut Chance) -> Self {
        let villain = chance.percent(40);
        let quality = Quality {
            latency: if chance.percent(20) { 400 } else { chance.between(1, 80) },
            jitter: chance.between(0, 500),
            rate: if chance.percent(10) { 20 } else { chance.between(50, 2_000) as usize },
            unnoticed: if chance.percent(50) { 0 } else { 10 * SECOND },
        };
        let parties = if villain { 5 } else { chance.between(4, 5) as usize };
        Self {
            parties,
            stewards: parties,
            villain,
            strangers: 0,
            trouble: chance.between(10, 30) * SECOND,
            pause: chance.between(300, 1_200),
            manual: false,
            thrifty: 0,
            quality,
            faults: Faults::of(chance),
        }
    }
}

impl Scenario {
    /// A small world in which people write drafts together.
    pub fn of_drafts(chance: &mut Chance) -> Self {
        let villain = chance.percent(30);
        let quality = Quality {
            latency: if chance.percent(20) { 400 } else { chance.between(1, 80) },
            jitter: chance.between(0, 500),
            rate: if chance.percent(20) { 2 } else { chance.between(20, 2_000) as usize },
            unnoticed: if chance.percent(50) { 0 } else { 10 * SECOND },
        };
        let honest = chance.between(3, 4) as usize;
        Self {
            parties: honest + usize::from(villain),
            stewards: honest,
            villain,
            strangers: 0,
            trouble: chance.between(20, 60) * SECOND,
            pause: chance.between(300, 2_000),
            manual: chance.percent(10),
            thrifty: if chance.percent(20) { 1 } else { 0 },
            quality,
            faults: Faults::of(chance),
        }
    }
}

impl Faults {
    fn of(chance: &mut Chance) -> Self {
        // Aside, so that worlds that were before there were moves are as before.
        let mut aside = chance.clone();
        let moves = aside.percent(30).then(|| aside.between(5 * SECOND, 30 * SECOND));
        let mut sometimes = |percent, first, last| {
            chance.percent(percent).then(|| chance.between(first * SECOND, last * SECOND))
        };
        Self {
            cuts: sometimes(60, 2, 20),
            partitions: sometimes(30, 10, 40),
            crashes: sometimes(60, 5, 40),
            full_disks: sometimes(25, 20, 60),
            backups: sometimes(20, 20, 60),
            clock_jumps: sometimes(30, 10, 60),
            twins: sometimes(15, 20, 60),
            moves,
            torn: chance.below(101),
            clock_error: if chance.percent(50) { 20 * YEAR } else { MINUTE },
            dials: if chance.percent(40) { 40 } else { 0 },
            late_jobs: if chance.percent(50) { 50 } else { 0 },
            batch: if chance.percent(50) { 0 } else { 30 },
        }
    }
}
