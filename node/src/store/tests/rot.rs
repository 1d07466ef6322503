//! One flipped bit anywhere: in the index it is mended, in the journal it is
//! named, and nowhere does it become an answer.

use std::fs;
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use tern_protocol::store::conformance::{Model, contents};
use tern_protocol::store::{Space, Store, StoreError};

use super::folder::open;
use super::{has_numbered, numbered, numbered_key};
use crate::store::JournalStore;
use crate::store::engine::Engine;
use crate::store::faulty::{FaultyDisk, FaultyFiles, ForgetfulShelf};
use crate::store::files::{Files, LogFile};

const JOURNAL: &str = "00000001.journal";

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort_unstable();
    found
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let to = to.join(path.strip_prefix(from).expect("a path below"));
        fs::create_dir_all(to.parent().expect("a parent")).expect("room");
        fs::copy(path, to).expect("room");
    }
}

/// A folder with a closed store of about a megabyte, and what it holds.
fn closed_store() -> (tempfile::TempDir, Model) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut store = JournalStore::open(folder.path()).expect("a new folder");
    for number in 0..80 {
        store.commit(numbered(number, 6)).expect("room");
    }
    let model = contents(&store).expect("sound");
    store.close().expect("a clean stop");
    (folder, model)
}

#[test]
fn one_flipped_bit_anywhere_in_the_index_is_mended_by_itself() {
    let (original, model) = closed_store();
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    for trial in 0..40 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(original.path(), folder.path());
        let index = files(&folder.path().join("index"));
        let sizes: Vec<usize> =
            index.iter().map(|path| fs::metadata(path).expect("a file").len() as usize).collect();
        let mut bit = chance.next_u64() as usize % (sizes.iter().sum::<usize>() * 8);
        let file = sizes.iter().position(|size| {
            let here = bit < size * 8;
            bit -= if here { 0 } else { size * 8 };
            here
        });
        let path = &index[file.expect("a bit of some file")];
        let mut bytes = fs::read(path).expect("a file");
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(path, bytes).expect("room");

        let mut store = open(folder.path());
        assert!(contents(&store).expect("mended") == model, "trial {trial}: bit {bit} of {path:?}");
        assert!(folder.path().join("index.aside").is_dir(), "the failed index is set aside");
        store.commit(numbered(1_000, 2)).expect("a store in service");
        store.close().expect("a clean stop");
        assert!(has_numbered(&open(folder.path()), 1_000, 2));
    }
}

#[test]
fn an_index_that_is_destroyed_while_in_use_is_rebuilt_and_the_process_lives() {
    let (folder, model) = closed_store();
    let mut store = open(folder.path());
    let database = folder.path().join("index/db");
    let bytes = fs::read(&database).expect("a file");
    // In place, under the running sled.
    fs::write(&database, vec![0xa5; bytes.len()]).expect("room");
    assert!(contents(&store).expect("rebuilt") == model);
    store.commit(numbered(1_000, 2)).expect("a store in service");
    assert!(has_numbered(&store, 1_000, 2));
    store.close().expect("a clean stop");
    assert!(has_numbered(&open(folder.path()), 1_000, 2));
}

#[test]
fn an_entry_that_the_index_forgot_is_not_forgotten_by_a_new_generation() {
    for seed in 0..20 {
        let (disk, shelf) = (FaultyDisk::new(seed), ForgetfulShelf::new(seed));
        let states = small_store(&disk, &shelf, true);
        let mut store = reopen(&disk, &shelf).expect("a sound model");
        shelf.forget_one();
        store.rotate().expect("room");
        assert!(contents(&store).expect("sound") == states[states.len() - 1], "seed {seed}");
        assert_eq!(shelf.set_aside(), 1);
    }
}

#[test]
fn an_index_folder_that_is_missing_is_rebuilt() {
    let (folder, model) = closed_store();
    fs::remove_dir_all(folder.path().join("index")).expect("removed");
    assert!(contents(&open(folder.path())).expect("rebuilt") == model);
}

/// A small store on a model, stopped in either way.
pub(super) fn small_store(disk: &FaultyDisk, shelf: &ForgetfulShelf, clean: bool) -> Vec<Model> {
    let mut store = reopen(disk, shelf).expect("a sound model");
    let mut states = vec![contents(&store).expect("sound")];
    for number in 0..4 {
        store.commit(numbered(number, 2)).expect("room");
        states.push(contents(&store).expect("sound"));
    }
    if clean {
        store.close().expect("a clean stop");
    }
    states
}

pub(super) fn reopen(
    disk: &FaultyDisk,
    shelf: &ForgetfulShelf,
) -> Result<Engine<FaultyFiles, ForgetfulShelf>, StoreError> {
    Engine::on(disk.files(), shelf.clone(), 1 << 20)
}

