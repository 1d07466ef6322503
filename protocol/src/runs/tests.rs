//! What one node makes of the runs that it is told of.

use tern_crdt::identity::SecretKey;

use super::*;
use crate::limits::{RUNS_HEARD_MAX, RUNS_PEERS_MAX};
use crate::store::memory::MemoryStore;
use crate::story::Hub;

const NOON: Timestamp = Timestamp(1_700_000_000_000);

fn key(seed: u8) -> PublicKey {
    SecretKey::from_seed(&[seed; 32]).public()
}

fn run(number: u64, id: u8, said: u64) -> Run {
    Run { number, id: [id; 8], said }
}

/// The next start, which says which run it is.
fn started(library: &mut Library<MemoryStore>, seed: u64) -> Runs {
    let mut runs = Runs::load(library, seed, NOON).expect("a sound store");
    runs.say().1.into_iter().for_each(|private| library.write(private));
    library.commit().expect("room");
    runs
}

#[test]
fn every_start_is_another_run_and_remembers_those_before() {
    let mut library = Hub::new().library();
    let said = started(&mut library, 1).now();
    assert_eq!((said.number, said.said), (1, 1));
    for seed in 5..9 {
        let silent = Runs::load(&library, seed, NOON).expect("a sound store");
        assert_eq!(silent.now().number, 2, "nobody heard of it");
    }
    let mut second = started(&mut library, 2);
    assert_eq!(second.now().number, 2);
    assert_ne!(second.now().id, said.id);
    assert_eq!(second.judge(&said), (Told::Nothing, None), "it was itself");
}

#[test]
fn more_of_an_own_run_than_is_remembered_is_as_unknown_as_another_run() {
    let mut library = Hub::new().library();
    let mut runs = started(&mut library, 1);
    let said = runs.say().0;
    let more = Run { said: said.said + 1, ..said };
    assert_eq!(runs.judge(&more).0, Told::Unknown);
    assert_eq!(runs.judge(&more).0, Told::Nothing, "told twice it is no news");
    assert_eq!(runs.judge(&run(9, 9, 1)).0, Told::Unknown);
    assert_eq!(runs.judge(&run(9, 9, 2)).0, Told::Unknown, "more of it is news");
    assert_eq!(runs.judge(&run(0, 9, 1)).0, Told::Nothing, "there is no run 0");
}

#[test]
fn a_run_of_long_ago_says_nothing_any_more() {
    let mut library = Hub::new().library();
    let mut runs = started(&mut library, 1);
    for start in 0..RUNS_OWN_MAX as i64 + 1 {
        runs.renew(NOON.plus(start));
        runs.say();
    }
    assert_eq!(runs.judge(&run(1, 9, 1)).0, Told::Nothing);
    assert_eq!(runs.judge(&run(2, 9, 1)).0, Told::Unknown, "that far it remembers");
    assert_eq!(runs.now().number, RUNS_OWN_MAX as u64 + 2);
}

#[test]
fn two_of_one_image_with_equal_chance_become_different_runs() {
    let mut library = Hub::new().library();
    let (mut one, mut other) = (started(&mut library, 1), started(&mut library, 1));
    one.now = other.now;
    one.renew(NOON.plus(1));
    other.renew(NOON.plus(2));
    assert_ne!(one.now().id, other.now().id);
}

#[test]
fn a_peer_restarts_is_put_back_or_lives_twice() {
    let mut library = Hub::new().library();
    let (mut runs, niger) = (started(&mut library, 1), key(2));
    let mut note = |run| runs.peers.note(niger, run, NOON).0;
    assert_eq!(note(run(5, 5, 1)), Noted::Other);
    assert_eq!(note(run(5, 5, 2)), Noted::Same);
    assert_eq!(note(run(6, 6, 1)), Noted::Other, "it was started again");
    assert_eq!(note(run(6, 7, 1)), Noted::PutBack);
    assert_eq!(note(run(6, 6, 2)), Noted::Twice(run(6, 7, 1)));
    assert_eq!(runs.peers.known_of(&niger), Some(run(6, 6, 2)));
}

#[test]
fn what_was_heard_is_bounded_and_durable() {
    let mut library = Hub::new().library();
    let (mut runs, niger) = (started(&mut library, 1), key(2));
    for number in 1..=20 {
        for private in runs.peers.note(niger, run(number, number as u8, 1), NOON).1 {
            library.write(private);
        }
    }
    assert_eq!(runs.peers.count(&niger), (1, RUNS_HEARD_MAX));
    library.commit().expect("room");
    let again = started(&mut library, 2);
    assert_eq!(again.peers.known_of(&niger), Some(run(20, 20, 1)));
    for peer in 0..RUNS_PEERS_MAX {
        let name: [u8; 32] = digest("peer", &[&peer.to_le_bytes()]);
        runs.peers.note(PublicKey::new(name), run(1, 1, 1), NOON.plus(1));
    }
    assert_eq!(runs.peers.count(&niger), (RUNS_PEERS_MAX, 0));
    assert_eq!(runs.peers.known_of(&niger), None, "it was silent for the longest");
}

#[test]
fn one_peer_marks_a_run_once_and_a_cleared_mark_makes_another_run() {
    let mut library = Hub::new().library();
    let mut runs = started(&mut library, 1);
    let other = run(1, 9, 1);
    assert_eq!(runs.twice(key(3), &runs.now(), NOON), None, "it is itself");
    assert!(runs.twice(key(3), &other, NOON).is_some());
    assert_eq!(runs.twice(key(4), &other, NOON), None, "it is marked");
    let number = runs.now().number;
    library.write(runs.clear(NOON.plus(1)).expect("a mark"));
    assert_eq!(runs.now().number, number + 1);
    assert!(runs.clear(NOON.plus(2)).is_none(), "it was cleared");
    let again = started(&mut library, 2);
    let copied = again.copied.expect("it is still told");
    assert_eq!((copied.by, copied.cleared), (key(3), Some(NOON.plus(1))));
}

#[test]
fn a_word_about_runs_costs_little_on_a_metered_link() {
    let bytes = |number, said| {
        let mine = run(number, 1, said);
        crate::message::Message::Run { mine, yours: Some(mine) }.to_bytes().len()
    };
    assert_eq!([bytes(9, 9), bytes(60_000, 60_000)], [27, 35]);
}
