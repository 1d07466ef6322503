//! Bundles: three organisations that never connect, and one stick that is
//! carried between them; and all that can happen to a stick.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};
use tern_node::bundle::Source;
use tern_protocol::bundle::{Framer, Part, Read};
use tern_protocol::message::Piece;
use tern_protocol::packing::Packed;

use super::federation::invite;
use super::patience::{PATIENCE, output, until};
use super::practices::{practice, rows};
use super::requests::Office;
use super::tern::{Desk, Ran, Served, contents, text};

/// A stick.
pub struct Stick(tempfile::TempDir);

impl Stick {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// Where it is.
    pub fn path(&self) -> &str {
        self.0.path().to_str().expect("text")
    }

    /// The files on it.
    pub fn files(&self) -> Vec<PathBuf> {
        contents(self.0.path()).into_iter().map(|(path, _)| path).collect()
    }

    /// It is written to.
    pub fn written_by(&self, desk: &Desk) -> Value {
        desk.ask(&["bundle", "write", self.path()])
    }

    /// It is read; nothing on it is refused.
    pub fn read_by(&self, desk: &Desk) -> Value {
        let read = desk.ask(&["bundle", "read", self.path()]);
        assert_eq!(read["refused"], json!([]), "{read}");
        read
    }

    /// The stick comes by: it is read, and written to.
    pub fn visits(&self, desk: &Desk) -> Value {
        let read = self.read_by(desk);
        self.written_by(desk);
        read
    }
}

/// A node that nobody reaches; it is asked by commands alone.
fn office(desk: Desk) -> Office {
    Office { desk, served: None, addresses: Vec::new() }
}

/// Organisations that were given invitations, far away from the inviter.
pub fn far_away(inviter: &Desk, who: &[(&str, &str, &str)]) -> Vec<Desk> {
    let invitations: Vec<String> = who.iter().map(|_| invite(inviter)).collect();
    thread::scope(|scope| {
        let joining = who.iter().zip(&invitations).map(|((org, country, person), invitation)| {
            scope.spawn(move || {
                let desk = Desk::empty();
                let words =
                    ["join", invitation, "--org", org, "--country", country, "--person", person];
                let joined = desk.ask(&words);
                assert_eq!(joined["state"], "waiting", "{joined}");
                desk
            })
        });
        let joining: Vec<_> = joining.collect();
        joining.into_iter().map(|one| one.join().expect("it waits")).collect()
    })
}

fn root(desk: &Desk) -> Value {
    desk.ask(&["status"])["public_root"].clone()
}

/// Serves without meeting anybody.
pub fn serve_alone(desk: &Desk) -> Served {
    let mut command = desk.command(&["serve", "--json"]);
    command.env("TERN_MEET_AUTO", "false");
    Served::start(desk, command)
}

