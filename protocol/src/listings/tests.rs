//! Niger's collection, told to two nodes in two orders, with an erasure and a
//! revocation.

use serde_json::json;
use tern_crdt::authority::{Cut, Erase, EraseReason, Forbidden, Revoke, RevokeReason, Role};
use tern_crdt::identity::{DocumentId, ListingId, RecordId, SecretKey};
use tern_crdt::listing::{Collection, Deed, Listing, Sort, Thing, listing_id};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::timestamp::Timestamp;

use crate::gate::GateRefused;
use crate::library::Library;
use crate::meeting::set::SetId;
use crate::step::Change;
use crate::story::{Holder, Hub, piece};

const NONCE: [u8; 16] = [3; 16];

fn practice(seed: u8) -> DocumentId {
    DocumentId::new([seed; 32])
}

fn says(hub: &Hub, who: &Holder, follows: &[RecordId], practices: &[u8], at: i64) -> Record {
    let mut follows = follows.to_vec();
    follows.sort_unstable();
    let items: Vec<_> =
        practices.iter().map(|seed| json!({ "practice": practice(*seed).to_string() })).collect();
    let form = json!({ "title": "Births at the border", "items": items });
    let form = Collection::from_json(&form, "en").expect("a collection").to_tree();
    let listing = Listing {
        by: who.certificate,
        founder: hub.niger.publisher.certificate,
        nonce: NONCE,
        sort: Sort::Collection,
        deed: Deed::Say { form },
        follows,
        claimed_at: Timestamp(at),
    };
    listing.prepare().sign(hub.federation, &who.key)
}

fn id(hub: &Hub) -> ListingId {
    listing_id(hub.federation, hub.niger.publisher.certificate, &NONCE, Sort::Collection)
}

#[test]
fn two_nodes_that_heard_it_in_two_orders_know_the_same_and_what_it_names() {
    let hub = Hub::new();
    let (niger, chad) = (&hub.niger.publisher, &hub.chad.publisher);
    let first = says(&hub, niger, &[], &[1, 2], 1);
    let anew = says(&hub, niger, &[first.id()], &[2, 3], 2);
    let foreign = says(&hub, chad, &[anew.id()], &[], 3);
    let mut one = hub.library();
    for record in [&first, &anew, &foreign] {
        let change = hub.submit(&mut one, &piece(record)).expect("by publishers");
        assert_eq!(change, Change::Listing(id(&hub)));
    }
    let mut other = hub.library();
    for record in [&foreign, &anew, &first] {
        hub.submit(&mut other, &piece(record)).expect("held before what it follows");
    }
    assert_eq!(one.set(SetId::Public).root(), other.set(SetId::Public).root());
    other.commit().expect("memory");
    let other = Library::open(other.into_store(), hub.federation).expect("it opens");
    for library in [&one, &other] {
        let stood = library.listing(id(&hub)).expect("memory").expect("held");
        let told = stood.told().expect("it stands");
        assert_eq!((told.0, stood.refused.len()), (anew.id(), 2));
        let named: Vec<DocumentId> = told.1.collection().expect("said").practices().collect();
        assert_eq!(named, [practice(2), practice(3)]);
        let naming = |seed| library.listings().naming(&Thing::Practice(practice(seed))).len();
        assert_eq!([naming(1), naming(3), naming(4)], [1, 1, 0]);
        let listed: Vec<ListingId> = library.listings().of_sort(Sort::Collection).collect();
        assert_eq!(listed, [id(&hub)]);
        assert_eq!(library.listings().of_sort(Sort::Resource).count(), 0);
    }
}

#[test]
fn an_erased_collection_leaves_with_all_its_records_and_does_not_come_back() {
    let hub = Hub::new();
    let niger = &hub.niger.publisher;
    let first = says(&hub, niger, &[], &[1], 1);
    let anew = says(&hub, niger, &[first.id()], &[2], 2);
    let (object, reason) = (*id(&hub).as_bytes(), EraseReason::PersonalData);
    let erase = Erase { by: niger.certificate, object, author: niger.certificate, reason };
    let erase = piece(&erase.prepare().sign(hub.federation, &niger.key));
    let root = hub.library().set(SetId::Public).root();
    let mut held = hub.library();
    hub.submit(&mut held, &piece(&first)).expect("not erased yet");
    let mut later = hub.library();
    for library in [&mut held, &mut later] {
        hub.submit(library, &erase).expect("by its founder");
        assert_eq!(hub.submit(library, &piece(&anew)), Err(GateRefused::Erased));
        assert_eq!(library.set(SetId::Public).root(), root);
        assert_eq!(library.listing(id(&hub)).expect("memory"), None);
        assert_eq!(library.listings().naming(&Thing::Practice(practice(1))).len(), 0);
    }
    assert!(held.is_shred_due(), "its bytes leave the disk too");
}

#[test]
fn who_is_no_publisher_lists_nothing_and_what_a_stolen_key_said_gives_way_to_what_stood() {
    let mut hub = Hub::new();
    let niger = hub.niger.publisher.clone();
    let mut grant = |seed, roles: &[Role]| {
        let key = SecretKey::from_seed(&[seed; 32]);
        let certificate = hub.niger.grant(key.public(), roles);
        Holder { key, certificate }
    };
    let contributor = grant(77, &[Role::Contributor]);
    let thief = grant(78, &[Role::Publisher]);
    let mut library = hub.library();
    let refused = hub.submit(&mut library, &piece(&says(&hub, &contributor, &[], &[1], 1)));
    let certificate = contributor.certificate;
    let without = Forbidden::WithoutRole { certificate, role: Role::Publisher };
    assert_eq!(refused, Err(GateRefused::Forbidden(without)));

    let first = says(&hub, &niger, &[], &[1], 1);
    let stolen = says(&hub, &thief, &[first.id()], &[9], 2);
    for record in [&first, &stolen] {
        hub.submit(&mut library, &piece(record)).expect("by publishers");
    }
    let told = |library: &Library<_>| {
        let stood = library.listing(id(&hub)).expect("memory").expect("held");
        stood.told().map(|(id, _)| *id)
    };
    assert_eq!(told(&library), Some(stolen.id()));
    let log = hub.niger.records(hub.federation);
    let revoke = Revoke {
        org: hub.niger.org(),
        prev: vec![log.last().expect("grants").id()],
        certificate: thief.certificate,
        reason: RevokeReason::Stolen,
        cut: Cut::default(),
    };
    let revoke = revoke.prepare().sign(hub.federation, &hub.niger.root);
    hub.submit(&mut library, &piece(&revoke)).expect("a revocation");
    library.rejudge().expect("memory");
    assert_eq!(told(&library), Some(first.id()));
    assert_eq!(library.records_aside().expect("memory").len(), 1);
}
