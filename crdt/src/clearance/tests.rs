//! Stories of a ministry that lets nothing be published that nobody else has read.

use proptest::prelude::*;

use super::fold::{Case, State, fold};
use super::*;
use crate::authority::{ClearancePolicy, Cut, Revoke, RevokeReason, prefix};
use crate::founding::{Founding, Person, key};

const NAMES: [&str; 4] = ["Niger", "UN", "Nepal", "Moldova"];
const TEXT: [u8; 32] = [3; 32];
const OTHER: [u8; 32] = [4; 32];

struct Hub {
    authority: Authority,
    orgs: [OrgId; 4],
    /// Of Niger: who writes, and two who publish; one who publishes in Nepal.
    issa: Person,
    hama: Person,
    rekia: Person,
    maya: Person,
}

type Said = Verified<Clearance>;

impl Hub {
    fn new() -> Self {
        let mut founding = Founding::of(NAMES, |_| None);
        let issa = founding.person(0, 2, &[Role::Contributor]);
        let hama = founding.person(0, 1, &[Role::Publisher, Role::Contributor]);
        let rekia = founding.person(0, 3, &[Role::Publisher]);
        let maya = founding.person(2, 1, &[Role::Publisher]);
        let orgs = founding.orgs;
        Self { authority: founding.authority(), orgs, issa, hama, rekia, maya }
    }

    fn says(&self, who: &Person, content: [u8; 32], at: i64, deed: Deed) -> Said {
        let (by, claimed_at) = (who.certificate, Timestamp(at));
        let said = Clearance { by, draft: DraftId::new([2; 32]), content, deed, claimed_at };
        let record = said.prepare().sign(self.authority.federation(), &who.key);
        read(self.authority.federation(), &record.to_bytes()).expect("within its bounds")
    }

    fn asks(&self, who: &Person, content: [u8; 32], at: i64) -> Said {
        self.says(who, content, at, Deed::Ask { heads: vec![[1; 32].into()], note: "now".into() })
    }

    fn approves(&self, who: &Person, ask: &Said, at: i64) -> Said {
        let deed = Deed::Approve { ask: ask.id(), asker: ask.body().by };
        self.says(who, ask.body().content, at, deed)
    }

    fn returns(&self, who: &Person, ask: &Said, at: i64) -> Said {
        let deed = Deed::Return { ask: ask.id(), reason: "which year?".into() };
        self.says(who, ask.body().content, at, deed)
    }

    fn confirms(&self, who: &Person, ask: &Said, at: i64) -> Said {
        let deed = Deed::Confirm { ask: ask.id(), asker: ask.body().by, sheet: [8; 32] };
        self.says(who, ask.body().content, at, deed)
    }

    fn case(&self, content: [u8; 32], said: &[&Said]) -> Case {
        self.case_of(ClearanceNeed::Publisher, content, said)
    }

    fn case_of(&self, need: ClearanceNeed, content: [u8; 32], said: &[&Said]) -> Case {
        let said: Vec<Said> = said.iter().map(|one| (*one).clone()).collect();
        fold(&self.authority, self.orgs[0], need, &content, &said)
    }

    /// Whether somebody may publish by what was said.
    fn clears(&self, case: &Case, who: &Person) -> bool {
        case.clears_for(&self.authority, self.orgs[0], &who.key.public()).is_some()
    }

    /// An entry of Niger's log, after those that are there.
    fn decides<S: Statement>(&mut self, entry: impl FnOnce(Vec<RecordId>) -> S) -> RecordId {
        let record = entry(self.authority.log_tips(&self.orgs[0])).prepare();
        let record = record.sign(self.authority.federation(), &key(0, 0));
        let record = record.verify(self.authority.federation()).expect("signed");
        let id = record.id();
        self.authority.add(record).expect("its root signed it");
        id
    }

