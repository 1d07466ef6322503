//! Three organisations discuss, by commands at their nodes: questions, answers
//! in two languages, another wording, a post that is hidden and one that is taken
//! back, a summary; and a question to the authors of a practice.

use std::fs;

use serde_json::{Value, json};

use super::federation::joined;
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

const NIGER: &str = "Ministry of Arrivals";
const NEPAL: &str = "Upland Labour Office";
const MOLDOVA: &str = "Coalition of Registries";

pub struct Hub {
    pub niger: (Desk, Served),
    pub nepal: (Desk, Served),
    pub moldova: (Desk, Served),
}

impl Hub {
    /// Niger founds; Moldova follows the moderators of Nepal in every discussion.
    pub fn begin() -> Self {
        let niger = Desk::founded(NIGER, "NE", "Awa Example");
        let served = niger.serve();
        let nepal = joined(&niger, NEPAL, "NP", "Bina Example");
        let (moldova, serves) = joined(&niger, MOLDOVA, "MD", "Corina Example");
        serves.stop();
        let settings = format!("[discussions]\nfollow = [\"{NEPAL}\"]\n");
        fs::write(moldova.data().join("tern.toml"), settings).expect("settings");
        let serves = moldova.serve();
        Self { niger: (niger, served), nepal, moldova: (moldova, serves) }
    }
}

/// A file that opens a discussion.
pub fn opening(desk: &Desk) -> String {
    let opening = json!({
        "title": { "en": "One desk, or many?", "fr": "Un guichet, ou plusieurs ?" },
        "purpose": { "en": "To hear how others receive those who return." },
        "languages": ["en", "fr"],
        "objectives": [21],
        "questions": ["What did families ask first?", "Who paid for it?"],
    });
    desk.file("discussion.json", opening.to_string())
}

/// Waits until a desk sees that something is so of a discussion.
pub fn sees(desk: &Desk, id: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    let look = || {
        let ran = desk.run(&["discuss", "show", id, "--json"]);
        (ran.code == Some(0)).then(|| ran.json()).filter(|told| so(told))
    };
    until(what, PATIENCE, look).0
}

fn posts(told: &Value) -> &Vec<Value> {
    told["items"].as_array().expect("posts")
}

fn said<'a>(told: &'a Value, post: &str) -> &'a Value {
    posts(told).iter().find(|one| one["id"] == post).unwrap_or_else(|| panic!("{post}: {told}"))
}

fn has(told: &Value, post: &str) -> bool {
    posts(told).iter().any(|one| one["id"] == post)
}

fn says(desk: &Desk, words: &[&str], sentence: &str) {
    let refused = desk.refused(words);
    assert!(text(&refused["message"]).contains(sentence), "{words:?}: {refused}");
}

