//! A review among four organisations, told to two nodes in two orders: Chad
//! publishes, the UN desk invites and decides, people of the desk, of Nepal and
//! of Moldova review; with a conflict, a disagreement, an appeal and a
//! revocation.

use serde_json::json;
use tern_crdt::authority::{Cut, Forbidden, Revoke, RevokeReason, Role};
use tern_crdt::identity::{CertificateId, OrgId, RecordId, SecretKey, SubmissionId};
use tern_crdt::review::fold::{Case, Holder as Hands, State};
use tern_crdt::review::{
    Assessment, CriteriaPolicy, Decision, Deed, NoReview, Outcome, Policy, ReviewEvent,
    ReviewRefused, Submission,
};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::timestamp::Timestamp;

use crate::gate::GateRefused;
use crate::library::Library;
use crate::meeting::set::SetId;
use crate::step::Change;
use crate::store::memory::MemoryStore;
use crate::story::{Holder, Hub, Party, Written, piece};

/// The hub of four, and what was said in it so far.
struct Story {
    hub: Hub,
    un: Party,
    desk: Holder,
    /// Two reviewers each of the UN, of Niger, and of Nepal.
    un_reviewers: [Holder; 2],
    niger: [Holder; 2],
    nepal: [Holder; 2],
    authority: Vec<Record>,
    edition: Written,
    submission: SubmissionId,
    said: Vec<Record>,
}

fn holder(party: &mut Party, seed: u8, roles: &[Role]) -> Holder {
    let key = SecretKey::from_seed(&[seed; 32]);
    let certificate = party.grant(key.public(), roles);
    Holder { key, certificate }
}

impl Story {
    fn new() -> Self {
        let mut hub = Hub::new();
        let mut un = Party::new("UN", 9);
        let desk = holder(&mut un, 101, &[Role::FocalPoint]);
        let two = |party: &mut Party, seed: u8| {
            [seed, seed + 1].map(|seed| holder(party, seed, &[Role::Reviewer]))
        };
        let un_reviewers = two(&mut un, 102);
        let (niger, nepal) = (two(&mut hub.niger, 104), two(&mut hub.nepal, 106));
        let mut authority = hub.records();
        for party in [&un, &hub.nepal] {
            authority.push(hub.chad.admits(hub.federation, party));
            authority.extend(party.records(hub.federation));
        }
        let policy = json!({
            "name": "Practices of the Hub",
            "criteria": [{ "code": "evidence", "question": "Does it work?", "required": true }],
            "board": [un.org().to_string()],
            "internal": [un.org().to_string()],
            "appeal": true,
        });
        let policy = CriteriaPolicy {
            by: desk.certificate,
            nonce: [1; 16],
            policy: Policy::from_json(&policy, "en").expect("a policy").to_tree(),
            replaces: None,
            claimed_at: Timestamp(1),
        };
        let policy = policy.prepare().sign(hub.federation, &desk.key);
        let edition = hub.edition(&hub.chad.publisher, &[], "Desks for those who return");
        let submission = Submission {
            by: hub.chad.publisher.certificate,
            nonce: [2; 16],
            practice: edition.practice(),
            edition: edition.id(),
            policy: policy.id(),
            call: None,
            note: "Three years of work".into(),
            claimed_at: Timestamp(2),
        };
        let submission = submission.prepare().sign(hub.federation, &hub.chad.publisher.key);
        let (id, said) = (submission.id().cast(), vec![policy, submission]);
        Self { hub, un, desk, un_reviewers, niger, nepal, authority, edition, submission: id, said }
    }

    fn says(&mut self, who: &Holder, deed: Deed) -> RecordId {
        let after = self.said.last().filter(|_| self.said.len() > 2).map(Record::id);
        let event = ReviewEvent {
            by: who.certificate,
            submission: self.submission,
            after: after.into_iter().collect(),
            deed,
            claimed_at: Timestamp(self.said.len() as i64),
        };
        self.keep(event.prepare().sign(self.hub.federation, &who.key))
    }

    fn keep(&mut self, record: Record) -> RecordId {
        let id = record.id();
        self.said.push(record);
        id
    }

    fn invites(&mut self, reviewer: CertificateId, round: u8) -> RecordId {
        let desk = self.desk.clone();
        self.says(&desk, Deed::Invite { reviewer, round })
    }

