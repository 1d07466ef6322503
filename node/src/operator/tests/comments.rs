//! Comments on drafts: who wrote them, what they are about, and that no edition has
//! a word of them.

use tern_protocol::meeting::set::SetId;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn comments_stay_with_the_draft_and_no_edition_has_a_word_of_them() {
    let ministry = Ministry::open().await;
    let practice = json!({
        "title": "One desk", "summary": "4,200 families were served.",
        "original_language": "en",
    });
    let op = Op::PracticeDraft { fields: fields(practice) };
    let draft = ministry.run("binta", ROOT, op).await["id"].as_str().expect("an id").to_owned();
    let comment = |text: &str, field: Option<&str>, quote: Option<&str>, to: Option<&str>| {
        Op::PracticeComment {
            id: draft.clone(),
            text: text.into(),
            field: field.map(str::to_owned),
            lang: None,
            quote: quote.map(str::to_owned),
            reply_to: to.map(str::to_owned),
        }
    };
    let show = || Op::PracticeShow { id: draft.clone(), edition: None };
    let ask = comment("Does Zubayda agree?", Some("summary"), Some("4,200 families"), None);
    let ask = ministry.run("binta", ROOT, ask).await["comment"].as_str().expect("one").to_owned();
    let answer = comment("She does", None, None, Some(&ask));
    ministry.run("awa", ROOT, answer).await;
    for (bad, sentence) in [
        (comment("What?", Some("mood"), None, None), "no field `mood`"),
        (comment("What?", Some("summary"), Some("9,000"), None), "does not say these words"),
        (comment(" ", Some("summary"), None, None), "write something"),
        (comment("What?", None, None, Some("nobody")), "no comment `nobody`"),
        (comment("What?", None, None, None), "name the field"),
    ] {
        let why = ministry.tries("binta", ROOT, bad).await.expect_err(sentence).to_string();
        assert!(why.contains(sentence), "{why}");
    }

    // Whoever edits a field leaves the comments, which tell that their words changed.
    let set = fields(json!({ "summary": "4,300 families were served." }));
    ministry.run("binta", ROOT, Op::PracticeEdit { id: draft.clone(), set }).await;
    let told = ministry.run("binta", ROOT, show()).await;
    let comments = told["comments"].as_array().expect("comments");
    assert_eq!(comments.len(), 2, "{told}");
    assert_eq!(comments[0]["stands"], false);
    assert_eq!(
        (&comments[0]["person"], &comments[1]["answers"]),
        (&json!("Binta Example"), &json!(ask))
    );
    assert_ne!(comments[0]["person"], comments[1]["person"]);
    let resolve = |again| Op::PracticeResolve { id: draft.clone(), comment: ask.clone(), again };
    ministry.run("awa", ROOT, resolve(false)).await;
    let told = ministry.run("binta", ROOT, show()).await;
    assert_eq!(
        (&told["comments"][0]["resolved"], &told["comments"][0]["person"]),
        (&json!(true), &json!("Binta Example"))
    );
    ministry.run("awa", ROOT, resolve(true)).await;
    assert!(told["fields"].get("comments").is_none(), "they are no field");

    let publish = Op::PracticePublish { id: draft.clone(), note: Some("First".into()) };
    let published = ministry.run("awa", ROOT, publish).await;
    let id: tern_crdt::identity::DocumentId =
        published["id"].as_str().expect("an id").parse().expect("a practice");
    let pieces = ministry
        .node
        .handle()
        .read(move |replica| replica.library().stored_pieces(SetId::Public, id.as_bytes()))
        .await
        .expect("open")
        .expect("sound");
    let bytes: Vec<u8> =
        pieces.iter().flat_map(|piece| minicbor::to_vec(piece).expect("a Vec")).collect();
    let has = |word: &str| bytes.windows(word.len()).any(|found| found == word.as_bytes());
    assert!(has("4,300 families"), "the edition is there");
    for word in ["Zubayda", "She does", "comments", "4,200"] {
        assert!(!has(word), "`{word}` was published");
    }
    let shown = ministry.run("awa", ROOT, Op::PracticeShow { id: id.to_string(), edition: None });
    assert!(!shown.await.to_string().contains("Zubayda"));
}
