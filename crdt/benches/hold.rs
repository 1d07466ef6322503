//! How long the *hold* stage takes: `cargo bench -p tern-crdt --bench hold`.

use std::hint::black_box;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ExpandedChange, ObjType, ROOT};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tern_crdt::chunk::{ChangeMeta, Past, hold, read};

const WORDS: &str = "Le bureau d'état civil enregistre les naissances au centre de santé. ";

/// One change with `fields` texts of `length` letters each, as an edition has.
fn edition(fields: usize, length: usize) -> Change {
    let mut doc = AutoCommit::new().with_actor(ActorId::from([7; 16]));
    for field in 0..fields {
        let text = doc.put_object(ROOT, format!("field {field}"), ObjType::Text).expect("a text");
        let words: String = WORDS.chars().cycle().skip(field).take(length).collect();
        doc.splice_text(&text, 0, 0, &words).expect("a splice");
        doc.put(ROOT, format!("word {field}"), "listed").expect("a word");
    }
    doc.get_last_local_change().expect("a change")
}

/// A draft of `changes` changes by two editors who merge now and then.
fn draft(changes: usize) -> Vec<Change> {
    let mut one = AutoCommit::new().with_actor(ActorId::from([1; 16]));
    let text = one.put_object(ROOT, "text", ObjType::Text).expect("a text");
    let mut two = one.fork().with_actor(ActorId::from([2; 16]));
    for n in 0..changes / 2 {
        for doc in [&mut one, &mut two] {
            doc.splice_text(&text, 0, 0, "word ").expect("a splice");
            doc.commit();
        }
        if n % 25 == 24 {
            one.merge(&mut two).expect("a merge");
            two.merge(&mut one).expect("a merge");
        }
    }
    one.merge(&mut two).expect("a merge");
    one.get_changes(&[])
}

/// The change that takes longest: 200,000 operations whose predecessors go to
/// and fro, so that each is looked up by itself.
fn slowest(draft: &[Change]) -> Change {
    let last = draft.iter().map(Change::max_op).max().expect("many changes");
    let mut heads = AutoCommit::new();
    heads.apply_changes(draft.to_vec()).expect("an honest draft");
    let actor = ActorId::from([1; 16]);
    let op = |n: u64| Op {
        action: OpType::Delete,
        obj: ObjectId::Root,
        key: Key::Map("n".into()),
        pred: vec![OpId(2 + n % 2 * 4, actor.clone())].into(),
        insert: false,
    };
    Change::from(ExpandedChange {
        operations: (0..200_000).map(op).collect(),
        actor_id: ActorId::from([3; 16]),
        hash: None,
        seq: 1,
        start_op: (last + 1).try_into().expect("not 0"),
        time: 0,
        message: None,
        deps: heads.get_heads(),
        extra_bytes: vec![],
        author: None,
    })
}

fn held(changes: &[Change]) -> Past {
    let mut past = Past::default();
    for change in changes {
        let chunk = read(change.raw_bytes()).expect("an honest change");
        past.push(hold(&chunk, &past, None).expect("an honest change"));
    }
    past
}

fn one_change(c: &mut Criterion) {
    for (name, change) in [("short", edition(1, 20)), ("5 kB", edition(24, 170))] {
        let bytes = change.raw_bytes();
        let mut group = c.benchmark_group(format!("{name} edition, {} bytes", bytes.len()));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("read", |b| b.iter(|| read(black_box(bytes)).expect("honest").seq()));
        group.bench_function("read and hold", |b| {
            let past = Past::default();
            b.iter(|| hold(&read(black_box(bytes)).expect("honest"), &past, None).expect("honest"));
        });
        group.finish();
    }
}

fn documents(c: &mut Criterion) {
    let changes = draft(9_990);
    let metas: Vec<ChangeMeta> = held(&changes).metas().to_vec();
    let mut group = c.benchmark_group(format!("a draft of {} changes", changes.len()));
    group.sample_size(10);
    group.bench_function("read and hold them all", |b| b.iter(|| held(black_box(&changes))));
    group.bench_function("from_metas", |b| b.iter(|| Past::from_metas(black_box(metas.clone()))));
    let (last, before) = changes.split_last().expect("many changes");
    let past = Past::from_metas(metas[..before.len()].to_vec());
    group.bench_function("one more, beside the last", |b| {
        b.iter(|| hold(&read(black_box(last.raw_bytes())).expect("honest"), &past, None));
    });
    let slowest = slowest(&changes);
    let all = Past::from_metas(metas.clone());
    let name = format!("one more, the slowest, {} bytes", slowest.raw_bytes().len());
    group.bench_function(name, |b| {
        b.iter(|| hold(&read(black_box(slowest.raw_bytes())).expect("bounded"), &all, None));
    });
    assert!(read(slowest.raw_bytes()).and_then(|chunk| hold(&chunk, &all, None)).is_ok());
    group.bench_function("from_metas, 10 of them", |b| {
        b.iter(|| Past::from_metas(black_box(metas[..10].to_vec())));
    });
    group.finish();
}

criterion_group!(benches, one_change, documents);
criterion_main!(benches);
