//! A publisher of Niger is revoked: what they signed before stays, what they
//! dated back goes, and honest work on top of it waits to be adopted.

use proptest::prelude::*;
use tern_crdt::authority::{Adopt, Adopted, Cut, Revoke, RevokeReason, Role};
use tern_crdt::identity::{CertificateId, RecordId};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::verdict::{Quarantine, Verdict};

use crate::library::Library;
use crate::meeting::set::SetId;
use crate::message::Piece;
use crate::store::StoreError;
use crate::store::memory::MemoryStore;
use crate::story::{Holder, Hub, Written, piece};

/// Niger has a second publisher, Moussa; the first one leaves with the key.
struct Story {
    hub: Hub,
    moussa: Holder,
    early: Written,
    card: Record,
    revoke: Record,
    /// Signed by the revoked key and dated back.
    late: Written,
    /// By Moussa, who did not know.
    honest: Written,
    adopt: Record,
}

impl Story {
    fn new() -> Self {
        let mut hub = Hub::new();
        let key = tern_crdt::identity::SecretKey::from_seed(&[77; 32]);
        let certificate = hub.niger.grant(key.public(), &[Role::Publisher]);
        let moussa = Holder { key, certificate };
        let gone = hub.niger.publisher.clone();
        let early = hub.edition(&gone, &[], "Births are registered");
        let late = hub.edition(&gone, &[&early], "Births are not registered");
        let honest = hub.edition(&moussa, &[&late], "Births are not registered at sea");
        let card = hub.card(&gone, "Awa Example");
        let listed = [early.id().cast::<tern_crdt::identity::Record>(), card.id()]
            .map(|id| tern_crdt::authority::prefix(id.as_bytes()));
        let revoke = Revoke {
            org: hub.niger.org(),
            prev: vec![moussa.certificate.cast()],
            certificate: gone.certificate,
            reason: RevokeReason::Stolen,
            cut: Cut::of(listed.to_vec(), Vec::new(), |_| unreachable!("two ids fit")),
        };
        let revoke = revoke.prepare().sign(hub.federation, &hub.niger.root);
        let adopt = Adopt {
            by: moussa.certificate,
            certificate: gone.certificate,
            what: Adopted::Change {
                document: *late.practice().as_bytes(),
                change: honest.edition.change,
            },
            reason: "it is what we found too".into(),
        };
        let adopt = adopt.prepare().sign(hub.federation, &moussa.key);
        Self { hub, moussa, early, card, revoke, late, honest, adopt }
    }

    fn verdicts(&self, library: &Library<MemoryStore>) -> Vec<Verdict> {
        let held = library.practice(&self.early.practice()).expect("memory");
        held.map(|(entry, editions)| library.verdicts(&self.early.practice(), &entry, &editions))
            .unwrap_or_default()
    }

    fn give(&self, library: &mut Library<MemoryStore>, piece: &Piece) {
        self.hub.submit(library, piece).expect("it is held");
        library.rejudge().expect("memory");
    }

    fn revoked(&self) -> Quarantine {
        let by: RecordId = self.revoke.id();
        Quarantine::Revoked { certificate: self.hub.niger.publisher.certificate, by }
    }
}

fn holds(library: &Library<MemoryStore>, id: &[u8; 32]) -> bool {
    library.holds(SetId::Public, id)
}

#[test]
fn a_backdated_edition_goes_and_what_stood_before_stays() {
    let story = Story::new();
    let mut library = story.hub.library();
    story.give(&mut library, &story.early.piece());
    story.give(&mut library, &piece(&story.card));
    let before = library.set(SetId::Public).root();
    story.give(&mut library, &story.late.piece());
    story.give(&mut library, &piece(&story.revoke));
    assert_eq!(library.set(SetId::Public).root(), before, "as if it had never come");
    assert_eq!(story.verdicts(&library), [Verdict::Accepted]);
    assert!(holds(&library, story.card.id().as_bytes()), "the name on their work stays");
    assert_eq!(library.take_changed(), [story.early.practice()], "the index is told");

    // One that never came before comes now: kept, in no set.
    let other = story.hub.edition(&story.hub.niger.publisher, &[], "A practice of the thief");
    story.give(&mut library, &other.piece());
    assert!(!holds(&library, other.practice().as_bytes()));
    assert_eq!(library.practices(), 1);
    library.commit().expect("room");
    let store = library.into_store();
    let again = Library::open(store, story.hub.federation).expect("opens");
    assert_eq!((again.practices(), again.set(SetId::Public).root()), (1, before));
}

