//! Practices leave a node in the formats of other programs and come back from
//! those that can be read, and catalogues learn of what is new and what is gone.

use std::fs;

use roxmltree::Document;
use serde_json::{Value, json};

use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, text};

/// A practice that is hostile to spreadsheets, documents and pages.
fn hostile() -> Value {
    let mut hostile = practice("=cmd|' /C calc'!A0");
    hostile["summary"] = json!({
        "en": "- first\n- second <script>alert(1)</script> & \"more\"",
        "ar": "تسجيل المواليد عند الحدود",
        "zh": "边境出生登记",
    });
    hostile["partners"] = json!([{ "org": "Radio; FM", "role": "@air" }, { "org": "UNHCR" }]);
    hostile["challenges"] = json!([{ "text": { "en": "Rain" }, "overcome": { "fr": "Bateaux" } }]);
    hostile["ongoing"] = json!(true);
    hostile
}

#[test]
fn practices_are_taken_away_in_every_format_and_come_back_whole() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awadia Quillfeather");
    let first = niger.publish(&hostile());
    let second = niger.publish(&practice("Skills passports"));
    let shown = |desk: &Desk, id: &str| desk.ask(&["practice", "show", id])["fields"].clone();

    for format in ["json", "jsonld", "ris", "bibtex", "csv", "xlsx", "docx", "md"] {
        let file = niger.file(&format!("taken.{format}"), "");
        let told = niger.ask(&["practice", "export", &first, "--format", format, "--out", &file]);
        assert_eq!(told["id"], json!(first), "{format}");
        let all = niger.file(&format!("all.{format}"), "");
        let told = niger.ask(&["practice", "export", "--all", "--format", format, "--out", &all]);
        assert_eq!(told["practices"], 2, "{format}");
        assert!(fs::read(&all).expect("written").len() > 200, "{format}");
        let printed = niger.run(&["practice", "export", &first, "--format", format]);
        let is_text = !["xlsx", "docx"].contains(&format);
        assert_eq!(printed.code == Some(0), is_text, "{format}: {printed:?}");
        assert!(!is_text || printed.out.contains(&first), "{format}: {printed:?}");
    }
    let found = niger.file("found.ris", "");
    let search =
        ["practice", "export", "--search", "passports", "--format", "ris", "--out", &found];
    assert_eq!(niger.ask(&search)["practices"], 1);
    assert!(fs::read_to_string(&found).expect("written").contains(&second));
    // Another spelling is taken for what was meant, and that is said.
    let search = search.map(|word| if word == "passports" { "pasports" } else { word });
    let ran = niger.run(&search);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("Nothing has"), "{ran:?}");
    assert!(fs::read_to_string(&found).expect("written").contains(&second));

    // What comes back is imported elsewhere, as it was.
    let form = niger.file("form.docx", "");
    niger.ask(&["practice", "template", &first, "--out", &form]);
    for name in ["taken.json", "taken.csv", "taken.xlsx", "form.docx"] {
        let nepal = Desk::founded("Upland Labour Office", "NP", "Bina Example");
        let file = niger.data().parent().expect("a folder").join(name);
        let file = file.to_str().expect("text");
        let preview = nepal.ask(&["practice", "import", file, "--preview"]);
        assert_eq!(preview["rows"], 1, "{name}: {preview}");
        assert_eq!(nepal.ask(&["practice", "list", "--drafts"])["total"], 0, "only looked at");
        let told = nepal.ask(&["practice", "import", file]);
        assert_eq!(told["imported"], 1, "{name}: {told}");
        let draft = text(&told["ids"][0]);
        assert_eq!(shown(&nepal, &draft), shown(&niger, &first), "{name}");
        let again = nepal.ask(&["practice", "import", file]);
        assert_eq!(again["skipped"][0]["reason"], "known", "{name}");
    }
}

