//! The promises of this room, seed by seed.

use super::{Report, run};

/// Seeds that failed once, each with what was wrong, kept for ever.
const KEPT: &str = include_str!("../seeds.txt");

fn live_through(seeds: impl Iterator<Item = u64>) -> Vec<Report> {
    let (reports, failures): (Vec<_>, Vec<_>) =
        seeds.map(|seed| run(seed, None)).partition(Result::is_ok);
    assert!(failures.is_empty(), "replay with `tern-simulations replay SEED`: {failures:#?}");
    reports.into_iter().flatten().collect()
}

#[test]
fn the_seeds_that_failed_once_hold_now() {
    let seeds = KEPT.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    live_through(seeds.map(|line| {
        let seed = line.split_whitespace().next().and_then(|seed| seed.parse().ok());
        seed.expect("a line of seeds.txt begins with a seed")
    }));
}

/// Lives through worlds, and sees to it that they were bad enough.
fn a_hundred_worlds(from: u64) {
    let reports = live_through(from..from + 100);
    let sum = |of: fn(&Report) -> u64| reports.iter().map(of).sum::<u64>();
    assert!(sum(|report| report.restarts) > 500, "nodes crash: {reports:?}");
    assert!(sum(|report| report.lies) > 100, "villains are heard: {reports:?}");
    assert!(sum(|report| report.practices) > 800, "people publish: {reports:?}");
    assert!(sum(|report| report.members as u64) > 320, "organisations join: {reports:?}");
}

#[test]
fn a_hundred_worlds_come_to_rest_with_everything_that_was_promised() {
    a_hundred_worlds(0);
}

#[test]
fn another_hundred_worlds_do() {
    a_hundred_worlds(100);
}

#[test]
fn equal_seeds_live_through_equal_worlds() {
    let hear = |seed| {
        let heard = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let told = heard.clone();
        let report = run(seed, Some(Box::new(move |line| told.borrow_mut().push(line))));
        (heard.take(), report)
    };
    for seed in [3, 7] {
        let (told, report) = hear(seed);
        assert!(told.len() > 100, "{told:#?}");
        assert_eq!((told, report), hear(seed));
    }
}
