//! Runs and replays worlds. Exits with 1 if a promise was broken, and prints
//! the seed of each world that broke one.
//!
//! - `tern-simulations run --seeds 200 [--from N]`: whole federations;
//! - `tern-simulations requests --seeds 0..100000`: people ask each other for
//!   support, over nodes between; a small world for each seed;
//! - `tern-simulations drafts --seeds 0..4000`: people of several organisations
//!   write drafts together, in half of the worlds some of them by stick alone, in
//!   others by letters through those who may not read them;
//! - `tern-simulations verdicts --seeds 0..20000 --orders 50`: histories of
//!   authority and of one document, each received in so many orders and judged
//!   beside a reference;
//! - `tern-simulations replay SEED`, `tern-simulations replay requests|drafts SEED`:
//!   one world, told in words;
//! - `tern-simulations dictionary FILE`: trains the dictionary with which pieces
//!   are packed;
//! - `tern-simulations corpus --documents 1000`: practices of P1 as a file that
//!   `tern practice import` reads;
//! - `tern-simulations routing --offices 200 --days 60 --plot routing.svg`: how
//!   soon requests come over links that are there now and then, beside an oracle,
//!   as a table and a plot; see [`tern_simulations::routing`];
//! - `tern-simulations links --profile vsat --documents 1000`: what the real
//!   program costs on thin links, as tables; see [`tern_simulations::links`].
//! - `tern-simulations promises`: all that is promised of thin links, in one table;
//!   takes hours.

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use tern_simulations::corpus::Corpus;
use tern_simulations::links::{self, LinksError, Options, Promises};
use tern_simulations::routing;
use tern_simulations::verdicts::Seen;
use tern_simulations::{Failure, Journey, Report, Tell, Writing};

/// How the world of a seed is lived through.
type Live = fn(u64, Option<Tell>) -> Result<Report, Failure>;

const USAGE: &str = "usage: tern-simulations run [--seeds N | --seeds FIRST..END] [--from N]
       tern-simulations requests [--seeds N | --seeds FIRST..END] [--from N]
       tern-simulations drafts [--seeds N | --seeds FIRST..END] [--from N]
       tern-simulations verdicts [--seeds N | --seeds FIRST..END] [--from N] [--orders N]
       tern-simulations replay SEED
       tern-simulations replay requests|drafts SEED
       tern-simulations dictionary FILE
       tern-simulations packing [--documents N] [--seed N]
       tern-simulations corpus [--documents N] [--seed N]
       tern-simulations routing [--offices N] [--days N] [--requests N] [--seed N] [--plot FILE]
       tern-simulations links [--profile NAME,…] [--documents N] and more
       tern-simulations promises [--documents N] [--dir DIR] [--tern FILE]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["requests", options @ ..] => range(options, 1_000)
            .map(|(from, seeds)| run(tern_simulations::run_requests, from, seeds)),
        ["drafts", options @ ..] => {
            range(options, 500).map(|(from, seeds)| run(tern_simulations::run_drafts, from, seeds))
        }
        ["verdicts", options @ ..] => range(options, 250)
            .zip(number(options, "--orders", 40))
            .map(|((from, seeds), orders)| verdicts(from, seeds, orders)),
        ["replay", "requests", seed] => {
            seed.parse().ok().map(|seed| replay(tern_simulations::run_requests, seed))
        }
        ["replay", "drafts", seed] => {
            seed.parse().ok().map(|seed| replay(tern_simulations::run_drafts, seed))
        }
        ["run", options @ ..] => {
            range(options, 200).map(|(from, seeds)| run(tern_simulations::run, from, seeds))
        }
        ["replay", seed] => seed.parse().ok().map(|seed| replay(tern_simulations::run, seed)),
        ["dictionary", file] => Some(dictionary(file)),
        ["packing", options @ ..] => number(options, "--documents", 200)
            .zip(number(options, "--seed", 1))
            .map(|(documents, seed)| packing(documents, seed)),
        ["corpus", options @ ..] => number(options, "--documents", 1_000)
            .zip(number(options, "--seed", 1))
            .map(|(documents, seed)| corpus(documents, seed)),
        ["routing", options @ ..] => routing(options),
        ["links", options @ ..] => {
            let read = Options::read(options);
            Some(links(read.and_then(|options| links::run(&options))))
        }
        ["promises", options @ ..] => {
            let read = Promises::read(options);
            Some(links(read.and_then(|promises| links::run_promises(&promises))))
        }
        _ => None,
    };
    done.unwrap_or_else(|| {
        eprintln!("{USAGE}");
        ExitCode::from(2)
    })
}

