//! Stories of founding and joining.

use proptest::prelude::*;

use super::*;
use crate::identity::SecretKey;
use crate::signed::{Record, Statement};

struct Party {
    root: SecretKey,
    person: SecretKey,
    genesis: Genesis,
}

impl Party {
    fn new(name: &str, seed: u8) -> Self {
        let root = SecretKey::from_seed(&[seed; 32]);
        let names = [("en".to_owned(), name.to_owned())].into();
        let genesis = Genesis {
            root: root.public(),
            desk: [seed; 32],
            next: None,
            profile: Profile { names, ..Profile::default() },
            spares: None,
        };
        Self { root, person: SecretKey::from_seed(&[seed + 100; 32]), genesis }
    }

    fn org(&self) -> OrgId {
        self.genesis.prepare().id().cast()
    }

    fn grant(&self, federation: FederationId, roles: Roles) -> Record {
        let certificate = Certificate {
            key: self.person.public(),
            encryption: None,
            roles,
            scope: None,
            quota: None,
            last_beacon: None,
        };
        let prev = vec![self.org().cast()];
        Grant { org: self.org(), prev, certificate }.prepare().sign(federation, &self.root)
    }
}

fn charter(stewards: &[&Party]) -> Charter {
    Charter {
        n: 0,
        prev: None,
        name: "Hub".into(),
        stewards: stewards.iter().map(|p| p.org()).collect(),
        recall: 0,
        roster: vec![],
        supersedes: vec![],
        rules: 1,
        nonce: [1; 16],
        policies: None,
    }
}

/// Founded by three stewards; Nepal joins with the approval of two.
fn story() -> (FederationId, Vec<Verified>, [Party; 4]) {
    let parties = [
        Party::new("Chad", 1),
        Party::new("Niger", 2),
        Party::new("Mali", 3),
        Party::new("Nepal", 4),
    ];
    let [chad, niger, mali, nepal] = &parties;
    let charter = charter(&[chad, niger, mali]).prepare();
    let f: FederationId = charter.id().cast();
    let admit = Admit { org: nepal.org(), after: vec![] }.prepare();
    let by_two = [&chad.root, &niger.root].map(|k| (k.public(), k.sign(&admit.to_sign(f))));
    let mut records = vec![charter.sign(f, &chad.root), admit.signed(by_two.to_vec())];
    for party in &parties {
        records.push(party.genesis.prepare().sign(f, &party.root));
        records.push(party.grant(f, Roles::of(&[Role::Publisher])));
    }
    let verified = records.into_iter().map(|r| r.verify(f).expect("signed above")).collect();
    (f, verified, parties)
}

#[test]
fn nepal_is_a_member_once_two_of_three_stewards_signed() {
    let (f, records, [.., nepal]) = story();
    let mut authority = Authority::new(f);
    let (added, refused) = authority.add_all(records);
    assert_eq!((added.len(), refused), (10, vec![]));
    assert_eq!(authority.standing(&nepal.org()), Some(Standing::Member));
}

#[test]
fn one_approval_of_three_is_a_proposal_and_its_people_may_not_publish() {
    let (f, mut records, [chad, _, _, nepal]) = story();
    let admit = Admit { org: nepal.org(), after: vec![] }.prepare().sign(f, &chad.root);
    records[1] = admit.verify(f).expect("signed above");
    let mut authority = Authority::new(f);
    authority.add_all(records);
    let proposed = Standing::Proposed { approvals: 1, needed: 2 };
    assert_eq!(authority.standing(&nepal.org()), Some(proposed));
    let (certificate, _) = authority.certificate_of(&nepal.person.public()).expect("granted");
    let verdict = authority.permits(certificate, nepal.person.public(), Role::Publisher);
    assert_eq!(verdict, Err(Forbidden::NotAMember(nepal.org())));
}

