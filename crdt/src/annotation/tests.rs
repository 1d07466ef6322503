//! Stories of what is said about a practice of Niger: by Niger, by Nepal, which
//! uses it too, and by Moldova, which translates it.

use proptest::prelude::*;
use serde_json::json;

use super::fold::{HEARD_MAX, Said, Subject, fold};
use super::*;
use crate::authority::{Authority, Forbidden, Role};
use crate::founding::{Founding, Person};
use crate::identity::{FederationId, OrgId};
use crate::practice::Practice;
use crate::signed::Verified;

const NAMES: [&str; 4] = ["Niger", "UN", "Nepal", "Moldova"];
const FOUNDING: Nonce = [7; 16];

struct Hub {
    federation: FederationId,
    authority: Authority,
    orgs: [OrgId; 4],
    /// Of Niger, whose practice it is; somebody else there who publishes nothing.
    hama: Person,
    issa: Person,
    /// Publishers of Nepal and Moldova.
    maya: Person,
    ion: Person,
    /// Edition 1; 2 and 3, which both follow it; 4 follows 2.
    editions: [EditionId; 4],
}

type Noted = Verified<Annotation>;

impl Hub {
    fn new() -> Self {
        let mut founding = Founding::of(NAMES, |_| None);
        let hama = founding.person(0, 1, &[Role::Publisher]);
        let issa = founding.person(0, 2, &[Role::Contributor]);
        let maya = founding.person(2, 1, &[Role::Publisher]);
        let ion = founding.person(3, 1, &[Role::Publisher]);
        let (federation, orgs) = (founding.federation, founding.orgs);
        let authority = founding.authority();
        let editions = [1, 2, 3, 4].map(|seed| EditionId::new([seed; 32]));
        Self { federation, authority, orgs, hama, issa, maya, ion, editions }
    }

    fn says(&self, who: &Person, editions: &[usize], follows: &[&Noted], deed: Deed) -> Noted {
        self.says_at(who, editions, follows, deed, 5)
    }

    fn says_at(
        &self,
        who: &Person,
        editions: &[usize],
        follows: &[&Noted],
        deed: Deed,
        at: i64,
    ) -> Noted {
        let mut follows: Vec<RecordId> = follows.iter().map(|one| one.id()).collect();
        follows.sort_unstable();
        let annotation = Annotation {
            by: who.certificate,
            nonce: [at as u8; 16],
            founder: self.hama.certificate,
            founding: FOUNDING,
            editions: editions.iter().map(|at| self.editions[at - 1]).collect(),
            deed,
            follows,
            claimed_at: Timestamp(at),
        };
        self.sign(&annotation, who)
    }

    fn sign(&self, annotation: &Annotation, who: &Person) -> Noted {
        let record = annotation.prepare().sign(self.federation, &who.key);
        record.verify(self.federation).and_then(Verified::read).expect("within its bounds")
    }

    fn said(&self, annotations: &[Noted]) -> Said {
        let [one, two, three, four] = &self.editions;
        let editions: [(EditionId, &[EditionId]); 4] = [
            (*one, &[]),
            (*two, std::slice::from_ref(one)),
            (*three, std::slice::from_ref(one)),
            (*four, std::slice::from_ref(two)),
        ];
        let practice = document_id(self.federation, self.hama.certificate, &FOUNDING);
        let subject = Subject { practice, origin: self.orgs[0], editions: &editions };
        fold(&self.authority, &subject, annotations)
    }
}

fn withdraw(past: bool) -> Deed {
    let why = Remark::from_json(&json!({ "text": { "en": "The law changed." } }), "en");
    let why = why.expect("a remark").to_tree();
    Deed::Withdraw { reason: Reason::Outdated, past, replaced_by: None, why }
}

fn confirm() -> Deed {
    Deed::Confirm { note: Remark::default().to_tree() }
}

fn adapt(outcome: &str) -> Deed {
    let adaptation = json!({
        "countries": ["NP"], "since": "2025-03", "outcome": outcome,
        "changed": { "en": "One desk for two valleys." },
    });
    let adaptation = Adaptation::from_json(&adaptation, "en").expect("an adaptation");
    Deed::Adapt { adaptation: adaptation.to_tree() }
}

fn translate(language: &str, title: &str) -> Deed {
    let translation = json!({ "language": language, "by": "human", "title": title });
    let translation = Translation::from_json(&translation, "en").expect("a translation");
    Deed::Translate { translation: translation.to_tree() }
}

