//! Work in a shared draft that is held and not shown: a person's key is revoked
//! and somebody had honestly built on what it signed later; a machine is resumed
//! twice from one image, and both write.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::copied::copy;
use super::federation::{in_step, joined};
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

/// What a node shows of a draft.
pub fn shown(desk: &Desk, draft: &str) -> Value {
    desk.ask(&["practice", "show", draft])
}

/// Waits until a field of a draft says this on a node.
pub fn says(desk: &Desk, draft: &str, field: &str, text: &str) {
    let there = || {
        let ran = desk.run(&["practice", "show", draft, "--json"]);
        (ran.code == Some(0) && ran.json()["fields"][field]["en"] == text).then_some(())
    };
    until(&format!("{field} says “{text}”"), PATIENCE * 4, there);
}

/// Waits until one thing of a draft is held back on a node.
pub fn holds(desk: &Desk, draft: &str) -> Value {
    let there = || {
        let held = shown(desk, draft)["held"].clone();
        (held.as_array().is_some_and(|held| held.len() == 1)).then(|| held[0].clone())
    };
    until("something is held back", PATIENCE * 4, there).0
}

/// A node that serves with its pages in the languages that test layouts, where its
/// peers know it.
pub fn serve_at(desk: &Desk, addresses: &[String]) -> Served {
    let mut command = desk.command(&["serve", "--json"]);
    command.env("TERN_PSEUDO_LOCALES", "1");
    for address in addresses {
        command.args(["--listen", address]);
    }
    Served::start(desk, command)
}

/// Niger, Nepal and Chad, with the draft that Doru of Niger began.
pub struct HeldBack {
    pub desks: [Desk; 3],
    pub nodes: [Served; 3],
    pub draft: String,
}

impl HeldBack {
    /// Doru's key is used by somebody else, who writes in the draft; Nepal builds
    /// on it; Niger, which holds nothing of that, revokes the key; all meet.
    pub fn begin() -> Self {
        let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
        let at_niger = niger.serve();
        let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
        let (chad, at_chad) = joined(&niger, "Office of the Lake", "TD", "Issa Example");
        let doru = ["account", "add", "doru", "--person", "Doru Example", "--role", "contributor"];
        niger.ask(&doru);
        let file = niger.file("desks.json", practice("Desks for people who return").to_string());
        let draft = text(&niger.ask(&["practice", "draft", &file, "--as", "doru"])["id"]);
        let with = ["--with", "Upland Labour Office", "--with", "Office of the Lake"];
        let share = [&["practice", "share", &draft, "--as", "doru"], &with[..]].concat();
        niger.ask(&share);
        for desk in [&nepal, &chad] {
            says(desk, &draft, "title", "Desks for people who return");
        }
        let places = [&at_niger, &at_nepal, &at_chad].map(Served::addresses);
        [at_niger, at_nepal, at_chad].into_iter().for_each(Served::stop);
        let at_nepal = serve_at(&nepal, &places[1]);

        let stolen = Desk::empty();
        copy(&niger.data(), &stolen.data());
        let at_thief = stolen.serve_at(&places[0]);
        let summary = "summary.en=People are turned away";
        stolen.ask(&["practice", "edit", &draft, "--as", "doru", "--set", summary]);
        says(&nepal, &draft, "summary", "People are turned away");
        nepal.ask(&["practice", "edit", &draft, "--set", "context.en=Two towns on the river"]);
        at_thief.stop();

        let revoked = niger.ask(&["cert", "revoke", "doru", "--reason", "stolen", "--yes"]);
        assert!(revoked["stands"].as_u64() >= Some(2), "who sees it, and a run: {revoked}");
        let desks = [niger, nepal, chad];
        // Nepal's node runs on, and its own text falls under it.
        let (at_niger, at_chad) =
            (serve_at(&desks[0], &places[0]), serve_at(&desks[2], &places[2]));
        Self { desks, nodes: [at_niger, at_nepal, at_chad], draft }
    }

    fn stop(self) {
        self.nodes.into_iter().for_each(Served::stop);
    }
}

