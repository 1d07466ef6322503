//! What a sketch costs whoever tells it and whoever finds with it, beside what
//! a false one costs.
//!
//! ```text
//! cargo bench -p tern-protocol --bench sketch
//! ```

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use tern_protocol::limits::SYMBOLS_MAX;
use tern_protocol::meeting::set::Set;
use tern_protocol::meeting::sketch::{Decoder, Element, Key, SYMBOL_BYTES, symbols};

/// Objects of the larger federation.
const OBJECTS: u64 = 100_000;

fn set(chance: &mut ChaCha8Rng) -> Set {
    let mut set = Set::default();
    for _ in 0..OBJECTS {
        let (mut id, mut state) = ([0; 32], [0; 32]);
        chance.fill_bytes(&mut id);
        chance.fill_bytes(&mut state);
        set.insert(id, state);
    }
    set
}

fn elements(chance: &mut ChaCha8Rng, number: usize) -> Vec<Element> {
    (0..number).map(|_| chance.next_u64()).collect()
}

fn bench(c: &mut Criterion) {
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let set = set(&mut chance);
    let key = Key(7);
    let mut group = c.benchmark_group("of 100,000 objects");
    group.sample_size(20);
    group.throughput(Throughput::Elements(OBJECTS));
    group.bench_function("the elements", |b| {
        b.iter(|| set.iter().map(|(id, state)| key.element(id, state)).collect::<Vec<_>>());
    });
    let both: Vec<Element> = set.iter().map(|(id, state)| key.element(id, state)).collect();
    for number in [12, 316, SYMBOLS_MAX] {
        group.bench_function(format!("{number} symbols"), |b| {
            b.iter(|| symbols(black_box(&both), 0, number));
        });
    }
    for apart in [2, 200, 1_200] {
        let own = [both.clone(), elements(&mut chance, apart / 2)].concat();
        let theirs = [both.clone(), elements(&mut chance, apart / 2)].concat();
        let told = symbols(&theirs, 0, 8 + 2 * apart);
        group.bench_function(format!("{apart} differences found"), |b| {
            b.iter(|| {
                let mut decoder = Decoder::new(own.clone());
                decoder.take(&told);
                decoder.decoded().map(|found| found.ours.len())
            });
        });
    }
    let mut noise = vec![0; SYMBOLS_MAX * SYMBOL_BYTES];
    chance.fill_bytes(&mut noise);
    group.bench_function("2,048 symbols that are noise, refused", |b| {
        b.iter(|| {
            let mut decoder = Decoder::new(both.clone());
            decoder.take(&noise);
            decoder.decoded().is_none()
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
