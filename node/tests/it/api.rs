//! The local API, asked by something else than our own command.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use tern_node::folder::DataFolder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::library::{Served, founded};

/// Status line, head and JSON body of the answer to a POST.
async fn post(data: &Path, authorisation: &str, body: &[u8]) -> (u16, String, Value) {
    let node = DataFolder::at(data).read_node_file().expect("readable").expect("running");
    let address: SocketAddr =
        node.http.strip_prefix("http://").expect("http").parse().expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let length = body.len();
    let head = format!(
        "POST /api/v1/operations HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n{authorisation}\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("written");
    // A refused body need not be read to its end.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (
        status.expect("a status"),
        head.to_ascii_lowercase(),
        serde_json::from_str(body).expect("JSON"),
    )
}

fn bearer(data: &Path) -> String {
    let token = DataFolder::at(data).read_token().expect("readable").expect("a token");
    format!("Authorization: Bearer {token}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_holder_of_the_token_is_answered() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let served = Served::start(&data).await;
    let body = br#"{"operation": {"op": "status"}}"#;
    let (status, _, answer) = post(&data, &bearer(&data), body).await;
    assert_eq!((status, &answer["practices"]), (200, &json!(0)));
    for wrong in ["", "Authorization: Bearer tern_\r\n", "Authorization: Basic YTpi\r\n"] {
        let (status, head, answer) = post(&data, wrong, body).await;
        assert_eq!((status, &answer["code"]), (401, &json!("not-allowed")), "{wrong}");
        assert!(head.contains("www-authenticate: bearer"), "{head}");
    }
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_a_problem_document() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let served = Served::start(&data).await;
    let authorisation = bearer(&data);
    let body = json!({ "operation": { "op": "practice-draft", "fields": { "titel": "Births" } } });
    let (status, head, answer) = post(&data, &authorisation, body.to_string().as_bytes()).await;
    assert_eq!(status, 422);
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    assert_eq!(
        answer,
        json!({ "type": "about:blank", "status": 422, "code": "invalid", "field": "titel",
                "detail": "`titel` is no field of a practice" })
    );
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_operation_is_refused_by_name() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let served = Served::start(&data).await;
    let authorisation = bearer(&data);
    for (body, told) in [
        (
            &br#"{"operation": {"op": "practice-burn", "id": "x"}}"#[..],
            "unknown variant `practice-burn`",
        ),
        (
            br#"{"operation": {"op": "practice-show", "id": "x", "force": true}}"#,
            "unknown field `force`",
        ),
        (br#"{"operation": {"op": "status", "force": true}}"#, "unknown field `force`"),
        (
            br#"{"operation": {"op": "search", "query": "x", "countris": ["NE"]}}"#,
            "unknown field `countris`",
        ),
        (br#"{"operation": {"op": "practice-show"}}"#, "missing field `id`"),
        (br#"{"operation": {"op": "status"}, "sudo": true}"#, "unknown field `sudo`"),
        (b"{", "this is no operation"),
        (b"\xff", "this is no operation"),
    ] {
        let (status, _, answer) = post(&data, &authorisation, body).await;
        assert_eq!(status, 422);
        let detail = answer["detail"].as_str().expect("a detail");
        assert!(detail.contains(told), "{detail}");
    }
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_bounded_before_it_is_read() {
    let (_dir, data) = founded("Civil registry of Niger").await;
    let served = Served::start(&data).await;
    let body = vec![b' '; tern_node::ops::OPERATION_BYTES_MAX + 1];
    let (status, _, answer) = post(&data, &bearer(&data), &body).await;
    assert_eq!((status, &answer["code"]), (413, &json!("too-large")));
    assert_eq!(answer["limit"], tern_node::ops::OPERATION_BYTES_MAX);
    served.stop().await;
}
