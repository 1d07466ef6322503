//! How the node is, and whether what it stores is what it stored.

use serde_json::{Map, Value, json};
use tern_crdt::authority::Standing;
use tern_crdt::identity::{PublicKey, RecordId};
use tern_protocol::catching_up::Restored;
use tern_protocol::gate::examine;
use tern_protocol::meeting::set::SetId;
use tern_protocol::runs::Copied;
use tern_protocol::step::Command;

use super::{Acting, moment};
use crate::blob_store::BlobError;
use crate::doctor::{DiskUse, free_space};
use crate::governing::of_federation;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::org_name;
use crate::running::{Node, stopping};
use crate::sharing::letters::reach_of;

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
                        "behind": peer.we_lack, "waiting": peer.they_lack,
                        "bytes_today": peer.bytes_today,
                    })
                })
                .collect();
            json!({
                "org": org_name(authority, replica.org()).name,
                "org_id": replica.org().to_string(),
                "federation": authority.charter().map(|charter| charter.name.clone()),
                "federation_id": authority.federation().to_string(),
                "state": state(replica),
                "restored": replica.restored().map(|mark| restored(replica, mark)),
                "copied": replica.copied().map(|mark| copied(replica, mark)),
                "members": members,
                "beacon": (authority.beacon() > 0).then(|| authority.beacon()),
                "members_as_of": authority.beacon_at().map(moment),
                "documents": library.practices(),
                "practices": library.practices(),
                "records": public.count() - library.practices()
                    + library.set(SetId::Authority).count(),
                "parcels": library.carried(),
                "through_others": through_others(replica),
                "peers": peers,
                "public_root": crate::hex::encode(&public.root()),
                "public_count": public.count(),
                "authority_root": crate::hex::encode(&library.set(SetId::Authority).root()),
            })
        })
        .await?;
    let sizes = node.figures().await?;
    let progress = node.indexer().progress();
    figures["link"] = node.look_at_links().await?.to_json();
    figures["mail"] = node.mail_standing().await?.to_json();
    figures["reach"] = node.reaching().await?.to_json();
    figures["disk"] = disk(node).await?;
    figures["recovery_sheet"] = json!(node.sheet_state().await?.code());
    if node.recovery_pending()?.is_some() {
        figures["state"] = json!("recovering");
    }
    figures["node"] = json!(node.identity().node.node().to_string());
    figures["disk_bytes"] = json!(sizes.disk_bytes);
    figures["live_bytes"] = json!(sizes.live_bytes);
    figures["searchable"] = json!(progress.indexed);
    figures["listen"] = json!(node.listening());
    figures["fingerprint"] = json!(node.own_fingerprint().await?);
    figures["federation_fingerprint"] = json!(of_federation(&node.identity().federation));
    figures["uptime_seconds"] = json!(node.started().elapsed().as_secs());
    Ok(figures)
}

/// Organisations that see drafts with this one and were written to, or heard of,
/// through others.
fn through_others(replica: &NodeReplica) -> Vec<Value> {
    let authority = replica.library().authority();
    let others = authority.organisations().map(|(id, ..)| id);
    let told = others.filter_map(|org| {
        let reach = reach_of(replica, &org).ok()?;
        (reach.heard.is_some() || reach.sent.is_some()).then(|| {
            let name = org_name(authority, org).name;
            json!({ "org": org.to_string(), "name": name, "reach": reach.to_json() })
        })
    });
    told.collect()
}

fn state(replica: &NodeReplica) -> &'static str {
    if replica.is_catching_up() {
        "catching-up"
    } else if replica.is_joining() {
        "waiting"
    } else {
        "member"
    }
}

/// The name of a node's organisation, or its id where that is not known.
pub(crate) fn name_of(replica: &NodeReplica, node: &PublicKey) -> String {
    let authority = replica.library().authority();
    let name = authority.node(node).map(|org| org_name(authority, org).name);
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| node.node().to_string())
}

/// What is told of two nodes that run with this node's key.
fn copied(replica: &NodeReplica, mark: &Copied) -> Value {
    json!({
        "at": moment(mark.at), "node": mark.by.node().to_string(),
        "by": name_of(replica, &mark.by), "cleared_at": mark.cleared.map(moment),
    })
}

