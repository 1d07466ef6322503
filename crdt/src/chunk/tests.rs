//! Honest changes pass, hostile ones do not, damage is noticed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::Transactable;
use automerge::{Automerge, Change, ReadDoc};

use super::hostile::forge::Forged;
use super::hostile::{self, CHAD, Hostile, NIGER};
use super::*;

fn hold_all(changes: &[Vec<u8>]) -> Past {
    let mut past = Past::default();
    for change in changes {
        let meta = read(change).and_then(|chunk| hold(&chunk, &past, None));
        past.push(meta.expect("an honest change is held"));
    }
    past
}

fn verdict(hostile: &Hostile) -> Result<ChangeMeta, ChunkRefused> {
    hold(&read(&hostile.change)?, &hold_all(&hostile.past), None)
}

#[test]
fn every_hostile_change_is_refused_with_its_reason() {
    for (hostile, reason) in hostile::refused() {
        assert_eq!(verdict(&hostile), Err(reason), "{}", hostile.what);
    }
}

#[test]
fn what_only_accept_can_see_is_held() {
    for hostile in hostile::left_to_accept() {
        let held = verdict(&hostile);
        assert!(held.is_ok(), "{}: {held:?}", hostile.what);
    }
}

#[test]
fn ten_million_predecessors_come_in_less_than_a_hundred_bytes() {
    assert!(hostile::predecessor_bomb().len() < 100);
    assert!(hostile::insert_bomb().len() < 100);
}

#[test]
fn a_change_by_another_actor_than_it_is_signed_for_is_refused() {
    let change = Forged::puts(CHAD, 1).sealed();
    let chunk = read(&change).expect("well-formed");
    assert!(hold(&chunk, &Past::default(), Some(&CHAD)).is_ok());
    assert_eq!(hold(&chunk, &Past::default(), Some(&NIGER)), Err(ChunkRefused::Actor));
}

#[test]
fn a_change_that_is_held_passes_again_and_changes_nothing() {
    let changes = hostile::past();
    let mut past = hold_all(&changes);
    let (heads, ops) = (past.heads(), past.ops());
    for change in &changes {
        let meta = hold(&read(change).expect("well-formed"), &past, None).expect("held");
        past.push(meta);
    }
    assert_eq!((past.heads(), past.ops(), past.metas().len()), (heads, ops, 3));
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    for change in hostile::past() {
        for bit in 0..change.len() * 8 {
            let mut damaged = change.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&damaged).is_err(), "bit {bit}");
        }
    }
}

/// What Automerge makes of changes in this order, if it survives: the text.
fn text_of(changes: &[&Vec<u8>]) -> Option<String> {
    catch_unwind(|| {
        let mut doc = Automerge::new();
        for change in changes {
            doc.apply_changes([Change::from_bytes((*change).clone()).expect("a change")]).ok()?;
        }
        let (_, text) = doc.get(automerge::ROOT, "text").ok()??;
        doc.text(text).ok()
    })
    .ok()
    .flatten()
}

#[test]
fn automerge_itself_differs_by_order_over_an_element_outside_the_past() {
    let Hostile { past, change, .. } = hostile::element_outside_the_past();
    let [chad, niger, again] = &past[..] else { panic!("three changes") };
    let one = text_of(&[chad, niger, again, &change]);
    let other = text_of(&[chad, niger, &change, again]);
    assert_ne!(one, other);
}

fn loaded(hostile: &Hostile) -> Automerge {
    let mut doc = Automerge::new();
    for change in hostile.past.iter().chain([&hostile.change]) {
        let change = Change::from_bytes(change.clone()).expect("a change");
        doc.apply_changes([change]).expect("Automerge takes it");
    }
    doc
}

#[test]
fn automerge_itself_panics_at_an_edit_after_the_last_counter() {
    let mut doc = AssertUnwindSafe(loaded(&hostile::last_counter()));
    let edit = catch_unwind(move || {
        let mut edit = doc.transaction();
        (0..4).try_for_each(|n| edit.put(automerge::ROOT, "n", n)).expect("an edit");
        edit.commit();
        doc.save()
    });
    assert!(edit.is_err());
}

#[test]
fn automerge_itself_cannot_load_what_it_saved_with_ids_given_twice() {
    let doc = AssertUnwindSafe(loaded(&hostile::own_ids_again()));
    let again = catch_unwind(|| Automerge::load(&doc.save()).map(|_| ()));
    assert!(!matches!(again, Ok(Ok(()))), "{again:?}");
}

#[test]
fn a_document_is_bounded_in_changes_operations_and_bytes() {
    let change = Forged::puts(CHAD, 1).sealed();
    let chunk = read(&change).expect("well-formed");
    let filled = |count: u32, ops, bytes| {
        let meta = |n: u32| ChangeMeta {
            hash: std::array::from_fn(|i| n.to_le_bytes()[i % 4]),
            actor: NIGER,
            seq: u64::from(n) + 1,
            start_op: 1,
            ops,
            deps: vec![],
            bytes,
            depth: 1,
        };
        hold(&chunk, &Past::from_metas((0..count).map(meta).collect()), None).map(|_| ())
    };
    let length = change.len() as u32;
    assert_eq!(filled(9_999, 1, 100), Ok(()));
    assert_eq!(filled(10_000, 1, 100), Err(ChunkRefused::DocumentChanges { max: 10_000 }));
    assert_eq!(filled(1, 499_999, 1), Ok(()));
    assert_eq!(filled(1, 500_000, 1), Err(ChunkRefused::DocumentOperations { max: 500_000 }));
    assert_eq!(filled(1, 1, (4 << 20) - length), Ok(()));
    assert_eq!(
        filled(1, 1, (4 << 20) - length + 1),
        Err(ChunkRefused::DocumentBytes { max: 4 << 20 })
    );
}
