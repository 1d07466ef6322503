//! Amina of Chad and Bina of Nepal write a draft; something of it falls.

use tern_crdt::audience::Circle;
use tern_crdt::identity::{DraftId, OrgId, SecretKey, document_id};
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::Value;
use tern_crdt::verdict::Signature;
use tern_protocol::drafts::SharedDraft;

use super::*;
use crate::drafts::{Founded, HeldChange, Meta};
use crate::publishing::Pen;
use crate::sharing::signing::sign;

const FEDERATION: FederationId = FederationId::new([1; 32]);
const AMINA: CertificateId = CertificateId::new([2; 32]);
const BINA: CertificateId = CertificateId::new([3; 32]);
const NONCE: [u8; 16] = [9; 16];

fn id() -> DraftId {
    document_id(FEDERATION, AMINA, &NONCE).cast()
}

fn actor(by: CertificateId) -> ActorId {
    actor_id(FEDERATION, id().cast(), by, &NONCE)
}

/// The held work, as Chad's node tells it.
fn held_of(stored: &Stored) -> Result<Vec<Held>, OpError> {
    all(FEDERATION, stored, &[AMINA].into())
}

/// What somebody saves on top of what a document says; its hash.
fn saves(document: &mut Draft, by: CertificateId, field: &str, text: &str) -> Hash {
    let mut content = document.content().expect("sound");
    content.insert(field.to_owned(), texts(text));
    let heads = document.heads();
    let saved = document.save_at(&heads, &content, &actor(by), 0).expect("it is small");
    saved.expect("something to save").hash
}

/// A text by language, as a practice has them.
fn texts(text: &str) -> Value {
    Value::Map([("en".to_owned(), Value::Text(text.to_owned()))].into())
}

fn says(practice: Option<&Practice>, field: &str) -> Option<String> {
    let file = practice?.to_json();
    file[field]["en"].as_str().map(str::to_owned)
}

/// A draft of these changes, of which the node signed some, and of which some are
/// held for a reason.
fn stored(documents: &[&Draft], unsigned: &[Hash], held: &[(Hash, Quarantine)]) -> Stored {
    let mut past = Past::default();
    let mut all: Vec<(ChangeMeta, bytes::Bytes)> = Vec::new();
    for bytes in documents.iter().flat_map(|document| document.changes()) {
        let chunk = chunk::read(bytes).expect("own change");
        if past.get(&chunk.hash()).is_none() {
            let meta = chunk::hold(&chunk, &past, None).expect("in its order");
            past.push(meta.clone());
            all.push((meta, bytes.to_vec().into()));
        }
    }
    let loose = |meta: &ChangeMeta| unsigned.contains(&meta.hash);
    let why = |meta: &ChangeMeta| held.iter().find(|(hash, _)| *hash == meta.hash);
    let signed = |by: CertificateId| {
        let of = all.iter().filter(|(meta, _)| meta.actor == actor(by) && !loose(meta));
        of.max_by_key(|(meta, _)| meta.seq).map(|(meta, _)| Signature {
            id: RecordId::new(*by.as_bytes()),
            by,
            actor: meta.actor,
            first: 1,
            last: meta.seq,
            head: meta.hash,
        })
    };
    let shown = all.iter().filter(|(meta, _)| !loose(meta) && why(meta).is_none());
    let shared = SharedDraft {
        founder: AMINA,
        owner: OrgId::new([4; 32]),
        circle: Circle::default(),
        signatures: [AMINA, BINA].into_iter().filter_map(signed).collect(),
        aside: Vec::new(),
        changes: shown.cloned().collect(),
    };
    let fell = all.iter().filter(|(meta, _)| !loose(meta)).filter_map(|(meta, bytes)| {
        let (_, why) = why(meta)?;
        Some(HeldChange { meta: meta.clone(), bytes: bytes.clone(), why: *why })
    });
    let changes: Vec<bytes::Bytes> =
        all.iter().filter(|(meta, _)| loose(meta)).map(|(_, bytes)| bytes.clone()).collect();
    Stored {
        id: id(),
        meta: Meta {
            practice: None,
            account: "amina".into(),
            begun: Timestamp(0),
            saved: Timestamp(0),
            saved_by: "amina".into(),
            title: String::new(),
            lang: String::new(),
            changes: changes.len() as u32,
            follows: None,
            founded: None,
            runs: Some(vec![Founded { by: AMINA, nonce: NONCE }]),
            over: None,
            settled: None,
            cleared: None,
        },
        shared: Some(shared),
        held: fell.collect(),
        changes,
        adopted: BTreeMap::new(),
    }
}

fn amina() -> Pen {
    Pen { certificate: AMINA, key: SecretKey::from_seed(&[5; 32]) }
}

fn revoked() -> Quarantine {
    Quarantine::Revoked { certificate: BINA, by: RecordId::new([6; 32]) }
}

