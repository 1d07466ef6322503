//! Imports: read by the command, durable piece by piece, repeated at will.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::library::{Libraries, Served, founded, tern};

/// A table of `rows` practices, of which every hundredth is broken.
fn table(rows: usize) -> String {
    let mut text = "title,summary\n".to_owned();
    for row in 0..rows {
        let broken = if row % 100 == 50 { "\"x\"y" } else { "Births are registered" };
        writeln!(text, "Practice {row},{broken}").expect("written");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_counts_durable_rows_and_a_repeated_one_knows_them() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let file = data.join("practices.csv");
    std::fs::write(&file, table(250)).expect("written");
    let process = Libraries::default();
    let import = ["practice", "import", file.to_str().expect("text"), "--publish", "--json"];
    let served = Served::start(&data).await;
    let first = tern(&process, &data, &import).await;
    assert_eq!(first.code, 0, "{first:?}");
    let outcome = first.json();
    assert_eq!(
        (&outcome["imported"], outcome["ids"].as_array().map(Vec::len)),
        (&json!(248), Some(248))
    );
    let reason = "column 2: text stands after a closing quote";
    let skipped: Vec<Value> = [52, 152].map(|row| json!({ "row": row, "reason": reason })).to_vec();
    assert_eq!(outcome["skipped"], json!(skipped));
    let told: Vec<&str> = first.err.lines().collect();
    assert_eq!(
        told[..3],
        ["100 of 248 rows durable", "200 of 248 rows durable", "248 of 248 rows durable"]
    );
    assert_eq!(told[3], format!("row 52: {reason}"));
    served.stop().await;

    let again = tern(&process, &data, &import).await.json();
    assert_eq!((&again["imported"], &again["ids"]), (&json!(0), &json!([])));
    let known =
        again["skipped"].as_array().expect("rows").iter().filter(|row| row["reason"] == "known");
    assert_eq!(known.count(), 248);
    assert_eq!(again["skipped"][0], json!({ "row": 2, "reason": "known" }), "in the file's order");
    let listed = tern(&process, &data, &["practice", "list", "--json"]).await;
    assert_eq!(listed.json()["total"], 248);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_practice_in_two_formats_is_one_practice() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let folder = data.join("to-import");
    std::fs::create_dir(&folder).expect("made");
    for (name, text) in [
        ("a.csv", "summary;title\nEvery week;Births\n"),
        ("b.json", r#"[{"title": "Births", "summary": "Every week"}, {"titel": "Slip"}]"#),
        ("c.docx", "PK"),
        ("d.pdf", "%PDF"),
    ] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    let words = ["practice", "import", folder.to_str().expect("text"), "--json"];
    let ran = tern(&Libraries::default(), &data, &words).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let (outcome, file) = (ran.json(), |name: &str| json!(folder.join(name)));
    assert_eq!(outcome["imported"], 1);
    let skipped = &outcome["skipped"];
    assert_eq!(skipped[0], json!({ "row": 1, "reason": "known", "file": file("b.json") }));
    assert_eq!(
        skipped[1],
        json!({ "row": 2, "reason": "`titel` is no field of a practice", "file": file("b.json") })
    );
    let why = |at: usize| skipped[at]["reason"].as_str().unwrap_or_default().to_owned();
    assert!(why(2).contains("damaged"), "a broken document is named: {}", why(2));
    assert!(why(3).contains("d.pdf is not read"), "{}", why(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_which_nothing_came_in_has_failed() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let file = data.join("practices.csv");
    std::fs::write(&file, "titel\nBirths\n").expect("written");
    let words = ["practice", "import", file.to_str().expect("text"), "--json"];
    let ran = tern(&Libraries::default(), &data, &words).await;
    assert_eq!(ran.code, 1);
    let outcome = ran.json();
    let reason = "`titel` is no field of a practice";
    assert_eq!(outcome["skipped"], json!([{ "row": 2, "reason": reason }]));
    assert_eq!(outcome["error"]["message"], format!("nothing was imported: row 2: {reason}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_read_is_refused_before_the_node_is_asked() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("practices.pdf");
    std::fs::write(&file, "%PDF").expect("written");
    let words = ["practice", "import", file.to_str().expect("text"), "--json"];
    let ran = tern(&Libraries::default(), &dir.path().join("absent"), &words).await;
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (1, &json!("unsupported")));
}
