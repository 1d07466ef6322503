use super::*;

#[test]
fn every_vocabulary_has_terms_with_distinct_codes_and_english_labels() {
    for vocabulary in Vocabulary::ALL {
        let terms = vocabulary.terms();
        assert!(!terms.is_empty(), "{vocabulary:?}");
        for (at, term) in terms.iter().enumerate() {
            assert!(!term.label("en").stands_in, "{vocabulary:?} {}", term.code());
            assert!(terms[..at].iter().all(|other| other.code() != term.code()), "{term:?}");
        }
    }
}

#[test]
fn the_objectives_are_23_and_found_by_number() {
    assert_eq!(Vocabulary::Objectives.terms().len(), 23);
    for number in 1..=23 {
        assert_eq!(objective(number).map(Term::code), Some(number.to_string().as_str()));
    }
    assert_eq!(objective(0), None);
    assert_eq!(objective(24), None);
    let data = objective(1).expect("there is a first");
    assert_eq!(data.label("fr").text, "Données");
    assert!(data.title().is_some_and(|title| title.starts_with("Collect and utilize")));
}

#[test]
fn a_missing_label_is_shown_in_english_and_says_so() {
    let kind = Vocabulary::PracticeKinds.term("law").expect("a kind");
    let label = kind.label("ar");
    assert_eq!((label.text, label.language, label.stands_in), ("Law or regulation", "en", true));
    let africa = Vocabulary::Regions.term("002").expect("a region");
    assert_eq!(africa.label("fr-CA").text, "Afrique");
}

#[test]
fn chad_lies_in_middle_africa_in_sub_saharan_africa_in_africa() {
    assert_eq!(regions_of("TD"), ["017", "202", "002"]);
    assert_eq!(regions_of("MD"), ["151", "150"]);
    assert_eq!(regions_of("AQ"), [""; 0]);
    assert_eq!(regions_of("XX"), [""; 0]);
}

#[test]
fn all_249_countries_have_a_name_and_all_but_two_a_region() {
    assert_eq!(Vocabulary::Countries.terms().len(), 249);
    let regions = Vocabulary::Regions.terms().iter();
    let within: usize = regions.map(|region| countries_of(region.code()).len()).sum();
    assert_eq!(within, 247);
    assert!(countries_of("011").contains(&"NE"));
}

#[test]
fn every_group_of_a_place_is_itself_a_place() {
    for country in Vocabulary::Countries.terms() {
        for code in regions_of(country.code()) {
            let known = Vocabulary::Subregions.term(code).or(Vocabulary::Regions.term(code));
            assert!(known.is_some(), "{} in {code}", country.code());
        }
    }
}

#[test]
fn direction_follows_the_script_where_one_is_named() {
    assert!(is_right_to_left("ar"));
    assert!(is_right_to_left("ckb-IQ"));
    assert!(is_right_to_left("ku-Arab"));
    assert!(!is_right_to_left("ur-Latn"));
    assert!(!is_right_to_left("ne"));
}

#[test]
fn a_slip_of_the_hand_is_recognised_and_a_wild_guess_is_not() {
    assert_eq!(Vocabulary::PracticeKinds.nearest("programe"), Some("programme"));
    assert_eq!(Vocabulary::Principles.nearest("People Centred"), Some("people-centred"));
    assert_eq!(Vocabulary::PracticeKinds.nearest("zzzzzz"), None);
}
