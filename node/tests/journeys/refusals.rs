//! Bad input: each is refused with one sentence, and nothing is lost.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use serde_json::{Value, json};

use super::federation::{in_step, invite, joined};
use super::patience::output;
use super::practices::{practice, rows};
use super::tern::{Desk, Ran, refusal, text};

/// Asserts that a command is refused with this code, in words that say this.
fn refuses(desk: &Desk, words: &[&str], code: &str, says: &str) {
    let error = desk.refused(words);
    let message = text(&error["message"]);
    assert_eq!(error["code"], code, "{words:?}: {error}");
    assert!(message.contains(says), "{words:?}: `{message}` does not say `{says}`");
}

/// Asserts that a command line is wrong usage, and says why.
fn misused(desk: &Desk, words: &[&str], says: &str) {
    let ran = desk.run(words);
    assert_eq!(ran.code, Some(2), "{words:?}: {ran:?}");
    assert!(ran.out.is_empty() && ran.err.contains(says), "{words:?}: {ran:?}");
}

/// Does the same with the node stopped, and while it serves.
fn stopped_and_served(desk: &Desk, check: impl Fn()) {
    check();
    let served = desk.serve();
    check();
    served.stop();
}

#[test]
fn ids_that_name_nothing_or_something_else() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let id = chad.publish(&practice("Registering every birth"));
    let draft = chad.draft(&practice("A second one"));
    let members = chad.ask(&["members"]);
    let (org, node) = (text(&members["items"][0]["id"]), text(&members["items"][0]["nodes"][0]));
    let mut mistyped = id.clone().into_bytes();
    mistyped[20] = if mistyped[20] == b'q' { b'p' } else { b'q' };
    let mistyped = String::from_utf8(mistyped).expect("text");
    stopped_and_served(&chad, || {
        for command in ["show", "history", "verify"] {
            refuses(&chad, &["practice", command, "births"], "invalid", "too short for an id");
            for other in [&org, &node, &mistyped, &format!("{id}q"), "no such practice"] {
                refuses(&chad, &["practice", command, other], "not-found", "is held here");
            }
        }
        for command in ["history", "verify"] {
            refuses(&chad, &["practice", command, &draft], "not-found", "is held here");
        }
        refuses(&chad, &["practice", "diff", &id, "1", "7"], "not-found", "no edition 7");
        refuses(&chad, &["practice", "show", &id, "--edition", "7"], "not-found", "no edition 7");
        refuses(
            &chad,
            &["practice", "edit", &org, "--set", "title=x"],
            "not-found",
            "is held here",
        );
        for other in [&id, &org, &mistyped] {
            refuses(&chad, &["practice", "publish", other, "--note", "x"], "not-found", "no draft");
        }
        refuses(&chad, &["meet", &id], "not-found", "no peer");
        refuses(&chad, &["approve", &id], "not-found", "waits for approval here");
        refuses(
            &chad,
            &["practice", "list", "--as", "nobody", "--drafts"],
            "not-found",
            "there is no account `nobody` here",
        );
        assert_eq!(text(&chad.ask(&["practice", "show", &id[..20]])["id"]), id, "a prefix does");
        assert_eq!(chad.ask(&["practice", "list", "--drafts"])["total"], 1);
    });
}

#[test]
fn fields_and_files_that_are_none() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let id = chad.publish(&practice("Registering every birth"));
    let long = "x".repeat(5 * 1024 * 1024);
    let changed = |key: &str, value: Value| {
        let mut changed = practice("Another");
        changed[key] = value;
        changed
    };
    let files = [
        (changed("sumary", json!("x")).to_string(), "did you mean `summary`?"),
        (changed("kind", json!("nonsense")).to_string(), "`nonsense` is no known kind of practice"),
        (changed("primary_objectives", json!([24])).to_string(), "24 is no objective"),
        (changed("countries", json!(["Niger"])).to_string(), "countries"),
        (changed("title", json!(7)).to_string(), "title: "),
        (changed("start", json!("soon")).to_string(), "start: "),
        (changed("title", json!("x".repeat(151))).to_string(), "at most 150 fit"),
        (changed("summary", json!(long)).to_string(), ""),
        ("[1, 2]".to_owned(), "does not hold one practice"),
        (rows(2), "no JSON"),
        (r#"{"title": "#.to_owned(), "no JSON"),
        (format!("{}{}", "[".repeat(200_000), "]".repeat(200_000)), "no JSON"),
        (String::new(), "no JSON"),
    ];
    stopped_and_served(&chad, || {
        for (content, says) in &files {
            let file = chad.file("bad.json", content);
            let error = chad.refused(&["practice", "draft", &file]);
            assert!(text(&error["message"]).contains(says), "{says}: {error}");
        }
        let binary = chad.file("bad.json", [0xff, 0xfe, 0x00]);
        let refused = chad.refused(&["practice", "draft", &binary]);
        assert!(text(&refused["message"]).contains("bad.json"), "{refused}");
        let word = chad.file("practice.docm", "x");
        refuses(
            &chad,
            &["practice", "draft", &word],
            "unsupported",
            "save it as XLSX, CSV (UTF-8), JSON",
        );
        refuses(
            &chad,
            &["practice", "draft", "/nowhere.json"],
            "not-found",
            "cannot read /nowhere.json",
        );
        let edit = ["practice", "edit", &id, "--set", "sumary=x"];
        refuses(&chad, &edit, "invalid", "did you mean `summary`?");
        let drafts = chad.ask(&["practice", "list", "--drafts"]);
        assert_eq!(drafts["total"], 0, "what is refused leaves nothing behind");
    });
}

