//! What a backup promises, tried on the node of a ministry in Niamey.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::Index as Any;
use tempfile::TempDir;
use tern_crdt::practice::BlobHash;
use tern_protocol::ledger::{Ledger, Private};

use super::layout::{HEADER_SEAT, Header, Kind};
use super::*;
use crate::blob_store::BlobStore;
use crate::folder::OpenFolder;
use crate::identity::{Identity, Newcomer};
use crate::keystore::Passphrase;
use crate::process::beginning::{Start, begin};
use crate::store::JournalStore;
use crate::store::frame::{self, HEAD_BYTES, Head, Seat};

const SECRET: &str = "zebra: what nobody else may read";

const ALL: Wanted<'static> = Wanted { passphrase: None, files: true };

/// A node in a folder of its own, open as a running one is.
struct Niamey {
    folder: TempDir,
    data: DataFolder,
    ledger: Option<Ledger<JournalStore>>,
}

impl Niamey {
    fn founded() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = DataFolder::at(folder.path().join("niger"));
        let newcomer = Newcomer::ministry();
        let open = data.open_exclusive().expect("free");
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        runtime.block_on(begin(&open, &newcomer, Start::Found(None), None)).expect("founded");
        let mut niamey = Self { folder, data, ledger: None };
        niamey.starts();
        niamey
    }

    fn starts(&mut self) {
        let store = JournalStore::open(&self.data.store()).expect("a sound store");
        self.ledger = Some(Ledger::new(store));
    }

    /// Notes something, durably.
    fn notes(&mut self, number: u32, what: &str) {
        let ledger = self.ledger.as_mut().expect("it runs");
        ledger.write(note_of(number, what));
        ledger.commit().expect("room");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn saves(&self, name: &str, passphrase: Option<&Passphrase>) -> Result<Saved, OpError> {
        write(&self.data, &self.path(name), Wanted { passphrase, files: true }, |_, _| {})
    }

    /// What a backup becomes in a new folder.
    fn restores(&self, name: &str, passphrase: Option<&Passphrase>) -> Result<Revived, OpError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = DataFolder::at(folder.path().join("again"));
        let open: OpenFolder = data.open_exclusive().expect("free");
        let restored = restore(&open, &self.path(name), passphrase, |_, _| {})?;
        let ledger = Ledger::new(JournalStore::open(&data.store()).expect("a sound store"));
        Ok(Revived { _folder: folder, data, restored, ledger })
    }
}

struct Revived {
    _folder: TempDir,
    data: DataFolder,
    restored: Restored,
    ledger: Ledger<JournalStore>,
}

impl Revived {
    fn knows(&self, number: u32) -> Option<Bytes> {
        self.ledger.local(&name_of(number)).expect("a sound store")
    }
}

fn name_of(number: u32) -> Vec<u8> {
    [b"note/".as_slice(), &number.to_be_bytes()].concat()
}

fn note_of(number: u32, what: &str) -> Private {
    Private::local(name_of(number), Some(Bytes::copy_from_slice(what.as_bytes())))
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).expect("not empty")
}

