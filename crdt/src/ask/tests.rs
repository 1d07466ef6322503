use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::identity::Id;
use crate::value::{Tree, Value};

/// What Chad's labour office asks, with every field once.
fn chad() -> Json {
    let practice = DocumentId::new([7; 32]).to_string();
    json!({
        "mode": "routed",
        "title": "Guichets d'information aux frontières",
        "organisation": "Office du travail du Tchad",
        "country": "TD",
        "support_types": ["expert-advice", "document-review"],
        "objectives": [3, 11],
        "topics": ["labour"],
        "need": "Nous ouvrons trois guichets. ".repeat(12).trim(),
        "background": "Deux guichets existent.\nIls sont fermés la nuit.",
        "desired_result": "Un plan pour la première année.",
        "tried": [practice],
        "languages_in": ["fr", "ar"],
        "languages_out": ["fr"],
        "needed_by": "2027-02-15",
        "urgency": "urgent",
        "duration": "two weeks",
        "modality": "remote",
        "budget": {"funding": "no", "note": "Travel could be paid."},
        "endorsement": {"required": true, "by": "Ministry of Labour"},
        "confidentiality": "matched",
        "stub": ["country", "objectives"],
        "reuse_consent": true,
        "award": "auto",
        "language": "fr",
    })
}

fn ask(json: &Json) -> Ask {
    Ask::from_json(json, "fr").expect("a request")
}

#[test]
fn a_request_file_with_every_field_reads_back_from_json_and_from_its_tree() {
    let read = ask(&chad());
    assert_eq!(read.to_json(), chad());
    assert_eq!(Ask::from_tree(&read.to_tree()), read);
    assert_eq!(Tree::from_bytes(&read.to_tree().to_bytes()), Ok(read.to_tree()));
    assert_eq!(read.missing(), [""; 0]);
    // Experts are named in a directed request alone, and an edition to translate where
    // that is asked for.
    assert_eq!(chad().as_object().map(|fields| fields.len() + 2), Some(Ask::FIELDS.len()));
}

#[test]
fn a_translation_is_asked_for_by_edition_and_language_and_needs_no_support_type() {
    let [practice, edition] =
        [DocumentId::new([7; 32]).to_string(), EditionId::new([8; 32]).to_string()];
    let wanted = json!({"practice": practice, "edition": edition, "language": "fr"});
    let read = ask(&json!({ "translate": wanted }));
    assert_eq!(Ask::from_tree(&read.to_tree()), read);
    assert_eq!(read.to_json()["translate"], wanted);
    assert!(!read.missing().contains(&"support_types"));
    assert!(ask(&json!({})).missing().contains(&"support_types"));
    for key in ["practice", "edition", "language"] {
        let mut short = wanted.clone();
        short[key] = Json::Null;
        let refused = Ask::from_json(&json!({ "translate": short }), "en").expect_err("is short");
        assert_eq!(refused.field, format!("translate.{key}"));
    }
    let refused = Ask::from_json(&json!({ "translate": practice }), "en").expect_err("no record");
    assert_eq!(refused.field, "translate");
}

#[test]
fn what_is_not_said_is_routed_sealed_to_the_matched_and_awarded_to_the_first() {
    let empty = ask(&json!({}));
    assert_eq!(empty.mode, Mode::Routed);
    assert_eq!(empty.confidentiality, Confidentiality::Matched);
    assert_eq!((empty.award, empty.urgency), (Award::Auto, Urgency::Normal));
    let french: Tag = "fr".parse().expect("a tag");
    assert_eq!(empty.language.as_ref(), Some(&french));
    assert_eq!(empty.languages_in, std::slice::from_ref(&french));
    assert_eq!(empty.languages_out, [french]);
    let missing =
        ["title", "organisation", "country", "support_types", "objectives", "need", "needed_by"];
    assert_eq!(empty.missing(), missing);
}

#[test]
fn a_directed_request_names_its_experts() {
    let expert = CertificateId::new([5; 32]).to_string();
    let directed = ask(&json!({"mode": "directed", "experts": expert}));
    assert_eq!(directed.experts, [Id::new([5; 32])]);
    assert!(!directed.missing().contains(&"experts"));
    assert!(ask(&json!({"mode": "directed"})).missing().contains(&"experts"));
}

