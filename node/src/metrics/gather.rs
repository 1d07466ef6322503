//! Asking a node for its figures.

use tern_crdt::authority::Standing;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::meeting::set::SetId;
use tern_protocol::tariff::Purpose;

use super::known;
use super::machine::Usage;
use super::text::Exposition;
use crate::doctor::{Backup, DiskUse, endings, free_space, is_known, last_met};
use crate::handle::NodeReplica;
use crate::links::{Links, purpose_name};
use crate::ops::OpError;
use crate::running::{Node, stopping};

/// What is held, and with whom it is shared, at one moment.
struct Held {
    members: u64,
    practices: u64,
    records: u64,
    parcels: u64,
    peers: u64,
    connected: u64,
    last_met: Option<Timestamp>,
    cards_ending: u64,
}

/// All figures of a node.
///
/// # Errors
/// The node is stopping, or its folder cannot be read.
pub async fn gather(node: &Node) -> Result<Exposition, OpError> {
    let mut told = Exposition::default();
    told.labelled(known::BUILD, env!("CARGO_PKG_VERSION"), 1);
    told.set(known::STARTED, seconds(node.opened_at()));
    if let Some(usage) = Usage::read() {
        told.count(known::MEMORY, usage.resident_bytes);
        told.set(known::PROCESSOR, usage.processor_seconds);
    }
    tell_held(&mut told, &node.handle().read(look).await?);
    tell_links(&mut told, &node.glance_at_links().await?);
    tell_store(&mut told, node).await?;
    tell_disk(&mut told, node).await?;
    tell_traffic(&mut told, node);
    tell_index(&mut told, node);
    for (class, times) in node.visits().read() {
        told.times(known::VISITS, Some(class), times);
    }
    for (state, count) in node.requests_by_state().await? {
        told.labelled(known::REQUESTS, state, count);
    }
    told.count(known::KEYS_LOCKED, node.locked_reading_keys().await?);
    tell_mail(&mut told, &node.mail_standing().await?);
    Ok(told)
}

/// One look at the replica, over what it has in memory.
fn look(replica: &NodeReplica) -> Held {
    let library = replica.library();
    let authority = library.authority();
    let members = authority.organisations().filter(|(_, _, s)| *s == Standing::Member);
    let mut peers = replica.peers();
    peers.retain(|peer| is_known(replica, peer));
    let now = crate::driver::now();
    Held {
        members: members.count() as u64,
        practices: library.practices(),
        records: library.set(SetId::Public).count() - library.practices()
            + library.set(SetId::Authority).count(),
        parcels: library.carried() as u64,
        peers: peers.len() as u64,
        connected: peers.iter().filter(|peer| peer.connected).count() as u64,
        last_met: peers.iter().filter_map(|peer| last_met(replica, peer)).max(),
        cards_ending: endings(replica, now).cards_due,
    }
}

fn tell_held(told: &mut Exposition, held: &Held) {
    told.count(known::MEMBERS, held.members);
    told.count(known::DOCUMENTS, held.practices);
    told.count(known::PRACTICES, held.practices);
    told.count(known::RECORDS, held.records);
    told.count(known::PARCELS, held.parcels);
    told.count(known::PEERS_KNOWN, held.peers);
    told.count(known::PEERS_CONNECTED, held.connected);
    if let Some(at) = held.last_met {
        told.set(known::LAST_MET, seconds(at));
    }
    told.count(known::ENDING, held.cards_ending);
}

fn tell_links(told: &mut Exposition, links: &Links) {
    for purpose in Purpose::ALL {
        told.labelled(known::LINK_COSTLY, purpose_name(purpose), links.spent.costly.of(purpose));
        told.labelled(known::LINK_FREE, purpose_name(purpose), links.spent.free.of(purpose));
    }
    told.count(known::LINK_CONTACTS, links.spent.contacts.into());
    if let Some(allowance) = links.tariff.allowance.filter(|_| links.is_costly()) {
        told.count(known::LINK_ALLOWANCE, allowance);
    }
}

async fn tell_store(told: &mut Exposition, node: &Node) -> Result<(), OpError> {
    let figures = node.figures().await?;
    told.count(known::STORE_DISK, figures.disk_bytes);
    told.count(known::STORE_LIVE, figures.live_bytes);
    told.count(known::STORE_ENTRIES, figures.entries);
    told.count(known::JOURNAL, figures.journal_bytes);
    told.count(known::GENERATION, figures.generation);
    told.count(known::COMMITS, figures.commits);
    told.times(known::SYNCS, None, figures.syncs);
    Ok(())
}

async fn tell_disk(told: &mut Exposition, node: &Node) -> Result<(), OpError> {
    let folder = node.folder().paths().clone();
    let read = tokio::task::spawn_blocking(move || {
        let free = free_space(folder.root());
        (DiskUse::of(&folder), free, Backup::read(&folder).ok().flatten())
    });
    let (used, free, backup) = read.await.map_err(|_| stopping())?;
    for (kind, bytes) in used.kinds() {
        told.labelled(known::DISK, kind, bytes);
    }
    if let Some(free) = free {
        told.count(known::DISK_FREE, free);
    }
    if let Some(backup) = backup {
        told.set(known::BACKUP, seconds(backup.at));
    }
    Ok(())
}

fn tell_traffic(told: &mut Exposition, node: &Node) {
    let traffic = node.handle().traffic();
    let outcomes = traffic.outcomes();
    told.labelled(known::MEETINGS, "settled", outcomes.settled);
    told.labelled(known::MEETINGS, "broken", outcomes.broken);
    told.labelled(known::MEETINGS, "hung_up", outcomes.hung_up);
    told.labelled(known::MEETINGS, "unreachable", outcomes.unreachable);
    told.count(known::SENT, traffic.sent());
    told.count(known::RECEIVED, traffic.received());
    told.count(known::REFUSED, traffic.refused());
    told.count(known::REPEATED, traffic.repeated());
    told.count(known::DAMAGED, traffic.damaged());
}

fn tell_mail(told: &mut Exposition, mail: &crate::notices::Standing) {
    if mail.server.is_none() {
        return;
    }
    told.labelled(known::MAIL, "sent", mail.counts.sent);
    told.labelled(known::MAIL, "delayed", mail.counts.delayed);
    told.labelled(known::MAIL, "refused", mail.counts.refused);
    told.count(known::MAIL_QUEUE, mail.queued);
    told.count(known::MAIL_REFUSED, mail.refused);
}

fn tell_index(told: &mut Exposition, node: &Node) {
    let progress = node.indexer().progress();
    told.count(known::INDEXED, progress.indexed);
    told.count(known::INDEX_QUEUE, progress.waiting);
    told.count(known::QUARANTINED, progress.quarantined);
    told.times(known::INDEXING, None, node.indexer().commits());
}

#[allow(clippy::cast_precision_loss)] // exact for the next 285,000 years
fn seconds(at: Timestamp) -> f64 {
    at.0 as f64 / 1_000.0
}