fn keys(data: &DataFolder) -> Vec<(String, Vec<u8>)> {
    let mut keys: Vec<_> = fs::read_dir(data.keys())
        .expect("keys")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("text");
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn a_node_that_runs_is_saved_and_comes_back_as_itself_marked_as_restored() {
    let mut niamey = Niamey::founded();
    niamey.notes(1, SECRET);
    for (file, passphrase) in [("clear", None), ("sealed", Some(passphrase("two rivers")))] {
        let saved = niamey.saves(file, passphrase.as_ref()).expect("saved");
        assert_eq!(saved.encrypted, passphrase.is_some());
        assert!(saved.objects >= 5, "{saved:?}: charter, genesis, certificates, a name");
        let again = niamey.restores(file, passphrase.as_ref()).expect("restored");
        assert_eq!(
            again.restored.identity,
            Identity::load(&niamey.data).expect("there").expect("founded")
        );
        assert_eq!(again.restored.made, saved.made);
        assert_eq!(keys(&again.data), keys(&niamey.data));
        assert!(again.data.backup_file().exists(), "the backup that it came from is noted");
        assert_eq!(again.knows(1).as_deref(), Some(SECRET.as_bytes()));
        assert!(again.ledger.local(b"restored").expect("sound").is_some(), "it is catching up");
    }
    let told = fs::read_to_string(niamey.data.backup_file()).expect("the last backup is noted");
    assert!(told.contains("\"file\"") && told.contains("sealed"), "{told}");
}

#[test]
fn whoever_lacks_the_passphrase_reads_nothing() {
    let mut niamey = Niamey::founded();
    niamey.notes(1, SECRET);
    let saved = niamey.saves("sealed", Some(&passphrase("two rivers"))).expect("saved");
    let bytes = fs::read(&saved.file).expect("a file");
    for word in ["zebra", "Awa Example", "Ministry", "tern key 1", "admin"] {
        let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!found, "{word}");
    }
    let code = |refused: Result<Revived, OpError>| refused.err().map(|error| error.code);
    assert_eq!(code(niamey.restores("sealed", None)), Some(ErrorCode::Locked));
    let wrong = passphrase("one river");
    assert_eq!(code(niamey.restores("sealed", Some(&wrong))), Some(ErrorCode::WrongPassphrase));
}

#[test]
fn a_backup_is_continued_with_what_is_new_and_anew_after_the_journal_was_rewritten() {
    let mut niamey = Niamey::founded();
    let pass = passphrase("two rivers");
    for number in 0..20 {
        niamey.notes(number, &SECRET.repeat(2_000));
    }
    let first = niamey.saves("sealed", Some(&pass)).expect("saved");
    niamey.notes(20, SECRET);
    let second = niamey.saves("sealed", Some(&pass)).expect("saved");
    assert!(first.added > 1_000_000 && second.added < 20_000, "{first:?} {second:?}");
    assert_eq!(second.bytes, first.bytes + second.added);
    let again = niamey.restores("sealed", Some(&pass)).expect("restored");
    assert!(again.knows(20).is_some() && again.knows(0).is_some());
    for number in 0..20 {
        niamey.notes(number, "short");
    }
    let Some(ledger) = niamey.ledger.take() else { panic!("it runs") };
    let mut store = ledger.into_store();
    store.rotate().expect("room");
    store.close().expect("in order");
    niamey.starts();
    let third = niamey.saves("sealed", Some(&pass)).expect("saved");
    assert!(third.bytes < 100_000, "what is dead is in it no more: {third:?}");
    let again = niamey.restores("sealed", Some(&pass)).expect("restored");
    assert_eq!(again.knows(0).as_deref(), Some(&b"short"[..]));
    assert!(!niamey.path("sealed.new").exists(), "nothing is left beside");
}

#[test]
fn what_knows_more_than_the_node_and_what_is_something_else_is_left_alone() {
    let mut niamey = Niamey::founded();
    niamey.notes(1, "before");
    niamey.saves("old", None).expect("saved");
    niamey.notes(2, "after");
    niamey.saves("new", None).expect("saved");
    // The node burns, and the older backup is restored.
    let again = niamey.restores("old", None).expect("restored");
    let over = |path: &Path| {
        let before = fs::read(path).expect("a file");
        let refused = write(&again.data, path, ALL, |_, _| {}).expect_err("left alone");
        assert_eq!(fs::read(path).expect("a file"), before);
        (refused.code, refused.message)
    };
    let (code, told) = over(&niamey.path("new"));
    assert_eq!(code, ErrorCode::Conflict);
    assert!(told.contains("holds what this node does not know"), "{told}");
    let letter = niamey.path("letter.txt");
    fs::write(&letter, "Dear colleague").expect("room");
    assert_eq!(over(&letter).0, ErrorCode::Conflict);
    let other = Niamey::founded();
    other.saves("other", None).expect("saved");
    assert!(over(&other.path("other")).1.contains("another node"));
    let added = write(&again.data, &niamey.path("old"), ALL, |_, _| {}).expect("its own goes on");
    assert!(added.added < 20_000, "{added:?}");
}