#[test]
fn honest_work_on_a_revoked_change_is_held_offered_adopted_and_labelled_everywhere() {
    let story = HeldBack::begin();
    let [_, nepal, chad] = &story.desks;
    let draft = &story.draft;
    let before = "How it began, whom it reached and what it cost: Desks for people who return.";
    for desk in &story.desks {
        let held = holds(desk, draft);
        assert_eq!((&held["way"], &held["lost"]), (&json!("adopt"), &json!(false)), "{held}");
        assert_eq!(held["changes"], 2, "{held}");
        let by: Vec<&Value> = held["by"].as_array().expect("people").iter().collect();
        assert!(by.iter().any(|who| who["person"] == "Bina Example"), "{held}");
        let revoked = &held["revoked"][0];
        assert_eq!(revoked["org"], "Ministry of Arrivals", "{held}");
        assert_eq!(
            (&revoked["reason"], &revoked["person"]),
            (&json!("stolen"), &json!("Doru Example"))
        );
        let fields: Vec<String> = held["differences"]
            .as_array()
            .expect("fields")
            .iter()
            .map(|d| text(&d["field"]))
            .collect();
        assert!(fields.contains(&"context".into()) && fields.contains(&"summary".into()), "{held}");
        // What was written before stands, and nothing else is shown.
        says(desk, draft, "summary", before);
        assert_eq!(shown(desk, draft)["fields"]["context"], Value::Null);
    }
    let told = chad.run(&["practice", "show", draft]).out;
    assert!(
        told.contains("Held back: 2 changes") && told.contains("tern practice adopt"),
        "{told}"
    );
    assert!(told.contains("Two towns on the river"), "{told}");

    // Whoever goes on writing meanwhile is held back by nothing.
    nepal.ask(&["practice", "edit", draft, "--set", "lessons.en=Learnt in the mountains"]);
    for desk in &story.desks {
        says(desk, draft, "lessons", "Learnt in the mountains");
        let held = holds(desk, draft);
        assert_eq!(held["lost"], false, "nobody numbered two changes alike: {held}");
    }

    let adopted = nepal.ask(&["practice", "adopt", draft, "--reason", "We were there"]);
    assert_eq!(adopted["adopted"].as_array().map(Vec::len), Some(1), "{adopted}");
    for desk in &story.desks {
        says(desk, draft, "context", "Two towns on the river");
        says(desk, draft, "summary", "People are turned away");
        says(desk, draft, "lessons", "Learnt in the mountains");
        let shown = shown(desk, draft);
        assert_eq!(shown["held"], json!([]), "{shown}");
        let label = &shown["adopted"][0];
        assert_eq!(label["of"]["person"], "Doru Example", "{label}");
        assert_eq!(
            (&label["by"]["person"], &label["reason"]),
            (&json!("Bina Example"), &json!("We were there"))
        );
    }
    let told = chad.run(&["practice", "show", draft]).out;
    assert!(told.contains("adopted by Bina Example of Upland Labour Office"), "{told}");
    let refused = chad.refused(&["practice", "adopt", draft]);
    assert_eq!(refused["code"], "conflict", "{refused}");

    // It is told in lists with whom, and put away by a guest once it was published.
    let list = chad.ask(&["practice", "list", "--drafts"])["items"][0]["shared"].clone();
    assert_eq!(list["owner"]["name"], "Ministry of Arrivals", "{list}");
    assert_eq!(list["orgs"].as_array().map(Vec::len), Some(2), "{list}");
    let told = chad.run(&["practice", "list", "--drafts"]).out;
    assert!(told.contains("Ministry of Arrivals (began it)"), "{told}");
    assert_eq!(chad.refused(&["practice", "put-away", draft])["code"], "conflict");
    story.desks[0].ask(&["practice", "publish", draft]);
    let over = || (chad.run(&["practice", "put-away", draft]).code == Some(0)).then_some(());
    until("Chad heard that it was published", PATIENCE * 4, over);
    let drafts = |words: &[&str]| chad.ask(&[&["practice", "list", "--drafts"], words].concat());
    assert_eq!((&drafts(&[])["total"], &drafts(&[])["away"]), (&json!(0), &json!(1)));
    assert_eq!(drafts(&["--away"])["items"][0]["id"], json!(draft));
    chad.ask(&["practice", "put-away", draft, "--back"]);
    assert_eq!(drafts(&[])["total"], 1);
    story.stop();
}

#[test]
fn who_built_on_a_revoked_change_may_keep_their_own_words_alone() {
    let story = HeldBack::begin();
    let [niger, nepal, chad] = &story.desks;
    let draft = &story.draft;
    let held = holds(nepal, draft);
    assert_eq!(held["ours"], true, "{held}");
    assert_eq!(holds(chad, draft)["ours"], false, "Chad wrote nothing of it");
    assert_eq!(chad.refused(&["practice", "take-over", draft])["code"], "conflict");
    let change = text(&held["change"]);
    let refused = nepal.refused(&["practice", "take-over", draft, "--change", "00000000"]);
    assert_eq!(refused["code"], "not-found", "{refused}");
    nepal.ask(&["practice", "take-over", draft, "--change", &change[..12]]);
    for desk in [niger, nepal, chad] {
        says(desk, draft, "context", "Two towns on the river");
        let summary = text(&shown(desk, draft)["fields"]["summary"]["en"]);
        assert!(summary.starts_with("How it began"), "what the thief wrote is not shown");
        assert_eq!(shown(desk, draft)["adopted"], json!([]));
    }
    assert_eq!(holds(nepal, draft)["away"], true);
    nepal.ask(&["practice", "put-away", draft, "--change", &change, "--back"]);
    assert_eq!(holds(nepal, draft)["away"], false);
    story.stop();
}

/// Makes the library of a machine that was resumed twice; `None` where nothing can.
fn library() -> Option<PathBuf> {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/journeys/held/resumed.c");
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("resumed-{:?}.so", std::thread::current().id()));
    let ran = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&made).arg(source).status();
    if ran.is_ok_and(|ran| ran.success()) {
        return Some(made);
    }
    // Past the test's capture, so that it is read.
    let _ = writeln!(std::io::stderr(), "two of one image were NOT tried: no C compiler `cc`");
    None
}

