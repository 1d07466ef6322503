//! What is said about a practice of Niger, told to two nodes in two orders: by Niger
//! itself, by Chad, which uses it too; with a revocation and an erasure.

use serde_json::json;
use tern_crdt::annotation::fold::Said;
use tern_crdt::annotation::{Adaptation, Annotation, Deed, Reason, Remark, Translation};
use tern_crdt::authority::{Cut, Erase, EraseReason, Forbidden, Revoke, RevokeReason, Role};
use tern_crdt::identity::{DocumentId, RecordId, SecretKey};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::timestamp::Timestamp;

use crate::gate::GateRefused;
use crate::library::Library;
use crate::meeting::set::SetId;
use crate::step::Change;
use crate::store::memory::MemoryStore;
use crate::story::{Holder, Hub, Written, piece};

fn says(hub: &Hub, who: &Holder, of: &Written, follows: &[RecordId], deed: Deed) -> Record {
    let mut follows = follows.to_vec();
    follows.sort_unstable();
    let annotation = Annotation {
        by: who.certificate,
        nonce: [3; 16],
        founder: of.edition.by,
        founding: of.edition.nonce,
        editions: vec![of.id()],
        deed,
        follows,
        claimed_at: Timestamp(9),
    };
    annotation.prepare().sign(hub.federation, &who.key)
}

fn withdraw() -> Deed {
    let why = Remark::default().to_tree();
    Deed::Withdraw { reason: Reason::Wrong, past: true, replaced_by: None, why }
}

fn adapt() -> Deed {
    let adaptation = json!({ "countries": ["TD"], "outcome": "worked" });
    let adaptation = Adaptation::from_json(&adaptation, "en").expect("an adaptation");
    Deed::Adapt { adaptation: adaptation.to_tree() }
}

fn translate() -> Deed {
    let translation = json!({ "language": "fr", "title": "Des guichets" });
    let translation = Translation::from_json(&translation, "en").expect("a translation");
    Deed::Translate { translation: translation.to_tree() }
}

fn said(library: &Library<MemoryStore>, practice: &DocumentId) -> Said {
    let (entry, editions) = library.practice(practice).expect("memory").expect("held");
    library.said(practice, &entry, &editions).expect("memory")
}

#[test]
fn two_nodes_that_heard_it_in_two_orders_know_the_same_and_say_what_changed() {
    let hub = Hub::new();
    let (niger, chad) = (&hub.niger.publisher, &hub.chad.publisher);
    let edition = hub.edition(niger, &[], "Desks");
    let practice = edition.practice();
    let withdrawn = says(&hub, niger, &edition, &[], withdraw());
    let used = says(&hub, chad, &edition, &[], adapt());
    let foreign = says(&hub, chad, &edition, &[], withdraw());
    let remark = Remark::default().to_tree();
    let back = says(&hub, niger, &edition, &[withdrawn.id()], Deed::TakeBack { why: remark });

    let mut one = hub.library();
    hub.submit(&mut one, &edition.piece()).expect("an edition");
    let before = one.shown_state(&practice);
    for record in [&withdrawn, &used, &foreign] {
        let change = hub.submit(&mut one, &piece(record)).expect("by publishers");
        assert_eq!(change, Change::Annotation(practice));
    }
    assert_eq!(one.take_changed(), [practice; 3], "the index is told");
    assert!(one.changes_noted().expect("memory").contains_key(&practice), "and catalogues");
    assert_ne!(one.shown_state(&practice), before);
    assert_eq!(one.set(SetId::Public).get(practice.as_bytes()).copied(), before);
    let now = said(&one, &practice);
    assert_eq!(now.withdrawal(&edition.id()).map(|one| one.id), Some(withdrawn.id()));
    assert_eq!(now.refused.keys().copied().collect::<Vec<_>>(), [foreign.id()]);
    hub.submit(&mut one, &piece(&back)).expect("taken back");

    let mut other = hub.library();
    for record in [&back, &foreign, &used, &withdrawn] {
        hub.submit(&mut other, &piece(record)).expect("held before its practice");
    }
    assert!(other.changes_noted().expect("memory").is_empty(), "of a practice that is not here");
    hub.submit(&mut other, &edition.piece()).expect("an edition");
    assert_eq!(one.set(SetId::Public).root(), other.set(SetId::Public).root());
    let now = said(&other, &practice);
    assert_eq!((now.clone(), now.withdrawn.len()), (said(&one, &practice), 0));
    assert_eq!(other.shown_state(&practice), one.shown_state(&practice));
    other.commit().expect("memory");
    let opened = Library::open(other.into_store(), hub.federation).expect("it opens");
    assert_eq!(said(&opened, &practice), now);
    assert_eq!(opened.annotations().by(&chad.certificate).collect::<Vec<_>>(), [practice]);
}