#[test]
fn a_node_is_restored_into_an_empty_folder_only_and_a_refusal_leaves_it_as_it_was() {
    let niamey = Niamey::founded();
    niamey.saves("backup", None).expect("saved");
    let refused = |data: &DataFolder, file: &str| {
        let open = data.open_exclusive().expect("free");
        restore(&open, &niamey.path(file), None, |_, _| {}).expect_err(file).code
    };
    let home = DataFolder::at(niamey.path("home"));
    fs::create_dir(home.root()).expect("room");
    fs::write(home.root().join("thesis.odt"), "three years").expect("room");
    assert_eq!(refused(&home, "backup"), ErrorCode::Conflict);
    let other = Niamey::founded();
    assert_eq!(refused(&other.data, "backup"), ErrorCode::Conflict, "it holds a node");
    let empty = DataFolder::at(niamey.path("empty"));
    fs::write(niamey.path("letter.txt"), "Dear colleague").expect("room");
    assert_eq!(refused(&empty, "letter.txt"), ErrorCode::Invalid);
    assert_eq!(refused(&empty, "absent"), ErrorCode::Failed);
    let left: Vec<_> = fs::read_dir(empty.root()).expect("made").collect();
    assert_eq!(left.len(), 1, "the lock alone: {left:?}");
    fs::write(empty.settings_file(), "http = \"127.0.0.1:9000\"\n").expect("room");
    let open = empty.open_exclusive().expect("free");
    restore(&open, &niamey.path("backup"), None, |_, _| {}).expect("restored");
    let settings = fs::read_to_string(empty.settings_file()).expect("settings");
    assert!(settings.contains("9000"), "settings that were there stay");
}

/// Adds a file to a node's blobs.
fn adds(data: &DataFolder, bytes: &[u8]) -> BlobHash {
    let store = BlobStore::beside(data.blobs());
    let mut adding = store.add().expect("room");
    adding.push(bytes, u64::MAX).expect("room");
    adding.finish().expect("room").0
}

/// What a node has under a hash.
fn file(data: &DataFolder, hash: &BlobHash) -> Option<Vec<u8>> {
    fs::read(data.blobs().join(hash.to_string())).ok()
}

#[test]
fn files_beside_practices_go_along_once_and_come_back_as_they_were_wanted() {
    let mut niamey = Niamey::founded();
    let pass = passphrase("two rivers");
    let long = b"%PDF contract ".repeat(200_000);
    let (report, empty) = (adds(&niamey.data, &long), adds(&niamey.data, b""));
    let store = BlobStore::beside(niamey.data.blobs());
    store.pin(&report, true).expect("room");
    store.elsewhere(&empty).expect("room");
    let first = niamey.saves("sealed", Some(&pass)).expect("saved");
    assert_eq!((first.files, first.left, first.damaged), ((2, long.len() as u64), (0, 0), 0));
    assert!(first.added > long.len() as u64);
    let sealed = fs::read(&first.file).expect("a file");
    assert!(!sealed.windows(13).any(|window| window == b"%PDF contract"));

    niamey.notes(1, SECRET);
    let photo = adds(&niamey.data, b"photo");
    let second = niamey.saves("sealed", Some(&pass)).expect("saved");
    assert!(second.added < 20_000, "what an earlier part has is not written again: {second:?}");
    let again = niamey.restores("sealed", Some(&pass)).expect("restored");
    assert_eq!(again.restored.files, (3, long.len() as u64 + 5));
    for (hash, bytes) in [(report, &long[..]), (empty, b""), (photo, b"photo")] {
        assert_eq!(file(&again.data, &hash).as_deref(), Some(bytes));
    }
    let back = BlobStore::beside(again.data.blobs());
    assert!(back.is_pinned(&report) && !back.is_pinned(&photo));
    assert!(back.is_elsewhere(&empty) && !back.is_elsewhere(&report));

    // What was dropped meanwhile does not come back; what returned does.
    store.remove(&report).expect("room");
    niamey.saves("sealed", Some(&pass)).expect("saved");
    assert_eq!(
        file(&niamey.restores("sealed", Some(&pass)).expect("restored").data, &report),
        None
    );
    adds(&niamey.data, &long);
    let last = niamey.saves("sealed", Some(&pass)).expect("saved");
    assert!(last.added < 20_000, "{last:?}");
    let again = niamey.restores("sealed", Some(&pass)).expect("restored");
    assert_eq!(file(&again.data, &report).as_deref(), Some(&long[..]));
    assert!(!BlobStore::beside(again.data.blobs()).is_pinned(&report), "nobody pinned it again");
}

