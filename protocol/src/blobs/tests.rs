//! Blobs over links that break, from sources that lie or stall: stories in
//! virtual time, each from a seed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use tern_crdt::identity::{PublicKey, SecretKey};
use tern_crdt::practice::BlobHash;
use tern_crdt::timestamp::Timestamp;

use super::*;
use crate::limits::{BLOB_BYTES_MAX, BLOB_MESSAGE_BYTES_MAX, BLOB_PATIENCE};

fn bytes(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

fn node(number: u8) -> PublicKey {
    SecretKey::from_seed(&[number; 32]).public()
}

fn hashed(bytes: &[u8]) -> (BlobHash, Shape, Vec<u8>) {
    let mut hashing = Hashing::default();
    bytes.chunks(7_001).for_each(|piece| hashing.push(piece));
    hashing.finish().expect("it is short enough")
}

/// What a source says to a question about a part.
fn part_of(bytes: &[u8], shape: Shape, lists: &[u8], part: Part) -> Vec<u8> {
    let length = shape.length(part).expect("the part is there");
    let (from, begins) = match part {
        Part::Bytes(group) => (bytes, shape.begins(group)),
        list => (lists, shape.list_begins(list).expect("it is a list")),
    };
    from[begins as usize..][..length].to_vec()
}

/// How a source behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    Honest,
    /// Sends other bytes.
    Lies,
    /// Says that it has it, and sends nothing.
    Stalls,
    /// Has every other group.
    HasHalf,
}

struct Link {
    key: PublicKey,
    habit: Habit,
    /// Bytes in a millisecond, and milliseconds one way.
    rate: u64,
    delay: i64,
    /// Cut after so many bytes, again and again.
    cut: Option<u64>,
    serving: Serving,
    carried: u64,
    /// When it has sent what it was given, in microseconds.
    free_at: i64,
    /// What is under way, there and back.
    questions: VecDeque<(i64, Question)>,
    answers: VecDeque<(i64, Vec<u8>)>,
    back_at: Option<i64>,
}

/// What a fetch came to.
#[derive(Default, Debug)]
struct Told {
    arrived: u64,
    cuts: u64,
    millis: i64,
    queue: i64,
    got: BTreeMap<Part, Vec<u8>>,
}

