//! Where nodes say that they are: who may say so, and which word stands.

use proptest::prelude::*;
use tern_crdt::authority::{Cut, Erase, EraseReason, Revoke, RevokeReason};
use tern_crdt::signed::{Record, Statement};

use super::*;
use crate::meeting::set::SetId;
use crate::store::memory::MemoryStore;
use crate::story::{Holder, Hub, piece};

const HERE: &str = "/ip4/192.0.2.7/tcp/4480";
const THERE: &str = "/ip4/198.51.100.9/tcp/4480";

fn give(hub: &Hub, library: &mut Library<MemoryStore>, record: &Record) -> Change {
    let change = hub.submit(library, &piece(record)).expect("it is held");
    library.rejudge().expect("memory does not fail");
    change
}

fn told<'l>(library: &'l Library<MemoryStore>, by: &Holder) -> Option<(u64, &'l [String])> {
    let address = library.node_address(&by.key.public())?;
    Some((address.n, &address.addresses))
}

#[test]
fn of_one_node_one_record_stands_whatever_came_first() {
    let hub = Hub::new();
    let node = &hub.niger.node;
    let (first, second) = (hub.address(node, 1, &[HERE]), hub.address(node, 2, &[THERE]));
    let mut roots = Vec::new();
    for order in [[&first, &second], [&second, &first]] {
        let mut library = hub.library();
        for record in order {
            give(&hub, &mut library, record);
        }
        assert_eq!(told(&library, node), Some((2, &[THERE.to_owned()][..])));
        assert_eq!(library.set(SetId::Public).count(), 1);
        assert_eq!(give(&hub, &mut library, &first), Change::Known, "it changes nothing");
        assert_eq!(give(&hub, &mut library, &second), Change::Known);
        roots.push(library.set(SetId::Public).root());
        library.commit().expect("room");
        let again = Library::open(library.into_store(), hub.federation).expect("opens");
        assert_eq!(told(&again, node), Some((2, &[THERE.to_owned()][..])));
        roots.push(again.set(SetId::Public).root());
    }
    assert!(roots.iter().all(|root| *root == roots[0]));
}

#[test]
fn a_node_speaks_for_itself_and_nobody_else_does() {
    let hub = Hub::new();
    let mut library = hub.library();
    let (publisher, node) = (&hub.niger.publisher, &hub.niger.node);
    let mut refused = |by: &Holder| {
        let record = hub.address(by, 9, &[HERE]);
        hub.submit(&mut library, &piece(&record)).expect_err("it has to be refused")
    };
    let reason = refused(publisher);
    assert!(matches!(reason, GateRefused::Forbidden(Forbidden::WithoutRole { .. })), "{reason}");
    assert!(!reason.is_innocent(), "no honest node passes this on");
    // Chad's node, in the name of Niger's.
    let other = Holder { key: hub.chad.node.key.clone(), certificate: node.certificate };
    let reason = refused(&other);
    assert!(matches!(reason, GateRefused::Forbidden(Forbidden::OtherKey { .. })), "{reason}");
    // Who is no member yet may become one.
    assert!(refused(&hub.nepal.node).is_innocent());
    assert_eq!(library.node_addresses().count(), 0);
}

#[test]
fn a_root_key_that_is_a_node_too_tells_no_authority() {
    let mut hub = Hub::new();
    let certificate = hub.niger.grant(hub.niger.root.public(), &[Role::Node]);
    let node = Holder { key: hub.niger.root.clone(), certificate };
    let mut library = hub.library();
    let record = hub.address(&node, 1, &[HERE]);
    assert_eq!(give(&hub, &mut library, &record), Change::NodeAddress(node.key.public()));
    assert!(library.holds(SetId::Public, record.id().as_bytes()));
}

#[test]
fn two_signatures_are_one_too_many() {
    let hub = Hub::new();
    let address = NodeAddress { by: hub.niger.node.certificate, n: 1, addresses: vec![] };
    let keys = [&hub.niger.node.key, &hub.chad.node.key];
    let sign = |key: &tern_crdt::identity::SecretKey| {
        (key.public(), key.sign(&address.prepare().to_sign(hub.federation)))
    };
    let record = address.prepare().signed(keys.map(sign).to_vec());
    let refused = hub.submit(&mut hub.library(), &piece(&record)).expect_err("refused");
    assert!(matches!(refused, GateRefused::Record(_)), "{refused}");
}

