//! The fold reads what Automerge reads.

use std::collections::BTreeMap;

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, ValueRef};
use proptest::prelude::*;

use super::*;
use crate::chunk::read;
use crate::value::Value;

/// What Automerge shows of a map.
fn shown(document: &AutoCommit, map: &ObjId) -> BTreeMap<String, Value> {
    let entries = document.map_range(map, ..);
    entries.map(|entry| (entry.key.to_string(), one(document, &entry.value, entry.id()))).collect()
}

fn one(document: &AutoCommit, value: &ValueRef<'_>, id: ObjId) -> Value {
    match value {
        ValueRef::Object(ObjType::Map) => Value::Map(shown(document, &id)),
        ValueRef::Object(ObjType::List) => {
            let entries = document.list_range(&id, ..);
            Value::List(entries.map(|entry| one(document, &entry.value, entry.id())).collect())
        }
        ValueRef::Object(_) => Value::Text(document.text(&id).expect("a text")),
        ValueRef::Scalar(scalar) => match ScalarValue::from(scalar.clone()) {
            ScalarValue::Str(word) => Value::Word(word.to_string()),
            ScalarValue::Int(number) => Value::Int(number),
            ScalarValue::F64(number) => Value::Float(number),
            ScalarValue::Boolean(yes) => Value::Bool(yes),
            other => panic!("the editors put no {other:?}"),
        },
    }
}

/// What an editor does; places are taken modulo what is there.
#[derive(Clone, Debug)]
enum Act {
    Put(u8, i64),
    Word(u8, String),
    Measure(u8, f64),
    Answer(u8, bool),
    Make(u8, u8),
    Delete(u8),
    Splice(u8, u8, u8, String),
    Update(u8, String),
    Insert(u8, u8, String),
    InsertMake(u8, u8, u8),
    Set(u8, u8, String),
    Remove(u8, u8),
    Merge(u8),
    Commit,
}

fn act() -> impl Strategy<Value = Act> {
    let word = "[a-dé\u{1f426}]{0,4}";
    prop_oneof![
        1 => (any::<u8>(), any::<i64>()).prop_map(|(at, n)| Act::Put(at, n)),
        1 => (any::<u8>(), word).prop_map(|(at, w)| Act::Word(at, w)),
        1 => (any::<u8>(), -1e9..1e9).prop_map(|(at, n)| Act::Measure(at, n)),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(at, b)| Act::Answer(at, b)),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(at, kind)| Act::Make(at, kind)),
        1 => any::<u8>().prop_map(Act::Delete),
        5 => (any::<u8>(), any::<u8>(), 0..4_u8, "[a-dé\u{639}]{0,9}")
            .prop_map(|(o, at, del, t)| Act::Splice(o, at, del, t)),
        2 => (any::<u8>(), "[a-d]{0,12}").prop_map(|(o, t)| Act::Update(o, t)),
        2 => (any::<u8>(), any::<u8>(), word).prop_map(|(o, at, w)| Act::Insert(o, at, w)),
        1 => (any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(o, at, k)| Act::InsertMake(o, at, k)),
        1 => (any::<u8>(), any::<u8>(), word).prop_map(|(o, at, w)| Act::Set(o, at, w)),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(o, at)| Act::Remove(o, at)),
        3 => any::<u8>().prop_map(Act::Merge),
        2 => Just(Act::Commit),
    ]
}

struct Editors {
    documents: Vec<AutoCommit>,
    objects: Vec<(ObjId, ObjType)>,
}

impl Editors {
    fn new() -> Self {
        let actors = [[3_u8; 16], [1; 16], [2; 16]];
        let mut first = AutoCommit::new().with_actor(ActorId::from(actors[0]));
        let text = first.put_object(ROOT, "t", ObjType::Text).expect("a text");
        first.splice_text(&text, 0, 0, "births are registered").expect("letters");
        let list = first.put_object(ROOT, "l", ObjType::List).expect("a list");
        first.insert(&list, 0, "TD").expect("an element");
        first.commit();
        let mut documents = vec![first];
        for actor in &actors[1..] {
            let copy = documents[0].fork().with_actor(ActorId::from(*actor));
            documents.push(copy);
        }
        let objects = vec![(ROOT, ObjType::Map), (text, ObjType::Text), (list, ObjType::List)];
        Self { documents, objects }
    }

