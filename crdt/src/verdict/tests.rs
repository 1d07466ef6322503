//! A draft that Niger and Nepal write together, a key that is stolen, and a
//! machine that was copied.

use proptest::prelude::*;

use super::*;
use crate::authority::{
    Admit, Adopt, Adopted, Certificate, Charter, Cut, CutRun, Forbidden, Genesis, Grant, Profile,
    Revoke, RevokeReason, Roles, scope_of,
};
use crate::chunk::{hold, read};
use crate::document::Draft;
use crate::identity::{DocumentId, FederationId, SecretKey};
use crate::signed::{Record, Statement};
use crate::value::Value;
use std::collections::BTreeMap as Map;

const DOCUMENT: [u8; 32] = [6; 32];

fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

/// Niger, the one steward, has Amina and Moussa; Nepal has Bina.
struct Hub {
    federation: FederationId,
    records: Vec<Record>,
    orgs: [OrgId; 2],
    amina: CertificateId,
    moussa: CertificateId,
    bina: CertificateId,
}

impl Hub {
    fn new() -> Self {
        Self::with_scope(None)
    }

    /// The same, where Moussa's certificate has a scope.
    fn with_scope(moussa: Option<String>) -> Self {
        let genesis = |number: u8, name: &str| Genesis {
            root: key(number).public(),
            desk: [number; 32],
            next: None,
            profile: Profile {
                names: [("en".to_owned(), name.to_owned())].into(),
                ..Profile::default()
            },
            spares: None,
        };
        let (niger, nepal) = (genesis(1, "Niger").prepare(), genesis(2, "Nepal").prepare());
        let orgs: [OrgId; 2] = [niger.id().cast(), nepal.id().cast()];
        let charter = Charter {
            n: 0,
            prev: None,
            name: "Hub".into(),
            stewards: vec![orgs[0]],
            recall: 0,
            roster: vec![],
            supersedes: vec![],
            rules: 1,
            nonce: [1; 16],
            policies: None,
        };
        let federation: FederationId = charter.prepare().id().cast();
        let mut records = vec![charter.prepare().sign(federation, &key(1))];
        records.push(Admit { org: orgs[1], after: vec![] }.prepare().sign(federation, &key(1)));
        records.push(niger.sign(federation, &key(1)));
        records.push(nepal.sign(federation, &key(2)));
        let mut grant = |org: usize, person: u8, prev: CertificateId, scope| -> CertificateId {
            let certificate = Certificate {
                key: key(person).public(),
                encryption: None,
                roles: Roles::of(&[Role::Contributor]),
                scope,
                quota: None,
                last_beacon: None,
            };
            let grant = Grant { org: orgs[org], prev: vec![prev.cast()], certificate };
            let record = grant.prepare().sign(federation, &key(org as u8 + 1));
            let id = record.id().cast();
            records.push(record);
            id
        };
        let amina = grant(0, 11, orgs[0].cast(), None);
        let moussa = grant(0, 12, amina, moussa);
        let bina = grant(1, 21, orgs[1].cast(), None);
        Self { federation, records, orgs, amina, moussa, bina }
    }

    fn authority(&self, more: &[Record]) -> Authority {
        let mut authority = Authority::new(self.federation);
        let all = self.records.iter().chain(more).cloned();
        let all = all.map(|record| record.verify(self.federation).expect("signed here")).collect();
        assert_eq!(authority.add_all(all).1, vec![]);
        authority
    }

    fn actor(&self, by: CertificateId) -> ActorId {
        actor_id(self.federation, DocumentId::new(DOCUMENT), by, &[9; 16])
    }

    /// Amina's certificate is revoked: her changes up to this one stand.
    fn revoked(&self, last: &ChangeMeta) -> Record {
        let run = CutRun { actor: last.actor, last: last.seq, head: last.hash };
        let revoke = Revoke {
            org: self.orgs[0],
            prev: vec![self.moussa.cast()],
            certificate: self.amina,
            reason: RevokeReason::Stolen,
            cut: Cut { runs: vec![run], ..Cut::default() },
        };
        revoke.prepare().sign(self.federation, &key(1))
    }

    /// Bina stands for Amina's work up to a change.
    fn adopted(&self, change: [u8; 32]) -> Record {
        let what = Adopted::Change { document: DOCUMENT, change };
        let (by, certificate) = (self.bina, self.amina);
        let adopt = Adopt { by, certificate, what, reason: "we know it".into() };
        adopt.prepare().sign(self.federation, &key(21))
    }
}

fn saves(draft: &mut Draft, text: &str, actor: ActorId) {
    let heads = draft.heads();
    let content = Map::from([("title".to_owned(), Value::Word(text.to_owned()))]);
    draft.save_at(&heads, &content, &actor, 0).expect("a save");
}

