//! What a command says to the world: streams, exit codes, refusals.

use serde_json::json;

use crate::library::{Libraries, founded, tern};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_ends_with_2_and_with_advice() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let process = Libraries::default();
    let ran = tern(&process, &data, &["practise", "list"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("similar subcommands exist: 'charter', 'practice'"), "{}", ran.err);
    let ran = tern(&process, &data, &["practise", "--json"]).await;
    assert_eq!(ran.code, 2);
    let error = &ran.json()["error"];
    assert_eq!(error["code"], "usage");
    assert!(error["message"].as_str().is_some_and(|told| told.contains("'practice'")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn help_and_version_are_answers() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let process = Libraries::default();
    let ran = tern(&process, &data, &["practice", "--help"]).await;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("import"), "{}", ran.out);
    let ran = tern(&process, &data, &["version", "--json"]).await;
    assert_eq!(ran.json(), json!({ "version": env!("CARGO_PKG_VERSION") }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_names_what_is_linked_into_it_and_under_which_licence() {
    let nowhere = std::path::Path::new("/nonexistent");
    let process = Libraries::default();
    let ran = tern(&process, nowhere, &["version", "--licences"]).await;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let line = |name: &str| ran.out.lines().find(|line| line.starts_with(name)).expect("a line");
    assert!(line("sled 0.34.7 ").ends_with("  MIT OR Apache-2.0"), "{}", ran.out);
    assert!(line("aws-lc-sys ").ends_with("MIT-0)"), "a long expression is whole: {}", ran.out);
    let told = tern(&process, nowhere, &["version", "--licences", "--json"]).await.json();
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    let linked = told["licences"].as_array().expect("a list");
    assert_eq!(linked.len() + 2, ran.out.lines().count());
    assert!(
        linked.contains(&json!({ "name": "automerge", "version": "0.12.0", "licence": "MIT" }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_one_sentence_and_with_json_one_document() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let process = Libraries::default();
    let ran = tern(&process, &data, &["practice", "show", "tern1pnothere"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert_eq!(ran.err, "tern: there is no practice tern1pnothere here\n");
    let file = data.join("practice.json");
    std::fs::write(&file, r#"{"titel": "Births"}"#).expect("written");
    let file = file.to_str().expect("text");
    let ran = tern(&process, &data, &["--json", "practice", "draft", file]).await;
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.json(),
        json!({ "error": {
            "code": "invalid", "message": "`titel` is no field of a practice", "field": "titel",
        }})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_node_a_command_says_how_to_make_one() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("absent");
    let ran = tern(&Libraries::default(), &data, &["status"]).await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.starts_with("tern: there is no node in "), "{}", ran.err);
    assert!(ran.err.contains("tern init"), "{}", ran.err);
    assert!(!data.exists(), "looking makes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_setting_stops_every_command_with_its_line() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    std::fs::write(data.join("tern.toml"), "[net]\ndail = \"saved\"\n").expect("written");
    let process = Libraries::default();
    for words in [&["status"][..], &["serve"], &["config", "check"]] {
        let ran = tern(&process, &data, words).await;
        assert_eq!(ran.code, 1);
        let told = "tern.toml line 2: `net.dail` is no setting; did you mean `net.dial`?\n";
        assert!(ran.err.ends_with(told), "{}", ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn config_check_shows_what_is_in_force_and_where_it_comes_from() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    std::fs::write(data.join("tern.toml"), "[net]\ndial = \"saved\"\n").expect("written");
    let ran = tern(&Libraries::default(), &data, &["config", "check", "--json"]).await;
    let items = ran.json()["items"].take();
    let dial = items.as_array().expect("items").iter().find(|item| item["key"] == "net.dial");
    assert_eq!(dial, Some(&json!({ "key": "net.dial", "value": "saved", "source": "file" })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_made_once_in_a_folder() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let again = ["init", "--org", "Another", "--country", "TD", "--json"];
    let ran = tern(&Libraries::default(), &data, &again).await;
    assert_eq!(ran.code, 1);
    assert_eq!(ran.json()["error"]["code"], "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_without_a_passphrase_are_made_with_a_warning_when_nobody_can_be_asked() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let process = Libraries::default();
    let init = |data: &str| vec!["init".to_owned(), "--json".into(), "--org".into(), data.into()];
    let plain: Vec<String> = init("Chad");
    let mut words: Vec<&str> = plain.iter().map(String::as_str).collect();
    words.extend(["--country", "td"]);
    let ran = tern(&process, &dir.path().join("plain"), &words).await;
    assert!(ran.err.contains("kept without a passphrase"), "{}", ran.err);
    assert_eq!(ran.json(), json!({ "org": "Chad", "country": "TD", "wrapped": false }));
    let phrase = dir.path().join("phrase");
    std::fs::write(&phrase, "harmattan\n").expect("written");
    words.extend(["--passphrase-file", phrase.to_str().expect("text")]);
    let ran = tern(&process, &dir.path().join("wrapped"), &words).await;
    assert_eq!((ran.err.as_str(), &ran.json()["wrapped"]), ("", &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_taken_as_text_or_from_a_file() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("invitation.txt");
    std::fs::write(&file, "tern-invitation-of-niger\n").expect("written");
    for (data, given) in [("a", "tern-invitation-of-niger"), ("b", file.to_str().expect("text"))] {
        let words = ["join", given, "--org", "Nepal", "--country", "NP", "--json"];
        let ran = tern(&Libraries::default(), &dir.path().join(data), &words).await;
        assert_eq!(ran.code, 0, "nobody answering is no failure: {ran:?}");
        let reason = "nobody answers to tern-invitation-of-niger";
        assert_eq!(ran.json(), json!({ "state": "waiting", "reason": reason }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstration_needs_no_folder() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let words = ["demo", "--nodes", "4", "--http", "0", "--once", "--json"];
    let ran = tern(&Libraries::default(), &dir.path().join("none"), &words).await;
    assert_eq!(ran.json(), json!({ "nodes": 4, "http": 0, "once": true }));
    assert_eq!((ran.code, ran.err.as_str()), (0, "Three libraries meet.\n"));
}
