//! `kill -9` at random moments of writing: whatever a command answered is
//! there afterwards, and nothing has to be mended by hand.
//!
//! `TERN_KILLS` says how often a node is killed (3), `TERN_ROWS` how many rows
//! the import has (300), `TERN_SEED` at which moments (1); the moments are
//! those of this machine, so that a seed tells a kind of run and not one run.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::federation::{in_step, joined};
use super::patience::{PATIENCE, output_of, until};
use super::practices::{practice, row_title, rows};
use super::tern::{Desk, Ran, Served, refusal, text};

/// A number that the environment may change.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn chance() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(number("TERN_SEED", 1))
}

/// Lets a random part of a span pass: nothing that could be awaited tells the
/// moment at which a process is killed.
pub fn random_moment(chance: &mut ChaCha8Rng, span: Duration) {
    thread::sleep(span.mul_f64(f64::from(chance.next_u32()) / f64::from(u32::MAX)));
}

/// All titles that a node lists, sorted.
pub fn titles(node: &Served) -> Vec<String> {
    let mut titles: Vec<String> = listed(node).iter().map(|item| text(&item["title"])).collect();
    titles.sort();
    titles
}

/// All that a node lists, once it finds all it holds.
pub fn listed(node: &Served) -> Vec<Value> {
    let searchable = || {
        let status = node.status();
        (status["searchable"] == status["practices"]).then_some(())
    };
    until("everything is searchable", PATIENCE, searchable);
    let (mut listed, mut after) = (Vec::new(), Value::Null);
    loop {
        let list = json!({ "op": "practice-list", "limit": 200, "after": after });
        let page = node.answer(&list);
        listed.extend(page["items"].as_array().expect("items").iter().cloned());
        after = page["next"].clone();
        if after.is_null() {
            return listed;
        }
    }
}

fn checks_clean(desks: &[&Desk]) {
    for desk in desks {
        let checked = desk.ask(&["check"]);
        assert_eq!(checked["bad"], json!([]), "{checked}");
    }
}

/// What a writer was told.
pub enum Told {
    Drafted { id: String, title: String },
    Published { id: String, title: String },
}

/// Sets its flag when it goes, also where an assertion failed: a scope waits for its
/// threads, and they for the flag.
pub struct Stop<'a>(pub &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Writes and publishes with one command after the other, until told to stop.
pub fn write(desk: &Desk, next: &AtomicUsize, stop: &AtomicBool, tell: &mpsc::Sender<Told>) {
    while !stop.load(Ordering::Relaxed) {
        let title = row_title(next.fetch_add(1, Ordering::Relaxed));
        let file = desk.file(&format!("{title}.json"), practice(&title).to_string());
        let drafted = desk.run(&["practice", "draft", &file, "--json"]);
        if drafted.code != Some(0) {
            continue;
        }
        let draft = text(&drafted.json()["id"]);
        let told = Told::Drafted { id: draft.clone(), title: title.clone() };
        tell.send(told).expect("somebody listens");
        let published = desk.run(&["practice", "publish", &draft, "--note", "First", "--json"]);
        if published.code == Some(0) {
            let id = text(&published.json()["id"]);
            tell.send(Told::Published { id, title }).expect("somebody listens");
        }
    }
}

#[test]
fn what_a_publish_command_answered_is_there_after_kill_9() {
    let mut chance = chance();
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let mut at_niger = niger.serve();
    let addresses = at_niger.addresses();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let next = AtomicUsize::new(1);
    let (mut drafted, mut published) = (Vec::new(), Vec::new());
    for _ in 0..number("TERN_KILLS", 3) {
        let (tell, told) = mpsc::channel();
        let stop = AtomicBool::new(false);
        let before = published.len();
        thread::scope(|scope| {
            let _stop = Stop(&stop);
            for tell in [tell.clone(), tell] {
                let (niger, next, stop) = (&niger, &next, &stop);
                scope.spawn(move || write(niger, next, stop, &tell));
            }
            for _ in 0..1 + chance.next_u32() % 8 {
                let heard = told.recv_timeout(PATIENCE).expect("a node that takes in drafts");
                hear(heard, &mut drafted, &mut published);
            }
            random_moment(&mut chance, Duration::from_millis(300));
            at_niger.kill();
        });
        at_niger = niger.serve_at(&addresses);
        told.into_iter().for_each(|heard| hear(heard, &mut drafted, &mut published));
        everything_told_is_there(&at_niger, &drafted, &published);
        println!("killed after {} more were published", published.len() - before);
    }
    assert!(!published.is_empty(), "some have to be published for this to mean anything");
    let titles = titles(&at_niger);
    let mut different = titles.clone();
    different.dedup();
    assert_eq!(titles, different, "nothing is there twice");
    in_step(&[&at_niger, &at_nepal]);
    checks_clean(&[&niger, &nepal]);
}

fn hear(told: Told, drafted: &mut Vec<(String, String)>, published: &mut Vec<(String, String)>) {
    match told {
        Told::Drafted { id, title } => drafted.push((id, title)),
        Told::Published { id, title } => published.push((id, title)),
    }
}

