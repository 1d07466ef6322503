//! The one suite that every engine passes.
//!
//! Each function panics with what was promised and what was found instead; an
//! engine's own tests call [`run`]. Durability against power loss is not
//! tested here, because only the engine's own room can cut the power.

use std::collections::BTreeMap;

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::{
    Batch, KEY_BYTES_MAX, Op, Page, SCAN_BYTES, SCAN_ENTRIES_MAX, Space, Store, StoreError,
    VALUE_BYTES_MAX,
};

/// An engine under test.
pub trait Subject {
    /// The engine.
    type Store: Store;

    /// An empty store, apart from all earlier ones.
    fn fresh(&mut self) -> Self::Store;

    /// The same store after its process ended, in whichever way, and another
    /// one opened it.
    fn reopen(&mut self, store: Self::Store) -> Self::Store;
}

/// The whole suite; the random part once for each of `seeds` seeds.
pub fn run<S: Subject>(subject: &mut S, seeds: u64) {
    spaces_are_apart(subject);
    the_later_change_of_a_key_stands(subject);
    scans_keep_prefix_place_and_limit(subject);
    values_of_every_length_read_back(subject);
    pages_of_large_values_end_early(subject);
    what_is_too_large_changes_nothing(subject);
    for seed in 0..seeds {
        random_batches_agree_with_a_model(subject, seed);
    }
}

fn get<S: Store>(store: &S, space: Space, key: &[u8]) -> Option<Bytes> {
    store.get(space, key).expect("reading a sound store")
}

fn scan<S: Store>(
    store: &S,
    space: Space,
    prefix: &[u8],
    after: Option<&[u8]>,
    limit: usize,
) -> Page {
    store.scan(space, prefix, after, limit).expect("scanning a sound store")
}

fn commit<S: Store>(store: &mut S, batch: Batch) {
    store.commit(batch).expect("committing to a sound store");
}

/// One key names a value in each space, and scans stay in theirs.
pub fn spaces_are_apart<S: Subject>(subject: &mut S) {
    let mut store = subject.fresh();
    let mut batch = Batch::default();
    for space in Space::ALL {
        batch.put(space, &b"chad"[..], vec![space as u8]);
    }
    commit(&mut store, batch);
    for space in Space::ALL {
        let value = Bytes::from(vec![space as u8]);
        assert_eq!(get(&store, space, b"chad"), Some(value.clone()), "{space:?}");
        let page = scan(&store, space, b"", None, 10);
        assert_eq!(page, Page { entries: vec![("chad".into(), value)], more: false }, "{space:?}");
    }
}

/// Within one batch and between batches; deleting what is not there is fine,
/// and so is doing nothing.
pub fn the_later_change_of_a_key_stands<S: Subject>(subject: &mut S) {
    let mut store = subject.fresh();
    let mut batch = Batch::default();
    batch.put(Space::Record, &b"niger"[..], &b"first"[..]);
    batch.delete(Space::Record, &b"niger"[..]);
    batch.put(Space::Record, &b"niger"[..], &b"second"[..]);
    batch.put(Space::Record, &b"nepal"[..], &b"first"[..]);
    batch.delete(Space::Record, &b"nepal"[..]);
    batch.delete(Space::Record, &b"moldova"[..]);
    commit(&mut store, batch);
    commit(&mut store, Batch::default());
    assert_eq!(get(&store, Space::Record, b"niger"), Some("second".into()));
    assert_eq!(get(&store, Space::Record, b"nepal"), None);
    let mut batch = Batch::default();
    batch.put(Space::Record, &b"niger"[..], &b""[..]);
    commit(&mut store, batch);
    assert_eq!(get(&store, Space::Record, b"niger"), Some(Bytes::new()));
    let store = subject.reopen(store);
    assert_eq!(get(&store, Space::Record, b"niger"), Some(Bytes::new()), "after reopening");
    assert_eq!(get(&store, Space::Record, b"nepal"), None, "after reopening");
}