#[test]
fn rows_that_cannot_be_taken_in_are_named_and_the_others_are() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let huge = practice(&"x".repeat(5 * 1024 * 1024)).to_string();
    let unknown = r#"{"title": "Some title", "colour": "red"}"#;
    let bare = r#"{"title": "Some title without a summary"}"#;
    let lines = format!("{}{unknown}\nnonsense\n{huge}\n{bare}\n{}", rows(2), rows(3));
    let file = chad.file("rows.jsonl", lines);
    stopped_and_served(&chad, || {
        let imported = chad.ask(&["practice", "import", &file, "--publish", "--note", "First"]);
        let reasons: Vec<(u64, String)> = imported["skipped"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|skipped| (skipped["row"].as_u64().expect("a number"), text(&skipped["reason"])))
            .filter(|(_, reason)| reason != "known")
            .collect();
        let rows: Vec<u64> = reasons.iter().map(|(row, _)| *row).collect();
        assert_eq!(rows, [3, 4, 5, 6], "{imported}");
        for ((row, reason), says) in reasons.iter().zip(["colour", "JSON", "at most", "summary"]) {
            assert!(reason.contains(says), "row {row}: {reason}");
        }
        assert_eq!(chad.ask(&["status"])["practices"], 3, "equal rows are one practice");
    });
}

#[test]
fn equal_rows_are_one_practice_whoever_brings_them_at_the_same_time() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let served = chad.serve();
    let row = |row: u64| json!({ "row": row, "key": "ab".repeat(32), "practice": practice("One") });
    let import = json!({
        "op": "practice-import", "rows": [row(1), row(2)], "publish": true, "note": "First",
    });
    let imported: Vec<Value> = std::thread::scope(|scope| {
        let asks = [(); 3].map(|()| scope.spawn(|| served.answer(&import)));
        asks.map(|ask| ask.join().expect("asked")).into()
    });
    let new: u64 = imported.iter().filter_map(|answer| answer["imported"].as_u64()).sum();
    assert_eq!(new, 1, "{imported:?}");
    assert_eq!(served.status()["practices"], 1);
    let refused = served.operate(&json!({ "op": "practice-import", "rows": [
        { "row": 1, "key": "short", "practice": practice("Two") },
    ]}));
    assert_eq!(refused.expect("answers").status, 422);
}

#[test]
fn a_list_of_drafts_is_as_long_as_asked_and_goes_on() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let file = chad.file("rows.jsonl", rows(5));
    chad.ask(&["practice", "import", &file]);
    let first = chad.ask(&["practice", "list", "--drafts", "--limit", "3"]);
    let next = text(&first["next"]);
    let second = chad.ask(&["practice", "list", "--drafts", "--limit", "3", "--after", &next]);
    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().expect("items").iter().map(|item| text(&item["id"])).collect()
    };
    let (mut all, rest) = (ids(&first), ids(&second));
    assert_eq!(
        (all.len(), rest.len(), &second["next"], &first["total"]),
        (3, 2, &Value::Null, &json!(5))
    );
    all.extend(rest);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 5);
    let after = ["practice", "list", "--drafts", "--after", "nonsense"];
    refuses(&chad, &after, "invalid", "begin it again");
}

#[test]
fn ports_and_folders_in_use() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let port = || TcpListener::bind("127.0.0.1:0").expect("a port");
    let (pages, tcp) = (port(), port());
    let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let http = pages.local_addr().expect("an address").to_string();
    let over_tcp = format!("/ip4/127.0.0.1/tcp/{}", tcp.local_addr().expect("an address").port());
    let over_quic =
        format!("/ip4/127.0.0.1/udp/{}/quic-v1", udp.local_addr().expect("an address").port());
    refuses(&chad, &["serve", "--http", &http], "in-use", "choose another port with --http");
    refuses(&chad, &["serve", "--listen", &over_tcp], "in-use", "listen on another port");
    refuses(&chad, &["serve", "--listen", &over_quic], "in-use", "listen on another port");
    drop(pages);

    let served = chad.serve();
    refuses(&chad, &["serve"], "in-use", "in use by another tern process");
    let found = ["init", "--org", "Somebody else", "--country", "NE"];
    refuses(&chad, &found, "in-use", "in use by another tern process");
    assert_eq!(served.status()["org"], "Civil registry of Chad");
    served.stop();
    refuses(&chad, &found, "conflict", "holds a node already");
    let join = ["join", &invite(&chad), "--org", "Somebody else", "--country", "NE"];
    refuses(&chad, &join, "conflict", "holds a node already");
}

