//! Saying where this node is: a record that every member holds, so that a node
//! that moved is found again.
//!
//! What is announced or the router passes on, or without that listened on, and the relays over which it is
//! reached, are compared with what stands;
//! where they differ the node signs anew, with its own key. A node whose
//! addresses come and go says so three times at once, and then hourly: every
//! change goes to every member, over links that may cost money. How often it was
//! said is kept in the store, so that a node that is started again and again says
//! it no more often.

use std::sync::Weak;
use std::time::Duration;

use tern_crdt::address::NodeAddress;
use tern_crdt::authority::Role;
use tern_crdt::identity::CertificateId;
use tern_crdt::signed::Statement;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::ledger::Private;
use tern_protocol::step::Event;
use tokio::sync::broadcast::error::RecvError;

use crate::accounts::failed;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::Purpose;
use crate::ops::OpError;
use crate::running::Node;

/// So often at once, within [`PACE`] for each.
const AT_ONCE: usize = 3;
/// Between two times on average, in milliseconds.
const PACE: i64 = 3_600 * 1_000;
/// How often it is looked whether something is to be said.
const LOOKS: Duration = Duration::from_secs(60);
/// Where it stands in the store when it was said: milliseconds since 1970, 8
/// bytes each, little-endian.
const SAID: &[u8] = b"announced/said";

/// The certificate under which this node speaks for itself.
pub(crate) fn node_certificate(replica: &NodeReplica) -> Option<CertificateId> {
    let (authority, org, key) = (replica.library().authority(), replica.org(), replica.node());
    let own = authority.certificates_of(&key).filter(|(_, granted)| granted.org == org);
    own.map(|(id, _)| id).find(|id| authority.permits(*id, key, Role::Node).is_ok())
}

/// What is to be said, if anything.
fn untold(replica: &NodeReplica, addresses: Vec<String>) -> Option<NodeAddress> {
    if replica.is_catching_up() || replica.is_joining() || replica.copied().is_some() {
        return None;
    }
    let stands = replica.library().node_address(&replica.node());
    let same = match stands {
        Some(told) => told.addresses == addresses,
        None => addresses.is_empty(),
    };
    let by = node_certificate(replica).filter(|_| !same)?;
    Some(NodeAddress { by, n: stands.map_or(1, |told| told.n.saturating_add(1)), addresses })
}

/// When it was said lately. What the clock says of the time to come was said
/// when it was wrong.
fn said_lately(replica: &NodeReplica, now: Timestamp) -> Result<Vec<Timestamp>, OpError> {
    let kept = replica.library().local(SAID).map_err(failed)?.unwrap_or_default();
    let (times, _) = kept.as_chunks::<8>();
    let lately = |at: &Timestamp| (0..PACE * AT_ONCE as i64).contains(&now.since(*at));
    Ok(times.iter().map(|bytes| Timestamp(i64::from_le_bytes(*bytes))).filter(lately).collect())
}

impl Node {
    /// Says where this node is, if that is not what stands and it was not said
    /// too often. Returns whether it was said.
    ///
    /// # Errors
    /// The store's, or the keystore's.
    pub(crate) async fn announce_addresses(&self) -> Result<bool, OpError> {
        let Some(addresses) = self.addresses_to_tell().await? else { return Ok(false) };
        let now = now();
        let look = move |replica: &NodeReplica| {
            untold(replica, addresses).map(|address| (address, said_lately(replica, now)))
        };
        let Some((address, said)) = self.handle().read(look).await? else { return Ok(false) };
        let mut said = said?;
        if said.len() >= AT_ONCE {
            return Ok(false);
        }
        said.push(now);
        let kept: Vec<u8> = said.iter().flat_map(|at| at.0.to_le_bytes()).collect();
        let kept = Private::local(SAID, Some(kept.into()));
        let key = self.unlock(Purpose::Node, self.identity().node, None).await?;
        let record = address.prepare().sign(self.identity().federation, &key);
        self.submit_with(vec![record], vec![kept]).await?;
        Ok(true)
    }
}

/// Looks after it for as long as the node runs.
pub(crate) async fn keep(node: Weak<Node>) {
    let Some(open) = node.upgrade() else { return };
    let mut events = open.handle().events();
    let mut listening = open.watch_listening();
    let mut relays = open.watch_relays();
    let mut router = open.router().watch();
    drop(open);
    let mut ticks = tokio::time::interval(LOOKS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            Ok(()) = listening.changed() => {}
            Ok(()) = relays.changed() => {}
            Ok(()) = router.changed() => {}
            event = events.recv() => match event {
                Ok(Event::Joined | Event::CaughtUp(_)) | Err(RecvError::Lagged(_)) => {}
                Ok(_) => continue,
                Err(RecvError::Closed) => return,
            },
        }
        let Some(node) = node.upgrade() else { return };
        if let Err(error) = node.announce_addresses().await {
            tracing::warn!(error = error.for_log(), "could not say where this node is");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::Settings;
    use crate::folder::DataFolder;
    use crate::identity::Newcomer;
    use crate::process::beginning::{Start, begin};
    use crate::running::Mode;

    async fn ministry(folder: &DataFolder, announce: &str) -> Arc<Node> {
        let announce = vec![announce.to_owned()];
        let settings = Settings { listen: Vec::new(), announce, ..Settings::default() };
        // A task of the node before may hold it for a moment.
        let folder = folder.take().await.expect("free");
        Node::open(folder, settings, Mode::Command).await.expect("opened")
    }

    async fn stands(node: &Node) -> Option<(u64, Vec<String>)> {
        let own = |replica: &NodeReplica| {
            let told = replica.library().node_address(&replica.node())?;
            Some((told.n, told.addresses.clone()))
        };
        node.handle().read(own).await.expect("runs")
    }

    #[tokio::test]
    async fn a_node_says_where_it_is_when_that_changed_and_not_too_often() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path().join("node"));
        let open = folder.open_exclusive().expect("free");
        begin(&open, &Newcomer::ministry(), Start::Found(None), None).await.expect("founded");
        drop(open);
        for start in 1..=5 {
            let address = format!("/ip4/192.0.2.{start}/tcp/4480");
            let node = ministry(&folder, &address).await;
            assert_eq!(node.announce_addresses().await, Ok(start <= 3), "start {start}");
            assert_eq!(node.announce_addresses().await, Ok(false), "it is said");
            let last = start.min(3);
            let told = vec![format!("/ip4/192.0.2.{last}/tcp/4480")];
            assert_eq!(stands(&node).await, Some((last, told)));
            let held = node.handle().read(|replica| replica.library().node_addresses().count());
            assert_eq!(held.await, Ok(1), "of one node one record");
            node.close().await;
        }
    }
}
