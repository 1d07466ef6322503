//! Figures, not promises: run with `--ignored --nocapture`.

use std::time::Instant;

use super::super::{Entry, Query};
use super::{Shelf, practice};

const PRACTICES: u32 = 10_000;
const SYLLABLES: [&str; 16] = [
    "mi", "gra", "tion", "re", "turn", "la", "bour", "po", "li", "cy", "re", "mit", "tan", "ce",
    "skill", "ment",
];

/// Words with the frequencies of a language: few are common, most are rare.
struct Writer(u64);

impl Writer {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn word(&mut self) -> String {
        let rank = (20_000.0_f64).powf((self.next() % 10_000) as f64 / 10_000.0) as u64;
        let mut seed = Writer(rank);
        (0..2 + rank % 3).map(|_| SYLLABLES[(seed.next() % 16) as usize]).collect()
    }

    fn text(&mut self, bytes: usize) -> String {
        let mut text = String::new();
        while text.len() < bytes {
            text.push_str(&self.word());
            text.push(' ');
        }
        text
    }

    fn practice(&mut self, number: u32) -> Entry {
        let tag = ["en", "fr", "es", "ru"][(self.next() % 4) as usize];
        let mut entry =
            practice(&format!("tern1practice{number:06}"), tag, &self.text(60), &self.text(4_300));
        if let Some(text) = entry.texts.get_mut(tag) {
            text.summary = self.text(600);
        }
        entry.facts.published = (self.next() % 100_000) as i64;
        entry.facts.objectives = vec![(1 + self.next() % 23) as u8];
        entry.facts.countries = vec![format!("C{}", self.next() % 190)];
        entry.facts.kind = Some(format!("kind-{}", self.next() % 12));
        entry
    }
}

#[test]
#[ignore = "takes long"]
fn how_fast_it_is() {
    let mut writer = Writer(7);
    let entries: Vec<_> = (0..PRACTICES).map(|number| writer.practice(number)).collect();
    let shelf = Shelf::with(&[]);
    let begun = Instant::now();
    let mut commits = Vec::new();
    for batch in entries.chunks(1_000) {
        for entry in batch {
            shelf.index.put(entry).expect("taken");
        }
        let commit = Instant::now();
        shelf.index.commit().expect("committed");
        commits.push(commit.elapsed());
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("indexed {:.0} practices/s", f64::from(PRACTICES) / seconds);
    println!("commits of 1,000: {commits:?}");
    let mut singles = Vec::new();
    for entry in &entries[..200] {
        let commit = Instant::now();
        shelf.put(std::slice::from_ref(entry));
        singles.push(commit.elapsed());
    }
    singles.sort();
    println!(
        "one practice, put and committed: median {:?}, worst {:?}",
        singles[100], singles[199]
    );
    shelf.index.rest().expect("rested");
    let files = std::fs::read_dir(shelf.path()).expect("a folder");
    let sizes: Vec<u64> =
        files.map(|f| f.expect("a file").metadata().expect("a size").len()).collect();
    println!("{} files, {} MB", sizes.len(), sizes.iter().sum::<u64>() / 1_000_000);
    for (what, query) in [
        ("everything", Query::default()),
        ("one rare word", Query { text: "tancemitment ".into(), ..Query::default() }),
        ("one common word", Query { text: format!("{} ", Writer(3).word()), ..Query::default() }),
        ("three words", Query { text: Writer(5).text(20), ..Query::default() }),
        ("a beginning", Query { text: "skillre".into(), ..Query::default() }),
        ("a phrase", Query { text: "\"migra return\"".into(), ..Query::default() }),
        ("a mistake", Query { text: "labuorcy policyment ".into(), ..Query::default() }),
        ("400 characters", Query { text: Writer(11).text(400), ..Query::default() }),
    ] {
        let mut times = Vec::new();
        let mut total = 0;
        for _ in 0..20 {
            let begun = Instant::now();
            total = shelf.search(&Query { limit: 20, ..query.clone() }).total;
            times.push(begun.elapsed());
        }
        times.sort();
        println!("{what}: {total} found, median {:?}, worst {:?}", times[10], times[19]);
    }
    let begun = Instant::now();
    let states = shelf.index.states().expect("states").len();
    println!("{states} states in {:?}", begun.elapsed());
    let begun = Instant::now();
    let (shelf, _) = shelf.reopened();
    println!("{} practices closed and opened in {:?}", shelf.index.len(), begun.elapsed());
}
