//! How the node is, and whether what it stores is what it stored.

use serde_json::{Value, json};
use tern_crdt::authority::Standing;
use tern_protocol::meeting::set::SetId;

use super::{Acting, moment};
use crate::ops::OpError;
use crate::reading::org_name;
use crate::running::Node;

/// The figures of `tern status`.
///
/// # Errors
/// The node is stopping.
pub async fn status(node: &Node) -> Result<Value, OpError> {
    let mut figures = node
        .handle()
        .read(|replica| {
            let library = replica.library();
            let authority = library.authority();
            let members =
                authority.organisations().filter(|(_, _, s)| *s == Standing::Member).count();
            let public = library.set(SetId::Public);
            let peers: Vec<Value> = replica
                .peers()
                .into_iter()
                .map(|peer| {
                    json!({
                        "node": peer.node.node().to_string(),
                        "org": peer.org.map(|org| org_name(authority, org).name),
                        "connected": peer.connected, "last_met": peer.last_met.map(moment),
                        "behind": peer.waiting, "waiting": peer.behind,
                        "bytes_today": peer.bytes,
                    })
                })
                .collect();
            json!({
                "org": org_name(authority, replica.org()).name,
                "org_id": replica.org().to_string(),
                "federation": authority.charter().map(|charter| charter.name.clone()),
                "federation_id": authority.federation().to_string(),
                "state": if replica.is_joining() { "waiting" } else { "member" },
                "members": members,
                "documents": library.practices(),
                "practices": library.practices(),
                "records": public.count() - library.practices()
                    + library.set(SetId::Authority).count(),
                "parcels": 0,
                "peers": peers,
                "public_root": crate::hex::encode(&public.root()),
                "public_count": public.count(),
                "authority_root": crate::hex::encode(&library.set(SetId::Authority).root()),
            })
        })
        .await?;
    let sizes = node.sizes().await;
    let progress = node.indexer().progress();
    figures["node"] = json!(node.identity().node.node().to_string());
    figures["disk_bytes"] = json!(sizes.disk);
    figures["live_bytes"] = json!(sizes.live);
    figures["searchable"] = json!(progress.indexed);
    figures["listen"] = json!(node.listening());
    figures["uptime_seconds"] = json!(node.started().elapsed().as_secs());
    Ok(figures)
}

impl Acting<'_> {
    /// Re-reads everything that is stored; the search index can be rebuilt.
    pub(super) async fn check(self, repair: bool) -> Result<Value, OpError> {
        let found = self.node.check().await?;
        let mut repaired = 0;
        if repair && !found.bad.is_empty() {
            repaired = self.node.repair(&found.bad).await?;
        }
        let bad: Vec<Value> =
            found.bad.iter().map(|bad| json!({ "id": bad.id, "reason": bad.reason })).collect();
        Ok(json!({ "objects": found.objects, "bad": bad, "repaired": repaired }))
    }
}