#[test]
fn organisations_discuss_moderate_and_sum_up_and_nothing_said_is_lost() {
    let hub = Hub::begin();
    let [(niger, _), (nepal, nepal_serves), (moldova, _)] = [&hub.niger, &hub.nepal, &hub.moldova];
    let id = text(&niger.ask(&["discuss", "open", &opening(niger)])["id"]);
    sees(nepal, &id, "Nepal knows the discussion", |told| told["state"] == "open");
    let fund = ["discuss", "post", &id, "A **national** fund.", "--question", "2"];
    let fund = text(&nepal.ask(&fund)["post"]);
    says(nepal, &["discuss", "post", &id, "Third", "--question", "3"], "there are 2");
    says(nepal, &["discuss", "post", &id, "  "], "write something");
    let known = |told: &Value| has(told, &fund);
    sees(moldova, &id, "Moldova reads it", known);
    let answer = moldova.file("answer.md", "Which one?\n\n- since when?\n");
    let reply = text(&moldova.ask(&["discuss", "reply", &id, &fund, "--file", &answer])["post"]);
    says(moldova, &["discuss", "edit", &id, &fund, "Not so"], "only who wrote a text");
    moldova.ask(&["discuss", "translate", &id, &fund, "Un fonds national.", "--lang", "fr"]);
    nepal.ask(&["discuss", "edit", &id, &fund, "A **national** fund, since 2024."]);
    let told = sees(niger, &id, "everything arrived", |told| {
        has(told, &fund)
            && has(told, &reply)
            && said(told, &fund)["wordings"].as_array().map(Vec::len) == Some(2)
            && said(told, &fund)["translations"][0]["lang"] == "fr"
    });
    let first = said(&told, &fund);
    assert_eq!(first["text"], "A **national** fund, since 2024.");
    assert_eq!(first["wordings"][0]["text"], "A **national** fund.", "what it said before stays");
    assert_eq!(first["translations"][0]["current"], false, "it is of the earlier wording");
    assert_eq!(first["answers"], json!({ "type": "question", "question": 2 }));
    assert_eq!(said(&told, &reply)["answers"]["post"], json!(fund));
    assert_eq!(said(&told, &reply)["text"], "Which one?\n\n- since when?");

    // Niger moderates: what it hides is hidden everywhere, and what Nepal hides
    // where somebody chose to follow Nepal.
    let spam = text(&nepal.ask(&["discuss", "post", &id, "Cheap visas"])["post"]);
    let other = text(&niger.ask(&["discuss", "post", &id, "The old form is better"])["post"]);
    sees(niger, &id, "the spam arrived", |told| has(told, &spam));
    sees(nepal, &id, "the opinion arrived", |told| has(told, &other));
    niger.ask(&["discuss", "advise", &id, &spam, "--advice", "hide", "--reason", "spam"]);
    nepal.ask(&["discuss", "advise", &id, &other, "--advice", "hide", "--reason", "wrong"]);
    let advised = |told: &Value| {
        [&spam, &other].iter().all(|post| {
            has(told, post) && !said(told, post)["advisories"].as_array().expect("some").is_empty()
        })
    };
    let told = sees(moldova, &id, "the advice arrived at Moldova", advised);
    assert_eq!(said(&told, &spam)["hidden"]["org"], NIGER);
    assert_eq!(said(&told, &other)["hidden"]["org"], NEPAL);
    assert_eq!(said(&told, &spam)["text"], "Cheap visas", "nothing is deleted");
    let told = sees(nepal, &id, "the advice arrived at Nepal", advised);
    assert!(said(&told, &other)["hidden"].is_null(), "Niger moderates, and not Nepal: {told}");
    assert_eq!(said(&told, &other)["advisories"][0]["followed"], false);

    // What its author takes back is gone; the answer to it stays.
    says(moldova, &["discuss", "take-back", &id, &fund, "--yes"], "report it to the moderators");
    assert_eq!(nepal.ask(&["discuss", "take-back", &id, &fund, "--yes"])["erased"], 2);
    let gone = |told: &Value| !has(told, &fund) && has(told, &reply);
    let told = sees(moldova, &id, "it is gone at Moldova", gone);
    assert_eq!(said(&told, &reply)["answers"]["post"], json!(fund));

    // A report stays on its node.
    let report = ["discuss", "report", &id, &reply, "--reason", "off-topic", "--text", "Ask there"];
    nepal.ask(&report);
    assert_eq!(nepal.ask(&["discuss", "reports"])["items"][0]["text"], "Ask there");
    assert_eq!(niger.ask(&["discuss", "reports"])["total"], 0);
    assert_eq!(nepal.ask(&["discuss", "settle", &reply])["settled"], 1);
    assert_eq!(nepal.ask(&["discuss", "reports"])["total"], 0);

    // Only its moderators sum up; then nobody posts.
    says(nepal, &["discuss", "close", &id, "Done"], "no moderator of this discussion");
    let closed = niger.ask(&["discuss", "close", &id, "A fund, or none: it depends."]);
    assert_eq!(closed["state"], "closed");
    sees(nepal, &id, "it is closed at Nepal", |told| told["state"] == "closed");
    says(nepal, &["discuss", "post", &id, "One more"], "the discussion is closed");
    let listed = nepal.ask(&["discuss", "list", "--open"]);
    assert_eq!(listed["total"], 0, "{listed}");
    let listed = nepal.ask(&["discuss", "list", "--lang", "fr", "--objective", "21"]);
    assert_eq!(listed["items"][0]["id"], json!(id));
    // Programs read it too, without an account.
    let page = nepal_serves.get(&format!("/api/v1/discussions/{id}")).expect("a node");
    let page: Value = serde_json::from_str(&page.body).expect("a document");
    assert_eq!(page["summaries"][0]["text"], "A fund, or none: it depends.");
}

#[test]
fn the_authors_of_a_practice_are_asked_and_everything_goes_along_when_somebody_leaves() {
    let niger = Desk::founded(NIGER, "NE", "Awa Example");
    let served = niger.serve();
    let (nepal, _nepal_serves) = joined(&niger, NEPAL, "NP", "Bina Example");
    let practice = niger.publish(&practice("A desk for those who return"));
    let nobody_yet = |told: &Value| told["of_practice"] == true && told["posts"] == 0;
    sees(&nepal, &practice, "the practice has its own discussion", nobody_yet);
    nepal.ask(&["account", "add", "chandra", "--role", "contributor"]);
    let asks = ["--as", "chandra", "discuss", "post", &practice, "Who keeps the *list*?"];
    let ask = text(&nepal.ask(&asks)["post"]);
    says(&nepal, &["--as", "chandra", "discuss", "open", &opening(&nepal)], "role");
    sees(&niger, &practice, "the question arrived", |told| has(told, &ask));
    let reply = ["discuss", "reply", &practice, &ask, "Each region does."];
    let reply = text(&niger.ask(&reply)["post"]);
    sees(&nepal, &practice, "the answer arrived", |told| has(told, &reply));
    // It is found from the practice, and by programs.
    let api = served.get(&format!("/api/v1/practices/{practice}/discussion")).expect("a node");
    assert!(api.body.contains("Who keeps the *list*?"), "{}", api.body);
    let away = nepal.data().with_file_name("away");
    nepal.ask(&["export", away.to_str().expect("text")]);
    let folder = away.join("discussions");
    let page = fs::read_dir(&folder)
        .expect("discussions")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|ending| ending == "md"))
        .expect("a page");
    let page = fs::read_to_string(page).expect("a page");
    for words in ["A desk for those who return", "Who keeps the *list*?", "Each region does."] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let guide = fs::read_to_string(away.join("README.md")).expect("a guide");
    assert!(guide.contains("## Discussions") && guide.contains("## Reviews"), "{guide}");
}
