//! Sketches against naive difference.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::*;

/// Takes symbols until the difference is peeled off, a few at a time: the
/// difference, and how many symbols it took.
fn difference(ours: &[Element], theirs: &[Element], step: usize) -> (Difference, usize) {
    let mut decoder = Decoder::new(ours.to_vec());
    while decoder.taken() < 20 * (ours.len() + theirs.len() + 10) {
        decoder.take(&symbols(theirs, decoder.taken(), decoder.taken() + step));
        if let Some(found) = decoder.decoded() {
            return (found.clone(), decoder.taken());
        }
    }
    panic!("not decoded after {} symbols", decoder.taken());
}

fn elements(chance: &mut ChaCha8Rng, number: usize) -> Vec<Element> {
    (0..number).map(|_| chance.next_u64()).collect()
}

proptest! {
    #[test]
    fn what_is_peeled_off_is_the_naive_difference(
        ours in prop::collection::btree_set(any::<Element>(), 0..60),
        theirs in prop::collection::btree_set(any::<Element>(), 0..60),
        both in prop::collection::btree_set(any::<Element>(), 0..200),
        step in 1..40_usize,
    ) {
        let with = |one: &BTreeSet<Element>| one.union(&both).copied().collect::<Vec<_>>();
        let (ours, theirs) = (with(&ours), with(&theirs));
        let (found, _) = difference(&ours, &theirs, step);
        let sorted = |one: &[Element], other: &[Element]| {
            let other: BTreeSet<_> = other.iter().collect();
            one.iter().filter(|element| !other.contains(element)).copied().collect::<BTreeSet<_>>()
        };
        let set = |elements: Vec<Element>| elements.into_iter().collect::<BTreeSet<_>>();
        prop_assert_eq!(set(found.ours), sorted(&ours, &theirs));
        prop_assert_eq!(set(found.theirs), sorted(&theirs, &ours));
    }

    #[test]
    fn whatever_is_said_ends_and_is_bounded(
        own in prop::collection::vec(any::<Element>(), 0..40),
        said in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut decoder = Decoder::new(own);
        decoder.take(&said);
        decoder.take(&said);
        let found = decoder.found.ours.len() + decoder.found.theirs.len();
        prop_assert!(found <= decoder.taken() + 1);
        decoder.estimate(-3);
    }
}

#[test]
fn one_element_said_for_ever_is_found_no_oftener_than_there_are_symbols() {
    // The first symbol says that there is one, all others that there is none:
    // taking it out makes it appear in the others.
    let mut one = vec![0; SYMBOL_BYTES * 100];
    one[..SYMBOL_BYTES].copy_from_slice(&symbols(&[7], 0, 1));
    let mut decoder = Decoder::new(Vec::new());
    decoder.take(&one);
    assert!(decoder.found.theirs.len() + decoder.found.ours.len() <= 101);
}

/// The vectors of section 12 of the specification.
#[test]
fn elements_and_symbols_are_what_the_specification_names() {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let key = Key(u64::from_le_bytes([9; 8]));
    let elements = [key.element(&[1; 32], &[2; 32]), key.element(&[3; 32], &[4; 32])];
    assert_eq!(hex(&elements[0].to_le_bytes()), "2ec054b4ef487f83");
    assert_eq!(
        hex(&symbols(&elements, 0, 4)),
        "bf178ef59362eafb07cb410f022ec054b4ef487f834756500001bf178ef59362eafb07cb410f0200000000000000000000000000"
    );
}

/// The paper measures 1.72 for few and 1.35 for many; here is the mean of many
/// trials, with room for chance.
#[test]
fn the_overhead_is_that_of_the_paper() {
    let mut chance = ChaCha8Rng::seed_from_u64(5);
    let both = elements(&mut chance, 300);
    for (number, trials, most) in
        [(4, 200, 1.95), (20, 100, 1.85), (200, 20, 1.55), (2_000, 4, 1.45)]
    {
        let mut taken = 0;
        for _ in 0..trials {
            let (ours, theirs) =
                (elements(&mut chance, number / 2), elements(&mut chance, number / 2));
            let (_, symbols) =
                difference(&[ours, both.clone()].concat(), &[theirs, both.clone()].concat(), 1);
            taken += symbols;
        }
        let overhead = taken as f64 / f64::from(trials) / number as f64;
        assert!(overhead < most, "{number} differences: {overhead} symbols each");
    }
}

#[test]
fn the_estimate_is_of_the_right_size() {
    let mut chance = ChaCha8Rng::seed_from_u64(6);
    let both = elements(&mut chance, 1_000);
    for (ours, theirs) in [(100, 100), (0, 400), (1_000, 1_000), (5_000, 5_000)] {
        let mut decoder = Decoder::new([both.clone(), elements(&mut chance, ours)].concat());
        let other = [both.clone(), elements(&mut chance, theirs)].concat();
        decoder.take(&symbols(&other, 0, 128));
        let estimate = decoder.estimate(theirs as i64 - ours as i64);
        let true_number = ours + theirs;
        assert!(
            (true_number / 2..true_number * 2).contains(&estimate),
            "{estimate} for {true_number}"
        );
    }
}
