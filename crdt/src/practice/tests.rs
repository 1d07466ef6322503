use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::document::{next_change, read_at};

fn practice(json: Json) -> Practice {
    Practice::from_json(&json, "en").expect("a practice")
}

/// Every field once.
fn whole() -> Json {
    serde_json::from_str(include_str!("whole.json")).expect("JSON")
}

#[test]
fn a_practice_file_with_every_field_reads_back_from_json_and_from_its_document() {
    let read = practice(whole());
    assert_eq!(read.to_json(), whole());
    assert_eq!(Practice::from_value(&read.to_value()), read);
    // `ongoing` cannot be said of what has ended.
    assert_eq!(whole().as_object().map(|fields| fields.len() + 1), Some(Practice::FIELDS.len()));
}

#[test]
fn what_was_published_is_the_same_practice_when_it_is_read() {
    let written = practice(whole());
    let edition = next_change(&[], &[], &written.to_value(), &[1; 16], 0).expect("a change");
    let content = read_at(&[&edition.bytes], &[edition.hash]).expect("content");
    assert_eq!(Practice::from_value(&content), written);
}

#[test]
fn nothing_is_needed_to_save_and_three_things_to_publish() {
    let empty = practice(json!({}));
    assert_eq!(empty, Practice::default());
    assert_eq!(empty.missing_to_publish(), ["title", "summary", "original_language"]);
    let listed = practice(json!({
        "title": "Desks", "original_language": "en",
        "basis": {"listed": {"url": "http://example.org/desks"}},
    }));
    assert_eq!(listed.missing_to_publish(), [""; 0]);
    let own = practice(json!({"title": "Desks", "summary": "Short.", "original_language": "en"}));
    assert_eq!(own.missing_to_publish(), [""; 0]);
    assert_eq!(own.missing_for_review().len(), 14);
    assert!(own.missing_for_review().contains(&"summary"), "it is too short for a review");
}

#[test]
fn a_whole_practice_lacks_only_a_longer_summary_for_review() {
    let mut read = practice(whole());
    assert_eq!(read.missing_for_review(), ["summary"]);
    read.set_field("summary", &json!("More. ".repeat(60)), "en").expect("a summary");
    assert_eq!(read.missing_for_review(), [""; 0]);
}

#[test]
fn plain_values_stand_for_the_usual_case() {
    let read = practice(json!({
        "title": "Desks",
        "countries": "NE",
        "primary_objectives": 3,
        "principles": ["human-rights"],
        "partners": ["Chad", {"org": "Niger"}],
        "contact": "through the Hub",
        "resources": ["https://example.org/a"],
        "basis": {"url": "https://example.org/b"},
        "evidence": null,
        "kind": "",
    }));
    let title: Vec<_> = read.title.iter().map(|(tag, text)| (tag.to_string(), text)).collect();
    assert_eq!(title, [("en".to_owned(), "Desks")]);
    assert_eq!(read.countries[0].as_str(), "NE");
    assert_eq!(read.partners.len(), 2);
    assert_eq!(read.contact, Some(Contact::Hub));
    assert!(matches!(read.basis, Basis::Listed(_)));
    assert_eq!((read.evidence, read.kind), (None, None));
    assert_eq!(read.licence.as_str(), "CC-BY-4.0");
}

#[test]
fn setting_a_text_in_one_language_leaves_the_others() {
    let mut read = practice(whole());
    read.set_field("title", &json!("Bureaux"), "fr").expect("a title");
    read.set_field("title", &json!({"ne": null, "ar": "مكاتب"}), "en").expect("titles");
    let tags: Vec<_> = read.title.iter().map(|(tag, _)| tag.as_str()).collect();
    assert_eq!(tags, ["ar", "en", "fr"]);
    let before = read.clone();
    let refused = read.set_field("countries", &json!(["NE", "XX"]), "en");
    assert_eq!(refused.map_err(|refused| refused.field), Err("countries[1]".to_owned()));
    assert_eq!(read, before);
    read.set_field("countries", &Json::Null, "en").expect("nothing");
    assert!(read.countries.is_empty());
}