#[test]
fn a_card_that_the_cut_leaves_out_is_dropped() {
    let story = Story::new();
    let mut library = story.hub.library();
    let card = story.hub.card(&story.hub.niger.publisher, "The Minister");
    story.give(&mut library, &piece(&card));
    story.give(&mut library, &piece(&story.revoke));
    assert!(!holds(&library, card.id().as_bytes()));
    let name = library.name(&story.hub.niger.publisher.certificate);
    assert_eq!(name, None);
}

/// A call for practices that the revoker's node had not heard of when it made the cut.
#[test]
fn a_record_that_the_cut_leaves_out_is_kept_aside_and_counts_again_when_it_is_adopted() {
    let story = Story::new();
    let mut library = story.hub.library();
    let gone = &story.hub.niger.publisher;
    let submission = tern_crdt::review::Submission {
        by: gone.certificate,
        nonce: [3; 16],
        practice: story.early.practice(),
        edition: story.early.id(),
        policy: RecordId::new([9; 32]),
        call: None,
        note: "before the key was stolen".into(),
        claimed_at: tern_crdt::timestamp::Timestamp(1),
    };
    let submission = submission.prepare().sign(story.hub.federation, &gone.key);
    let (id, object) = (submission.id(), *submission.id().as_bytes());
    story.give(&mut library, &piece(&submission));
    let before = library.set(SetId::Public).root();
    story.give(&mut library, &piece(&story.revoke));
    assert!(!holds(&library, &object));
    let aside = |library: &Library<MemoryStore>| -> Vec<RecordId> {
        library.records_aside().expect("memory").iter().map(|record| record.id()).collect()
    };
    assert_eq!(aside(&library), [id], "kept, and told to nobody");
    library.commit().expect("room");
    let mut library = Library::open(library.into_store(), story.hub.federation).expect("opens");

    let adopt = |what| {
        let (by, certificate) = (story.moussa.certificate, gone.certificate);
        let adopt = Adopt { by, certificate, what, reason: "it was ours".into() };
        piece(&adopt.prepare().sign(story.hub.federation, &story.moussa.key))
    };
    story.give(&mut library, &adopt(Adopted::Record([8; 32])));
    assert_eq!(aside(&library), [id], "another one was adopted");
    story.give(&mut library, &adopt(Adopted::Record(object)));
    assert!(holds(&library, &object));
    assert_eq!((aside(&library), library.set(SetId::Public).root()), (vec![], before));

    // What its author erases is aside no more either.
    let mut library = story.hub.library();
    story.give(&mut library, &piece(&submission));
    story.give(&mut library, &piece(&story.revoke));
    let erase = tern_crdt::authority::Erase {
        by: story.moussa.certificate,
        author: gone.certificate,
        object,
        reason: tern_crdt::authority::EraseReason::PersonalData,
    };
    story
        .give(&mut library, &piece(&erase.prepare().sign(story.hub.federation, &story.moussa.key)));
    assert_eq!(aside(&library), []);
}

/// A translation by a key that was stolen lies aside when the practice is erased.
#[test]
fn what_is_aside_of_a_practice_leaves_with_it_when_its_founder_erases_it() {
    use tern_crdt::annotation::{Annotation, Deed, Remark};
    use tern_crdt::authority::{Erase, EraseReason};

    let story = Story::new();
    let mut library = story.hub.library();
    let gone = &story.hub.niger.publisher;
    let founded = story.hub.edition(&story.moussa, &[], "Seasonal work");
    story.give(&mut library, &founded.piece());
    let said = Annotation {
        by: gone.certificate,
        nonce: [5; 16],
        founder: story.moussa.certificate,
        founding: founded.edition.nonce,
        editions: vec![founded.id()],
        deed: Deed::TakeBack { why: Remark::default().to_tree() },
        follows: vec![RecordId::new([9; 32])],
        claimed_at: tern_crdt::timestamp::Timestamp(1),
    };
    let said = said.prepare().sign(story.hub.federation, &gone.key);
    story.give(&mut library, &piece(&said));
    story.give(&mut library, &piece(&story.revoke));
    assert_eq!(library.records_aside().expect("memory").len(), 1);
    let erase = Erase {
        by: story.moussa.certificate,
        author: story.moussa.certificate,
        object: *founded.practice().as_bytes(),
        reason: EraseReason::PersonalData,
    };
    let erase = erase.prepare().sign(story.hub.federation, &story.moussa.key);
    story.give(&mut library, &piece(&erase));
    assert_eq!(library.records_aside().expect("memory"), vec![], "no word of it is left");
    assert!(library.is_shred_due(), "nor on the disk");
}

