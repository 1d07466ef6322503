//! A full disk: nothing of the batch, nothing broken, and on with it.

use tern_protocol::store::conformance::contents;
use tern_protocol::store::{Store, StoreError};

use super::{has_numbered, numbered};
use crate::store::engine::Engine;
use crate::store::faulty::{Fault, FaultyDisk, FaultyFiles, ForgetfulShelf};

fn open(disk: &FaultyDisk) -> Engine<FaultyFiles, ForgetfulShelf> {
    Engine::on(disk.files(), ForgetfulShelf::new(1), 1 << 20).expect("a sound model")
}

#[test]
fn a_full_disk_keeps_nothing_of_the_batch_and_goes_on_when_there_is_room() {
    for left in [0, 1, 30, 4_000, 8_000] {
        let disk = FaultyDisk::new(left);
        let mut store = open(&disk);
        store.commit(numbered(1, 4)).expect("room");
        let before = contents(&store).expect("sound");
        disk.leave_room(Some(left));
        let refused = store.commit(numbered(2, 4));
        assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
        assert_eq!(contents(&store).expect("sound"), before, "with room for {left} bytes");
        disk.restart();
        let mut store = open(&disk);
        assert!(!has_numbered(&store, 2, 4), "nor after a power cut");
        disk.leave_room(None);
        store.commit(numbered(3, 4)).expect("room again");
        assert!(has_numbered(&store, 1, 4) && has_numbered(&store, 3, 4));
    }
}

#[test]
fn a_disk_that_is_found_full_by_the_sync_keeps_nothing_either() {
    let disk = FaultyDisk::new(1);
    let mut store = open(&disk);
    store.commit(numbered(1, 4)).expect("room");
    // After the append comes the sync.
    disk.fail_after(1, Fault::Full);
    let refused = store.commit(numbered(2, 4));
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    assert!(!has_numbered(&store, 2, 4));
    store.commit(numbered(3, 4)).expect("room again");
    drop(store);
    disk.restart();
    let store = open(&disk);
    assert!(has_numbered(&store, 1, 4) && !has_numbered(&store, 2, 4));
    assert!(has_numbered(&store, 3, 4));
}

#[test]
fn a_failing_device_ends_the_commits_of_this_process_but_not_the_reads() {
    let disk = FaultyDisk::new(1);
    let mut store = open(&disk);
    store.commit(numbered(1, 4)).expect("room");
    disk.fail_after(1, Fault::Device);
    let failed = store.commit(numbered(2, 4));
    assert!(matches!(failed, Err(StoreError::Failed(_))), "{failed:?}");
    let refused = store.commit(numbered(3, 4));
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    assert!(has_numbered(&store, 1, 4));
    drop(store);
    let mut store = open(&disk);
    store.commit(numbered(3, 4)).expect("a store opened anew");
    assert!(has_numbered(&store, 1, 4) && has_numbered(&store, 3, 4));
}

#[test]
fn a_rotation_without_room_leaves_everything_as_it_was() {
    let disk = FaultyDisk::new(1);
    let mut store = open(&disk);
    for number in 0..8 {
        store.commit(numbered(number, 4)).expect("room");
    }
    let before = contents(&store).expect("sound");
    disk.leave_room(Some(20_000));
    let refused = store.rotate();
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    store.commit(numbered(9, 2)).expect("the room that the attempt gave back");
    disk.restart();
    let store = open(&disk);
    assert!(has_numbered(&store, 9, 2));
    assert_eq!(contents(&store).expect("sound").len(), before.len() + 2);
}
