use serde_json::json;

use super::*;
use crate::founding::{Founding, Person};
use crate::taxonomy::Vocabulary;

/// Niger posts; Nepal has no say in it.
struct Hub {
    authority: Authority,
    hama: Person,
    clerk: Person,
    focal: Person,
    maya: Person,
}

impl Hub {
    fn new() -> Self {
        let mut founding = Founding::of(["Niger", "Nepal", "Moldova"], |_| None);
        let hama = founding.person(0, 1, &[Role::Publisher]);
        let clerk = founding.person(0, 2, &[Role::Contributor]);
        let focal = founding.person(0, 3, &[Role::FocalPoint]);
        let maya = founding.person(1, 1, &[Role::FocalPoint]);
        Self { authority: founding.authority(), hama, clerk, focal, maya }
    }
}

fn stub() -> Tree {
    let form = json!({
        "title": "Registering births abroad", "objectives": [4], "support_types": ["question"],
        "region": Vocabulary::Regions.terms()[0].code(), "languages": ["en"],
        "needed_by": "2027-01-31",
    });
    Stub::from_json(&form, "en").expect("a form").to_tree()
}

fn need(by: &Person, first: Option<RecordId>, n: u32, stub: Tree) -> (RecordId, Need) {
    let nonce = [n as u8; 16];
    let claimed_at = Timestamp(1);
    let need =
        Need { by: by.certificate, nonce, first, n, stub, claimed_at, expires: Timestamp(9) };
    assert_eq!(need.check(), Ok(()));
    (need.prepare().id(), need)
}

#[test]
fn a_later_word_of_the_same_side_takes_the_place_of_an_earlier_one() {
    let hub = Hub::new();
    let first = need(&hub.hama, None, 0, stub());
    let thread = first.0;
    let ended = need(&hub.focal, Some(thread), 2, Tree::default());
    let again = need(&hub.hama, Some(thread), 1, stub());
    let by_clerk = need(&hub.clerk, Some(thread), 3, Tree::default());
    let by_maya = need(&hub.maya, Some(thread), 4, Tree::default());
    let stands = |held: &[&(RecordId, Need)]| {
        let held: BTreeMap<_, _> = held.iter().map(|one| (*one).clone()).collect();
        standing(&hub.authority, &thread, &held).map(|(id, _)| id)
    };
    assert_eq!(stands(&[&first]), Some(thread));
    assert_eq!(stands(&[&first, &by_clerk, &by_maya]), Some(thread), "neither of them may");
    assert_eq!(stands(&[&again, &first, &by_maya]), Some(again.0));
    assert_eq!(stands(&[&again, &first, &ended]), Some(ended.0));
    assert_eq!(stands(&[&again, &ended]), None, "what began it is not here");
    assert!(first.1.is_shown(Timestamp(8)) && !first.1.is_shown(Timestamp(9)));
    assert!(!ended.1.is_shown(Timestamp(2)));
}

#[test]
fn a_need_and_a_word_of_help_have_bounds() {
    let hub = Hub::new();
    let (id, good) = need(&hub.hama, None, 0, stub());
    let mut long = good.stub.clone();
    long.0.insert("more".into(), crate::value::Value::Text("x".repeat(STUB_BYTES_MAX)));
    for bad in [
        Need { n: 1, ..good.clone() },
        Need { first: Some(id), ..good.clone() },
        Need { first: Some(id), n: NEED_NUMBER_MAX + 1, ..good.clone() },
        Need { stub: Tree::default(), ..good.clone() },
        Need { stub: long, ..good.clone() },
        Need { expires: good.claimed_at, ..good.clone() },
        Need { expires: good.claimed_at.plus(NEED_LIFE_MAX + 1), ..good.clone() },
    ] {
        assert!(bad.check().is_err(), "{bad:?}");
    }
    let help = |text: &str| Help {
        by: hub.maya.certificate,
        need: id,
        text: text.into(),
        claimed_at: Timestamp(1),
    };
    assert_eq!(help("We did this in 2019.").check(), Ok(()));
    assert!(help("Yes").check().is_err());
    assert!(help(&"x".repeat(HELP_CHARACTERS_MAX + 1)).check().is_err());
}

#[test]
fn what_is_wrong_with_a_need_is_told_by_its_field() {
    for (form, field) in [
        (json!({ "title": "Short", "objectives": [4] }), "title"),
        (json!({ "title": "Registering births abroad" }), "objectives"),
        (json!({ "title": "Registering births abroad", "objectives": [4], "need": "x" }), "need"),
        (
            json!({ "title": "Registering births abroad", "objectives": [4], "region": "9" }),
            "region",
        ),
    ] {
        let refused = Stub::from_json(&form, "en").expect_err("not a need");
        assert_eq!(refused.field, field);
    }
    let stub = Stub::from_json(&json!({ "title": "Births abroad", "objectives": [4] }), "fr");
    let tree = stub.expect("a form").to_tree();
    assert_eq!(Stub::from_tree(&tree).to_tree(), tree);
    assert_eq!(Stub::from_tree(&tree).language.map(|tag| tag.to_string()), Some("fr".into()));
}
