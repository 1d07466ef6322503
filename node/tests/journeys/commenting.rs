//! Two organisations comment on the fields of one draft, each on its own node; what
//! they said to each other is in no edition.

use serde_json::Value;

use super::federation::{in_step, joined};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, contents, text};

/// Waits until a desk sees that something is so of a draft.
fn sees(desk: &Desk, draft: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    let look = || {
        let ran = desk.run(&["practice", "show", draft, "--json"]);
        (ran.code == Some(0)).then(|| ran.json()).filter(|told| so(told))
    };
    until(what, PATIENCE, look).0
}

fn comments(told: &Value) -> &[Value] {
    told["comments"].as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn comments_reach_co_writers_survive_a_merge_and_are_not_published() {
    let nepal = Desk::founded("Upland Labour Office", "NP", "Bina Example");
    let at_nepal = nepal.serve();
    let (niger, at_niger) = joined(&nepal, "Ministry of Arrivals", "NE", "Awa Example");
    let (chad, at_chad) = joined(&nepal, "Office of the Lake", "TD", "Issa Example");
    in_step(&[&at_nepal, &at_niger, &at_chad]);
    let draft = niger.draft(&practice("Desks in the provinces"));
    niger.ask(&["practice", "share", &draft, "--with", "Upland Labour Office"]);
    sees(&nepal, &draft, "Nepal sees the draft", |_| true);

    // Apart, one asks about certain words, and the other changes them and asks too.
    let there = at_nepal.addresses();
    at_nepal.stop();
    let on = ["--field", "title", "--lang", "en", "--quote", "provinces"];
    let ask = [&["practice", "comment", &draft, "Does Zubayda know of it?"], &on[..]].concat();
    let ask = text(&nepal.ask(&ask)["comment"]);
    niger.ask(&["practice", "edit", &draft, "--set", "title.en=Desks in the regions"]);
    niger.ask(&["practice", "comment", &draft, "Since which orchid year?", "--field", "start"]);
    let at_nepal = nepal.serve_at(&there);
    for desk in [&niger, &nepal] {
        let told = sees(desk, &draft, "both comments are there", |told| comments(told).len() == 2);
        let of = |text: &str| comments(&told).iter().find(|one| one["text"] == text).expect("it");
        let asked = of("Does Zubayda know of it?");
        assert_eq!(asked["org"], "Upland Labour Office", "{asked}");
        assert_eq!(asked["quote"], "provinces", "{asked}");
        let other = of("Since which orchid year?");
        assert_eq!(
            (&other["org"], &other["person"]),
            (&"Ministry of Arrivals".into(), &"Awa Example".into())
        );
    }
    let moved = |told: &Value| comments(told).iter().any(|one| one["stands"] == false);
    sees(&nepal, &draft, "the words that were asked about were changed", moved);
    niger.ask(&["practice", "comment", &draft, "She does.", "--reply-to", &ask]);
    niger.ask(&["practice", "resolve", &draft, &ask]);
    let done = |told: &Value| {
        let asked =
            comments(told).iter().any(|one| one["id"] == ask.as_str() && one["resolved"] == true);
        asked && comments(told).iter().any(|one| one["answers"] == ask.as_str())
    };
    let told = sees(&nepal, &draft, "it is answered and done with", done);
    let asked = comments(&told).iter().find(|one| one["id"] == ask.as_str()).expect("it");
    assert_eq!(
        (&asked["org"], &asked["resolved_by"]),
        (&"Upland Labour Office".into(), &"Ministry of Arrivals".into())
    );

    // Published, the practice is at the third office, and not a word of these.
    let id = text(&niger.ask(&["practice", "publish", &draft])["id"]);
    sees(&chad, &id, "the practice arrived", |told| told["title"] == "Desks in the regions");
    in_step(&[&at_nepal, &at_niger, &at_chad]);
    at_chad.stop();
    let has = |word: &str| {
        let within = |bytes: &[u8]| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        contents(&chad.data()).into_iter().any(|(_, bytes)| within(&bytes))
    };
    assert!(has("Desks in the regions"), "what was published is found in this way");
    for word in ["Zubayda", "orchid"] {
        assert!(!has(word), "{word} is at Chad");
    }
}
