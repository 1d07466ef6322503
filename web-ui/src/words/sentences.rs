//! Every sentence is there, every sentence is used, and no template has a
//! sentence of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Files;
use crate::form::schema::{ASK, CARD, Kind, PRACTICE};

/// Words of commands to type.
const COMMANDS: [&str; 11] = [
    "tern",
    "clearance",
    "attach",
    "collection",
    "bundle",
    "practice",
    "verify",
    "account",
    "remove",
    "--key-file",
    "FILE",
];
/// Beginnings of keys whose end is made at run time, with the file that does.
const MADE: [&str; 91] = [
    "clearance-need-",
    "clearance-state-",
    "clearance-step-",
    "clearance-choose-",
    "edition-cleared-",
    "near-",
    "template-",
    "take-",
    "policy-",
    "erase-reason-",
    "like-",
    "member-",
    "approve-means-",
    "certificate-state-",
    "revoke-reason-",
    "data-",
    "proposal-",
    "key-level-",
    "month-",
    "error-",
    "read-",
    "setup-",
    "role-",
    "state-",
    "score-",
    "event-",
    "said-",
    "act-",
    "stage-",
    "excluded-",
    "outcome-",
    "rating-",
    "reader-",
    "found-",
    "choice-",
    "refused-",
    "card-act-",
    "kept-",
    "link-purpose-",
    "review-state-",
    "review-next-",
    "review-side-",
    "review-said-",
    "review-reason-",
    "review-mark-",
    "review-recommends-",
    "review-decision-",
    "review-did-",
    "later-",
    "naming-",
    "reach-",
    "used-",
    "review-accept-",
    "review-appeal-",
    "review-decide-",
    "review-decline-",
    "review-invite-",
    "review-reply-",
    "review-score-",
    "review-withdraw-",
    "adapted-",
    "say-adapt-",
    "say-confirm-",
    "say-same-",
    "say-take-back-",
    "say-withdraw-",
    "scheme-",
    "translate-challenge-",
    "translated-by-",
    "valid-fresh",
    "valid-stale",
    "withdraw-reason-",
    "discussion-state-",
    "discussion-refused-",
    "advice-",
    "translated-",
    "talk-made-",
    "talk-post-",
    "talk-reply-",
    "talk-edit-",
    "talk-translate-",
    "talk-advise-",
    "talk-close-",
    "talk-report-",
    "talk-take-back-",
    "certificate-only-",
    "waits-",
    "feed-",
    "notices-often-",
    "collection-",
    "resource-",
];

fn sources(folder: &str) -> String {
    fn add(path: &Path, out: &mut String) {
        for entry in fs::read_dir(path).expect("a folder of this crate") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                add(&path, out);
            } else if path.file_name().is_some_and(|name| name != "sentences.rs") {
                let text = fs::read_to_string(&path).expect("text");
                out.push_str(text.split("#[cfg(test)]").next().unwrap_or(""));
            }
        }
    }
    let mut out = String::new();
    add(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut out);
    out
}

fn keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for path in Files::iter().filter(|path| path.starts_with("en/")) {
        let file = Files::get(&path).expect("embedded");
        let text = String::from_utf8(file.data.into_owned()).expect("UTF-8");
        for line in text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())) {
            let (key, _) = line.split_once(" =").expect("key = sentence");
            assert!(keys.insert(key.to_owned()), "{key} stands twice");
        }
    }
    keys
}

/// Keys as they stand in a call: `t("key"`, `t1("key"`, `t2("key"`.
fn called(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in ["t(\"", "t1(\"", "t2(\""] {
        for (at, _) in text.match_indices(call) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c == '.' || c == ' ') {
                let key = text[at + call.len()..].split('"').next().unwrap_or("");
                found.insert(key.to_owned());
            }
        }
    }
    found
}

/// Keys that the tables of the forms make.
fn of_the_forms() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (book, field) in [PRACTICE, ASK, CARD].iter().flat_map(|b| b.fields().map(move |f| (b, f)))
    {
        keys.extend(book.groups.iter().map(|group| format!("group-{}", group.key)));
        let label = format!("{}-{}", book.label, field.key);
        keys.insert(label.clone());
        let columns: Vec<&str> = match &field.kind {
            Kind::Each(_, column) => vec![column.key],
            Kind::Rows(columns)
            | Kind::Files(columns)
            | Kind::Row(columns)
            | Kind::Basis(columns) => columns.iter().map(|column| column.key).collect(),
            _ => Vec::new(),
        };
        keys.extend(columns.iter().map(|column| format!("{label}-{column}")));
    }
    keys
}

#[test]
fn every_key_that_is_used_exists() {
    let keys = keys();
    let mut used = called(&sources("templates"));
    used.extend(called(&sources("src")));
    used.extend(of_the_forms());
    let missing: Vec<_> = used.iter().filter(|key| !keys.contains(*key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(used.len() > 300, "{} keys were found", used.len());
}

#[test]
fn every_key_that_exists_is_used() {
    let text = sources("templates") + &sources("src");
    let form = of_the_forms();
    let unused: Vec<_> = keys()
        .into_iter()
        .filter(|key| !text.contains(&format!("\"{key}\"")))
        .filter(|key| !MADE.iter().any(|made| key.starts_with(made)))
        .filter(|key| !form.contains(key.strip_suffix("-hint").unwrap_or(key)))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn templates_have_no_words_of_their_own() {
    let templates = sources("templates");
    let mut text = String::new();
    let mut rest = templates.as_str();
    // Commands and expressions go first, then markup; what is left is text.
    while let Some(at) = rest.find("{") {
        text.push_str(&rest[..at]);
        let end = match rest[at..].chars().nth(1) {
            Some('%') => "%}",
            Some('#') => "#}",
            Some('{') => "}}",
            _ => "{",
        };
        let skip = rest[at..].find(end).map_or(1, |end_at| end_at + end.len());
        rest = &rest[at + skip..];
    }
    text.push_str(rest);
    let mut words = String::new();
    let mut inside = false;
    for letter in text.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => words.push(letter),
            _ => {}
        }
    }
    let bare: Vec<_> = words
        .split_whitespace()
        .filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
        .filter(|word| !word.contains("=\"") && !word.ends_with('"')) // attributes in macros
        .filter(|word| !word.contains('/')) // addresses
        .filter(|word| !COMMANDS.contains(word))
        .collect();
    assert!(bare.is_empty(), "{bare:?}");
}