/// The certificate of Niger's node is revoked, with a cut that lists this.
fn revoke(hub: &Hub, listed: &Record) -> Record {
    let revoke = Revoke {
        org: hub.niger.org(),
        prev: vec![hub.niger.node.certificate.cast()],
        certificate: hub.niger.node.certificate,
        reason: RevokeReason::Replaced,
        cut: Cut::of(
            vec![tern_crdt::authority::prefix(listed.id().as_bytes())],
            Vec::new(),
            |_| unreachable!("one id fits"),
        ),
    };
    revoke.prepare().sign(hub.federation, &hub.niger.root)
}

#[test]
fn with_the_certificate_goes_the_address_even_if_the_cut_lists_it() {
    let hub = Hub::new();
    let record = hub.address(&hub.niger.node, 1, &[HERE]);
    let revoke = revoke(&hub, &record);
    let mut roots = Vec::new();
    for order in [[&record, &revoke], [&revoke, &record]] {
        let mut library = hub.library();
        for one in order {
            let _ = hub.submit(&mut library, &piece(one)).map(|_| library.rejudge());
        }
        assert_eq!(told(&library, &hub.niger.node), None);
        assert_eq!(library.set(SetId::Public).count(), 0);
        roots.push((library.set(SetId::Public).root(), library.set(SetId::Authority).root()));
    }
    assert_eq!(roots[0], roots[1]);
}

#[test]
fn a_second_certificate_of_a_node_goes_on_where_the_first_ended() {
    let mut hub = Hub::new();
    let before = hub.niger.node.clone();
    // Granted beside the first, which is then revoked.
    let high = hub.address(&before, 900, &[HERE]);
    let revoke = revoke(&hub, &high);
    let certificate = hub.niger.grant(before.key.public(), &[Role::Node]);
    let after = Holder { key: before.key, certificate };
    let mut library = hub.library();
    give(&hub, &mut library, &high);
    // In one step, before anything is judged anew.
    hub.submit(&mut library, &piece(&revoke)).expect("held");
    let low = hub.address(&after, 1, &[THERE]);
    hub.submit(&mut library, &piece(&low)).expect("held");
    library.rejudge().expect("memory");
    assert_eq!(told(&library, &after), Some((1, &[THERE.to_owned()][..])));
    assert_eq!(library.set(SetId::Public).count(), 1);
}

#[test]
fn an_address_that_was_erased_is_told_again_by_the_next_record_alone() {
    let hub = Hub::new();
    let node = &hub.niger.node;
    let record = hub.address(node, 1, &[HERE]);
    let erase = Erase {
        by: node.certificate,
        object: *record.id().as_bytes(),
        author: node.certificate,
        reason: EraseReason::Safety,
    };
    let mut library = hub.library();
    give(&hub, &mut library, &record);
    assert_eq!(library.take_moved().len(), 1);
    give(&hub, &mut library, &erase.prepare().sign(hub.federation, &node.key));
    assert_eq!(told(&library, node), None);
    assert_eq!(library.take_moved().len(), 1, "who saved it is told");
    assert!(hub.submit(&mut library, &piece(&record)).is_err());
    give(&hub, &mut library, &hub.address(node, 2, &[]));
    assert_eq!(told(&library, node), Some((2, &[][..])), "and one without any takes back all");
}

proptest! {
    /// Whatever of a node's words came in whatever order, the same one stands.
    #[test]
    fn what_stands_is_a_function_of_what_came(
        numbers in prop::collection::vec((1_u64..5, 0_u8..3), 1..8),
        order in any::<prop::sample::Index>(),
    ) {
        let hub = Hub::new();
        let ports = |port: u8| format!("/ip4/192.0.2.7/tcp/{}", u16::from(port) + 1);
        let records: Vec<Record> = numbers
            .iter()
            .map(|(n, port)| hub.address(&hub.niger.node, *n, &[&ports(*port)]))
            .collect();
        let from = order.index(records.len());
        let mut turned = records.clone();
        turned.rotate_left(from);
        let roots = [records, turned].map(|records| {
            let mut library = hub.library();
            for record in &records {
                give(&hub, &mut library, record);
            }
            prop_assert_eq!(library.set(SetId::Public).count(), 1);
            Ok(library.set(SetId::Public).root())
        });
        let [one, other] = roots;
        prop_assert_eq!(one?, other?);
    }
}
