//! Doubt: whatever bytes come, nothing panics, and what is held keeps its
//! promise by a second, naive check that expands every operation.

use std::collections::BTreeSet;

use automerge::Change;
use automerge::legacy::{ElementId, Key, ObjectId, OpId};
use proptest::prelude::*;

use super::honest::{changes, step};
use super::hostile::forge::sealed;
use super::*;

/// What is done to the bytes of a change before its checksum is mended.
#[derive(Clone, Debug)]
enum Damage {
    Set(usize, u8),
    Flip(usize, u8),
    Add(usize, u8),
    Remove(usize),
    Repeat { from: usize, length: usize },
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (any::<usize>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        // Small numbers are where the structure is.
        (any::<usize>(), 0..4_u8).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Add(at, byte)),
        any::<usize>().prop_map(Damage::Remove),
        (any::<usize>(), 1..40_usize).prop_map(|(from, length)| Damage::Repeat { from, length }),
    ]
}

/// The body of a change with some damage, in a whole frame again.
fn damaged(change: &Change, damages: &[Damage]) -> Vec<u8> {
    let raw = change.raw_bytes();
    let length = raw[9..].iter().position(|byte| byte & 0x80 == 0).expect("a length");
    let mut body = raw[9 + length + 1..].to_vec();
    for damage in damages {
        let length = body.len();
        match *damage {
            Damage::Set(at, byte) => body[at % length] = byte,
            Damage::Flip(at, bit) => body[at % length] ^= 1 << bit,
            Damage::Add(at, byte) => body.insert(at % length, byte),
            Damage::Remove(at) => {
                body.remove(at % length);
            }
            Damage::Repeat { from, length: more } => {
                let from = from % length;
                let piece = body[from..(from + more).min(length)].to_vec();
                body.splice(from..from, piece);
            }
        }
    }
    sealed(1, &body)
}

/// Every operation id that Automerge reads from a change is one of an
/// operation in its past, or of an earlier one of its own.
fn names_only_its_past(change: &Change, past: &Past) -> bool {
    let mut ids = BTreeSet::new();
    let mut behind: Vec<[u8; 32]> = change.deps().iter().map(|dep| dep.0).collect();
    let mut seen = BTreeSet::new();
    while let Some(hash) = behind.pop() {
        if seen.insert(hash) {
            let meta = past.get(&hash).expect("held");
            behind.extend(&meta.deps);
            ids.extend((0..meta.ops).map(|n| (meta.start_op + n, meta.actor.to_vec())));
        }
    }
    let change = change.decode();
    change.operations.iter().zip(change.start_op.get()..).all(|(op, own)| {
        let held = |id: &OpId| ids.contains(&(id.0, id.1.to_bytes().to_vec()));
        let object = match &op.obj {
            ObjectId::Id(id) => held(id),
            ObjectId::Root => true,
        };
        let key = match &op.key {
            Key::Seq(ElementId::Id(id)) => held(id),
            Key::Seq(ElementId::Head) | Key::Map(_) => true,
        };
        let named = object && key && op.pred.iter().all(held);
        ids.insert((own, change.actor_id.to_bytes().to_vec()));
        named
    })
}

/// Holds a chunk, and doubts that it may be.
fn doubt(bytes: &[u8], past: &Past) -> Result<ChangeMeta, ChunkRefused> {
    let meta = hold(&read(bytes)?, past, None)?;
    assert!(meta.ops <= OPERATIONS_MAX && meta.deps.len() <= DEPS_MAX);
    // Automerge refuses some of what is held, such as words that are not text.
    if let Ok(change) = Change::from_bytes(bytes.to_vec()) {
        assert_eq!((meta.hash, meta.ops), (change.hash().0, change.len() as u64));
        assert!(names_only_its_past(&change, past), "{change:?}");
    }
    Ok(meta)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_bytes_are_held_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = doubt(&bytes, &Past::default());
        let _ = doubt(&sealed(1, &bytes), &Past::default());
    }

    #[test]
    fn a_change_damaged_under_a_right_checksum_is_refused_or_names_only_its_past(
        steps in proptest::collection::vec(step(), 1..12),
        which in any::<usize>(),
        damages in proptest::collection::vec(proptest::collection::vec(damage(), 1..4), 1..60),
    ) {
        let changes = changes(&steps);
        let mut past = Past::default();
        for change in &changes {
            past.push(doubt(change.raw_bytes(), &past).expect("honest"));
        }
        for damages in &damages {
            let _ = doubt(&damaged(&changes[which % changes.len()], damages), &past);
        }
    }
}