/// Runs a fetch to its end, in virtual time.
fn run(blob: &[u8], fetch: &mut Fetch, links: &mut [Link]) -> (Standing, Told) {
    let (_, shape, lists) = hashed(blob);
    let mut told = Told::default();
    let offered = |link: &Link| {
        (link.habit == Habit::HasHalf).then(|| {
            let mut groups = Groups::none(shape);
            (0..shape.groups()).step_by(2).for_each(|group| groups.insert(group));
            groups
        })
    };
    for link in &*links {
        fetch.offer(Timestamp(0), link.key, shape, offered(link)).expect("it is new");
    }
    let mut now = 0;
    loop {
        let at = Timestamp(now);
        let mut moved = false;
        told.millis = now;
        for stalled in fetch.stalled(at) {
            fetch.gone(stalled);
        }
        for link in links.iter_mut() {
            if link.back_at.is_some_and(|back| back <= now) && !fetch.is_liar(link.key) {
                link.back_at = None;
                link.serving = Serving::of(shape);
                let _ = fetch.offer(at, link.key, shape, offered(link));
            }
            while let Some(question) = fetch.ask(at, link.key) {
                link.questions.push_back((now + link.delay, question));
            }
            while link.questions.front().is_some_and(|(arrives, _)| *arrives <= now) {
                let Some((_, Question::Ask { parts, go })) = link.questions.pop_front() else {
                    panic!("only asks are sent here")
                };
                link.serving.asked(parts, go).expect("an honest asker");
                while link.habit != Habit::Stalls
                    && let Some(chunk) = link.serving.next_chunk()
                {
                    let mut sent = part_of(blob, shape, &lists, chunk.part);
                    sent = sent[chunk.begins..][..chunk.length].to_vec();
                    if link.habit == Habit::Lies && matches!(chunk.part, Part::Bytes(3..)) {
                        sent[0] ^= 1;
                    }
                    let takes = (sent.len() as u64 * 1_000 / link.rate) as i64;
                    told.queue = told.queue.max(link.free_at / 1_000 - now);
                    link.free_at = link.free_at.max(now * 1_000) + takes;
                    link.answers.push_back((link.free_at / 1_000 + link.delay, sent));
                }
            }
            while link.answers.front().is_some_and(|(arrives, _)| *arrives <= now) {
                let Some((_, sent)) = link.answers.pop_front() else { break };
                link.carried += sent.len() as u64;
                if link.cut.is_some_and(|cut| link.carried > cut) {
                    told.cuts += 1;
                    (link.carried, link.free_at) = (0, now * 1_000);
                    link.questions.clear();
                    link.answers.clear();
                    fetch.gone(link.key);
                    link.back_at = Some(now + 1_000);
                    break;
                }
                told.arrived += sent.len() as u64;
                moved = true;
                for kept in fetch.received(at, link.key, &sent).0 {
                    let before = told.got.insert(kept.part, kept.bytes);
                    assert_eq!(before, None, "{:?} was fetched twice", kept.part);
                }
            }
        }
        let waits = links.iter().any(|link| link.back_at.is_some());
        match fetch.standing() {
            Standing::Running => {}
            Standing::Nobody if waits => {}
            end => return (end, told),
        }
        let arrives = |link: &Link| {
            let (question, answer) = (link.questions.front(), link.answers.front());
            let first = question.map(|(at, _)| *at).into_iter().chain(answer.map(|(at, _)| *at));
            first.chain(link.back_at).min()
        };
        let next = links.iter().filter_map(arrives).min().unwrap_or(now + BLOB_PATIENCE);
        now = if moved { now + 1 } else { next.min(now + BLOB_PATIENCE / 10).max(now + 1) };
        assert!(now < 100_000_000, "it never ends");
    }
}

fn link(number: u8, habit: Habit, rate: u64, delay: i64) -> Link {
    Link {
        key: node(number),
        habit,
        rate,
        delay,
        cut: None,
        serving: Serving::of(Shape::of(0).expect("it is short")),
        carried: 0,
        free_at: 0,
        questions: VecDeque::new(),
        answers: VecDeque::new(),
        back_at: None,
    }
}

/// Begins a fetch, with sources that know the blob's size.
fn begin(blob: &[u8], links: &mut [Link]) -> Fetch {
    let (hash, shape, _) = hashed(blob);
    links.iter_mut().for_each(|link| link.serving = Serving::of(shape));
    Fetch::new(Tree::unknown(hash, shape), Groups::none(shape))
}

fn together(blob: &[u8], told: &Told) -> Vec<u8> {
    let shape = Shape::of(blob.len() as u64).expect("it is short");
    (0..shape.groups()).flat_map(|group| told.got[&Part::Bytes(group)].clone()).collect()
}

#[test]
fn the_hash_of_a_blob_is_blake3_and_its_lists_verify_it() {
    let (group, section) = (GROUP_BYTES, GROUP_BYTES * SECTION_GROUPS as usize);
    let lengths =
        [1, 100, group - 1, group, group + 1, 3 * group, section, section + 1, 2 * section + 9];
    for length in [0].into_iter().chain(lengths) {
        let blob = bytes(length, 7);
        let (hash, shape, lists) = hashed(&blob);
        assert_eq!(hash.0, *blake3::hash(&blob).as_bytes(), "{length} bytes");
        assert_eq!(lists.len() as u64, shape.lists_length(), "{length} bytes");
        let tree = Tree::read(hash, shape, &lists);
        for group in 0..shape.groups() {
            let mut bytes = part_of(&blob, shape, &lists, Part::Bytes(group));
            assert!(tree.fits(group, &bytes), "group {group} of {length} bytes");
            assert!(!tree.fits(group + 1, &bytes) || shape.bytes() == 0);
            if let Some(byte) = bytes.last_mut() {
                *byte ^= 1;
                assert!(!tree.fits(group, &bytes));
            }
        }
        assert!(tree.verifiable().is_whole());
    }
}