/// Prefix, `after` in and outside the prefix, limits, and the end of a space.
pub fn scans_keep_prefix_place_and_limit<S: Subject>(subject: &mut S) {
    let mut store = subject.fresh();
    let mut batch = Batch::default();
    for key in [&b"a"[..], b"b", b"b\0", b"b\x01z", b"b\xff", b"b\xff\xff", b"c", b"\xff\xff"] {
        batch.put(Space::Draft, Bytes::copy_from_slice(key), Bytes::copy_from_slice(key));
    }
    batch.put(Space::Local, &b"b"[..], &b"another space"[..]);
    commit(&mut store, batch);
    let keys = |prefix: &[u8], after: Option<&[u8]>, limit| {
        let page = scan(&store, Space::Draft, prefix, after, limit);
        for (key, value) in &page.entries {
            assert_eq!(key, value, "an entry has its own value");
        }
        (page.entries.into_iter().map(|(key, _)| key.to_vec()).collect::<Vec<_>>(), page.more)
    };
    let all = |keys: &[&[u8]]| keys.iter().map(|key| key.to_vec()).collect::<Vec<_>>();
    let under_b = all(&[b"b", b"b\0", b"b\x01z", b"b\xff", b"b\xff\xff"]);
    assert_eq!(keys(b"b", None, 10), (under_b.clone(), false));
    assert_eq!(keys(b"b", None, 5), (under_b.clone(), false), "exactly the limit is not more");
    assert_eq!(keys(b"b", None, 4), (under_b[..4].to_vec(), true));
    assert_eq!(keys(b"b", Some(b"b\0"), 2), (under_b[2..4].to_vec(), true));
    assert_eq!(keys(b"b", Some(b"b\x01"), 9), (under_b[2..].to_vec(), false), "after no key");
    assert_eq!(keys(b"b", Some(b"b\xff\xff"), 9), (vec![], false));
    assert_eq!(keys(b"b", Some(b"a"), 9), (under_b, false), "after a place before the prefix");
    assert_eq!(keys(b"b", Some(b"c"), 9), (vec![], false), "after a place behind the prefix");
    assert_eq!(keys(b"\xff", None, 9), (all(&[b"\xff\xff"]), false), "the end of the space");
    assert_eq!(keys(b"", None, SCAN_ENTRIES_MAX + 1).0.len(), 8);
    assert_eq!(keys(b"absent", None, 9), (vec![], false));
}

/// Values around every bound at which an engine may change its layout, in
/// one batch, overwritten in another order.
pub fn values_of_every_length_read_back<S: Subject>(subject: &mut S) {
    const LENGTHS: [usize; 12] = [
        0,
        1,
        255,
        1023,
        1024,
        1025,
        4096,
        65_535,
        65_536,
        65_537,
        VALUE_BYTES_MAX - 1,
        VALUE_BYTES_MAX,
    ];
    let mut store = subject.fresh();
    let value = |length: usize, salt: usize| {
        Bytes::from((0..length).map(|i| (i * 31 + salt * 7 + length) as u8).collect::<Vec<_>>())
    };
    for round in 0..3 {
        let mut batch = Batch::default();
        for (i, _) in LENGTHS.iter().enumerate() {
            let length = LENGTHS[(i * 5 + round) % LENGTHS.len()];
            batch.put(Space::Edition, vec![i as u8; KEY_BYTES_MAX], value(length, round));
        }
        commit(&mut store, batch);
        store = subject.reopen(store);
        for (i, _) in LENGTHS.iter().enumerate() {
            let length = LENGTHS[(i * 5 + round) % LENGTHS.len()];
            let found = get(&store, Space::Edition, &[i as u8; KEY_BYTES_MAX]);
            assert!(found == Some(value(length, round)), "{length} bytes in round {round}");
        }
    }
}

/// A scan over large values answers in pages of bounded bytes, and loses none.
pub fn pages_of_large_values_end_early<S: Subject>(subject: &mut S) {
    let mut store = subject.fresh();
    let count = SCAN_BYTES / VALUE_BYTES_MAX + 8;
    let mut batch = Batch::default();
    for i in 0..count {
        batch.put(Space::Draft, vec![i as u8], vec![i as u8; VALUE_BYTES_MAX]);
    }
    commit(&mut store, batch);
    let first = scan(&store, Space::Draft, b"", None, SCAN_ENTRIES_MAX);
    let bytes: usize = first.entries.iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(first.more, "a page of {bytes} bytes ends early");
    assert!(bytes <= SCAN_BYTES + VALUE_BYTES_MAX + KEY_BYTES_MAX, "{bytes} bytes in one page");
    let last = first.entries.last().map(|(key, _)| key.clone()).expect("at least one entry");
    let rest = scan(&store, Space::Draft, b"", Some(&last), SCAN_ENTRIES_MAX);
    assert_eq!(first.entries.len() + rest.entries.len(), count);
    assert!(!rest.more);
}

