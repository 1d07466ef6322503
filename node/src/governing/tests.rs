//! Three stewards, told with the authority set alone.

use std::collections::BTreeMap;

use tern_crdt::authority::{Admit, Genesis, Profile};
use tern_crdt::identity::{FederationId, RecordId, SecretKey};
use tern_crdt::signed::{Statement, Unsigned};

use super::proposing::may_approve;
use super::*;
use tern_crdt::authority::Charter;

struct Party {
    root: SecretKey,
    genesis: Genesis,
}

impl Party {
    fn new(name: &str, seed: u8) -> Self {
        let root = SecretKey::from_seed(&[seed; 32]);
        let names = [("en".to_owned(), name.to_owned())].into();
        let profile = Profile { names, ..Profile::default() };
        let genesis =
            Genesis { root: root.public(), desk: [seed; 32], next: None, profile, spares: None };
        Self { root, genesis }
    }

    fn org(&self) -> OrgId {
        self.genesis.prepare().id().cast()
    }
}

/// Niger founds; Nepal, Moldova and Togo are admitted by it alone.
struct Story {
    authority: Authority,
    niger: Party,
    nepal: Party,
    moldova: Party,
    togo: Party,
}

impl Story {
    fn begin() -> Self {
        let parties = [("Niger", 1), ("Nepal", 2), ("Moldova", 3), ("Togo", 4)];
        let [niger, nepal, moldova, togo] = parties.map(|(name, seed)| Party::new(name, seed));
        let charter = Charter {
            n: 0,
            prev: None,
            name: "Hub".into(),
            stewards: vec![niger.org()],
            recall: 1,
            roster: vec![],
            supersedes: vec![],
            rules: 1,
            nonce: [7; 16],
            policies: None,
        };
        let federation: FederationId = charter.prepare().id().cast();
        let mut story = Self { authority: Authority::new(federation), niger, nepal, moldova, togo };
        story.add(charter.prepare(), 1);
        story.add(story.niger.genesis.prepare(), 1);
        for seed in 2..=4 {
            let party = story.party(seed);
            let (genesis, org) = (party.genesis.prepare(), party.org());
            story.add(Admit { org, after: vec![] }.prepare(), 1);
            story.add(genesis, seed);
        }
        story
    }

    fn party(&self, seed: u8) -> &Party {
        [&self.niger, &self.nepal, &self.moldova, &self.togo][usize::from(seed) - 1]
    }

    /// Adds a statement with the signature of a party.
    fn add(&mut self, statement: Unsigned, by: u8) -> RecordId {
        let federation = self.authority.federation();
        let record = statement.sign(federation, &self.party(by).root);
        let id = record.id();
        self.authority.add(record.verify(federation).expect("signed here")).expect("held");
        id
    }

    fn amend(&self, by: u8, amendment: &Amendment) -> Result<Charter, OpError> {
        next(&self.authority, self.party(by).org(), amendment)
    }

    fn appoints(&self) -> Amendment {
        let stewards = [1, 2, 3].map(|seed| self.party(seed).org()).to_vec();
        Amendment { stewards: Some(stewards), ..Amendment::default() }
    }

    fn may(&self, by: u8, id: RecordId) -> Result<(), OpError> {
        let proposals = self.authority.proposals();
        let proposal = proposals.iter().find(|p| p.id == id).expect("it waits");
        may_approve(&self.authority, self.party(by).org(), proposal)
    }

    fn number(&self) -> u32 {
        self.authority.charter().expect("a charter").n
    }
}

fn policy(code: &str, text: &str) -> Amendment {
    let policies = BTreeMap::from([(code.to_owned(), text.to_owned())]);
    Amendment { policies, ..Amendment::default() }
}