    fn needs(&mut self, need: ClearanceNeed, before: &[EditionIs]) -> RecordId {
        let org = self.orgs[0];
        let before = before.iter().map(|edition| prefix(edition.id().as_bytes())).collect();
        let cut = Cut::of(before, vec![], |_| unreachable!("few"));
        self.decides(|prev| ClearancePolicy { org, prev, need, cut })
    }

    fn edition(&self, who: &Person, content: [u8; 32], cleared: Option<&Said>) -> EditionIs {
        let edition = Edition {
            by: who.certificate,
            practice: crate::identity::DocumentId::new([6; 32]),
            number: 1,
            previous: vec![],
            nonce: [1; 16],
            change: [2; 32],
            content,
            contributors: vec![],
            note: String::new(),
            claimed_at: Timestamp(1),
            cleared: cleared.map(|record| record.record().to_bytes().into()),
        };
        let federation = self.authority.federation();
        let record = edition.prepare().sign(federation, &who.key).verify(federation);
        record.and_then(Verified::read).expect("signed")
    }
}

type EditionIs = Verified<Edition>;

#[test]
fn a_draft_is_asked_for_returned_asked_for_again_and_approved() {
    let hub = Hub::new();
    assert_eq!(hub.case(TEXT, &[]).state, State::NotAsked);
    let ask = hub.asks(&hub.issa, TEXT, 1);
    assert_eq!(hub.case(TEXT, &[&ask]).state, State::Asked);
    let take = hub.says(&hub.rekia, TEXT, 2, Deed::Take { ask: ask.id() });
    let case = hub.case(TEXT, &[&ask, &take]);
    assert_eq!(
        (case.state, case.last().map(|s| s.by)),
        (State::Taken, Some(hub.rekia.certificate))
    );
    let back = hub.returns(&hub.rekia, &ask, 3);
    let case = hub.case(TEXT, &[&ask, &take, &back]);
    assert_eq!(case.state, State::Returned);
    assert_eq!(case.last().map(|step| step.deed.words().to_owned()), Some("which year?".into()));
    let again = hub.asks(&hub.issa, OTHER, 4);
    let all = [&ask, &take, &back, &again];
    assert_eq!(hub.case(OTHER, &all).state, State::Asked);
    let yes = hub.approves(&hub.rekia, &again, 5);
    let all = [&ask, &take, &back, &again, &yes];
    let case = hub.case(OTHER, &all);
    assert_eq!((case.state, case.steps.len()), (State::Cleared, 5));
    assert!(hub.clears(&case, &hub.hama), "another publishes it");
    assert!(!hub.clears(&case, &hub.rekia), "who approved is the second pair of eyes");
    assert_eq!(hub.case(TEXT, &all).state, State::Returned, "what was returned is not cleared");
    assert_eq!(hub.case([9; 32], &all).state, State::Changed, "nobody read that");
}

#[test]
fn nobody_clears_what_they_asked_for_and_nobody_of_another_organisation() {
    let hub = Hub::new();
    let ask = hub.asks(&hub.hama, TEXT, 1);
    let own = hub.approves(&hub.hama, &ask, 2);
    let sheet = hub.confirms(&hub.hama, &ask, 3);
    let foreign = hub.approves(&hub.maya, &ask, 4);
    let contributor = hub.approves(&hub.issa, &ask, 5);
    let case =
        hub.case_of(ClearanceNeed::Either, TEXT, &[&ask, &own, &sheet, &foreign, &contributor]);
    assert_eq!((case.state, case.steps.len()), (State::Asked, 1));
    // An approval of somebody else's ask is none of this one, whatever it says who asked.
    let other = hub.asks(&hub.issa, TEXT, 6);
    let lie = Deed::Approve { ask: other.id(), asker: hub.rekia.certificate };
    let lie = hub.says(&hub.hama, TEXT, 7, lie);
    assert_eq!(hub.case(TEXT, &[&ask, &other, &lie]).state, State::Asked);
    assert_eq!(hub.case(TEXT, &[&foreign]).state, State::NotAsked, "nothing is asked by it");
}

