//! Who can reach whom, when, and how fast.

use super::{DAY, DEADLINE, HOUR, Options};
use crate::chance::Chance;
use crate::network::Quality;

/// How an office is connected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// A line, as long as there is power: eleven cuts a month.
    Line,
    /// A satellite, at night, when bytes are cheaper.
    Satellite,
    /// A mobile network, for some minutes on some days.
    Mobile,
    /// Nobody but a courier with a stick, once a week.
    Courier,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Line, Self::Satellite, Self::Mobile, Self::Courier];

    /// What it is called in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Satellite => "satellite",
            Self::Mobile => "mobile",
            Self::Courier => "courier",
        }
    }
}

/// Two offices reach each other from `opens` to `closes`, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub between: [usize; 2],
    pub opens: i64,
    pub closes: i64,
    pub quality: Quality,
}

/// A stick goes from one office to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Trip {
    pub from: usize,
    pub to: usize,
    pub leaves: i64,
    pub arrives: i64,
}

/// Everything that happens to links, from the seed.
#[derive(Clone, Debug)]
pub(crate) struct Contacts {
    pub kinds: Vec<Kind>,
    /// The hour at which the night of a satellite begins, by office.
    pub nights: Vec<u8>,
    pub windows: Vec<Window>,
    pub trips: Vec<Trip>,
    /// When the last of it is over.
    pub end: i64,
}

const LINE: Quality = Quality { latency: 40, jitter: 20, rate: 1_000, unnoticed: 20_000 };
const VSAT: Quality = Quality { latency: 300, jitter: 100, rate: 32, unnoticed: 30_000 };
const MOBILE: Quality = Quality { latency: 350, jitter: 300, rate: 5, unnoticed: 30_000 };
/// A satellite's night has so many hours.
const NIGHT: i64 = 7;

type Span = (i64, i64);

/// What is left of spans without others; both ascending.
fn without(spans: &[Span], gaps: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    for (from, to) in spans {
        let mut at = *from;
        for (begins, ends) in gaps.iter().filter(|(b, e)| *e > *from && *b < *to) {
            if *begins > at {
                left.push((at, *begins));
            }
            at = at.max(*ends);
        }
        if at < *to {
            left.push((at, *to));
        }
    }
    left.retain(|(from, to)| to - from >= 60_000);
    left
}

impl Contacts {
    pub fn of(options: &Options) -> Self {
        let mut chance = Chance::new(options.seed);
        let (offices, end) = (options.offices, options.days * DAY + DEADLINE);
        let lines = (offices * 3 / 10).max(3);
        let kinds: Vec<Kind> = (0..offices)
            .map(|office| match office {
                _ if office < lines => Kind::Line,
                _ => match (office - lines) % 7 {
                    0..3 => Kind::Satellite,
                    3..6 => Kind::Mobile,
                    _ => Kind::Courier,
                },
            })
            .collect();
        let nights = (0..offices).map(|_| (19 + chance.below(7) as u8) % 24).collect();
        let mut contacts = Self { kinds, nights, windows: Vec::new(), trips: Vec::new(), end };
        let cuts: Vec<Vec<Span>> = (0..offices).map(|_| power_cuts(end, &mut chance)).collect();
        for office in 0..offices {
            contacts.connect(office, lines, &cuts, &mut chance);
        }
        contacts.windows.sort_by_key(|window| (window.opens, window.between));
        contacts.trips.sort_by_key(|trip| (trip.leaves, trip.from));
        contacts
    }

    fn connect(&mut self, office: usize, lines: usize, cuts: &[Vec<Span>], chance: &mut Chance) {
        let other = |chance: &mut Chance| {
            let mut other = chance.below(lines as u64) as usize;
            if other == office {
                other = (other + 1) % lines;
            }
            other
        };
        match self.kinds[office] {
            Kind::Line => {
                let mut others = vec![(office + 1) % lines, other(chance), other(chance)];
                others.sort_unstable();
                others.dedup();
                for other in others {
                    let known = |w: &Window| w.between == [other, office];
                    if !self.windows.iter().any(known) {
                        self.open([office, other], &[(0, self.end)], LINE, cuts);
                    }
                }
            }
            Kind::Satellite => {
                let begins = i64::from(self.nights[office]) * HOUR;
                let mut nights = Vec::new();
                for day in 0..self.end / DAY {
                    // Rain, one night of ten.
                    if !chance.percent(10) {
                        let from = day * DAY + begins;
                        nights.push((from, from + NIGHT * HOUR));
                    }
                }
                for other in [other(chance), other(chance)] {
                    self.open([office, other], &nights, VSAT, cuts);
                }
            }
            Kind::Mobile => {
                let mut minutes = Vec::new();
                for day in 0..self.end / DAY {
                    if chance.percent(25) {
                        continue;
                    }
                    for hour in [8, 12, 16] {
                        let from = day * DAY + hour * HOUR + chance.between(0, 2 * HOUR);
                        minutes.push((from, from + chance.between(15, 90) * 60_000));
                    }
                }
                self.open([office, other(chance)], &minutes, MOBILE, cuts);
            }
            Kind::Courier => {
                let to = other(chance);
                let mut leaves = chance.between(0, 6) * DAY + 8 * HOUR;
                while leaves < self.end {
                    let there = leaves + chance.between(4, 30) * HOUR;
                    self.trips.push(Trip { from: office, to, leaves, arrives: there });
                    let back = there + chance.between(1, 40) * HOUR;
                    let arrives = back + chance.between(4, 30) * HOUR;
                    self.trips.push(Trip { from: to, to: office, leaves: back, arrives });
                    leaves += 7 * DAY;
                }
            }
        }
    }

    fn open(&mut self, between: [usize; 2], spans: &[Span], quality: Quality, cuts: &[Vec<Span>]) {
        let [one, other] = between;
        for (opens, closes) in without(&without(spans, &cuts[one]), &cuts[other]) {
            self.windows.push(Window { between, opens, closes, quality });
        }
    }
}

/// When an office has no power.
fn power_cuts(end: i64, chance: &mut Chance) -> Vec<Span> {
    let mut cuts = Vec::new();
    let mut at = chance.between(0, 5 * DAY);
    while at < end {
        let ends = at + chance.between(10 * 60_000, 6 * HOUR);
        cuts.push((at, ends));
        at = ends + chance.between(DAY / 2, 5 * DAY);
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_day_lies_between_its_power_cuts() {
        let hours = |spans: &[Span]| -> Vec<Span> {
            spans.iter().map(|(from, to)| (from * HOUR, to * HOUR)).collect()
        };
        let left = without(&hours(&[(0, 10), (12, 20)]), &hours(&[(2, 3), (9, 13), (19, 25)]));
        assert_eq!(left, hours(&[(0, 2), (3, 9), (13, 19)]));
    }
}
