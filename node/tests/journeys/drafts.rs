//! Two organisations write one draft, each on its own node, and a third hears
//! nothing of it: over links, by a stick that the third carries, and through the third,
//! in letters.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tern_node::bundle::Source;
use tern_protocol::bundle::Read;
use tern_protocol::meeting::set::SetId;

use super::bundles::{Stick, far_away, serve_alone};
use super::federation::{in_step, invite, joined};
use super::patience::until;
use super::practices::practice;
use super::tern::{Desk, Served, contents, text};

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

/// That no file of a node has these words in it.
/// A consultant comes to Nepal for one draft. What they write there counts in Niger too;
/// they begin none, and change no other.
#[test]
fn a_guest_writes_in_the_draft_that_the_certificate_names_and_nowhere_else() {
    let nepal = Desk::founded("Upland Labour Office", "NP", "Bina Example");
    let at_nepal = nepal.serve();
    let (niger, at_niger) = joined(&nepal, "Ministry of Arrivals", "NE", "Awa Example");
    in_step(&[&at_nepal, &at_niger]);
    let shared = niger.draft(&practice("Zanzibar orchid desks"));
    niger.ask(&["practice", "share", &shared, "--with", "Upland Labour Office"]);
    waits_for(&nepal, &shared, "title", "Zanzibar orchid desks");
    let own = nepal.draft(&practice("Hotline for seafarers"));

    let add = ["account", "add", "maya", "--person", "Maya Example", "--role", "contributor"];
    let refused = nepal.refused(&[&add[..], &["--only", "tern1dxx"]].concat());
    assert_eq!((&refused["field"], &refused["code"]), (&json!("only"), &json!("invalid")));
    nepal.ask(&[&add[..], &["--only", &shared, "--quota", "20"]].concat());
    let listed = nepal.ask(&["cert", "list"]);
    let listed = listed["items"].as_array().expect("items");
    let maya = listed.iter().find(|one| one["person"] == "Maya Example").expect("granted");
    assert_eq!(maya["only"], json!([{ "what": "draft", "id": shared }]));
    assert_eq!(maya["quota"], 20);

    let edit = ["--set", "context.en=Where orchids are sold at the border", "--as", "maya"];
    nepal.ask(&[&["practice", "edit", &shared][..], &edit].concat());
    waits_for(&niger, &shared, "context", "Where orchids are sold at the border");
    let file = nepal.file("new.json", practice("Desks of a guest").to_string());
    let elsewhere = [
        nepal.refused(&[&["practice", "edit", &own][..], &edit].concat()),
        nepal.refused(&["practice", "draft", &file, "--as", "maya"]),
    ];
    for refused in elsewhere {
        assert_eq!(refused["code"], "not-allowed");
        let told = text(&refused["message"]);
        assert!(told.contains("for some things alone") && told.contains("--only"), "{told}");
    }
    at_nepal.stop();
    at_niger.stop();
}

fn knows_nothing_of(desk: &Desk, words: &[u8]) {
    for (path, bytes) in contents(&desk.data()) {
        let found = bytes.windows(words.len()).any(|window| window == words);
        assert!(!found, "{}", path.display());
    }
}

/// That what anybody may read of a bundle has these words nowhere, and no draft.
fn tells_nothing_of(bundle: &Path, words: &[u8]) {
    let bytes = fs::read(bundle).expect("a bundle");
    assert!(!bytes.windows(words.len()).any(|window| window == words), "{}", bundle.display());
    let mut source = Source::new(File::open(bundle).expect("a bundle"));
    loop {
        match source.read_on().expect("a whole bundle") {
            Read::Pieces(set, pieces) => {
                assert!(set != SetId::Drafts as u8, "{}", bundle.display());
                for piece in pieces {
                    let bytes = piece.to_bytes();
                    assert!(!bytes.windows(words.len()).any(|window| window == words));
                }
            }
            Read::Whole(end) => {
                assert!(end.counts.held.iter().all(|(set, _)| *set != SetId::Drafts as u8));
                return;
            }
            _ => {}
        }
    }
}

fn bundle_for(desk: &Desk, stick: &Stick, reader: &str) -> Value {
    desk.ask(&["bundle", "write", stick.path(), "--for", reader])
}

