//! Changes that no honest node writes, each built to break Automerge or the
//! node that loads it. Kept for ever: the *hold* stage refuses those of
//! [`refused`], the *accept* stage has to refuse those of [`left_to_accept`].

pub(crate) mod forge;

use automerge::legacy::{Key, ObjectId, Op};
use automerge::transaction::Transactable;
use automerge::{ActorId, Author, AutoCommit, Change, ObjType, ROOT};

use super::*;
use forge::*;

pub(crate) const CHAD: [u8; 16] = [0xcd; 16];
pub(crate) const NIGER: [u8; 16] = [0x4e; 16];
pub(crate) const NEPAL: [u8; 16] = [0x0e; 16];

/// A change that must not come through.
pub(crate) struct Hostile {
    /// What it is.
    pub(crate) what: &'static str,
    /// What is held before it arrives, deps before what follows them.
    pub(crate) past: Vec<Vec<u8>>,
    /// The hostile one.
    pub(crate) change: Vec<u8>,
}

type Cases = Vec<(&'static str, Vec<Vec<u8>>, Vec<u8>, ChunkRefused)>;

/// What is refused before it is held, with the reason.
pub(crate) fn refused() -> Vec<(Hostile, ChunkRefused)> {
    [references(), sequences(), deps(), bombs(), frames(), headers(), columns(), values()]
        .into_iter()
        .flatten()
        .map(|(what, past, change, reason)| (Hostile { what, past, change }, reason))
        .collect()
}

/// The honest past of most of them: Chad makes a text (operation 1) that says
/// "abc" (2 to 4), Niger adds "x" (5), then "y" (6).
pub(crate) fn past() -> [Vec<u8>; 3] {
    let mut chad = AutoCommit::new().with_actor(ActorId::from(CHAD));
    let text = chad.put_object(ROOT, "text", ObjType::Text).expect("a text");
    chad.splice_text(&text, 0, 0, "abc").expect("letters");
    let mut niger = chad.fork().with_actor(ActorId::from(NIGER));
    niger.splice_text(&text, 3, 0, "x").expect("a letter");
    niger.commit();
    niger.splice_text(&text, 4, 0, "y").expect("a letter");
    let changes: Vec<Change> = niger.get_changes(&[]);
    changes
        .iter()
        .map(|change| change.raw_bytes().to_vec())
        .collect::<Vec<_>>()
        .try_into()
        .expect("three changes")
}

/// Two nodes that apply Niger's second change and this one in different order
/// differ for ever, and one panics.
pub(crate) fn element_outside_the_past() -> Hostile {
    let [chad, niger, again] = past();
    let z = letter(id(1, CHAD), id(6, NIGER));
    let change = raw(written(CHAD, 2, 6, &[&chad, &niger], vec![z]));
    let what = "an operation that names an element outside the change's past";
    Hostile { what, past: vec![chad, niger, again], change }
}

/// Every later edit of the document panics.
pub(crate) fn last_counter() -> Hostile {
    let [chad, ..] = past();
    let z = letter(id(1, CHAD), id(4, CHAD));
    let change = raw(written(CHAD, 2, (1 << 32) - 2, &[&chad], vec![z]));
    Hostile { what: "operations that begin at 2³² − 2", past: vec![chad], change }
}

/// The document saves, and never loads again.
pub(crate) fn own_ids_again() -> Hostile {
    let [chad, ..] = past();
    let change = raw(written(CHAD, 2, 2, &[&chad], vec![put(ObjectId::Root, vec![])]));
    Hostile { what: "operations that repeat the actor's own ids", past: vec![chad], change }
}

fn references() -> Cases {
    let [chad, niger, again] = past();
    let text = ObjectId::Id(id(1, CHAD));
    let held = || vec![chad.clone(), niger.clone(), again.clone()];
    let second = |deps: &[&[u8]], op| raw(written(CHAD, 2, 6, deps, vec![op]));
    let deps: &[&[u8]] = &[&chad, &niger];
    let foreign = |column, counter| ChunkRefused::Reference { column, counter };
    let unseen = element_outside_the_past();
    let self_named = Forged::puts(CHAD, 1).without(0x15).with(0x11, times(1, &[0]));
    let object = |counter| {
        let named = Forged::puts(CHAD, 1).with(0x01, times(1, &[0]));
        named.with(0x02, times(1, &unsigned(counter))).sealed()
    };
    vec![
        (unseen.what, unseen.past, unseen.change, foreign("counters of keys", 6)),
        (
            "an object outside the past",
            held(),
            second(deps, put(ObjectId::Id(id(6, NIGER)), vec![])),
            foreign("counters of objects", 6),
        ),
        (
            "a predecessor outside the past",
            held(),
            second(deps, put(text, vec![id(4, CHAD), id(6, NIGER)])),
            foreign("counters of predecessors", 6),
        ),
        (
            "an actor that wrote nothing in the past",
            held(),
            raw(written(CHAD, 2, 5, &[&chad], vec![letter(id(1, CHAD), id(5, NIGER))])),
            ChunkRefused::ActorForeign,
        ),
        (
            "an operation that names itself",
            vec![],
            self_named.clone().with(0x13, times(1, &[1])).sealed(),
            foreign("counters of keys", 1),
        ),
        ("an object that is made later", vec![], object(2), foreign("counters of objects", 2)),
        ("an object of number 0", vec![], object(0), foreign("counters of objects", 0)),
        (
            "a counter below 0",
            vec![],
            self_named.with(0x13, times(1, &[0x7f])).sealed(),
            unfit("counters of keys", "a counter below 0 or above 2³¹"),
        ),
        (
            "an actor by a number that stands for none",
            vec![],
            Forged::puts(CHAD, 2).with(0x01, times(2, &[1])).with(0x02, times(2, &[1])).sealed(),
            unfit("counters of objects", "an actor that it does not list"),
        ),
    ]
}

fn unfit(column: &'static str, reason: &'static str) -> ChunkRefused {
    ChunkRefused::Column { column, reason }
}

fn sequences() -> Cases {
    let [chad, niger, _] = past();
    let held = || vec![chad.clone(), niger.clone()];
    let n = || vec![put(ObjectId::Root, vec![])];
    let (last, own) = (last_counter(), own_ids_again());
    let start = |found, wanted| ChunkRefused::StartOp { found, wanted };
    let sequence = |found, wanted| ChunkRefused::Sequence { found, wanted };
    // A cloned machine: two first changes of Niger, and Nepal builds on both.
    let clone = raw(written(NIGER, 1, 5, &[&chad], n()));
    let both = raw(written(NEPAL, 1, 6, &[&niger, &clone], n()));
    vec![
        (last.what, last.past, last.change, start((1 << 32) - 2, 5)),
        (own.what, own.past, own.change, start(2, 5)),
        (
            "operations that leave a gap",
            held(),
            raw(written(CHAD, 2, 7, &[&chad, &niger], n())),
            start(7, 6),
        ),
        (
            "a second change without the first in its past",
            held(),
            raw(written(CHAD, 2, 1, &[], n())),
            sequence(2, 1),
        ),
        (
            "a second change without the first among its deps",
            held(),
            raw(written(CHAD, 2, 6, &[&niger], n())),
            ChunkRefused::Previous,
        ),
        (
            "a third after the first",
            held(),
            raw(written(CHAD, 3, 5, &[&chad], n())),
            sequence(3, 2),
        ),
        (
            "a first change on top of the first",
            held(),
            raw(written(CHAD, 1, 5, &[&chad], n())),
            sequence(1, 2),
        ),
        (
            "a past with two first changes of one actor",
            vec![chad.clone(), niger.clone(), clone],
            both,
            ChunkRefused::Equivocation { seq: 1 },
        ),
    ]
}

fn deps() -> Cases {
    let [chad, niger, _] = past();
    let following = |deps: Vec<[u8; 32]>| Forged::puts(NEPAL, 1).but(|change| change.deps = deps);
    let mut backwards = vec![hash(&chad), hash(&niger)];
    backwards.sort_by(|a, b| b.cmp(a));
    let held = || vec![chad.clone(), niger.clone()];
    vec![
        (
            "the same dep twice",
            held(),
            raw(written(CHAD, 2, 5, &[&chad, &chad], vec![put(ObjectId::Root, vec![])])),
            ChunkRefused::DepsOrder,
        ),
        (
            "deps in descending order",
            held(),
            following(backwards).sealed(),
            ChunkRefused::DepsOrder,
        ),
        (
            "65 deps",
            vec![],
            following((0..65).map(|n| [n; 32]).collect()).sealed(),
            ChunkRefused::Deps { deps: 65, max: DEPS_MAX },
        ),
        (
            "a dep that is not held",
            vec![],
            following(vec![[9; 32]]).sealed(),
            ChunkRefused::Missing { dep: [9; 32] },
        ),
    ]
}

/// One operation that claims 10⁷ predecessors, all of them the same.
pub(crate) fn predecessor_bomb() -> Vec<u8> {
    let many = 10_000_000;
    Forged::puts(CHAD, 1)
        .with(0x70, times(-1, &unsigned(many as u64)))
        .with(0x71, times(many, &[0]))
        .with(0x73, [times(-1, &[1]), times(many - 1, &[0])].concat())
        .sealed()
}

/// 10⁷ elements of a list, each after the one before.
pub(crate) fn insert_bomb() -> Vec<u8> {
    let many = 10_000_000;
    Forged::puts(CHAD, many)
        .without(0x15)
        .with(0x01, times(many, &[0]))
        .with(0x02, times(many, &[1]))
        .with(0x11, times(many, &[0]))
        .with(0x13, times(many, &[1]))
        .with(0x34, [vec![0], unsigned(many as u64)].concat())
        .sealed()
}

/// A deflated chunk whose zeros inflate a thousandfold: in this Huffman table
/// two zero bits stand for 258 bytes.
pub(crate) fn deflate_bomb(bytes: usize) -> Vec<u8> {
    let table = [0xed, 0xc0, 0x81, 0, 0, 0, 0, 0x80, 0xa0, 0xfd, 0xa9, 0x17, 0xa9];
    sealed(2, &[&table[..], &vec![0; bytes]].concat())
}

fn bombs() -> Cases {
    let operations = || ChunkRefused::Operations { max: OPERATIONS_MAX };
    let predecessors = || ChunkRefused::Predecessors { max: PREDECESSORS_MAX };
    let long =
        Forged::puts(CHAD, 1).but(|change| change.extra = vec![0; CHANGE_BYTES_MAX]).sealed();
    let short = deflate_bomb(200_000);
    let (deflated, bytes) = (deflate_bomb(1 << 20), (1 << 20) + 13 + 12);
    vec![
        ("one operation with 10⁷ predecessors", vec![], predecessor_bomb(), predecessors()),
        (
            "operations whose predecessors overflow",
            vec![],
            Forged::puts(CHAD, 1).with(0x70, times(i64::MAX, &unsigned(u64::MAX))).sealed(),
            predecessors(),
        ),
        ("10⁷ inserts", vec![], insert_bomb(), operations()),
        ("one operation too many", vec![], Forged::puts(CHAD, 200_001).sealed(), operations()),
        ("2⁶³ − 1 operations", vec![], Forged::puts(CHAD, i64::MAX).sealed(), operations()),
        (
            "a run that claims 2⁶³ values that differ",
            vec![],
            Forged::puts(CHAD, 1).with(0x42, times(i64::MIN, &[1])).sealed(),
            ChunkRefused::Cut { within: "actions" },
        ),
        ("a deflated chunk that inflates to 200 MB", vec![], short, ChunkRefused::Kind { kind: 2 }),
        (
            "a deflated chunk that inflates to 1 GB",
            vec![],
            deflated,
            ChunkRefused::TooLong { bytes, max: CHANGE_BYTES_MAX },
        ),
        (
            "a change longer than a change may be",
            vec![],
            long.clone(),
            ChunkRefused::TooLong { bytes: long.len(), max: CHANGE_BYTES_MAX },
        ),
    ]
}

fn frames() -> Cases {
    let honest = Forged::puts(CHAD, 1).sealed();
    let length = (honest.len() - 10) as u64;
    let but = |at: usize, byte: u8| {
        let mut chunk = honest.clone();
        chunk[at] = byte;
        mend(&mut chunk);
        chunk
    };
    let kind = |kind| ChunkRefused::Kind { kind };
    let mut damaged = honest.clone();
    damaged[20] ^= 1;
    let longer = [&honest[..], &[0]].concat();
    let shorter = honest[..honest.len() - 1].to_vec();
    let body = &honest[10..];
    let overlong = [&honest[..9], &[0x80 | length as u8, 0], body].concat();
    let number = ChunkRefused::Number { within: "frame" };
    vec![
        ("no bytes at all", vec![], vec![], ChunkRefused::Cut { within: "frame" }),
        ("other magic bytes", vec![], but(0, 0x84), ChunkRefused::Magic),
        ("a whole document", vec![], but(8, 0), kind(0)),
        ("a bundle", vec![], but(8, 3), kind(3)),
        ("damage", vec![], damaged, ChunkRefused::Checksum),
        (
            "a byte too many",
            vec![],
            longer,
            ChunkRefused::Length { announced: length, found: length as usize + 1 },
        ),
        (
            "a byte too few",
            vec![],
            shorter,
            ChunkRefused::Length { announced: length, found: length as usize - 1 },
        ),
        ("a length that is not in its shortest form", vec![], overlong, number),
    ]
}

/// Nepal's second change, with the footer in which Automerge names an author.
pub(crate) fn footer_on_the_second() -> Hostile {
    let first = AutoCommit::new().with_author(Some(Author::from(&[7_u8; 8][..])));
    let mut first = first.with_actor(ActorId::from(NEPAL));
    first.put(ROOT, "n", 1).expect("a number");
    let footer = first.get_last_local_change().expect("a change").extra_bytes().to_vec();
    let honest = Forged::puts(NEPAL, 1).sealed();
    let mut second = written(NEPAL, 2, 2, &[&honest], vec![put(ObjectId::Root, vec![])]);
    second.extra_bytes = footer;
    Hostile { what: "an author footer", past: vec![honest], change: raw(second) }
}

fn headers() -> Cases {
    let one = || Forged::puts(NEPAL, 1);
    let others = |others: Vec<[u8; 16]>| one().but(|change| change.others = others).sealed();
    let message = |text: &[u8]| one().but(|change| change.message = text.to_vec()).sealed();
    let footer = footer_on_the_second();
    let number = |within| ChunkRefused::Number { within };
    vec![
        (footer.what, footer.past, footer.change, ChunkRefused::Extra { bytes: 10 }),
        (
            "an actor of 15 bytes",
            vec![],
            one().but(|change| change.actor.truncate(15)).sealed(),
            ChunkRefused::ActorLength { bytes: 15 },
        ),
        ("the same other actor twice", vec![], others(vec![CHAD, CHAD]), ChunkRefused::ActorsOrder),
        ("the author as another actor", vec![], others(vec![NEPAL]), ChunkRefused::ActorsOrder),
        ("other actors out of order", vec![], others(vec![CHAD, NIGER]), ChunkRefused::ActorsOrder),
        (
            "a message of 257 bytes",
            vec![],
            message(&[b'm'; 257]),
            ChunkRefused::Message { bytes: 257, max: MESSAGE_BYTES_MAX },
        ),
        ("a message that is not text", vec![], message(&[0xff]), ChunkRefused::MessageText),
        (
            "a sequence number that is not in its shortest form",
            vec![],
            one().but(|change| change.seq = vec![0x81, 0]).sealed(),
            number("sequence number"),
        ),
        (
            "a sequence number of more than 64 bits",
            vec![],
            one().but(|change| change.seq = [vec![0xff; 9], vec![2]].concat()).sealed(),
            number("sequence number"),
        ),
    ]
}

fn columns() -> Cases {
    let two = || Forged::puts(CHAD, 2);
    let swapped = two().but(|change| change.columns.swap(0, 1)).sealed();
    let twice = two().but(|change| change.columns.insert(1, change.columns[0].clone())).sealed();
    let number = |within| ChunkRefused::Number { within };
    let lengths = "too few or too many of them";
    let halved = two().with(0x01, times(2, &[0])).sealed();
    let key = |counters: &[u8]| two().with(0x13, counters).sealed();
    vec![
        (
            "an unknown column",
            vec![],
            two().with(0x62, [1]).sealed(),
            ChunkRefused::ColumnUnknown { number: 0x62 },
        ),
        (
            "a deflated column",
            vec![],
            two().with(0x4a, [1]).sealed(),
            ChunkRefused::ColumnDeflated { number: 0x42 },
        ),
        ("columns out of order", vec![], swapped, ChunkRefused::ColumnsOrder),
        ("the same column twice", vec![], twice, ChunkRefused::ColumnsOrder),
        ("an empty column", vec![], two().with(0x34, []).sealed(), ChunkRefused::ColumnsOrder),
        (
            "an unknown action",
            vec![],
            two().with(0x42, times(2, &[8])).sealed(),
            unfit("actions", "an unknown action"),
        ),
        (
            "a missing action",
            vec![],
            two().with(0x42, [0, 2]).sealed(),
            unfit("actions", "an unknown action"),
        ),
        ("no actions", vec![], two().without(0x42).sealed(), unfit("insert marks", lengths)),
        (
            "too few insert marks",
            vec![],
            two().with(0x34, [1]).sealed(),
            unfit("insert marks", lengths),
        ),
        (
            "too many expand marks",
            vec![],
            two().with(0x94, [3]).sealed(),
            unfit("expand marks", lengths),
        ),
        (
            "too many names of marks",
            vec![],
            two().with(0xa5, times(3, b"\x01m")).sealed(),
            unfit("names of marks", lengths),
        ),
        (
            "marks without end",
            vec![],
            two().with(0x34, [1, 0, 1]).sealed(),
            unfit("insert marks", "a run of no length"),
        ),
        (
            "a run without end",
            vec![],
            two().with(0x42, [0, 0]).sealed(),
            unfit("actions", "a run of no length"),
        ),
        (
            "a run that is not in its shortest form",
            vec![],
            two().with(0x42, [0x82, 0, 1]).sealed(),
            number("actions"),
        ),
        (
            "a name that is longer than its column",
            vec![],
            two().with(0x15, times(2, b"\x02k")).sealed(),
            ChunkRefused::Cut { within: "names of keys" },
        ),
        (
            "too few keys",
            vec![],
            two().with(0x15, times(1, b"\x01k")).sealed(),
            unfit("names of keys", "too few of them"),
        ),
        (
            "too many keys",
            vec![],
            two().with(0x15, times(3, b"\x01k")).sealed(),
            unfit("names of keys", "too many of them"),
        ),
        (
            "no keys",
            vec![],
            two().without(0x15).sealed(),
            unfit("counters of keys", "an operation with no key, or two"),
        ),
        (
            "two keys for one operation",
            vec![],
            key(&[2, 0]),
            unfit("counters of keys", "an operation with no key, or two"),
        ),
        (
            "actors of objects alone",
            vec![],
            halved,
            unfit("counters of objects", "half an id, or one above 2³¹"),
        ),
        (
            "too few numbers of predecessors",
            vec![],
            two().with(0x70, times(1, &[0])).sealed(),
            unfit("numbers of predecessors", "too few of them"),
        ),
        (
            "predecessors that are not there",
            vec![],
            two().with(0x70, times(2, &[1])).sealed(),
            unfit("counters of predecessors", "half an id"),
        ),
        (
            "predecessors of no operation",
            vec![],
            two().with(0x71, times(1, &[0])).sealed(),
            unfit("actors of predecessors", "too many of them"),
        ),
    ]
}

fn values() -> Cases {
    let one = |kind: u64, value: &[u8]| {
        let change = Forged::puts(CHAD, 1).with(0x56, times(1, &unsigned(kind)));
        if value.is_empty() { change.sealed() } else { change.with(0x57, value).sealed() }
    };
    let length = unfit("values", "a value of another length than its kind has");
    vec![
        ("values without a kind", vec![], one(0, b"v"), unfit("values", "too many of them")),
        (
            "a value that is cut off",
            vec![],
            one(0x26, b"v"),
            ChunkRefused::Cut { within: "values" },
        ),
        ("a truth of one byte", vec![], one(0x12, b"v"), length.clone()),
        ("a number of no bytes", vec![], one(0x03, b""), length.clone()),
        ("a float of seven bytes", vec![], one(0x75, b"seven b"), length.clone()),
        ("a number that ends early", vec![], one(0x24, &[0, 0]), length),
        (
            "a number that is not in its shortest form",
            vec![],
            one(0x23, &[0x81, 0]),
            ChunkRefused::Number { within: "values" },
        ),
    ]
}

/// What is held and must not be accepted: its ids are in order, what it says
/// is not.
pub(crate) fn left_to_accept() -> Vec<Hostile> {
    let [chad, ..] = past();
    let in_a_letter = put(ObjectId::Id(id(2, CHAD)), vec![]);
    let nested = |depth: u64| {
        let inside = |n| ObjectId::Id(id(n, CHAD));
        let maps = (1..depth).map(|n| made(ObjType::Map, inside(n)));
        raw(written(
            CHAD,
            1,
            1,
            &[],
            std::iter::once(made(ObjType::Map, ObjectId::Root)).chain(maps).collect(),
        ))
    };
    let not_text = Forged::puts(CHAD, 1).with(0x56, times(1, &[0x16])).with(0x57, [0xff]);
    let split = Forged::puts(CHAD, 2).with(0x42, [1, 1, 1, 1]);
    let text =
        |name: &str| Op { key: Key::Map(name.into()), ..made(ObjType::Text, ObjectId::Root) };
    let first = Op { key: Key::head(), ..letter(id(1, CHAD), id(1, CHAD)) };
    let astray = letter(id(3, CHAD), id(2, CHAD));
    vec![
        Hostile {
            what: "an object id that names a character",
            change: raw(written(NIGER, 1, 5, &[&chad], vec![in_a_letter])),
            past: vec![chad],
        },
        Hostile {
            what: "an element of another text",
            past: vec![],
            change: raw(written(CHAD, 1, 1, &[], vec![text("a"), first, text("b"), astray])),
        },
        Hostile { what: "9 nested maps", past: vec![], change: nested(9) },
        Hostile { what: "10,000 nested maps", past: vec![], change: nested(10_000) },
        Hostile { what: "a word that is not UTF-8", past: vec![], change: not_text.sealed() },
        Hostile { what: "a run in two pieces", past: vec![], change: split.sealed() },
    ]
}