#[test]
fn an_outsider_cannot_admit_itself_nor_grant_for_another() {
    let (f, records, [_, _, _, nepal]) = story();
    let mut authority = Authority::new(f);
    authority.add_all(records);
    let fraud = Party::new("Ministry of Labour", 9);
    let admit = Admit { org: fraud.org(), after: vec![] }.prepare().sign(f, &fraud.root);
    let genesis = fraud.genesis.prepare().sign(f, &fraud.root);
    let mut grant = Grant {
        org: nepal.org(),
        prev: vec![nepal.org().cast()],
        certificate: Certificate {
            key: fraud.person.public(),
            encryption: None,
            roles: Roles::of(&[Role::Publisher]),
            scope: None,
            quota: None,
            last_beacon: None,
        },
    };
    grant.certificate.scope = Some("all".into());
    let grant = grant.prepare().sign(f, &fraud.root);
    let all = [admit, genesis, grant].map(|r| r.verify(f).expect("signed above"));
    let (added, refused) = authority.add_all(all.to_vec());
    assert_eq!((added.len(), refused.len()), (0, 3));
    assert!(authority.certificate_of(&fraud.person.public()).is_none());
}

#[test]
fn a_certificate_without_the_role_is_named_with_it() {
    let (f, records, [_, _, _, nepal]) = story();
    let mut authority = Authority::new(f);
    authority.add_all(records);
    let key = nepal.person.public();
    let (certificate, _) = authority.certificate_of(&key).expect("granted");
    assert!(authority.permits(certificate, key, Role::Publisher).is_ok());
    let verdict = authority.permits(certificate, key, Role::Moderator);
    assert_eq!(verdict, Err(Forbidden::WithoutRole { certificate, role: Role::Moderator }));
    let stolen = authority.permits(certificate, nepal.root.public(), Role::Publisher);
    assert!(matches!(stolen, Err(Forbidden::OtherKey { .. })));
}

#[test]
fn nobody_spoils_the_charter_by_signing_it_too() {
    let (f, records, [_, niger, ..]) = story();
    let again = records[0].record().peek::<Charter>().expect("the charter").prepare();
    let again = again.sign(f, &niger.person).verify(f).expect("signed above");
    let (mut first, mut last) = (Authority::new(f), Authority::new(f));
    first.add_all([vec![again.clone()], records.clone()].concat());
    last.add_all([records, vec![again]].concat());
    for authority in [first, last] {
        let mut newcomer = Authority::new(f);
        let passed_on: Vec<RecordId> = authority.records().map(Verified::id).collect();
        for record in authority.in_order(passed_on.iter()) {
            assert_eq!(newcomer.add(record.clone()), Ok(Added::New));
        }
    }
}

#[test]
fn no_organisation_takes_a_node_away_from_another_by_granting_its_key_again() {
    let (f, records, [chad, _, _, nepal]) = story();
    let mut authority = Authority::new(f);
    authority.add_all(records);
    let node = SecretKey::from_seed(&[77; 32]).public();
    let grant = |party: &Party, roles, quota| {
        let (encryption, scope, last_beacon) = (None, None, None);
        let certificate = Certificate { key: node, encryption, roles, scope, quota, last_beacon };
        let prev = vec![party.org().cast()];
        let grant = Grant { org: party.org(), prev, certificate }.prepare();
        grant.sign(f, &party.root).verify(f).expect("signed above")
    };
    authority.add(grant(&nepal, Roles::of(&[Role::Node]), None)).expect("its own log");
    for quota in 0..16 {
        authority.add(grant(&chad, Roles::default(), Some(quota))).expect("its own log");
    }
    assert_eq!(authority.certificates_of(&node).count(), 17);
    assert_eq!(authority.node(&node), Some(nepal.org()));
}

#[test]
fn no_organisation_grants_without_end_and_who_revokes_one_has_room_for_another() {
    let (f, records, [_, _, _, nepal]) = story();
    let mut authority = Authority::new(f);
    authority.add_all(records);
    let (org, sign) = (nepal.org(), |unsigned: crate::signed::Unsigned| {
        unsigned.sign(f, &nepal.root).verify(f).expect("signed above")
    });
    let mut granted = Vec::new();
    for number in 0..LIVE_CERTIFICATES_MAX {
        let key = SecretKey::from_seed(&crate::identity::digest("desk", &[&number.to_le_bytes()]));
        let (encryption, roles) = (None, Roles::of(&[Role::Expert]));
        let (scope, quota, last_beacon) = (None, None, None);
        let certificate =
            Certificate { key: key.public(), encryption, roles, scope, quota, last_beacon };
        let prev = granted.last().map_or(org.cast(), Verified::id);
        granted.push(sign(Grant { org, prev: vec![prev], certificate }.prepare()));
    }
    authority.add_all(granted.clone());
    // One was granted when Nepal joined, so the last has no place.
    let counts = |authority: &Authority, record: &Verified| {
        authority.certificate(&record.id().cast()).is_some()
    };
    let (last, before) = (&granted[LIVE_CERTIFICATES_MAX - 1], &granted[LIVE_CERTIFICATES_MAX - 2]);
    assert!(!counts(&authority, last) && counts(&authority, before));
    assert_eq!(authority.live_certificates(&org), LIVE_CERTIFICATES_MAX);
    let first: CertificateId = granted[0].id().cast();
    let (reason, cut) = (RevokeReason::Left, Cut::default());
    let revoke = Revoke { org, prev: vec![last.id()], certificate: first, reason, cut };
    authority.add(sign(revoke.prepare())).expect("its own log");
    assert!(counts(&authority, last) && authority.ended(&first).is_some());
}

