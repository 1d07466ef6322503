use super::*;
use tern_protocol::blobs::{Fetch, Kept};

fn folder() -> (tempfile::TempDir, BlobStore) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let store = BlobStore::open(dir.path().join("blobs"));
    (dir, store)
}

fn file(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 % 251) as u8).collect()
}

fn add(store: &BlobStore, bytes: &[u8]) -> (BlobHash, Shape) {
    let mut adding = store.add().expect("room");
    bytes.chunks(5_000).for_each(|piece| adding.push(piece, u64::MAX).expect("room"));
    adding.finish().expect("room")
}

/// A part as a source would send it.
fn part(from: &BlobStore, hash: &BlobHash, part: Part) -> Kept {
    let mut held = from.read(hash).expect("readable").expect("it is here");
    let length = held.shape().length(part).expect("there is such a part");
    let bytes = held.chunk(Chunk { part, begins: 0, length }).expect("readable");
    Kept { part, bytes }
}

#[test]
fn a_file_is_kept_under_its_hash_once_and_read_back_from_anywhere() {
    let (_dir, store) = folder();
    let bytes = file(100_000);
    let (hash, shape) = add(&store, &bytes);
    assert_eq!(hash.0, *blake3::hash(&bytes).as_bytes());
    assert_eq!(add(&store, &bytes), (hash, shape), "the same again is the same");
    let mut held = store.read(&hash).expect("readable").expect("it is here");
    assert_eq!(held.bytes(99_990, 100).expect("readable"), &bytes[99_990..]);
    assert_eq!(held.bytes(200_000, 100).expect("readable"), b"");
    assert!(store.check(&hash).expect("readable"));
    let names = store.names().expect("readable");
    assert_eq!(names.len(), 2, "nothing is left behind: {names:?}");
    assert_eq!(store.remove(&hash).expect("removed"), 100_000);
    assert_eq!(store.list().expect("readable").len(), 0);
}

#[test]
fn a_file_that_is_too_long_or_left_half_added_leaves_nothing_behind() {
    let (_dir, store) = folder();
    let mut adding = store.add().expect("room");
    adding.push(&[0; 90], 100).expect("room");
    let refused = adding.push(&[0; 11], 100).expect_err("it is longer");
    assert_eq!(refused.to_string(), "a file has at most 100 bytes here");
    drop(adding);
    assert!(store.names().expect("readable").is_empty());
    // Killed while it was added.
    let adding = store.add().expect("room");
    std::mem::forget(adding);
    assert_eq!(store.names().expect("readable").len(), 1);
    let store = BlobStore::open(store.folder);
    assert!(store.names().expect("readable").is_empty());
}

#[test]
fn what_was_fetched_before_a_stop_is_not_fetched_again() {
    let ((_mali, mali), (_niger, niger)) = (folder(), folder());
    let bytes = file(200_000);
    let (hash, shape) = add(&mali, &bytes);
    let mut partial = niger.fetch(hash, shape).expect("room");
    let (tree, have) = partial.found();
    let mut have = have;
    assert!(have.is_empty() && tree.lacks(0) == Some(Part::Groups(0)));
    partial.keep(&part(&mali, &hash, Part::Groups(0))).expect("room");
    for group in [0, 3, 12] {
        partial.keep(&part(&mali, &hash, Part::Bytes(group))).expect("room");
        have.insert(group);
    }
    partial.flush(&have).expect("room");
    // Came, but the power was cut before it was counted.
    partial.keep(&part(&mali, &hash, Part::Bytes(5))).expect("room");
    drop(partial);
    assert_eq!(niger.part(&hash), Some((shape, have.clone())));
    let told = niger.list().expect("readable")[&hash];
    assert_eq!(told.part, Some((200_000, 2 * 16_384 + 3_392)));

    let mut partial = niger.fetch(hash, shape).expect("room");
    let (tree, found) = partial.found();
    let fetch = Fetch::new(tree, found);
    assert_eq!(*fetch.have(), have, "the list was kept as well");
    for group in (0..shape.groups()).filter(|group| !have.contains(*group)) {
        partial.keep(&part(&mali, &hash, Part::Bytes(group))).expect("room");
    }
    partial.finish().expect("it is whole");
    assert!(niger.check(&hash).expect("readable"));
    assert_eq!(niger.part(&hash), None);
    assert_eq!(niger.names().expect("readable").len(), 2);
}

#[test]
fn a_disk_that_changed_what_was_written_is_found_out_before_the_file_gets_its_name() {
    let ((_mali, mali), (_niger, niger)) = (folder(), folder());
    let (hash, shape) = add(&mali, &file(40_000));
    let mut partial = niger.fetch(hash, shape).expect("room");
    for group in 0..shape.groups() {
        partial.keep(&part(&mali, &hash, Part::Bytes(group))).expect("room");
    }
    partial.flush(&Groups::all(shape)).expect("room");
    let mut rotten = fs::read(niger.path(&hash, PART)).expect("readable");
    rotten[20_000] ^= 4;
    fs::write(niger.path(&hash, PART), rotten).expect("room");
    assert!(matches!(partial.finish(), Err(BlobError::Damaged(_))));
    assert!(niger.whole(&hash).is_none() && niger.names().expect("readable").is_empty());
}

#[test]
fn lists_that_are_missing_or_short_are_made_again_and_a_rotten_file_is_told() {
    let (_dir, store) = folder();
    let (hash, _) = add(&store, &file(50_000));
    let list = part(&store, &hash, Part::Groups(0));
    fs::write(store.path(&hash, LISTS), b"short").expect("room");
    assert_eq!(part(&store, &hash, Part::Groups(0)), list);
    assert_eq!(fs::read(store.path(&hash, LISTS)).expect("readable"), list.bytes);
    fs::remove_file(store.path(&hash, LISTS)).expect("it is there");
    fs::write(store.path(&hash, ""), file(49_999)).expect("room");
    assert!(!store.check(&hash).expect("readable"));
    let mut held = store.read(&hash).expect("readable").expect("it is here");
    let chunk = Chunk { part: Part::Groups(0), begins: 0, length: 128 };
    assert!(matches!(held.chunk(chunk), Err(BlobError::Damaged(_))));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed_and_other_names_are_not_looked_at() {
    let (dir, store) = folder();
    let (hash, shape) = add(&store, &file(30));
    let secret = dir.path().join("secret");
    fs::write(&secret, file(30)).expect("room");
    store.remove(&hash).expect("removed");
    std::os::unix::fs::symlink(&secret, store.path(&hash, "")).expect("a link");
    std::os::unix::fs::symlink(&secret, store.path(&hash, PART)).expect("a link");
    fs::write(store.folder.join("../blobs/README"), b"?").expect("room");
    fs::create_dir(store.folder.join("aa")).expect("room");
    assert!(store.whole(&hash).is_none() && store.list().expect("readable").is_empty());
    let mut partial = store.fetch(hash, shape).expect("room");
    partial.keep(&Kept { part: Part::Bytes(0), bytes: vec![9; 30] }).expect("room");
    drop(partial);
    assert_eq!(fs::read(&secret).expect("readable"), file(30), "it was not written");
}

#[test]
fn a_claim_of_another_size_begins_anew() {
    let ((_mali, mali), (_niger, niger)) = (folder(), folder());
    let (hash, shape) = add(&mali, &file(40_000));
    let other = Shape::of(70_000).expect("it is short");
    let mut partial = niger.fetch(hash, other).expect("room");
    partial.flush(&Groups::all(other)).expect("room");
    let (_, have) = niger.fetch(hash, shape).expect("room").found();
    assert!(have.is_empty());
}
