//! A collection of Niger: Nepal keeps it on its node and takes it, in a file, to
//! Moldova, which is cut off.

use serde_json::{Value, json};

use super::blobs::{knows, published, report};
use super::bundles::{Stick, far_away};
use super::federation::{in_step, joined};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, text};

fn says(desk: &Desk, words: &[&str], sentence: &str) {
    let refused = desk.refused(words);
    assert!(text(&refused["message"]).contains(sentence), "{words:?}: {refused}");
}

#[test]
fn one_curates_another_keeps_it_and_takes_it_to_a_third_that_is_cut_off() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let [moldova] = &far_away(&niger, &[("Diaspora Bureau", "MD", "Ion Example")])[..] else {
        panic!("one that is far away");
    };
    let stick = Stick::new();
    stick.written_by(moldova);
    stick.visits(&niger);
    assert_eq!(stick.read_by(moldova)["state"], "member");

    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let bytes = report(300_000);
    let (contracts, hash) = published(&niger, "report.pdf", &bytes);
    let births = niger.publish(&practice("Registering every birth"));
    let other = niger.publish(&practice("Something else"));
    let law = niger.file("law.pdf", report(50_000));
    let form = json!({
        "title": { "en": "A law on contracts" }, "type": "law", "date": "2024",
        "objectives": [6], "countries": ["NE"], "languages": ["fr"],
    });
    let form = niger.file("law.json", form.to_string());
    let law = text(&niger.ask(&["resource", "new", &form, "--file", &law])["id"]);
    assert!(law.starts_with("tern1l"), "{law}");
    let form = json!({
        "title": { "en": "Before departure" }, "text": { "en": "What to read first." },
        "items": [{ "practice": contracts, "note": { "en": "Begin here." } }],
    });
    let file = niger.file("collection.json", form.to_string());
    let id = text(&niger.ask(&["collection", "new", &file])["id"]);
    niger.ask(&["collection", "add", &id, &births, "--edition", "1"]);
    niger.ask(&["collection", "add", &id, &law, "--note", "The law itself"]);
    niger.ask(&["collection", "move", &id, &law, "--to", "1"]);
    says(&niger, &["collection", "remove", &id, &other], "is not in this collection");

    // Nepal has it too, finds it by its words and by what it holds, and may not change it.
    in_step(&[&at_niger, &at_nepal]);
    knows(&at_nepal, &hash);
    let shown = nepal.ask(&["collection", "show", &id]);
    let items: Vec<String> = shown["items"].as_array().into_iter().flatten().map(thing).collect();
    assert_eq!(items, [law.clone(), contracts.clone(), births.clone()]);
    assert_eq!((&shown["missing"], &shown["items"][2]["number"]), (&json!(0), &json!(1)));
    let total =
        |words: &[&str]| nepal.ask(&[&["collection", "list"], words].concat())["total"].clone();
    assert_eq!([total(&["before", "READ"]), total(&["nothing"])], [json!(1), json!(0)]);
    assert_eq!(
        [total(&["--holding", &births]), total(&["--holding", &other])],
        [json!(1), json!(0)]
    );
    says(&nepal, &["collection", "add", &id, &other], "Ministry of Arrivals");

    // It keeps the files, after it was told what that takes.
    let told = nepal.ask(&["collection", "keep", &id, "--dry-run"]);
    assert_eq!(
        (&told["kept"], &told["files"], &told["here"]),
        (&json!(false), &json!(2), &json!(0))
    );
    assert_eq!(told["bytes"], 350_000);
    nepal.ask(&["collection", "keep", &id]);
    let whole = || {
        let told = nepal.ask(&["collection", "keep", &id, "--dry-run"]);
        (told["here"] == 2 && told["kept"] == true).then_some(())
    };
    until("both files are whole", PATIENCE, whole);
    let pinned = |desk: &Desk| {
        let listed = desk.ask(&["blob", "list"]);
        let items = listed["items"].as_array().cloned().unwrap_or_default();
        items.iter().filter(|item| item["pinned"] == true).count()
    };
    assert_eq!(pinned(&nepal), 2);

    // It takes the collection, and nothing else, to Moldova, which verifies it.
    let bundle = nepal.file("births.tern", "");
    std::fs::remove_file(&bundle).expect("a new file");
    let written = nepal.ask(&["collection", "bundle", &id, &bundle]);
    assert!(written["left_out"].as_u64() > Some(0), "{written}");
    let read = moldova.ask(&["bundle", "read", &bundle]);
    assert_eq!(read["refused"], json!([]), "{read}");
    let shown = moldova.ask(&["collection", "show", &id]);
    assert_eq!((&shown["missing"], &shown["title"]["en"]), (&json!(0), &json!("Before departure")));
    for practice in [&contracts, &births] {
        assert_eq!(moldova.ask(&["practice", "verify", practice])["verdict"], "accepted");
    }
    let signers = &moldova.ask(&["practice", "show", &births])["signers"];
    assert_eq!(signers[0]["person"], "Awa Example", "who signed comes along: {signers}");
    assert_eq!(moldova.ask(&["resource", "show", &law])["type"], "law");
    says(moldova, &["practice", "show", &other], "no practice");

    // What is let go of is pinned no more; what is withdrawn is told with its reason.
    assert_eq!(nepal.ask(&["collection", "keep", &id, "--undo"])["kept"], false);
    assert_eq!(pinned(&nepal), 0);
    // What somebody pinned by hand stays pinned.
    nepal.ask(&["blob", "pin", &hash]);
    nepal.ask(&["collection", "keep", &id]);
    assert_eq!(pinned(&nepal), 2);
    nepal.ask(&["collection", "keep", &id, "--undo"]);
    assert_eq!(pinned(&nepal), 1);
    niger.ask(&["collection", "withdraw", &id, "--reason", "outdated", "--note", "Old"]);
    let withdrawn = || {
        let told = nepal.ask(&["collection", "show", &id]);
        (told["withdrawn"]["reason"] == "outdated").then_some(told)
    };
    let (told, _) = until("Nepal knows", PATIENCE, withdrawn);
    assert_eq!(told["title"]["en"], "Before departure", "{told}");
    assert_eq!(total(&[]), 0);
    at_niger.stop();
    at_nepal.stop();
}

fn thing(item: &Value) -> String {
    text(if item["practice"].is_string() { &item["practice"] } else { &item["resource"] })
}