/// What is told of a node that was put back: by whom it was found out, or to
/// which backup.
fn restored(replica: &NodeReplica, restored: &Restored) -> Value {
    let Restored { to, at, caught_up, found } = restored;
    json!({
        "to": found.is_none().then(|| moment(*to)), "at": moment(*at),
        "found": found.map(|found| json!({
            "node": found.by.map(|by| by.node().to_string()),
            "by": found.by.map(|by| name_of(replica, &by)),
        })),
        "caught_up": caught_up.map(|ended| json!({
            "at": moment(ended.at),
            "with": ended.with.map(|with| with.node().to_string()),
            "gained": ended.gained,
        })),
    })
}

/// What takes up the disk, by kind; under `live` what of the store is alive.
async fn disk(node: &Node) -> Result<Value, OpError> {
    let folder = node.folder().paths().clone();
    let measured =
        tokio::task::spawn_blocking(move || (DiskUse::of(&folder), free_space(folder.root())));
    let (used, free) = measured.await.map_err(|_| stopping())?;
    let mut told: Map<String, Value> =
        used.kinds().into_iter().map(|(kind, bytes)| (kind.to_owned(), json!(bytes))).collect();
    let live = node.weights().await?;
    told.insert("free".into(), json!(free));
    told.insert(
        "live".into(),
        json!({
            "records": live.records, "practices": live.practices, "drafts": live.drafts,
            "parcels": live.parcels, "local": live.local,
        }),
    );
    Ok(Value::Object(told))
}

impl Acting<'_> {
    /// Whether two nodes run with this node's key, or the operator's word that
    /// only this one does.
    pub(super) async fn copied(self, cleared: bool) -> Result<Value, OpError> {
        if cleared {
            self.node.handle().command(Command::ClearCopied).await?;
        }
        let told = self.node.handle().read(
            |replica| json!({ "copied": replica.copied().map(|mark| copied(replica, mark)) }),
        );
        Ok(told.await?)
    }

    /// Re-reads everything that is stored.
    pub(super) async fn check(self, repair: bool) -> Result<Value, OpError> {
        if repair {
            let what = "a node that runs is not repaired: stop it, then run `tern check --repair`";
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("repair"));
        }
        let found = check(self.node).await?;
        let bad: Vec<Value> =
            found.bad.iter().map(|(id, reason)| json!({ "id": id, "reason": reason })).collect();
        Ok(json!({ "objects": found.objects, "bad": bad, "repaired": 0 }))
    }
}

/// What a check came to.
#[derive(Default)]
struct Found {
    objects: u64,
    bad: Vec<(String, String)>,
}

/// Reads every stored record and edition again, re-hashes it and verifies its
/// signature, a few at a time so that the node goes on working.
async fn check(node: &Node) -> Result<Found, OpError> {
    let federation = node.identity().federation;
    let ids = node.handle().read(|replica| {
        let objects = |set| replica.library().set(set).iter().map(move |(id, _)| (set, *id));
        SetId::ALL.into_iter().flat_map(objects).collect::<Vec<_>>()
    });
    let mut found = Found::default();
    for (set, id) in ids.await? {
        let pieces =
            node.handle().read(move |replica| replica.library().stored_pieces(set, &id)).await?;
        let name = RecordId::new(id).to_string();
        let pieces = match pieces {
            Ok(pieces) if pieces.is_empty() => {
                found.bad.push((name, "it is missing".into()));
                continue;
            }
            Ok(pieces) => pieces,
            Err(error) => {
                found.bad.push((name, error.to_string()));
                continue;
            }
        };
        found.objects += 1;
        let verified = node
            .acceptor()
            .run(move || pieces.iter().find_map(|piece| examine(piece, federation).err()));
        if let Some(refused) = verified.await? {
            found.bad.push((name, refused.to_string()));
        }
    }
    check_files(node, &mut found).await?;
    Ok(found)
}

/// Hashes every file again, one at a time.
async fn check_files(node: &Node, found: &mut Found) -> Result<(), OpError> {
    let store = node.blobs().store().clone();
    let listed = tokio::task::spawn_blocking(move || store.list());
    let entries = listed.await.map_err(|_| stopping())??;
    for (hash, _) in entries.iter().filter(|(_, entry)| entry.whole.is_some()) {
        let (store, hash) = (node.blobs().store().clone(), *hash);
        let checked = tokio::task::spawn_blocking(move || store.check(&hash));
        found.objects += 1;
        let reason = match checked.await.map_err(|_| stopping())? {
            Ok(true) => continue,
            Ok(false) => BlobError::Damaged(hash).to_string(),
            Err(error) => error.to_string(),
        };
        found.bad.push((hash.to_string(), reason));
    }
    Ok(())
}