#[test]
fn three_stewards_are_appointed_once_both_new_ones_agree_and_nobody_falls() {
    let mut story = Story::begin();
    let charter = story.amend(1, &story.appoints()).expect("by the rules");
    assert_eq!((charter.n, charter.recall, charter.roster.len()), (1, 3, 3));
    let id = story.add(charter.prepare(), 1);
    story.add(charter.prepare(), 2);
    assert_eq!(story.number(), 0, "Moldova has not agreed");
    assert!(story.may(3, id).is_ok());
    let refused = story.may(4, id).expect_err("Togo has no say yet: nobody can recall");
    assert!(refused.message.contains("ask Niger"), "{refused}");
    story.add(charter.prepare(), 3);
    assert_eq!(story.number(), 1);
    for seed in 1..=4 {
        let standing = story.authority.standing(&story.party(seed).org());
        assert_eq!(standing, Some(Standing::Member), "party {seed}");
    }
    let next = story.amend(2, &policy("reviews", "Two.")).expect("by the rules");
    assert_eq!(next.roster, [], "what is recognised once stays");
}

#[test]
fn a_steward_signs_a_second_charter_of_one_number_only_if_it_supersedes_the_first() {
    let mut story = Story::begin();
    let charter = story.amend(1, &story.appoints()).expect("by the rules");
    for seed in 1..=3 {
        story.add(charter.prepare(), seed);
    }
    let ours = story.amend(1, &policy("reviews", "Two.")).expect("by the rules");
    let ours_id = story.add(ours.prepare(), 1);
    let theirs = story.amend(2, &policy("reviews", "Three.")).expect("Nepal signed none yet");
    assert_eq!(theirs.supersedes, []);
    let theirs_id = story.add(theirs.prepare(), 2);
    let refused = story.may(1, theirs_id).expect_err("Niger approved another");
    assert!(refused.message.contains(&ours_id.to_string()), "{refused}");
    assert_eq!(refused.code, ErrorCode::Conflict);
    assert!(story.may(3, theirs_id).is_ok() && story.may(3, ours_id).is_ok());
    let settled = story.amend(1, &policy("reviews", "Three.")).expect("it supersedes its first");
    assert_eq!(settled.supersedes, [ours_id]);
    let settled_id = story.add(settled.prepare(), 1);
    story.add(settled.prepare(), 3);
    assert_eq!(story.authority.charters().last().map(|(id, _)| id), Some(settled_id));
    let told = versions(&story.authority);
    assert_eq!(told.len(), 3);
    let set = Change::Policy { code: "reviews".into(), from: None, to: Some("Three.".into()) };
    assert_eq!(told[2].changes, [set]);
    assert_eq!(told[2].signed.len(), 2);
}

#[test]
fn two_who_propose_the_same_propose_one_thing() {
    let mut story = Story::begin();
    let charter = story.amend(1, &story.appoints()).expect("by the rules");
    for seed in 1..=3 {
        story.add(charter.prepare(), seed);
    }
    let wish = policy("languages", "English and French.");
    let (a, b) = (story.amend(1, &wish).expect("rules"), story.amend(3, &wish).expect("rules"));
    assert_eq!(a.prepare().id(), b.prepare().id());
    story.add(a.prepare(), 1);
    let refused = story.amend(1, &wish).expect_err("proposed already");
    assert!(refused.message.contains("the very same already"), "{refused}");
    story.add(b.prepare(), 3);
    assert_eq!(story.number(), 2);
}

#[test]
fn members_can_recall_and_others_have_no_say() {
    let mut story = Story::begin();
    let charter = story.amend(1, &story.appoints()).expect("by the rules");
    for seed in 1..=3 {
        story.add(charter.prepare(), seed);
    }
    let stewards = [2, 3, 4].map(|seed| story.party(seed).org()).to_vec();
    let wish = Amendment { stewards: Some(stewards), ..Amendment::default() };
    let recall = story.amend(4, &wish).expect("a member proposes");
    let id = story.add(recall.prepare(), 4);
    assert!(story.may(4, id).is_ok(), "a member of a charter with recall");
    story.add(recall.prepare(), 2);
    assert_eq!(story.number(), 1);
    story.add(recall.prepare(), 3);
    assert_eq!(story.number(), 2, "three of four members, and a majority of the stewards");
    let stranger = Amendment { stewards: Some(vec![OrgId::new([9; 32])]), ..Amendment::default() };
    let refused = story.amend(2, &stranger).expect_err("no member");
    assert!(refused.message.contains("is no member of this federation"), "{refused}");
}
