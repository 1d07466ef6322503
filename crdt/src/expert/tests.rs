use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::identity::{FederationId, SecretKey};

/// What a labour inspector of Nepal offers, with every field once.
fn nepal() -> serde_json::Value {
    json!({
        "name": "Labour inspector, Kathmandu",
        "objectives": [3, 6, 21],
        "topics": ["labour"],
        "languages": [{"tag": "en", "can": "train"}, {"tag": "ne", "can": "work"}],
        "country_experience": ["NP", "TD"],
        "support_types": ["expert-advice"],
        "years": "10-19",
        "modality": "both",
        "hours": 12,
        "availability": [{"from": "2027-01", "until": "2027-06-15"}],
        "cost": "free",
    })
}

const SIGNED: Timestamp = Timestamp(1_800_000_000_000);

fn statement(n: u32) -> ExpertCard {
    ExpertCard {
        by: CertificateId::new([4; 32]),
        n,
        state: Listing::Listed,
        card: Card::from_json(&nepal(), "en").expect("a card").to_tree(),
        claimed_at: SIGNED,
        expires: SIGNED.plus(CARD_LIFE_MAX),
    }
}

#[test]
fn a_card_file_with_every_field_reads_back_from_json_and_from_its_tree() {
    let card = Card::from_json(&nepal(), "en").expect("a card");
    assert_eq!(card.to_json(), nepal());
    assert_eq!(Card::from_tree(&card.to_tree()), card);
    assert_eq!(nepal().as_object().map(serde_json::Map::len), Some(Card::FIELDS.len()));
    assert_eq!(card.missing(), [""; 0]);
    assert_eq!(Card::default().missing(), ["name", "objectives", "languages", "support_types"]);
}

#[test]
fn plain_values_stand_for_the_usual_case() {
    let json = json!({"languages": ["fr", "en"], "years": 12, "availability": "2027-03"});
    let card = Card::from_json(&json, "en").expect("a card");
    assert_eq!(card.languages.iter().map(|l| l.can).collect::<Vec<_>>(), [Skill::Work; 2]);
    assert_eq!(card.years, Some(Years::TenToNineteen));
    let bands = [0, 4, 5, 9, 10, 19, 20, u64::MAX].map(|years| Years::of(years).as_str());
    assert_eq!(bands, ["0-4", "0-4", "5-9", "5-9", "10-19", "10-19", "20+", "20+"]);
    let march = "2027-03".parse::<crate::schema::Date>().expect("a month");
    assert!(card.availability[0].meets(march.last_day() + 500, march.last_day() + 501));
    assert!(!card.availability[0].meets(march.first_day() - 9, march.first_day() - 1));
}

#[test]
fn what_is_refused_in_a_card_is_named() {
    let refused = |json: serde_json::Value| {
        Card::from_json(&json, "en").expect_err("it is refused").to_string()
    };
    assert_eq!(
        refused(json!({"languages": [{"tag": "fr", "can": "sing"}]})),
        "languages[0].can: `sing` is not one of work, write, train"
    );
    assert_eq!(refused(json!({"hours": 201})), "hours: is 201, and at most 200 fits");
    assert_eq!(
        refused(json!({"years": "many"})),
        "years: is neither a number of years nor one of 0-4, 5-9, 10-19, 20+"
    );
    assert_eq!(
        refused(json!({"availability": [{"from": "2027-03", "until": "2027-02"}]})),
        "availability[0].until: is 2027-02, which is before its first day, 2027-03"
    );
    let windows: Vec<_> =
        (0..5).map(|_| json!({"from": "2027-03-01", "until": "2027-04-01"})).collect();
    let countries: Vec<_> = crate::taxonomy::countries_of("002").into_iter().take(40).collect();
    let support: Vec<_> =
        crate::taxonomy::Vocabulary::SupportTypes.terms().iter().map(|term| term.code()).collect();
    let topics: Vec<_> =
        crate::taxonomy::Vocabulary::Topics.terms().iter().map(|term| term.code()).collect();
    let full = json!({
        "name": "é".repeat(120), "objectives": (1..=23).collect::<Vec<_>>(), "topics": topics,
        "country_experience": countries, "support_types": support, "availability": windows,
        "languages": ["ar", "zh", "en", "fr", "ru", "es", "pt", "sw", "am", "so", "ha", "ht"],
    });
    match Card::from_json(&full, "en") {
        Ok(card) => assert!(card.to_tree().to_bytes().len() <= CARD_BYTES_MAX),
        Err(refused) => assert_eq!(refused.limit, Some(CARD_BYTES_MAX as u64)),
    }
}

#[test]
fn an_expert_signs_a_card_and_everyone_reads_the_same() {
    let federation = FederationId::new([1; 32]);
    let key = SecretKey::from_seed(&[2; 32]);
    let record = statement(1).prepare().sign(federation, &key);
    let read: ExpertCard = record.peek().expect("a card");
    assert_eq!(read, statement(1));
    assert_eq!(read.form().to_json(), nepal());
    assert!(record.verify(federation).is_ok());
}

