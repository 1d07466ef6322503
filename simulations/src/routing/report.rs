//! What came of it, as a table and as a plot.

use std::fmt;

use super::baselines::Journeys;
use super::carrying::Carrying;
use super::contacts::{Contacts, Kind};
use super::{DEADLINE, HOUR, Options, plot};

/// Days of a year.
const YEAR: u64 = 365;

/// How long letters took one way, in milliseconds, ascending; those that came
/// within the deadline alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Delays {
    pub name: &'static str,
    pub all: Vec<i64>,
}

impl Delays {
    fn of(name: &'static str, delays: impl Iterator<Item = Option<i64>>) -> Self {
        let mut all: Vec<i64> = delays.flatten().filter(|delay| *delay <= DEADLINE).collect();
        all.sort_unstable();
        Self { name, all }
    }

    /// The delay that so many of a hundred letters of `of` had at most; `None`
    /// if fewer arrived.
    fn percentile(&self, percent: usize, of: usize) -> Option<i64> {
        let at = (of * percent).div_ceil(100).max(1) - 1;
        self.all.get(at).copied()
    }
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    options: Options,
    /// Letters whose deadline is over before the end.
    letters: usize,
    /// Tern, the oracle, spray and wait, direct.
    ways: [Delays; 4],
    /// What offices spend in a year, by kind: mean and most, in bytes, both ways.
    spent: Vec<(Kind, u64, u64)>,
    /// The mean of all offices.
    mean: u64,
    /// Every letter of a year once.
    once: u64,
    /// Bytes on sticks in a year.
    carried: u64,
    /// Words of custody in all.
    custodies: u64,
}

impl Report {
    pub(crate) fn of(options: &Options, contacts: &Contacts, world: &Carrying<'_>) -> Self {
        let journeys = Journeys::of(contacts);
        let over = |written: i64| written + DEADLINE <= contacts.end;
        let letters: Vec<_> = world.letters.all.iter().filter(|l| over(l.written)).collect();
        let after = |written: i64, at: Option<i64>| at.map(|at| at - written);
        let each = |when: &dyn Fn(&super::letters::Letter) -> Option<i64>| {
            letters.iter().map(|l| after(l.written, when(l))).collect::<Vec<_>>()
        };
        let ways = [
            Delays::of("Tern", each(&|letter| letter.arrived).into_iter()),
            Delays::of("oracle", each(&|letter| journeys.oracle(letter)).into_iter()),
            Delays::of("spray and wait", each(&|letter| journeys.spray(letter)).into_iter()),
            Delays::of("direct", each(&|letter| journeys.direct(letter)).into_iter()),
        ];
        let yearly = |bytes: u64| bytes * YEAR / options.days.unsigned_abs();
        let spent = || contacts.kinds.iter().zip(&world.spent_by_then);
        let of_kind = |kind: Kind| {
            let all: Vec<u64> = spent()
                .filter(|(of, _)| **of == kind)
                .map(|(_, spent)| yearly(spent.bytes))
                .collect();
            let mean = all.iter().sum::<u64>() / all.len().max(1) as u64;
            (kind, mean, all.into_iter().max().unwrap_or(0))
        };
        let all = spent().map(|(_, spent)| yearly(spent.bytes)).sum::<u64>();
        let carried = spent().map(|(_, spent)| yearly(spent.carried)).sum::<u64>();
        let once = world.letters.all.iter().map(|letter| letter.bytes as u64).sum::<u64>();
        Self {
            options: *options,
            letters: letters.len(),
            ways,
            spent: Kind::ALL.map(of_kind).to_vec(),
            mean: all / contacts.kinds.len().max(1) as u64,
            once: yearly(once),
            carried,
            custodies: world.custodies,
        }
    }

    /// Letters that are counted.
    pub const fn letters(&self) -> usize {
        self.letters
    }

    /// Of the letters that could arrive within their deadline, the part that did.
    pub fn delivered(&self) -> f64 {
        let [tern, oracle, ..] = &self.ways;
        tern.all.len() as f64 / oracle.all.len().max(1) as f64
    }

    /// The median delay here and with the oracle, in milliseconds, over the letters
    /// that could arrive.
    pub fn medians(&self) -> (i64, i64) {
        let [tern, oracle, ..] = &self.ways;
        let of = oracle.all.len();
        let median = |delays: &Delays| delays.percentile(50, of).unwrap_or(i64::MAX);
        (median(tern), median(oracle))
    }

    /// What an office spends in a year, the mean of all, in bytes both ways.
    pub const fn spent(&self) -> u64 {
        self.mean
    }

    /// How many letters came within which time, as an SVG image.
    pub fn plot(&self) -> String {
        plot::draw(&self.ways, self.ways[1].all.len())
    }
}

/// Hours with one place after the comma.
fn hours(delay: Option<i64>) -> String {
    delay.map_or_else(|| "–".into(), |delay| format!("{:.1} h", delay as f64 / HOUR as f64))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { offices, days, requests, seed } = self.options;
        writeln!(
            f,
            "{offices} offices, {requests} requests in {days} days (seed {seed}): {} letters",
            self.letters
        )?;
        writeln!(f, "| way | within 30 days, of those that could | median | p90 | p99 |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        let could = self.ways[1].all.len();
        for way in &self.ways {
            let part = 100.0 * way.all.len() as f64 / could.max(1) as f64;
            let [median, most, nearly] = [50, 90, 99].map(|p| hours(way.percentile(p, could)));
            writeln!(f, "| {} | {part:.1} % | {median} | {most} | {nearly} |", way.name)?;
        }
        writeln!(f)?;
        let asked = requests as u64 * YEAR / days.unsigned_abs();
        writeln!(f, "| office with | bytes a year at {asked} requests, both ways, mean | most |")?;
        writeln!(f, "|---|---|---|")?;
        let megabytes = |bytes: u64| bytes as f64 / 1_000_000.0;
        for (kind, mean, most) in &self.spent {
            let (mean, most) = (megabytes(*mean), megabytes(*most));
            writeln!(f, "| {} | {mean:.1} MB | {most:.1} MB |", kind.name())?;
        }
        writeln!(f, "| any | {:.1} MB | |", megabytes(self.mean))?;
        writeln!(f)?;
        write!(
            f,
            "All letters of a year once: {:.1} MB; on sticks {:.1} MB; {} words of custody in all",
            megabytes(self.once),
            megabytes(self.carried),
            self.custodies
        )
    }
}
