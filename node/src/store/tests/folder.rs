//! The store on a real folder: the suite of every engine, clean and unclean
//! stops, and what must not be opened.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tern_protocol::store::conformance::{self, Subject};
use tern_protocol::store::{Batch, Space, Store, StoreError};

use super::{has_numbered, numbered};
use crate::store::JournalStore;
use crate::store::engine::Engine;
use crate::store::faulty::{FaultyDisk, FaultyFiles, ForgetfulShelf};

const ROTATE_BYTES: u64 = 64 * 1024;

pub fn open(folder: &Path) -> JournalStore {
    JournalStore::open_rotating(folder, ROTATE_BYTES).expect("a sound folder")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Every other process ends without closing its store.
#[derive(Default)]
struct OnDisk {
    folders: Vec<TempDir>,
    reopened: u32,
}

impl Subject for OnDisk {
    type Store = JournalStore;

    fn fresh(&mut self) -> JournalStore {
        self.folders = vec![folder()];
        open(self.folders[0].path())
    }

    fn reopen(&mut self, store: JournalStore) -> JournalStore {
        self.reopened += 1;
        if self.reopened.is_multiple_of(2) {
            store.close().expect("a clean stop");
        } else {
            drop(store);
        }
        open(self.folders[0].path())
    }
}

#[test]
fn the_store_on_disk_keeps_the_contract() {
    conformance::run(&mut OnDisk::default(), 4);
}

struct OnModel(FaultyDisk, ForgetfulShelf);

impl OnModel {
    fn open(&self) -> Engine<FaultyFiles, ForgetfulShelf> {
        Engine::on(self.0.files(), self.1.clone(), 4_096).expect("a sound model")
    }
}

impl Subject for OnModel {
    type Store = Engine<FaultyFiles, ForgetfulShelf>;

    fn fresh(&mut self) -> Self::Store {
        *self = Self(FaultyDisk::new(1), ForgetfulShelf::new(1));
        self.open()
    }

    fn reopen(&mut self, store: Self::Store) -> Self::Store {
        store.close().expect("a clean stop");
        self.open()
    }
}

#[test]
fn the_store_on_a_model_keeps_the_contract() {
    conformance::run(&mut OnModel(FaultyDisk::new(1), ForgetfulShelf::new(1)), 20);
}

#[test]
fn a_store_of_the_same_content_has_the_same_figures_however_it_was_stopped() {
    let folder = folder();
    let mut store = open(folder.path());
    for number in 0..40 {
        store.commit(numbered(number % 10, 4)).expect("room");
    }
    let before = store.figures().expect("figures");
    assert!(before.generation > 1, "overwriting began a new generation");
    assert!(before.disk_bytes > before.live_bytes);
    store.close().expect("a clean stop");
    let store = open(folder.path());
    let clean = store.figures().expect("figures");
    drop(store);
    let unclean = open(folder.path()).figures().expect("figures");
    for after in [clean, unclean] {
        assert_eq!(after.live_bytes, before.live_bytes);
        assert_eq!(after.entries, before.entries);
        assert_eq!(after.generation, before.generation);
    }
}

#[test]
fn what_was_deleted_is_gone_from_the_disk_after_a_rotation() {
    let folder = folder();
    let mut store = JournalStore::open(folder.path()).expect("a new folder");
    let secret = b"the name that was to be forgotten";
    let mut batch = Batch::default();
    batch.put(Space::Draft, &b"short"[..], &secret[..]);
    batch.put(Space::Draft, &b"long"[..], secret.repeat(100));
    batch.put(Space::Draft, &b"stays"[..], &b"value"[..]);
    store.commit(batch).expect("room");
    let mut batch = Batch::default();
    batch.delete(Space::Draft, &b"short"[..]);
    batch.delete(Space::Draft, &b"long"[..]);
    store.commit(batch).expect("room");
    assert!(holds(folder.path(), secret), "deleting alone leaves it");
    store.rotate().expect("room");
    store.close().expect("a clean stop");
    assert!(!holds(folder.path(), secret));
    let store = open(folder.path());
    assert_eq!(store.get(Space::Draft, b"stays").expect("sound"), Some("value".into()));
}

fn holds(folder: &Path, text: &[u8]) -> bool {
    fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return holds(&path, text);
        }
        let bytes = fs::read(path).expect("a file");
        bytes.windows(text.len()).any(|window| window == text)
    })
}

/// Section 14 of the specification, written out once more.
#[test]
fn the_journal_has_the_bytes_of_the_specification() {
    let folder = folder();
    let mut store = open(folder.path());
    let mut batch = Batch::default();
    batch.put(Space::Edition, &b"nepal"[..], &b"terraces"[..]);
    batch.delete(Space::Local, &b"chad"[..]);
    store.commit(batch).expect("room");
    drop(store);

    let frame = |at: u64, payload: &[u8]| {
        let length = (payload.len() as u32).to_le_bytes();
        let seat = [&1_u64.to_le_bytes()[..], &at.to_le_bytes(), &length].concat();
        let seat_check = blake3::hash(&seat);
        let check = blake3::hash(&[&seat, payload].concat());
        let checks = [&seat_check.as_bytes()[..4], &check.as_bytes()[..8]].concat();
        [b"\xf5tr\x9d", &length[..], &checks, payload].concat()
    };
    let mut expected = b"tern journal\x01\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    let check = blake3::hash(&expected);
    expected.extend_from_slice(&check.as_bytes()[..8]);
    expected.extend(frame(32, b""));
    expected.extend(frame(52, b"\x01\x06\0\x04nepal\x08\0\0\0terraces\x02\x05\0\x06chad"));
    let found = fs::read(folder.path().join("00000001.journal")).expect("a journal");
    assert_eq!(found, expected);
    let golden = "ca8128fad811697192edfe4d084b567fc13d85a779dd5fb6c1db7ea946e23527";
    assert_eq!(blake3::hash(&found).to_hex().as_str(), golden, "never changes for version 1");
}

#[test]
fn an_index_without_its_journal_is_refused_and_not_begun_anew() {
    let folder = folder();
    let mut store = open(folder.path());
    store.commit(numbered(1, 4)).expect("room");
    store.close().expect("a clean stop");
    fs::rename(folder.path().join("00000001.journal"), folder.path().join("moved")).expect("moved");
    let refused = JournalStore::open(folder.path()).map(|_| ());
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    fs::rename(folder.path().join("moved"), folder.path().join("00000001.journal")).expect("back");
    assert!(has_numbered(&open(folder.path()), 1, 4), "refusing changed nothing");
}

#[test]
fn a_journal_of_a_later_layout_is_left_to_later_software() {
    let folder = folder();
    open(folder.path()).close().expect("a clean stop");
    let path = folder.path().join("00000001.journal");
    let mut bytes = fs::read(&path).expect("a journal");
    bytes[12] = 2;
    let check = blake3::hash(&bytes[..24]);
    bytes[24..32].copy_from_slice(&check.as_bytes()[..8]);
    fs::write(&path, bytes).expect("room");
    match JournalStore::open(folder.path()) {
        Err(StoreError::Failed(why)) => assert!(why.contains("newer tern"), "{why}"),
        other => panic!("a later layout gave {:?}", other.map(|_| ())),
    }
}

#[test]
fn a_folder_in_use_is_refused_and_an_ended_process_gives_it_back() {
    let folder = folder();
    let store = open(folder.path());
    let second = JournalStore::open(folder.path()).map(|_| ());
    assert!(matches!(second, Err(StoreError::InUse(_))), "{second:?}");
    drop(store);
    open(folder.path());
}
