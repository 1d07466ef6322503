//! What authority and verdicts cost, beside the limit of Ed25519 itself.

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tern_crdt::authority::{
    Admit, Authority, Certificate, Charter, Genesis, Grant, Profile, Role, Roles,
};
use tern_crdt::chunk::{ChangeMeta, Past};
use tern_crdt::identity::{
    ActorId, CertificateId, DocumentId, FederationId, OrgId, RecordId, SecretKey, actor_id, digest,
};
use tern_crdt::segment::Segment;
use tern_crdt::segment::brief::Brief;
use tern_crdt::signed::{Record, Statement, Verified};
use tern_crdt::timestamp::Timestamp;
use tern_crdt::verdict::{Held, Signature, judge};

fn key(number: u32) -> SecretKey {
    SecretKey::from_seed(&digest("bench", &[&number.to_le_bytes()]))
}

struct Hub {
    federation: FederationId,
    records: Vec<Verified>,
    orgs: Vec<OrgId>,
    people: Vec<(SecretKey, CertificateId)>,
}

/// Organisations with so many certificates each; the first is the steward.
fn hub(organisations: u32, certificates: u32) -> Hub {
    let genesis = |number: u32| Genesis {
        root: key(number * 1_000).public(),
        desk: [0; 32],
        next: None,
        profile: Profile {
            names: [("en".to_owned(), format!("Ministry {number}"))].into(),
            ..Profile::default()
        },
        spares: None,
    };
    let orgs: Vec<OrgId> =
        (0..organisations).map(|number| genesis(number).prepare().id().cast()).collect();
    let charter = Charter {
        n: 0,
        prev: None,
        name: "Hub".into(),
        stewards: vec![orgs[0]],
        recall: 0,
        roster: vec![],
        supersedes: vec![],
        rules: 1,
        nonce: [1; 16],
        policies: None,
    };
    let federation: FederationId = charter.prepare().id().cast();
    let steward = key(0);
    let mut records = vec![charter.prepare().sign(federation, &steward)];
    let mut people = Vec::new();
    for number in 0..organisations {
        let (root, org) = (key(number * 1_000), orgs[number as usize]);
        records.push(Admit { org, after: vec![] }.prepare().sign(federation, &steward));
        records.push(genesis(number).prepare().sign(federation, &root));
        let mut prev: RecordId = org.cast();
        for person in 1..=certificates {
            let holder = key(number * 1_000 + person);
            let certificate = Certificate {
                key: holder.public(),
                encryption: None,
                roles: Roles::of(&[Role::Contributor]),
                scope: None,
                quota: None,
                last_beacon: None,
            };
            let grant = Grant { org, prev: vec![prev], certificate }.prepare();
            prev = grant.id();
            people.push((holder, prev.cast()));
            records.push(grant.sign(federation, &root));
        }
    }
    let verified = records.into_iter().map(|r| r.verify(federation).expect("signed here"));
    Hub { federation, records: verified.collect(), orgs, people }
}

/// So many changes by the first writers in turn, each after all before it.
fn document(hub: &Hub, changes: u64, writers: usize) -> (Past, Vec<Segment>, [u8; 32]) {
    let id = DocumentId::new([7; 32]);
    let nonce = |writer: usize| [writer as u8; 16];
    let actor = |writer: usize| -> ActorId {
        actor_id(hub.federation, id, hub.people[writer].1, &nonce(writer))
    };
    let mut metas: Vec<ChangeMeta> = Vec::new();
    let mut last: Vec<Option<[u8; 32]>> = vec![None; writers];
    for number in 0..changes {
        let writer = number as usize % writers;
        let mut deps: Vec<[u8; 32]> =
            metas.last().map(|meta| meta.hash).into_iter().chain(last[writer]).collect();
        deps.sort_unstable();
        deps.dedup();
        let hash = digest("change", &[&number.to_le_bytes()]);
        last[writer] = Some(hash);
        metas.push(ChangeMeta {
            hash,
            actor: actor(writer),
            seq: number / writers as u64 + 1,
            start_op: number + 1,
            ops: 1,
            deps,
            bytes: 100,
            depth: number as u32 + 1,
        });
    }
    let segments = (0..writers).map(|writer| {
        let own: Vec<ChangeMeta> =
            metas.iter().filter(|meta| meta.actor == actor(writer)).cloned().collect();
        let by = hub.people[writer].1;
        Segment::covering(by, id, nonce(writer), &own, Timestamp(0)).expect("a run")
    });
    let segments = segments.collect();
    (Past::from_metas(metas), segments, *id.as_bytes())
}

