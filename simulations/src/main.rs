//! Runs and replays worlds. Exits with 1 if a promise was broken, and prints
//! the seed of each world that broke one.
//!
//! - `tern-simulations run --seeds 200 [--from N]`: whole federations;
//! - `tern-simulations requests --seeds 0..100000`: people ask each other for
//!   support, over nodes between; a small world for each seed;
//! - `tern-simulations replay SEED`, `tern-simulations replay requests SEED`:
//!   one world, told in words;
//! - `tern-simulations corpus --documents 1000`: practices of P1 as a file that
//!   `tern practice import` reads.

use std::io::Write;
use std::process::ExitCode;

use tern_simulations::corpus::Corpus;
use tern_simulations::{Failure, Journey, Report, Tell};

/// How the world of a seed is lived through.
type Live = fn(u64, Option<Tell>) -> Result<Report, Failure>;

const USAGE: &str = "usage: tern-simulations run [--seeds N | --seeds FIRST..END] [--from N]
       tern-simulations requests [--seeds N | --seeds FIRST..END] [--from N]
       tern-simulations replay SEED
       tern-simulations replay requests SEED
       tern-simulations corpus [--documents N] [--seed N]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["requests", options @ ..] => range(options, 1_000)
            .map(|(from, seeds)| run(tern_simulations::run_requests, from, seeds)),
        ["replay", "requests", seed] => {
            seed.parse().ok().map(|seed| replay(tern_simulations::run_requests, seed))
        }
        ["run", options @ ..] => {
            range(options, 200).map(|(from, seeds)| run(tern_simulations::run, from, seeds))
        }
        ["replay", seed] => seed.parse().ok().map(|seed| replay(tern_simulations::run, seed)),
        ["corpus", options @ ..] => number(options, "--documents", 1_000)
            .zip(number(options, "--seed", 1))
            .map(|(documents, seed)| corpus(documents, seed)),
        _ => None,
    };
    done.unwrap_or_else(|| {
        eprintln!("{USAGE}");
        ExitCode::from(2)
    })
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

fn corpus(documents: u64, seed: u64) -> ExitCode {
    let corpus = Corpus::p1(seed);
    let mut rows = (0..documents).flat_map(|number| corpus.editions(number));
    let mut out = std::io::stdout().lock();
    // Whoever reads may have enough before the end.
    let written = rows.try_for_each(|practice| writeln!(out, "{}", practice.to_json()));
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(live: Live, from: u64, seeds: u64) -> ExitCode {
    let mut failures = 0_u64;
    let mut slowest = (0, from);
    let mut all = Journey::default();
    for seed in from..from.saturating_add(seeds) {
        match live(seed, None) {
            Ok(report) => {
                slowest = slowest.max((report.healed, seed));
                all.add(&report.support.unwrap_or_default());
            }
            Err(failure) => {
                failures += 1;
                println!("{failure}");
            }
        }
    }
    let (healed, seed) = slowest;
    println!(
        "{seeds} seeds from {from}: {failures} failed; the slowest to heal was {seed} with {healed} ms"
    );
    if all != Journey::default() {
        println!("all together: {all:?}");
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