#[test]
fn two_offices_that_never_connect_write_one_draft_by_a_stick_whose_carrier_learns_no_word() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let others =
        [("Diaspora Bureau", "MD", "Ion Example"), ("Upland Labour Office", "NP", "Bina Example")];
    let mut others = far_away(&niger, &others);
    let (nepal, moldova) = (others.remove(1), others.remove(0));
    let stick = Stick::new();
    for newcomer in [&moldova, &nepal] {
        stick.written_by(newcomer);
    }
    stick.visits(&niger);
    for newcomer in [&moldova, &nepal] {
        assert_eq!(stick.read_by(newcomer)["state"], "member");
    }

    let draft = niger.draft(&practice("Zanzibar orchid desks"));
    niger.ask(&["practice", "share", &draft, "--with", "Diaspora Bureau"]);
    let written = bundle_for(&niger, &stick, "Diaspora Bureau");
    assert_eq!(written["drafts"], 1, "{written}");
    let file = text(&written["files"][0]);
    let told = niger.run(&["bundle", "write", stick.path(), "--for", "Diaspora Bureau"]);
    assert!(told.out.contains("and 1 draft to"), "{told:?}");
    let for_all = text(&stick.written_by(&niger)["files"][0]);
    assert_eq!(bundle_for(&niger, &stick, "Upland Labour Office")["drafts"], 0);

    // Nepal brings it, and reads what is for it and for all.
    let brings = |stick: &Stick| {
        stick.visits(&nepal);
        for file in stick.files() {
            nepal.ask(&["bundle", "show", file.to_str().expect("text")]);
            tells_nothing_of(&file, b"orchid");
        }
        assert_eq!(nepal.ask(&["practice", "list", "--drafts"])["total"], 0);
        knows_nothing_of(&nepal, b"orchid");
    };
    brings(&stick);
    tells_nothing_of(Path::new(&for_all), b"orchid");

    // Moldova looks into it, reads it, and goes on with it.
    let show = moldova.ask(&["bundle", "show", &file]);
    assert_eq!((&show["drafts"], &show["new"]["drafts"]), (&json!(1), &json!(1)), "{show}");
    let changes = show["new"]["changes"].as_u64().expect("a number");
    assert!(changes > 0 && show["changes"] == changes, "{show}");
    let told = moldova.run(&["bundle", "show", &file]).out;
    assert!(told.contains("1 draft, ") && told.contains("of drafts"), "{told}");
    assert_eq!(moldova.ask(&["practice", "list", "--drafts"])["total"], 0, "it only looked");
    stick.read_by(&moldova);
    let show = moldova.ask(&["bundle", "show", &file]);
    assert_eq!((&show["new"]["drafts"], &show["new"]["changes"]), (&json!(0), &json!(0)), "{show}");
    let list = moldova.ask(&["practice", "list", "--drafts"]);
    assert_eq!(list["items"][0]["title"], "Zanzibar orchid desks", "{list}");
    moldova.ask(&["practice", "edit", &draft, "--set", "summary.en=Where orchids are counted"]);
    niger.ask(&["practice", "edit", &draft, "--set", "title.en=Orchid desks in the provinces"]);
    let back = bundle_for(&moldova, &stick, "Ministry of Arrivals");
    assert_eq!(back["drafts"], 1, "{back}");
    brings(&stick);
    stick.read_by(&niger);
    let list = niger.ask(&["practice", "list", "--drafts"]);
    assert_eq!(list["items"][0]["title"], "Orchid desks in the provinces", "{list}");
    let there = shown(&niger, &draft).expect("its own");
    assert_eq!(there["fields"]["summary"]["en"], "Where orchids are counted", "{there}");

    // While the nodes run, with a word more on each visit: it costs about as much.
    let (at_niger, at_moldova) = (serve_alone(&niger), serve_alone(&moldova));
    let more = bundle_for(&niger, &stick, "Diaspora Bureau");
    assert!(more["drafts"] == 1 && more["bytes"].as_u64() < Some(4_000), "{more}");
    stick.read_by(&moldova);
    waits_for(&moldova, &draft, "title", "Orchid desks in the provinces");
    bundle_for(&moldova, &stick, "Ministry of Arrivals");
    brings(&stick);
    stick.read_by(&niger);
    let none = bundle_for(&niger, &stick, "Diaspora Bureau");
    assert_eq!(none["drafts"], 0, "both hold the same: {none}");
    niger.ask(&["practice", "edit", &draft, "--set", "lessons.en=Written in the desert"]);
    let more = bundle_for(&niger, &stick, "Diaspora Bureau");
    assert!(more["drafts"] == 1 && more["bytes"].as_u64() < Some(2_500), "{more}");
    stick.read_by(&moldova);
    waits_for(&moldova, &draft, "lessons", "Written in the desert");

    // Taken out, Moldova is told so, and nothing that was written since.
    niger.ask(&["practice", "share", &draft, "--without", "Diaspora Bureau"]);
    niger.ask(&["practice", "edit", &draft, "--set", "context.en=In confidence"]);
    bundle_for(&niger, &stick, "Diaspora Bureau");
    stick.read_by(&moldova);
    let kept = shown(&moldova, &draft).expect("what it has it keeps");
    assert_eq!(kept["fields"]["context"], Value::Null, "{kept}");
    brings(&stick);
    at_niger.stop();
    at_moldova.stop();
    knows_nothing_of(&moldova, b"In confidence");
    for desk in [&niger, &moldova, &nepal] {
        assert_eq!(desk.ask(&["check"])["bad"], json!([]));
    }
}