fn same_as(practice: u8) -> Deed {
    let aliases = json!({ "aliases": [{ "scheme": "doi", "value": "10.1000/182" }] });
    let aliases = Aliases::from_json(&aliases, "en").expect("aliases").to_tree();
    Deed::SameAs { practice: Some(DocumentId::new([practice; 32])), aliases }
}

fn take_back() -> Deed {
    Deed::TakeBack { why: Remark::default().to_tree() }
}

#[test]
fn a_withdrawal_reaches_what_its_editions_follow_and_none_that_it_does_not_name() {
    let hub = Hub::new();
    let [one, two, three, four] = hub.editions;
    let last = hub.says(&hub.hama, &[4], &[], withdraw(true));
    let said = hub.said(std::slice::from_ref(&last));
    assert_eq!(said.withdrawn.keys().copied().collect::<Vec<_>>(), [one, two, four]);
    assert!(said.withdrawal(&three).is_none(), "published beside it, it stays");
    let only = hub.says(&hub.hama, &[2], &[], withdraw(false));
    assert_eq!(hub.said(&[only]).withdrawn.keys().copied().collect::<Vec<_>>(), [two]);

    let back = hub.says(&hub.hama, &[], &[&last], take_back());
    let said = hub.said(&[back.clone(), last.clone()]);
    assert_eq!((said.withdrawn.len(), said.stands.len()), (0, 0));
    assert_eq!(said.refused[&last.id()], AnnotationRefused::Followed(back.id()));
    let again = hub.says_at(&hub.hama, &[3], &[], withdraw(false), 9);
    assert_eq!(hub.said(&[again, back, last]).withdrawn.len(), 1, "it can be withdrawn anew");
}

#[test]
fn only_the_organisation_it_comes_from_withdraws_or_confirms_and_only_its_publishers() {
    let hub = Hub::new();
    let foreign = [withdraw(true), confirm()].map(|deed| hub.says(&hub.maya, &[4], &[], deed));
    let said = hub.said(&foreign);
    assert!(foreign.iter().all(|one| said.refused[&one.id()] == AnnotationRefused::NotOrigin));
    let unfit = hub.says(&hub.issa, &[4], &[], confirm());
    let said = hub.said(std::slice::from_ref(&unfit));
    let role = AnnotationRefused::Forbidden(Forbidden::WithoutRole {
        certificate: hub.issa.certificate,
        role: Role::Publisher,
    });
    assert_eq!(said.refused[&unfit.id()], role);
    let mut other = unfit.body().clone();
    (other.by, other.founding) = (hub.hama.certificate, [8; 16]);
    let other = hub.sign(&other, &hub.hama);
    let said = hub.said(std::slice::from_ref(&other));
    assert_eq!(said.refused[&other.id()], AnnotationRefused::OtherPractice);
}

#[test]
fn the_last_confirmation_of_an_edition_renews_it() {
    let hub = Hub::new();
    let [.., three, four] = hub.editions;
    let first = hub.says_at(&hub.hama, &[4], &[], confirm(), 20);
    let last = hub.says_at(&hub.hama, &[4], &[], confirm(), 40);
    let said = hub.said(&[last.clone(), first]);
    assert_eq!(said.confirmation(&four).map(|one| one.id), Some(last.id()));
    assert_eq!(said.renewed(&four, Timestamp(30)), Timestamp(40));
    assert_eq!(said.renewed(&four, Timestamp(50)), Timestamp(50), "a new edition is newer");
    assert_eq!(said.renewed(&three, Timestamp(30)), Timestamp(30), "another is not confirmed");
}

#[test]
fn others_say_that_they_use_it_too_and_nobody_takes_that_back_for_them() {
    let hub = Hub::new();
    let used = hub.says(&hub.maya, &[4], &[], adapt("partly"));
    let gone = hub.says(&hub.hama, &[], &[&used], take_back());
    let said = hub.said(&[used.clone(), gone]);
    assert_eq!(
        said.stands.iter().map(|one| (one.id, one.org)).collect::<Vec<_>>(),
        [(used.id(), hub.orgs[2])]
    );
    // Said anew, the later one stands alone.
    let anew = hub.says_at(&hub.maya, &[4], &[&used], adapt("worked"), 9);
    let said = hub.said(&[used.clone(), anew.clone()]);
    assert_eq!(said.stands.iter().map(|one| one.id).collect::<Vec<_>>(), [anew.id()]);
    // Taken back, what it replaced does not come back.
    let back = hub.says(&hub.maya, &[], &[&anew], take_back());
    assert_eq!(hub.said(&[used, anew, back]).stands, []);
}

