//! Stories of an organisation that lost every key and knocks with new ones.

use tern_crdt::authority::{Certificate, Grant, Recovery, Rekey, Role, Roles, commitment};
use tern_crdt::identity::OrgId;
use tern_crdt::signed::Record;

use super::*;
use crate::membership::Recovering;

/// Niger's new machine: nothing of the old one is left.
struct Anew {
    root: SecretKey,
    node: SecretKey,
    asks: Record,
}

fn anew(hub: &Hub) -> Anew {
    let [root, node, next, desk] = [91, 92, 93, 94].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let asks = Recovery {
        org: hub.niger.org(),
        root: root.public(),
        next: commitment(&next.public()),
        desk: desk.encryption_public(),
        node: node.public(),
    };
    let asks = asks.prepare().sign(hub.federation, &root);
    Anew { root, node, asks }
}

fn opened(hub: &Hub, anew: &Anew, invitation: Invitation, asks: &Record) -> Node {
    let knock = Knock { invitation, org: hub.niger.org(), records: vec![asks.clone()] };
    let settings = Settings { joining: Some(knock), ..settings(hub, &hub.niger, true) };
    Shell::open(settings, anew.node.public(), MemoryStore::new())
}

/// What Chad, the steward, signs once it has compared the fingerprint.
fn rekey(hub: &Hub, chad: &Node) -> Record {
    let library = chad.replica.library();
    let recovering = library.recovering().expect("memory");
    let [Recovering { asks, .. }] = recovering.as_slice() else { panic!("{recovering:?}") };
    let authority = library.authority();
    let rekey = Rekey {
        org: asks.org,
        prev: authority.log_tips(&asks.org),
        root: asks.root,
        spares: None,
        desk: asks.desk,
        next: Some(asks.next),
        seen: authority.stands_by(&asks.org),
        reason: "Fire in the office.".into(),
    };
    rekey.prepare().sign(hub.federation, &hub.chad.root)
}

#[test]
fn niger_knocks_with_new_keys_hears_that_they_count_and_certifies_itself() {
    let (hub, mut chad, _) = chad_and_niger(true);
    chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], "Desks").piece()]);
    let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
    let anew = anew(&hub);
    let mut niger = opened(&hub, &anew, invitation, &anew.asks);
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    assert!(!chad.events.iter().any(|event| matches!(event, Event::Knocked(_))), "no admission");
    assert!(chad.events.contains(&Event::Members), "somebody has to look");
    assert!(niger.events.iter().any(|event| matches!(event, Event::JoinWaits(_))));
    assert_eq!(niger.replica.library().practices(), 0, "it is told nothing yet");

    // Chad starts anew: what was asked is still there, and is asked again.
    let store = chad.replica.into_store();
    let mut chad = Shell::open(settings(&hub, &hub.chad, true), chad.key, store);
    niger.hears(Input::Disconnected { link: LinkId(1) });
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    chad.writes(&hub, &[piece(&rekey(&hub, &chad))]);
    converse(&mut niger, &mut chad);
    let authority = niger.replica.library().authority();
    let org = authority.organisation(&hub.niger.org()).expect("known");
    assert_eq!(org.root, Some(anew.root.public()), "it hears that its keys count");
    assert_eq!(niger.replica.library().practices(), 1);
    assert!(niger.replica.is_joining(), "until it has a certificate");
    assert_eq!(chad.replica.library().recovering().expect("memory"), []);

    // A link that breaks before that is taken up again.
    niger.hears(Input::Disconnected { link: LinkId(1) });
    chad.hears(Input::Disconnected { link: LinkId(1) });
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    let tips = niger.replica.library().authority().log_tips(&hub.niger.org());
    let certificate = Certificate {
        key: anew.node.public(),
        encryption: None,
        roles: Roles::of(&[Role::Node]),
        scope: None,
        quota: None,
        last_beacon: None,
    };
    let grant = Grant { org: hub.niger.org(), prev: tips, certificate }.prepare();
    niger.writes(&hub, &[piece(&grant.sign(hub.federation, &anew.root))]);
    assert!(niger.events.contains(&Event::Joined));
    converse(&mut niger, &mut chad);
    assert_eq!(chad.replica.library().authority().node(&anew.node.public()), Some(hub.niger.org()));
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn who_asks_for_keys_that_are_not_theirs_or_of_nobody_is_refused() {
    let (hub, mut chad, _) = chad_and_niger(true);
    let anew = anew(&hub);
    let asks = |change: fn(&mut Recovery), signer: &SecretKey| {
        let mut asks = anew.asks.peek::<Recovery>().expect("own bytes");
        change(&mut asks);
        asks.prepare().sign(hub.federation, signer)
    };
    let thief = SecretKey::from_seed(&[66; 32]);
    let refusals = [
        (asks(|_| {}, &thief), "did not sign it"),
        (asks(|asks| asks.node = PublicKey::new([1; 32]), &anew.root), "for another node"),
        (asks(|asks| asks.org = OrgId::new([7; 32]), &anew.root), "ever a member"),
    ];
    for (asks, why) in refusals {
        let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
        let knock = Knock {
            invitation,
            org: asks.peek::<Recovery>().expect("own bytes").org,
            records: vec![asks],
        };
        let settings = Settings { joining: Some(knock), ..settings(&hub, &hub.niger, true) };
        let mut niger = Shell::open(settings, anew.node.public(), MemoryStore::new());
        connect(&mut niger, &mut chad);
        converse(&mut niger, &mut chad);
        let told = niger.replica.join_answer();
        assert!(
            matches!(told, Some(Event::JoinRefused(reason)) if reason.contains(why)),
            "{why}: {told:?}"
        );
        assert_eq!(chad.replica.library().recovering().expect("memory"), []);
        chad.hears(Input::Disconnected { link: LinkId(1) });
    }
}