    fn heard(&mut self, who: &Holder, round: u8, recommends: &str) -> RecordId {
        let invite = self.invites(who.certificate, round);
        self.says(who, Deed::Accept { invite, interests: String::new() });
        let assessment = json!({
            "scores": [{ "criterion": "evidence", "mark": "partly" }],
            "recommendation": recommends,
        });
        let assessment = Assessment::from_json(&assessment, "en").expect("one").to_tree();
        self.says(who, Deed::Review { invite, assessment })
    }

    fn decides(&mut self, round: u8, outcome: Outcome, counted: &[RecordId]) -> RecordId {
        let mut counted = counted.to_vec();
        counted.sort_unstable();
        let decision = Decision {
            by: self.desk.certificate,
            submission: self.submission,
            edition: self.edition.id(),
            round,
            outcome,
            counted,
            reasons: "As the reviews say".into(),
            after: self.said.last().map(Record::id).into_iter().collect(),
            claimed_at: Timestamp(self.said.len() as i64),
        };
        self.keep(decision.prepare().sign(self.hub.federation, &self.desk.key))
    }

    /// A node that hears the authority first and then all else in one of two
    /// orders.
    fn node(&self, backwards: bool) -> Library<MemoryStore> {
        let mut library =
            Library::open(MemoryStore::new(), self.hub.federation).expect("an empty store");
        for record in &self.authority {
            assert!(self.hub.submit(&mut library, &piece(record)).is_ok(), "{record:?}");
        }
        let mut said: Vec<&Record> = self.said.iter().collect();
        if backwards {
            said.reverse();
        } else {
            self.hub.submit(&mut library, &self.edition.piece()).expect("an edition");
        }
        for record in said {
            self.hub.submit(&mut library, &piece(record)).expect("held, whatever it counts for");
        }
        if backwards {
            self.hub.submit(&mut library, &self.edition.piece()).expect("an edition");
        }
        library.commit().expect("memory");
        library
    }

    /// What two nodes make of it that heard it in two orders, and one that was
    /// opened again.
    fn case(&self) -> Case {
        let [one, other] = [false, true].map(|backwards| self.node(backwards));
        assert_eq!(one.set(SetId::Public).root(), other.set(SetId::Public).root());
        let [first, second] = [&one, &other].map(|library| case_of(library, &self.submission));
        assert_eq!(first, second);
        let opened = Library::open(other.into_store(), self.hub.federation).expect("it opens");
        assert_eq!(case_of(&opened, &self.submission), first);
        first
    }
}

fn case_of(library: &Library<MemoryStore>, id: &SubmissionId) -> Case {
    let held = library.review(id).expect("memory").expect("held");
    held.case(library.authority(), Some(false))
}