#[test]
fn a_list_with_one_wrong_bit_is_not_known_and_what_hangs_on_it_neither() {
    let blob = bytes(9 * 1024 * 1024, 3);
    let (hash, shape, mut lists) = hashed(&blob);
    let at = shape.list_begins(Part::Groups(1)).expect("it has two sections") as usize;
    lists[at] ^= 1;
    let tree = Tree::read(hash, shape, &lists);
    assert_eq!((tree.lacks(0), tree.lacks(1)), (None, Some(Part::Groups(1))));
    let fetch = Fetch::new(tree, Groups::all(shape));
    assert_eq!(fetch.have().len(), SECTION_GROUPS, "the second section is fetched again");
    lists[0] ^= 1;
    assert_eq!(Tree::read(hash, shape, &lists).lacks(0), Some(Part::Sections));
}

#[test]
fn the_largest_blob_has_lists_of_one_part() {
    let shape = Shape::of(BLOB_BYTES_MAX).expect("it is allowed");
    assert_eq!(shape.length(Part::Sections), Some(PART_BYTES_MAX));
    assert_eq!(shape.length(Part::Groups(511)), Some(PART_BYTES_MAX));
    assert_eq!(shape.length(Part::Groups(512)), None);
    let have = Answer::Have { shape, groups: Some(Groups::all(shape)) };
    assert!(have.encode().len() < BLOB_MESSAGE_BYTES_MAX);
    assert_eq!(Answer::decode(&have.encode()), Ok(have));
    assert_eq!(Shape::of(BLOB_BYTES_MAX + 1), None);
}

#[test]
fn a_file_of_64_megabytes_over_a_link_that_is_cut_every_480_kilobytes_wastes_little() {
    let blob = bytes(64_000_000, 1);
    let mut links = [link(1, Habit::Honest, 60, 300)];
    links[0].cut = Some(480_000);
    let mut fetch = begin(&blob, &mut links);
    let (end, told) = run(&blob, &mut fetch, &mut links);
    assert_eq!(end, Standing::Whole);
    assert_eq!(together(&blob, &told), blob);
    let waste = told.arrived as f64 / blob.len() as f64 - 1.0;
    assert!(told.cuts > 130, "{} cuts", told.cuts);
    assert!(waste < 0.03, "{waste}");
}

#[test]
fn a_thin_link_is_filled_and_its_queue_stays_short() {
    // A telephone: 50 kbit/s, 800 ms there and back.
    let blob = bytes(400_000, 2);
    let mut links = [link(1, Habit::Honest, 6, 400)];
    let mut fetch = begin(&blob, &mut links);
    let (end, told) = run(&blob, &mut fetch, &mut links);
    assert_eq!(end, Standing::Whole);
    let rate = blob.len() as f64 / told.millis as f64;
    assert!(rate > 6.0 * 0.8, "it uses {rate} of 6 bytes in a millisecond");
    assert!(told.queue < 1_500, "others wait {} ms behind it", told.queue);
}

#[test]
fn a_fast_link_far_away_is_filled() {
    let blob = bytes(20_000_000, 2);
    let mut links = [link(1, Habit::Honest, 1_250, 300)];
    let mut fetch = begin(&blob, &mut links);
    let (_, told) = run(&blob, &mut fetch, &mut links);
    let rate = blob.len() as f64 / told.millis as f64;
    assert!(rate > 1_250.0 * 0.6, "it uses {rate} of 1,250 bytes in a millisecond");
}

#[test]
fn a_liar_is_left_and_what_it_was_asked_for_comes_from_others() {
    let blob = bytes(3_000_000, 4);
    let mut links = [link(1, Habit::Lies, 500, 10), link(2, Habit::Honest, 100, 50)];
    let mut fetch = begin(&blob, &mut links);
    let (end, told) = run(&blob, &mut fetch, &mut links);
    assert_eq!(end, Standing::Whole);
    assert!(fetch.is_liar(node(1)) && !fetch.is_liar(node(2)));
    assert_eq!(together(&blob, &told), blob);
    let again = fetch.offer(Timestamp(0), node(1), fetch.tree().shape(), None);
    assert_eq!(again, Err(OfferRefused::Liar));
}

