//! What a store promises, tried on models that fail and on real folders.

mod folder;
mod full;
mod kill;
mod power_loss;
mod rot;
mod salvage;

use bytes::Bytes;
use tern_protocol::store::{Batch, Space, Store};

/// A batch that says `number` in several keys, so that half of one would show.
fn numbered(number: u32, keys: u32) -> Batch {
    let mut batch = Batch::default();
    for key in 0..keys {
        batch.put(Space::Edition, numbered_key(number, key), numbered_value(number, key));
    }
    batch.put(Space::Meta, &b"last"[..], number.to_be_bytes().to_vec());
    batch
}

fn numbered_key(number: u32, key: u32) -> Vec<u8> {
    [number.to_be_bytes(), key.to_be_bytes()].concat()
}

/// Every other one is short enough to stand in the index.
fn numbered_value(number: u32, key: u32) -> Vec<u8> {
    let length = if key.is_multiple_of(2) { 4_000 } else { 100 };
    (0..length).map(|i: u32| (i * 7 + number * 13 + key) as u8).collect()
}

/// Whether all of that batch is there, or none; panics at a part of it.
fn has_numbered(store: &impl Store, number: u32, keys: u32) -> bool {
    let found: Vec<Option<Bytes>> = (0..keys)
        .map(|key| store.get(Space::Edition, &numbered_key(number, key)).expect("a sound store"))
        .collect();
    let there = found.iter().flatten().count();
    assert!(there == 0 || there == found.len(), "{there} of {keys} keys of batch {number}");
    for (key, value) in (0..).zip(found.iter().flatten()) {
        assert!(*value == numbered_value(number, key), "batch {number} key {key}");
    }
    there > 0
}