#[test]
fn a_sheet_is_confirmed_by_a_publisher_who_did_not_ask_and_may_publish() {
    let hub = Hub::new();
    let ask = hub.asks(&hub.issa, TEXT, 1);
    let yes = hub.confirms(&hub.hama, &ask, 2);
    let case = hub.case_of(ClearanceNeed::Sheet, TEXT, &[&ask, &yes]);
    assert_eq!(case.state, State::Cleared);
    assert!(hub.clears(&case, &hub.hama));
    assert_eq!(hub.case(TEXT, &[&ask, &yes]).state, State::Asked, "a sheet is not what is needed");
    let approval = hub.approves(&hub.rekia, &ask, 3);
    let sheet = hub.case_of(ClearanceNeed::Sheet, TEXT, &[&ask, &approval]);
    assert_eq!(sheet.state, State::Asked, "nor is an approval here");
}

#[test]
fn an_edition_shows_to_every_node_who_cleared_it() {
    let mut hub = Hub::new();
    let ask = hub.asks(&hub.issa, TEXT, 1);
    let yes = hub.approves(&hub.rekia, &ask, 2);
    let before = hub.edition(&hub.hama, OTHER, None);
    assert_eq!(of_edition(&hub.authority, &before), Cleared::NotAsked);
    hub.needs(ClearanceNeed::Publisher, std::slice::from_ref(&before));
    assert_eq!(of_edition(&hub.authority, &before), Cleared::Before, "it is older");
    let late = hub.edition(&hub.hama, [5; 32], None);
    let without = Cleared::Without(ClearanceNeed::Publisher);
    assert_eq!(of_edition(&hub.authority, &late), without);
    let cleared = hub.edition(&hub.hama, TEXT, Some(&yes));
    let proof = Proof { by: hub.rekia.certificate, way: Way::Publisher, claimed_at: Timestamp(2) };
    assert_eq!(of_edition(&hub.authority, &cleared), Cleared::By(proof));
    // Another text, by the one who approved, or a record that is none.
    for edition in [
        hub.edition(&hub.hama, OTHER, Some(&yes)),
        hub.edition(&hub.rekia, TEXT, Some(&yes)),
        hub.edition(&hub.hama, TEXT, Some(&ask)),
    ] {
        assert_eq!(of_edition(&hub.authority, &edition), without);
    }
    hub.needs(ClearanceNeed::Sheet, &[before, cleared.clone()]);
    assert_eq!(of_edition(&hub.authority, &late), Cleared::Without(ClearanceNeed::Sheet));
    assert_eq!(of_edition(&hub.authority, &cleared), Cleared::Before, "it kept to what was asked");
    hub.needs(ClearanceNeed::Nothing, &[]);
    assert_eq!(of_edition(&hub.authority, &late), Cleared::NotAsked);
}

#[test]
fn of_two_policies_that_did_not_know_of_each_other_the_stricter_stands() {
    let mut hub = Hub::new();
    let (org, tips) = (hub.orgs[0], hub.authority.log_tips(&hub.orgs[0]));
    for need in [ClearanceNeed::Sheet, ClearanceNeed::Either, ClearanceNeed::Publisher] {
        let prev = tips.clone();
        hub.decides(|_| ClearancePolicy { org, prev, need, cut: Cut::default() });
    }
    assert_eq!(hub.authority.clearance_need(&org), ClearanceNeed::Sheet);
    assert_eq!(hub.authority.clearance_policies(&org).count(), 3);
    hub.needs(ClearanceNeed::Either, &[]);
    assert_eq!(hub.authority.clearance_need(&org), ClearanceNeed::Either, "who knew of all");
    assert_eq!(hub.authority.clearance_need(&hub.orgs[1]), ClearanceNeed::Nothing);
}