fn dictionary(file: &str) -> ExitCode {
    let trained = tern_simulations::dictionary::train(tern_simulations::dictionary::BYTES);
    match trained.and_then(|trained| std::fs::write(file, trained)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The number after an option, or what it is without; `None` if it is no
/// number.
fn number(options: &[&str], name: &str, without: u64) -> Option<u64> {
    match options.iter().position(|option| *option == name) {
        Some(at) => options.get(at + 1)?.parse().ok(),
        None => Some(without),
    }
}

/// The seeds of `--seeds N` after `--from N`, or of `--seeds FIRST..END`: the
/// first and how many.
fn range(options: &[&str], without: u64) -> Option<(u64, u64)> {
    let at = options.iter().position(|option| *option == "--seeds");
    if let Some(at) = at
        && let Some((first, end)) = options.get(at + 1)?.split_once("..")
    {
        let (first, end): (u64, u64) = (first.parse().ok()?, end.parse().ok()?);
        return Some((first, end.checked_sub(first)?));
    }
    number(options, "--from", 0).zip(number(options, "--seeds", without))
}

fn links(measured: Result<bool, LinksError>) -> ExitCode {
    match measured {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("tern-simulations: {error}");
            ExitCode::from(if matches!(error, LinksError::Usage { .. }) { 2 } else { 1 })
        }
    }
}

fn routing(options: &[&str]) -> Option<ExitCode> {
    let days = number(options, "--days", 60)?;
    // 500 a year unless it is said otherwise.
    let requests = number(options, "--requests", (days * 500).div_ceil(365))?;
    let asked = routing::Options {
        offices: usize::try_from(number(options, "--offices", 200)?).ok()?,
        days: i64::try_from(days).ok()?,
        requests: usize::try_from(requests).ok()?,
        seed: number(options, "--seed", 1)?,
    };
    let plot = options.iter().position(|option| *option == "--plot");
    let plot = plot.map(|at| options.get(at + 1).copied());
    if plot == Some(None) {
        return None;
    }
    let written = match routing::run(asked, |line| eprintln!("{line}")) {
        Ok(report) => {
            println!("{report}");
            match plot.flatten() {
                Some(file) => {
                    std::fs::write(file, report.plot()).map_err(|error| format!("{file}: {error}"))
                }
                None => Ok(()),
            }
        }
        Err(error) => Err(error.to_string()),
    };
    Some(match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tern-simulations: {error}");
            ExitCode::FAILURE
        }
    })
}

fn packing(documents: u64, seed: u64) -> ExitCode {
    match tern_simulations::packing::rows(documents, seed) {
        Ok(rows) => {
            rows.iter().for_each(|(name, row)| println!("{name:<4}{row}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tern-simulations: {error}");
            ExitCode::FAILURE
        }
    }
}

fn corpus(documents: u64, seed: u64) -> ExitCode {
    let corpus = Corpus::p1(seed);
    let mut rows = (0..documents).flat_map(|number| corpus.editions(number));
    let mut out = std::io::stdout().lock();
    // Whoever reads may have enough before the end.
    let written = rows.try_for_each(|practice| writeln!(out, "{}", practice.to_json()));
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How a range of seeds went.
#[derive(Default)]
struct Lived {
    failures: Vec<Failure>,
    /// The longest that a world took to heal, in milliseconds, and its seed.
    slowest: (i64, u64),
    all: Journey,
    drafts: Writing,
}

/// Lives through the seeds on every core, each seed by itself: equal ranges
/// end alike, however many cores there are.
fn run(live: Live, from: u64, seeds: u64) -> ExitCode {
    let next = AtomicU64::new(from);
    let end = from.saturating_add(seeds);
    let some = || {
        let mut lived = Lived::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return lived;
            }
            match live(seed, None) {
                Ok(report) => {
                    lived.slowest = lived.slowest.max((report.healed, seed));
                    lived.all.add(&report.support.unwrap_or_default());
                    lived.drafts.add(&report.writing.unwrap_or_default());
                }
                Err(failure) => {
                    println!("{failure}");
                    lived.failures.push(failure);
                }
            }
        }
    };
    let mut whole = Lived::default();
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(some)).collect();
        for thread in threads {
            // A world that panics is a failure, caught where it is lived.
            let Ok(lived) = thread.join() else { continue };
            whole.failures.extend(lived.failures);
            whole.slowest = whole.slowest.max(lived.slowest);
            whole.all.add(&lived.all);
            whole.drafts.add(&lived.drafts);
        }
    });
    let (failures, (healed, seed)) = (whole.failures.len(), whole.slowest);
    println!(
        "{seeds} seeds from {from}: {failures} failed; the slowest to heal was {seed} with {healed} ms"
    );
    if whole.all != Journey::default() {
        println!("all together: {:?}", whole.all);
    }
    if whole.drafts != Writing::default() {
        println!("all together: {:?}", whole.drafts);
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Receives the histories of these seeds in so many orders each, on every core.
fn verdicts(from: u64, seeds: u64, orders: u64) -> ExitCode {
    let next = AtomicU64::new(from);
    let end = from.saturating_add(seeds);
    let some = || {
        let (mut all, mut failed) = (Seen::default(), 0_u64);
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return (all, failed);
            }
            match tern_simulations::verdicts::run(seed, orders) {
                Ok(seen) => all.add(&seen),
                Err(differs) => {
                    println!("seed {seed}: {differs}");
                    failed += 1;
                }
            }
        }
    };
    let (mut all, mut failed) = (Seen::default(), 0);
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(some)).collect();
        for thread in threads {
            match thread.join() {
                Ok((seen, failures)) => {
                    all.add(&seen);
                    failed += failures;
                }
                Err(_) => failed += 1,
            }
        }
    });
    println!("{seeds} histories from {from}: {failed} failed; {all:?}");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(live: Live, seed: u64) -> ExitCode {
    match live(seed, Some(Box::new(|line| println!("{line}")))) {
        Ok(report) => {
            println!("{report:#?}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}
