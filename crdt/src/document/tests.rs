//! Editions that are made, read and accepted; hostile ones that are not.

use std::collections::BTreeMap;

use automerge::ReadDoc;
use proptest::prelude::*;

use super::*;
use crate::chunk::hostile::{NEPAL, forge, left_to_accept};
use crate::chunk::{Past, hold, read};

type Content = BTreeMap<String, Value>;

fn word(word: &str) -> Value {
    Value::Word(word.to_owned())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(content(entries))
}

fn content<const N: usize>(entries: [(&str, Value); N]) -> Content {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What Chad publishes first.
fn desks() -> Content {
    content([
        ("title", map([("fr", text("Guichets pour ceux qui partent"))])),
        ("countries", Value::List(vec![word("TD"), word("NE")])),
        ("ongoing", Value::Bool(true)),
        (
            "places",
            Value::List(vec![map([("name", word("Abéché")), ("lat", Value::Float(13.83))])]),
        ),
        ("primary_objectives", Value::List(vec![Value::Int(3), Value::Int(6)])),
    ])
}

fn next(past: &[&NewChange], content: &Content, actor: u8) -> NewChange {
    let bytes: Vec<&[u8]> = past.iter().map(|change| &change.bytes[..]).collect();
    let followed = |change: &NewChange| {
        let deps = |other: &&NewChange| read(&other.bytes).map(|c| c.deps().contains(&change.hash));
        past.iter().any(|other| deps(other) == Ok(true))
    };
    let heads: Vec<[u8; 32]> =
        past.iter().filter(|change| !followed(change)).map(|change| change.hash).collect();
    next_change(&bytes, &heads, content, &[actor; 16], 1_700_000_000).expect("a change")
}

fn bytes<'a>(changes: &[&'a NewChange]) -> Vec<&'a [u8]> {
    changes.iter().map(|change| &change.bytes[..]).collect()
}

#[test]
fn each_edition_says_what_was_published_as_it() {
    let first = next(&[], &desks(), 1);
    let mut second = desks();
    second.insert("title".into(), map([("fr", text("Guichets d’écoute")), ("ar", text("مكاتب"))]));
    second.insert("countries".into(), Value::List(vec![word("TD"), word("CM"), word("NE")]));
    let edition = next(&[&first], &second, 2);
    let all = bytes(&[&edition, &first]);
    assert_eq!(read_at(&all, &[first.hash]), Ok(desks()));
    assert_eq!(read_at(&all, &[edition.hash]), Ok(second));
}

#[test]
fn equal_arguments_make_equal_bytes() {
    let first = next(&[], &desks(), 1);
    assert_eq!(first, next(&[], &desks(), 1));
    assert_ne!(first.hash, next(&[], &desks(), 2).hash);
}

#[test]
fn a_comma_costs_a_small_change() {
    let mut before = desks();
    let long = "Each worker hears what the contract says. ".repeat(100);
    before.insert("activities".into(), map([("en", text(&long))]));
    let mut after = before.clone();
    let comma = long.replacen("hears what", "hears, what", 1);
    after.insert("activities".into(), map([("en", text(&comma))]));
    let first = next(&[], &before, 1);
    let second = next(&[&first], &after, 2);
    assert!(second.bytes.len() < 220, "{}", second.bytes.len());
}

#[test]
fn an_edition_without_a_difference_is_a_change_of_no_operations() {
    let first = next(&[], &desks(), 1);
    let second = next(&[&first], &desks(), 2);
    assert_eq!(read(&second.bytes).map(|chunk| chunk.ops()), Ok(0));
    assert_eq!(read_at(&bytes(&[&first, &second]), &[second.hash]), Ok(desks()));
}

#[test]
fn the_edition_that_follows_two_concurrent_ones_settles_them() {
    let first = next(&[], &desks(), 1);
    let edition = |title: &str, actor| {
        let mut content = desks();
        content.insert("title".into(), map([("fr", text(title))]));
        content.insert("aims".into(), map([("fr", text(title))]));
        next(&[&first], &content, actor)
    };
    let (niger, chad) = (edition("Écouter", 2), edition("Informer", 3));
    let mut settled = desks();
    settled.insert("aims".into(), map([("fr", text("Écouter et informer"))]));
    let third = next(&[&first, &niger, &chad], &settled, 4);
    let all = bytes(&[&first, &niger, &chad, &third]);
    assert_eq!(read_at(&all, &[third.hash]), Ok(settled));
    let accepted = accept(&all).expect("readable");
    assert_eq!(accepted.sound().count(), 4);
    // Any tool for Automerge shows the same: nothing stands beside it.
    let document = History::read(&all).and_then(|all| all.document()).expect("a document");
    assert!(document.map_range(automerge::ROOT, ..).all(|entry| !entry.conflict));
}