#[test]
fn an_erase_by_a_stranger_or_with_a_wrong_author_has_no_effect() {
    let (f, records, [chad, _, _, nepal]) = story();
    let mut authority = Authority::new(f);
    authority.add_all(records);
    let id = |p: &Party| authority.certificate_of(&p.person.public()).expect("granted").0;
    let (by_chad, by_nepal) = (id(&chad), id(&nepal));
    let erase = |by, author, key: &SecretKey| {
        let erase = Erase { by, object: [7; 32], author, reason: EraseReason::TakenBack };
        erase.prepare().sign(f, key).verify(f).expect("signed above")
    };
    let stranger = authority.add(erase(by_chad, by_nepal, &chad.person));
    assert!(matches!(stranger, Err(AuthorityRefused::Rule { .. })));
    let own = authority.add(erase(by_nepal, by_nepal, &nepal.person));
    assert_eq!(own, Ok(Added::New));
    assert!(authority.is_erased(&[7; 32], by_nepal));
    assert!(!authority.is_erased(&[7; 32], by_chad), "an object of another author");
}

/// The payloads of section 9 and 7 of the specification.
#[test]
fn every_statement_has_the_layout_that_the_specification_names() {
    use crate::card::{Basis, NameCard};
    use crate::edition::Edition;
    use crate::identity::Id;
    use crate::timestamp::Timestamp;

    let payload = |unsigned: crate::signed::Unsigned| {
        // What a signature covers, without its frame and the federation.
        let bytes = unsigned.to_sign(Id::new([0xfe; 32]));
        let at = bytes.windows(32).position(|w| w == [0xfe; 32]).expect("the federation") + 32;
        let hex: String = bytes[at..].iter().map(|byte| format!("{byte:02x}")).collect();
        // 32 equal bytes are shown as one of them.
        (0..16).fold(hex, |hex, n| {
            hex.replace(&format!("5820{}", format!("{n:02x}").repeat(32)), &format!("[{n}]"))
        })
    };
    let charter = Charter {
        n: 1,
        prev: Some(Id::new([1; 32])),
        name: "Hub".into(),
        stewards: vec![Id::new([2; 32])],
        recall: 3,
        roster: vec![Id::new([4; 32])],
        supersedes: vec![Id::new([5; 32])],
        rules: 1,
        nonce: [6; 16],
        policies: None,
    };
    assert_eq!(
        payload(charter.prepare()),
        "a9000101[1]02634875620381[2]04030581[4]0681[5]0701085006060606060606060606060606060606"
    );
    let genesis = Genesis {
        root: crate::identity::PublicKey::new([1; 32]),
        desk: [2; 32],
        next: Some([3; 32]),
        profile: Profile {
            names: [("en".to_owned(), "Chad".to_owned())].into(),
            acronym: Some("CH".into()),
            kind: Some("k".into()),
            country: Some("TD".into()),
            website: Some("w".into()),
        },
        spares: None,
    };
    assert_eq!(
        payload(genesis.prepare()),
        "a400[1]01[2]02[3]03a500a162656e64436861640162434802616b03625444046177"
    );
    let certificate = Certificate {
        key: crate::identity::PublicKey::new([3; 32]),
        encryption: Some([4; 32]),
        roles: Roles::of(&[Role::Publisher, Role::Node]),
        scope: Some("s".into()),
        quota: Some(7),
        last_beacon: Some(8),
    };
    let grant = Grant { org: Id::new([1; 32]), prev: vec![Id::new([2; 32])], certificate };
    assert_eq!(payload(grant.prepare()), "a300[1]0181[2]02a600[3]01[4]0219010203617304070508");
    let admit = Admit { org: Id::new([1; 32]), after: vec![Id::new([2; 32])] };
    assert_eq!(payload(admit.prepare()), "a200[1]0181[2]");
    let (org, after) = (Id::new([1; 32]), vec![Id::new([2; 32])]);
    let reason = || "r".to_owned();
    let listed = vec![[5; 20]];
    let run = CutRun { actor: [6; 16], last: 7, head: [8; 32] };
    let cut =
        Cut { parts: vec![Id::new([9; 32])], ..Cut::of(listed, vec![run], |_| unreachable!()) };
    let suspend = Suspend { org, after: after.clone(), reason: reason() };
    assert_eq!(payload(suspend.prepare()), "a300[1]0181[2]026172");
    assert_eq!(payload(Lift { org, after: after.clone() }.prepare()), "a200[1]0181[2]");
    assert_eq!(payload(Leave { org, after: after.clone() }.prepare()), "a200[1]0181[2]");
    let bytes_of_cut = "a300540505050505050505050505050505050505050505\
                        0181a300500606060606060606060606060606060601\
                        0702[8]0281[9]";
    let remove = Remove { org, after: after.clone(), reason: reason(), cut: cut.clone() };
    assert_eq!(payload(remove.prepare()), format!("a400[1]0181[2]02617203{bytes_of_cut}"));
    let certificate = Id::new([3; 32]);
    let (prev, reason_code) = (after.clone(), RevokeReason::Stolen);
    let revoke = Revoke { org, prev, certificate, reason: reason_code, cut };
    assert_eq!(payload(revoke.prepare()), format!("a500[1]0181[2]02[3]030304{bytes_of_cut}"));
    let (root, spares) = (crate::identity::PublicKey::new([3; 32]), Some(vec![]));
    let (prev, desk, next, seen) = (after.clone(), [4; 32], Some([5; 32]), vec![Id::new([6; 32])]);
    let rotate = Rotate { org, prev, root, spares, desk, next, seen };
    assert_eq!(payload(rotate.prepare()), "a700[1]0181[2]02[3]038004[4]05[5]0681[6]");
    let (prev, spares, seen) = (after, None, vec![]);
    let rekey = Rekey { org, prev, root, spares, desk, next, seen, reason: reason() };
    assert_eq!(payload(rekey.prepare()), "a700[1]0181[2]02[3]04[4]05[5]0680076172");
    let what = Adopted::Change { document: [4; 32], change: [5; 32] };
    let adopt = Adopt { by: Id::new([1; 32]), certificate, what, reason: reason() };
    assert_eq!(payload(adopt.prepare()), "a400[1]01[3]02820182[4][5]036172");
    let (by, author) = (Id::new([1; 32]), Id::new([3; 32]));
    let erase = Erase { by, object: [2; 32], author, reason: EraseReason::Unlawful };
    assert_eq!(payload(erase.prepare()), "a400[1]01[2]02[3]0302");
    let edition = Edition {
        by: Id::new([1; 32]),
        practice: Id::new([2; 32]),
        number: 2,
        previous: vec![Id::new([3; 32])],
        nonce: [4; 16],
        change: [5; 32],
        content: [6; 32],
        contributors: vec![Id::new([7; 32])],
        note: "n".into(),
        claimed_at: Timestamp(9),
        cleared: None,
    };
    assert_eq!(
        payload(edition.prepare()),
        "aa00[1]01[2]02020381[3]04500404040404040404040404040404040405[5]06[6]0781[7]08616e0909"
    );
    let card = |basis| NameCard { by: Id::new([1; 32]), name: "A".into(), basis };
    assert_eq!(payload(card(Basis::Consent(Timestamp(9))).prepare()), "a300[1]0161410282008109");
    assert_eq!(payload(card(Basis::RoleName).prepare()), "a300[1]01614102820180");
}

