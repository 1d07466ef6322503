//! How fast the store commits, beside appending the same bytes to a plain file
//! with one `fdatasync` for each batch, and how long it takes to open.
//!
//! ```text
//! cargo run --release -p tern-node --example store_throughput [FOLDER]
//! ```
//! The folder decides which disk is measured; it is made and left empty.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tern_node::store::JournalStore;
use tern_protocol::store::{Batch, Op, SCAN_ENTRIES_MAX, Space, Store, StoreError};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const VALUE_BYTES: usize = 4_000;
const PRACTICES: usize = 10_000;
const EDITIONS: usize = 3;

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("tern-store-throughput-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let outcome = commits(&folder).and_then(|()| library(&folder));
    fs::remove_dir_all(&folder)?;
    outcome
}

/// Batches of one size, alternating with the plain file so that both meet the
/// same moods of the disk.
fn commits(folder: &Path) -> Outcome<()> {
    println!(
        "batch   store: puts/s    MB/s   plain file: puts/s    MB/s   (values of 4,000 bytes)"
    );
    for (size, batches) in [(1, 1_000), (10, 400), (256, 60)] {
        let path = folder.join("store");
        let mut store = JournalStore::open(&path)?;
        let mut file = File::create(folder.join("plain"))?;
        let (mut ours, mut plain) = (Duration::ZERO, Duration::ZERO);
        for number in 0..batches {
            let batch = batch(number * size, size);
            let bytes = plain_bytes(&batch);
            let started = Instant::now();
            store.commit(batch)?;
            ours += started.elapsed();
            let started = Instant::now();
            file.write_all(&bytes).and_then(|()| file.sync_data())?;
            plain += started.elapsed();
        }
        let rate = |time: Duration| (batches * size) as f64 / time.as_secs_f64();
        let megabytes = |time| rate(time) * VALUE_BYTES as f64 / 1e6;
        println!(
            "{size:5} {:17.0} {:7.1} {:20.0} {:7.1}",
            rate(ours),
            megabytes(ours),
            rate(plain),
            megabytes(plain)
        );
        drop(store);
        fs::remove_dir_all(path)?;
        fs::remove_file(folder.join("plain"))?;
    }
    Ok(())
}

fn batch(first: usize, count: usize) -> Batch {
    let mut batch = Batch::default();
    for number in first..first + count {
        batch.put(Space::Edition, key(number, 0), value(number, VALUE_BYTES));
    }
    batch
}

/// Spread like the hashes that real keys are.
fn key(practice: usize, edition: usize) -> Vec<u8> {
    let id = blake3::hash(&practice.to_le_bytes());
    [id.as_bytes(), &edition.to_be_bytes()[..]].concat()
}

/// Bytes that do not compress.
fn value(number: usize, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn plain_bytes(batch: &Batch) -> Vec<u8> {
    let mut bytes = vec![];
    for op in &batch.0 {
        if let Op::Put { key, value, .. } = op {
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(value);
        }
    }
    bytes
}

/// Practices with three editions of 3 to 5 kB and the small records beside
/// them: import, opening in both ways, reading, and a new generation.
fn library(folder: &Path) -> Outcome<()> {
    let path = folder.join("store");
    let mut store = JournalStore::open(&path)?;
    let import = timed(|| import(&mut store))?;
    let puts = (PRACTICES * EDITIONS) as f64;
    let figures = store.figures()?;
    println!("\n{PRACTICES} practices x {EDITIONS} editions and {} keys in all", figures.entries);
    println!("import        {:8.0} editions/s", puts / import.as_secs_f64());
    println!(
        "disk          {:8.1} MB for {:.1} MB alive ({:.2} x)",
        figures.disk_bytes as f64 / 1e6,
        figures.live_bytes as f64 / 1e6,
        figures.disk_bytes as f64 / figures.live_bytes as f64
    );
    drop(store);
    let mut opened = None;
    let mut open = |what: &str| -> Outcome<JournalStore> {
        let took = timed(|| JournalStore::open(&path).map(|store| opened = Some(store)))?;
        println!("{what} {:8.0} ms", took.as_secs_f64() * 1e3);
        opened.take().ok_or_else(|| io::Error::other("not opened").into())
    };
    let mut store = open("open, unclean")?;
    println!("scan of all   {:8.0} ms", timed(|| scan_all(&store))?.as_secs_f64() * 1e3);
    let reads =
        timed(|| (0..PRACTICES).try_for_each(|n| store.get(Space::Edition, &key(n, 1)).map(drop)))?;
    println!("point read    {:8.1} us", reads.as_secs_f64() * 1e6 / PRACTICES as f64);
    println!("new generation{:8.0} ms", timed(|| store.rotate())?.as_secs_f64() * 1e3);
    println!("close         {:8.0} ms", timed(|| store.close())?.as_secs_f64() * 1e3);
    open("open, clean  ")?;
    Ok(())
}

fn import(store: &mut JournalStore) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    for practice in 0..PRACTICES {
        for edition in 0..EDITIONS {
            let number = practice * EDITIONS + edition;
            batch.put(
                Space::Edition,
                key(practice, edition),
                value(number, 3_000 + number % 2_000),
            );
            batch.put(Space::Record, key(practice, edition), value(number, 200));
        }
        batch.put(Space::Document, key(practice, 0), value(practice, 360));
        if batch.0.len() >= 256 {
            store.commit(std::mem::take(&mut batch))?;
        }
    }
    store.commit(batch)
}

fn scan_all(store: &JournalStore) -> Result<(), StoreError> {
    for space in Space::ALL {
        let mut after = None;
        loop {
            let page = store.scan(space, b"", after.as_deref(), SCAN_ENTRIES_MAX)?;
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                break;
            }
        }
    }
    Ok(())
}

fn timed<E>(work: impl FnOnce() -> Result<(), E>) -> Result<Duration, E> {
    let started = Instant::now();
    work().map(|()| started.elapsed())
}