#[test]
fn what_a_later_version_wrote_goes_back_into_the_document_unchanged() {
    let mut content = practice(whole()).to_value();
    content.insert("mood".into(), Value::Word("hopeful".into()));
    content.insert("evidence".into(), Value::List(vec![Value::Int(3)]));
    content.insert("kind".into(), Value::Word("kind-of-tomorrow".into()));
    content.insert("basis".into(), Value::Word("translated".into()));
    let Some(Value::List(partners)) = content.get_mut("partners") else { panic!("partners") };
    let Some(Value::Map(partner)) = partners.first_mut() else { panic!("a partner") };
    partner.insert("country".into(), Value::Word("NP".into()));
    let read = Practice::from_value(&content);
    assert_eq!(read.kind.as_ref().map(Code::as_str), Some("kind-of-tomorrow"));
    assert_eq!(read.to_value(), content);
    let mut amended = read;
    amended.set_field("basis", &json!("own"), "en").expect("a basis");
    assert_eq!(amended.to_value().get("basis"), Some(&Value::Word("own".into())));
}

#[test]
fn what_is_listed_twice_is_kept_once() {
    let read = practice(json!({"countries": ["NE", "TD", "NE"], "partners": ["Chad", "Chad"]}));
    assert_eq!((read.countries.len(), read.partners.len()), (2, 1));
}

#[test]
fn text_is_kept_composed_and_tidy() {
    let read = practice(json!({"summary": "  e\u{301}couter\r\nici\u{b}puis la\u{300}\u{0} "}));
    let texts: Vec<_> = read.summary.iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["écouter\nici\npuis là"]);
    let read = practice(json!({"main_implementer": "Ministry\nof Labour"}));
    assert_eq!(read.main_implementer.as_deref(), Some("Ministry of Labour"));
}

#[test]
fn language_tags_are_kept_in_their_usual_case() {
    let read = practice(json!({"title": {"ZH-hant": "臺", "pt-br": "Mesa"}}));
    let tags: Vec<_> = read.title.iter().map(|(tag, _)| tag.as_str()).collect();
    assert_eq!(tags, ["pt-BR", "zh-Hant"]);
}

