//! The rule on ids against its plainest form, on columns drawn by chance.

use proptest::prelude::*;

use crate::chunk::hostile::forge::{Forged, differences, hash, runs, unsigned};
use crate::chunk::hostile::{CHAD, NEPAL, NIGER};
use crate::chunk::{ChangeMeta, ChunkRefused, Past, hold, read};

/// Operations of Chad (index 0), Nepal (1) and Niger (2) in the past.
const WRITTEN: [(u64, std::ops::Range<i64>); 5] =
    [(0, 1..5), (2, 5..7), (0, 7..8), (1, 8..11), (2, 11..13)];

fn change(place: usize) -> ChangeMeta {
    let (actor, ops) = WRITTEN[place].clone();
    let before = |at: usize| [at as u8; 32];
    ChangeMeta {
        hash: before(place),
        actor: [CHAD, NEPAL, NIGER][actor as usize],
        seq: WRITTEN[..=place].iter().filter(|other| other.0 == actor).count() as u64,
        start_op: ops.start as u64,
        ops: (ops.end - ops.start) as u64,
        deps: place.checked_sub(1).map(before).into_iter().collect(),
        bytes: 1,
        depth: place as u32 + 1,
    }
}

/// Chad's next change, with or without Niger's latest in its past.
struct Next {
    places: usize,
    start: i64,
}

impl Next {
    fn new(all: bool) -> Self {
        let places = if all { 5 } else { 4 };
        Self { places, start: WRITTEN[places - 1].1.end }
    }

    fn held(&self, change: Forged) -> Result<(), ChunkRefused> {
        let bytes = change
            .but(|change| {
                change.seq = vec![3];
                change.start_op = self.start as u64;
                change.deps = vec![[2; 32], [self.places as u8 - 1; 32]];
                change.others = vec![NEPAL, NIGER];
            })
            .sealed();
        let past = Past::from_metas((0..5).map(self::change).collect());
        let meta = hold(&read(&bytes)?, &past, None)?;
        assert_eq!(meta.hash, hash(&bytes));
        Ok(())
    }

    /// Whether the operation `row` may name this one.
    fn may_name(&self, id: Id, row: usize) -> bool {
        let past = WRITTEN[..self.places].iter();
        let written = past.clone().any(|(actor, ops)| *actor == id.0 && ops.contains(&id.1));
        written || id.0 == 0 && (self.start..self.start + row as i64).contains(&id.1)
    }
}

type Id = (u64, i64);

/// Ids whose counters advance evenly, as those in a text do: some from all
/// over, most of Chad's first operations or of the change's own.
fn ids() -> impl Strategy<Value = Vec<Id>> {
    let run = |actors, firsts, steps| {
        (actors, firsts, steps, 1..8_i64).prop_map(|(actor, first, step, count)| {
            (0..count).map(|n| (actor, i64::max(first + step * n, 1))).collect::<Vec<Id>>()
        })
    };
    prop_oneof![
        1 => run(0..3_u64, 1..20_i64, -2..3_i64),
        3 => run(0..1, 1..5, 0..1),
        1 => run(0..1, 7..8, -6..1),
        3 => run(0..1, 10..16, 0..2),
        1 => run(1..3, 5..13, 0..2),
    ]
}

/// Whether a change is held exactly if all that it names may be named.
fn kept(held: Result<(), ChunkRefused>, allowed: bool, wanted: &str) -> bool {
    match held {
        Ok(()) => allowed,
        Err(ChunkRefused::Reference { column, .. }) => !allowed && column == wanted,
        Err(_) => false,
    }
}

/// The operation's key: a name, the head of a sequence, or an element.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Key {
    Name,
    Head,
    Element(Id),
}

fn keys() -> impl Strategy<Value = Vec<Key>> {
    prop_oneof![
        1 => (1..6_usize).prop_map(|count| vec![Key::Name; count]),
        1 => (1..3_usize).prop_map(|count| vec![Key::Head; count]),
        3 => ids().prop_map(|ids| ids.into_iter().map(Key::Element).collect()),
    ]
}

