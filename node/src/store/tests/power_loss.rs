//! The power goes or the process is killed at any moment, and nothing
//! confirmed is lost.
//!
//! `TERN_SEEDS=10000 cargo test -p tern-node power_loss` runs that many
//! histories instead of the few hundred of every day; `TERN_SEED=N` only one.

use std::env;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use tern_protocol::store::conformance::{Model, apply, contents, random_batch};
use tern_protocol::store::{Batch, Store, StoreError};

use crate::store::engine::Engine;
use crate::store::faulty::{Fault, FaultyDisk, FaultyFiles, ForgetfulShelf};

const ROTATE_BYTES: u64 = 8 * 1024;
const LIVES: u32 = 8;

type Tried = Engine<FaultyFiles, ForgetfulShelf>;

/// A store that lives several lives on one disk, and what it must hold.
struct History {
    chance: ChaCha8Rng,
    disk: FaultyDisk,
    shelf: ForgetfulShelf,
    /// Everything that was confirmed.
    confirmed: Model,
    /// A batch of which nobody knows.
    unknown: Option<Batch>,
    happened: Happened,
}

/// What a run has seen: a check that never met its case proves nothing.
#[derive(Default, Debug)]
struct Happened {
    commits: u64,
    kills: u64,
    power_cuts: u64,
    failed_openings: u64,
    unknown_kept: u64,
    unknown_gone: u64,
    full: u64,
    rotations: u64,
    clean_stops: u64,
    set_aside: u64,
}

impl History {
    fn new(seed: u64) -> Self {
        Self {
            chance: ChaCha8Rng::seed_from_u64(seed),
            disk: FaultyDisk::new(seed),
            shelf: ForgetfulShelf::new(seed),
            confirmed: Model::new(),
            unknown: None,
            happened: Happened::default(),
        }
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.chance.next_u32().is_multiple_of(count)
    }

    fn up_to(&mut self, most: u32) -> u32 {
        self.chance.next_u32() % most
    }

    fn live(&mut self) {
        if !self.one_in(4) {
            // Opening takes a few operations, a commit two, a rotation ten.
            let operations = if self.one_in(2) { self.up_to(12) } else { self.up_to(120) };
            self.disk.cut_power_after(operations);
        }
        if self.one_in(3) {
            let calls = self.up_to(200);
            self.shelf.fail_after(calls);
        }
        match self.open() {
            Some(store) => self.work(store),
            None => self.happened.failed_openings += 1,
        }
        self.happened.set_aside = u64::from(self.shelf.set_aside());
        if self.one_in(3) {
            self.happened.kills += 1;
            self.disk.spare();
        } else {
            self.happened.power_cuts += 1;
            self.disk.restart();
        }
        self.disk.mend();
        self.shelf.restart();
    }

    /// Opens the store and checks everything; `None` if the power went.
    fn open(&mut self) -> Option<Tried> {
        let opened = Engine::on(self.disk.files(), self.shelf.clone(), ROTATE_BYTES)
            .and_then(|store| contents(&store).map(|found| (store, found)));
        let (store, found) = match opened {
            Ok(opened) => opened,
            Err(error) if self.disk.is_off() => {
                assert!(matches!(error, StoreError::Failed(_)), "without power: {error}");
                return None;
            }
            Err(error) => panic!("a store that lost power must open: {error}"),
        };
        if let Some(batch) = self.unknown.take() {
            let mut with = self.confirmed.clone();
            apply(&mut with, &batch);
            if found == with {
                self.happened.unknown_kept += 1;
                self.confirmed = with;
            } else {
                self.happened.unknown_gone += 1;
            }
        }
        assert!(found == self.confirmed, "the store holds something else than was confirmed");
        Some(store)
    }

    fn work(&mut self, mut store: Tried) {
        if self.one_in(6) {
            let (operations, full) = (self.up_to(60), self.one_in(2));
            self.disk.fail_after(operations, if full { Fault::Full } else { Fault::Device });
        }
        for _ in 0..self.up_to(30) {
            if self.one_in(40) {
                let room = u64::from(self.up_to(4_000));
                self.disk.leave_room(Some(room));
            }
            let batch = random_batch(&mut self.chance);
            match store.commit(batch.clone()) {
                Ok(()) => {
                    self.happened.commits += 1;
                    apply(&mut self.confirmed, &batch);
                }
                Err(StoreError::Full) => {
                    self.happened.full += 1;
                    match contents(&store) {
                        Ok(found) => assert!(found == self.confirmed, "a full disk kept something"),
                        // The power went, or the device failed, at this moment.
                        Err(error) => assert!(matches!(error, StoreError::Failed(_)), "{error}"),
                    }
                    self.disk.leave_room(None);
                }
                Err(error) => {
                    assert!(matches!(error, StoreError::Failed(_)), "{error}");
                    self.unknown = Some(batch.clone());
                    let again = store.commit(batch);
                    assert!(again.is_err(), "no commits after one whose end is unknown");
                    return;
                }
            }
            if self.one_in(30) && store.rotate().is_ok() {
                self.happened.rotations += 1;
            }
        }
        if self.one_in(3) && store.close().is_ok() {
            self.happened.clean_stops += 1;
        }
    }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn power_cuts_and_kills_at_any_moment_lose_nothing_confirmed() {
    let seeds = match number("TERN_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TERN_SEEDS").unwrap_or(300),
    };
    let many = seeds.end - seeds.start >= 100;
    let mut all = Happened::default();
    for seed in seeds {
        let told = std::panic::catch_unwind(|| {
            let mut history = History::new(seed);
            (0..LIVES).for_each(|_| history.live());
            history.happened
        });
        let happened = told.unwrap_or_else(|_| panic!("seed {seed}: run it with TERN_SEED={seed}"));
        all.add(&happened);
    }
    println!("{all:?}");
    if many {
        all.assert_each_case_was_met();
    }
}

impl Happened {
    fn counts(&mut self) -> [(&'static str, &mut u64); 10] {
        [
            ("commits", &mut self.commits),
            ("kills", &mut self.kills),
            ("power cuts", &mut self.power_cuts),
            ("failed openings", &mut self.failed_openings),
            ("unknown kept", &mut self.unknown_kept),
            ("unknown gone", &mut self.unknown_gone),
            ("full", &mut self.full),
            ("rotations", &mut self.rotations),
            ("clean stops", &mut self.clean_stops),
            ("set aside", &mut self.set_aside),
        ]
    }

    fn add(&mut self, other: &Self) {
        let mut other = Self { ..*other };
        for ((_, sum), (_, more)) in self.counts().into_iter().zip(other.counts()) {
            *sum += *more;
        }
    }

    fn assert_each_case_was_met(mut self) {
        for (what, count) in self.counts() {
            assert!(*count > 0, "no history met this: {what}");
        }
    }
}