/// Serves, dials nobody but whom it was told of, and writes letters at once.
fn serve_apart(desk: &Desk, at: &[String]) -> Served {
    let mut command = desk.command(&["serve", "--json"]);
    for address in at {
        command.args(["--listen", address]);
    }
    command.env("TERN_NET_DIAL", "saved").env("TERN_NET_MDNS", "false");
    command.env("TERN_DRAFTS_LETTERS_AFTER", "0");
    Served::start(desk, command)
}

/// How an organisation is reached that sees a draft.
fn reach(desk: &Desk, draft: &str, name: &str) -> Value {
    let told = shown(desk, draft).expect("it is there");
    let orgs = told["shared"]["orgs"].as_array().expect("a list");
    let all = std::iter::once(&told["shared"]["owner"]).chain(orgs);
    all.clone().find(|org| org["name"] == name).expect("it sees the draft")["reach"].clone()
}

#[test]
fn two_ministries_that_never_dial_each_other_write_one_draft_through_a_third_that_learns_no_word() {
    let nepal = Desk::founded("Upland Labour Office", "NP", "Bina Example");
    let at_nepal = nepal.serve();
    let joins =
        [("Ministry of Arrivals", "NE", "Awa Example"), ("Diaspora Bureau", "MD", "Ion Example")];
    let [(niger, at_niger), (moldova, at_moldova)] = joins.map(|(org, country, person)| {
        let desk = Desk::empty();
        let words = ["join", &invite(&nepal), "--org", org, "--country", country];
        let joined = desk.ask(&[&words[..], &["--person", person]].concat());
        assert_eq!(joined["state"], "member", "{joined}");
        let served = serve_apart(&desk, &[]);
        (desk, served)
    });
    in_step(&[&at_nepal, &at_niger, &at_moldova]);

    let draft = niger.draft(&practice("Zanzibar orchid desks"));
    niger.ask(&["practice", "share", &draft, "--with", "Diaspora Bureau"]);
    waits_for(&moldova, &draft, "title", "Zanzibar orchid desks");
    moldova.ask(&["practice", "edit", &draft, "--set", "summary.en=Where orchids are counted"]);
    niger.ask(&["practice", "edit", &draft, "--set", "title.en=Orchid desks in the provinces"]);
    for desk in [&niger, &moldova] {
        waits_for(desk, &draft, "title", "Orchid desks in the provinces");
        waits_for(desk, &draft, "summary", "Where orchids are counted");
    }

    // No link led there, and both are told so.
    for (desk, served, other) in
        [(&niger, &at_niger, "Diaspora Bureau"), (&moldova, &at_moldova, "Ministry of Arrivals")]
    {
        let peers = served.status()["peers"].to_string();
        assert!(!peers.contains(other), "{peers}");
        let reach = reach(desk, &draft, other);
        assert!(reach["linked"] == false && reach["heard"].is_string(), "{reach}");
        let told = desk.run(&["practice", "show", &draft]).out;
        assert!(told.contains(&format!("{other} through others, last heard of at")), "{told}");
        let told = desk.run(&["status"]).out;
        assert!(told.contains(&format!("{other} through others")), "{told}");
    }

    // Off for a while, it finds what was written meanwhile.
    let there = at_moldova.addresses();
    at_moldova.stop();
    niger.ask(&["practice", "edit", &draft, "--set", "lessons.en=Written in the desert"]);
    moldova.ask(&["practice", "edit", &draft, "--set", "context.en=Written on the river"]);
    let at_moldova = serve_apart(&moldova, &there);
    for desk in [&niger, &moldova] {
        waits_for(desk, &draft, "lessons", "Written in the desert");
        waits_for(desk, &draft, "context", "Written on the river");
    }

    // Nepal carried it all, and has not a word of it, in no file.
    assert!(shown(&nepal, &draft).is_none());
    at_nepal.stop();
    for words in [&b"orchid"[..], b"Zanzibar", b"in the desert", b"on the river", draft.as_bytes()]
    {
        knows_nothing_of(&nepal, words);
    }
    at_niger.stop();
    at_moldova.stop();
    for desk in [&niger, &moldova, &nepal] {
        assert_eq!(desk.ask(&["check"])["bad"], json!([]));
    }
}