#[test]
fn who_sends_nothing_is_left_after_a_while() {
    let blob = bytes(300_000, 4);
    let mut links = [link(1, Habit::Stalls, 500, 10), link(2, Habit::Honest, 100, 50)];
    let mut fetch = begin(&blob, &mut links);
    let (end, told) = run(&blob, &mut fetch, &mut links);
    assert_eq!(end, Standing::Whole);
    assert!(told.millis > BLOB_PATIENCE && told.millis < BLOB_PATIENCE + 10_000);
}

#[test]
fn when_nobody_has_the_rest_it_says_so_and_keeps_what_came() {
    let blob = bytes(300_000, 4);
    let mut links = [link(1, Habit::HasHalf, 500, 10), link(2, Habit::Lies, 500, 10)];
    let mut fetch = begin(&blob, &mut links);
    let (end, told) = run(&blob, &mut fetch, &mut links);
    assert_eq!(end, Standing::Nobody);
    assert!(fetch.have().len() >= 10 && !fetch.have().is_whole());
    // Later somebody else is there.
    let mut links = [link(3, Habit::Honest, 500, 10)];
    links[0].serving = Serving::of(fetch.tree().shape());
    let (end, later) = run(&blob, &mut fetch, &mut links);
    assert_eq!(end, Standing::Whole);
    let parts = |told: &Told| told.got.keys().copied().collect::<BTreeSet<_>>();
    assert!(parts(&told).is_disjoint(&parts(&later)), "nothing is fetched twice");
}

#[test]
fn another_size_than_was_named_is_not_taken_and_what_nobody_asked_for_is_a_lie() {
    let (hash, shape, _) = hashed(&bytes(100_000, 1));
    let mut fetch = Fetch::new(Tree::unknown(hash, shape), Groups::none(shape));
    let huge = Shape::of(BLOB_BYTES_MAX).expect("it is allowed");
    let refused = fetch.offer(Timestamp(0), node(1), huge, None).expect_err("another size");
    assert_eq!(refused.to_string(), "says that it has 4294967296 bytes, where 100000 were named");
    fetch.offer(Timestamp(0), node(2), shape, None).expect("the same size");
    let (kept, lie) = fetch.received(Timestamp(0), node(2), &[0; 10]);
    assert_eq!((kept.len(), lie), (0, Err(Lie::Unasked)));
    assert_eq!(fetch.standing(), Standing::Nobody);
}

#[test]
fn an_asker_that_wants_too_much_or_what_is_not_there_is_refused() {
    let mut serving = Serving::of(Shape::of(100_000).expect("it is short"));
    assert!(serving.asked(vec![Part::Bytes(7)], 0).is_err());
    assert!(serving.asked(vec![Part::Sections], 0).is_err());
    assert!(serving.asked(vec![Part::Bytes(0); 64], 1 << 20).is_ok());
    assert!(serving.asked(vec![], 1).is_err());
    assert!(serving.asked(vec![Part::Bytes(0); 65], 0).is_err());
}

fn question() -> impl Strategy<Value = Question> {
    let part = prop_oneof![
        Just(Part::Sections),
        any::<u32>().prop_map(|n| Part::Groups(n / 2)),
        any::<u32>().prop_map(|n| Part::Bytes(n / 2)),
    ];
    prop_oneof![
        (any::<u16>(), any::<[u8; 32]>())
            .prop_map(|(version, hash)| Question::Want { version, hash: BlobHash(hash) }),
        (prop::collection::vec(part, 0..64), 0..1_048_576_u32)
            .prop_map(|(parts, go)| Question::Ask { parts, go }),
    ]
}

