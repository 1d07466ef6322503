//! Peers: their addresses, and meetings on command.

use futures::future::join_all;
use serde_json::{Value, json};
use tern_crdt::identity::{NodeId, PublicKey};
use tern_protocol::meeting::MeetingReport;
use tern_protocol::step::{Command, Done};

use super::practices::not_found;
use super::{Acting, invalid, moment};
use crate::doctor::is_known;
use crate::handle::NodeReplica;
use crate::net::{parse_address, peer_id_text};
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PREFIX_MIN, org_name};

/// Finds a peer by what people call it.
pub struct PeerName;

impl PeerName {
    /// A node id or a prefix of one, a peer id, a saved address, or the name
    /// of an organisation with one known node.
    ///
    /// # Errors
    /// Nobody, or more than one.
    pub fn resolve(replica: &NodeReplica, text: &str) -> Result<PublicKey, OpError> {
        let text = text.trim();
        if let Ok(node) = text.parse::<NodeId>() {
            return Ok(PublicKey::new(*node.as_bytes()));
        }
        if let Some(saved) = replica.addresses().iter().find(|(address, _)| *address == text) {
            return saved.1.peer.ok_or_else(|| {
                let what = format!("nobody has answered at {text} yet");
                OpError::new(ErrorCode::Unreachable, what)
            });
        }
        let authority = replica.library().authority();
        let known = replica.peers();
        let fits = |key: &PublicKey| {
            let id = key.node().to_string();
            let org = authority.node(key).map(|org| org_name(authority, org).name);
            (text.len() >= PREFIX_MIN && id.starts_with(text))
                || peer_id_text(*key) == text
                || org.as_deref() == Some(text)
        };
        let mut found: Vec<PublicKey> =
            known.iter().map(|peer| peer.node).filter(|key| fits(key)).collect();
        match (found.pop(), found.is_empty()) {
            (Some(key), true) => Ok(key),
            (Some(_), false) => {
                let what = format!("`{text}` is more than one node: give its node id");
                Err(OpError::new(ErrorCode::Ambiguous, what).in_field("peer"))
            }
            (None, _) => Err(not_found(format!(
                "no peer `{text}` is known here: `tern peers list` shows those that are"
            ))
            .in_field("peer")),
        }
    }
}

impl Acting<'_> {
    pub(super) async fn meet(self, peer: Option<String>) -> Result<Value, OpError> {
        let node = self.node;
        let keys: Vec<PublicKey> = match peer {
            Some(text) => {
                let key = node.handle().read(move |r| PeerName::resolve(r, &text)).await??;
                return Ok(report(&meet(node, key).await?));
            }
            None => {
                node.handle()
                    .read(|replica| {
                        let known = replica.peers().into_iter();
                        known.filter(|peer| is_known(replica, peer)).map(|peer| peer.node).collect()
                    })
                    .await?
            }
        };
        if keys.is_empty() {
            let what = "no peer is known here: add one with `tern peers add ADDRESS`";
            return Err(not_found(what));
        }
        let met = join_all(keys.iter().map(|key| meet(node, *key))).await;
        let items: Vec<Value> = met
            .iter()
            .zip(&keys)
            .map(|(met, key)| match met {
                Ok(met) => report(met),
                Err(error) => json!({
                    "peer": key.node().to_string(), "settled": false, "reason": error.message,
                }),
            })
            .collect();
        if met.iter().all(Result::is_err) {
            let what = "none of the known peers can be reached";
            return Err(OpError::new(ErrorCode::Unreachable, what));
        }
        Ok(json!({ "items": items }))
    }

    pub(super) async fn peers(self) -> Result<Value, OpError> {
        let items = self
            .node
            .handle()
            .read(|replica| {
                let authority = replica.library().authority();
                let addresses = |key: PublicKey| {
                    let of_peer =
                        replica.addresses().iter().filter(move |(_, s)| s.peer == Some(key));
                    let mut addresses: Vec<_> =
                        of_peer.map(|(address, _)| address.to_owned()).collect();
                    // One that was told and saved stands twice.
                    addresses.dedup();
                    addresses
                };
                let mut items: Vec<Value> = replica
                    .peers()
                    .into_iter()
                    .map(|peer| {
                        json!({
                            "node": peer.node.node().to_string(),
                            "peer_id": peer_id_text(peer.node),
                            "org": peer.org.map(|org| org_name(authority, org).name),
                            "addresses": addresses(peer.node), "connected": peer.connected,
                            "last_met": peer.last_met.map(moment), "settled": peer.settled,
                        })
                    })
                    .collect();
                let unknown = replica.addresses().iter().filter(|(_, s)| s.peer.is_none());
                items.extend(
                    unknown
                        .map(|(address, _)| json!({ "addresses": [address], "connected": false })),
                );
                items
            })
            .await?;
        Ok(json!({ "items": items }))
    }

    pub(super) async fn add_peer(self, address: String) -> Result<Value, OpError> {
        let address = address.trim().to_owned();
        let (peer, _) =
            parse_address(&address).map_err(|error| invalid("address", error.to_string()))?;
        let command = Command::SaveAddress { address: address.clone(), peer };
        self.node.handle().command(command).await?;
        Ok(json!({ "address": address, "peer": peer.map(|peer| peer.node().to_string()) }))
    }

    pub(super) async fn remove_peer(self, peer: String) -> Result<Value, OpError> {
        let wanted = peer.clone();
        let (address, key, removed) = self
            .node
            .handle()
            .read(move |replica| {
                let saved = || replica.addresses().iter();
                if saved().any(|(address, _)| address == wanted) {
                    return Ok((Some(wanted.clone()), None, vec![wanted]));
                }
                let key = PeerName::resolve(replica, &wanted)?;
                let of_peer = saved().filter(|(_, s)| s.peer == Some(key));
                let removed = of_peer.map(|(address, _)| address.to_owned()).collect::<Vec<_>>();
                Ok::<_, OpError>((None, Some(key), removed))
            })
            .await??;
        self.node.handle().command(Command::ForgetAddress { address, peer: key }).await?;
        Ok(json!({ "removed": removed }))
    }
}

async fn meet(node: &crate::running::Node, peer: PublicKey) -> Result<MeetingReport, OpError> {
    match node.handle().command(Command::Meet { peer }).await? {
        Done::Met(report) => Ok(report),
        other => Err(OpError::new(ErrorCode::Failed, format!("a meeting answered {other:?}"))),
    }
}

fn report(report: &MeetingReport) -> Value {
    let tally = report.tally;
    json!({
        "peer": report.peer.node().to_string(),
        "sent_bytes": tally.sent_bytes, "received_bytes": tally.received_bytes,
        "content_bytes": tally.content_bytes, "packed_bytes": tally.packed_bytes,
        "round_trips": tally.round_trips,
        "objects_sent": tally.objects_sent, "objects_received": tally.objects_received,
        "settled": report.settled,
    })
}