#[test]
fn settings_that_are_none() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let settings = chad.data().join("tern.toml");
    let refusals = [
        ("http = ", "tern.toml line 1: this is not TOML"),
        (
            "\n\nhtp = \"127.0.0.1:1\"",
            "tern.toml line 3: `htp` is no setting; did you mean `http`?",
        ),
        ("[net]\nlisten = [\"here\"]", "tern.toml line 2: `net.listen`: `here` is not an address"),
        ("http = 8480", "this setting is a text in quotes, not a number"),
        ("[log]\nlevel = \"loud\"", "`loud` is no level"),
        ("hosts = [\"http://tern.example\"]", "write it without http://"),
    ];
    for (content, says) in refusals {
        std::fs::write(&settings, content).expect("room");
        for words in [&["status"][..], &["serve"], &["config", "check"]] {
            refuses(&chad, words, "invalid", says);
        }
    }
    std::fs::remove_file(settings).expect("removed");
    let mut command = chad.command(&["status", "--json"]);
    let ran: Ran = output(command.env("TERN_MEET_AUTO", "perhaps")).into();
    let error = refusal(ran, &["status"]);
    assert!(text(&error["message"]).contains("TERN_MEET_AUTO"), "{error}");
    assert_eq!(chad.ask(&["status"])["members"], 1);
}

#[test]
fn folders_without_a_node_and_lines_without_sense() {
    let nobody = Desk::empty();
    for words in [&["status"][..], &["practice", "list"], &["invite"], &["check"]] {
        refuses(&nobody, words, "not-found", "there is no node in");
    }
    assert!(!nobody.data().exists(), "looking makes no folder");
    let join = |invitation: &str| {
        let words = ["join", invitation, "--org", "Somebody", "--country", "NE"];
        refuses(&nobody, &words, "invalid", "copy it again whole");
    };
    join("tern1jqqqq");
    join("hello");
    let long = nobody.file("long", "x".repeat(70_000));
    let words = ["join", &long, "--org", "Somebody", "--country", "NE"];
    refuses(&nobody, &words, "too-large", "too long to be an invitation");
    misused(&nobody, &["practise", "list"], "'practice'");
    misused(&nobody, &["init", "--org", "Somebody"], "--country");
    misused(&nobody, &["init", "--org", "Somebody", "--country", "Niger"], "two letters");
    misused(&nobody, &["search", "x", "--objective", "24"], "24");
    misused(&nobody, &["serve", "--http", "here"], "127.0.0.1:8480");
    misused(&nobody, &["peers", "add", "here"], "is not an address");
    let found = ["init", "--org", "Somebody", "--country", "ZQ"];
    refuses(&nobody, &found, "invalid", "`ZQ` is no country");
    nobody.ask(&["init", "--org", "Somebody", "--country", "NE"]);
}

/// Opens a connection, says something and reads what comes until it ends.
fn say(address: SocketAddr, words: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a socket");
    // It may hang up before everything is said.
    let _ = stream.write_all(words);
    let mut heard = Vec::new();
    let _ = stream.take(64 * 1024).read_to_end(&mut heard);
    heard
}

#[test]
fn a_node_outlives_whatever_strangers_say_to_its_ports() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    niger.publish(&practice("Registering every birth"));
    let tcp = at_niger.tcp();
    let port = tcp.rsplit('/').find_map(|part| part.parse::<u16>().ok()).expect("a port");
    let peers: SocketAddr = ([127, 0, 0, 1], port).into();
    let pages: SocketAddr = at_niger.http()["http://".len()..].parse().expect("an address");
    let noise: Vec<u8> =
        (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let select = b"\x13/multistream/1.0.0\n";
    let sayings: [&[u8]; 9] = [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        &noise,
        &[0xff; 64],
        &[0; 4096],
        select,
        b"\x13/multistream/1.0.0\n\x07/noise\n\xff\xff\xff\xff",
        b"POST /api/v1/operations HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99999999\r\n\r\n{",
        b"GET /practices/%ff%00?q=\xff HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    ];
    // Some stay, and say no more.
    let silent: Vec<TcpStream> =
        [peers, pages].map(|address| TcpStream::connect(address).expect("somebody listens")).into();
    for words in sayings {
        say(peers, words);
        say(pages, words);
    }
    let deep = format!("{{\"operation\":{}", "[".repeat(100_000));
    for body in [
        deep.as_str(),
        "{}",
        "null",
        r#"{"operation":{"op":"explode"}}"#,
        r#"{"operation":{"op":"status","x":1}}"#,
    ] {
        let answer = at_niger.post(body).expect("answers");
        assert_eq!(answer.status, 422, "{body:.40}: {}", answer.body);
    }
    let refused = super::http::ask(&pages.to_string(), "POST", "/api/v1/operations", &[], "{}");
    assert_eq!(refused.expect("answers").status, 401);
    drop(silent);
    let (_nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    in_step(&[&at_niger, &at_nepal]);
    assert_eq!(at_nepal.status()["practices"], 1);
    assert!(!at_niger.log().contains("panicked"), "{}", at_niger.log());
    at_niger.stop();
    at_nepal.stop();
}