/// The same change with these columns, where they hold anything.
fn with(change: Forged, columns: [(u64, Vec<u8>); 3]) -> Forged {
    columns.into_iter().fold(change, |change, (number, bytes)| {
        let change = change.without(number);
        if bytes.is_empty() { change } else { change.with(number, bytes) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_key_may_be_any_earlier_operation_in_the_past_and_no_other(
        all: bool,
        keys in proptest::collection::vec(keys(), 1..5),
    ) {
        let (next, keys) = (Next::new(all), keys.concat());
        let actors: Vec<_> = keys.iter().map(|key| match key {
            Key::Element((actor, _)) => Some(*actor),
            _ => None,
        }).collect();
        let counters: Vec<_> = keys.iter().map(|key| match key {
            Key::Element((_, counter)) => Some(*counter),
            Key::Head => Some(0),
            Key::Name => None,
        }).collect();
        let names: Vec<_> = keys.iter().map(|key| (*key == Key::Name).then_some(())).collect();
        let change = with(Forged::puts(CHAD, keys.len() as i64), [
            (0x11, runs(&actors, |actor| unsigned(*actor))),
            (0x13, differences(&counters)),
            (0x15, runs(&names, |_| b"\x01k".to_vec())),
        ]);
        let allowed = keys.iter().enumerate().all(|(row, key)| match key {
            Key::Element(id) => next.may_name(*id, row),
            _ => true,
        });
        prop_assert!(kept(next.held(change), allowed, "counters of keys"));
    }

    #[test]
    fn an_object_may_be_any_earlier_operation_in_the_past_and_no_other(
        all: bool,
        objects in proptest::collection::vec(
            prop_oneof![
                (1..6_usize).prop_map(|count| vec![None; count]),
                ids().prop_map(|ids| ids.into_iter().map(Some).collect()),
            ],
            1..4,
        ),
    ) {
        let (next, objects): (_, Vec<Option<Id>>) = (Next::new(all), objects.concat());
        let actors: Vec<_> = objects.iter().map(|object| object.map(|id| id.0)).collect();
        let counters: Vec<_> = objects.iter().map(|object| object.map(|id| id.1 as u64)).collect();
        let change = with(Forged::puts(CHAD, objects.len() as i64), [
            (0x01, runs(&actors, |actor| unsigned(*actor))),
            (0x02, runs(&counters, |counter| unsigned(*counter))),
            (0x94, vec![]),
        ]);
        let mut named = objects.iter().enumerate();
        let allowed = named.all(|(row, object)| object.is_none_or(|id| next.may_name(id, row)));
        prop_assert!(kept(next.held(change), allowed, "counters of objects"));
    }

    #[test]
    fn a_predecessor_may_be_any_earlier_operation_in_the_past_and_no_other(
        all: bool,
        ids in proptest::collection::vec(ids(), 1..4),
        numbers in proptest::collection::vec(prop_oneof![Just(0..1_u64), Just(1..2), Just(0..4)], 30)
            .prop_flat_map(|numbers| numbers),
    ) {
        let (next, ids) = (Next::new(all), ids.concat());
        // Which operation names each of them.
        let rows = numbers.iter().enumerate().flat_map(|(row, number)| (0..*number).map(move |_| row));
        let named: Vec<(Id, usize)> = ids.iter().copied().zip(rows).collect();
        let last = named.last().map_or(0, |(_, row)| *row);
        let count = |row| named.iter().filter(|named| named.1 == row).count() as u64;
        let numbers: Vec<_> = (0..=last).map(|row| Some(count(row))).collect();
        let actors: Vec<_> = named.iter().map(|((actor, _), _)| Some(*actor)).collect();
        let counters: Vec<_> = named.iter().map(|((_, counter), _)| Some(*counter)).collect();
        let change = with(Forged::puts(CHAD, last as i64 + 1), [
            (0x70, runs(&numbers, |number| unsigned(*number))),
            (0x71, runs(&actors, |actor| unsigned(*actor))),
            (0x73, differences(&counters)),
        ]);
        let allowed = named.iter().all(|(id, row)| next.may_name(*id, *row));
        prop_assert!(kept(next.held(change), allowed, "counters of predecessors"));
    }
}