#[test]
fn what_is_too_short_to_send_says_how_much_is_needed() {
    let lacks = ask(&json!({"title": "Guichets", "need": "Aidez-nous."})).lacks();
    let sentences: Vec<String> = lacks.iter().map(ToString::to_string).collect();
    assert!(
        sentences.contains(&"title: has 8 characters, and needs at least 10 to be sent".to_owned())
    );
    assert!(
        sentences
            .contains(&"need: has 11 characters, and needs at least 300 to be sent".to_owned())
    );
    assert!(sentences.contains(&"country: is needed to send the request".to_owned()));
    let limit = |key: &str| lacks.iter().find(|lack| lack.field == key).and_then(|lack| lack.limit);
    assert_eq!((limit("need"), limit("country")), (Some(300), None));
}

#[test]
fn an_answer_is_asked_for_between_3_and_120_days_ahead() {
    let today = Timestamp(20_000 * 86_400_000 + 5);
    let asked = |date: &str| {
        let sent = ask(&json!({ "needed_by": date })).reply_window(today);
        sent.map_err(|refused| (refused.to_string(), refused.limit))
    };
    assert_eq!(Date::of(today).to_string(), "2024-10-04");
    assert_eq!(asked("2024-10-07"), Ok(()));
    assert_eq!(asked("2025-02-01"), Ok(()));
    assert_eq!(asked("2024-10"), Ok(()), "its last day counts");
    assert_eq!(ask(&json!({})).reply_window(today), Ok(()), "that is for `lacks` to say");
    let refused = |text: &str, limit| Err((text.to_owned(), Some(limit)));
    assert_eq!(asked("2024-10-03"), refused("needed_by: is 2024-10-03, which has passed", 3));
    assert_eq!(
        asked("2024-10-06"),
        refused("needed_by: is 2024-10-06: leave an expert at least 3 days", 3)
    );
    assert_eq!(
        asked("2025-02-02"),
        refused("needed_by: is 2025-02-02, which is more than 120 days ahead", 120)
    );
}

