use super::super::{NetError, full_address, parse_address, peer_id_text};
use super::*;

fn port_of(address: &str) -> u16 {
    let port = address.split('/').nth(4).expect("/ip4/…/udp/PORT");
    port.parse().expect("a port is a number")
}

#[tokio::test]
async fn both_transports_get_one_free_port_and_tell_it() {
    let [chad] = keys();
    let mut chad = Node::start(&chad, &[QUIC, TCP]).await;
    let NetEvent::Listening { addresses } = chad.next().await else {
        panic!("addresses come first")
    };
    assert_eq!(addresses, chad.net.addresses());
    assert_eq!(addresses.len(), 2, "{addresses:?}");
    assert_ne!(port_of(&addresses[0]), 0);
    assert_eq!(port_of(&addresses[0]), port_of(&addresses[1]));
}

#[tokio::test]
async fn listening_everywhere_tells_the_addresses_of_this_machine() {
    let [chad] = keys();
    let chad = Node::start(&chad, &["/ip4/0.0.0.0/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/0"]).await;
    let addresses = chad.net.addresses();
    assert!(addresses.iter().all(|address| !address.contains("0.0.0.0")), "{addresses:?}");
    assert!(addresses.iter().any(|address| address.starts_with("/ip4/127.0.0.1/")));
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_sentence() {
    for place in [QUIC, TCP] {
        let [chad, niger] = keys();
        let chad = Node::start(&chad, &[place]).await;
        let address = chad.net.addresses().remove(0);
        let listen = vec![address.clone()];
        let limits = NetLimits::default();
        let refused =
            start(NetSettings { limits, ..NetSettings::new(niger, listen) }).await.map(drop);
        assert_eq!(refused, Err(NetError::PortInUse { address: address.clone() }));
        let sentence = refused.map_err(|error| error.to_string());
        assert!(sentence.is_err_and(|text| text.starts_with(&address) && text.contains("in use")));
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_listened_on_is_refused_by_name() {
    let refused = async |listen: &str| {
        let [key] = keys();
        let settings = NetSettings::new(key, vec![listen.to_owned()]);
        start(settings).await.map(drop).expect_err("refused").to_string()
    };
    for (listen, word) in [
        ("127.0.0.1:4480", "is not an address"),
        ("/ip4/127.0.0.1/udp/4480", "not over QUIC"),
        ("/dns/example.org/tcp/4480", "numbers, not on names"),
        ("/ip4/192.0.2.7/tcp/0", "no such address"),
    ] {
        let sentence = refused(listen).await;
        assert!(sentence.contains(listen) || word == "no such address", "{sentence}");
        assert!(sentence.contains(word), "{sentence}");
    }
}

#[tokio::test]
async fn a_stopped_node_has_let_go_of_its_port_and_its_peers() {
    let [chad, niger, nepal] = keys();
    for place in [QUIC, TCP] {
        let mut chad = Node::start(&chad, &[place]).await;
        let mut niger = Node::start(&niger, &[place]).await;
        let (mine, _) = chad.link_to(&mut niger).await;
        let address = chad.net.addresses().remove(0);
        chad.net.send(mine, Bytes::from_static(b"goodbye"));
        chad.net.shutdown().await;
        assert_eq!(&niger.frame().await.1[..], b"goodbye", "what waited is still sent");
        assert_eq!(niger.closed().await.1, "the peer hung up");
        Node::start(&nepal, &[&address]).await;
    }
}

#[test]
fn an_address_reads_back_with_the_key_of_its_peer() {
    let [niger] = keys();
    let plain = "/ip4/192.0.2.7/udp/4480/quic-v1";
    let full = full_address(plain, niger.public());
    assert!(full.ends_with(&peer_id_text(niger.public())));
    assert_eq!(parse_address(&full), Ok((Some(niger.public()), plain.to_owned())));
    assert_eq!(parse_address(plain), Ok((None, plain.to_owned())));
    assert_eq!(parse_address("/dns6/niger.example/tcp/4480").map(|parsed| parsed.0), Ok(None));
}

#[test]
fn a_peer_id_is_the_one_that_libp2p_computes() {
    for key in keys::<8>() {
        let theirs = libp2p::identity::Keypair::ed25519_from_bytes(&mut *key.seed());
        let theirs = theirs.expect("a seed of 32 bytes").public().to_peer_id();
        assert_eq!(peer_id_text(key.public()), theirs.to_string());
    }
}

#[test]
fn what_is_no_address_of_a_node_is_refused_with_its_reason() {
    let long = format!("/dns/{}/tcp/1", "a".repeat(600));
    for (text, word) in [
        ("", "not over QUIC"),
        ("niger.example:4480", "is not an address"),
        ("/ip4/192.0.2.7/tcp/99999", "is not an address"),
        ("/ip4/192.0.2.7/udp/4480", "not over QUIC"),
        ("/ip4/192.0.2.7/tcp/4480/x-parity-ws/%2Fpath", "not over QUIC"),
        ("/tcp/4480", "not over QUIC"),
        (&long, "longer than 512"),
        (
            // The peer id of an RSA key.
            "/ip4/192.0.2.7/tcp/1/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN",
            "not Ed25519",
        ),
    ] {
        let refused = parse_address(text).expect_err(text).to_string();
        assert!(refused.contains(word), "{refused}");
    }
}
