//! Niger and Nepal write a draft together, apart, and comment on it.

use proptest::prelude::*;

use super::*;
use crate::document::{Draft, next_change, read_at};
use crate::practice::Practice;

const NIGER: ActorId = [1; 16];
const NEPAL: ActorId = [2; 16];

fn says(results: &str) -> BTreeMap<String, Value> {
    let texts = BTreeMap::from([("en".to_owned(), Value::Text(results.to_owned()))]);
    BTreeMap::from([("results".to_owned(), Value::Map(texts))])
}

fn comment(id: &str, quote: &str, text: &str, at: i64) -> Comment {
    Comment {
        id: id.to_owned(),
        field: "results".to_owned(),
        lang: Some("en".parse().expect("a tag")),
        quote: quote.to_owned(),
        text: text.to_owned(),
        answers: None,
        at: Timestamp(at),
        resolved: false,
    }
}

fn save(draft: &mut Draft, wanted: BTreeMap<String, Value>, actor: ActorId) {
    let seen = draft.content().expect("sound");
    draft.save_over(&seen, &wanted, &actor, 1).expect("saved");
}

/// A draft of both, each of which has not heard of the other's last words.
fn apart() -> (Draft, Draft) {
    let mut niger = Draft::new();
    save(&mut niger, says("4,200 families were served"), NIGER);
    let nepal = niger.clone();
    (niger, nepal)
}

fn together(one: &Draft, other: &Draft) -> Draft {
    let changes: Vec<&[u8]> = one.changes().chain(other.changes()).collect();
    Draft::load(&changes).expect("sound")
}

#[test]
fn comments_of_two_who_are_apart_both_stand_and_each_has_its_author() {
    let (mut niger, mut nepal) = apart();
    let ask = comment("a", "4,200 families", "Counted by whom?", 2);
    let here = niger.content().expect("sound");
    save(&mut niger, with(here, &ask), NIGER);
    let note = comment("b", "", "In which year?", 1);
    let here = nepal.content().expect("sound");
    save(&mut nepal, with(here, &note), NEPAL);
    // And Nepal changes the words that Niger asks about.
    let here = nepal.content().expect("sound");
    let here = BTreeMap::from([("comments".to_owned(), here["comments"].clone())])
        .into_iter()
        .chain(says("4,300 families were served"))
        .collect();
    save(&mut nepal, here, NEPAL);
    for both in [together(&niger, &nepal), together(&nepal, &niger)] {
        let all = both.comments().expect("sound");
        let told: Vec<_> = all.iter().map(|one| (one.comment.id.as_str(), one.actor)).collect();
        assert_eq!(told, [("b", NEPAL), ("a", NIGER)]);
        let content = both.content().expect("sound");
        assert!(all[0].comment.stands(&content), "it is about the whole field");
        assert!(!all[1].comment.stands(&content), "its words were changed, and it stays");
    }
}

#[test]
fn whoever_changes_the_words_of_another_is_told_as_their_author() {
    let (mut niger, _) = apart();
    let here = niger.content().expect("sound");
    save(&mut niger, with(here, &comment("a", "", "Well done", 1)), NIGER);
    let mut nepal = niger.clone();
    let forged = comment("a", "", "This is wrong", 1);
    let here = nepal.content().expect("sound");
    save(&mut nepal, with(here, &forged), NEPAL);
    let told = together(&niger, &nepal).comments().expect("sound");
    assert_eq!((told[0].comment.text.as_str(), told[0].actor), ("This is wrong", NEPAL));
    // To say that it is done with leaves its words whose they are.
    let here = niger.content().expect("sound");
    let mut other = niger.clone();
    save(&mut other, resolved(here, "a", true), NEPAL);
    let told = other.comments().expect("sound");
    assert_eq!((told[0].actor, told[0].resolver), (NIGER, Some(NEPAL)));
    assert!(told[0].comment.resolved);
}

#[test]
fn publishing_takes_no_word_of_them_along() {
    let (mut niger, _) = apart();
    let here = niger.content().expect("sound");
    let secret = "Ask Amina whether the minister agrees";
    save(&mut niger, with(here, &comment("a", "4,200", secret, 1)), NIGER);
    let content = niger.content().expect("sound");
    assert_eq!(comments(&content).len(), 1);
    let practice = Practice::from_value(&content);
    assert!(practice.other.is_empty());
    let published = practice.to_value();
    assert_eq!(published["results"], says("4,200 families were served")["results"]);
    assert!(!published.contains_key(COMMENTS));
    let change = next_change(&[], &[], &published, &NIGER, 1).expect("an edition");
    for word in ["Amina", "minister", "comments"] {
        let found = change.bytes.windows(word.len()).any(|bytes| bytes == word.as_bytes());
        assert!(!found, "{word} left the draft");
    }
    let heads = [change.hash];
    assert_eq!(read_at(&[&change.bytes], &heads).expect("sound"), published);
}

#[test]
fn what_is_no_comment_is_left_out_and_spoils_nothing() {
    let good = comment("a", "", "Good", 1).to_value();
    let entry = |value: Value| BTreeMap::from([("field".to_owned(), value)]);
    let entries = BTreeMap::from([
        ("a".to_owned(), good),
        ("b".to_owned(), Value::Int(3)),
        ("c".to_owned(), Value::Map(entry(Value::Int(1)))),
        ("d".to_owned(), comment("d", "", " ", 1).to_value()),
    ]);
    let content = BTreeMap::from([(COMMENTS.to_owned(), Value::Map(entries))]);
    let read = comments(&content);
    assert_eq!(read.len(), 1);
    let odd = BTreeMap::from([(COMMENTS.to_owned(), Value::Bool(true))]);
    assert_eq!(comments(&odd), []);
    assert_eq!(comments(&with(odd.clone(), &read[0])), [], "what stands there is not replaced");
    let many = (0..COMMENTS_MAX + 20).fold(BTreeMap::new(), |content, n| {
        with(content, &comment(&n.to_string(), "", "More", n as i64))
    });
    assert_eq!(comments(&many).len(), COMMENTS_MAX);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever two write and in whatever order it is put together, every comment is
    /// there, with its words and its author.
    #[test]
    fn no_comment_is_lost_in_a_merge(
        ours in prop::collection::vec("\\PC{1,40}", 0..5),
        theirs in prop::collection::vec("\\PC{1,40}", 0..5),
        reworded in any::<bool>(),
    ) {
        let (mut niger, mut nepal) = apart();
        let mut wanted = Vec::new();
        for (side, (draft, actor, texts)) in
            [(&mut niger, NIGER, &ours), (&mut nepal, NEPAL, &theirs)].into_iter().enumerate()
        {
            for (n, text) in texts.iter().enumerate().filter(|(_, t)| !t.trim().is_empty()) {
                let one = comment(&format!("{side}-{n}"), "", text, n as i64);
                let here = draft.content().expect("sound");
                save(draft, with(here, &one), actor);
                wanted.push((one.id.clone(), one.text.clone(), actor));
            }
        }
        if reworded {
            let mut here = nepal.content().expect("sound");
            here.extend(says("Families were served by one desk"));
            save(&mut nepal, here, NEPAL);
        }
        let told = |draft: &Draft| -> Vec<_> {
            let mut told: Vec<_> = draft.comments().expect("sound").into_iter()
                .map(|one| (one.comment.id, one.comment.text, one.actor)).collect();
            told.sort();
            told
        };
        wanted.sort();
        prop_assert_eq!(told(&together(&niger, &nepal)), wanted.clone());
        prop_assert_eq!(told(&together(&nepal, &niger)), wanted);
    }
}