/// Each with the sentence that the person who wrote it reads.
const REFUSED: &[(&str, &str)] = &[
    (
        r#"{"mode": "query-to-all"}"#,
        "mode: `query-to-all` is not there yet: choose one of directed, routed",
    ),
    (r#"{"mode": "shout"}"#, "mode: `shout` is not one of directed, routed"),
    (r#"{"mode": 3}"#, "mode: is not one of the choices"),
    (
        r#"{"confidentiality": "public"}"#,
        "confidentiality: `public` is not there yet: choose one of chosen, matched",
    ),
    (
        r#"{"confidentiality": "chosen"}"#,
        "confidentiality: is `chosen`, but a routed request goes to matched experts: write \
         \"mode\": \"directed\", or `matched`",
    ),
    (r#"{"titel": "x"}"#, "titel: is no known field; did you mean `title`?"),
    (r#"{"support_types": ["money"]}"#, "support_types[0]: `money` is no known type of support"),
    (r#"{"objectives": [0]}"#, "objectives[0]: 0 is no objective: they are numbered from 1 to 23"),
    (r#"{"need": {"fr": "x"}}"#, "need: is not text"),
    (
        r#"{"tried": ["desks"]}"#,
        "tried[0]: `desks` is not an id: a character is missing or mistyped",
    ),
    (r#"{"budget": {"note": "x"}}"#, "budget.funding: is missing here"),
    (r#"{"budget": "20,000"}"#, "budget.funding: `20,000` is not one of yes, no, unknown"),
    (r#"{"endorsement": "perhaps"}"#, "endorsement.required: is neither true nor false"),
    (
        r#"{"needed_by": "soon"}"#,
        "needed_by: `soon` is not a date: write YYYY, YYYY-MM or YYYY-MM-DD",
    ),
    (
        r#"{"stub": ["need"]}"#,
        "stub[0]: `need` is not one of country, objectives, topics, support_types, \
         languages_out, needed_by, urgency",
    ),
];

#[test]
fn what_is_refused_in_a_request_is_named() {
    for (file, sentence) in REFUSED {
        let json = serde_json::from_str(file).expect("JSON");
        let refused = Ask::from_json(&json, "en").expect_err(file);
        assert_eq!(refused.to_string(), *sentence, "{file}");
    }
    let expert = CertificateId::new([5; 32]).to_string();
    let refused = Ask::from_json(&json!({ "experts": [expert] }), "en").expect_err("it is routed");
    assert_eq!(refused.field, "experts");
}

#[test]
fn texts_are_bounded_in_characters_and_the_whole_in_bytes() {
    let long = json!({"need": "é".repeat(3_001)});
    let refused = Ask::from_json(&long, "en").expect_err("it is too long");
    assert_eq!(refused.to_string(), "need: has 3001 characters, and at most 3000 fit");
    assert_eq!(refused.limit, Some(NEED_CHARACTERS_MAX));
    // The longest texts of any script in use fit; only rare signs do not.
    let texts = |sign: &str| {
        json!({
            "need": sign.repeat(3_000), "background": sign.repeat(3_000),
            "desired_result": sign.repeat(2_000),
        })
    };
    assert!(Ask::from_json(&texts("ห"), "th").is_ok());
    let rare = Ask::from_json(&texts("𐍈"), "th").map(|ask| ask.to_tree().to_bytes().len());
    assert!(rare.is_ok_and(|bytes| bytes <= FORM_BYTES_MAX));
    let mut all = texts("𐍈");
    all["tried"] = (0..20_u8).map(|at| DocumentId::new([at; 32]).to_string()).collect();
    let refused = Ask::from_json(&all, "th").expect_err("it is too long");
    assert_eq!((refused.field.as_str(), refused.limit), ("", Some(FORM_BYTES_MAX as u64)));
}

#[test]
fn what_a_later_version_asked_is_kept_as_it_was_signed() {
    let mut tree = ask(&chad()).to_tree();
    tree.0.insert("mood".into(), Value::Word("hopeful".into()));
    tree.0.insert("mode".into(), Value::Word("query-to-all".into()));
    let read = Ask::from_tree(&tree);
    assert_eq!(read.to_tree(), tree);
}

#[test]
fn an_answer_needs_its_text_and_may_cite_practices() {
    let practice = DocumentId::new([7; 32]);
    let file = json!({
        "text": "Ouvrez le soir.\nVoir le Népal.", "practices": [practice.to_string()],
    });
    let reply = Reply::from_json(&file, "fr").expect("an answer");
    assert_eq!(reply.practices, [practice]);
    assert_eq!(reply.missing(), [""; 0]);
    assert_eq!(Reply::from_tree(&reply.to_tree()), reply);
    assert_eq!(Reply::from_json(&reply.to_json(), "en"), Ok(reply));
    assert_eq!(
        Reply::from_json(&json!({"text": " ", "files": []}), "fr").map(|reply| reply.missing()),
        Ok(vec!["text"])
    );
    let long = Reply::from_json(&json!({"text": "a".repeat(8_001)}), "fr").expect_err("too long");
    assert_eq!(long.limit, Some(REPLY_CHARACTERS_MAX));
}

#[test]
fn a_file_in_an_answer_is_refused_in_words_and_never_lost() {
    let file = json!({"text": "Voir le plan.", "files": [{"name": "plan.pdf"}]});
    let refused = Reply::from_json(&file, "fr").expect_err("there are no files yet");
    assert_eq!(
        refused.to_string(),
        "files: cannot be sent yet: say in the text where they are, or cite a practice that \
         links them"
    );
    let mut tree = Tree::default();
    tree.0.insert("files".into(), Value::List(vec![Value::Word("plan.pdf".into())]));
    assert_eq!(Reply::from_tree(&tree).to_tree(), tree, "of a later version");
}

proptest! {
    #[test]
    fn whatever_is_read_as_a_request_reads_back(
        title in "\\PC{0,40}", need in "[\\PC\\n]{0,300}",
        objectives in proptest::collection::vec(1..24_u8, 0..6), urgent in any::<bool>(),
    ) {
        let urgency = if urgent { "urgent" } else { "normal" };
        let file = json!({"title": title, "need": need, "objectives": objectives, "urgency": urgency});
        let read = Ask::from_json(&file, "en").expect("it is within its bounds");
        prop_assert_eq!(&Ask::from_tree(&read.to_tree()), &read);
        prop_assert_eq!(Ask::from_json(&read.to_json(), "fr"), Ok(read));
    }

    #[test]
    fn no_json_panics_the_readers(text in "\\PC{0,60}", number in any::<f64>(), at in 0..60_usize) {
        let ask = Ask::FIELDS[at % Ask::FIELDS.len()].0;
        let reply = Reply::FIELDS[at % Reply::FIELDS.len()].0;
        for value in [json!(text), json!(number), json!([text]), json!({"en": text}), json!(true)] {
            let _ = Ask::from_json(&json!({ ask: value }), &text);
            let _ = Reply::from_json(&json!({ reply: value }), &text);
        }
    }
}