#[test]
fn what_a_revoked_publisher_cleared_stands_where_the_cut_lists_it() {
    let mut hub = Hub::new();
    let ask = hub.asks(&hub.issa, TEXT, 1);
    let yes = hub.approves(&hub.rekia, &ask, 2);
    let late = hub.approves(&hub.rekia, &ask, 3);
    hub.needs(ClearanceNeed::Publisher, &[]);
    let (org, certificate) = (hub.orgs[0], hub.rekia.certificate);
    let cut = Cut::of(vec![prefix(yes.id().as_bytes())], vec![], |_| unreachable!("one"));
    let reason = RevokeReason::Stolen;
    hub.decides(|prev| Revoke { org, prev, certificate, reason, cut });
    let held = hub.edition(&hub.hama, TEXT, Some(&yes));
    assert!(matches!(of_edition(&hub.authority, &held), Cleared::By(_)));
    let thief = hub.edition(&hub.hama, TEXT, Some(&late));
    assert!(matches!(of_edition(&hub.authority, &thief), Cleared::Without(_)));
    assert_eq!(hub.case(TEXT, &[&ask, &late]).state, State::Asked);
}

#[test]
fn a_draft_carries_its_records_beside_its_comments_and_a_practice_has_none() {
    let hub = Hub::new();
    let federation = hub.authority.federation();
    let ask = hub.asks(&hub.issa, TEXT, 1);
    let content = with(BTreeMap::new(), ask.record());
    let draft = DraftId::new([2; 32]);
    assert_eq!(records(federation, &draft, &content), vec![ask]);
    assert_eq!(records(federation, &DraftId::new([9; 32]), &content), vec![], "another draft");
    assert_eq!(crate::comment::comments(&content), vec![], "it is no comment");
    let practice = crate::practice::Practice::from_value(&content);
    assert!(!practice.to_value().contains_key(COMMENTS));
    let mut broken = content;
    let Some(Value::Map(entries)) = broken.get_mut(COMMENTS) else { panic!("it is there") };
    entries.insert("00".into(), Value::Map([(KEY.to_owned(), Value::Word("zz".into()))].into()));
    entries.insert("01".into(), Value::Map([(KEY.to_owned(), Value::Word("8é".into()))].into()));
    assert_eq!(records(federation, &draft, &broken).len(), 1, "what is none is left out");
}

/// Nepal was shown the draft, and writes what counts for nothing, dated long ago.
#[test]
fn who_was_shown_a_draft_does_not_crowd_out_what_counts() {
    let hub = Hub::new();
    let ask = hub.asks(&hub.issa, TEXT, 2_000);
    let yes = hub.approves(&hub.rekia, &ask, 2_001);
    let noise = (0..1_000).map(|at| hub.asks(&hub.maya, TEXT, at));
    let all = noise.chain([ask, yes]);
    let content = all.fold(BTreeMap::new(), |content, said| with(content, said.record()));
    let read = records(hub.authority.federation(), &DraftId::new([2; 32]), &content);
    assert_eq!(hub.case(TEXT, &read.iter().collect::<Vec<_>>()).state, State::Cleared);
}