#[test]
fn a_preview_says_row_by_row_what_makes_no_sense() {
    let desk = Desk::empty();
    let table = desk.file("rows.csv", "title,countrys\nDesks,NP\nRegisters,\n");
    let ran = desk.run(&["practice", "import", &table, "--preview", "--json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = ran.json();
    assert_eq!(told["rows"], 1, "{told}");
    assert_eq!(told["skipped"][0]["row"], 2, "{told}");
    let why = text(&told["skipped"][0]["reason"]);
    assert!(why.contains("countrys"), "{why}");
    let broken = desk.file("form.docx", "PK");
    let refused = desk.refused(&["practice", "import", &broken, "--preview"]);
    assert!(text(&refused["message"]).contains("no such file, or damaged"), "{refused}");
}

#[test]
fn catalogues_gather_what_is_public_and_learn_what_was_erased() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awadia Quillfeather");
    let kept = niger.publish(&hostile());
    let erased = niger.publish(&practice("Ferry timetable"));
    let mut inside = practice("For members alone");
    inside["visibility"] = json!("members");
    let inside = niger.publish(&inside);
    let at_niger = niger.serve();
    let gathered = |path: &str| {
        let answer = at_niger.get(path).expect("it answers");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let read = Document::parse(&answer.body).expect("XML");
        let headers = read.descendants().filter(|node| node.tag_name().name() == "header");
        let headers = headers.map(|header| {
            let of = |name: &str| {
                let found = header.children().find(|node| node.tag_name().name() == name);
                found.and_then(|node| node.text()).unwrap_or_default().to_owned()
            };
            (of("identifier"), header.attribute("status").is_some(), of("datestamp"))
        });
        let headers: Vec<(String, bool, String)> = headers.collect();
        let now = read.descendants().find(|node| node.tag_name().name() == "responseDate");
        (headers, now.and_then(|now| now.text()).expect("a date").to_owned(), answer.body.clone())
    };
    let (all, began, body) = gathered("/oai?verb=ListRecords&metadataPrefix=oai_dc");
    let status = |all: &[(String, bool, String)], id: &str| {
        all.iter().find(|(known, ..)| *known == format!("urn:tern:{id}")).map(|found| found.1)
    };
    assert_eq!(status(&all, &kept), Some(false));
    assert_eq!(status(&all, &erased), Some(false));
    assert_eq!(status(&all, &inside), Some(true), "nothing but its id is told");
    assert!(body.contains("xml:lang=\"ar\"") && body.contains("Not reviewed"), "{body}");
    assert!(!body.contains("<script>") && !body.contains("members alone"), "{body}");

    niger.ask(&["practice", "erase", &erased, "--reason", "taken-back", "--yes"]);
    let since = format!("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&from={began}");
    let (news, ..) = gathered(&since);
    assert_eq!(status(&news, &erased), Some(true), "{news:?}");
    let served = "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=objective:4";
    assert_eq!(status(&gathered(served).0, &kept), Some(false));
    let other = "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=objective:5";
    assert_eq!(status(&gathered(other).0, &kept), None);

    // Also after the node was stopped, and there is nothing of it on the disk.
    at_niger.stop();
    let at_niger = niger.serve();
    let one = format!("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:tern:{erased}");
    let answer = at_niger.get(&one).expect("it answers");
    assert!(answer.body.contains("status=\"deleted\""), "{}", answer.body);
    // Search learns at its own pace what came and what was erased just before the
    // stop.
    let feed = || {
        let feed = at_niger.get("/feed.atom").expect("it answers").body;
        assert!(!feed.contains(&inside) && !feed.contains(&erased), "{feed}");
        feed.contains(&kept).then_some(())
    };
    until("the feed names what is there", PATIENCE, feed);
    let map = || {
        let map = at_niger.get("/sitemap.xml").expect("it answers").body;
        (map.contains(&kept) && !map.contains(&erased)).then_some(())
    };
    until("the map leads to what is there", PATIENCE, map);
    let path = format!("/api/v1/practices/{kept}/export?format=csv");
    let table = at_niger.get(&path).expect("it answers");
    let path = format!("/api/v1/practices/{inside}/export?format=csv");
    assert_eq!(at_niger.get(&path).expect("it answers").status, 403, "for members alone");
    let all = || {
        let all = at_niger.get("/api/v1/practices/export?format=csv").expect("it answers").body;
        assert!(!all.contains(&inside) && !all.contains("For members alone"), "{all}");
        all.contains(&kept).then_some(())
    };
    until("all that everybody may read is in one file", PATIENCE, all);
    assert!(table.head.contains("attachment; filename*=UTF-8''tern-"), "{}", table.head);
    assert!(table.body.contains("\"'=cmd|' /C calc'!A0\""), "no formula: {}", table.body);
}

#[test]
fn a_printed_page_is_checked_by_its_code_on_any_node_without_a_network() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awadia Quillfeather");
    let id = niger.publish(&practice("Registering every birth"));
    let shown = niger.ask(&["practice", "show", &id]);
    let (edition, hash) = (text(&shown["edition_id"]), text(&shown["content_hash"]));
    let code = format!("TERN:{id}/{edition}/{hash}").to_uppercase();
    assert_eq!(niger.ask(&["practice", "verify", &code])["verdict"], "accepted");
    let place = format!("https://hub.example.org/practices/{id}/editions/{edition}#{hash}");
    assert_eq!(niger.ask(&["practice", "verify", &place])["verdict"], "accepted");
    let forged = place.replace(&hash, &"0".repeat(64));
    let ran = niger.run(&["practice", "verify", &forged, "--json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(text(&ran.json()["reason"]).contains("content_hash"), "{ran:?}");
    let at_niger = niger.serve();
    let page = at_niger.get(&format!("/practices/{id}")).expect("it answers").body;
    assert!(page.contains("class=\"printed\"") && page.contains("<svg"), "{page}");
}