/// Flips each bit of the journal in turn, and tells what opening and reading
/// everything gave.
fn rot_each_bit(clean: bool, mut judge: impl FnMut(usize, Result<Model, StoreError>, &[Model])) {
    let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
    small_store(&disk, &shelf, clean);
    let bits = disk.length(JOURNAL).expect("a journal") * 8;
    for bit in (0..bits).step_by(31) {
        let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
        let states = small_store(&disk, &shelf, clean);
        disk.rot(JOURNAL, bit);
        shelf.restart();
        judge(bit, reopen(&disk, &shelf).and_then(|store| contents(&store)), &states);
    }
}

#[test]
fn one_flipped_bit_in_the_journal_is_named_and_never_skipped() {
    let (mut named, mut cut, mut torn_from) = (0, 0, usize::MAX);
    rot_each_bit(false, |bit, read, states| match read {
        Err(StoreError::Damaged(what)) => {
            assert!(what.contains(JOURNAL) && what.contains("at byte"), "{what}");
            assert!(bit < torn_from, "bit {bit} lies behind one that was cut off");
            named += 1;
        }
        // The last frame after an unclean stop looks like an unfinished one.
        Ok(found) => {
            assert!(found == states[states.len() - 2], "bit {bit} gave a wrong state");
            torn_from = torn_from.min(bit);
            cut += 1;
        }
        Err(error) => panic!("bit {bit} gave {error}"),
    });
    assert!(named > cut && cut > 0, "{named} named, {cut} cut off");
}

#[test]
fn after_a_clean_stop_not_even_the_last_commit_can_pass_for_unfinished() {
    let mut harmless = 0;
    rot_each_bit(true, |bit, read, states| match read {
        Err(StoreError::Damaged(what)) => assert!(what.contains(JOURNAL), "{what}"),
        // A bit of a value that the index holds itself, or of the last seal.
        Ok(found) => {
            assert!(found == states[states.len() - 1], "bit {bit} gave a wrong state");
            harmless += 1;
        }
        Err(error) => panic!("bit {bit} gave {error}"),
    });
    assert!(harmless > 0);
}

#[test]
fn a_clean_stop_protects_the_last_commit_in_the_next_run_too() {
    let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
    small_store(&disk, &shelf, true);
    drop(reopen(&disk, &shelf).expect("a sound model"));
    // A bit of the last batch, before the seal of the clean stop.
    let bits = disk.length(JOURNAL).expect("a journal") * 8;
    disk.rot(JOURNAL, bits - 25 * 8);
    let refused = reopen(&disk, &shelf).map(|_| ());
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
}

#[test]
fn a_journal_that_lost_its_end_after_a_clean_stop_is_refused() {
    let (folder, _) = closed_store();
    let path = folder.path().join(JOURNAL);
    let bytes = fs::read(&path).expect("a journal");
    let refused = |bytes: &[u8]| {
        let damaged = tempfile::tempdir().expect("a temporary folder");
        copy(folder.path(), damaged.path());
        fs::remove_dir_all(damaged.path().join("index")).expect("removed");
        fs::write(damaged.path().join(JOURNAL), bytes).expect("room");
        JournalStore::open(damaged.path()).map(|_| ())
    };
    let left = bytes.len() - 3_000;
    let zeroed = [&bytes[..left], &[0; 3_000]].concat();
    for damaged in [&bytes[..left], &zeroed] {
        let refused = refused(damaged);
        assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    }
    refused(&bytes).expect("only the index is missing");
}

#[test]
fn a_snapshot_that_lost_its_end_is_refused() {
    let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
    small_store(&disk, &shelf, true);
    let mut store = reopen(&disk, &shelf).expect("a sound model");
    store.rotate().expect("room");
    drop(store);
    let name = "00000002.journal";
    let mut file = disk.files().open(name).expect("the new generation");
    file.truncate(disk.length(name).expect("a journal") as u64 - 30).expect("a sound model");
    let refused = reopen(&disk, &shelf).map(|_| ());
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
}

#[test]
fn a_value_that_rots_while_the_store_is_open_is_an_error_and_not_absent() {
    let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
    let mut store = reopen(&disk, &shelf).expect("a sound model");
    store.commit(numbered(1, 2)).expect("room");
    store.commit(numbered(2, 1)).expect("room");
    let bits = disk.length(JOURNAL).expect("a journal") * 8;
    disk.rot(JOURNAL, bits - 1_000 * 8);
    let read = store.get(Space::Edition, &numbered_key(2, 0));
    assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
    assert!(has_numbered(&store, 1, 2), "what is sound is still read");
    assert_eq!(shelf.set_aside(), 0, "the index was right");
}
