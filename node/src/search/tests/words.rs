//! What words find.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::Query;
use super::{Shelf, practice};

fn library() -> Shelf {
    Shelf::with(&[
        practice(
            "nepal",
            "en",
            "Migrant resource centres",
            "Returning workers receive counselling on policies, wages and skills.",
        ),
        practice(
            "tchad",
            "fr",
            "Réinsertion des rapatriés",
            "L'aide aux personnes qualifiées retournées du Niger et leur réintégration.",
        ),
        practice("egypt", "ar", "حماية المهاجرين", "مركزٌ لإستقبال الأُسَر وتسجيل الهجـــرة النظامية"),
        practice(
            "moldova",
            "ru",
            "Возвращение мигрантов",
            "Поддержка семей и миграционная политика",
        ),
        practice("bolivia", "es", "Regularización migratoria", "Las migraciones y los niños"),
        practice("china", "zh", "移民治理能力建设", "需要多方合作，保护劳动者的权利。"),
        practice("thailand", "th", "การคุ้มครองแรงงานข้ามชาติ", "ศูนย์ช่วยเหลือ"),
        practice("japan", "ja", "外国人労働者のための相談センター", "多言語で対応する"),
        practice("india", "hi", "प्रवासी श्रमिक केंद्र", "परामर्श"),
    ])
}

#[test]
fn words_find_their_inflections_in_each_language() {
    let shelf = library();
    for (typed, found) in [
        ("policy", "nepal"),
        ("worker skill", "nepal"),
        ("qualifié", "tchad"),
        ("rapatrié", "tchad"),
        ("мигранты", "moldova"),
        ("миграционной политики", "moldova"),
        ("migración", "bolivia"),
        ("مهاجر", "egypt"),
    ] {
        assert_eq!(shelf.find(&format!("{typed} ")), [found], "{typed}");
    }
}

#[test]
fn accents_vowel_marks_and_case_need_not_be_typed() {
    let shelf = library();
    for (typed, found) in [
        ("REINTEGRATION", "tchad"),
        ("reinsertion rapatries", "tchad"),
        ("ninos", "bolivia"),
        ("مركز الاسر", "egypt"),
        ("هجرة", "egypt"),
    ] {
        assert_eq!(shelf.find(&format!("{typed} ")), [found], "{typed}");
    }
}

#[test]
fn any_part_of_a_text_without_spaces_finds_it() {
    let shelf = library();
    for (typed, found) in [
        ("移民", "china"),
        ("民治", "china"),
        ("能力建设", "china"),
        ("设", "china"),
        ("劳", "china"),
        ("แรงงาน", "thailand"),
        ("労働者", "japan"),
        ("センター", "japan"),
    ] {
        assert_eq!(shelf.find(typed), [found], "{typed}");
    }
    assert_eq!(shelf.find("移民能力"), ["china"], "its words stand apart");
    assert_eq!(shelf.find("「移民能力」"), [""; 0], "they do not follow each other");
}

#[test]
fn words_with_marks_in_them_stay_whole() {
    assert_eq!(library().find("श्रमिक "), ["india"]);
}

#[test]
fn a_practice_has_all_words_but_need_not_have_function_words() {
    let shelf = library();
    assert_eq!(shelf.find("workers counselling "), ["nepal"]);
    assert_eq!(shelf.find("workers Tchad "), [""; 0]);
    assert_eq!(shelf.find("the counselling of workers "), ["nepal"]);
    assert_eq!(shelf.find("l'aide au Niger "), ["tchad"]);
}

#[test]
fn a_phrase_is_found_only_where_its_words_follow_each_other() {
    let shelf = library();
    assert_eq!(shelf.find("\"resource centre\""), ["nepal"]);
    assert_eq!(shelf.find("“personne qualifiée”"), ["tchad"]);
    assert_eq!(shelf.find("\"centre resource\""), [""; 0]);
}

#[test]
fn the_last_word_may_be_half_typed() {
    let shelf = library();
    assert_eq!(shelf.find("resource couns"), ["nepal"]);
    assert_eq!(shelf.find("reinteg"), ["tchad"]);
    assert_eq!(shelf.find("couns workers "), [""; 0], "only the last");
}

#[test]
fn a_word_with_a_mistake_is_forgiven_when_nothing_has_it() {
    let shelf = library();
    for (typed, found) in [
        ("counsellign", "nepal"),
        ("polciies workers", "nepal"),
        ("reintegraton", "tchad"),
        ("возврощение", "moldova"),
    ] {
        let query = Query { text: format!("{typed} "), limit: 5, ..Query::default() };
        let results = shelf.search(&query);
        assert_eq!(super::ids(&results), [found], "{typed}");
        assert!(results.similar, "{typed}");
    }
    assert_eq!(shelf.find("wagas "), ["nepal"]);
    assert_eq!(shelf.find("wagse "), ["nepal"]);
    assert_eq!(shelf.find("nigr "), [""; 0], "short words mean what they say");
}

#[test]
fn filters_do_not_make_a_word_look_mistaken() {
    let shelf = library();
    let query = Query {
        text: "workers ".into(),
        countries: vec!["TD".into()],
        limit: 5,
        ..Query::default()
    };
    let results = shelf.search(&query);
    assert_eq!((results.total, results.similar), (0, false));
}

#[test]
fn a_title_counts_more_than_a_body() {
    let shelf = Shelf::with(&[
        practice("body", "en", "Labour offices", "They help with remittances and more."),
        practice("title", "en", "Remittances", "They help with labour offices and more."),
    ]);
    assert_eq!(shelf.find("remittances "), ["title", "body"]);
}

#[test]
fn the_name_of_the_organisation_finds_its_practices() {
    let mut entry = practice("unhcr-1", "en", "Asylum", "Access to procedures");
    entry.facts.organisation = "Ministère de l'Intérieur du Niger".into();
    assert_eq!(Shelf::with(&[entry]).find("ministere niger "), ["unhcr-1"]);
}

#[test]
fn texts_in_languages_that_share_a_tongue_are_all_found() {
    let mut entry = practice("two", "zh", "移民", "劳动");
    entry.texts.extend(practice("two", "pt-BR", "Migração", "trabalho").texts);
    let shelf = Shelf::with(&[entry]);
    for typed in ["移民", "migracao ", "trabalho ", "劳动"] {
        assert_eq!(shelf.find(typed), ["two"], "{typed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn nothing_that_is_typed_is_an_error(
        texts in proptest::collection::vec(
            prop_oneof![
                "\\PC{0,60}",
                "[\"«»“”'*?~^:+\\-()\\[\\]{}/\\\\ a-zéа-я移]{0,60}",
                any::<String>(),
                Just("\"".repeat(500)),
                Just("a".repeat(5_000)),
                Just("移".repeat(1_000)),
                Just("\u{e33}\u{301}\u{640} \u{ad}".to_owned()),
            ],
            12,
        )
    ) {
        static LIBRARY: LazyLock<Shelf> = LazyLock::new(library);
        for text in texts {
            let query = Query { text, limit: 5, ..Query::default() };
            let results = LIBRARY.search(&query);
            prop_assert!(results.hits.len() as u64 <= results.total);
        }
    }
}
