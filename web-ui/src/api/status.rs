//! Figures of this node.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::page::Chrome;
use crate::site::Shared;

/// `GET /api/v1/status`. Who the partners are, and what is on the disk, is
/// told to those who are signed in.
pub async fn status(State(site): Shared, c: Chrome) -> Result<Json<Value>, Failure> {
    let status = site.service.status().await?;
    let mut told = json!({
        "node": status.node,
        "org": status.organisation,
        "federation": { "id": status.federation_id, "name": status.federation },
        "beacon": status.beacon,
        "members": status.members,
        "documents": status.documents,
        "practices": status.practices,
        "records": status.records,
        "parcels": status.parcels,
        "public_root": status.public_root,
        "public_count": status.public_count,
    });
    if c.account.is_some() {
        let peers = status.peers.into_iter().map(|peer| {
            json!({
                "node": peer.node,
                "org": peer.organisation,
                "connected": peer.connected,
                "last_met": peer.last_met,
                "behind": peer.behind,
                "waiting": peer.waiting,
                "bytes_today": peer.bytes_today,
                "budget": peer.budget,
            })
        });
        told["peers"] = peers.collect();
        told["disk_bytes"] = json!(status.disk_bytes);
        told["live_bytes"] = json!(status.live_bytes);
    }
    Ok(Json(told))
}
