//! Bundles for one office alone, which couriers carry unread, and bundles in
//! several files.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::bundles::{Stick, far_away};
use super::practices::{practice, rows};
use super::requests::Office;
use super::tern::{Desk, text};

/// Practices of the library.
const PRACTICES: usize = 200;

/// Niger with a library, and two members that have met it by stick alone and hold
/// none of it.
fn niger_moldova_and_nepal() -> (Desk, Desk, Desk) {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let others =
        [("Diaspora Bureau", "MD", "Ion Example"), ("Upland Labour Office", "NP", "Bina Example")];
    let mut others = far_away(&niger, &others);
    let stick = Stick::new();
    others.iter().for_each(|other| drop(stick.written_by(other)));
    stick.visits(&niger);
    others.iter().for_each(|other| drop(stick.read_by(other)));
    let file = niger.file("rows.jsonl", rows(PRACTICES));
    niger.ask(&["practice", "import", &file, "--publish"]);
    let nepal = others.remove(1);
    (niger, others.remove(0), nepal)
}

/// How many practices it holds.
fn practices(desk: &Desk) -> u64 {
    number(&desk.ask(&["status"]), "practices")
}

fn root(desk: &Desk) -> Value {
    desk.ask(&["status"])["public_root"].clone()
}

fn number(answer: &Value, member: &str) -> u64 {
    answer[member].as_u64().unwrap_or_else(|| panic!("no {member}: {answer}"))
}

/// What one office writes for another, on a stick.
fn writes_for(desk: &Desk, stick: &Stick, reader: &str) -> Value {
    desk.ask(&["bundle", "write", stick.path(), "--for", reader])
}

#[test]
fn what_is_for_one_office_is_carried_unread_and_is_small_where_little_changed() {
    let (niger, moldova, nepal) = niger_moldova_and_nepal();
    let stick = Stick::new();
    let first = writes_for(&niger, &stick, "Diaspora Bureau");
    assert_eq!(first["for"], "Diaspora Bureau");
    assert!(number(&first, "objects") >= PRACTICES as u64, "{first}");
    let file = text(&first["files"][0]);
    let show = nepal.ask(&["bundle", "show", &file]);
    assert_eq!((&show["sealed"], &show["whole"]), (&json!(true), &json!(true)), "{show}");

    // Nepal carries it: it is passed over, and said for whom it is.
    let before = root(&nepal);
    let carried = stick.read_by(&nepal);
    assert_eq!(
        (&carried["files"][0]["for"], &carried["new"]),
        (&json!("Diaspora Bureau"), &json!(0))
    );
    assert_eq!(root(&nepal), before);
    let told = nepal.run(&["bundle", "read", &file]);
    assert!(told.code == Some(0) && told.out.contains("it is for Diaspora Bureau"), "{told:?}");

    // Moldova reads it, and answers for Niger alone.
    assert!(number(&stick.read_by(&moldova), "new") >= PRACTICES as u64);
    assert_eq!(practices(&moldova), practices(&niger));
    let back = writes_for(&moldova, &stick, "Ministry of Arrivals");
    assert!(number(&back, "objects") < 5 && number(&back, "known") > 0, "{back}");
    stick.read_by(&niger);

    // One new practice, and one visit more: about as much as that.
    let births = niger.publish(&practice("Registering every birth"));
    let second = writes_for(&niger, &stick, "Diaspora Bureau");
    assert!(number(&second, "objects") < 5, "{second}");
    assert!(number(&second, "known") >= PRACTICES as u64, "{second}");
    assert!(number(&second, "bytes") < 3_000, "{second}");
    stick.read_by(&moldova);
    assert_eq!(moldova.ask(&["practice", "verify", &births])["verdict"], "accepted");
    let third = writes_for(&moldova, &stick, "Ministry of Arrivals");
    assert!(number(&third, "bytes") < 1_500, "{third}");
    stick.read_by(&niger);
    assert_eq!(root(&moldova), root(&niger));

    // What is for all holds all, whatever somebody has: Nepal reads it.
    let all = stick.written_by(&niger);
    assert!(number(&all, "objects") > PRACTICES as u64, "{all}");
    stick.read_by(&nepal);
    assert_eq!(practices(&nepal), practices(&niger));
}