#[test]
fn a_text_that_is_written_anew_fits_one_change() {
    let scattered = |every: usize, letter: char| -> Content {
        let text: String =
            (0..100_000).map(|at| if at % every == 0 { letter } else { 'a' }).collect();
        content([("activities", map([("en", Value::Text(text))]))])
    };
    let first = next(&[], &scattered(2, 'b'), 1);
    let second = next(&[&first], &scattered(2, 'é'), 2);
    assert!(second.bytes.len() <= CHANGE_BYTES_MAX);
    let read = read_at(&bytes(&[&first, &second]), &[second.hash]);
    assert_eq!(read, Ok(scattered(2, 'é')));
}

#[test]
fn empty_texts_in_a_list_are_as_many_as_were_written() {
    let empty = content([("a", Value::List(vec![text(""), text(""), map([]), map([])]))]);
    let first = next(&[], &empty, 1);
    assert_eq!(read_at(&bytes(&[&first]), &[first.hash]), Ok(empty));
}

#[test]
fn what_does_not_fit_one_change_is_refused_with_both_limits() {
    let long = content([("activities", map([("en", text(&"é".repeat(200_001)))]))]);
    let refused = next_change(&[], &[], &long, &[1; 16], 0);
    assert!(matches!(refused, Err(DocumentError::TooLarge { .. })), "{refused:?}");
}

#[test]
fn what_would_not_be_read_elsewhere_is_not_published() {
    let deep = (0..8).fold(word("x"), |inner, _| map([("a", inner)]));
    let long = word(&"x".repeat(WORD_BYTES_MAX + 1));
    let endless = Value::Float(f64::INFINITY);
    let name = "n".repeat(KEY_BYTES_MAX + 1);
    for content in [
        content([("a", deep)]),
        content([("a", long)]),
        content([("a", endless)]),
        content([(&name, word("x"))]),
    ] {
        let refused = next_change(&[], &[], &content, &[1; 16], 0);
        assert!(
            matches!(refused, Err(DocumentError::Unsound(_) | DocumentError::Unfit { .. })),
            "{refused:?}"
        );
        let saved = Draft::new().save_at(&[], &content, &[1; 16], 0);
        assert!(saved.is_err(), "{saved:?}");
    }
}

#[test]
fn a_missing_change_is_named() {
    let first = next(&[], &desks(), 1);
    let second = next(&[&first], &content([]), 2);
    let missing = Err(DocumentError::Missing { hash: first.hash });
    assert_eq!(read_at(&bytes(&[&second]), &[second.hash]), missing);
}

#[test]
fn what_was_published_passes_the_hold_stage() {
    let first = next(&[], &desks(), 1);
    let second = next(&[&first], &content([("title", map([("fr", text("Écouter"))]))]), 2);
    let mut past = Past::default();
    for change in [&first, &second] {
        let chunk = read(&change.bytes).expect("readable");
        past.push(hold(&chunk, &past, None).expect("held"));
    }
    assert_eq!(past.heads(), [second.hash]);
}

/// Runs on a stack as large as the node gives.
fn on_a_large_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    thread.expect("a thread").join().expect("no panic");
}

#[test]
fn no_hostile_change_that_was_held_is_shown() {
    on_a_large_stack(|| {
        for hostile in left_to_accept() {
            let past: Vec<&[u8]> = hostile.past.iter().map(Vec::as_slice).collect();
            let all: Vec<&[u8]> = past.iter().copied().chain([&hostile.change[..]]).collect();
            let honest = accept(&past).expect("readable").content();
            let accepted = accept(&all).expect("readable");
            assert_eq!(accepted.sound().count(), past.len(), "{}", hostile.what);
            assert_eq!(accepted.unsound().len(), 1, "{}", hostile.what);
            assert_eq!(accepted.content(), honest, "{}", hostile.what);
        }
    });
}