/// A batch with one key or value beyond its bound is refused whole, and the
/// store goes on.
pub fn what_is_too_large_changes_nothing<S: Subject>(subject: &mut S) {
    let mut store = subject.fresh();
    for (key, value, what) in
        [(KEY_BYTES_MAX + 1, 1, "key"), (KEY_BYTES_MAX, VALUE_BYTES_MAX + 1, "value")]
    {
        let mut batch = Batch::default();
        batch.put(Space::Local, &b"sound"[..], &b"value"[..]);
        batch.put(Space::Local, vec![1; key], vec![2; value]);
        match store.commit(batch) {
            Err(StoreError::TooLarge { what: found, .. }) => assert_eq!(found, what),
            other => panic!("a {what} beyond its bound gave {other:?}"),
        }
        assert_eq!(get(&store, Space::Local, b"sound"), None, "nothing of a refused batch");
    }
    let mut batch = Batch::default();
    batch.put(Space::Local, vec![1; KEY_BYTES_MAX], vec![2; VALUE_BYTES_MAX]);
    commit(&mut store, batch);
    let store = subject.reopen(store);
    assert!(get(&store, Space::Local, &[1; KEY_BYTES_MAX]).is_some(), "the bounds themselves fit");
    assert_eq!(get(&store, Space::Local, &[1; KEY_BYTES_MAX + 1]), None);
}

/// What a store should hold.
pub type Model = BTreeMap<(Space, Vec<u8>), Bytes>;

/// Random puts and deletes over few keys, with reopening in between: every
/// read and every scan agrees with a sorted map.
pub fn random_batches_agree_with_a_model<S: Subject>(subject: &mut S, seed: u64) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut store = subject.fresh();
    let mut model = Model::new();
    for _ in 0..24 {
        let batch = random_batch(&mut chance);
        apply(&mut model, &batch);
        commit(&mut store, batch);
        if chance.next_u32().is_multiple_of(6) {
            store = subject.reopen(store);
        }
        agrees(&store, &model, &mut chance, seed);
    }
    let store = subject.reopen(store);
    agrees(&store, &model, &mut chance, seed);
}

/// A batch over a small set of keys, with values on both sides of 1 kB.
pub fn random_batch(chance: &mut ChaCha8Rng) -> Batch {
    let mut batch = Batch::default();
    for _ in 0..chance.next_u32() % 12 {
        let (space, key) = random_key(chance);
        if chance.next_u32().is_multiple_of(4) {
            batch.delete(space, key);
        } else {
            let length = match chance.next_u32() % 8 {
                0 => chance.next_u32() % 6_000,
                1 => 1_000 + chance.next_u32() % 50,
                _ => chance.next_u32() % 60,
            };
            let mut value = chance.next_u32().to_le_bytes().repeat(length as usize / 4 + 1);
            value.truncate(length as usize);
            batch.put(space, key, value);
        }
    }
    batch
}

fn random_key(chance: &mut ChaCha8Rng) -> (Space, Vec<u8>) {
    let space = Space::ALL[chance.next_u32() as usize % Space::ALL.len()];
    let length = 1 + chance.next_u32() as usize % 3;
    let key = (0..length).map(|_| [0, b'b', 0xff][chance.next_u32() as usize % 3]).collect();
    (space, key)
}

/// What the batch does, said once more and plainly.
pub fn apply(model: &mut Model, batch: &Batch) {
    for op in &batch.0 {
        match op {
            Op::Put { space, key, value } => model.insert((*space, key.to_vec()), value.clone()),
            Op::Delete { space, key } => model.remove(&(*space, key.to_vec())),
        };
    }
}

fn agrees<S: Store>(store: &S, model: &Model, chance: &mut ChaCha8Rng, seed: u64) {
    assert_eq!(contents(store).expect("scanning a sound store"), *model, "seed {seed}");
    for _ in 0..4 {
        let (space, key) = random_key(chance);
        let expected = model.get(&(space, key.clone())).cloned();
        assert_eq!(get(store, space, &key), expected, "seed {seed}, {space:?} {key:?}");
        let (_, after) = random_key(chance);
        let limit = chance.next_u32() as usize % 5 + 1;
        let mut expected = model.iter().filter(|((found, found_key), _)| {
            *found == space && found_key.starts_with(&key[..1]) && *found_key > after
        });
        let page = scan(store, space, &key[..1], Some(&after), limit);
        let entries = expected.by_ref().take(limit);
        let entries: Vec<_> =
            entries.map(|((_, key), value)| (key.clone().into(), value.clone())).collect();
        assert_eq!(page, Page { entries, more: expected.next().is_some() }, "seed {seed}");
    }
}

/// Everything in the store, by pages of three entries.
pub fn contents<S: Store>(store: &S) -> Result<Model, StoreError> {
    let mut found = Model::new();
    for space in Space::ALL {
        let mut after: Option<Bytes> = None;
        loop {
            let page = store.scan(space, b"", after.as_deref(), 3)?;
            after = page.entries.last().map(|(key, _)| key.clone());
            for (key, value) in page.entries {
                found.insert((space, key.to_vec()), value);
            }
            if !page.more {
                break;
            }
        }
    }
    Ok(found)
}
