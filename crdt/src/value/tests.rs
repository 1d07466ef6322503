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

proptest! {
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
