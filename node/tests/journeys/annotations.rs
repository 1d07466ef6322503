//! What is said about a practice, by commands at the nodes of two organisations:
//! withdrawn and taken back, confirmed, used elsewhere too, translated, the same as
//! another; and what guests see of what is for members.

use serde_json::{Value, json};

use super::federation::joined;
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

const NIGER: &str = "Ministry of Arrivals";
const NEPAL: &str = "Upland Labour Office";

struct Two {
    niger: Desk,
    at_niger: Served,
    nepal: Desk,
    at_nepal: Served,
}

fn two() -> Two {
    let niger = Desk::founded(NIGER, "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, NEPAL, "NP", "Bina Example");
    Two { niger, at_niger, nepal, at_nepal }
}

/// Waits until a desk knows something of what is said about a practice.
fn knows(desk: &Desk, id: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    let look = || {
        let ran = desk.run(&["practice", "said", id, "--json"]);
        (ran.code == Some(0)).then(|| ran.json()).filter(|told| so(told))
    };
    until(what, PATIENCE, look).0
}

fn found(desk: &Desk, words: &[&str], id: &str) -> bool {
    let told = desk.ask(&[&["search"], words].concat());
    told["items"].as_array().is_some_and(|items| items.iter().any(|item| item["id"] == id))
}

fn says(desk: &Desk, words: &[&str], sentence: &str) {
    let refused = desk.refused(words);
    assert!(text(&refused["message"]).contains(sentence), "{words:?}: {refused}");
}

#[test]
fn a_practice_is_withdrawn_everywhere_with_its_reason_and_comes_back_when_that_is_taken_back() {
    let Two { niger, at_niger, nepal, at_nepal } = two();
    let old = niger.publish(&practice("Mobile desks"));
    let new = niger.publish(&practice("Desks that travel by boat"));
    knows(&nepal, &old, "Nepal holds it", |told| told["withdrawn"] == false);
    knows(&nepal, &new, "and the other", |told| told["withdrawn"] == false);
    until("it is found", PATIENCE, || found(&nepal, &["mobile"], &old).then_some(()));
    says(&nepal, &["practice", "withdraw", &old, "--reason", "wrong"], NIGER);
    says(&niger, &["practice", "withdraw", &old, "--reason", "stale"], "there are outdated, wrong");

    let withdraw =
        ["practice", "withdraw", &old, "--reason", "superseded", "--note", "By boat now"];
    niger.ask(&[&withdraw[..], &["--replaced-by", &new]].concat());
    let told = knows(&nepal, &old, "Nepal knows", |told| told["withdrawn"] == true);
    let withdrawal = &told["withdrawal"];
    assert_eq!(withdrawal["reason"], "superseded", "{told}");
    assert_eq!(withdrawal["replaced_by"]["id"], json!(new));
    assert_eq!(withdrawal["text"]["en"], "By boat now");
    until("it is found no more", PATIENCE, || (!found(&nepal, &["mobile"], &old)).then_some(()));
    assert!(found(&nepal, &["mobile", "--withdrawn"], &old), "but by who asks for such");
    for at in [&at_niger, &at_nepal] {
        let gone = at.get(&format!("/api/v1/practices/{old}")).expect("an answer");
        assert_eq!(gone.status, 410, "{}", gone.body);
        let told: Value = serde_json::from_str(&gone.body).expect("a problem document");
        assert_eq!(
            (&told["code"], &told["withdrawal"]["reason"]),
            (&json!("withdrawn"), &json!("superseded"))
        );
        let anyway = at.get(&format!("/api/v1/practices/{old}?withdrawn=yes")).expect("an answer");
        assert_eq!(anyway.status, 200, "its text is there for who asks");
        let export = format!("/api/v1/practices/{old}/export?format=json");
        assert_eq!(at.get(&export).expect("an answer").status, 410);
        let exported = at.get(&format!("{export}&withdrawn=yes")).expect("an answer");
        let exported: Value = serde_json::from_str(&exported.body).expect("a document");
        assert_eq!(exported["withdrawal"]["reason"], "superseded", "{exported}");
        let page = at.get(&format!("/practices/{old}")).expect("an answer");
        assert_eq!(page.status, 410);
        assert!(page.body.contains("By boat now") && !page.body.contains("Mobile teams"));
        let page = at.get(&format!("/practices/{old}?withdrawn=show")).expect("an answer");
        assert!(page.status == 200 && page.body.contains("Mobile teams"), "{}", page.status);
        let oai = format!("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:tern:{old}");
        let told = at.get(&oai).expect("an answer").body;
        assert!(told.contains("status=\"deleted\""), "{told}");
        let feed = at.get("/feed.atom").expect("an answer").body;
        assert!(!feed.contains(&old) && feed.contains(&new));
        assert!(!at.get("/sitemap.xml").expect("an answer").body.contains(&old));
    }

    // An edition that the withdrawal does not reach stands, and is flagged.
    let draft = text(&niger.ask(&["practice", "edit", &old, "--set", "ongoing=true"])["id"]);
    niger.ask(&["practice", "publish", &draft, "--note", "Still going on"]);
    let told = knows(&nepal, &old, "edition 2 stands", |told| told["edition"] == 2);
    assert_eq!(told["withdrawn"], false);
    assert_eq!(told["others_withdrawn"]["editions"], json!([1]));
    assert_eq!(at_nepal.get(&format!("/practices/{old}")).expect("an answer").status, 200);
    let first = at_nepal.get(&format!("/practices/{old}/editions/1")).expect("an answer");
    assert_eq!(first.status, 410);

    niger.ask(&["practice", "take-back", &old]);
    knows(&nepal, &old, "nothing is withdrawn", |told| told["others_withdrawn"].is_null());
    says(&niger, &["practice", "take-back", &old], "has not withdrawn it");
    at_niger.stop();
    at_nepal.stop();
}

#[test]
fn others_use_it_too_and_translate_it_and_its_organisation_confirms_it() {
    let Two { niger, at_niger, nepal, at_nepal } = two();
    let mut ours = practice("Mobile desks");
    ours["original_language"] = json!("en");
    let id = niger.publish(&ours);
    knows(&nepal, &id, "Nepal holds it", |_| true);

    let used = json!({
        "countries": ["NP"], "place": "Karnali", "since": "2025-03", "outcome": "partly",
        "changed": { "en": "On foot, not by boat" },
    });
    let file = nepal.file("used.json", used.to_string());
    let first = text(&nepal.ask(&["practice", "adapt", &id, &file])["id"]);
    let told = knows(&niger, &id, "Niger knows", |told| told["adaptations"][0].is_object());
    assert_eq!(told["adaptations"][0]["org"], NEPAL, "{told}");
    assert_eq!(told["adaptations"][0]["adaptation"]["outcome"], "partly");
    says(&niger, &["practice", "take-back", &id, &first], "what another said only they take back");

    // A translation is found in its language, and knows when it is out of date.
    let french = json!({ "title": "Guichets mobiles", "summary": "Le crépuscule des files.", "by": "human" });
    let file = nepal.file("fr.json", french.to_string());
    says(
        &nepal,
        &["practice", "translate", &id, "--lang", "en", &file],
        "language that it was written in",
    );
    let empty = nepal.file("none.json", json!({ "aims": "Aucun" }).to_string());
    says(&nepal, &["practice", "translate", &id, "--lang", "fr", &empty], "says nothing here");
    nepal.ask(&["practice", "translate", &id, "--lang", "fr", &file]);
    let told = knows(&niger, &id, "Niger has it", |told| told["translations"][0].is_object());
    let translation = &told["translations"][0];
    assert_eq!(translation["language"], "fr", "{told}");
    assert_eq!((&translation["edition"], &translation["by"]), (&json!(1), &json!("human")));
    assert_eq!(translation["outdated"], json!([]));
    until("it is found", PATIENCE, || {
        found(&niger, &["crépuscule", "--lang", "fr"], &id).then_some(())
    });
    let french = |at: &Served| {
        at.get_with(&format!("/practices/{id}"), &[("accept-language", "fr, en;q=0.5")]).body
    };
    assert!(french(&at_niger).contains("Guichets mobiles"), "who reads French is given it");
    let english = at_niger.get(&format!("/practices/{id}")).expect("an answer").body;
    assert!(english.contains("<h1>Mobile desks</h1>"));
    for (format, words) in
        [("md", "Guichets mobiles"), ("jsonld", "workTranslation"), ("json", "Guichets mobiles")]
    {
        let path = format!("/api/v1/practices/{id}/export?format={format}");
        let exported = at_niger.get(&path).expect("an answer").body;
        assert!(exported.contains(words), "{format}: {exported}");
    }
    let draft =
        text(&niger.ask(&["practice", "edit", &id, "--set", "title=Desks on wheels"])["id"]);
    niger.ask(&["practice", "publish", &draft, "--note", "Named anew"]);
    let told = knows(&nepal, &id, "edition 2 is here", |told| told["edition"] == 2);
    assert_eq!(told["translations"][0]["outdated"], json!(["title"]), "{told}");

    says(&nepal, &["practice", "confirm", &id], NIGER);
    niger.ask(&["practice", "confirm", &id, "--note", "Looked at in spring"]);
    let told = knows(&nepal, &id, "Nepal knows", |told| told["confirmed"].is_object());
    assert!(told["stale_since"].is_null() && told["confirmed"]["org"] == NIGER, "{told}");
    assert!(found(&nepal, &["desks", "--valid", "fresh"], &id));
    assert!(!found(&nepal, &["desks", "--valid", "stale"], &id));

    // The same work was told of by Nepal too.
    let other = nepal.publish(&practice("Mobile desks of the uplands"));
    until("it is likely the same", PATIENCE, || {
        let told = nepal.ask(&["practice", "duplicates", &other]);
        told["items"].to_string().contains(&id).then_some(())
    });
    nepal.ask(&["practice", "same-as", &other, &id, "--alias", "doi:10.1000/182"]);
    let told = knows(&niger, &id, "Niger knows", |told| told["same_as"][0].is_object());
    assert_eq!(told["same_as"][0]["practice"]["id"], json!(other), "{told}");
    assert_eq!(told["same_as"][0]["said_there"], true);
    nepal.ask(&["practice", "take-back", &id, &first]);
    knows(&niger, &id, "Nepal uses it no more", |told| told["adaptations"] == json!([]));
    at_niger.stop();
    at_nepal.stop();
}

#[test]
fn guests_see_nothing_of_what_is_for_members() {
    let niger = Desk::founded(NIGER, "NE", "Awa Example");
    let at = niger.serve();
    let mut inner = practice("Zirconium desks");
    inner["visibility"] = json!("members");
    let id = niger.publish(&inner);
    let open = niger.publish(&practice("Open desks"));
    let listed = || {
        let list = at.get("/api/v1/practices").ok()?.body;
        list.contains(&open).then_some(list)
    };
    niger.ask(&["discuss", "post", &id, "Who keeps the list?"]);
    let (list, _) = until("the open one is listed", PATIENCE, listed);
    assert!(!list.contains("Zirconium"), "{list}");
    for path in [
        "/",
        "/practices",
        "/practices?q=zirconium",
        "/sitemap.xml",
        "/feed.atom",
        "/discussions",
        "/api/v1/discussions",
        &format!("/api/v1/practices/{id}/discussion"),
        &format!("/practices/{id}"),
        &format!("/practices/{id}/history"),
        &format!("/practices/{id}/provenance"),
        &format!("/api/v1/practices/{id}"),
        &format!("/practices/{open}"),
    ] {
        let told = at.get(path).expect("an answer").body;
        assert!(!told.contains("Zirconium desks"), "{path}: {told}");
        // What is asked for by its id says it back; its discussion, which bears that id,
        // says which practice it is about.
        let says = path.contains(&id) || path.contains("discussions");
        assert!(says || !told.contains(&id), "{path}: {told}");
    }
    assert_eq!(at.get(&format!("/practices/{id}")).expect("an answer").status, 403);
    assert_eq!(niger.ask(&["practice", "show", &id])["title"], "Zirconium desks");
    assert!(found(&niger, &["zirconium"], &id), "its own people find it");
    at.stop();
}
