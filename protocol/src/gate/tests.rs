//! What the gate refuses, each with its reason, and what it lets through.

use proptest::prelude::*;
use tern_crdt::authority::{Charter, Erase, EraseReason};
use tern_crdt::identity::{CertificateId, EditionId, RecordId, SecretKey};
use tern_crdt::need::Need;
use tern_crdt::signed::Kind;
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::{Tree, Value};

use super::*;
use crate::limits::{EDITION_ENTRY_BYTES_MAX, EDITIONS_MAX};
use crate::meeting::set::Root;
use crate::store::memory::MemoryStore;
use crate::story::{Holder, Hub, Party, Written, piece};

/// A statement of a kind that nobody knows yet.
#[derive(minicbor::Encode, minicbor::Decode, Clone)]
#[cbor(map)]
struct Forecast {
    #[n(0)]
    by: CertificateId,
    #[n(1)]
    text: String,
}

impl Statement for Forecast {
    const KIND: Kind = Kind::known("forecast");
}

/// One that does not even name its author.
#[derive(minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
struct Wind {
    #[n(1)]
    force: u8,
}

impl Statement for Wind {
    const KIND: Kind = Kind::known("wind");
}

fn forecast(by: &Holder) -> Forecast {
    Forecast { by: by.certificate, text: "high water".into() }
}

fn root(library: &Library<MemoryStore>) -> Root {
    library.set(SetId::Public).root()
}

/// Submits a piece that is refused, and sees to it that it left no trace.
fn refusal(hub: &Hub, library: &mut Library<MemoryStore>, piece: &Piece) -> GateRefused {
    let before = (root(library), library.set(SetId::Authority).root());
    let refused = hub.submit(library, piece).expect_err("it has to be refused");
    assert_eq!(before, (root(library), library.set(SetId::Authority).root()));
    refused
}

