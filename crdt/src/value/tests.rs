use proptest::prelude::*;

use super::*;

fn content<const N: usize>(entries: [(&str, Value); N]) -> BTreeMap<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn golden() -> BTreeMap<String, Value> {
    let title = content([("en", Value::Text("Desks".into())), ("fr", Value::Text("Été".into()))]);
    content([
        ("title", Value::Map(title)),
        ("countries", Value::List(vec![Value::Word("TD".into()), Value::Word("NE".into())])),
        ("ongoing", Value::Bool(true)),
        ("lat", Value::Float(-0.5)),
        ("numbers", Value::List([0, 23, 24, 256, 65_536, -1, -500].map(Value::Int).to_vec())),
    ])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The vector of section 6 of the specification.
#[test]
fn the_canonical_form_is_the_one_that_the_specification_shows() {
    assert_eq!(
        hex(&canonical(&golden())),
        "a569636f756e747269657382425444424e45636c6174fbbfe0000000000000676e756d62657273870017\
         18181901001a00010000203901f3676f6e676f696e67f5657469746c65a262656e654465736b73626672\
         65c38974c3a9"
    );
    assert_eq!(
        hex(&content_hash(&golden())),
        "9b35e542ee3c9dcc21f11616bbf32d32db163aea31994ec2ee112bac5729c8a9"
    );
}

#[test]
fn a_word_and_a_text_of_the_same_letters_differ() {
    let word = content([("a", Value::Word("x".into()))]);
    let text = content([("a", Value::Text("x".into()))]);
    assert_ne!(content_hash(&word), content_hash(&text));
}

#[test]
fn zero_has_one_form() {
    let zero = |number: f64| canonical(&content([("a", Value::Float(number))]));
    assert_eq!(zero(0.0), zero(-0.0));
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1e300..1e300).prop_map(Value::Float),
        "\\PC{0,30}".prop_map(Value::Word),
        "\\PC{0,300}".prop_map(Value::Text),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::btree_map("\\PC{0,5}", inner, 0..5).prop_map(Value::Map),
        ]
    })
}

/// Reads the canonical form back, as an independent verifier would.
fn read(d: &mut minicbor::Decoder<'_>) -> Value {
    use minicbor::data::Type;
    match d.datatype().expect("a value") {
        Type::Bool => Value::Bool(d.bool().expect("a truth")),
        Type::F64 => Value::Float(d.f64().expect("a number")),
        Type::Bytes => {
            Value::Word(String::from_utf8(d.bytes().expect("a word").to_vec()).expect("UTF-8"))
        }
        Type::String => Value::Text(d.str().expect("a text").to_owned()),
        Type::Array => {
            let count = d.array().expect("a list").expect("a definite length");
            Value::List((0..count).map(|_| read(d)).collect())
        }
        Type::Map => {
            let count = d.map().expect("a map").expect("a definite length");
            let entry = |_| (d.str().expect("a key").to_owned(), read(d));
            Value::Map((0..count).map(entry).collect())
        }
        _ => Value::Int(d.i64().expect("an integer")),
    }
}

/// As many levels of lists inside a map, the tree itself being the first.
fn nested(levels: usize) -> Tree {
    let deepest = Value::List(Vec::new());
    let list = (2..levels).fold(deepest, |inside, _| Value::List(vec![inside]));
    Tree(content([("a", list)]))
}

/// Bytes as somebody would forge them, by hand.
const FORGED: &[(&str, &[u8], TreeRefused)] = &[
    ("nothing", &[], TreeRefused::Malformed),
    ("no map", &[0x80], TreeRefused::Malformed),
    ("a key without its value", &[0xa1, 0x61, b'a'], TreeRefused::Malformed),
    ("a key that is a word", &[0xa1, 0x41, b'a', 0xf5], TreeRefused::Malformed),
    ("null", &[0xa1, 0x61, b'a', 0xf6], TreeRefused::Malformed),
    ("a tag", &[0xa1, 0x61, b'a', 0xc1, 0x00], TreeRefused::Malformed),
    ("a float of 32 bits", &[0xa1, 0x61, b'a', 0xfa, 0, 0, 0, 0], TreeRefused::Malformed),
    (
        "2\u{2076}\u{2074} - 1",
        &[0xa1, 0x61, b'a', 0x1b, 255, 255, 255, 255, 255, 255, 255, 255],
        TreeRefused::Malformed,
    ),
    ("letters that are none", &[0xa1, 0x61, b'a', 0x41, 0xff], TreeRefused::Malformed),
    ("a long head", &[0xa1, 0x61, b'a', 0x18, 0x07], TreeRefused::NotCanonical),
    ("a long head of a map", &[0xb8, 0x01, 0x61, b'a', 0xf5], TreeRefused::NotCanonical),
    ("a map without a length", &[0xbf, 0xff], TreeRefused::NotCanonical),
    ("a list without a length", &[0xa1, 0x61, b'a', 0x9f, 0xff], TreeRefused::NotCanonical),
    ("a text without a length", &[0xa1, 0x61, b'a', 0x7f, 0xff], TreeRefused::NotCanonical),
    ("keys that descend", &[0xa2, 0x61, b'b', 0xf5, 0x61, b'a', 0xf5], TreeRefused::NotCanonical),
    ("a key twice", &[0xa2, 0x61, b'a', 0xf5, 0x61, b'a', 0xf5], TreeRefused::NotCanonical),
    (
        "less than nothing",
        &[0xa1, 0x61, b'a', 0xfb, 0x80, 0, 0, 0, 0, 0, 0, 0],
        TreeRefused::NotCanonical,
    ),
    ("infinity", &[0xa1, 0x61, b'a', 0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], TreeRefused::NotFinite),
    ("4 billion entries", &[0xba, 255, 255, 255, 255], TreeRefused::TooMany),
    (
        "10\u{b9}\u{2079} values",
        &[0xa1, 0x61, b'a', 0x9b, 255, 0, 0, 0, 0, 0, 0, 0],
        TreeRefused::TooMany,
    ),
    ("one byte more", &[0xa0, 0x00], TreeRefused::Trailing),
];