#[test]
fn what_builds_on_held_work_is_held_with_it_signed_or_not() {
    let mut document = Draft::new();
    saves(&mut document, AMINA, "title", "Desks");
    let late = saves(&mut document, BINA, "summary", "Where people are turned away");
    let own = saves(&mut document, AMINA, "context", "Two towns");
    let stored = stored(&[&document], &[own], &[(late, revoked())]);
    let opened = crate::drafts::document(&stored).expect("sound").content().expect("sound");
    assert_eq!(opened.keys().collect::<Vec<_>>(), ["title"]);
    assert_eq!(actors(&stored).expect("sound"), [actor(AMINA), actor(BINA)].into());

    let all = held_of(&stored).expect("sound");
    let [work] = &all[..] else { panic!("{all:?}") };
    assert_eq!((work.change, work.changes, work.lost), (own, 2, false));
    assert_eq!(work.heads, [late], "nobody else holds what is not signed");
    assert_eq!(work.writers, [AMINA, BINA].into());
    assert_eq!(work.ended.keys().collect::<Vec<_>>(), [&BINA]);
    assert_eq!(says(work.content.as_ref(), "context").as_deref(), Some("Two towns"));
    assert!(work.is_adoptable());
    let anew = work.anew.as_ref().expect("what Amina wrote, without the other");
    assert_eq!(says(Some(&anew.seen), "summary"), says(Some(&anew.says), "summary"));
    assert_eq!(says(Some(&anew.says), "context").as_deref(), Some("Two towns"));

    // It is signed and sent as it is: what becomes of it is the verdict's.
    let signed = sign(FEDERATION, &amina(), &stored, Timestamp(1)).expect("its own");
    assert!(signed.piece.is_some());
}

#[test]
fn what_has_the_number_of_a_change_that_is_shown_is_never_signed_and_can_be_taken_over() {
    let mut here = Draft::new();
    saves(&mut here, AMINA, "title", "Desks");
    let mut copy = here.clone();
    let there = saves(&mut copy, AMINA, "summary", "By the lake");
    let own = saves(&mut here, AMINA, "context", "In the capital");
    let later = saves(&mut here, AMINA, "lessons", "To speak up");
    let stored = stored(&[&copy, &here], &[own, later], &[]);
    let found = unsigned(&stored).expect("sound");
    assert_eq!(found[0].why, Some(Quarantine::LosingBranch { instead: there }));
    assert_eq!(found[1].why, Some(Quarantine::BuildsOn(own)));
    let signed = sign(FEDERATION, &amina(), &stored, Timestamp(1)).expect("its own");
    assert!(signed.piece.is_none() && signed.private.is_empty());

    let all = held_of(&stored).expect("sound");
    let [work] = &all[..] else { panic!("{all:?}") };
    assert!(work.lost && !work.is_adoptable() && work.heads.is_empty());
    for (field, text) in
        [("summary", "By the lake"), ("context", "In the capital"), ("lessons", "To speak up")]
    {
        assert_eq!(says(work.content.as_ref(), field).as_deref(), Some(text), "joined");
    }
    let anew = work.anew.as_ref().expect("it is Amina's own");
    assert_eq!(says(Some(&anew.says), "summary"), None, "the branch alone");
    assert_eq!(says(Some(&anew.seen), "context"), None);
}

#[test]
fn a_branch_that_lost_is_offered_as_it_differs_from_where_it_left() {
    let mut here = Draft::new();
    saves(&mut here, AMINA, "summary", "Where people are helped");
    let mut copy = here.clone();
    saves(&mut copy, AMINA, "summary", "Where people are registered and helped");
    let lost = saves(&mut here, AMINA, "summary", "Where people are helped and fed");
    let instead = copy.heads()[0];
    let why = Quarantine::LosingBranch { instead };
    let mut stored = stored(&[&copy, &here], &[], &[(lost, why)]);
    let work = held_of(&stored).expect("sound").remove(0);
    let joined = says(work.content.as_ref(), "summary");
    assert_eq!(joined.as_deref(), Some("Where people are registered and helped and fed"));
    assert!(!work.settled);
    stored.meta.settled = Some(vec![lost.into()]);
    assert!(held_of(&stored).expect("sound")[0].settled);
}

#[test]
fn what_others_wrote_on_top_is_not_taken_over_as_ones_own() {
    let mut document = Draft::new();
    let late = saves(&mut document, BINA, "summary", "Where people are turned away");
    saves(&mut document, AMINA, "context", "Two towns");
    saves(&mut document, BINA, "title", "Desks");
    let own = saves(&mut document, AMINA, "lessons", "To speak up");
    let held: Vec<(Hash, Quarantine)> = document
        .changes()
        .filter_map(chunk::hash_of)
        .map(|hash| (hash, if hash == late { revoked() } else { Quarantine::BuildsOn(late) }))
        .collect();
    let work = held_of(&stored(&[&document], &[], &held)).expect("sound").remove(0);
    assert_eq!((work.change, work.changes), (own, 4));
    assert!(work.is_adoptable() && work.anew.is_none());
}