/// The vectors of section 27 of the specification.
#[test]
fn its_bytes_are_those_of_the_specification() {
    let bytes = |body: &dyn Fn() -> Vec<u8>| {
        let mut hex = digits(&body());
        for seed in 1..10_u8 {
            let seed = format!("{seed:02x}");
            hex = hex.replace(&format!("5820{}", seed.repeat(32)), &format!("[{}]", &seed[1..]));
        }
        hex
    };
    let said = |deed: Deed| {
        let (by, draft) = (CertificateId::new([1; 32]), DraftId::new([2; 32]));
        let said = Clearance { by, draft, content: TEXT, deed, claimed_at: Timestamp(9) };
        bytes(&|| minicbor::to_vec(&said).expect("a Vec holds it"))
    };
    let (ask, asker) = (RecordId::new([5; 32]), CertificateId::new([6; 32]));
    for (deed, golden) in [
        (Deed::Ask { heads: vec![[4; 32].into()], note: "a".into() }, "82008281[4]6161"),
        (Deed::Take { ask }, "820181[5]"),
        (Deed::Return { ask, reason: "a".into() }, "820282[5]6161"),
        (Deed::Approve { ask, asker }, "820382[5][6]"),
        (Deed::Attach { ask, sheet: [7; 32], bytes: 8 }, "820483[5][7]08"),
        (Deed::Confirm { ask, asker, sheet: [7; 32] }, "820583[5][6][7]"),
    ] {
        assert_eq!(said(deed), format!("a500[1]01[2]02[3]03{golden}0409"));
    }
    let policy = ClearancePolicy {
        org: OrgId::new([1; 32]),
        prev: vec![RecordId::new([2; 32])],
        need: ClearanceNeed::Publisher,
        cut: Cut::default(),
    };
    let policy = bytes(&|| minicbor::to_vec(&policy).expect("a Vec holds it"));
    assert_eq!(policy, "a400[1]0181[2]020103a3004001800280");
}

#[test]
fn what_nobody_says_is_refused() {
    let hub = Hub::new();
    let said = |deed| Clearance {
        by: hub.issa.certificate,
        draft: DraftId::new([2; 32]),
        content: TEXT,
        deed,
        claimed_at: Timestamp(1),
    };
    let ask = RecordId::new([5; 32]);
    let many = vec![[1; 32].into(); HEADS_MAX + 1];
    for (why, deed) in [
        ("1 to 16", Deed::Ask { heads: vec![], note: String::new() }),
        ("1 to 16", Deed::Ask { heads: many, note: String::new() }),
        ("says why", Deed::Return { ask, reason: "  ".into() }),
        ("longer than", Deed::Return { ask, reason: "a".repeat(WORDS_BYTES_MAX + 1) }),
    ] {
        assert!(said(deed).check().expect_err(why).contains(why));
    }
    let full = Deed::Ask {
        heads: vec![[1; 32].into(); HEADS_MAX],
        note: "é".repeat(WORDS_BYTES_MAX / 2),
    };
    let record = said(full).prepare().sign(hub.authority.federation(), &hub.issa.key);
    assert!(record.to_bytes().len() <= CLEARANCE_BYTES_MAX, "the largest fits");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever came first, every node of the organisation says where a draft lies.
    #[test]
    fn the_order_of_arrival_does_not_matter(
        order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
        count in 0..=9_usize,
        content in prop::sample::select(vec![TEXT, OTHER]),
    ) {
        let hub = Hub::new();
        let (ask, other) = (hub.asks(&hub.issa, TEXT, 1), hub.asks(&hub.issa, OTHER, 5));
        let own = hub.asks(&hub.hama, TEXT, 5);
        let all = [
            ask.clone(), other.clone(), own.clone(),
            hub.returns(&hub.rekia, &ask, 2), hub.approves(&hub.rekia, &other, 6),
            hub.approves(&hub.hama, &ask, 5), hub.returns(&hub.hama, &other, 6),
            hub.approves(&hub.rekia, &own, 7), hub.confirms(&hub.hama, &own, 8),
        ];
        let mut chosen: Vec<&Said> = order[..count].iter().map(|at| &all[*at]).collect();
        let shuffled = hub.case(content, &chosen);
        chosen.sort_by_key(|said| said.id());
        prop_assert_eq!(&hub.case(content, &chosen), &shuffled);
        // Nobody publishes by what they said themselves.
        for (who, record) in [(&hub.hama, &hub.hama), (&hub.rekia, &hub.rekia)] {
            let proof = shuffled.clears_for(&hub.authority, hub.orgs[0], &who.key.public());
            prop_assert!(proof.is_none_or(|(proof, _)| proof.by != record.certificate));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(crate::identity::FederationId::new([5; 32]), &bytes).is_none());
        let _ = from_digits(&String::from_utf8_lossy(&bytes));
    }
}