#[test]
fn an_office_that_lost_what_it_read_is_written_all_of_it_again() {
    let (niger, moldova, _) = niger_moldova_and_nepal();
    let backup = moldova.file("backup.tern", "");
    fs::remove_file(&backup).expect("it is there");
    moldova.ask(&["backup", &backup]);
    let stick = Stick::new();
    writes_for(&niger, &stick, "Diaspora Bureau");
    stick.read_by(&moldova);
    writes_for(&moldova, &stick, "Ministry of Arrivals");
    stick.read_by(&niger);
    assert!(number(&writes_for(&niger, &stick, "Diaspora Bureau"), "objects") < 5);

    let restored = Desk::empty();
    restored.ask(&["restore", &backup]);
    assert_eq!(restored.ask(&["status"])["practices"], 0);
    // What lies there rests on what it does not remember; it says what it has.
    stick.read_by(&restored);
    writes_for(&restored, &stick, "Ministry of Arrivals");
    stick.read_by(&niger);
    let again = writes_for(&niger, &stick, "Diaspora Bureau");
    assert!(number(&again, "objects") >= PRACTICES as u64, "{again}");
    stick.read_by(&restored);
    assert_eq!(root(&restored), root(&niger));
}

#[test]
fn nothing_is_written_for_who_is_nobody_and_what_was_changed_on_the_way_is_not_read() {
    let (niger, moldova, _) = niger_moldova_and_nepal();
    let file = niger.file("for.bundle", "");
    let refuses = |reader: &str, what: &str| {
        let refused = niger.refused(&["bundle", "write", &file, "--for", reader]);
        assert!(text(&refused["message"]).contains(what), "{refused}");
    };
    refuses("Nobody", "no node of a member");
    refuses("Ministry of Arrivals", "the node itself");
    let node = text(&moldova.ask(&["status"])["node"]);
    niger.ask(&["bundle", "write", &file, "--for", &node]);
    let bytes = fs::read(&file).expect("a bundle");
    for (name, at) in [("first", 700), ("middle", bytes.len() / 2)] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let changed = niger.file(name, changed);
        let ran = moldova.run(&["bundle", "read", &changed, "--json"]);
        let told = ran.json();
        let message = text(&told["error"]["message"]);
        assert!(ran.code == Some(1) && message.contains("is damaged in frame"), "{ran:?}");
        assert_eq!(told["refused"], json!([]), "{told}");
    }
    let cut = niger.file("cut", &bytes[..bytes.len() * 3 / 4]);
    assert_eq!(moldova.run(&["bundle", "read", &cut]).code, Some(1));
    // Of another federation not even for whom it is matters.
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let refused = chad.refused(&["bundle", "read", &file]);
    assert!(text(&refused["message"]).contains("another federation"), "{refused}");
    moldova.ask(&["bundle", "read", &file]);
    assert_eq!(practices(&moldova), practices(&niger));
}

#[test]
fn whoever_looks_into_a_bundle_learns_what_would_be_new_and_nothing_changes() {
    let (niger, moldova, nepal) = niger_moldova_and_nepal();
    let file = niger.file("for.bundle", "");
    niger.ask(&["bundle", "write", &file, "--for", "Diaspora Bureau"]);
    let before = root(&moldova);
    let shown = moldova.ask(&["bundle", "show", &file]);
    let new = &shown["new"];
    assert_eq!((&new["editions"], &new["refused"]), (&json!(PRACTICES), &json!(0)), "{shown}");
    let titles = new["titles"].as_array().expect("titles");
    assert_eq!(titles.len(), 10);
    assert!(text(&titles[0]).starts_with("Registering births in district"), "{titles:?}");
    let told = moldova.run(&["bundle", "show", &file]).out;
    assert!(told.contains("200 editions") && told.contains("district"), "{told}");
    assert_eq!(root(&moldova), before);
    // A courier is not told, nor who has no node at all.
    assert_eq!(nepal.ask(&["bundle", "show", &file])["new"], Value::Null);
    assert_eq!(Desk::empty().ask(&["bundle", "show", &file])["new"], Value::Null);

    moldova.ask(&["bundle", "read", &file]);
    let shown = moldova.ask(&["bundle", "show", &file]);
    assert_eq!((&shown["new"]["editions"], &shown["new"]["titles"]), (&json!(0), &json!([])));
    assert!(moldova.run(&["bundle", "show", &file]).out.contains("nothing"), "{shown}");
    assert_eq!(moldova.ask(&["bundle", "read", &file])["new"], 0, "looking took nothing in");
}