proptest! {
    #[test]
    fn records_are_passed_on_so_that_each_builds_only_on_those_before_it(
        held in prop::collection::btree_set(0..16usize, 0..16), order in Just((0..16usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (f, mut records, parties) = story();
        let nepal = &parties[3];
        let mut prev: RecordId = nepal.org().cast();
        for number in 0..6 {
            let certificate = Certificate {
                key: nepal.person.public(), encryption: None, roles: Roles::default(),
                scope: None, quota: Some(number), last_beacon: None,
            };
            let grant = Grant { org: nepal.org(), prev: vec![prev], certificate }.prepare();
            prev = grant.id();
            records.push(grant.sign(f, &nepal.root).verify(f).expect("signed above"));
        }
        let mut giver = Authority::new(f);
        let shuffled = order.iter().map(|at| records[*at].clone()).collect();
        prop_assert_eq!(giver.add_all(shuffled).0.len(), 16);
        let mut taker = Authority::new(f);
        taker.add_all(held.iter().map(|at| records[*at].clone()).collect());
        let lacks: Vec<RecordId> = giver.records().map(Verified::id).filter(|id| taker.record(id).is_none()).collect();
        for record in giver.in_order(lacks.iter()) {
            prop_assert_eq!(taker.add(record.clone()), Ok(Added::New));
        }
        prop_assert_eq!(taker.records().count(), 16);
    }

    #[test]
    fn the_fold_is_a_function_of_the_set(order in Just((0..10usize).collect::<Vec<_>>()).prop_shuffle()) {
        let (f, records, _) = story();
        let mut authority = Authority::new(f);
        let (added, refused) =
            authority.add_all(order.iter().map(|at| records[*at].clone()).collect());
        prop_assert_eq!((added.len(), refused.len()), (10, 0));
        let mut other = Authority::new(f);
        other.add_all(records);
        prop_assert_eq!(format!("{:?}", authority.fold()), format!("{:?}", other.fold()));
    }
}

/// Beacons of the nodes of three stewards, and a node of Nepal until beacon 4.
#[test]
fn a_majority_of_the_stewards_makes_the_clock_and_no_one_of_them_can() {
    let (f, records, parties) = story();
    let node = |party: &Party, last_beacon| {
        let certificate = Certificate {
            key: party.person.public(),
            encryption: None,
            roles: Roles::of(&[Role::Node]),
            scope: None,
            quota: None,
            last_beacon,
        };
        let prev = vec![party.org().cast()];
        let grant = Grant { org: party.org(), prev, certificate }.prepare();
        grant.sign(f, &party.root).verify(f).expect("signed above")
    };
    let nodes: Vec<Verified> = parties.iter().map(|party| node(party, Some(4))).collect();
    let beacon = |number: usize, no| {
        let (by, charter) = (nodes[number].id().cast(), f.cast());
        let beacon = Beacon { by, no, charter, claimed_at: crate::timestamp::Timestamp(7) };
        beacon.prepare().sign(f, &parties[number].person).verify(f).expect("signed above")
    };
    let said = [(0, 1), (0, u32::MAX), (1, 2), (1, 5), (1, 3), (2, 4)].map(|(n, no)| beacon(n, no));
    let receive = |order: &[usize]| {
        let mut authority = Authority::new(f);
        let all = records.iter().chain(&nodes).cloned().collect();
        assert_eq!(authority.add_all(all).1, vec![]);
        for at in order {
            let refused = authority.add(said[*at].clone());
            assert!(refused.is_ok(), "{refused:?}");
        }
        authority
    };
    let authority = receive(&[0, 1, 2]);
    assert_eq!(authority.beacon(), 2, "one that says much more is one of three");
    let nepal = parties[3].person.public();
    assert_eq!(authority.node(&nepal), Some(parties[3].org()));
    let orders = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [1, 3, 5, 0, 2, 4]];
    for order in orders {
        let authority = receive(&order);
        assert_eq!((authority.beacon(), authority.beacon_of(&parties[1].org())), (5, Some(5)));
        let held = authority.records().filter(|record| record.record().is::<Beacon>());
        assert_eq!(held.count(), 3, "the highest of each");
        assert_eq!(authority.node(&nepal), None, "its time is over");
        let before = receive(&[]).judgement();
        assert_eq!(authority.judgement(), before, "and no verdict asks it");
    }
    let mut authority = receive(&[]);
    let by_nepal = authority.add(beacon(3, 1));
    assert!(matches!(by_nepal, Err(AuthorityRefused::NotYet { .. })), "it is no steward");
}

fn new_keys_by_the_founder_alone() -> (FederationId, Vec<Verified>, [Party; 5]) {
    let parties = [
        Party::new("Chad", 1),
        Party::new("Mali", 2),
        Party::new("Niger", 3),
        Party::new("Nepal", 4),
        Party::new("A thief", 5),
    ];
    let [chad, mali, niger, nepal, thief] = &parties;
    let v0 = charter(&[chad]);
    let f: FederationId = v0.prepare().id().cast();
    let admits: Vec<_> =
        [mali, niger, nepal].map(|p| Admit { org: p.org(), after: vec![] }.prepare()).into();
    let roster = admits.iter().map(|admit| admit.id()).collect();
    let stewards = [chad, mali, niger].map(|p| p.org()).to_vec();
    let v1 = Charter { n: 1, prev: Some(v0.prepare().id()), stewards, roster, ..v0.clone() };
    let covered = v1.prepare().to_sign(f);
    let by_three = [chad, mali, niger].map(|p| (p.root.public(), p.root.sign(&covered)));
    let rekey = Rekey {
        org: nepal.org(),
        prev: vec![nepal.org().cast()],
        root: thief.root.public(),
        spares: None,
        desk: [9; 32],
        next: None,
        seen: vec![],
        reason: "so it is".into(),
    };
    let mut records = vec![
        v0.prepare().sign(f, &chad.root),
        v1.prepare().signed(by_three.to_vec()),
        rekey.prepare().sign(f, &chad.root),
    ];
    records.extend(admits.into_iter().map(|admit| admit.sign(f, &chad.root)));
    records.extend([chad, mali, niger, nepal].map(|p| p.genesis.prepare().sign(f, &p.root)));
    let verified = records.into_iter().map(|r| r.verify(f).expect("signed above")).collect();
    (f, verified, parties)
}

#[test]
fn a_founder_that_is_one_of_three_stewards_rekeys_nobody_alone() {
    let (f, records, [.., nepal, _]) = new_keys_by_the_founder_alone();
    let mut authority = Authority::new(f);
    assert_eq!(authority.add_all(records).1, vec![]);
    assert_eq!(authority.stewards().count(), 3);
    let root = authority.organisation(&nepal.org()).expect("a member").root;
    assert_eq!(root, Some(nepal.root.public()));
}

#[test]
fn who_handed_the_charter_on_cannot_take_it_back_alone() {
    let (f, records, [chad, mali, niger, ..]) = new_keys_by_the_founder_alone();
    let handed = records[1].record().peek::<Charter>().expect("the amendment");
    let mut authority = Authority::new(f);
    authority.add_all(records);
    let head = |authority: &Authority| authority.charters().last().expect("a charter").0;
    let before = head(&authority);
    // As many tries as it takes for a smaller id, and it says that it supersedes.
    for number in 0..40 {
        let alone = Charter {
            stewards: vec![chad.org()],
            supersedes: vec![before],
            nonce: [number; 16],
            ..handed.clone()
        };
        let alone = alone.prepare().sign(f, &chad.root).verify(f).expect("signed above");
        authority.add(alone).expect("held");
    }
    assert_eq!(head(&authority), before);
    // The three to whom it was handed can, together: each that is new agrees.
    let anew = Charter { supersedes: vec![before], nonce: [99; 16], ..handed }.prepare();
    let covered = anew.to_sign(f);
    let keys = [&chad, &mali, &niger].map(|p| (p.root.public(), p.root.sign(&covered)));
    let anew = anew.signed(keys.to_vec()).verify(f).expect("signed above");
    let id = anew.id();
    authority.add(anew).expect("held");
    assert_eq!(head(&authority), id);
}

#[test]
fn putting_out_a_steward_undoes_no_charter_that_it_made() {
    let (f, records, [chad, mali, niger, ..]) = new_keys_by_the_founder_alone();
    let mut authority = Authority::new(f);
    authority.add_all(records);
    let out = Remove {
        org: niger.org(),
        after: vec![],
        reason: "it sold what it was told".into(),
        cut: Cut::default(),
    };
    let out = out.prepare();
    let by = |parties: &[&Party]| {
        let covered = out.to_sign(f);
        let keys = parties.iter().map(|p| (p.root.public(), p.root.sign(&covered)));
        out.clone().signed(keys.collect()).verify(f).expect("signed above")
    };
    // Chad alone could once, and cannot now; two of three can.
    authority.add(by(&[&chad])).expect("held");
    assert_eq!(authority.stewards().count(), 3);
    assert_eq!(authority.standing(&niger.org()), Some(Standing::Member));
    authority.add(by(&[&chad, &mali])).expect("held");
    assert_eq!(authority.stewards().count(), 3, "the charter stands");
    assert_eq!(authority.standing(&niger.org()), Some(Standing::Removed));
}
