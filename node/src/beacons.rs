//! Beacons: a steward's node says that it is there, once in about a week of its
//! own running time, so that the federation has a clock that no single machine
//! can set.
//!
//! Running time is counted here and kept in the store; the machine's clock is
//! asked for what is shown beside the beacon, never for when it is due.

use std::sync::Weak;
use std::time::Duration;

use tern_crdt::authority::Beacon;
use tern_crdt::identity::CertificateId;
use tern_crdt::signed::Statement;
use tern_protocol::ledger::Private;

use crate::accounts::failed;
use crate::announcing::node_certificate;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::Purpose;
use crate::ops::OpError;
use crate::running::Node;

/// Running time between two beacons of one node.
pub const PERIOD: Duration = Duration::from_secs(6 * 24 * 3_600);
/// How often running time is counted.
const COUNTED: Duration = Duration::from_secs(3_600);
/// Where it stands in the store: seconds, 8 bytes, little-endian.
const RAN: &[u8] = b"beacon/ran";

/// What a node would say next.
struct Next {
    by: CertificateId,
    no: u32,
    charter: tern_crdt::identity::RecordId,
}

fn next(replica: &NodeReplica) -> Option<Next> {
    let authority = replica.library().authority();
    let org = replica.org();
    if replica.is_catching_up() || !authority.stewards().any(|steward| steward == org) {
        return None;
    }
    let by = node_certificate(replica)?;
    let said = authority.beacon_of(&org).unwrap_or(0);
    let charter = authority.charters().last().map(|(id, _)| id)?;
    Some(Next { by, no: said.max(authority.beacon()).saturating_add(1), charter })
}

/// The seconds that were counted since the last beacon.
fn ran_before(replica: &NodeReplica) -> Result<u64, OpError> {
    let kept = replica.library().local(RAN).map_err(failed)?;
    let seconds = kept.and_then(|value| value.first_chunk::<8>().copied());
    Ok(u64::from_le_bytes(seconds.unwrap_or_default()))
}

impl Node {
    /// Counts the running time of a steward's node, and says a beacon when one
    /// is due. Returns its number if one was said.
    ///
    /// # Errors
    /// The store's, or the keystore's.
    pub(crate) async fn count_running(&self, ran: Duration) -> Result<Option<u32>, OpError> {
        let look = |replica: &NodeReplica| next(replica).map(|next| (next, ran_before(replica)));
        let Some((Next { by, no, charter }, before)) = self.handle().read(look).await? else {
            return Ok(None);
        };
        let sum = before?.saturating_add(ran.as_secs());
        let due = sum >= PERIOD.as_secs();
        let left = if due { 0 } else { sum };
        let kept = Private::local(RAN, Some(left.to_le_bytes().to_vec().into()));
        if !due {
            self.submit_with(Vec::new(), vec![kept]).await?;
            return Ok(None);
        }
        let beacon = Beacon { by, no, charter, claimed_at: now() };
        let key = self.unlock(Purpose::Node, self.identity().node, None).await?;
        let record = beacon.prepare().sign(self.identity().federation, &key);
        self.submit_with(vec![record], vec![kept]).await?;
        Ok(Some(no))
    }
}

/// Counts for as long as the node runs.
pub(crate) async fn keep(node: Weak<Node>) {
    let mut ticks = tokio::time::interval(COUNTED);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let Some(node) = node.upgrade() else { return };
        if let Err(error) = node.count_running(COUNTED).await {
            tracing::error!(error = error.for_log(), "could not count running time for a beacon");
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

    async fn ministry(folder: &DataFolder) -> Arc<Node> {
        let settings = Settings { listen: Vec::new(), ..Settings::default() };
        let folder = folder.open_exclusive().expect("free");
        Node::open(folder, settings, Mode::Command).await.expect("opened")
    }

    async fn beacon(node: &Node) -> u32 {
        node.handle().read(|replica| replica.library().authority().beacon()).await.expect("runs")
    }

    #[tokio::test]
    async fn a_stewards_node_says_a_beacon_after_six_days_of_its_own_running() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path().join("node"));
        let open = folder.open_exclusive().expect("free");
        begin(&open, &Newcomer::ministry(), Start::Found(None), None).await.expect("founded");
        drop(open);
        let node = ministry(&folder).await;
        let day = Duration::from_secs(24 * 3_600);
        for _ in 0..5 {
            assert_eq!(node.count_running(day).await, Ok(None));
        }
        assert_eq!(beacon(&node).await, 0, "nothing expires where there is no beacon");
        node.close().await;
        drop(node);

        // What it ran before the restart counts.
        let node = ministry(&folder).await;
        assert_eq!(node.count_running(day).await, Ok(Some(1)));
        assert_eq!(beacon(&node).await, 1);
        assert_eq!(node.count_running(day * 6).await, Ok(Some(2)));
        let held = node.handle().read(|replica| {
            let records = replica.library().authority().records();
            records.filter(|record| record.record().is::<Beacon>()).count()
        });
        assert_eq!((beacon(&node).await, held.await), (2, Ok(1)), "the earlier one is dropped");
    }
}
