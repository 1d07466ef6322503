//! Whatever people write and merge with Automerge is held, in any order in
//! which causes come before effects, and is remembered as Automerge knows it.

use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, AutoCommit, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue,
};
use proptest::prelude::*;

use super::*;

/// One thing that one of four editors does.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Write {
        editor: usize,
        edits: Vec<Edit>,
        message: Option<String>,
    },
    /// A change without operations, which only joins heads.
    Join(usize),
    Merge {
        into: usize,
        from: usize,
    },
    /// The node starts again: the editor goes on under a new actor.
    Restart(usize),
}

#[derive(Clone, Debug)]
pub(super) enum Edit {
    Put(u8, i64),
    Word(u8, String),
    Other(u8),
    Increment(i64),
    Remove(u8),
    Nest(u8),
    Splice { at: usize, remove: usize, text: String },
    Update(String),
    Mark { from: usize, to: usize, name: bool },
    Unmark { from: usize, to: usize },
    Insert { at: usize, value: u8 },
    InsertMap(usize),
    Set { at: usize, value: u8 },
    Drop(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0..4_u8, any::<i64>()).prop_map(|(key, value)| Edit::Put(key, value)),
        (0..4_u8, "\\PC{0,20}").prop_map(|(key, word)| Edit::Word(key, word)),
        (0..8_u8).prop_map(Edit::Other),
        any::<i16>().prop_map(|by| Edit::Increment(by.into())),
        (0..4_u8).prop_map(Edit::Remove),
        (0..4_u8).prop_map(Edit::Nest),
        (0..90_usize, 0..9_usize, "\\PC{0,30}").prop_map(|(at, remove, text)| Edit::Splice {
            at,
            remove,
            text
        }),
        "[a-c\u{e9}\u{639}]{0,40}".prop_map(Edit::Update),
        (0..90_usize, 0..90_usize, any::<bool>()).prop_map(|(from, to, name)| Edit::Mark {
            from,
            to,
            name
        }),
        (0..90_usize, 0..90_usize).prop_map(|(from, to)| Edit::Unmark { from, to }),
        (0..20_usize, any::<u8>()).prop_map(|(at, value)| Edit::Insert { at, value }),
        (0..20_usize).prop_map(Edit::InsertMap),
        (0..20_usize, any::<u8>()).prop_map(|(at, value)| Edit::Set { at, value }),
        (0..20_usize).prop_map(Edit::Drop),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let edits = proptest::collection::vec(edit(), 1..6);
    prop_oneof![
        6 => (0..4_usize, edits, proptest::option::of("\\PC{0,40}")).prop_map(
            |(editor, edits, message)| Step::Write { editor, edits, message }
        ),
        1 => (0..4_usize).prop_map(Step::Join),
        3 => (0..4_usize, 0..4_usize).prop_map(|(into, from)| Step::Merge { into, from }),
        1 => (0..4_usize).prop_map(Step::Restart),
    ]
}

/// What every editor finds when it begins.
struct Document {
    text: ObjId,
    list: ObjId,
}

fn made(doc: &mut AutoCommit) -> Document {
    let text = doc.put_object(ROOT, "text", ObjType::Text).expect("a text");
    let list = doc.put_object(ROOT, "list", ObjType::List).expect("a list");
    doc.put(ROOT, "counter", ScalarValue::counter(1)).expect("a counter");
    doc.commit();
    Document { text, list }
}

impl Document {
    fn apply(&self, doc: &mut AutoCommit, edit: &Edit) -> Result<(), automerge::AutomergeError> {
        let letters = doc.length(&self.text);
        let items = doc.length(&self.list);
        let key = |key: &u8| format!("key {key}");
        match edit {
            Edit::Put(name, value) => doc.put(ROOT, key(name), *value),
            Edit::Word(name, word) => doc.put(ROOT, key(name), word.as_str()),
            Edit::Other(kind) => doc.put(ROOT, "other", other(*kind)),
            Edit::Increment(by) => doc.increment(ROOT, "counter", *by),
            Edit::Remove(name) => doc.delete(ROOT, key(name)),
            Edit::Nest(name) => {
                let map = doc.put_object(ROOT, key(name), ObjType::Map)?;
                let inner = doc.put_object(&map, "inner", ObjType::Text)?;
                doc.splice_text(&inner, 0, 0, "within")
            }
            Edit::Splice { at, remove, text } => {
                let at = at.min(&letters);
                doc.splice_text(&self.text, *at, *remove.min(&(letters - at)) as isize, text)
            }
            Edit::Update(text) => doc.update_text(&self.text, text),
            Edit::Mark { from, to, name } if from < to && *to <= letters => {
                let name = if *name { "bold" } else { "link" };
                let mark = Mark::new(name.to_owned(), true, *from, *to);
                doc.mark(&self.text, mark, ExpandMark::Both)
            }
            Edit::Unmark { from, to } if from < to && *to <= letters => {
                doc.unmark(&self.text, "bold", *from, *to, ExpandMark::None)
            }
            Edit::Insert { at, value } => {
                doc.insert(&self.list, *at.min(&items), u64::from(*value))
            }
            Edit::InsertMap(at) => {
                let map = doc.insert_object(&self.list, *at.min(&items), ObjType::Map)?;
                doc.put(&map, "inner", 1.5)
            }
            Edit::Set { at, value } if *at < items => doc.put(&self.list, *at, u64::from(*value)),
            Edit::Drop(at) if *at < items => doc.delete(&self.list, *at),
            _ => Ok(()),
        }
    }
}

