//! Two organisations write one draft, each on its own node, and a third hears
//! nothing of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::federation::{in_step, joined};
use super::patience::until;
use super::practices::practice;
use super::tern::{Desk, contents, text};

/// A draft is on the other node in this time after it was saved.
const SEEN: Duration = Duration::from_secs(30);

/// What a node shows of a draft, if it has one.
fn shown(desk: &Desk, draft: &str) -> Option<Value> {
    let ran = desk.run(&["practice", "show", draft, "--json"]);
    (ran.code == Some(0)).then(|| ran.json())
}

fn waits_for(desk: &Desk, draft: &str, field: &str, says: &str) {
    let there = || {
        let told = shown(desk, draft)?;
        (told["fields"][field]["en"] == says).then_some(())
    };
    until(&format!("{field} says “{says}”"), SEEN, there);
}

#[test]
fn two_ministries_write_one_draft_and_a_third_office_hears_nothing_of_it() {
    let nepal = Desk::founded("Upland Labour Office", "NP", "Bina Example");
    let at_nepal = nepal.serve();
    let (niger, at_niger) = joined(&nepal, "Ministry of Arrivals", "NE", "Awa Example");
    let (chad, at_chad) = joined(&nepal, "Office of the Lake", "TD", "Issa Example");
    in_step(&[&at_nepal, &at_niger, &at_chad]);

    let draft = niger.draft(&practice("Zanzibar orchid desks"));
    assert_eq!(shown(&niger, &draft).expect("its own")["shared"], Value::Null);
    let refused = niger.refused(&["practice", "share", &draft, "--with", "Office of the Moon"]);
    assert_eq!(refused["code"], "not-found");
    let told = niger.ask(&["practice", "share", &draft, "--with", "Upland Labour Office"]);
    assert_eq!(told["owner"]["name"], "Ministry of Arrivals");
    assert_eq!(
        (&told["orgs"][0]["name"], &told["unsigned"]),
        (&json!("Upland Labour Office"), &json!(0))
    );

    // It stands among the drafts of the other, who goes on with it.
    waits_for(&nepal, &draft, "title", "Zanzibar orchid desks");
    let list = nepal.ask(&["practice", "list", "--drafts"]);
    assert_eq!(
        (&list["total"], &list["items"][0]["title"]),
        (&json!(1), &json!("Zanzibar orchid desks"))
    );
    nepal.ask(&[
        "practice",
        "edit",
        &draft,
        "--set",
        "summary.en=Where people are registered and helped",
    ]);
    niger.ask(&["practice", "edit", &draft, "--set", "title.en=Orchid desks in the provinces"]);
    for desk in [&niger, &nepal] {
        waits_for(desk, &draft, "title", "Orchid desks in the provinces");
        waits_for(desk, &draft, "summary", "Where people are registered and helped");
    }

    // Off for a while, both write on: neither loses a word.
    let there = at_nepal.addresses();
    at_nepal.stop();
    nepal.ask(&["practice", "edit", &draft, "--set", "context.en=Written in the mountains"]);
    niger.ask(&["practice", "edit", &draft, "--set", "lessons.en=Written in the desert"]);
    let at_nepal = nepal.serve_at(&there);
    for desk in [&nepal, &niger] {
        waits_for(desk, &draft, "context", "Written in the mountains");
        waits_for(desk, &draft, "lessons", "Written in the desert");
    }

    // Whoever does not own it neither shows it to others nor publishes it.
    for words in [
        &["practice", "share", &draft, "--with", "Office of the Lake"][..],
        &["practice", "publish", &draft],
    ] {
        let refused = nepal.refused(words);
        assert_eq!(refused["code"], "not-allowed", "{refused}");
    }

    // The third office has not a word of it, in no file.
    in_step(&[&at_nepal, &at_niger, &at_chad]);
    assert!(shown(&chad, &draft).is_none());
    assert_eq!(chad.ask(&["practice", "list", "--drafts"])["total"], 0);
    let here = at_chad.addresses();
    at_chad.stop();
    for (path, bytes) in contents(&chad.data()) {
        let found = bytes.windows(6).any(|window| window == b"orchid");
        assert!(!found, "{}", path.display());
    }
    let at_chad = chad.serve_at(&here);

    // It is published once; who wrote with its publisher is named, and what was
    // said before is in no edition.
    let published = niger.ask(&["practice", "publish", &draft]);
    let id = text(&published["id"]);
    let here = || {
        let answer = at_chad.get(&format!("/api/v1/practices/{id}")).ok()?;
        (answer.status == 200).then_some(())
    };
    until("Chad reads what was published", SEEN, here);
    assert_eq!(niger.ask(&["practice", "list", "--drafts"])["total"], 0);
    at_chad.stop();
    for (path, bytes) in contents(&chad.data()) {
        let found = bytes.windows(8).any(|window| window == b"Zanzibar");
        assert!(!found, "{}", path.display());
    }
    at_nepal.stop();
    at_niger.stop();
}