#[test]
fn a_tree_in_any_but_its_one_form_is_refused() {
    for (name, bytes, refused) in FORGED {
        assert_eq!(Tree::from_bytes(bytes), Err(*refused), "{name}");
    }
    assert_eq!(Tree::from_bytes(&[0xa0]), Ok(Tree::default()));
}

#[test]
fn a_tree_has_at_most_eight_levels() {
    let eight = nested(TREE_LEVELS_MAX);
    assert_eq!(eight.check(), Ok(()));
    assert_eq!(Tree::from_bytes(&eight.to_bytes()), Ok(eight));
    let nine = nested(TREE_LEVELS_MAX + 1);
    assert_eq!(nine.check(), Err(TreeRefused::TooDeep));
    assert_eq!(Tree::from_bytes(&nine.to_bytes()), Err(TreeRefused::TooDeep));
    let mut bottomless = vec![0xa1, 0x61, b'a'];
    bottomless.resize(60_000, 0x81);
    assert_eq!(Tree::from_bytes(&bottomless), Err(TreeRefused::TooDeep));
}

#[test]
fn the_entries_of_a_tree_are_counted_together() {
    let full = |more: u64| {
        let half = |count: u64| Value::List(vec![Value::Bool(true); count as usize]);
        let left = TREE_ENTRIES_MAX - 2 - 1_000;
        Tree(content([("a", half(left)), ("b", half(1_000 + more))]))
    };
    assert_eq!(full(0).check(), Ok(()));
    assert!(Tree::from_bytes(&full(0).to_bytes()).is_ok());
    assert_eq!(full(1).check(), Err(TreeRefused::TooMany));
    assert_eq!(Tree::from_bytes(&full(1).to_bytes()), Err(TreeRefused::TooMany));
}

#[test]
fn a_number_that_is_none_is_noticed_before_it_is_written() {
    let tree = Tree(content([("a", Value::List(vec![Value::Float(f64::NAN)]))]));
    assert_eq!(tree.check(), Err(TreeRefused::NotFinite));
}

proptest! {
    #[test]
    fn a_tree_reads_back_alone_and_among_others(
        one in proptest::collection::btree_map("\\PC{0,5}", tree(), 0..5).prop_map(Tree),
        other in proptest::collection::btree_map("\\PC{0,5}", tree(), 0..5).prop_map(Tree),
    ) {
        prop_assert_eq!(one.check(), Ok(()));
        prop_assert_eq!(&Tree::from_bytes(&one.to_bytes()), &Ok(one.clone()));
        let pair = (one, other);
        let bytes = minicbor::to_vec(&pair).expect("a Vec holds it");
        prop_assert_eq!(minicbor::decode::<(Tree, Tree)>(&bytes).expect("two trees"), pair);
    }

    #[test]
    fn damaged_bytes_are_refused_or_mean_something_else(
        tree in proptest::collection::btree_map("\\PC{0,5}", tree(), 0..5).prop_map(Tree),
        at in any::<proptest::sample::Index>(), flip in 1..=255_u8,
    ) {
        let mut bytes = tree.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(read) = Tree::from_bytes(&bytes) {
            prop_assert_ne!(&read, &tree);
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_are_what_they_say(
        bytes in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        if let Ok(read) = Tree::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
            prop_assert_eq!(read.check(), Ok(()));
        }
    }

    #[test]
    fn the_canonical_form_of_any_tree_reads_back_as_that_tree(
        tree in proptest::collection::btree_map("\\PC{0,5}", tree(), 0..5),
    ) {
        let bytes = canonical(&tree);
        let mut d = minicbor::Decoder::new(&bytes);
        prop_assert_eq!(read(&mut d), Value::Map(tree));
        prop_assert_eq!(d.position(), bytes.len());
    }

    #[test]
    fn the_order_in_which_entries_came_makes_no_difference(
        mut entries in proptest::collection::vec(("[a-z]{1,4}", any::<i64>()), 0..8),
    ) {
        entries.sort();
        entries.dedup_by(|a, b| a.0 == b.0);
        let tree = |entries: &[(String, i64)]| -> BTreeMap<String, Value> {
            entries.iter().map(|(key, number)| (key.clone(), Value::Int(*number))).collect()
        };
        let sorted = canonical(&tree(&entries));
        entries.reverse();
        prop_assert_eq!(sorted, canonical(&tree(&entries)));
    }
}
