//! Sticks that are full, pulled out, or made by somebody who means harm.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};

use tern_crdt::identity::{FederationId, SecretKey};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::bundle::{Counts, End, Framer, Header, Part, Read};
use tern_protocol::message::Piece;
use tern_protocol::packing::Packed;

use super::*;

fn niger() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

/// A bundle of Niger with so many pieces.
fn bundle(pieces: u8) -> Vec<u8> {
    let key = niger();
    let header = Header {
        federation: FederationId::new([1; 32]),
        node: key.public(),
        counter: 1,
        key: [2; 32],
        written_at: Timestamp(3),
        reader: None,
        volume: None,
    };
    let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(&key));
    for number in 0..pieces {
        // Bytes that nothing makes smaller.
        let mut noise = vec![0; 50_000];
        blake3::Hasher::new_keyed(&[number; 32]).finalize_xof().fill(&mut noise);
        let packed = Packed::of(&[Piece::Record(noise.into())]);
        bytes.extend(framer.part(&Part::Pieces { set: 1, packed }));
    }
    let end =
        End::sign(Counts { objects: pieces.into(), ..Counts::default() }, &framer.chain(), &key);
    bytes.extend(framer.part(&Part::End(end)));
    bytes
}

/// Reads to the end; how many pieces, and how it ended.
fn read(from: impl io::Read) -> (usize, Result<(), Ended>) {
    let (mut source, mut pieces) = (Source::new(from), 0);
    loop {
        match source.read_on() {
            Ok(Read::Whole(_)) => return (pieces, Ok(())),
            Ok(Read::Pieces(_, packed)) => pieces += packed.len(),
            Ok(_) => {}
            Err(ended) => return (pieces, Err(ended)),
        }
    }
}

/// A stick that gives so many bytes, few at a time, and is then gone.
struct Pulled<'b>(&'b [u8]);

impl io::Read for Pulled<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("no such device"));
        }
        let most = buffer.len().min(977);
        self.0.read(&mut buffer[..most])
    }
}

#[test]
fn a_stick_that_is_pulled_out_gives_what_it_gave_before() {
    let bytes = bundle(9);
    let (whole, ended) = read(&bytes[..]);
    assert!(whole == 9 && ended.is_ok());
    let (pieces, ended) = read(Pulled(&bytes[..bytes.len() / 2]));
    assert_eq!(pieces, 4);
    assert!(matches!(ended, Err(Ended::System(_))), "{ended:?}");
    let (pieces, ended) = read(&bytes[..bytes.len() / 2]);
    assert_eq!(pieces, 4);
    assert!(matches!(ended, Err(Ended::Cut)), "{ended:?}");
}

#[test]
fn a_file_that_is_not_finished_takes_nobodys_place_and_leaves_nothing() {
    let stick = tempfile::tempdir().expect("a folder");
    let path = stick.path().join("niger.bundle");
    fs::write(&path, "the one before").expect("room");
    let mut sink = Sink::create(&path).expect("room");
    sink.write(b"half of the next").expect("room");
    drop(sink);
    assert_eq!(fs::read(&path).expect("there"), b"the one before");
    assert_eq!(fs::read_dir(stick.path()).expect("there").count(), 1);
    let mut sink = Sink::create(&path).expect("room");
    sink.write(b"all of the next").expect("room");
    sink.finish().expect("room");
    assert_eq!(fs::read(&path).expect("there"), b"all of the next");
    assert_eq!(fs::read_dir(stick.path()).expect("there").count(), 1);
}

#[test]
fn only_regular_files_that_are_named_after_a_node_are_read_and_a_few_hundred_at_most() {
    let stick = tempfile::tempdir().expect("a folder");
    assert_eq!(stick::bundles(stick.path()).expect_err("none").code, ErrorCode::NotFound);
    let own = stick::place(stick.path(), &niger().public().node(), None).expect("room");
    let folder = own.parent().expect("a folder");
    for number in 0..=256_u16 {
        let seed: [u8; 32] = [number.to_le_bytes(); 16].concat().try_into().expect("32");
        let node = SecretKey::from_seed(&seed).public().node();
        fs::write(folder.join(format!("{node}.bundle")), "").expect("room");
    }
    fs::write(folder.join("notes.txt"), "").expect("room");
    fs::write(folder.join("letter.bundle"), "").expect("room");
    fs::create_dir(&own).expect("room");
    let (found, more) = stick::bundles(stick.path()).expect("sound");
    assert_eq!((found.len(), more), (256, 1));
    assert!(!found.contains(&own));
}

#[cfg(unix)]
#[test]
fn no_link_on_a_stick_leads_anywhere() {
    use std::os::unix::fs::symlink;
    let (stick, home) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("one"));
    let secret = home.path().join("secret");
    fs::write(&secret, bundle(1)).expect("room");
    let own = stick::place(stick.path(), &niger().public().node(), None).expect("room");
    symlink(&secret, &own).expect("a link");
    assert_eq!(stick::bundles(stick.path()).expect("sound").0, Vec::<std::path::PathBuf>::new());
    symlink(&secret, own.with_added_extension("new")).expect("a link");
    let mut sink = Sink::create(&own).expect("room");
    sink.write(b"new").expect("room");
    sink.finish().expect("room");
    assert_eq!(fs::read(&secret).expect("there"), bundle(1), "it was not written through");
    assert_eq!(fs::read(&own).expect("there"), b"new");

    let other = tempfile::tempdir().expect("a folder");
    symlink(home.path(), other.path().join("tern")).expect("a link");
    assert_eq!(stick::bundles(other.path()).expect_err("a link").code, ErrorCode::Invalid);
    let node = niger().public().node();
    assert_eq!(
        stick::place(other.path(), &node, None).expect_err("a link").code,
        ErrorCode::Invalid
    );
}

#[test]
fn what_is_no_file_is_not_opened() {
    let stick = tempfile::tempdir().expect("a folder");
    assert_eq!(open(stick.path()).expect_err("a folder").code, ErrorCode::Invalid);
    assert_eq!(open(&stick.path().join("x")).expect_err("none").code, ErrorCode::NotFound);
    let path = stick.path().join("bundle");
    File::create(&path).and_then(|mut file| file.write_all(&bundle(1))).expect("room");
    let (mut file, length) = open(&path).expect("a file");
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).expect("sound");
    assert_eq!(bytes.len() as u64, length);
}