/// The changes of several copies of a draft, as they are held, with the
/// signature of each actor's certificate over every branch.
struct Written {
    changes: Map<Hash, Vec<u8>>,
    metas: Vec<ChangeMeta>,
    signatures: Vec<Signature>,
}

impl Written {
    fn of(hub: &Hub, copies: &[&Draft]) -> Self {
        let (mut past, mut changes) = (Past::default(), Map::new());
        for copy in copies {
            let mut of_copy = Past::default();
            for change in copy.changes() {
                let meta = hold(&read(change).expect("readable"), &of_copy, None).expect("held");
                of_copy.push(meta.clone());
                changes.insert(meta.hash, change.to_vec());
                past.push(meta);
            }
        }
        let metas = past.metas().to_vec();
        let by = |actor: ActorId| {
            [hub.amina, hub.moussa, hub.bina].into_iter().find(|by| hub.actor(*by) == actor)
        };
        let ends = metas.iter().filter(|end| {
            !metas.iter().any(|m| m.actor == end.actor && m.deps.contains(&end.hash))
        });
        let signatures = ends.map(|end| Signature {
            id: RecordId::new(end.hash),
            by: by(end.actor).expect("somebody's"),
            actor: end.actor,
            first: 1,
            last: end.seq,
            head: end.hash,
        });
        Self { signatures: signatures.collect(), metas: metas.clone(), changes }
    }

    fn judged(&self, hub: &Hub, authority: &Authority, order: &[usize]) -> Map<Hash, Verdict> {
        let metas = order.iter().map(|at| self.metas[*at].clone()).collect();
        let past = Past::from_metas(metas);
        let held = Held {
            document: &DOCUMENT,
            home: &hub.orgs,
            role: Role::Contributor,
            past: &past,
            signatures: &self.signatures,
            unsound: &BTreeSet::new(),
        };
        judge(authority, &held)
    }

    fn verdict(&self, hub: &Hub, authority: &Authority, place: usize) -> Verdict {
        let order: Vec<usize> = (0..self.metas.len()).collect();
        self.judged(hub, authority, &order)[&self.metas[place].hash]
    }

    /// What is shown, put together in the one order of all nodes.
    fn shown(&self, verdicts: &Map<Hash, Verdict>) -> (Vec<u8>, Map<String, Value>) {
        let mut metas: Vec<&ChangeMeta> =
            self.metas.iter().filter(|meta| verdicts[&meta.hash].is_shown()).collect();
        metas.sort_by_key(|meta| (meta.depth, meta.hash));
        let changes: Vec<&[u8]> = metas.iter().map(|meta| &self.changes[&meta.hash][..]).collect();
        let document = Draft::load(&changes).expect("it loads");
        (changes.concat(), document.content().expect("it reads"))
    }
}

/// Amina writes twice, Bina once; then the thief of Amina's key writes, and
/// Bina, who does not know, on top of it.
fn stolen(hub: &Hub) -> Written {
    let mut draft = Draft::new();
    saves(&mut draft, "desks", hub.actor(hub.amina));
    saves(&mut draft, "desks in districts", hub.actor(hub.amina));
    saves(&mut draft, "advice desks in districts", hub.actor(hub.bina));
    saves(&mut draft, "no desks", hub.actor(hub.amina));
    saves(&mut draft, "no desks anywhere", hub.actor(hub.bina));
    Written::of(hub, &[&draft])
}

#[test]
fn a_stolen_key_writes_nowhere_and_what_stood_before_stands() {
    let hub = Hub::new();
    let written = stolen(&hub);
    let revoke = hub.revoked(&written.metas[1]);
    let authority = hub.authority(std::slice::from_ref(&revoke));
    let verdict = |place| written.verdict(&hub, &authority, place);
    assert_eq!([0, 1, 2].map(verdict), [Verdict::Accepted; 3]);
    let by = revoke.id();
    let why = Quarantine::Revoked { certificate: hub.amina, by };
    assert_eq!(verdict(3), Verdict::Quarantined(why), "kept, since Bina built on it");
    let thief = written.metas[3].hash;
    assert_eq!(verdict(4), Verdict::Quarantined(Quarantine::BuildsOn(thief)));
    let order: Vec<usize> = (0..5).collect();
    let (_, content) = written.shown(&written.judged(&hub, &authority, &order));
    assert_eq!(content["title"], Value::Word("advice desks in districts".into()));

    let adopt = hub.adopted(written.metas[4].hash);
    let authority = hub.authority(&[revoke, adopt.clone()]);
    let verdict = |place| written.verdict(&hub, &authority, place);
    assert_eq!([3, 4].map(verdict), [Verdict::Adopted(adopt.id()), Verdict::Accepted]);
}