    fn act(&mut self, editor: usize, act: &Act) {
        if let Act::Merge(from) = act {
            let from = &mut self.documents[usize::from(*from) % 3];
            from.commit();
            let mut from = from.clone();
            self.documents[editor].merge(&mut from).expect("a merge");
            return;
        }
        let document = &mut self.documents[editor];
        let object = |kinds: ObjType, at: &u8| {
            let of_kind: Vec<_> = self.objects.iter().filter(|o| o.1 == kinds).collect();
            of_kind[usize::from(*at) % of_kind.len()].0.clone()
        };
        let kind = |at: &u8| [ObjType::Map, ObjType::List, ObjType::Text][usize::from(*at) % 3];
        let key = |at: &u8| ["a", "b", "c"][usize::from(*at) % 3];
        let map = |at: &u8| object(ObjType::Map, &(at / 3));
        // An object of another editor may be unknown here: then nothing happens.
        let length = |document: &AutoCommit, object: &ObjId| document.length(object).max(1);
        let _ = match act {
            Act::Put(at, n) => document.put(map(at), key(at), *n),
            Act::Word(at, w) => document.put(map(at), key(at), w.as_str()),
            Act::Measure(at, n) => document.put(map(at), key(at), *n),
            Act::Answer(at, b) => document.put(map(at), key(at), *b),
            Act::Make(at, k) if self.objects.len() < 12 => {
                document.put_object(map(at), key(at), kind(k)).map(|id| {
                    self.objects.push((id, kind(k)));
                })
            }
            Act::Delete(at) => document.delete(map(at), key(at)),
            Act::Splice(o, at, del, text) => {
                let o = object(ObjType::Text, o);
                let at = usize::from(*at) % (document.length(&o) + 1);
                let del = usize::from(*del).min(document.length(&o) - at);
                document.splice_text(&o, at, del as isize, text)
            }
            Act::Update(o, text) => document.update_text(&object(ObjType::Text, o), text),
            Act::Insert(o, at, word) => {
                let o = object(ObjType::List, o);
                let at = usize::from(*at) % (document.length(&o) + 1);
                document.insert(&o, at, word.as_str())
            }
            Act::InsertMake(o, at, k) if self.objects.len() < 12 => {
                let o = object(ObjType::List, o);
                let at = usize::from(*at) % (document.length(&o) + 1);
                document.insert_object(&o, at, kind(k)).map(|id| self.objects.push((id, kind(k))))
            }
            Act::Set(o, at, word) => {
                let o = object(ObjType::List, o);
                let at = usize::from(*at) % length(document, &o);
                document.put(&o, at, word.as_str())
            }
            Act::Remove(o, at) => {
                let o = object(ObjType::List, o);
                let at = usize::from(*at) % length(document, &o);
                document.delete(&o, at)
            }
            _ => {
                document.commit();
                Ok(())
            }
        };
    }
}

fn folded(document: &mut AutoCommit) -> Result<Fold, Unsound> {
    let mut fold = Fold::default();
    for change in document.get_changes(&[]) {
        fold.take(&read(change.raw_bytes()).expect("an honest change"))?;
    }
    Ok(fold)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn the_fold_of_any_honest_history_shows_what_automerge_shows(
        acts in proptest::collection::vec((0..3_usize, act()), 1..60),
    ) {
        let mut editors = Editors::new();
        for (editor, act) in &acts {
            editors.act(*editor, act);
        }
        for document in &mut editors.documents {
            let deep = shown(document, &ROOT);
            let fold = folded(document);
            match fold {
                Ok(fold) => prop_assert_eq!(fold.content(Several::Latest), deep),
                Err(Unsound::Depth { .. }) => {}
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
    }
}

#[test]
fn a_passage_written_inside_another_by_two_stands_in_automerges_order() {
    let mut editors = Editors::new();
    let text = editors.objects[1].0.clone();
    editors.documents[1].splice_text(&text, 6, 0, " and deaths").expect("letters");
    editors.documents[2].splice_text(&text, 6, 0, " and marriages").expect("letters");
    editors.documents[1].commit();
    let mut other = editors.documents[1].clone();
    editors.documents[2].merge(&mut other).expect("a merge");
    let fold = folded(&mut editors.documents[2]).expect("sound");
    let merged = editors.documents[2].text(&text).expect("a text");
    assert_eq!(fold.content(Several::Latest).get("t"), Some(&Value::Text(merged.clone())));
    assert!(merged.contains(" and deaths") && merged.contains(" and marriages"), "{merged}");
}