#[test]
fn three_who_never_connect_join_publish_ask_and_answer_by_one_stick() {
    let niger = office(Desk::founded("Ministry of Arrivals", "NE", "Awa Example"));
    let others =
        [("Upland Labour Office", "NP", "Bina Example"), ("Diaspora Bureau", "MD", "Ion Example")];
    let [nepal, moldova] = &far_away(&niger.desk, &others).map_to_two();
    let stick = Stick::new();

    // Both ask to be let in, and find themselves members when it comes back.
    for newcomer in [&nepal.desk, &moldova.desk] {
        let written = stick.written_by(newcomer);
        assert_eq!((&written["knocks"], &written["objects"]), (&json!(true), &json!(0)));
    }
    let births = niger.desk.publish(&practice("Registering every birth"));
    let read = stick.visits(&niger.desk);
    assert_eq!(read["knocks"].as_array().map(Vec::len), Some(2), "{read}");
    for newcomer in [&nepal.desk, &moldova.desk] {
        assert_eq!(newcomer.ask(&["status"])["state"], "waiting");
        let read = stick.read_by(newcomer);
        assert_eq!(read["state"], "member");
        assert_eq!(read["knocks"][0]["state"], "elsewhere", "the other's is not for it: {read}");
        assert!(!newcomer.data().join("join.tern").exists(), "the knock is over");
        assert_eq!(newcomer.ask(&["practice", "verify", &births])["verdict"], "accepted");
    }

    // Nepal's expert shows a card, Moldova publishes; Niger asks.
    nepal.shows_card("Bina Example");
    stick.written_by(&nepal.desk);
    moldova.desk.publish(&practice("Voting abroad"));
    stick.visits(&moldova.desk);
    stick.read_by(&niger.desk);
    assert_eq!(niger.desk.ask(&["expert", "list"])["total"], 1);
    let request = niger.asks(json!({}));
    stick.written_by(&niger.desk);

    // Moldova carries what it cannot read, on a stick of its own.
    let second = Stick::new();
    stick.read_by(&moldova.desk);
    assert_eq!(moldova.desk.ask(&["request", "list"])["total"], 0);
    let carried = text(&second.written_by(&moldova.desk)["files"][0]);
    let requests = |desk: &Desk| desk.ask(&["bundle", "show", &carried])["new"]["requests"].clone();
    assert_eq!(requests(&nepal.desk), 1, "looked into before it is read");
    second.read_by(&nepal.desk);
    assert_eq!(requests(&nepal.desk), 0, "it is no news any more");
    nepal.desk.ask(&["request", "accept", &request]);
    second.written_by(&nepal.desk);
    second.read_by(&moldova.desk);
    stick.written_by(&moldova.desk);
    stick.visits(&niger.desk);
    assert_eq!(niger.desk.ask(&["request", "show", &request])["state"], "in_progress");
    stick.visits(&nepal.desk);
    nepal.sees(&request, "in_progress");
    assert_eq!(nepal.answers(&request, &[])["state"], "delivered");
    stick.written_by(&nepal.desk);
    stick.read_by(&niger.desk);
    assert_eq!(niger.sees(&request, "delivered")["answer"]["text"], "quagga-answer");
    niger.desk.ask(&["request", "confirm", &request]);

    // It goes round once more, and all hold the same.
    stick.written_by(&niger.desk);
    for office in [moldova, nepal, &niger, moldova] {
        stick.visits(&office.desk);
    }
    let roots = [&niger, nepal, moldova].map(|office| root(&office.desk));
    assert!(roots[0] == roots[1] && roots[1] == roots[2], "{roots:?}");
    nepal.sees(&request, "confirmed");
    let again = stick.read_by(&nepal.desk);
    assert_eq!(again["new"], 0, "nothing is new the second time: {again}");
    assert_eq!(stick.files().len(), 3, "one file for each writer");
    for office in [&niger, nepal, moldova] {
        assert_eq!(office.desk.ask(&["check"])["bad"], json!([]));
    }
}

/// Two of two.
trait MapToTwo {
    fn map_to_two(self) -> [Office; 2];
}

impl MapToTwo for Vec<Desk> {
    fn map_to_two(self) -> [Office; 2] {
        let offices: Vec<Office> = self.into_iter().map(office).collect();
        offices.try_into().unwrap_or_else(|_| panic!("two"))
    }
}

#[test]
fn nodes_that_run_are_read_to_and_written_from_and_serve_on() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let file = niger.file("rows.jsonl", rows(40));
    niger.ask(&["practice", "import", &file, "--publish"]);
    let [moldova] = &far_away(&niger, &[("Diaspora Bureau", "MD", "Ion Example")])[..] else {
        panic!("one")
    };
    let stick = Stick::new();
    let (served, other) = (serve_alone(&niger), serve_alone(moldova));
    stick.written_by(moldova);
    stick.read_by(&niger);
    until("Niger admits Moldova", PATIENCE, || (served.status()["members"] == 2).then_some(()));
    let written = stick.written_by(&niger);
    let read = stick.read_by(moldova);
    assert!(written["objects"].as_u64() > Some(40), "{written}");
    assert_eq!(read["state"], "member");
    assert_eq!(other.status()["practices"], 40);
    stick.visits(moldova);
    stick.visits(&niger);
    assert_eq!(served.status()["public_root"], other.status()["public_root"]);
    let show = niger.ask(&["bundle", "show", written["files"][0].as_str().expect("a file")]);
    assert_eq!((&show["org"], &show["whole"]), (&json!("Ministry of Arrivals"), &json!(true)));
    assert_eq!((&show["editions"], &show["left_out"]), (&json!(40), &json!(0)));
    let told = niger.run(&["bundle", "show", written["files"][0].as_str().expect("a file")]);
    assert!(told.out.contains("40 editions") && told.out.contains("yes, everything"), "{told:?}");
}