/// Moussa is a consultant who may write in some drafts alone.
#[test]
fn what_a_guest_writes_stands_in_the_draft_that_the_certificate_names_alone() {
    let about = |object: [u8; 32]| Hub::with_scope(scope_of(&[object]));
    for (hub, stands) in [(about(DOCUMENT), true), (about([7; 32]), false)] {
        let mut draft = Draft::new();
        saves(&mut draft, "desks", hub.actor(hub.amina));
        saves(&mut draft, "mobile desks", hub.actor(hub.moussa));
        let written = Written::of(&hub, &[&draft]);
        let authority = hub.authority(&[]);
        assert_eq!(written.verdict(&hub, &authority, 0), Verdict::Accepted);
        let guest = written.verdict(&hub, &authority, 1);
        match stands {
            true => assert_eq!(guest, Verdict::Accepted),
            false => assert_eq!(guest, Verdict::Refused(Quarantine::Unsigned)),
        }
        let (by, key) = (hub.moussa, key(12).public());
        let may = |about| authority.permits_about(by, key, Role::Contributor, about).is_ok();
        assert_eq!(may(Some(&DOCUMENT)), stands);
        assert!(!may(None), "it begins no draft of its own");
        let refused = authority.permits(by, key, Role::Contributor);
        let role = Role::Contributor;
        assert_eq!(refused, Err(Forbidden::OutOfScope { certificate: by, role }));
        assert!(authority.counts(by, key, None, &[1; 32]).is_ok(), "it shows a name");
    }
}

#[test]
fn what_nobody_built_on_is_in_no_set() {
    let hub = Hub::new();
    let mut draft = Draft::new();
    saves(&mut draft, "desks", hub.actor(hub.amina));
    saves(&mut draft, "no desks", hub.actor(hub.amina));
    let written = Written::of(&hub, &[&draft]);
    let authority = hub.authority(&[hub.revoked(&written.metas[0])]);
    assert_eq!(written.verdict(&hub, &authority, 0), Verdict::Accepted);
    assert!(!written.verdict(&hub, &authority, 1).is_member());
}

/// Moussa's machine was copied, and both wrote his third change; Bina built on
/// one of them.
fn copied(hub: &Hub) -> Written {
    let mut draft = Draft::new();
    saves(&mut draft, "desks", hub.actor(hub.amina));
    saves(&mut draft, "desks in districts", hub.actor(hub.moussa));
    let (mut here, mut there) = (draft.clone(), draft);
    saves(&mut here, "desks in all districts", hub.actor(hub.moussa));
    saves(&mut here, "desks in all districts and ports", hub.actor(hub.moussa));
    saves(&mut there, "desks in ports", hub.actor(hub.moussa));
    saves(&mut there, "desks in ports, by night", hub.actor(hub.bina));
    Written::of(hub, &[&here, &there])
}

#[test]
fn of_two_branches_that_stands_on_which_others_built() {
    let hub = Hub::new();
    let written = copied(&hub);
    let authority = hub.authority(&[]);
    let order: Vec<usize> = (0..written.metas.len()).collect();
    let verdicts = written.judged(&hub, &authority, &order);
    let (_, content) = written.shown(&verdicts);
    assert_eq!(content["title"], Value::Word("desks in ports, by night".into()));
    let shown = verdicts.values().filter(|verdict| verdict.is_shown()).count();
    assert_eq!((shown, verdicts.len()), (4, 6), "the other branch is kept, to be signed anew");
    assert!(verdicts.values().all(Verdict::is_member));
    let lost = |verdict: &&Verdict| {
        matches!(verdict, Verdict::Quarantined(Quarantine::LosingBranch { .. }))
    };
    assert_eq!(verdicts.values().filter(lost).count(), 1, "its successor builds on it");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_order_of_arrival_changes_a_verdict_or_a_byte_that_is_shown(
        order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle(),
        with_adopt in any::<bool>(),
    ) {
        let hub = Hub::new();
        for written in [stolen(&hub), copied(&hub)] {
            let mut more = vec![hub.revoked(&written.metas[0])];
            if with_adopt {
                more.push(hub.adopted(written.metas[1].hash));
            }
            let order: Vec<usize> =
                order.iter().copied().filter(|at| *at < written.metas.len()).collect();
            let straight: Vec<usize> = (0..written.metas.len()).collect();
            let first = written.judged(&hub, &hub.authority(&more), &straight);
            more.reverse();
            let other = written.judged(&hub, &hub.authority(&more), &order);
            prop_assert_eq!(&first, &other);
            prop_assert_eq!(written.shown(&first), written.shown(&other));
        }
    }
}