/// The vector of section 19.3 of the specification.
#[test]
fn a_card_is_signed_in_the_form_that_the_specification_shows() {
    let json = json!({"name": "Desks", "objectives": 3, "languages": "fr"});
    let card = ExpertCard {
        by: CertificateId::new([1; 32]),
        n: 1,
        state: Listing::Listed,
        card: Card::from_json(&json, "fr").expect("a card").to_tree(),
        claimed_at: Timestamp(1),
        expires: Timestamp(2),
    };
    let payload = minicbor::to_vec(&card).expect("a Vec holds it");
    let hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
    let golden = "a600[1]0101020003a3696c616e67756167657381a26363616e44776f726b63746167426672646e616d65454465736b736a6f626a65637469766573810304010502";
    assert_eq!(hex.replace(&format!("5820{}", "01".repeat(32)), "[1]"), golden);
}

#[test]
fn a_card_that_breaks_a_bound_is_refused_in_words() {
    let broken = |change: fn(&mut ExpertCard)| {
        let mut card = statement(1);
        change(&mut card);
        let record =
            card.prepare().sign(FederationId::new([1; 32]), &SecretKey::from_seed(&[2; 32]));
        assert!(record.peek::<ExpertCard>().is_err(), "it is also refused when it comes");
        card.check().expect_err("it is refused")
    };
    assert!(broken(|card| card.n = 0).contains("number"));
    assert!(broken(|card| card.n = CARD_NUMBER_MAX + 1).contains("number"));
    assert!(broken(|card| card.expires = SIGNED).contains("12 months"));
    assert!(broken(|card| card.expires = SIGNED.plus(CARD_LIFE_MAX + 1)).contains("12 months"));
    assert!(
        broken(|card| (card.claimed_at, card.expires) = (Timestamp(i64::MIN), Timestamp(i64::MAX)))
            .contains("12 months")
    );
    assert!(broken(|card| card.state = Listing::Removed).contains("removed"));
    let long = |card: &mut ExpertCard| {
        let name = crate::value::Value::Word("a".repeat(CARD_BYTES_MAX));
        card.card.0.insert("name".into(), name);
    };
    assert!(broken(long).contains("1,500 bytes"));
    let mut removed = statement(2);
    (removed.state, removed.card) = (Listing::Removed, Tree::default());
    assert_eq!(removed.check(), Ok(()));
}

#[test]
fn a_card_is_matched_while_it_is_listed_and_has_not_ended() {
    let listed = statement(1);
    assert!(listed.is_matched(SIGNED));
    assert!(listed.is_matched(listed.expires.plus(-1)));
    assert!(!listed.is_matched(listed.expires));
    let paused = ExpertCard { state: Listing::Paused, ..listed };
    assert!(!paused.is_matched(SIGNED));
}

#[test]
fn a_card_is_renewed_in_its_last_month_and_a_removed_one_says_nothing() {
    let by = CertificateId::new([4; 32]);
    let form = Card::from_json(&nepal(), "en").expect("a card");
    let first = ExpertCard::next(None, by, Listing::Listed, &form, SIGNED);
    assert_eq!(first, statement(1));
    assert!(!first.is_due(SIGNED));
    let late = first.expires.plus(1 - CARD_RENEWAL);
    assert!(first.is_due(late));
    let second = ExpertCard::next(Some(&first), by, Listing::Listed, &first.form(), late);
    assert_eq!((second.n, second.check(), second.is_due(late)), (2, Ok(()), false));
    let third = ExpertCard::next(Some(&second), by, Listing::Removed, &form, late);
    assert_eq!((third.n, third.check()), (3, Ok(())));
    assert!(third.card.0.is_empty() && !third.is_due(third.expires));
}

#[test]
fn a_pause_stands_over_the_earlier_card() {
    let (first, second) = (statement(1), ExpertCard { state: Listing::Paused, ..statement(2) });
    let cards = [(RecordId::new([9; 32]), &first), (RecordId::new([1; 32]), &second)];
    assert_eq!(newest(cards), Some((RecordId::new([1; 32]), &second)));
    assert_eq!(newest([]), None);
}

proptest! {
    #[test]
    fn the_newest_card_is_the_same_in_whatever_order_cards_came(
        mut cards in proptest::collection::btree_map(any::<[u8; 32]>(), 1..4_u32, 1..8)
            .prop_map(|cards| cards.into_iter().collect::<Vec<_>>()),
        turn in any::<usize>(),
    ) {
        let stands = |cards: &[([u8; 32], u32)]| {
            let cards: Vec<_> =
                cards.iter().map(|(id, n)| (RecordId::new(*id), statement(*n))).collect();
            newest(cards.iter().map(|(id, card)| (*id, card))).map(|(id, card)| (id, card.n))
        };
        let first = stands(&cards);
        let turn = turn % cards.len();
        cards.rotate_left(turn);
        prop_assert_eq!(first, stands(&cards));
        cards.reverse();
        prop_assert_eq!(first, stands(&cards));
        prop_assert_eq!(first.map(|card| card.1), cards.iter().map(|card| card.1).max());
    }

    #[test]
    fn no_json_panics_the_reader(text in "\\PC{0,60}", number in any::<f64>(), at in 0..11_usize) {
        let key = Card::FIELDS[at].0;
        for value in [json!(text), json!(number), json!([text]), json!({"tag": text}), json!(true)] {
            let _ = Card::from_json(&json!({ key: value }), &text);
        }
    }
}
