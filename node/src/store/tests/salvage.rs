//! What is saved of a damaged journal: everything but the batch that was hit.

use tern_protocol::store::conformance::contents;
use tern_protocol::store::{Batch, Space, Store, StoreError};

use super::has_numbered;
use super::rot::{reopen, small_store};
use crate::store::engine::Engine;
use crate::store::faulty::{FaultyDisk, ForgetfulShelf};

const JOURNAL: &str = "00000001.journal";

fn mark() -> Batch {
    let mut mark = Batch::default();
    mark.put(Space::Local, &b"mark"[..], &b"salvaged"[..]);
    mark
}

fn salvage(disk: &FaultyDisk, shelf: &ForgetfulShelf) -> Result<u64, StoreError> {
    Engine::salvaged(disk.files(), shelf.clone(), &mark())
}

#[test]
fn whatever_bit_rots_all_batches_but_one_are_saved_and_the_mark_is_left() {
    let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
    small_store(&disk, &shelf, true);
    let bits = disk.length(JOURNAL).expect("a journal") * 8;
    let mut saved = 0;
    for bit in (0..bits).step_by(61) {
        let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
        let states = small_store(&disk, &shelf, true);
        disk.rot(JOURNAL, bit);
        shelf.restart();
        let lost = salvage(&disk, &shelf).unwrap_or_else(|error| panic!("bit {bit}: {error}"));
        let store = reopen(&disk, &shelf).unwrap_or_else(|error| panic!("bit {bit}: {error}"));
        let marked = store.get(Space::Local, b"mark").expect("sound").is_some();
        assert_eq!(marked, lost > 0, "bit {bit}");
        let whole = (0..4).filter(|number| has_numbered(&store, *number, 2)).count();
        assert!(whole >= 3, "bit {bit}: {whole} of 4 batches");
        if lost == 0 {
            assert!(contents(&store).expect("sound") == states[states.len() - 1], "bit {bit}");
        } else {
            saved += 1;
        }
        drop(store);
        assert_eq!(salvage(&disk, &shelf).ok(), Some(0), "bit {bit}: it is in order now");
    }
    assert!(saved > 100, "{saved}");
}

#[test]
fn a_store_in_order_is_left_as_it_is() {
    let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
    let states = small_store(&disk, &shelf, true);
    let before = disk.length(JOURNAL);
    assert_eq!(salvage(&disk, &shelf).ok(), Some(0));
    assert_eq!(disk.length(JOURNAL), before);
    let store = reopen(&disk, &shelf).expect("sound");
    assert!(contents(&store).expect("sound") == states[states.len() - 1]);
}

#[test]
fn a_damaged_journal_is_kept_beside_and_a_folder_without_one_is_refused() {
    let (disk, shelf) = (FaultyDisk::new(1), ForgetfulShelf::new(1));
    assert!(matches!(salvage(&disk, &shelf), Err(StoreError::Damaged(_))));
    small_store(&disk, &shelf, true);
    disk.rot(JOURNAL, disk.length(JOURNAL).expect("a journal") * 4);
    assert!(salvage(&disk, &shelf).expect("room") > 0);
    assert_eq!(disk.length(JOURNAL), None);
    assert!(disk.length("00000001.damaged").is_some());
    drop(reopen(&disk, &shelf).expect("sound"));
    assert!(disk.length("00000001.damaged").is_some(), "opening leaves it");
}