/// Each with the sentence that the person who wrote it reads.
const REFUSED: &[(&str, &str)] = &[
    (r#"{"titel": "x"}"#, "titel: is no known field; did you mean `title`?"),
    (r#"{"qqqqqqqq": "x"}"#, "qqqqqqqq: is no known field"),
    (r#"["x"]"#, ": is not an object"),
    (r#"{"title": 7}"#, "title: is neither text nor {language: text}"),
    (
        r#"{"title": {"english": "x", "e": "y"}}"#,
        "title: `e` is not a language tag such as `en` or `zh-Hant`",
    ),
    (r#"{"title": {"en": 7}}"#, "title.en: is not text"),
    (
        r#"{"kind": "programe"}"#,
        "kind: `programe` is no known kind of practice; did you mean `programme`?",
    ),
    (r#"{"kind": 4}"#, "kind: is not a code"),
    (
        r#"{"primary_objectives": [24]}"#,
        "primary_objectives[0]: 24 is no objective: they are numbered from 1 to 23",
    ),
    (
        r#"{"primary_objectives": [1.5]}"#,
        "primary_objectives[0]: 1.5 is no objective: they are numbered from 1 to 23",
    ),
    (
        r#"{"primary_objectives": [1,2,3,4,5,6]}"#,
        "primary_objectives: has 6 entries, and at most 5 fit",
    ),
    (
        r#"{"principles": ["gcm-prin-01"]}"#,
        "principles[0].code: `gcm-prin-01` is no known guiding principle",
    ),
    (r#"{"principles": [{"how": "x"}]}"#, "principles[0].code: is missing here"),
    (
        r#"{"principles": [{"code": "human-rights", "hows": "x"}]}"#,
        "principles[0].hows: is no known field",
    ),
    (r#"{"countries": ["Chad"]}"#, "countries[0]: `Chad` is no known country; did you mean `TD`?"),
    (r#"{"countries": ["td"]}"#, "countries[0]: `td` is no known country; did you mean `TD`?"),
    (r#"{"subregions": ["17"]}"#, "subregions[0]: `17` is no known M49 subregion"),
    (
        r#"{"places": [{"name": "x", "lat": 91}]}"#,
        "places[0].lat: is 91, and lies between -90 and 90",
    ),
    (r#"{"places": [{"lat": 1}]}"#, "places[0].name: is missing here"),
    (
        r#"{"start": "17.5.2024"}"#,
        "start: `17.5.2024` is not a date: write YYYY, YYYY-MM or YYYY-MM-DD",
    ),
    (
        r#"{"start": "2023-02-29"}"#,
        "start: `2023-02-29` is not a date: write YYYY, YYYY-MM or YYYY-MM-DD",
    ),
    (
        r#"{"start": "2023-13"}"#,
        "start: `2023-13` is not a date: write YYYY, YYYY-MM or YYYY-MM-DD",
    ),
    (r#"{"start": 2023}"#, "start: is not a text value"),
    (
        r#"{"start": "2023-06", "end": "2023-05"}"#,
        "end: is 2023-05, which is before the start, 2023-06",
    ),
    (
        r#"{"end": "2023", "ongoing": true}"#,
        "end: is 2023, but `ongoing` says that it has not ended",
    ),
    (r#"{"ongoing": "perhaps"}"#, "ongoing: is neither true nor false"),
    (
        r#"{"target_groups": [{"code": "women", "number": -3}]}"#,
        "target_groups[0].number: is not a whole number from 0",
    ),
    (
        r#"{"target_groups": [{"code": "women", "number": 10000000001}]}"#,
        "target_groups[0].number: is 10000000001, and at most 10000000000 fits",
    ),
    (
        r#"{"donors": [{"name": "x", "currency": "euro"}]}"#,
        "donors[0].currency: has 4 characters, and at most 3 fit",
    ),
    (r#"{"partners": [{"org": " "}]}"#, "partners[0].org: is empty"),
    (r#"{"challenges": [{"text": {"fr": 1}}]}"#, "challenges[0].text.fr: is not text"),
    (
        r#"{"resources": [{"url": "javascript:alert(1)"}]}"#,
        "resources[0].url: `javascript:alert(1)` is not an address that begins with https:// and has at most 2000 bytes",
    ),
    (
        r#"{"resources": [{"url": "https://user@example.org"}]}"#,
        "resources[0].url: `https://user@example.org` is not an address that begins with https:// and has at most 2000 bytes",
    ),
    (
        r#"{"attachments": [{"name": "a", "hash": "abc"}]}"#,
        "attachments[0].hash: `abc` is not a hash of 64 hexadecimal digits",
    ),
    (r#"{"attachments": ["report.pdf"]}"#, "attachments[0]: is not an object"),
    (
        r#"{"contact": "Amina Saleh"}"#,
        "contact: `Amina Saleh` is neither the address of a mailbox nor `through the Hub`",
    ),
    (
        r#"{"original_language": "x"}"#,
        "original_language: `x` is not a language tag such as `en` or `zh-Hant`",
    ),
    (r#"{"basis": "borrowed"}"#, "basis: is neither `own` nor {\"listed\": {url, seen_on, note}}"),
    (r#"{"basis": {"listed": {"note": "x"}}}"#, "basis.listed.url: is missing here"),
    (
        r#"{"licence": "CC-BY-5.0"}"#,
        "licence: `CC-BY-5.0` is no known licence; did you mean `CC-BY-4.0`?",
    ),
    (r#"{"visibility": "secret"}"#, "visibility: `secret` is no known visibility"),
];

#[test]
fn what_is_refused_is_named_with_what_was_probably_meant() {
    for (file, sentence) in REFUSED {
        let json = serde_json::from_str(file).expect("JSON");
        let refused = Practice::from_json(&json, "en").expect_err(file);
        assert_eq!(refused.to_string(), *sentence, "{file}");
    }
}

#[test]
fn a_text_or_practice_that_is_too_long_is_refused_with_the_limit() {
    let title = json!({"title": {"fr": "é".repeat(151)}});
    let refused = Practice::from_json(&title, "en").expect_err("it is too long");
    assert_eq!(refused.to_string(), "title.fr: has 151 characters, and at most 150 fit");
    assert_eq!(refused.limit, Some(150));
    let long = "a".repeat(20_000);
    let fields = ["context", "aims", "activities", "results", "lessons", "conditions", "risks"];
    let whole: serde_json::Map<_, _> =
        fields.iter().map(|field| ((*field).to_owned(), json!(long))).collect();
    let refused = Practice::from_json(&whole.into(), "en").expect_err("it is too long");
    assert_eq!(refused.limit, Some(CONTENT_BYTES_MAX as u64));
}

#[test]
fn plain_text_without_a_known_language_is_refused() {
    let refused = Practice::from_json(&json!({"title": "Desks"}), "").expect_err("no language");
    assert_eq!(refused.field, "title");
}

/// The worst that a practice can hold: characters of changing length, cut into
/// as many texts and records as fit.
#[test]
fn the_largest_practice_fits_the_change_of_its_edition() {
    let alternating = "aé".repeat(10_000);
    let records: Vec<Json> =
        (0..100).map(|at| json!({"org": format!("{at}"), "role": "b"})).collect();
    let json = json!({
        "context": alternating, "aims": alternating, "activities": alternating,
        "results": "é".repeat(17_000), "partners": records, "countries": ["NE", "TD", "ML"],
        "places": (0..100).map(|at| json!({"name": at.to_string(), "lat": 1.5, "lon": 2.5})).collect::<Vec<_>>(),
    });
    let largest = practice(json);
    let content = largest.to_value();
    let bytes = canonical(&content).len();
    assert!(bytes > CONTENT_BYTES_MAX - 2_000, "{bytes}");
    let first = next_change(&[], &[], &content, &[1; 16], 0).expect("it fits");
    assert!(first.bytes.len() <= crate::chunk::CHANGE_BYTES_MAX, "{}", first.bytes.len());
    let other = practice(json!({"context": "éa".repeat(10_000), "aims": "ba".repeat(10_000)}));
    let second = next_change(&[&first.bytes], &[first.hash], &other.to_value(), &[2; 16], 0);
    let back = second.and_then(|second| {
        next_change(&[&first.bytes, &second.bytes], &[second.hash], &content, &[3; 16], 0)
    });
    assert!(back.is_ok(), "{back:?}");
}

fn date() -> impl Strategy<Value = String> {
    (1900..2100_u16, 1..13_u8, 1..29_u8, 0..3_u8).prop_map(
        |(year, month, day, parts)| match parts {
            0 => format!("{year:04}"),
            1 => format!("{year:04}-{month:02}"),
            _ => format!("{year:04}-{month:02}-{day:02}"),
        },
    )
}

proptest! {
    #[test]
    fn any_date_reads_back_and_order_follows_the_calendar(a in date(), b in date()) {
        let (one, other): (Date, Date) = (a.parse().expect("a date"), b.parse().expect("a date"));
        prop_assert_eq!(one.to_string(), a.clone());
        let common = a.len().min(b.len());
        prop_assert_eq!(one.is_before(other), a[..common] < b[..common]);
    }

    #[test]
    fn whatever_is_read_from_json_reads_back_from_json_and_from_its_document(
        title in "\\PC{0,40}", tag in "[a-z]{2,3}(-[A-Z]{2})?", start in date(),
        objectives in proptest::collection::vec(1..24_u8, 0..6),
        lat in -90.0..90.0_f64, amount in any::<i32>(), note in "\\PC{1,40}", ongoing in any::<bool>(),
    ) {
        let json = json!({
            "title": {tag: title}, "start": start, "primary_objectives": objectives,
            "places": [{"name": "x", "lat": lat}], "donors": [{"name": "y", "amount": amount}],
            "ongoing": ongoing, "challenges": [{"text": note}],
        });
        if let Ok(read) = Practice::from_json(&json, "en") {
            let again = Practice::from_json(&read.to_json(), "fr");
            prop_assert_eq!(again.as_ref(), Ok(&read));
            prop_assert_eq!(&Practice::from_value(&read.to_value()), &read);
            prop_assert_eq!(canonical(&read.to_value()), canonical(&again.expect("read").to_value()));
        }
    }

    #[test]
    fn no_json_panics_the_reader(text in "\\PC{0,60}", number in any::<f64>(), at in 0..50_usize) {
        let key = Practice::FIELDS[at % Practice::FIELDS.len()].0;
        for value in [
            json!(text), json!(number), json!([text]), json!({"en": text}), json!([{"code": text}]),
            json!([[[text]]]), json!({"listed": {"url": text}}), json!(true),
        ] {
            let _ = Practice::from_json(&json!({ key: value }), &text);
        }
    }
}
