//! How fast searches are, how large the index is and how long it takes to
//! build.
//!
//! ```text
//! cargo bench -p tern-node --bench searching -- --documents 100000
//! ```
//!
//! Practices of the corpus P1 (about 5 kB of text each, in six languages) are
//! put into an index in a temporary folder, a thousand to a commit, by one
//! writer. Then the queries of the labelled set and some that are hard for an
//! index (everything, one common word, a beginning of one letter, words with
//! mistakes, 400 characters) are asked one after the other, each for a page of
//! twenty with counts and marks, and the times are told at their median, 99th
//! percentile and worst (on a machine that does other work too: at the best of
//! each query's rounds as well), beside the figures that Tern promises: 30 ms at the
//! 99th percentile, an index of at most 1.5 times the text, three minutes.
//!
//! Not in it: what it takes to read and accept practices, which a rebuilding
//! node does besides; the bench `joining` has that. With `--test`, or under
//! `cargo test`, everything happens with few documents.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use serde_json::Value;
use tern_crdt::practice::Practice;
use tern_node::search::{Entry, EntryText, Facts, Index, Query};
use tern_simulations::corpus::Corpus;

/// Documents of a commit.
const COMMIT: usize = 1_000;
/// Hits on a page.
const PAGE: usize = 20;
/// Each query is asked so often.
const ROUNDS: usize = 5;

const LABELLED: &str = include_str!("../../src/search/tests/labelled/queries.json");

fn entry(number: u64) -> Entry {
    let practice = Corpus::p1(1).editions(number).swap_remove(0);
    let facts = facts(number, &practice);
    let mut texts: BTreeMap<String, EntryText> = BTreeMap::new();
    for (tag, title) in practice.title.iter() {
        texts.entry(tag.to_string()).or_default().title = title.to_owned();
    }
    for (tag, summary) in practice.summary.iter() {
        texts.entry(tag.to_string()).or_default().summary = summary.to_owned();
    }
    let json = practice.to_json();
    for (field, value) in json.as_object().into_iter().flatten() {
        if !matches!(field.as_str(), "title" | "summary") {
            bodies(value, &mut texts);
        }
    }
    Entry { id: format!("tern1p{number:012}"), state: [7; 32], texts, facts }
}

/// Everything that is said in one of the practice's languages.
fn bodies(value: &Value, texts: &mut BTreeMap<String, EntryText>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match (texts.get_mut(key), value) {
                    (Some(text), Value::String(said)) => {
                        text.body.push_str(said);
                        text.body.push('\n');
                    }
                    _ => bodies(value, texts),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| bodies(item, texts)),
        _ => {}
    }
}

fn facts(number: u64, practice: &Practice) -> Facts {
    let day = i64::try_from(number % 3_000).unwrap_or(0) * 86_400;
    Facts {
        objectives: practice.primary_objectives.iter().map(|one| one.number()).collect(),
        related_objectives: practice.related_objectives.iter().map(|one| one.number()).collect(),
        countries: practice.countries.iter().map(ToString::to_string).collect(),
        kind: practice.kind.as_ref().map(ToString::to_string),
        languages: practice.title.iter().map(|(tag, _)| tag.to_string()).collect(),
        original_language: practice.original_language.as_ref().map(ToString::to_string),
        organisation: practice.main_implementer.clone().unwrap_or_default(),
        topics: practice.topics.iter().map(ToString::to_string).collect(),
        groups: practice.target_groups.iter().map(|one| one.code.to_string()).collect(),
        edition: 1,
        published: 1_500_000_000 + day,
        ..Facts::default()
    }
}

fn text_bytes(entry: &Entry) -> usize {
    entry.texts.values().map(|t| t.title.len() + t.summary.len() + t.body.len()).sum()
}

fn told(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
    format!("median {:>9.2?}  p99 {:>9.2?}  worst {:>9.2?}", at(0.5), at(0.99), at(1.0))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = arguments.iter().position(|argument| argument == "--documents");
    let few = !arguments.iter().any(|argument| argument == "--bench");
    let documents: u64 = match number.and_then(|at| arguments.get(at + 1)) {
        Some(number) => number.parse()?,
        None if few => 300,
        None => 10_000,
    };
    let folder = tempfile::TempDir::new()?;
    let index = Index::open(folder.path())?.index;
    let (mut text, mut spent) = (0, Duration::ZERO);
    for from in (0..documents).step_by(COMMIT) {
        let entries: Vec<Entry> = (from..documents.min(from + COMMIT as u64)).map(entry).collect();
        text += entries.iter().map(text_bytes).sum::<usize>();
        let begun = Instant::now();
        for entry in &entries {
            index.put(entry)?;
        }
        index.commit()?;
        spent += begun.elapsed();
    }
    let begun = Instant::now();
    index.rest()?;
    drop(index);
    spent += begun.elapsed();
    let begun = Instant::now();
    let index = Index::open(folder.path())?.index;
    let opened = begun.elapsed();
    let mut size = 0;
    for file in std::fs::read_dir(folder.path())? {
        size += file?.metadata()?.len();
    }
    let (megabytes, size) = (text as f64 / 1e6, size as f64 / 1e6);
    println!("{documents} practices, {megabytes:.1} MB of text");
    println!("built in {:.1} s by one writer (180 s at most)", spent.as_secs_f64());
    println!("index {size:.1} MB, {:.2} times the text (1.5 at most)", size / megabytes);
    let begun = Instant::now();
    let states = index.states()?.len();
    println!("opened and checked in {opened:.2?}; {states} states in {:.2?}", begun.elapsed());

    let labelled: Vec<Value> = serde_json::from_str(LABELLED)?;
    let labelled: Vec<String> =
        labelled.iter().filter_map(|one| one["q"].as_str().map(str::to_owned)).collect();
    let long = labelled.join(" ").chars().take(400).collect();
    let hard: [(&str, Vec<String>); 6] = [
        ("the labelled set", labelled),
        ("everything", vec![String::new()]),
        (
            "one common word",
            ["migrants ", "migrantes ", "мигрантов ", "移民"].map(Into::into).into(),
        ),
        ("a beginning", ["m", "re", "тр", "ال"].map(Into::into).into()),
        (
            "mistakes",
            ["remitances ", "kounselling werkers ", "rehintegration "].map(Into::into).into(),
        ),
        ("400 characters", vec![long]),
    ];
    let (mut all, mut best) = (Vec::new(), Vec::new());
    for (what, texts) in hard {
        let mut times = vec![Vec::new(); texts.len()];
        for _ in 0..ROUNDS {
            for (text, times) in texts.iter().zip(&mut times) {
                let reads = vec!["en".to_owned()];
                let query = Query { text: text.clone(), limit: PAGE, reads, ..Query::default() };
                let begun = Instant::now();
                index.search(&query)?;
                times.push(begun.elapsed());
            }
        }
        best.extend(times.iter().filter_map(|times| times.iter().min().copied()));
        let mut times: Vec<Duration> = times.into_iter().flatten().collect();
        println!("{what:<18} {}", told(&mut times));
        all.extend(times);
    }
    println!("{:<18} {} (30 ms at most at p99)", "all queries", told(&mut all));
    println!("{:<18} {}", "best of each", told(&mut best));
    Ok(())
}
