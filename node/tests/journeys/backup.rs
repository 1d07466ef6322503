//! Backups: Niger's node is saved while it works, burns, and comes back.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use super::blobs::{self, report};
use super::federation::in_step;
use super::kills::{Stop, Told, listed, write};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::requests::Office;
use super::tern::{Desk, text};

/// How often each kind of event of a request was said.
fn said(request: &Value) -> BTreeMap<String, usize> {
    let mut said = BTreeMap::new();
    for event in request["events"].as_array().expect("events") {
        *said.entry(text(&event["type"])).or_default() += 1;
    }
    said
}

fn editions(desk: &Desk, practice: &str) -> Vec<u64> {
    let history = desk.ask(&["practice", "history", practice]);
    let items = history["items"].as_array().expect("items").iter();
    let mut numbers: Vec<u64> =
        items.map(|item| item["edition"].as_u64().expect("a number")).collect();
    numbers.sort_unstable();
    numbers
}

fn revise(desk: &Desk, practice: &str, title: &str) -> Value {
    let draft = text(&desk.ask(&["practice", "edit", practice, "--set", title])["id"]);
    desk.ask(&["practice", "publish", &draft, "--note", "Revised"])
}

#[test]
fn a_node_that_burnt_under_load_comes_back_with_all_it_said_and_says_nothing_twice() {
    let mut niger = Office::open(Desk::founded("Ministry of Arrivals", "NE", "Awa Example"));
    let mut nepal = Office::joining(&niger, "Upland Labour Office", "NP", "Bina Example");
    nepal.shows_card("Bina Example");
    niger.knows_experts(1);
    let births = niger.desk.publish(&practice("Registering every birth"));
    let request = niger.asks(json!({}));
    let passphrase = niger.desk.file("passphrase", "two rivers\n");
    let stick = niger.desk.file("niger.backup", "");
    fs::remove_file(&stick).expect("there");
    let save = ["backup", &stick, "--passphrase-file", &passphrase];

    // It is saved twice while people publish; what was answered before is in it.
    let (tell, told) = mpsc::channel();
    let (next, stop) = (AtomicUsize::new(1), AtomicBool::new(false));
    let mut published = Vec::new();
    let mut hear = |many: usize| {
        while published.len() < many {
            match told.recv_timeout(PATIENCE).expect("a node that takes in drafts") {
                Told::Published { id, .. } => published.push(id),
                Told::Drafted { .. } => {}
            }
        }
        published.clone()
    };
    let rapport = report(700_000);
    let (before, hash) = thread::scope(|scope| {
        let _stop = Stop(&stop);
        scope.spawn(|| write(&niger.desk, &next, &stop, &tell));
        hear(2);
        niger.desk.ask(&save);
        let before = hear(5);
        let (_, hash) = blobs::published(&niger.desk, "rapport.pdf", &rapport);
        let saved = niger.desk.ask(&save);
        assert!(saved["added_bytes"].as_u64() < saved["bytes"].as_u64(), "{saved}");
        assert_eq!(saved["encrypted"], true);
        assert_eq!((&saved["files"], &saved["files_bytes"]), (&json!(1), &json!(700_000)));
        hear(7);
        (before, hash)
    });
    drop(tell);
    published.extend(told.iter().filter_map(|told| match told {
        Told::Published { id, .. } => Some(id),
        Told::Drafted { .. } => None,
    }));

    // What it says after that reaches Nepal.
    revise(&niger.desk, &births, "title=Registering every birth in a border town");
    nepal.sees(&request, "proposed");
    nepal.desk.ask(&["request", "accept", &request]);
    let awarded = nepal.sees(&request, "in_progress");
    niger.sees(&request, "in_progress");
    if let (Some(niger), Some(nepal)) = (&niger.served, &nepal.served) {
        in_step(&[niger, nepal]);
    }
    niger.kill();
    nepal.kill();
    fs::remove_dir_all(niger.desk.data()).expect("it burnt");

    // Alone it is what it was when it was saved last, and signs nothing.
    let restored = niger.desk.ask(&["restore", &stick, "--passphrase-file", &passphrase]);
    assert_eq!(
        (&restored["state"], &restored["unusable_bytes"]),
        (&json!("catching-up"), &json!(0))
    );
    assert_eq!(restored["files"], 1, "{restored}");
    niger.comes_back();
    assert_eq!(niger.desk.ask(&["status"])["state"], "catching-up");
    let ids = |office: &Office| -> Vec<String> {
        let items = listed(office.served.as_ref().expect("it serves"));
        items.iter().map(|item| text(&item["id"])).collect()
    };
    let known = ids(&niger);
    assert!(before.iter().all(|id| known.contains(id)), "what was answered before it was saved");
    let draft = niger.desk.draft(&practice("Written while nobody could be met"));
    let refused = niger.desk.refused(&["practice", "publish", &draft, "--note", "First"]);
    assert_eq!(refused["code"], "conflict");
    assert!(text(&refused["message"]).contains("tern resume"), "{refused}");

    let fetched = niger.desk.data().with_file_name("fetched.pdf");
    let got = niger.desk.ask(&["blob", "get", &hash, "--out", fetched.to_str().expect("text")]);
    assert_eq!(got["state"], "whole", "a file came back with the backup: nobody else had it");
    assert_eq!(fs::read(&fetched).expect("written"), rapport);

    // With Nepal it is in step again, knows all that it said, and goes on.
    nepal.comes_back();
    let caught_up = || {
        let status = niger.desk.ask(&["status"]);
        (status["state"] == "member").then(|| status["restored"]["caught_up"].clone())
    };
    let (caught_up, _) = until("the node is in step again", PATIENCE * 4, caught_up);
    assert!(caught_up["gained"].as_u64() > Some(0), "{caught_up}");
    let known = ids(&niger);
    assert!(published.iter().all(|id| known.contains(id)), "what Nepal held came back");
    assert_eq!(editions(&niger.desk, &births), [1, 2]);
    assert_eq!(revise(&niger.desk, &births, "ongoing=true")["edition"], 3);
    niger.desk.ask(&["practice", "publish", &draft, "--note", "First"]);
    if let (Some(niger), Some(nepal)) = (&niger.served, &nepal.served) {
        in_step(&[niger, nepal]);
    }
    for office in [&niger, &nepal] {
        assert_eq!(editions(&office.desk, &births), [1, 2, 3], "no edition was written twice");
        let now = office.sees(&request, "in_progress");
        assert_eq!(said(&now), said(&awarded), "no word was said twice");
        assert_eq!(office.desk.ask(&["check"])["bad"], json!([]));
    }
}