#[test]
fn a_translation_is_said_anew_in_its_own_language_alone() {
    let hub = Hub::new();
    let french = hub.says(&hub.ion, &[2], &[], translate("fr", "Un guichet"));
    let arabic = hub.says_at(&hub.ion, &[4], &[&french], translate("ar", "مكتب واحد"), 9);
    assert_eq!(hub.said(&[french.clone(), arabic.clone()]).stands.len(), 2);
    let better = hub.says_at(&hub.ion, &[4], &[&french], translate("fr", "Un seul guichet"), 9);
    let said = hub.said(&[french.clone(), arabic, better.clone()]);
    assert_eq!(said.refused[&french.id()], AnnotationRefused::Followed(better.id()));
    assert_eq!(said.stands.len(), 2);
}

#[test]
fn a_translation_stands_behind_the_organisations_own_words_and_knows_when_it_is_old() {
    let practice = |title: &str, lessons: &str| {
        let fields = json!({
            "title": { "en": title, "fr": "À nous" }, "lessons": { "en": lessons },
            "challenges": [{ "text": { "en": "Too many forms" } }], "original_language": "en",
        });
        Practice::from_json(&fields, "en").expect("a practice")
    };
    let then = practice("One desk", "Begin small.");
    let translation = json!({
        "language": "fr", "from": "en", "by": "machine", "title": "Un guichet",
        "lessons": "Commencer petit.", "challenges": [{ "number": 1, "text": "Trop de formulaires" }],
    });
    let translation = Translation::from_json(&translation, "en").expect("a translation");
    let tag = "fr".parse().expect("a tag");
    let mut shown = then.clone();
    translation.put(&mut shown);
    assert_eq!(shown.title.get(&tag), Some("À nous"));
    assert_eq!(shown.lessons.get(&tag), Some("Commencer petit."));
    assert_eq!(shown.challenges[0].text.get(&tag), Some("Trop de formulaires"));
    assert_eq!(translation.missing(&then), Vec::<&str>::new());
    assert_eq!(translation.outdated(&then, &then), Vec::<&str>::new());
    let mut now = practice("One desk", "Begin where people are.");
    assert_eq!(translation.outdated(&then, &now), ["lessons"]);
    now.challenges.clear();
    assert_eq!(translation.outdated(&then, &now), ["lessons", "challenges"]);
    let read = Translation::from_tree(&translation.to_tree());
    assert_eq!(read, translation);
    assert_eq!(Translation::from_json(&read.to_json(), "en"), Ok(translation));
}

#[test]
fn what_is_beyond_its_bounds_is_refused_with_the_field() {
    let refused = |json: serde_json::Value| {
        let refused = Translation::from_json(&json, "fr").expect_err("beyond a bound");
        (refused.field, refused.limit)
    };
    assert_eq!(refused(json!({ "title": "a".repeat(151) })), ("title".into(), Some(150)));
    assert_eq!(refused(json!({ "titel": "Un guichet" })).0, "titel");
    let long = json!({ "aims": "я".repeat(20_000), "results": "я".repeat(20_000) });
    assert_eq!(refused(long), (String::new(), Some(TRANSLATION_BYTES_MAX as u64)));

    let hub = Hub::new();
    let mut signed = hub.says(&hub.ion, &[4], &[], translate("fr", "Un guichet")).body().clone();
    // Somebody signs past the form.
    let mut tree = Translation::from_tree(&match &signed.deed {
        Deed::Translate { translation } => translation.clone(),
        _ => unreachable!("translated above"),
    })
    .to_tree();
    let long = crate::value::Value::Text("a".repeat(151));
    tree.0.insert("title".into(), long);
    signed.deed = Deed::Translate { translation: tree };
    assert!(signed.check().is_err());
    signed.deed = confirm();
    assert_eq!(signed.check(), Ok(()));
    signed.editions.clear();
    assert!(signed.check().is_err(), "a confirmation names what it confirms");
    signed.deed = Deed::TakeBack { why: Remark::default().to_tree() };
    assert!(signed.check().is_err(), "it takes nothing back");
    signed.deed = Deed::SameAs { practice: None, aliases: Aliases::default().to_tree() };
    assert!(signed.check().is_err(), "the same as nothing");
    signed.deed = adapt("worked");
    signed.follows = vec![RecordId::new([2; 32]), RecordId::new([1; 32])];
    assert!(signed.check().is_err(), "not ascending");
}

