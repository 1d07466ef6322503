//! What is sent to somebody who helps names nobody and no place.

use super::*;

/// Whatever names somebody or leads somewhere.
const NAMES: [&str; 10] = [
    "Ministry of Arrivals",
    "Awa Example",
    "Upland Labour Office",
    "Bina Example",
    "hamatou",
    "births",
    "hub.example.org",
    "127.0.0.1",
    "tern1",
    "12D3Koo",
];

fn names_nobody(desk: &Desk, file: &str) -> serde_json::Value {
    let written = fs::read_to_string(file).expect("a file");
    let data = desk.data().display().to_string();
    let token = fs::read_to_string(desk.data().join("api-token")).unwrap_or_else(|_| data.clone());
    for name in NAMES.into_iter().chain([data.as_str(), token.trim()]) {
        let line = written.lines().find(|line| line.contains(name));
        assert_eq!(line, None, "{name}");
    }
    serde_json::from_str(&written).expect("one document")
}

#[test]
fn a_support_file_names_nobody_and_is_never_written_over_another() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    niger.ask(&["account", "add", "hamatou", "--person", "Hama Tou"]);
    fs::write(niger.data().join("tern.toml"), "hosts = [\"hub.example.org\"]\n").expect("room");
    niger.publish(&practice("Registering births at the border"));
    let served = niger.serve();
    let (_nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    in_step(&[&served, &at_nepal]);
    niger.ask(&["peers", "add", "/ip4/192.0.2.7/tcp/4480"]);
    let path = niger.data().with_file_name("running.json");
    let file = path.to_str().expect("text").to_owned();
    niger.ask(&["support", &file]);
    let told = names_nobody(&niger, &file);
    assert_eq!(told["settings"]["hosts"], "1 left out");
    assert_eq!(told["status"]["practices"], 1);
    assert_eq!(told["doctor"].as_array().map(Vec::len), Some(tern_node::doctor::CHECKS.len()));
    assert!(text(&told["log"]).contains("standard error"), "{}", told["log"]);
    let figures = told["metrics"].as_array().expect("lines");
    assert!(figures.iter().any(|line| line == "tern_members 2"), "{figures:?}");
    assert!(!fs::read_to_string(&file).expect("a file").contains("192.0.2.7"));

    let refused = niger.refused(&["support", &file]);
    assert_eq!(refused["code"], "conflict", "{refused}");
    served.stop();

    let journal = journal(&niger);
    let mut damaged = fs::read(&journal).expect("a journal");
    // The head of a journal that no version wrote.
    damaged[12] ^= 8;
    fs::write(&journal, damaged).expect("room");
    let path = niger.data().with_file_name("closed.json");
    let file = path.to_str().expect("text").to_owned();
    niger.ask(&["support", &file]);
    let told = names_nobody(&niger, &file);
    assert!(told.get("status").is_none(), "{told}");
    assert!(fs::read_to_string(&file).expect("a file").contains("does not open"), "{told}");
}