#[test]
fn whoever_is_alone_says_that_the_restored_node_goes_on() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let births = niger.publish(&practice("Registering every birth"));
    let file = niger.data().with_file_name("niger.backup");
    let file = file.to_str().expect("text");
    let saved = niger.run(&["backup", file]);
    assert_eq!(saved.code, Some(0), "{saved:?}");
    assert!(saved.err.contains("not encrypted"), "{saved:?}");
    assert!(saved.out.contains("read back and whole"), "{saved:?}");

    let again = Desk::empty();
    again.ask(&["restore", file]);
    let draft = text(&again.ask(&["practice", "edit", &births, "--set", "ongoing=true"])["id"]);
    let publish = ["practice", "publish", &draft, "--note", "Still so"];
    assert_eq!(again.refused(&publish)["code"], "conflict");
    again.ask(&["resume"]);
    assert_eq!(again.ask(&publish)["edition"], 2);
    assert_eq!(again.refused(&["restore", file])["code"], "conflict", "it holds a node");
}

#[test]
fn whoever_leaves_takes_everything_along_readable_without_tern() {
    let niger = Office::open(Desk::founded("Ministry of Arrivals", "NE", "Awa Example"));
    let nepal = Office::joining(&niger, "Upland Labour Office", "NP", "Bina Example");
    nepal.shows_card("Bina Example");
    niger.knows_experts(1);
    let births = niger.desk.publish(&practice("Registering every birth"));
    revise(&niger.desk, &births, "title=Registering every birth in a border town");
    let draft = niger.desk.draft(&practice("A draft of Niger"));
    let (sheet, rapport) = (report(20_000), report(900_000));
    blobs::published(&niger.desk, "rapport annuel.pdf", &rapport);
    niger.desk.ask(&["attach", &draft, &niger.desk.file("sheet.pdf", &sheet), "--lang", "en"]);
    niger.asks(json!({}));
    let to = niger.desk.data().with_file_name("all");
    let to_text = to.to_str().expect("text");
    let told = niger.desk.ask(&["export", to_text]);
    assert_eq!(
        (&told["practices"], &told["drafts"], &told["requests"]),
        (&json!(2), &json!(1), &json!(1)),
    );
    assert_eq!((&told["files"], &told["files_lacking"]), (&json!(2), &json!(0)));
    let guide = fs::read_to_string(to.join("README.md")).expect("a guide");
    let names: Vec<&str> =
        guide.lines().filter_map(|line| line.split_once("](<")?.1.strip_suffix(">)")).collect();
    let (pages, files): (Vec<&str>, Vec<&str>) =
        names.iter().partition(|name| name.ends_with(".md"));
    assert_eq!((pages.len(), files.len()), (4, 2), "{guide}");
    let read = |named: &str| {
        let name = pages.iter().find(|name| name.contains(named)).expect(named);
        (to.join(name), fs::read_to_string(to.join(name)).expect("a page"))
    };
    let (births, page) = read("registering-every-birth");
    assert!(page.contains("in a border town") && page.contains("Mobile teams"));
    let (_, page) = read("requests/");
    assert!(page.contains("zebra-need") && page.contains("zebra-title"), "{page}");
    for (named, called, bytes) in [
        ("checking-contracts", "rapport annuel.pdf", &rapport),
        ("a-draft-of-niger", "sheet.pdf", &sheet),
    ] {
        let (place, page) = read(named);
        let line = page.lines().find(|line| line.starts_with(&format!("- [{called}](<")));
        let name = line.and_then(|line| line.split_once("(<")?.1.strip_suffix(">)"));
        let name = name.unwrap_or_else(|| panic!("{called} in {page}"));
        assert_eq!(&fs::read(place.with_file_name("").join(name)).expect("a file"), bytes);
    }
    let whole = births.with_extension("json");
    let whole: Value =
        serde_json::from_str(&fs::read_to_string(whole).expect("a file")).expect("a document");
    assert_eq!(whole["editions"].as_array().map(Vec::len), Some(2));
    assert_eq!(whole["earlier"][0]["title"], "Registering every birth");
    let again = niger.desk.refused(&["export", to_text]);
    assert_eq!(again["code"], "conflict");
    let elsewhere = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let practices = to.join("practices");
    let imported = elsewhere.ask(&["practice", "import", practices.to_str().expect("text")]);
    assert_eq!(imported["imported"], 2, "{imported}");
}