/// Niger, and Chad at two places, which both wrote in Niger's draft.
pub struct Forked {
    pub niger: Desk,
    pub chads: [Desk; 2],
    pub at_niger: Served,
    pub at_chads: [Served; 2],
    pub draft: String,
}

/// What each of the two wrote, by field.
pub const WROTE: [(&str, &str); 2] =
    [("context", "Written in the capital"), ("lessons", "Written by the lake")];

impl Forked {
    /// One image of Chad's machine is resumed twice, out of reach of all others; at
    /// both places somebody goes on writing; then both meet Niger.
    pub fn begin() -> Option<Self> {
        let library = library()?;
        let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
        let at_niger = niger.serve();
        let (chad, at_chad) = joined(&niger, "Civil Registry of Chad", "TD", "Amina Example");
        let mut content = practice("Desks for people who return");
        content["lessons"] = json!({});
        let draft = niger.draft(&content);
        niger.ask(&["practice", "share", &draft, "--with", "Civil Registry of Chad"]);
        says(&chad, &draft, "title", "Desks for people who return");
        let place = at_niger.addresses();
        at_niger.stop();
        at_chad.stop();

        let other = Desk::empty();
        copy(&chad.data(), &other.data());
        let image = niger.file("image", "one");
        let chads = [chad, other];
        let resume = |desk: &Desk| resumed(desk, &library, Path::new(&image));
        let at_chads = [resume(&chads[0]), resume(&chads[1])];
        for (desk, (field, text)) in chads.iter().zip(WROTE) {
            let set = format!("{field}.en={text}");
            desk.ask(&["practice", "edit", &draft, "--set", &set]);
            says(desk, &draft, field, text);
        }
        // From here on chance is their own.
        std::fs::remove_file(image).expect("it was there");
        let at_niger = serve_at(&niger, &place);
        Some(Self { niger, chads, at_niger, at_chads, draft })
    }

    /// Which of the two lost, on every node.
    pub fn loser(&self) -> usize {
        let held = holds(&self.niger, &self.draft);
        assert_eq!((&held["lost"], &held["way"]), (&json!(true), &json!("read")), "{held}");
        let loses = |at: &usize| shown(&self.niger, &self.draft)["fields"][WROTE[*at].0].is_null();
        let loser = [0, 1].into_iter().find(loses).expect("one of them");
        for desk in &self.chads {
            let here = holds(desk, &self.draft);
            assert_eq!(here["change"], held["change"], "all come to the same: {here}");
            assert_eq!(here["way"], "take-over", "it is Chad's own: {here}");
            let (field, text) = WROTE[1 - loser];
            says(desk, &self.draft, field, text);
        }
        loser
    }

    pub fn stop(self) {
        self.at_chads.into_iter().chain([self.at_niger]).for_each(Served::stop);
    }
}

fn resumed(desk: &Desk, library: &Path, image: &Path) -> Served {
    let mut command = desk.command(&["serve", "--json"]);
    command.env("LD_PRELOAD", library).env("RESUMED", image).env("TERN_PSEUDO_LOCALES", "1");
    Served::start(desk, command)
}

#[test]
fn of_two_that_wrote_as_one_the_loser_signs_again_and_no_word_is_lost() {
    let Some(story) = Forked::begin() else { return };
    let draft = &story.draft;
    let loser = story.loser();
    let (field, words) = WROTE[loser];
    assert_eq!(story.niger.refused(&["practice", "take-over", draft])["code"], "conflict");
    let told = story.chads[loser].run(&["practice", "show", draft]).out;
    assert!(told.contains("Two branches were written as one"), "{told}");
    assert!(told.contains("tern practice take-over"), "{told}");

    let taken = story.chads[loser].ask(&["practice", "take-over", draft]);
    assert_eq!(taken["clashes"], json!([]), "{taken}");
    for desk in [&story.niger, &story.chads[0], &story.chads[1]] {
        says(desk, draft, field, words);
        let (other, stands) = WROTE[1 - loser];
        says(desk, draft, other, stands);
        let held = holds(desk, draft);
        assert_eq!(held["differences"], json!([]), "it would change nothing any more: {held}");
    }
    let held = holds(&story.chads[loser], draft);
    assert_eq!(held["away"], true, "{held}");

    // All go on writing, under actors that nobody else has.
    for (desk, set) in [
        (&story.chads[0], "summary.en=In the capital again"),
        (&story.chads[1], "title.en=Desks by the lake"),
    ] {
        desk.ask(&["practice", "edit", draft, "--set", set]);
    }
    for desk in [&story.niger, &story.chads[0], &story.chads[1]] {
        says(desk, draft, "summary", "In the capital again");
        says(desk, draft, "title", "Desks by the lake");
        holds(desk, draft);
    }
    in_step(&[&story.at_niger, &story.at_chads[0], &story.at_chads[1]]);
    story.stop();
}