#[test]
fn honest_work_on_a_backdated_edition_is_held_and_survives_when_it_is_adopted() {
    let story = Story::new();
    let mut library = story.hub.library();
    for written in [&story.early, &story.late, &story.honest] {
        story.give(&mut library, &written.piece());
    }
    assert_eq!(story.verdicts(&library), [Verdict::Accepted; 3]);
    story.give(&mut library, &piece(&story.revoke));
    assert_eq!(
        story.verdicts(&library),
        [
            Verdict::Accepted,
            Verdict::Quarantined(story.revoked()),
            Verdict::Quarantined(Quarantine::BuildsOn(story.late.edition.change)),
        ]
    );
    story.give(&mut library, &piece(&story.adopt));
    let adopted = Verdict::Adopted(story.adopt.id());
    assert_eq!(story.verdicts(&library), [Verdict::Accepted, adopted, Verdict::Accepted]);
}

#[test]
fn the_cut_of_a_certificate_lists_all_that_it_signed_here() {
    let story = Story::new();
    let mut library = story.hub.library();
    for written in [&story.early, &story.late, &story.honest] {
        story.give(&mut library, &written.piece());
    }
    story.give(&mut library, &piece(&story.card));
    let of = |certificate: CertificateId| library.signed_by(&[certificate].into()).expect("memory");
    let gone = of(story.hub.niger.publisher.certificate);
    assert_eq!(gone.len(), 3);
    for id in [story.early.id().cast(), story.late.id().cast(), story.card.id()] {
        assert!(gone.contains(&tern_crdt::authority::prefix(id.as_bytes())));
    }
    assert_eq!(of(story.moussa.certificate).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nodes_that_received_the_same_hold_the_same(
        order in Just((0..7usize).collect::<Vec<_>>()).prop_shuffle(),
        with_adopt in any::<bool>(),
    ) {
        let story = Story::new();
        let mut pieces = vec![
            story.early.piece(), story.late.piece(), story.honest.piece(), piece(&story.card),
            piece(&story.revoke), piece(&story.hub.card(&story.moussa, "Moussa Example")),
        ];
        pieces.push(if with_adopt { piece(&story.adopt) } else { pieces[0].clone() });
        let mut first = story.hub.library();
        for piece in &pieces {
            story.give(&mut first, piece);
        }
        let mut other = story.hub.library();
        let mut waiting: Vec<&Piece> = order.iter().map(|at| &pieces[*at]).collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|piece| story.hub.submit(&mut other, piece).is_err());
            other.rejudge().expect("memory");
            prop_assert!(waiting.len() < before, "something is never held");
        }
        for set in [SetId::Authority, SetId::Public] {
            prop_assert_eq!(first.set(set).root(), other.set(set).root());
        }
        prop_assert_eq!(story.verdicts(&first), story.verdicts(&other));
    }
}

#[test]
fn what_was_erased_is_due_to_leave_the_disk_until_it_has() {
    let story = Story::new();
    let mut library = story.hub.library();
    story.give(&mut library, &piece(&story.card));
    assert!(!library.is_shred_due());
    let by = story.hub.niger.publisher.clone();
    let erase = tern_crdt::authority::Erase {
        by: by.certificate,
        object: *story.card.id().as_bytes(),
        author: by.certificate,
        reason: tern_crdt::authority::EraseReason::TakenBack,
    };
    let erase = erase.prepare().sign(story.hub.federation, &by.key);
    story.give(&mut library, &piece(&erase));
    library.commit().expect("room");
    // The node stops before it came to it, and then the disk is full.
    let store = library.into_store();
    let mut library = Library::open(store, story.hub.federation).expect("opens");
    assert!(library.is_shred_due());
    let full = |_: &mut MemoryStore| Err(StoreError::Failed("the disk is full".into()));
    assert!(library.shred(full).expect("nothing else failed").is_err());
    assert!(library.is_shred_due(), "tried again later");
    assert!(matches!(library.shred(|_| Ok(())), Ok(Ok(()))));
    let store = library.into_store();
    assert!(!Library::open(store, story.hub.federation).expect("opens").is_shred_due());
}