#[test]
fn files_that_nobody_wants_or_that_rotted_stay_out_and_the_rest_is_saved() {
    let niamey = Niamey::founded();
    let (sound, rotten) = (adds(&niamey.data, b"sound"), adds(&niamey.data, b"rotten"));
    let small = niamey.path("small");
    let wanted = Wanted { passphrase: None, files: false };
    let saved = write(&niamey.data, &small, wanted, |_, _| {}).expect("saved");
    assert_eq!((saved.files, saved.left), ((0, 0), (2, 11)));
    fs::write(niamey.data.blobs().join(rotten.to_string()), b"rotted").expect("room");
    let saved = niamey.saves("small", None).expect("saved");
    assert_eq!((saved.files, saved.damaged), ((1, 5), 1));
    // What an earlier part has stays, wanted or not.
    let saved = write(&niamey.data, &small, wanted, |_, _| {}).expect("saved");
    assert_eq!((saved.files, saved.left), ((1, 5), (1, 6)));
    let again = niamey.restores("small", None).expect("restored");
    assert_eq!(file(&again.data, &sound).as_deref(), Some(&b"sound"[..]));
    assert_eq!(file(&again.data, &rotten), None);
}

#[test]
fn a_file_that_was_set_back_is_whole_in_the_backup_that_carries_it() {
    let niamey = Niamey::founded();
    let long = b"%PDF contract ".repeat(5_000);
    let report = adds(&niamey.data, &long);
    niamey.saves("backup", None).expect("saved");
    let mut rotten = long.clone();
    rotten[40_000] ^= 1;
    fs::write(niamey.data.blobs().join(report.to_string()), rotten).expect("room");
    let kept = BlobStore::beside(niamey.data.blobs()).set_back(&report).expect("readable");
    assert!(kept.is_some_and(|kept| kept > 0 && kept < long.len() as u64));
    let saved = niamey.saves("backup", None).expect("saved");
    assert_eq!((saved.files.0, saved.damaged), (1, 0));
    let again = niamey.restores("backup", None).expect("restored");
    assert_eq!(file(&again.data, &report).as_deref(), Some(&long[..]));
}

#[test]
fn a_backup_of_the_first_layout_is_read_and_made_anew_with_the_files() {
    let mut niamey = Niamey::founded();
    niamey.notes(1, SECRET);
    let old = niamey.path("old");
    fs::write(&old, first_layout(&niamey)).expect("room");
    let again = niamey.restores("old", None).expect("restored");
    assert!(again.knows(1).is_some());
    adds(&niamey.data, b"photo");
    let saved = niamey.saves("old", None).expect("saved");
    assert_eq!((saved.files, saved.added), ((1, 5), saved.bytes), "all of it is written");
    // One that knows more than the node is left alone here, too.
    niamey.notes(2, "after");
    fs::write(&old, first_layout(&niamey)).expect("room");
    niamey.saves("new", None).expect("saved");
    let refused = write(&again.data, &old, ALL, |_, _| {}).expect_err("left alone");
    assert_eq!(refused.code, ErrorCode::Conflict);
}

