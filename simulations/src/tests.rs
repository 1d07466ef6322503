//! The promises of this room, seed by seed.

use super::{Failure, Journey, Report, Tell, Writing, run, run_drafts, run_requests};

/// Seeds that failed once, each with what was wrong, kept for ever.
const KEPT: &str = include_str!("../seeds.txt");

fn live_through(
    live: fn(u64, Option<Tell>) -> Result<Report, Failure>,
    seeds: impl Iterator<Item = u64>,
) -> Vec<Report> {
    let (reports, failures): (Vec<_>, Vec<_>) =
        seeds.map(|seed| live(seed, None)).partition(Result::is_ok);
    assert!(
        failures.is_empty(),
        "replay with `tern-simulations replay SEED`, or `replay requests|drafts SEED`: {failures:#?}"
    );
    reports.into_iter().flatten().collect()
}

#[test]
fn the_seeds_that_failed_once_hold_now() {
    let lines = KEPT.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let (requests, worlds): (Vec<&str>, Vec<&str>) =
        lines.partition(|line| line.starts_with("requests "));
    let (drafts, worlds): (Vec<&str>, Vec<&str>) =
        worlds.into_iter().partition(|line| line.starts_with("drafts "));
    let seed = |line: &str| -> u64 {
        let line = line.trim_start_matches("requests ").trim_start_matches("drafts ");
        let seed = line.split_whitespace().next().and_then(|seed| seed.parse().ok());
        seed.expect("a line of seeds.txt begins with a seed")
    };
    live_through(run, worlds.into_iter().map(seed));
    live_through(run_requests, requests.into_iter().map(seed));
    live_through(run_drafts, drafts.into_iter().map(seed));
}

/// Lives through worlds, and sees to it that they were bad enough.
fn a_hundred_worlds(from: u64) {
    let reports = live_through(run, from..from + 100);
    let sum = |of: fn(&Report) -> u64| reports.iter().map(of).sum::<u64>();
    assert!(sum(|report| report.restarts) > 500, "nodes crash: {reports:?}");
    assert!(sum(|report| report.lies) > 100, "villains are heard: {reports:?}");
    assert!(sum(|report| report.practices) > 800, "people publish: {reports:?}");
    assert!(sum(|report| report.revoked) > 20, "people are revoked: {reports:?}");
    assert!(sum(|report| report.members as u64) > 320, "organisations join: {reports:?}");
    assert!(sum(|report| report.moved) > 20, "nodes move: {reports:?}");
    assert!(sum(|report| report.copied) > 10, "copies are noticed: {reports:?}");
    assert!(sum(|report| report.put_back) > 20, "so are old folders: {reports:?}");
}

#[test]
fn a_hundred_worlds_come_to_rest_with_everything_that_was_promised() {
    a_hundred_worlds(0);
}

#[test]
fn another_hundred_worlds_do() {
    a_hundred_worlds(100);
}

/// Requests in one of four tests: a thousand together where code is fast.
const REQUESTS: u64 = if cfg!(debug_assertions) { 50 } else { 250 };

/// Lives through a quarter of them, and sees to it that much was said and much
/// went wrong.
fn requests(quarter: u64) {
    let from = quarter * REQUESTS;
    let reports = live_through(run_requests, from..from + REQUESTS);
    let mut all = Journey::default();
    let journeys = reports.iter().filter_map(|report| report.support.as_ref());
    journeys.for_each(|journey| all.add(journey));
    assert!(all.requests >= REQUESTS && all.said > 8 * REQUESTS, "people talk: {all:?}");
    assert!(all.answers * 40 > REQUESTS, "experts answer: {all:?}");
    assert!(all.superseded * 8 > REQUESTS, "askers decide apart: {all:?}");
    assert!(all.forged > REQUESTS / 2 && all.ended > 2 * REQUESTS, "lies and ends: {all:?}");
    assert!(all.custodies > 5 * REQUESTS, "carriers sign: {all:?}");
    let restarts: u64 = reports.iter().map(|report| report.restarts).sum();
    assert!(restarts > 4 * REQUESTS, "nodes crash: {restarts}");
}

#[test]
fn requests_find_their_experts_whatever_fails() {
    requests(0);
}

#[test]
fn more_requests_find_their_experts() {
    requests(1);
}

#[test]
fn still_more_requests_find_their_experts() {
    requests(2);
}

#[test]
fn the_last_quarter_of_requests_finds_their_experts() {
    requests(3);
}

#[test]
fn people_of_several_organisations_write_together_and_lose_no_word() {
    let reports = live_through(run_drafts, 0..if cfg!(debug_assertions) { 60 } else { 300 });
    let mut all = Writing::default();
    reports.iter().filter_map(|report| report.writing.as_ref()).for_each(|some| all.add(some));
    let worlds = reports.len() as u64;
    assert!(all.drafts > 2 * worlds && all.saves > 8 * worlds, "people write: {all:?}");
    assert!(all.guests > 2 * worlds, "others see it: {all:?}");
    let restarts: u64 = reports.iter().map(|report| report.restarts).sum();
    assert!(restarts > worlds, "nodes crash: {restarts}");
}

#[test]
fn equal_seeds_live_through_equal_worlds() {
    let hear = |live: fn(u64, Option<Tell>) -> Result<Report, Failure>, seed| {
        let heard = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let told = heard.clone();
        let report = live(seed, Some(Box::new(move |line| told.borrow_mut().push(line))));
        (heard.take(), report)
    };
    for (live, seed) in [(run as fn(_, _) -> _, 3), (run, 7), (run_requests, 3), (run_drafts, 3)] {
        let (told, report) = hear(live, seed);
        assert!(told.len() > 100, "{told:#?}");
        assert_eq!((told, report), hear(live, seed));
    }
}
