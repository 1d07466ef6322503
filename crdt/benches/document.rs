//! What it costs to publish, accept and read a practice of about 5 kB.
//!
//! P1 has one edition, P3 three (a paragraph and two codes change each time).

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use tern_crdt::document::{NewChange, accept, next_change, read_at};
use tern_crdt::practice::Practice;

const PARAGRAPH: &str = "Before departure each worker hears, in her own language, what the contract \
                         says, what a recruiter may charge, and whom to call when something goes \
                         wrong; after six months the desk asks again and writes down the answer. ";

fn practice(edition: usize) -> Practice {
    let long = |paragraphs: usize| PARAGRAPH.repeat(paragraphs);
    let json = json!({
        "title": "Desks that inform migrant workers before they leave",
        "summary": long(2),
        "kind": "service",
        "primary_objectives": [3, 6],
        "principles": [{"code": "human-rights", "how": long(1)}, "gender-responsive"],
        "geographic_level": "national",
        "countries": (if edition == 1 { vec!["NP"] } else { vec!["NP", "MD"] }),
        "start": "2019-04",
        "ongoing": true,
        "main_implementer": "Ministry of Labour of Nepal",
        "implementer_kind": "government-national",
        "partners": ["Workers Union", {"org": "Pravasi Nepali", "role": "radio"}],
        "aims": long(2),
        "activities": long(5) + &format!("Edition {edition}. ") + &long(1),
        "results": long(4),
        "lessons": long(3),
        "recommendations": long(2),
        "original_language": "en",
    });
    Practice::from_json(&json, "en").expect("a practice")
}

fn editions(count: usize) -> Vec<NewChange> {
    let mut editions: Vec<NewChange> = Vec::new();
    for number in 1..=count {
        let past: Vec<&[u8]> = editions.iter().map(|edition| &edition.bytes[..]).collect();
        let heads: Vec<[u8; 32]> =
            editions.last().map(|edition| edition.hash).into_iter().collect();
        let content = practice(number).to_value();
        let actor = [number as u8; 16];
        editions.push(next_change(&past, &heads, &content, &actor, 0).expect("an edition"));
    }
    editions
}

fn documents(c: &mut Criterion) {
    let content = practice(1).to_value();
    c.bench_function("next_change of a first edition", |b| {
        b.iter(|| next_change(&[], &[], black_box(&content), &[1; 16], 0));
    });
    let later = practice(4).to_value();
    for count in [1, 3] {
        let editions = editions(count);
        let bytes: usize = editions.iter().map(|edition| edition.bytes.len()).sum();
        println!("{count} editions: {bytes} bytes of changes");
        let changes: Vec<&[u8]> = editions.iter().map(|edition| &edition.bytes[..]).collect();
        let heads = [editions[count - 1].hash];
        c.bench_function(&format!("next_change after {count} editions"), |b| {
            b.iter(|| next_change(&changes, &heads, black_box(&later), &[9; 16], 0));
        });
        c.bench_function(&format!("read_at with {count} editions"), |b| {
            b.iter(|| read_at(black_box(&changes), &heads));
        });
        c.bench_function(&format!("accept with {count} editions"), |b| {
            b.iter(|| accept(black_box(&changes)));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = documents
}
criterion_main!(benches);