#[test]
fn what_was_said_about_an_erased_practice_goes_with_it_whether_it_was_here_or_not() {
    let hub = Hub::new();
    let (niger, chad) = (&hub.niger.publisher, &hub.chad.publisher);
    let edition = hub.edition(niger, &[], "With a name in it");
    let translated = piece(&says(&hub, chad, &edition, &[], translate()));
    let object = *edition.practice().as_bytes();
    let reason = EraseReason::PersonalData;
    let erase = Erase { by: niger.certificate, object, author: niger.certificate, reason };
    let erase = piece(&erase.prepare().sign(hub.federation, &niger.key));

    let mut held = hub.library();
    hub.submit(&mut held, &edition.piece()).expect("not erased yet");
    let mut absent = hub.library();
    for library in [&mut held, &mut absent] {
        hub.submit(library, &translated).expect("not erased yet");
        hub.submit(library, &erase).expect("by its founder");
        assert!(library.is_shred_due(), "its bytes leave the disk too");
    }
    let mut later = hub.library();
    hub.submit(&mut later, &erase).expect("by its founder");
    let root = hub.library().set(SetId::Public).root();
    for library in [&mut held, &mut absent, &mut later] {
        assert_eq!(hub.submit(library, &translated), Err(GateRefused::Erased));
        assert_eq!(library.annotations().of_practice(&edition.practice()).len(), 0);
        assert_eq!(library.set(SetId::Public).root(), root);
    }
}

#[test]
fn who_is_no_publisher_says_nothing_and_what_a_stolen_key_said_does_not_stand() {
    let mut hub = Hub::new();
    let key = SecretKey::from_seed(&[77; 32]);
    let certificate = hub.niger.grant(key.public(), &[Role::Contributor]);
    let contributor = Holder { key, certificate };
    let niger = hub.niger.publisher.clone();
    let edition = hub.edition(&niger, &[], "Desks");
    let practice = edition.practice();
    let mut library = hub.library();
    hub.submit(&mut library, &edition.piece()).expect("an edition");
    let record = says(&hub, &contributor, &edition, &[], adapt());
    let refused = hub.submit(&mut library, &piece(&record)).expect_err("no publisher");
    let without = Forbidden::WithoutRole { certificate, role: Role::Publisher };
    assert_eq!(refused, GateRefused::Forbidden(without));

    let thief = hub.chad.publisher.clone();
    let used = says(&hub, &thief, &edition, &[], adapt());
    hub.submit(&mut library, &piece(&used)).expect("by a publisher");
    assert_eq!(said(&library, &practice).stands.len(), 1);
    library.take_changed();
    let log = hub.chad.records(hub.federation);
    let revoke = Revoke {
        org: hub.chad.org(),
        prev: vec![log.last().expect("grants").id()],
        certificate: thief.certificate,
        reason: RevokeReason::Stolen,
        cut: Cut::default(),
    };
    let revoke = revoke.prepare().sign(hub.federation, &hub.chad.root);
    hub.submit(&mut library, &piece(&revoke)).expect("a revocation");
    library.rejudge().expect("memory");
    assert_eq!(said(&library, &practice).stands.len(), 0);
    assert_eq!(library.take_changed(), [practice], "the index is told");
}