/// A backup without blobs, as the layout before wrote it.
fn first_layout(niamey: &Niamey) -> Vec<u8> {
    let saved = niamey.saves("layout", None).expect("saved");
    let bytes = fs::read(&saved.file).expect("a file");
    fs::remove_file(&saved.file).expect("room");
    let head = Head::read(
        Seat { generation: HEADER_SEAT, at: 0 },
        bytes[..HEAD_BYTES].try_into().expect("a head"),
    );
    let length = HEAD_BYTES + head.expect("sound").length as usize;
    let mut header: Header = minicbor::decode(&bytes[HEAD_BYTES + 1..length]).expect("a header");
    header.version = 1;
    let mut frame = frame::start();
    frame.push(Kind::Header as u8);
    minicbor::encode(&header, &mut frame).expect("room");
    frame::finish(Seat { generation: HEADER_SEAT, at: 0 }, &mut frame);
    assert_eq!(frame.len(), length, "what follows stays in its place");
    [frame, bytes[length..].to_vec()].concat()
}

/// Two parts of one backup, saved once: the file, the length of the first part.
fn two_parts(pass: Option<&Passphrase>) -> (Niamey, Vec<u8>, usize) {
    let mut niamey = Niamey::founded();
    niamey.notes(1, "before");
    adds(&niamey.data, b"photo");
    let first = niamey.saves("whole", pass).expect("saved");
    niamey.notes(2, "after");
    niamey.saves("whole", pass).expect("saved");
    let bytes = fs::read(niamey.path("whole")).expect("a file");
    (niamey, bytes, first.bytes as usize)
}

/// What can be had of a file is a whole state that was saved, or a refusal.
fn gives_a_saved_state_or_none(niamey: &Niamey, bytes: &[u8], pass: Option<&Passphrase>) -> u32 {
    fs::write(niamey.path("harmed"), bytes).expect("room");
    match niamey.restores("harmed", pass) {
        Err(refused) => {
            let told = [ErrorCode::Damaged, ErrorCode::Invalid, ErrorCode::WrongPassphrase];
            assert!(told.contains(&refused.code), "{refused:?}");
            0
        }
        Ok(again) => {
            assert_eq!(again.knows(1).as_deref(), Some(&b"before"[..]));
            assert_eq!(keys(&again.data), keys(&niamey.data));
            let photo = BlobHash(*blake3::hash(b"photo").as_bytes());
            assert_eq!(file(&again.data, &photo).as_deref(), Some(&b"photo"[..]));
            1 + u32::from(again.knows(2).is_some())
        }
    }
}

#[test]
fn a_backup_that_was_cut_short_is_the_one_before_it() {
    let (niamey, bytes, first) = two_parts(None);
    for cut in [0, 1, 19, 100, first - 1, first, first + 1, bytes.len() - 1, bytes.len()] {
        let got = gives_a_saved_state_or_none(&niamey, &bytes[..cut], None);
        let whole = u32::from(cut >= first) + u32::from(cut == bytes.len());
        assert_eq!(got, whole, "cut at {cut} of {}", bytes.len());
    }
    // And the next one takes its place.
    fs::write(niamey.path("whole"), &bytes[..bytes.len() - 1]).expect("room");
    niamey.saves("whole", None).expect("saved");
    let again = niamey.restores("whole", None).expect("restored");
    assert!(again.knows(2).is_some() && again.restored.behind == 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_one_bit_is_flipped_a_backup_is_a_state_that_was_saved_or_refused(
        sealed in any::<bool>(), at in any::<Any>(), bit in 0_u8..8,
    ) {
        let pass = sealed.then(|| passphrase("two rivers"));
        let (niamey, mut bytes, first) = two_parts(pass.as_ref());
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let got = gives_a_saved_state_or_none(&niamey, &bytes, pass.as_ref());
        prop_assert!(got == u32::from(at >= first), "{} of {} gave {}", at, bytes.len(), got);
    }
}
