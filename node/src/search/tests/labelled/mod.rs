//! How well searches find, by queries whose answers are known.
//!
//! Practices are facts of real ones (the address of each is beside it), told in
//! sentences of our own, among several hundred invented ones; queries are what
//! people type in six languages. The measure is recall at five: of the practices
//! that a query should find, the part among its first five.

use std::collections::BTreeMap;

use serde::Deserialize;
use tern_simulations::corpus::Corpus;

use super::super::{Entry, EntryText, Facts, Query};
use super::{Shelf, ids};

/// Practices beside those that are looked for.
const OTHERS: u64 = 400;
/// The least that is good enough, …
const RECALL_MIN: f64 = 0.95;
/// … and in each single language.
const RECALL_IN_LANGUAGE_MIN: f64 = 0.90;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    id: String,
    lang: String,
    title: String,
    summary: String,
    countries: Vec<String>,
    implementer: String,
    kind: String,
    objectives: Vec<u8>,
    topics: Vec<String>,
    groups: Vec<String>,
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    about: String,
    lang: String,
    q: String,
    finds: Vec<String>,
}

fn entry(practice: Labelled) -> Entry {
    assert!(practice.url.starts_with("http"), "{}", practice.id);
    let text =
        EntryText { title: practice.title, summary: practice.summary, body: practice.implementer };
    Entry {
        id: practice.id,
        state: [0; 32],
        texts: [(practice.lang.clone(), text)].into(),
        facts: Facts {
            objectives: practice.objectives,
            countries: practice.countries,
            kind: Some(practice.kind),
            languages: vec![practice.lang],
            topics: practice.topics,
            groups: practice.groups,
            ..Facts::default()
        },
    }
}

/// A practice of no particular codes, in one of six languages.
fn other(number: u64) -> Entry {
    let practice = Corpus::p1(7).editions(number).swap_remove(0);
    let mut texts: BTreeMap<String, EntryText> = BTreeMap::new();
    for (tag, title) in practice.title.iter() {
        texts.entry(tag.to_string()).or_default().title = title.to_owned();
    }
    for (tag, summary) in practice.summary.iter() {
        texts.entry(tag.to_string()).or_default().summary = summary.to_owned();
    }
    for (tag, body) in practice.activities.iter().chain(practice.results.iter()) {
        texts.entry(tag.to_string()).or_default().body.push_str(body);
    }
    Entry { id: format!("other-{number:03}"), texts, ..Entry::default() }
}

#[test]
fn of_what_each_query_should_find_nearly_all_is_among_the_first_five() {
    let practices: Vec<Labelled> =
        serde_json::from_str(include_str!("practices.json")).expect("practices");
    let queries: Vec<Asked> = serde_json::from_str(include_str!("queries.json")).expect("queries");
    assert!(queries.len() >= 60);
    let entries: Vec<Entry> =
        practices.into_iter().map(entry).chain((0..OTHERS).map(other)).collect();
    let shelf = Shelf::with(&entries);
    let mut recalls: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut missed = Vec::new();
    for asked in queries {
        for id in &asked.finds {
            assert!(entries.iter().any(|entry| entry.id == *id), "{id} of {}", asked.q);
        }
        let found = shelf.search(&Query { text: asked.q.clone(), limit: 5, ..Query::default() });
        let first = ids(&found);
        let there = asked.finds.iter().filter(|id| first.contains(id)).count();
        let recall = there as f64 / asked.finds.len() as f64;
        recalls.entry(asked.lang.clone()).or_default().push(recall);
        if recall < 1.0 {
            missed.push(format!(
                "{} ({}): {} should find {:?} and finds {first:?} of {}",
                asked.lang, asked.about, asked.q, asked.finds, found.total
            ));
        }
    }
    let mean = |recalls: &[f64]| recalls.iter().sum::<f64>() / recalls.len() as f64;
    let all: Vec<f64> = recalls.values().flatten().copied().collect();
    let missed = missed.join("\n");
    println!("recall at five: {:.1} % of {} queries", 100.0 * mean(&all), all.len());
    for (lang, recalls) in &recalls {
        println!("  {lang}: {:.1} % of {}", 100.0 * mean(recalls), recalls.len());
        assert!(mean(recalls) >= RECALL_IN_LANGUAGE_MIN, "{lang}\n{missed}");
    }
    println!("{missed}");
    assert!(mean(&all) >= RECALL_MIN, "{missed}");
}