/// Every practice that was published is shown; every draft is there, unless
/// it was published.
fn everything_told_is_there(
    node: &Served,
    drafted: &[(String, String)],
    published: &[(String, String)],
) {
    for (id, title) in published {
        let shown = node.answer(&json!({ "op": "practice-show", "id": id }));
        assert_eq!((&shown["title"], &shown["verdict"]), (&json!(title), &json!("accepted")));
    }
    let held = titles(node);
    for (id, title) in drafted {
        let shown = node.operate(&json!({ "op": "practice-show", "id": id })).expect("answers");
        let became = held.contains(title);
        assert!((shown.status == 200) != became, "{title}: {} {became}", shown.body);
    }
}

/// An import that runs, and how many of its rows are durable.
struct Import {
    child: Child,
    progress: mpsc::Receiver<u64>,
    err: thread::JoinHandle<String>,
}

impl Import {
    fn start(desk: &Desk, file: &str) -> Self {
        let words = ["practice", "import", file, "--publish", "--note", "First", "--json"];
        let mut command = desk.command(&words);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let (tell, progress) = mpsc::channel();
        let err = thread::spawn(move || {
            let mut all = String::new();
            for line in lines.map_while(Result::ok) {
                if let Some((done, _)) =
                    line.split_once(" of ").filter(|_| line.ends_with("rows durable"))
                {
                    // Whoever kills it has heard enough.
                    let _ = tell.send(done.parse().expect("a number"));
                }
                all += &line;
                all.push('\n');
            }
            all
        });
        Self { child, progress, err }
    }

    /// Waits for so many pieces, and then for a random part of half the time
    /// that the slowest took; returns the rows that it said are durable.
    fn until_the_middle_of(&self, pieces: u64, chance: &mut ChaCha8Rng) -> u64 {
        let (mut done, mut slowest) = (0, Duration::ZERO);
        for _ in 0..pieces {
            let begun = Instant::now();
            match self.progress.recv_timeout(2 * PATIENCE) {
                Ok(durable) => done = durable,
                Err(_) => break,
            }
            slowest = slowest.max(begun.elapsed());
        }
        random_moment(chance, slowest / 2);
        self.progress.try_iter().last().unwrap_or(done)
    }

    fn end(self) -> (Ran, u64) {
        let ended = output_of(self.child, "the import");
        let err = self.err.join().expect("read to its end");
        let last = self.progress.try_iter().last().unwrap_or(0);
        (Ran { err, ..Ran::from(ended) }, last)
    }

    fn kill(mut self) -> u64 {
        self.child.kill().expect("killed");
        self.end().1
    }
}

#[test]
fn an_import_that_was_killed_is_repeated_and_nothing_is_there_twice() {
    let mut chance = chance();
    let count = number("TERN_ROWS", 300);
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let served = niger.serve();
    let addresses = served.addresses();
    let mut at_niger = Some(served);
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let file = niger.file("rows.jsonl", rows(count as usize));
    let (mut held, mut in_the_middle) = (0, 0);
    for _ in 0..number("TERN_KILLS", 3) {
        // Of the pieces of a hundred rows one more than are there, at times
        // two, but never all.
        let more = 1 + u64::from(chance.next_u32() % 2);
        let pieces = (held / 100 + more).min((count / 100).saturating_sub(1)).max(1);
        // The node that serves, or a command that has opened the folder itself.
        let serving = !chance.next_u32().is_multiple_of(3);
        let durable = if serving {
            let served = at_niger.take().unwrap_or_else(|| niger.serve_at(&addresses));
            let import = Import::start(&niger, &file);
            let durable = import.until_the_middle_of(pieces, &mut chance);
            served.kill();
            let (ran, last) = import.end();
            if ran.code != Some(0) {
                let refused = text(&refusal(ran, &["practice", "import"])["message"]);
                assert!(refused.contains("the same command goes on from there"), "{refused}");
            }
            durable.max(last)
        } else {
            if let Some(served) = at_niger.take() {
                served.kill();
            }
            let import = Import::start(&niger, &file);
            let durable = import.until_the_middle_of(pieces, &mut chance);
            durable.max(import.kill())
        };
        let served = niger.serve_at(&addresses);
        held = served.status()["practices"].as_u64().expect("a number");
        println!(
            "killed {} with {durable} rows acknowledged, and {held} are there",
            if serving { "the node" } else { "the command" }
        );
        assert!(held >= durable, "{durable} rows were acknowledged, and {held} are there");
        in_the_middle += u64::from(held < count);
        at_niger = Some(served);
    }
    assert!(in_the_middle > 0, "some kill has to be in the middle for this to mean anything");
    let at_niger = at_niger.unwrap_or_else(|| niger.serve_at(&addresses));
    let imported = niger.ask(&["practice", "import", &file, "--publish", "--note", "First"]);
    let known = imported["skipped"].as_array().expect("rows").iter();
    assert!(known.clone().all(|row| row["reason"] == "known"), "{imported}");
    assert_eq!(imported["imported"].as_u64().map(|new| new + known.len() as u64), Some(count));
    let mut expected: Vec<String> = (1..=count as usize).map(row_title).collect();
    expected.sort();
    assert_eq!(titles(&at_niger), expected, "each row is there once");
    in_step(&[&at_niger, &at_nepal]);
    checks_clean(&[&niger, &nepal]);
}