fn rule(refused: &GateRefused) -> &'static str {
    match refused {
        GateRefused::Edition(rule) => rule,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_nigers_publisher_signs_is_held_and_held_again_changes_nothing() {
    let hub = Hub::new();
    let mut library = hub.library();
    let edition = hub.edition(&hub.niger.publisher, &[], "Births are registered");
    let change = Change::Edition(edition.practice(), edition.id());
    assert_eq!(hub.submit(&mut library, &edition.piece()), Ok(change));
    let root = root(&library);
    assert_eq!(hub.submit(&mut library, &edition.piece()), Ok(Change::Known));
    assert_eq!(library.set(SetId::Public).root(), root);
    assert_eq!(library.practices(), 1);
}

#[test]
fn one_flipped_byte_anywhere_in_a_carried_edition_is_refused() {
    let hub = Hub::new();
    let mut library = hub.library();
    let Piece::Edition { statement, change } =
        hub.edition(&hub.niger.publisher, &[], "Births are registered").piece()
    else {
        panic!("an edition");
    };
    for at in 0..statement.len() + change.len() {
        let (mut statement, mut change) = (statement.clone(), change.clone());
        match at.checked_sub(statement.len()) {
            None => statement[at] ^= 0x10,
            Some(at) => change[at] ^= 0x10,
        }
        refusal(&hub, &mut library, &Piece::Edition { statement, change });
    }
}

#[test]
fn a_statement_of_another_federation_is_not_one_of_this() {
    let hub = Hub::new();
    let mut elsewhere = hub.clone();
    elsewhere.federation = FederationId::new([9; 32]);
    let edition = elsewhere.edition(&hub.niger.publisher, &[], "Replayed");
    let refused = refusal(&hub, &mut hub.library(), &edition.piece());
    assert!(matches!(refused, GateRefused::Record(RecordRefused::Signature { .. })), "{refused}");
}

#[test]
fn an_edition_without_its_change_or_with_another_is_refused() {
    let hub = Hub::new();
    let mut library = hub.library();
    let edition = hub.edition(&hub.niger.publisher, &[], "Desks");
    let alone = refusal(&hub, &mut library, &piece(&edition.statement()));
    assert_eq!(rule(&alone), "it came without its change");
    let other = hub.edition(&hub.niger.publisher, &[], "Loans");
    let mut swapped = edition;
    swapped.change = other.change;
    let swapped = refusal(&hub, &mut library, &swapped.piece());
    assert_eq!(rule(&swapped), "its change is not the one that was signed");
}

#[test]
fn an_edition_of_a_later_program_is_left_to_later_programs() {
    #[derive(minicbor::Encode, minicbor::Decode)]
    #[cbor(map)]
    struct EditionOfTomorrow {
        #[n(0)]
        by: CertificateId,
    }
    impl Statement for EditionOfTomorrow {
        const KIND: Kind = Edition::KIND;
        const VERSION: u8 = 2;
    }
    let hub = Hub::new();
    let by = &hub.niger.publisher;
    let statement =
        EditionOfTomorrow { by: by.certificate }.prepare().sign(hub.federation, &by.key);
    let piece =
        Piece::Edition { statement: statement.to_bytes().into(), change: vec![0; 50].into() };
    let refused = refusal(&hub, &mut hub.library(), &piece);
    assert_eq!(refused, GateRefused::Layout);
    assert!(refused.is_innocent());
}

#[test]
fn who_may_not_publish_is_told_why() {
    let hub = Hub::new();
    let mut library = hub.library();
    let mut forbidden = |by: &Holder| {
        let edition = hub.edition(by, &[], "Desks");
        match refusal(&hub, &mut library, &edition.piece()) {
            GateRefused::Forbidden(forbidden) => forbidden,
            other => panic!("{other:?}"),
        }
    };
    let contributor = forbidden(&hub.niger.contributor);
    assert!(matches!(contributor, Forbidden::WithoutRole { role: Role::Publisher, .. }));
    let stranger = forbidden(&hub.nepal.publisher);
    assert_eq!(stranger, Forbidden::UnknownCertificate(hub.nepal.publisher.certificate));
    assert!(GateRefused::Forbidden(stranger).is_innocent(), "word of it may be on its way");
    let thief = Holder { key: hub.chad.publisher.key.clone(), ..hub.niger.publisher.clone() };
    assert!(matches!(forbidden(&thief), Forbidden::OtherKey { .. }));
}

#[test]
fn the_people_of_an_organisation_that_is_only_proposed_may_say_nothing() {
    let mut hub = Hub::new();
    let [niger, nepal] = [hub.niger.clone(), hub.nepal.clone()];
    let mut charter = hub.charter.peek::<Charter>().expect("the charter");
    charter.stewards.extend([niger.org(), Party::new("Mali", 9).org()]);
    let charter = charter.prepare();
    hub.federation = charter.id().cast();
    hub.charter = charter.sign(hub.federation, &hub.chad.root);
    let mut library = hub.library();
    for record in
        [hub.chad.admits(hub.federation, &nepal)].iter().chain(&nepal.records(hub.federation))
    {
        hub.submit(&mut library, &piece(record)).expect("one of two approvals");
    }
    let edition = hub.edition(&nepal.publisher, &[], "Desks");
    let refused = refusal(&hub, &mut library, &edition.piece());
    assert_eq!(refused, GateRefused::Forbidden(Forbidden::NotAMember(nepal.org())));
    let card = refusal(&hub, &mut library, &piece(&hub.card(&nepal.publisher, "Maya")));
    assert_eq!(card, GateRefused::Forbidden(Forbidden::NotAMember(nepal.org())));
}

#[test]
fn a_practice_belongs_to_whoever_founded_it() {
    let hub = Hub::new();
    let mut library = hub.library();
    let edition = hub.edition(&hub.niger.publisher, &[], "Desks");
    let mut claimed = hub.edition(&hub.chad.publisher, &[], "Desks of Niger");
    claimed.edition.practice = edition.practice();
    let refused = refusal(&hub, &mut library, &claimed.piece());
    assert_eq!(rule(&refused), "it claims a practice that its certificate did not found");
    hub.submit(&mut library, &edition.piece()).expect("its own");
    let later = hub.edition(&hub.chad.publisher, &[&edition], "Desks of Chad");
    let refused = refusal(&hub, &mut library, &later.piece());
    assert!(rule(&refused).contains("the organisation that founded"), "{refused}");
}

#[test]
fn editions_follow_each_other_in_number_and_in_change() {
    let hub = Hub::new();
    let by = &hub.niger.publisher;
    let mut library = hub.library();
    let first = hub.edition(by, &[], "Desks");
    let second = hub.edition(by, &[&first], "Desks and radio");
    let early = refusal(&hub, &mut library, &second.piece());
    assert_eq!(early, GateRefused::NotYet("an earlier edition"));
    assert!(early.is_innocent());
    hub.submit(&mut library, &first.piece()).expect("the first");

    let mut skips = second.clone();
    skips.edition.number = 3;
    let skips = refusal(&hub, &mut library, &skips.piece());
    assert_eq!(rule(&skips), "its number does not follow from those before it");

    let other = hub.edition(by, &[], "Loans");
    let mut astray = second.clone();
    (astray.edition.change, astray.change) = (other.edition.change, other.change);
    let astray = refusal(&hub, &mut library, &astray.piece());
    assert_eq!(rule(&astray), "its change builds on other editions than it names");

    let mut borrowed = second.clone();
    borrowed.edition.nonce = [7; 16];
    let borrowed = refusal(&hub, &mut library, &borrowed.piece());
    assert_eq!(borrowed, GateRefused::Chunk(ChunkRefused::Actor));

    assert!(hub.submit(&mut library, &second.piece()).is_ok());
}

#[test]
fn one_person_signs_an_edition_or_a_card_and_nobody_beside_them() {
    let hub = Hub::new();
    let mut library = hub.library();
    let edition = hub.edition(&hub.niger.publisher, &[], "Desks");
    let both = |unsigned: tern_crdt::signed::Unsigned| {
        let message = unsigned.to_sign(hub.federation);
        let keys = [&hub.niger.publisher.key, &hub.chad.publisher.key];
        unsigned.signed(keys.map(|key| (key.public(), key.sign(&message))).to_vec())
    };
    let statement = both(edition.edition.prepare());
    let twice = Piece::Edition {
        statement: statement.to_bytes().into(),
        change: edition.change.clone().into(),
    };
    assert_eq!(rule(&refusal(&hub, &mut library, &twice)), "it has more than one signature");
    let note = both(forecast(&hub.niger.publisher).prepare());
    let refused = refusal(&hub, &mut library, &piece(&note));
    assert!(matches!(refused, GateRefused::Record(RecordRefused::Malformed(_))), "{refused}");
}

fn erase(hub: &Hub, by: &Holder, object: [u8; 32], author: CertificateId) -> Piece {
    let erase = Erase { by: by.certificate, object, author, reason: EraseReason::PersonalData };
    piece(&erase.prepare().sign(hub.federation, &by.key))
}

#[test]
fn an_erased_practice_is_gone_whichever_comes_first() {
    let hub = Hub::new();
    let by = &hub.niger.publisher;
    let first = hub.edition(by, &[], "With a name in it");
    let second = hub.edition(by, &[&first], "Without");
    let erase = erase(&hub, by, *first.practice().as_bytes(), by.certificate);

    let mut after = hub.library();
    hub.submit(&mut after, &first.piece()).expect("not erased yet");
    hub.submit(&mut after, &second.piece()).expect("not erased yet");
    hub.submit(&mut after, &erase).expect("by its founder");
    assert_eq!(after.take_changed(), [first.practice()]);
    assert_eq!(after.practices(), 0);
    assert_eq!(after.ledger().edition(&first.practice(), &first.id()).expect("memory"), None);

    let mut before = hub.library();
    hub.submit(&mut before, &erase).expect("by its founder");
    for library in [&mut before, &mut after] {
        assert_eq!(refusal(&hub, library, &first.piece()), GateRefused::Erased);
        assert_eq!(refusal(&hub, library, &second.piece()), GateRefused::Erased);
    }
    assert_eq!(root(&before), root(&after));
}

#[test]
fn an_erase_that_states_another_author_takes_nothing_away() {
    let hub = Hub::new();
    let mut library = hub.library();
    let edition = hub.edition(&hub.niger.publisher, &[], "Desks");
    hub.submit(&mut library, &edition.piece()).expect("its own");
    let [chad, niger] = [&hub.chad.publisher, &hub.niger.publisher];
    let object = *edition.practice().as_bytes();
    let foreign = refusal(&hub, &mut library, &erase(&hub, chad, object, niger.certificate));
    assert!(matches!(foreign, GateRefused::Authority(AuthorityRefused::Rule { .. })), "{foreign}");
    hub.submit(&mut library, &erase(&hub, chad, object, chad.certificate)).expect("of no effect");
    assert_eq!(library.practices(), 1);
}

#[test]
fn a_name_is_given_by_its_holder_and_taken_back_with_its_bytes() {
    let hub = Hub::new();
    let mut library = hub.library();
    let by = &hub.niger.publisher;
    let card = hub.card(by, "Amina");
    let object = *card.id().as_bytes();
    assert_eq!(hub.submit(&mut library, &piece(&card)), Ok(Change::Card(by.certificate)));
    assert_eq!(library.name(&by.certificate), Some("Amina"));
    let forged = Holder { key: hub.chad.publisher.key.clone(), ..by.clone() };
    let refused = refusal(&hub, &mut library, &piece(&hub.card(&forged, "A liar")));
    assert!(matches!(refused, GateRefused::Forbidden(Forbidden::OtherKey { .. })), "{refused}");
    let nameless = refusal(&hub, &mut library, &piece(&hub.card(by, " ")));
    assert!(matches!(nameless, GateRefused::Record(RecordRefused::Malformed(_))), "{nameless}");

    hub.submit(&mut library, &erase(&hub, by, object, by.certificate)).expect("their own name");
    assert_eq!(library.name(&by.certificate), None);
    assert!(!library.holds(SetId::Public, &object));
    assert_eq!(refusal(&hub, &mut library, &piece(&card)), GateRefused::Erased);
}

#[test]
fn a_need_is_posted_by_whoever_may_ask_and_help_is_never_said_in_the_open() {
    let hub = Hub::new();
    let mut library = hub.library();
    let title = Value::Text("Registering births abroad".into());
    let need = |by: &Holder, first: Option<RecordId>, stub| {
        let (nonce, n) = ([1; 16], u32::from(first.is_some()));
        let (claimed_at, expires) = (Timestamp(1), Timestamp(9));
        let need = Need { by: by.certificate, nonce, first, n, stub, claimed_at, expires };
        need.prepare().sign(hub.federation, &by.key)
    };
    let stub = || Tree([("title".to_owned(), title.clone())].into());
    let first = need(&hub.niger.contributor, None, stub());
    let thread = first.id();
    assert_eq!(hub.submit(&mut library, &piece(&first)), Ok(Change::Other(thread)));
    let shown = |library: &Library<MemoryStore>| {
        library.needs(Timestamp(5)).map(|one| one.thread).collect::<Vec<_>>()
    };
    assert_eq!(shown(&library), [thread]);
    assert_eq!(library.needs(Timestamp(9)).count(), 0, "it has ended");
    let by_node = refusal(&hub, &mut library, &piece(&need(&hub.niger.node, None, stub())));
    assert!(matches!(by_node, GateRefused::Forbidden(Forbidden::WithoutRole { .. })), "{by_node}");
    // Another's end is held and ends nothing.
    let foreign = need(&hub.chad.publisher, Some(thread), Tree::default());
    hub.submit(&mut library, &piece(&foreign)).expect("held");
    assert_eq!(shown(&library), [thread]);
    let end = need(&hub.niger.contributor, Some(thread), Tree::default());
    hub.submit(&mut library, &piece(&end)).expect("their own");
    assert_eq!(shown(&library), []);
    let by = &hub.chad.publisher;
    let text = "We did this in 2019.".to_owned();
    let help = Help { by: by.certificate, need: thread, text, claimed_at: Timestamp(1) };
    let help = help.prepare().sign(hub.federation, &by.key);
    assert_eq!(refusal(&hub, &mut library, &piece(&help)), GateRefused::InTheOpen);
}

#[test]
fn what_nobody_knows_yet_is_held_if_a_member_signed_it() {
    let hub = Hub::new();
    let mut library = hub.library();
    let note = |by: &Holder| forecast(by).prepare().sign(hub.federation, &by.key);
    let by_member = note(&hub.niger.contributor);
    assert_eq!(hub.submit(&mut library, &piece(&by_member)), Ok(Change::Other(by_member.id())));
    let by_nobody = refusal(&hub, &mut library, &piece(&note(&hub.nepal.contributor)));
    assert!(matches!(by_nobody, GateRefused::Forbidden(Forbidden::UnknownCertificate(_))));
    let by_root = forecast(&hub.niger.publisher).prepare().sign(hub.federation, &hub.niger.root);
    assert_eq!(hub.submit(&mut library, &piece(&by_root)), Ok(Change::Authority(by_root.id())));
    let by_whom = SecretKey::from_seed(&[9; 32]);
    let by_whom = Wind { force: 12 }.prepare().sign(hub.federation, &by_whom);
    let refused = refusal(&hub, &mut library, &piece(&by_whom));
    assert_eq!(refused, GateRefused::NotYet("word of who signed it"));
}

#[test]
fn a_full_practice_holds_the_same_editions_in_whatever_order_they_came() {
    let hub = Hub::new();
    let by = &hub.niger.publisher;
    let first = hub.edition(by, &[], "Desks");
    let rivals: Vec<Written> = (0..EDITIONS_MAX + 5)
        .map(|number| hub.edition(by, &[&first], &format!("Desks, by hand {number}")))
        .collect();
    let fill = |order: &mut dyn Iterator<Item = &Written>| {
        let mut library = hub.library();
        hub.submit(&mut library, &first.piece()).expect("the first");
        let (mut held, mut crowded) = (0, 0);
        for rival in order {
            match library.admit(rival.examined()).expect("memory") {
                Ok(_) => held += 1,
                Err(GateRefused::Crowded) => crowded += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(held + crowded, EDITIONS_MAX + 5);
        let entry = library.ledger().practice(&first.practice()).expect("memory");
        let editions = entry.expect("held").editions.len();
        assert_eq!(editions, EDITIONS_MAX);
        root(&library)
    };
    assert_eq!(fill(&mut rivals.iter()), fill(&mut rivals.iter().rev()));
}

#[test]
fn what_is_remembered_of_a_full_practice_fits_a_stored_value() {
    let change = tern_crdt::chunk::ChangeMeta {
        hash: [255; 32],
        actor: [255; 16],
        seq: u64::from(u32::MAX),
        start_op: u64::from(u32::MAX),
        ops: u64::from(u32::MAX),
        deps: vec![[255; 32]; tern_crdt::edition::PREVIOUS_MAX],
        bytes: u32::MAX,
        depth: u32::MAX,
    };
    let entry = crate::ledger::EditionEntry {
        id: EditionId::new([255; 32]),
        number: u32::MAX,
        change,
        received: tern_crdt::timestamp::Timestamp(i64::MIN),
    };
    let bytes = minicbor::to_vec(entry).expect("a vector takes every byte");
    assert!(bytes.len() <= EDITION_ENTRY_BYTES_MAX, "{}", bytes.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_in_which_editions_come_changes_nothing(
        follows in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 1..3), 1..6),
        order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let hub = Hub::new();
        let by = &hub.niger.publisher;
        let mut editions = vec![hub.edition(by, &[], "0")];
        for indices in follows {
            let mut earlier: Vec<usize> = indices.iter().map(|at| at.index(editions.len())).collect();
            earlier.sort_unstable();
            earlier.dedup();
            let mut earlier: Vec<&Written> = earlier.iter().map(|at| &editions[*at]).collect();
            let among = earlier.clone();
            earlier.retain(|one| !among.iter().any(|other| other.builds_on(one)));
            let title = editions.len().to_string();
            let next = hub.edition(by, &earlier, &title);
            editions.push(next);
        }
        let mut in_order = hub.library();
        for edition in &editions {
            prop_assert!(hub.submit(&mut in_order, &edition.piece()).is_ok());
        }
        let mut shuffled = hub.library();
        for _ in 0..editions.len() {
            for at in order.iter().filter(|at| **at < editions.len()) {
                match hub.submit(&mut shuffled, &editions[*at].piece()) {
                    Ok(_) | Err(GateRefused::NotYet(_)) => {}
                    Err(other) => prop_assert!(false, "{}", other),
                }
            }
        }
        prop_assert_eq!(root(&in_order), root(&shuffled));
    }

    #[test]
    fn no_bytes_panic_the_gate(
        statement in prop::collection::vec(any::<u8>(), 0..200),
        change in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let hub = Hub::new();
        let record = Piece::Record(statement.clone().into());
        prop_assert!(examine(&record, hub.federation).is_err());
        let edition = Piece::Edition { statement: statement.into(), change: change.into() };
        prop_assert!(examine(&edition, hub.federation).is_err());
    }

    #[test]
    fn a_change_that_was_tampered_with_and_signed_anew_does_not_panic_the_gate(
        at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..4),
    ) {
        let hub = Hub::new();
        let mut library = hub.library();
        let mut edition = hub.edition(&hub.niger.publisher, &[], "Desks");
        let at = at.index(edition.change.len());
        let end = (at + bytes.len()).min(edition.change.len());
        edition.change.splice(at..end, bytes);
        if let Ok(chunk) = chunk::read(&edition.change) {
            edition.edition.change = chunk.hash();
        }
        let _ = hub.submit(&mut library, &edition.piece());
        prop_assert!(library.practices() <= 1);
    }
}
