//! What it costs to seal a letter, to try keys that do not open it, and to open
//! it: every node tries its keys on every parcel, once.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tern_crdt::identity::SecretKey;
use tern_crdt::sealed::Sealed;

fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn sealing(c: &mut Criterion) {
    let letter = vec![7; 3_000];
    for readers in [4, 8, 18] {
        let keys: Vec<_> = (1..=readers).map(|n| key(n).encryption_public()).collect();
        let sealed = Sealed::seal(&letter, &keys, b"request", &[9; 32]).expect("readers");
        println!("3,000 bytes for {readers} readers: {} bytes sealed", sealed.to_bytes().len());
        c.bench_function(&format!("seal for {readers} readers"), |b| {
            b.iter(|| Sealed::seal(black_box(&letter), &keys, b"request", &[9; 32]));
        });
        let (reader, stranger) = (key(readers), key(99));
        c.bench_function(&format!("open as one of {readers} readers"), |b| {
            b.iter(|| sealed.open(black_box(&reader), b"request"));
        });
        c.bench_function(&format!("try in vain, {readers} readers"), |b| {
            b.iter(|| sealed.open(black_box(&stranger), b"request"));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = sealing
}
criterion_main!(benches);