fn signatures(c: &mut Criterion) {
    let hub = hub(1, 1);
    let (holder, _) = &hub.people[0];
    let mut group = c.benchmark_group("signatures");
    group.throughput(Throughput::Elements(1));
    let message = [3; 200];
    let signature = holder.sign(&message);
    let public = holder.public();
    group.bench_function("ed25519 alone, 200 bytes", |b| {
        b.iter(|| public.verifies(black_box(&message), &signature));
    });
    let (past, segments, _) = document(&hub, 100, 1);
    let record = segments[0].prepare().sign(hub.federation, holder);
    let bytes = record.to_bytes();
    let verified = record.clone().verify(hub.federation).expect("signed here");
    let segment = verified.read::<Segment>().expect("a segment");
    let length = |brief: Option<Brief>| {
        brief.map_or(0, |brief| minicbor::to_vec(brief).map_or(0, |bytes| bytes.len()))
    };
    println!(
        "a segment of 100 changes by one author: {} bytes as a record, {} in brief; a live save {}",
        bytes.len(),
        length(Brief::whole(&segment)),
        length(Brief::after(&segment, &segments[0].head)),
    );
    group.bench_function("a segment of 100 changes: read, verified, whole", |b| {
        b.iter(|| {
            let record = Record::from_bytes(black_box(&bytes)).expect("well formed");
            let verified = record.verify(hub.federation).expect("signed");
            let segment = verified.read::<Segment>().expect("a segment");
            segment.body().whole(hub.federation, &past).map(|changes| changes.len())
        });
    });
    group.finish();
}

fn folds(c: &mut Criterion) {
    let hub = hub(200, 10);
    let mut group = c.benchmark_group("authority");
    group.sample_size(20);
    group.bench_function("200 organisations, 2,000 certificates: taken in and folded", |b| {
        b.iter(|| {
            let mut authority = Authority::new(hub.federation);
            authority.add_all(hub.records.clone());
            authority.organisations().count()
        });
    });
    group.bench_function("the same, folded anew after one more record", |b| {
        let mut authority = Authority::new(hub.federation);
        let (last, rest) = hub.records.split_last().expect("records");
        authority.add_all(rest.to_vec());
        b.iter_batched(
            || authority.clone(),
            |mut authority| {
                authority.add(last.clone()).expect("the last grant");
                authority.organisations().count()
            },
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn verdicts(c: &mut Criterion) {
    let hub = hub(10, 1);
    let mut authority = Authority::new(hub.federation);
    authority.add_all(hub.records.clone());
    let (past, segments, document) = document(&hub, 1_000, 10);
    let signatures: Vec<Signature> = segments
        .iter()
        .zip(&hub.people)
        .map(|(segment, (key, _))| {
            let record = segment.prepare().sign(hub.federation, key);
            let verified = record.verify(hub.federation).expect("signed here");
            Signature::of_segment(&authority, verified.id(), segment)
        })
        .collect();
    let held = Held {
        document: &document,
        home: &hub.orgs,
        role: Role::Contributor,
        past: &past,
        signatures: &signatures,
        unsound: &BTreeSet::new(),
    };
    c.bench_function("verdicts of 1,000 changes by 10 authors", |b| {
        b.iter(|| judge(&authority, black_box(&held)).len());
    });
}

criterion_group!(benches, signatures, folds, verdicts);
criterion_main!(benches);
