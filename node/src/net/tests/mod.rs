//! Real nodes on loopback, told with named organisations.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use tern_crdt::identity::{PublicKey, SecretKey};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{LinkId, Net, NetEvent, NetLimits, NetSettings, start};

mod far;
mod hostile;
mod lanes;
mod links;
mod neighbours;
mod relays;
mod starting;
mod throughput;
mod ways;

/// What is waited for comes within this time, or the test has failed.
const PATIENCE: Duration = Duration::from_secs(60);

const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";
const TCP: &str = "/ip4/127.0.0.1/tcp/0";

/// Keys in ascending order of their public halves: the first decides.
fn keys<const N: usize>() -> [SecretKey; N] {
    let mut keys: Vec<SecretKey> =
        (0..N).map(|seed| SecretKey::from_seed(&[seed as u8 + 1; 32])).collect();
    keys.sort_by_key(SecretKey::public);
    keys.try_into().expect("so many were made")
}

/// A node, and the links that its events have opened.
struct Node {
    net: Net,
    events: mpsc::Receiver<NetEvent>,
    key: PublicKey,
    links: BTreeSet<LinkId>,
}

impl Node {
    async fn start(key: &SecretKey, listen: &[&str]) -> Self {
        Self::start_with(key, listen, NetLimits::default()).await
    }

    async fn start_with(key: &SecretKey, listen: &[&str], limits: NetLimits) -> Self {
        let listen = listen.iter().map(|address| (*address).to_owned()).collect();
        let settings = NetSettings { limits, ..NetSettings::new(key.clone(), listen) };
        let (net, events) = start(settings).await.expect("loopback can be listened on");
        Self { net, events, key: key.public(), links: BTreeSet::new() }
    }

    async fn next(&mut self) -> NetEvent {
        let event = timeout(PATIENCE, self.events.recv()).await.expect("an event comes in time");
        let event = event.expect("the network runs");
        match &event {
            NetEvent::Opened { link, .. } => assert!(self.links.insert(*link), "opened once"),
            NetEvent::Closed { link, .. } => assert!(self.links.remove(link), "closed once"),
            NetEvent::Frame { link, .. } | NetEvent::Taken { link, .. } => {
                assert!(self.links.contains(link), "only open links carry frames");
            }
            _ => {}
        }
        event
    }

    /// Passes over other events.
    async fn opened(&mut self) -> (LinkId, PublicKey, bool) {
        loop {
            if let NetEvent::Opened { link, peer, dialled, .. } = self.next().await {
                return (link, peer, dialled);
            }
        }
    }

    /// Passes over other events.
    async fn closed(&mut self) -> (LinkId, String) {
        loop {
            if let NetEvent::Closed { link, reason } = self.next().await {
                return (link, reason);
            }
        }
    }

    /// Passes over other events.
    async fn frame(&mut self) -> (LinkId, Bytes) {
        loop {
            if let NetEvent::Frame { link, frame } = self.next().await {
                return (link, frame);
            }
        }
    }

    /// Passes over other events.
    async fn dial_failed(&mut self) -> String {
        loop {
            if let NetEvent::DialFailed { reason, .. } = self.next().await {
                return reason;
            }
        }
    }

    /// Dials `other` and waits until both have the link.
    async fn link_to(&mut self, other: &mut Self) -> (LinkId, LinkId) {
        self.net.dial(Some(other.key), other.net.addresses());
        let (mine, peer, dialled) = self.opened().await;
        assert!(peer == other.key && dialled);
        let (theirs, peer, dialled) = other.opened().await;
        assert!(peer == self.key && !dialled);
        (mine, theirs)
    }

    /// Says a word to `other`, which hears it.
    async fn says(&mut self, mine: LinkId, other: &mut Self, theirs: LinkId) {
        self.net.send(mine, Bytes::from_static(b"bon travail"));
        assert_eq!(other.frame().await, (theirs, Bytes::from_static(b"bon travail")));
    }
}