proptest! {
    #[test]
    fn questions_survive_the_wire(question in question()) {
        prop_assert_eq!(Question::decode(&question.encode()), Ok(question));
    }

    #[test]
    fn other_bytes_are_refused_or_read_and_cost_nothing(
        mut bytes in prop::collection::vec(any::<u8>(), 0..200), honest in question(),
        at in any::<prop::sample::Index>(),
    ) {
        let _ = (Question::decode(&bytes), Answer::decode(&bytes));
        bytes = honest.encode();
        let at = at.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        let _ = (Question::decode(&bytes), Answer::decode(&bytes));
    }

    #[test]
    fn groups_survive_the_wire(count in 1..2_000_u64, held in prop::collection::vec(0..2_000_u32, 0..50)) {
        let shape = Shape::of(count * GROUP_BYTES as u64).expect("it is short");
        let mut groups = Groups::none(shape);
        held.iter().for_each(|group| groups.insert(*group));
        prop_assert_eq!(Groups::read(shape, &groups.to_bytes()), Some(groups.clone()));
        let inside: BTreeSet<u32> = held.into_iter().filter(|g| u64::from(*g) < count).collect();
        prop_assert_eq!(groups.len() as usize, inside.len());
        let none = Groups::none(shape);
        prop_assert!(none.lacking(&groups, 0).eq(inside.iter().copied()));
        prop_assert_eq!(groups.first_lacking(), (0..count as u32).find(|g| !inside.contains(g)));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_blob_comes_whole_from_any_sources_however_they_are_cut(
        length in 1..2_000_000_usize, seed in any::<u64>(),
        cuts in prop::collection::vec(prop::option::of(40_000..400_000_u64), 1..4),
        lies in any::<bool>(),
    ) {
        let blob = bytes(length, seed);
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let mut links: Vec<Link> = (1..).zip(cuts).map(|(number, cut)| {
            let (rate, delay) = (20 + chance.next_u64() % 500, (chance.next_u64() % 200) as i64);
            let mut link = link(number, Habit::Honest, rate, delay);
            link.cut = cut;
            link
        }).collect();
        if lies {
            links.insert(0, link(99, Habit::Lies, 900, 5));
        }
        let mut fetch = begin(&blob, &mut links);
        let (end, told) = run(&blob, &mut fetch, &mut links);
        prop_assert_eq!(end, Standing::Whole);
        prop_assert!(together(&blob, &told) == blob);
        // Of each cut one part is lost, and what the liar was asked for.
        let lists = fetch.tree().shape().lists_length();
        let bound = blob.len() as u64 + lists + told.cuts * PART_BYTES_MAX as u64 + (1 << 20);
        prop_assert!(told.arrived <= bound, "{} of {} arrived", told.arrived, bound);
    }
}

/// The bytes 0 to 250, again and again.
fn counted(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_specification_gives_vectors_of_hashes_lists_and_messages() {
    let (hash, shape, lists) = hashed(&counted(40_000));
    let (large, shape_of_large, lists_of_large) = hashed(&counted(9_000_000));
    let sections = shape_of_large.length(Part::Sections).expect("it has two");
    let mut some = Groups::none(shape);
    some.insert(1);
    let want = Question::Want { version: message::VERSION, hash };
    let ask = Question::Ask {
        parts: vec![Part::Groups(0), Part::Bytes(0), Part::Bytes(1), Part::Bytes(2)],
        go: 4_096,
    };
    let vectors = [
        hash.to_string(),
        hex(&lists),
        large.to_string(),
        hex(&lists_of_large[..sections]),
        hex(&want.encode()),
        hex(&ask.encode()),
        hex(&Answer::Have { shape, groups: None }.encode()),
        hex(&Answer::Have { shape, groups: Some(some) }.encode()),
        hex(&Answer::Lack(Lack::Busy).encode()),
        hex(&Answer::Data(vec![1, 2, 3]).encode()),
    ];
    let specification: String =
        include_str!("../../SPEC.md").split_whitespace().collect::<Vec<_>>().concat();
    for vector in vectors {
        assert!(specification.contains(&vector), "{vector}");
    }
}
