//! What the corpora promise to whoever measures with them.

use std::collections::BTreeSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use tern_crdt::chunk::{Past, hold, read};
use tern_crdt::document::accept;
use tern_crdt::identity::CertificateId;
use tern_crdt::value::content_hash;
use tern_protocol::gate::{Examined, examine};

use super::*;

const SEED: u64 = 7;
const DOCUMENTS: u64 = 120;

fn about_right(bytes: usize) -> bool {
    bytes.abs_diff(PRACTICE_BYTES) * 100 <= PRACTICE_BYTES * 15
}

fn chad() -> Person {
    let key = tern_crdt::identity::SecretKey::from_seed(&[3; 32]);
    Person { key, certificate: CertificateId::new([4; 32]) }
}

#[test]
fn every_edition_has_about_five_kilobytes_and_can_be_published() {
    for number in 0..DOCUMENTS {
        for edition in Corpus::p3(SEED).editions(number) {
            assert!(about_right(size(&edition)), "practice {number}: {} bytes", size(&edition));
            assert_eq!(edition.missing_to_publish(), Vec::<&str>::new());
            assert_eq!(edition.missing_for_review(), Vec::<&str>::new());
            let read = Practice::from_json(&edition.to_json(), "en").expect("its own file");
            assert_eq!(read, edition, "practice {number} as a file");
        }
    }
}

#[test]
fn the_first_edition_of_p3_is_that_of_p1_and_later_ones_differ_in_two_or_three_fields() {
    for number in 0..DOCUMENTS {
        let editions = Corpus::p3(SEED).editions(number);
        assert_eq!(editions.len(), 3);
        assert_eq!(editions[..1], Corpus::p1(SEED).editions(number));
        for pair in editions.windows(2) {
            let (before, after) = (pair[0].to_value(), pair[1].to_value());
            let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            let changed = keys.iter().filter(|key| before.get(**key) != after.get(**key)).count();
            assert!((2..=3).contains(&changed), "practice {number}: {changed} fields");
        }
    }
}

#[test]
fn equal_seeds_make_equal_bytes_and_other_seeds_others() {
    let federation = FederationId::new([1; 32]);
    let pieces = |seed| {
        let written = Corpus::p3(seed).written(5, federation, &chad()).expect("editions");
        written.iter().map(Written::piece).collect::<Vec<_>>()
    };
    assert_eq!(pieces(SEED), pieces(SEED));
    assert_ne!(pieces(SEED), pieces(SEED + 1));
    assert_eq!(draft(SEED, 2), draft(SEED, 2));
}

#[test]
fn every_signed_edition_passes_the_gate_and_says_what_was_signed() {
    let federation = FederationId::new([1; 32]);
    for number in 0..20 {
        let corpus = Corpus::p3(SEED);
        let written = corpus.written(number, federation, &chad()).expect("editions");
        let changes: Vec<&[u8]> = written.iter().map(|edition| &edition.change[..]).collect();
        let mut past = Past::default();
        for (edition, says) in written.iter().zip(corpus.editions(number)) {
            let examined = examine(&edition.piece(), federation).expect("it was just signed");
            assert!(matches!(examined, Examined::Edition { .. }));
            let chunk = read(&edition.change).expect("a chunk");
            past.push(hold(&chunk, &past, None).expect("an honest change"));
            let content = read_at(&changes, &[edition.edition.change]).expect("an edition");
            assert_eq!(content_hash(&content), edition.edition.content);
            assert_eq!(Practice::from_value(&content), says);
        }
    }
}

#[test]
fn a_draft_has_thirty_changes_by_three_people_and_comes_to_about_five_kilobytes() {
    for number in 0..5 {
        let draft = draft(SEED, number).expect("a draft");
        assert_eq!(draft.changes.len(), DRAFT_CHANGES);
        let mut past = Past::default();
        let mut actors = BTreeSet::new();
        for change in &draft.changes {
            let chunk = read(&change.bytes).expect("a chunk");
            actors.insert(chunk.actor());
            past.push(hold(&chunk, &past, None).expect("an honest change"));
        }
        assert_eq!(actors.len(), DRAFT_AUTHORS);
        assert_eq!(past.heads(), draft.heads);
        assert!(about_right(canonical(&draft.content).len()));
        let changes: Vec<&[u8]> = draft.changes.iter().map(|change| &change.bytes[..]).collect();
        assert_eq!(accept(&changes).expect("sound changes").content(), draft.content);
    }
}

#[test]
fn practices_are_of_every_language_objective_and_kind_and_compress_like_prose() {
    let (mut languages, mut objectives, mut kinds) = Default::default();
    let (mut plain, mut packed) = (0, 0);
    let mut countries = BTreeSet::new();
    for number in 0..DOCUMENTS {
        for practice in Corpus::p1(SEED).editions(number) {
            let bytes = canonical(&practice.to_value());
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&bytes).expect("a Vec takes everything");
            plain += bytes.len();
            packed += encoder.finish().expect("a Vec takes everything").len();
            BTreeSet::extend(&mut languages, practice.original_language.map(|l| l.to_string()));
            BTreeSet::extend(&mut objectives, practice.primary_objectives);
            BTreeSet::extend(&mut kinds, practice.kind.map(|kind| kind.to_string()));
            countries.extend(practice.countries.iter().map(ToString::to_string));
        }
    }
    assert_eq!(languages.len(), 6);
    assert_eq!(objectives.len(), 23);
    assert_eq!(kinds.len(), Vocabulary::PracticeKinds.terms().len());
    assert!(countries.len() > 100);
    let share = packed * 100 / plain;
    println!("deflated to {share} %");
    assert!((33..=55).contains(&share), "deflated to {share} %");
}