#[test]
fn who_floods_a_practice_is_heard_so_far_and_hinders_nobody() {
    let hub = Hub::new();
    let flood = (0..=HEARD_MAX as i64).map(|at| {
        let annotation = Annotation {
            nonce: (at as u128).to_le_bytes(),
            ..hub.says(&hub.maya, &[1], &[], adapt("worked")).body().clone()
        };
        hub.sign(&annotation, &hub.maya)
    });
    let mut all: Vec<Noted> = flood.collect();
    all.push(hub.says(&hub.ion, &[4], &[], adapt("did-not")));
    let said = hub.said(&all);
    assert_eq!((said.stands.len(), said.refused.len()), (HEARD_MAX + 1, 1));
    assert_eq!(said.refused.values().next(), Some(&AnnotationRefused::TooMany));
}

/// The vectors of section 25 of the specification.
#[test]
fn their_bytes_are_those_of_the_specification() {
    let hex = |payload: Vec<u8>| {
        let mut hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        for seed in 1..=9_u8 {
            let seed = format!("{seed:02x}");
            hex = hex.replace(&format!("5820{}", seed.repeat(32)), &format!("[{}]", &seed[1..]));
        }
        hex
    };
    let tree = Tree::default;
    let practice = Some(DocumentId::new([7; 32]));
    for (deed, bytes) in [
        (
            Deed::Withdraw {
                reason: Reason::Unsafe,
                past: true,
                replaced_by: practice,
                why: tree(),
            },
            "82008403f5[7]a0",
        ),
        (Deed::Confirm { note: tree() }, "820181a0"),
        (Deed::Adapt { adaptation: tree() }, "820281a0"),
        (Deed::Translate { translation: tree() }, "820381a0"),
        (Deed::SameAs { practice, aliases: tree() }, "820482[7]a0"),
        (Deed::TakeBack { why: tree() }, "820581a0"),
    ] {
        let annotation = Annotation {
            by: CertificateId::new([1; 32]),
            nonce: [2; 16],
            founder: CertificateId::new([3; 32]),
            founding: [4; 16],
            editions: vec![EditionId::new([5; 32])],
            deed,
            follows: vec![RecordId::new([6; 32])],
            claimed_at: Timestamp(9),
        };
        let made = hex(minicbor::to_vec(&annotation).expect("a Vec"));
        let [nonce, founding] = ["02".repeat(16), "04".repeat(16)];
        let expected = format!("a800[1]0150{nonce}02[3]0350{founding}0481[5]05{bytes}0681[6]0709");
        assert_eq!(made, expected);
    }
}

/// Everything that the stories say, with what follows what.
fn everything(hub: &Hub) -> Vec<Noted> {
    let withdrawn = hub.says(&hub.hama, &[4], &[], withdraw(true));
    let back = hub.says(&hub.hama, &[], &[&withdrawn], take_back());
    let again = hub.says_at(&hub.hama, &[3], &[&withdrawn], withdraw(false), 9);
    let used = hub.says(&hub.maya, &[4], &[], adapt("partly"));
    let used_anew = hub.says_at(&hub.maya, &[4], &[&used], adapt("worked"), 9);
    let french = hub.says(&hub.ion, &[2], &[], translate("fr", "Un guichet"));
    let better = hub.says_at(&hub.ion, &[4], &[&french], translate("fr", "Un seul guichet"), 9);
    let foreign = hub.says(&hub.maya, &[], &[&french, &better], take_back());
    let mine = hub.says(&hub.ion, &[], &[&better], take_back());
    let same = hub.says(&hub.ion, &[], &[], same_as(9));
    let confirmed = hub.says(&hub.hama, &[2, 4], &[], confirm());
    let unfit = hub.says(&hub.issa, &[4], &[], confirm());
    vec![
        withdrawn, back, again, used, used_anew, french, better, foreign, mine, same, confirmed,
        unfit,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whoever_holds_the_same_annotations_sees_the_same(
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
        held in 0..=12_usize,
    ) {
        let hub = Hub::new();
        let all = everything(&hub);
        let mut some: Vec<Noted> = order[..held].iter().map(|at| all[*at].clone()).collect();
        let said = hub.said(&some);
        some.reverse();
        // Delivered twice.
        some.extend_from_within(..held / 2);
        prop_assert_eq!(hub.said(&some), said.clone());
        // Each stands, takes back, or says why not.
        for one in &some {
            let takes = matches!(one.body().deed, Deed::TakeBack { .. });
            let stands = said.get(&one.id()).is_some();
            let refused = said.refused.contains_key(&one.id());
            prop_assert!(!(stands && (takes || refused)) && (stands || takes || refused));
        }
        // Only Niger withdraws, and what is told of a withdrawal stands.
        for id in said.withdrawn.values() {
            prop_assert_eq!(said.get(id).map(|one| one.org), Some(hub.orgs[0]));
        }
    }
}