/// Practices of a library that takes some frames of a bundle.
const PRACTICES: usize = 200;

/// A library with some practices, and who may read it.
fn niger_and_a_reader() -> (Desk, Desk) {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let file = niger.file("rows.jsonl", rows(PRACTICES));
    niger.ask(&["practice", "import", &file, "--publish"]);
    let reader = far_away(&niger, &[("Diaspora Bureau", "MD", "Ion Example")]).remove(0);
    let stick = Stick::new();
    stick.written_by(&reader);
    stick.read_by(&niger);
    (niger, reader)
}

/// A read that does not come to a good end: what it says, and what came of it.
fn damaged(desk: &Desk, path: &str) -> (String, Value) {
    let ran = desk.run(&["bundle", "read", path, "--json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = ran.json();
    let message = text(&told["error"]["message"]);
    assert!(ran.err.contains(&format!("tern: {message}")), "{ran:?}");
    assert!(!ran.err.contains("panicked") && message.len() < 400, "{ran:?}");
    (message, told)
}

#[test]
fn of_a_bundle_that_is_cut_or_damaged_what_came_before_stands_and_the_rest_comes_later() {
    let (niger, reader) = niger_and_a_reader();
    let whole = niger.file("niger.bundle", "");
    niger.ask(&["bundle", "write", &whole]);
    let bytes = fs::read(&whole).expect("a bundle");

    let cut = niger.file("cut.bundle", &bytes[..bytes.len() / 2]);
    let (message, told) = damaged(&reader, &cut);
    assert!(message.contains("ends in the middle") && message.contains("copy"), "{message}");
    let before = told["new"].as_u64().expect("a number");
    assert!(before > 0, "{told}");
    let practices = reader.ask(&["status"])["practices"].as_u64().expect("a number");
    assert!((1..PRACTICES as u64).contains(&practices), "{practices}");
    assert_eq!(told["state"], "member", "who may say what comes first");

    let mut flipped = bytes.clone();
    let middle = bytes.len() * 3 / 4;
    flipped[middle] ^= 4;
    let flipped = niger.file("flipped.bundle", flipped);
    let (message, told) = damaged(&reader, &flipped);
    assert!(message.contains("is damaged in frame"), "{message}");
    assert_eq!(told["known"].as_u64(), Some(before), "{told}");
    assert!(told["new"].as_u64() > Some(0), "{told}");
    let show = reader.ask(&["bundle", "show", &flipped]);
    assert_eq!(show["whole"], false, "{show}");

    // Behind the end of one stands another, as after a careless copy.
    let twice = niger.file("twice.bundle", [&bytes[..], &bytes[..]].concat());
    let read = reader.ask(&["bundle", "read", &twice]);
    assert_eq!(read["refused"], json!([]), "{read}");
    assert_eq!(reader.ask(&["status"])["practices"], PRACTICES);
    let again = reader.ask(&["bundle", "read", &whole]);
    assert_eq!(again["new"], 0, "{again}");
    assert_eq!(reader.ask(&["check"])["bad"], json!([]));
}

/// The same bundle with the first edition in it changed, by somebody who knows
/// how bundles are made and has nobody's key.
fn tampered_with(bundle: &Path) -> Vec<u8> {
    let mut source = Source::new(File::open(bundle).expect("a bundle"));
    let header = source.begin().expect("its header");
    let (mut framer, mut bytes) = Framer::begin(&header, source.signed());
    let mut changed = false;
    loop {
        let part = match source.read_on().expect("a whole bundle") {
            Read::Pieces(set, mut pieces) => {
                let first = pieces.iter_mut().find_map(|piece| match piece {
                    Piece::Edition { statement, .. } if !changed => Some(statement),
                    _ => None,
                });
                if let Some(statement) = first {
                    changed = true;
                    let middle = statement.len() / 2;
                    statement[middle] ^= 1;
                }
                Part::Pieces { set, packed: Packed::of(&pieces) }
            }
            Read::Part(part) => part,
            Read::Whole(end) => {
                bytes.extend(framer.part(&Part::End(end)));
                return bytes;
            }
            other => panic!("{other:?}"),
        };
        bytes.extend(framer.part(&part));
    }
}

#[test]
fn what_is_no_bundle_of_this_federation_is_refused_in_one_sentence() {
    let (niger, reader) = niger_and_a_reader();
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let chads = chad.file("chad.bundle", "");
    chad.ask(&["bundle", "write", &chads]);
    let before = root(&niger);
    let says = |words: &[&str], what: &str| {
        let refused = niger.refused(words);
        assert!(text(&refused["message"]).contains(what), "{refused}");
    };
    says(&["bundle", "read", &chads], "another federation");
    assert_eq!(root(&niger), before);
    let letter = niger.file("letter", "Dear colleague");
    says(&["bundle", "read", &letter], "it is no bundle");
    says(&["bundle", "show", &letter], "it is no bundle");
    says(&["bundle", "write", &letter], "left as it is");
    says(&["bundle", "write", &chads], "another node");
    says(&["bundle", "read", "/dev/null"], "is no file");
    says(&["bundle", "read", "/nowhere"], "/nowhere");
    let empty = Stick::new();
    says(&["bundle", "read", empty.path()], "no bundle is in");
    let mut newer = fs::read(&chads).expect("a bundle");
    newer[11] = 3;
    let newer = niger.file("newer", newer);
    says(&["bundle", "read", &newer], "upgrade");
    assert_eq!(fs::read_to_string(&letter).expect("there"), "Dear colleague");

    // What was changed on its way is refused by name, and the others are held.
    let stick = Stick::new();
    let written = stick.written_by(&niger);
    let changed = tampered_with(Path::new(written["files"][0].as_str().expect("a file")));
    let changed = niger.file("changed.bundle", changed);
    let (message, told) = damaged(&reader, &changed);
    assert!(message.contains("was changed after it was written"), "{message}");
    assert_eq!(told["refused"].as_array().map(Vec::len), Some(1), "{told}");
    assert!(text(&told["refused"][0]["id"]).starts_with("tern1r"), "{told}");
    assert_eq!(reader.ask(&["status"])["practices"], PRACTICES - 1);

    // On a stick one bad file is not the others' trouble.
    let folder = Path::new(stick.path()).join("tern");
    let node = text(&chad.ask(&["status"])["node"]);
    fs::copy(&chads, folder.join(format!("{node}.bundle"))).expect("room");
    let pipe = Command::new("mkfifo").arg(folder.join("pipe.bundle")).status();
    assert!(pipe.expect("it runs").success());
    symlink("/dev/zero", folder.join("zero.bundle")).expect("a link");
    let (message, told) = damaged(&reader, stick.path());
    assert!(message.contains("another federation"), "{message}");
    assert_eq!(told["state"], "member", "{told}");
    assert_eq!(reader.ask(&["status"])["practices"], PRACTICES);
}

#[test]
fn a_stick_without_room_keeps_the_bundle_that_was_on_it() {
    let (niger, _) = niger_and_a_reader();
    let stick = Stick::new();
    let served = serve_alone(&niger);
    stick.written_by(&niger);
    let before = contents(stick.0.path());
    // Files of this command may not grow beyond a few blocks.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$@\"";
    let tern = niger.command(&["bundle", "write", stick.path(), "--json"]);
    let mut limited = Command::new("bash");
    limited.args(["-c", script, "bash"]).arg(tern.get_program()).args(tern.get_args());
    limited.stdin(Stdio::null());
    let ran = Ran::from(output(&mut limited));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let message = text(&ran.json()["error"]["message"]);
    assert!(message.contains("no room") && message.contains("--max-bytes"), "{message}");
    assert_eq!(contents(stick.0.path()), before);
    served.stop();
}

#[test]
fn where_there_is_little_room_what_the_others_lack_has_its_turn() {
    let (niger, reader) = niger_and_a_reader();
    let stick = Stick::new();
    let room = "16384";
    let mut trips = 0;
    while reader.ask(&["status"])["practices"] != PRACTICES {
        let written = niger.ask(&["bundle", "write", stick.path(), "--max-bytes", room]);
        assert!(written["bytes"].as_u64() <= Some(16_384), "{written}");
        let file = written["files"][0].as_str().expect("a file").to_owned();
        assert_eq!(
            fs::metadata(file).expect("there").len(),
            written["bytes"].as_u64().unwrap_or(0)
        );
        stick.read_by(&reader);
        stick.written_by(&reader);
        trips += 1;
        assert!(trips < 12, "every trip brings something: {written}");
    }
    assert!(trips > 1, "it was little room");
    let all = stick.written_by(&niger);
    assert_eq!(all["left_out"], 0, "{all}");
    stick.visits(&reader);
    stick.read_by(&niger);
    assert_eq!(root(&reader), root(&niger));
}

#[test]
fn of_a_writer_whose_later_bundle_was_read_an_older_one_is_passed_over() {
    let (niger, reader) = niger_and_a_reader();
    let (old, new) = (Stick::new(), Stick::new());
    old.written_by(&niger);
    niger.publish(&practice("Registering every birth"));
    new.written_by(&niger);
    assert!(new.read_by(&reader)["new"].as_u64() > Some(0));
    let passed = old.read_by(&reader);
    assert_eq!(passed["files"][0]["older"], true, "{passed}");
    assert_eq!((&passed["new"], &passed["known"]), (&json!(0), &json!(0)));
    // By name it is read all the same.
    let file = old.files().remove(0);
    let read = reader.ask(&["bundle", "read", file.to_str().expect("text")]);
    assert!(read["known"].as_u64() > Some(PRACTICES as u64), "{read}");
    // Its own bundle is nothing that a node reads on a stick.
    let own = old.read_by(&niger);
    assert_eq!(own["files"], json!([]), "{own}");
}

#[test]
fn a_knock_is_refused_by_the_same_rules_as_on_a_link() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let invitation = invite(&niger);
    let desks = thread::scope(|scope| {
        let join = |org: &'static str| {
            let invitation = &invitation;
            scope.spawn(move || {
                let desk = Desk::empty();
                desk.ask(&["join", invitation, "--org", org, "--country", "TD"]);
                desk
            })
        };
        [join("Civil registry of Chad"), join("Somebody else")].map(|one| one.join().expect("so"))
    });
    let files = desks.each_ref().map(|desk| {
        let file = desk.file("knock.bundle", "");
        desk.ask(&["bundle", "write", &file]);
        file
    });
    let read = niger.ask(&["bundle", "read", &files[0]]);
    assert_eq!(read["knocks"][0]["name"], "Civil registry of Chad", "{read}");
    assert_eq!(read["knocks"][0]["state"], "waiting", "{read}");
    let late = niger.ask(&["bundle", "read", &files[1]]);
    assert_eq!(late["knocks"][0]["state"], "refused", "{late}");
    assert!(text(&late["knocks"][0]["reason"]).contains("used already"), "{late}");
    assert_eq!(niger.ask(&["status"])["members"], 2);
    File::open(&files[1]).expect("it is still there");
}