#[test]
fn four_organisations_come_to_a_seal_over_a_conflict_a_disagreement_and_an_appeal() {
    let mut story = Story::new();
    assert_eq!(story.case().holder, Hands::Board);
    let [una, ugo] = story.un_reviewers.clone();
    let ([hama, issa], [maya, mina]) = (story.niger.clone(), story.nepal.clone());
    // Maya has a conflict; Mina stands in.
    let invite = story.invites(maya.certificate, 1);
    assert_eq!(story.case().holder, Hands::Reviewers(vec![maya.certificate]));
    let note = "I advised the office".into();
    story.says(&maya, Deed::Decline { invite, reason: NoReview::Conflict, note });
    let first = [
        story.heard(&una, 1, "minor"),
        story.heard(&hama, 1, "reject"),
        story.heard(&mina, 1, "major"),
    ];
    let case = story.case();
    assert_eq!((case.state, case.tally.speak_for), (State::Divided, 1));
    let early = story.decides(1, Outcome::Rejected, &first);
    let case = story.case();
    assert_eq!(case.refused.get(&early), Some(&ReviewRefused::TieBreak(4)));
    let fourth = story.heard(&ugo, 1, "reject");
    let counted = [&first[..], &[fourth]].concat();
    let rejected = story.decides(1, Outcome::Rejected, &counted);
    let case = story.case();
    assert_eq!((case.state, case.decision), (State::Decided(Outcome::Rejected), Some(rejected)));
    assert_eq!(case.dissent, vec![first[0]]);
    // An appeal is heard by people who were not heard before.
    let chad = story.hub.chad.publisher.clone();
    let reasons = "The evaluation of 2031 was not read".to_owned();
    story.says(&chad, Deed::Appeal { decision: rejected, reasons });
    let mut un = story.un.clone();
    let olga = holder(&mut un, 110, &[Role::Reviewer]);
    story.authority.extend(un.records(story.hub.federation).into_iter().rev().take(1));
    let mut niger = story.hub.niger.clone();
    let idi = holder(&mut niger, 111, &[Role::Reviewer]);
    story.authority.extend(niger.records(story.hub.federation).into_iter().rev().take(1));
    let again = story.heard(&hama, 2, "accept");
    let second = [
        story.heard(&olga, 2, "accept"),
        story.heard(&issa, 2, "accept"),
        story.heard(&idi, 2, "minor"),
    ];
    let seal = story.decides(2, Outcome::Sealed, &second);
    let case = story.case();
    assert_eq!(case.refused.get(&again), Some(&ReviewRefused::Again));
    assert_eq!((case.seal(), case.appealed, case.round), (Some(seal), Some(rejected), 2));
    assert_eq!(case.line.last(), Some(&seal));

    // The certificate of one whom the seal counts was stolen before: what it
    // signed does not stand, and neither does what rests on it.
    let log = niger.records(story.hub.federation);
    let cut = Cut::default();
    let revoke = Revoke {
        org: niger.org(),
        prev: vec![log.last().expect("grants").id()],
        certificate: idi.certificate,
        reason: RevokeReason::Stolen,
        cut,
    };
    let mut library = story.node(false);
    let practice = story.edition.practice();
    assert!(library.take_changed().contains(&practice), "a seal that comes is told of");
    assert!(library.changes_noted().expect("memory").contains_key(&practice));
    let revoke = revoke.prepare().sign(story.hub.federation, &niger.root);
    story.hub.submit(&mut library, &piece(&revoke)).expect("a revocation");
    library.rejudge().expect("memory");
    assert!(library.take_changed().contains(&practice), "and one that falls");
    let case = case_of(&library, &story.submission);
    assert_eq!((case.seal(), case.state), (None, State::InReview));
    assert_eq!(case.holder, Hands::Board);
}

#[test]
fn what_is_said_by_who_has_no_such_role_is_not_held_at_all() {
    let story = Story::new();
    let mut library = story.node(false);
    let invite = |by: &Holder| ReviewEvent {
        by: by.certificate,
        submission: story.submission,
        after: vec![],
        deed: Deed::Invite { reviewer: story.niger[0].certificate, round: 1 },
        claimed_at: Timestamp(1),
    };
    let by = &story.niger[1];
    let record = invite(by).prepare().sign(story.hub.federation, &by.key);
    let refused = story.hub.submit(&mut library, &piece(&record)).expect_err("a reviewer invites");
    let without = Forbidden::WithoutRole { certificate: by.certificate, role: Role::FocalPoint };
    assert_eq!(refused, GateRefused::Forbidden(without));
    // One that is larger than its bounds is no such record.
    let long = ReviewEvent {
        deed: Deed::Reply { text: "x".repeat(8_001) },
        ..invite(&story.hub.chad.publisher)
    };
    let record = long.prepare().sign(story.hub.federation, &story.hub.chad.publisher.key);
    let refused = story.hub.submit(&mut library, &piece(&record)).expect_err("too long");
    assert!(refused.to_string().contains("8,000 bytes"), "{refused}");
    // What happens is told, and what is dropped is forgotten.
    let desk = &story.desk;
    let record = invite(desk).prepare().sign(story.hub.federation, &desk.key);
    let change = story.hub.submit(&mut library, &piece(&record)).expect("an invitation");
    assert_eq!(change, Change::Review(story.submission));
    let id = record.id();
    assert_eq!(library.reviews().of(&id), Some(story.submission));
    library.drop_record(&id, desk.certificate);
    assert_eq!(library.reviews().of(&id), None);
    let practice = story.edition.practice();
    assert_eq!(library.reviews().of_practice(&practice).collect::<Vec<_>>(), [story.submission]);
    assert_eq!(library.reviews().policies().count(), 1);
    let orgs: Vec<OrgId> = library.authority().organisations().map(|(id, ..)| id).collect();
    assert_eq!(orgs.len(), 4);
}