#[test]
fn volumes_are_read_alone_in_any_order_and_twice() {
    let (niger, moldova, nepal) = niger_moldova_and_nepal();
    let path = niger.file("niger.bundle", "");
    let write = |most: &str, more: &[&str]| {
        let words = [&["bundle", "write", &path, "--max-bytes", most, "--volumes"], more].concat();
        niger.ask(&words)
    };
    write("8192", &[]);
    let written = write("16384", &[]);
    let files: Vec<String> = written["files"].as_array().expect("files").iter().map(text).collect();
    assert!(files.len() > 2, "{written}");
    assert_eq!(written["left_out"], 0);
    let folder = Path::new(&path).parent().expect("a folder");
    let beside = fs::read_dir(folder)
        .expect("readable")
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("niger.bundle."));
    assert_eq!(beside.count(), files.len(), "none of the smaller ones before is left");
    for file in &files {
        assert!(fs::metadata(file).expect("there").len() <= 16_384, "{file}");
    }
    let mut before = 0;
    for (at, file) in files.iter().enumerate().rev() {
        let read = moldova.ask(&["bundle", "read", file]);
        assert_eq!(read["refused"], json!([]), "alone: {read}");
        let now = practices(&moldova);
        assert!(now > before, "{now}");
        before = now;
        let missing: Vec<usize> = (1..=at).collect();
        let told = &read["volumes"][0]["missing"];
        assert!(at == 0 || *told == json!(missing), "{read}");
        assert_eq!(moldova.ask(&["bundle", "read", file])["new"], 0, "twice");
    }
    assert_eq!(practices(&moldova), practices(&niger));
    let show = |file: &str| nepal.ask(&["bundle", "show", file]);
    assert_eq!(show(&files[0])["missing"], json!([]));
    fs::remove_file(&files[1]).expect("it is there");
    let shown = show(&files[0]);
    assert_eq!((&shown["volume"], &shown["missing"]), (&json!(1), &json!([2])), "{shown}");

    // For one office, too.
    let written = write("16384", &["--for", "Upland Labour Office"]);
    for file in written["files"].as_array().expect("files").iter().map(text) {
        nepal.ask(&["bundle", "read", &file]);
    }
    assert_eq!(practices(&nepal), practices(&niger));
}

/// The codes of a request, as somebody types them: in another order, and some twice.
fn codes(desk: &Desk, request: &str) -> Vec<String> {
    let made = desk.ask(&["request", "qr", request]);
    let mut codes: Vec<String> =
        made["codes"].as_array().expect("codes").iter().map(text).collect();
    println!("{} bytes in {} codes", made["bytes"], codes.len());
    assert!(codes.iter().all(|code| code.len() <= 1_000), "each fits a QR code: {codes:?}");
    codes.reverse();
    codes.push(codes[0].to_ascii_uppercase());
    codes
}

fn types(desk: &Desk, codes: &[String]) -> Value {
    let words: Vec<&str> = codes.iter().map(String::as_str).collect();
    desk.ask(&[&["bundle", "read", "--code"][..], &words].concat())
}

#[test]
fn a_request_its_acceptance_and_its_answer_go_as_codes_between_two_that_never_connect() {
    let (niger, _, nepal) = niger_moldova_and_nepal();
    let [niger, nepal] =
        [niger, nepal].map(|desk| Office { desk, served: None, addresses: Vec::new() });
    nepal.shows_card("Bina Example");
    let stick = Stick::new();
    stick.written_by(&nepal.desk);
    stick.read_by(&niger.desk);
    let request = niger.asks(json!({}));

    let asked = codes(&niger.desk, &request);
    let lacking = nepal.desk.run(&["bundle", "read", "--code", &asked[0]]);
    assert!(lacking.code == Some(1) && lacking.err.contains("not there yet"), "{lacking:?}");
    let read = types(&nepal.desk, &asked);
    assert_eq!((&read["new"], &read["refused"]), (&json!(1), &json!([])), "{read}");
    assert_eq!(read["from"], "Ministry of Arrivals");
    let again = types(&nepal.desk, &asked);
    assert_eq!((&again["new"], &again["known"]), (&json!(0), &json!(1)), "{again}");
    assert_eq!(nepal.desk.ask(&["request", "show", &request])["state"], "proposed");

    nepal.desk.ask(&["request", "accept", &request]);
    types(&niger.desk, &codes(&nepal.desk, &request));
    assert_eq!(niger.desk.ask(&["request", "show", &request])["state"], "in_progress");
    types(&nepal.desk, &codes(&niger.desk, &request));
    assert_eq!(nepal.answers(&request, &[])["state"], "delivered");
    types(&niger.desk, &codes(&nepal.desk, &request));
    assert_eq!(niger.sees(&request, "delivered")["answer"]["text"], "quagga-answer");

    // Shown for people, and refused where it cannot be read.
    let shown = niger.desk.run(&["request", "qr", &request]).out;
    assert!(shown.contains("Code 1 of ") && shown.contains('\u{2588}'), "{shown}");
    let stranger = Desk::founded("Another Hub", "FR", "Zoe Example");
    let refused = stranger.run(
        &[&["bundle", "read", "--code"][..], &asked.iter().map(String::as_str).collect::<Vec<_>>()]
            .concat(),
    );
    assert!(refused.err.contains("another federation"), "{refused:?}");
}
