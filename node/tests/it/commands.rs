//! A command does the same on a stopped and on a running node.

use std::sync::Arc;

use serde_json::json;
use tern_node::folder::DataFolder;

use crate::library::{Libraries, Served, founded, tern};

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_node_is_opened_for_one_command_and_left_free() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let process = Libraries::default();
    for _ in 0..2 {
        let ran = tern(&process, &data, &["status", "--as", "amina", "--json"]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.json()["org"], "Civil registry of Niger");
        assert_eq!(ran.json()["as"], "amina");
    }
    assert!(!DataFolder::at(&data).is_running().expect("readable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_node_answers_the_same_over_its_api() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let process = Libraries::default();
    let words = ["status", "--as", "amina", "--json"];
    let stopped = tern(&process, &data, &words).await;
    let served = Served::start(&data).await;
    assert!(DataFolder::at(&data).is_running().expect("readable"));
    let running = tern(&process, &data, &words).await;
    assert_eq!(running.json(), stopped.json());
    let refused = tern(&process, &data, &["meet", "Chad", "--json"]).await;
    let error = json!({ "code": "unreachable", "message": "Chad does not answer" });
    assert_eq!((refused.code, refused.json()), (1, json!({ "error": error })));
    let ran = served.stop().await;
    assert_eq!((ran.code, ran.err.as_str()), (0, "The library is open.\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_use_is_served_once() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let served = Served::start(&data).await;
    let ran = tern(&Libraries::default(), &data, &["serve", "--http", "127.0.0.1:0"]).await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("is in use by another tern process"), "{}", ran.err);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_waits_for_a_node_that_is_starting() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let open = DataFolder::at(&data).open_exclusive().expect("free");
    let asking = {
        let data = data.clone();
        tokio::spawn(async move { tern(&Libraries::default(), &data, &["status", "--json"]).await })
    };
    let process = Arc::new(Libraries::default());
    let settings = tern_node::config::Settings {
        http: "127.0.0.1:0".parse().expect("an address"),
        ..Default::default()
    };
    let serving = {
        let process = process.clone();
        tokio::spawn(async move {
            use tern_node::node::Process;
            let nobody = Arc::new(tern_node::cli::Console::to(std::io::sink(), std::io::sink()));
            process.serve(open, settings, nobody).await
        })
    };
    let ran = asking.await.expect("asked");
    assert_eq!((ran.code, &ran.json()["practices"]), (0, &json!(0)));
    process.stop.notify_one();
    serving.await.expect("joined").expect("served");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_refused_where_the_token_is_not_the_nodes() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let served = Served::start(&data).await;
    std::fs::write(data.join("api-token"), "tern_0000").expect("written");
    let ran = tern(&Libraries::default(), &data, &["status", "--json"]).await;
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (1, &json!("not-allowed")));
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrapped_keys_are_opened_by_the_passphrase_of_the_command() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (data, phrase) = (dir.path().join("data"), dir.path().join("phrase"));
    std::fs::write(&phrase, "harmattan\n").expect("written");
    let with_phrase = ["--passphrase-file", phrase.to_str().expect("text")];
    let process = Libraries::default();
    let init = [&["init", "--org", "Chad", "--country", "TD"], &with_phrase[..]].concat();
    assert_eq!(tern(&process, &data, &init).await.code, 0);
    let practice = data.join("a.json");
    std::fs::write(&practice, r#"{"title": "Births"}"#).expect("written");
    let drafted =
        tern(&process, &data, &["practice", "draft", practice.to_str().expect("text"), "--json"])
            .await;
    let id = drafted.json()["id"].as_str().expect("an id").to_owned();
    let publish = ["practice", "publish", &id, "--json"];
    for running in [false, true] {
        let served = if running { Some(Served::start(&data).await) } else { None };
        let refused = tern(&process, &data, &publish).await;
        assert_eq!((refused.code, &refused.json()["error"]["code"]), (1, &json!("locked")));
        let published = tern(&process, &data, &[&publish[..], &with_phrase].concat()).await;
        assert_eq!((published.code, published.json()), (0, json!({ "id": id, "edition": 1 })));
        if let Some(served) = served {
            served.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_verified_and_what_was_changed_is_not() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let process = Libraries::default();
    let file = |name: &str| data.join(name).to_str().expect("text").to_owned();
    std::fs::write(file("a.json"), r#"{"title": "Births"}"#).expect("written");
    let drafted = tern(&process, &data, &["practice", "draft", &file("a.json"), "--json"]).await;
    let id = drafted.json()["id"].as_str().expect("an id").to_owned();
    let out = file("exported.json");
    let export = ["practice", "export", &id, "--format", "json", "--out", &out, "--json"];
    let exported = tern(&process, &data, &export).await;
    assert_eq!(exported.json()["file"], out);
    let verified = tern(&process, &data, &["practice", "verify", &out, "--json"]).await;
    assert_eq!((verified.code, &verified.json()["verdict"]), (0, &json!("accepted")));
    let text = std::fs::read_to_string(&out).expect("text");
    std::fs::write(&out, text.replace("Births", "Berths")).expect("written");
    let verified = tern(&process, &data, &["practice", "verify", &out, "--json"]).await;
    assert_eq!((verified.code, &verified.json()["verdict"]), (1, &json!("quarantined")));
    let markdown = tern(&process, &data, &["practice", "export", &id, "--format", "md"]).await;
    assert!(markdown.out.starts_with("# Births\n"), "{}", markdown.out);
}