fn other(kind: u8) -> ScalarValue {
    match kind {
        0 => ScalarValue::Null,
        1 => true.into(),
        2 => false.into(),
        3 => (-2.5).into(),
        4 => ScalarValue::Timestamp(-1_700_000_000_000),
        5 => ScalarValue::Bytes(vec![1, 2, 3]),
        6 => u64::MAX.into(),
        _ => ScalarValue::counter(i64::MIN),
    }
}

/// All changes that four editors make by these steps, as one of them finds
/// them in the end.
pub(super) fn changes(steps: &[Step]) -> Vec<Change> {
    let mut runs = 0_u8;
    let mut actor = || {
        runs += 1;
        // Neither ascending nor descending.
        ActorId::from([runs.wrapping_mul(0x9d); 16])
    };
    let mut first = AutoCommit::new().with_actor(actor());
    let document = made(&mut first);
    let mut editors: Vec<AutoCommit> = (0..4).map(|_| first.fork().with_actor(actor())).collect();
    for step in steps {
        match step {
            Step::Write { editor, edits, message } => {
                let doc = &mut editors[*editor];
                for edit in edits {
                    // A key may hold no text, or the counter be gone.
                    let _ = document.apply(doc, edit);
                }
                let options = CommitOptions::default().with_time(-7);
                doc.commit_with(match message {
                    Some(message) => {
                        options.with_message(message.chars().take(60).collect::<String>())
                    }
                    None => options,
                });
            }
            Step::Join(editor) => {
                editors[*editor].empty_change(CommitOptions::default());
            }
            Step::Merge { into, from } => {
                let mut other = editors[*from].fork();
                editors[*into].merge(&mut other).expect("a merge");
            }
            Step::Restart(editor) => {
                editors[*editor].set_actor(actor());
            }
        }
    }
    let mut all = first;
    editors.iter_mut().for_each(|doc| {
        all.merge(doc).expect("a merge");
    });
    all.get_changes(&[])
}

/// The changes in an order drawn by `choices` in which each follows its deps.
fn shuffled<'a>(changes: &'a [Change], choices: &[usize]) -> Vec<&'a Change> {
    let mut waiting: Vec<&Change> = changes.iter().collect();
    let mut order: Vec<&Change> = vec![];
    while !waiting.is_empty() {
        let came = |dep: &ChangeHash| order.iter().any(|change| change.hash() == *dep);
        let ready: Vec<usize> =
            (0..waiting.len()).filter(|&at| waiting[at].deps().iter().all(came)).collect();
        let choice = choices.get(order.len() % choices.len().max(1)).unwrap_or(&0);
        order.push(waiting.remove(ready[choice % ready.len()]));
    }
    order
}

fn held(changes: &[&Change]) -> Past {
    let mut past = Past::default();
    for change in changes {
        let chunk = read(change.raw_bytes()).expect("an honest change is well-formed");
        past.push(hold(&chunk, &past, None).expect("an honest change is held"));
    }
    past
}

fn sorted(past: &Past) -> Vec<ChangeMeta> {
    let mut metas = past.metas().to_vec();
    metas.sort_by_key(|meta| meta.hash);
    metas
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_people_write_is_held_and_remembered_as_automerge_knows_it(
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let changes = changes(&steps);
        let past = held(&changes.iter().collect::<Vec<_>>());
        prop_assert_eq!(past.metas().len(), changes.len());
        for (change, meta) in changes.iter().zip(past.metas()) {
            let chunk = read(change.raw_bytes()).expect("well-formed");
            prop_assert_eq!(chunk.time(), change.timestamp());
            prop_assert_eq!(meta.hash, change.hash().0);
            prop_assert_eq!(&meta.actor[..], change.actor_id().to_bytes());
            prop_assert_eq!(meta.seq, change.seq());
            prop_assert_eq!(meta.start_op, change.start_op().get());
            prop_assert_eq!(meta.ops, change.len() as u64);
            prop_assert_eq!(meta.bytes as usize, change.raw_bytes().len());
            prop_assert!(meta.deps.iter().eq(change.deps().iter().map(|dep| &dep.0)));
        }
    }

    #[test]
    fn the_order_of_arrival_changes_nothing_that_is_remembered(
        steps in proptest::collection::vec(step(), 0..25),
        choices in proptest::collection::vec(0..1_000_usize, 1..60),
    ) {
        let changes = changes(&steps);
        let one = held(&changes.iter().collect::<Vec<_>>());
        let other = held(&shuffled(&changes, &choices));
        let stored = Past::from_metas(sorted(&other));
        prop_assert_eq!(sorted(&one), sorted(&other));
        prop_assert_eq!(one.heads(), other.heads());
        prop_assert_eq!(one.heads(), stored.heads());
        prop_assert_eq!((one.ops(), one.bytes()), (stored.ops(), stored.bytes()));
    }

    #[test]
    fn a_change_is_held_only_once_all_that_it_follows_is(
        steps in proptest::collection::vec(step(), 1..25),
    ) {
        for change in changes(&steps) {
            let chunk = read(change.raw_bytes()).expect("well-formed");
            let held = hold(&chunk, &Past::default(), None);
            match change.deps().first() {
                Some(dep) => prop_assert_eq!(held, Err(ChunkRefused::Missing { dep: dep.0 })),
                None => prop_assert!(held.is_ok()),
            }
        }
    }
}
