//! Other ways out: WebSocket, and proxies of both kinds.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const WEBSOCKET: &str = "/ip4/127.0.0.1/tcp/0/ws";

/// A proxy that expects what `talks` says and answers it, and then connects.
async fn proxy(talks: Vec<(Vec<u8>, Vec<u8>)>, there: String) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.expect("somebody");
        for (expected, answer) in talks {
            let mut said = vec![0; expected.len()];
            client.read_exact(&mut said).await.expect("something");
            assert_eq!(String::from_utf8_lossy(&said), String::from_utf8_lossy(&expected));
            client.write_all(&answer).await.expect("it listens");
        }
        if let Ok(mut there) = TcpStream::connect(there).await {
            // Whoever breaks off does so.
            let _ = copy_bidirectional(&mut client, &mut there).await;
        }
    });
    address
}

async fn behind(key: &SecretKey, proxy: &str) -> Node {
    let proxy = Some(Arc::new(proxy.parse().expect("a proxy")));
    // QUIC is left out.
    let settings = NetSettings { proxy, ..NetSettings::new(key.clone(), vec![QUIC.to_owned()]) };
    let (net, events) = start(settings).await.expect("it dials");
    assert_eq!(net.addresses(), [""; 0]);
    Node { net, events, key: key.public(), links: BTreeSet::new() }
}

fn port(node: &Node) -> u16 {
    let address = node.net.addresses().remove(0);
    address.split('/').nth(4).and_then(|port| port.parse().ok()).expect("a port")
}

#[tokio::test]
async fn frames_go_over_a_websocket_both_ways() {
    let [chad, niger] = keys();
    let mut chad = Node::start(&chad, &[TCP, WEBSOCKET]).await;
    let addresses = chad.net.addresses();
    assert!(addresses.iter().any(|at| at.ends_with("/ws")), "{addresses:?}");
    let mut niger = Node::start(&niger, &[]).await;
    let websocket = addresses.into_iter().filter(|at| at.ends_with("/ws"));
    niger.net.dial(Some(chad.key), websocket.collect());
    let (mine, ..) = niger.opened().await;
    let (theirs, ..) = chad.opened().await;
    niger.says(mine, &mut chad, theirs).await;
    chad.says(theirs, &mut niger, mine).await;
    // Longer than what is read of it at once.
    let long = Bytes::from(vec![7; 900_000]);
    niger.net.send(mine, long.clone());
    assert_eq!(chad.frame().await, (theirs, long));
}

#[tokio::test]
async fn a_socks_proxy_and_an_http_proxy_lead_out_with_a_word() {
    let [chad, niger] = keys();
    for (listen, over) in [(TCP, ""), (WEBSOCKET, "/ws")] {
        let mut chad = Node::start(&chad, &[listen]).await;
        let port = port(&chad);
        let there = format!("127.0.0.1:{port}");
        let socks = vec![
            (vec![5, 2, 0, 2], vec![5, 2]),
            (b"\x01\x03awa\x04word".to_vec(), vec![1, 0]),
            (
                [&b"\x05\x01\x00\x03\x09localhost"[..], &port.to_be_bytes()].concat(),
                b"\x05\x00\x00\x03\x01x\x00\x00".to_vec(),
            ),
        ];
        let http = vec![(
            format!(
                "CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\nProxy-Authorization: Basic YXdhOndvcmQ=\r\n\r\n"
            )
            .into_bytes(),
            b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n".to_vec(),
        )];
        for (kind, talks) in [("socks5", socks), ("http", http)] {
            let proxy = proxy(talks, there.clone()).await;
            let mut niger = behind(&niger, &format!("{kind}://awa:word@{proxy}")).await;
            let address = format!("/dns4/localhost/tcp/{port}{over}");
            niger.net.dial(Some(chad.key), vec![address]);
            let (mine, ..) = niger.opened().await;
            let (theirs, ..) = chad.opened().await;
            niger.says(mine, &mut chad, theirs).await;
            niger.net.hangup(mine);
            chad.closed().await;
        }
    }
}

#[tokio::test]
async fn what_a_proxy_refuses_is_told_and_what_is_near_needs_none() {
    let [chad, niger] = keys();
    let mut chad = Node::start(&chad, &[TCP]).await;
    let greeting = (vec![5, 1, 0], vec![5, 0]);
    let asks = (b"\x05\x01\x00\x03\x0bhub.example".to_vec(), b"\x05\x02\x00\x01".to_vec());
    for (kind, talks, why) in [
        ("socks5", vec![greeting.clone(), asks], "does not allow this connection"),
        ("socks5", vec![(vec![5, 1, 0], vec![5, 255])], "wants a user and a word"),
        ("socks5", vec![(vec![5, 1, 0], b"HT".to_vec())], "does not speak SOCKS 5"),
        ("http", vec![(b"CONNECT".to_vec(), b"HTTP/1.1 403 No\r\n\r\n".to_vec())], "answers 403"),
        ("http", vec![(b"CONNECT".to_vec(), b"SSH-2.0-x\r\n\r\n".to_vec())], "speak HTTP"),
        ("http", vec![(b"CONNECT".to_vec(), vec![b'x'; 9_000])], "answer is too long"),
    ] {
        let proxy = proxy(talks, "127.0.0.1:1".to_owned()).await;
        let niger = behind(&niger, &format!("{kind}://{proxy}")).await;
        let mut niger = niger;
        niger.net.dial(Some(chad.key), vec!["/dns4/hub.example/tcp/4480".to_owned()]);
        let reason = niger.dial_failed().await;
        assert!(reason.contains(why), "{reason}");
        niger.net.dial(Some(chad.key), vec!["/dns4/hub.example/udp/1/quic-v1".to_owned()]);
        assert!(niger.dial_failed().await.contains("no address to connect to"));
    }
    let mut niger = behind(&niger, "socks5://127.0.0.1:1").await;
    niger.link_to(&mut chad).await;
}