#[test]
fn what_builds_on_an_unsound_change_is_not_shown_and_what_does_not_is() {
    on_a_large_stack(|| {
        let cases = left_to_accept();
        let letter = cases.into_iter().find(|case| case.what.contains("character"));
        let case = letter.expect("a case");
        let document = automerge::Automerge::new();
        let mut honest = document.with_actor((&[7_u8; 16][..]).into());
        let chad = history::parsed(&read(&case.past[0]).expect("readable")).expect("a change");
        honest.apply_changes([chad]).expect("applied");
        let hash = honest.empty_commit(CommitOptions::default());
        let beside = made(&honest, hash).expect("made");
        let put = forge::put(automerge::legacy::ObjectId::Root, vec![]);
        let on_top = forge::raw(forge::written(NEPAL, 1, 6, &[&case.change], vec![put]));
        let all = [&case.past[0], &case.change, &beside.bytes, &on_top];
        let accepted = accept(&all.map(Vec::as_slice)).expect("readable");
        assert_eq!(accepted.sound().count(), 2);
        let reasons: Vec<_> = accepted.unsound().values().collect();
        assert_eq!(reasons.len(), 2);
        assert!(reasons.iter().any(|reason| matches!(reason, Unsound::NoObject { .. })));
        assert!(reasons.contains(&&Unsound::Dep));
    });
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1e12..1e12).prop_map(Value::Float),
        "[a-zé]{0,6}".prop_map(Value::Word),
        "[a-dé\u{639}\n]{0,30}".prop_map(Value::Text),
    ]
}

fn tree() -> impl Strategy<Value = Content> {
    let value = leaf().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::btree_map("[a-e]", inner, 0..5).prop_map(Value::Map),
        ]
    });
    proptest::collection::btree_map("[a-e]", value, 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_edition_of_any_practice_reads_as_it_was_published(
        editions in proptest::collection::vec(tree(), 1..5),
    ) {
        let mut changes: Vec<NewChange> = Vec::new();
        for (number, content) in editions.iter().enumerate() {
            let past: Vec<&NewChange> = changes.iter().collect();
            changes.push(next(&past, content, number as u8));
        }
        let all = bytes(&changes.iter().collect::<Vec<_>>());
        let accepted = accept(&all).expect("readable");
        prop_assert!(accepted.unsound().is_empty());
        for (change, content) in changes.iter().zip(&editions) {
            prop_assert_eq!(&read_at(&all, &[change.hash]).expect("readable"), content);
            prop_assert_eq!(&accepted.content_at(&[change.hash]).expect("sound"), content);
        }
    }
}

/// Changes of all sorts of operations: made, set, inserted, replaced, deleted.
fn honest() -> [NewChange; 2] {
    let mut content = desks();
    let first = next(&[], &content, 1);
    content.insert("title".into(), map([("fr", text("Guichets de ceux qui partent"))]));
    content.insert("countries".into(), Value::List(vec![word("NE"), word("ML")]));
    content.insert("ongoing".into(), Value::Bool(false));
    content.remove("places");
    let second = next(&[&first], &content, 2);
    [first, second]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn damaged_changes_with_a_right_checksum_never_panic_the_reader(
        which in 0..2_usize,
        damage in proptest::collection::vec((40..600_usize, 0..5_u8, any::<u8>()), 1..4),
    ) {
        let [first, second] = honest();
        let mut damaged = [&first, &second][which].bytes.clone();
        for (at, small, byte) in damage {
            let length = damaged.len();
            damaged[at % length] = if small > 0 { small } else { byte };
        }
        forge::mend(&mut damaged);
        let mut past = Past::default();
        past.push(hold(&read(&first.bytes).expect("own"), &past, None).expect("held"));
        if let Ok(chunk) = read(&damaged)
            && hold(&chunk, &past, None).is_ok()
        {
            let all = [&first.bytes[..], &damaged];
            let read = read_at(&all, &[chunk.hash()]);
            let accepted = accept(&all).expect("readable");
            let engine_refused = |reason: &Unsound| {
                matches!(reason, Unsound::Refused(_) | Unsound::Panicked)
            };
            // What our own reader refuses is never shown, and what it passes
            // Automerge can apply, save and load.
            let sound = accepted.sound().any(|hash| hash == chunk.hash());
            prop_assert!(read.is_ok() || !sound);
            prop_assert!(!accepted.unsound().values().any(engine_refused));
        }
    }
}
